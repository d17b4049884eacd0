"""Lists of cases: boxes, filters, rows. Every filter is a URL (ux.md 16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.lamps import lamp_at
from cases.models import Case, Event, Source, Task
from cases.models.case import CaseQuerySet
from cases.selectors.paging import PAGE_SIZE, Order, Page, capped_count, page_of
from cases.workflow import ENDED, TURN, State
from dispatch.models import Department, RequestStep, Turn, TurnEnd
from dispatch.selectors.duty import reviews_of_own_deed
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, Invalid, Role
from parts.selectors import (
    cell_ids,
    class_by_id,
    class_ids,
    communities,
    community_id,
    district_code,
    street_id,
    streets,
)
from parts.selectors.compiled import compiled
from parts.selectors.compiled import one_of as any_of

BOXES = ("todo", "done", "touched", "supervised")
# What acceptors have beside them: the cases they took first, and whoever is to be called back.
CASE_BOXES = (*BOXES, "first", "callback")

# What a list reads of a case. Names of classes, streets and communities are kept by the process:
# joined to each page they doubled its cost.
READ = (
    "id", "number", "kind", "state", "version", "source", "description", "place_text",
    "reported_at", "state_since", "due_at", "green_until", "ended_at", "limit_value",
    "limit_unit", "catalogue_class_id", "street_id", "community_id", "cell__code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is asked for; empty means all that is visible."""

    box: str = ""
    status: tuple[str, ...] = ()
    street: str = ""
    community: str = ""
    cell: str = ""
    department: str = ""
    class_code: str = ""
    kind: str = ""
    source: str = ""
    number: str = ""
    since: datetime | None = None
    until: datetime | None = None
    late: bool = False

    @classmethod
    def parse(
        cls, query: Mapping[str, str], many: Mapping[str, list[str]] | None = None
    ) -> CaseFilter:
        """Read a filter from a query string. Raises Invalid naming the field.

        `many` holds parameters that may be repeated (`status`), as a QueryDict's lists do.
        """
        status = (many or {}).get("status") or [query.get("status", "")]
        wanted = tuple(s for word in status for s in word.split(",") if s)
        one_of("box", query.get("box", ""), CASE_BOXES)
        one_of("kind", query.get("kind", ""), ("part", "event"))
        one_of("source", query.get("source", ""), Source.values)
        for state in wanted:
            one_of("status", state, State.values)
        names = ("street", "community", "cell", "department", "class_code", "number")
        return cls(
            box=query.get("box", ""),
            status=wanted,
            kind=query.get("kind", ""),
            source=query.get("source", ""),
            since=day_of(query.get("since", ""), "since"),
            until=day_of(query.get("until", ""), "until", after=True),
            late=query.get("late", "") in {"1", "true"},
            **{name: query.get(name, "").strip().replace("\0", "")[:64] for name in names},
        )


def one_of(field: str, value: str, allowed: tuple[str, ...] | list[str]) -> None:
    """Raise Invalid unless the value is empty or one of these."""
    if value and value not in allowed:
        raise Invalid(_("Unknown filter."), **{field: _("Unknown value.")})


def day_of(text: str, field: str, *, after: bool = False) -> datetime | None:
    """A date in local time as the instant it begins, or (`after`) the instant after its end."""
    if not text:
        return None
    try:
        begin = datetime.combine(date.fromisoformat(text), time(), timezone.get_default_timezone())
        return begin + timedelta(days=1 if after else 0)
    except (ValueError, OverflowError):  # nothing comes after the last day of the calendar
        raise Invalid(_("Unknown filter."), **{field: _("A date like 2026-11-22.")}) from None


def filtered_cases(actor: Actor, wanted: CaseFilter, at: datetime) -> CaseQuerySet:
    """The visible cases that a filter asks for, unordered."""
    rows = cases_in(actor, wanted.box) if wanted.box else visible_cases(actor)
    equal = {
        "state__in": list(wanted.status),
        "kind": wanted.kind,
        "source": wanted.source,
        "reported_at__gte": wanted.since,
        "reported_at__lt": wanted.until,
    }
    rows = rows.filter(**{key: value for key, value in equal.items() if value})
    if wanted.status and not ENDED.intersection(wanted.status):
        rows = rows.filter(ended_at=None)  # implied; said aloud, the indexes of open cases answer
    rows = rows.filter(**there(wanted))
    if wanted.class_code:
        rows = rows.filter(catalogue_class_id__in=class_ids(wanted.class_code, wanted.kind))
    if wanted.number:
        rows = rows.filter(numbered(wanted.number, at))
    if wanted.late:
        rows = rows.filter(due_at__lt=at, ended_at=None)
        if Role.DEPARTMENT in actor.roles:  # how late others are is not this department's to know
            own = Turn.objects.filter(taking_part(actor.department_id), ended_at=None)
            rows = rows.filter(pk__in=own.values("case_id"))
    if wanted.department:
        turns = Turn.objects.filter(
            department_id__in=department_ids(wanted.department), ended_at=None
        )
        if Role.DEPARTMENT in actor.roles:
            turns = turns.filter(taking_part(actor.department_id))
        rows = rows.filter(pk__in=turns.values("case_id"))
    return rows


def taking_part(department_id: int | None) -> Q:
    """The turns that a department leads or assists in."""
    return Q(department_id=department_id) | Q(assistants__department_id=department_id)


def there(wanted: CaseFilter) -> dict[str, Any]:
    """The conditions on the place, by id: an unknown code is a place without cases."""
    found: dict[str, Any] = {}
    if wanted.street:
        found["street_id"] = street_id(wanted.street) or NOWHERE
    if wanted.community:
        found["community_id"] = community_id(wanted.community) or NOWHERE
    if wanted.cell:
        found["cell_id__in"] = cell_ids(wanted.cell)
    return found


# No row bears this id.
NOWHERE = 0
FIRST_YEAR = 2020
WHOLE_NUMBER, SERIAL = 17, 7


def numbered(text: str, at: datetime) -> Q:
    """Cases by number: a whole one, the serial at its end (of any year), or how it begins.

    All three are found by the index of numbers; a search inside the number would read every case.
    """
    if not text.isdigit() or len(text) > WHOLE_NUMBER:
        return Q(pk__in=[])
    if len(text) == WHOLE_NUMBER:
        return Q(number=text)
    if len(text) > SERIAL or text == district_code():
        return Q(number__startswith=text)
    years = range(FIRST_YEAR, timezone.localtime(at).year + 1)
    return Q(number__in=[f"{district_code()}{year}{text:0>{SERIAL}}" for year in years])


def department_ids(code: str) -> list[int]:
    """The department of this code, as a list that is empty where there is none."""
    return list(Department.objects.filter(code=code).values_list("pk", flat=True))


def cases_in(actor: Actor, box: str) -> CaseQuerySet:
    """The visible cases of a box.

    What waits for a department it sees by that alone: by a turn of its own that is open, or by a
    request about one. Asked besides whether it ever had the case, all turns it had would be read.
    """
    is_department = actor.roles == {Role.DEPARTMENT} and actor.department_id is not None
    waits = box == "todo" and is_department
    return in_box(Case.objects.all() if waits else visible_cases(actor), actor, box)


def in_box(rows: CaseQuerySet, actor: Actor, box: str) -> CaseQuerySet:
    """待办 todo, 已办 done, 经办 touched, 督办 supervised, as government desks know them.

    todo: the case waits for this person, desk or department. touched: he acted on it. done: he
    acted on it and it no longer waits for him. supervised: it was urged or put under supervision.
    首问 first: he took it first, and it has not ended or its reporter was not called back (law §2).
    待回访 callback: it has ended, and nobody of those who reported it was called back yet.
    """
    match box:
        case "todo":
            # That they are open is implied; said aloud, the index of open cases answers.
            return rows.filter(waits_for(actor), ended_at=None)
        case "touched":
            return rows.filter(acted_on_by(actor))
        case "done":
            return rows.filter(acted_on_by(actor)).exclude(waits_for(actor))
        case "first":
            return rows.filter(first_contact_of(actor))
        case "callback":
            return rows.filter(to_call_back=True)
        case _:
            # As the index of pressed cases says it: what the clock urges fills nobody's box.
            by_people = Q(action="supervise") | Q(action="urge") & ~Q(role=Role.CLOCK)
            pressed = Event.objects.filter(by_people, case=OuterRef("pk"))
            if Role.DEPARTMENT in actor.roles:
                pressed = pressed.filter(Exists(own_turns_until(actor.department_id)))
            return rows.filter(Exists(pressed))


def own_turns_until(department_id: int | None) -> QuerySet[Turn]:
    """Turns of a department, for each event up to whose end: what comes later is others' (§1)."""
    reached = Q(ended_at=None) | Q(ended_at__gte=OuterRef("at"))
    turns = Turn.objects.filter(taking_part(department_id), reached, case=OuterRef("case"))
    return turns.exclude(end_kind=TurnEnd.UNDONE)


def first_contact_of(actor: Actor) -> Q:
    """First-contact responsibility 首问负责: until the end, and until the reporter was called.

    What was merged is followed in the leading case.
    """
    leads = Q(merged_into__ended_at=None) | Q(merged_into__to_call_back=True)
    stays = Q(ended_at=None) | Q(to_call_back=True) | Q(merged_into__isnull=False) & leads
    return Q(first_contact_id=actor.user_id or NOWHERE) & stays


def boxes_for(actor: Actor) -> tuple[str, ...]:
    """The boxes of this actor's desk."""
    if actor.roles == {Role.OFFICIAL}:
        return ("supervised",)
    return CASE_BOXES if Role.ACCEPTOR in actor.roles else BOXES


def acted_on_by(actor: Actor) -> Q:
    """The cases in whose history this person stands."""
    return Q(Exists(Event.objects.filter(case=OuterRef("pk"), actor_id=actor.user_id)))


def waits_for(actor: Actor) -> Q:
    """The cases that wait for this actor: by state, by task, by turn, by request to review."""
    states = sorted(
        str(state)
        for state, roles in TURN.items()
        if roles & actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER}
        and state != State.SUSPENDED
    )
    condition = Q(state__in=states)
    if Role.SUPERVISOR in actor.roles:
        tasks = Task.objects.filter(case=OuterRef("pk"), assignee_id=actor.user_id, ended_at=None)
        condition |= Q(Exists(tasks))
    if actor.department_id is not None:
        turns = Turn.objects.filter(
            case=OuterRef("pk"), department_id=actor.department_id, ended_at=None
        )
        condition |= Q(Exists(turns), state__in=[State.HANDLING, State.SUSPENDED])
    return condition | reviews(actor)


def reviews(actor: Actor) -> Q:
    """Cases with a request whose open step this actor may answer."""
    roles = actor.roles & {Role.DISPATCHER, Role.DUTY_CHIEF}
    steps = RequestStep.objects.filter(request__case=OuterRef("pk"), ended_at=None)
    if actor.is_lead and actor.department_id is not None:
        steps = steps.filter(
            reviewer_role=Role.DEPARTMENT, request__turn__department_id=actor.department_id
        )
    elif roles:
        steps = steps.filter(reviewer_role__in=sorted(roles))
        steps = steps.exclude(reviews_of_own_deed(actor.user_id))
    else:
        return Q(pk__in=[])
    return Q(Exists(steps))


def list_cases(
    actor: Actor,
    wanted: CaseFilter,
    *,
    at: datetime,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    found: CaseQuerySet | None = None,
) -> Page:
    """One page of rows: what waits by what is due first, everything else newest first.

    found: what the filter asks for, where the caller has composed that already.
    """
    found = filtered_cases(actor, wanted, at) if found is None else found
    page = page_of(found.values(*READ), cursor=cursor, by=order_of(wanted), size=size)
    departments = departments_of([row["id"] for row in page.rows])
    for row in page.rows:
        name_places(row)
        row["department"] = departments.get(row["id"])
        row["lamp"] = lamp_of(row, at)
        row["state_label"] = State(row["state"]).label
    if Role.DEPARTMENT in actor.roles:
        hide_turns_of_others(page.rows, actor.department_id)
    return page


def hide_turns_of_others(rows: list[dict[str, Any]], department_id: int | None) -> None:
    """A department sees what became of a case after its own turn by state only (domain law §1)."""
    own = set(_open_for(case_ids=[row["id"] for row in rows], department_id=department_id))
    for row in rows:
        if row["id"] not in own:
            row |= {"department": None, "due_at": None, "green_until": None, "lamp": None}


@compiled
def _open_for(case_ids: Any, department_id: Any) -> QuerySet[Turn, int]:
    turns = Turn.objects.filter(any_of("case_id", case_ids), ended_at=None)
    return turns.filter(taking_part(department_id)).values_list("case_id", flat=True)


def order_of(wanted: CaseFilter) -> Order:
    """What waits and what is late: by what was due first. Between dates: by the instant of the
    report, which has an index of its own. Else by id, with which all other indexes of lists end."""
    if wanted.box == "todo" or wanted.late:
        return "due_at"
    return "reported_at" if wanted.since or wanted.until else "id"


def name_places(row: dict[str, Any]) -> None:
    """Give a row the codes and names of its class and place, from what the process keeps."""
    entry = class_by_id(row["catalogue_class_id"])
    street = streets().get(row["street_id"])
    community = communities().get(row["community_id"])
    row |= {
        "catalogue_class__scheme_id": entry.scheme_id,
        "catalogue_class__code": entry.code,
        "catalogue_class__name": entry.name,
        "street__code": street.code if street else None,
        "street__name": street.name if street else None,
        "community__code": community.code if community else None,
        "community__name": community.name if community else None,
    }


def lamp_of(row: Mapping[str, Any], at: datetime) -> str | None:
    """The lamp of the stage that runs now; None where no clock runs."""
    if row["due_at"] is None or row["ended_at"] is not None:
        return None
    return str(lamp_at(at, row["green_until"] or row["due_at"], row["due_at"]))


def departments_of(case_ids: list[int]) -> dict[int, dict[str, str]]:
    """The department that has each of these cases now, in one query."""
    turns = _open_turns(case_ids=case_ids)
    return {case_id: {"code": code, "name": name} for case_id, code, name in turns}


@compiled
def _open_turns(case_ids: Any) -> QuerySet[Turn, tuple[int, str, str]]:
    turns = Turn.objects.filter(any_of("case_id", case_ids), ended_at=None)
    return turns.values_list("case_id", "department__code", "department__name")


def box_counts(actor: Actor) -> dict[str, int]:
    """How many cases wait for this actor: the number in the menu, one query."""
    return {"todo": capped_count(cases_in(actor, "todo"))}
