"""Inspection entries: who sees which, what counts at a data time, and the sums of scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.hand import added, inspected
from assessment.models import Entry, EntryStep, Sheet, SheetKind, Step, Subject
from assessment.models.inspections import LIFTED
from assessment.periods import Period, months_within
from assessment.selectors.readers import own_keys
from cases.clocks.numbers import INSPECTION_DAYS
from cases.selectors.paging import Page, page_of
from cases.selectors.settings import days_at
from dispatch.models import Department
from dispatch.selectors.departments import members_of
from gridcity.contracts import Actor, Role
from parts.models import Community, Street

# Whoever reads scores reads what they are made of; the desks that inspect read it too.
SEES_ALL = frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.ACCEPTOR, Role.DISPATCHER})
READERS = SEES_ALL | {Role.DEPARTMENT}


def visible_entries(actor: Actor) -> QuerySet[Entry]:
    """A department sees what scores it, its street and that street's communities."""
    rows = Entry.objects.select_related(
        "item__sheet", "street", "community__street", "department", "assessor"
    )
    if actor.roles & SEES_ALL:
        return rows
    own = own_keys(actor)
    if not own:
        return rows.none()
    theirs = Q(department__code=own[Subject.DEPARTMENT])
    if street := own.get(Subject.STREET):
        theirs |= Q(street__code=street) | Q(community__street__code=street)
    return rows.filter(theirs)


def is_its_own(actor: Actor, entry: Entry) -> bool:
    """Whether the actor belongs to the one that an entry scores, or answers for its street."""
    own = own_keys(actor)
    if entry.department is not None:
        return own.get(Subject.DEPARTMENT) == entry.department.code
    area = entry.street or (entry.community.street if entry.community else None)
    return area is not None and own.get(Subject.STREET) == area.code


def appeal_until(entry: Entry) -> datetime:
    """Until when an entry may be appealed against, by the number that held when it was written."""
    return entry.at + days_at(INSPECTION_DAYS, entry.at)


def people_of(entry: Entry) -> list[int]:
    """Ids of those who act for the one that an entry scores: `is_its_own`, from the other side."""
    found = entry.department
    if found is None:
        area = entry.street or (entry.community.street if entry.community else None)
        offices = Department.objects.active().exclude(street_code="")
        found = offices.filter(street_code=area.code).first() if area else None
    return members_of(found.pk) if found else []


def counted(rows: QuerySet[Entry], period: Period) -> QuerySet[Entry]:
    """Those found in the period and recorded by its data time, that nothing had lifted by then."""
    lifted = EntryStep.objects.filter(entry=OuterRef("pk"), step__in=LIFTED, at__lte=period.as_of)
    return rows.filter(
        ~Exists(lifted), found_at__gte=period.start, found_at__lt=period.cut, at__lte=period.as_of
    )


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a list of entries is narrowed to."""

    sheet: str = ""
    object_key: str = ""
    state: str = ""


STATES = ("counts", "appealed", "lifted")


def entries_found(actor: Actor, period: Period, wanted: EntryFilter) -> QuerySet[Entry]:
    """Entries found in a period, as known at its data time."""
    rows = visible_entries(actor).filter(
        found_at__gte=period.start, found_at__lt=period.end, at__lte=period.as_of
    )
    if wanted.sheet:
        rows = rows.filter(item__sheet__key=wanted.sheet)
    if wanted.object_key:
        rows = rows.filter(_of(wanted.object_key))
    if wanted.state:
        rows = rows.filter(_in_state(wanted.state, period))
    return rows


def page_of_entries(rows: QuerySet[Entry], cursor: str | None) -> tuple[Page, list[Entry]]:
    """One page, the latest found first, with all steps; raises Invalid for an unknown cursor."""
    keys = rows.select_related(None).values(*("id", "found_at"))
    page = page_of(keys, cursor=cursor, by="found_at")
    found = rows.prefetch_related("steps__by").in_bulk([row["id"] for row in page.rows])
    return page, [found[row["id"]] for row in page.rows]


def _of(key: str) -> Q:
    return Q(street__code=key) | Q(community__code=key) | Q(department__code=key)


def _in_state(state: str, period: Period) -> Q:
    def has(*steps: str) -> Exists:
        taken = EntryStep.objects.filter(entry=OuterRef("pk"), at__lte=period.as_of)
        return Exists(taken.filter(step__in=steps))

    match state:
        case "appealed":  # and not answered yet
            return Q(has(Step.APPEALED)) & ~Q(has(Step.UPHELD, Step.REFUSED, Step.WITHDRAWN))
        case "lifted":
            return Q(has(*LIFTED))
        case _:
            return ~Q(has(*LIFTED))


def unread_count(actor: Actor) -> int:
    """How many entries that score this actor's department nobody of it has read yet."""
    if actor.department_id is None:
        return 0
    steps = EntryStep.objects.filter(entry=OuterRef("pk"))
    return visible_entries(actor).filter(~Exists(steps)).count()


def object_of(entry: Entry) -> Any:
    """The street, community or department that an entry scores."""
    return entry.street or entry.community or entry.department


# ---------------------------------------------------------------- what can be chosen


def sheets_in_use() -> QuerySet[Sheet]:
    return Sheet.objects.filter(is_active=True).prefetch_related("items")


def objects_of(subject: str) -> list[tuple[str, str]]:
    """Code and name of everything that a sheet of this subject can score today."""
    rows: Any
    match subject:
        case Subject.DEPARTMENT:
            rows = Department.objects.active()
        case Subject.COMMUNITY:
            rows = Community.objects.filter(valid_to=None)
        case _:
            rows = Street.objects.filter(valid_to=None)
    return list(rows.order_by("code").values_list("code", "name"))


# ---------------------------------------------------------------- what scores are made of


@dataclass(frozen=True, slots=True)
class Given:
    """What a sheet's entries made of a period: of each object its entries by month."""

    sheet: Sheet
    months: int
    by_object: Mapping[int, list[tuple[int, int, Decimal]]]

    def points_of(self, pk: int) -> Fraction | None:
        """Of an inspection points of 100, None where nothing was looked at; else a sum."""
        by_month: list[list[Fraction]] = [[] for _month in range(self.months)]
        for _entry, month, points in self.by_object.get(pk, ()):
            by_month[month].append(Fraction(points))
        if self.sheet.kind == SheetKind.INSPECTION:
            return inspected(self.sheet.full, by_month)
        return added(by_month)

    def entries_of(self, pk: int) -> list[list[Any]]:
        """Id and points of the entries that count, as a snapshot keeps them."""
        return [[entry, str(points)] for entry, _month, points in self.by_object.get(pk, ())]


def hand_points(key: str, period: Period) -> Given:
    """The entries of a sheet that count in a period, of every object; one query and the sheet."""
    sheet = Sheet.objects.get(key=key)
    months = months_within(period) or [period]
    rows = counted(Entry.objects.filter(item__sheet=sheet), period).order_by("pk")
    found: dict[int, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for entry, pk, at, points in rows.values_list(
        "pk", f"{sheet.subject}_id", "found_at", "points"
    ):
        month = next(place for place, one in enumerate(months) if at < one.end)
        found[pk].append((entry, month, points))
    return Given(sheet, len(months), found)


# What a sheet does to a score: a scheme must say the same of it.
ADDS = {SheetKind.INSPECTION: 0, SheetKind.BONUS: 1, SheetKind.PENALTY: -1}


def sheets_by_effect(subject: str) -> dict[str, int]:
    """The sheets that can be a term of a scheme: inspections 0, bonus 1, penalty -1."""
    rows = Sheet.objects.filter(subject=subject).values_list("key", "kind")
    return {key: ADDS[SheetKind(kind)] for key, kind in rows}
