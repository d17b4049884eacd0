"""A check says which finish it is of, so that rework counts in the period of the finish."""

from django.db import migrations, models

# Facts of cases with a check are folded anew by the refresh.
STALE = """
insert into assessment_stalecase (case_id)
select distinct case_id from cases_event where action = 'send_check' order by case_id
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0019_instants_by_street")]

    operations = [
        migrations.AddField(
            model_name="taskfact",
            name="finished_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="taskfact",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["finished_at", "street"],
                name="task_fact_finished",
            ),
        ),
        migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True),
    ]
