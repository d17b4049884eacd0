"""One unit grid cell as its page shows it: who answers for it, what stands and is open in it.

What is counted is what the reader sees (domain law §1); whoever sees no case sees no count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from assessment.dimensions import filter_of
from assessment.indicators import INDICATORS, Grain, condition_of
from assessment.periods import Period, period_from
from assessment.selectors.dashboard import Shown
from assessment.selectors.figures import facts_since, held_at, indicators_for
from cases.models.case import CaseQuerySet
from dispatch.coverage import Answers, Areas
from dispatch.models import RoutingVersion
from dispatch.reasons import sentence
from dispatch.routing import Proposal
from dispatch.selectors.case_lists import departments_of, hide_turns_of_others, lamp_of
from dispatch.selectors.routing import DISTRICT_DIGITS, index_of, manned_departments
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, NotVisible, Role
from parts.models import CatalogueClass, Cell, CellHeir, Edition, Part, PatrolCell, Shift
from parts.models.land_use import LandUse
from parts.selectors import list_classes
from parts.selectors.keys import cell_ids
from parts.selectors.patrols import shifts_at

MONTHS = 12
HISTORY = ("filed", "closed", "closed_late", "self_handled")
RATES = ("filed_in_time", "closed_share", "closed_in_time", "closed_late_share", "forced_share")
MOST_OPEN = 20

Linker = Callable[..., str]


def get_cell(code: str, edition_id: int | None = None) -> Cell:
    """The cell of this code: of the edition named, else of the current one, else the latest.

    Raises NotVisible; a draft is nobody's cell yet.
    """
    rows = Cell.objects.filter(code=code).exclude(edition__state=Edition.State.DRAFT)
    if edition_id is not None:
        rows = rows.filter(edition_id=edition_id)
    newest_first = F("edition__superseded_at").desc(nulls_first=True)
    cell = rows.select_related("edition", "community__street").order_by(newest_first).first()
    if cell is None:
        raise NotVisible
    return cell


# ---------------------------------------------------------------- who patrols


@dataclass(slots=True)
class ShiftOfCell:
    """A shift with those who have the cell in it; `is_now` while it runs."""

    shift: Shift
    is_now: bool
    supervisors: list[Any] = field(default_factory=list)


def patrols_of(cell: Cell, at: datetime) -> list[ShiftOfCell]:
    """Every shift and who has the cell in it; two queries."""
    running = shifts_at(at)
    shifts = {
        shift.key: ShiftOfCell(shift, shift.key in running)
        for shift in Shift.objects.order_by("begins", "key")
    }
    held = PatrolCell.objects.filter(cell=cell, patrol__supervisor__is_active=True)
    for row in held.select_related("patrol__supervisor").order_by("patrol__supervisor__username"):
        shifts[row.patrol.shift_id].supervisors.append(row.patrol.supervisor)
    return list(shifts.values())


# ---------------------------------------------------------------- who answers


@dataclass(slots=True)
class Answering:
    """A department with the classes that the rules give it here; None: nobody."""

    department: Any
    classes: list[AnsweredClass] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnsweredClass:
    """A class, why this department answers, and whether only at some hours."""

    entry: CatalogueClass
    reason: str
    hours: str = ""


WORKING, OFF = "working", "off"


def answering(cell: Cell, at: datetime) -> dict[str, list[Answering]]:
    """By kind of class: which department answers for which classes in this cell; two queries.

    Owners of parts are left aside: they are asked part by part.
    """
    version = RoutingVersion.objects.values_list("number", flat=True).first()
    manned = frozenset(manned_departments())
    answers = Answers(index_of(version), manned, timezone.localdate(at))
    community, street = cell.community, cell.community.street
    areas = (cell.code, community.code, street.code, street.code[:DISTRICT_DIGITS])
    names = {community.code: community.name, street.code: street.name}
    found: dict[str, dict[int, Answering]] = defaultdict(dict)
    for entry in list_classes():
        for proposal, hours in answers_for(answers, entry, areas):
            dept = proposal.department
            group = found[entry.kind].setdefault(dept.id if dept else 0, Answering(dept))
            said = sentence(proposal, {**names, entry.code: f"{entry.code} {entry.name}"})
            group.classes.append(AnsweredClass(entry, said, hours))
    # nobody first: that is to be mended
    return {
        kind: [
            groups[pk] for pk in sorted(groups, key=lambda pk: (pk != 0, -len(groups[pk].classes)))
        ]
        for kind, groups in found.items()
    }


def answers_for(
    answers: Answers, entry: CatalogueClass, areas: Areas
) -> list[tuple[Proposal, str]]:
    """The answer at all hours, or one in working time and another outside it."""
    key = (entry.kind, entry.scheme_id, entry.code)
    working, off = answers(key, areas, "", True), answers(key, areas, "", False)
    if working.department == off.department:
        return [(working, "")]
    return [(working, WORKING), (off, OFF)]


# ---------------------------------------------------------------- parts and cases


def parts_by_class(cell: Cell) -> list[dict[str, Any]]:
    """Standing parts of the cell, counted by class; one query."""
    rows = Part.objects.standing().filter(cell=cell)
    return list(
        rows.values("catalogue_class__code", "catalogue_class__name")
        .annotate(count=Count("pk"), broken=Count("pk", filter=Q(state=Part.State.BROKEN)))
        .order_by("catalogue_class__code")
    )


def cases_of(actor: Actor, code: str) -> CaseQuerySet:
    """Visible cases of the cell and of the former ones whose ground is mostly its own.

    As lists narrow them; two queries.
    """
    return visible_cases(actor).filter(cell_id__in=cell_ids(code))


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The open cases of a cell, what is due first on top; `total` counts them all."""

    rows: list[dict[str, Any]]
    total: int


def open_cases(actor: Actor, rows: CaseQuerySet, at: datetime) -> OpenCases:
    """What has not ended, in three queries; of a department's former cases only the state."""
    waiting = rows.filter(ended_at=None)
    columns: list[str] = [
        "id", "number", "state", "reported_at", "due_at", "green_until", "ended_at",
        "catalogue_class__name",
    ]  # fmt: skip
    listed: list[dict[str, Any]] = list(
        waiting.order_by("due_at", "pk").values(*columns)[:MOST_OPEN]
    )
    departments = departments_of([row["id"] for row in listed])
    for row in listed:
        row["department"] = departments.get(row["id"], {}).get("name", "")
        row["lamp"] = lamp_of(row, at)
    if Role.DEPARTMENT in actor.roles:
        hide_turns_of_others(listed, actor.department_id)
    return OpenCases(listed, waiting.count())


# ---------------------------------------------------------------- twelve months, and rates


@dataclass(frozen=True, slots=True)
class MonthOfCell:
    """One month: its first day, and its figures in the order of HISTORY."""

    first: date
    is_running: bool
    figures: list[Shown]


def months_before(at: datetime) -> list[Period]:
    """The running month and the eleven before it, newest first."""
    first = timezone.localdate(at).replace(day=1)
    found = []
    for _number in range(MONTHS):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append(period_from({"since": first.isoformat(), "until": last.isoformat()}, at))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def count_cell(
    actor: Actor, code: str, at: datetime, link: Linker | None
) -> tuple[list[MonthOfCell], list[Shown], Period]:
    """Twelve months and the rates of the last full one, in one query over the facts of the cell.

    Conditions are those of the registry, so a list is as long as its figure.
    """
    months = months_before(at)
    last = months[1]
    seen = {each.key for each in indicators_for(actor)}
    listed = [key for key in HISTORY if key in seen]
    keys = {f"{key}_{n}": (key, month) for n, month in enumerate(months) for key in listed}
    for key in RATES:
        keys[f"rate_{key}"] = (key, last)
        keys[f"of_{key}"] = (INDICATORS[key].of, last)
    sums = {
        name: Count("pk", filter=held_at(month) & condition_of(INDICATORS[key], month))
        for name, (key, month) in keys.items()
    }
    year = facts_since(Grain.CASE, actor, months[-1].start)
    counts = year.filter(filter_of(Grain.CASE, {"cell": code})).aggregate(**sums)

    def show(key: str, name: str, month: Period) -> Shown:
        indicator = INDICATORS[key]
        whole = counts[f"of_{key}"] if name.startswith("rate_") else None
        return Shown(
            indicator,
            counts[name],
            link(month, key) if link else "",
            whole,
            link(month, indicator.of) if link and whole is not None else "",
        )

    history = [
        MonthOfCell(
            month.first, month.is_running, [show(key, f"{key}_{n}", month) for key in listed]
        )
        for n, month in enumerate(months)
    ]
    return history, [show(key, f"rate_{key}", last) for key in RATES], last


# ---------------------------------------------------------------- former editions, neighbours


def former_cells(cell: Cell) -> list[dict[str, Any]]:
    """What lay on this ground in other editions, the latest first, with the share of its area.

    By the heirs that a publication writes down; in any case cells of the same code. Two queries.
    """
    shares = {
        row["former_id"]: row["area_m2"]
        for row in CellHeir.objects.filter(heir=cell).values("former_id", "area_m2")
    }
    rows = (
        Cell.objects.filter(Q(pk__in=shares) | Q(code=cell.code))
        .exclude(pk=cell.pk)
        .exclude(edition__state=Edition.State.DRAFT)
        .select_related("edition", "community")
        .order_by("-edition__published_at", "code")
    )
    return [{"cell": row, "common_m2": shares.get(row.pk)} for row in rows]


def forebears_of(cell: Cell) -> list[str]:
    """Codes of former cells whose cases are counted in this one since they were cut or joined."""
    former = CellHeir.objects.filter(heir=cell, is_main=True).exclude(former__code=cell.code)
    codes = former.order_by("former__code").values_list("former__code", flat=True)
    return list(codes.distinct())


def heirs_of(cell: Cell) -> list[Cell]:
    """The cells of today on the ground of a cell that is no longer in use."""
    heirs = Cell.objects.filter(inherits__former=cell).exclude(pk=cell.pk)
    return list(heirs.order_by("code"))


def land_use_words(cell: Cell) -> str:
    """The land use with its name, as the city's code table has it."""
    name = LandUse.objects.filter(code=cell.land_use).values_list("name", flat=True).first()
    return f"{cell.land_use} {name}" if name else cell.land_use


def neighbours_of(cell: Cell) -> list[Cell]:
    """The cells that touch it, with their community; one query."""
    rows = Cell.objects.filter(pk__in=cell.neighbours).select_related("community")
    return list(rows.order_by("code"))
