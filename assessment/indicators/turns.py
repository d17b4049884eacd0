"""Figures over turns: what departments and dispatchers are counted by (assessment law §3)."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Grain, Indicator, counts, lasts, within
from assessment.periods import Period
from dispatch.models import FactKind, TurnEnd
from gridcity.contracts import Role

_STANDS = Q(undone=False)


_CHARGED = _STANDS & counts(FactKind.OVERDUE) & counts(FactKind.FORCED_CLOSE)


def _dispatches(period: Period) -> Q:
    return within("began_at", period) & _STANDS


def _by_people(period: Period) -> Q:
    """What routing dispatched by itself is nobody's."""
    return Q(automatic=False)


def _dispatched_right(period: Period) -> Q:
    return Q(wrong=False)


def handled(period: Period) -> Q:
    """The last standing finish: withdrawing it or failing the check has taken it away."""
    return within("finished_at", period) & _CHARGED & Q(reopened=False)


def unhandled_late(period: Period) -> Q:
    """Due before the cut, and by then neither finished nor ended before the period began.

    Where the clock stood at the cut (suspended, or waiting for the centres) nothing was due; a
    turn that ended before its deadline was never late.
    """
    due = Q(due_at__lt=period.cut, forced_early=False)
    unfinished = Q(finished_at=None) | Q(finished_at__gte=period.cut)
    runs_at_cut = lasts("ended_at", period.cut) & ~Q(stood_at__lt=period.cut)
    ended_late = within("ended_at", period) & Q(ended_at__gt=F("due_at"))
    return _CHARGED & due & unfinished & (runs_at_cut | ended_late)


def _need_handle(period: Period) -> Q:
    """A finish that was reopened was due all the same: it lowers the share handled (§3)."""
    return within("finished_at", period) & _CHARGED | unhandled_late(period)


def _handled_in_time(period: Period) -> Q:
    return handled(period) & Q(finish_in_time=True)


def _handled_late(period: Period) -> Q:
    return handled(period) & Q(finish_in_time=False)


def _automatic(period: Period) -> Q:
    return Q(automatic=True)


def _designated(period: Period) -> Q:
    return Q(designation=True)


def _assisted(period: Period) -> Q:
    return Q(assisted=True)


def _suspended(period: Period) -> Q:
    return Q(suspended=True)


def _deferred(period: Period) -> Q:
    return Q(deferred=True)


def _wrong_dispatch(period: Period) -> Q:
    return within("ended_at", period) & _STANDS & Q(wrong=True)


def _extended(period: Period) -> Q:
    return Q(extensions__gt=0)


def refused_then_overdue(period: Period) -> Q:
    """So many refused returns, overdue afterwards, and no wrong dispatch found later (§5)."""
    overdue = Q(finish_in_time=False) | Q(finished_at=None) | Q(finished_at__gte=period.cut)
    after = Q(due_at__gt=F("refused_at"), due_at__lt=period.cut)
    return overdue & after & Q(wrong=False)


def _shirked(period: Period) -> Q:
    counted = counts(FactKind.SHIRKING) & counts(FactKind.REFUSED_RETURN)
    return refused_then_overdue(period) & counted


def _multi_rework(period: Period) -> Q:
    return handled(period) & Q(reworks__gte=2) & counts(FactKind.FAILED_CHECK)


def _returned(period: Period) -> Q:
    return within("ended_at", period) & Q(end_kind=TurnEnd.RETURNED)


def _forced(period: Period) -> Q:
    """A forced close ended it; an upheld appeal against that takes it out."""
    return within("ended_at", period) & Q(end_kind=TurnEnd.FORCED) & _CHARGED


def _appealed(period: Period) -> Q:
    return within("ended_at", period) & Q(appealed=True)


def _upheld(period: Period) -> Q:
    return ~Q(uncounted=[])


def _in_hand(period: Period) -> Q:
    return _STANDS & lasts("ended_at", period.cut)


INDICATORS = (
    Indicator(
        "dispatches", pgettext_lazy("figure", "Dispatched"), Grain.TURN, _dispatches,
        _("Turns of departments that began in the period; undone dispatches are out."),
        "§3 dispatches", post=Role.DISPATCHER, person="dispatcher", charged=_by_people,
    ),
    Indicator(
        "dispatched_right", pgettext_lazy("figure", "Rightly dispatched"), Grain.TURN,
        _dispatched_right,
        _("Of the dispatches of the period, those neither returned nor reassigned by the data "
          "time."), "§4 准确派遣率", of="dispatches", better=1,
        post=Role.DISPATCHER, person="dispatcher", charged=_by_people,
    ),
    Indicator(
        "automatic", pgettext_lazy("figure", "Dispatched by routing"), Grain.TURN, _automatic,
        _("Of the dispatches of the period, those that routing made by itself."), "§3 dispatches",
        of="dispatches",
    ),
    Indicator(
        "designated", pgettext_lazy("figure", "Designated"), Grain.TURN, _designated,
        _("Of the dispatches of the period, those that designated a department after so many "
          "returns that nobody else would have it."), "§3 disputed", of="dispatches",
    ),
    Indicator(
        "assisted", pgettext_lazy("figure", "With assistance"), Grain.TURN, _assisted,
        _("Of the dispatches of the period, those in which another department assists."),
        "§3 assisted", of="dispatches",
    ),
    Indicator(
        "wrong_dispatch", pgettext_lazy("figure", "Wrong dispatches"), Grain.TURN,
        _wrong_dispatch,
        _("Turns that ended in the period as a wrong dispatch: returned or reassigned."),
        "§3 wrong_dispatch", better=-1,
    ),
    Indicator(
        "need_handle", pgettext_lazy("figure", "To handle"), Grain.TURN, _need_handle,
        _("Turns whose standing finish lies in the period, also where the case was reopened after "
          "it, or that were due before its end and neither finished by then nor ended before it "
          "began; turns whose clock stood at the end of the period are out, and so are those that "
          "an upheld appeal took out."),
        "§3 need_handle", version=3,
    ),
    Indicator(
        "handled", pgettext_lazy("figure", "Handled"), Grain.TURN, handled,
        _("Turns whose last standing finish lies in the period: not withdrawn, not failed in the "
          "check, not reopened."), "§3 handled", version=2,
    ),
    Indicator(
        "handled_share", pgettext_lazy("figure", "Handled of those due"), Grain.TURN, handled,
        _("Of the turns to be handled, those handled."), "§4 处置率", of="need_handle", better=1,
    ),
    Indicator(
        "handled_in_time", pgettext_lazy("figure", "Handled in time"), Grain.TURN, _handled_in_time,
        _("Of the turns to be handled, those handled within their limit."),
        "§4 按期处置率", of="need_handle", better=1,
    ),
    Indicator(
        "handled_late", pgettext_lazy("figure", "Handled late"), Grain.TURN, _handled_late,
        _("Of the turns to be handled, those handled after their deadline."),
        "§4 超期处置率", of="need_handle", better=-1, completes="handled_in_time",
    ),
    Indicator(
        "unhandled_late", pgettext_lazy("figure", "Overdue, not handled"),
        Grain.TURN, unhandled_late,
        _("Turns that were due before the end of the period and have no standing finish by then."),
        "§3 unhandled_late", better=-1,
    ),
    Indicator(
        "extended", pgettext_lazy("figure", "Extended"), Grain.TURN, _extended,
        _("Of the turns to be handled, those whose limit was extended."),
        "§4 延期率", of="need_handle", better=-1,
    ),
    Indicator(
        "suspended", pgettext_lazy("figure", "Suspended"), Grain.TURN, _suspended,
        _("Of the turns to be handled, those that had been suspended."), "§3 suspended",
        of="need_handle",
    ),
    Indicator(
        "deferred", pgettext_lazy("figure", "Deferred"), Grain.TURN, _deferred,
        _("Of the turns to be handled, those whose deadline was deferred."), "§3 deferred",
        of="need_handle",
    ),
    Indicator(
        "shirked", pgettext_lazy("figure", "Shirked"), Grain.TURN, _shirked,
        _("Of the turns to be handled, those whose returns were refused twice and that were "
          "overdue afterwards; not where an appeal against a refusal or the shirking was upheld."),
        "§4 推诿率", of="need_handle", better=-1, version=2,
    ),
    Indicator(
        "multi_rework", pgettext_lazy("figure", "Reworked again and again"), Grain.TURN,
        _multi_rework,
        _("Turns handled in the period that failed two checks or more; not where an appeal against "
          "a failed check was upheld."),
        "§3 multi_rework", better=-1, version=2,
    ),
    Indicator(
        "returned", pgettext_lazy("figure", "Returned"), Grain.TURN, _returned,
        _("Turns that ended in the period by an approved return."), "§3 returned",
    ),
    Indicator(
        "forced_turns", pgettext_lazy("figure", "Ended by a forced close"), Grain.TURN, _forced,
        _("Turns that a forced close ended in the period; those that an upheld appeal took out are "
          "not counted."), "§3 forced", better=-1,
    ),
    Indicator(
        "appealed", pgettext_lazy("figure", "Appealed against"), Grain.TURN, _appealed,
        _("Turns that ended in the period and against which an appeal was asked by the data time; "
          "an appeal that was withdrawn was asked, too."),
        "§3 appealed",
    ),
    Indicator(
        "appeal_upheld", pgettext_lazy("figure", "Appeal upheld"), Grain.TURN, _upheld,
        _("Of the turns of the period that were appealed against, those with an appeal upheld by "
          "the data time."), "§3 appeal_upheld", of="appealed",
    ),
    Indicator(
        "in_hand", pgettext_lazy("figure", "In hand"), Grain.TURN, _in_hand,
        _("Turns of departments that have not ended at the data time."), "",
    ),
)  # fmt: skip
