"""A job in the hands of whoever does it: its arguments in, its progress and its result out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from gridcity.contracts import Actor
from jobs.lease import Cancelled, Lease, LeaseLost, Progress
from jobs.models import FOLDER, Job


@dataclass(slots=True)
class Work:
    """What the `run` of a kind is given.

    `actor` is whoever asked, as he was then; `at` the instant at which he asked.
    """

    job: Job
    holder: UUID
    lease: Lease
    told: Progress
    is_finished: bool = False
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = self.job.arguments
        return arguments

    @property
    def actor(self) -> Actor:
        return actor_from(self.job.actor)

    @property
    def at(self) -> datetime:
        return self.job.asked_at

    @property
    def input(self) -> Path | None:
        """The uploaded file, or None."""
        return Path(self.job.input.path) if self.job.input else None

    def progress(
        self, step: str | None = None, done: int | None = None, total: int | None = None
    ) -> None:
        """Say how far it is; costs next to nothing. Raises Cancelled and LeaseLost: let them pass.

        A new `step` (a sentence in the language of whoever asked) begins to count anew.
        """
        self.told.tell(step=step, done=done, total=total)
        self.lease.check()

    @contextmanager
    def output(self, name: str) -> Iterator[Path]:
        """A file to write, which the page of the job then offers for download as `name`."""
        prefix = f"gridcity-job-{self.job.key}-"
        for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            if not left.name.startswith(f"{prefix}{self.job.attempts}-"):
                shutil.rmtree(left, ignore_errors=True)  # of an attempt whose worker was killed
        with tempfile.TemporaryDirectory(prefix=f"{prefix}{self.job.attempts}-") as folder:
            path = Path(folder, name)
            yield path
            with path.open("rb") as written:
                place = f"{FOLDER}/{self.job.key}/{self.job.attempts}/{name}"
                kept = default_storage.save(place, File(written))
            self.outputs.append({"name": name, "file": kept, "size": path.stat().st_size})

    def finish(self, result: dict[str, Any] | None = None) -> None:
        """End the row in the caller's transaction, as its last statement: both stand or neither.

        Raises Cancelled when somebody asked to stop before this instant, and LeaseLost when
        another worker has taken the job; both roll back what was written.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("finish belongs into the transaction of the work")
        self.lease.end()
        self.lease.check()
        held = Job.objects.select_for_update().filter(pk=self.job.pk, holder=self.holder)
        cancel_asked_at = held.values_list("cancel_asked_at").first()
        if cancel_asked_at is None:
            raise LeaseLost
        if cancel_asked_at[0] is not None:
            raise Cancelled
        told = self.told
        held.update(
            state=Job.State.DONE, ended_at=timezone.now(), holder=None, lease_until=None,
            result=result, outputs=self.outputs, step="", done=told.done, total=told.total,
            rate=told.rate,
        )  # fmt: skip
        self.is_finished = True


def actor_to(actor: Actor) -> dict[str, Any]:
    """An actor as it is kept with a job."""
    return asdict(actor) | {"roles": sorted(actor.roles)}


def actor_from(kept: dict[str, Any]) -> Actor:
    """The actor that `actor_to` kept."""
    return Actor(**{**kept, "roles": frozenset(kept["roles"])})
