from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_photo_files_by_name")]

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
