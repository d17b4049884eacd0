"""Long work as rows."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jobs.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("actor", models.JSONField()),
                ("language", models.CharField(max_length=16, verbose_name="language")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("arguments", models.JSONField(default=dict)),
                (
                    "input",
                    models.FileField(
                        blank=True,
                        max_length=300,
                        upload_to=jobs.models.input_name,
                        verbose_name="file",
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=200, verbose_name="step")),
                ("done", models.PositiveBigIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveBigIntegerField(null=True, verbose_name="of")),
                ("rate", models.FloatField(null=True, verbose_name="per second")),
                ("result", models.JSONField(null=True)),
                ("outputs", models.JSONField(default=list, help_text="[{name, file, size}]")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("fields", models.JSONField(default=dict, help_text="{field: [sentence]}")),
                ("holder", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("cancel_asked_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "background job",
                "verbose_name_plural": "background jobs",
                "ordering": ["-asked_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["asked_at"],
                        name="job_alive",
                    ),
                    models.Index(fields=["asked_by", "-asked_at"], name="job_of_user"),
                    models.Index(fields=["kind", "-asked_at"], name="job_of_kind"),
                    models.Index(fields=["ended_at"], name="job_ended"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("holder__isnull", False),
                                ("lease_until__isnull", False),
                                ("state", "running"),
                            ),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("holder", None),
                                ("lease_until", None),
                            ),
                            _connector="OR",
                        ),
                        name="job_held_while_running",
                        violation_error_message="A job is held by a worker exactly while it runs.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ["queued", "running"])),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ["done", "failed", "cancelled"]),
                            ),
                            _connector="OR",
                        ),
                        name="job_ended_at_fits_state",
                        violation_error_message="A job has an end exactly when it has ended.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="job_failure_has_a_reason",
                        violation_error_message="A job that failed says why.",
                    ),
                ],
            },
        ),
    ]
