"""Departments, routing rules and filing standards from the files that ship with the product.

Each loader may run any number of times: it adds what is missing and leaves alone what an
administrator has changed since.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dispatch.models import Department, LoadedFixture, RoutingRule
from gridcity.contracts import Actor, Forbidden, Role
from parts.models import CatalogueClass, FilingStandard

# The day from which what ships with the product is valid: before any case of a new installation.
SHIPPED_FROM = date(2020, 1, 1)
OF_THE_STREET = "*"  # in routing.csv: every street, to its own office

Row = dict[str, str]


def fixture_path(name: str) -> Path:
    return Path(settings.BASE_DIR) / "fixtures" / name


def content_sum(*names: str, extra: str = "") -> str:
    """The sha256 of shipped files and of anything else that decides what is loaded."""
    digest = hashlib.sha256(extra.encode())
    for name in names:
        digest.update(fixture_path(name).read_bytes())
    return digest.hexdigest()


def is_loaded(*, name: str, sha256: str) -> bool:
    return LoadedFixture.objects.filter(name=name, sha256=sha256).exists()


def mark_loaded(*, name: str, sha256: str, at: datetime) -> None:
    LoadedFixture.objects.update_or_create(name=name, defaults={"sha256": sha256, "loaded_at": at})


def load_departments(*, actor: Actor, at: datetime) -> int:
    """Departments of `departments.csv`, added by code; returns how many there are."""
    _administrators_only(actor)
    rows = _rows("departments.csv")
    Department.objects.bulk_create(
        (
            Department(
                code=row["code"],
                name=row["name"],
                kind=row["kind"],
                uscc=row["uscc"],
                street_code=row["street_code"],
                assessment_group="街道办事处" if row["street_code"] else "专业部门",
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )
    return len(rows)


def load_routing(*, actor: Actor, at: datetime) -> int:
    """Rules of `routing.csv`, those of every street once for each office; returns the new ones."""
    _administrators_only(actor)
    with transaction.atomic():
        departments = {dept.code: dept for dept in Department.objects.active()}
        there = set(RoutingRule.objects.published().values_list(*_RULE_KEY))
        new = [
            rule
            for rule in _rules(_rows("routing.csv"), departments)
            if tuple(getattr(rule, name) for name in _RULE_KEY) not in there
        ]
        RoutingRule.objects.bulk_create(new, batch_size=1000)
    return len(new)


_RULE_KEY = (
    "kind", "scheme_key", "class_scope", "class_code", "area_code", "source", "working_time",
)  # fmt: skip


def _rules(rows: Iterable[Row], departments: dict[str, Department]) -> Iterator[RoutingRule]:
    offices = [dept for dept in departments.values() if dept.street_code]
    for row in rows:
        if row["area_code"] == OF_THE_STREET:
            for office in offices:
                yield _rule(row, office.street_code, office)
        else:
            yield _rule(row, row["area_code"], departments[row["department"]])


def _rule(row: Row, area_code: str, department: Department) -> RoutingRule:
    return RoutingRule(
        kind=row["kind"],
        scheme_key=row["scheme"],
        class_scope=row["class_scope"],
        class_code=row["class_code"],
        area_scope=row["area_scope"],
        area_code=area_code,
        source=row["source"],
        working_time=row["working_time"],
        department=department,
        automatic=row["automatic"] == "1",
        valid_from=SHIPPED_FROM,
        note=row["note"],
    )


def load_standards(*, actor: Actor, at: datetime) -> int:
    """Default filing standards of every class that has none; returns how many were added.

    They are written by us by family, in our own words, and labelled as defaults (domain law §7).
    """
    _administrators_only(actor)
    templates: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _rows("standards.csv"):
        templates[row["standards"]].append(row)
    families = {
        (row["scheme"], row["kind"], row["code"]): row for row in _rows("class_families.csv")
    }
    with transaction.atomic():
        bare = CatalogueClass.objects.filter(standards=None)
        new = [
            _standard(entry, families[key], template)
            for entry in bare
            if (key := (entry.scheme_id, entry.kind, entry.code)) in families
            for template in templates[families[key]["standards"]]
        ]
        FilingStandard.objects.bulk_create(new, batch_size=1000)
    return len(new)


def _standard(entry: CatalogueClass, family: Row, template: Row) -> FilingStandard:
    def number(name: str) -> Any:
        return Decimal(template[name]) if template[name] else None

    days = template["forced_close_days"]
    return FilingStandard(
        catalogue_class=entry,
        position=int(template["position"]),
        condition=template["condition"],
        limit_value=Decimal(template["limit_value"]),
        limit_unit=template["limit_unit"],
        limit_value_a=number("limit_value_a"),
        limit_value_c=number("limit_value_c"),
        closing_condition=template["closing_condition"],
        department_kind=template["department_kind"] or family["department_kind"],
        forced_close=template["forced_close"],
        forced_close_days=int(days) if days else None,
        is_default=True,
        valid_from=SHIPPED_FROM,
    )


def _rows(name: str) -> list[Row]:
    with fixture_path(name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _administrators_only(actor: Actor) -> None:
    if not actor.is_system and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden(_("Departments, routing and standards are the administrators' to load."))
