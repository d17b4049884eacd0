"""Reads of editions and drafts: what each holds, what was found in it, what it will change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridcity.contracts import NotVisible
from parts.models import Cell, Check, DraftFinding, DraftShape, Edition, Level

SHOWN_FINDINGS = 200
SHOWN_SHAPES = 3000
_DECIMALS = 9
ATTRIBUTE_NAMES = {
    "management_class": gettext_lazy("management class"),
    "limit_area": gettext_lazy("limit area"),
    "responsible_body": gettext_lazy("responsible body"),
    "land_use": gettext_lazy("land use"),
}


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


def sentence_of(finding: DraftFinding) -> str:
    """What was found in words, with what to do about it where that is not plain."""
    make = SENTENCES.get(finding.check_key)
    return make(finding, finding.values) if make else str(Check(finding.check_key).label)


def metres(area: float | None) -> str:
    """Square metres as people read them: whole ones, small ones with a decimal."""
    value = area or 0
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _nth(finding: DraftFinding, n: int) -> str:
    return finding.codes[n] if len(finding.codes) > n else ""


Sentence = Callable[[DraftFinding, dict[str, Any]], str]
SENTENCES: dict[str, Sentence] = {
    Check.NO_SHAPE: lambda f, v: _("The row has no boundary."),
    Check.NOT_AREA: lambda f, v: _("The row has no closed area, but a point, a line or less."),
    Check.NOT_CLOSED: lambda f, v: _("The last point of a ring is not its first one."),
    Check.OFF_MAP: lambda f, v: _(
        "The coordinates lie outside China: another frame was declared than the file has, or its "
        "axes are swapped."
    ),
    Check.CROSSES_ITSELF: lambda f, v: (
        _("The boundary crosses itself: %(why)s.") % {"why": v.get("reason", "")}
    ),
    Check.SEVERAL_PIECES: lambda f, v: (
        _("The cell consists of %(n)s separate pieces.") % {"n": v.get("n")}
    ),
    Check.CODE_FORM: lambda f, v: (
        _("“%(code)s” is no code of %(digits)s digits.")
        % {"code": _nth(f, 0), "digits": v.get("digits")}
    ),
    Check.CODE_TWICE: lambda f, v: _("%(n)s shapes have this code.") % {"n": v.get("n")},
    Check.CODE_VOIDED: lambda f, v: _voided(v),
    Check.CODE_MOVED: lambda f, v: (
        _(
            "In the current edition this code means another place: both share %(percent)s %% of "
            "their ground. A code is never given to another place."
        )
        % {"percent": v.get("percent")}
    ),
    Check.NO_PARENT: lambda f, v: (
        _("The draft has no area %(code)s that this code belongs to.") % {"code": _nth(f, 1)}
    ),
    Check.OVERLAP: lambda f, v: (
        _("%(one)s and %(other)s overlap by %(area)s m².")
        % {"one": _nth(f, 0), "other": _nth(f, 1), "area": metres(f.area_m2)}
    ),
    Check.GAP: lambda f, v: (
        _("%(area)s m² of %(code)s are covered by nothing.")
        % {"code": _nth(f, 0), "area": metres(f.area_m2)}
    ),
    Check.OUTSIDE: lambda f, v: _("It lies wholly outside %(code)s.") % {"code": _nth(f, 1)},
    Check.ACROSS: lambda f, v: (
        _("%(area)s m² of it (%(percent)s %%) lie outside %(code)s.")
        % {"area": metres(f.area_m2), "percent": v.get("percent"), "code": _nth(f, 1)}
    ),
    Check.NAME: lambda f, v: _("An area needs a name of 1 to 64 characters."),
    Check.SUCCESSOR: lambda f, v: _(
        "The area is in force today and not in the draft. Say which one takes its place."
    ),
    Check.SHIFTED: lambda f, v: _shifted(v),
    Check.PARTS_OUTSIDE: lambda f, v: (
        _("%(n)s standing parts lie in no cell of the draft.") % {"n": v.get("n")}
    ),
    Check.CUTS_PARTS: lambda f, v: (
        _("%(n)s lines or areas reach out of their cell by more than 1 m.") % {"n": v.get("n")}
    ),
    Check.TOO_MANY: lambda f, v: (
        _(
            "Community %(code)s has given %(n)s codes to cells, with those of the draft; there are "
            "%(most)s serials, and none is given twice."
        )
        % {"code": _nth(f, 0), "n": v.get("n"), "most": v.get("most")}
    ),
    Check.EMPTY: lambda f, v: _("The draft has no cells."),
    Check.ORDER: lambda f, v: (
        _(
            "In community %(code)s %(n)s serials stand in another order than from north to south "
            "and west to east in bands of 100 m."
        )
        % {"code": v.get("community"), "n": v.get("n")}
    ),
    Check.AREA_BAND: lambda f, v: (
        _("%(area)s m²: outside the usual 2,000 to 50,000 m².") % {"area": metres(f.area_m2)}
    ),
    Check.ATTRIBUTE: lambda f, v: (
        _("%(field)s “%(value)s” is not known; it will be left out.")
        % {"field": _attribute(v.get("field", "")), "value": v.get("value")}
    ),
    Check.PADDED: lambda f, v: (
        _("The number %(was)s was read as this code.") % {"was": v.get("was")}
    ),
}


def _attribute(name: str) -> str:
    return str(ATTRIBUTE_NAMES.get(name, name))


def _voided(values: dict[str, Any]) -> str:
    if values.get("on"):
        return _("This code ended on %(on)s (%(reason)s) and is never given again.") % {
            "on": values["on"],
            "reason": values.get("reason") or "–",
        }
    return _("This code belongs to the former edition “%(name)s” and is never given again.") % {
        "name": values.get("edition", "")
    }


def _shifted(values: dict[str, Any]) -> str:
    east, north = abs(int(values.get("east", 0))), abs(int(values.get("north", 0)))
    if values.get("is_gcj"):
        return _(
            "Everything lies about %(east)s m east and %(north)s m north of where it is: so do "
            "coordinates of consumer maps (GCJ-02). Import the file again and declare GCJ-02."
        ) % {"east": east, "north": north}
    return _(
        "Everything lies about %(east)s m west and %(north)s m south of where it is: the file was "
        "declared as GCJ-02 and is not. Import it again in its true frame."
    ) % {"east": east, "north": north}


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
