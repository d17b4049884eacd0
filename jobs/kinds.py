"""The kinds of long work; each app registers its own when it is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridcity.contracts import Sentence

if TYPE_CHECKING:
    from jobs.models import Job
    from jobs.work import Work

Run = Callable[["Work"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of job is named, done and shown.

    `run` may be called again from the start after a worker was lost: what it writes it writes in
    one transaction that ends with `work.finish(result)`. It returns its result where it writes
    nothing. `result_url` leads to what came of a done job; `result_template` is included in the
    job's page with `job`. `waits_there` says that the page of the result shows the job as well
    while it runs, and what may be done when it failed or was stopped.
    """

    key: str
    label: Sentence
    run: Run
    result_url: Callable[[Job], str] | None = None
    result_template: str = ""
    waits_there: bool = False


_KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known. Raises ValueError when another one has its key."""
    if _KINDS.setdefault(kind.key, kind) != kind:
        raise ValueError(f"two kinds of jobs are called {kind.key}")


def get_kind(key: str) -> Kind | None:
    """The kind of this key, or None when the app that had it is gone."""
    return _KINDS.get(key)
