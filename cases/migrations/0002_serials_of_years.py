"""A serial of case numbers for each year, in order of arrival, without a lock to wait for.

Gaps are allowed (codes.md, case number). The application's role owns nothing and may not create
sequences, so the function does it with the rights of its owner. Two that make the sequence of a
year at once collide in the catalogue, whatever `if not exists` promises: the second waits for the
transaction of the first. All later numbers never come there.
"""

from django.db import migrations

FORWARD = """
create function cases_next_serial(year integer) returns bigint
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
BACKWARD = "drop function cases_next_serial(integer);"


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0002_case_numbers"),
        ("cases", "0022_first_number_of_a_year"),
    ]

    dependencies = [("cases", "0001_tables")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
