from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_what_follows_the_end")]

    operations = [
        migrations.AlterField(
            model_name="photo",
            name="file",
            field=models.FileField(max_length=100, db_index=True, upload_to=""),
        ),
    ]
