"""Tables of the assessment: facts, sums, schemes, snapshots, guarantees, inspections, mailings.

Each comes with its constraints, indexes and guards.
"""

import datetime
import uuid
from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import assessment.models.facts
from parts.migrations._tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("assessment", "0001_facts"),
        ("assessment", "0003_schemes"),
        ("assessment", "0005_inspections"),
        ("assessment", "0006_guarantees"),
        ("assessment", "0007_posts_and_stages"),
        ("assessment", "0008_daily_sums"),
        ("assessment", "0009_scheme_versions"),
        ("assessment", "0011_missed"),
        ("assessment", "0012_appealed_turns"),
        ("assessment", "0013_overviews_by_mail"),
        ("assessment", "0014_late_versions"),
        ("assessment", "0015_only_own_in_time"),
        ("assessment", "0016_instants_of_lists"),
        ("assessment", "0017_lifetimes_by_quadrants"),
        ("assessment", "0019_instants_by_street"),
        ("assessment", "0020_finishes_that_are_checked"),
        ("assessment", "0022_choices_of_mailings"),
        ("assessment", "0023_counted_twins_of_cases"),
        ("assessment", "0024_calls_of_each_reporter"),
        ("assessment", "0025_openings_of_each"),
    ]

    initial = True

    dependencies = [
        ("dispatch", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name="CaseFact",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("key", models.PositiveIntegerField()),
                        ("valid_from", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("known_from", models.DateTimeField()),
                        ("known_to", models.DateTimeField()),
                        ("needed_until", models.DateTimeField()),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("source", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=5)),
                        ("out", models.BooleanField()),
                        ("began_at", models.DateTimeField()),
                        ("reported_at", models.DateTimeField(null=True)),
                        (
                            "reporter",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("accepted_at", models.DateTimeField(null=True)),
                        ("accepted_in_time", models.BooleanField(null=True)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("filed_at", models.DateTimeField(null=True)),
                        ("filed_in_time", models.BooleanField(null=True)),
                        (
                            "filed_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("disputed_at", models.DateTimeField(null=True)),
                        ("dispatched_at", models.DateTimeField(null=True)),
                        (
                            "dispatched_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("finish_in_time", models.BooleanField(null=True)),
                        ("due_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("end_kind", models.CharField(blank=True, max_length=12)),
                        (
                            "ended_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_role", models.CharField(blank=True, max_length=16)),
                        ("self_handled", models.BooleanField()),
                        ("succeeds", models.BooleanField()),
                        ("public", models.BooleanField()),
                        ("missed", models.BooleanField(default=False)),
                        (
                            "watched_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("waived", models.BooleanField(default=False)),
                        ("relapse", models.BooleanField(default=False)),
                        ("sent_back", models.BooleanField(default=False)),
                        ("unfiled", models.BooleanField(default=False)),
                        ("reopened", models.BooleanField(default=False)),
                        ("forced_early", models.BooleanField(default=False)),
                        ("merged", models.BooleanField()),
                        ("voided", models.BooleanField()),
                        (
                            "uncounted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16), default=list, size=None
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fact of a case",
                        "verbose_name_plural": "facts of cases",
                        "indexes": [
                            models.Index(fields=["needed_until"], name="case_fact_needed"),
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["valid_from"], name="case_fact_valid"
                            ),
                            django.contrib.postgres.indexes.SpGistIndex(
                                assessment.models.facts.Lifetime(), name="case_fact_lifetime"
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "known_to",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                    (
                                        "valid_to__lt",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                fields=["valid_to", "valid_from"],
                                name="case_fact_superseded",
                            ),
                            models.Index(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThan(
                                        models.ExpressionWrapper(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("known_from"), "-", models.F("valid_from")
                                            ),
                                            output_field=models.DurationField(),
                                        ),
                                        datetime.timedelta(seconds=3600),
                                    )
                                ),
                                fields=["known_from", "valid_from"],
                                name="case_fact_late",
                            ),
                            models.Index(
                                condition=models.Q(("began_at__isnull", False)),
                                fields=["began_at", "street"],
                                name="case_fact_began",
                            ),
                            models.Index(
                                condition=models.Q(("reported_at__isnull", False)),
                                fields=["reported_at", "street"],
                                name="case_fact_reported",
                            ),
                            models.Index(
                                condition=models.Q(("accepted_at__isnull", False)),
                                fields=["accepted_at", "street"],
                                name="case_fact_accepted",
                            ),
                            models.Index(
                                condition=models.Q(("filed_at__isnull", False)),
                                fields=["filed_at", "street"],
                                name="case_fact_filed",
                            ),
                            models.Index(
                                condition=models.Q(("dispatched_at__isnull", False)),
                                fields=["dispatched_at", "street"],
                                name="case_fact_dispatched",
                            ),
                            models.Index(
                                condition=models.Q(("disputed_at__isnull", False)),
                                fields=["disputed_at", "street"],
                                name="case_fact_disputed",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at", "street"],
                                name="case_fact_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TurnFact",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("key", models.PositiveIntegerField()),
                        ("valid_from", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("known_from", models.DateTimeField()),
                        ("known_to", models.DateTimeField()),
                        ("needed_until", models.DateTimeField()),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("source", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=5)),
                        ("out", models.BooleanField()),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                            ),
                        ),
                        ("round", models.PositiveSmallIntegerField()),
                        ("began_at", models.DateTimeField()),
                        (
                            "dispatcher",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("automatic", models.BooleanField()),
                        ("designation", models.BooleanField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("stood_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("finish_in_time", models.BooleanField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("end_kind", models.CharField(blank=True, max_length=10)),
                        ("assisted", models.BooleanField(default=False)),
                        ("undone", models.BooleanField()),
                        ("wrong", models.BooleanField()),
                        ("reopened", models.BooleanField()),
                        ("forced_early", models.BooleanField()),
                        ("deferred", models.BooleanField()),
                        ("suspended", models.BooleanField()),
                        ("reworks", models.PositiveSmallIntegerField()),
                        ("extensions", models.PositiveSmallIntegerField()),
                        ("refusals", models.PositiveSmallIntegerField()),
                        ("refused_at", models.DateTimeField(null=True)),
                        ("appealed", models.BooleanField(default=False)),
                        (
                            "uncounted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16), size=None
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fact of a turn",
                        "verbose_name_plural": "facts of turns",
                        "indexes": [
                            models.Index(fields=["needed_until"], name="turn_fact_needed"),
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["valid_from"], name="turn_fact_valid"
                            ),
                            django.contrib.postgres.indexes.SpGistIndex(
                                assessment.models.facts.Lifetime(), name="turn_fact_lifetime"
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "known_to",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                    (
                                        "valid_to__lt",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                fields=["valid_to", "valid_from"],
                                name="turn_fact_superseded",
                            ),
                            models.Index(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThan(
                                        models.ExpressionWrapper(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("known_from"), "-", models.F("valid_from")
                                            ),
                                            output_field=models.DurationField(),
                                        ),
                                        datetime.timedelta(seconds=3600),
                                    )
                                ),
                                fields=["known_from", "valid_from"],
                                name="turn_fact_late",
                            ),
                            models.Index(
                                condition=models.Q(("began_at__isnull", False)),
                                fields=["began_at", "street"],
                                name="turn_fact_began",
                            ),
                            models.Index(
                                condition=models.Q(("finished_at__isnull", False)),
                                fields=["finished_at", "street"],
                                name="turn_fact_finished",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at", "street"],
                                name="turn_fact_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskFact",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("key", models.PositiveIntegerField()),
                        ("valid_from", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("known_from", models.DateTimeField()),
                        ("known_to", models.DateTimeField()),
                        ("needed_until", models.DateTimeField()),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("source", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=5)),
                        ("out", models.BooleanField()),
                        ("task", models.CharField(max_length=6)),
                        (
                            "assignee",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                            ),
                        ),
                        ("turn", models.PositiveSmallIntegerField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("sent_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("outcome", models.CharField(blank=True, max_length=12)),
                        ("late_outcome", models.CharField(blank=True, max_length=12)),
                        ("in_time", models.BooleanField(null=True)),
                        ("counted", models.BooleanField()),
                    ],
                    options={
                        "verbose_name": "fact of a task",
                        "verbose_name_plural": "facts of tasks",
                        "indexes": [
                            models.Index(fields=["needed_until"], name="task_fact_needed"),
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["valid_from"], name="task_fact_valid"
                            ),
                            django.contrib.postgres.indexes.SpGistIndex(
                                assessment.models.facts.Lifetime(), name="task_fact_lifetime"
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "known_to",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                    (
                                        "valid_to__lt",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                fields=["valid_to", "valid_from"],
                                name="task_fact_superseded",
                            ),
                            models.Index(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThan(
                                        models.ExpressionWrapper(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("known_from"), "-", models.F("valid_from")
                                            ),
                                            output_field=models.DurationField(),
                                        ),
                                        datetime.timedelta(seconds=3600),
                                    )
                                ),
                                fields=["known_from", "valid_from"],
                                name="task_fact_late",
                            ),
                            models.Index(
                                condition=models.Q(("finished_at__isnull", False)),
                                fields=["finished_at", "street"],
                                name="task_fact_finished",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at", "street"],
                                name="task_fact_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StayFact",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("key", models.PositiveIntegerField()),
                        ("valid_from", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("known_from", models.DateTimeField()),
                        ("known_to", models.DateTimeField()),
                        ("needed_until", models.DateTimeField()),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("source", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=5)),
                        ("out", models.BooleanField()),
                        ("state", models.CharField(max_length=12)),
                        ("round", models.PositiveSmallIntegerField()),
                        ("began_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "actor",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("actor_role", models.CharField(blank=True, max_length=16)),
                        ("by", models.CharField(blank=True, max_length=24)),
                        ("in_time", models.BooleanField(null=True)),
                        ("own_in_time", models.BooleanField(null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                            ),
                        ),
                        ("worked_s", models.PositiveIntegerField(null=True)),
                        ("undone", models.BooleanField()),
                    ],
                    options={
                        "verbose_name": "fact of a stay",
                        "verbose_name_plural": "facts of stays",
                        "indexes": [
                            models.Index(fields=["needed_until"], name="stay_fact_needed"),
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["valid_from"], name="stay_fact_valid"
                            ),
                            django.contrib.postgres.indexes.SpGistIndex(
                                assessment.models.facts.Lifetime(), name="stay_fact_lifetime"
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "known_to",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                    (
                                        "valid_to__lt",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                fields=["valid_to", "valid_from"],
                                name="stay_fact_superseded",
                            ),
                            models.Index(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThan(
                                        models.ExpressionWrapper(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("known_from"), "-", models.F("valid_from")
                                            ),
                                            output_field=models.DurationField(),
                                        ),
                                        datetime.timedelta(seconds=3600),
                                    )
                                ),
                                fields=["known_from", "valid_from"],
                                name="stay_fact_late",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at", "street"],
                                name="stay_fact_ended",
                            ),
                            models.Index(
                                fields=["state", "ended_at"], name="stay_fact_state_ended"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CallFact",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("key", models.PositiveIntegerField()),
                        ("valid_from", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("known_from", models.DateTimeField()),
                        ("known_to", models.DateTimeField()),
                        ("needed_until", models.DateTimeField()),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("source", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=5)),
                        ("out", models.BooleanField()),
                        ("called_at", models.DateTimeField()),
                        ("call", models.CharField(max_length=5)),
                        (
                            "caller",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("valid", models.BooleanField(null=True)),
                        ("contacted", models.BooleanField(null=True)),
                        ("resolved", models.BooleanField(null=True)),
                        ("satisfaction", models.CharField(blank=True, max_length=9)),
                        ("superseded", models.BooleanField(default=False)),
                    ],
                    options={
                        "verbose_name": "fact of a call back",
                        "verbose_name_plural": "facts of calls back",
                        "indexes": [
                            models.Index(fields=["needed_until"], name="call_fact_needed"),
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["valid_from"], name="call_fact_valid"
                            ),
                            django.contrib.postgres.indexes.SpGistIndex(
                                assessment.models.facts.Lifetime(), name="call_fact_lifetime"
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "known_to",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                    (
                                        "valid_to__lt",
                                        datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                fields=["valid_to", "valid_from"],
                                name="call_fact_superseded",
                            ),
                            models.Index(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThan(
                                        models.ExpressionWrapper(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("known_from"), "-", models.F("valid_from")
                                            ),
                                            output_field=models.DurationField(),
                                        ),
                                        datetime.timedelta(seconds=3600),
                                    )
                                ),
                                fields=["known_from", "valid_from"],
                                name="call_fact_late",
                            ),
                            models.Index(
                                condition=models.Q(("called_at__isnull", False)),
                                fields=["called_at", "street"],
                                name="call_fact_called",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleCase",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("case_id", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name": "case whose facts wait",
                        "verbose_name_plural": "cases whose facts wait",
                    },
                ),
                migrations.CreateModel(
                    name="Scheme",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.SlugField(max_length=40, verbose_name="key")),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("street", "Streets"),
                                    ("community", "Communities"),
                                    ("cell", "Unit grid cells"),
                                    ("department", "Departments"),
                                    ("supervisor", "Supervisors"),
                                    ("acceptor", "Acceptors"),
                                    ("duty_chief", "Duty chiefs"),
                                    ("dispatcher", "Dispatchers"),
                                ],
                                max_length=12,
                                verbose_name="scores",
                            ),
                        ),
                        ("terms", models.JSONField(verbose_name="terms")),
                        ("grades", models.JSONField(verbose_name="grades")),
                        (
                            "source",
                            models.CharField(blank=True, max_length=200, verbose_name="source"),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "month_from",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="month begins on day"
                            ),
                        ),
                        ("is_active", models.BooleanField(default=False, verbose_name="in force")),
                        ("is_shipped", models.BooleanField(default=False)),
                        (
                            "is_open_to_comment",
                            models.BooleanField(default=False, verbose_name="open to comment"),
                        ),
                        ("revision", models.PositiveIntegerField(default=0)),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(null=True, verbose_name="proposed")),
                        (
                            "consented_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("discarded_at", models.DateTimeField(null=True, verbose_name="discarded")),
                    ],
                    options={
                        "verbose_name": "scheme of scoring",
                        "verbose_name_plural": "schemes of scoring",
                        "ordering": ["key", "-version"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "version"), name="scheme_version_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("consented_by", None),
                                    models.Q(
                                        ("consented_by", models.F("proposed_by")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="scheme_consent_of_another",
                                violation_error_message="A second administrator consents, not who proposed it.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("consented_by", None), ("is_active", False)),
                                    models.Q(
                                        ("consented_by__isnull", False),
                                        ("is_active", True),
                                        ("proposed_by__isnull", False),
                                    ),
                                    models.Q(("is_active", True), ("is_shipped", True)),
                                    _connector="OR",
                                ),
                                name="scheme_in_force_by_two",
                                violation_error_message="A scheme comes into force by two administrators.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("proposed_at", None),
                                    ("proposed_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="scheme_proposed_by_somebody",
                                violation_error_message="A proposal names who made it.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("discarded_at", None),
                                    models.Q(("is_active", False), ("proposed_at", None)),
                                    _connector="OR",
                                ),
                                name="scheme_discarded_never_held",
                                violation_error_message="Only a draft is discarded.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month_from__gte", 1), ("month_from__lte", 28)),
                                name="scheme_month_from_a_day_of_every_month",
                                violation_error_message="A month begins on a day from 1 to 28.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="scheme_in_force_stays",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."is_active")',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="1587a633768143c2eaa443105830f5111625c40f",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_scheme_in_force_stays_6dad8",
                                    table="assessment_scheme",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="scheme_proposed_stands_still",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN ((OLD.proposed_at IS NOT NULL OR NEW.is_active) AND (OLD.key IS DISTINCT FROM NEW.key OR OLD.version IS DISTINCT FROM NEW.version OR OLD.name IS DISTINCT FROM NEW.name OR OLD.subject IS DISTINCT FROM NEW.subject OR OLD.terms IS DISTINCT FROM NEW.terms OR OLD.grades IS DISTINCT FROM NEW.grades OR OLD.source IS DISTINCT FROM NEW.source OR OLD.valid_from IS DISTINCT FROM NEW.valid_from OR OLD.month_from IS DISTINCT FROM NEW.month_from))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="94b9d352681059a69b2e0d6b551e944605c00db9",
                                    operation="UPDATE",
                                    pgid="pgtrigger_scheme_proposed_stands_still_857da",
                                    table="assessment_scheme",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="scheme_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="2feebc8ebdedc8d96fc5ff2973dd165cb201e968",
                                    operation="DELETE",
                                    pgid="pgtrigger_scheme_kept_5af32",
                                    table="assessment_scheme",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="scheme_shipped_or_not",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."is_shipped" IS DISTINCT FROM (NEW."is_shipped"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="cd31f36280c651ddccf676f72904126dde547593",
                                    operation="UPDATE",
                                    pgid="pgtrigger_scheme_shipped_or_not_8531f",
                                    table="assessment_scheme",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SchemeStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="assessment.scheme",
                            ),
                        ),
                        (
                            "act",
                            models.CharField(
                                choices=[
                                    ("made", "Draft made"),
                                    ("changed", "Changed"),
                                    ("opened", "Opened to comment"),
                                    ("shut", "Comment ended"),
                                    ("proposed", "Proposed"),
                                    ("taken_back", "Proposal taken back"),
                                    ("refused", "Refused"),
                                    ("consented", "Consented"),
                                    ("discarded", "Discarded"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("words", models.TextField(blank=True)),
                        ("revision", models.PositiveIntegerField()),
                        ("content", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "step of a scheme",
                        "verbose_name_plural": "steps of schemes",
                        "ordering": ["at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("act", "refused"), _negated=True),
                                    models.Q(("words", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="scheme_refused_with_a_reason",
                                violation_error_message="A refusal says why.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="scheme_steps_stay",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="61fd33738f4cb7047b5b95339e2855bd5480161b",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_scheme_steps_stay_e7599",
                                    table="assessment_schemestep",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SchemeComment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to="assessment.scheme",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("unit", models.CharField(blank=True, max_length=100)),
                        ("at", models.DateTimeField()),
                        ("words", models.TextField()),
                        ("revision", models.PositiveIntegerField()),
                    ],
                    options={
                        "verbose_name": "comment on a scheme",
                        "verbose_name_plural": "comments on schemes",
                        "ordering": ["at", "pk"],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="scheme_comments_stay",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="41e72bb38ce0efd5fc8ec2f1133c4ffd7ebb7e25",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_scheme_comments_stay_b738c",
                                    table="assessment_schemecomment",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Snapshot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("period", models.CharField(max_length=24, verbose_name="period")),
                        ("start", models.DateTimeField()),
                        ("end", models.DateTimeField()),
                        ("as_of", models.DateTimeField(verbose_name="data time")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("provisional", "Provisional"),
                                    ("final", "Final"),
                                    ("correction", "Correction"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("street", "Streets"),
                                    ("community", "Communities"),
                                    ("cell", "Unit grid cells"),
                                    ("department", "Departments"),
                                    ("supervisor", "Supervisors"),
                                    ("acceptor", "Acceptors"),
                                    ("duty_chief", "Duty chiefs"),
                                    ("dispatcher", "Dispatchers"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="snapshots",
                                to="assessment.scheme",
                            ),
                        ),
                        ("content", models.TextField()),
                        ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                        (
                            "corrects",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="assessment.snapshot",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, verbose_name="reason")),
                        ("made_at", models.DateTimeField(verbose_name="made")),
                        ("published_at", models.DateTimeField(null=True, verbose_name="published")),
                    ],
                    options={
                        "verbose_name": "snapshot",
                        "verbose_name_plural": "snapshots",
                        "ordering": ["-start", "-as_of", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("period", "scheme", "kind", "as_of"), name="snapshot_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("corrects__isnull", False),
                                        ("kind", "correction"),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "correction"), _negated=True),
                                        ("corrects", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="snapshot_correction_names_the_old",
                                violation_error_message="A correction names what it corrects, and why.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("published_at", None),
                                    models.Q(
                                        (
                                            "subject__in",
                                            ("supervisor", "acceptor", "duty_chief", "dispatcher"),
                                        ),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="snapshot_of_people_not_public",
                                violation_error_message="Scores of people are never published.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="snapshots_are_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="3abbd7476635374a7f2b92f5af72a46930b05300",
                                    operation="DELETE",
                                    pgid="pgtrigger_snapshots_are_kept_15f7d",
                                    table="assessment_snapshot",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="snapshots_stay_as_they_were",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."as_of" IS DISTINCT FROM (NEW."as_of") OR OLD."content" IS DISTINCT FROM (NEW."content") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."end" IS DISTINCT FROM (NEW."end") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."period" IS DISTINCT FROM (NEW."period") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."scheme_id" IS DISTINCT FROM (NEW."scheme_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."start" IS DISTINCT FROM (NEW."start") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="f685fda00e741efdb76674cb336086bf0beac85b",
                                    operation="UPDATE",
                                    pgid="pgtrigger_snapshots_stay_as_they_were_7e743",
                                    table="assessment_snapshot",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Guarantee",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(2004)],
                                verbose_name="year",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "scheme_key",
                            models.SlugField(
                                help_text="Key of the scheme whose final score of the year decides.",
                                max_length=40,
                                verbose_name="scheme of scoring",
                            ),
                        ),
                        (
                            "bands",
                            models.JSONField(
                                help_text="A list; each with name, least (per cent of the full mark), above (true: only above it), refund, unit_times, unit_amount (yuan), person_times.",
                                verbose_name="bands",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(blank=True, max_length=200, verbose_name="source"),
                        ),
                    ],
                    options={
                        "verbose_name": "guarantee scheme",
                        "verbose_name_plural": "guarantee schemes",
                        "ordering": ["-year", "scheme_key"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("year", "scheme_key"),
                                name="guarantee_once_a_year",
                                violation_error_message="This year has a guarantee scheme of this score.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Depositor",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "guarantee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="depositors",
                                to="assessment.guarantee",
                                verbose_name="guarantee scheme",
                            ),
                        ),
                        (
                            "object_key",
                            models.CharField(
                                help_text="Code of the street, community or department.",
                                max_length=16,
                                verbose_name="code of what is scored",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("unit", "Unit"), ("person", "Person in office")],
                                max_length=6,
                                verbose_name="kind",
                            ),
                        ),
                        ("title", models.CharField(max_length=60, verbose_name="unit or office")),
                        (
                            "amount",
                            models.PositiveIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="deposit (yuan)",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "depositor",
                        "verbose_name_plural": "depositors",
                        "ordering": ["object_key", "-kind", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("guarantee", "object_key", "title"),
                                name="depositor_once",
                                violation_error_message="This depositor is listed already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)),
                                name="deposit_is_money",
                                violation_error_message="A deposit is more than nothing.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WarningRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("warning", "Yellow card"), ("veto", "Veto")],
                                max_length=7,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "scheme_key",
                            models.SlugField(max_length=40, verbose_name="scheme of scoring"),
                        ),
                        (
                            "span",
                            models.CharField(
                                choices=[
                                    ("week", "Week"),
                                    ("month", "Month"),
                                    ("quarter", "Quarter"),
                                    ("half", "Half-year"),
                                    ("year", "Year"),
                                ],
                                default="month",
                                max_length=7,
                                verbose_name="of each",
                            ),
                        ),
                        (
                            "measure",
                            models.CharField(
                                help_text="total, rank_from_last (1: the last), or the key of an indicator (in %).",
                                max_length=40,
                                verbose_name="figure",
                            ),
                        ),
                        (
                            "compared",
                            models.CharField(
                                choices=[
                                    ("lt", "less than"),
                                    ("le", "at most"),
                                    ("gt", "more than"),
                                    ("ge", "at least"),
                                ],
                                max_length=2,
                                verbose_name="is",
                            ),
                        ),
                        (
                            "bound",
                            models.DecimalField(
                                decimal_places=2, max_digits=9, verbose_name="bound"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(
                                blank=True, null=True, verbose_name="valid to (exclusive)"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "warning or veto",
                        "verbose_name_plural": "warnings and vetoes",
                        "ordering": ["scheme_key", "span", "kind", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="warning_rule_validity",
                                violation_error_message="Validity ends after it begins.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Settlement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "guarantee",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="settlement",
                                to="assessment.guarantee",
                                verbose_name="guarantee scheme",
                            ),
                        ),
                        (
                            "snapshot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="assessment.snapshot",
                            ),
                        ),
                        ("content", models.TextField()),
                        ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                        ("made_at", models.DateTimeField(verbose_name="made")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "yearly settlement",
                        "verbose_name_plural": "yearly settlements",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        models.Q(
                                            ("confirmed_by", models.F("made_by")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_confirmed_by_another",
                                violation_error_message="Somebody else confirms a settlement.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="settlements_are_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="d3d963f75a183f0e551d8bf6fb66b6e2f12cfaaf",
                                    operation="DELETE",
                                    pgid="pgtrigger_settlements_are_kept_f2602",
                                    table="assessment_settlement",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="settlements_stay_as_they_were",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."content" IS DISTINCT FROM (NEW."content") OR OLD."guarantee_id" IS DISTINCT FROM (NEW."guarantee_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."snapshot_id" IS DISTINCT FROM (NEW."snapshot_id"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="c2ff98f6ace820698dfac4d3c664adda4c420645",
                                    operation="UPDATE",
                                    pgid="pgtrigger_settlements_stay_as_they_were_ced67",
                                    table="assessment_settlement",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="settlements_are_confirmed_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."confirmed_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="6dce493ee69cff434efd2c26c89277c7f10526fa",
                                    operation="UPDATE",
                                    pgid="pgtrigger_settlements_are_confirmed_once_a0339",
                                    table="assessment_settlement",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "snapshot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to="assessment.snapshot",
                            ),
                        ),
                        ("words", models.TextField(max_length=2000, verbose_name="comment")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="recorded")),
                    ],
                    options={
                        "verbose_name": "comment on a period",
                        "verbose_name_plural": "comments on periods",
                        "ordering": ["id"],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="comments_stay",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="a6ddca4544c6ee812bc243632703a76fb9fb49e7",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_comments_stay_bc60a",
                                    table="assessment_comment",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sheet",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.SlugField(max_length=40, unique=True, verbose_name="key")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("street", "Streets"),
                                    ("community", "Communities"),
                                    ("department", "Departments"),
                                ],
                                max_length=12,
                                verbose_name="scores",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "inspection",
                                        "Inspection: points are deducted from the full mark",
                                    ),
                                    ("bonus", "Bonus: points are added to the score"),
                                    ("penalty", "Penalty: points are taken from the score"),
                                ],
                                default="inspection",
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "full",
                            models.PositiveSmallIntegerField(
                                default=100,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="full mark",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(blank=True, max_length=200, verbose_name="source"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                    ],
                    options={
                        "verbose_name": "scoring sheet",
                        "verbose_name_plural": "scoring sheets",
                        "ordering": ["key"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("full__gte", 1)),
                                name="sheet_full_mark",
                                violation_error_message="The full mark is at least 1.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="sheet_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="c5dc2d45d065bc6b54ba5b135b7e9a39e8240c26",
                                    operation="DELETE",
                                    pgid="pgtrigger_sheet_kept_94e05",
                                    table="assessment_sheet",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="sheet_scores_as_it_did",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."full" IS DISTINCT FROM (NEW."full") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="0d3daa3c75a70dbd9c22fa30e6e9ef38c228bcb3",
                                    operation="UPDATE",
                                    pgid="pgtrigger_sheet_scores_as_it_did_111b1",
                                    table="assessment_sheet",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "sheet",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="assessment.sheet",
                                verbose_name="sheet",
                            ),
                        ),
                        ("code", models.CharField(max_length=12, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="what is judged")),
                        (
                            "most",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("1"),
                                max_digits=5,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal("0.01"))
                                ],
                                verbose_name="most points",
                            ),
                        ),
                        (
                            "needs_photo",
                            models.BooleanField(default=True, verbose_name="needs a photo"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                    ],
                    options={
                        "verbose_name": "item of a sheet",
                        "verbose_name_plural": "items of sheets",
                        "ordering": ["sheet", "code"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("sheet", "code"),
                                name="sheet_item_once",
                                violation_error_message="The sheet has an item with this code already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("most__gt", 0)),
                                name="sheet_item_points",
                                violation_error_message="An item is worth more than nothing.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="sheet_item_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="2be750ab699d63f0fef66e3102d70220263e4e88",
                                    operation="DELETE",
                                    pgid="pgtrigger_sheet_item_kept_31038",
                                    table="assessment_sheetitem",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="assessment.sheetitem",
                                verbose_name="item",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        (
                            "points",
                            models.DecimalField(
                                decimal_places=2, max_digits=5, verbose_name="points"
                            ),
                        ),
                        ("found_at", models.DateTimeField(verbose_name="found")),
                        ("at", models.DateTimeField(verbose_name="recorded")),
                        (
                            "place",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="place in words"
                            ),
                        ),
                        ("words", models.TextField(max_length=500, verbose_name="reason")),
                        (
                            "assessor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="assessor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "inspection entry",
                        "verbose_name_plural": "inspection entries",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["item", "found_at"], name="entry_by_item")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("community__isnull", True),
                                        ("department__isnull", True),
                                        ("street__isnull", False),
                                    ),
                                    models.Q(
                                        ("community__isnull", False),
                                        ("department__isnull", True),
                                        ("street__isnull", True),
                                    ),
                                    models.Q(
                                        ("community__isnull", True),
                                        ("department__isnull", False),
                                        ("street__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="entry_of_one_object",
                                violation_error_message="An entry scores one street, community or department.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("points__gte", 0)),
                                name="entry_points",
                                violation_error_message="Points are not below nothing.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("found_at__lte", models.F("at"))),
                                name="entry_found_before_recorded",
                                violation_error_message="Nothing is recorded before it was found.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="entries_stay",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="4126882e8d0d0cd298ff0cc955cbfe78feb2d0de",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_entries_stay_27150",
                                    table="assessment_entry",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntryPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="assessment.entry",
                            ),
                        ),
                        ("file", models.FileField(db_index=True, upload_to="")),
                        ("thumbnail", models.FileField(upload_to="")),
                        ("sha256", models.BinaryField(max_length=32)),
                    ],
                    options={
                        "verbose_name": "photo of an inspection",
                        "verbose_name_plural": "photos of inspections",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="EntryStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="assessment.entry",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("read", "Read by the one it scores"),
                                    ("appealed", "Appealed"),
                                    ("upheld", "Appeal upheld: it does not count"),
                                    ("refused", "Appeal refused: it counts"),
                                    ("withdrawn", "Taken back: it does not count"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "words",
                            models.TextField(blank=True, max_length=500, verbose_name="reason"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="recorded")),
                    ],
                    options={
                        "verbose_name": "step of an inspection entry",
                        "verbose_name_plural": "steps of inspection entries",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "step"), name="entry_step_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("step__in", ["upheld", "refused", "withdrawn"])
                                ),
                                fields=("entry",),
                                name="entry_decided_once",
                                violation_error_message="This entry was decided already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("step", "read"),
                                    models.Q(("words", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="entry_step_has_words",
                                violation_error_message="A reason in words is required.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="entry_steps_stay",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="0d50598b1a177fd2e40b9d14a6db6603de659fcc",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_entry_steps_stay_85e69",
                                    table="assessment_entrystep",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Subscription",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="figure_subscriptions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="reader",
                            ),
                        ),
                        (
                            "span",
                            models.CharField(
                                choices=[
                                    ("day", "Day"),
                                    ("week", "Week"),
                                    ("month", "Month"),
                                    ("quarter", "Quarter"),
                                    ("half", "Half-year"),
                                    ("year", "Year"),
                                ],
                                max_length=7,
                                verbose_name="of each",
                            ),
                        ),
                        (
                            "form",
                            models.CharField(
                                choices=[("pdf", "PDF"), ("xlsx", "XLSX")],
                                max_length=4,
                                verbose_name="file",
                            ),
                        ),
                        (
                            "choices",
                            models.JSONField(default=dict, verbose_name="choices of the page"),
                        ),
                        ("since", models.DateTimeField(verbose_name="asked for")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                    ],
                    options={
                        "verbose_name": "overview by e-mail",
                        "verbose_name_plural": "overviews by e-mail",
                        "ordering": ["user", "span", "form", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("user", "span", "form", "choices"),
                                name="subscription_once",
                                violation_error_message="You get this already.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mailing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "subscription",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mailings",
                                to="assessment.subscription",
                            ),
                        ),
                        ("period", models.CharField(max_length=24, verbose_name="period")),
                        ("owed_at", models.DateTimeField(verbose_name="owed since")),
                        ("next_at", models.DateTimeField(verbose_name="next attempt")),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
                        ),
                        ("done_at", models.DateTimeField(null=True, verbose_name="sent")),
                        ("dead_at", models.DateTimeField(null=True, verbose_name="given up")),
                        (
                            "last_error",
                            models.CharField(blank=True, max_length=80, verbose_name="last error"),
                        ),
                    ],
                    options={
                        "verbose_name": "mailing of an overview",
                        "verbose_name_plural": "mailings of overviews",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("dead_at", None), ("done_at", None)),
                                fields=["next_at"],
                                name="mailing_owed",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("subscription", "period"), name="mailing_once"
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="mailing_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="80046682a900d763ecccef286f6265f0a6f23b24",
                                    operation="DELETE",
                                    pgid="pgtrigger_mailing_kept_175d5",
                                    table="assessment_mailing",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DailySum",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "span",
                            models.CharField(choices=[("d", "Day"), ("m", "Month")], max_length=1),
                        ),
                        ("first", models.DateField()),
                        (
                            "grain",
                            models.CharField(
                                choices=[
                                    ("case", "Case"),
                                    ("turn", "Turn of a department"),
                                    ("task", "Task of a supervisor"),
                                    ("stay", "Stay at a desk"),
                                    ("call", "Call back"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("base", models.CharField(max_length=16)),
                        ("by", models.CharField(blank=True, max_length=10)),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.street",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                            ),
                        ),
                        ("state", models.CharField(blank=True, max_length=12)),
                        (
                            "counts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "sum of a day",
                        "verbose_name_plural": "sums of days",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "grain",
                                    "span",
                                    "first",
                                    "base",
                                    "by",
                                    "street",
                                    "catalogue_class",
                                    "department",
                                    "state",
                                ),
                                name="daily_sum_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SumsState",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("shape", models.CharField(max_length=64)),
                        ("known_until", models.DateTimeField(null=True)),
                        ("edition", models.UUIDField(default=uuid.uuid4)),
                    ],
                    options={
                        "verbose_name": "state of the sums",
                        "verbose_name_plural": "state of the sums",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)), name="sums_state_one"
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
