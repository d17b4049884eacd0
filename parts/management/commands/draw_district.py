"""`manage.py draw_district`: draw the demonstration's district anew and write its fixtures."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from parts.drawing.district import draw_district

SEED = 2004  # the year in which Dongcheng began


class Command(BaseCommand):
    help = "Draw streets, communities, cells, roads and parts of the demonstration from a seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--fixtures", type=Path, default=settings.BASE_DIR / "fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, rows in draw_district(options["fixtures"], options["seed"]).items():
            self.stdout.write(f"{name}: {rows}")
