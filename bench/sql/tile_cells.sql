-- A tile of unit grid cells at zoom 12.
\set n random(1, :cell_tiles)
select x, y, west, south, east, north from bench_cell_tile where n = :n \gset
select ST_AsMVT(drawn, 'cells', 4096, 'shape', 'id') from (
    select a.id, a.code, a.limit_area,
           ST_AsMVTGeom(ST_Transform(a.geom, 3857), ST_TileEnvelope(12, :x::int, :y::int),
                        4096, 64, true) as shape
    from parts_cell a join parts_edition e on e.id = a.edition_id and e.state = 'current'
    where a.geom && ST_MakeEnvelope(:west::float8, :south::float8, :east::float8, :north::float8,
                                    4490)
      and a.end_on is null
) drawn;
