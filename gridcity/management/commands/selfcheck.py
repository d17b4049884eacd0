"""`manage.py selfcheck`: what is wrong in this installation; exit 1 on a fault."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from gridcity.selfcheck.findings import Level, Line
from gridcity.selfcheck.looking import as_data, look, look_anew, worst

SHOWN_ROWS = 5


class Command(BaseCommand):
    help = "Look at grid, patrols, parts, standards, routing, calendar and the running system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer as JSON, rows included")
        parser.add_argument(
            "--anew", action="store_true", help="look at the rows themselves, not at kept answers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["anew"]:
            look_anew()
        at = timezone.now()
        lines = look(at)
        level = worst(lines)
        if options["json"]:
            body = {"at": at.isoformat(), "level": level, "lines": [as_data(x) for x in lines]}
            self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1))
        else:
            for line in lines:
                self.tell(line)
        if level is Level.FAULT:
            sys.exit(1)

    def tell(self, line: Line) -> None:
        """A line in words; where something is wrong also what to do, and the first rows."""
        finding = line.finding
        self.stdout.write(f"{line.level_words}\t{line.check.title}\t{finding.said}".rstrip())
        if finding.level is Level.FINE:
            return
        for row in finding.rows[:SHOWN_ROWS]:
            self.stdout.write(f"\t\t{row.name}\t{row.said}".rstrip())
        if finding.count > SHOWN_ROWS and finding.rows:
            self.stdout.write("\t\t…")
        self.stdout.write(f"\t\t→ {line.check.todo} {line.url}".rstrip())
