"""Figures of the desks are counted from facts now: each stay is written without an index for them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_days_of_desks")]

    operations = [migrations.RemoveIndex(model_name="stay", name="stay_dispatch_ended")]
