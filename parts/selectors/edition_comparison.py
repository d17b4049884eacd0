"""Two editions of the unit grid beside each other: which cells are new, gone or changed.

Cells are the same by their code: a code is never given to another place (codes.md, unit grid). An
edition is compared as it held, a former one with the cells that ended with it; of a draft stands
what its publication would make of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models import Cell, Edition, LandUse

SHOWN_ROWS = 50
SHOWN_SHAPES = 3000
# Less of its ground than this is no kinship of two cells but the width of a line.
LEAST_SHARE = 0.01
# Less ground than this, gained and lost together, is no other boundary but one of other decimals:
# 7 of a degree are a centimetre, along the 400 m around a cell.
LEAST_APART_M2 = 5.0


class Kind(models.TextChoices):
    """What became of a cell from one edition to the other."""

    NEW = "new", pgettext_lazy("compared cell", "new")
    GONE = "gone", pgettext_lazy("compared cell", "gone")
    RESHAPED = "reshaped", _("other boundary")
    DESCRIBED = "described", _("other attributes")


ATTRIBUTES: dict[str, str | Promise] = {
    "management_class": _("management class"),
    "limit_area": _("limit area"),
    "responsible_body": _("responsible body"),
    "land_use": _("land use"),
    "note": _("note"),
}

_PUBLISHED = """
    select c.code, c.geom, c.area_m2::float8, c.management_class::text, c.limit_area,
           c.responsible_body, c.land_use, c.note
    from parts_cell c join parts_edition e on e.id = c.edition_id
    where e.id = %({side})s and (c.end_on is null or e.state = 'former')"""
# As a publication reads them (parts/services/grid/publishing_sql.py).
_DRAFT = """
    select distinct on (d.code) d.code, ST_MakeValid(d.geom) as geom,
           ST_Area(ST_Transform(ST_MakeValid(d.geom), %(metres)s)) as area_m2,
           case when d.management_class in ('1', '2') then d.management_class else '1' end
               as management_class,
           case when upper(d.limit_area) in ('A', 'B', 'C') then upper(d.limit_area) else 'B' end
               as limit_area,
           left(d.responsible_body, 100) as responsible_body, coalesce(u.code, '') as land_use,
           d.note
    from parts_draftshape d
    left join parts_landuse u on u.code = split_part(d.land_use, ' ', 1) and u.is_active
    where d.edition_id = %({side})s and d.level = 'cell' and not d.ends and d.geom is not null
    order by d.code, d.id"""
_DIFFERS = " or ".join(f"a.{name} <> b.{name}" for name in ATTRIBUTES)
_APART_M2 = "ST_Area(ST_SymDifference(a.geom, b.geom)) / ST_Area(b.geom) * b.area_m2"
# Equal coordinates first: they are compared in no time, and most cells have them.
_COMPARED = f"""
    with a as materialized ({{before}}), b as materialized ({{after}}), compared as (
        select coalesce(a.code, b.code) as code,
               case when a.code is null then '{Kind.NEW}' when b.code is null then '{Kind.GONE}'
                    when not a.geom = b.geom and {_APART_M2} >= %(apart)s
                        then '{Kind.RESHAPED}'
                    when {_DIFFERS} then '{Kind.DESCRIBED}' else '' end as kind,
               a.area_m2 as before_m2, b.area_m2 as after_m2, a.geom as before, b.geom as after,
               to_jsonb(a) - 'geom' as was, to_jsonb(b) - 'geom' as now
        from a full join b using (code)
    )"""  # noqa: S608
# Which cells of the other edition lie on the ground of one that is new or gone, by their share.
_KIN = """(select array_agg(o.code order by o.share desc, o.code) from (
        select k.code, ST_Area(ST_Intersection(k.geom, r.{own})) / ST_Area(r.{own}) as share
        from {other} k where k.geom && r.{own} and ST_Intersects(k.geom, r.{own})
    ) o where o.share >= %(least)s)"""


@dataclass(frozen=True, slots=True)
class Changed:
    """One cell that differs; areas in m² (`SRID_METRES`), None where the edition lacks it.

    `kin` are codes of the other edition on the ground of a cell that is new or gone; `words` say
    which attributes differ, as (name, before, after).
    """

    code: str
    kind: str
    before_m2: float | None
    after_m2: float | None
    kin: tuple[str, ...]
    words: tuple[tuple[str, str, str], ...]

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def change_m2(self) -> int | None:
        """By how many whole m² it grew; None for a cell that one edition lacks."""
        if self.before_m2 is None or self.after_m2 is None:
            return None
        return round(self.after_m2 - self.before_m2)


@dataclass(frozen=True, slots=True)
class Summary:
    """Cells and their area in both editions, and how many differ in which way."""

    before_cells: int
    after_cells: int
    before_km2: float
    after_km2: float
    counts: dict[str, int]
    same: int

    @property
    def differing(self) -> int:
        return sum(self.counts.values())


def default_pair() -> tuple[Edition, Edition] | None:
    """The current edition and the one that it followed, or None while there are not two."""
    held = Edition.objects.exclude(state=Edition.State.DRAFT).order_by("-published_at")
    now, *former = held[:2]
    return (former[0], now) if former else None


def summarise(before: Edition, after: Edition) -> Summary:
    """How two editions differ as a whole; one query."""
    rows = _rows(
        before, after,
        "select kind, count(*), count(was), count(now), coalesce(sum(before_m2), 0) / 1e6,"
        " coalesce(sum(after_m2), 0) / 1e6 from compared group by kind",
    )  # fmt: skip
    found = {kind: count for kind, count, *_more in rows}
    before_cells, after_cells, before_km2, after_km2 = (
        sum(row[column] for row in rows) for column in range(2, 6)
    )
    return Summary(
        before_cells, after_cells, before_km2, after_km2,
        counts={kind: found.get(kind, 0) for kind in Kind}, same=found.get("", 0),
    )  # fmt: skip


def list_changed(before: Edition, after: Edition, kind: str = "", page: int = 1) -> list[Changed]:
    """Cells that differ, by code, `SHOWN_ROWS` a page, of one kind if it is named; two queries."""
    statement = f"""
        select r.code, r.kind, r.before_m2, r.after_m2, r.was, r.now,
               case r.kind when '{Kind.NEW}' then {_KIN.format(own="after", other="a")}
                    when '{Kind.GONE}' then {_KIN.format(own="before", other="b")} end
        from (select * from compared where kind <> '' and (%(kind)s = '' or kind = %(kind)s)
              order by code limit %(limit)s offset %(offset)s) r
        order by r.code"""  # noqa: S608
    offset = (page - 1) * SHOWN_ROWS
    rows = _rows(before, after, statement, kind=kind, limit=SHOWN_ROWS, offset=offset)
    uses = dict(LandUse.objects.values_list("code", "name"))
    return [
        Changed(code, what, before_m2, after_m2, tuple(kin or ()), _words(was, now, uses))
        for code, what, before_m2, after_m2, was, now, kin in rows
    ]


def changed_geojson(before: Edition, after: Edition, kind: str = "") -> str:
    """Boundaries of cells that differ as GeoJSON, those of before first; one query.

    At most `SHOWN_SHAPES` cells. Of each feature `side` says of which edition the boundary is.
    """
    rows = _rows(
        before, after,
        """select code, kind, ST_AsGeoJSON(before, 7), ST_AsGeoJSON(after, 7) from compared
           where kind <> '' and (%(kind)s = '' or kind = %(kind)s)
           order by code limit %(limit)s""",
        kind=kind, limit=SHOWN_SHAPES,
    )  # fmt: skip
    features = [
        {
            "type": "Feature",
            "id": f"{side}-{code}",
            "properties": {"code": code, "kind": what, "label": str(Kind(what).label),
                           "side": side},
            "geometry": json.loads(shape),
        }
        for side, at in (("before", 0), ("after", 1))
        for code, what, *shapes in rows
        if (shape := shapes[at]) and not (what == Kind.DESCRIBED and side == "before")
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _rows(before: Edition, after: Edition, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    sides = {
        side: (_DRAFT if edition.state == Edition.State.DRAFT else _PUBLISHED).format(side=side)
        for side, edition in (("before", before), ("after", after))
    }
    values |= {
        "before": before.pk, "after": after.pk, "metres": settings.SRID_METRES,
        "least": LEAST_SHARE, "apart": LEAST_APART_M2,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED.format(**sides) + statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _words(
    before: str | None, after: str | None, uses: dict[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """The attributes that differ, in words; `before` and `after` are rows as JSON."""
    if before is None or after is None:
        return ()
    was, now = json.loads(before), json.loads(after)
    said = partial(_said, uses=uses)
    return tuple(
        (str(label), said(name, was[name]), said(name, now[name]))
        for name, label in ATTRIBUTES.items()
        if was[name] != now[name]
    )


def _said(name: str, value: str, uses: dict[str, str]) -> str:
    if name == "management_class":
        return str(Cell.ManagementClass(int(value)).label)
    if name == "limit_area":
        return str(Cell.LimitArea(value).label)
    return (uses.get(value, value) if name == "land_use" else value) or "–"
