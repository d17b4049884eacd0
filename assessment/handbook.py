"""What the handbook says of a figure beyond its words, read from the condition it counts by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators import INDICATORS, Indicator, condition_of
from assessment.periods import Period

_SOME = Period(
    start=datetime(2026, 1, 1, tzinfo=UTC),
    end=datetime(2026, 2, 1, tzinfo=UTC),
    as_of=datetime(2026, 3, 1, tzinfo=UTC),
)

BASES: dict[str, Promise] = {
    "reported_at": pgettext_lazy("time base", "report"),
    "accepted_at": pgettext_lazy("time base", "acceptance"),
    "filed_at": pgettext_lazy("time base", "filing"),
    "dispatched_at": pgettext_lazy("time base", "dispatch"),
    "began_at": pgettext_lazy("time base", "begin"),
    "finished_at": pgettext_lazy("time base", "finish"),
    "due_at": pgettext_lazy("time base", "deadline"),
    "disputed_at": pgettext_lazy("time base", "return"),
    "called_at": pgettext_lazy("time base", "call"),
    "ended_at": pgettext_lazy("time base", "end"),
}
EXCLUDED: dict[str, Promise] = {
    "out": _("voided and merged cases"),
    "self_handled": _("self-handled cases"),
    "succeeds": _("successors of forced closes"),
    "undone": _("what was undone at once"),
    "forced_early": _("closed by force before the deadline"),
    "reopened": _("reopened cases"),
    "uncounted": _("what an upheld appeal took out"),
    "stood_at": _("what waits while the clock stands"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of the handbook."""

    indicator: Indicator
    whole: Indicator | None
    also: list[tuple[Indicator, int]]
    bases: list[Promise]
    excluded: list[Promise]


def entry_of(indicator: Indicator) -> Entry:
    """All that the handbook says of a figure."""
    leaves = list(_leaves(condition_of(indicator, _SOME)))
    named = {name.split("__")[0] for name, _value, _is_not in leaves}
    out = {
        name.split("__")[0] for name, value, is_not in leaves if _leaves_out(name, value, is_not)
    }
    return Entry(
        indicator,
        INDICATORS.get(indicator.of),
        [(INDICATORS[key], weight) for key, weight in indicator.also],
        [label for name, label in BASES.items() if name in named],
        [label for name, label in EXCLUDED.items() if name in out],
    )


def _leaves_out(name: str, value: Any, is_not: bool) -> bool:
    if name.startswith(("uncounted", "stood_at")):
        return is_not
    return isinstance(value, bool) and value == is_not


def _leaves(condition: Q, is_not: bool = False) -> Iterator[tuple[str, Any, bool]]:
    """Every single comparison in a condition: column, value, and whether it is negated."""
    is_not ^= condition.negated
    for child in condition.children:
        if isinstance(child, Q):
            yield from _leaves(child, is_not)
        elif isinstance(child, tuple):
            yield (*child, is_not)
