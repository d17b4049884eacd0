"""The ledgers that cities must keep small, each declared once, as data (domain law §5, end).

As in `indicators`: a share counts the rows of its whole, narrowed by its own condition, so it lies
between 0 and 1, and the list behind a count has exactly as many rows as the count says. Unlike the
figures of the first page, ledgers count voided and merged cases: that is what some of them are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators import Condition, within
from assessment.periods import Period
from cases.clocks.numbers import APPEAL_DAYS, DESIGNATION_RETURNS, SHIRKING_REFUSALS
from cases.models import Event, TaskKind, TaskOutcome
from cases.selectors.settings import days_at, must_verify, number_at
from cases.sources import Source
from cases.workflow import State
from dispatch.models import Request, RequestKind, RequestState, Turn, TurnAssistant, TurnEnd


class Row(TextChoices):
    """Whose rows a ledger lists."""

    CASE = "case", _("Case")
    TURN = "turn", _("Turn of a department")
    TASK = "task", _("Task of a supervisor")
    APPEAL = "appeal", _("Appeal")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One count. `of` names the whole of its share; a whole has none and is no ledger itself.

    `before_filing` marks what counts cases that were never filed, which the command side does
    not see. `kind` is the kind of request whose answers the list shows.
    """

    key: str
    label: Promise
    row: Row
    condition: Condition
    definition: Promise
    of: str = ""
    kind: str = ""
    before_filing: bool = False


def _ran(period: Period) -> Q:
    """Neither ended before the period began nor begun after it."""
    return Q(began_at__lt=period.cut) & (Q(ended_at=None) | Q(ended_at__gte=period.start))


def _was_open(period: Period) -> Q:
    return Q(reported_at__lt=period.cut)


def _was_filed(period: Period) -> Q:
    """Filed by now: of a case that was sent back and filed again, the first instant is gone."""
    return _was_open(period) & Q(filed_at__isnull=False)


def _ended(period: Period) -> Q:
    return within("ended_at", period)


# ---------------------------------------------------------------- turns


def _asked(kind: str) -> Condition:
    def condition(period: Period) -> Q:
        asked = Request.objects.filter(within("asked_at", period), turn=OuterRef("pk"), kind=kind)
        return Q(Exists(asked))

    return condition


def _approved(kind: str) -> Condition:
    def condition(period: Period) -> Q:
        approved = Request.objects.filter(
            within("ended_at", period), turn=OuterRef("pk"), kind=kind, state=RequestState.APPROVED
        )
        return Q(Exists(approved))

    return condition


def _returned(period: Period) -> Q:
    """By the end of the turn, not by the answer: an approval that was undone returned nothing."""
    return _ended(period) & Q(end_kind=TurnEnd.RETURNED)


def _wrongly_dispatched(period: Period) -> Q:
    return _ended(period) & Q(wrong_dispatch=True)


def _assisted(period: Period) -> Q:
    return within("began_at", period) & Q(
        Exists(TurnAssistant.objects.filter(turn=OuterRef("pk")))
    )  # fmt: skip


def _overdue(period: Period) -> Q:
    """Overdue since an instant in the period; of a clock that runs its deadline says so."""
    return within("overdue_at", period) | Q(overdue_at=None) & within("due_at", period)


def _shirked(period: Period) -> Q:
    """So many refused returns, overdue afterwards, no wrong dispatch found later (law §5)."""
    most = number_at(SHIRKING_REFUSALS, period.cut)
    refused = Request.objects.filter(
        turn=OuterRef("pk"), kind=RequestKind.RETURN, state=RequestState.REFUSED
    )
    last = Subquery(refused.order_by("ended_at", "id").values("ended_at")[most - 1 : most])
    after = Q(overdue_at__gt=last) | Q(overdue_at=None, due_at__gt=last)
    return _overdue(period) & Q(returns_refused__gte=most, wrong_dispatch=False) & after


def appealable_from(period: Period) -> datetime:
    """What ended since then could still be appealed against in the period (law §5)."""
    return period.start - days_at(APPEAL_DAYS, period.cut)


def _appealable(period: Period) -> Q:
    """Something happened in it that the law lets its department appeal against, and in time."""
    in_time = Q(ended_at=None) | Q(ended_at__gte=appealable_from(period))
    happened = (
        Q(overdue_at__lt=period.cut) | Q(due_at__lt=period.cut) | Q(rework_count__gt=0)
        | Q(returns_refused__gt=0) | Q(end_kind=TurnEnd.FORCED)
    )  # fmt: skip
    return Q(began_at__lt=period.cut) & in_time & happened


# ---------------------------------------------------------------- cases


def _relapsed(period: Period) -> Q:
    return within("filed_at", period) & Q(relapse_of__isnull=False)


def _disputed(period: Period) -> Q:
    """The return that made the ownership disputed, or a later one, came in the period."""
    returned = Turn.objects.filter(case=OuterRef("pk"), end_kind=TurnEnd.RETURNED)
    so_many = (
        returned.filter(ended_at__lt=period.cut)
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .filter(n__gte=number_at(DESIGNATION_RETURNS, period.cut))
    )
    return Q(Exists(returned.filter(within("ended_at", period)))) & Q(Exists(so_many))


def _happened(action: str) -> Condition:
    def condition(period: Period) -> Q:
        events = Event.objects.filter(within("at", period), case=OuterRef("pk"), action=action)
        return Q(Exists(events))

    return condition


_accepted = _happened("accept")


def _to_verify(period: Period) -> Q:
    """Accepted although it had to be verified first, or against what the verification said."""
    return _accepted(period) & (
        Q(source__in=[str(source) for source in Source if must_verify(source, period.cut)])
        | ~Q(verify_waived_reason="")
        | Q(verify_outcome__in=[TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND])
    )


def _waived(period: Period) -> Q:
    return ~Q(verify_waived_reason="")


def _closed_somehow(period: Period) -> Q:
    return _ended(period) & Q(state__in=[State.CLOSED, State.FORCE_CLOSED])


def _forced(period: Period) -> Q:
    return Q(state=State.FORCE_CLOSED)


def _self_handled(period: Period) -> Q:
    return Q(state=State.CLOSED, self_handled=True)


def _voided(period: Period) -> Q:
    return _ended(period) & Q(state=State.VOIDED)


def _merged(period: Period) -> Q:
    return _ended(period) & Q(state=State.MERGED)


# ---------------------------------------------------------------- tasks and appeals


def _checked(period: Period) -> Q:
    checked = Q(kind=TaskKind.CHECK, outcome__in=[TaskOutcome.PASSED, TaskOutcome.FAILED])
    return _ended(period) & checked


def _failed(period: Period) -> Q:
    return Q(outcome=TaskOutcome.FAILED)


# What is charged to a supervisor; recalled, lapsed and passed on at the shift's end is not.
_CHARGED = (
    TaskOutcome.CONFIRMED, TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND, TaskOutcome.PASSED,
    TaskOutcome.FAILED, TaskOutcome.MISSED,
)  # fmt: skip


def _charged(period: Period) -> Q:
    return _ended(period) & Q(outcome__in=_CHARGED)


def _missed(period: Period) -> Q:
    return Q(outcome=TaskOutcome.MISSED)


def _decided(period: Period) -> Q:
    return _ended(period) & Q(state__in=[RequestState.APPROVED, RequestState.REFUSED])


def _upheld(period: Period) -> Q:
    return Q(state=RequestState.APPROVED)


# ---------------------------------------------------------------- the registry


def _of_kind(key: str, kind: RequestKind, asked: tuple[Promise, Promise],
             approved: tuple[Promise, Promise]) -> tuple[Ledger, Ledger]:  # fmt: skip
    """A request of departments: how often it was asked and how often it was granted."""
    granted = _returned if kind == RequestKind.RETURN else _approved(kind)
    return (
        Ledger(f"{key}_asked", asked[0], Row.TURN, _asked(kind), asked[1], "turns", kind),
        Ledger(key, approved[0], Row.TURN, granted, approved[1], "turns", kind),
    )


_REGISTRY: tuple[Ledger, ...] = (
    *_of_kind(
        "returned", RequestKind.RETURN,
        (pgettext_lazy("ledger", "Returns asked"),
         _("Turns of departments in which a return was asked in the period.")),
        (pgettext_lazy("ledger", "Returns"),
         _("Turns of departments that an approved return ended in the period.")),
    ),
    Ledger(
        "wrong_dispatch", pgettext_lazy("ledger", "Wrong dispatches"), Row.TURN,
        _wrongly_dispatched,
        _("Turns that ended in the period as a wrong dispatch: returned or reassigned."), "turns",
    ),
    Ledger(
        "disputed", pgettext_lazy("ledger", "Disputed ownership"), Row.CASE, _disputed,
        _("Cases whose second or later return was approved in the period; from them the routing "
          "is mended."), "filed_open",
    ),
    Ledger(
        "voided", pgettext_lazy("ledger", "Voids"), Row.CASE, _voided,
        _("Cases voided in the period."), "filed_open",
    ),
    *_of_kind(
        "extended", RequestKind.EXTENSION,
        (pgettext_lazy("ledger", "Extensions asked"),
         _("Turns of departments in which an extension was asked in the period.")),
        (pgettext_lazy("ledger", "Extensions"),
         _("Turns of departments for which an extension was approved in the period.")),
    ),
    *_of_kind(
        "suspended", RequestKind.SUSPENSION,
        (pgettext_lazy("ledger", "Suspensions asked"),
         _("Turns of departments in which a suspension was asked in the period.")),
        (pgettext_lazy("ledger", "Suspensions"),
         _("Turns of departments for which a suspension was approved in the period.")),
    ),
    *_of_kind(
        "deferred", RequestKind.DEFERRAL,
        (pgettext_lazy("ledger", "Deferrals asked"),
         _("Turns of departments in which a deferral was asked in the period.")),
        (pgettext_lazy("ledger", "Deferrals"),
         _("Turns of departments for which a deferral was approved in the period.")),
    ),
    Ledger(
        "rework", pgettext_lazy("ledger", "Reworks"), Row.TASK, _failed,
        _("Checks answered in the period that the work of the department failed."), "checked",
    ),
    Ledger(
        "reopened", pgettext_lazy("ledger", "Reopenings"), Row.CASE, _happened("reopen"),
        _("Cases reopened in the period."), "open",
    ),
    Ledger(
        "forced", pgettext_lazy("ledger", "Forced closes"), Row.CASE, _forced,
        _("Cases closed by force in the period, by hand or by the policy of their class."),
        "closed",
    ),
    Ledger(
        "shirked", pgettext_lazy("ledger", "Shirking"), Row.TURN, _shirked,
        _("Turns of departments overdue since an instant in the period, after so many refused "
          "returns that it is shirking, and not found to be a wrong dispatch."), "turns",
        RequestKind.RETURN,
    ),
    Ledger(
        "relapsed", pgettext_lazy("ledger", "Relapses"), Row.CASE, _relapsed,
        _("Cases filed in the period of the same class in the same cell as one closed not long "
          "before."), "filed_open",
    ),
    Ledger(
        "assisted", pgettext_lazy("ledger", "Assistance"), Row.TURN, _assisted,
        _("Turns that began in the period and in which another department assists."), "turns",
    ),
    Ledger(
        "appealed", pgettext_lazy("ledger", "Appeals asked"), Row.TURN,
        _asked(RequestKind.APPEAL),
        _("Turns of departments against which an appeal was asked in the period, also one that was "
          "withdrawn."), "appealable", RequestKind.APPEAL,
    ),
    Ledger(
        "appeal_upheld", pgettext_lazy("ledger", "Appeals upheld"), Row.APPEAL, _upheld,
        _("Appeals decided in the period in favour of the department."), "appeals_decided",
        RequestKind.APPEAL,
    ),
    Ledger(
        "waived", pgettext_lazy("ledger", "Waived verifications"), Row.CASE, _waived,
        _("Cases accepted in the period without a confirmed verification, for a reason that was "
          "recorded."), "to_verify", before_filing=True,
    ),
    Ledger(
        "self_handled", pgettext_lazy("ledger", "Self-handled"), Row.CASE, _self_handled,
        _("Cases that a supervisor settled on the spot, approved in the period."), "closed",
        before_filing=True,
    ),
    Ledger(
        "merged", pgettext_lazy("ledger", "Merges"), Row.CASE, _merged,
        _("Cases merged into another in the period; a merge that was undone is out."), "open",
        before_filing=True,
    ),
    Ledger(
        "missed", pgettext_lazy("ledger", "Missed tasks"), Row.TASK, _missed,
        _("Verify and check tasks that passed on in the period because their supervisor had not "
          "answered within the limit."), "charged",
    ),
    # What the shares are of.
    Ledger(
        "turns", pgettext_lazy("ledger", "Turns that ran"), Row.TURN, _ran,
        _("Turns of departments that ran at some time in the period; undone dispatches are out."),
    ),
    Ledger(
        "open", pgettext_lazy("ledger", "Cases that were open"), Row.CASE, _was_open,
        _("Cases that were open at some time in the period, however they ended."),
    ),
    Ledger(
        "filed_open", pgettext_lazy("ledger", "Filed cases that were open"), Row.CASE, _was_filed,
        _("Cases that were open at some time in the period and are filed at the data time."),
    ),
    Ledger(
        "closed", pgettext_lazy("ledger", "Closed in whatever way"), Row.CASE, _closed_somehow,
        _("Cases closed in the period: after a check, on the spot, or by force."),
    ),
    Ledger(
        "to_verify", pgettext_lazy("ledger", "Accepted that had to be verified"), Row.CASE,
        _to_verify,
        _("Cases accepted in the period whose source demands verification, or that were accepted "
          "against its answer."), before_filing=True,
    ),
    Ledger(
        "checked", pgettext_lazy("ledger", "Answered checks"), Row.TASK, _checked,
        _("Check tasks answered in the period, passed or failed."),
    ),
    Ledger(
        "charged", pgettext_lazy("ledger", "Tasks answered or missed"), Row.TASK, _charged,
        _("Verify and check tasks answered or missed in the period; recalled ones and those passed "
          "on at the end of a shift are out."),
    ),
    Ledger(
        "appealable", pgettext_lazy("ledger", "Turns that could be appealed against"), Row.TURN,
        _appealable,
        _("Turns of departments that were overdue, failed a check, had a return refused or were "
          "closed by force, and that went on in the period or had ended so shortly before it that "
          "an appeal was still possible in it."),
    ),
    Ledger(
        "appeals_decided", pgettext_lazy("ledger", "Appeals decided"), Row.APPEAL, _decided,
        _("Appeals approved or refused in the period."),
    ),
)  # fmt: skip

LEDGERS: dict[str, Ledger] = {each.key: each for each in _REGISTRY}


def condition_of(ledger: Ledger, period: Period) -> Q:
    """The whole condition: a share's count meets the condition of its whole too."""
    own = ledger.condition(period)
    return LEDGERS[ledger.of].condition(period) & own if ledger.of else own
