from django.db import migrations

# A serial for each year, in order of arrival, without a lock that reports would wait for; gaps
# are allowed (codes.md, case number). The application's role owns nothing and may not create
# sequences, so the function does it with the rights of its owner.
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
    execute format('create sequence if not exists %I', name);
    return nextval(name::regclass);
end
$$;
"""
BACKWARD = "drop function cases_next_serial(integer);"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_case")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
