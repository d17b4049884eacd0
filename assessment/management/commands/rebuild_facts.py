"""`manage.py rebuild_facts`: the facts of all cases anew from their events, or only compared."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from assessment.services.facts import rebuild_facts
from assessment.services.facts_check import check_facts

SHOWN = 20


class Command(BaseCommand):
    help = "Make the facts of all cases anew from their events; --check only compares (exit 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            done = rebuild_facts(self.tell)
            self.stdout.write(f"made the facts of {done} cases")
            return
        found = check_facts()
        self.stdout.write(f"compared {found.rows} facts of {found.cases} cases")
        for grain, cases in found.wrong.items():
            self.stdout.write(f"{grain}: {len(cases)} cases differ: {cases[:SHOWN]}")
        self.stdout.write(f"compared {found.sums} sums with the facts")
        for said in found.wrong_sums:
            self.stdout.write(f"sums differ: {said}")
        if found.wrong or found.wrong_sums:
            sys.exit(1)

    def tell(self, done: int, last: int) -> None:
        self.stderr.write(f"up to case {done} of {last}", ending="\r")
