"""Tables of the dispatch: departments, routing, turns, requests, ladders, timers.

Each comes with its constraints, indexes, history and guards.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import cases.models.hours
from parts.migrations._tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0001_departments_routing"),
        ("dispatch", "0002_loaded_fixtures"),
        ("dispatch", "0003_turns_requests_timers"),
        ("dispatch", "0004_whole_limit"),
        ("dispatch", "0005_appeals_and_deferrals"),
        ("dispatch", "0007_moved_deadlines"),
        ("dispatch", "0008_late_sweeps"),
        ("dispatch", "0009_department_hours"),
        ("dispatch", "0010_drafts_of_rules"),
        ("dispatch", "0011_presence"),
        ("dispatch", "0012_clocks_of_desks"),
        ("dispatch", "0013_days_of_desks"),
        ("dispatch", "0014_departments_cases_by_the_index_alone"),
    ]

    initial = True

    dependencies = [
        ("cases", "0001_tables"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name="RoutingVersion",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.PositiveBigIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "version of the routing",
                        "verbose_name_plural": "versions of the routing",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="routing_version_one_row"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Department",
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
                        ("code", models.CharField(max_length=16, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=100, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                help_text="Key of the kind that filing standards name.",
                                max_length=32,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "uscc",
                            models.CharField(
                                blank=True,
                                help_text="By it the maintainers, owners and competent bodies of parts are recognised.",
                                max_length=18,
                                verbose_name="unified social credit code",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="dispatch.department",
                                verbose_name="parent",
                            ),
                        ),
                        (
                            "street_code",
                            models.CharField(
                                blank=True,
                                help_text="Code of the street whose office this is; empty for a whole district.",
                                max_length=9,
                                verbose_name="street",
                            ),
                        ),
                        (
                            "working_periods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Pairs of local times; empty: the district's 08:00–12:00 and 14:00–18:00.",
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
                        (
                            "assessment_group",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="group for assessment"
                            ),
                        ),
                        (
                            "contact_name",
                            models.CharField(blank=True, max_length=64, verbose_name="contact"),
                        ),
                        (
                            "contact_phone",
                            models.CharField(blank=True, max_length=32, verbose_name="telephone"),
                        ),
                        (
                            "address",
                            models.CharField(blank=True, max_length=200, verbose_name="address"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "department",
                        "verbose_name_plural": "departments",
                        "ordering": ["code"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("uscc", ""), _negated=True),
                                fields=("uscc",),
                                name="department_uscc_once",
                                violation_error_message="A department has this credit code already.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("street_code", ""), _negated=True),
                                    ("is_active", True),
                                ),
                                fields=("street_code",),
                                name="department_one_office_per_street",
                                violation_error_message="This street has an office already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("uscc", ""),
                                    ("uscc__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"),
                                    _connector="OR",
                                ),
                                name="department_uscc_form",
                                violation_error_message="A unified social credit code has 18 characters.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("street_code", ""),
                                    ("street_code__regex", "^[0-9]{9}$"),
                                    _connector="OR",
                                ),
                                name="department_street_digits",
                                violation_error_message="A street code has 9 digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("hours_per_working_day__gt", 0),
                                    ("hours_per_working_day__lte", 24),
                                ),
                                name="department_hours_in_a_day",
                                violation_error_message="A working day has more than 0 and at most 24 hours.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent", None),
                                    models.Q(("parent", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="department_not_its_own_parent",
                                violation_error_message="A department is not its own parent.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="department_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="f983cf2ab379df758ec4193b491b6e9247cbbf5e",
                                    operation="DELETE",
                                    pgid="pgtrigger_department_kept_6d052",
                                    table="dispatch_department",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="raises_routing_version",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="UPDATE dispatch_routingversion SET number = number + 1; RETURN NULL;",
                                    hash="487295c81f2efbdf28a9b47b4b865b8a898dd2c3",
                                    level="STATEMENT",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_raises_routing_version_a9a10",
                                    table="dispatch_department",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "dispatch_departmenthistory" ("address", "assessment_group", "code", "contact_name", "contact_phone", "hours_per_working_day", "id", "is_active", "kind", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "street_code", "uscc", "working_periods") VALUES (OLD."address", OLD."assessment_group", OLD."code", OLD."contact_name", OLD."contact_phone", OLD."hours_per_working_day", OLD."id", OLD."is_active", OLD."kind", OLD."name", OLD."parent_id", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."street_code", OLD."uscc", OLD."working_periods"); RETURN NULL;',
                                    hash="3f5280b11fd77dc1af7e698285d9d22691d1768a",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_ef139",
                                    table="dispatch_department",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DepartmentHistory",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="dispatch.department",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("code", models.CharField(max_length=16, verbose_name="code")),
                        ("name", models.CharField(max_length=100, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                help_text="Key of the kind that filing standards name.",
                                max_length=32,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "uscc",
                            models.CharField(
                                blank=True,
                                help_text="By it the maintainers, owners and competent bodies of parts are recognised.",
                                max_length=18,
                                verbose_name="unified social credit code",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="dispatch.department",
                                verbose_name="parent",
                            ),
                        ),
                        (
                            "street_code",
                            models.CharField(
                                blank=True,
                                help_text="Code of the street whose office this is; empty for a whole district.",
                                max_length=9,
                                verbose_name="street",
                            ),
                        ),
                        (
                            "working_periods",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Pairs of local times; empty: the district's 08:00–12:00 and 14:00–18:00.",
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
                        (
                            "assessment_group",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="group for assessment"
                            ),
                        ),
                        (
                            "contact_name",
                            models.CharField(blank=True, max_length=64, verbose_name="contact"),
                        ),
                        (
                            "contact_phone",
                            models.CharField(blank=True, max_length=32, verbose_name="telephone"),
                        ),
                        (
                            "address",
                            models.CharField(blank=True, max_length=200, verbose_name="address"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DepartmentHours",
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
                            "department",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hours",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "working hours of a department",
                        "verbose_name_plural": "working hours of departments",
                        "ordering": ["department", "-valid_from"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("department", "valid_from"),
                                name="department_hours_from_once",
                                violation_error_message="Working hours from that day on are set already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("hours_per_working_day__gt", 0),
                                    ("hours_per_working_day__lte", 24),
                                ),
                                name="department_hours_length",
                                violation_error_message="A working day has more than 0 and at most 24 hours.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
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
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="membership",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        (
                            "is_lead",
                            models.BooleanField(
                                default=False,
                                help_text="Pre-approves the requests of the department.",
                                verbose_name="lead",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "membership",
                        "verbose_name_plural": "memberships",
                        "ordering": ["department", "user"],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "dispatch_membershiphistory" ("department_id", "id", "is_lead", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (OLD."department_id", OLD."id", OLD."is_lead", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."user_id"); RETURN NULL;',
                                    hash="0cfff83ad7df6ec804b29c2041861b91e198fd41",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_00a76",
                                    table="dispatch_membership",
                                    when="AFTER",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MembershipHistory",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="dispatch.membership",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        (
                            "is_lead",
                            models.BooleanField(
                                default=False,
                                help_text="Pre-approves the requests of the department.",
                                verbose_name="lead",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="EscalationLadder",
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
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "parts and events"),
                                    ("part", "parts"),
                                    ("event", "events"),
                                ],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "scheme_key",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="coding scheme"
                            ),
                        ),
                        (
                            "class_prefix",
                            models.CharField(
                                blank=True,
                                help_text="First digits of the class code, such as 02; empty for every class.",
                                max_length=8,
                                verbose_name="class group",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty for every department.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ladders",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        ("valid_from", models.DateTimeField(verbose_name="valid from")),
                        (
                            "note",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="source or note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ladder of escalation",
                        "verbose_name_plural": "ladders of escalation",
                        "ordering": ["department", "class_prefix", "-valid_from"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "kind",
                                    "scheme_key",
                                    "class_prefix",
                                    "department",
                                    "valid_from",
                                ),
                                name="ladder_from_once",
                                nulls_distinct=False,
                                violation_error_message="There is a ladder for this class group and department from that instant on.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("class_prefix", ""),
                                    models.Q(
                                        ("class_prefix__regex", "^[0-9]{1,8}$"),
                                        models.Q(("scheme_key", ""), _negated=True),
                                        models.Q(("kind", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ladder_class_fits_scheme",
                                violation_error_message="A class group belongs to a scheme and a kind.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationRung",
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
                            "ladder",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rungs",
                                to="dispatch.escalationladder",
                            ),
                        ),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                help_text="0 warns before the limit has run out; 1 and more escalate.",
                                verbose_name="level",
                            ),
                        ),
                        (
                            "share",
                            models.PositiveSmallIntegerField(
                                verbose_name="per cent of the time allowed"
                            ),
                        ),
                        (
                            "receiver",
                            models.CharField(
                                choices=[
                                    ("members", "the department"),
                                    ("lead", "the department's lead"),
                                    ("dispatcher", "dispatchers on duty"),
                                    ("duty_chief", "duty chiefs on duty"),
                                    ("official", "officials"),
                                ],
                                max_length=10,
                                verbose_name="tells",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "level of escalation",
                        "verbose_name_plural": "levels of escalation",
                        "ordering": ["ladder", "level"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("ladder", "level"), name="rung_level_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("level", 0), ("share__gte", 1), ("share__lt", 100)),
                                    models.Q(
                                        ("level__gte", 1),
                                        ("level__lte", 9),
                                        ("share__gte", 100),
                                        ("share__lte", 1000),
                                    ),
                                    _connector="OR",
                                ),
                                name="rung_share_fits_level",
                                violation_error_message="Level 0 warns below 100 %; levels 1 to 9 escalate from 100 to 1000 %.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoutingRule",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("part", "parts"),
                                    ("event", "events"),
                                    ("any", "parts and events"),
                                ],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "scheme_key",
                            models.CharField(
                                blank=True,
                                help_text="Empty for every class; otherwise the scheme that the class code belongs to.",
                                max_length=32,
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "class_scope",
                            models.CharField(
                                choices=[
                                    ("code", "one class"),
                                    ("prefix", "classes that begin so"),
                                    ("any", "every class"),
                                ],
                                max_length=6,
                                verbose_name="classes",
                            ),
                        ),
                        (
                            "class_code",
                            models.CharField(blank=True, max_length=8, verbose_name="class code"),
                        ),
                        (
                            "area_scope",
                            models.CharField(
                                choices=[
                                    ("cell", "unit grid cell"),
                                    ("community", "community"),
                                    ("street", "street"),
                                    ("district", "district"),
                                ],
                                max_length=9,
                                verbose_name="area",
                            ),
                        ),
                        ("area_code", models.CharField(max_length=15, verbose_name="area code")),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                help_text="Empty: cases of every source.",
                                max_length=12,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "working_time",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "at any time"),
                                    ("working", "in working time"),
                                    ("off", "outside working time"),
                                ],
                                default="",
                                max_length=7,
                                verbose_name="time",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="routing_rules",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        (
                            "automatic",
                            models.BooleanField(
                                default=False,
                                help_text="Unambiguous: may be dispatched without a dispatcher.",
                                verbose_name="automatic",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="last day"),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        (
                            "is_draft",
                            models.BooleanField(
                                default=False,
                                help_text="A draft sends no case anywhere until published.",
                                verbose_name="draft",
                            ),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
                                blank=True,
                                help_text="The rule that ends on the day before this one begins.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="successors",
                                to="dispatch.routingrule",
                                verbose_name="replaces",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "routing rule",
                        "verbose_name_plural": "routing rules",
                        "ordering": [
                            "scheme_key",
                            "kind",
                            "class_code",
                            "area_code",
                            "source",
                            "working_time",
                        ],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("is_draft", False)),
                                expressions=[
                                    (
                                        models.Case(
                                            models.When(
                                                kind="part",
                                                then=models.Func(
                                                    models.Value(0),
                                                    models.Value(1),
                                                    function="int4range",
                                                ),
                                            ),
                                            models.When(
                                                kind="event",
                                                then=models.Func(
                                                    models.Value(1),
                                                    models.Value(2),
                                                    function="int4range",
                                                ),
                                            ),
                                            default=models.Func(
                                                models.Value(0),
                                                models.Value(2),
                                                function="int4range",
                                            ),
                                            output_field=django.contrib.postgres.fields.ranges.IntegerRangeField(),
                                        ),
                                        "&&",
                                    ),
                                    ("scheme_key", "="),
                                    ("class_scope", "="),
                                    ("class_code", "="),
                                    ("area_code", "="),
                                    ("source", "="),
                                    ("working_time", "="),
                                    (
                                        models.Func(
                                            "valid_from",
                                            "valid_to",
                                            models.Value("[]"),
                                            function="daterange",
                                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="routing_rule_equal_in_all",
                                violation_error_message="Another rule is equal in class, area, source and time on some of these days: nobody could say which of the two counts.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("class_code", ""),
                                        ("class_scope", "any"),
                                        ("scheme_key", ""),
                                    ),
                                    models.Q(
                                        ("class_scope__in", ["code", "prefix"]),
                                        ("kind__in", ["part", "event"]),
                                        ("class_code__regex", "^[0-9]{1,8}$"),
                                        models.Q(("scheme_key", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="routing_rule_class_fits_scope",
                                violation_error_message="A class code belongs to a scheme and a kind; a rule for every class has none.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("area_code__regex", "^[0-9]{15}$"), ("area_scope", "cell")
                                    ),
                                    models.Q(
                                        ("area_code__regex", "^[0-9]{12}$"),
                                        ("area_scope", "community"),
                                    ),
                                    models.Q(
                                        ("area_code__regex", "^[0-9]{9}$"), ("area_scope", "street")
                                    ),
                                    models.Q(
                                        ("area_code__regex", "^[0-9]{6}$"),
                                        ("area_scope", "district"),
                                    ),
                                    _connector="OR",
                                ),
                                name="routing_rule_area_digits",
                                violation_error_message="A cell has 15 digits, a community 12, a street 9, a district 6.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="routing_rule_valid_to_after_from",
                                violation_error_message="The end of validity lies before its begin.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="routing_rule_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (NOT OLD."is_draft")',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="b0eeb57143902442b7c9de67c86e72ffb9021423",
                                    operation="DELETE",
                                    pgid="pgtrigger_routing_rule_kept_18d8d",
                                    table="dispatch_routingrule",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="raises_routing_version",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="UPDATE dispatch_routingversion SET number = number + 1; RETURN NULL;",
                                    hash="d347f95ecb6ace8c3bbaf293968edc62cfe7f219",
                                    level="STATEMENT",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_raises_routing_version_e09ab",
                                    table="dispatch_routingrule",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "dispatch_routingrulehistory" ("area_code", "area_scope", "automatic", "class_code", "class_scope", "department_id", "id", "is_draft", "kind", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replaces_id", "scheme_key", "source", "valid_from", "valid_to", "working_time") VALUES (OLD."area_code", OLD."area_scope", OLD."automatic", OLD."class_code", OLD."class_scope", OLD."department_id", OLD."id", OLD."is_draft", OLD."kind", OLD."note", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."replaces_id", OLD."scheme_key", OLD."source", OLD."valid_from", OLD."valid_to", OLD."working_time"); RETURN NULL;',
                                    hash="4190c2a337ef8299ac51e8fce4da2bcaaf82c3dd",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_15fd5",
                                    table="dispatch_routingrule",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoutingRuleHistory",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="dispatch.routingrule",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("part", "parts"),
                                    ("event", "events"),
                                    ("any", "parts and events"),
                                ],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "scheme_key",
                            models.CharField(
                                blank=True,
                                help_text="Empty for every class; otherwise the scheme that the class code belongs to.",
                                max_length=32,
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "class_scope",
                            models.CharField(
                                choices=[
                                    ("code", "one class"),
                                    ("prefix", "classes that begin so"),
                                    ("any", "every class"),
                                ],
                                max_length=6,
                                verbose_name="classes",
                            ),
                        ),
                        (
                            "class_code",
                            models.CharField(blank=True, max_length=8, verbose_name="class code"),
                        ),
                        (
                            "area_scope",
                            models.CharField(
                                choices=[
                                    ("cell", "unit grid cell"),
                                    ("community", "community"),
                                    ("street", "street"),
                                    ("district", "district"),
                                ],
                                max_length=9,
                                verbose_name="area",
                            ),
                        ),
                        ("area_code", models.CharField(max_length=15, verbose_name="area code")),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                help_text="Empty: cases of every source.",
                                max_length=12,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "working_time",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "at any time"),
                                    ("working", "in working time"),
                                    ("off", "outside working time"),
                                ],
                                default="",
                                max_length=7,
                                verbose_name="time",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        (
                            "automatic",
                            models.BooleanField(
                                default=False,
                                help_text="Unambiguous: may be dispatched without a dispatcher.",
                                verbose_name="automatic",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="last day"),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        (
                            "is_draft",
                            models.BooleanField(
                                default=False,
                                help_text="A draft sends no case anywhere until published.",
                                verbose_name="draft",
                            ),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The rule that ends on the day before this one begins.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="dispatch.routingrule",
                                verbose_name="replaces",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Turn",
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
                                related_name="turns",
                                to="cases.case",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="turns",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        (
                            "round",
                            models.PositiveSmallIntegerField(default=1, verbose_name="round"),
                        ),
                        (
                            "is_designation",
                            models.BooleanField(default=False, verbose_name="designation"),
                        ),
                        (
                            "dispatched_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("dispatched_by_role", models.CharField(max_length=16)),
                        (
                            "automatic",
                            models.BooleanField(
                                default=False, verbose_name="dispatched automatically"
                            ),
                        ),
                        (
                            "proposal_department",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                            ),
                        ),
                        (
                            "proposal_rule",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="turns",
                                to="dispatch.routingrule",
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="began")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                        (
                            "end_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("returned", "returned"),
                                    ("reassigned", "reassigned"),
                                    ("closed", "closed"),
                                    ("voided", "voided"),
                                    ("forced", "closed by force"),
                                    ("undone", "undone"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "opened_at",
                            models.DateTimeField(
                                null=True, verbose_name="first opened by the department"
                            ),
                        ),
                        (
                            "limit_value",
                            models.DecimalField(
                                decimal_places=2, max_digits=7, verbose_name="limit"
                            ),
                        ),
                        (
                            "limit_unit",
                            models.CharField(max_length=12, verbose_name="unit of the limit"),
                        ),
                        ("whole_limit", models.DurationField(verbose_name="whole limit")),
                        ("allowed", models.DurationField(verbose_name="time allowed")),
                        ("used", models.DurationField(verbose_name="time used")),
                        ("running_since", models.DateTimeField(null=True)),
                        ("due_at", models.DateTimeField(null=True, verbose_name="due")),
                        (
                            "provisional",
                            models.BooleanField(
                                default=False, verbose_name="due instant is provisional"
                            ),
                        ),
                        (
                            "overdue_at",
                            models.DateTimeField(null=True, verbose_name="overdue since"),
                        ),
                        (
                            "ladder",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="turns",
                                to="dispatch.escalationladder",
                            ),
                        ),
                        (
                            "marks",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DateTimeField(), default=list, size=None
                            ),
                        ),
                        ("timer_level", models.PositiveSmallIntegerField(default=0)),
                        ("timer_at", models.DateTimeField(null=True)),
                        (
                            "calendar_change",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.calendarchange",
                            ),
                        ),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                        (
                            "finish_in_time",
                            models.BooleanField(null=True, verbose_name="finished in time"),
                        ),
                        (
                            "rework_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="reworks"),
                        ),
                        (
                            "deferred_until",
                            models.DateField(null=True, verbose_name="deferred until"),
                        ),
                        (
                            "wrong_dispatch",
                            models.BooleanField(default=False, verbose_name="wrong dispatch"),
                        ),
                        (
                            "returns_refused",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="returns refused"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "turn",
                        "verbose_name_plural": "turns",
                        "ordering": ["case", "number"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("timer_at__isnull", False)),
                                fields=["timer_at"],
                                name="turn_timer",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["department", "due_at"],
                                name="turn_open_of_department",
                            ),
                            models.Index(
                                fields=["department", "-case"],
                                include=("end_kind",),
                                name="turn_department_case",
                            ),
                            models.Index(fields=["began_at"], name="turn_began"),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", False)),
                                fields=["ended_at"],
                                name="turn_ended",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "number"), name="turn_number_in_case"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("case",),
                                name="turn_one_open_in_case",
                                violation_error_message="A department has this case already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end_kind", ""), ("ended_at__isnull", True)),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("end_kind", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="turn_end_kind_iff_ended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True),
                                    ("running_since__isnull", True),
                                    _connector="OR",
                                ),
                                name="turn_runs_only_while_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("due_at__isnull", True),
                                        ("running_since__isnull", True),
                                        ("timer_at__isnull", True),
                                    ),
                                    models.Q(
                                        ("due_at__isnull", False), ("running_since__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="turn_due_iff_running",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finish_in_time__isnull", True),
                                        ("finished_at__isnull", True),
                                    ),
                                    models.Q(
                                        ("finish_in_time__isnull", False),
                                        ("finished_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="turn_in_time_iff_finished",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TurnAssistant",
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
                            "turn",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assistants",
                                to="dispatch.turn",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assisted_turns",
                                to="dispatch.department",
                                verbose_name="department",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "assisting department",
                        "verbose_name_plural": "assisting departments",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("turn", "department"),
                                name="turn_assistant_once",
                                violation_error_message="This department assists already.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Request",
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
                                related_name="requests",
                                to="cases.case",
                            ),
                        ),
                        (
                            "turn",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="dispatch.turn",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("RETURN", "Return"),
                                    ("EXTENSION", "Extension"),
                                    ("SUSPENSION", "Suspension"),
                                    ("DEFERRAL", "Deferral"),
                                    ("VOID", "Void"),
                                    ("APPEAL", "Appeal"),
                                    ("DESIGNATION", "Designation"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "reason_code",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_ours", "Not within this department's duties"),
                                    ("owner_unclear", "Ownership is unclear"),
                                    ("wrong_place", "The place is wrong"),
                                    ("wrong_class", "The class is wrong"),
                                    ("no_such_case", "There is no such matter on site"),
                                    ("duplicate", "It is a duplicate"),
                                ],
                                max_length=16,
                                verbose_name="reason from the list",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "waiting"),
                                    ("approved", "approved"),
                                    ("refused", "refused"),
                                    ("withdrawn", "withdrawn"),
                                    ("lapsed", "lapsed"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="asked")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                        (
                            "proposed_department",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.department",
                                verbose_name="proposed department",
                            ),
                        ),
                        ("until", models.DateField(null=True, verbose_name="until")),
                        (
                            "fact",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("overdue", "overdue"),
                                    ("failed_check", "a failed check"),
                                    ("refused_return", "a refused return"),
                                    ("shirking", "shirking"),
                                    ("forced_close", "a forced close"),
                                ],
                                max_length=16,
                                verbose_name="against",
                            ),
                        ),
                        (
                            "used_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="dispatch.turn",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "request",
                        "verbose_name_plural": "requests",
                        "ordering": ["-asked_at", "-id"],
                        "indexes": [
                            models.Index(fields=["case", "id"], name="request_of_case"),
                            models.Index(fields=["kind", "-asked_at"], name="request_kind_newest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", "open"), models.Q(("kind", "APPEAL"), _negated=True)
                                ),
                                fields=("case",),
                                name="request_one_open_in_case",
                                violation_error_message="Another request about this case waits already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("state", "open")),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="request_ended_iff_not_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "APPEAL"),
                                        ("turn__isnull", False),
                                        models.Q(("fact", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "APPEAL"), _negated=True), ("fact", "")
                                    ),
                                    _connector="OR",
                                ),
                                name="request_fact_iff_appeal",
                                violation_error_message="An appeal names what it is against.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "APPEAL")),
                                fields=("turn", "fact"),
                                name="request_one_appeal_for_a_fact",
                                violation_error_message="This was appealed against already.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RequestStep",
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="dispatch.request",
                            ),
                        ),
                        ("reviewer_role", models.CharField(max_length=16)),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("limit_s", models.PositiveIntegerField()),
                        ("due_at", models.DateTimeField()),
                        ("twice_at", models.DateTimeField(null=True)),
                        ("idle_at", models.DateTimeField(null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decision",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("approved", "approved"),
                                    ("refused", "refused"),
                                    ("withdrawn", "withdrawn"),
                                    ("lapsed", "lapsed"),
                                    ("passed_on", "passed on by the clock"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name": "review step",
                        "verbose_name_plural": "review steps",
                        "ordering": ["request", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["due_at", "reviewer_role"],
                                name="request_step_open_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("request",),
                                name="request_step_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decision", ""), ("ended_at__isnull", True)),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("decision", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="request_step_decision_iff_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TurnFact",
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
                            "turn",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facts",
                                to="dispatch.turn",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("overdue", "overdue"),
                                    ("failed_check", "a failed check"),
                                    ("refused_return", "a refused return"),
                                    ("shirking", "shirking"),
                                    ("forced_close", "a forced close"),
                                ],
                                max_length=16,
                                verbose_name="fact",
                            ),
                        ),
                        ("counted", models.BooleanField(default=True, verbose_name="counted")),
                        ("reason", models.TextField(blank=True, verbose_name="reason")),
                        (
                            "appeal",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="dispatch.request",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fact of a turn",
                        "verbose_name_plural": "facts of turns",
                        "constraints": [
                            models.UniqueConstraint(fields=("turn", "kind"), name="turn_fact_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("counted", True), ("appeal__isnull", False), _connector="OR"
                                ),
                                name="turn_fact_uncounted_by_appeal",
                                violation_error_message="Only an upheld appeal takes a fact out of the figures.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LoadedFixture",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=64,
                                primary_key=True,
                                serialize=False,
                                verbose_name="name",
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64)),
                        ("loaded_at", models.DateTimeField(verbose_name="loaded")),
                    ],
                    options={
                        "verbose_name": "loaded fixture",
                        "verbose_name_plural": "loaded fixtures",
                    },
                ),
                migrations.CreateModel(
                    name="Presence",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("seen_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "presence at a case",
                        "verbose_name_plural": "presences at cases",
                        "indexes": [models.Index(fields=["seen_at"], name="presence_seen")],
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "user"), name="presence_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TimerFiring",
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
                            "clock_kind",
                            models.CharField(
                                choices=[
                                    ("turn", "handling"),
                                    ("stay", "desk stage"),
                                    ("step", "review step"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("clock_id", models.BigIntegerField()),
                        ("level", models.PositiveSmallIntegerField()),
                        ("share", models.PositiveSmallIntegerField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="timer_firings",
                                to="cases.case",
                            ),
                        ),
                        ("occurred_at", models.DateTimeField(verbose_name="was due")),
                        ("at", models.DateTimeField(verbose_name="recorded")),
                    ],
                    options={
                        "verbose_name": "fired timer",
                        "verbose_name_plural": "fired timers",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("clock_kind", "clock_id", "level"), name="timer_fires_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClockMove",
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
                            "change",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="moves",
                                to="cases.calendarchange",
                            ),
                        ),
                        (
                            "turn",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="moves",
                                to="dispatch.turn",
                            ),
                        ),
                        (
                            "stay",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.stay",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="reckoned anew")),
                        ("due_before", models.DateTimeField(verbose_name="was due")),
                        ("due_after", models.DateTimeField(verbose_name="is due")),
                    ],
                    options={
                        "verbose_name": "moved deadline",
                        "verbose_name_plural": "moved deadlines",
                        "ordering": ["change", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("change", "turn"), name="clock_move_once"
                            ),
                            models.UniqueConstraint(
                                fields=("change", "stay"), name="clock_move_once_of_desk"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stay__isnull", True), ("turn__isnull", False)),
                                    models.Q(("stay__isnull", False), ("turn__isnull", True)),
                                    _connector="OR",
                                ),
                                name="clock_move_of_one_clock",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CatchUp",
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
                        ("at", models.DateTimeField(verbose_name="swept")),
                        ("oldest_due_at", models.DateTimeField(verbose_name="oldest was due")),
                        ("done", models.JSONField(verbose_name="done by kind")),
                        ("failed", models.PositiveIntegerField(verbose_name="failed")),
                    ],
                    options={
                        "verbose_name": "late sweep",
                        "verbose_name_plural": "late sweeps and the lag of the clock",
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="SweepError",
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
                        ("kind", models.CharField(max_length=16)),
                        ("item_id", models.BigIntegerField()),
                        ("error", models.TextField()),
                        ("attempts", models.PositiveIntegerField(default=1)),
                        ("first_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("retry_at", models.DateTimeField()),
                        ("resolved_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "item a sweep could not do",
                        "verbose_name_plural": "items a sweep could not do",
                        "ordering": ["-last_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("resolved_at__isnull", True)),
                                fields=("kind", "item_id"),
                                name="sweep_error_one_open",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
