"""What becomes of one case, step by step, as rows in the text format of COPY.

The services would write the same rows one by one, some hundred cases a second. Here the law of
the case is told from a few kinds of lives; `tests/bench` checks what was told against the chain,
the clocks and the constraints of the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from bench.generate.columns import NULL, Rows, moment, stamp
from bench.generate.facts import (
    DESCRIPTIONS,
    PLACES,
    RESULTS,
    CellFacts,
    ClassFacts,
    DepartmentFacts,
    Facts,
)
from cases.clocks.deadlines import due
from cases.clocks.lamps import TIMER_SHARES
from cases.clocks.numbers import GREEN, NUMBERS, STAGE_MINUTES
from dispatch import handling_clock
from dispatch.handling_clock import Clock
from gridcity.contracts import Role

# Identities leave room after each case, so that shares of the work need not agree on them.
EVENTS_A_CASE = 32

# How far an open case has come; the path to each state is the straight one.
OPEN_STATES = {
    "REPORTED": 10, "VERIFYING": 4, "TO_FILE": 8, "TO_DISPATCH": 8, "HANDLING": 52, "TO_CHECK": 6,
    "CHECKING": 6, "TO_CLOSE": 6,
}  # fmt: skip
HOTLINE_SHARE, NOT_ACCEPTED_SHARE, NOT_FILED_SHARE, REWORK_SHARE = 0.12, 0.025, 0.02, 0.05


@dataclass(slots=True)
class Stay:
    """The visit of a state that goes on."""

    seq: int
    state: str
    began: int
    limit_s: int | None = None
    used_before_s: int = 0
    due: int | None = None
    green: int | None = None


class Story:
    """One case that is being told. Instants are whole seconds since 1970."""

    def __init__(self, facts: Facts, random: Random, rows: Rows, case_id: int, number: str) -> None:
        self.facts, self.random, self.rows = facts, random, rows
        self.case_id, self.number = case_id, number
        self.cell: CellFacts = random.choice(facts.cells)
        self.entry: ClassFacts = random.choices(
            facts.classes, cum_weights=facts.class_weights
        )[0]  # fmt: skip
        self.department: DepartmentFacts | None = facts.departments.get(
            (self.entry.id, self.cell.street_id)
        )
        self.seq, self.state, self.link = 0, "", bytes(32)
        self.stay: Stay | None = None
        self.now = 0
        self.tasks = 0
        self.verified = ""
        self.filed_at: int | None = None
        self.filed_by = self.first_contact = 0
        self.result = ""
        self.finished = False

    def desk(self, role: str) -> int:
        return self.random.choice(self.facts.desks[role])

    def wait(self, least_s: int, most_s: int) -> None:
        self.now += int(least_s + self.random.random() * (most_s - least_s))

    def act(
        self, action: str, actor: int, role: str, to: str, changes: str = "{}", *,
        reason: str = "", stay: Stay | None = None,
    ) -> None:  # fmt: skip
        """Append the event, end the stay and begin the next, as the engine does."""
        self.seq += 1
        now, seq, before = self.now, self.seq, self.state
        micros = now * 1_000_000
        said = (
            f'["{self.number}",{seq},"{action}",{actor},"{role}",{micros},{micros},false,'
            f'"{before}","{to}","{reason}",{changes}]'
        )
        link = hashlib.sha256(self.link + said.encode()).digest()
        at = stamp(now)
        self.rows["cases_event"].append(
            f"{self.case_id * EVENTS_A_CASE + seq}\t{self.case_id}\t{seq}\t{action}\t{actor}"
            f"\t{role}\t{at}\t{at}\tf\t{before}\t{to}\t{reason}\t{changes}"
            f"\t\\\\x{self.link.hex()}\t\\\\x{link.hex()}"
        )
        self.link = link
        if self.stay is not None:
            self.end_stay(self.stay, actor, role)
        self.state = to
        self.stay = stay or self.desk_stay(to)

    def desk_stay(self, state: str) -> Stay | None:
        minutes = STAGE_MINUTES.get(state)
        if minutes is None:
            return None
        limit_s = minutes * 60
        return Stay(
            self.seq, state, self.now, limit_s, 0, self.now + limit_s, self.now + limit_s * 4 // 5
        )

    def end_stay(self, stay: Stay, actor: int, role: str) -> None:
        in_time = "t" if stay.due is None or self.now <= stay.due else "f"
        self.write_stay(stay, stamp(self.now), f"{actor}\t{role}\t{in_time}")

    def write_stay(self, stay: Stay, ended: str, judged: str) -> None:
        due_at = NULL if stay.due is None else stamp(stay.due)
        green = NULL if stay.green is None else stamp(stay.green)
        self.rows["cases_stay"].append(
            f"{self.case_id * EVENTS_A_CASE + stay.seq}\t{self.case_id}\t{stay.seq}\t{stay.state}"
            f"\t{stamp(stay.began)}\t{ended}\t{stay.limit_s}\t{stay.used_before_s}\t{due_at}"
            f"\t{green}\tf\t{judged}"
        )

    # ------------------------------------------------------------ before filing

    def report(self, at: int, source: str) -> None:
        self.now, self.source = at, source
        self.spot = self.random.choice(self.cell.spots)
        self.description = self.random.choice(DESCRIPTIONS)
        self.place = self.random.choice(PLACES)
        by_supervisor = source == "SUPERVISOR" and self.cell.supervisors
        self.reporter = (
            self.random.choice(self.cell.supervisors) if by_supervisor else self.desk(Role.ACCEPTOR)
        )
        role = Role.SUPERVISOR if by_supervisor else Role.ACCEPTOR
        self.no_part = "现场无编号" if self.entry.kind == "part" else ""
        photo = self.photo_sha(1)
        changes = (
            f'{{"cell":{self.cell.id},"class_code":"{self.entry.code}",'
            f'"description":"{self.description}","kind":"{self.entry.kind}",'
            f'"no_part_reason":"{self.no_part}","part":null,"photos":["{photo.hex()}"],'
            f'"place_text":"{self.place}","point":{self.spot.json},'
            f'"scheme":"{self.facts.scheme}","source":"{source}"}}'
        )
        self.act("report", self.reporter, role, "REPORTED", changes)
        self.write_photo("near", photo, self.reporter)
        if source == "HOTLINE":
            self.rows["cases_reporter"].append(
                f"{self.case_id}\t{self.case_id}\tHOTLINE\t市民\t139{self.case_id % 10**8:08}\tt"
                f"\t\\\\x{self.link[:16].hex()}"
            )

    def photo_sha(self, number: int) -> bytes:
        return hashlib.sha256(b"%d/%d" % (self.case_id, number)).digest()

    def write_photo(self, role: str, sha256: bytes, by: int) -> None:
        event = self.case_id * EVENTS_A_CASE + self.seq
        name = f"evidence/{sha256[:2].hex()}/{sha256.hex()[:32]}"
        at = stamp(self.now)
        self.rows["cases_photo"].append(
            f"{event}\t{self.case_id}\t{event}\t{role}\t{name}.jpg\t{name}-s.jpg\t1600\t1200"
            f"\t\\\\x{sha256.hex()}\t{int.from_bytes(sha256[:7])}\t{at}\tgps\t{by}\t{at}"
        )

    def send_task(self, kind: str, action: str, to: str) -> int:
        supervisors = self.cell.supervisors or (self.reporter,)
        assignee = self.random.choice(supervisors)
        self.wait(60, 500)
        self.act(action, self.desk(Role.ACCEPTOR), Role.ACCEPTOR, to, f'{{"to":{assignee}}}')
        self.tasks += 1
        self.task = (kind, assignee, self.now)
        return assignee

    def write_task(self, outcome: str) -> None:
        kind, assignee, sent = self.task
        is_open = outcome == ""
        ended = NULL if is_open else stamp(self.now)
        in_time = NULL if is_open else "t" if self.now <= sent + 1800 else "f"
        self.rows["cases_task"].append(
            f"{self.case_id * EVENTS_A_CASE + self.tasks}\t{self.case_id}\t{kind}\t{self.tasks}"
            f"\t{assignee}\t{stamp(sent)}\t{stamp(sent + 1800)}\t{ended}\t{outcome}\t{in_time}"
        )

    def answer_verify(self, assignee: int) -> None:
        self.wait(300, 1700)
        self.verified = "confirmed"
        self.write_task("confirmed")
        changes = '{"outcome":"confirmed","photos":[],"words":""}'
        self.act("verify", assignee, Role.SUPERVISOR, "REPORTED", changes)

    def accept(self) -> None:
        self.wait(60, 800)
        self.first_contact = self.desk(Role.ACCEPTOR)
        self.act("accept", self.first_contact, Role.ACCEPTOR, "TO_FILE")

    def file(self) -> None:
        self.wait(60, 800)
        self.filed_at, self.filed_by = self.now, self.desk(Role.DUTY_CHIEF)
        area, entry = self.cell.limit_area, self.entry
        changes = (
            f'{{"limit":["{entry.limits[area][0]}","{entry.unit}"],"limit_area":"{area}",'
            f'"relapse_of":null,"standard":{entry.standard_id}}}'
        )
        self.act("file", self.filed_by, Role.DUTY_CHIEF, "TO_DISPATCH", changes)

    def end_unfiled(self, action: str, role: str, to: str, reason: str) -> None:
        self.wait(60, 800)
        self.act(action, self.desk(role), role, to, reason=reason)

    # ------------------------------------------------------------ in a department's hands

    def dispatch(self) -> None:
        assert self.department is not None
        self.wait(60, 800)
        self.began = self.now
        self.dispatcher = self.desk(Role.DISPATCHER)
        self.allowed = self.entry.limits[self.cell.limit_area][1]
        self.used = timedelta()
        self.reworks = 0
        self.run_clock("dispatch", self.dispatcher, Role.DISPATCHER)

    def run_clock(
        self, action: str, actor: int, role: str, reason: str = "", extra: str = ""
    ) -> None:
        """Enter HANDLING with what is left of the limit."""
        assert self.department is not None
        calendar = self.facts.calendar
        began = moment(self.now)
        self.clock = Clock(self.entry.unit, self.allowed, self.used)
        self.clock = handling_clock.started(self.clock, began, calendar)
        assert self.clock.due_at is not None
        due_s = int(self.clock.due_at.timestamp())
        green = int(
            handling_clock.green_end(self.clock, calendar, NUMBERS[GREEN].default).timestamp()
        )
        stay = Stay(
            self.seq + 1, "HANDLING", self.now, int(self.allowed.total_seconds()),
            int(self.used.total_seconds()), due_s, green,
        )  # fmt: skip
        changes = extra or (
            f'{{"department":"{self.department.code}",'
            f'"due_at":"{self.clock.due_at.isoformat()}","turn":1}}'
        )
        self.act(action, actor, role, "HANDLING", changes, reason=reason, stay=stay)

    def finish(self, until: int) -> bool:
        """The department is done, most often within the limit; False where it would be too late."""
        assert self.department is not None
        left = self.allowed - self.used
        share = min(self.random.lognormvariate(-1.3, 0.75), 2.5)
        took = timedelta(seconds=max(int(left.total_seconds() * share), 600))
        done = int(due(moment(self.now), took, self.entry.unit, self.facts.calendar).at.timestamp())
        if done >= until:
            return False
        self.now = done
        assert self.stay is not None
        assert self.stay.due is not None
        self.used += took
        self.in_time = done <= self.stay.due
        self.overdue = None if self.in_time else self.stay.due
        self.finished, self.finished_at = True, done
        self.result = self.random.choice(RESULTS)
        self.handler = self.random.choice(self.department.members)
        photo = self.photo_sha(2 + self.reworks)
        changes = (
            f'{{"in_time":{"true" if self.in_time else "false"},"lapsed":[],'
            f'"photos":["{photo.hex()}"],"result":"{self.result}","turn":1}}'
        )
        self.act("finish", self.handler, Role.DEPARTMENT, "TO_CHECK", changes)
        self.write_photo("after", photo, self.handler)
        return True

    def answer_check(self, assignee: int, *, passed: bool) -> None:
        self.wait(300, 1700)
        outcome = "passed" if passed else "failed"
        self.write_task(outcome)
        changes = f'{{"outcome":"{outcome}","photos":[],"turn":1,"words":""}}'
        if passed:
            self.act("check_passed", assignee, Role.SUPERVISOR, "TO_CLOSE", changes)
            return
        self.reworks += 1
        self.run_clock(
            "check_failed", assignee, Role.SUPERVISOR, "现场仍有残留，未达到结案条件", changes
        )

    def close(self) -> None:
        self.wait(60, 1500)
        self.act("close", self.desk(Role.DUTY_CHIEF), Role.DUTY_CHIEF, "CLOSED", '{"turn":1}')

    # ------------------------------------------------------------ the rows that come last

    def write_turn(self) -> None:
        """The turn as it stands at the end of the story."""
        assert self.department is not None
        if self.filed_at is None or not hasattr(self, "began"):
            return
        ended, running = self.state == "CLOSED", self.state == "HANDLING"
        over, marks, level, timer = NULL, "{}", 0, NULL
        if running:
            listed = handling_clock.marks(self.clock, self.facts.calendar, TIMER_SHARES)
            marks = "{" + ",".join(mark.isoformat() for mark in listed) + "}"
            timer = listed[0].isoformat()
        elif self.overdue is not None:
            over, level = stamp(self.overdue), 2
        due_at = self.clock.due_at.isoformat() if running and self.clock.due_at else NULL
        done = (
            f"{stamp(self.finished_at)}\t{'t' if self.in_time else 'f'}"
            if self.finished and not running else f"{NULL}\t{NULL}"
        )  # fmt: skip
        value, unit = self.entry.limits[self.cell.limit_area][0], self.entry.unit
        whole = int(self.allowed.total_seconds())
        self.rows["dispatch_turn"].append(
            f"{self.case_id}\t{self.case_id}\t{self.department.id}\t1\t1\tf\t{self.dispatcher}"
            f"\t{Role.DISPATCHER}\tf\t{self.department.id}\t{stamp(self.began)}"
            f"\t{stamp(self.now) if ended else NULL}\t{'closed' if ended else ''}"
            f"\t{stamp(self.began)}\t{value}\t{unit}\t{whole} s\t{whole} s"
            f"\t{int(self.used.total_seconds())} s"
            f"\t{stamp(self.stay.began) if running and self.stay else NULL}\t{due_at}\tf\t{over}"
            f"\t{marks}\t{level}\t{timer}\t{done}\t{self.reworks}\tf\t0"
        )

    def write_case(self) -> None:
        """The case as it stands at the end of the story, and the stay or task that is open."""
        stay = self.stay
        if stay is not None:
            self.write_stay(stay, NULL, f"{NULL}\t\t{NULL}")
        if self.state in {"VERIFYING", "CHECKING"}:
            self.write_task("")
        filed = self.filed_at is not None
        entry, cell = self.entry, self.cell
        limit = entry.limits[cell.limit_area][0] if filed else NULL
        said = (
            f"{entry.condition}\t{entry.closing}\t{limit}\t{entry.unit}\t{cell.limit_area}"
            if filed else f"\t\t{NULL}\t\t"
        )  # fmt: skip
        due_at = stamp(stay.due) if stay and stay.due else NULL
        green = stamp(stay.green) if stay and stay.green else NULL
        self.rows["cases_case"].append(
            f"{self.case_id}\t{self.number}\t{entry.kind}\t{self.state}\t{self.seq}\t1"
            f"\t{self.no_part}\t{self.spot.wkb}\t8\tgps\t{self.place}\t{self.description}"
            f"\t{self.source}\t{{{self.source}}}\t{self.reported}\t{self.reported}"
            f"\t{self.verified}\t\t{said}\t{stamp(self.filed_at) if self.filed_at else NULL}"
            f"\t{'t' if self.finished else 'f'}\t{stamp(stay.began if stay else self.now)}"
            f"\t{due_at}\t{green}\t{NULL if stay else stamp(self.now)}\t{self.result}\tf"
            f"\t{self.seq}\t\\\\x{self.link.hex()}\t{entry.id}\t{cell.id}\t{cell.community_id}"
            f"\t{self.filed_by or NULL}\t{self.first_contact or NULL}\t{self.reporter}"
            f"\t{entry.standard_id if filed else NULL}\t{cell.street_id}"
        )

    # ------------------------------------------------------------ whole lives

    def tell(self, at: int, until: int, stop: str | None) -> None:
        """From the report to the end, or to the state in which an open case still is."""
        hotline = stop == "VERIFYING" or self.random.random() < HOTLINE_SHARE
        self.report(at, "HOTLINE" if hotline else "SUPERVISOR")
        self.reported = stamp(at)
        self.go_on(until, stop)
        if self.department is not None:
            self.write_turn()
        self.write_case()

    def go_on(self, until: int, stop: str | None) -> None:
        if stop == "REPORTED":
            return
        if self.source == "HOTLINE":
            assignee = self.send_task("verify", "send_verify", "VERIFYING")
            if stop == "VERIFYING":
                return
            self.answer_verify(assignee)
        lot = self.random.random()
        if stop is None and lot < NOT_ACCEPTED_SHARE:
            self.end_unfiled("not_accept", Role.ACCEPTOR, "NOT_ACCEPTED", "现场未发现所述问题")
            return
        self.accept()
        if stop is None and lot < NOT_ACCEPTED_SHARE + NOT_FILED_SHARE:
            self.end_unfiled("not_file", Role.DUTY_CHIEF, "NOT_FILED", "不符合立案条件")
            return
        steps: list[Callable[[], None]] = [self.file, self.dispatch]
        for step in steps:
            if self.state == stop or (step == self.dispatch and self.department is None):
                return
            step()
        self.handle(until, stop)

    def handle(self, until: int, stop: str | None) -> None:
        """Handling, checking and closing, with a rework now and then."""
        if stop == "HANDLING":
            return
        rework = self.random.random() < REWORK_SHARE
        while self.finish(until):
            if stop == "TO_CHECK":
                return
            assignee = self.send_task("check", "send_check", "CHECKING")
            if stop == "CHECKING":
                return
            self.answer_check(assignee, passed=not rework)
            if rework:
                rework = False
                continue
            if stop != "TO_CLOSE":
                self.close()
            return
