"""What a patrol may have missed, and who reads what was confirmed (assessment law §3, `missed`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases.clocks.numbers import MISS_MINUTES
from cases.models import Case, Miss
from cases.selectors.settings import number_at
from cases.sources import PUBLIC_SOURCES, Source
from gridcity.contracts import Actor, Role
from parts.selectors import shifts_running_for, who_patrolled

# So long before the public's report no supervisor may have reported the matter.
QUIET = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Heard:
    """One report of a matter: its own, or that of a case merged into it."""

    source: str
    at: datetime
    cell_id: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may have missed a matter: the supervisor of the shift, and the report that tells so."""

    supervisor_id: int
    shift: str
    heard: Heard


def candidate_of(case: Case, at: datetime) -> Candidate | None:
    """Whether, and by whom, a case that is to be filed was missed; at its first filing only."""
    if not may_be_missed(case):
        return None
    members = Case.objects.filter(merged_into=case).values_list("source", "reported_at", "cell_id")
    own = Heard(case.source, case.reported_at, case.cell_id)
    for heard in heard_first([own, *(Heard(*said) for said in members)]):
        shifts = shifts_that_missed(heard.at, at)
        found = who_patrolled(cell_id=heard.cell_id or 0, at=heard.at, shifts=shifts, now=at)
        if found:
            return Candidate(*found[0], heard)
    return None


def may_be_missed(case: Case) -> bool:
    """Of the public, of a class that is seen on patrol, and not filed before."""
    is_public = bool(PUBLIC_SOURCES & set(case.sources))
    return is_public and case.filed_at is None and case.catalogue_class.seen_on_patrol


def heard_first(reports: Iterable[Heard]) -> list[Heard]:
    """The public's reports of a matter that no supervisor had reported a day before, in order."""
    told = sorted(reports, key=lambda one: (one.at, one.source))
    seen = [one.at for one in told if one.source == Source.SUPERVISOR]
    return [
        one
        for one in told
        if one.source in PUBLIC_SOURCES and not any(one.at - QUIET <= at <= one.at for at in seen)
    ]


def shifts_that_missed(reported_at: datetime, at: datetime) -> list[str]:
    """The shifts that had run long enough when it was reported, by the number in force at `at`."""
    return shifts_running_for(reported_at, timedelta(minutes=number_at(MISS_MINUTES, at)))


def visible_misses(actor: Actor) -> QuerySet[Miss]:
    """A supervisor reads his own, the duty chief all; nobody else any."""
    rows = Miss.objects.select_related(
        "case__catalogue_class", "case__cell", "supervisor", "confirmed_by", "answered_by"
    )
    if Role.DUTY_CHIEF in actor.roles:
        return rows
    if Role.SUPERVISOR in actor.roles:
        return rows.filter(supervisor_id=actor.user_id)
    return rows.none()


STATES: dict[str, Q] = {
    "waiting": Q(objected_at__isnull=False, answered_at=None),
    "charged": Q(is_upheld=False),
    "upheld": Q(is_upheld=True),
}
