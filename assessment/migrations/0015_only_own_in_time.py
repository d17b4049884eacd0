"""Of who ends a stay only the verdict is kept, so that an ended stay is one row, not two."""

from django.db import migrations

# The facts of all cases are folded anew by the refresh.
STALE = "insert into assessment_stalecase (case_id) select id from cases_case order by id"


class Migration(migrations.Migration):
    dependencies = [("assessment", "0014_late_versions")]

    operations = [
        migrations.RemoveField(model_name="stayfact", name="charged_at"),
        migrations.RunSQL(STALE, migrations.RunSQL.noop, elidable=True),
    ]
