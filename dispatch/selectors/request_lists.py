"""Lists of requests that need approval: by kind, by state, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.selectors.paging import PAGE_SIZE, Page, page_of
from dispatch.models import Request, RequestKind, RequestState, RequestStep
from dispatch.selectors.boxes import BOXES
from dispatch.selectors.case_lists import one_of
from dispatch.selectors.duty import reviews_of_own_deed
from gridcity.contracts import Actor, Role

IDS = ("id",)
# Who reads every request: the desks that review or follow them, and those who only read.
READS_ALL = frozenset({Role.DISPATCHER, Role.DUTY_CHIEF, Role.ACCEPTOR, Role.OFFICIAL})


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list of requests is asked for; empty means all that is visible."""

    kind: str = ""
    status: str = ""
    box: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> RequestFilter:
        """Read a filter from a query string. Raises Invalid naming the field."""
        one_of("kind", query.get("kind", ""), RequestKind.values)
        one_of("status", query.get("status", ""), RequestState.values)
        one_of("box", query.get("box", ""), BOXES)
        return cls(query.get("kind", ""), query.get("status", ""), query.get("box", ""))


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some requests with case, department and reviews, and the cursors around them."""

    rows: list[Request]
    next: str | None
    previous: str | None


def visible_requests(actor: Actor) -> QuerySet[Request]:
    """A department sees what its own turns asked for; the desks see all; nobody else any."""
    if actor.roles & READS_ALL:
        return Request.objects.all()
    if actor.department_id is not None:
        return Request.objects.filter(turn__department_id=actor.department_id)
    return Request.objects.none()


def list_requests(
    actor: Actor, wanted: RequestFilter, *, cursor: str | None = None, size: int = PAGE_SIZE
) -> RequestPage:
    """One page of requests, newest first, in three queries."""
    equal = {"kind": wanted.kind, "state": wanted.status}
    rows = visible_requests(actor).filter(**{key: value for key, value in equal.items() if value})
    if wanted.box:
        rows = rows.filter(in_box(actor, wanted.box))
    page: Page = page_of(rows.values(*IDS), cursor=cursor, size=size)
    ids = [row["id"] for row in page.rows]
    found = (
        Request.objects.filter(pk__in=ids)
        .select_related("case__catalogue_class", "turn", "asked_by", "proposed_department")
        .prefetch_related("steps__decided_by")
        .order_by("-id")
    )
    return RequestPage(list(found), page.next, page.previous)


def in_box(actor: Actor, box: str) -> Q:
    """todo: its review waits for this actor; touched: he asked or decided; done: decided since."""
    steps = RequestStep.objects.filter(request=OuterRef("pk"))
    # Of a department only its leading members review.
    roles = actor.roles if actor.is_lead else actor.roles - {Role.DEPARTMENT}
    steps_open = steps.filter(ended_at=None, reviewer_role__in=sorted(roles))
    waits = Q(Exists(steps_open.exclude(reviews_of_own_deed(actor.user_id))))
    acted = Q(asked_by_id=actor.user_id) | Q(Exists(steps.filter(decided_by_id=actor.user_id)))
    match box:
        case "todo":
            return waits & Q(state=RequestState.OPEN)
        case "touched":
            return acted
        case "done":
            return acted & ~Q(state=RequestState.OPEN)
        case _:
            return Q(pk__in=[])
