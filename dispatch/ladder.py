"""The ladder of escalation: which share of the limit tells whom (domain law §6.4).

Pure: ladders in, the one that holds for a case and a department out. A ladder is chosen when the
turn begins, as the handling limit is, and belongs to its clock from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Receiver(StrEnum):
    """Whom a level reaches: people of the department, or all on duty in a role."""

    MEMBERS = "members"
    LEAD = "lead"
    DISPATCHER = "dispatcher"
    DUTY_CHIEF = "duty_chief"
    OFFICIAL = "official"


OF_DEPARTMENT = frozenset({Receiver.MEMBERS, Receiver.LEAD})
WARNING_LEVEL = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """One level, at a share in per cent of the time allowed. Level 0 warns, the others escalate."""

    level: int
    share: int
    receiver: str


#: A default of this product: what holds where no ladder is set.
DEFAULT_RUNGS = (
    Rung(WARNING_LEVEL, 80, Receiver.MEMBERS),
    Rung(1, 100, Receiver.LEAD),
    Rung(2, 150, Receiver.DISPATCHER),
    Rung(3, 200, Receiver.DUTY_CHIEF),
    Rung(4, 300, Receiver.OFFICIAL),
)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs by level for a class group (kind, scheme, prefix) and a department; empty means any."""

    id: int
    kind: str
    scheme: str
    class_prefix: str
    department_id: int | None
    valid_from: datetime
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The turn for which a ladder is wanted."""

    kind: str
    scheme: str
    class_code: str
    department_id: int
    at: datetime


def choose(ladders: Iterable[Ladder], asked: Asked) -> Ladder | None:
    """The nearest ladder: of the department before any, then by the longer class prefix.

    Of two for the same the one that holds since later counts. None where none fits.
    """
    fitting = [ladder for ladder in ladders if _fits(ladder, asked)]
    return max(fitting, key=_nearness, default=None)


def _fits(ladder: Ladder, asked: Asked) -> bool:
    return (
        ladder.valid_from <= asked.at
        and ladder.department_id in {None, asked.department_id}
        and ladder.kind in {"", asked.kind}
        and ladder.scheme in {"", asked.scheme}
        and asked.class_code.startswith(ladder.class_prefix)
    )


def _nearness(ladder: Ladder) -> tuple[bool, int, bool, datetime, int]:
    return (
        ladder.department_id is not None,
        len(ladder.class_prefix),
        bool(ladder.kind),
        ladder.valid_from,
        ladder.id,
    )


def faults_of(rungs: Iterable[Rung]) -> list[str]:
    """What is wrong with a ladder, as keys: `none`, `early`, `late`, `order`."""
    ordered = sorted(rungs, key=lambda rung: rung.level)
    found = []
    if not any(rung.level != WARNING_LEVEL for rung in ordered):
        found.append("none")
    if any(rung.share >= 100 for rung in ordered if rung.level == WARNING_LEVEL):
        found.append("late")
    if any(rung.share < 100 for rung in ordered if rung.level != WARNING_LEVEL):
        found.append("early")
    shares = [rung.share for rung in ordered]
    if shares != sorted(set(shares)) or len({rung.level for rung in ordered}) != len(ordered):
        found.append("order")
    return found
