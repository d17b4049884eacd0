"""`manage.py import_parts FILE --scheme KEY [--commit] [--report FILE]`: a census of parts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from tqdm import tqdm

from gridcity.contracts import CLOCK, Refused
from parts.services.imports import Fault, Outcome, Remark, import_parts


class Bar:
    """The progress of an import on the terminal."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None

    def start(self, rows: int) -> None:
        self.bar = tqdm(
            total=max(rows - 1, 0),
            unit=_("rows"),
            desc=_("Reading"),
            file=sys.stderr,
            mininterval=0.2,
        )

    def step(self, rows: int) -> None:
        if self.bar is not None:
            self.bar.update(rows)

    def stage(self, sentence: str) -> None:
        if self.bar is not None:
            self.bar.update(max(0, (self.bar.total or 0) - self.bar.n))
            self.bar.set_description(sentence)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


class Command(BaseCommand):
    help = "Import a register of parts (CSV or XLSX, plain or .gz); dry unless --commit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--scheme", required=True, help="key of the coding scheme")
        parser.add_argument("--commit", action="store_true", help="write what is accepted")
        parser.add_argument("--report", type=Path, help="refused rows and remarks, .xlsx or .csv")
        parser.add_argument("--source", default="", help="name of the register (default: the file)")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            bar = Bar()
            try:
                outcome = import_parts(
                    actor=CLOCK,
                    at=timezone.localtime(),
                    path=options["file"],
                    scheme=options["scheme"],
                    commit=options["commit"],
                    source_key=options["source"],
                    report=options["report"],
                    progress=bar,
                )
            except Refused as refusal:
                said = "; ".join(str(line) for rows in refusal.fields.values() for line in rows)
                raise CommandError(f"{refusal.detail} {said}".strip()) from refusal
            finally:
                bar.close()
            self.tell(outcome, options["report"])

    def tell(self, outcome: Outcome, report: Path | None) -> None:
        """The counts, by fault and by remark."""
        write = self.stdout.write
        write(_("Rows read: %(n)s") % {"n": f"{outcome.rows:,}"})
        write(
            _("Accepted: %(n)s (new %(new)s, changed %(changed)s, unchanged %(same)s)")
            % {
                "n": f"{outcome.accepted:,}",
                "new": f"{outcome.new:,}",
                "changed": f"{outcome.changed:,}",
                "same": f"{outcome.unchanged:,}",
            }
        )
        write(_("Refused: %(n)s") % {"n": f"{outcome.refused:,}"})
        for key, count in outcome.faults.most_common():
            write(f"  {count:>9,}  {Fault(key).label}")
        write(_("Remarks on accepted rows:"))
        for key, count in outcome.remarks.most_common():
            write(f"  {count:>9,}  {Remark(key).label}")
        if report:
            write(_("Report: %(path)s") % {"path": report})
        if not outcome.committed:
            write(_("Dry run: nothing was changed. Add --commit to write."))
