"""Requests and forced closes in memory: what `dispatch.services.reviews` and `forcing` write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cases.models import TaskOutcome
from cases.services.transition import Term
from cases.workflow import State
from dispatch.models import (
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    StepDecision,
    Turn,
    TurnEnd,
    TurnFact,
)
from dispatch.services.approvals import ROWS
from dispatch.services.asking import DATED, deferral_gain, midnight
from dispatch.services.review_steps import (
    is_given_back,
    next_step,
    said_of_deadline,
    used_beyond,
)
from dispatch.services.reviews import CHAINS, next_reviewer, remark_of, said_of
from dispatch.services.turns import go_on, put_end, stop_clock, term_of
from dispatch.simulation.making import maker
from dispatch.simulation.moves import Moves
from dispatch.simulation.record import Record
from gridcity.contracts import CLOCK, Actor, Role


class Asking(Moves):
    """Requests: asked, reviewed, passed on, lapsed; and the forced close, which lets them lapse."""

    def ask(
        self, record: Record, actor: Actor, at: datetime, kind: RequestKind, reason: str,
        reason_code: str = "", until: date | None = None, fact: str = "", department: str = "",
    ) -> None:  # fmt: skip
        assert actor.user_id is not None
        turn = record.turns[-1] if kind == RequestKind.APPEAL else record.turn
        request = maker(Request)(
            id=self.ids.next(Request), case=record.case, turn=turn, kind=kind,
            reason_code=reason_code, reason=reason, asked_by_id=actor.user_id, asked_at=at,
            until=until if kind in DATED else None, fact=fact,
            proposed_department=self.people.by_code(department) if department else None,
        )  # fmt: skip
        role = self.first_reviewer(record, request, actor)
        record.requests.append(request)
        self.begin_step(record, request, role, at)
        self.move(record, f"ask_{kind.lower()}", actor, at, reason=reason,
                  changes=said_of(request) | {"reviewer": role})  # fmt: skip

    def first_reviewer(self, record: Record, request: Request, actor: Actor) -> str:
        """As `dispatch.services.reviews` chooses: a second return goes to the duty chief."""
        again = any(
            one.turn_id == request.turn_id and one.kind == request.kind for one in record.requests
        )
        if request.kind == RequestKind.RETURN and again:
            return Role.DUTY_CHIEF
        chain = CHAINS[request.kind]
        return chain[1] if chain[0] == Role.DEPARTMENT and actor.is_lead else chain[0]

    def begin_step(self, record: Record, request: Request, role: str, at: datetime) -> None:
        step = next_step(request, role, at, made=maker(RequestStep))
        step.pk = self.ids.next(RequestStep)
        record.steps.append(step)

    def give_back(self, record: Record, at: datetime) -> dict[str, str]:
        """What the reviewer used beyond his limit moves the deadline; as the service says it."""
        request, step = record.request, record.step
        assert request is not None
        assert step is not None
        if not is_given_back(record.case, request, step, at):
            return {}
        self.allow_more(record, used_beyond(step, record.held(), at))
        return said_of_deadline(record.case)

    def end_step(
        self, record: Record, decision: StepDecision, by: int | None, at: datetime, reason: str
    ) -> None:
        step = record.step
        assert step is not None
        step.ended_at, step.decision, step.decided_by_id, step.reason = at, decision, by, reason

    def end_request(
        self, record: Record, state: RequestState, by: int | None, at: datetime, reason: str
    ) -> Request:
        request = record.request
        assert request is not None
        self.end_step(record, StepDecision(state), by, at, reason)
        request.state, request.ended_at = state, at
        return request

    def approve(self, record: Record, actor: Actor, at: datetime) -> None:
        """On to the next reviewer, or after the last it is carried out."""
        request, step = record.request, record.step
        assert request is not None
        assert step is not None
        following = next_reviewer(request, step.reviewer_role)
        if step.reviewer_role == Role.DEPARTMENT:
            action = "preapprove"
        else:
            action = "approve_request" if following else ROWS.get(request.kind, "approve_request")
        moved = self.give_back(record, at)
        said: dict[str, str | None] = {}
        term = None
        if following is None:
            self.end_request(record, RequestState.APPROVED, actor.user_id, at, "")
            said, term = self.carry_out(record, request, at)
        else:
            self.end_step(record, StepDecision.APPROVED, actor.user_id, at, "")
            self.begin_step(record, request, following, at)
            said = {"reviewer": following}
        if action in ROWS.values():
            said |= moved
        self.move(record, action, actor, at, changes=said_of(request) | said, term=term)

    def carry_out(
        self, record: Record, request: Request, at: datetime
    ) -> tuple[dict[str, str | None], Term | None]:
        """What the last approval does: what the event says of it, and the term of the new stay."""
        kind, turn, case = request.kind, record.turn, record.case
        if kind == RequestKind.APPEAL:
            assert request.turn is not None
            record.facts.append(
                maker(TurnFact)(
                    id=self.ids.next(TurnFact), turn=request.turn, kind=request.fact,
                    counted=False, reason=request.reason, appeal=request,
                )
            )  # fmt: skip
        if turn is None or kind == RequestKind.APPEAL:
            return {}, None
        if kind in _ENDS:
            put_end(turn, _ENDS[kind], at, wrong=kind == RequestKind.RETURN)
        elif kind == RequestKind.EXTENSION:
            self.allow_more(record, turn.whole_limit)
            return due_of(turn), None
        elif kind == RequestKind.SUSPENSION:
            assert request.until is not None
            stop_clock(turn, at if turn.due_at is None else min(at, turn.due_at))
            case.force_close_at, end = None, midnight(request.until)
            return {}, Term(due_at=end, green_until=end)
        elif kind == RequestKind.DEFERRAL:
            assert request.until is not None
            turn.deferred_until = request.until
            self.allow_more(record, deferral_gain(turn, request.until))
            case.force_close_at = None
            return due_of(turn), None
        return {}, None

    def refuse(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        self.give_back(record, at)
        request = self.end_request(record, RequestState.REFUSED, actor.user_id, at, reason)
        if request.kind == RequestKind.RETURN:
            record.held().returns_refused += 1
        self.move(record, "refuse_request", actor, at, reason=reason, changes=said_of(request))

    def withdraw_request(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        self.give_back(record, at)
        request = self.end_request(record, RequestState.WITHDRAWN, actor.user_id, at, reason)
        self.move(record, "withdraw_request", actor, at, reason=reason, changes=said_of(request))

    def undo_return(self, record: Record, actor: Actor, at: datetime) -> None:
        """As `dispatch.services.undoing`: the turn goes on, the request waits as before."""
        turn, stay, step = record.turns[-1], record.stay, record.steps[-1]
        request = record.requests[-1]
        assert turn.ended_at is not None
        assert stay is not None
        stopped_at, turn.ended_at = turn.ended_at, None
        turn.end_kind, turn.wrong_dispatch = "", False
        go_on(turn, stopped_at)
        stay.undone = True
        step.ended_at, step.decision, step.decided_by_id, step.reason = None, "", None, ""
        request.state, request.ended_at = RequestState.OPEN, None
        self.move(record, "undo_return", actor, at, term=term_of(turn),
                  changes={"turn": turn.number, "request": request.pk})  # fmt: skip

    def pass_on(self, record: Record, at: datetime) -> None:
        """By the clock: no lead has answered, or nobody may."""
        request, step = record.request, record.step
        assert request is not None
        assert step is not None
        following = next_reviewer(request, step.reviewer_role)
        assert following is not None
        self.give_back(record, at)
        remark = remark_of(step)
        self.end_step(record, StepDecision.PASSED_ON, None, at, remark)
        self.begin_step(record, request, following, at)
        self.move(record, "pass_request_on", CLOCK, at, occurred_at=step.due_at, reason=remark,
                  changes=said_of(request) | {"reviewer": following})  # fmt: skip

    def lapse(self, record: Record, at: datetime) -> dict[str, Any]:
        """End what waits without an answer; what the event says of it."""
        request = record.request
        if request is None or request.kind == RequestKind.APPEAL:
            return {"lapsed": []}
        said = self.give_back(record, at)
        self.end_request(record, RequestState.LAPSED, None, at, "")
        return {"lapsed": [request.pk], **said}

    def force_close(
        self, record: Record, actor: Actor, at: datetime, reason: str,
        occurred_at: datetime | None = None, successor: bool = False,
    ) -> None:  # fmt: skip
        """As `dispatch.services.forcing`; the successor is made by who makes new cases."""
        case, turn = record.case, record.turn
        if record.task is not None:
            self.end_task(record.task, TaskOutcome.LAPSED, at)
        said = self.lapse(record, at)
        if case.state == State.HANDLING:
            said |= said_of_deadline(case)
        if turn is not None:
            if turn.running_since is not None and occurred_at is not None:
                stop_clock(turn, max(occurred_at, turn.running_since))
            put_end(turn, TurnEnd.FORCED, at)
            said["turn"] = turn.number
        case.to_call_back = record.someone_to_call()
        self.move(record, "force_close", actor, at, occurred_at=occurred_at, reason=reason,
                  changes=said)  # fmt: skip


_ENDS: dict[str, TurnEnd] = {
    RequestKind.RETURN: TurnEnd.RETURNED,
    RequestKind.VOID: TurnEnd.VOIDED,
}


def due_of(turn: Turn) -> dict[str, str | None]:
    return {"due_at": turn.due_at.isoformat() if turn.due_at else None}
