"""What the product ships for the dispatch: the default ladder, and the number of the rules."""

from datetime import datetime, timedelta, timezone

from django.db import migrations

DEFAULT_LEVELS = (
    (0, 80, "members"),
    (1, 100, "lead"),
    (2, 150, "dispatcher"),
    (3, 200, "duty_chief"),
    (4, 300, "official"),
)


def set_the_default(apps, schema_editor):
    """The default ladder stands in the table, to be seen there and followed by another."""
    ladder = apps.get_model("dispatch", "EscalationLadder").objects.create(
        valid_from=datetime(2004, 1, 1, tzinfo=timezone(timedelta(hours=8))),
        note="本产品的默认值，并非标准规定",
    )
    rung = apps.get_model("dispatch", "EscalationRung")
    rung.objects.bulk_create(
        rung(ladder=ladder, level=level, share=share, receiver=receiver)
        for level, share, receiver in DEFAULT_LEVELS
    )


class Migration(migrations.Migration):
    replaces = [("dispatch", "0006_ladders")]

    dependencies = [("dispatch", "0001_tables")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO dispatch_routingversion (id, number) VALUES (1, 1)",
            "DELETE FROM dispatch_routingversion",
        ),
        migrations.RunPython(set_the_default, migrations.RunPython.noop),
    ]
