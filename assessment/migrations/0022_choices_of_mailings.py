"""Overviews by e-mail: with the choices of the page, and of quarters, half-years and years."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0021_bands_of_first_class_cells"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="subscription", name="subscription_once"),
        migrations.AddField(
            model_name="subscription",
            name="choices",
            field=models.JSONField(default=dict, verbose_name="choices of the page"),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="span",
            field=models.CharField(
                choices=[
                    ("day", "Day"), ("week", "Week"), ("month", "Month"), ("quarter", "Quarter"),
                    ("half", "Half-year"), ("year", "Year"),
                ],
                max_length=7,
                verbose_name="of each",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("user", "span", "form", "choices"),
                name="subscription_once",
                violation_error_message="You get this already.",
            ),
        ),
    ]  # fmt: skip
