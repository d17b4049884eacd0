"""Tasks of supervisors: verify and check, answered, passed on, recalled (domain law §4)."""

from __future__ import annotations

from assessment.facts.said import Said
from assessment.facts.story import Story
from assessment.facts.versions import Fact


class Checking(Story):
    """Who was sent to look, and what he said."""

    def on_send_verify(self, event: Said) -> None:
        self.begin_task(event, "verify", event.changes["to"])

    def on_send_check(self, event: Said) -> None:
        self.begin_task(event, "check", event.changes["to"])

    def begin_task(self, event: Said, kind: str, assignee: int) -> None:
        """A check belongs to the finish that it checks, and so to life from that on."""
        turn = self.turn if kind == "check" else None
        finished = turn.get("finished_at") if turn else None
        self.facts.tasks.append(
            Fact(
                event.seq, occurred=finished or event.at, recorded=event.at, **self.dims, task=kind,
                assignee_id=assignee, sent_at=event.at, due_at=event.due,
                department=turn.get("department") if turn else None,
                turn=turn.key if turn else None, finished_at=finished, counted=True,
            )
        )  # fmt: skip

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
        self.let_last_check_speak(event)
        task = self.task
        if task is not None and task.get("assignee_id") != event.actor:
            self.end_task(event, "lapsed")
            had = [one for one in self.facts.tasks if one.get("assignee_id") == event.actor]
            if had:
                had[-1].judge(event.at, late_outcome=event.changes["outcome"])
            return
        self.end_task(event, event.changes["outcome"])

    def let_last_check_speak(self, event: Said) -> None:
        """A finish that is checked once more, since its closing was refused, is one finish."""
        task = self.task
        if task is None or task.get("finished_at") is None:
            return
        for one in self.facts.tasks:
            is_of_it = one.get("finished_at") == task.get("finished_at")
            if (
                one is not task
                and is_of_it
                and "passed" in (one.get("outcome"), one.get("late_outcome"))
            ):
                one.judge(event.at, finished_at=None)

    def on_pass_task_on(self, event: Said) -> None:
        task = self.task
        if task is None:
            return
        self.end_task(event, event.changes["outcome"])
        self.begin_task(event, task.get("task"), event.changes["to"])

    def on_recall_task(self, event: Said) -> None:
        self.end_task(event, "recalled")
