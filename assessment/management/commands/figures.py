"""`manage.py figures --period 2026-10 --by street --json`: every figure of every object.

Whole and by desk too; of people none, who see their own figures at the interface.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from assessment.models import Scheme
from assessment.periods import Period, period_named
from assessment.selectors.broken_down import BY, PERSON, WHOLE, figure_lines
from assessment.selectors.figures import SCORER
from assessment.services.snapshots import named, scheme_for
from gridcity.contracts import Invalid

DISTRICT = "district"
BY_NAME = [DISTRICT, *(each for each in BY if each not in {WHOLE, PERSON})]


class Command(BaseCommand):
    help = (
        "Print all counts and rates of a period, by street, community, cell, department, group of "
        "departments, class, source or post, in the days of a scheme's month."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True, help="2026-10, 2026-Q4, 2026-W41, 2026 …")
        parser.add_argument("--by", required=True, choices=BY_NAME)
        parser.add_argument("--scheme", help="its key; the first in force if left out")
        parser.add_argument("--as-of", help="the data time, ISO 8601; now if left out")
        parser.add_argument("--json", action="store_true", help="as JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = instant(options["as_of"])
            scheme, period = scheme_and_period(
                options["by"], options["scheme"], options["period"], as_of
            )
        except (Invalid, ValueError) as wrong:
            raise CommandError(str(wrong)) from None
        by = WHOLE if options["by"] == DISTRICT else options["by"]
        lines = figure_lines(SCORER, period, by)
        if options["json"]:
            said = {
                "period": period.key,
                "as_of": timezone.localtime(as_of).isoformat(),
                "scheme": named(scheme) if scheme else None,
                "rows": [line.as_data() for line in lines],
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for line in lines:
            self.stdout.write(f"{line.of.key}\t{line.of.name}")
            for key, count in line.counts.items():
                rate = line.rates.get(key)
                self.stdout.write(f"\t{key}\t{count}\t{rate or ''}".rstrip())


def scheme_and_period(
    subject: str, key: str | None, name: str, as_of: datetime
) -> tuple[Scheme | None, Period]:
    """The version of a scheme that held in a named period, and its days of that name.

    None where no key is given and none held. Raises Invalid.
    """
    held = Scheme.objects.filter(subject=subject, is_active=True).order_by("pk")
    keys = list(dict.fromkeys(held.values_list("key", flat=True)))
    if key:
        if key not in keys:
            raise Invalid(_("No version of this scheme held in that period."))
        return scheme_for(key, name, as_of)
    period = period_named(name, as_of)
    for one in keys:
        with suppress(Invalid):
            return scheme_for(one, name, as_of)
    return None, period


def instant(text: str | None) -> datetime:
    """A data time with its zone; local where it names none. Raises ValueError."""
    if not text:
        return timezone.now()
    said = datetime.fromisoformat(text)
    return said if said.tzinfo else timezone.make_aware(said)
