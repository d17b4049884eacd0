"""The first reports of a year wait for each other, instead of one of them failing."""

from django.db import migrations

# Two that make the sequence at once collide in the catalogue, whatever `if not exists` promises: the
# second waits for the transaction of the first. All later numbers never come here.
FORWARD = """
create or replace function cases_next_serial(year integer) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name text := format('cases_serial_%s', year);
begin
    if year not between 2000 and 2199 then
        raise exception 'no case numbers for the year %', year;
    end if;
    return nextval(name::regclass);
exception when undefined_table then
    perform pg_advisory_xact_lock(hashtext('cases_next_serial'), year);
    execute format('create sequence if not exists %I', name);
    return nextval(name::regclass);
end
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0021_open_cases_by_street")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
