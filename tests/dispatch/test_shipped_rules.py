"""The departments, standards and routing rules that ship with the product are complete."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from django.contrib.auth import get_user_model

from dispatch.models import Department, Membership, RoutingRule, RoutingVersion
from dispatch.routing import Dept, Index, Question, Rule, build_index, propose
from dispatch.services import loading
from dispatch.services.loading import fixture_path, load_departments, load_routing, load_standards
from dispatch.services.members import load_members
from gridcity.contracts import CLOCK, Forbidden, Invalid
from parts.codes import is_uscc
from parts.models import CatalogueClass, FilingStandard
from tests.district import TestDistrict, at

ON = date(2026, 6, 10)
UNITS = {"minute", "urgent_hour", "calendar_day", "working_hour", "working_day"}


def rows(name: str) -> list[dict[str, str]]:
    with fixture_path(name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def classes() -> Iterator[tuple[str, str, str, str]]:
    """Scheme, kind, code and name of every minor class."""
    for row in rows("catalogue.csv"):
        if row["minor_code"]:
            yield row["scheme"], row["kind"], row["class_code"], row["minor_name"]


def cells() -> list[str]:
    with gzip.open(fixture_path("geography/cells.csv.gz"), "rt", encoding="utf-8") as handle:
        return [row["code"] for row in csv.DictReader(handle)]


@cache
def shipped() -> Index:
    """The index of routing.csv, as it is loaded."""
    departments = {
        row["code"]: Department(id=number, code=row["code"], street_code=row["street_code"])
        for number, row in enumerate(rows("departments.csv"), 1)
    }
    made = loading._rules(rows("routing.csv"), departments)
    return build_index(
        [
            Rule(
                number, rule.kind, rule.scheme_key, rule.class_scope, rule.class_code,
                rule.area_code, rule.department.pk, rule.source, rule.working_time, rule.automatic,
            )
            for number, rule in enumerate(made)
        ],
        [Dept(dept.pk, dept.code, dept.name) for dept in departments.values()],
    )  # fmt: skip


def test_every_class_in_every_cell_has_an_owner_at_any_time() -> None:
    index = shipped()
    manned = frozenset(index.departments)
    communities = {code[:12]: code for code in cells()}
    assert len(communities) == 169
    assert not [area for area in index.shelf if len(area) > 9]  # no rule below a street:
    streets = {code[:9]: code for code in communities.values()}  # one cell stands for its street
    assert len(streets) == 17
    for scheme, kind, code, _name in classes():
        for cell in streets.values():
            for is_working in (True, False):
                areas = (cell, cell[:12], cell[:9], cell[:6])
                asked = Question(kind, scheme, code, areas, ON, is_working=is_working)
                assert propose(index, asked, manned).department is not None, (scheme, kind, code)


def test_rules_that_are_automatic_are_few_and_name_one_class() -> None:
    automatic = [row for row in rows("routing.csv") if row["automatic"] == "1"]
    assert automatic
    assert all(row["class_scope"] == "code" for row in automatic)


def test_departments_have_credit_codes_that_are_right_and_differ() -> None:
    found = rows("departments.csv")
    assert all(is_uscc(row["uscc"]) for row in found)
    assert len({row["uscc"] for row in found}) == len({row["code"] for row in found}) == len(found)
    assert sum(bool(row["street_code"]) for row in found) == 17


def test_every_class_has_one_to_four_standards() -> None:
    templates: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("standards.csv"):
        templates[row["standards"]].append(row)
    families = {
        (row["scheme"], row["kind"], row["code"]): row for row in rows("class_families.csv")
    }
    kinds = {row["kind"] for row in rows("departments.csv")}
    for scheme, kind, code, name in classes():
        family = families[scheme, kind, code]
        found = templates[family["standards"]]
        assert 1 <= len(found) <= 4, name
        assert [int(row["position"]) for row in found] == list(range(1, len(found) + 1))
        assert family["department_kind"] in kinds
    for row in rows("standards.csv"):
        assert row["condition"]
        assert row["closing_condition"]
        assert Decimal(row["limit_value"]) > 0
        assert row["limit_unit"] in UNITS
        assert row["department_kind"] in kinds | {""}


@pytest.mark.parametrize(
    ("kind", "code", "limits"),
    [
        ("part", "0101", [("2", "urgent_hour"), ("4", "working_hour"), ("2", "working_day"),
                          ("5", "working_day")]),
        ("part", "0118", [("1", "working_day"), ("2", "working_hour"), ("2", "working_day"),
                          ("2", "working_day")]),
        ("part", "0402", [("1", "working_day"), ("2", "working_day"), ("2", "working_day"),
                          ("5", "working_day")]),
        ("event", "0101", [("2", "calendar_day"), ("15", "working_day")]),
        ("event", "0102", [("4", "working_hour"), ("1", "working_day")]),
        ("event", "0104", [("2", "working_hour"), ("4", "working_hour")]),
        ("event", "0201", [("1", "working_day")]),
        ("event", "0401", [("2", "urgent_hour"), ("5", "working_day")]),
        ("event", "0402", [("1", "urgent_hour"), ("5", "working_day")]),
        ("event", "0406", [("2", "urgent_hour")]),
        ("event", "0501", [("2", "urgent_hour")]),
        ("event", "0504", [("2", "urgent_hour")]),
    ],
)  # fmt: skip
def test_limits_are_the_ones_in_use(kind: str, code: str, limits: list[tuple[str, str]]) -> None:
    (family,) = [
        row["standards"]
        for row in rows("class_families.csv")
        if (row["scheme"], row["kind"], row["code"]) == ("CJT214-2007", kind, code)
    ]
    found = [row for row in rows("standards.csv") if row["standards"] == family]
    assert [(row["limit_value"], row["limit_unit"]) for row in found] == limits


@pytest.mark.django_db
def test_loading_twice_adds_once_and_leaves_alone_what_was_changed(db: None) -> None:
    from parts.models import CodingScheme

    scheme = CodingScheme.objects.create(
        key="CJT214-2007", name="CJ/T 214", class_minor_length=2, class_code_length=4
    )
    CatalogueClass.objects.create(
        scheme=scheme, kind="event", code="0102", name="暴露垃圾", major_code="01",
        major_name="市容环境", family="rubbish",
    )  # fmt: skip
    RoutingVersion.objects.get_or_create(id=1)
    before = RoutingVersion.objects.get().number
    for _time in (1, 2):
        load_departments(actor=CLOCK, at=at())
        load_routing(actor=CLOCK, at=at())
        load_standards(actor=CLOCK, at=at())
    assert Department.objects.count() == 38
    rule = RoutingRule.objects.filter(area_scope="street").first()
    assert rule is not None
    assert rule.department.street_code == rule.area_code
    assert FilingStandard.objects.filter(is_default=True).count() == 2
    assert RoutingVersion.objects.get().number > before
    count = RoutingRule.objects.count()
    RoutingRule.objects.filter(pk=rule.pk).update(department=Department.objects.get(code="D211"))
    assert load_routing(actor=CLOCK, at=at()) == 0
    assert RoutingRule.objects.count() == count
    rule.refresh_from_db()
    assert rule.department.code == "D211"


@pytest.mark.django_db
def test_loaders_are_the_administrators_alone(district: TestDistrict) -> None:
    for load in (load_departments, load_routing, load_standards):
        with pytest.raises(Forbidden):
            load(actor=district.actor("dispatcher-1"), at=at())


@pytest.mark.django_db
def test_members_are_put_into_departments_that_exist(district: TestDistrict) -> None:
    users = get_user_model()
    new = users.objects.create_user("somebody", full_name="某人", roles=["department"])
    administrator = district.actor("administrator")
    said = {"actor": administrator, "at": at(), "leads": {}}
    with pytest.raises(Invalid):
        load_members(users={"nobody": new.pk}, **said)
    load_members(users={"d101": new.pk}, **said)
    load_members(users={"d102": new.pk}, **said)  # a member already: stays where he is
    assert Membership.objects.get(user=new).department.code == "d101"
