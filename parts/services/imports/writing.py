"""Compares what is accepted with the register of parts, and writes it there."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid, NotAllowed

# What a row and a registered part are compared by; dates only where the file gives them.
COMPARED = (
    "name", "state", "competent_name", "competent_uscc", "owner_name", "owner_uscc",
    "maintainer_name", "maintainer_uscc", "source", "note",
)  # fmt: skip

# The names are constants of this module.
CHANGED_SQL = f"""
create temp table import_change on commit drop as
select k.n, k.part_id
from import_known k
join import_row r on r.n = k.n and r.fault = ''
join import_housed h on h.n = k.n
join parts_part p on p.id = k.part_id
where ({", ".join(f"p.{name}" for name in COMPARED)}, p.location_text, p.cell_id)
      is distinct from ({", ".join(f"r.{name}" for name in COMPARED)}, r.location, h.cell_id)
   or not p.geom ~= h.geom or not st_equals(p.geom, h.geom)
   or p.initial_on <> coalesce(r.initial_on, p.initial_on)
   or p.change_on is distinct from coalesce(r.change_on, p.change_on)
"""  # noqa: S608
# One row a class: two imports at once queue here, so that a serial is never given twice.
SERIALS_SQL = """
insert into parts_partserial (district_code, scheme_id, class_code, last)
select %(district)s, k.scheme_id, k.code,
       coalesce((select max(right(p.code, %(width)s)::int) from parts_part p
                 where p.catalogue_class_id = k.id), 0)
from parts_catalogueclass k
where k.id in (select class_id from import_new)
  and not exists (select 1 from parts_partserial s where s.district_code = %(district)s
                  and s.scheme_id = k.scheme_id and s.class_code = k.code)
on conflict do nothing;
select 1 from parts_partserial s join parts_catalogueclass k
    on k.scheme_id = s.scheme_id and k.code = s.class_code and k.kind = 'part'
where s.district_code = %(district)s and k.id in (select class_id from import_new)
order by s.class_code for update of s;
"""
NEW_SQL = """
create temp table import_new on commit drop as
select r.n, r.class_id, r.code
from import_row r
where r.fault = '' and not exists (select 1 from import_known k where k.n = r.n)
"""
INSERT_SQL = """
insert into parts_part (code, catalogue_class_id, name, state, geom, cell_id, street_id,
    community_id, competent_name, competent_uscc, owner_name, owner_uscc, maintainer_name,
    maintainer_uscc, initial_on, change_on, source, accuracy_class, location_text, note,
    source_key, source_id)
select w.code, r.class_id, r.name, r.state, h.geom, h.cell_id, h.street_id, h.community_id,
       r.competent_name, r.competent_uscc, r.owner_name, r.owner_uscc, r.maintainer_name,
       r.maintainer_uscc, coalesce(r.initial_on, r.change_on, %(today)s),
       case when r.state in ('lost', 'abandoned', 'removed')
            then coalesce(r.change_on, greatest(r.initial_on, %(today)s)) else r.change_on end,
       r.source, k.accuracy_class, r.location, r.note, %(source_key)s, r.source_id
from import_row r
join import_housed h using (n)
join parts_catalogueclass k on k.id = r.class_id
join (select x.n, case when x.code <> '' then x.code else
          %(district)s || c.code || lpad((s.last + row_number() over (
              partition by x.class_id, x.code = '' order by x.n))::text, %(width)s, '0') end as code
      from import_new x
      join parts_catalogueclass c on c.id = x.class_id
      join parts_partserial s on s.district_code = %(district)s and s.scheme_id = c.scheme_id
           and s.class_code = c.code) w using (n)
order by r.n
"""
ADVANCE_SQL = """
update parts_partserial s set last = greatest(s.last + x.without, x.highest)
from (select c.scheme_id, c.code, count(*) filter (where n.code = '') as without,
             coalesce(max(right(n.code, %(width)s)::int) filter (where n.code <> ''), 0) as highest
      from import_new n join parts_catalogueclass c on c.id = n.class_id group by 1, 2) x
where s.district_code = %(district)s and s.scheme_id = x.scheme_id and s.class_code = x.code
returning s.last
"""
UPDATE_SQL = f"""
update parts_part p set {", ".join(f"{name} = r.{name}" for name in COMPARED)},
    location_text = r.location, geom = h.geom, cell_id = h.cell_id, street_id = h.street_id,
    community_id = h.community_id, initial_on = coalesce(r.initial_on, p.initial_on),
    change_on = coalesce(r.change_on, greatest(p.initial_on, r.initial_on, %(today)s))
from import_change c join import_row r using (n) join import_housed h using (n)
where p.id = c.part_id
"""  # noqa: S608
# A code that somebody else gave while the import was judged; whoever gives codes holds the serials.
GIVEN_SQL = """
select 1 from import_new x join parts_part p on p.code = x.code where x.code <> '' limit 1
"""
# Whoever is changing one of these parts is waited for, so that what is replaced is what is told.
HELD_SQL = """
select 1 from parts_part where id in (select part_id from import_change) order by id
for no key update
"""
# "not in", not "not exists": each list is hashed once, whatever the server believes of a register
# that it has not looked at since its last import; else it may compare every part with every row.
MISSING_SQL = """
select count(*) from parts_part p
where p.source_key = %(source_key)s and p.state in ('intact', 'broken')
  and p.source_id not in (select source_id from import_row)
  and p.id not in (select part_id from import_known)
"""
# What is decided of every row, and the values that would be replaced. Sums, so that no order of
# rows has to be made for it.
DIGEST_SQL = """
select concat_ws('/',
    (select sum(hashtextextended(n || fault, 0)) from import_row where fault <> ''),
    (select sum(hashtextextended(n || ' ' || cell_code, 0)) from import_housed),
    (select sum(hashtextextended(n || ' ' || part_id, 0)) from import_known),
    (select sum(hashtextextended(c.n || p::text, 0))
     from import_change c join parts_part p on p.id = c.part_id))
"""


def find_changes(cursor: CursorWrapper, *, lock: bool) -> None:
    """Which rows change their part and which are new; `lock` holds those parts until the end."""
    cursor.execute(CHANGED_SQL)
    if lock:
        cursor.execute(HELD_SQL)
    cursor.execute(NEW_SQL)
    cursor.execute("analyze import_new")


def digest_of(cursor: CursorWrapper) -> str:
    """A mark of all that is decided: equal when file and register still say the same."""
    cursor.execute(DIGEST_SQL)
    return str(cursor.fetchone()[0])


def write_parts(cursor: CursorWrapper, params: dict[str, Any]) -> None:
    """Give serials, add the new parts and change the changed ones.

    Raises Invalid when the serials of a class are used up, NotAllowed when somebody gave one of
    the file's codes meanwhile.
    """
    for statement in filter(None, (part.strip() for part in SERIALS_SQL.split(";\n"))):
        cursor.execute(statement, params)
    cursor.execute(GIVEN_SQL)
    if cursor.fetchone():
        raise NotAllowed(changed_meanwhile())
    cursor.execute(INSERT_SQL, params)
    cursor.execute(ADVANCE_SQL, params)
    if any(last >= params["serials"] for (last,) in cursor.fetchall()):
        raise Invalid(_("The serials of a class are used up."), file="class_code")
    cursor.execute(UPDATE_SQL, params)
    # Keys are looked up here, not at the end of the transaction, so that a refusal still counts;
    # what follows in the transaction has its keys looked up at its end again.
    cursor.execute("set constraints all immediate")
    cursor.execute("set constraints all deferred")


def changed_meanwhile() -> str:
    return _(
        "The register has changed since the dry run, so this would not do what you saw there. "
        "Nothing was changed: make the dry run again."
    )
