"""Lists of cases: boxes, filters, rows. Every filter is a URL (ux.md 16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.lamps import lamp_at
from cases.models import Source
from cases.selectors.paging import PAGE_SIZE, Order, Page
from cases.workflow import ENDED, State
from dispatch.models import Department, Turn
from dispatch.selectors.boxes import CASE_BOXES, NOWHERE, taking_part
from dispatch.selectors.listing import Listing
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


def listing_of(actor: Actor, wanted: CaseFilter, at: datetime) -> Listing:
    """The visible cases that a filter asks for."""
    values: dict[str, Any] = {
        "state": several(list(wanted.status)),
        "kind": wanted.kind,
        "source": wanted.source,
        "since": wanted.since,
        "until": wanted.until,
        "street": wanted.street and (street_id(wanted.street) or NOWHERE),
        "community": wanted.community and (community_id(wanted.community) or NOWHERE),
        "late": at if wanted.late else None,
        "holder": wanted.department and (department_id(wanted.department) or NOWHERE),
        "number": numbered(wanted.number, at) if wanted.number else None,
    }
    narrowed = {name: value for name, value in values.items() if value not in (None, "", [])}
    # Of what nothing is called so, nothing is found: an empty list narrows, too.
    if wanted.cell:
        narrowed["cell"] = several(cell_ids(wanted.cell))
    if wanted.class_code:
        narrowed["entry"] = several(class_ids(wanted.class_code, wanted.kind))
    is_open = bool(wanted.status) and not ENDED.intersection(wanted.status)
    return Listing.of(actor, wanted.box, narrowed, is_open=is_open)


def several(values: Sequence[Any]) -> Any:
    """One value as itself, which an index in order answers better than a list of one."""
    return values[0] if len(values) == 1 else list(values)


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


def department_id(code: str) -> int | None:
    """The department of this code, or None where there is none."""
    return Department.objects.filter(code=code).values_list("pk", flat=True).first()


def list_cases(
    actor: Actor,
    wanted: CaseFilter,
    *,
    at: datetime,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    listing: Listing | None = None,
) -> Page:
    """One page of rows: what waits by what is due first, everything else newest first.

    listing: what the filter asks for, where the caller has it already.
    """
    listing = listing or listing_of(actor, wanted, at)
    page = listing.page(cursor=cursor, by=order_of(wanted), size=size)
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
