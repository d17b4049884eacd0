"""What a refused stale version tells: who moved the case, when, and what changed by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.models import Event
from cases.workflow import State, rows_of
from dispatch.selectors.case_detail import CaseView, get_case
from dispatch.selectors.changes import Change, Names
from dispatch.selectors.timeline import entry_of
from gridcity.contracts import Actor, StaleVersion


@contextmanager
def explaining(actor: Actor, number: str, at: datetime) -> Iterator[None]:
    """Around an action: a stale version is told in the words that this actor may read.

    It stands outside the transaction of the action, which the refusal has undone by then.
    """
    try:
        yield
    except StaleVersion as stale:
        raise explained(stale, get_case(actor, number, at=at)) from stale


def explained(stale: StaleVersion, view: CaseView) -> StaleVersion:
    """The refusal with `changes`: [{field, before, after, by, at}], one for each field.

    A department whose turn is over hears that the case is elsewhere, and no more (law §1).
    """
    if view.later_turns:
        kept = {"state": view.case.state, "version": view.case.version}
        return StaleVersion(
            _("The case is with another department now; you see its states only."), **kept
        )
    moved = moves_since(view.events, view.case.version - stale.kept["seen"])
    names = Names.of(moved)
    told: dict[str, dict[str, str]] = {}
    for event in moved:
        entry = entry_of(event, names, [])
        for change in [*state_change(event), *entry.changes]:
            field = str(change.label)
            first = told.get(field, {}).get("before", change.before)
            told[field] = {
                "field": field, "before": first, "after": change.after, "by": entry.who,
                "at": event.at.isoformat(), "action": entry.label,
            }  # fmt: skip
    changes = [line for line in told.values() if line["before"] != line["after"]]
    return StaleVersion(stale.detail, **{**stale.kept, "changes": changes})


def moves_since(events: Sequence[Event], count: int) -> list[Event]:
    """The last events by which the version rose `count` times, oldest first."""
    found: list[Event] = []
    raised = 0
    for event in reversed(events):
        if raised == count:
            break
        found.append(event)
        raised += raises_version(event.action)
    return [event for event in reversed(found) if raises_version(event.action)]


def raises_version(action: str) -> bool:
    """By the table; what the clock recomputes is no row of it and raises the version too."""
    return all(row.raises_version for row in rows_of(action))


def state_change(event: Event) -> list[Change]:
    if event.from_state in {"", event.to_state}:
        return []
    before, after = (str(State(key).label) for key in (event.from_state, event.to_state))
    return [Change(__("State"), after, before)]


def changed_fields(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes of a refusal for a page, with instants instead of their text."""
    return [{**line, "at": datetime.fromisoformat(line["at"])} for line in kept.get("changes", ())]
