"""Missed matters: confirmed with the filing, objected to, answered (assessment law §3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import OBJECT_DAYS
from cases.models import Case, Miss
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty, rather_others
from cases.selectors.misses import Candidate, candidate_of
from cases.selectors.settings import days_at
from cases.services.notices import notify
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, Role


def asked_about(case: Case, at: datetime, missed: bool | None) -> Candidate | None:
    """Who is charged where the duty chief says that the patrol missed it; None where he does not.

    Raises Invalid where nobody can have missed it.
    """
    if not missed:
        return None
    found = candidate_of(case, at)
    if found is None:
        raise Invalid(_("No patrol can have missed this case."), missed=_("There is no candidate."))
    return found


def charge(case: Case, found: Candidate, actor: Actor, at: datetime) -> Miss:
    """Write the miss down beside the filing that says it, and tell the supervisor."""
    made = next_miss(case, found, actor, at)
    made.save(force_insert=True)
    notify(case, [found.supervisor_id], NoticeKind.MISSED, at=at)
    return made


def next_miss(
    case: Case, found: Candidate, actor: Actor, at: datetime, *, made: Callable[..., Miss] = Miss
) -> Miss:
    """The row of a miss; nothing is written."""
    assert actor.user_id is not None
    return made(
        case=case, supervisor_id=found.supervisor_id, shift=found.shift,
        source=found.heard.source, reported_at=found.heard.at, confirmed_by_id=actor.user_id,
        confirmed_at=at, object_until=at + days_at(OBJECT_DAYS, at),
    )  # fmt: skip


@in_transaction
def object_to_miss(*, number: str, actor: Actor, at: datetime, reason: str) -> Case:
    """`object_missed` ⚑ by the supervisor who is charged; in time, and once.

    Raises Forbidden for what is not his, NotAllowed too late or a second time.
    """
    case, miss = _locked(number, "object_missed", actor)
    if miss.supervisor_id != actor.user_id:
        raise Forbidden(_("It is charged to somebody else."))
    if miss.objected_at is not None:
        raise NotAllowed(_("You have objected already."))
    if at > miss.object_until:
        raise NotAllowed(
            _("An objection was possible until %(until)s.")
            % {"until": timezone.localtime(miss.object_until).strftime("%Y-%m-%d %H:%M")}
        )
    event = move(case, action="object_missed", actor=actor, at=at, reason=reason)
    miss.objected_at, miss.objection = at, event.reason
    miss.save(update_fields=["objected_at", "objection"])
    notify(case, who_answers(miss), NoticeKind.OBJECTED, at=at)
    return case


@in_transaction
def uphold_objection(*, number: str, actor: Actor, at: datetime, reason: str) -> Case:
    """`uphold_objection` ⚑: from now on it is charged to nobody (verdicts are read at `as_of`)."""
    return _answer("uphold_objection", number, actor, at, reason, is_upheld=True)


@in_transaction
def refuse_objection(*, number: str, actor: Actor, at: datetime, reason: str) -> Case:
    """`refuse_objection` ⚑: the miss stays charged."""
    return _answer("refuse_objection", number, actor, at, reason, is_upheld=False)


def _answer(
    action: str, number: str, actor: Actor, at: datetime, reason: str, *, is_upheld: bool
) -> Case:
    case, miss = _locked(number, action, actor)
    if miss.objected_at is None:
        raise NotAllowed(_("Nobody has objected."))
    if miss.answered_at is not None:
        raise NotAllowed(_("This objection is answered already."))
    if actor.user_id not in who_answers(miss):
        raise Forbidden(_("You confirmed it yourself: another duty chief answers the objection."))
    event = move(case, action=action, actor=actor, at=at, reason=reason,
                 changes={"supervisor": miss.supervisor_id})  # fmt: skip
    miss.answered_at, miss.answered_by_id = at, actor.user_id
    miss.answer, miss.is_upheld = event.reason, is_upheld
    miss.save(update_fields=["answered_at", "answered_by", "answer", "is_upheld"])
    said = {"kind": "OBJECTION", "answer": "approved" if is_upheld else "refused"}
    notify(case, [miss.supervisor_id], NoticeKind.ANSWERED, at=at, values=said)
    return case


def _locked(number: str, action: str, actor: Actor) -> tuple[Case, Miss]:
    """The case, locked, and its miss. Raises Forbidden by role, NotAllowed where it was none."""
    case = lock_case(number)
    check_may(case, action, actor)
    miss = Miss.objects.filter(case=case).first()
    if miss is None:
        raise NotAllowed(_("This case was not confirmed as missed."))
    return case, miss


def who_answers(miss: Miss) -> list[int]:
    """Duty chiefs on duty, without the one who confirmed it where there is another."""
    return rather_others(on_duty([Role.DUTY_CHIEF]), miss.confirmed_by_id)
