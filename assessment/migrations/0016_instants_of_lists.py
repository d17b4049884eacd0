"""Every instant by which a list of cases is ordered has an index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0015_only_own_in_time"),
        ("cases", "0022_first_number_of_a_year"),
        ("parts", "0013_census_opened_by_a_job"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                condition=models.Q(("began_at__isnull", False)),
                fields=["began_at"],
                name="case_fact_began",
            ),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["accepted_at"],
                name="case_fact_accepted",
            ),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", False)),
                fields=["dispatched_at"],
                name="case_fact_dispatched",
            ),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                condition=models.Q(("disputed_at__isnull", False)),
                fields=["disputed_at"],
                name="case_fact_disputed",
            ),
        ),
    ]
