"""The registry of indicators: each figure is declared once, as data (assessment law §§3–5).

A declaration names the grain whose rows it counts and the condition that a row must meet; a rate
names its denominator, and its own condition only narrows that, so a rate lies between 0 and 1.
Figures, lists and the handbook page are made from these declarations alone: the list behind a
figure has exactly as many rows as the figure says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.lookups import LessThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.periods import Period
from cases.models import Stay
from cases.workflow import State
from dispatch.models import Turn, TurnEnd
from gridcity.contracts import Role


class Grain(TextChoices):
    """Whose rows a figure counts."""

    CASE = "case", _("Case")
    TURN = "turn", _("Turn of a department")
    STAY = "stay", _("Stay at a desk")


Condition = Callable[[Period], Q]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure. `of` names the denominator of a rate and is empty for a count.

    `better` is 1 where more is better, -1 where less is, 0 where neither. `before_filing` marks
    what counts cases that were never filed, which the command side does not see.
    """

    key: str
    label: Promise
    grain: Grain
    condition: Condition
    definition: Promise
    source: str
    of: str = ""
    better: int = 0
    before_filing: bool = False
    version: int = 1

    @property
    def is_rate(self) -> bool:
        return bool(self.of)


def within(field: str, period: Period) -> Q:
    """Life is read up to the cut: an instant in [start, cut)."""
    return Q(**{f"{field}__gte": period.start, f"{field}__lt": period.cut})


# ---------------------------------------------------------------- cases

# The turn that carries a case now or carried it to its end: not returned, reassigned or undone.
_STANDING_ENDS = ("", TurnEnd.CLOSED, TurnEnd.FORCED)


def _standing_turns(**said: Any) -> QuerySet[Turn]:
    return Turn.objects.filter(case=OuterRef("pk"), end_kind__in=_STANDING_ENDS, **said)


# Settled on the spot and nothing else: once reopened it is a case like any other.
_ON_THE_SPOT = Q(self_handled=True, round=1)


def _reported(period: Period) -> Q:
    return within("reported_at", period) & ~_ON_THE_SPOT


def _filed(period: Period) -> Q:
    return within("filed_at", period)


def _filed_in_time(period: Period) -> Q:
    """The stay that the filing ended was within its limit."""
    stays = Stay.objects.filter(
        case=OuterRef("pk"),
        state=State.TO_FILE,
        in_time=True,
        began_at__lte=OuterRef("filed_at"),
        ended_at__gte=OuterRef("filed_at"),
    )
    return Q(Exists(stays))


def _open(period: Period) -> Q:
    """A stock, not a flow: what has not ended at the data time, whenever it was reported."""
    return Q(ended_at=None)


def _closed(period: Period) -> Q:
    after_finish = Q(state=State.FORCE_CLOSED) & Q(
        Exists(_standing_turns(finished_at__isnull=False))
    )
    closed = Q(state=State.CLOSED) | after_finish
    return within("ended_at", period) & ~_ON_THE_SPOT & closed


def _need_close(period: Period) -> Q:
    """The deadline is that of the last stay in handling: the turn's own is gone once it stands."""
    deadline = (
        Stay.objects.filter(
            case=OuterRef("pk"), state=State.HANDLING, began_at__lt=period.cut, undone=False
        )
        .order_by("-seq")
        .values("due_at")[:1]
    )
    open_at_start = Q(ended_at=None) | Q(ended_at__gte=period.start)
    was_due = Q(LessThan(Subquery(deadline), period.cut)) & Q(Exists(_standing_turns()))
    return _closed(period) | (open_at_start & Q(filed_at__isnull=False) & was_due)


def _closed_in_time(period: Period) -> Q:
    return _closed(period) & Q(Exists(_standing_turns(finish_in_time=True)))


def _closed_late(period: Period) -> Q:
    return _closed(period) & Q(Exists(_standing_turns(finish_in_time=False)))


def _ended_by_close(period: Period) -> Q:
    forced = within("ended_at", period) & Q(state=State.FORCE_CLOSED)
    return _closed(period) | forced


def _forced(period: Period) -> Q:
    return within("ended_at", period) & Q(state=State.FORCE_CLOSED)


def _self_handled(period: Period) -> Q:
    return within("ended_at", period) & Q(state=State.CLOSED) & _ON_THE_SPOT


# ---------------------------------------------------------------- turns

_CLOCK_STANDS = (State.SUSPENDED, State.TO_CHECK, State.CHECKING, State.TO_CLOSE)


def _dispatches(period: Period) -> Q:
    return within("began_at", period)


def _handled(period: Period) -> Q:
    """`finished_at` is the last standing finish: withdrawing or failing the check empties it."""
    return within("finished_at", period)


def _unfinished_due(period: Period) -> Q:
    """Due before the cut, and by then neither finished nor ended before the period began.

    Where the clock stood at the cut (suspended, or waiting for the centres) nothing was due.
    """
    due = Q(overdue_at__lt=period.cut) | Q(overdue_at=None, due_at__lt=period.cut)
    unfinished = Q(finished_at=None) | Q(finished_at__gte=period.cut)
    not_over = Q(ended_at=None) | Q(ended_at__gte=period.start)
    still_open = Q(ended_at=None) | Q(ended_at__gte=period.cut)
    stood = Stay.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=period.cut),
        case=OuterRef("case_id"),
        state__in=_CLOCK_STANDS,
        began_at__lt=period.cut,
    )
    return due & unfinished & not_over & ~(still_open & Q(Exists(stood)))


def _need_handle(period: Period) -> Q:
    return _handled(period) | _unfinished_due(period)


def _handled_in_time(period: Period) -> Q:
    return _handled(period) & Q(finish_in_time=True)


def _handled_late(period: Period) -> Q:
    return _handled(period) & Q(finish_in_time=False)


def _in_hand(period: Period) -> Q:
    return Q(ended_at=None)


# ---------------------------------------------------------------- stays

_ANSWERED_BY = (Role.DISPATCHER, Role.ROUTING)


def _dispatch_answered(period: Period) -> Q:
    return within("ended_at", period) & Q(actor_role__in=_ANSWERED_BY)


def _need_dispatch(period: Period) -> Q:
    waits = Q(ended_at=None) | Q(ended_at__gte=period.cut, actor_role__in=_ANSWERED_BY)
    at_desk = Q(state=State.TO_DISPATCH)
    return at_desk & (_dispatch_answered(period) | (Q(due_at__lt=period.cut) & waits))


def _dispatched_in_time(period: Period) -> Q:
    return _dispatch_answered(period) & Q(in_time=True)


# ---------------------------------------------------------------- the registry

_REGISTRY: tuple[Indicator, ...] = (
    Indicator(
        "reported", pgettext_lazy("figure", "Reported"), Grain.CASE, _reported,
        _("Cases reported in the period, without self-handled ones."),
        "§3 reported", before_filing=True,
    ),
    Indicator(
        "filed", pgettext_lazy("figure", "Filed"), Grain.CASE, _filed,
        _("Cases filed in the period; of a case filed twice the last filing counts."),
        "§3 filed",
    ),
    Indicator(
        "filed_in_time", pgettext_lazy("figure", "Filed in time"), Grain.CASE, _filed_in_time,
        _("Of the cases filed in the period, those filed within the limit of the filing stage."),
        "§4 按时立案率", of="filed", better=1,
    ),
    Indicator(
        "dispatches", pgettext_lazy("figure", "Dispatched"), Grain.TURN, _dispatches,
        _("Turns of departments that began in the period; undone dispatches are out."),
        "§3 dispatches",
    ),
    Indicator(
        "need_dispatch", pgettext_lazy("figure", "To dispatch"), Grain.STAY, _need_dispatch,
        _("Stays at the dispatch desk answered in the period, or due before its end and not "
          "answered by then."),
        "§3 need_dispatch",
    ),
    Indicator(
        "dispatched_in_time", pgettext_lazy("figure", "Dispatched in time"),
        Grain.STAY, _dispatched_in_time,
        _("Of the stays at the dispatch desk to be answered, those answered within their limit."),
        "§4 按时派遣率", of="need_dispatch", better=1,
    ),
    Indicator(
        "need_handle", pgettext_lazy("figure", "To handle"), Grain.TURN, _need_handle,
        _("Turns whose standing finish lies in the period, or that were due before its end and "
          "neither finished by then nor ended before it began; turns whose clock stood at the end "
          "of the period are out."),
        "§3 need_handle",
    ),
    Indicator(
        "handled", pgettext_lazy("figure", "Handled"), Grain.TURN, _handled,
        _("Turns whose last standing finish lies in the period: not withdrawn, not failed in the "
          "check."),
        "§3 handled",
    ),
    Indicator(
        "handled_share", pgettext_lazy("figure", "Share handled"), Grain.TURN, _handled,
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
        "§4 超期处置率", of="need_handle", better=-1,
    ),
    Indicator(
        "unhandled_late", pgettext_lazy("figure", "Overdue, not handled"),
        Grain.TURN, _unfinished_due,
        _("Turns that were due before the end of the period and have no standing finish by then."),
        "§3 unhandled_late", better=-1,
    ),
    Indicator(
        "in_hand", pgettext_lazy("figure", "In hand"), Grain.TURN, _in_hand,
        _("Turns of departments that have not ended at the data time."), "",
    ),
    Indicator(
        "need_close", pgettext_lazy("figure", "To close"), Grain.CASE, _need_close,
        _("Cases closed in the period, or whose handling deadline lay before its end and that had "
          "not ended before it began."),
        "§3 need_close",
    ),
    Indicator(
        "closed", pgettext_lazy("figure", "Closed"), Grain.CASE, _closed,
        _("Cases closed in the period, also by force after the department had finished; without "
          "self-handled ones."),
        "§3 closed",
    ),
    Indicator(
        "closed_share", pgettext_lazy("figure", "Share closed"), Grain.CASE, _closed,
        _("Of the cases to be closed, those closed."), "§4 结案率", of="need_close", better=1,
    ),
    Indicator(
        "closed_in_time", pgettext_lazy("figure", "Closed in time"), Grain.CASE, _closed_in_time,
        _("Of the cases to be closed, those closed whose department had finished in time; the time "
          "of the centres is not the department's."),
        "§4 按期结案率", of="need_close", better=1,
    ),
    Indicator(
        "closed_late", pgettext_lazy("figure", "Closed late"), Grain.CASE, _closed_late,
        _("Cases closed in the period whose department had finished after its deadline."),
        "§3 closed_late", better=-1,
    ),
    Indicator(
        "closed_late_share", pgettext_lazy("figure", "Share closed late"), Grain.CASE, _closed_late,
        _("Of the cases to be closed, those closed whose department had finished after its "
          "deadline."),
        "§4 超期结案率", of="need_close", better=-1,
    ),
    Indicator(
        "ended_by_close", pgettext_lazy("figure", "Closed or closed by force"),
        Grain.CASE, _ended_by_close,
        _("Cases closed in the period in whatever way; without self-handled ones."), "§3 forced",
    ),
    Indicator(
        "forced_share", pgettext_lazy("figure", "Closed by force"), Grain.CASE, _forced,
        _("Of the cases closed in whatever way, those closed by force."),
        "§3 forced", of="ended_by_close", better=-1,
    ),
    Indicator(
        "self_handled", pgettext_lazy("figure", "Self-handled"), Grain.CASE, _self_handled,
        _("Cases that a supervisor settled on the spot, approved in the period; they stand beside "
          "the figures of filing, handling and closing, never in them."),
        "§3 self_handled", before_filing=True,
    ),
    Indicator(
        "open", pgettext_lazy("figure", "Open"), Grain.CASE, _open,
        _("Cases that have not ended at the data time, whenever they were reported."), "",
    ),
)  # fmt: skip

INDICATORS: dict[str, Indicator] = {each.key: each for each in _REGISTRY}


def condition_of(indicator: Indicator, period: Period) -> Q:
    """The whole condition: a rate's numerator meets its denominator's condition too."""
    own = indicator.condition(period)
    return INDICATORS[indicator.of].condition(period) & own if indicator.of else own
