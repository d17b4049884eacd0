"""`manage.py snapshot --period 2026-10 --scheme KEY`: make it, or repeat it, and say its hash."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessment.models import Snapshot, SnapshotKind
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import fingerprint, make_snapshot, replay, rows_that_moved
from gridcity.contracts import Invalid, NotAllowed


class Command(BaseCommand):
    help = "Make the snapshot of a period under a scheme, and print its fingerprint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True, help="2026-10, 2026-Q4, 2026-W41, 2026 …")
        parser.add_argument("--scheme", required=True, help="key of a scheme in force")
        kinds = [SnapshotKind.PROVISIONAL.value, SnapshotKind.FINAL.value]
        parser.add_argument("--kind", choices=kinds, default=kinds[0])
        parser.add_argument(
            "--replay", action="store_true", help="count it anew and compare (exit 1 if it differs)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        while refresh_facts():
            pass
        try:
            made = make_snapshot(
                name=options["period"], scheme_key=options["scheme"],
                kind=SnapshotKind(options["kind"]), at=timezone.now(),
            )  # fmt: skip
        except (Invalid, NotAllowed) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{made.period}\t{made.scheme}\t{made.kind}\t{made.sha256}")
        if options["replay"]:
            self.count_anew(made)

    def count_anew(self, made: Snapshot) -> None:
        """The same period, data time and scheme, counted today; what moved, by key."""
        content = replay(made)
        again = fingerprint(content)
        self.stdout.write(f"replayed\t{again}")
        if again != made.sha256:
            for key in rows_that_moved(made.content, content):
                self.stdout.write(f"moved\t{key}")
            sys.exit(1)
