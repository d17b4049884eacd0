"""What the planner is told of facts beyond each column by itself.

A desk's people answer the stays of that desk: the planner took their stays for so few that it read
a whole month for one page of them.
"""

from django.db import migrations

FORWARD = (
    'create statistics stay_fact_desks (mcv) on state, actor_role, "by", in_time, undone'
    " from assessment_stayfact"
)
BACKWARD = "drop statistics stay_fact_desks"


class Migration(migrations.Migration):
    replaces = [("assessment", "0018_stays_by_their_end")]

    dependencies = [("assessment", "0003_noted_cases")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
