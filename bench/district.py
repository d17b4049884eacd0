"""A larger district: parts up to a number, and further districts of the same shape side by side."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Model, OneToOneField
from psycopg import sql

from parts.models import Cell, Community, Part, Street

# Wider than Dongcheng, so that no two districts touch, in degrees of longitude.
APART = 0.1
# Further districts take codes that no real one has.
FIRST_CODE = 90
# Copies of a part stand within about 50 m of it.
SCATTER = 0.0006
# What is numbered after the copies goes on behind them.
RAISE_SERIALS = """
insert into parts_partserial (district_code, scheme_id, class_code, last)
select left(p.code, 6), k.scheme_id, k.code, max(right(p.code, 6)::int)
from parts_part p join parts_catalogueclass k on k.id = p.catalogue_class_id
where p.source_key = 'bench' group by 1, 2, 3
on conflict (district_code, scheme_id, class_code)
    do update set last = greatest(parts_partserial.last, excluded.last)
"""
SETTLE = "vacuum (analyze) parts_part, parts_cell, parts_cellcount"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the district is made."""

    parts: int
    districts: int


SIZES = (Size(170_000, 1), Size(1_700_000, 10))


def grow(size: Size) -> None:
    """Make the district as large as `size`; what is there stays."""
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct left(code, 6)) from parts_street")
        (there,) = cursor.fetchone()
    copy_parts(size.parts * there // size.districts)
    for number in range(there, size.districts):
        copy_district(number)
    with connection.cursor() as cursor:
        cursor.execute(RAISE_SERIALS)
        cursor.execute(SETTLE)


def columns_of(model: type[Model], **said: str) -> tuple[sql.Composed, sql.Composed]:
    """The columns of a table, and what a copy puts into each: an expression, else the same."""
    fields = [field for field in model._meta.local_concrete_fields if field.column != "id"]
    values = [
        sql.SQL(said[field.column])
        if field.column in said
        else sql.SQL("null")
        if isinstance(field, OneToOneField)
        else sql.Identifier("o", field.column)
        for field in fields
    ]
    names = [sql.Identifier(field.column) for field in fields]
    return sql.SQL(", ").join(names), sql.SQL(", ").join(values)


def copy_parts(wanted: int) -> None:
    """Scatter copies of the parts around them until there are so many; serials go on."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from parts_part")
        (there,) = cursor.fetchone()
        if there >= wanted:
            return
        names, values = columns_of(
            Part,
            code="left(o.code, -6) || lpad((s.last + o.nth)::text, 6, '0')",
            geom="st_translate(o.geom, (random() - 0.5) * %(scatter)s,"
            " (random() - 0.5) * %(scatter)s)",
            source_key="'bench'",
            source_id="left(o.code, -6) || (s.last + o.nth)::text",
        )
        statement = sql.SQL(
            """insert into parts_part ({names})
            select {values}
            from (select p.*, row_number() over (partition by left(p.code, -6)) as nth
                  from (select p.* from parts_part p, generate_series(1, %(copies)s)
                        limit %(missing)s) p) o
            join (select left(code, -6) as class, max(right(code, 6)::int) as last
                  from parts_part group by 1) s on s.class = left(o.code, -6)"""
        ).format(names=names, values=values)
        missing = wanted - there
        cursor.execute(
            statement,
            {"scatter": SCATTER, "copies": missing // there + 1, "missing": missing},
        )


def copy_district(number: int) -> None:
    """One more district to the east of the others, with its streets, communities, cells, parts."""
    code = f"1101{FIRST_CODE + number:02d}"
    params: dict[str, str | float] = {
        "first": first_district(),
        "code": code,
        "shift": APART * number,
    }
    moved = {
        "code": "%(code)s || substr(o.code, 7)",
        "geom": "st_translate(o.geom, %(shift)s, 0)",
    }
    copied(Street, "left(o.code, 6) = %(first)s", "", params, **moved, successor_id="null")
    copied(
        Community, "left(o.code, 6) = %(first)s",
        "join parts_street s on s.code = %(code)s || substr(o.code, 7, 3)", params,
        **moved, street_id="s.id", successor_id="null",
    )  # fmt: skip
    copied(
        Cell, "left(o.code, 6) = %(first)s",
        "join parts_community c on c.code = %(code)s || substr(o.code, 7, 6)", params,
        **moved, community_id="c.id", neighbours="'{}'",
    )  # fmt: skip
    copied(
        Part, "left(o.code, 6) = %(first)s",
        "join parts_cell b on b.id = o.cell_id"
        " join parts_cell c on c.edition_id = b.edition_id"
        " and c.code = %(code)s || substr(b.code, 7)"
        " join parts_community m on m.id = c.community_id",
        params, **moved, cell_id="c.id", community_id="m.id", street_id="m.street_id",
        source_key="'bench'", source_id="%(code)s || substr(o.code, 7)",
    )  # fmt: skip


def copied(
    model: type[Model], which: str, joins: str, params: dict[str, str | float], **said: str
) -> None:
    names, values = columns_of(model, **said)
    statement = sql.SQL("insert into {table} ({names}) select {values} from {table} o {joins} "
                        "where {which}").format(
        table=sql.Identifier(model._meta.db_table), names=names, values=values,
        joins=sql.SQL(joins), which=sql.SQL(which),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def first_district() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select min(left(code, 6)) from parts_street")
        (code,) = cursor.fetchone()
    return str(code)
