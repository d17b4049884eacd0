"""并案: several reports of one matter become one case, and may part again (domain law §4).

Locks are taken leading case first, then its members, everywhere; merges and their undoing follow
each other one by one, so that two cases merged into each other cannot wait for one another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Event
from cases.services.filing import check_never_finished
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, check_version, lock_case, move, term_that_goes_on
from cases.workflow import LEADING, State
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role

UNDO_WITHIN = timedelta(minutes=10)
_MERGES = 0x6D65726765  # "merge": the key of the advisory lock


def _one_by_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_MERGES])


@in_transaction
def merge_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, leading: str, reason: str
) -> Case:
    """`merge` ⚑ 并案 into a leading case, which takes over every source and the earliest report.

    The reporters of the member follow and rate by their own number. Raises Invalid for a leading
    case that cannot lead, NotAllowed for a member that leads others or was once finished.
    """
    seen = Case.objects.filter(number=number).first()
    if seen is not None:  # what may not be merged at all is said before anything is locked
        check_may(seen, "merge", actor)
    _one_by_one()
    lead = _leading(number, leading)
    case = lock_case(number, version=version)
    check_may(case, "merge", actor)
    check_never_finished(case)
    if Case.objects.filter(merged_into=case).exists():
        raise NotAllowed(_("Other cases were merged into this one: let it be the leading case."))
    if lead.state not in LEADING:
        raise Invalid(
            _("The case %(number)s is “%(state)s”: it cannot lead.")
            % {"number": lead.number, "state": State(lead.state).label},
            leading=_("Choose a case that is open and not yet finished."),
        )
    case.merged_into = lead
    move(
        case, action="merge", actor=actor, at=at, reason=reason,
        changes={"leading": lead.number}, fields=("merged_into",),
    )  # fmt: skip
    added = [source for source in case.sources if source not in lead.sources]
    lead.sources = [*lead.sources, *added]
    lead.earliest_report_at = _earliest(lead)
    move(
        lead, action="take_in", actor=actor, at=at,
        changes={"member": case.number, "sources_added": added},
        fields=("sources", "earliest_report_at"),
    )  # fmt: skip
    return case


def _leading(number: str, leading: str) -> Case:
    """The leading case, locked first. Raises Invalid naming the field."""
    if leading == number:
        raise Invalid(_("A case cannot lead itself."), leading=_("Choose another case."))
    try:
        return lock_case(leading)
    except NotVisible:
        raise Invalid(_("There is no such case."), leading=_("No case has this number.")) from None


def _earliest(lead: Case) -> datetime | None:
    """The earliest report of the members, where it lies before the leading case's own."""
    first: datetime | None = lead.members.aggregate(first=Min("reported_at"))["first"]
    return first if first is not None and first < lead.reported_at else None


def check_undo(case: Case, merged: Event | None, actor: Actor, at: datetime) -> None:
    """Within 10 minutes, by who merged or a duty chief. Raises NotAllowed, Forbidden."""
    if merged is None or at - merged.at > UNDO_WITHIN:
        raise NotAllowed(_("A merge can be undone within 10 minutes; that time has passed."))
    if Role.DUTY_CHIEF not in actor.roles and merged.actor_id != actor.user_id:
        raise Forbidden(_("A merge is undone by who merged, or by a duty chief."))


@in_transaction
def undo_merge(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """`undo_merge` within 10 minutes: the state before, its clock as if it had stood still."""
    _one_by_one()
    seen = Case.objects.filter(number=number).select_related("merged_into").first()
    if seen is None:
        raise NotVisible
    lead = lock_case(seen.merged_into.number) if seen.merged_into else None
    case = lock_case(number)
    if version is not None:
        check_version(case, version)
    check_may(case, "undo_merge", actor)
    assert lead is not None
    merged = case.events.filter(action="merge").order_by("-seq").first()
    check_undo(case, merged, actor, at)
    assert merged is not None
    before = State(merged.from_state)
    case.merged_into = None
    move(
        case, action="undo_merge", actor=actor, at=at, target=before,
        term=term_that_goes_on(case, before, at), changes={"leading": lead.number},
        fields=("merged_into",),
    )  # fmt: skip
    _let_go(lead, case, actor, at)
    return case


def _let_go(lead: Case, case: Case, actor: Actor, at: datetime) -> None:
    """Take back from the leading case what this member alone had brought."""
    taken = lead.events.filter(action="take_in", changes__member=case.number).order_by("-seq")
    event = taken.first()
    added = set(event.changes["sources_added"]) if event else set()
    others = {source for sources in lead.members.values_list("sources", flat=True)
              for source in sources}  # fmt: skip
    lead.sources = [one for one in lead.sources if one not in added - others]
    lead.earliest_report_at = _earliest(lead)
    move(
        lead, action="let_go", actor=actor, at=at, changes={"member": case.number},
        fields=("sources", "earliest_report_at"),
    )  # fmt: skip
