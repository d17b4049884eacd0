"""Of several calls back to one reporter the last one counts."""

from django.db import migrations, models

# Facts of cases with a call are folded anew by the refresh.
STALE = """
insert into assessment_stalecase (case_id)
select distinct case_id from cases_event where action = 'call_back' order by case_id
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0023_counted_twins_of_cases")]

    operations = [
        migrations.AddField(
            model_name="callfact",
            name="superseded",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True),
    ]
