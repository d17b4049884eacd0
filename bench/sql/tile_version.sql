-- Whether a tile has changed: the versions of the layers.
select 'edition', id from parts_edition where state = 'current'
union all
select layer, sum(version)::bigint from parts_layerversion group by layer;
