"""`sweep`: timers that are due, done by two workers as in production, and how late they come.

Ended cases of the bench are put back into handling, or before their closing, with a clock that has
just run out: the sweep then does with them what it does every second. It spends the database.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from django.db import connection

from bench import floors
from bench.server import ROOT

NOTICES, TRANSITIONS, STEADY = 100_000, 4_000, 600
# The floor takes as many at once as the product does, and has cases of its own: they are used up.
FLOOR_BATCHES, BATCH = 40, 500
WORKERS = 2
STEADY_RATE = 20  # timers that become due in a second
# A measurement that does not come to its end is cut off, and said to have been.
SETTLE_S, MOST_S = 240, 120
NOTICE_TARGET, TRANSITION_TARGET, MOST_LAG_S = 3_000, 200, 2.0


@dataclass(slots=True)
class Sweeping:
    """How many timers two workers did a second, and the lag at a steady pace."""

    notices: int = 0
    notice_rate: float = 0.0
    notice_floor: float = 0.0
    transitions: int = 0
    transition_rate: float = 0.0
    steady: int = 0
    lag_p99_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def notice_ratio(self) -> float:
        """How many times faster the same statements are without the product."""
        return self.notice_floor / self.notice_rate if self.notice_rate else float("inf")

    def missed(self) -> list[str]:
        found = list(self.failures)
        if self.notice_rate < NOTICE_TARGET:
            found.append(f"{self.notice_rate:,.0f} notices < {NOTICE_TARGET:,}/s")
        if self.transition_rate < TRANSITION_TARGET:
            found.append(f"{self.transition_rate:,.0f} transitions < {TRANSITION_TARGET}/s")
        if self.lag_p99_s > MOST_LAG_S:
            found.append(f"lag p99 {self.lag_p99_s:.1f} > {MOST_LAG_S:.0f} s")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "notices": self.notices, "notices_a_second": round(self.notice_rate),
            "notices_sql_floor": round(self.notice_floor),
            "notices_sql_ratio": round(self.notice_ratio, 2),
            "transitions": self.transitions, "transitions_a_second": round(self.transition_rate),
            "steady": self.steady, "steady_lag_p99_s": round(self.lag_p99_s, 2),
            "missed": self.missed(),
        }  # fmt: skip


def measure_sweep(*, share: float = 1.0) -> Sweeping:
    """Notices, then transitions, then a steady pace; `share` of the full numbers."""
    seen = Sweeping()
    transitions, steady = int(TRANSITIONS * share), int(STEADY * share)
    batches = int(FLOOR_BATCHES * share)
    notices = min(int(NOTICES * share), endings() - transitions - steady - batches * BATCH)
    with workers("drain", SETTLE_S) as sweep:  # what the filled cases owe by themselves
        sweep()
    seen.notice_floor = notice_floor(batches)
    with workers("drain", MOST_S) as sweep:
        seen.notices = due_notices(notices)
        done, seen.notice_rate = counted(fired, sweep)
    if done < seen.notices:
        seen.failures.append(f"{done:,} of {seen.notices:,} timers fired")
    with workers("drain", MOST_S) as sweep:
        seen.transitions = due_transitions(transitions)
        done, seen.transition_rate = counted(closed, sweep)
    if done < seen.transitions:
        seen.failures.append(f"{done:,} of {seen.transitions:,} cases were closed")
    with workers("steady", steady / STEADY_RATE + 3) as sweep:
        seen.steady = coming_notices(steady)
        sweep()
    seen.lag_p99_s = lag_p99(seen.steady)
    return seen


def notice_floor(batches: int) -> float:
    """Notices a second by bare SQL on as many connections as there are workers."""
    prepared = due_notices(batches * BATCH)
    return BATCH * floors.spent(
        "sweep", batches=prepared // BATCH, batch=BATCH, connections=WORKERS
    )


def counted(count: Callable[[], int], sweep: Callable[[], None]) -> tuple[int, float]:
    """How many were done by a sweep, and how many a second."""
    before, began = count(), time.monotonic()
    sweep()
    seconds = time.monotonic() - began
    done = count() - before
    return done, done / seconds


@contextmanager
def workers(mode: str, seconds: float) -> Iterator[Callable[[], None]]:
    """Two processes that sweep side by side, as two workers do, once they are called upon.

    They are up before what they will do becomes due: their start is not measured. What is given
    sweeps to the end, and raises when one of them fails.
    """
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.sweeper", mode, str(seconds), str(number)],
            cwd=ROOT, env={**os.environ, "GRIDCITY_LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(WORKERS)
    ]  # fmt: skip

    def sweep() -> None:
        for process in running:
            assert process.stdin is not None
            process.stdin.close()  # that is the sign
        for process in running:
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, process.args)

    try:
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        yield sweep
    finally:
        for process in running:
            process.kill()
            process.wait()


# Ended cases that were handled by a department, each with its last turn, in an order of its own.
_CHOSEN = """
    create temp table chosen on commit drop as
    select c.id as case_id, c.last_seq as seq, t.id as turn_id,
           row_number() over (order by hashint8(c.id)) as n
    from cases_case c
    cross join lateral (
        select id from dispatch_turn where case_id = c.id order by number desc limit 1) t
    where c.state = 'CLOSED' and c.filed_at is not null
    order by hashint8(c.id) limit %(count)s
"""
_OPEN_STAY = """
    insert into cases_stay (case_id, seq, state, began_at, limit_s, used_before_s, due_at,
                            green_until, provisional, actor_role, undone)
    select case_id, seq, %(state)s, now() - interval '1 hour', 3600, 0, {due}, {due}, false, '',
           false
    from chosen
"""
_OPEN_CASE = """
    update cases_case c
    set state = %(state)s, ended_at = null, state_since = now() - interval '1 hour',
        due_at = {due}, green_until = {due}, force_close_at = null
    from chosen where chosen.case_id = c.id
"""
_RUN_TURN = """
    update dispatch_turn t
    set ended_at = null, end_kind = '', finished_at = null, finish_in_time = null,
        running_since = now() - interval '1 hour', due_at = {due},
        marks = array[{due}, 'infinity'::timestamptz], timer_level = 0, timer_at = {due},
        ladder_id = null
    from chosen where chosen.turn_id = t.id
"""
_FINISHED_TURN = """
    update dispatch_turn t
    set ended_at = null, end_kind = '', finished_at = now() - interval '1 hour',
        finish_in_time = true
    from chosen where chosen.turn_id = t.id
"""


def due_notices(count: int) -> int:
    """So many handling clocks whose first level is due, within the last half minute."""
    due = "now() - interval '30 seconds' + chosen.n * interval '100 microseconds'"
    return prepare(count, "HANDLING", (_RUN_TURN.format(due=due),), due)


def due_transitions(count: int) -> int:
    """So many cases that the clock has to close."""
    return prepare(count, "TO_CLOSE", (_FINISHED_TURN,), "now() - interval '1 second'")


def coming_notices(count: int) -> int:
    """So many handling clocks of which some become due in each of the next seconds."""
    due = f"now() + interval '2 seconds' + chosen.n * interval '1 second' / {STEADY_RATE}"
    return prepare(count, "HANDLING", (_RUN_TURN.format(due=due),), due)


def prepare(count: int, state: str, turns: Sequence[str], due: str) -> int:
    said: dict[str, Any] = {"count": count, "state": state}
    with connection.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute(_CHOSEN, said)
        for statement in (*turns, _OPEN_STAY.format(due=due), _OPEN_CASE.format(due=due)):
            cursor.execute(statement, said)
        cursor.execute("select count(*) from chosen")
        found: int = cursor.fetchone()[0]
        cursor.execute("commit")
        cursor.execute("vacuum (analyze) cases_case, cases_stay, dispatch_turn")
    return found


def endings() -> int:
    """How many cases there are to be opened again; each is used once."""
    return _count("select count(*) from cases_case where state = 'CLOSED' and filed_at is not null")


def fired() -> int:
    return _count("select count(*) from dispatch_timerfiring where clock_kind = 'turn'")


def closed() -> int:
    return _count("select count(*) from cases_event where action = 'close' and role = 'clock'")


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: int = cursor.fetchone()[0]
        return found


def lag_p99(count: int) -> float:
    """Seconds from due to done, of the timers that came last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from at - occurred_at)::float8 from dispatch_timerfiring"
            " order by id desc limit %s",
            [count],
        )
        lags = [row[0] for row in cursor.fetchall()]
    return quantiles(lags, n=100)[98] if len(lags) > 1 else float("inf")
