"""The statements of a publication, in their order; each is one step of one transaction.

What is compared with the ground is put into tables of the moment first, which are indexed and
looked at (`analyze`). The server knows nothing of rows that this very transaction has written, and
the application, which does not own `parts_cell` and `parts_part`, cannot have it look at those: it
would take an edition for one cell and compare all with all.
"""

from __future__ import annotations

OF_THE_MOMENT = (
    "grid_ground", "grid_former", "grid_touching", "grid_heir", "grid_housed", "grid_walk",
)  # fmt: skip
DISTRICT_SQL = """
insert into parts_district (code, name, geom)
select code, name, st_multi(geom) from parts_draftshape
where edition_id = %(draft)s and level = 'district' and not ends
on conflict (code) do update set name = excluded.name, geom = excluded.geom
where (parts_district.name, parts_district.geom) is distinct from (excluded.name, excluded.geom)
"""
STREETS_SQL = """
insert into parts_street (code, name, geom, valid_from)
select code, name, st_multi(geom), %(on)s from parts_draftshape
where edition_id = %(draft)s and level = 'street' and not ends
on conflict (code) do update set name = excluded.name, geom = excluded.geom
where (parts_street.name, parts_street.geom) is distinct from (excluded.name, excluded.geom)
"""
COMMUNITIES_SQL = """
insert into parts_community (code, name, street_id, geom, valid_from)
select d.code, d.name, s.id, st_multi(d.geom), %(on)s
from parts_draftshape d join parts_street s on s.code = left(d.code, %(street_digits)s)
where d.edition_id = %(draft)s and d.level = 'community' and not d.ends
on conflict (code) do update set name = excluded.name, geom = excluded.geom
where (parts_community.name, parts_community.geom) is distinct from (excluded.name, excluded.geom)
"""
# An area ends on the day before: on the day of the edition its successor holds.
ENDINGS_SQL = """
update {table} a set valid_to = greatest(a.valid_from, %(on)s::date - 1), successor_id = n.id
from parts_draftshape d join {table} n on n.code = d.successor_code
where d.edition_id = %(draft)s and d.level = %(level)s and d.ends and a.code = d.code
"""
CELLS_SQL = """
insert into parts_cell (edition_id, code, community_id, geom, area_m2, management_class,
    limit_area, responsible_body, land_use, note, initial_on, end_on, void_reason, origins,
    neighbours)
select %(draft)s, d.code, c.id, d.geom,
       round(st_area(st_transform(d.geom, %(metres)s))::numeric, 1),
       case when d.management_class in ('1', '2') then d.management_class::int else 1 end,
       case when upper(d.limit_area) in ('A', 'B', 'C') then upper(d.limit_area) else 'B' end,
       left(d.responsible_body, 100), coalesce(u.code, ''), d.note,
       coalesce(d.initial_on, %(on)s), null, '', d.origins, '{}'
from parts_draftshape d
join parts_community c on c.code = left(d.code, %(community_digits)s)
left join parts_landuse u on u.code = split_part(d.land_use, ' ', 1) and u.is_active
where d.edition_id = %(draft)s and d.level = 'cell' and not d.ends
order by d.code
"""
# The ground of the new edition and that of the one before.
GROUND_SQL = """
create temp table grid_ground on commit drop as
select c.id, c.code, c.community_id, m.street_id, c.geom
from parts_cell c join parts_community m on m.id = c.community_id where c.edition_id = %(draft)s;
create index on grid_ground using gist (geom);
create unique index on grid_ground (code);
analyze grid_ground;
create temp table grid_former on commit drop as
select id, code, end_on, geom from parts_cell where edition_id = %(base)s;
create index on grid_former using gist (geom);
create unique index on grid_former (code);
create unique index on grid_former (id);
analyze grid_former
"""
# Neighbours touch; a corner of one that lies on a side of the other may be off by its last digit.
NEIGHBOURS_SQL = """
create temp table grid_touching on commit drop as
select a.id, array_agg(b.id order by b.id) as ids
from grid_ground a join grid_ground b
     on a.id <> b.id and b.geom && st_expand(a.geom, 1e-7) and st_dwithin(a.geom, b.geom, 1e-7)
group by a.id;
analyze grid_touching;
update parts_cell c set neighbours = n.ids from grid_touching n where n.id = c.id
"""
# A code that the edition has no more is voided: kept with its reason, never given again.
VOIDED_SQL = """
update parts_cell c set end_on = greatest(c.initial_on, %(on)s::date), void_reason = coalesce(
    (select nullif(d.end_reason, '') from parts_draftshape d
     where d.edition_id = %(draft)s and d.level = 'cell' and d.ends and d.code = c.code limit 1),
    %(reason)s)
from grid_former f
where c.id = f.id and f.end_on is null
  and not exists (select 1 from grid_ground n where n.code = f.code)
returning c.code
"""
# Where former cells lie today. Cells of the edition before are laid over the new ones; for those
# of older editions only the heirs of their heirs can be theirs.
HEIRS_SQL = """
create temp table grid_heir on commit drop as
with pair as (
    select f.id as former, n.id as heir, f.geom as a, n.geom as b
    from grid_former f join grid_ground n on n.geom && f.geom
    union all
    select p.former_id, n.id, f.geom, n.geom
    from (select distinct h.former_id, n.id as heir_id
          from parts_cellheir h
          join grid_former o on o.id = h.heir_id
          join grid_ground n on n.geom && o.geom) p
    join grid_ground n on n.id = p.heir_id
    join parts_cell f on f.id = p.former_id and f.geom && n.geom
), shared as (
    select former, heir, case when a ~= b and st_orderingequals(a, b) then st_area(a)
           when st_relate(a, b, '2********')
               then st_area(st_collectionextract(st_intersection(a, b), 3)) else 0 end as degrees,
           st_area(a) as own, a
    from pair
)
select former, heir, degrees / own as share,
       degrees / own * st_area(st_transform(a, %(metres)s)) as area_m2,
       row_number() over (partition by former order by degrees desc, heir) = 1 as is_main
from shared where degrees > own * %(least)s;
create index on grid_heir (former);
create index on grid_heir (heir);
analyze grid_heir
"""
HEIRS_IN_SQL = """
insert into parts_cellheir (former_id, heir_id, area_m2, is_main)
select former, heir, area_m2, is_main from grid_heir
"""
# What lies in the new cells decides; a part that lies in none keeps the cell that it had.
PARTS_SQL = """
create temp table grid_housed on commit drop as
select distinct on (p.id) p.id, g.id as cell_id, g.community_id, g.street_id,
       (p.community_id, p.street_id) is distinct from (g.community_id, g.street_id) as moves
from grid_ground g join grid_spot p on p.spot && g.geom and st_covers(g.geom, p.spot)
order by p.id, g.code;
create unique index on grid_housed (id);
analyze grid_housed
"""
# The cell is computed from position and edition, both of which are kept: its change alone is no
# change of the part. Another community or street is, and stands in the part's history.
PARTS_STAY_SQL = """
update parts_part p set cell_id = h.cell_id from grid_housed h where h.id = p.id and not h.moves
"""
PARTS_MOVE_SQL = """
update parts_part p set cell_id = h.cell_id, community_id = h.community_id, street_id = h.street_id
from grid_housed h where h.id = p.id and h.moves
"""
# A new cell is walked in each shift by whoever walked most of its ground; and a patrol that would
# be left without any keeps the main heirs of its cells.
PATROLS_SQL = """
create temp table grid_walk on commit drop as
with main as (
    select distinct on (h.heir, p.shift_id) h.heir, p.shift_id, h.former
    from grid_heir h
    join grid_former f on f.id = h.former
    join parts_patrolcell w on w.cell_id = h.former
    join parts_patrol p on p.id = w.patrol_id
    order by h.heir, p.shift_id, h.area_m2 desc, h.former
)
select w.patrol_id, m.heir as cell_id
from main m
join parts_patrolcell w on w.cell_id = m.former
join parts_patrol p on p.id = w.patrol_id and p.shift_id = m.shift_id;
create index on grid_walk (patrol_id);
analyze grid_walk
"""
PATROLS_KEPT_SQL = """
insert into grid_walk
select distinct w.patrol_id, h.heir
from parts_patrolcell w join grid_heir h on h.former = w.cell_id and h.is_main
where not exists (select 1 from grid_walk g where g.patrol_id = w.patrol_id)
"""
PATROLS_SAID_SQL = """
select p.id, u.full_name, u.username, s.name,
       coalesce(b.codes, array[]::varchar[]), coalesce(a.codes, array[]::varchar[])
from parts_patrol p
join {users} u on u.id = p.supervisor_id
join parts_shift s on s.key = p.shift_id
left join lateral (select array_agg(c.code order by c.code) as codes from parts_patrolcell w
    join grid_former c on c.id = w.cell_id where w.patrol_id = p.id) b
    on true
left join lateral (select array_agg(c.code order by c.code) as codes from grid_walk w
    join grid_ground c on c.id = w.cell_id where w.patrol_id = p.id) a on true
where b.codes is distinct from a.codes
order by s.begins, u.username
"""
PATROLS_OUT_SQL = """
delete from parts_patrolcell w using grid_former f where f.id = w.cell_id
"""
PATROLS_IN_SQL = """
insert into parts_patrolcell (patrol_id, cell_id)
select distinct patrol_id, cell_id from grid_walk on conflict do nothing
"""
UNWALKED_SQL = """
select g.code from grid_ground g
where not exists (select 1 from parts_patrolcell w where w.cell_id = g.id)
order by g.code
"""
# Whose rules and duties a new cell, community or street takes over: that of the most ground.
CAME_FROM_SQL = """
select distinct on (n.code) n.code, f.code
from grid_heir h
join grid_ground n on n.id = h.heir
join grid_former f on f.id = h.former
where not exists (select 1 from grid_former o where o.code = n.code)
order by n.code, h.area_m2 desc, f.code
"""
AREA_CAME_FROM_SQL = """
select distinct on (n.code) n.code, o.code
from parts_draftshape n
join {table} o on o.geom && n.geom and o.code <> n.code
     and (o.valid_to is null or o.valid_to = %(on)s::date - 1)
     and st_relate(o.geom, n.geom, '2********')
where n.edition_id = %(draft)s and n.level = %(level)s and n.code = any(%(new)s)
order by n.code, st_area(st_intersection(o.geom, n.geom)) desc, o.code
"""
