"""How far a census is, by street, cell and class; and what a supervisor has to walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from gridcity.contracts import NotVisible
from parts.models import Census, CensusCell, CensusPart, Community
from parts.selectors.keys import class_by_id, communities, kept_row, streets
from parts.selectors.paging import page_by
from parts.selectors.patrols import cells_of

CELLS_SHOWN = 200
CELLS_ON_PAGE = 50
DONE = frozenset({"open", "done"})
CHOSEN_SHOWN = 20
Counts = tuple[int, int, int, int]  # parts, present, changed, gone
NO_PARTS: Counts = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """Parts to look for and what was found, with cells walked."""

    label: str = ""
    code: str = ""
    parts: int = 0
    present: int = 0
    changed: int = 0
    gone: int = 0
    cells: int = 0
    cells_done: int = 0

    @property
    def looked(self) -> int:
        return self.present + self.changed + self.gone

    @property
    def percent(self) -> float:
        return 100 * self.looked / self.parts if self.parts else 0.0


# One walk over the census's parts for all three groupings would be a cube; each is one statement.
_COUNTS = """
    count(*), count(*) filter (where p.found = 'present'),
    count(*) filter (where p.found = 'changed'), count(*) filter (where p.found = 'gone')
    from parts_censuspart p join parts_censuscell c on c.id = p.census_cell_id"""


def list_censuses() -> list[tuple[Census, Progress]]:
    """All censuses, newest first, with their progress; three queries."""
    rows = list(Census.objects.select_related("opened_by"))
    parts = _grouped("c.census_id", "")
    cells = {
        pk: (count, done)
        for pk, count, done in CensusCell.objects.order_by()
        .values_list("census_id")
        .annotate(n=Count("pk"), done=Count("done_at"))
    }
    return [
        (row, Progress("", "", *parts.get(row.pk, NO_PARTS), *cells.get(row.pk, (0, 0))))
        for row in rows
    ]


def _grouped(column: str, where: str, values: tuple[Any, ...] = ()) -> dict[Any, Counts]:
    joins = (" join parts_part a on a.id = p.part_id" if column.startswith("a.") else "") + (
        " join parts_cell g on g.id = c.cell_id join parts_community m on m.id = g.community_id"
        if column.startswith("m.")
        else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(f"select {column}, {_COUNTS}{joins} {where} group by 1", values)
        return {key: (n, here, other, gone) for key, n, here, other, gone in cursor.fetchall()}


def get_census(census_id: int) -> Census:
    """Raises NotVisible."""
    found = Census.objects.select_related("opened_by", "opening_job").filter(pk=census_id).first()
    if found is None:
        raise NotVisible
    return found


def chosen_of(census: Census) -> str:
    """Over what a census is or was opened: names of streets, codes of cells; empty for all."""
    names = {row.code: row.name for row in streets().values()}
    said = [names.get(code, code) for code in census.chosen.get("streets", ())]
    cells = census.chosen.get("cells", ())
    more = [*cells[:CHOSEN_SHOWN], *(["…"] if len(cells) > CHOSEN_SHOWN else [])]
    return "、".join([*said, *more])


def total_progress(census: Census) -> Progress:
    """The census as a whole; two queries."""
    parts = _grouped("c.census_id", "where c.census_id = %s", (census.pk,))
    cells = CensusCell.objects.filter(census=census).aggregate(n=Count("pk"), d=Count("done_at"))
    return Progress("", "", *parts.get(census.pk, NO_PARTS), cells["n"], cells["d"])


def progress_by_street(census: Census) -> list[Progress]:
    """By street, in the order of codes; two queries."""
    parts = _grouped("m.street_id", "where c.census_id = %s", (census.pk,))
    cells = {
        street: (count, done)
        for street, count, done in CensusCell.objects.filter(census=census)
        .order_by()
        .values_list("cell__community__street_id")
        .annotate(n=Count("pk"), done=Count("done_at"))
    }
    rows = [
        Progress(
            kept_row(streets, pk).name,
            kept_row(streets, pk).code,
            *parts.get(pk, NO_PARTS),
            *counts,
        )
        for pk, counts in cells.items()
    ]
    return sorted(rows, key=lambda row: row.code)


def progress_by_class(census: Census) -> list[Progress]:
    """By class, in the order of codes; one query."""
    parts = _grouped("a.catalogue_class_id", "where c.census_id = %s", (census.pk,))
    rows = [
        Progress(class_by_id(pk).name, class_by_id(pk).code, *counts)
        for pk, counts in parts.items()
    ]
    return sorted(rows, key=lambda row: row.code)


@dataclass(frozen=True, slots=True)
class CellFilter:
    """Which cells of a census are listed: by codes, and whether they are done; empty means all."""

    street: str = ""
    community: str = ""
    done: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> CellFilter:
        """Read from a query string; an unknown state lists all."""
        said = {name: query.get(name, "").replace("\0", "").strip() for name in cls.__slots__}
        return cls(**said | {"done": said["done"] if said["done"] in DONE else ""})

    def rows(self, census: Census) -> QuerySet[CensusCell]:
        """The cells of this street and community, done or not."""
        rows = CensusCell.objects.filter(census=census)
        if self.street:
            rows = rows.filter(cell__community__street__code=self.street)
        if self.community:
            rows = rows.filter(cell__community__code=self.community)
        return rows


@dataclass(frozen=True, slots=True)
class CellPage:
    """Some cells by code, how many are done and not done in all, and the cursors around them."""

    rows: list[CensusCell]
    open: int
    done: int
    total: int
    next: str | None
    previous: str | None


def list_census_cells(census: Census, wanted: CellFilter, cursor: str | None = None) -> CellPage:
    """One page of cells by code, in three queries. Raises Invalid for an unknown cursor."""
    rows = wanted.rows(census)
    counts = rows.aggregate(n=Count("pk"), done=Count("done_at"))
    numbers = {"": counts["n"], "open": counts["n"] - counts["done"], "done": counts["done"]}
    if wanted.done:
        rows = rows.filter(done_at__isnull=wanted.done == "open")
    listed = rows.values(*("pk", "cell__code"))
    page = page_by(listed, "cell__code", cursor=cursor, size=CELLS_ON_PAGE)
    # Parts are counted of this page's cells only: a district has 180,000 in 4,400 cells.
    found = list(
        counted(CensusCell.objects.filter(pk__in=[row["pk"] for row in page.rows]))
        .select_related("cell__community", "done_by")
        .order_by("cell__code")
    )
    return CellPage(
        rows=found,
        open=numbers["open"],
        done=numbers["done"],
        total=numbers[wanted.done],
        next=page.next,
        previous=page.previous,
    )


def communities_of(census: Census, street: str = "") -> list[Community]:
    """The communities in which a census has cells, of one street where it is named, by code."""
    rows = CellFilter(street).rows(census).order_by()
    found = rows.values_list("cell__community_id", flat=True).distinct()
    return sorted((kept_row(communities, pk) for pk in found), key=lambda row: row.code)


def counted(rows: QuerySet[CensusCell]) -> QuerySet[CensusCell]:
    """Cells with how many parts they have and how many were looked at."""
    return rows.annotate(
        part_count=Count("parts"), looked=Count("parts", filter=~Q(parts__found=""))
    )


def running(on: date) -> Q:
    """Cells of the censuses that run on a day."""
    is_open = Q(census__state=Census.State.OPEN)
    return is_open & Q(census__begins_on__lte=on, census__ends_on__gte=on)


def cells_to_walk(*, user_id: int, on: date) -> list[CensusCell]:
    """The cells of this supervisor's patrols in censuses that run: not done first, then most parts.

    By code: a census goes on with the cells it was opened with when a new edition is published.
    """
    codes = cells_of(user_id=user_id)
    cells = counted(CensusCell.objects.filter(running(on), cell__code__in=codes))
    listed = cells.select_related("census", "cell__community")
    order = (F("done_at").asc(nulls_first=True), "-part_count", "cell__code")
    return list(listed.order_by(*order)[:CELLS_SHOWN])


def get_census_cell(census_cell_id: int) -> CensusCell:
    """A cell of a census. Raises NotVisible."""
    found = (
        CensusCell.objects.select_related("census", "cell__community__street", "done_by")
        .filter(pk=census_cell_id)
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def parts_of_cell(cell: CensusCell) -> list[CensusPart]:
    """The parts of a cell, those that nobody looked at first."""
    rows = CensusPart.objects.filter(census_cell=cell).select_related("part__catalogue_class")
    return list(rows.order_by("found_at", "part__code"))


def mark_of(*, part_id: int, on: date) -> CensusPart | None:
    """This part in a census that runs, for its page on the phone."""
    rows = CensusPart.objects.filter(part_id=part_id).select_related("census_cell__census")
    return rows.filter(census_cell__in=CensusCell.objects.filter(running(on)).values("pk")).first()
