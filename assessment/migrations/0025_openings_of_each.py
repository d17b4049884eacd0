"""Stays are charged to a person from his own first opening: fold anew what others had opened."""

from django.db import migrations

STALE = """
insert into assessment_stalecase (case_id)
select distinct case_id from cases_stay
where first_opened_by_id is not null and actor_id is not null and first_opened_by_id <> actor_id
order by case_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0024_calls_of_each_reporter"),
        ("cases", "0028_openings_of_each"),
    ]

    operations = [migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True)]
