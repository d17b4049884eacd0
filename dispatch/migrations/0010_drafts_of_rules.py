import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0009_department_hours"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="routingrule",
            name="routing_rule_kept",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="routingrule",
            name="changed_update",
        ),
        migrations.RemoveConstraint(
            model_name="routingrule",
            name="routing_rule_equal_in_all",
        ),
        migrations.AddField(
            model_name="routingrule",
            name="is_draft",
            field=models.BooleanField(
                default=False,
                help_text="A draft sends no case anywhere until published.",
                verbose_name="draft",
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                help_text="The rule that ends on the day before this one begins.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="dispatch.routingrule",
                verbose_name="replaces",
            ),
        ),
        migrations.AddField(
            model_name="routingrulehistory",
            name="is_draft",
            field=models.BooleanField(
                default=False,
                help_text="A draft sends no case anywhere until published.",
                verbose_name="draft",
            ),
        ),
        migrations.AddField(
            model_name="routingrulehistory",
            name="replaces",
            field=models.ForeignKey(
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
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(fields=["began_at"], name="turn_began"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingrule",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingrule",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("is_draft", False)),
                expressions=[
                    (
                        models.Case(
                            models.When(
                                kind="part",
                                then=models.Func(
                                    models.Value(0), models.Value(1), function="int4range"
                                ),
                            ),
                            models.When(
                                kind="event",
                                then=models.Func(
                                    models.Value(1), models.Value(2), function="int4range"
                                ),
                            ),
                            default=models.Func(
                                models.Value(0), models.Value(2), function="int4range"
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
        ),
    ]
