"""How long stages last: mean, median and 90th percentile, by the clock and in working time (§4).

Over the visits of a stage that ended in the period. The working time is that of the desk, in
handling that of the department; a stage that nobody left has no times at all, which is “–”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Avg, Count, DurationField, ExpressionWrapper, F, FloatField
from django.db.models.functions import Extract
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from assessment.dimensions import CODED, DIMENSIONS, POSTED, unknown
from assessment.indicators import INDICATORS, Grain
from assessment.periods import Period, other_periods
from assessment.selectors.figures import rows_behind
from assessment.selectors.remembered import over
from assessment.selectors.summed import sums_state
from cases.sources import Source
from cases.workflow import ENDED, State
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor
from parts.models import CatalogueClass, Cell

# Of departments the stages in which they have the case.
STAGED: dict[str, str] = {
    key: DIMENSIONS[key].columns[Grain.STAY]
    for key in ("street", "community", "cell", "class", "source")
} | {"department": "department_id"}
_NAMED: dict[str, Any] = CODED | {"cell": Cell, "class": CatalogueClass}
LEFT = INDICATORS["stage_ended"]


class Percentile(Aggregate):
    """A percentile of an expression, between two rows where it lies between them."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) within group (order by %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds; None where nothing ended."""

    mean: int | None
    median: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class StageTimes:
    """One stage of one value of a dimension: how many visits ended, and how long they were."""

    key: str
    name: str
    state: str
    count: int
    clock: Lengths
    working: Lengths

    @property
    def label(self) -> Promise | str:
        return State(self.state).label

    def as_data(self) -> dict[str, Any]:
        """As the interface says it: whole seconds."""
        return {"key": self.key, "name": self.name, "state": self.state} | self.times()

    def times(self) -> dict[str, Any]:
        """The numbers alone."""
        said: dict[str, Any] = {"count": self.count}
        for kind, one in (("clock", self.clock), ("working", self.working)):
            said[kind] = {"mean": one.mean, "median": one.median, "p90": one.most}
        return said


HEADS = (
    pgettext_lazy("stage times", "Object"),
    pgettext_lazy("stage times", "Stage"),
    pgettext_lazy("stage times", "Ended"),
    pgettext_lazy("stage times", "Mean, clock (s)"),
    pgettext_lazy("stage times", "Median, clock (s)"),
    pgettext_lazy("stage times", "90th percentile, clock (s)"),
    pgettext_lazy("stage times", "Mean, working time (s)"),
    pgettext_lazy("stage times", "Median, working time (s)"),
    pgettext_lazy("stage times", "90th percentile, working time (s)"),
)


def sheet_of(times: Iterable[StageTimes]) -> tuple[list[str], list[list[Any]]]:
    """The heads and rows of a sheet; numbers stay numbers, what there is not stays empty."""
    rows = [
        [one.name, str(one.label), one.count, one.clock.mean, one.clock.median, one.clock.most,
         one.working.mean, one.working.median, one.working.most]
        for one in times
    ]  # fmt: skip
    return [str(head) for head in HEADS], rows


def stage_times(
    actor: Actor, period: Period, by: str = "", wanted: Mapping[str, str] | None = None
) -> list[StageTimes]:
    """Every stage of the district, or of each value of a dimension that has any; one query.

    `wanted` narrows to values of other dimensions. Raises Invalid for an unknown dimension.
    """
    if by and by not in STAGED:
        raise unknown("by", _("Stages are not broken down so."))
    found = _known(actor, period, by, wanted or {})
    if not by:
        return [_times("", "", state, found.get((None, str(state)), {})) for state in _STAGES]
    names = _names(by, {value for value, _state in found})
    listed = [
        _times(*names.get(value, ("none", _("without"))), State(state), row)
        for (value, state), row in found.items()
    ]
    order = {str(state): place for place, state in enumerate(_STAGES)}
    return sorted(listed, key=lambda one: (one.key == "none", one.key, order[one.state]))


def compared_times(
    actor: Actor, period: Period, by: str = ""
) -> list[tuple[StageTimes, dict[str, StageTimes | None]]]:
    """Each stage beside the same one in the period before and a year ago; None: nothing ended."""
    others = {
        key: {(one.key, one.state): one for one in stage_times(actor, other, by)}
        for key, other in other_periods(period).items()
    }
    return [
        (one, {key: found.get((one.key, one.state)) for key, found in others.items()})
        for one in stage_times(actor, period, by)
    ]


_STAGES = [state for state in State if state not in ENDED]


Measured = dict[tuple[Any, str], dict[str, Any]]


def _known(actor: Actor, period: Period, by: str, wanted: Mapping[str, str]) -> Measured:
    """As `_measured`; for whoever sees all, of a period that is over, it is measured once."""
    if not actor.roles & SEES_ALL or any(key in wanted for key in POSTED):
        return _measured(actor, period, by, wanted)
    said = f"stages {by} {sorted(wanted.items())}"
    pairs = over(period, said, sums_state(), lambda: _measured(actor, period, by, wanted).items())
    return dict(pairs)


def _measured(actor: Actor, period: Period, by: str, wanted: Mapping[str, str]) -> Measured:
    length = ExpressionWrapper(F("ended_at") - F("began_at"), DurationField())
    rows = rows_behind(LEFT, actor, period, wanted).annotate(clock_s=Extract(length, "epoch"))
    if by == "department":
        rows = rows.filter(department__isnull=False)
    columns = [STAGED[by], "state"] if by else ["state"]
    sums: dict[str, Any] = {"count": Count("pk")}
    for kind in ("clock", "worked"):
        column = F(f"{kind}_s")
        sums |= {
            f"{kind}_mean": Avg(column),
            f"{kind}_median": Percentile(column, share=0.5),
            f"{kind}_most": Percentile(column, share=0.9),
        }
    grouped = rows.values(*columns).annotate(**sums).order_by()
    return {(row[columns[0]] if by else None, row["state"]): row for row in grouped}


def _times(key: str, name: str, state: State, row: Mapping[str, Any]) -> StageTimes:
    def lengths(kind: str) -> Lengths:
        said = [row.get(f"{kind}_{which}") for which in ("mean", "median", "most")]
        return Lengths(*(None if one is None else round(one) for one in said))

    return StageTimes(key, name, str(state), row.get("count", 0), lengths("clock"),
                      lengths("worked"))  # fmt: skip


def _names(by: str, values: set[Any]) -> dict[Any, tuple[str, str]]:
    """Key and name of each value, as addresses and pages say it."""
    if by == "source":
        return {value: (value, str(Source(value).label)) for value in values if value}
    rows = _NAMED[by]._default_manager.filter(pk__in=[one for one in values if one])
    if by == "class":
        return {one.pk: (f"{one.scheme_id}:{one.kind}:{one.code}", one.name) for one in rows}
    return {one.pk: (one.code, getattr(one, "name", one.code)) for one in rows}
