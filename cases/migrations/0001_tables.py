"""Tables of the cases: what happens to them, who waits for what, calendar, clock numbers, notices.

Each comes with its constraints, indexes and guards.
"""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import cases.models.calendar
import cases.models.hours
from parts.migrations._tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_case"),
        ("cases", "0004_reporter_looks_and_boxes"),
        ("cases", "0005_lists_by_index"),
        ("cases", "0007_what_follows_the_end"),
        ("cases", "0008_photo_files_by_name"),
        ("cases", "0009_clock_numbers"),
        ("cases", "0010_calendar_changes"),
        ("cases", "0011_working_hours"),
        ("cases", "0012_outgoing_notices"),
        ("cases", "0013_ended_tasks"),
        ("cases", "0014_photo_hash_bands"),
        ("cases", "0016_numbers_desks_first_contact"),
        ("cases", "0017_days_of_desks"),
        ("cases", "0018_desks_without_figures"),
        ("cases", "0019_missed_matters"),
        ("cases", "0020_words_beside_events"),
        ("cases", "0021_open_cases_by_street"),
        ("cases", "0023_citizens_without_account"),
        ("cases", "0024_notices_of_other_things"),
        ("cases", "0025_forced_closes_that_go_on"),
        ("cases", "0026_numbers_of_scores"),
        ("cases", "0027_whom_a_call_was_to"),
        ("cases", "0028_openings_of_each"),
    ]

    initial = True

    dependencies = [
        ("parts", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name="CalendarYear",
                    fields=[
                        (
                            "year",
                            models.PositiveSmallIntegerField(primary_key=True, serialize=False),
                        ),
                        ("source", models.CharField(max_length=200, verbose_name="source")),
                        (
                            "published_on",
                            models.DateField(blank=True, null=True, verbose_name="published"),
                        ),
                    ],
                    options={
                        "verbose_name": "calendar year",
                        "verbose_name_plural": "calendar years",
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        (
                            "on",
                            models.DateField(
                                primary_key=True, serialize=False, verbose_name="date"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("holiday", "Holiday"), ("workday", "Worked weekend day")],
                                max_length=7,
                                verbose_name="kind",
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=40, verbose_name="name")),
                    ],
                    options={
                        "verbose_name": "calendar day",
                        "verbose_name_plural": "calendar days",
                        "ordering": ["on"],
                    },
                ),
                migrations.CreateModel(
                    name="ProvisionalDays",
                    fields=[
                        (
                            "first_year",
                            models.PositiveSmallIntegerField(
                                primary_key=True, serialize=False, verbose_name="from the year"
                            ),
                        ),
                        (
                            "days",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=5),
                                blank=True,
                                default=list,
                                help_text="Month and day with commas between, such as 01-01,05-01,10-01.",
                                size=None,
                                validators=[cases.models.calendar.check_days_of_year],
                                verbose_name="days off",
                            ),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="source or note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "days off of years not yet published",
                        "verbose_name_plural": "days off of years not yet published",
                        "ordering": ["-first_year"],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarChange",
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
                        ("what", models.CharField(max_length=200, verbose_name="what changed")),
                        (
                            "actor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="changed")),
                        (
                            "holds_at",
                            models.DateTimeField(verbose_name="clocks are reckoned anew from"),
                        ),
                        (
                            "recomputed_at",
                            models.DateTimeField(
                                null=True, verbose_name="all clocks reckoned anew"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "change of the calendar",
                        "verbose_name_plural": "changes of the calendar",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("recomputed_at__isnull", True)),
                                fields=["holds_at"],
                                name="calendar_change_pending",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClockNumber",
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
                            "key",
                            models.CharField(
                                choices=[
                                    ("stage.REPORTED", "To be accepted"),
                                    ("stage.VERIFYING", "Being verified"),
                                    ("stage.SELF_HANDLED", "Self-handled, to be reviewed"),
                                    ("stage.TO_FILE", "To be filed"),
                                    ("stage.TO_DISPATCH", "To be dispatched"),
                                    ("stage.TO_CHECK", "To be checked"),
                                    ("stage.CHECKING", "Being checked"),
                                    ("stage.TO_CLOSE", "To be closed"),
                                    ("review.department", "pre-approval by a lead"),
                                    ("review.dispatcher", "review by a dispatcher"),
                                    ("review.duty_chief", "review by the duty chief"),
                                    ("lamp.green", "a lamp is green up to"),
                                    ("verify.SUPERVISOR", "Supervisor's report"),
                                    ("verify.LEADER", "Assigned by a leader"),
                                    ("verify.SUPERIOR", "Assigned from above"),
                                    ("verify.VIDEO", "Video"),
                                    (
                                        "self.shortest",
                                        "self-handling: before and after at least apart",
                                    ),
                                    (
                                        "self.longest",
                                        "self-handling: before and after at most apart",
                                    ),
                                    (
                                        "self.metres",
                                        "self-handling: photos at most so far from the place",
                                    ),
                                    (
                                        "relapse.days",
                                        "filed again after closing is a relapse within",
                                    ),
                                    (
                                        "miss.minutes",
                                        "a patrol may have missed a matter after walking for",
                                    ),
                                    (
                                        "object.days",
                                        "a supervisor objects to a missed matter within",
                                    ),
                                    ("undo.seconds", "a dispatch or return can be undone for"),
                                    (
                                        "designation.returns",
                                        "the next dispatch is a designation after approved returns",
                                    ),
                                    (
                                        "check.automatic",
                                        "checks are sent automatically after a finish",
                                    ),
                                    (
                                        "return.share",
                                        "a return is asked within the first part of the limit",
                                    ),
                                    ("return.least", "a return may be asked for at least"),
                                    ("extension.times", "extensions of a turn at most"),
                                    ("suspension.times", "suspensions of a turn at most"),
                                    ("suspension.days", "a suspension ends within"),
                                    ("deferral.times", "deferrals of a turn at most"),
                                    ("deferral.days", "a deferral ends within"),
                                    ("appeal.days", "an appeal is asked after the end within"),
                                    ("shirking.refusals", "it is shirking from refused returns on"),
                                    (
                                        "force.day_ends",
                                        "what is filed later is closed at the end of the next day",
                                    ),
                                    (
                                        "force.times",
                                        "the officials decide after forced closes of a matter",
                                    ),
                                    (
                                        "force.goes_on",
                                        "what the clock closes by force goes on in a case that follows",
                                    ),
                                    ("reconsider.days", "a refused report is reconsidered within"),
                                    ("reopen.days", "a closed case is reopened within"),
                                    ("rate.days", "citizens rate within"),
                                    (
                                        "purge.days",
                                        "reporters' names and numbers are kept after the end for",
                                    ),
                                    ("notices.days", "notices that were delivered are kept for"),
                                    ("final.days", "a period is final so long after its end"),
                                    ("inspection.days", "an inspection is appealed against within"),
                                    (
                                        "ranking.least",
                                        "a rate of fewer than these is shown and not ranked",
                                    ),
                                ],
                                max_length=24,
                                verbose_name="parameter",
                            ),
                        ),
                        ("value", models.PositiveIntegerField(verbose_name="value")),
                        ("valid_from", models.DateTimeField(verbose_name="valid from")),
                    ],
                    options={
                        "verbose_name": "limit or number of the clocks",
                        "verbose_name_plural": "limits and numbers of the clocks",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "valid_from"),
                                name="clock_number_from_once",
                                violation_error_message="This number is set from that instant on already.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
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
                            "number",
                            models.CharField(
                                max_length=17, unique=True, verbose_name="case number"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("part", "Part"), ("event", "Event")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("REPORTED", "To be accepted"),
                                    ("VERIFYING", "Being verified"),
                                    ("SELF_HANDLED", "Self-handled, to be reviewed"),
                                    ("TO_FILE", "To be filed"),
                                    ("TO_DISPATCH", "To be dispatched"),
                                    ("HANDLING", "Being handled"),
                                    ("SUSPENDED", "Suspended"),
                                    ("TO_CHECK", "To be checked"),
                                    ("CHECKING", "Being checked"),
                                    ("TO_CLOSE", "To be closed"),
                                    ("CLOSED", "Closed"),
                                    ("FORCE_CLOSED", "Closed by force"),
                                    ("NOT_ACCEPTED", "Not accepted"),
                                    ("NOT_FILED", "Not filed"),
                                    ("VOIDED", "Voided"),
                                    ("MERGED", "Merged"),
                                ],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("round", models.PositiveSmallIntegerField(default=1)),
                        (
                            "part",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.part",
                            ),
                        ),
                        ("no_part_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "point",
                            django.contrib.gis.db.models.fields.PointField(
                                blank=True, null=True, spatial_index=False, srid=4490
                            ),
                        ),
                        ("accuracy_m", models.FloatField(blank=True, null=True)),
                        (
                            "placed_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("gps", "Position of the device"),
                                    ("manual", "Set by hand"),
                                    ("part", "Place of the part"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "place_text",
                            models.CharField(blank=True, max_length=200, verbose_name="place"),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.cell",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.community",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.street",
                            ),
                        ),
                        (
                            "description",
                            models.TextField(
                                blank=True, max_length=2000, verbose_name="description"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("SUPERVISOR", "Supervisor's report"),
                                    ("HOTLINE", "Hotline"),
                                    ("LETTER_VISIT", "Letter or visit"),
                                    ("PUBLIC", "Public"),
                                    ("MEDIA", "Media"),
                                    ("LEADER", "Assigned by a leader"),
                                    ("SUPERIOR", "Assigned from above"),
                                    ("VIDEO", "Video"),
                                    ("SENSOR", "Sensor"),
                                ],
                                max_length=12,
                                verbose_name="first source",
                            ),
                        ),
                        (
                            "sources",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("SUPERVISOR", "Supervisor's report"),
                                        ("HOTLINE", "Hotline"),
                                        ("LETTER_VISIT", "Letter or visit"),
                                        ("PUBLIC", "Public"),
                                        ("MEDIA", "Media"),
                                        ("LEADER", "Assigned by a leader"),
                                        ("SUPERIOR", "Assigned from above"),
                                        ("VIDEO", "Video"),
                                        ("SENSOR", "Sensor"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "first_contact",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("reported_at", models.DateTimeField(verbose_name="reported")),
                        ("earliest_report_at", models.DateTimeField(blank=True, null=True)),
                        ("occurred_at", models.DateTimeField(verbose_name="seen on site")),
                        ("verify_outcome", models.CharField(blank=True, max_length=10)),
                        ("verify_waived_reason", models.CharField(blank=True, max_length=500)),
                        (
                            "standard",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.filingstandard",
                            ),
                        ),
                        ("standard_condition", models.TextField(blank=True)),
                        ("closing_condition", models.TextField(blank=True)),
                        (
                            "limit_value",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=7, null=True
                            ),
                        ),
                        ("limit_unit", models.CharField(blank=True, max_length=12)),
                        ("limit_area", models.CharField(blank=True, max_length=1)),
                        (
                            "filed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="filed"),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("force_close_at", models.DateTimeField(blank=True, null=True)),
                        ("ever_finished", models.BooleanField(default=False)),
                        ("state_since", models.DateTimeField()),
                        (
                            "due_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When the stage that runs now is due.",
                                null=True,
                                verbose_name="due",
                            ),
                        ),
                        ("green_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="ended"),
                        ),
                        ("to_call_back", models.BooleanField(db_default=False, default=False)),
                        ("result", models.TextField(blank=True, verbose_name="result")),
                        ("self_handled", models.BooleanField(default=False)),
                        (
                            "root",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="cases.case",
                            ),
                        ),
                        (
                            "relapse_of",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relapses",
                                to="cases.case",
                            ),
                        ),
                        ("last_seq", models.PositiveIntegerField(default=0)),
                        (
                            "last_sha256",
                            models.BinaryField(
                                default=b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
                                max_length=32,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case",
                        "verbose_name_plural": "cases",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["due_at", "id"],
                                name="case_open_due",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["street", "state", "-id"],
                                name="case_open_street",
                            ),
                            models.Index(
                                models.OrderBy(models.F("reported_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_newest",
                            ),
                            models.Index(
                                models.F("state"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_state_newest",
                            ),
                            models.Index(
                                fields=["street", "-id"],
                                include=("state",),
                                name="case_street_newest",
                            ),
                            models.Index(
                                models.F("community"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_community_newest",
                            ),
                            models.Index(
                                models.F("catalogue_class"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_class_newest",
                            ),
                            models.Index(
                                models.F("source"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_source_newest",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("force_close_at__isnull", False)
                                ),
                                fields=["force_close_at"],
                                name="case_force_close_due",
                            ),
                            models.Index(
                                models.F("first_contact"),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("first_contact__isnull", False)
                                ),
                                name="case_first_contact",
                            ),
                            models.Index(
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("to_call_back", True)),
                                name="case_to_call_back",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at"],
                                name="case_ended",
                            ),
                            models.Index(
                                models.F("cell"),
                                models.F("catalogue_class"),
                                models.F("state_since"),
                                name="case_cell_class",
                            ),
                            models.Index(
                                models.F("reported_by"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="case_reporter_newest",
                            ),
                            models.Index(
                                condition=models.Q(("part__isnull", False)),
                                fields=["part"],
                                name="case_part",
                            ),
                            models.Index(
                                condition=models.Q(("merged_into__isnull", False)),
                                fields=["merged_into"],
                                name="case_merged",
                            ),
                            models.Index(
                                condition=models.Q(("relapse_of__isnull", False)),
                                fields=["relapse_of"],
                                name="case_relapse",
                            ),
                            models.Index(
                                condition=models.Q(("root__isnull", False)),
                                fields=["root"],
                                name="case_root",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        (
                                            "state__in",
                                            [
                                                "CLOSED",
                                                "FORCE_CLOSED",
                                                "MERGED",
                                                "NOT_ACCEPTED",
                                                "NOT_FILED",
                                                "VOIDED",
                                            ],
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state__in",
                                                [
                                                    "CLOSED",
                                                    "FORCE_CLOSED",
                                                    "MERGED",
                                                    "NOT_ACCEPTED",
                                                    "NOT_FILED",
                                                    "VOIDED",
                                                ],
                                            ),
                                            _negated=True,
                                        ),
                                        ("ended_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_ended_at_iff_ended",
                                violation_error_message="A case has an end exactly when it has ended.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            [
                                                "HANDLING",
                                                "SUSPENDED",
                                                "TO_CHECK",
                                                "CHECKING",
                                                "TO_CLOSE",
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("cell__isnull", False),
                                        ("limit_value__isnull", False),
                                        ("standard__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_handling_has_standard",
                                violation_error_message="No case is handled without a filing standard.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("merged_into__isnull", False), ("state", "MERGED")),
                                    models.Q(
                                        models.Q(("state", "MERGED"), _negated=True),
                                        ("merged_into__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_merged_iff_leading",
                                violation_error_message="A merged case points at its leading case.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ever_finished", False),
                                    models.Q(
                                        (
                                            "state__in",
                                            ["NOT_ACCEPTED", "NOT_FILED", "MERGED", "VOIDED"],
                                        ),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="case_finished_never_unfiled",
                                violation_error_message="A case that a department has finished cannot leave the figures.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cell__isnull", True),
                                        ("community__isnull", True),
                                        ("street__isnull", True),
                                    ),
                                    models.Q(
                                        ("cell__isnull", False),
                                        ("community__isnull", False),
                                        ("street__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_located_whole",
                                violation_error_message="Cell, community and street belong together.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Event",
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="cases.case",
                            ),
                        ),
                        ("seq", models.PositiveIntegerField()),
                        ("action", models.CharField(max_length=24)),
                        (
                            "actor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("role", models.CharField(max_length=16)),
                        ("occurred_at", models.DateTimeField()),
                        ("at", models.DateTimeField()),
                        ("time_flagged", models.BooleanField(default=False)),
                        ("from_state", models.CharField(blank=True, max_length=12)),
                        ("to_state", models.CharField(max_length=12)),
                        ("reason", models.TextField(blank=True)),
                        ("changes", models.JSONField(default=dict)),
                        (
                            "words_salt",
                            models.BinaryField(db_default=b"", default=b"", max_length=16),
                        ),
                        ("words_sha256", models.BinaryField(max_length=32, null=True)),
                        ("prev_sha256", models.BinaryField(max_length=32)),
                        ("sha256", models.BinaryField(max_length=32)),
                    ],
                    options={
                        "verbose_name": "history entry",
                        "verbose_name_plural": "history entries",
                        "ordering": ["case", "seq"],
                        "indexes": [
                            models.Index(
                                models.F("actor"),
                                models.OrderBy(models.F("case"), descending=True),
                                name="event_actor_case",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("action", "supervise"),
                                    models.Q(
                                        ("action", "urge"),
                                        models.Q(("role", "clock"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                fields=["case"],
                                name="event_pressed",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "seq"), name="event_seq_in_case"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("occurred_at__lte", models.F("at"))),
                                name="event_occurred_not_after_recorded",
                                violation_error_message="Nothing is recorded before it occurs.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="events_are_appended_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="e18b2c6ccf020f6bed7a232b4705e92ecbe2cf4a",
                                    operation="DELETE",
                                    pgid="pgtrigger_events_are_appended_only_caeca",
                                    table="cases_event",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="events_lose_words_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE texts text[];",
                                    func="\n    texts := ARRAY['description', 'place_text', 'no_part_reason', 'words', 'result', 'waiver'];\n    IF OLD.words_sha256 IS NOT NULL AND length(NEW.words_salt) = 0\n        AND NEW.reason IN (OLD.reason, '（已清除）')\n        AND NEW.changes - texts = OLD.changes - texts\n        AND to_jsonb(NEW) - ARRAY['reason', 'changes', 'words_salt']\n            = to_jsonb(OLD) - ARRAY['reason', 'changes', 'words_salt']\n        AND NOT EXISTS (\n            SELECT FROM jsonb_each(NEW.changes) AS said (key, value)\n            WHERE key = ANY (texts)\n                AND value NOT IN ('\"\"', '[\"（已清除）\", \"（已清除）\"]', '\"（已清除）\"'))\n    THEN\n        RETURN NEW;\n    END IF;\n    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;\n",
                                    hash="2aa7b85e76883534be0067ae745cb9c69609bf33",
                                    operation="UPDATE",
                                    pgid="pgtrigger_events_lose_words_only_a33dd",
                                    table="cases_event",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="events_are_not_truncated",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF current_setting('gridcity.may_truncate', true) = 'on' THEN\n                RETURN NULL;\n            END IF;\n            RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;\n        ",
                                    hash="52c76f3397eb1f07b31bfb9cabee071926cf6963",
                                    level="STATEMENT",
                                    operation="TRUNCATE",
                                    pgid="pgtrigger_events_are_not_truncated_6c559",
                                    table="cases_event",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Photo",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.case",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.event",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("near", "Near"),
                                    ("far", "Far"),
                                    ("before", "Before handling"),
                                    ("after", "After handling"),
                                    ("other", "Other"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("file", models.FileField(db_index=True, upload_to="")),
                        ("thumbnail", models.FileField(upload_to="")),
                        ("width", models.PositiveIntegerField()),
                        ("height", models.PositiveIntegerField()),
                        ("sha256", models.BinaryField(max_length=32)),
                        ("perceptual_hash", models.BigIntegerField()),
                        (
                            "hash_bands",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func(
                                    models.F("perceptual_hash"),
                                    template="ARRAY[((%(expressions)s >> 0) & 65535)::int + 0, ((%(expressions)s >> 16) & 65535)::int + 65536, ((%(expressions)s >> 32) & 65535)::int + 131072, ((%(expressions)s >> 48) & 65535)::int + 196608]",
                                ),
                                output_field=django.contrib.postgres.fields.ArrayField(
                                    base_field=models.IntegerField(), size=None
                                ),
                            ),
                        ),
                        ("taken_at", models.DateTimeField(null=True)),
                        (
                            "point",
                            django.contrib.gis.db.models.fields.PointField(
                                null=True, spatial_index=False, srid=4490
                            ),
                        ),
                        ("accuracy_m", models.FloatField(null=True)),
                        (
                            "placed_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("gps", "Position of the device"),
                                    ("manual", "Set by hand"),
                                    ("part", "Place of the part"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("added_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "photo",
                        "verbose_name_plural": "photos",
                        "ordering": ["id"],
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["hash_bands"], name="photo_hash_bands"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reporter",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reporters",
                                to="cases.case",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("SUPERVISOR", "Supervisor's report"),
                                    ("HOTLINE", "Hotline"),
                                    ("LETTER_VISIT", "Letter or visit"),
                                    ("PUBLIC", "Public"),
                                    ("MEDIA", "Media"),
                                    ("LEADER", "Assigned by a leader"),
                                    ("SUPERIOR", "Assigned from above"),
                                    ("VIDEO", "Video"),
                                    ("SENSOR", "Sensor"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=64, verbose_name="name")),
                        (
                            "phone",
                            models.CharField(blank=True, max_length=32, verbose_name="phone"),
                        ),
                        (
                            "may_call",
                            models.BooleanField(default=False, verbose_name="may be called"),
                        ),
                        ("salt", models.BinaryField(max_length=16)),
                        ("query_code_sha256", models.BinaryField(max_length=32, null=True)),
                        ("purged_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "reporter",
                        "verbose_name_plural": "reporters",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("phone", ""), _negated=True),
                                fields=["phone"],
                                name="reporter_phone",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReporterLook",
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
                            "reporter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="looks",
                                to="cases.reporter",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="looked")),
                    ],
                    options={
                        "verbose_name": "look at a reporter",
                        "verbose_name_plural": "looks at reporters",
                    },
                ),
                migrations.CreateModel(
                    name="Rating",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ratings",
                                to="cases.case",
                            ),
                        ),
                        (
                            "reporter",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rating",
                                to="cases.reporter",
                            ),
                        ),
                        (
                            "degree",
                            models.CharField(
                                choices=[
                                    ("very_good", "Very satisfied"),
                                    ("good", "Satisfied"),
                                    ("fair", "Basically satisfied"),
                                    ("poor", "Dissatisfied"),
                                    ("very_poor", "Very dissatisfied"),
                                ],
                                max_length=9,
                                verbose_name="satisfaction",
                            ),
                        ),
                        (
                            "words",
                            models.TextField(blank=True, max_length=500, verbose_name="words"),
                        ),
                        ("at", models.DateTimeField(verbose_name="rated")),
                    ],
                    options={
                        "verbose_name": "rating",
                        "verbose_name_plural": "ratings",
                    },
                ),
                migrations.CreateModel(
                    name="CallBack",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="call_backs",
                                to="cases.case",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="call_backs",
                                to="cases.reporter",
                            ),
                        ),
                        (
                            "called_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="called")),
                        ("valid", models.BooleanField(verbose_name="valid")),
                        ("contacted", models.BooleanField(verbose_name="contacted")),
                        ("resolved", models.BooleanField(null=True, verbose_name="resolved")),
                        (
                            "satisfaction",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("very_good", "Very satisfied"),
                                    ("good", "Satisfied"),
                                    ("fair", "Basically satisfied"),
                                    ("poor", "Dissatisfied"),
                                    ("very_poor", "Very dissatisfied"),
                                ],
                                max_length=9,
                                verbose_name="satisfaction",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "call back",
                        "verbose_name_plural": "calls back",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contacted", True), ("resolved__isnull", False)),
                                    models.Q(
                                        ("contacted", False),
                                        ("resolved__isnull", True),
                                        ("satisfaction", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="call_back_answers_iff_contacted",
                                violation_error_message="Only who was reached can say whether it is solved.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WorkingHours",
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
                            "working_periods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text='Pairs of local times, such as [["08:00", "12:00"], ["14:00", "18:00"]].',
                                validators=[cases.models.hours.check_working_periods],
                                verbose_name="working periods",
                            ),
                        ),
                        (
                            "hours_per_working_day",
                            models.DecimalField(
                                decimal_places=2,
                                default=8,
                                max_digits=4,
                                verbose_name="hours of a working day",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "note",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="source or note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "working hours of the district",
                        "verbose_name_plural": "working hours of the district",
                        "ordering": ["-valid_from"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("valid_from",),
                                name="working_hours_from_once",
                                violation_error_message="Working hours from that day on are set already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("hours_per_working_day__gt", 0),
                                    ("hours_per_working_day__lte", 24),
                                    models.Q(("working_periods", []), _negated=True),
                                ),
                                name="working_hours_in_a_day",
                                violation_error_message="The district has working periods, and a working day of at most 24 hours.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeskHours",
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
                            "working_periods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text='Pairs of local times, such as [["08:00", "12:00"], ["14:00", "18:00"]].',
                                validators=[cases.models.hours.check_working_periods],
                                verbose_name="working periods",
                            ),
                        ),
                        (
                            "hours_per_working_day",
                            models.DecimalField(
                                decimal_places=2,
                                default=8,
                                max_digits=4,
                                verbose_name="hours of a working day",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "note",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="source or note"
                            ),
                        ),
                        (
                            "desk",
                            models.CharField(
                                choices=[
                                    ("acceptor", "acceptor"),
                                    ("duty_chief", "duty chief"),
                                    ("dispatcher", "dispatcher"),
                                ],
                                max_length=10,
                                verbose_name="desk",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "working hours of a desk",
                        "verbose_name_plural": "working hours of desks",
                        "ordering": ["desk", "-valid_from"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("desk", "valid_from"),
                                name="desk_hours_from_once",
                                violation_error_message="Working hours from that day on are set already.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Miss",
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
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="miss",
                                to="cases.case",
                                verbose_name="case",
                            ),
                        ),
                        (
                            "supervisor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="misses",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="supervisor",
                            ),
                        ),
                        ("shift", models.CharField(max_length=16, verbose_name="shift")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("SUPERVISOR", "Supervisor's report"),
                                    ("HOTLINE", "Hotline"),
                                    ("LETTER_VISIT", "Letter or visit"),
                                    ("PUBLIC", "Public"),
                                    ("MEDIA", "Media"),
                                    ("LEADER", "Assigned by a leader"),
                                    ("SUPERIOR", "Assigned from above"),
                                    ("VIDEO", "Video"),
                                    ("SENSOR", "Sensor"),
                                ],
                                max_length=12,
                                verbose_name="source",
                            ),
                        ),
                        ("reported_at", models.DateTimeField(verbose_name="reported")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmed by",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(verbose_name="confirmed")),
                        ("object_until", models.DateTimeField(verbose_name="objection until")),
                        ("objected_at", models.DateTimeField(null=True, verbose_name="objected")),
                        (
                            "objection",
                            models.TextField(blank=True, max_length=500, verbose_name="objection"),
                        ),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="answered by",
                            ),
                        ),
                        (
                            "answer",
                            models.TextField(blank=True, max_length=500, verbose_name="answer"),
                        ),
                        (
                            "is_upheld",
                            models.BooleanField(default=False, verbose_name="objection upheld"),
                        ),
                    ],
                    options={
                        "verbose_name": "missed matter",
                        "verbose_name_plural": "missed matters",
                        "ordering": ["-confirmed_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("answered_at", None), ("objected_at__isnull", False)
                                ),
                                fields=["objected_at"],
                                name="miss_objection_waits",
                            ),
                            models.Index(
                                models.F("supervisor"),
                                models.OrderBy(models.F("confirmed_at"), descending=True),
                                name="miss_of_supervisor",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("objected_at", None), ("objection", "")),
                                    models.Q(
                                        ("objected_at__lte", models.F("object_until")),
                                        models.Q(("objection", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="miss_objection_in_time_and_in_words",
                                violation_error_message="An objection has words and comes in time.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""),
                                        ("answered_at", None),
                                        ("answered_by", None),
                                        ("is_upheld", False),
                                    ),
                                    models.Q(
                                        ("answered_at__gte", models.F("objected_at")),
                                        ("objected_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="miss_answer_follows_the_objection",
                                violation_error_message="An answer follows an objection, in words.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="miss_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ee5af6aea770acbf1388537e3bbdc8bb6905e7d1",
                                    operation="DELETE",
                                    pgid="pgtrigger_miss_kept_f3f40",
                                    table="cases_miss",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="miss_charged_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."supervisor_id" IS DISTINCT FROM (NEW."supervisor_id") OR OLD."shift" IS DISTINCT FROM (NEW."shift") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."reported_at" IS DISTINCT FROM (NEW."reported_at") OR OLD."confirmed_by_id" IS DISTINCT FROM (NEW."confirmed_by_id") OR OLD."confirmed_at" IS DISTINCT FROM (NEW."confirmed_at") OR OLD."object_until" IS DISTINCT FROM (NEW."object_until"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="54c632fda52bc8c0771a9ba45bf3efcc28ac2dc2",
                                    operation="UPDATE",
                                    pgid="pgtrigger_miss_charged_once_70009",
                                    table="cases_miss",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="miss_answered_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.answered_at IS NOT NULL AND (NEW.objected_at, NEW.answered_at, NEW.answered_by_id, NEW.is_upheld) IS DISTINCT FROM (OLD.objected_at, OLD.answered_at, OLD.answered_by_id, OLD.is_upheld))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="7581e0d396d4fecd29fb2be6552a79cc24667470",
                                    operation="UPDATE",
                                    pgid="pgtrigger_miss_answered_once_65897",
                                    table="cases_miss",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[("inspection", "Inspection entry")],
                                db_default="",
                                max_length=16,
                                verbose_name="topic",
                            ),
                        ),
                        ("topic_id", models.BigIntegerField(null=True)),
                        (
                            "receiver",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="receiver",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("inbox", "In-app list"),
                                    ("email", "E-mail"),
                                    ("webhook", "Webhook"),
                                    ("sms", "Short message"),
                                    ("chat", "Enterprise chat"),
                                ],
                                default="inbox",
                                max_length=8,
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("task", "A task for you"),
                                    ("dispatched", "A case was dispatched to you"),
                                    ("rework", "A check failed: the case is back with you"),
                                    ("request", "A request waits for your answer"),
                                    ("answered", "Your request was answered"),
                                    ("not_accepted", "Your report was not accepted"),
                                    ("ended", "A case of yours has ended"),
                                    ("warning", "80 % of the limit is used"),
                                    ("escalation", "A limit has run out"),
                                    ("desk_late", "A desk is late"),
                                    ("idle", "A case waits while its desk does not work"),
                                    ("nobody", "Nobody on duty could take a task"),
                                    ("urged", "A case of yours was urged"),
                                    ("supervised", "A case of yours was put under supervision"),
                                    ("resumed", "A suspended case runs again"),
                                    ("reopened", "A closed case was reopened"),
                                    ("missed", "A matter in your cells was missed"),
                                    ("objected", "A supervisor objects to a missed matter"),
                                    (
                                        "supplemented",
                                        "A citizen added to a case that waits for you",
                                    ),
                                    (
                                        "disputed",
                                        "A case was closed by force again and again: decide about it",
                                    ),
                                    ("inspected", "An inspection has scored you"),
                                    (
                                        "contested",
                                        "An appeal against an inspection waits for your answer",
                                    ),
                                    (
                                        "decided",
                                        "It was decided about an inspection that scored you",
                                    ),
                                ],
                                max_length=12,
                                verbose_name="kind of notice",
                            ),
                        ),
                        ("values", models.JSONField(default=dict)),
                        ("state", models.CharField(db_default="", max_length=16)),
                        ("due_at", models.DateTimeField(verbose_name="owed since")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="sent")),
                        ("next_at", models.DateTimeField(null=True, verbose_name="next attempt")),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts"),
                        ),
                        (
                            "failing_since",
                            models.DateTimeField(null=True, verbose_name="failing since"),
                        ),
                        ("dead_at", models.DateTimeField(null=True, verbose_name="given up")),
                        (
                            "last_error",
                            models.CharField(
                                db_default="", max_length=80, verbose_name="last error"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "delivery",
                        "verbose_name_plural": "deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("channel", "inbox"), ("done_at__isnull", True)),
                                fields=["due_at", "id"],
                                name="delivery_owed",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("dead_at__isnull", True),
                                    ("done_at__isnull", True),
                                    models.Q(("channel", "inbox"), _negated=True),
                                ),
                                fields=["next_at", "id"],
                                name="delivery_to_send",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("dead_at__isnull", True),
                                    ("done_at__isnull", True),
                                    models.Q(("channel", "inbox"), _negated=True),
                                ),
                                fields=["case", "receiver", "channel", "id"],
                                name="delivery_lane",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("dead_at__isnull", True),
                                    ("done_at__isnull", True),
                                    models.Q(("channel", "inbox"), _negated=True),
                                    models.Q(("topic", ""), _negated=True),
                                ),
                                fields=["topic_id", "topic", "receiver", "channel", "id"],
                                name="delivery_topic_lane",
                            ),
                            models.Index(
                                condition=models.Q(("done_at__isnull", False)),
                                fields=["done_at"],
                                name="delivery_done",
                            ),
                            models.Index(
                                condition=models.Q(("dead_at__isnull", False)),
                                fields=["dead_at"],
                                name="delivery_dead",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("channel", "inbox"),
                                    ("next_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="delivery_outgoing_has_its_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("case__isnull", False),
                                        ("topic", ""),
                                        ("topic_id__isnull", True),
                                    ),
                                    models.Q(
                                        ("case__isnull", True),
                                        ("topic_id__isnull", False),
                                        models.Q(("topic", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="delivery_of_one_thing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Outlet",
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
                            "name",
                            models.CharField(max_length=32, unique=True, verbose_name="outlet"),
                        ),
                        ("failing_since", models.DateTimeField(verbose_name="failing since")),
                        (
                            "failures",
                            models.PositiveIntegerField(
                                default=1, verbose_name="failures in a row"
                            ),
                        ),
                        ("retry_at", models.DateTimeField(verbose_name="next attempt")),
                        ("last_error", models.CharField(max_length=80, verbose_name="last error")),
                    ],
                    options={
                        "verbose_name": "outlet that fails",
                        "verbose_name_plural": "outlets that fail",
                    },
                ),
                migrations.CreateModel(
                    name="Webhook",
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
                            "receiver",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="webhook",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="receiver",
                            ),
                        ),
                        ("url", models.CharField(max_length=500, verbose_name="address")),
                        ("secret", models.CharField(max_length=64)),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("set_at", models.DateTimeField(verbose_name="set")),
                    ],
                    options={
                        "verbose_name": "webhook",
                        "verbose_name_plural": "webhooks",
                    },
                ),
                migrations.CreateModel(
                    name="NoticeChoice",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("task", "A task for you"),
                                    ("dispatched", "A case was dispatched to you"),
                                    ("rework", "A check failed: the case is back with you"),
                                    ("request", "A request waits for your answer"),
                                    ("answered", "Your request was answered"),
                                    ("not_accepted", "Your report was not accepted"),
                                    ("ended", "A case of yours has ended"),
                                    ("warning", "80 % of the limit is used"),
                                    ("escalation", "A limit has run out"),
                                    ("desk_late", "A desk is late"),
                                    ("idle", "A case waits while its desk does not work"),
                                    ("nobody", "Nobody on duty could take a task"),
                                    ("urged", "A case of yours was urged"),
                                    ("supervised", "A case of yours was put under supervision"),
                                    ("resumed", "A suspended case runs again"),
                                    ("reopened", "A closed case was reopened"),
                                    ("missed", "A matter in your cells was missed"),
                                    ("objected", "A supervisor objects to a missed matter"),
                                    (
                                        "supplemented",
                                        "A citizen added to a case that waits for you",
                                    ),
                                    (
                                        "disputed",
                                        "A case was closed by force again and again: decide about it",
                                    ),
                                    ("inspected", "An inspection has scored you"),
                                    (
                                        "contested",
                                        "An appeal against an inspection waits for your answer",
                                    ),
                                    (
                                        "decided",
                                        "It was decided about an inspection that scored you",
                                    ),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("inbox", "In-app list"),
                                    ("email", "E-mail"),
                                    ("webhook", "Webhook"),
                                    ("sms", "Short message"),
                                    ("chat", "Enterprise chat"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("is_wanted", models.BooleanField()),
                        ("chosen_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "choice of notices",
                        "verbose_name_plural": "choices of notices",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "kind", "channel"), name="notice_choice_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
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
                            "delivery",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, to="cases.delivery"
                            ),
                        ),
                        (
                            "receiver",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[("inspection", "Inspection entry")],
                                db_default="",
                                max_length=16,
                            ),
                        ),
                        ("topic_id", models.BigIntegerField(null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("task", "A task for you"),
                                    ("dispatched", "A case was dispatched to you"),
                                    ("rework", "A check failed: the case is back with you"),
                                    ("request", "A request waits for your answer"),
                                    ("answered", "Your request was answered"),
                                    ("not_accepted", "Your report was not accepted"),
                                    ("ended", "A case of yours has ended"),
                                    ("warning", "80 % of the limit is used"),
                                    ("escalation", "A limit has run out"),
                                    ("desk_late", "A desk is late"),
                                    ("idle", "A case waits while its desk does not work"),
                                    ("nobody", "Nobody on duty could take a task"),
                                    ("urged", "A case of yours was urged"),
                                    ("supervised", "A case of yours was put under supervision"),
                                    ("resumed", "A suspended case runs again"),
                                    ("reopened", "A closed case was reopened"),
                                    ("missed", "A matter in your cells was missed"),
                                    ("objected", "A supervisor objects to a missed matter"),
                                    (
                                        "supplemented",
                                        "A citizen added to a case that waits for you",
                                    ),
                                    (
                                        "disputed",
                                        "A case was closed by force again and again: decide about it",
                                    ),
                                    ("inspected", "An inspection has scored you"),
                                    (
                                        "contested",
                                        "An appeal against an inspection waits for your answer",
                                    ),
                                    (
                                        "decided",
                                        "It was decided about an inspection that scored you",
                                    ),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("values", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "message",
                        "verbose_name_plural": "messages",
                        "indexes": [
                            models.Index(
                                models.F("receiver"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="message_of_receiver",
                            ),
                            models.Index(
                                condition=models.Q(("read_at__isnull", True)),
                                fields=["receiver"],
                                name="message_unread",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("case__isnull", False),
                                        ("topic", ""),
                                        ("topic_id__isnull", True),
                                    ),
                                    models.Q(
                                        ("case__isnull", True),
                                        ("topic_id__isnull", False),
                                        models.Q(("topic", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="message_of_one_thing",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyKey",
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
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("key", models.UUIDField()),
                        ("content_sha256", models.BinaryField(max_length=32)),
                        ("status", models.PositiveSmallIntegerField(null=True)),
                        ("answer", models.JSONField(null=True)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "idempotency key",
                        "verbose_name_plural": "idempotency keys",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "key"), name="idempotency_user_key"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("user", None)),
                                fields=("key",),
                                name="idempotency_key_of_nobody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Stay",
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stays",
                                to="cases.case",
                            ),
                        ),
                        ("seq", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("REPORTED", "To be accepted"),
                                    ("VERIFYING", "Being verified"),
                                    ("SELF_HANDLED", "Self-handled, to be reviewed"),
                                    ("TO_FILE", "To be filed"),
                                    ("TO_DISPATCH", "To be dispatched"),
                                    ("HANDLING", "Being handled"),
                                    ("SUSPENDED", "Suspended"),
                                    ("TO_CHECK", "To be checked"),
                                    ("CHECKING", "Being checked"),
                                    ("TO_CLOSE", "To be closed"),
                                    ("CLOSED", "Closed"),
                                    ("FORCE_CLOSED", "Closed by force"),
                                    ("NOT_ACCEPTED", "Not accepted"),
                                    ("NOT_FILED", "Not filed"),
                                    ("VOIDED", "Voided"),
                                    ("MERGED", "Merged"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("limit_s", models.PositiveIntegerField(null=True)),
                        ("used_before_s", models.PositiveIntegerField(default=0)),
                        ("due_at", models.DateTimeField(null=True)),
                        ("green_until", models.DateTimeField(null=True)),
                        ("twice_at", models.DateTimeField(null=True)),
                        ("idle_at", models.DateTimeField(null=True)),
                        ("provisional", models.BooleanField(default=False)),
                        (
                            "actor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("actor_role", models.CharField(blank=True, max_length=16)),
                        ("in_time", models.BooleanField(null=True)),
                        ("undone", models.BooleanField(default=False)),
                        ("first_opened_at", models.DateTimeField(null=True)),
                        (
                            "first_opened_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stay",
                        "verbose_name_plural": "stays",
                        "ordering": ["case", "seq"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["due_at", "state"],
                                name="stay_open_due",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("idle_at__isnull", False)
                                ),
                                fields=["idle_at"],
                                name="stay_open_idle",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "seq"), name="stay_seq_in_case"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("case",),
                                name="stay_one_open_in_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="stay_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StayOpening",
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
                        ("at", models.DateTimeField(verbose_name="opened")),
                    ],
                    options={
                        "verbose_name": "opening of a stay",
                        "verbose_name_plural": "openings of stays",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("stay", "user"), name="stay_opened_first_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="cases.case",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("verify", "Verify"), ("check", "Check")], max_length=6
                            ),
                        ),
                        ("sending", models.PositiveSmallIntegerField()),
                        (
                            "assignee",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("sent_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("shift_ends_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("confirmed", "Confirmed"),
                                    ("not_true", "Not true"),
                                    ("not_found", "Not found"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("missed", "Missed"),
                                    ("shift_ended", "Passed on at the end of the shift"),
                                    ("recalled", "Recalled"),
                                    ("lapsed", "Lapsed"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("in_time", models.BooleanField(null=True)),
                    ],
                    options={
                        "verbose_name": "task",
                        "verbose_name_plural": "tasks",
                        "ordering": ["case", "id"],
                        "indexes": [
                            models.Index(fields=["case", "id"], name="task_of_case"),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["assignee", "due_at"],
                                name="task_open_of_assignee",
                            ),
                            models.Index(fields=["assignee", "case"], name="task_assignee_case"),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["due_at"],
                                name="task_open_due",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at"],
                                name="task_ended",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("case",),
                                name="task_one_open_in_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("outcome", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="task_outcome_iff_ended",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
