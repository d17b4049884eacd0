"""`manage.py verify_history [NUMBER …]`: check the chains, name the first broken link of each."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.models import Case
from cases.services.history import broken_links


class Command(BaseCommand):
    help = "Verify the chained history of all cases, or of those named; exit 1 if one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("numbers", nargs="*", help="case numbers; all when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        numbers = sorted(set(options["numbers"])) or None
        if unknown := missing(numbers or []):
            raise CommandError(f"there is no case {', '.join(unknown)}")
        broken = list(broken_links(numbers))
        for link in broken:
            self.stdout.write(f"{link.number} #{link.seq}: {link.why}")
        count = len(numbers) if numbers else Case.objects.count()
        self.stdout.write(f"{count} cases, {len(broken)} broken")
        if broken:
            raise CommandError("the history of some cases is not what was written")


def missing(numbers: list[str]) -> list[str]:
    """Those of the named cases that there are not: nothing was verified of them."""
    known = Case.objects.filter(number__in=numbers).values_list("number", flat=True)
    return sorted(set(numbers) - set(known))
