"""What desks of all stages ended in a period is listed without a look at each stage by itself.

And the planner learns that a desk's people answer the stays of that desk: it took their stays for
so few that it read a whole month for one page of them.
"""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0017_lifetimes_by_quadrants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stayfact",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["ended_at"],
                name="stay_fact_ended",
            ),
        ),
        migrations.RunSQL(
            'create statistics stay_fact_desks (mcv) on state, actor_role, "by", in_time, undone'
            " from assessment_stayfact",
            "drop statistics stay_fact_desks",
        ),
    ]
