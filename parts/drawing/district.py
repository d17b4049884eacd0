"""Draws the whole demonstration district into temporary tables and writes it out."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from parts.drawing import census, landmarks
from parts.drawing.division import divide, run
from parts.drawing.furniture import LAND_USE_SQL, parks_json, place_parts
from parts.drawing.hints import STREET_LABELS
from parts.drawing.roads import draw_roads
from parts.drawing.writing import write_sums, write_table

DISTRICT, NAME = "110101", "东城区"
# Streets whose cells are core area (limit area A), and those inside the old city wall.
CORE_STREETS = ("110101001", "110101011")

TABLES: dict[str, tuple[str, str]] = {
    "district": (
        "code name geom",
        """
        select %(district)s, %(name)s, st_asewkt(st_multi(st_union(geom)), 9) from drawn_cell
        """,
    ),
    "streets": (
        "code name geom",
        """
        select c.street, n.name, st_asewkt(st_multi(st_union(c.geom)), 9)
        from drawn_cell c join drawn_name n on n.code = c.street
        group by c.street, n.name order by c.street
        """,
    ),
    "communities": (
        "code name street_code geom",
        """
        select c.community, n.name, left(c.community, 9),
               st_asewkt(st_multi(st_union(c.geom)), 9)
        from drawn_cell c join drawn_name n on n.code = c.community
        group by c.community, n.name order by c.community
        """,
    ),
    "cells": (
        "code land_use limit_area management_class responsible_body geom",
        """
        select c.code, c.land_use, case when c.street = any(%(core)s) then 'A' else 'B' end,
               case when c.street < '110101010' or c.street = any(%(core)s) then 1 else 2 end,
               n.name, st_asewkt(c.geom, 9)
        from drawn_cell c join drawn_name n on n.code = c.community
        order by c.code
        """,
    ),
    "roads": (
        "name klass width_m geom",
        """
        select name, klass, width_m, st_asewkt(geom, 7) from drawn_road
        where not st_isempty(geom) order by n
        """,
    ),
    "parts": (
        "class_code serial cell_code state initial_on source competent owner maintainer place geom",
        """
        select p.class_code, p.serial, p.cell,
               case when mod(abs(hashtext(p.geom::text)), 90) = 0 then 'broken' else 'intact' end,
               date '2015-04-01' + mod(abs(hashtext(p.cell || p.class_code)), 3600),
               (array['survey', 'survey', 'survey', 'topographic', 'base_data'])
                   [mod(abs(hashtext(p.cell || p.serial)), 5) + 1],
               b.competent, b.owner, b.maintainer, p.text, st_asewkt(p.geom, 9)
        from drawn_part p
        join jsonb_to_recordset(%(bodies)s::jsonb)
             as b(class_code text, competent text, owner text, maintainer text) using (class_code)
        order by p.class_code, p.serial
        """,
    ),
}


def names_of(fixtures: Path) -> list[tuple[str, str]]:
    """Codes and names of streets and communities, from the code tables that are facts."""
    rows = []
    for file in ("streets.csv", "communities.csv"):
        with (fixtures / file).open(encoding="utf-8", newline="") as handle:
            rows += [(row["code"], row["name"]) for row in csv.DictReader(handle)]
    return rows


def outline_of(fixtures: Path) -> str:
    """The real boundary of the district as a GeoJSON geometry."""
    document = json.loads((fixtures / "district.geojson").read_text(encoding="utf-8"))
    return json.dumps(document["features"][0]["geometry"])


def draw_areas(cursor: CursorWrapper, fixtures: Path, dice: random.Random) -> None:
    """Streets, communities and cells."""
    labels = [
        {"code": code, "lon": lon, "lat": lat}
        for code, points in STREET_LABELS.items()
        for lon, lat in points
    ]
    divide(cursor, outline_of(fixtures), json.dumps(labels), dice)


def draw(cursor: CursorWrapper, fixtures: Path, seed: int) -> None:
    """Areas, roads and parts, all of one seed."""
    dice = random.Random(seed)  # noqa: S311  # a seeded drawing, no secret
    parks = json.dumps(parks_json())
    draw_areas(cursor, fixtures, dice)
    cursor.execute("create temp table drawn_name (code text primary key, name text) on commit drop")
    cursor.executemany("insert into drawn_name values (%s, %s)", names_of(fixtures))
    run(cursor, LAND_USE_SQL, [parks])
    draw_roads(cursor, parks)
    place_parts(cursor, dice)


def draw_district(fixtures: Path, seed: int) -> dict[str, int]:
    """Draw everything and write `fixtures/geography/*.csv.gz`; returns the rows of each table.

    Leaves the database as it was. The same seed gives the same district on one machine; other
    versions of the geometry libraries may move a vertex, so the files are shipped.
    """
    folder = fixtures / "geography"
    folder.mkdir(exist_ok=True)
    bodies = [
        dict(zip(("competent", "owner", "maintainer"), census.bodies_of(code), strict=True))
        | {"class_code": code}
        for code in class_codes(fixtures)
    ]
    params: dict[str, str | list[str]] = {
        "district": DISTRICT,
        "name": NAME,
        "core": list(CORE_STREETS),
        "bodies": json.dumps(bodies),
    }
    counts = {}
    with transaction.atomic(), connection.cursor() as cursor:
        draw(cursor, fixtures, seed)
        for name, (header, query) in TABLES.items():
            cursor.execute(query, params if "%(" in query else {})
            counts[name] = write_table(folder / f"{name}.csv.gz", header.split(), cursor.fetchall())
        counts["places"] = write_table(folder / "places.csv.gz", PLACE_HEADER, places())
        transaction.set_rollback(True)
    write_sums(folder)
    return counts


PLACE_HEADER = ["kind", "name", "code", "aliases", "former", "lon", "lat"]


def places() -> list[tuple[object, ...]]:
    """Well-known places; streets and communities become places when they are loaded."""
    return [
        (p.kind, p.name, f"P{n:05d}", "|".join(p.aliases), "|".join(p.former), p.lon, p.lat)
        for n, p in enumerate(landmarks.LANDMARKS, start=1)
    ]


def class_codes(fixtures: Path) -> list[str]:
    """The part classes that the demonstration places."""
    with (fixtures / "catalogue.csv").open(encoding="utf-8", newline="") as handle:
        return [
            row["class_code"]
            for row in csv.DictReader(handle)
            if row["scheme"] == "CJT214-2007" and row["kind"] == "part"
        ]
