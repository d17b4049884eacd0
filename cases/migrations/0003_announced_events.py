"""Announce each appended event in the transaction that appends it (gridcity/live.py listens).

A trigger, not a statement of the services: it costs no round trip, no service can forget it, and
nothing is told that was not committed. Many rows in one statement (bulk loads) tell once that all
is to be read anew.
"""

from django.db import migrations

ANNOUNCE = """
create function cases_announce_events() returns trigger language plpgsql as $$
begin
    if (select count(*) from (select from added limit 21) as few) > 20 then
        perform pg_notify('live', '{"type": "resync"}');
    else
        perform pg_notify(
            'live',
            json_build_object('case', case_id, 'from', from_state, 'to', to_state)::text
        ) from added;
    end if;
    return null;
end $$;

create trigger announce_events after insert on cases_event
    referencing new table as added
    for each statement execute function cases_announce_events();
"""

WITHDRAW = """
drop trigger announce_events on cases_event;
drop function cases_announce_events();
"""


class Migration(migrations.Migration):
    replaces = [("cases", "0003_announce_events")]

    dependencies = [("cases", "0002_serials_of_years")]

    operations = [migrations.RunSQL(ANNOUNCE, WITHDRAW)]
