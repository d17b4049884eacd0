"""What the clock tells people: warnings, escalations, late desks (domain law §6.4).

Notices change no state. A batch is one transaction of a few statements: lock, ledger, events,
deliveries, next instant. Rows that somebody else holds are left to the next sweep; the ledger's
unique key is the last guard against firing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from cases.models import Event
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.services.notices import Owed, owe
from cases.services.transition import chain_sha256
from cases.workflow import DESKS
from dispatch.ladder import OF_DEPARTMENT, WARNING_LEVEL, Receiver
from dispatch.models import ClockKind, Membership, Turn
from dispatch.selectors.ladders import rungs_of
from dispatch.services.sweep_errors import left_out, resolve_errors
from gridcity.contracts import Role

# A desk is late at 100 % of its limit, the next above hears of it at 200 %. Level 0 is for what has
# waited a day while its desk does not work: nobody there would see it.
IDLE, DESK_LATE = 0, 1


@dataclass(slots=True)
class ChainEnd:
    """A locked case as far as a notice needs it: its state, and the end of its chain of events."""

    pk: int
    number: str
    state: str
    last_seq: int
    last_sha256: bytes


@dataclass(frozen=True, slots=True)
class Firing:
    """One level of one clock that is due; `told` is a role, or `members`/`lead` of a department."""

    clock_kind: str
    clock_id: int
    level: int
    share: int
    due_at: datetime
    case: ChainEnd
    told: str
    department_id: int | None = None
    # Of the desk, who may not answer: he would review what he did himself.
    but: int | None = None

    @property
    def notice(self) -> NoticeKind:
        if self.clock_kind != ClockKind.TURN:
            return NoticeKind.IDLE if self.level == IDLE else NoticeKind.DESK_LATE
        return NoticeKind.WARNING if self.level == WARNING_LEVEL else NoticeKind.ESCALATION


class Source(Protocol):
    """Where firings come from: how early the next one is, and a locked batch of them."""

    kind: str

    def head(self, at: datetime) -> datetime | None: ...

    def lock(self, until: datetime, at: datetime, limit: int) -> list[Firing]: ...

    def done(self, fired: Sequence[Firing]) -> None: ...


def beyond_desk(role: str) -> str:
    """Who hears of a desk at 200 % or after a day: the duty chief, of his own the officials."""
    return Role.OFFICIAL if role == Role.DUTY_CHIEF else Role.DUTY_CHIEF


_CASE = "c.id, c.number, c.state, c.last_seq, c.last_sha256"


class TurnTimers:
    """Warn and escalate at the shares of the time allowed that the turn's ladder names."""

    kind = "turn"

    def head(self, at: datetime) -> datetime | None:
        due = Turn.objects.filter(timer_at__lt=at).exclude(pk__in=left_out(self.kind, at))
        return due.order_by("timer_at").values_list("timer_at", flat=True).first()

    def lock(self, until: datetime, at: datetime, limit: int) -> list[Firing]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id, t.timer_level, t.ladder_id, t.timer_at, t.department_id,"
                " c.id, c.number, c.state, c.last_seq, c.last_sha256"
                " FROM dispatch_turn t JOIN cases_case c ON c.id = t.case_id"
                " WHERE t.timer_at < %s AND t.id <> ALL(%s) ORDER BY t.timer_at, t.id LIMIT %s"
                # Turn and case together: a case that somebody moves now is left to the next sweep.
                " FOR NO KEY UPDATE OF t, c SKIP LOCKED",
                [until, left_out(self.kind, at), limit],
            )
            return [self._firing(row) for row in cursor.fetchall()]

    @staticmethod
    def _firing(row: tuple[Any, ...]) -> Firing:
        clock_id, fired, ladder_id, due_at, department_id, *case = row
        rung = rungs_of(ladder_id)[fired]
        return Firing(
            ClockKind.TURN,
            clock_id,
            rung.level,
            rung.share,
            due_at,
            ChainEnd(*case),
            told=rung.receiver,
            department_id=department_id if rung.receiver in OF_DEPARTMENT else None,
        )

    def done(self, fired: Sequence[Firing]) -> None:
        with connection.cursor() as cursor:
            # Arrays count from 1: the mark after the one that fired, none after the last.
            cursor.execute(
                "UPDATE dispatch_turn SET timer_level = timer_level + 1,"
                " timer_at = marks[timer_level + 2] WHERE id = ANY(%s)",
                [[firing.clock_id for firing in fired]],
            )


# Open visits of desks whose instants have passed and are not in the ledger. 200 % lies one more
# limit of the desk's own working time after the due instant. A case to be closed is closed by the
# clock at 100 %; only where that failed does anybody hear of it, at 200 %. A visit whose clock goes
# on (after a verification, an undone step) tells nothing again that an earlier visit of the same
# clock has told; each visit's day is its own.
_LATE_STAYS = """
    FROM cases_stay s
    CROSS JOIN LATERAL (
        VALUES (1, 100, s.due_at),
            (2, 200, coalesce(s.twice_at, s.due_at + s.limit_s * interval '1 second')),
            (0, 0, s.idle_at)
    ) AS late (level, share, at)
    JOIN cases_case c ON c.id = s.case_id
    WHERE s.ended_at IS NULL AND (s.due_at < %(until)s OR s.idle_at < %(until)s)
      AND late.at < %(until)s
      AND s.state = ANY(%(desks)s) AND NOT (s.state = 'TO_CLOSE' AND late.level = 1)
      AND s.id <> ALL(%(left_out)s)
      AND NOT EXISTS (
        SELECT FROM dispatch_timerfiring f
        WHERE f.clock_kind = 'stay' AND f.clock_id = s.id AND f.level = late.level)
      AND NOT (s.used_before_s > 0 AND late.level > 0 AND EXISTS (
        SELECT FROM dispatch_timerfiring f JOIN cases_stay e ON e.id = f.clock_id
        WHERE f.clock_kind = 'stay' AND f.case_id = s.case_id AND f.level = late.level
          AND e.state = s.state AND e.seq < s.seq AND e.seq >= (
            SELECT max(b.seq) FROM cases_stay b
            WHERE b.case_id = s.case_id AND b.state = s.state AND b.seq < s.seq
              AND b.used_before_s = 0)))
"""
# What no lead answers the clock passes on at 100 %; only where that failed does anybody hear of it.
_LATE_STEPS = """
    FROM dispatch_requeststep s
    CROSS JOIN LATERAL (
        VALUES (1, 100, s.due_at),
            (2, 200, coalesce(s.twice_at, s.due_at + s.limit_s * interval '1 second')),
            (0, 0, s.idle_at)
    ) AS late (level, share, at)
    JOIN dispatch_request r ON r.id = s.request_id
    JOIN cases_case c ON c.id = r.case_id
    WHERE s.ended_at IS NULL AND (s.due_at < %(until)s OR s.idle_at < %(until)s)
      AND late.at < %(until)s
      AND NOT (s.reviewer_role = 'department' AND late.level = 1)
      AND s.id <> ALL(%(left_out)s)
      AND NOT EXISTS (
        SELECT FROM dispatch_timerfiring f
        WHERE f.clock_kind = 'step' AND f.clock_id = s.id AND f.level = late.level)
"""
# No dispatcher reviews the appeal against a turn that he dispatched himself (domain law §5).
_OWN_APPEAL = """
    CASE WHEN r.kind = 'APPEAL' AND s.reviewer_role = 'dispatcher' THEN (
        SELECT t.dispatched_by_id FROM dispatch_turn t WHERE t.id = r.turn_id) END
"""


class DeskTimers:
    """A desk stage or a review step is late: all on duty at that desk, then the next above.

    The next above also hears of what has waited a day without a word (domain law §6.4, end).
    """

    def __init__(self, kind: str, late: str, desk: str, but: str) -> None:
        self.kind = kind
        self._late = late
        self._desk = desk
        self._but = but

    def _values(self, until: datetime, at: datetime) -> dict[str, Any]:
        return {
            "until": until,
            "desks": [str(state) for state in DESKS],
            "left_out": left_out(self.kind, at),
        }

    def head(self, at: datetime) -> datetime | None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT min(late.at) {self._late}", self._values(at, at))
            found: datetime | None = cursor.fetchone()[0]
        return found

    def lock(self, until: datetime, at: datetime, limit: int) -> list[Firing]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.id, late.level, late.share, late.at, {self._desk}, {self._but},"
                f" {_CASE} {self._late}"
                # A case that somebody moves now is left to the next sweep.
                " ORDER BY late.at, s.id LIMIT %(limit)s FOR NO KEY UPDATE OF c SKIP LOCKED",
                {**self._values(until, at), "limit": limit},
            )
            rows = cursor.fetchall()
        cases: dict[int, ChainEnd] = {}
        return [self._firing(row, cases) for row in rows]

    def _firing(self, row: tuple[Any, ...], cases: dict[int, ChainEnd]) -> Firing:
        clock_id, level, share, due_at, desk, but, case_id, *rest = row
        # Two levels of one case in a batch follow each other in its chain.
        case = cases.setdefault(case_id, ChainEnd(case_id, *rest))
        role = DESKS.get(desk, desk)
        told = role if level == DESK_LATE else beyond_desk(role)
        but = but if level == DESK_LATE else None
        return Firing(self.kind, clock_id, level, share, due_at, case, told=told, but=but)

    def done(self, fired: Sequence[Firing]) -> None:
        """The ledger alone keeps what a desk was told."""


NOTICE_SOURCES: tuple[Source, ...] = (
    TurnTimers(),
    DeskTimers(ClockKind.STAY, _LATE_STAYS, "s.state", "NULL"),
    DeskTimers(ClockKind.STEP, _LATE_STEPS, "s.reviewer_role", _OWN_APPEAL),
)


def fire(source: Source, *, until: datetime, at: datetime, limit: int) -> int:
    """Fire what is due before `until`, at most `limit`; returns how many were looked at."""
    with transaction.atomic():
        firings = source.lock(until, at, limit)
        if firings:
            new = _into_ledger(firings, at)
            _append_urges(new, at)
            _deliver(new, at)
            source.done(firings)
            resolve_errors(source.kind, [firing.clock_id for firing in firings], at)
    return len(firings)


def _into_ledger(firings: Sequence[Firing], at: datetime) -> list[Firing]:
    """Write the ledger; returns those that were not in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dispatch_timerfiring"
            " (clock_kind, clock_id, level, share, case_id, occurred_at, at)"
            " SELECT *, %s FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::int[],"
            " %s::bigint[], %s::timestamptz[])"
            " ON CONFLICT DO NOTHING RETURNING clock_id, level",
            [
                at,
                [firing.clock_kind for firing in firings],
                [firing.clock_id for firing in firings],
                [firing.level for firing in firings],
                [firing.share for firing in firings],
                [firing.case.pk for firing in firings],
                [firing.due_at for firing in firings],
            ],
        )
        fresh = set(cursor.fetchall())
    return [firing for firing in firings if (firing.clock_id, firing.level) in fresh]


def _append_urges(firings: Sequence[Firing], at: datetime) -> None:
    """Append `urge` by the clock to each locked case's chain; it raises no version."""
    events = [_urge(firing, at) for firing in firings]
    ends = list({firing.case.pk: firing.case for firing in firings}.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_event (case_id, seq, action, role, occurred_at, at, time_flagged,"
            " from_state, to_state, reason, changes, prev_sha256, sha256)"
            " SELECT id, seq, 'urge', %s, occurred_at, %s, false, state, state, '', changes, prev,"
            " sha256 FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::text[],"
            " %s::jsonb[], %s::bytea[], %s::bytea[])"
            " AS e (id, seq, occurred_at, state, changes, prev, sha256)",
            [
                Role.CLOCK,
                at,
                [event.case_id for event in events],
                [event.seq for event in events],
                [event.occurred_at for event in events],
                [event.to_state for event in events],
                [json.dumps(event.changes) for event in events],
                [bytes(event.prev_sha256) for event in events],
                [bytes(event.sha256) for event in events],
            ],
        )
        cursor.execute(
            "UPDATE cases_case c SET last_seq = u.seq, last_sha256 = u.sha256"
            " FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS u (id, seq, sha256)"
            " WHERE c.id = u.id",
            [
                [case.pk for case in ends],
                [case.last_seq for case in ends],
                [case.last_sha256 for case in ends],
            ],
        )


def _urge(firing: Firing, at: datetime) -> Event:
    """The event, linked to the end of its case's chain, which moves on to it."""
    case = firing.case
    event = Event(
        case_id=case.pk,
        seq=case.last_seq + 1,
        action="urge",
        role=Role.CLOCK,
        occurred_at=min(firing.due_at, at),
        at=at,
        from_state=case.state,
        to_state=case.state,
        reason="",
        changes={"clock": firing.clock_kind, "share": firing.share, "told": firing.told},
        prev_sha256=case.last_sha256,
    )
    event.sha256 = chain_sha256(event, case.number)
    case.last_seq, case.last_sha256 = event.seq, bytes(event.sha256)
    return event


def _deliver(firings: Sequence[Firing], at: datetime) -> None:
    """Owe each receiver his notice, in the order of the due instants."""
    people = _people(firings)
    owe(
        [
            Owed(
                firing.case.pk, receiver, firing.notice,
                {"share": firing.share, "clock": firing.clock_kind},
            )
            for firing in firings
            for receiver in people[(firing.told, firing.department_id)]
            if receiver != firing.but
        ],
        at=at,
    )  # fmt: skip


def _people(firings: Iterable[Firing]) -> dict[tuple[str, int | None], list[int]]:
    """Receivers by what is told to whom; a department without a lead hears it as a whole."""
    wanted = {(firing.told, firing.department_id) for firing in firings}
    members: dict[int, list[tuple[int, bool]]] = {}
    rows = Membership.objects.acting().filter(
        department__in={department for _told, department in wanted if department}
    )
    for department, user, is_lead in rows.values_list("department_id", "user_id", "is_lead"):
        members.setdefault(department, []).append((user, is_lead))
    found: dict[tuple[str, int | None], list[int]] = {}
    for told, department_id in wanted:
        if told in OF_DEPARTMENT:
            own = members.get(department_id or 0, [])
            leads = [user for user, is_lead in own if is_lead]
            everybody = [user for user, _is_lead in own]
            found[(told, department_id)] = (
                (leads or everybody) if told == Receiver.LEAD else everybody
            )
        else:
            found[(told, department_id)] = on_duty([told])
    return found
