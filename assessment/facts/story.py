"""The case as it stands after each event: what is open, and what every chapter of it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assessment.facts.said import Beside, Facts, Said
from assessment.facts.versions import Fact
from cases.sources import PUBLIC_SOURCES
from cases.workflow import ENDED, State
from gridcity.contracts import Role

ANSWERS = frozenset({"confirmed", "not_true", "not_found", "passed", "failed"})
# Where the handling clock stands: the centres have the case, or it is suspended.
STANDS = frozenset({State.SUSPENDED, State.TO_CHECK, State.CHECKING, State.TO_CLOSE})


class Story:
    """The facts so far; each chapter adds an `on_…` for the actions it knows."""

    def __init__(self, beside: Beside) -> None:
        self.facts = Facts()
        self.beside = beside
        self.dims: dict[str, Any] = {}
        self.sources: list[str] = []
        self.brought: dict[str, list[str]] = {}
        self.is_filed = False
        self.state = ""
        # By the fingerprint of a reporter the call back to him that speaks; and who was first.
        self.called: dict[str, Fact] = {}
        self.first_reporter = ""

    @property
    def case(self) -> Fact:
        return self.facts.cases[-1]

    @property
    def stay(self) -> Fact:
        return self.facts.stays[-1]

    @property
    def turn(self) -> Fact | None:
        """The turn that has not ended."""
        return _open(self.facts.turns)

    @property
    def task(self) -> Fact | None:
        return _open(self.facts.tasks)

    def turn_of(self, event: Said) -> Fact | None:
        """The turn that an event names; the open one where it names none."""
        number = event.changes.get("turn")
        if number is None:
            return self.turn
        return next((one for one in self.facts.turns if one.key == number), None)

    def tell(self, event: Said) -> None:
        if not self.facts.cases:
            if event.from_state:
                raise ValueError(f"event {event.seq} begins no case")
            self.begin(event)
            return
        act = getattr(self, f"on_{event.action}", None)
        is_moved = event.to_state != event.from_state or event.action == "reassign"
        if is_moved:
            self.hear_of_deadline(event)
            self.leave_stay(event)
        if act is not None:
            act(event)
        if is_moved:
            self.enter_stay(event)
        self.state = event.to_state
        self.reckon(event)

    def begin(self, event: Said) -> None:
        changes = event.changes
        self.sources = [changes["source"]]
        self.dims = {
            "kind": changes["kind"],
            "class_key": (changes["scheme"], changes["kind"], changes["class_code"]),
            "cell_id": changes["cell"],
            "source": changes["source"],
            "out": False,
        }
        self.first_reporter = fingerprint_in(changes)
        succeeds = event.action == "succeed"
        self.is_filed = False
        fact = Fact(
            1, occurred=event.occurred, recorded=event.at, **self.dims,
            began_at=event.occurred, reported_at=None if succeeds else event.occurred,
            reporter_id=event.actor if event.role == Role.SUPERVISOR else None,
            watched_by_id=event.actor if event.role == Role.SUPERVISOR else None,
            self_handled=event.action == "report_self_handled", succeeds=succeeds,
            public=self.is_public(), merged=False, voided=False, uncounted=[],
        )  # fmt: skip
        self.facts.cases.append(fact)
        self.state = event.to_state
        self.enter_stay(event)

    def is_public(self) -> bool:
        return any(source in PUBLIC_SOURCES for source in self.sources)

    def hear_of_deadline(self, event: Said) -> None:
        """A deadline that moved in the very act that ended the handling (domain law §5)."""
        due = event.was_due
        if due is None:
            return
        self.stay.live(event.at, event.at, due_at=due)
        for fact in (self.turn, self.case):
            if fact is not None:
                fact.live(event.occurred, event.at, due_at=due)

    def leave_stay(self, event: Said) -> None:
        if event.from_state in ENDED or not self.facts.stays:
            return
        stay = self.stay
        judged = event.occurred_at if event.role == Role.CLOCK else event.at
        due = stay.get("due_at")
        in_time = None if due is None else judged <= due
        stay.live(
            event.at, event.at, ended_at=event.at, actor_id=event.actor, actor_role=event.role,
            by=event.action, in_time=in_time, own_in_time=self.own_in_time(event, in_time),
            worked_s=self.spent(stay.get("began_at"), event.at),
        )  # fmt: skip

    def spent(self, start: datetime, end: datetime) -> int:
        """Working seconds of the stay's desk or department."""
        stay = self.stay
        return self.beside.spent(stay.get("state"), stay.get("department"), start, end)

    def own_in_time(self, event: Said, in_time: bool | None) -> bool | None:
        """Whether who ends the stay was within its limit, from when on it was his.

        From the latest of its start, the begin of the planned shift in which he ends it, and his
        first opening of it; before, it was the desk's (§3). Who answers what only others had opened
        has it from then. Where no opening was noted at all, or he ends it outside of his shift, or
        has none planned, that one does not count.
        """
        if in_time is not False:
            return in_time
        began, due = self.stay.get("began_at"), self.stay.get("due_at")
        opened = self.beside.openings.get(self.stay.key, {})
        actor = event.actor or 0
        first = opened.get(actor, event.at if opened else began)
        shift = self.beside.shift_begin(actor, event.at) or began
        charged_at = min(max(began, shift, first), event.at)
        if charged_at == began:
            return in_time
        return self.spent(charged_at, event.at) <= self.spent(began, due)

    def enter_stay(self, event: Said) -> None:
        if event.to_state in ENDED:
            return
        self.facts.stays.append(
            Fact(
                event.seq, occurred=event.at, recorded=event.at, **self.dims,
                state=event.to_state, began_at=event.at, due_at=event.due, undone=False,
                round=self.case.key, department=self.department_now(event),
            )
        )  # fmt: skip

    def department_now(self, event: Said) -> str | None:
        """Whose turn it is, in the states in which a department has the case."""
        turn = self.turn if event.to_state in {State.HANDLING, State.SUSPENDED} else None
        return turn.get("department") if turn else None

    def reckon(self, event: Said) -> None:
        """Deadlines that moved while the stage went on, and those of the turn and the case."""
        if event.to_state in ENDED:
            return
        due, turn = event.due, self.turn
        if due is not None and self.stay.get("due_at") != due:
            self.stay.live(event.at, event.at, due_at=due)
        if event.to_state == State.HANDLING:
            if turn is not None and due is not None:
                turn.live(event.at, event.at, due_at=due, stood_at=None)
                self.case.live(event.at, event.at, due_at=due)
        elif event.to_state == State.SUSPENDED:
            if turn is not None and event.from_state != event.to_state:
                turn.live(event.at, event.at, due_at=None, stood_at=event.at)
                self.case.live(event.at, event.at, due_at=None)
        elif event.to_state not in STANDS:
            self.case.live(event.at, event.at, due_at=None)

    def place(self, event: Said, news: dict[str, Any]) -> None:
        """What the case is about and where: so known from now on of everything in it."""
        self.dims |= news
        for fact in self.facts.all():
            fact.judge(event.at, **news)

    def end_case(self, event: Said) -> None:
        self.case.live(
            event.occurred, event.at, ended_at=event.occurred, end_kind=event.to_state,
            ended_by_id=event.actor, ended_role=event.role,
        )  # fmt: skip

    def go_on(self, event: Said) -> None:
        """An end that is taken back: the case lives on."""
        self.case.live(
            event.at, event.at, ended_at=None, end_kind="", ended_by_id=None, ended_role=""
        )

    def leave_figures(self, event: Said, *, out: bool) -> None:
        self.dims["out"] = out
        for fact in self.facts.all():
            fact.judge(event.at, out=out)

    def end_turn(self, event: Said, kind: str, *, wrong: bool = False) -> None:
        turn = self.turn
        if turn is None:
            return
        turn.live(event.occurred, event.at, ended_at=event.occurred, end_kind=kind)
        if wrong:
            turn.judge(event.at, wrong=True)

    def undo_stays(self, event: Said) -> None:
        """The stay that is taken back, and the one before it: figures as if neither had been."""
        here = self.facts.stays[-1]
        here.judge(event.at, undone=True)
        before = [one for one in self.facts.stays[:-1] if one.get("state") == event.to_state]
        if before:
            before[-1].judge(event.at, undone=True)

    def take_back_finish(self, event: Said) -> None:
        """A finish that does not stand never stood, as known from now on."""
        for fact in (self.turn_of(event), self.case):
            if fact is not None:
                fact.judge(event.at, finished_at=None, finish_in_time=None)

    def end_task(self, event: Said, outcome: str) -> None:
        task = self.task
        if task is None:
            return
        due = task.get("due_at")
        charged = outcome in ANSWERS or outcome == "missed"
        in_time = event.at <= due if charged and due is not None else None
        task.live(
            event.occurred, event.at, ended_at=event.occurred, outcome=outcome, in_time=in_time
        )


def _open(facts: list[Fact]) -> Fact | None:
    """The last of them, unless it has ended; only the last can be open."""
    last = facts[-1] if facts else None
    return last if last and last.get("ended_at") is None else None


def fingerprint_in(changes: Mapping[str, Any]) -> str:
    """The one word that an event has for a reporter: the first that it names, or nothing."""
    named = changes.get("reporter") or next(iter(changes.get("reporters") or ()), None) or {}
    return f"{named.get('name', '')} {named.get('phone', '')}".strip()
