"""Who is told of a publication: rules of a higher app that name cells and areas by their codes.

The apps above register what they do when theirs are ready; it happens in the transaction of the
publication, and what they answer stands in its report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gridcity.contracts import Actor


@dataclass(frozen=True, slots=True)
class Passage:
    """From one edition to the next. The maps lead from a new code to that of the most ground."""

    edition_id: int
    at: datetime
    on: date
    cells: dict[str, str] = field(default_factory=dict)
    communities: dict[str, str] = field(default_factory=dict)
    streets: dict[str, str] = field(default_factory=dict)


Follower = Callable[[Actor, Passage], dict[str, Any]]
_FOLLOWERS: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    """Have this done at every publication. Raises ValueError when another one has the name."""
    if _FOLLOWERS.setdefault(name, follower) is not follower:
        raise ValueError(f"two followers of a publication are called {name}")


def follow(actor: Actor, passage: Passage) -> dict[str, Any]:
    """Do all of it; returns what each answered, by name."""
    return {name: follower(actor, passage) for name, follower in sorted(_FOLLOWERS.items())}
