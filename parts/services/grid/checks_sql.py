"""The questions that the database answers about a draft, one statement a check.

All of them read `grid_shape`: the shapes that count, in metres as `m`, with the code of the area
they lie in as `parent`. Areas are in m²; what is smaller than a sliver is rounding, not a fault.
"""

from __future__ import annotations

# Rounding to nine decimals of a degree moves a vertex by a tenth of a millimetre.
SLIVER_M2 = 1.0
SMALLEST_M2, LARGEST_M2 = 2_000, 50_000
# Of two cells of one code, one is the other's successor where they share so much of the smaller.
SAME_PLACE = 0.5
SHOWN_PARTS = 500

SHAPES_SQL = """
create temp table grid_shape on commit drop as
select s.id, s.level, s."row", s.code, s.area_m2,
       left(s.code, case s.level when 'street' then %(district_digits)s
                                 when 'community' then %(street_digits)s
                                 when 'cell' then %(community_digits)s else 0 end) as parent,
       case s.level when 'street' then 'district' when 'community' then 'street'
                    when 'cell' then 'community' else '' end as parent_level,
       g.geom, st_transform(g.geom, %(metres)s) as m
from parts_draftshape s, lateral (select case when st_isvalid(s.geom) then s.geom
         else st_collectionextract(st_makevalid(s.geom), 3) end as geom) g
where s.edition_id = %(draft)s and not s.ends and s.geom is not null;
create index on grid_shape using gist (m);
create index on grid_shape using gist (geom);
create index on grid_shape (level, code);
analyze grid_shape
"""
INVALID_SQL = """
select s.level, s.code, s."row", s.geom, d.reason, d.location
from parts_draftshape s, lateral st_isvaliddetail(s.geom) d
where s.edition_id = %(draft)s and not s.ends and s.geom is not null and not d.valid
order by s.id
"""
# A community takes all cells that lie in it, whatever their code: a cell with the code of another
# community is outside its own, and leaves no gap here.
GAPS_SQL = """
select p.level, p.code, st_transform(g.geom, 4490), st_area(g.geom)
from grid_shape p
left join lateral (
    select st_union(c.m) as m from grid_shape c
    where c.parent_level = p.level and c.m && p.m and st_intersects(c.m, p.m)
) u on true,
lateral st_dump(case when u.m is null then p.m else st_difference(p.m, u.m) end) g
where p.level <> 'cell' and st_area(g.geom) >= %(sliver)s
order by p.level, st_area(g.geom) desc
"""
OVERLAPS_SQL = """
select a.level, array[a.code, b.code], st_transform(g.m, 4490), st_area(g.m)
from grid_shape a
join grid_shape b on b.level = a.level and b.id > a.id and b.m && a.m
     and st_relate(a.m, b.m, '2********'),
lateral (select st_collectionextract(st_intersection(a.m, b.m), 3) as m) g
where st_area(g.m) >= %(sliver)s
order by a.level, st_area(g.m) desc
"""
# What of a shape sticks out of the area of its code, and how much of the whole that is.
OUTSIDE_SQL = """
select c.level, array[c.code, p.code], st_transform(g.m, 4490), st_area(g.m),
       st_area(g.m) / st_area(c.m), c."row"
from grid_shape c
join grid_shape p on p.level = c.parent_level and p.code = c.parent,
lateral (select st_collectionextract(st_difference(c.m, p.m), 3) as m
         where not st_coveredby(c.m, p.m)) g
where st_area(g.m) >= %(sliver)s
order by c.level, st_area(g.m) desc
"""
# The last cell that bore a code, and how much of the smaller of the two both share.
USED_SQL = """
select c.code, c."row", c.geom, u.end_on, u.void_reason, u.state, u.name,
       st_area(st_intersection(c.geom, u.geom)) / least(st_area(c.geom), st_area(u.geom)) as share
from grid_shape c
join lateral (
    select l.geom, l.end_on, l.void_reason, e.state, e.name
    from parts_cell l join parts_edition e on e.id = l.edition_id
    where l.code = c.code and e.state <> 'draft'
    order by e.published_at desc limit 1
) u on true
where c.level = 'cell' and st_area(c.geom) > 0
order by c.id
"""
USED_AREA_SQL = """
select c.level, c.code, c."row", c.geom, a.valid_to
from grid_shape c
join (select 'street' as level, code, valid_to from parts_street where valid_to is not null
      union all
      select 'community', code, valid_to from parts_community where valid_to is not null) a
     on a.level = c.level and a.code = c.code
order by c.id
"""
# How far shapes lie from those of the same code that are in force: the middle of all of them.
SHIFT_SQL = """
with pair as (
    select s.level, st_centroid(s.m) as here, st_centroid(st_transform(o.geom, %(metres)s)) as there
    from grid_shape s
    join (select 'cell' as level, c.code, c.geom from parts_cell c
              join parts_edition e on e.id = c.edition_id and e.state = 'current'
          union all
          select 'community', code, geom from parts_community where valid_to is null
          union all
          select 'street', code, geom from parts_street where valid_to is null
          union all
          select 'district', code, geom from parts_district) o
         on o.level = s.level and o.code = s.code
    where s."row" > 0
)
select level, percentile_cont(0.5) within group (order by st_x(here) - st_x(there)),
       percentile_cont(0.5) within group (order by st_y(here) - st_y(there)), count(*)
from pair group by level order by count(*) desc
"""
# Without a code in common the whole is compared: the middle of what was read and of the district.
SHIFT_OF_ALL_SQL = """
select s.level, st_x(s.m) - st_x(d.m), st_y(s.m) - st_y(d.m), s.n
from (select level, st_centroid(st_collect(m)) as m, count(*) as n, sum(st_area(m)) as area
      from grid_shape where "row" > 0 group by level) s,
     (select st_centroid(st_union(st_transform(geom, %(metres)s))) as m,
             sum(st_area(st_transform(geom, %(metres)s))) as area from parts_district) d
where s.area between d.area * 0.8 and d.area * 1.2
order by s.n desc
"""
# Which cell of the draft has which part, the first by code; both are small tables with an index.
HOUSED_SQL = """
create temp table grid_housed on commit drop as
select distinct on (p.id) p.id, p.is_wide, c.id as shape_id
from grid_shape c join grid_spot p on p.spot && c.geom and st_covers(c.geom, p.spot)
where c.level = 'cell'
order by p.id, c.code;
create unique index on grid_housed (id);
analyze grid_housed
"""
PARTS_SQL = """
with outside as (
    select p.code, p.spot from grid_spot p left join grid_housed h using (id) where h.id is null
)
select (select count(*) from outside),
       (select array_agg(code order by code) from (select code from outside order by code
                                                   limit %(shown)s) o),
       (select st_collect(spot) from (select spot from outside order by code limit %(shown)s) o)
"""
# Lines and areas that reach out of their cell by more than a metre (`codes.md`: cells cut none).
CUT_SQL = """
with cut as (
    select p.code, p.geom
    from grid_housed h join grid_shape c on c.id = h.shape_id join parts_part p on p.id = h.id
    where h.is_wide and not st_covers(c.geom, p.geom)
      and not st_covers(st_buffer(c.m, %(reach)s), st_transform(p.geom, %(metres)s))
)
select (select count(*) from cut),
       (select array_agg(code order by code) from (select code from cut order by code
                                                   limit %(shown)s) o),
       (select st_collect(st_pointonsurface(geom)) from (select geom from cut order by code
                                                         limit %(shown)s) o)
"""
# Serials that were ever given in a community, with those that the draft would give.
SERIALS_SQL = """
select k.code, k."row", k.geom, count(distinct u.code)
from grid_shape k
join (select code from grid_shape where level = 'cell' union all select code from parts_cell) u
     on left(u.code, %(community_digits)s) = k.code
where k.level = 'community'
group by k.id, k.code, k."row", k.geom having count(distinct u.code) > %(serials)s
order by k.code
"""
CELLS_SQL = """
select c.id, c.code, c.parent, st_x(p.spot), st_y(p.spot),
       coalesce(st_ymax(o.m), max(st_ymax(c.m)) over (partition by c.parent))
from grid_shape c
left join grid_shape o on o.level = 'community' and o.code = c.parent,
lateral (select st_pointonsurface(c.m) as spot) p
where c.level = 'cell' and not st_isempty(c.m)
order by c.code
"""
