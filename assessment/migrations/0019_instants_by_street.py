"""Of the rare things of one street in a month no row of the other streets is read."""

from django.db import migrations, models

INSTANTS = {
    "casefact": (
        "began_at", "reported_at", "accepted_at", "filed_at", "dispatched_at", "disputed_at",
        "ended_at",
    ),
    "turnfact": ("began_at", "finished_at", "ended_at"),
    "taskfact": ("ended_at",),
    "stayfact": ("ended_at",),
    "callfact": ("called_at",),
}  # fmt: skip


def with_street(model, base):
    """The index of an instant made anew with the street behind it."""
    name = f"{model.removesuffix('fact')}_fact_{base.removesuffix('_at')}"
    condition = models.Q((f"{base}__isnull", False))
    index = models.Index(condition=condition, fields=[base, "street"], name=name)
    return [migrations.RemoveIndex(model, name), migrations.AddIndex(model, index)]


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0018_stays_by_their_end"),
    ]

    operations = [
        operation
        for model, bases in INSTANTS.items()
        for base in bases
        for operation in with_street(model, base)
    ]
