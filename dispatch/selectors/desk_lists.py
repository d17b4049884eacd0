"""Lists of cases as the desks show them: rows with place and clock in words, counts, choices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, pgettext

from cases.models import Case, Message, Source
from cases.selectors.paging import COUNT_LIMIT, PAGE_SIZE, capped_count
from dispatch.models import Department, Request, RequestKind, RequestState, Turn
from dispatch.selectors.boxes import boxes_for, taking_part
from dispatch.selectors.case_lists import CaseFilter, list_cases, listing_of
from dispatch.selectors.case_page import reckoning, working_left
from dispatch.selectors.changes import limit_words
from dispatch.selectors.listing import Listing
from gridcity.contracts import Actor, Role
from parts.models import Street
from parts.selectors import list_classes
from parts.selectors.compiled import compiled_by, one_of
from parts.selectors.kept import Kept

ASKING_ROLES = frozenset({Role.DISPATCHER, Role.DUTY_CHIEF, Role.DEPARTMENT})
# What each desk sees of a row beside number, class, place, state and clock.
COLUMNS: dict[str, tuple[str, ...]] = {
    Role.ACCEPTOR: ("source", "words", "department", "reported"),
    Role.DUTY_CHIEF: ("source", "words", "department", "reported"),
    Role.DISPATCHER: ("words",),
    Role.DEPARTMENT: ("words", "limit", "dispatched"),
    Role.OFFICIAL: ("source", "department", "reported"),
}


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of a list; `total` is counted up to a limit, `is_more` says that there are more."""

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None
    total: int
    is_more: bool


def columns_of(actor: Actor) -> tuple[str, ...]:
    """The columns of this actor's desk; of several roles all of theirs."""
    wanted = [COLUMNS[role] for role in sorted(actor.roles) if role in COLUMNS]
    return tuple(dict.fromkeys(column for columns in wanted for column in columns))


def desk_page(
    actor: Actor,
    wanted: CaseFilter,
    *,
    at: datetime,
    cursor: str | None,
    size: int = PAGE_SIZE,
    has_map: bool = False,
) -> DeskPage:
    """A page of rows for a desk in six queries, however many rows there are.

    Where they lie is read only for a map beside them.
    """
    listing = listing_of(actor, wanted, at)
    page = list_cases(actor, wanted, at=at, cursor=cursor, size=size, listing=listing)
    ids = [row["id"] for row in page.rows]
    places = places_of(ids) if has_map else {}
    turns = own_turns(ids, actor)
    waiting = waiting_requests(ids, actor)
    columns = columns_of(actor)
    for row in page.rows:
        if "source" in columns:
            row["source_label"] = Source(row["source"]).label
        if "limit" in columns:
            row["limit"] = limit_words(row["limit_value"], row["limit_unit"])
        row |= {
            "place": places.get(row["id"]),
            "request": waiting.get(row["id"], ""),
            **turn_words(turns.get(row["id"]), at),
        }
    is_single = len(page.rows) < size and not page.next and not page.previous
    total = len(page.rows) if is_single else listing.count()
    return DeskPage(
        page.rows, page.next, page.previous, min(total, COUNT_LIMIT), total > COUNT_LIMIT
    )


def places_of(ids: list[int]) -> dict[int, tuple[float, float]]:
    """Where these cases lie, in degrees (EPSG:4490, lon, lat); not those without a point."""
    rows = Case.objects.filter(pk__in=ids).values_list("pk", "point")
    return {pk: (point.x, point.y) for pk, point in rows if point is not None}


def waiting_requests(ids: list[int], actor: Actor) -> dict[int, str]:
    """The kind of request that waits about each of these cases, for those who ask and review.

    A department sees those of turns in which it takes part (domain law §1).
    """
    if not actor.roles & ASKING_ROLES:
        return {}
    is_department = Role.DEPARTMENT in actor.roles
    rows = _open_requests(
        is_department=is_department, case_ids=ids, department_id=actor.department_id
    )
    return {case_id: str(RequestKind(kind).label) for case_id, kind in rows}


@compiled_by("is_department")
def _open_requests(
    is_department: bool, case_ids: Any, department_id: Any
) -> QuerySet[Request, tuple[int, str]]:
    rows = Request.objects.filter(one_of("case_id", case_ids), state=RequestState.OPEN)
    if is_department:
        own = Turn.objects.filter(taking_part(department_id))
        rows = rows.filter(turn__in=own.values("pk"))
    return rows.values_list("case_id", "kind")


def own_turns(ids: list[int], actor: Actor) -> dict[int, Turn]:
    """The open turns of the actor's department among these cases."""
    if actor.department_id is None:
        return {}
    turns = Turn.objects.filter(
        case_id__in=ids, department_id=actor.department_id, ended_at=None
    ).prefetch_related("assistants")
    return {turn.case_id: turn for turn in turns}


def turn_words(turn: Turn | None, at: datetime) -> dict[str, Any]:
    """What a department sees of its turn: working time left, why, since when, reworks."""
    if turn is None:
        return {"working_left": "", "why": "", "began_at": None, "rework_count": 0}
    is_running = turn.running_since is not None
    return {
        "working_left": working_left(turn, at) if is_running else "",
        "why": reckoning(turn) if is_running else "",
        "began_at": turn.began_at,
        "rework_count": turn.rework_count,
    }


# ---------------------------------------------------------------- counts


def counts_of(actor: Actor) -> dict[str, int]:
    """How many cases each box holds, one query a box, counted up to a limit."""
    return {box: Listing.of(actor, box, {}).count() for box in boxes_for(actor)}


def unread_count(user_id: int) -> int:
    """Messages not read yet: the figure at the bell."""
    return capped_count(Message.objects.filter(receiver_id=user_id, read_at=None))


# ---------------------------------------------------------------- choices of the query


def _streets() -> list[tuple[str, str]]:
    rows: QuerySet[Any, Any] = Street.objects.filter(valid_to=None).order_by("code")
    return list(rows.values_list("code", "name"))


def _departments() -> list[tuple[str, str]]:
    return list(Department.objects.active().order_by("code").values_list("code", "name"))


#: Streets and departments by code and name, kept for a few seconds.
street_choices = Kept(_streets)
department_choices = Kept(_departments)


Groups = list[tuple[str, list[tuple[str, str]]]]

#: What the classes are called in each language, kept for a few seconds.
_class_choices: Kept[dict[str, Groups]] = Kept(dict)


def class_choices() -> Groups:
    """Classes of the current scheme by kind and major class; a value is “kind:code”."""
    kept, language = _class_choices(), get_language() or ""
    if language not in kept:
        kept[language] = _grouped_classes()
    return kept[language]


def _grouped_classes() -> Groups:
    groups: dict[str, list[tuple[str, str]]] = {}
    kinds = {"event": pgettext("kind", "Event"), "part": pgettext("kind", "Part")}
    for kind, label in kinds.items():
        for row in list_classes(kind=kind):
            listed = groups.setdefault(f"{label} · {row.major_name}", [])
            listed.append((f"{kind}:{row.code}", f"{row.code} {row.name}"))
    return list(groups.items())
