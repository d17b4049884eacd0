-- A tile of parts at zoom 16.
\set n random(1, :part_tiles)
select x, y, west, south, east, north from bench_part_tile where n = :n \gset
select ST_AsMVT(drawn, 'parts', 4096, 'shape', 'id') from (
    select a.id, a.code, k.code as class_code, a.name, a.state,
           ST_AsMVTGeom(ST_Transform(a.geom, 3857), ST_TileEnvelope(16, :x::int, :y::int),
                        4096, 64, true) as shape
    from parts_part a join parts_catalogueclass k on k.id = a.catalogue_class_id
    where a.geom && ST_MakeEnvelope(:west::float8, :south::float8, :east::float8, :north::float8,
                                    4490)
      and a.state in ('intact', 'broken')
) drawn;
