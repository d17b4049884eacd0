"""Earlier cases of a caller, from his telephone number (ux.md 8). Personal: acceptors only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cases.models import Reporter

SHOWN = 8
FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """A case that this number reported."""

    number: str
    state: str
    class_name: str
    place: str
    reported_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a number: the name given last, and the cases, newest first."""

    name: str
    cases: list[EarlierCase]


def caller_of(phone: str) -> Caller | None:
    """Who called from this number before; None for a number too short to be one. One query.

    The caller checks that the user is an acceptor: names and numbers are personal.
    """
    digits = re.sub(r"[\s\-()（）]", "", phone)
    if len(digits) < FEWEST_DIGITS:
        return None
    rows = (
        Reporter.objects.filter(phone__in={phone.strip(), digits}, purged_at=None)
        .select_related("case__catalogue_class", "case__street", "case__community")
        .order_by("-case_id")[:SHOWN]
    )
    listed = list(rows)
    return Caller(
        name=next((row.name for row in listed if row.name), ""),
        cases=[earlier(row) for row in listed],
    )


def earlier(row: Reporter) -> EarlierCase:
    case = row.case
    areas = [area.name for area in (case.street, case.community) if area is not None]
    return EarlierCase(
        number=case.number,
        state=case.state,
        class_name=case.catalogue_class.name,
        place="·".join(areas) or case.place_text,
        reported_at=case.reported_at,
        is_open=case.ended_at is None,
    )
