"""The sweep that sends what is owed beyond the in-app lists: the only place from which it leaves.

One sender at a time, so that slow receivers never take the workers from the clocks. Each outlet
has a thread of its own for a batch; threads send and touch no database, this one claims and marks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from queue import Empty, SimpleQueue

from django.db import connection

from cases.channels import Parcel, Undelivered, carrier_of
from cases.selectors.outgoing import is_quiet, parcels
from cases.services.outgoing import claim, mark_sent, note_failure, release

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

LIMIT = 200
THREADS = 8
BUDGET = timedelta(seconds=20)
# Any number that no other lock of the product's has.
SENDER_LOCK = 4711_0001


@dataclass(slots=True)
class Sent:
    """What a sweep did."""

    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel: arrived, failed with `failure`, or not tried."""

    parcel: Parcel
    is_sent: bool = False
    failure: Undelivered | None = None


def send_owed(*, clock: Clock) -> Sent:
    """Send what is owed by now, in bounded batches; nothing while another process sends."""
    done = Sent()
    with _only_sender() as is_mine:
        end = clock() + BUDGET
        while is_mine:
            now = clock()
            ids = claim(at=now, quiet=is_quiet(now), limit=LIMIT)
            if ids:
                _send_batch(parcels(ids), clock, end, done)
            if not ids or clock() >= end:
                break
    return done


@contextmanager
def _only_sender() -> Iterator[bool]:
    """Whether this process may send. The lock ends with the session, that of a frozen one too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_lock(%s), set_config('idle_session_timeout', '90s', false)",
            [SENDER_LOCK],
        )
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_session_timeout', '0', false)")
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])


def _send_batch(batch: list[Parcel], clock: Clock, end: datetime, done: Sent) -> None:
    """Hand each outlet its parcels in a thread, and mark each outcome as soon as it is known."""
    told: SimpleQueue[Outcome] = SimpleQueue()
    groups = [list(group) for _outlet, group in groupby(sorted(batch, key=_outlet_of), _outlet_of)]
    with ThreadPoolExecutor(min(THREADS, len(groups))) as threads:
        for group in groups:
            threads.submit(_send_group, group, told, lambda: clock() >= end)
        left = len(batch)
        while left:
            outcomes = _drain(told)
            left -= len(outcomes)
            _mark(outcomes, clock(), done)


def _outlet_of(parcel: Parcel) -> str:
    return parcel.outlet


def _drain(told: SimpleQueue[Outcome]) -> list[Outcome]:
    """What is known by now; waits for the first."""
    outcomes = [told.get()]
    while True:
        try:
            outcomes.append(told.get_nowait())
        except Empty:
            return outcomes


def _mark(outcomes: list[Outcome], at: datetime, done: Sent) -> None:
    sent = [outcome.parcel for outcome in outcomes if outcome.is_sent]
    if sent:
        mark_sent(ids=[p.id for p in sent], outlets={p.outlet for p in sent}, at=at)
        done.sent += len(sent)
    untried = [o.parcel.id for o in outcomes if not o.is_sent and o.failure is None]
    if untried:
        release(ids=untried, at=at)
    for outcome in outcomes:
        if outcome.failure is not None:
            done.failed += 1
            failure, parcel = outcome.failure, outcome.parcel
            log.warning("notice %s by %s failed: %s", parcel.id, parcel.outlet, failure.error)
            note_failure(
                delivery_id=parcel.id, outlet=parcel.outlet, error=failure.error,
                outlet_fails=failure.outlet_fails, is_final=failure.is_final, at=at,
            )  # fmt: skip


def _send_group(
    group: list[Parcel], told: SimpleQueue[Outcome], is_over: Callable[[], bool]
) -> None:
    """Send to one outlet, one after the other; once it fails the rest is left for later.

    Runs in a thread: every parcel comes back as one outcome, whatever happens.
    """
    waiting = list(group)
    try:
        with closing(carrier_of(_channel_of(group[0]))) as carrier:
            while waiting and not is_over():
                failure = _send_one(carrier.send, waiting[0])
                told.put(Outcome(waiting.pop(0), failure is None, failure))
                if failure is not None and failure.outlet_fails and not failure.is_final:
                    break
    except Undelivered as failure:
        told.put(Outcome(waiting.pop(0), failure=failure))
    except Exception as problem:
        log.exception("a carrier could not be opened or closed")
        if waiting:
            told.put(Outcome(waiting.pop(0), failure=Undelivered(type(problem).__name__)))
    finally:
        for parcel in waiting:
            told.put(Outcome(parcel))


def _channel_of(parcel: Parcel) -> str:
    return parcel.outlet.partition("-")[0]


def _send_one(send: Callable[[Parcel], None], parcel: Parcel) -> Undelivered | None:
    """Send a parcel; what went wrong, or nothing."""
    if not parcel.address:
        return Undelivered("no address", outlet_fails=False, is_final=True)
    try:
        send(parcel)
    except Undelivered as failure:
        return failure
    except Exception as problem:
        # A fault of ours or of a city's gateway must not stop the others.
        log.exception("notice %s could not be sent", parcel.id)
        return Undelivered(type(problem).__name__)
    return None
