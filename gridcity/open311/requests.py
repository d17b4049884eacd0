"""Requests as GeoReport shows them: to everybody little, to who reported them all he may see.

Everybody sees class, street, state and date only (domain law §9), and of reports of the public
only (source PUBLIC): who calls or writes to the city was not told that any of it would be public.
With its key a client reads its own cases (law §1), and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Event
from cases.sources import Source
from cases.workflow import ENDED, State
from dispatch.selectors.actors import actor_of
from dispatch.selectors.visible import visible_cases
from gridcity.citizens.classes import value_of
from gridcity.contracts import NotVisible
from gridcity.models import User
from gridcity.open311.wishes import Wishes

# What bears an earlier instant is committed by then, or never: no task runs longer. Who walks by
# `updated_after` is shown nothing younger, and so misses nothing.
SETTLED = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
OPEN, CLOSED = "open", "closed"
# A list may be of a thousand: nothing is read that none is shown.
_SHOWN = (
    "number", "reported_at", "description", "place_text", "point", "due_at",
    "catalogue_class__kind", "catalogue_class__code", "catalogue_class__name", "street__name",
    "merged_into__due_at",
)  # fmt: skip
_ENDED = sorted(str(state) for state in ENDED)


def requests_of(client: User | None) -> QuerySet[Case, Case]:
    """What a caller sees at all. A successor is nobody's report; its first case tells of it."""
    cases = visible_cases(actor_of(client)) if client else Case.objects.filter(source=Source.PUBLIC)
    return _with_state(cases.filter(root=None))


def _with_state(cases: QuerySet[Case, Case]) -> QuerySet[Case, Case]:
    """Where each stands and since when, a merged one with the case that leads it.

    `updated` is when it was recorded that a state, or what was reported, became another.
    """
    amended = Event.objects.filter(case=OuterRef("pk"), action="amend").order_by("-seq")
    shown = cases.select_related("catalogue_class", "street", "merged_into").only(*_SHOWN)
    return shown.annotate(
        stands=Coalesce("merged_into__state", "state"),
        updated=Greatest(
            "state_since",
            Coalesce("merged_into__state_since", "state_since"),
            Coalesce(Subquery(amended.values("at")[:1]), "state_since"),
        ),
    )


def one_request(client: User | None, number: str) -> dict[str, Any]:
    """One request. Raises NotVisible where this caller sees none of that number."""
    found = _with_reason(requests_of(client), client).filter(number=number).first()
    if found is None:
        raise NotVisible(_("There is no request with this service_request_id."))
    return request_out(found, client)


def list_requests(client: User | None, wishes: Wishes, *, at: datetime) -> list[dict[str, Any]]:
    """The requests that are wished for, newest first; by `updated_after` the longest unchanged."""
    cases = _with_reason(requests_of(client), client)
    if wishes.numbers:
        rows: Sequence[Case] = list(cases.filter(number__in=wishes.numbers).order_by("-pk"))
        return [request_out(one, client) for one in rows]
    if wishes.class_ids is not None:
        cases = cases.filter(catalogue_class__in=wishes.class_ids)
    if wishes.status:
        over = Q(stands__in=_ENDED)
        cases = cases.filter(over if wishes.status == CLOSED else ~over)
    if wishes.updated_after is not None:
        rows = _walked(cases, wishes.updated_after, at - SETTLED, wishes.size)
    else:
        within = cases.filter(reported_at__gte=wishes.since, reported_at__lte=wishes.until)
        start = (wishes.page - 1) * wishes.size
        rows = list(within.order_by("-pk")[start : start + wishes.size])
    return [request_out(one, client) for one in rows]


def _walked(cases: QuerySet[Any, Any], after: datetime, until: datetime, size: int) -> list[Any]:
    """What changed after an instant. What changed at the same instant is never parted.

    So the last `updated_datetime` of an answer is where the next one begins, and none is lost.
    """
    # What changed later is open, or ended later: by the indexes of open cases and of ends. Of a
    # merged one that is so of the case that leads it. Asked apart, since no index serves both.
    own = cases.filter(Q(ended_at=None) | Q(ended_at__gt=after))
    led = cases.filter(merged_into__isnull=False).filter(
        Q(merged_into__ended_at=None) | Q(merged_into__ended_at__gt=after)
    )
    changed = [each.filter(updated__gt=after, updated__lte=until) for each in (own, led)]
    rows = _in_order(one for each in changed for one in each.order_by("updated", "pk")[:size])[
        :size
    ]
    if len(rows) == size:
        last = rows[-1].updated
        rows = _in_order([*rows, *(one for each in changed for one in each.filter(updated=last))])
    return rows


def _in_order(rows: Iterable[Any]) -> list[Any]:
    """Each once, the longest unchanged first."""
    return sorted({one.pk: one for one in rows}.values(), key=lambda one: (one.updated, one.pk))


def _with_reason(cases: QuerySet[Case, Case], client: User | None) -> QuerySet[Case, Case]:
    """Why it ended is told to who reported it."""
    if client is None:
        return cases
    ends = Event.objects.filter(
        case=Coalesce(OuterRef("merged_into"), OuterRef("pk")), to_state=F("case__state")
    )
    return cases.annotate(why=Subquery(ends.order_by("-seq").values("reason")[:1]))


def request_out(case: Any, client: User | None) -> dict[str, Any]:
    """A request in GeoReport's fields; empty is what this caller does not see."""
    state = State(case.stands)
    told = {
        "service_request_id": case.number,
        "status": CLOSED if state in ENDED else OPEN,
        "status_notes": str(state.label),
        "service_name": case.catalogue_class.name,
        "service_code": value_of(case.catalogue_class),
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": instant_out(case.reported_at),
        "updated_datetime": instant_out(case.updated),
        "expected_datetime": None,
        "address": case.street.name if case.street else None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }
    return told if client is None else told | _own(case, state)


def _own(case: Any, state: State) -> dict[str, Any]:
    """What a client sees of its own report beside that."""
    why = case.why if state in ENDED else ""
    lead = case.merged_into or case
    return {
        "status_notes": f"{state.label}: {why}" if why else str(state.label),
        "description": case.description,
        "expected_datetime": instant_out(lead.due_at) if state == State.HANDLING else None,
        "address": case.place_text or (case.street.name if case.street else None),
        "lat": case.point.y if case.point else None,
        "long": case.point.x if case.point else None,
    }


def instant_out(at: datetime | None) -> str | None:
    """To the microsecond, so that a walk goes on where it stood."""
    return timezone.localtime(at).isoformat() if at else None
