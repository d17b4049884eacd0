"""Carrying a story out in memory; the rows of a case are handed over when it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from heapq import heappop, heappush

from cases.canonical import utc_text
from cases.clocks.calendar import SHANGHAI
from cases.models import Case, Event, PhotoRole, Reporter
from cases.models.case import PlacedBy
from cases.services.placing import known
from cases.services.reporting import said_of_report
from cases.services.transition import desk_term, next_event
from cases.workflow import State
from dispatch.simulation.afterthoughts import ewkb_of
from dispatch.simulation.ground import CellFacts
from dispatch.simulation.making import maker
from dispatch.simulation.merging import Merging, ground_of
from dispatch.simulation.people import People
from dispatch.simulation.pictures import ACCURACY_M, sha
from dispatch.simulation.record import Ids, Record
from dispatch.simulation.reports import NO_PART_REASON, Report, Totals, next_sweep, successor_of
from dispatch.simulation.steps import Plan, View
from gridcity.contracts import Actor, Role
from parts.codes import build_case_number
from parts.models import Cell
from parts.selectors import communities, district_code, streets
from parts.selectors.keys import class_by_id

TEN_MINUTES = timedelta(minutes=10)


class Bulk(Merging):
    """The player that reckons in memory."""

    def __init__(
        self, people: People, ids: Ids, serials: dict[int, int], keep: Callable[[Record], None],
        totals: Totals,
    ) -> None:  # fmt: skip
        super().__init__(people, ids)
        self.totals = totals
        self.successors: list[Report] = []
        self.first_serials, self.serials = dict(serials), serials
        self.keep = keep
        self.records: dict[int, Record] = {}
        self.timers: list[tuple[datetime, int]] = []
        self.together = {}

    # ---------------------------------------------------------------- the player

    def act(self, index: int, plan: Plan) -> View:
        record, step = self.records[index], plan.step
        version = record.case.version
        if step is not None and plan.holds(
            version, lambda: self.leading(record), lambda: record.is_led
        ):
            ACTIONS[step.action](self, record, step.actor, plan.at, **step.said)
            self.set_timer(index, record)
            for member in self.release(record, plan.at) if record.members else ():
                self.set_timer(member.report.index, member)
        return record.view(self.leading(record))

    def view(self, index: int) -> View:
        record = self.records[index]
        return record.view(self.leading(record))

    def sweep(self, until: datetime) -> None:
        while self.timers and self.timers[0][0] < until:
            at, index = heappop(self.timers)
            record = self.records.get(index)
            if record is not None and record.looked_at_next == at:
                self.sweep_case(record, at)
                self.set_timer(index, record)

    def set_timer(self, index: int, record: Record) -> None:
        """Remember when the clock has to look at a case next; it forgets what was before."""
        due_at = self.owed_first(record)
        at = None if due_at is None else next_sweep(max(due_at, record.events[-1].at))
        if at is not None and at != record.looked_at_next:
            heappush(self.timers, (at, index))
        record.looked_at_next = at

    def over(self, index: int) -> None:
        record = self.records.pop(index)
        record.beside.remove(index)
        if not record.beside:
            del self.together[ground_of(record)]
        self.keep(record)

    def finish(self) -> None:
        """Hand over what is still open."""
        for record in self.records.values():
            self.keep(record)
        self.records.clear()

    # ---------------------------------------------------------------- reports

    def report(self, report: Report) -> View:
        actor = self.people.actors[report.by]
        state = State.SELF_HANDLED if report.self_handled else State.REPORTED
        ewkb = ewkb_of(report.point)
        case = self.new_case(report, state, ewkb)
        record = Record(case, report, ewkb, report.point)
        self.records[report.index] = record
        reporter = self.reporter(record)
        pictures = [report.picture, report.picture + 1] if report.self_handled else [report.picture]
        shas = [sha(one) for one in pictures]
        changes = said_of_report(case, list(report.point), reporter, shas)
        term = desk_term(state, report.at)
        if term.due_at is not None:
            changes["stage_due"] = utc_text(term.due_at)
        event = next_event(
            case, action="report_self_handled" if report.self_handled else "report", actor=actor,
            role=report.role, at=report.at, occurred_at=None, reason="", changes=changes,
            states=(None, state), made=maker(Event),
        )  # fmt: skip
        self.append(record, event)
        self.keep_stay(record, self.next_stay(case, state, event.seq, report.at, term))
        if report.self_handled:
            self.photo(record, event, pictures[0], PhotoRole.BEFORE, report.at - TEN_MINUTES,
                       actor, report.at)  # fmt: skip
        role = PhotoRole.AFTER if report.self_handled else PhotoRole.NEAR
        self.photo(record, event, pictures[-1], role, report.at, actor, report.at)
        self.set_timer(report.index, record)
        self.join(record)
        return record.view(self.leading(record))

    def new_case(self, report: Report, state: State, ewkb: str) -> Case:
        """The row; its point as the database reads it, which no model would take."""
        case = maker(Case)(
            id=self.ids.of_case(report.position), number=self.number(report), state=state,
            reported_at=report.at, state_since=report.at, source=report.source,
            sources=[report.source], occurred_at=report.at, reported_by_id=report.by,
            description=report.description, place_text=report.place, kind=report.entry.kind,
            no_part_reason=NO_PART_REASON if report.entry.kind == "part" else "",
            point=ewkb, accuracy_m=ACCURACY_M, placed_by=PlacedBy.GPS,
            self_handled=report.self_handled, catalogue_class=class_by_id(report.entry.id),
            cell=cell_of(report.cell), community=communities()[report.cell.community_id],
            street=streets()[report.cell.street_id],
        )  # fmt: skip
        if report.role == Role.ACCEPTOR and not report.self_handled:
            case.first_contact_id = report.by
        return case

    def force_close_and_go_on(
        self, record: Record, actor: Actor, at: datetime, reason: str, successor: bool
    ) -> None:
        """As `force_close_case` with its `successor`."""
        self.force_close(record, actor, at, reason)
        if successor:
            report = successor_of(record.report, at, self.totals)
            following = self.succeed(record, report, self.number(report), actor)
            self.records[report.index] = following
            self.successors.append(report)
            self.set_timer(report.index, following)
            self.join(following)

    def number(self, report: Report) -> str:
        year = report.at.astimezone(SHANGHAI).year
        serial = self.first_serials.get(year, 0) + report.serial
        self.serials[year] = max(self.serials.get(year, 0), serial)
        return build_case_number(district_code(), year, serial)

    def reporter(self, record: Record) -> Reporter | None:
        caller = record.report.caller
        if caller is None:
            return None
        row = maker(Reporter)(
            id=self.ids.next(Reporter), case=record.case, source=record.case.source,
            name=caller.name, phone=caller.phone, may_call=True, salt=caller.salt,
        )  # fmt: skip
        record.reporters.append(row)
        return row


@cache
def cell_of(facts: CellFacts) -> Cell:
    return known(
        Cell, id=facts.id, code=facts.code, limit_area=facts.limit_area,
        community_id=facts.community_id,
    )  # fmt: skip


def moved(action: str) -> Callable[..., None]:
    """An action that only moves the case."""

    def carry_out(bulk: Bulk, record: Record, actor: Actor, at: datetime, reason: str = "") -> None:
        bulk.move(record, action, actor, at, reason=reason)

    return carry_out


ACTIONS: dict[str, Callable[..., None]] = {
    "send_verify": Bulk.send_verify,
    "verify": Bulk.verify,
    "accept": Bulk.accept,
    "not_accept": Bulk.not_accept,
    "approve_self_handled": Bulk.approve_self_handled,
    "refuse_self_handled": Bulk.refuse_self_handled,
    "file": Bulk.file,
    "merge": Bulk.merge,
    "undo_merge": Bulk.undo_merge,
    "not_file": moved("not_file"),
    "send_back_to_accept": moved("send_back_to_accept"),
    "send_back_to_file": moved("send_back_to_file"),
    "undo_send_back": Bulk.undo_send_back,
    "dispatch": Bulk.dispatch,
    "reassign": Bulk.reassign,
    "finish": Bulk.finish_handling,
    "withdraw_finish": Bulk.withdraw_finish,
    "send_check": Bulk.send_check,
    "check_passed": Bulk.check_passed,
    "check_failed": Bulk.check_failed,
    "close": Bulk.close,
    "refuse_close": Bulk.refuse_close,
    "resume": Bulk.resume,
    "force_close": Bulk.force_close_and_go_on,
    "urge": moved("urge"),
    "supervise": moved("supervise"),
    "amend": Bulk.amend,
    "supplement": Bulk.supplement,
    "supplement_own": Bulk.supplement_own,
    "undo_dispatch": Bulk.undo_dispatch,
    "reconsider": moved("reconsider"),
    "rate": Bulk.rate,
    "object_missed": Bulk.object_missed,
    "uphold_objection": Bulk.uphold_objection,
    "refuse_objection": Bulk.refuse_objection,
    "reopen": Bulk.reopen,
    "call_back": Bulk.call_back,
    "ask": Bulk.ask,
    "approve": Bulk.approve,
    "preapprove": Bulk.approve,
    "refuse": Bulk.refuse,
    "withdraw_request": Bulk.withdraw_request,
    "undo_return": Bulk.undo_return,
}
