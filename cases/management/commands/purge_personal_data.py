"""`manage.py purge_personal_data [--days N]`: forget the reporters of cases that ended long ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.services.purging import (
    kept_for_good,
    purge_due,
    purge_on_demand,
    purge_words,
    what_is_left,
)
from gridcity.contracts import Invalid, NotVisible


class Command(BaseCommand):
    help = "Delete names, telephone numbers and salts of reporters; the chains stay whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int,
            help="days since the end of the case; without it those that administrators have set",
        )  # fmt: skip

        parser.add_argument(
            "--words", action="store_true",
            help="with --case: delete what was written in the case, too, in the history and "
            "wherever the case repeats it",
        )  # fmt: skip
        parser.add_argument(
            "--entry", action="append", default=[], type=int, metavar="SEQ",
            help="with --case and --words: only in this entry of its history; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--case", action="append", default=[], metavar="NUMBER",
            help="only this case, at once, on demand of who reported it; the words of his rating "
            "too; may be repeated",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["words"]:
            self.purge_words(options["case"], options["entry"])
            return
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

    def purge_words(self, numbers: list[str], seqs: list[int]) -> None:
        """What was written: of one case only where single entries are named.

        What cannot be deleted is said of each case, and the command fails: not all that was
        demanded is done. Where the matter has other cases, their numbers are told.
        """
        if not numbers or (seqs and len(numbers) > 1):
            raise CommandError("--words needs --case; --entry exactly one of them")
        is_done = True
        for number in numbers:
            try:
                purged = purge_words(at=timezone.now(), number=number, seqs=seqs)
                left = what_is_left(number)
            except NotVisible:
                raise CommandError(f"there is no case {number}") from None
            except Invalid as refusal:
                raise CommandError(str(refusal.detail)) from None
            self.stdout.write(f"{number}: words of {purged} entries purged")
            if left.kin:
                others = ", ".join(left.kin)
                self.stdout.write(f"{number}: the matter has other cases with its words: {others}")
            if left.for_good and not seqs:
                self.stdout.write(f"{number}: {kept_for_good(left.for_good)}")
                is_done = False
        if not is_done:
            raise CommandError("not all words could be purged: see above")
