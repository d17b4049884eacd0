"""When the people of the two centres work, from a day on; days that have begun stay."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_planner_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlannedShift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="As people call it: 早班, 中班, 夜班.",
                        max_length=32,
                        verbose_name="shift",
                    ),
                ),
                ("begins", models.TimeField(blank=True, null=True, verbose_name="begins")),
                (
                    "ends",
                    models.TimeField(
                        blank=True,
                        help_text="At or before the begin: on the next day. Both empty: no shift is planned.",
                        null=True,
                        verbose_name="ends",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned_shifts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned shift",
                "verbose_name_plural": "planned shifts",
                "ordering": ["person", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "valid_from"),
                        name="planned_shift_from_once",
                        violation_error_message="This person's shift from that day on is planned.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("begins__isnull", True), ("ends__isnull", True)),
                            models.Q(
                                ("begins__isnull", False),
                                ("ends__isnull", False),
                                models.Q(("begins", models.F("ends")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="planned_shift_has_both_ends",
                        violation_error_message="A shift begins at one time and ends at another; without one both are empty.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plannedshift",
            trigger=pgtrigger.compiler.Trigger(
                name="planned_days_begun_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE today date;",
                    func="\n    today := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;\n    IF (TG_OP <> 'INSERT' AND OLD.valid_from <= today\n            OR TG_OP <> 'DELETE' AND NEW.valid_from <= today)\n        AND EXISTS (SELECT FROM cases_event)\n    THEN\n        RAISE EXCEPTION 'pgtrigger: Cannot plan days that have begun in % table', TG_TABLE_NAME;\n    END IF;\n    IF TG_OP = 'DELETE' THEN\n        RETURN OLD;\n    END IF;\n    RETURN NEW;\n",
                    hash="90f23a26928d07bd69eb7fb3ee14c3ee6b8c5085",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_planned_days_begun_stay_a2fbd",
                    table="cases_plannedshift",
                    when="BEFORE",
                ),
            ),
        ),
    ]
