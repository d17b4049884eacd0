from django.db import migrations

# Land use stood as code and name in one text; now the code stands in the cell, the name in a table.
KINDS = """
    insert into parts_landuse (code, name, is_default, is_active, note)
    select distinct split_part(land_use, ' ', 1), split_part(land_use, ' ', 2), true, true, ''
    from parts_cell where land_use ~ '^[A-Z][A-Z0-9]{0,7} .'
    on conflict do nothing
"""
CELLS = """
    update parts_cell set land_use = split_part(land_use, ' ', 1)
    where land_use ~ '^[A-Z][A-Z0-9]{0,7} .'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("parts", "0006_drafts_of_the_grid"),
    ]

    operations = [
        migrations.RunSQL(KINDS, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(CELLS, migrations.RunSQL.noop, elidable=True),
    ]
