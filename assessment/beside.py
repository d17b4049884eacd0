"""What stands beside a figure wherever it is shown, by what the figure means. Pure (§§3, 6).

Few filed cases can mean hidden ones, what was settled on the spot is in no figure, and a forced
close is no close.
"""

from __future__ import annotations

from enum import Enum

from assessment.models import Subject


class Meaning(Enum):
    """What a figure says, whatever it is counted over."""

    FILED = "filed"
    HANDLED = "handled"
    CLOSED = "closed"
    CLOSE_RATE = "close rate"


_MEANINGS: dict[str, frozenset[Meaning]] = {
    "filed": frozenset({Meaning.FILED}),
    "handled": frozenset({Meaning.HANDLED}),
    "handled_share": frozenset({Meaning.HANDLED}),
    "closed": frozenset({Meaning.CLOSED}),
    "closed_share": frozenset({Meaning.CLOSED, Meaning.CLOSE_RATE}),
}
# A department is counted by its turns: what was dispatched to it is what was filed for it, and
# what it has handled of it is what was closed.
_OF_DEPARTMENTS = _MEANINGS | {
    "dispatches": frozenset({Meaning.FILED}),
    "handled_share": frozenset({Meaning.HANDLED, Meaning.CLOSE_RATE}),
}

_BESIDE: dict[Meaning, tuple[str, ...]] = {
    Meaning.FILED: ("self_handled",),
    Meaning.HANDLED: ("self_handled",),
    Meaning.CLOSED: ("self_handled",),
    Meaning.CLOSE_RATE: ("forced_share",),
}
# Of scores alone: who else found what was filed.
_BESIDE_SCORES: dict[Meaning, tuple[str, ...]] = {Meaning.FILED: ("public_share", "missed")}


def beside(key: str, dimension: str = "") -> tuple[str, ...]:
    """The figures that stand beside one, of everything or by a dimension."""
    return _found(key, dimension, _BESIDE)


def beside_score(key: str, subject: str) -> tuple[str, ...]:
    """And beside a term of a score that is made of it."""
    return tuple(
        dict.fromkeys((*_found(key, subject, _BESIDE_SCORES), *_found(key, subject, _BESIDE)))
    )


def _found(key: str, dimension: str, told: dict[Meaning, tuple[str, ...]]) -> tuple[str, ...]:
    meanings = _OF_DEPARTMENTS if dimension == Subject.DEPARTMENT else _MEANINGS
    found = meanings.get(key, frozenset())
    return tuple(dict.fromkeys(
        other for meaning, listed in told.items() if meaning in found for other in listed
    ))  # fmt: skip
