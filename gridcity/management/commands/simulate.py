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
from django.db.models import Count, Max

from assessment.services.facts import forget_facts
from assessment.services.facts_at_large import rebuild_facts_at_large
from cases.models import Event
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
PROCESSES = os.cpu_count() or 1


def spoken(what: str, count: int, seconds: float) -> str:
    """How long a part of the work took."""
    return f"{what} in {seconds:.1f} s ({count / max(seconds, 0.001):.0f} a second)"


def told_of_actions(first: int) -> str:
    """How often each action is told of by the events after this one, the most frequent first."""
    rows = Event.objects.filter(pk__gt=first).values("action").annotate(n=Count("*"))
    return ", ".join(
        f"{action} {n}" for action, n in rows.order_by("-n", "action").values_list("action", "n")
    )


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
        first = Event.objects.aggregate(last=Max("pk"))["last"] or 0
        begun = time.monotonic()
        count, is_large = self.play(order, is_bulk=options["bulk"])
        said = spoken("written", count, time.monotonic() - begun)
        if is_large:  # triggers were off: nothing has noted that their facts wait
            begun = time.monotonic()
            rebuild_facts_at_large(PROCESSES, self.bar(count, "facts"))
            said += "; " + spoken("their facts counted", count, time.monotonic() - begun)
        self.stdout.write(f"{count} cases: {said}")
        self.stdout.write(f"in them: {told_of_actions(first)}")

    def play(self, order: Order, *, is_bulk: bool) -> tuple[int, bool]:
        """By the services; in bulk a small order in one transaction, a large one in processes.

        How many cases, and whether nobody will count their facts who is not told to.
        """
        if not is_bulk:
            return simulate_live(order), False
        bar = self.bar(order.days * order.per_day, "cases")
        if order.days * order.per_day < LARGE or not is_free():
            return simulate_in_bulk(order, bar), False
        return simulate_at_large(order, PROCESSES, bar), True

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

    def bar(self, expected: float, what: str) -> Any:
        """A bar on the terminal: how much of the cases is done."""
        expected = max(expected, 1)
        begun = time.monotonic()

        def told(written: int) -> None:
            if not sys.stderr.isatty():
                return
            done = min(written / expected, 1)
            rate = written / max(time.monotonic() - begun, 0.001)
            bar = f"{'█' * int(done * BAR):{BAR}} {done:4.0%}"
            self.stderr.write(f"\r{bar} {what}: {written} ({rate:.0f} a second) ", ending="")
            self.stderr.flush()

        return told
