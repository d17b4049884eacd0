"""All checks in order, and one look at them: for the page, the command and the first page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gridcity.selfcheck import ground, keeping, register, running
from gridcity.selfcheck.findings import Check, Level, Line

CHECKS: tuple[Check, ...] = (*ground.CHECKS, *register.CHECKS, *running.CHECKS)
# What stands at the head of the administration's first page: cheap, and everybody's business.
AT_THE_HEAD = (
    "calendar", "department-users", "patrol-hours", "patrol-cells", "class-standard",
    "routing-gaps", "sweep-errors", "dead-letters",
)  # fmt: skip
KEPT_KEYS = [*ground.GROUND_KEYS, *register.PART_KEYS]


def look(at: datetime, keys: Iterable[str] | None = None) -> list[Line]:
    """What the checks find now: all of them, or those of these keys in the order given."""
    known = {check.key: check for check in CHECKS}
    wanted = CHECKS if keys is None else [known[key] for key in keys if key in known]
    return [Line(check, check.look(at), at) for check in wanted]


def look_at(key: str, at: datetime) -> Line | None:
    """What one check finds now; None for a key that no check has."""
    return next(iter(look(at, [key])), None)


def look_anew() -> None:
    """Forget the answers that are kept, so that the next look is at the rows themselves."""
    keeping.forget(KEPT_KEYS)


def worst(lines: Iterable[Line]) -> Level:
    levels = {line.finding.level for line in lines}
    return next((level for level in Level if level in levels), Level.FINE)


def as_data(line: Line) -> dict[str, Any]:
    """A line as plain data, for machines."""
    finding = line.finding
    return {
        "key": line.check.key,
        "group": str(line.check.group),
        "title": str(line.check.title),
        "level": finding.level.value,
        "count": finding.count,
        "said": str(finding.said),
        "todo": str(line.check.todo) if finding.count else "",
        "url": line.url,
        "as_of": line.as_of.isoformat(),
        "rows": [{"name": row.name, "said": str(row.said), "url": row.url} for row in finding.rows],
    }
