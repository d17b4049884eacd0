"""What stood at a cut of long ago is found in a fifth of the time by a tree of quadrants."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations

import assessment.models.facts


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0016_instants_of_lists"),
        ("cases", "0022_first_number_of_a_year"),
        ("dispatch", "0013_days_of_desks"),
        ("parts", "0013_census_opened_by_a_job"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="callfact",
            name="call_fact_lifetime",
        ),
        migrations.RemoveIndex(
            model_name="casefact",
            name="case_fact_lifetime",
        ),
        migrations.RemoveIndex(
            model_name="stayfact",
            name="stay_fact_lifetime",
        ),
        migrations.RemoveIndex(
            model_name="taskfact",
            name="task_fact_lifetime",
        ),
        migrations.RemoveIndex(
            model_name="turnfact",
            name="turn_fact_lifetime",
        ),
        migrations.AddIndex(
            model_name="callfact",
            index=django.contrib.postgres.indexes.SpGistIndex(
                assessment.models.facts.Lifetime(), name="call_fact_lifetime"
            ),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=django.contrib.postgres.indexes.SpGistIndex(
                assessment.models.facts.Lifetime(), name="case_fact_lifetime"
            ),
        ),
        migrations.AddIndex(
            model_name="stayfact",
            index=django.contrib.postgres.indexes.SpGistIndex(
                assessment.models.facts.Lifetime(), name="stay_fact_lifetime"
            ),
        ),
        migrations.AddIndex(
            model_name="taskfact",
            index=django.contrib.postgres.indexes.SpGistIndex(
                assessment.models.facts.Lifetime(), name="task_fact_lifetime"
            ),
        ),
        migrations.AddIndex(
            model_name="turnfact",
            index=django.contrib.postgres.indexes.SpGistIndex(
                assessment.models.facts.Lifetime(), name="turn_fact_lifetime"
            ),
        ),
    ]
