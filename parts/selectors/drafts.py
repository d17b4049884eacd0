"""Reads of editions and drafts: what each holds, what was found in it, what it will change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Q

from gridcity.contracts import NotVisible
from parts.models import Cell, Check, DraftShape, Edition, Level
from parts.selectors.draft_words import sentence_of

SHOWN_FINDINGS = 200
SHOWN_SHAPES = 3000
_DECIMALS = 9


def list_editions() -> list[Edition]:
    """Every edition, drafts first, then by publication; with `cell_count`. One query."""
    rows = Edition.objects.select_related("published_by", "made_by", "changed_by", "base")
    counted = rows.annotate(
        cell_count=Count("cells", filter=Q(cells__end_on=None) | Q(state=Edition.State.FORMER))
    )
    return list(counted.order_by(F("published_at").desc(nulls_first=True), "-pk"))


def get_edition(edition_id: int) -> Edition:
    """An edition with who made and changed it. Raises NotVisible."""
    rows = Edition.objects.select_related("published_by", "made_by", "changed_by", "base")
    found = rows.filter(pk=edition_id).first()
    if found is None:
        raise NotVisible
    return found


def current_edition() -> Edition | None:
    return Edition.objects.filter(state=Edition.State.CURRENT).first()


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many shapes a draft has of one level, and how many of them came from a file."""

    level: str
    label: str
    alive: int
    ends: int
    read: int


def level_counts(draft: Edition) -> list[LevelCount]:
    """Counts of a draft by level, from the district down; one query."""
    rows = {
        row["level"]: row
        for row in draft.shapes.order_by()
        .values("level")
        .annotate(
            alive=Count("pk", filter=Q(ends=False)),
            gone=Count("pk", filter=Q(ends=True)),
            read=Count("pk", filter=Q(row__gt=0)),
        )
    }
    empty = {"alive": 0, "gone": 0, "read": 0}
    return [
        LevelCount(level, str(level.label), row["alive"], row["gone"], row["read"])
        for level in Level
        for row in [rows.get(level, empty)]
    ]


# ---------------------------------------------------------------- findings


@dataclass(frozen=True, slots=True)
class CheckCount:
    """How often one check found something."""

    key: str
    label: str
    is_fault: bool
    count: int


def check_counts(draft: Edition) -> list[CheckCount]:
    """What was found, faults first, in the order of the checks; one query."""
    rows = draft.findings.order_by().values_list("check_key", "is_fault").annotate(n=Count("pk"))
    found = {(key, is_fault): n for key, is_fault, n in rows}
    return [
        CheckCount(check, str(check.label), is_fault, found[check, is_fault])
        for is_fault in (True, False)
        for check in Check
        if (check, is_fault) in found
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """A finding as the report shows it."""

    pk: int
    label: str
    is_fault: bool
    codes: str
    sentence: str
    row: int
    is_on_map: bool


def list_findings(draft: Edition, check: str = "") -> list[Said]:
    """The first `SHOWN_FINDINGS` findings, faults first, of one check if it is named."""
    rows = draft.findings.annotate(has_shape=Q(geom__isnull=False)).defer("geom")
    if check:
        rows = rows.filter(check_key=check)
    return [
        Said(
            row.pk,
            str(Check(row.check_key).label),
            row.is_fault,
            "、".join(row.codes[:6]) + ("…" if len(row.codes) > 6 else ""),
            sentence_of(row),
            row.row,
            row.has_shape,
        )
        for row in rows.order_by("-is_fault", "pk")[:SHOWN_FINDINGS]
    ]


# ---------------------------------------------------------------- changes of areas


@dataclass(frozen=True, slots=True)
class AreaChange:
    """A street or community that the draft brings, renames or ends."""

    level: str
    label: str
    code: str
    name: str
    former_name: str
    kind: str
    successor: str


def area_changes(draft: Edition) -> list[AreaChange]:
    """What the draft will change of streets and communities when it is published; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select d.level, d.code, d.name, coalesce(a.name, ''), d.ends, d.successor_code,
                   a.code is null
            from parts_draftshape d
            left join (select 'street' as level, code, name from parts_street
                       where valid_to is null
                       union all
                       select 'community', code, name from parts_community
                       where valid_to is null) a on a.level = d.level and a.code = d.code
            where d.edition_id = %s and d.level in ('street', 'community')
              and (d.ends or a.code is null or a.name <> d.name)
            order by d.level desc, d.code""",
            [draft.pk],
        )
        rows = cursor.fetchall()
    return [
        AreaChange(
            level, str(Level(level).label), code, name, former,
            "ends" if ends else "new" if is_new else "renamed", successor,
        )
        for level, code, name, former, ends, successor, is_new in rows
    ]  # fmt: skip


def alive_areas(draft: Edition, level: str) -> list[tuple[str, str]]:
    """Code and name of the areas of a level that go on: whoever may be a successor."""
    rows = draft.shapes.filter(level=level, ends=False)
    return list(rows.order_by("code").values_list("code", "name"))


# ---------------------------------------------------------------- maps


def findings_geojson(draft: Edition, check: str = "") -> str:
    """The places of the findings, for the map of the report."""
    rows = draft.findings.filter(geom__isnull=False)
    if check:
        rows = rows.filter(check_key=check)
    return collection(
        {
            "id": row.pk,
            "geometry": row.geom,
            "properties": {
                "label": str(Check(row.check_key).label),
                "codes": row.codes[:6],
                "is_fault": row.is_fault,
                "sentence": sentence_of(row),
            },
        }
        for row in rows.order_by("-is_fault", "pk")[:SHOWN_FINDINGS]
    )


def shapes_geojson(draft: Edition, level: str, prefix: str = "") -> str:
    """Shapes of a level of a draft whose codes begin so, as they are to be."""
    rows = draft.shapes.filter(level=level, geom__isnull=False, code__startswith=prefix)
    return collection(
        {
            "id": row.pk,
            "geometry": row.geom,
            "properties": {"code": row.code, "name": row.name, "ends": row.ends},
        }
        for row in rows.order_by("ends", "code")[:SHOWN_SHAPES]
    )


def collection(rows: Iterable[dict[str, Any]]) -> str:
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "properties": row["properties"],
            "geometry": json.loads(row["geometry"].geojson),
        }
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def cells_of_community(draft: Edition, community: str) -> list[DraftShape]:
    """The cells of a community in a draft: those in use by code, then those that end."""
    rows = draft.shapes.filter(level=Level.CELL, code__startswith=community)
    return list(rows.defer("geom").order_by("ends", "code"))


# ---------------------------------------------------------------- then


@dataclass(frozen=True, slots=True)
class Then:
    """Which cell a place was in on a day, and which it is in now."""

    edition: Edition
    cell: Cell | None


def cell_on(*, lon: float, lat: float, on: date | datetime) -> Then | None:
    """The cell that covered a point in degrees (EPSG:4490) on a day; two queries.

    On the day of a publication the new edition counts. None before the first edition; a Then
    without a cell where the point lay in none.
    """
    held = Edition.objects.exclude(state=Edition.State.DRAFT).filter(published_at__date__lte=on)
    edition = held.order_by("-published_at").first()
    if edition is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """select id from parts_cell
            where edition_id = %s and ST_Covers(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490))
            order by code limit 1""",
            [edition.pk, lon, lat],
        )
        row = cursor.fetchone()
    cell = (
        Cell.objects.select_related("community__street").defer("geom").get(pk=row[0])
        if row
        else None
    )
    return Then(edition, cell)


def last_published() -> datetime | None:
    """When the current edition was published."""
    found: datetime | None = Edition.objects.aggregate(at=Max("published_at"))["at"]
    return found
