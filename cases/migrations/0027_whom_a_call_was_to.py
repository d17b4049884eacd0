"""A call back names the reporter it was to; who made old calls did not say."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0026_numbers_of_scores")]

    operations = [
        migrations.AddField(
            model_name="callback",
            name="reporter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="call_backs",
                to="cases.reporter",
            ),
        ),
    ]
