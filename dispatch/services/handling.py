"""派遣, 处置, 改派: a case goes to a department, and comes back done (domain law §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, PhotoRole, Task, TaskKind
from cases.models.notice import NoticeKind
from cases.services import filing
from cases.services.evidence import Prepared, attach_photos
from cases.services.notices import notify
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.services.words import TEXT_LIMIT, clean_words
from dispatch.models import Department, Request, RequestKind, RequestState, Turn, TurnEnd
from dispatch.selectors.departments import members_of
from dispatch.selectors.routing import CaseProposal, proposal_for
from dispatch.services.checking import send_check_automatically
from dispatch.services.reviews import check_nothing_waits, lapse_requests, needs_designation
from dispatch.services.turns import (
    CLOCK_FIELDS,
    begin_turn,
    end_turn,
    go_on,
    open_turn,
    own_turn,
    stop_clock,
    term_of,
)
from gridcity.contracts import ROUTING, Actor, Invalid, NotAllowed, Role
from parts.selectors.compiled import compiled
from parts.services.proposals import propose_state
from parts.services.writing import save


@in_transaction
def file_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    standard_id: int | None,
    missed: bool | None = None,
) -> Case:
    """`file` 立案, and on at once to the department where a routing rule is automatic."""
    case = filing.file_case(
        number=number, actor=actor, at=at, version=version, standard_id=standard_id, missed=missed
    )
    dispatch_automatically(case, at)
    return case


def dispatch_automatically(case: Case, at: datetime) -> Turn | None:
    """Dispatch a case that has just been filed, where routing is sure; never a disputed one."""
    if needs_designation(case, at):
        return None
    found = proposal_for(case, at=at)
    if found is None or found.department is None or not found.automatic:
        return None
    (department,) = _department(pk=found.department.id)
    return _hand_over(case, department, "dispatch", ROUTING, at, found)


@in_transaction
def dispatch_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    department: str,
    assistants: Sequence[str] = (),
) -> Case:
    """`dispatch` 派遣 to one lead department, by code; assisting departments 协办 may be named.

    A turn begins and the deadline is reckoned now. After two approved returns it is a designation
    指定处置 and needs the duty chief's consent to this very department (a `DESIGNATION` request).
    """
    case = lock_case(number, version=version)
    check_may(case, "dispatch", actor)
    check_nothing_waits(case)
    lead = department_for(department)
    found = proposal_for(case, at=at)
    consent = _consent(case, lead, at)
    turn = _hand_over(
        case, lead, "dispatch", actor, at, found,
        assistants=tuple(department_for(code, "assistants") for code in assistants),
        is_designation=consent is not None,
    )  # fmt: skip
    _use_up(consent, turn)
    return case


def _use_up(consent: Request | None, turn: Turn) -> None:
    """A consent allows one dispatch."""
    if consent is not None:
        Request.objects.filter(pk=consent.pk).update(used_by=turn)


@in_transaction
def reassign_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    department: str,
    reason: str,
    assistants: Sequence[str] = (),
) -> Case:
    """`reassign` ⚑ 改派 to another department: a new turn and a whole limit.

    It counts as a wrong dispatch 误派 of the dispatcher, never as a rework of the department.
    Disputed ownership is no more the dispatcher's alone to move than to dispatch: the duty chief
    consents to the designation.
    """
    case = lock_case(number, version=version)
    check_may(case, "reassign", actor)
    check_nothing_waits(case)
    before = open_turn(case)
    lead = department_for(department)
    if lead.pk == before.department_id:
        raise Invalid(
            _("The case is with this department already."), department=_("Choose another one.")
        )
    consent = _consent(case, lead, at)
    end_turn(before, TurnEnd.REASSIGNED, at, wrong=True)
    turn = _hand_over(
        case, lead, "reassign", actor, at, proposal_for(case, at=at), reason=reason,
        assistants=tuple(department_for(code, "assistants") for code in assistants),
        is_designation=consent is not None, changes={"from": before.department.code},
    )  # fmt: skip
    _use_up(consent, turn)
    return case


def _hand_over(
    case: Case,
    department: Department,
    action: str,
    actor: Actor,
    at: datetime,
    found: CaseProposal | None,
    *,
    reason: str = "",
    assistants: tuple[Department, ...] = (),
    is_designation: bool = False,
    changes: dict[str, Any] | None = None,
) -> Turn:
    """Begin the turn, move the case to HANDLING and tell the departments."""
    assistants = tuple(
        {helper.pk: helper for helper in assistants if helper.pk != department.pk}.values()
    )
    turn = begin_turn(
        case,
        department,
        actor=actor,
        role=Role.ROUTING if actor is ROUTING else Role.DISPATCHER,
        at=at,
        assistants=assistants,
        is_designation=is_designation,
        proposal_department_id=found.department.id if found and found.department else None,
        proposal_rule_id=found.rule_id if found else None,
    )
    said: dict[str, Any] = {
        **(changes or {}),
        "department": department.code,
        "turn": turn.number,
        "due_at": turn.due_at.isoformat() if turn.due_at else None,
    }
    if assistants:
        said["assistants"] = [helper.code for helper in assistants]
    if is_designation:
        said["designation"] = True
    if actor is ROUTING and found is not None:
        said["rule"] = found.rule_id
    move(case, action=action, actor=actor, at=at, reason=reason, changes=said, term=term_of(turn))
    told = [*members_of(department.pk)]
    for helper in assistants:
        told += members_of(helper.pk)
    notify(case, told, NoticeKind.DISPATCHED, at=at, values={"department": department.name})
    return turn


@compiled
def _department(pk: Any) -> QuerySet[Department]:
    return Department.objects.filter(pk=pk)


@compiled
def _in_use(code: Any) -> QuerySet[Department]:
    return Department.objects.active().filter(code=code)[:1]


def department_for(code: str, field: str = "department") -> Department:
    """A department in use with at least one active account. Raises Invalid naming the field."""
    found = _in_use.first(code=code) if code else None
    if found is None:
        wrong: Any = {field: _("Not a department in use.")}
        raise Invalid(_("There is no such department."), **wrong)
    if not members_of(found.pk):
        wrong = {field: _("This department has no active account.")}
        raise Invalid(
            _("%(department)s has no active account: nobody could handle the case.")
            % {"department": found.name},
            **wrong,
        )
    return found


def _consent(case: Case, lead: Department, at: datetime) -> Request | None:
    """The unused consent to designate this department. Raises NotAllowed when it is missing."""
    if not needs_designation(case, at):
        return None
    given = Request.objects.filter(
        case=case,
        kind=RequestKind.DESIGNATION,
        state=RequestState.APPROVED,
        used_by=None,
        proposed_department=lead,
    ).last()
    if given is None:
        raise NotAllowed(
            _(
                "This case was returned again and again: it can only be designated, with the duty "
                "chief's consent. Ask for the designation of %(department)s first."
            )
            % {"department": lead.name},
            needs="designation",
        )
    return given


@in_transaction
def finish_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    result: str,
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
    part_state: str = "",
) -> Case:
    """`finish` 处置完毕: the result in words and a photo taken after handling.

    The clock stands; a request that waits lapses. `part_state` is what the department says of the
    case's part: a proposal to the administrators, never a change (`codes.md`). Raises Invalid
    without words or such a photo.
    """
    case = lock_case(number, version=version)
    check_may(case, "finish", actor)
    turn = own_turn(case, actor)
    words = clean_words(result, field="result", limit=TEXT_LIMIT, required=True)
    if not any(photo.said.role == PhotoRole.AFTER for photo in photos):
        raise Invalid(
            _("A photo taken after handling is required."),
            photos=_("Add at least one photo with the role “after”."),
        )
    lapsed = lapse_requests(case, at)
    if lapsed["lapsed"]:  # what its reviewers took too long has moved the deadline
        turn = open_turn(case)
    turn.finished_at = at
    turn.finish_in_time = turn.due_at is None or at <= turn.due_at
    stop_clock(turn, at)
    save(turn, ("finished_at", "finish_in_time", *CLOCK_FIELDS))
    case.ever_finished, case.result = True, words
    event = move(
        case,
        action="finish",
        actor=actor,
        at=at,
        occurred_at=occurred_at,
        changes={
            "result": words,
            "turn": turn.number,
            "in_time": turn.finish_in_time,
            **lapsed,
            "photos": [photo.sha256.hex() for photo in photos],
        },
        fields=("ever_finished", "result"),
    )
    attach_photos(case, event, photos, actor=actor, at=at)
    if part_state and case.part_id is not None:
        propose_state(
            actor=actor, at=at, part_id=case.part_id, state=part_state, words=words,
            case_number=case.number,
        )  # fmt: skip
    send_check_automatically(case, at)
    return case


@in_transaction
def withdraw_finish(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`withdraw_finish` ⚑, before the first check of this finish.

    The time between is added to the turn's clock: it goes on as if it had never stood.
    """
    case = lock_case(number, version=version)
    check_may(case, "withdraw_finish", actor)
    turn = own_turn(case, actor)
    finished_at = check_unchecked(case, turn)
    go_on(turn, finished_at)
    turn.finished_at = turn.finish_in_time = None
    save(turn, ("finished_at", "finish_in_time", *CLOCK_FIELDS))
    move(
        case, action="withdraw_finish", actor=actor, at=at, reason=reason,
        changes={"turn": turn.number}, term=term_of(turn),
    )  # fmt: skip
    return case


def check_unchecked(case: Case, turn: Turn) -> datetime:
    """When the turn was finished. Raises NotAllowed once a check of this finish was sent."""
    if turn.finished_at is None:
        raise NotAllowed(_("There is no finish to withdraw."))
    if Task.objects.filter(case=case, kind=TaskKind.CHECK, sent_at__gte=turn.finished_at).exists():
        raise NotAllowed(_("A check of this finish was sent already."))
    return turn.finished_at


@in_transaction
def send_back_to_file(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`send_back_to_file` ⚑: a wrong filing is corrected; never while a request waits."""
    check_nothing_waits(lock_case(number, version=version))
    return filing.send_back_to_file(
        number=number, actor=actor, at=at, version=version, reason=reason
    )


def note_opened(*, case_id: int, actor: Actor, at: datetime) -> bool:
    """Remember in one statement that the department has opened its case: no undo from then on."""
    if actor.department_id is None:
        return False
    return bool(
        Turn.objects.filter(
            case_id=case_id, department_id=actor.department_id, ended_at=None, opened_at=None
        ).update(opened_at=at)
    )
