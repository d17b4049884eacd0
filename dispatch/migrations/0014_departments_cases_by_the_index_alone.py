"""What a department may see is told by an index alone, in which the turns of years are few pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0013_days_of_desks")]

    operations = [
        migrations.RemoveIndex(model_name="turn", name="turn_department_case"),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                fields=["department", "-case"], include=["end_kind"], name="turn_department_case"
            ),
        ),
    ]
