"""`manage.py divide DRAFT [--community CODE …] [--size M2] [--lines FILE --frame EPSG]`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from tqdm import tqdm

from gridcity.contracts import CLOCK, Refused
from parts.frames import FRAMES
from parts.models import Edition
from parts.services.grid.checking import check_draft
from parts.services.grid.dividing import WISHED_M2, Wish, divide_draft
from parts.services.grid.drafting import begin_draft
from parts.services.grid.editing import Edit


class Command(BaseCommand):
    help = "Divide communities into cells along streets, as a draft to edit and publish."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("draft", help="name of the draft; it is begun where there is none")
        parser.add_argument("--community", action="append", default=[], help="default: all")
        parser.add_argument("--size", type=float, default=WISHED_M2, help="wished area in m²")
        parser.add_argument("--lines", type=Path, help="street lines besides the known roads")
        parser.add_argument("--frame", default="4490", choices=sorted(FRAMES))
        parser.add_argument("--without-roads", action="store_true", help="only the lines given")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = tqdm(file=sys.stderr, mininterval=0.2)

        def progress(step: str, done: int, total: int | None) -> None:
            bar.set_description(step)
            bar.total, bar.n = total, done
            bar.refresh()

        with translation.override("zh-hans"):
            try:
                draft, cells = self.divide(options, progress)
            except Refused as refusal:
                said = "; ".join(str(line) for rows in refusal.fields.values() for line in rows)
                raise CommandError(f"{refusal.detail} {said}".strip()) from refusal
            finally:
                bar.close()
            faults = draft.findings.filter(is_fault=True).count()
            self.stdout.write(
                _("Draft “%(name)s”: %(cells)d cells, %(faults)d faults.")
                % {"name": draft.name, "cells": cells, "faults": faults}
            )

    def divide(self, options: dict[str, Any], progress: Any) -> tuple[Edition, int]:
        """Begin the draft where it is not there, divide it, check it; all of it or nothing."""
        at = timezone.now()
        wish = Wish(
            communities=tuple(options["community"]),
            size_m2=options["size"],
            lines=options["lines"],
            frame=options["frame"],
            along_roads=not options["without_roads"],
        )
        with transaction.atomic():
            draft = Edition.objects.filter(name=options["draft"]).first()
            if draft is None:
                draft = begin_draft(actor=CLOCK, at=at, name=options["draft"])
            edit = Edit(CLOCK, at, draft.pk, None)
            done = divide_draft(edit=edit, wish=wish, progress=progress)
            draft = check_draft(
                actor=CLOCK, at=at, edition_id=draft.pk, version=None, progress=progress
            )
        return draft, len(done.codes)
