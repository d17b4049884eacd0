"""Carrying a story out through the services, and the clock's sweeps at their instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from cases.clocks.calendar import SHANGHAI
from cases.models import Case, PhotoRole, Reporter
from cases.models.case import PlacedBy
from cases.selectors.calling import left_to_call
from cases.selectors.misses import candidate_of
from cases.services.accepting import Amendment, accept_case, amend_case, not_accept_case
from cases.services.ending import (
    call_back,
    issue_query_code,
    rate_case,
    reconsider_case,
    reopen_case,
)
from cases.services.filing import not_file_case, send_back_to_accept
from cases.services.merging import merge_case, undo_merge
from cases.services.missing import object_to_miss, refuse_objection, uphold_objection
from cases.services.placing import Place
from cases.services.reporting import ReporterInput, ReportInput, report_case
from cases.services.self_handling import (
    approve_self_handled,
    refuse_self_handled,
    report_self_handled,
)
from cases.services.verifying import answer_verification, send_verify
from cases.workflow import LEADING
from dispatch.models import Request, RequestState
from dispatch.selectors.routing import proposal_for
from dispatch.services.checking import close_case, fail_check, pass_check, refuse_close, send_check
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import (
    dispatch_case,
    file_case,
    finish_case,
    reassign_case,
    send_back_to_file,
    withdraw_finish,
)
from dispatch.services.reviews import (
    approve_request,
    ask_request,
    preapprove_request,
    refuse_request,
    withdraw_request,
)
from dispatch.services.supplementing import supplement_case, supplement_own
from dispatch.services.suspending import resume_case
from dispatch.services.timers import lag_by_kind, sweep_timers
from dispatch.services.undoing import undo_dispatch, undo_return, undo_send_back
from dispatch.services.urging import supervise_case, urge_case
from dispatch.simulation.afterthoughts import CODE_GIVER
from dispatch.simulation.people import People
from dispatch.simulation.pictures import ACCURACY_M, taken
from dispatch.simulation.record import Ids
from dispatch.simulation.reports import NO_PART_REASON, Report, Totals, next_sweep, successor_of
from dispatch.simulation.sequences import Identity
from dispatch.simulation.steps import Plan, View
from gridcity.contracts import Actor
from parts.codes import build_case_number
from parts.selectors import district_code

TEN_MINUTES = timedelta(minutes=10)
FAR = datetime(2199, 1, 1, tzinfo=UTC)  # later than anything the clock will owe
PHOTO_OF = {"finish": PhotoRole.AFTER}


# The columns of `View`, and when the clock may owe the case something at the earliest.
_VIEW = """
    select c.state, c.version, c.due_at, c.verify_outcome, c.filed_by_id, c.ever_finished, c.round,
        c.to_call_back, k.assignee_id, t.department_id, t.dispatched_by_id, coalesce(t.number, 0),
        coalesce(t.rework_count, 0), t.overdue_at is not null, coalesce(r.kind, ''),
        coalesce(s.reviewer_role, ''), coalesce(l.number, ''),
        m.id is not null and m.ended_at is null, c.ended_at, coalesce(t.end_kind, '') = 'forced',
        case when i.objected_at is null then i.supervisor_id end, i.object_until, i.confirmed_by_id,
        i.objected_at is not null and i.answered_at is null,
        e.action, e.actor_id, c.state_since,
        (select count(*) from dispatch_turn where case_id = c.id and end_kind = 'returned'),
        coalesce(t.is_designation, false), coalesce(d.code, ''),
        least(y.due_at, y.idle_at, t.timer_at, k.due_at, k.shift_ends_at, s.due_at, s.idle_at,
            c.force_close_at, c.due_at)
    from cases_case c
    left join lateral (
        select * from dispatch_turn where case_id = c.id order by number desc limit 1) t on true
    left join lateral (
        select action, actor_id from cases_event
        where case_id = c.id and from_state <> to_state order by seq desc limit 1) e on true
    left join lateral (
        select proposed_department_id from dispatch_request
        where case_id = c.id and kind = 'DESIGNATION' and state = 'approved' and used_by_id is null
        order by id limit 1) g on true
    left join dispatch_department d on d.id = g.proposed_department_id
    left join dispatch_request r on r.case_id = c.id and r.state = 'open'
    left join dispatch_requeststep s on s.request_id = r.id and s.ended_at is null
    left join cases_task k on k.case_id = c.id and k.ended_at is null
    left join cases_stay y on y.case_id = c.id and y.ended_at is null
    left join cases_miss i on i.case_id = c.id
    left join cases_case m on m.id = c.merged_into_id
    left join lateral (
        select o.number from cases_case o
        where c.state = 'REPORTED' and o.id < c.id and o.cell_id = c.cell_id
            and o.catalogue_class_id = c.catalogue_class_id and o.state = any(%s)
            and not exists (select from cases_case own where own.merged_into_id = c.id)
        order by o.id limit 1) l on true
    where c.number = %s"""


class Live:
    """The player that acts as the pages do."""

    def __init__(self, people: People, ids: Ids, serials: dict[int, int], totals: Totals) -> None:
        self.people = people
        self.ids, self.serials, self.totals = ids, serials, totals
        self.successors: list[Report] = []
        self.given: list[Identity] = []
        self.numbers: dict[int, str] = {}
        self.reports: dict[int, Report] = {}
        self.now = self.next_due = datetime.min.replace(tzinfo=UTC)

    def report(self, report: Report) -> View:
        """Take a report in; returns the case as it stands then."""
        actor = self.people.actors[report.by]
        said = ReportInput(
            kind=report.entry.kind,
            class_code=report.entry.code,
            scheme=report.entry.scheme,
            place=Place(*report.point, ACCURACY_M),
            place_text=report.place,
            description=report.description,
            source=report.source,
            no_part_reason=NO_PART_REASON if report.entry.kind == "part" else "",
            reporter=ReporterInput(
                report.caller.name, report.caller.phone, True, report.caller.salt
            ) if report.caller else None,
        )  # fmt: skip
        if report.self_handled:
            before = taken(report.picture, PhotoRole.BEFORE, report.at - TEN_MINUTES, report.point)
            after = taken(report.picture + 1, PhotoRole.AFTER, report.at, report.point)
            case = report_self_handled(
                actor=actor, at=report.at, report=said, photos=[before, after]
            )
        else:
            near = taken(report.picture, PhotoRole.NEAR, report.at, report.point)
            case = report_case(actor=actor, at=report.at, report=said, photos=[near])
        self.numbers[report.index], self.reports[report.index] = case.number, report
        return self.view(report.index)

    def view(self, index: int) -> View:
        """The case as it stands now; remembers when the clock will owe it something."""
        with connection.cursor() as cursor:
            cursor.execute(_VIEW, [sorted(LEADING), self.numbers[index]])
            *seen, due_at = cursor.fetchone()
        if due_at is not None:
            self.next_due = min(self.next_due, due_at)
        return View(*seen)

    def act(self, index: int, plan: Plan) -> View:
        """Carry one step out, if the case is still as it was when it was planned."""
        view, step = self.view(index), plan.step
        if step is None or not plan.holds(view.version, lambda: view.leading, lambda: view.is_led):
            return view
        said, at = dict(step.said), plan.at
        if "picture" in said:
            said["photos"] = [
                taken(
                    said.pop("picture"), PHOTO_OF.get(step.action, PhotoRole.OTHER), at,
                    self.reports[index].point,
                )
            ]  # fmt: skip
        if step.action in VERSIONED:
            said["version"] = plan.version
        with self.numbered(index, at) if said.get("successor") else nullcontext():
            SERVICES[step.action](number=self.numbers[index], actor=step.actor, at=at, **said)
        return self.view(index)

    @contextmanager
    def numbered(self, index: int, at: datetime) -> Iterator[None]:
        """Let the successor that is made within take the number that belongs to it."""
        report = successor_of(self.reports[index], at, self.totals)
        year = at.astimezone(SHANGHAI).year
        wanted = Identity(
            self.ids.of_case(report.position), year, self.serials.get(year, 0) + report.serial
        )
        with wanted.given():
            yield
        self.given.append(wanted)
        number = build_case_number(district_code(), year, wanted.serial)
        self.numbers[report.index], self.reports[report.index] = number, report
        self.successors.append(report)

    def settle(self) -> None:
        """Let the numbers of cases go on after those of successors too."""
        for one in self.given:
            one.reach()

    def sweep(self, until: datetime) -> None:
        """Let the clock do what was due before an instant, at each of its own instants."""
        while (at := next_sweep(max(self.next_due, self.now))) < until:
            while sweep_timers(at=at).done:
                pass
            self.now = at
            self.next_due = FAR - max(lag_by_kind(at=FAR).values())
        self.now = until

    def over(self, index: int) -> None:
        """Nothing is owed to a case that is over."""


def file(*, number: str, standard: int, missed: bool, at: datetime, **said: Any) -> None:
    """With the answer to whether the patrol missed it, where that is a question at all."""
    if missed:
        missed = candidate_of(Case.objects.get(number=number), at) is not None
    file_case(number=number, standard_id=standard, missed=missed, at=at, **said)


def dispatch(*, number: str, department: str, at: datetime, **said: Any) -> None:
    """To the department named, else to that which routing proposes."""
    if not department:
        found = proposal_for(Case.objects.get(number=number), at=at)
        assert found is not None
        assert found.department is not None
        department = found.department.code
    dispatch_case(number=number, department=department, at=at, **said)


def amend(*, number: str, point: tuple[float, float] | None = None, description: str | None = None,
          **said: Any) -> None:  # fmt: skip
    """The words, or the point, in degrees (EPSG:4490)."""
    place = Place(*point, ACCURACY_M, PlacedBy.MANUAL) if point else None
    amend_case(number=number, amendment=Amendment(place=place, description=description), **said)


def rate(*, number: str, actor: Actor, at: datetime, **said: Any) -> None:
    """By the code that an acceptor gives the reporter of the case for it."""
    rate_case(number=number, query_code=code_of(number, at), at=at, **said)


def supplement_as_reporter(*, number: str, actor: Actor, at: datetime, words: str) -> None:
    """By the code that an acceptor gives the reporter of the case for it."""
    supplement_own(number=number, query_code=code_of(number, at), at=at, words=words)


def call_one_back(*, number: str, **said: Any) -> None:
    """The first of those who were not reached yet."""
    reporter = left_to_call(Case.objects.get(number=number))[0]
    call_back(number=number, reporter_id=reporter.pk, **said)


def code_of(number: str, at: datetime) -> str:
    reporter = Reporter.objects.get(case__number=number)
    return issue_query_code(number=number, reporter_id=reporter.pk, actor=CODE_GIVER, at=at)


def answer(service: Callable[..., Any]) -> Callable[..., Any]:
    """A service that answers the request which waits."""

    def carry_out(*, number: str, **said: Any) -> None:
        request = Request.objects.get(case__number=number, state=RequestState.OPEN)
        service(number=number, request_id=request.pk, **said)

    return carry_out


SERVICES: dict[str, Callable[..., Any]] = {
    "send_verify": send_verify,
    "verify": answer_verification,
    "accept": accept_case,
    "not_accept": not_accept_case,
    "merge": merge_case,
    "undo_merge": undo_merge,
    "approve_self_handled": approve_self_handled,
    "refuse_self_handled": refuse_self_handled,
    "not_file": not_file_case,
    "send_back_to_accept": send_back_to_accept,
    "send_back_to_file": send_back_to_file,
    "undo_send_back": undo_send_back,
    "reassign": reassign_case,
    "finish": finish_case,
    "withdraw_finish": withdraw_finish,
    "send_check": send_check,
    "check_passed": pass_check,
    "check_failed": fail_check,
    "close": close_case,
    "refuse_close": refuse_close,
    "resume": resume_case,
    "force_close": force_close_case,
    "urge": urge_case,
    "supervise": supervise_case,
    "amend": amend,
    "supplement": supplement_case,
    "supplement_own": supplement_as_reporter,
    "undo_dispatch": undo_dispatch,
    "reconsider": reconsider_case,
    "rate": rate,
    "object_missed": object_to_miss,
    "uphold_objection": uphold_objection,
    "refuse_objection": refuse_objection,
    "reopen": reopen_case,
    "call_back": call_one_back,
    "ask": ask_request,
    "file": file,
    "dispatch": dispatch,
    "approve": answer(approve_request),
    "preapprove": answer(preapprove_request),
    "refuse": answer(refuse_request),
    "withdraw_request": answer(withdraw_request),
    "undo_return": undo_return,
}
VERSIONED = frozenset(SERVICES) - {
    "verify", "check_passed", "check_failed", "urge", "supervise", "supplement", "supplement_own",
    "call_back", "rate", "object_missed", "uphold_objection", "refuse_objection",
}  # fmt: skip
