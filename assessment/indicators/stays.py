"""Figures over stays: what desks are counted by, and what is open now (assessment law §3)."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Condition, Grain, Indicator, lasts, within
from assessment.periods import Period
from cases.workflow import State
from gridcity.contracts import Role

_STANDS = Q(undone=False)


def _answered(state: State, roles: tuple[str, ...], period: Period) -> Q:
    return _STANDS & Q(state=state, actor_role__in=roles) & within("ended_at", period)


def _need(state: State, *roles: str) -> Condition:
    """Answered in the period, or due before its end and not answered before it began.

    What was open at its end is due whatever came of it later; what somebody else ended after its
    deadline (a forced close) was left unanswered in the period in which it ended, and no later.
    """

    def condition(period: Period) -> Q:
        ends = within("ended_at", period) & ~Q(actor_role__in=roles)
        left_late = ends & Q(ended_at__gt=F("due_at"))
        open_late = Q(due_at__lt=period.cut) & lasts("ended_at", period.cut)
        left = _STANDS & Q(state=state) & (open_late | left_late)
        return _answered(state, roles, period) | left

    return condition


def _answered_of(state: State, *roles: str) -> Condition:
    """Of a person: what he answered; what nobody did is the desk's."""

    def condition(period: Period) -> Q:
        return _answered(state, roles, period)

    return condition


def _in_time(state: State, *roles: str) -> Condition:
    def condition(period: Period) -> Q:
        return _answered(state, roles, period) & Q(in_time=True)

    return condition


def _verify_sent(period: Period) -> Q:
    return _answered(State.REPORTED, (Role.ACCEPTOR,), period) & Q(by="send_verify")


def _closed_by_person(period: Period) -> Q:
    return _answered(State.TO_CLOSE, (Role.DUTY_CHIEF,), period) & Q(by="close")


def _is_in_time(period: Period) -> Q:
    return Q(in_time=True)


def _own_in_time(period: Period) -> Q:
    """Of a person: within the limit from when he had it open, not from when it came (§3)."""
    return Q(own_in_time=True, ended_at__lt=period.cut)


def _by_people(period: Period) -> Q:
    """What routing answered is nobody's."""
    return ~Q(actor_role=Role.ROUTING, ended_at__lt=period.cut)


def _stage_ended(period: Period) -> Q:
    return _STANDS & within("ended_at", period)


def _open(period: Period) -> Q:
    """A stock, not a flow: one stay of each case that has not ended at the cut."""
    return lasts("ended_at", period.cut)


_DISPATCH = (State.TO_DISPATCH, Role.DISPATCHER, Role.ROUTING)
_SEND_CHECK = (State.TO_CHECK, Role.ACCEPTOR, Role.ROUTING)

INDICATORS = (
    Indicator(
        "need_verify_send", pgettext_lazy("figure", "Verifications sent"), Grain.STAY, _verify_sent,
        _("Verification tasks that the acceptors sent in the period."), "§3 need_verify_send",
        before_filing=True, post=Role.ACCEPTOR, person="actor",
    ),
    Indicator(
        "verify_sent_in_time", pgettext_lazy("figure", "Verifications sent in time"), Grain.STAY,
        _is_in_time, _("Of these, those sent within the time of acceptance."),
        "§4 核实按时派发率", of="need_verify_send", better=1, before_filing=True,
        post=Role.ACCEPTOR, person="actor", own=_own_in_time,
    ),
    Indicator(
        "need_dispatch", pgettext_lazy("figure", "To dispatch"), Grain.STAY, _need(*_DISPATCH),
        _("Stays at the dispatch desk answered in the period, or due before its end and neither "
          "answered by then nor ended otherwise before it began."), "§3 need_dispatch",
        post=Role.DISPATCHER, person="actor", charged=_by_people,
        own=_answered_of(*_DISPATCH), version=2,
    ),
    Indicator(
        "dispatched_in_time", pgettext_lazy("figure", "Dispatched in time"), Grain.STAY,
        _in_time(*_DISPATCH),
        _("Of the stays at the dispatch desk to be answered, those answered within their limit."),
        "§4 按时派遣率", of="need_dispatch", better=1,
        post=Role.DISPATCHER, person="actor", charged=_by_people, own=_own_in_time, version=2,
    ),
    Indicator(
        "need_check_send", pgettext_lazy("figure", "Checks to send"), Grain.STAY,
        _need(*_SEND_CHECK),
        _("Finished cases whose check was sent in the period, or due to be sent before its end and "
          "neither sent by then nor past otherwise before it began."), "§3 need_check_send",
        post=Role.ACCEPTOR, person="actor", charged=_by_people,
        own=_answered_of(*_SEND_CHECK), version=2,
    ),
    Indicator(
        "check_sent_in_time", pgettext_lazy("figure", "Checks sent in time"), Grain.STAY,
        _in_time(*_SEND_CHECK), _("Of the checks to send, those sent within the limit."),
        "§4 核查按时派发率", of="need_check_send", better=1,
        post=Role.ACCEPTOR, person="actor", charged=_by_people, own=_own_in_time, version=2,
    ),
    Indicator(
        "closed_by_person", pgettext_lazy("figure", "Closed at the desk"), Grain.STAY,
        _closed_by_person, _("Cases that a duty chief closed in the period; not the clock."),
        "§3 closed_by_person", post=Role.DUTY_CHIEF, person="actor",
    ),
    Indicator(
        "close_stage_in_time", pgettext_lazy("figure", "Closed at the desk in time"), Grain.STAY,
        _is_in_time, _("Of these, those closed within the limit of the closing stage."),
        "§4 按时结案率(岗位)", of="closed_by_person", better=1,
        post=Role.DUTY_CHIEF, person="actor", own=_own_in_time,
    ),
    Indicator(
        "stage_ended", pgettext_lazy("figure", "Stages ended"), Grain.STAY, _stage_ended,
        _("Visits of stages that ended in the period, whoever ended them; a case that comes back "
          "to a stage counts again."), "§4",
    ),
    Indicator(
        "open", pgettext_lazy("figure", "Open"), Grain.STAY, _open,
        _("Cases that have not ended at the data time, whenever they were reported."), "",
        version=2,
    ),
)  # fmt: skip
