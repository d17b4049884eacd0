"""Departments, members and rules in the administration: nothing a rule guards is edited there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import RequestFactory

from cases.workflow import State
from dispatch.forms import DepartmentForm, RoutingRuleForm
from dispatch.models import Department, Membership, RoutingRule, RoutingVersion, SweepError
from dispatch.services.sweep_errors import retry_errors
from tests.district import TestDistrict, at
from tests.factories import start

pytestmark = pytest.mark.django_db

RULE: dict[str, Any] = {
    "kind": "event", "scheme_key": "CJT214-2007", "class_scope": "code", "class_code": "0501",
    "area_scope": "street", "area_code": "110101001", "source": "", "working_time": "",
    "automatic": "", "valid_from": "2026-01-01", "valid_to": "", "note": "",
}  # fmt: skip


def rule_form(district: TestDistrict, **changed: Any) -> RoutingRuleForm:
    return RoutingRuleForm({**RULE, "department": district.departments["d101"].pk, **changed})


def test_a_rule_needs_an_area_a_class_and_a_department_that_exist(district: TestDistrict) -> None:
    assert rule_form(district).is_valid()
    for field, wrong in (
        ("area_code", "110101099"),
        ("area_code", "1101"),
        ("class_code", "7777"),
        ("department", ""),
    ):
        assert field in rule_form(district, **{field: wrong}).errors
    cell = district.cells[0, 0].code
    assert rule_form(district, area_scope="cell", area_code=cell).is_valid()


def test_equal_rules_are_an_error_that_the_administrator_sees(district: TestDistrict) -> None:
    first = rule_form(district)
    assert first.is_valid()
    first.save()
    twin = rule_form(district, department=district.departments["d102"].pk)
    assert not twin.is_valid()
    assert "__all__" in twin.errors
    later = {"valid_from": "2027-01-01"}
    RoutingRule.objects.filter(class_code="0501").update(valid_to="2026-12-31")
    assert rule_form(district, **later).is_valid()


def test_a_rule_for_parts_and_events_is_equal_to_one_for_either(district: TestDistrict) -> None:
    general = {"scheme_key": "", "class_scope": "any", "class_code": "", "area_scope": "district",
               "area_code": "110101"}  # fmt: skip
    assert not rule_form(district, **general, kind="any").is_valid()  # parts have one already
    assert rule_form(district, **general, kind="event").is_valid()


def test_the_database_refuses_equal_rules_whoever_writes_them(district: TestDistrict) -> None:
    rule = RoutingRule.objects.filter(kind="part").get()
    rule.pk = None
    with pytest.raises(IntegrityError, match="routing_rule_equal_in_all"), transaction.atomic():
        rule.save(force_insert=True)


def test_every_change_of_rules_and_departments_raises_the_version(district: TestDistrict) -> None:
    def number() -> int:
        return RoutingVersion.objects.get().number

    before = number()
    RoutingRule.objects.filter(kind="part").update(automatic=True)
    assert number() == before + 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dispatch_department SET contact_name = '值班'")
    assert number() == before + 2


def test_a_department_with_open_cases_is_not_closed(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    department = district.departments["s201"]
    said = {name: getattr(department, name) or "" for name in DepartmentForm.Meta.fields}
    said |= {"is_active": "", "working_periods": "[]"}
    assert "is_active" in DepartmentForm(said, instance=department).errors
    for step in ("finish", "send_check", "check_passed", "close"):
        walk.step(step)
    form = DepartmentForm(said, instance=department)
    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    ("periods", "right"),
    [
        ("[]", True),
        ('[["08:00", "12:00"], ["14:00", "18:00"]]', True),
        ('[["00:00", "24:00"]]', True),
        ('[["20:00", "06:00"]]', True),
        ('[["08:00", "12:00"], ["20:00", "02:00"]]', True),
        ('[["08:00", "12:00"], ["11:00", "18:00"]]', False),
        ('[["14:00", "18:00"], ["08:00", "12:00"]]', False),
        ('[["8:00", "12:00"]]', False),
        ('[["08:00"]]', False),
        ('{"a": 1}', False),
        ('[["20:00", "09:00"], ["10:00", "12:00"]]', False),
    ],
)
def test_working_periods_are_in_order_and_do_not_overlap(
    district: TestDistrict, periods: str, right: bool
) -> None:
    department = district.departments["w301"]
    said = {name: getattr(department, name) or "" for name in DepartmentForm.Meta.fields}
    form = DepartmentForm(said | {"working_periods": periods}, instance=department)
    assert ("working_periods" not in form.errors) is right


def test_a_wrong_check_character_is_refused(district: TestDistrict) -> None:
    department = district.departments["w301"]
    said = {name: getattr(department, name) or "" for name in DepartmentForm.Meta.fields}
    wrong = department.uscc[:-1] + ("0" if department.uscc[-1] != "0" else "1")
    assert "uscc" in DepartmentForm(said | {"uscc": wrong}, instance=department).errors


def test_only_a_user_of_the_role_department_is_a_member(district: TestDistrict) -> None:
    member = Membership(user=district.user("official-1"), department=district.departments["d101"])
    with pytest.raises(ValidationError):
        member.full_clean()


@pytest.mark.parametrize("model", [Department, RoutingRule])
def test_nothing_is_deleted(district: TestDistrict, model: type[Any]) -> None:
    request = RequestFactory().get("/")
    request.user = district.user("administrator")
    assert not admin.site.get_model_admin(model).has_delete_permission(request)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        model._base_manager.filter(pk=model.objects.first().pk)._raw_delete("default")


def test_a_listed_error_can_be_tried_again_at_once(db: None) -> None:
    error = SweepError.objects.create(
        kind="close", item_id=1, error="x", first_at=at(), last_at=at(), retry_at=at("20:00")
    )
    assert retry_errors(ids=[error.pk], at=at("11:00")) == 1
    error.refresh_from_db()
    assert error.retry_at == at("11:00")
