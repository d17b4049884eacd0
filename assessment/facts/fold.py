"""The fold: from the events of one case, in their order, to its facts at every grain. Pure.

Grains (assessment law §1): a case (each round of it), a turn, a task, a stay, and a call back or
rating. Nothing but events is read, so a rebuild of years ago says what was said then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessment.facts.versions import Fact
from cases.sources import PUBLIC_SOURCES
from cases.workflow import ENDED, State
from gridcity.contracts import Role

ANSWERS = frozenset({"confirmed", "not_true", "not_found", "passed", "failed"})
# Where the handling clock stands: the centres have the case, or it is suspended.
STANDS = frozenset({State.SUSPENDED, State.TO_CHECK, State.CHECKING, State.TO_CLOSE})


@dataclass(frozen=True, slots=True)
class Said:
    """One event, as far as facts are made of it."""

    seq: int
    action: str
    actor: int | None
    role: str
    occurred_at: datetime
    at: datetime
    time_flagged: bool
    from_state: str
    to_state: str
    changes: Mapping[str, Any]

    @property
    def occurred(self) -> datetime:
        """When it happened in life; a flagged clock is not believed (domain law §11)."""
        return self.at if self.time_flagged else self.occurred_at

    @property
    def due(self) -> datetime | None:
        """Until when the stage runs after it."""
        text = self.changes.get("stage_due")
        return datetime.fromisoformat(text) if text else None


@dataclass(slots=True)
class Facts:
    """All facts of one case, by grain."""

    cases: list[Fact] = field(default_factory=list)
    turns: list[Fact] = field(default_factory=list)
    tasks: list[Fact] = field(default_factory=list)
    stays: list[Fact] = field(default_factory=list)
    calls: list[Fact] = field(default_factory=list)

    def all(self) -> list[Fact]:
        return [*self.cases, *self.turns, *self.tasks, *self.stays, *self.calls]


def fold(events: Iterable[Said], *, refusals: Callable[[datetime], int]) -> Facts:
    """The facts that the events of a case tell; `refusals` says how many make shirking, at a time.

    Raises ValueError where the first event begins no case.
    """
    story = _Story(refusals)
    for event in events:
        story.tell(event)
    return story.facts


class _Story:
    """The case as it stands after each event, and its facts so far."""

    def __init__(self, refusals: Callable[[datetime], int]) -> None:
        self.facts = Facts()
        self.refusals = refusals
        self.dims: dict[str, Any] = {}
        self.sources: list[str] = []
        self.brought: dict[str, list[str]] = {}
        self.is_filed = False
        self.state = ""

    # ---------------------------------------------------------------- what is open

    @property
    def case(self) -> Fact:
        return self.facts.cases[-1]

    @property
    def stay(self) -> Fact:
        return self.facts.stays[-1]

    @property
    def turn(self) -> Fact | None:
        """The turn that has not ended."""
        last = self.facts.turns[-1] if self.facts.turns else None
        return last if last and last.get("ended_at") is None else None

    @property
    def task(self) -> Fact | None:
        last = self.facts.tasks[-1] if self.facts.tasks else None
        return last if last and last.get("ended_at") is None else None

    def turn_of(self, event: Said) -> Fact | None:
        """The turn that an event names; the open one where it names none."""
        number = event.changes.get("turn")
        if number is None:
            return self.turn
        return next((one for one in self.facts.turns if one.key == number), None)

    # ---------------------------------------------------------------- telling

    def tell(self, event: Said) -> None:
        if not self.facts.cases:
            if event.from_state:
                raise ValueError(f"event {event.seq} begins no case")
            self.begin(event)
            return
        act = getattr(self, f"on_{event.action}", None)
        if event.to_state != event.from_state or event.action == "reassign":
            self.leave_stay(event)
        if act is not None:
            act(event)
        if event.to_state != event.from_state or event.action == "reassign":
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
        succeeds = event.action == "succeed"
        self.is_filed = False
        fact = Fact(
            1, occurred=event.occurred, recorded=event.at, **self.dims,
            began_at=event.occurred, reported_at=None if succeeds else event.occurred,
            reporter_id=event.actor if event.role == Role.SUPERVISOR else None,
            self_handled=event.action == "report_self_handled", succeeds=succeeds,
            public=self.is_public(), merged=False, voided=False,
        )  # fmt: skip
        self.facts.cases.append(fact)
        self.state = event.to_state
        self.enter_stay(event)

    def is_public(self) -> bool:
        return any(source in PUBLIC_SOURCES for source in self.sources)

    # ---------------------------------------------------------------- stays

    def leave_stay(self, event: Said) -> None:
        if event.from_state in ENDED or not self.facts.stays:
            return
        judged = event.occurred_at if event.role == Role.CLOCK else event.at
        due = self.stay.get("due_at")
        self.stay.live(
            event.at, event.at, ended_at=event.at, actor_id=event.actor, actor_role=event.role,
            by=event.action, in_time=None if due is None else judged <= due,
        )  # fmt: skip

    def enter_stay(self, event: Said) -> None:
        if event.to_state in ENDED:
            return
        self.facts.stays.append(
            Fact(
                event.seq, occurred=event.at, recorded=event.at, **self.dims,
                state=event.to_state, began_at=event.at, due_at=event.due, undone=False,
                round=self.case.key,
            )  # fmt: skip
        )

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

    # ---------------------------------------------------------------- before filing

    def on_amend(self, event: Said) -> None:
        changes = event.changes
        news: dict[str, Any] = {}
        if "class_code" in changes:
            scheme, kind, code = changes["class_code"][1].split("/")
            news |= {"class_key": (scheme, kind, code), "kind": kind}
        if "cell" in changes:
            news["cell_id"] = changes["cell"][1]
        self.place(event, news)
        if "sources" in changes:
            self.sources = list(changes["sources"][1])
            self.case.judge(event.at, public=self.is_public())

    def place(self, event: Said, news: dict[str, Any]) -> None:
        """What the case is about and where: so known from now on of everything in it."""
        self.dims |= news
        for fact in self.facts.all():
            fact.judge(event.at, **news)

    def on_take_in(self, event: Said) -> None:
        added = list(event.changes["sources_added"])
        self.brought[event.changes["member"]] = added
        self.sources += added
        self.case.judge(event.at, public=self.is_public())

    def on_let_go(self, event: Said) -> None:
        gone = self.brought.pop(event.changes["member"], [])
        self.sources = [one for one in self.sources if one not in gone]
        self.case.judge(event.at, public=self.is_public())

    def on_accept(self, event: Said) -> None:
        if self.case.get("accepted_at") is None:
            self.case.judge(
                event.at, accepted_at=event.at, accepted_in_time=self.stay.get("in_time"),
                accepted_by_id=event.actor, waived=bool(event.changes.get("waiver")),
            )  # fmt: skip

    def on_not_accept(self, event: Said) -> None:
        self.end_case(event)

    def on_not_file(self, event: Said) -> None:
        self.end_case(event)
        self.case.judge(event.at, unfiled=self.is_filed)

    def on_reconsider(self, event: Said) -> None:
        self.go_on(event)

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

    def on_merge(self, event: Said) -> None:
        self.end_case(event)
        self.case.judge(event.at, merged=True)
        self.leave_figures(event, out=True)

    def on_undo_merge(self, event: Said) -> None:
        self.go_on(event)
        self.case.judge(event.at, merged=False)
        self.leave_figures(event, out=False)

    on_release_member = on_undo_merge

    def leave_figures(self, event: Said, *, out: bool) -> None:
        self.dims["out"] = out
        for fact in self.facts.all():
            fact.judge(event.at, out=out)

    def on_approve_self_handled(self, event: Said) -> None:
        self.end_case(event)

    def on_refuse_self_handled(self, event: Said) -> None:
        self.case.judge(event.at, self_handled=False)

    def on_file(self, event: Said) -> None:
        self.place(event, {"cell_id": event.changes["cell"]})
        if not self.is_filed:
            self.is_filed = True
            self.case.judge(
                event.at, filed_at=event.at, filed_by_id=event.actor,
                filed_in_time=self.stay.get("in_time"),
                relapse=event.changes.get("relapse_of") is not None,
            )  # fmt: skip

    # ---------------------------------------------------------------- turns

    def on_dispatch(self, event: Said) -> None:
        self.begin_turn(event)

    def begin_turn(self, event: Said) -> None:
        self.facts.turns.append(
            Fact(
                event.changes["turn"], occurred=event.at, recorded=event.at, **self.dims,
                department=event.changes["department"], round=self.case.key, began_at=event.at,
                due_at=event.due, dispatcher_id=event.actor,
                automatic=event.role == Role.ROUTING,
                designation=bool(event.changes.get("designation")), undone=False, wrong=False,
                reworks=0, extensions=0, refusals=0, deferred=False, suspended=False,
                reopened=False, forced_early=False, uncounted=[],
            )  # fmt: skip
        )

    def end_turn(self, event: Said, kind: str, *, wrong: bool = False) -> None:
        turn = self.turn
        if turn is None:
            return
        turn.live(event.occurred, event.at, ended_at=event.occurred, end_kind=kind)
        if wrong:
            turn.judge(event.at, wrong=True)

    def on_reassign(self, event: Said) -> None:
        self.end_turn(event, "reassigned", wrong=True)
        self.begin_turn(event)

    def on_undo_dispatch(self, event: Said) -> None:
        if self.turn is not None:
            turn = self.turn
            self.end_turn(event, "undone")
            turn.judge(event.at, undone=True)
        self.undo_stays(event)

    def undo_stays(self, event: Said) -> None:
        """The stay that is taken back, and the one before it: figures as if neither had been."""
        here = self.facts.stays[-1]
        here.judge(event.at, undone=True)
        before = [one for one in self.facts.stays[:-1] if one.get("state") == event.to_state]
        if before:
            before[-1].judge(event.at, undone=True)

    def on_undo_return(self, event: Said) -> None:
        turn = self.turn_of(event)
        self.facts.stays[-1].judge(event.at, undone=True)
        if turn is not None:
            turn.live(event.at, event.at, ended_at=None, end_kind="")
            turn.judge(event.at, wrong=False)

    def on_send_back_to_file(self, event: Said) -> None:
        self.case.judge(event.at, sent_back=True)

    def on_undo_send_back(self, event: Said) -> None:
        self.case.judge(event.at, sent_back=False)
        self.undo_stays(event)

    def on_approve_return(self, event: Said) -> None:
        self.end_turn(event, "returned", wrong=True)

    def on_approve_suspension(self, event: Said) -> None:
        if self.turn is not None:
            self.turn.judge(event.at, suspended=True)

    def on_approve_void(self, event: Said) -> None:
        self.end_turn(event, "voided")
        self.end_case(event)
        self.case.judge(event.at, voided=True)
        self.leave_figures(event, out=True)

    def on_approve_request(self, event: Said) -> None:
        turn = self.turn_of(event)
        if "reviewer" in event.changes or turn is None:
            return  # it goes on to the next who reviews
        match event.changes["kind"]:
            case "EXTENSION":
                turn.judge(event.at, extensions=turn.get("extensions") + 1)
            case "DEFERRAL":
                turn.judge(event.at, deferred=True)
            case "APPEAL":
                kept = turn.get("uncounted")
                turn.judge(event.at, uncounted=sorted({*kept, event.changes["fact"]}))

    def on_refuse_request(self, event: Said) -> None:
        turn = self.turn_of(event)
        if event.changes["kind"] != "RETURN" or turn is None:
            return
        refusals = turn.get("refusals") + 1
        turn.judge(event.at, refusals=refusals)
        if refusals == self.refusals(event.at):
            turn.judge(event.at, refused_at=event.at)

    def on_finish(self, event: Said) -> None:
        turn = self.turn_of(event)
        in_time = event.changes["in_time"]
        said = {"finished_at": event.occurred, "finish_in_time": in_time}
        if turn is not None:
            turn.live(event.occurred, event.at, **said, stood_at=event.occurred)
        self.case.live(event.occurred, event.at, **said)

    def on_withdraw_finish(self, event: Said) -> None:
        self.take_back_finish(event)

    def take_back_finish(self, event: Said) -> None:
        """A finish that does not stand never stood, as known from now on."""
        for fact in (self.turn_of(event), self.case):
            if fact is not None:
                fact.judge(event.at, finished_at=None, finish_in_time=None)

    # ---------------------------------------------------------------- tasks

    def on_send_verify(self, event: Said) -> None:
        self.begin_task(event, "verify", event.changes["to"])

    def on_send_check(self, event: Said) -> None:
        self.begin_task(event, "check", event.changes["to"])

    def begin_task(self, event: Said, kind: str, assignee: int) -> None:
        turn = self.turn if kind == "check" else None
        self.facts.tasks.append(
            Fact(
                event.seq, occurred=event.at, recorded=event.at, **self.dims, task=kind,
                assignee_id=assignee, sent_at=event.at, due_at=event.due,
                department=turn.get("department") if turn else None,
                turn=turn.key if turn else None, finish_of=turn.get("finished_at") if turn else None,
            )  # fmt: skip
        )

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

    def on_verify(self, event: Said) -> None:
        self.answer_task(event)

    def on_check_passed(self, event: Said) -> None:
        self.answer_task(event)

    def on_check_failed(self, event: Said) -> None:
        self.answer_task(event)
        turn = self.turn_of(event)
        if turn is not None:
            turn.judge(event.at, reworks=turn.get("reworks") + 1)
        self.take_back_finish(event)

    def answer_task(self, event: Said) -> None:
        """By who has it, or by who had it before and was offline: then his successor's lapses."""
        task = self.task
        if task is not None and task.get("assignee_id") != event.actor:
            self.end_task(event, "lapsed")
            had = [one for one in self.facts.tasks if one.get("assignee_id") == event.actor]
            if had:
                had[-1].judge(event.at, late_outcome=event.changes["outcome"])
            return
        self.end_task(event, event.changes["outcome"])

    def on_pass_task_on(self, event: Said) -> None:
        task = self.task
        if task is None:
            return
        self.end_task(event, event.changes["outcome"])
        self.begin_task(event, task.get("task"), event.changes["to"])

    def on_recall_task(self, event: Said) -> None:
        self.end_task(event, "recalled")

    # ---------------------------------------------------------------- ends

    def on_close(self, event: Said) -> None:
        self.end_turn(event, "closed")
        self.end_case(event)

    def on_force_close(self, event: Said) -> None:
        was_due = event.changes.get("was_due")
        early = was_due is None or event.occurred < datetime.fromisoformat(was_due)
        finished = self.case.get("finished_at") is not None
        turn = self.turn
        self.end_task(event, "lapsed")
        self.end_turn(event, "forced")
        self.end_case(event)
        if early and not finished:
            for fact in (turn, self.case):
                if fact is not None:
                    fact.judge(event.at, forced_early=True)

    def on_reopen(self, event: Said) -> None:
        """One round more; what the first round was stays (domain law §4)."""
        if self.facts.turns:
            self.facts.turns[-1].judge(event.at, reopened=True)
        self.case.judge(event.at, reopened=True)
        first = self.facts.cases[0]
        self.facts.cases.append(
            Fact(
                event.changes["round"], occurred=event.at, recorded=event.at, **self.dims,
                began_at=event.at, reporter_id=first.get("reporter_id"), self_handled=False,
                succeeds=False, public=self.is_public(), merged=False, voided=False,
            )  # fmt: skip
        )

    def on_rate(self, event: Said) -> None:
        self.call(event, call="web", satisfaction=event.changes["degree"])

    def on_call_back(self, event: Said) -> None:
        said = event.changes
        self.call(
            event, call="phone", valid=said["valid"], contacted=said["contacted"],
            resolved=said["resolved"], satisfaction=said["satisfaction"], caller_id=event.actor,
        )  # fmt: skip

    def call(self, event: Said, **said: Any) -> None:
        self.facts.calls.append(
            Fact(
                event.seq, occurred=event.at, recorded=event.at, **self.dims, called_at=event.at,
                **said,
            )
        )
