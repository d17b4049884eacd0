"""Turns know whether an appeal was asked against them."""

from django.db import migrations, models

# Facts of cases with an appeal are folded anew by the refresh.
STALE = """
insert into assessment_stalecase (case_id)
select distinct case_id from cases_event where action = 'ask_appeal'
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0011_missed"), ("cases", "0019_missed_matters")]

    operations = [
        migrations.AddField(
            model_name="turnfact",
            name="appealed",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True),
    ]
