"""How a case ends, and what comes after it (domain law §4)."""

from __future__ import annotations

from typing import Any

from assessment.facts.said import Said
from assessment.facts.story import Story, fingerprint_in
from assessment.facts.versions import Fact


class Ending(Story):
    """Closed, closed by force, reopened, rated, called back."""

    def on_close(self, event: Said) -> None:
        self.end_turn(event, "closed")
        self.end_case(event)

    def on_force_close(self, event: Said) -> None:
        early = event.was_due is None or event.occurred < event.was_due
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
                began_at=event.at, reporter_id=first.get("reporter_id"),
                watched_by_id=first.get("reporter_id"), self_handled=False,
                # What was settled on the spot is reported only now: it had counted apart.
                reported_at=event.at if self.case.get("self_handled") else None,
                succeeds=False, public=self.is_public(), merged=False, voided=False, uncounted=[],
            )
        )  # fmt: skip

    def on_rate(self, event: Said) -> None:
        self.call(event, call="web", satisfaction=event.changes["degree"])

    def on_call_back(self, event: Said) -> None:
        said = event.changes
        call = self.call(
            event, call="phone", valid=said["valid"], contacted=said["contacted"],
            resolved=said["resolved"], satisfaction=said["satisfaction"], caller_id=event.actor,
        )  # fmt: skip
        if said["valid"]:
            self.let_last_call_speak(event, call)

    def let_last_call_speak(self, event: Said, call: Fact) -> None:
        """One call for each reporter (assessment law §3): the last valid one, as known from now on.

        A call that names nobody was to the first reporter: of the report, else who is named first.
        """
        whom = fingerprint_in(event.changes)
        if whom and not self.first_reporter:
            self.first_reporter = whom
            if "" in self.called:
                self.called[whom] = self.called.pop("")
        whom = whom or self.first_reporter
        if whom in self.called:
            self.called[whom].judge(event.at, superseded=True)
        self.called[whom] = call

    def call(self, event: Said, **said: Any) -> Fact:
        fact = Fact(
            event.seq, occurred=event.at, recorded=event.at, **self.dims, called_at=event.at,
            superseded=False, **said,
        )  # fmt: skip
        self.facts.calls.append(fact)
        return fact
