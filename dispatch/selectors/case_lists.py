"""Lists of cases: boxes, filters, rows. Every filter is a URL (ux.md 16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.lamps import lamp_at
from cases.models import Event, Source, Task
from cases.models.case import CaseQuerySet
from cases.selectors.paging import PAGE_SIZE, Page, capped_count, page_of
from cases.workflow import TURN, State
from dispatch.models import RequestStep, Turn
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, Invalid, Role

BOXES = ("todo", "done", "touched", "supervised")
SUPERVISING_ACTIONS = ("urge", "supervise")

ROW = (
    "id", "number", "kind", "state", "version", "source", "description", "place_text",
    "reported_at", "state_since", "due_at", "green_until", "ended_at",
    "catalogue_class__scheme_id", "catalogue_class__code", "catalogue_class__name",
    "street__code", "street__name", "community__code", "community__name", "cell__code",
    "limit_value", "limit_unit",
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
        one_of("box", query.get("box", ""), BOXES)
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
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Unknown filter."), **{field: _("A date like 2026-11-22.")}) from None
    begin = datetime.combine(day, time(), timezone.get_default_timezone())
    return begin + timedelta(days=1 if after else 0)


def filtered_cases(actor: Actor, wanted: CaseFilter, at: datetime) -> CaseQuerySet:
    """The visible cases that a filter asks for, unordered."""
    rows = in_box(visible_cases(actor), actor, wanted.box) if wanted.box else visible_cases(actor)
    equal = {
        "state__in": list(wanted.status),
        "street__code": wanted.street,
        "community__code": wanted.community,
        "cell__code": wanted.cell,
        "kind": wanted.kind,
        "source": wanted.source,
        "reported_at__gte": wanted.since,
        "reported_at__lt": wanted.until,
    }
    rows = rows.filter(**{key: value for key, value in equal.items() if value})
    if wanted.class_code:
        rows = rows.filter(catalogue_class__code=wanted.class_code)
    if wanted.number:
        rows = rows.filter(number__contains=wanted.number)
    if wanted.late:
        rows = rows.filter(due_at__lt=at)
    if wanted.department:
        turns = Turn.objects.filter(
            case=OuterRef("pk"), department__code=wanted.department, ended_at=None
        )
        rows = rows.filter(Exists(turns))
    return rows


def in_box(rows: CaseQuerySet, actor: Actor, box: str) -> CaseQuerySet:
    """待办 todo, 已办 done, 经办 touched, 督办 supervised, as government desks know them.

    todo: the case waits for this person, desk or department. touched: he acted on it. done: he
    acted on it and it no longer waits for him. supervised: it was urged or put under supervision.
    """
    match box:
        case "todo":
            return rows.filter(waits_for(actor))
        case "touched":
            return rows.filter(acted_on_by(actor))
        case "done":
            return rows.filter(acted_on_by(actor)).exclude(waits_for(actor))
        case _:
            urged = Event.objects.filter(case=OuterRef("pk"), action__in=SUPERVISING_ACTIONS)
            return rows.filter(Exists(urged))


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
    """Cases with a request whose open step this actor's role reviews."""
    roles = actor.roles & {Role.DISPATCHER, Role.DUTY_CHIEF}
    steps = RequestStep.objects.filter(request__case=OuterRef("pk"), ended_at=None)
    if actor.is_lead and actor.department_id is not None:
        steps = steps.filter(
            reviewer_role=Role.DEPARTMENT, request__turn__department_id=actor.department_id
        )
    elif roles:
        steps = steps.filter(reviewer_role__in=sorted(roles))
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
) -> Page:
    """One page of rows: what waits by what is due first, everything else newest first."""
    rows = filtered_cases(actor, wanted, at).values(*ROW)
    page = page_of(rows, cursor=cursor, by_due=wanted.box == "todo", size=size)
    departments = departments_of([row["id"] for row in page.rows])
    for row in page.rows:
        row["department"] = departments.get(row["id"])
        row["lamp"] = lamp_of(row, at)
        row["state_label"] = State(row["state"]).label
    return page


def lamp_of(row: Mapping[str, Any], at: datetime) -> str | None:
    """The lamp of the stage that runs now; None where no clock runs."""
    if row["due_at"] is None or row["ended_at"] is not None:
        return None
    return str(lamp_at(at, row["green_until"] or row["due_at"], row["due_at"]))


def departments_of(case_ids: list[int]) -> dict[int, dict[str, str]]:
    """The department that has each of these cases now, in one query."""
    turns = Turn.objects.filter(case_id__in=case_ids, ended_at=None).values_list(
        "case_id", "department__code", "department__name"
    )
    return {case_id: {"code": code, "name": name} for case_id, code, name in turns}


def box_counts(actor: Actor) -> dict[str, int]:
    """How many cases wait for this actor: the number in the menu, one query."""
    return {"todo": capped_count(in_box(visible_cases(actor), actor, "todo"))}
