"""Turns of departments and what they ask for (domain law §§4–5)."""

from __future__ import annotations

from assessment.facts.said import Said
from assessment.facts.story import Story
from assessment.facts.versions import Fact
from gridcity.contracts import Role


class Handling(Story):
    """What becomes of a case between its dispatch and its finish."""

    def on_dispatch(self, event: Said) -> None:
        self.begin_turn(event)
        if self.case.key == 1 and self.case.get("dispatched_at") is None:
            self.case.live(
                event.at, event.at, dispatched_at=event.at,
                dispatched_by_id=None if event.role == Role.ROUTING else event.actor,
            )  # fmt: skip

    def begin_turn(self, event: Said) -> None:
        self.facts.turns.append(
            Fact(
                event.changes["turn"], occurred=event.at, recorded=event.at, **self.dims,
                department=event.changes["department"], round=self.case.key, began_at=event.at,
                due_at=event.due, dispatcher_id=event.actor,
                automatic=event.role == Role.ROUTING,
                designation=bool(event.changes.get("designation")),
                assisted=bool(event.changes.get("assistants")), undone=False, wrong=False,
                reworks=0, extensions=0, refusals=0, deferred=False, suspended=False,
                reopened=False, forced_early=False, appealed=False, uncounted=[],
            )
        )  # fmt: skip
        self.count_as_last_turn(event)

    def on_reassign(self, event: Said) -> None:
        self.end_turn(event, "reassigned", wrong=True)
        self.begin_turn(event)

    def on_undo_dispatch(self, event: Said) -> None:
        if self.turn is not None:
            turn = self.turn
            self.end_turn(event, "undone")
            turn.judge(event.at, undone=True)
            self.count_as_last_turn(event)
            if all(one.get("undone") for one in self.facts.turns):
                self.case.judge(event.at, dispatched_at=None, dispatched_by_id=None)
        self.undo_stays(event)

    def on_undo_return(self, event: Said) -> None:
        turn = self.turn_of(event)
        self.facts.stays[-1].judge(event.at, undone=True)
        if turn is not None:
            turn.live(event.at, event.at, ended_at=None, end_kind="")
            turn.judge(event.at, wrong=False)
        self.reckon_returns(event)

    def on_send_back_to_file(self, event: Said) -> None:
        self.case.judge(event.at, sent_back=True)

    def on_undo_send_back(self, event: Said) -> None:
        self.case.judge(event.at, sent_back=False)
        self.undo_stays(event)

    def on_approve_return(self, event: Said) -> None:
        self.end_turn(event, "returned", wrong=True)
        self.reckon_returns(event)

    def reckon_returns(self, event: Said) -> None:
        """Whether the ownership is disputed since this return, or is not since it was undone."""
        ended = [
            one.get("ended_at") for one in self.facts.turns if one.get("end_kind") == "returned"
        ]
        is_disputed = len(ended) >= self.beside.returns(event.at)
        self.case.judge(event.at, disputed_at=ended[-1] if is_disputed else None)

    def on_approve_suspension(self, event: Said) -> None:
        if self.turn is not None:
            self.turn.judge(event.at, suspended=True)

    def on_approve_void(self, event: Said) -> None:
        self.end_turn(event, "voided")
        self.end_case(event)
        self.case.judge(event.at, voided=True)
        self.leave_figures(event, out=True)

    def on_ask_appeal(self, event: Said) -> None:
        turn = self.turn_of(event)
        if turn is not None:
            turn.judge(event.at, appealed=True)

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
                self.uphold(event, turn, event.changes["fact"])

    def uphold(self, event: Said, turn: Fact, fact: str) -> None:
        """The fact stays, its counted twin does not (domain law §5, APPEAL)."""
        turn.judge(event.at, uncounted=sorted({*turn.get("uncounted"), fact}))
        if turn is self.last_turn_of(turn.get("round")):
            case = next(one for one in self.facts.cases if one.key == turn.get("round"))
            case.judge(event.at, uncounted=turn.get("uncounted"))
        if fact == "failed_check":
            for task in self.facts.tasks:
                answers = task.get("outcome"), task.get("late_outcome")
                if task.get("turn") == turn.key and "failed" in answers:
                    task.judge(event.at, counted=False)

    def last_turn_of(self, number: int) -> Fact | None:
        """The turn by which a round of the case is late or in time."""
        theirs = [one for one in self.facts.turns if one.get("round") == number]
        return next((one for one in reversed(theirs) if not one.get("undone")), None)

    def count_as_last_turn(self, event: Said) -> None:
        """Who has the case from now on is appealed for by himself alone."""
        turn = self.last_turn_of(self.case.key)
        uncounted = turn.get("uncounted") if turn is not None else []
        self.case.live(event.at, event.at, uncounted=uncounted)

    def on_refuse_request(self, event: Said) -> None:
        turn = self.turn_of(event)
        if event.changes["kind"] != "RETURN" or turn is None:
            return
        refusals = turn.get("refusals") + 1
        turn.judge(event.at, refusals=refusals)
        if refusals == self.beside.refusals(event.at):
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
