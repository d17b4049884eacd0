"""Tables of the parts: districts, catalogues, grid, register, imports, censuses, patrols, places.

Each comes with its constraints, indexes, history and guards.
"""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
import pgtrigger.compiler
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import parts.models.imports
from parts.migrations._tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("parts", "0001_district_catalogue_parts"),
        ("parts", "0002_watercourses"),
        ("parts", "0003_words"),
        ("parts", "0004_counts_versions_and_names_of_places"),
        ("parts", "0006_drafts_of_the_grid"),
        ("parts", "0007_land_use_as_codes"),
        ("parts", "0008_crosswalk_and_standards"),
        ("parts", "0009_imports_of_registers"),
        ("parts", "0010_patrols_remembered"),
        ("parts", "0011_register_proposals_censuses"),
        ("parts", "0012_checks_of_cut_parts_and_serials"),
        ("parts", "0013_census_opened_by_a_job"),
    ]

    initial = True

    dependencies = [
        ("jobs", "0001_job"),
        # Not needed, but before our models come there is little state for it to draw up.
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # ids and dates in one exclusion constraint, here and in the dispatch
        BtreeGistExtension(),
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name="District",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=6, primary_key=True, serialize=False, verbose_name="code"
                            ),
                        ),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiPolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "district",
                        "verbose_name_plural": "districts",
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{6}$")),
                                name="district_code_digits",
                                violation_error_message="The code must have its full number of digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="district_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="district_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Street",
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
                        ("code", models.CharField(max_length=9, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiPolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="predecessors",
                                to="parts.street",
                                verbose_name="successor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "street",
                        "verbose_name_plural": "streets",
                        "ordering": ["code"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="street_geom_gist"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{9}$")),
                                name="street_code_digits",
                                violation_error_message="The code must have its full number of digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="street_valid_to_after_from",
                                violation_error_message="The end of validity lies before its begin.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="street_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="street_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="street_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="59edf608b65146625f09f840a9184dbfbe22cb4a",
                                    operation="DELETE",
                                    pgid="pgtrigger_street_kept_939c5",
                                    table="parts_street",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_streethistory" ("code", "geom", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "successor_id", "valid_from", "valid_to") VALUES (OLD."code", OLD."geom", OLD."id", OLD."name", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."successor_id", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                                    hash="bd136b5e391484e3f7841ddf9a3d178fc9c038ba",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_bb80d",
                                    table="parts_street",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreetHistory",
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
                                to="parts.street",
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
                        ("code", models.CharField(max_length=9, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiPolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.street",
                                verbose_name="successor",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Community",
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
                        ("code", models.CharField(max_length=12, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="communities",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiPolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="predecessors",
                                to="parts.community",
                                verbose_name="successor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "community",
                        "verbose_name_plural": "communities",
                        "ordering": ["code"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="community_geom_gist"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{12}$")),
                                name="community_code_digits",
                                violation_error_message="The code must have its full number of digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_valid_to_after_from",
                                violation_error_message="The end of validity lies before its begin.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="community_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="community_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="community_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="73711f9f9608cba54b1a3b3db89b031c9c6d430a",
                                    operation="DELETE",
                                    pgid="pgtrigger_community_kept_53735",
                                    table="parts_community",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_communityhistory" ("code", "geom", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "street_id", "successor_id", "valid_from", "valid_to") VALUES (OLD."code", OLD."geom", OLD."id", OLD."name", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."street_id", OLD."successor_id", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                                    hash="079d9d3d4386a4e10f88411ae60b7c5101cc20c2",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_76dd9",
                                    table="parts_community",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommunityHistory",
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
                                to="parts.community",
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
                        ("code", models.CharField(max_length=12, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiPolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.community",
                                verbose_name="successor",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CodingScheme",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=32, primary_key=True, serialize=False, verbose_name="key"
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("is_current", models.BooleanField(default=False, verbose_name="current")),
                        (
                            "district_length",
                            models.PositiveSmallIntegerField(
                                default=6, verbose_name="digits of the district"
                            ),
                        ),
                        (
                            "street_length",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="digits of the street"
                            ),
                        ),
                        (
                            "community_length",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="digits of the community"
                            ),
                        ),
                        (
                            "cell_serial_length",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="digits of a cell's serial"
                            ),
                        ),
                        (
                            "class_major_length",
                            models.PositiveSmallIntegerField(
                                default=2, verbose_name="digits of a major class"
                            ),
                        ),
                        (
                            "class_minor_length",
                            models.PositiveSmallIntegerField(
                                verbose_name="digits of a minor class"
                            ),
                        ),
                        (
                            "class_code_length",
                            models.PositiveSmallIntegerField(verbose_name="digits of a class"),
                        ),
                        (
                            "part_serial_length",
                            models.PositiveSmallIntegerField(
                                default=6, verbose_name="digits of a part's serial"
                            ),
                        ),
                        (
                            "matters_have_codes",
                            models.BooleanField(
                                default=False,
                                help_text="District and class of the event; a type in a place, without a serial.",
                                verbose_name="events carry a matter code",
                            ),
                        ),
                        (
                            "extension_rules",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Which majors and minors a city may use for classes of its own.",
                                verbose_name="rules for local classes",
                            ),
                        ),
                        (
                            "is_imported",
                            models.BooleanField(
                                default=False,
                                help_text="A city's own table, which a later edition of it may change.",
                                verbose_name="imported",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                    ],
                    options={
                        "verbose_name": "coding scheme",
                        "verbose_name_plural": "coding schemes",
                        "ordering": ["key"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_current", True)),
                                fields=("is_current",),
                                name="coding_scheme_one_current",
                                violation_error_message="There is a current coding scheme already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "class_code_length",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("class_major_length"),
                                            "+",
                                            models.F("class_minor_length"),
                                        ),
                                    )
                                ),
                                name="coding_scheme_class_length",
                                violation_error_message="Major and minor digits must add up to the class code.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CatalogueClass",
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
                                related_name="classes",
                                to="parts.codingscheme",
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("part", "part"), ("event", "event")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        ("code", models.CharField(max_length=8, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "major_code",
                            models.CharField(max_length=4, verbose_name="code of the major class"),
                        ),
                        ("major_name", models.CharField(max_length=64, verbose_name="major class")),
                        (
                            "geometry",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("point", "point"),
                                    ("line", "line"),
                                    ("polygon", "area"),
                                ],
                                default="",
                                max_length=7,
                                verbose_name="geometry",
                            ),
                        ),
                        (
                            "accuracy_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("A", "A ±0.5 m"),
                                    ("B", "B ±1.0 m"),
                                    ("C", "C ±10 m"),
                                ],
                                default="",
                                max_length=1,
                                verbose_name="accuracy class",
                            ),
                        ),
                        (
                            "pinyin",
                            models.CharField(blank=True, max_length=200, verbose_name="pinyin"),
                        ),
                        (
                            "initials",
                            models.CharField(blank=True, max_length=64, verbose_name="initials"),
                        ),
                        (
                            "family",
                            models.CharField(
                                choices=[
                                    ("manhole", "manhole covers"),
                                    ("lamp", "lamps"),
                                    ("pole_box", "poles and boxes"),
                                    ("kiosk", "kiosks and street furniture"),
                                    ("traffic_facility", "traffic facilities"),
                                    ("bridge", "bridges and passages"),
                                    ("parking", "parking"),
                                    ("toilet_waste", "toilets and waste facilities"),
                                    ("advert_sign", "adverts and signs"),
                                    ("monitor", "monitoring facilities"),
                                    ("tree_green", "trees and greens"),
                                    ("sculpture_seat", "sculptures and seats"),
                                    ("civil_defence", "civil defence and public basements"),
                                    ("hazard_site", "hazards and building sites"),
                                    ("water_facility", "water facilities"),
                                    ("illegal_building", "illegal building"),
                                    ("rubbish", "rubbish"),
                                    ("road_clean", "cleanliness of roads"),
                                    ("green_mess", "untidy greens"),
                                    ("abandoned", "abandoned vehicles and furniture"),
                                    ("road_damage", "damage to roads and banks"),
                                    ("spill", "spills on roads"),
                                    ("facade", "façades"),
                                    ("water_surface", "water surfaces"),
                                    ("smoke", "smoke and burning"),
                                    ("animal", "animals"),
                                    ("adverts", "adverts out of order"),
                                    ("construction", "construction"),
                                    ("sudden_pipe", "burst pipes"),
                                    ("sudden_road", "collapsed or flooded roads"),
                                    ("snow", "snow and ice"),
                                    ("cable", "overhead cables"),
                                    ("crowd", "crowds and other sudden events"),
                                    ("trade", "trade on the street"),
                                    ("vehicle_parking", "parked vehicles and cycles"),
                                    ("noise", "noise"),
                                    ("street_order", "order on the street"),
                                    ("other", "other"),
                                ],
                                max_length=32,
                                verbose_name="family",
                            ),
                        ),
                        (
                            "self_handled_allowed",
                            models.BooleanField(
                                default=False, verbose_name="may be fixed on the spot"
                            ),
                        ),
                        (
                            "deferral_allowed",
                            models.BooleanField(default=False, verbose_name="may be deferred"),
                        ),
                        (
                            "seen_on_patrol",
                            models.BooleanField(default=True, verbose_name="seen on patrol"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                        (
                            "is_local",
                            models.BooleanField(default=False, verbose_name="local class"),
                        ),
                        (
                            "certainty",
                            models.CharField(
                                blank=True,
                                help_text="Where code and name were seen; the printed standard was not at hand.",
                                max_length=16,
                                verbose_name="certainty",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "class",
                        "verbose_name_plural": "classes",
                        "ordering": ["scheme", "kind", "code"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("scheme", "kind", "code"),
                                name="catalogue_class_key",
                                violation_error_message="This scheme has a class of this code already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{4,8}$")),
                                name="catalogue_class_code_digits",
                                violation_error_message="A class code has digits only.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("accuracy_class", ""), ("geometry", ""), ("kind", "event")
                                    ),
                                    models.Q(
                                        ("geometry__in", ["point", "line", "polygon"]),
                                        ("kind", "part"),
                                    ),
                                    _connector="OR",
                                ),
                                name="catalogue_class_part_has_geometry",
                                violation_error_message="A class of parts is a point, a line or an area.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="catalogue_class_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="028d40c6bffd6b9f397a1b2f26faf6f5c956b9bc",
                                    operation="DELETE",
                                    pgid="pgtrigger_catalogue_class_kept_f9e69",
                                    table="parts_catalogueclass",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_catalogueclasshistory" ("accuracy_class", "certainty", "code", "deferral_allowed", "family", "geometry", "id", "initials", "is_active", "is_local", "kind", "major_code", "major_name", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "scheme_id", "seen_on_patrol", "self_handled_allowed") VALUES (OLD."accuracy_class", OLD."certainty", OLD."code", OLD."deferral_allowed", OLD."family", OLD."geometry", OLD."id", OLD."initials", OLD."is_active", OLD."is_local", OLD."kind", OLD."major_code", OLD."major_name", OLD."name", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."pinyin", OLD."scheme_id", OLD."seen_on_patrol", OLD."self_handled_allowed"); RETURN NULL;',
                                    hash="d3cf5b2e21caa0d9cf1b9fc6e9b4cf6a07d1f50d",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_9f1a2",
                                    table="parts_catalogueclass",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CatalogueClassHistory",
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
                                to="parts.catalogueclass",
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
                            "scheme",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.codingscheme",
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("part", "part"), ("event", "event")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        ("code", models.CharField(max_length=8, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "major_code",
                            models.CharField(max_length=4, verbose_name="code of the major class"),
                        ),
                        ("major_name", models.CharField(max_length=64, verbose_name="major class")),
                        (
                            "geometry",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("point", "point"),
                                    ("line", "line"),
                                    ("polygon", "area"),
                                ],
                                default="",
                                max_length=7,
                                verbose_name="geometry",
                            ),
                        ),
                        (
                            "accuracy_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("A", "A ±0.5 m"),
                                    ("B", "B ±1.0 m"),
                                    ("C", "C ±10 m"),
                                ],
                                default="",
                                max_length=1,
                                verbose_name="accuracy class",
                            ),
                        ),
                        (
                            "pinyin",
                            models.CharField(blank=True, max_length=200, verbose_name="pinyin"),
                        ),
                        (
                            "initials",
                            models.CharField(blank=True, max_length=64, verbose_name="initials"),
                        ),
                        (
                            "family",
                            models.CharField(
                                choices=[
                                    ("manhole", "manhole covers"),
                                    ("lamp", "lamps"),
                                    ("pole_box", "poles and boxes"),
                                    ("kiosk", "kiosks and street furniture"),
                                    ("traffic_facility", "traffic facilities"),
                                    ("bridge", "bridges and passages"),
                                    ("parking", "parking"),
                                    ("toilet_waste", "toilets and waste facilities"),
                                    ("advert_sign", "adverts and signs"),
                                    ("monitor", "monitoring facilities"),
                                    ("tree_green", "trees and greens"),
                                    ("sculpture_seat", "sculptures and seats"),
                                    ("civil_defence", "civil defence and public basements"),
                                    ("hazard_site", "hazards and building sites"),
                                    ("water_facility", "water facilities"),
                                    ("illegal_building", "illegal building"),
                                    ("rubbish", "rubbish"),
                                    ("road_clean", "cleanliness of roads"),
                                    ("green_mess", "untidy greens"),
                                    ("abandoned", "abandoned vehicles and furniture"),
                                    ("road_damage", "damage to roads and banks"),
                                    ("spill", "spills on roads"),
                                    ("facade", "façades"),
                                    ("water_surface", "water surfaces"),
                                    ("smoke", "smoke and burning"),
                                    ("animal", "animals"),
                                    ("adverts", "adverts out of order"),
                                    ("construction", "construction"),
                                    ("sudden_pipe", "burst pipes"),
                                    ("sudden_road", "collapsed or flooded roads"),
                                    ("snow", "snow and ice"),
                                    ("cable", "overhead cables"),
                                    ("crowd", "crowds and other sudden events"),
                                    ("trade", "trade on the street"),
                                    ("vehicle_parking", "parked vehicles and cycles"),
                                    ("noise", "noise"),
                                    ("street_order", "order on the street"),
                                    ("other", "other"),
                                ],
                                max_length=32,
                                verbose_name="family",
                            ),
                        ),
                        (
                            "self_handled_allowed",
                            models.BooleanField(
                                default=False, verbose_name="may be fixed on the spot"
                            ),
                        ),
                        (
                            "deferral_allowed",
                            models.BooleanField(default=False, verbose_name="may be deferred"),
                        ),
                        (
                            "seen_on_patrol",
                            models.BooleanField(default=True, verbose_name="seen on patrol"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                        (
                            "is_local",
                            models.BooleanField(default=False, verbose_name="local class"),
                        ),
                        (
                            "certainty",
                            models.CharField(
                                blank=True,
                                help_text="Where code and name were seen; the printed standard was not at hand.",
                                max_length=16,
                                verbose_name="certainty",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="FilingStandard",
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
                            "catalogue_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="standards",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(default=1, verbose_name="order"),
                        ),
                        (
                            "condition",
                            models.CharField(max_length=300, verbose_name="condition of filing"),
                        ),
                        (
                            "limit_value",
                            models.DecimalField(
                                decimal_places=2, max_digits=6, verbose_name="limit"
                            ),
                        ),
                        (
                            "limit_unit",
                            models.CharField(
                                choices=[
                                    ("minute", "minutes"),
                                    ("urgent_hour", "urgent hours"),
                                    ("calendar_day", "calendar days"),
                                    ("working_hour", "working hours"),
                                    ("working_day", "working days"),
                                ],
                                max_length=12,
                                verbose_name="unit of the limit",
                            ),
                        ),
                        (
                            "limit_value_a",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="limit in area A",
                            ),
                        ),
                        (
                            "limit_value_c",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="limit in area C",
                            ),
                        ),
                        (
                            "closing_condition",
                            models.CharField(max_length=300, verbose_name="condition of closing"),
                        ),
                        (
                            "department_kind",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="default kind of department"
                            ),
                        ),
                        (
                            "responsible",
                            models.CharField(
                                blank=True,
                                help_text="As the city's table names them; routing goes by its own rules.",
                                max_length=200,
                                verbose_name="responsible bodies",
                            ),
                        ),
                        (
                            "forced_close",
                            models.CharField(
                                choices=[
                                    ("NEVER", "never"),
                                    ("SAME_DAY", "at the end of the day of filing"),
                                    ("AFTER_DAYS", "after some days"),
                                ],
                                default="NEVER",
                                max_length=10,
                                verbose_name="forced close",
                            ),
                        ),
                        (
                            "forced_close_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days until the forced close"
                            ),
                        ),
                        (
                            "is_default",
                            models.BooleanField(
                                default=False,
                                help_text="Written by the makers of this product, not by a standard or your city.",
                                verbose_name="shipped default",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                    ],
                    options={
                        "verbose_name": "filing standard",
                        "verbose_name_plural": "filing standards",
                        "ordering": ["catalogue_class", "position", "valid_from"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("catalogue_class", "position"),
                                name="filing_standard_one_open_per_position",
                                violation_error_message="This position of the class has a standard in force.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="filing_standard_valid_to_after_from",
                                violation_error_message="The end of validity lies before its begin.",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("catalogue_class", "="),
                                    ("position", "="),
                                    (
                                        models.Func(
                                            models.F("valid_from"),
                                            models.F("valid_to"),
                                            models.Value("[]"),
                                            function="daterange",
                                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="filing_standard_one_at_a_time",
                                violation_error_message="Another standard holds at this position in that time.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("limit_value__gt", 0),
                                    models.Q(
                                        ("limit_value_a", None),
                                        ("limit_value_a__gt", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("limit_value_c", None),
                                        ("limit_value_c__gt", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="filing_standard_limits_positive",
                                violation_error_message="A limit must be more than zero.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("forced_close", "AFTER_DAYS"),
                                        ("forced_close_days__gte", 1),
                                    ),
                                    models.Q(
                                        models.Q(("forced_close", "AFTER_DAYS"), _negated=True),
                                        ("forced_close_days", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="filing_standard_forced_close_days",
                                violation_error_message="Days belong to a forced close after some days.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="filing_standard_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="4d638fbd61f643f304aa30a9d495f1137379c2f1",
                                    operation="DELETE",
                                    pgid="pgtrigger_filing_standard_kept_8b249",
                                    table="parts_filingstandard",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_filingstandardhistory" ("catalogue_class_id", "closing_condition", "condition", "department_kind", "forced_close", "forced_close_days", "id", "is_default", "limit_unit", "limit_value", "limit_value_a", "limit_value_c", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "responsible", "valid_from", "valid_to") VALUES (OLD."catalogue_class_id", OLD."closing_condition", OLD."condition", OLD."department_kind", OLD."forced_close", OLD."forced_close_days", OLD."id", OLD."is_default", OLD."limit_unit", OLD."limit_value", OLD."limit_value_a", OLD."limit_value_c", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."position", OLD."responsible", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                                    hash="70d5398be90aba7a93a658e23ffdd5d0dd81c2b5",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_61a97",
                                    table="parts_filingstandard",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FilingStandardHistory",
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
                                to="parts.filingstandard",
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
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(default=1, verbose_name="order"),
                        ),
                        (
                            "condition",
                            models.CharField(max_length=300, verbose_name="condition of filing"),
                        ),
                        (
                            "limit_value",
                            models.DecimalField(
                                decimal_places=2, max_digits=6, verbose_name="limit"
                            ),
                        ),
                        (
                            "limit_unit",
                            models.CharField(
                                choices=[
                                    ("minute", "minutes"),
                                    ("urgent_hour", "urgent hours"),
                                    ("calendar_day", "calendar days"),
                                    ("working_hour", "working hours"),
                                    ("working_day", "working days"),
                                ],
                                max_length=12,
                                verbose_name="unit of the limit",
                            ),
                        ),
                        (
                            "limit_value_a",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="limit in area A",
                            ),
                        ),
                        (
                            "limit_value_c",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="limit in area C",
                            ),
                        ),
                        (
                            "closing_condition",
                            models.CharField(max_length=300, verbose_name="condition of closing"),
                        ),
                        (
                            "department_kind",
                            models.CharField(
                                blank=True, max_length=32, verbose_name="default kind of department"
                            ),
                        ),
                        (
                            "responsible",
                            models.CharField(
                                blank=True,
                                help_text="As the city's table names them; routing goes by its own rules.",
                                max_length=200,
                                verbose_name="responsible bodies",
                            ),
                        ),
                        (
                            "forced_close",
                            models.CharField(
                                choices=[
                                    ("NEVER", "never"),
                                    ("SAME_DAY", "at the end of the day of filing"),
                                    ("AFTER_DAYS", "after some days"),
                                ],
                                default="NEVER",
                                max_length=10,
                                verbose_name="forced close",
                            ),
                        ),
                        (
                            "forced_close_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days until the forced close"
                            ),
                        ),
                        (
                            "is_default",
                            models.BooleanField(
                                default=False,
                                help_text="Written by the makers of this product, not by a standard or your city.",
                                verbose_name="shipped default",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Edition",
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
                        ("name", models.CharField(max_length=64, unique=True, verbose_name="name")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "draft"),
                                    ("current", "current"),
                                    ("former", "former"),
                                ],
                                default="draft",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="published at"
                            ),
                        ),
                        (
                            "superseded_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="superseded at"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="begun by",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="begun at"),
                        ),
                        (
                            "base",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="following",
                                to="parts.edition",
                                verbose_name="follows",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                        (
                            "changed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="changed by",
                            ),
                        ),
                        (
                            "changed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="changed at"),
                        ),
                        (
                            "checked_version",
                            models.PositiveIntegerField(default=0, verbose_name="checked version"),
                        ),
                        (
                            "checked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="published by",
                            ),
                        ),
                        (
                            "outcome",
                            models.JSONField(blank=True, default=dict, verbose_name="outcome"),
                        ),
                    ],
                    options={
                        "verbose_name": "edition of the grid",
                        "verbose_name_plural": "editions of the grid",
                        "ordering": ["-published_at", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "current")),
                                fields=("state",),
                                name="edition_one_current",
                                violation_error_message="There is a current edition already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at", None),
                                        ("state", "draft"),
                                        ("superseded_at", None),
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state", "current"),
                                        ("superseded_at", None),
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state", "former"),
                                        ("superseded_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="edition_dates_fit_state",
                                violation_error_message="The dates do not fit the state of the edition.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cell",
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
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="parts.edition",
                                verbose_name="edition",
                            ),
                        ),
                        ("code", models.CharField(max_length=15, verbose_name="code")),
                        (
                            "community",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.PolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        (
                            "area_m2",
                            models.DecimalField(
                                decimal_places=1,
                                editable=False,
                                max_digits=12,
                                verbose_name="area in m²",
                            ),
                        ),
                        (
                            "management_class",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "class 1"), (2, "class 2")],
                                default=1,
                                verbose_name="management class",
                            ),
                        ),
                        (
                            "limit_area",
                            models.CharField(
                                choices=[
                                    ("A", "A core area"),
                                    ("B", "B general area"),
                                    ("C", "C outer area"),
                                ],
                                default="B",
                                max_length=1,
                                verbose_name="limit area",
                            ),
                        ),
                        (
                            "responsible_body",
                            models.CharField(
                                blank=True, max_length=100, verbose_name="responsible body"
                            ),
                        ),
                        (
                            "land_use",
                            models.CharField(blank=True, max_length=32, verbose_name="land use"),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        ("initial_on", models.DateField(verbose_name="initial date")),
                        (
                            "end_on",
                            models.DateField(blank=True, null=True, verbose_name="end date"),
                        ),
                        (
                            "void_reason",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="reason for voiding"
                            ),
                        ),
                        (
                            "origins",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=15),
                                db_default=[],
                                default=list,
                                editable=False,
                                help_text="Codes of the cells it was cut from or put together of.",
                                size=None,
                                verbose_name="made of",
                            ),
                        ),
                        (
                            "neighbours",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                default=list,
                                editable=False,
                                help_text="Ids of the cells of the same edition that touch this one.",
                                size=None,
                                verbose_name="neighbours",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "unit grid cell",
                        "verbose_name_plural": "unit grid cells",
                        "ordering": ["code"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="cell_geom_gist"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("edition", "code"),
                                name="cell_code_once_per_edition",
                                violation_error_message="This edition has a cell of this code already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{15}$")),
                                name="cell_code_digits",
                                violation_error_message="The code must have its full number of digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="cell_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="cell_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end_on", None), ("void_reason", "")),
                                    models.Q(
                                        ("end_on__gte", models.F("initial_on")),
                                        models.Q(("void_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="cell_void_has_reason",
                                violation_error_message="A voided cell needs an end date and a reason.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_cellhistory" ("area_m2", "code", "community_id", "edition_id", "end_on", "geom", "id", "initial_on", "land_use", "limit_area", "management_class", "neighbours", "note", "origins", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "responsible_body", "void_reason") VALUES (OLD."area_m2", OLD."code", OLD."community_id", OLD."edition_id", OLD."end_on", OLD."geom", OLD."id", OLD."initial_on", OLD."land_use", OLD."limit_area", OLD."management_class", OLD."neighbours", OLD."note", OLD."origins", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."responsible_body", OLD."void_reason"); RETURN NULL;',
                                    hash="016c34f9ce9379572d08ae9e4a28cf8a07856d72",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_59976",
                                    table="parts_cell",
                                    when="AFTER",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CellHistory",
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
                                to="parts.cell",
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
                            "edition",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.edition",
                                verbose_name="edition",
                            ),
                        ),
                        ("code", models.CharField(max_length=15, verbose_name="code")),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.PolygonField(
                                spatial_index=False, srid=4490, verbose_name="boundary"
                            ),
                        ),
                        (
                            "area_m2",
                            models.DecimalField(
                                decimal_places=1,
                                editable=False,
                                max_digits=12,
                                verbose_name="area in m²",
                            ),
                        ),
                        (
                            "management_class",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "class 1"), (2, "class 2")],
                                default=1,
                                verbose_name="management class",
                            ),
                        ),
                        (
                            "limit_area",
                            models.CharField(
                                choices=[
                                    ("A", "A core area"),
                                    ("B", "B general area"),
                                    ("C", "C outer area"),
                                ],
                                default="B",
                                max_length=1,
                                verbose_name="limit area",
                            ),
                        ),
                        (
                            "responsible_body",
                            models.CharField(
                                blank=True, max_length=100, verbose_name="responsible body"
                            ),
                        ),
                        (
                            "land_use",
                            models.CharField(blank=True, max_length=32, verbose_name="land use"),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        ("initial_on", models.DateField(verbose_name="initial date")),
                        (
                            "end_on",
                            models.DateField(blank=True, null=True, verbose_name="end date"),
                        ),
                        (
                            "void_reason",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="reason for voiding"
                            ),
                        ),
                        (
                            "origins",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=15),
                                db_default=[],
                                default=list,
                                editable=False,
                                help_text="Codes of the cells it was cut from or put together of.",
                                size=None,
                                verbose_name="made of",
                            ),
                        ),
                        (
                            "neighbours",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                default=list,
                                editable=False,
                                help_text="Ids of the cells of the same edition that touch this one.",
                                size=None,
                                verbose_name="neighbours",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Part",
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
                        ("code", models.CharField(max_length=17, unique=True, verbose_name="code")),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="name")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("intact", "intact"),
                                    ("broken", "broken"),
                                    ("lost", "lost"),
                                    ("abandoned", "abandoned"),
                                    ("removed", "removed"),
                                ],
                                default="intact",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.GeometryField(
                                spatial_index=False, srid=4490, verbose_name="position"
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "competent_name",
                            models.CharField(
                                blank=True, max_length=100, verbose_name="competent department"
                            ),
                        ),
                        (
                            "competent_uscc",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                verbose_name="credit code of the competent department",
                            ),
                        ),
                        (
                            "owner_name",
                            models.CharField(blank=True, max_length=100, verbose_name="owner"),
                        ),
                        (
                            "owner_uscc",
                            models.CharField(
                                blank=True, max_length=18, verbose_name="credit code of the owner"
                            ),
                        ),
                        (
                            "maintainer_name",
                            models.CharField(blank=True, max_length=100, verbose_name="maintainer"),
                        ),
                        (
                            "maintainer_uscc",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                verbose_name="credit code of the maintainer",
                            ),
                        ),
                        ("initial_on", models.DateField(verbose_name="initial date")),
                        (
                            "change_on",
                            models.DateField(blank=True, null=True, verbose_name="change date"),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("survey", "surveyed on site"),
                                    ("topographic", "topographic map"),
                                    ("base_data", "basic geographic data"),
                                    ("other", "other source"),
                                ],
                                default="survey",
                                max_length=12,
                                verbose_name="source of the data",
                            ),
                        ),
                        (
                            "accuracy_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("A", "A ±0.5 m"),
                                    ("B", "B ±1.0 m"),
                                    ("C", "C ±10 m"),
                                ],
                                max_length=1,
                                verbose_name="accuracy class",
                            ),
                        ),
                        (
                            "location_text",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="place in words"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                        (
                            "source_key",
                            models.CharField(
                                blank=True,
                                help_text="The register this part was imported from.",
                                max_length=64,
                                verbose_name="register",
                            ),
                        ),
                        (
                            "source_id",
                            models.CharField(
                                blank=True, max_length=64, verbose_name="key in the register"
                            ),
                        ),
                        (
                            "predecessor",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="successor",
                                to="parts.part",
                                verbose_name="part before the reclassification",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part",
                        "verbose_name_plural": "parts",
                        "ordering": ["code"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="part_geom_gist"
                            ),
                            models.Index(fields=["catalogue_class", "code"], name="part_of_class"),
                            models.Index(fields=["cell", "code"], name="part_of_cell"),
                            models.Index(fields=["community", "code"], name="part_of_community"),
                            models.Index(fields=["street", "code"], name="part_of_street"),
                            models.Index(
                                condition=models.Q(("state", "intact"), _negated=True),
                                fields=["state", "code"],
                                name="part_not_intact",
                            ),
                            models.Index(fields=["competent_name"], name="part_competent"),
                            models.Index(fields=["owner_name"], name="part_owner"),
                            models.Index(fields=["maintainer_name"], name="part_maintainer"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("source_key", ""), _negated=True),
                                fields=("source_key", "source_id"),
                                name="part_once_per_register_row",
                                violation_error_message="This row of the register is a part already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{16,17}$")),
                                name="part_code_digits",
                                violation_error_message="A part's code has 16 or 17 digits.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("change_on", None),
                                    ("change_on__gte", models.F("initial_on")),
                                    _connector="OR",
                                ),
                                name="part_change_after_initial",
                                violation_error_message="The change date lies before the initial date.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["lost", "abandoned", "removed"]),
                                        _negated=True,
                                    ),
                                    ("change_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="part_end_state_dated",
                                violation_error_message="An end state needs a change date.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="part_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="part_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("competent_uscc", ""),
                                    ("competent_uscc__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"),
                                    _connector="OR",
                                ),
                                name="part_competent_uscc_form",
                                violation_error_message="A unified social credit code has 18 characters.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("owner_uscc", ""),
                                    ("owner_uscc__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"),
                                    _connector="OR",
                                ),
                                name="part_owner_uscc_form",
                                violation_error_message="A unified social credit code has 18 characters.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("maintainer_uscc", ""),
                                    ("maintainer_uscc__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"),
                                    _connector="OR",
                                ),
                                name="part_maintainer_uscc_form",
                                violation_error_message="A unified social credit code has 18 characters.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="part_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="0d4bcc7d24e110a17eb98d13b943b2e366f0100b",
                                    operation="DELETE",
                                    pgid="pgtrigger_part_kept_b8564",
                                    table="parts_part",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_parthistory" ("accuracy_class", "catalogue_class_id", "cell_id", "change_on", "code", "community_id", "competent_name", "competent_uscc", "geom", "id", "initial_on", "location_text", "maintainer_name", "maintainer_uscc", "name", "note", "owner_name", "owner_uscc", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predecessor_id", "source", "source_id", "source_key", "state", "street_id") VALUES (OLD."accuracy_class", OLD."catalogue_class_id", OLD."cell_id", OLD."change_on", OLD."code", OLD."community_id", OLD."competent_name", OLD."competent_uscc", OLD."geom", OLD."id", OLD."initial_on", OLD."location_text", OLD."maintainer_name", OLD."maintainer_uscc", OLD."name", OLD."note", OLD."owner_name", OLD."owner_uscc", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."predecessor_id", OLD."source", OLD."source_id", OLD."source_key", OLD."state", OLD."street_id"); RETURN NULL;',
                                    hash="d60a1dceeaece61bb4ce457948821f8722769162",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_f3bf2",
                                    table="parts_part",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartHistory",
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
                                to="parts.part",
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
                        ("code", models.CharField(max_length=17, verbose_name="code")),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="name")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("intact", "intact"),
                                    ("broken", "broken"),
                                    ("lost", "lost"),
                                    ("abandoned", "abandoned"),
                                    ("removed", "removed"),
                                ],
                                default="intact",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.GeometryField(
                                spatial_index=False, srid=4490, verbose_name="position"
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "competent_name",
                            models.CharField(
                                blank=True, max_length=100, verbose_name="competent department"
                            ),
                        ),
                        (
                            "competent_uscc",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                verbose_name="credit code of the competent department",
                            ),
                        ),
                        (
                            "owner_name",
                            models.CharField(blank=True, max_length=100, verbose_name="owner"),
                        ),
                        (
                            "owner_uscc",
                            models.CharField(
                                blank=True, max_length=18, verbose_name="credit code of the owner"
                            ),
                        ),
                        (
                            "maintainer_name",
                            models.CharField(blank=True, max_length=100, verbose_name="maintainer"),
                        ),
                        (
                            "maintainer_uscc",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                verbose_name="credit code of the maintainer",
                            ),
                        ),
                        ("initial_on", models.DateField(verbose_name="initial date")),
                        (
                            "change_on",
                            models.DateField(blank=True, null=True, verbose_name="change date"),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("survey", "surveyed on site"),
                                    ("topographic", "topographic map"),
                                    ("base_data", "basic geographic data"),
                                    ("other", "other source"),
                                ],
                                default="survey",
                                max_length=12,
                                verbose_name="source of the data",
                            ),
                        ),
                        (
                            "accuracy_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("A", "A ±0.5 m"),
                                    ("B", "B ±1.0 m"),
                                    ("C", "C ±10 m"),
                                ],
                                max_length=1,
                                verbose_name="accuracy class",
                            ),
                        ),
                        (
                            "location_text",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="place in words"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                        (
                            "source_key",
                            models.CharField(
                                blank=True,
                                help_text="The register this part was imported from.",
                                max_length=64,
                                verbose_name="register",
                            ),
                        ),
                        (
                            "source_id",
                            models.CharField(
                                blank=True, max_length=64, verbose_name="key in the register"
                            ),
                        ),
                        (
                            "predecessor",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.part",
                                verbose_name="part before the reclassification",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PartSerial",
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
                        ("district_code", models.CharField(max_length=6, verbose_name="district")),
                        (
                            "scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.codingscheme",
                                verbose_name="coding scheme",
                            ),
                        ),
                        ("class_code", models.CharField(max_length=8, verbose_name="class")),
                        (
                            "last",
                            models.PositiveIntegerField(
                                default=0, verbose_name="last serial given"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part serial",
                        "verbose_name_plural": "part serials",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("district_code", "scheme", "class_code"),
                                name="part_serial_key",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Proposal",
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
                                    ("new", "new part"),
                                    ("moved", "moved"),
                                    ("changed", "changed"),
                                    ("gone", "gone"),
                                ],
                                max_length=7,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "waits"),
                                    ("accepted", "accepted"),
                                    ("refused", "refused"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="open",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="parts.part",
                                verbose_name="part",
                            ),
                        ),
                        (
                            "catalogue_class",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "values",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="proposed values"
                            ),
                        ),
                        (
                            "point",
                            django.contrib.gis.db.models.fields.PointField(
                                blank=True,
                                null=True,
                                spatial_index=False,
                                srid=4490,
                                verbose_name="position",
                            ),
                        ),
                        (
                            "accuracy_m",
                            models.FloatField(blank=True, null=True, verbose_name="accuracy in m"),
                        ),
                        (
                            "placed_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("gps", "by the device"),
                                    ("manual", "moved by hand"),
                                    ("part", "from the part"),
                                ],
                                max_length=6,
                                verbose_name="placed",
                            ),
                        ),
                        (
                            "words",
                            models.CharField(blank=True, max_length=500, verbose_name="in words"),
                        ),
                        (
                            "case_number",
                            models.CharField(blank=True, max_length=17, verbose_name="case number"),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposed by",
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                        ("key", models.UUIDField(blank=True, null=True, unique=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="answered by",
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="answered at"),
                        ),
                        (
                            "answer",
                            models.CharField(blank=True, max_length=300, verbose_name="answer"),
                        ),
                        (
                            "outcome",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.part",
                                verbose_name="part that came of it",
                            ),
                        ),
                        (
                            "read_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="answer read at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "field update",
                        "verbose_name_plural": "field updates",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["id"],
                                name="proposal_open",
                            ),
                            models.Index(
                                fields=["proposed_by", "-id"], name="proposal_of_proposer"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "new"), ("part", None), ("point__isnull", False)
                                    ),
                                    models.Q(
                                        models.Q(("kind", "new"), _negated=True),
                                        ("part__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="proposal_of_a_part_or_of_a_new_one",
                                violation_error_message="A new part needs a position, any other its part.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "moved"), _negated=True),
                                    ("point__isnull", False),
                                    _connector="OR",
                                ),
                                name="proposal_moved_has_position",
                                violation_error_message="A moved part needs its new position.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at", None), ("state", "open")),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("answered_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="proposal_answered_once_ended",
                                violation_error_message="A field update has an answer exactly when it ended.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "refused"), _negated=True),
                                    models.Q(("answer", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="proposal_refused_with_reason",
                                violation_error_message="A refusal needs a reason.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProposalPhoto",
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
                            "proposal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="parts.proposal",
                                verbose_name="field update",
                            ),
                        ),
                        ("file", models.FileField(db_index=True, upload_to="")),
                        ("thumbnail", models.FileField(upload_to="")),
                        ("sha256", models.BinaryField(max_length=32)),
                        ("taken_at", models.DateTimeField(null=True, verbose_name="taken at")),
                    ],
                    options={
                        "verbose_name": "photo of a field update",
                        "verbose_name_plural": "photos of field updates",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Census",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("opening", "being opened"),
                                    ("open", "open"),
                                    ("closed", "ended"),
                                ],
                                default="opening",
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                        ("name", models.CharField(max_length=64, unique=True, verbose_name="name")),
                        ("begins_on", models.DateField(verbose_name="from")),
                        ("ends_on", models.DateField(verbose_name="until")),
                        (
                            "chosen",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="{streets: [code], cells: [code]}",
                                verbose_name="chosen",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="opened by",
                            ),
                        ),
                        (
                            "opened_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="opened at"),
                        ),
                        (
                            "opening_job",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.job",
                                verbose_name="opening",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                        (
                            "classes",
                            models.ManyToManyField(
                                blank=True,
                                related_name="+",
                                to="parts.catalogueclass",
                                verbose_name="classes",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "census",
                        "verbose_name_plural": "censuses",
                        "ordering": ["-begins_on", "-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("begins_on"))),
                                name="census_ends_after_begin",
                                violation_error_message="The census ends before it begins.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at", None),
                                        ("opened_at", None),
                                        ("state", "opening"),
                                    ),
                                    models.Q(
                                        ("closed_at", None),
                                        ("opened_at__isnull", False),
                                        ("state", "open"),
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("opened_at__isnull", False),
                                        ("state", "closed"),
                                    ),
                                    _connector="OR",
                                ),
                                name="census_instants_fit_state",
                                violation_error_message="A census has been opened when it is open, and ended when it is closed.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_censushistory" ("begins_on", "chosen", "closed_at", "ends_on", "id", "name", "note", "opened_at", "opened_by_id", "opening_job_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (OLD."begins_on", OLD."chosen", OLD."closed_at", OLD."ends_on", OLD."id", OLD."name", OLD."note", OLD."opened_at", OLD."opened_by_id", OLD."opening_job_id", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."state"); RETURN NULL;',
                                    hash="48b4bb39392c5e70f6b2fb918cd4b5766e7468ab",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_f2246",
                                    table="parts_census",
                                    when="AFTER",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CensusHistory",
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
                                to="parts.census",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("opening", "being opened"),
                                    ("open", "open"),
                                    ("closed", "ended"),
                                ],
                                default="opening",
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        ("begins_on", models.DateField(verbose_name="from")),
                        ("ends_on", models.DateField(verbose_name="until")),
                        (
                            "chosen",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="{streets: [code], cells: [code]}",
                                verbose_name="chosen",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="opened by",
                            ),
                        ),
                        (
                            "opened_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="opened at"),
                        ),
                        (
                            "opening_job",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="jobs.job",
                                verbose_name="opening",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CensusCell",
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
                            "census",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="parts.census",
                                verbose_name="census",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                        (
                            "done_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="done at"),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="done by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cell of a census",
                        "verbose_name_plural": "cells of a census",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("census", "cell"),
                                name="census_cell_once",
                                violation_error_message="This census has this cell already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at", None), ("done_by", None)),
                                    models.Q(
                                        ("done_at__isnull", False), ("done_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="census_cell_done_by_somebody",
                                violation_error_message="A cell is done by somebody, at an instant.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CensusPart",
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
                            "census_cell",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="parts.censuscell",
                                verbose_name="cell of a census",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="census_parts",
                                to="parts.part",
                                verbose_name="part",
                            ),
                        ),
                        (
                            "found",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("present", "present"),
                                    ("changed", "changed"),
                                    ("gone", "gone"),
                                ],
                                max_length=7,
                                verbose_name="found",
                            ),
                        ),
                        (
                            "found_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="found at"),
                        ),
                        (
                            "found_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="found by",
                            ),
                        ),
                        (
                            "proposal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="census_parts",
                                to="parts.proposal",
                                verbose_name="field update",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part of a census",
                        "verbose_name_plural": "parts of a census",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("census_cell", "part"),
                                name="census_part_once",
                                violation_error_message="This census has this part already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("found", ""), ("found_at", None), ("found_by", None)),
                                    models.Q(
                                        models.Q(("found", ""), _negated=True),
                                        ("found_at__isnull", False),
                                        ("found_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="census_part_found_by_somebody",
                                violation_error_message="A part was found by somebody, at an instant.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CellCount",
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
                            "what",
                            models.CharField(
                                choices=[
                                    ("parts", "standing parts"),
                                    ("open", "open cases"),
                                    ("filed", "open cases that were filed"),
                                ],
                                max_length=5,
                                verbose_name="what is counted",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                        ("n", models.IntegerField(verbose_name="number")),
                    ],
                    options={
                        "verbose_name": "count of a cell",
                        "verbose_name_plural": "counts of cells",
                        "indexes": [
                            models.Index(
                                fields=["what", "cell"], include=("n",), name="cell_count_what"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LayerVersion",
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
                            "layer",
                            models.CharField(
                                choices=[
                                    ("parts", "parts"),
                                    ("cells", "unit grid cells"),
                                    ("streets", "streets"),
                                ],
                                max_length=8,
                                verbose_name="layer",
                            ),
                        ),
                        ("version", models.BigIntegerField(default=0, verbose_name="version")),
                    ],
                    options={
                        "verbose_name": "version of a layer",
                        "verbose_name_plural": "versions of layers",
                        "indexes": [models.Index(fields=["layer"], name="layer_version_layer")],
                    },
                ),
                migrations.CreateModel(
                    name="CrosswalkPair",
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
                            "from_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pairs_from",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "to_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pairs_to",
                                to="parts.catalogueclass",
                                verbose_name="is read as",
                            ),
                        ),
                        (
                            "to_scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.codingscheme",
                                verbose_name="into the scheme",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "proposed"),
                                    ("confirmed", "confirmed"),
                                    ("refused", "refused"),
                                ],
                                default="proposed",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("exact", "same name"),
                                    ("spelling", "same name, other spelling"),
                                    ("near", "similar name"),
                                    ("answer", "an acceptor's answer"),
                                    ("person", "named by a person"),
                                ],
                                max_length=8,
                                verbose_name="proposed because of",
                            ),
                        ),
                        (
                            "score",
                            models.DecimalField(
                                decimal_places=3, max_digits=4, verbose_name="likeness"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "crosswalk pair",
                        "verbose_name_plural": "crosswalk pairs",
                        "ordering": ["from_class", "-score", "to_class"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("from_class", "to_class"),
                                name="crosswalk_pair_once",
                                violation_error_message="This pair is in the crosswalk already.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "confirmed")),
                                fields=("from_class", "to_scheme"),
                                name="crosswalk_one_confirmed",
                                violation_error_message="This class is read as another one already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at", None),
                                        ("decided_by", None),
                                        ("state", "proposed"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "proposed"), _negated=True),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="crosswalk_decided_by_a_person",
                                violation_error_message="A pair is confirmed or refused by a person, on a day.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("basis__in", ["exact", "spelling"]),
                                        ("state", "refused"),
                                        _negated=True,
                                    ),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="crosswalk_refused_says_why",
                                violation_error_message="Say why the same name is not the same class.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="crosswalk_pair_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ee571409128e3ba07058c01c4802331831ee68f2",
                                    operation="DELETE",
                                    pgid="pgtrigger_crosswalk_pair_kept_ae13b",
                                    table="parts_crosswalkpair",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_crosswalkpairhistory" ("basis", "decided_at", "decided_by_id", "from_class_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "reason", "score", "state", "to_class_id", "to_scheme_id") VALUES (OLD."basis", OLD."decided_at", OLD."decided_by_id", OLD."from_class_id", OLD."id", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."proposed_at", OLD."reason", OLD."score", OLD."state", OLD."to_class_id", OLD."to_scheme_id"); RETURN NULL;',
                                    hash="6e9a3d9d54fd7c76150aedba473a34d5f007e80f",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_e74a8",
                                    table="parts_crosswalkpair",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CrosswalkPairHistory",
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
                                to="parts.crosswalkpair",
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
                            "from_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.catalogueclass",
                                verbose_name="class",
                            ),
                        ),
                        (
                            "to_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.catalogueclass",
                                verbose_name="is read as",
                            ),
                        ),
                        (
                            "to_scheme",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.codingscheme",
                                verbose_name="into the scheme",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "proposed"),
                                    ("confirmed", "confirmed"),
                                    ("refused", "refused"),
                                ],
                                default="proposed",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("exact", "same name"),
                                    ("spelling", "same name, other spelling"),
                                    ("near", "similar name"),
                                    ("answer", "an acceptor's answer"),
                                    ("person", "named by a person"),
                                ],
                                max_length=8,
                                verbose_name="proposed because of",
                            ),
                        ),
                        (
                            "score",
                            models.DecimalField(
                                decimal_places=3, max_digits=4, verbose_name="likeness"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                        (
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SchemeSwitch",
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
                            "from_scheme",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="parts.codingscheme",
                                verbose_name="from the scheme",
                            ),
                        ),
                        (
                            "to_scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="switches",
                                to="parts.codingscheme",
                                verbose_name="to the scheme",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        ("reason", models.CharField(max_length=200, verbose_name="reason")),
                        ("counted", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "change of the coding scheme",
                        "verbose_name_plural": "changes of the coding scheme",
                        "ordering": ["-at", "-pk"],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="scheme_switch_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="3b97323b3193a461dd9de3c784c83928543d3f4c",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_scheme_switch_kept_813b7",
                                    table="parts_schemeswitch",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DraftShape",
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
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shapes",
                                to="parts.edition",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("district", "district"),
                                    ("street", "street"),
                                    ("community", "community"),
                                    ("cell", "unit grid cell"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("row", models.PositiveIntegerField(default=0)),
                        ("code", models.CharField(blank=True, max_length=64)),
                        ("padded_from", models.CharField(blank=True, max_length=64)),
                        ("name", models.CharField(blank=True, max_length=200)),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.GeometryField(
                                null=True, spatial_index=False, srid=4490
                            ),
                        ),
                        (
                            "flaw",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "none"),
                                    ("no_shape", "no boundary"),
                                    ("not_area", "not an area"),
                                    ("not_closed", "not closed"),
                                    ("off_map", "outside China"),
                                ],
                                default="",
                                max_length=10,
                            ),
                        ),
                        (
                            "area_m2",
                            models.DecimalField(decimal_places=1, max_digits=14, null=True),
                        ),
                        ("management_class", models.CharField(blank=True, max_length=16)),
                        ("limit_area", models.CharField(blank=True, max_length=16)),
                        ("responsible_body", models.CharField(blank=True, max_length=200)),
                        ("land_use", models.CharField(blank=True, max_length=64)),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("initial_on", models.DateField(null=True)),
                        (
                            "origins",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=15), default=list, size=None
                            ),
                        ),
                        ("ends", models.BooleanField(default=False)),
                        ("end_reason", models.CharField(blank=True, max_length=200)),
                        ("successor_code", models.CharField(blank=True, max_length=12)),
                    ],
                    options={
                        "verbose_name": "shape of a draft",
                        "verbose_name_plural": "shapes of a draft",
                        "ordering": ["level", "code", "pk"],
                        "indexes": [
                            models.Index(
                                models.F("edition"),
                                models.F("level"),
                                models.F("code"),
                                name="draft_shape_code",
                            ),
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="draft_shape_geom_gist"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DraftFinding",
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
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="parts.edition",
                            ),
                        ),
                        (
                            "check_key",
                            models.CharField(
                                choices=[
                                    ("no_shape", "No boundary"),
                                    ("not_area", "Not an area"),
                                    ("not_closed", "Boundary not closed"),
                                    ("off_map", "Outside China"),
                                    ("crosses_itself", "Boundary crosses itself"),
                                    ("several_pieces", "Cell in several pieces"),
                                    ("code_form", "Code wrong in form"),
                                    ("code_twice", "Code given twice"),
                                    ("code_voided", "Code used before"),
                                    ("code_moved", "Code of another place"),
                                    ("no_parent", "Area of the code unknown"),
                                    ("overlap", "Overlap"),
                                    ("gap", "Gap"),
                                    ("outside", "Outside its area"),
                                    ("across", "Across a boundary"),
                                    ("name", "Name missing or too long"),
                                    ("successor", "No successor"),
                                    ("shifted", "Shifted by the vector of GCJ-02"),
                                    ("parts_outside", "Parts outside every cell"),
                                    ("too_many", "Too many cells in a community"),
                                    ("empty", "Nothing to publish"),
                                    ("order", "Order of the serials"),
                                    ("area_band", "Unusual area"),
                                    ("attribute", "Attribute not understood"),
                                    ("padded", "Leading zeros put back"),
                                    ("cuts_parts", "Cells cut parts"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("is_fault", models.BooleanField(default=True)),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("district", "district"),
                                    ("street", "street"),
                                    ("community", "community"),
                                    ("cell", "unit grid cell"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "codes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), default=list, size=None
                            ),
                        ),
                        ("row", models.PositiveIntegerField(default=0)),
                        ("area_m2", models.FloatField(null=True)),
                        ("values", models.JSONField(default=dict)),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.GeometryField(
                                null=True, spatial_index=False, srid=4490
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "finding in a draft",
                        "verbose_name_plural": "findings in a draft",
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                models.F("edition"),
                                models.F("is_fault"),
                                models.F("check_key"),
                                name="draft_finding_of_edition",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CellHeir",
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
                            "former",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="heirs",
                                to="parts.cell",
                            ),
                        ),
                        (
                            "heir",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="inherits",
                                to="parts.cell",
                            ),
                        ),
                        ("area_m2", models.FloatField()),
                        ("is_main", models.BooleanField(default=False)),
                    ],
                    options={
                        "verbose_name": "heir of a cell",
                        "verbose_name_plural": "heirs of cells",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("former", "heir"), name="cell_heir_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_main", True)),
                                fields=("former",),
                                name="cell_heir_one_main",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartSource",
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
                                help_text="Rows are found again by this name and their own key.",
                                max_length=64,
                                unique=True,
                                verbose_name="register",
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="parts.codingscheme",
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "frame",
                            models.CharField(
                                default="4490", max_length=8, verbose_name="frame of coordinates"
                            ),
                        ),
                        (
                            "class_code",
                            models.CharField(
                                blank=True,
                                help_text="Where the file has no column for the class.",
                                max_length=8,
                                verbose_name="class of all rows",
                            ),
                        ),
                        (
                            "columns",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="{attribute: column}",
                                verbose_name="columns",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "register of parts",
                        "verbose_name_plural": "registers of parts",
                        "ordering": ["key"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("key", ""), _negated=True),
                                name="part_source_named",
                                violation_error_message="A register needs a name.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="part_source_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="c030a323aae3257f3453015c5945359adbfc95fd",
                                    operation="DELETE",
                                    pgid="pgtrigger_part_source_kept_b7f8c",
                                    table="parts_partsource",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_partsourcehistory" ("class_code", "columns", "frame", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scheme_id") VALUES (OLD."class_code", OLD."columns", OLD."frame", OLD."id", OLD."key", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."scheme_id"); RETURN NULL;',
                                    hash="1f624bf173a1e7ca1c0025de3a7ac450f68066c1",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_ce446",
                                    table="parts_partsource",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartSourceHistory",
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
                                to="parts.partsource",
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
                            "key",
                            models.CharField(
                                help_text="Rows are found again by this name and their own key.",
                                max_length=64,
                                verbose_name="register",
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.codingscheme",
                                verbose_name="coding scheme",
                            ),
                        ),
                        (
                            "frame",
                            models.CharField(
                                default="4490", max_length=8, verbose_name="frame of coordinates"
                            ),
                        ),
                        (
                            "class_code",
                            models.CharField(
                                blank=True,
                                help_text="Where the file has no column for the class.",
                                max_length=8,
                                verbose_name="class of all rows",
                            ),
                        ),
                        (
                            "columns",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="{attribute: column}",
                                verbose_name="columns",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PartImport",
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
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="imports",
                                to="parts.partsource",
                                verbose_name="register",
                            ),
                        ),
                        ("folder", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "file",
                            models.FileField(
                                max_length=300,
                                upload_to=parts.models.imports.file_name,
                                verbose_name="file",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="file name")),
                        ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="uploaded by",
                            ),
                        ),
                        ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
                        ("header", models.JSONField(default=list, help_text="[column]")),
                        ("first_rows", models.JSONField(default=list, help_text="[[cell]]")),
                        ("layers", models.JSONField(default=list, help_text="[layer]")),
                        (
                            "frame",
                            models.CharField(max_length=8, verbose_name="frame of coordinates"),
                        ),
                        (
                            "layer",
                            models.CharField(blank=True, max_length=200, verbose_name="layer"),
                        ),
                        (
                            "class_code",
                            models.CharField(
                                blank=True, max_length=8, verbose_name="class of all rows"
                            ),
                        ),
                        (
                            "columns",
                            models.JSONField(blank=True, default=dict, verbose_name="columns"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "check_job",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.job",
                                verbose_name="dry run",
                            ),
                        ),
                        (
                            "checked",
                            models.JSONField(help_text="what the dry run counted", null=True),
                        ),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="tried at")),
                        (
                            "import_job",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="jobs.job",
                                verbose_name="import",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmed by",
                            ),
                        ),
                        (
                            "imported",
                            models.JSONField(help_text="what the import counted", null=True),
                        ),
                        (
                            "imported_at",
                            models.DateTimeField(null=True, verbose_name="imported at"),
                        ),
                    ],
                    options={
                        "verbose_name": "import of parts",
                        "verbose_name_plural": "Imports of parts",
                        "ordering": ["-uploaded_at", "-id"],
                        "indexes": [
                            models.Index(fields=["-uploaded_at", "-id"], name="part_import_newest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("checked__isnull", True), ("checked_at", None)),
                                    models.Q(
                                        ("checked__isnull", False), ("checked_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="part_import_checked_at",
                                violation_error_message="A dry run has counts and an instant.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("imported__isnull", True), ("imported_at", None)),
                                    models.Q(
                                        ("checked__isnull", False),
                                        ("imported__isnull", False),
                                        ("imported_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="part_import_imported_at",
                                violation_error_message="An import has counts and an instant, after a dry run.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="part_import_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ac1bb25e7319f8b44ed51b13885d743b78e1a361",
                                    operation="DELETE",
                                    pgid="pgtrigger_part_import_kept_78734",
                                    table="parts_partimport",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LandUse",
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
                        ("code", models.CharField(max_length=8, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "is_default",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                help_text="Shipped with the product; a city keeps its own table.",
                                verbose_name="local default",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                    ],
                    options={
                        "verbose_name": "land use",
                        "verbose_name_plural": "land uses",
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[A-Z][A-Z0-9]{0,7}$")),
                                name="land_use_code_form",
                                violation_error_message="A code of land use is a capital letter, then letters and digits.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="land_use_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="40d7fa1b5a218a4bd764594622f780d46aa85890",
                                    operation="DELETE",
                                    pgid="pgtrigger_land_use_kept_82baf",
                                    table="parts_landuse",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_landusehistory" ("code", "id", "is_active", "is_default", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."code", OLD."id", OLD."is_active", OLD."is_default", OLD."name", OLD."note", _pgh_attach_context(), NOW(), \'changed\', OLD."id"); RETURN NULL;',
                                    hash="4571b36b8e006e2b24687055b001f0338b1b1783",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_3eeb4",
                                    table="parts_landuse",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LandUseHistory",
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
                                to="parts.landuse",
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
                        ("code", models.CharField(max_length=8, verbose_name="code")),
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "is_default",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                help_text="Shipped with the product; a city keeps its own table.",
                                verbose_name="local default",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Shift",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=16, primary_key=True, serialize=False, verbose_name="key"
                            ),
                        ),
                        ("name", models.CharField(max_length=32, verbose_name="name")),
                        ("begins", models.TimeField(verbose_name="begins")),
                        ("ends", models.TimeField(verbose_name="ends")),
                    ],
                    options={
                        "verbose_name": "shift",
                        "verbose_name_plural": "shifts",
                        "ordering": ["begins"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("begins", models.F("ends")), _negated=True),
                                name="shift_has_length",
                                violation_error_message="A shift cannot begin and end at the same time.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_shifthistory" ("begins", "ends", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."begins", OLD."ends", OLD."key", OLD."name", _pgh_attach_context(), NOW(), \'changed\', OLD."key"); RETURN NULL;',
                                    hash="342d233ec2c537f3ab593cb6a9ddbfdc2f3f5ebc",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_511e0",
                                    table="parts_shift",
                                    when="AFTER",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShiftHistory",
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
                                to="parts.shift",
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
                        (
                            "key",
                            models.CharField(max_length=16, serialize=False, verbose_name="key"),
                        ),
                        ("name", models.CharField(max_length=32, verbose_name="name")),
                        ("begins", models.TimeField(verbose_name="begins")),
                        ("ends", models.TimeField(verbose_name="ends")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Patrol",
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
                            "supervisor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="patrols",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="supervisor",
                            ),
                        ),
                        (
                            "shift",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="patrols",
                                to="parts.shift",
                                verbose_name="shift",
                            ),
                        ),
                        (
                            "cells",
                            models.ManyToManyField(
                                related_name="patrols",
                                through="parts.PatrolCell",
                                to="parts.cell",
                                verbose_name="cells",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "patrol",
                        "verbose_name_plural": "patrols",
                        "ordering": ["shift", "supervisor"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("supervisor", "shift"),
                                name="patrol_one_per_supervisor_and_shift",
                                violation_error_message="This supervisor has a patrol in this shift already.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="patrol_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="9f2e447c04aaba75605e313b1d51d6ebe07f5087",
                                    operation="DELETE",
                                    pgid="pgtrigger_patrol_kept_4b3d2",
                                    table="parts_patrol",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatrolCell",
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
                            "patrol",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="patrol_cells",
                                to="parts.patrol",
                                verbose_name="patrol",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="patrol_cells",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cell of a patrol",
                        "verbose_name_plural": "cells of a patrol",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patrol", "cell"),
                                name="patrol_cell_once",
                                violation_error_message="This patrol has this cell already.",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="given_insert",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func='INSERT INTO "parts_patrolcellhistory" ("cell_id", "id", "patrol_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."cell_id", NEW."id", NEW."patrol_id", _pgh_attach_context(), NOW(), \'given\', NEW."id"); RETURN NULL;',
                                    hash="488f3f9e648b8b259d3e9355511d9d8194388ef6",
                                    operation="INSERT",
                                    pgid="pgtrigger_given_insert_8b860",
                                    table="parts_patrolcell",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="taken_delete",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func='INSERT INTO "parts_patrolcellhistory" ("cell_id", "id", "patrol_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."cell_id", OLD."id", OLD."patrol_id", _pgh_attach_context(), NOW(), \'taken\', OLD."id"); RETURN NULL;',
                                    hash="2bfabe7b7684da0b5194a92619fdb14f031985ea",
                                    operation="DELETE",
                                    pgid="pgtrigger_taken_delete_bc37d",
                                    table="parts_patrolcell",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatrolCellHistory",
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
                                to="parts.patrolcell",
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
                            "patrol",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.patrol",
                                verbose_name="patrol",
                            ),
                        ),
                        (
                            "cell",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.cell",
                                verbose_name="cell",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Place",
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
                                    ("region", "administrative region"),
                                    ("plot", "named plot"),
                                    ("area", "named area"),
                                    ("lane", "road or lane"),
                                    ("door", "door plate"),
                                    ("point", "point of interest"),
                                ],
                                max_length=8,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "standard_name",
                            models.CharField(max_length=100, verbose_name="standard name"),
                        ),
                        (
                            "aliases",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="aliases",
                            ),
                        ),
                        (
                            "former_names",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="former names",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, unique=True, verbose_name="code")),
                        (
                            "street",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="places",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="places",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "point",
                            django.contrib.gis.db.models.fields.PointField(
                                spatial_index=False, srid=4490, verbose_name="position"
                            ),
                        ),
                        (
                            "pinyin",
                            models.CharField(blank=True, max_length=200, verbose_name="pinyin"),
                        ),
                        (
                            "initials",
                            models.CharField(blank=True, max_length=64, verbose_name="initials"),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                    ],
                    options={
                        "verbose_name": "place",
                        "verbose_name_plural": "places",
                        "ordering": ["code"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["point"], name="place_point_gist"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="place_valid_to_after_from",
                                violation_error_message="The end of validity lies before its begin.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("point__isvalid", True)),
                                name="place_point_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("point"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("point"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("point"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("point"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="place_point_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="place_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="aec25146efa53e73fc18e24085e0637225b75e5b",
                                    operation="DELETE",
                                    pgid="pgtrigger_place_kept_0117c",
                                    table="parts_place",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="changed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                                    func='INSERT INTO "parts_placehistory" ("aliases", "code", "community_id", "former_names", "id", "initials", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "point", "standard_name", "street_id", "valid_from", "valid_to") VALUES (OLD."aliases", OLD."code", OLD."community_id", OLD."former_names", OLD."id", OLD."initials", OLD."kind", _pgh_attach_context(), NOW(), \'changed\', OLD."id", OLD."pinyin", OLD."point", OLD."standard_name", OLD."street_id", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                                    hash="c6f50dfc4ec497d2e7e534a3092fe9fbf83f8dc8",
                                    operation="UPDATE",
                                    pgid="pgtrigger_changed_update_89501",
                                    table="parts_place",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlaceHistory",
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
                                to="parts.place",
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
                                    ("region", "administrative region"),
                                    ("plot", "named plot"),
                                    ("area", "named area"),
                                    ("lane", "road or lane"),
                                    ("door", "door plate"),
                                    ("point", "point of interest"),
                                ],
                                max_length=8,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "standard_name",
                            models.CharField(max_length=100, verbose_name="standard name"),
                        ),
                        (
                            "aliases",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="aliases",
                            ),
                        ),
                        (
                            "former_names",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="former names",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        (
                            "street",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.street",
                                verbose_name="street",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="parts.community",
                                verbose_name="community",
                            ),
                        ),
                        (
                            "point",
                            django.contrib.gis.db.models.fields.PointField(
                                spatial_index=False, srid=4490, verbose_name="position"
                            ),
                        ),
                        (
                            "pinyin",
                            models.CharField(blank=True, max_length=200, verbose_name="pinyin"),
                        ),
                        (
                            "initials",
                            models.CharField(blank=True, max_length=64, verbose_name="initials"),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PlaceName",
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
                            "place",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="names",
                                to="parts.place",
                                verbose_name="place",
                            ),
                        ),
                        (
                            "sort",
                            models.CharField(
                                choices=[
                                    ("standard", "standard name"),
                                    ("alias", "alias"),
                                    ("short", "short form"),
                                    ("former", "former name"),
                                ],
                                max_length=8,
                                verbose_name="sort of name",
                            ),
                        ),
                        ("text", models.CharField(max_length=100, verbose_name="name")),
                        (
                            "pinyin",
                            models.CharField(blank=True, max_length=200, verbose_name="pinyin"),
                        ),
                        (
                            "initials",
                            models.CharField(blank=True, max_length=64, verbose_name="initials"),
                        ),
                    ],
                    options={
                        "verbose_name": "name of a place",
                        "verbose_name_plural": "names of places",
                        "indexes": [
                            models.Index(
                                fields=["text"],
                                name="place_name_text",
                                opclasses=["varchar_pattern_ops"],
                            ),
                            models.Index(
                                fields=["pinyin"],
                                name="place_name_pinyin",
                                opclasses=["varchar_pattern_ops"],
                            ),
                            models.Index(
                                fields=["initials"],
                                name="place_name_initials",
                                opclasses=["varchar_pattern_ops"],
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("place", "text"),
                                name="place_name_once",
                                violation_error_message="This place has this name already.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Road",
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
                        ("name", models.CharField(max_length=64, verbose_name="name")),
                        (
                            "klass",
                            models.CharField(
                                choices=[
                                    ("expressway", "expressway"),
                                    ("trunk", "trunk road"),
                                    ("main", "main road"),
                                    ("secondary", "secondary road"),
                                    ("lane", "lane"),
                                    ("river", "watercourse"),
                                ],
                                max_length=12,
                                verbose_name="class of road",
                            ),
                        ),
                        (
                            "width_m",
                            models.PositiveSmallIntegerField(default=10, verbose_name="width in m"),
                        ),
                        (
                            "geom",
                            django.contrib.gis.db.models.fields.MultiLineStringField(
                                spatial_index=False, srid=4490, verbose_name="course"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "road",
                        "verbose_name_plural": "roads",
                        "ordering": ["klass", "name"],
                        "indexes": [
                            django.contrib.postgres.indexes.GistIndex(
                                fields=["geom"], name="road_geom_gist"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("geom__isvalid", True)),
                                name="road_geom_valid",
                                violation_error_message="The boundary crosses itself or is not closed.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMin",
                                            output_field=models.FloatField(),
                                        ),
                                        73.0,
                                    ),
                                    django.db.models.lookups.GreaterThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMin",
                                            output_field=models.FloatField(),
                                        ),
                                        3.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_XMax",
                                            output_field=models.FloatField(),
                                        ),
                                        136.0,
                                    ),
                                    django.db.models.lookups.LessThanOrEqual(
                                        models.Func(
                                            models.F("geom"),
                                            function="ST_YMax",
                                            output_field=models.FloatField(),
                                        ),
                                        54.0,
                                    ),
                                ),
                                name="road_geom_in_china",
                                violation_error_message="The coordinates lie outside China: longitude comes first.",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
