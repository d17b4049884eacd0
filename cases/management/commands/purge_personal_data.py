"""`manage.py purge_personal_data [--days N]`: forget the reporters of cases that ended long ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.services.purging import purge_due, purge_on_demand
from gridcity.contracts import NotVisible


class Command(BaseCommand):
    help = "Delete names, telephone numbers and salts of reporters; the chains stay whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int,
            help="days since the end of the case; without it those that administrators have set",
        )  # fmt: skip

        parser.add_argument(
            "--case", action="append", default=[], metavar="NUMBER",
            help="only this case, at once, on demand of who reported it; the words of his rating "
            "too; may be repeated",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["case"]:
            self.purge_named(options["case"])
            return
        if options["days"] is not None and options["days"] < 0:
            raise CommandError("--days is a number of days, 0 or more")
        purged = purge_due(at=timezone.now(), days=options["days"])
        self.stdout.write(f"{purged} reporters purged")

    def purge_named(self, numbers: list[str]) -> None:
        """Each case on its own; a wrong number stops it, what was purged before stays purged."""
        for number in numbers:
            try:
                purged = purge_on_demand(at=timezone.now(), number=number)
            except NotVisible:
                raise CommandError(f"there is no case {number}") from None
            self.stdout.write(f"{number}: {purged} reporters purged")
