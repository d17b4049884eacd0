"""Write down the case of each appended event, in the transaction that appends it.

A trigger, so that no service can forget it and a killed process loses nothing.
"""

from django.db import migrations

NOTE = """
create function assessment_note_stale() returns trigger language plpgsql as $$
begin
    insert into assessment_stalecase (case_id) select distinct case_id from added;
    return null;
end $$;

create trigger note_stale_facts after insert on cases_event
    referencing new table as added
    for each statement execute function assessment_note_stale();
"""

FORGET = """
drop trigger note_stale_facts on cases_event;
drop function assessment_note_stale();
"""


class Migration(migrations.Migration):
    replaces = [("assessment", "0002_stale_cases")]

    dependencies = [("assessment", "0002_shipped_schemes")]

    operations = [migrations.RunSQL(NOTE, FORGET)]
