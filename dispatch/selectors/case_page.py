"""What the page of a case shows beside it: the reason of its limit, stages, turns, choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as __

from cases.clocks.deadlines import Unit, remaining, spent
from cases.clocks.numbers import MISS_MINUTES, OBJECT_DAYS
from cases.clocks.words import duration_in_words, sentence, trace
from cases.models import Case, Photo, PhotoRole
from cases.selectors.duplicates import Candidate, duplicate_candidates
from cases.selectors.misses import candidate_of
from cases.selectors.reuse import Earlier, used_before
from cases.selectors.settings import number_at
from cases.sources import Source
from cases.workflow import State
from dispatch.models import Department, RequestState, Turn
from dispatch.selectors.case_detail import CaseView, stage_rows
from dispatch.selectors.case_lists import lamp_of
from dispatch.selectors.changes import limit_words
from dispatch.selectors.departments import calendar_of_department, list_departments
from dispatch.selectors.routing import CaseProposal, proposal_for
from dispatch.selectors.timeline import photo_of
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Role
from parts.models import FilingStandard
from parts.selectors import standards_of

# The main way of a case, for the line of steps on its page; other states stand at one of them.
WAY: tuple[State, ...] = (
    State.REPORTED, State.TO_FILE, State.TO_DISPATCH, State.HANDLING, State.TO_CHECK,
    State.TO_CLOSE, State.CLOSED,
)  # fmt: skip
# What was handled on the spot is reviewed and closed; refused, it is a report like any other.
SHORT_WAY = (State.SELF_HANDLED, State.CLOSED)
STANDS_AT: dict[State, State] = {
    State.VERIFYING: State.REPORTED,
    State.SUSPENDED: State.HANDLING,
    State.CHECKING: State.TO_CHECK,
}
WORKING_UNITS = frozenset({Unit.WORKING_HOUR, Unit.WORKING_DAY})


@dataclass(frozen=True, slots=True)
class LimitReason:
    """Why the department has the time it has: the standard's words, the limit, the reckoning."""

    standard: str
    limit: str
    reckoning: str
    working_left: str
    provisional: bool


def limit_reason(view: CaseView) -> LimitReason | None:
    """The reason of the handling limit: of a clock that runs now, else as it was first reckoned."""
    case, turn = view.case, view.turn
    if not case.limit_unit:
        return None
    running = turn if turn is not None and turn.running_since is not None else None
    return LimitReason(
        standard=case.standard_condition,
        limit=limit_words(case.limit_value, case.limit_unit),
        reckoning=reckoning(running) if running else first_reckoning(view),
        working_left=working_left(running, view.at) if running else "",
        provisional=bool(running and running.provisional),
    )


def reckoning(turn: Turn) -> str:
    """How the deadline of a running turn comes about, as one sentence (Chinese by nature)."""
    assert turn.running_since is not None
    calendar = calendar_of_department(turn.department_id)
    left = remaining(turn.allowed, turn.used)
    return sentence(trace(turn.running_since, left, Unit(turn.limit_unit), calendar), calendar)


def first_reckoning(view: CaseView) -> str:
    """How the deadline came about that the last turn began with, for whoever doubts it later.

    Nothing where the calendar has changed since, so that it would be reckoned otherwise now.
    """
    turn = view.turn
    if turn is None:
        return ""
    begun = [
        one for one in view.events
        if one.action in BEGINS_A_TURN and one.changes.get("turn") == turn.number
    ]  # fmt: skip
    calendar = calendar_of_department(turn.department_id)
    traced = trace(turn.began_at, turn.whole_limit, Unit(turn.limit_unit), calendar)
    told = begun[-1].changes.get("due_at") if begun else None
    if told is None or datetime.fromisoformat(told) != traced.due.at:
        return ""
    return sentence(traced, calendar)


BEGINS_A_TURN = frozenset({"dispatch", "reassign"})


def working_left(turn: Turn, at: datetime) -> str:
    """Working time left of a turn in a working unit; empty for units that run on, and when late."""
    if turn.due_at is None or turn.limit_unit not in WORKING_UNITS or at >= turn.due_at:
        return ""
    calendar = calendar_of_department(turn.department_id)
    return duration_in_words(minutes(spent(at, turn.due_at, Unit(turn.limit_unit), calendar)))


def used_words(length: timedelta) -> str:
    """Time used in words, rounded up to whole minutes."""
    return duration_in_words(minutes(length)) if length else "0分"


def minutes(length: timedelta) -> timedelta:
    """A length rounded up to whole minutes."""
    minute = timedelta(minutes=1)
    return -(-length // minute) * minute


def used_of(turn: Turn, at: datetime) -> timedelta:
    """Time used of a turn's limit by now, in the unit's own time."""
    if turn.running_since is None:
        return turn.used
    calendar = calendar_of_department(turn.department_id)
    return turn.used + spent(turn.running_since, at, Unit(turn.limit_unit), calendar)


# ---------------------------------------------------------------- tables


def stages(view: CaseView) -> list[dict[str, Any]]:
    """Stage rows with limits in words."""
    rows = []
    for row, stay in zip(stage_rows(view), view.stays, strict=True):
        is_handling = row["state"] == State.HANDLING and row["limit_s"] is not None
        turn = turn_at(view.turns, stay.began_at) if is_handling else None
        is_open = stay.ended_at is None
        row |= {
            "is_open": is_open,
            "who": row["actor"] or None,
            "green_until": stay.green_until if row["due_at"] else None,
            "limit": limit_words(turn.limit_value, turn.limit_unit)
            if turn
            else minutes_words(row["limit_s"]),
            "used_s": ((stay.ended_at or view.at) - stay.began_at).total_seconds(),
            "reason": reckoning(turn) if turn and is_open and turn.running_since else "",
        }
        rows.append(row)
    return rows


def minutes_words(seconds: int | None) -> str:
    """A desk's limit in minutes; empty where no desk's clock runs."""
    return __("%(n)d min") % {"n": seconds // 60} if seconds else ""


def turn_at(turns: Iterable[Turn], at: datetime) -> Turn | None:
    """The turn that was open at an instant."""
    found = None
    for turn in turns:
        if turn.began_at <= at:
            found = turn
    return found


def turn_rows(view: CaseView) -> list[dict[str, Any]]:
    """The turns with their assistants, clocks and faults, for their table."""
    return [
        {
            "turn": turn,
            "assistants": [helper.department.name for helper in turn.assistants.all()],
            "limit": limit_words(turn.limit_value, turn.limit_unit),
            "used": used_words(used_of(turn, view.at)),
            "lamp": turn_lamp(turn, view),
        }
        for turn in view.turns
    ]


def turn_lamp(turn: Turn, view: CaseView) -> str | None:
    """The running lamp, else whether the turn ever was overdue."""
    if turn.running_since is not None:
        case = view.case
        row = {"due_at": turn.due_at, "green_until": case.green_until, "ended_at": None}
        return lamp_of(row, view.at)
    if turn.finished_at is None and turn.overdue_at is None:
        return None
    return "red" if turn.overdue_at or turn.finish_in_time is False else "green"


def request_rows(view: CaseView) -> list[dict[str, Any]]:
    """The requests with their steps, newest first."""
    rows = []
    for request in reversed(view.requests):
        steps = list(request.steps.all())
        rows.append(
            {
                "request": request,
                "steps": steps,
                "is_open": request.state == RequestState.OPEN,
                "step": next((step for step in steps if step.ended_at is None), None),
            }
        )
    return rows


def way(view: CaseView) -> list[dict[str, Any]]:
    """The main way of the case as steps passed, present and to come."""
    state = State(view.case.state)
    if view.case.self_handled and view.case.round == 1:
        return stops(SHORT_WAY, state, state)
    here = STANDS_AT.get(state, state)
    if here not in WAY:
        passed = {stay.state for stay in view.stays}
        steps = [step for step in WAY[:-1] if step in passed or step is State.REPORTED]
        return [{"label": step.label, "is_past": True} for step in steps] + [
            {"label": state.label, "is_now": True}
        ]
    return stops(WAY, here, state)


def stops(steps: tuple[State, ...], here: State, state: State) -> list[dict[str, Any]]:
    """The steps of a way; the one where the case stands bears the name of its state."""
    at = steps.index(here)
    return [
        {
            "label": state.label if index == at else step.label,
            "is_past": index < at,
            "is_now": index == at,
        }
        for index, step in enumerate(steps)
    ]


# ---------------------------------------------------------------- photos


def photo_pair(
    photos: Iterable[Photo], reused: Mapping[int, Sequence[Earlier]]
) -> dict[str, list[dict[str, Any]]]:
    """Photos of the matter as found, and as left: those of the finish and the check.

    What was added before any finish shows how it was; what came with or after it, how it is.
    """
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    for photo in photos:
        is_after = photo.role == PhotoRole.AFTER or photo.event.action in AFTER_ACTIONS
        shown = photo_of(photo) | {"earlier": reused.get(photo.pk, ())}
        (after if is_after else before).append(shown)
    return {"before": before, "after": after[::-1]}


def reused_photos(view: CaseView) -> dict[int, list[Earlier]]:
    """Photos that an earlier case already had, for those who judge reports and handling (§10)."""
    if not view.photos or not view.actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF}:
        return {}
    return used_before(view.case, view.photos)


def check_words(view: CaseView) -> str:
    """What the supervisor said of the last check."""
    for event in reversed(view.events):
        if event.action in {"check_passed", "check_failed"}:
            return event.reason or str(event.changes.get("words") or "")
    return ""


AFTER_ACTIONS = frozenset({"finish", "check_passed", "check_failed"})


# ---------------------------------------------------------------- cases that belong together


def relatives(view: CaseView) -> list[dict[str, Any]]:
    """The leading case, what was merged into this one, its kin by forced closes: what he may see.

    At most one query, and none for a case that has no kin.
    """
    case = view.case
    leads = any(event.action == "take_in" for event in view.events)
    if not (leads or case.merged_into_id or case.root_id or case.state == State.FORCE_CLOSED):
        return []
    root = case.root_id or case.pk
    kin = Q(pk=case.merged_into_id or 0) | Q(merged_into=case) | Q(root_id=root) | Q(pk=root)
    rows = visible_cases(view.actor).filter(kin).exclude(pk=case.pk).order_by("pk")
    read = rows.values("pk", "number", "state", "merged_into_id")
    return [row | {"label": kinship(case, row)} for row in read]


def kinship(case: Case, row: Mapping[str, Any]) -> str:
    """What another case is to this one."""
    if row["pk"] == case.merged_into_id:
        return __("Leading case")
    if row["merged_into_id"] == case.pk:
        return __("Merged into it")
    return __("Before it, closed by force") if row["pk"] < case.pk else __("Goes on as")


# ---------------------------------------------------------------- what a desk needs to decide


def candidates(view: CaseView) -> list[Candidate]:
    """Cases that may be the same matter, for the acceptor and the duty chief before filing."""
    case = view.case
    is_early = case.state in {State.REPORTED, State.VERIFYING, State.TO_FILE}
    if case.cell_id is None or not is_early:
        return []
    if not view.actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF}:
        return []
    return duplicate_candidates(
        class_id=case.catalogue_class_id,
        cell_id=case.cell_id,
        point=case.point,
        part_id=case.part_id,
        at=view.at,
        exclude_id=case.pk,
    )


@dataclass(frozen=True, slots=True)
class StandardChoice:
    """A filing standard as the duty chief sees it: with the limit that holds in this cell."""

    standard: FilingStandard
    limit: str
    area: str
    by_area: bool


def standard_choices(view: CaseView) -> list[StandardChoice]:
    """The standards of the case's class in force today, each with its limit in this cell."""
    case = view.case
    area = case.cell.limit_area if case.cell else "B"
    found = []
    on = timezone.localdate(view.at)
    for standard in standards_of(class_id=case.catalogue_class_id, on=on):
        by_area = {"A": standard.limit_value_a, "C": standard.limit_value_c}
        value = by_area.get(area) or standard.limit_value
        words = limit_words(value, standard.limit_unit)
        found.append(StandardChoice(standard, words, area, value != standard.limit_value))
    return found


def miss_question(view: CaseView) -> str:
    """Who may have missed the case and why it is asked; empty where nobody can have."""
    found = candidate_of(view.case, view.at)
    if found is None:
        return ""
    people = get_user_model().objects.filter(pk=found.supervisor_id)
    return format_html(
        __(
            "{name} was on patrol in this cell for more than {minutes} minutes when it was "
            "reported at {at} ({source}), and no supervisor had reported it within a day before. "
            "He may object within {days} days."
        ),
        name=people.values_list("full_name", flat=True).get(),
        minutes=number_at(MISS_MINUTES, view.at),
        at=timezone.localtime(found.heard.at).strftime("%m-%d %H:%M"),
        source=Source(found.heard.source).label,
        days=number_at(OBJECT_DAYS, view.at),
    )


def proposal(view: CaseView) -> CaseProposal | None:
    """The routing's proposal, for the dispatcher of a filed case."""
    wanted = {State.TO_DISPATCH, State.HANDLING, State.SUSPENDED}
    if Role.DISPATCHER not in view.actor.roles or view.case.state not in wanted:
        return None
    return proposal_for(view.case, at=view.at)


def department_choices() -> list[Department]:
    """Departments in use, for choosing one."""
    return list(list_departments().only("code", "name", "kind", "street_code"))
