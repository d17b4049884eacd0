"""A case knows what upheld appeals of its department took out of the figures."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Facts of cases with an appeal are folded anew by the refresh.
STALE = """
insert into assessment_stalecase (case_id)
select distinct case_id from cases_event where action = 'ask_appeal' order by case_id
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0022_choices_of_mailings")]

    operations = [
        migrations.AddField(
            model_name="casefact",
            name="uncounted",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=16), default=list, size=None
            ),
        ),
        migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True),
    ]
