"""Keep the counts of cells and the versions of the map's layers true, whoever writes.

Triggers, not services: imports write with COPY and INSERT … SELECT, people with SQL. A statement
adds one row for each cell whose count it changes, so a bulk import costs as many rows as it has
cells, and nobody waits for anybody at a counter.
"""

from django.db import migrations

COUNTS = """
create function parts_count_added() returns trigger language plpgsql as $$
begin
    insert into parts_cellcount (what, cell_id, n)
    select 'parts', cell_id, count(*) from added
    where state in ('intact', 'broken') group by cell_id;
    return null;
end $$;

create function parts_count_changed() returns trigger language plpgsql as $$
begin
    insert into parts_cellcount (what, cell_id, n)
    select 'parts', cell_id, sum(n) from (
        select cell_id, -1 as n from before where state in ('intact', 'broken')
        union all
        select cell_id, 1 from after where state in ('intact', 'broken')
    ) change
    group by cell_id having sum(n) <> 0;
    return null;
end $$;

create trigger count_added after insert on parts_part
    referencing new table as added
    for each statement execute function parts_count_added();
create trigger count_changed after update on parts_part
    referencing old table as before new table as after
    for each statement execute function parts_count_changed();
"""

# The setting remembers, for this transaction alone, that its layer was raised: once is enough,
# and an import row by row would else write a hundred thousand versions of one row.
VERSIONS = """
create function parts_layer_changed() returns trigger language plpgsql as $$
declare
    mark text := 'gridcity.raised_' || tg_argv[0];
begin
    if current_setting(mark, true) = pg_current_xact_id()::text then
        return null;
    end if;
    update parts_layerversion set version = version + 1
    where id = (select id from parts_layerversion where layer = tg_argv[0]
                order by id limit 1 for update skip locked);
    if not found then
        insert into parts_layerversion (layer, version) values (tg_argv[0], 1);
    end if;
    perform set_config(mark, pg_current_xact_id()::text, true);
    return null;
end $$;
"""
TABLES = (
    ("parts_part", "parts"),
    ("parts_cell", "cells"),
    ("parts_edition", "cells"),
    ("parts_street", "streets"),
    ("parts_community", "streets"),
)
RAISE = "\n".join(
    f"create trigger layer_changed after insert or update or delete on {table}"
    f" for each statement execute function parts_layer_changed('{layer}');"
    for table, layer in TABLES
)
UNDO = "\n".join(
    [
        "drop trigger count_added on parts_part;",
        "drop trigger count_changed on parts_part;",
        *(f"drop trigger layer_changed on {table};" for table, _layer in TABLES),
        "drop function parts_count_added, parts_count_changed, parts_layer_changed;",
        "truncate parts_cellcount, parts_layerversion;",
    ]
)


class Migration(migrations.Migration):
    replaces = [("parts", "0005_kept_counts_and_versions")]

    dependencies = [("parts", "0001_tables")]

    operations = [migrations.RunSQL(COUNTS + VERSIONS + RAISE, UNDO)]
