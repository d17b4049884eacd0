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
from parts.frames import FRAMES
from parts.services.imports import Declared, Fault, Outcome, Remark, import_parts
from parts.services.imports.columns import NAMES


def pair(said: str) -> tuple[str, str]:
    """`lon=X坐标` as attribute and column; ValueError for another form."""
    field, _sign, name = said.partition("=")
    if field not in NAMES or not name:
        raise ValueError(said)
    return field, name


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
    help = (
        "Import a register of parts (CSV, CSV.gz, XLSX, GeoJSON, GeoPackage, zipped Shapefile); "
        "dry unless --commit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--scheme", required=True, help="key of the coding scheme")
        parser.add_argument("--commit", action="store_true", help="write what is accepted")
        parser.add_argument("--report", type=Path, help="refused rows and remarks, .xlsx or .csv")
        parser.add_argument("--source", default="", help="name of the register (default: the file)")
        parser.add_argument(
            "--frame", default="4490", choices=list(FRAMES), help="frame of the coordinates"
        )
        parser.add_argument("--layer", default="", help="layer of a GeoPackage or of a zip")
        parser.add_argument("--class-code", default="", help="class of all rows")
        parser.add_argument(
            "--column",
            action="append",
            type=pair,
            metavar="ATTRIBUTE=COLUMN",
            help=f"what a column is; once each, for all or for none of: {', '.join(NAMES)}",
        )

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
                    declared=Declared(
                        frame=options["frame"],
                        layer=options["layer"],
                        class_code=options["class_code"],
                        columns=dict(options["column"]) if options["column"] else None,
                    ),
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
        if outcome.missing:
            write(_("In the register but not in the file: %(n)s") % {"n": f"{outcome.missing:,}"})
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
