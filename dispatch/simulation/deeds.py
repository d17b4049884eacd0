"""What people do to a case in memory: the rows that each action of the services would write.

The pure rules, the words of events and the reckoning of clocks are those of the services; only
where a service asks the database is the answer taken from memory here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.clocks.calendar import SHANGHAI
from cases.clocks.numbers import AUTOMATIC_CHECK, DESIGNATION_RETURNS, RELAPSE_DAYS
from cases.models import CallBack, Case, Miss, PhotoRole, TaskKind, TaskOutcome
from cases.selectors.misses import (
    Candidate,
    Heard,
    heard_first,
    may_be_missed,
    shifts_that_missed,
)
from cases.selectors.settings import days_at, default_calendar, number_at
from cases.services.accepting import needs_waiver
from cases.services.ending import reopened_state
from cases.services.filing import copy_standard, said_of_miss
from cases.services.missing import next_miss
from cases.services.reporting import fingerprints_of
from cases.services.succeeding import force_close_instant
from cases.workflow import State
from dispatch.models import Request, Turn, TurnEnd
from dispatch.routing import Index, Proposal, Question, propose
from dispatch.selectors.routing import DISTRICT_DIGITS, CaseProposal, index_of
from dispatch.services.turns import go_on, next_turn, put_end, stop_clock, term_of
from dispatch.simulation.afterthoughts import Afterthoughts
from dispatch.simulation.making import maker
from dispatch.simulation.people import People
from dispatch.simulation.pictures import sha
from dispatch.simulation.record import Ids, Record
from gridcity.contracts import ROUTING, Actor, Role
from parts.models import FilingStandard
from parts.selectors import communities, same_matter, streets


class Deeds(Afterthoughts):
    """Accepting, filing, dispatching, handling, checking, closing, and what follows the end."""

    def __init__(self, people: People, ids: Ids) -> None:
        super().__init__(people, ids)
        self.standards = FilingStandard.objects.in_bulk()
        self.index: Index = index_of(None)
        self.manned = frozenset(people.members)
        # The cases closed last of each cell and class: when, id.
        self.closed: dict[tuple[int, int], list[tuple[datetime, int]]] = {}

    # ---------------------------------------------------------------- before the filing

    def accept(self, record: Record, actor: Actor, at: datetime, waiver: str = "") -> None:
        case = record.case
        case.verify_waived_reason = waiver if needs_waiver(case, at) else ""
        case.first_contact_id = case.first_contact_id or actor.user_id
        self.move(record, "accept", actor, at,
                  changes={"waiver": waiver} if case.verify_waived_reason else {})  # fmt: skip

    def not_accept(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        record.case.first_contact_id = record.case.first_contact_id or actor.user_id
        self.move(record, "not_accept", actor, at, reason=reason)

    def send_verify(self, record: Record, actor: Actor, at: datetime) -> None:
        case = record.case
        case.first_contact_id = case.first_contact_id or actor.user_id
        but = {case.reported_by_id} if case.reported_by_id else set()
        task = self.give(record, TaskKind.VERIFY, self.sending(record),
                         self.find(record, at, but, frozenset()), at)  # fmt: skip
        self.move(record, "send_verify", actor, at, changes={"to": task.assignee_id})

    @staticmethod
    def sending(record: Record) -> int:
        return record.tasks[-1].sending + 1 if record.tasks else 1

    def verify(
        self, record: Record, actor: Actor, at: datetime, outcome: str, picture: int
    ) -> None:
        assert record.task is not None
        self.end_task(record.task, TaskOutcome(outcome), at)
        record.case.verify_outcome = outcome
        event = self.move(
            record, "verify", actor, at, term=self.goes_on(record, State.REPORTED, at),
            changes={"outcome": outcome, "words": "", "photos": [sha(picture)]},
        )  # fmt: skip
        self.photo(record, event, picture, PhotoRole.OTHER, at, actor, at)

    def approve_self_handled(self, record: Record, actor: Actor, at: datetime) -> None:
        self.move(record, "approve_self_handled", actor, at)
        self.note_closed(record)

    def refuse_self_handled(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        record.case.self_handled = False
        self.move(record, "refuse_self_handled", actor, at, reason=reason,
                  changes={"self_handled": [True, False]})  # fmt: skip

    def file(self, record: Record, actor: Actor, at: datetime, standard: int, missed: bool) -> None:
        case = record.case
        candidate = self.candidate(record, at) if missed else None
        copy_standard(case, self.standards[standard])
        case.standard_id = standard  # no plain row's id follows what is assigned later
        case.filed_at, case.filed_by_id = at, actor.user_id
        case.relapse_of_id = self.relapse_of(case, at)
        case.force_close_at = force_close_instant(self.standards[standard], at)
        self.move(
            record, "file", actor, at,
            changes={
                "standard": standard, "limit": [str(case.limit_value), case.limit_unit],
                "limit_area": case.limit_area, "cell": case.cell_id,
                "relapse_of": case.relapse_of_id,
            } | said_of_miss(candidate),
        )  # fmt: skip
        if candidate is not None:
            row = next_miss(case, candidate, actor, at, made=maker(Miss))
            row.pk = self.ids.next(Miss)
            record.misses.append(row)
        found = self.proposal(record, at)
        if found.automatic and found.department and not self.needs_designation(record, at):
            self.hand_over(record, "dispatch", ROUTING, at, found, found.department.id)

    def candidate(self, record: Record, at: datetime) -> Candidate | None:
        """Who may have missed a case, as `cases.selectors.misses.candidate_of` asks it."""
        if not may_be_missed(record.case):
            return None
        told = [one.case for one in (record, *record.members)]
        for heard in heard_first(Heard(one.source, one.reported_at, one.cell_id) for one in told):
            shifts = shifts_that_missed(heard.at, at)
            walked = self.people.patrols.get(heard.cell_id or 0, ())
            found = sorted((user, shift) for shift, user in walked if shift in shifts)
            if found:
                return Candidate(*found[0], heard)
        return None

    def relapse_of(self, case: Case, at: datetime) -> int | None:
        """The case of the same matter on the same ground that was closed last."""
        since = at - days_at(RELAPSE_DAYS, at)
        found = [
            entry
            for class_id in same_matter(case.catalogue_class_id)
            for entry in self.closed.get((case.cell_id or 0, class_id), ())[-1:]
            if entry[0] >= since
        ]
        return max(found)[1] if found else None

    def note_closed(self, record: Record) -> None:
        case = record.case
        assert case.cell_id is not None
        listed = self.closed.setdefault((case.cell_id, case.catalogue_class_id), [])
        listed.append((case.state_since, case.pk))
        listed.sort()

    # ---------------------------------------------------------------- in a department's hands

    def proposal(self, record: Record, at: datetime) -> Proposal:
        """What routing proposes, as `dispatch.selectors.routing.proposal_for` asks it."""
        case, on = record.case, at.astimezone(SHANGHAI).date()
        is_working = default_calendar().is_working_at(at)
        asked = (case.catalogue_class_id, on, is_working)
        if asked == record.asked:
            return record.proposed
        entry, street = case.catalogue_class, streets()[case.street_id or 0].code
        community = communities()[case.community_id or 0].code
        question = Question(
            kind=case.kind, scheme=entry.scheme_id, class_code=entry.code,
            areas=(record.report.cell.code, community, street, street[:DISTRICT_DIGITS]),
            on=on, source=case.source, is_working=is_working, bodies=None,
        )  # fmt: skip
        record.asked, record.proposed = asked, propose(self.index, question, self.manned)
        return record.proposed

    def dispatch(self, record: Record, actor: Actor, at: datetime, department: str) -> None:
        found = self.proposal(record, at)
        proposed = found.department.id if found.department else 0
        chosen = self.people.by_code(department).pk if department else proposed
        consent = record.consent(chosen) if self.needs_designation(record, at) else None
        self.hand_over(record, "dispatch", actor, at, found, chosen, consent=consent)

    @staticmethod
    def needs_designation(record: Record, at: datetime) -> bool:
        """As `dispatch.services.asking`: the ownership is disputed."""
        return bool(record.requests) and record.returns() >= number_at(DESIGNATION_RETURNS, at)

    def reassign(
        self, record: Record, actor: Actor, at: datetime, department: str, reason: str
    ) -> None:
        before = record.held()
        put_end(before, TurnEnd.REASSIGNED, at, wrong=True)
        self.hand_over(
            record, "reassign", actor, at, self.proposal(record, at),
            self.people.by_code(department).pk, reason=reason,
            changes={"from": before.department.code},
        )  # fmt: skip

    def hand_over(
        self, record: Record, action: str, actor: Actor, at: datetime, found: Proposal,
        department_id: int, *, reason: str = "", changes: dict[str, Any] | None = None,
        consent: Request | None = None,
    ) -> None:  # fmt: skip
        rule_id = CaseProposal(found, "").rule_id
        turn = next_turn(
            record.case, self.people.departments[department_id], actor=actor,
            role=Role.ROUTING if actor is ROUTING else Role.DISPATCHER, at=at,
            number=len(record.turns) + 1, is_designation=consent is not None,
            proposal_department_id=found.department.id if found.department else None,
            proposal_rule_id=rule_id, made=maker(Turn),
        )  # fmt: skip
        turn.pk = self.ids.next(Turn)
        record.turns.append(turn)
        said = {
            **(changes or {}),
            "department": turn.department.code,
            "turn": turn.number,
            "due_at": turn.due_at.isoformat() if turn.due_at else None,
        }
        if consent is not None:
            said["designation"] = True
            consent.used_by_id = turn.pk
        if actor is ROUTING:
            said["rule"] = rule_id
        self.move(record, action, actor, at, reason=reason, changes=said, term=term_of(turn))

    def finish_handling(
        self, record: Record, actor: Actor, at: datetime, result: str, picture: int
    ) -> None:
        lapsed, turn = self.lapse(record, at), record.held()
        turn.finished_at = at
        turn.finish_in_time = turn.due_at is None or at <= turn.due_at
        stop_clock(turn, at)
        record.case.ever_finished, record.case.result = True, result
        event = self.move(
            record, "finish", actor, at,
            changes={
                "result": result, "turn": turn.number, "in_time": turn.finish_in_time,
                "photos": [sha(picture)], **lapsed,
            },
        )  # fmt: skip
        self.photo(record, event, picture, PhotoRole.AFTER, at, actor, at)
        self.send_check_automatically(record, at)

    def withdraw_finish(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        turn = record.held()
        assert turn.finished_at is not None
        go_on(turn, turn.finished_at)
        turn.finished_at = turn.finish_in_time = None
        self.move(record, "withdraw_finish", actor, at, reason=reason,
                  changes={"turn": turn.number}, term=term_of(turn))  # fmt: skip

    def resume(
        self, record: Record, actor: Actor, at: datetime, occurred_at: datetime | None = None
    ) -> None:
        turn = record.held()
        go_on(turn, at)
        due_at = turn.due_at.isoformat() if turn.due_at else None
        self.move(record, "resume", actor, at, occurred_at=occurred_at, term=term_of(turn),
                  changes={"turn": turn.number, "due_at": due_at})  # fmt: skip

    # ---------------------------------------------------------------- check and close

    def send_check(self, record: Record, actor: Actor, at: datetime) -> None:
        barred = self.people.barred[record.held().department_id]
        assignee = self.find(record, at, set(), barred)
        self.give(record, TaskKind.CHECK, self.sending(record), assignee, at)
        self.move(record, "send_check", actor, at, changes={"to": assignee})

    def send_check_automatically(self, record: Record, at: datetime) -> None:
        barred = self.people.barred[record.held().department_id]
        if number_at(AUTOMATIC_CHECK, at) and self.find(record, at, set(), barred):
            self.send_check(record, ROUTING, at)

    def check_passed(self, record: Record, actor: Actor, at: datetime, picture: int) -> None:
        self.answer_check(record, actor, at, TaskOutcome.PASSED, picture, "")

    def check_failed(
        self, record: Record, actor: Actor, at: datetime, picture: int, reason: str
    ) -> None:
        self.answer_check(record, actor, at, TaskOutcome.FAILED, picture, reason)

    def answer_check(
        self, record: Record, actor: Actor, at: datetime, outcome: TaskOutcome, picture: int,
        reason: str,
    ) -> None:  # fmt: skip
        assert record.task is not None
        self.end_task(record.task, outcome, at)
        turn, term = record.held(), None
        if outcome is TaskOutcome.FAILED:
            turn.finished_at = turn.finish_in_time = None
            turn.rework_count += 1
            go_on(turn, at)
            term = term_of(turn)
        changes = {"outcome": outcome, "words": "", "photos": [sha(picture)], "turn": turn.number}
        event = self.move(record, f"check_{outcome}", actor, at, reason=reason, changes=changes,
                          term=term)  # fmt: skip
        self.photo(record, event, picture, PhotoRole.OTHER, at, actor, at)

    def close(
        self, record: Record, actor: Actor, at: datetime, occurred_at: datetime | None = None
    ) -> None:
        turn = record.held()
        put_end(turn, TurnEnd.CLOSED, at)
        record.case.to_call_back = record.someone_to_call()
        self.move(record, "close", actor, at, occurred_at=occurred_at,
                  changes={"turn": turn.number})  # fmt: skip
        self.note_closed(record)

    def refuse_close(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        self.move(record, "refuse_close", actor, at, reason=reason)
        self.send_check_automatically(record, at)

    def reopen(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        case = record.case
        assert case.cell_id is not None
        self.closed[case.cell_id, case.catalogue_class_id].remove((case.state_since, case.pk))
        case.round += 1
        case.force_close_at, case.to_call_back = None, False
        self.move(record, "reopen", actor, at, reason=reason, changes={"round": case.round},
                  target=reopened_state(case))  # fmt: skip

    def call_back(self, record: Record, actor: Actor, at: datetime, **said: Any) -> None:
        assert actor.user_id is not None
        reporter = record.left_to_call()[0]
        record.call_backs.append(
            maker(CallBack)(
                id=self.ids.next(CallBack), case=record.case, reporter=reporter,
                called_by_id=actor.user_id, at=at, **said,
            )
        )  # fmt: skip
        if said["contacted"]:
            record.case.to_call_back = bool(record.left_to_call())
        whom = {"reporter": fingerprints_of(reporter)}
        self.move(record, "call_back", actor, at, changes=said | whom)
