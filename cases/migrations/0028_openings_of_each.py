"""Each of a desk has his own first opening of a stay; what was noted so far was the first one's."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FIRST = """
insert into cases_stayopening (stay_id, user_id, at)
select id, first_opened_by_id, first_opened_at from cases_stay
where first_opened_by_id is not null and first_opened_at is not null
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0027_whom_a_call_was_to"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StayOpening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="opened")),
                (
                    "stay",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="cases.stay",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "opening of a stay",
                "verbose_name_plural": "openings of stays",
                "constraints": [
                    models.UniqueConstraint(fields=("stay", "user"), name="stay_opened_first_once")
                ],
            },
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop, elidable=True),
    ]
