"""`manage.py purge_personal_data [--days N]`: forget the reporters of cases that ended long ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.services.purging import purge_due


class Command(BaseCommand):
    help = "Delete names, telephone numbers and salts of reporters; the chains stay whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int,
            help="days since the end of the case; without it those that administrators have set",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] is not None and options["days"] < 0:
            raise CommandError("--days is a number of days, 0 or more")
        purged = purge_due(at=timezone.now(), days=options["days"])
        self.stdout.write(f"{purged} reporters purged")
