from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_words_beside_events")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_street_newest"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["street", "-id"], include=["state"], name="case_street_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(ended_at__isnull=True),
                fields=["street", "state", "-id"],
                name="case_open_street",
            ),
        ),
    ]
