"""The duty chief's desk before dispatch: file, do not file, send back (domain law §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import FORCED_TIMES, RELAPSE_DAYS
from cases.models import Case
from cases.models.notice import NoticeKind
from cases.selectors.misses import Candidate
from cases.selectors.settings import days_at, number_at
from cases.services.accepting import tell_reporter
from cases.services.missing import asked_about, charge
from cases.services.placing import locate_case
from cases.services.releasing import release_members
from cases.services.succeeding import force_close_instant, forced_in_family
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.workflow import State
from gridcity.contracts import Actor, Invalid, NotAllowed
from parts.models import FilingStandard
from parts.selectors import cells_around, same_matter
from parts.selectors.compiled import compiled, one_of

STANDARD_FIELDS = (
    "standard",
    "standard_condition",
    "closing_condition",
    "limit_value",
    "limit_unit",
    "limit_area",
)


@in_transaction
def file_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    standard_id: int | None,
    missed: bool | None = None,
) -> Case:
    """`file` 立案 under one filing standard of the class.

    Its text and limit are copied onto the case, so that later changes of the standard do not
    reach it; the cell is located again. `missed` says that the patrol should have seen it, where
    there is somebody who may have missed it. Raises Invalid without a valid standard.
    """
    case = lock_case(number, version=version)
    check_may(case, "file", actor)
    locate_case(case)
    copy_standard(case, valid_standard(case, standard_id, at))
    candidate = asked_about(case, at, missed)
    case.filed_at, case.filed_by_id = at, actor.user_id
    case.relapse_of_id = relapse_of(case, at)
    case.force_close_at = force_close_at(case, at)
    move(
        case,
        action="file",
        actor=actor,
        at=at,
        changes={
            "standard": case.standard_id,
            "limit": [str(case.limit_value), case.limit_unit],
            "limit_area": case.limit_area,
            "cell": case.cell_id,
            "relapse_of": case.relapse_of_id,
        }
        | said_of_miss(candidate),
        fields=(
            "filed_at",
            "filed_by",
            "relapse_of",
            "force_close_at",
            "cell",
            "community",
            "street",
            *STANDARD_FIELDS,
        ),
    )
    if candidate is not None:
        charge(case, candidate, actor, at)
    return case


def said_of_miss(candidate: Candidate | None) -> dict[str, int]:
    """What the event says of a matter that the patrol missed; nothing of all others."""
    return {"missed": candidate.supervisor_id} if candidate else {}


def force_close_at(case: Case, at: datetime) -> datetime | None:
    """When the policy of the standard closes the case by force; not once too often."""
    if case.standard is None or forced_in_family(case) >= number_at(FORCED_TIMES, at):
        return None
    return force_close_instant(case.standard, at)


def valid_standard(case: Case, standard_id: int | None, at: datetime) -> FilingStandard:
    """The standard named, if it is one of the case's class and in force on that day."""
    today = timezone.localdate(at)
    found = _in_force.first(
        standard_id=standard_id or 0, class_id=case.catalogue_class_id, on=today
    )
    if found is None:
        raise Invalid(
            _("Choose one of the filing standards of this class."),
            standard=_("Not a standard of this class that is in force."),
        )
    return found


@compiled
def _in_force(standard_id: Any, class_id: Any, on: Any) -> QuerySet[FilingStandard]:
    own = FilingStandard.objects.filter(pk=standard_id, catalogue_class_id=class_id)
    return own.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)[:1]


def copy_standard(case: Case, standard: FilingStandard) -> None:
    """Copy text and limit; the limit by the cell's limit area A, B or C (domain law §7)."""
    area = case.cell.limit_area if case.cell else "B"
    by_area = {"A": standard.limit_value_a, "C": standard.limit_value_c}
    case.standard = standard
    case.standard_condition = standard.condition
    case.closing_condition = standard.closing_condition
    case.limit_value = by_area.get(area) or standard.limit_value
    case.limit_unit = standard.limit_unit
    case.limit_area = area


def relapse_of(case: Case, at: datetime) -> int | None:
    """The last case of the same class and cell that was closed lately, if any: a relapse (§9)."""
    return _closed_lately.first(
        cells=list(cells_around(case.cell_id or 0).here),
        classes=list(same_matter(case.catalogue_class_id)),
        since=at - days_at(RELAPSE_DAYS, at),
        own=case.pk,
    )


@compiled
def _closed_lately(cells: Any, classes: Any, since: Any, own: Any) -> QuerySet[Case, int]:
    alike = Case.objects.filter(one_of("cell_id", cells), one_of("catalogue_class_id", classes))
    closed = alike.filter(state=State.CLOSED, state_since__gte=since).exclude(pk=own)
    return closed.order_by("-state_since", "-pk").values_list("pk", flat=True)[:1]


@in_transaction
def not_file_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`not_file` ⚑ 不予立案; refused for what a department has already finished."""
    case = lock_case(number, version=version)
    check_may(case, "not_file", actor)
    check_never_finished(case)
    move(case, action="not_file", actor=actor, at=at, reason=reason)
    release_members(case, at)
    tell_reporter(case, NoticeKind.ENDED, at)
    return case


@in_transaction
def send_back_to_accept(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`send_back_to_accept` ⚑: acceptance starts anew."""
    case = lock_case(number, version=version)
    move(case, action="send_back_to_accept", actor=actor, at=at, reason=reason)
    return case


@in_transaction
def send_back_to_file(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`send_back_to_file` ⚑ by the dispatcher: the way to correct a wrong filing.

    Only while no department has ever finished the case, so that it cannot leave the figures.
    """
    case = lock_case(number, version=version)
    check_may(case, "send_back_to_file", actor)
    check_never_finished(case)
    move(case, action="send_back_to_file", actor=actor, at=at, reason=reason)
    return case


def check_never_finished(case: Case) -> None:
    """Raise NotAllowed once any department has finished the case."""
    if case.ever_finished:
        raise NotAllowed(
            _("A department has finished this case before; it can no longer leave the figures.")
        )
