"""What is wrong in the register of parts and its catalogue: found by the database, part by part.

Of parts those that stand (intact or broken); a part's place is its point on the surface.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from parts.models import CatalogueClass, FilingStandard
from parts.selectors.catalogue import current_scheme

MOST_LISTED: Final = 200
# How far a line or an area may reach over the edge of its cell before it counts as cut.
CUT_FROM_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class Odd:
    """A part at fault: its code and name, the cell it is said to lie in, and what is true."""

    code: str
    name: str
    cell: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Odds:
    """How many parts are at fault, and the first of them by code."""

    count: int
    rows: list[Odd]


# The cell of a point: `covers`, by code, first wins, as `locate` has it. A part on a shared edge
# may have either cell. The lateral search runs for those at fault alone.
_MISPLACED = """
with odd as (
    select p.code, p.name, c.code as cell, coalesce(w.code, '') as truth
    from parts_part p
    join parts_cell c on c.id = p.cell_id
    join parts_edition e on e.id = c.edition_id
    join parts_community m on m.id = c.community_id
    left join lateral (
        select t.code from parts_cell t join parts_edition now on now.id = t.edition_id
        where now.state = 'current' and t.end_on is null
          and ST_Covers(t.geom, ST_PointOnSurface(p.geom))
        order by t.code limit 1
    ) w on true
    where p.state in ('intact', 'broken')
      and (e.state <> 'current' or c.end_on is not null
           or p.community_id <> c.community_id or p.street_id <> m.street_id
           or not ST_Covers(c.geom, ST_PointOnSurface(p.geom)))
), numbered as (
    select *, count(*) over w as many, row_number() over (w order by code) as n
    from odd window w as (partition by truth = '')
)
select truth = '', many, code, name, cell, truth from numbered where n <= %s order by code"""

_CUT = """
with cut as (
    select p.code, p.name, c.code as cell
    from parts_part p join parts_cell c on c.id = p.cell_id
    where p.state in ('intact', 'broken') and GeometryType(p.geom) <> 'POINT'
      and not ST_Covers(c.geom, p.geom)
      and not ST_Covers(ST_Buffer(ST_Transform(c.geom, %(metres)s), %(reach)s),
                        ST_Transform(p.geom, %(metres)s))
)
select count(*) over (), code, name, cell from cut order by code limit %(limit)s"""

# The owners of a part are known when one of its three bodies is a department here (domain law §8:
# maintainer, else owner, else competent body).
_OWNERS = """
select p.maintainer_name, p.owner_name, p.competent_name, count(*) as many
from parts_part p
where p.state in ('intact', 'broken')
  and not (p.maintainer_uscc = any(%(known)s) or p.owner_uscc = any(%(known)s)
           or p.competent_uscc = any(%(known)s))
group by 1, 2, 3 order by many desc, 1, 2, 3"""

_VERSION = """
select concat_ws('-', (select max(pgh_id) from parts_parthistory), count(*), max(id),
                 (select id from parts_edition where state = 'current'))
from parts_part"""


def misplaced_parts(*, limit: int = MOST_LISTED) -> tuple[Odds, Odds]:
    """Parts outside every cell, and parts whose cell, community or street is not theirs."""
    outside, elsewhere = Odds(0, []), Odds(0, [])
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED, [limit])
        for is_outside, many, code, name, cell, truth in cursor.fetchall():
            found = outside if is_outside else elsewhere
            found = Odds(many, [*found.rows, Odd(code, name, cell, truth)])
            if is_outside:
                outside = found
            else:
                elsewhere = found
    return outside, elsewhere


def cut_parts(*, limit: int = MOST_LISTED) -> Odds:
    """Lines and areas that the edge of their cell cuts, by more than a metre (a remark)."""
    with connection.cursor() as cursor:
        values: dict[str, int | float] = {
            "metres": settings.SRID_METRES, "reach": CUT_FROM_M, "limit": limit
        }  # fmt: skip
        cursor.execute(_CUT, values)
        rows = cursor.fetchall()
    return Odds(rows[0][0] if rows else 0, [Odd(*rest) for _count, *rest in rows])


@dataclass(frozen=True, slots=True)
class Bodies:
    """Parts that name the same bodies, and how many there are; blank where none is named."""

    maintainer: str
    owner: str
    competent: str
    count: int


def parts_of_unknown_bodies(known: Collection[str]) -> list[Bodies]:
    """Parts none of whose bodies has one of these credit codes, by the names they bear."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, {"known": list(known)})
        return [Bodies(*row) for row in cursor.fetchall()]


def register_version() -> str:
    """A sign that changes whenever a part or the current edition has: to keep answers by."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        (version,) = cursor.fetchone()
    return str(version)


def classes_without_standard(on: date) -> list[CatalogueClass]:
    """Classes in use of the current scheme that nothing can be filed under on a day, by code."""
    in_force = FilingStandard.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        catalogue_class=OuterRef("pk"),
        valid_from__lte=on,
    )
    rows = CatalogueClass.objects.filter(scheme=current_scheme(), is_active=True)
    return list(rows.exclude(Exists(in_force)).order_by("kind", "code"))
