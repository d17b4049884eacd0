from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_outgoing_notices")]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["ended_at"],
                name="task_ended",
            ),
        ),
    ]
