"""How a worker holds a job: it tells of its life and hears of a wish to stop, beside the work."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, connections

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
BEAT_S = 1.0

_BEAT = """
    update jobs_job set lease_until = now() + %s, step = %s, done = %s, total = %s, rate = %s
    where id = %s and holder = %s and state = 'running'
    returning cancel_asked_at is not null"""


class Cancelled(Exception):
    """Somebody asked to stop this job; what it wrote is rolled back."""


class LeaseLost(Exception):
    """This worker stood still for too long and another one does the work now."""


class Progress:
    """How far a job is: written by the work, read by the lease; rate since the step began."""

    def __init__(self) -> None:
        self.step = ""
        self.done = 0
        self.total: int | None = None
        self._began = (time.monotonic(), 0)

    def tell(self, *, step: str | None, done: int | None, total: int | None) -> None:
        if step is not None and step != self.step:
            self.step, self.done, self.total = step, done or 0, None
            self._began = (time.monotonic(), self.done)
        if done is not None:
            self.done = done
        if total is not None:
            self.total = total

    @property
    def rate(self) -> float | None:
        """What is done a second, or None before anything can be said."""
        at, done = self._began
        passed_s = time.monotonic() - at
        return (self.done - done) / passed_s if self.done > done and passed_s > 0 else None


class Lease(Protocol):
    """What the work needs of its lease."""

    def check(self) -> None:
        """Raise Cancelled or LeaseLost when the work must stop."""

    def end(self) -> None:
        """Tell nothing any more: the work is about to end its row itself."""


class HeldLease:
    """Of a job that is done where it was asked: in tests and by hand. Nobody else can take it."""

    def check(self) -> None:
        return

    def end(self) -> None:
        return


class KeptLease:
    """Renews the lease each second by a connection of its own, while the work keeps the other.

    The work's transaction shows nothing before its end, so its progress must be told beside it.
    A wish to stop also breaks off the statement that the work's connection is waiting for.
    """

    def __init__(self, job_id: int, holder: UUID, progress: Progress) -> None:
        self.job_id, self.holder, self.progress = job_id, holder, progress
        self.is_cancelled = self.is_lost = False
        self._over = threading.Event()
        self._at_work = connection.connection
        self._thread = threading.Thread(target=self._keep, name=f"lease-{job_id}", daemon=True)
        self._thread.start()

    def check(self) -> None:
        if self.is_cancelled:
            raise Cancelled
        if self.is_lost:
            raise LeaseLost

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        told = connections.create_connection("default")
        try:
            while not self._over.wait(BEAT_S):
                with contextlib.suppress(Exception):  # the next beat tries again
                    self._beat(told)
                if self.is_cancelled or self.is_lost:
                    self._break_off()
        finally:
            told.close()

    def _beat(self, told: Any) -> None:
        told.close_if_unusable_or_obsolete()
        progress = self.progress
        step, done, total = progress.step[:200], progress.done, progress.total
        with told.cursor() as cursor:
            cursor.execute(
                _BEAT, [LEASE, step, done, total, progress.rate, self.job_id, self.holder]
            )
            row = cursor.fetchone()
        self.is_lost = row is None
        self.is_cancelled = bool(row and row[0])

    def _break_off(self) -> None:
        with contextlib.suppress(Exception):
            if self._at_work is not None and not self._over.is_set():
                self._at_work.cancel_safe(timeout=2)
