"""The suite guards the house: directions, names and guards of the database (house style §§1, 4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

APPS = ["gridcity", "assessment", "dispatch", "cases", "parts", "jobs"]
ROOT = Path(settings.BASE_DIR)
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_rightwards_only(model):
    """import-linter cannot see foreign keys that are given as strings."""
    here = APPS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if not (field.is_relation and field.concrete) or field.related_model is None:
            continue
        target = field.related_model._meta
        if target.app_label not in APPS or target.label == settings.AUTH_USER_MODEL:
            continue
        assert APPS.index(target.app_label) >= here, f"{model._meta.label}.{field.name}"


def test_migrations_depend_rightwards_only():
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in loader.disk_migrations.items():
        for other, first in migration.dependencies:
            is_user = other == "gridcity" and first in {"__first__", "0001_user"}
            if app in APPS and other in APPS and not is_user:
                assert APPS.index(other) >= APPS.index(app), f"{app}.{name} needs {other}"


def test_the_first_migration_of_the_platform_is_the_user_alone():
    from django.db.migrations.loader import MigrationLoader

    first = MigrationLoader(None, ignore_no_migrations=True).disk_migrations[
        "gridcity", "0001_user"
    ]
    assert [operation.name for operation in first.operations if hasattr(operation, "fields")] == [
        "User"
    ]


def test_what_was_folded_is_replaced_once():
    """Replaced twice, a database whose making was interrupted would take the second for applied."""
    from django.db.migrations.loader import MigrationLoader

    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    replaced = [name for migration in on_disk.values() for name in migration.replaces]
    assert len(replaced) == len(set(replaced))
    assert not set(replaced) & set(on_disk)


@pytest.mark.parametrize("name", ["core", "common", "utils", "helpers", "misc", "shared"])
def test_no_module_is_a_drawer_for_everything(name):
    assert not [path for path in SOURCES if path.stem == name]


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name not in {"__init__.py", "apps.py"}
        and "migrations" not in path.parts
        and not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_modules_stay_small():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if "migrations" not in path.parts
        and (lines := path.read_text(encoding="utf-8").count("\n")) > 500
    }
    assert long == {}


def test_services_read_no_clock_and_import_no_task():
    clock = re.compile(r"timezone\.now\(|datetime\.now\(|time\.time\(|date\.today\(")
    for path in SOURCES:
        if "services" in path.parts or path.stem == "services":
            text = path.read_text(encoding="utf-8")
            assert not clock.search(text), path
            assert "celery" not in text, path
            assert not re.search(r"^from \w+\.tasks import|^from \w+ import tasks$", text, re.M), (
                path
            )


def test_services_never_save_a_whole_row():
    """`save()` without its fields would write back what another transaction has changed."""
    whole = re.compile(r"\.save\(\)")
    for path in SOURCES:
        if "services" in path.parts or path.stem == "services":
            assert not whole.search(path.read_text(encoding="utf-8")), path


@pytest.mark.django_db
def test_every_constraint_and_index_has_a_name_of_its_own():
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint c join pg_class t on t.oid = c.conrelid "
            "where contype = 'c' and t.relname ~ '^(cases|dispatch|parts|gridcity|jobs)_'"
        )
        names = [row[0] for row in cursor.fetchall()]
    assert len(names) == len(set(names)) >= 20


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["cases_event"])
def test_what_is_appended_is_guarded_by_the_database(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid "
            "where c.relname = %s and not tgisinternal",
            [table],
        )
        assert cursor.fetchone()[0] >= 1
