"""Loads the demonstration's district: fast by COPY, and a second time changes nothing.

What administrators changed since is kept: rows that are there are never overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from gridcity.contracts import Actor
from parts.models import Edition, Part, Place, Shift
from parts.services.catalogues import initials_of, load_catalogues, pinyin_of
from parts.services.places import write_names
from parts.services.rights import check_is_administrator
from parts.services.tables import check_sums, packed_text, read_table

EDITION = "示范网格"
SOURCE_KEY = "demonstration"
SCHEME = "CJT214-2007"
# Today's Dongcheng dates from the merger of 2010; the areas of the demonstration begin with it.
AREAS_FROM = date(2010, 7, 1)
# So long has the edition held when it is loaded: longer than the month of cases that follows.
EDITION_HELD = timedelta(days=120)
SHIFTS = (("day", "日班", "07:00", "19:00"), ("night", "夜班", "19:00", "07:00"))

AREAS_SQL = """
insert into parts_district (code, name, geom)
select code, name, geom from shipped_district on conflict do nothing;
insert into parts_street (code, name, geom, valid_from)
select code, name, geom, %(since)s from shipped_streets on conflict do nothing;
insert into parts_community (code, name, street_id, geom, valid_from)
select c.code, c.name, s.id, c.geom, %(since)s
from shipped_communities c join parts_street s on s.code = c.street_code
on conflict do nothing;
"""
# The table of land use is a local default; what a city made of its rows since stays.
LAND_USES_SQL = """
insert into parts_landuse (code, name, is_default, is_active, note)
select distinct split_part(land_use, ' ', 1), split_part(land_use, ' ', 2), true, true, ''
from shipped_cells where land_use <> '' on conflict do nothing
"""
CELLS_SQL = """
insert into parts_cell (edition_id, code, community_id, geom, area_m2, management_class, limit_area,
    responsible_body, land_use, note, initial_on, void_reason, neighbours)
select %(edition)s, s.code, c.id, s.geom,
       round(st_area(st_transform(s.geom, %(metres)s))::numeric, 1),
       s.management_class, s.limit_area, s.responsible_body, split_part(s.land_use, ' ', 1), '',
       %(on)s, '', '{}'
from shipped_cells s join parts_community c on c.code = left(s.code, 12)
on conflict do nothing;
analyze parts_cell;
"""
NEIGHBOURS_SQL = """
update parts_cell c set neighbours = n.ids
from (select a.id, array_agg(b.id order by b.id) as ids
      from parts_cell a join parts_cell b
           on a.edition_id = b.edition_id and a.id <> b.id and a.geom && b.geom
          and st_intersects(a.geom, b.geom)
      where a.edition_id = %s group by a.id) n
where n.id = c.id and c.neighbours is distinct from n.ids
"""
ROADS_SQL = """
insert into parts_road (name, klass, width_m, geom)
select name, klass, width_m, geom from shipped_roads
where not exists (select 1 from parts_road)
"""
PARTS_SQL = """
insert into parts_part (code, catalogue_class_id, name, state, geom, cell_id, street_id,
    community_id, competent_name, competent_uscc, owner_name, owner_uscc, maintainer_name,
    maintainer_uscc, initial_on, source, accuracy_class, location_text, note, source_key, source_id)
select p.code, k.id, k.name, p.state, p.geom, c.id, o.street_id, c.community_id,
       p.competent_name, p.competent_uscc, p.owner_name, p.owner_uscc, p.maintainer_name,
       p.maintainer_uscc, p.initial_on, p.source, k.accuracy_class, p.place, '', %(key)s, p.code
from shipped_parts p
join parts_catalogueclass k
     on k.scheme_id = %(scheme)s and k.kind = 'part' and k.code = p.class_code
join parts_cell c on c.code = p.cell_code and c.edition_id = %(edition)s
join parts_community o on o.id = c.community_id
on conflict do nothing;
insert into parts_partserial (district_code, scheme_id, class_code, last)
select left(code, 6), %(scheme)s, class_code, max(right(code, 6)::int)
from shipped_parts group by 1, 3
on conflict (district_code, scheme_id, class_code)
    do update set last = greatest(parts_partserial.last, excluded.last);
analyze parts_part;
"""
# Streets and communities are places too; their point is on the surface, so it is always inside.
AREA_PLACES_SQL = """
insert into parts_place (kind, standard_name, aliases, former_names, code, street_id, community_id,
    point, pinyin, initials, valid_from)
select 'region', s.name, array[replace(s.name, '街道', '')], '{}'::text[], s.code, s.id, null,
       st_snaptogrid(st_pointonsurface(s.geom), 1e-7), '', '', s.valid_from
from parts_street s where s.valid_to is null
union all
select 'region', c.name, array[replace(c.name, '居委会', ''), replace(c.name, '社区居委会', '')],
       '{}'::text[], c.code, c.street_id, c.id,
       st_snaptogrid(st_pointonsurface(c.geom), 1e-7), '', '', c.valid_from
from parts_community c where c.valid_to is null
on conflict do nothing;
"""
POINT_PLACES_SQL = """
insert into parts_place (kind, standard_name, aliases, former_names, code, street_id, community_id,
    point, pinyin, initials, valid_from)
select p.kind, p.name, p.aliases, p.former, p.code, o.street_id, o.id,
       st_setsrid(st_makepoint(p.lon, p.lat), 4490), '', '', %(since)s
from shipped_places p
left join lateral (select m.street_id, m.id from parts_cell c
    join parts_community m on m.id = c.community_id
    where c.edition_id = %(edition)s
      and st_covers(c.geom, st_setsrid(st_makepoint(p.lon, p.lat), 4490))
    order by c.code limit 1) o on true
on conflict do nothing;
"""
# The names of main roads are facts (fixtures/SOURCES.md); lanes are made up and so not seeded. The
# point lies on the road, in the middle of its longest piece.
LANE_PLACES_SQL = """
insert into parts_place (kind, standard_name, aliases, former_names, code, street_id, community_id,
    point, pinyin, initials, valid_from)
select 'lane', r.name, '{}'::text[], '{}'::text[],
       'J' || lpad(row_number() over (order by r.name)::text, 5, '0'), o.street_id, o.id,
       r.point, '', '', %(since)s
from (
    select distinct on (r.name) r.name,
           st_snaptogrid(st_lineinterpolatepoint(piece.geom, 0.5), 1e-7) as point
    from parts_road r, lateral st_dump(r.geom) piece
    where r.klass in ('expressway', 'trunk', 'main', 'secondary') and r.name <> ''
    order by r.name, st_length(piece.geom) desc
) r
cross join lateral (select m.street_id, m.id from parts_cell c
    join parts_community m on m.id = c.community_id
    where c.edition_id = %(edition)s and st_covers(c.geom, r.point) order by c.code limit 1) o
where not exists (select from parts_place p where p.standard_name = r.name)
on conflict do nothing;
"""
SHIPPED: dict[str, str] = {
    "district": "code text, name text, geom geometry(multipolygon, 4490)",
    "streets": "code text, name text, geom geometry(multipolygon, 4490)",
    "communities": "code text, name text, street_code text, geom geometry(multipolygon, 4490)",
    "cells": "code text, land_use text, limit_area text, management_class int,"
    " responsible_body text, geom geometry(polygon, 4490)",
    "roads": "name text, klass text, width_m int, geom geometry(multilinestring, 4490)",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load added; all zero the second time."""

    classes: int
    cells: int
    parts: int
    places: int


def load_district(*, actor: Actor, at: datetime, fixtures: Path | None = None) -> Loaded:
    """Catalogues, areas, cells, roads, places, shifts and parts of the demonstration.

    One transaction; the edition is dated `EDITION_HELD` before `at`. Raises Invalid when a shipped
    file is damaged.
    """
    check_is_administrator(actor)
    fixtures = fixtures or settings.BASE_DIR / "fixtures"
    geography = fixtures / "geography"
    check_sums(geography)
    with transaction.atomic(), connection.cursor() as cursor:
        classes = load_catalogues(actor=actor, at=at, fixtures=fixtures)
        edition = edition_of(at)
        for name, columns in SHIPPED.items():
            copy_shipped(cursor, geography / f"{name}.csv.gz", name, columns)
        params = {
            "since": AREAS_FROM,
            "on": timezone.localdate(at - EDITION_HELD),
            "edition": edition.pk,
            "metres": settings.SRID_METRES,
            "key": SOURCE_KEY,
            "scheme": SCHEME,
        }
        script(cursor, AREAS_SQL, params)
        cursor.execute(LAND_USES_SQL)
        cells = script(cursor, CELLS_SQL, params)
        cursor.execute(NEIGHBOURS_SQL, [edition.pk])
        cursor.execute(ROADS_SQL)
        add_shifts()
        parts = load_parts(cursor, fixtures, params)
        places = load_places(cursor, geography, params)
    return Loaded(classes, cells, parts, places)


def edition_of(at: datetime) -> Edition:
    """The demonstration's edition; current unless the city has published its own."""
    found = Edition.objects.filter(name=EDITION).first()
    if found:
        return found
    has_current = Edition.objects.filter(state=Edition.State.CURRENT).exists()
    return Edition.objects.create(
        name=EDITION,
        state=Edition.State.DRAFT if has_current else Edition.State.CURRENT,
        published_at=None if has_current else at - EDITION_HELD,
        note="示范边界，非官方；网格比公布的 2,314 个更细。",
    )


def script(cursor: CursorWrapper, text: str, params: dict[str, Any]) -> int:
    """Run statements in turn; returns the rows of the first insert."""
    first = 0
    for statement in filter(None, (part.strip() for part in text.split(";\n"))):
        cursor.execute(statement, params if "%(" in statement else None)
        first = first or cursor.rowcount
    return max(first, 0)


def copy_shipped(cursor: CursorWrapper, path: Path, name: str, columns: str) -> None:
    """A shipped table into a temporary one of its own columns."""
    fresh_table(cursor, name, columns)
    with cursor.copy(f"copy shipped_{name} from stdin (format csv, header)") as copy:
        copy.write(packed_text(path).getvalue())


def fresh_table(cursor: CursorWrapper, name: str, columns: str) -> None:
    """A temporary table; an earlier load of the same transaction may have left its own."""
    cursor.execute(f"drop table if exists pg_temp.shipped_{name}")
    cursor.execute(f"create temp table shipped_{name} ({columns}) on commit drop")


def add_shifts() -> None:
    """Day and night, so that every cell has somebody at every hour."""
    for key, name, begins, ends in SHIFTS:
        Shift.objects.get_or_create(
            key=key, defaults={"name": name, "begins": begins, "ends": ends}
        )


def organisations(fixtures: Path) -> dict[str, tuple[str, str]]:
    """Name and credit code by kind of department, by key, and by street code for offices."""
    found: dict[str, tuple[str, str]] = {"": ("", "")}
    for row in read_table(fixtures / "departments.csv"):
        found[row["street_code"] or row["kind"]] = (row["name"], row["uscc"])
    for row in read_table(fixtures / "organisations.csv"):
        found[row["key"]] = (row["name"], row["uscc"])
    return found


def load_parts(cursor: CursorWrapper, fixtures: Path, params: dict[str, Any]) -> int:
    """The shipped parts, with the names of who answers for them; skipped when they are there."""
    if Part.objects.filter(source_key=SOURCE_KEY).exists():
        return 0
    bodies = organisations(fixtures)
    fresh_table(
        cursor,
        "parts",
        "code text, class_code text, cell_code text, state text,"
        " initial_on date, source text, place text, geom geometry(geometry, 4490),"
        " competent_name text, competent_uscc text, owner_name text, owner_uscc text,"
        " maintainer_name text, maintainer_uscc text",
    )
    with cursor.copy("copy shipped_parts from stdin") as copy:
        for row in read_table(fixtures / "geography" / "parts.csv.gz"):
            cell = row["cell_code"]
            code = f"{cell[:6]}{row['class_code']}{int(row['serial']):06d}"
            values: list[Any] = [code, row["class_code"], cell, row["state"], row["initial_on"]]
            values += [row["source"], row["place"], row["geom"]]
            for body in ("competent", "owner", "maintainer"):
                values += bodies[cell[:9] if row[body] == "street" else row[body]]
            copy.write_row(values)
    return script(cursor, PARTS_SQL, params)


def load_places(cursor: CursorWrapper, geography: Path, params: dict[str, Any]) -> int:
    """Streets, communities, main roads and well-known places, with the names they are found by."""
    fresh_table(
        cursor,
        "places",
        "kind text, name text, code text, aliases text[], former text[], lon float, lat float",
    )
    with cursor.copy("copy shipped_places from stdin") as copy:
        for row in read_table(geography / "places.csv.gz"):
            names = [[n for n in row[key].split("|") if n] for key in ("aliases", "former")]
            copy.write_row((row["kind"], row["name"], row["code"], *names, row["lon"], row["lat"]))
    added = sum(
        script(cursor, text, params)
        for text in (AREA_PLACES_SQL, POINT_PLACES_SQL, LANE_PLACES_SQL)
    )
    nameless = list(Place.objects.filter(names=None))
    for place in nameless:
        place.pinyin = pinyin_of(place.standard_name)
        place.initials = initials_of(place.standard_name)
    Place.objects.bulk_update(nameless, ["pinyin", "initials"], batch_size=1000)
    write_names(nameless)
    return added
