-- A point's cell, community and street, and the five nearest parts.
\set n random(1, :places)
select lon, lat from bench_place where n = :n \gset
select c.id, c.code, c.limit_area, c.edition_id, m.id, m.code, m.name, s.id, s.code, s.name
from parts_cell c
join parts_edition e on e.id = c.edition_id and e.state = 'current'
join parts_community m on m.id = c.community_id
join parts_street s on s.id = m.street_id
where c.end_on is null
  and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490))
order by c.code
limit 1;
with near as materialized (
    select p.id, p.code, p.name, p.state, p.geom, p.catalogue_class_id
    from parts_part p
    where p.state in ('intact', 'broken')
      and p.geom && ST_Expand(ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490), 0.002)
    order by p.geom <-> ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490)
    limit 20
)
select n.id, n.code, k.code, k.name, n.name, n.state,
       ST_Distance(n.geom::geography,
           ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490)::geography, false) as away,
       ST_X(ST_PointOnSurface(n.geom)), ST_Y(ST_PointOnSurface(n.geom))
from near n
join parts_catalogueclass k on k.id = n.catalogue_class_id
order by away, n.id
limit 5;
