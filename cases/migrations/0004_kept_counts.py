"""Keep the counts of open cases by cell true, for the map (parts/models/counts.py).

Open is what `case_open_cell` holds: not ended, not void, not merged into another. The command side
sees only what was filed, so that is counted apart.
"""

from django.db import migrations

COUNTS = """
create function cases_is_open(one cases_case) returns boolean language sql immutable as $$
    select one.cell_id is not null and one.ended_at is null
       and one.state not in ('VOIDED', 'MERGED')
$$;

create function cases_count_added() returns trigger language plpgsql as $$
begin
    insert into parts_cellcount (what, cell_id, n)
    select kind.what, cell_id, count(*)
    from added, lateral (values ('open', true), ('filed', filed_at is not null)) kind (what, counts)
    where counts and cell_id is not null and ended_at is null and state not in ('VOIDED', 'MERGED')
    group by kind.what, cell_id;
    return null;
end $$;

create function cases_count_changed() returns trigger language plpgsql as $$
begin
    insert into parts_cellcount (what, cell_id, n)
    select what, cell_id, sum(n) from (
        values ('open', old.cell_id, case when cases_is_open(old) then -1 else 0 end),
               ('filed', old.cell_id,
                case when cases_is_open(old) and old.filed_at is not null then -1 else 0 end),
               ('open', new.cell_id, case when cases_is_open(new) then 1 else 0 end),
               ('filed', new.cell_id,
                case when cases_is_open(new) and new.filed_at is not null then 1 else 0 end)
    ) change (what, cell_id, n)
    where n <> 0 group by what, cell_id having sum(n) <> 0;
    return null;
end $$;

create trigger count_added after insert on cases_case
    referencing new table as added
    for each statement execute function cases_count_added();
create trigger count_changed after update on cases_case for each row
    when (old.cell_id is distinct from new.cell_id
          or (old.ended_at is null) is distinct from (new.ended_at is null)
          or (old.filed_at is null) is distinct from (new.filed_at is null)
          or (old.state in ('VOIDED', 'MERGED')) <> (new.state in ('VOIDED', 'MERGED')))
    execute function cases_count_changed();
"""

UNDO = """
drop trigger count_added on cases_case;
drop trigger count_changed on cases_case;
drop function cases_count_added, cases_count_changed;
drop function cases_is_open(cases_case);
delete from parts_cellcount where what in ('open', 'filed');
"""


class Migration(migrations.Migration):
    replaces = [("cases", "0015_count_open_cases")]

    dependencies = [("cases", "0003_announced_events"), ("parts", "0002_kept_counts")]

    operations = [migrations.RunSQL(COUNTS, UNDO)]
