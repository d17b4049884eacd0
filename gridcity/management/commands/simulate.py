"""Play a district's life into the case table: `simulate --from 2025-01-01 --days 365 --bulk`.

Simulated cases cannot be told from real ones by the figures, so a district in service is refused.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assessment.services.facts import forget_facts, rebuild_facts
from dispatch.simulation.comparing import differences, played_and_undone
from dispatch.simulation.large import simulate_at_large
from dispatch.simulation.simulate import (
    Order,
    forget_cases,
    is_free,
    simulate_in_bulk,
    simulate_live,
)

BAR = 40
# From so many cases on the tables are made bare first, and all processors are set to work.
LARGE = 20_000


class Command(BaseCommand):
    help = "Play a district's life: reports, departments, clocks; the same for the same seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        first = date(2025, 1, 1)
        add("--from", dest="first", type=date.fromisoformat, default=first, help="first day")
        add("--days", type=int, default=365)
        add("--cases-per-day", type=float, default=1300)
        add("--seed", type=int, default=1)
        add("--bulk", action="store_true", help="reckon in memory and write rows directly")
        add("--compare", action="store_true", help="play both ways, keep none, tell differences")
        add("--replace", action="store_true", help="in the demonstration: forget all cases first")
        add("--in-service", action="store_true", help="even where there are cases of real life")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(options["first"], options["days"], options["cases_per_day"], options["seed"])
        if options["replace"]:
            if not settings.DEMO:
                raise CommandError("Cases are forgotten in the demonstration only.")
            forget_cases()
            forget_facts()
        if not (is_free() or settings.DEMO or options["in_service"]):
            raise CommandError(
                "There are cases here and this is no demonstration: simulated cases would stand "
                "among real ones for ever. Use an empty database, or say --in-service."
            )
        if options["compare"]:
            self.compare(order)
            return
        begun = time.monotonic()
        count = self.play(order, is_bulk=options["bulk"])
        took = time.monotonic() - begun
        self.stdout.write(f"{count} cases in {took:.1f} s ({count / took:.0f} a second)")

    def play(self, order: Order, *, is_bulk: bool) -> int:
        """By the services; in bulk a small order in one transaction, a large one in processes."""
        if not is_bulk:
            return simulate_live(order)
        if order.days * order.per_day < LARGE or not is_free():
            return simulate_in_bulk(order, self.bar(order))
        count = simulate_at_large(order, os.cpu_count() or 1, self.bar(order))
        self.stderr.write("counting the facts of all cases …")
        rebuild_facts()  # triggers were off: nothing has noted that they wait
        return count

    def compare(self, order: Order) -> None:
        """Play both ways from the same state of the tables, and take both back."""
        if not is_free():
            raise CommandError("Both ways are compared on an empty case table.")
        bulk = played_and_undone(simulate_in_bulk, order)
        live = played_and_undone(simulate_live, order)
        said = differences(live, bulk)
        for line in said:
            self.stdout.write(line)
        if said:
            raise CommandError("The two ways differ.")
        counts = ", ".join(f"{len(rows)} {table}" for table, rows in bulk.items())
        self.stdout.write(f"equal: {counts}")

    def bar(self, order: Order) -> Any:
        """A bar on the terminal: how much of the cases is written."""
        expected = max(order.days * order.per_day, 1)
        begun = time.monotonic()

        def told(written: int) -> None:
            if not sys.stderr.isatty():
                return
            done = min(written / expected, 1)
            rate = written / max(time.monotonic() - begun, 0.001)
            self.stderr.write(
                f"\r{'█' * int(done * BAR):{BAR}} {done:4.0%} {written} ({rate:.0f} a second) ",
                ending="",
            )
            self.stderr.flush()

        return told
