"""The administration: for administrators alone, under a strict policy, nothing guarded in it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils import timezone, translation

from cases.clocks.numbers import NUMBERS
from cases.models import (
    CalendarDay,
    CalendarYear,
    Case,
    ClockNumber,
    Event,
    Message,
    Photo,
    Stay,
    Task,
)
from cases.models.reporter import Reporter
from cases.selectors.settings import stage_limit_s, working_dates
from dispatch.models import Membership, Request, RequestStep, Turn
from gridcity.attention import things_to_see
from gridcity.authentication import issue_token
from gridcity.models import ApiToken, User
from tests.clients import inspect
from tests.district import PASSWORD, USER_OF_ROLE, at

GUARDED = (Case, Event, Stay, Task, Photo, Reporter, Message, Turn, Request, RequestStep)
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NEVER_DELETED = {"gridcity.User", "dispatch.Department", "dispatch.RoutingRule", "parts.Cell"}


@pytest.fixture
def office(browser_client, district):
    """The browser of the administrator."""
    return browser_client.enter(district.user("administrator"))


def address(model, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def post(office, url, **fields):
    """Send a form of the administration; answers with its errors, or nothing when it was taken."""
    response = office.post(url, fields)
    if response.status_code == 302:
        return []
    assert response.status_code == 200
    context = response.context
    listed = context["adminform"].form.errors if "adminform" in context else context["form"].errors
    return [str(sentence) for sentences in listed.values() for sentence in sentences]


# ---------------------------------------------------------------- who enters


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_only_administrators_enter(browser_client, district, role):
    browser_client.enter(district.user(USER_OF_ROLE[role]))
    response = browser_client.get("/admin/", follow=True)
    assert response.status_code == (200 if role == "administrator" else 403)


def test_there_is_one_login_page_for_all(client, db):
    for path in ("/admin/", "/admin/gridcity/user/", "/admin/login/"):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith("/login/?next=")
        assert "admin" in response.redirect_chain[-1][0]


def test_it_speaks_chinese_under_its_own_name(office):
    html = office.get("/admin/").content.decode()
    assert "<title>系统管理 – 东城网格 管理</title>" in html
    assert "用户与登录" in html


@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model.__name__)
def test_what_a_service_guards_is_not_there(model):
    assert model not in admin.site._registry


# ---------------------------------------------------------------- every page, under the policy


def check_page(response) -> None:
    """A page without inline code, under a policy that would stop any."""
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"style-src 'self'(;|$)", policy)
    assert inspect(response.content.decode()) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_of_every_table_opens_without_inline_code(office, model):
    model_admin = admin.site._registry[model]
    check_page(office.get(address(model, "changelist")))
    request = office.get("/admin/").wsgi_request
    adding = office.get(address(model, "add"))
    assert adding.status_code == (200 if model_admin.has_add_permission(request) else 403)
    if adding.status_code == 200:
        check_page(adding)
    row = model._default_manager.first()
    if row is not None:
        check_page(office.get(address(model, "change", row.pk)))


HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")  # “以 resolved at” has a Chinese word too


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_column_field_and_filter_has_a_chinese_name(office, model):
    model_admin = admin.site._registry[model]
    asked = model_admin.form.base_fields
    shown = {*model_admin.list_display, *(model_admin.fields or ())} - {"__str__", *asked}
    with translation.override("zh-hans"):
        names = [str(label_for_field(name, model, model_admin)) for name in shown]
        names += [str(field.label) for field in asked.values() if field.label is not None]
    assert not [said for said in names if not HAN.search(said)]
    html = office.get(address(model, "changelist")).content.decode()
    heads = re.findall(r'<th[^>]*scope="col"[^>]*>(.*?)</th>|<summary>(.*?)</summary>', html, re.S)
    told = [re.sub(r"<[^>]+>", "", one).strip() for pair in heads for one in pair]
    assert not [one for one in told if one and (not HAN.search(one) or ENGLISH.search(one))]


@pytest.mark.parametrize("label", sorted(NEVER_DELETED))
def test_what_history_names_is_never_deleted(office, label):
    model = next(each for each in MODELS if each._meta.label == label)
    row = model._default_manager.first()
    if row is None:
        pytest.skip("no row in the small district")
    office.post(address(model, "delete", row.pk), {"post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_shape_is_shown_and_not_edited(office, district):
    cell = district.cells[0, 0]
    response = office.get(address(type(cell), "change", cell.pk))
    assert "data-gc-admin-map" in response.content.decode()
    assert "geom" not in response.context["adminform"].form.fields


# ---------------------------------------------------------------- users

NEW = {
    "username": "new-user",
    "full_name": "新用户",
    "employer": "",
    "password1": "a long phrase 7",
    "password2": "a long phrase 7",
}


def test_a_user_is_made_with_roles_of_one_side(office):
    assert post(office, address(User, "add"), **NEW, roles=["acceptor", "duty_chief"]) == []
    made = User.objects.get(username="new-user")
    assert made.roles == ["acceptor", "duty_chief"]
    assert made.check_password("a long phrase 7")
    assert LogEntry.objects.filter(object_id=str(made.pk)).exists()


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"roles": ["duty_chief", "dispatcher"]}, 1),
        ({"roles": ["official", "administrator"]}, 1),
        ({"roles": []}, 1),
        ({"roles": ["mayor"]}, 1),
        ({"roles": ["official"], "password2": "another phrase 7"}, 1),
        ({"roles": ["official"], "password1": "short", "password2": "short"}, 1),
        ({"roles": ["official"], "username": "official-1"}, 1),
    ],
    ids=["two sides", "official and more", "none", "unknown", "mistyped", "short", "taken"],
)
def test_what_the_database_would_refuse_is_said_at_the_form(office, change, count):
    before = User.objects.count()
    errors = post(office, address(User, "add"), **NEW | change)
    assert len(errors) >= count
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in sentence) for sentence in errors)
    assert User.objects.count() == before


def test_roles_cannot_be_mixed_afterwards_either(office, district):
    user = district.user("dispatcher-1")
    fields = {"username": user.username, "full_name": user.full_name, "employer": ""}
    url = address(User, "change", user.pk)
    assert post(office, url, **fields, roles=["dispatcher", "official"], is_active="on")
    assert post(office, url, **fields, roles=["dispatcher"]) == []
    user.refresh_from_db()
    assert (user.roles, user.is_active) == (["dispatcher"], False)


def test_a_new_password_ends_the_logins_of_the_interface(office, district):
    user = district.user("client-1")
    issue_token(user)
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    new = "another phrase 8"
    assert post(office, url, password1=new, password2=new, usable_password="true") == []
    user.refresh_from_db()
    assert user.check_password(new)
    assert not user.check_password(PASSWORD)
    assert not ApiToken.objects.filter(user=user).exists()


def test_a_department_s_user_gets_his_department_on_his_own_page(office, district):
    user = User.objects.create_user("newcomer", PASSWORD, full_name="某人", roles=["department"])
    prefix = "membership"
    fields = {
        "username": user.username, "full_name": user.full_name, "employer": "",
        "roles": ["department"], "is_active": "on",
        f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-MIN_NUM_FORMS": "0", f"{prefix}-MAX_NUM_FORMS": "1",
        f"{prefix}-0-department": district.departments["s201"].pk, f"{prefix}-0-is_lead": "on",
    }  # fmt: skip
    assert post(office, address(User, "change", user.pk), **fields) == []
    member = Membership.objects.get(user=user)
    assert (member.department.code, member.is_lead) == ("s201", True)


def test_a_token_is_revoked_and_never_made_by_hand(office, district, api):
    client = api.of(district.user("client-1"))
    assert client.get("/api/v1/me/").status_code == 200
    token = ApiToken.objects.get()
    assert office.get(address(ApiToken, "add")).status_code == 403
    office.post(address(ApiToken, "delete", token.pk), {"post": "yes"})
    assert client.get("/api/v1/me/").status_code == 401


# ---------------------------------------------------------------- the calendar and the limits


def year_form(**change: str) -> dict[str, str]:
    return {
        "year": "2027",
        "source": "国务院办公厅通知",
        "published_on": "2026-11-10",
        "holidays": "2027-01-01 元旦\n2027-10-01..2027-10-07 国庆节",
        "workdays": "2027-10-09 国庆节",
    } | change


def test_a_year_is_published_as_a_whole_and_holds_at_once(office):
    assert post(office, address(CalendarYear, "add"), **year_form()) == []
    assert CalendarYear.objects.get(year=2027).published_on == date(2026, 11, 10)
    days = dict(CalendarDay.objects.filter(on__year=2027).values_list("on", "kind"))
    assert len(days) == 9
    assert days[date(2027, 10, 7)] == "holiday"
    assert days[date(2027, 10, 9)] == "workday"
    assert 2027 in working_dates().published_years
    again = year_form(workdays="") | {"holidays": "2027-01-01 元旦"}
    assert post(office, address(CalendarYear, "change", 2027), **again) == []
    assert CalendarDay.objects.filter(on__year=2027).count() == 1
    assert CalendarDay.objects.filter(on__year=2026).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"year": "1900"},
        {"holidays": "1 January"},
        {"holidays": "2027-02-30 ?"},
        {"holidays": "2026-12-31 元旦"},
        {"holidays": "2027-01-05..2027-01-01"},
        {"holidays": "2027-01-01..2027-12-31"},
        {"workdays": "2027-10-07 国庆节"},
        {"workdays": "2027-10-11 Monday"},
        {"source": ""},
    ],
    ids=lambda change: "-".join(f"{key}-{value}" for key, value in change.items()),
)
def test_a_calendar_that_cannot_be_is_refused_in_words(office, change):
    assert post(office, address(CalendarYear, "add"), **year_form(**change))
    assert not CalendarDay.objects.filter(on__year=2027).exists()


def number_form(**change: str) -> dict[str, str]:
    instant = {"valid_from_0": "2026-06-10", "valid_from_1": "11:00"}
    return {"key": "stage.TO_FILE", "value": "45", **instant} | change


def test_a_number_holds_from_now_on_and_is_then_left_as_it_was(office, clock):
    clock.now = at("11:00")
    before = stage_limit_s("TO_FILE", at("10:59"))
    said = number_form()
    assert post(office, address(ClockNumber, "add"), **said) == []
    assert stage_limit_s("TO_FILE", at("11:00")) == 45 * 60
    assert stage_limit_s("TO_FILE", at("10:59")) == before
    row = ClockNumber.objects.get()
    clock.now += timedelta(minutes=5)
    office.post(address(ClockNumber, "delete", row.pk), {"post": "yes"})
    changed = office.post(address(ClockNumber, "change", row.pk), said | {"value": "5"})
    assert changed.status_code == 403
    row.refresh_from_db()
    assert row.value == 45


@pytest.mark.parametrize(
    "change",
    [
        {"value": "0"},
        {"value": "1441"},
        {"valid_from_1": "10:00"},
        {"key": "stage.HANDLING"},
        {"key": "lamp.green", "value": "101"},
        {"key": "force.day_ends", "value": "24"},
    ],
    ids=lambda change: "-".join(f"{key}-{value}" for key, value in change.items()),
)
def test_a_number_that_reaches_back_or_makes_no_sense_is_refused(office, clock, change):
    clock.now = at("11:00")
    assert post(office, address(ClockNumber, "add"), **number_form(**change))
    assert not ClockNumber.objects.exists()


def test_a_coming_value_may_be_taken_back(office, clock):
    clock.now = at("11:00")
    assert post(office, address(ClockNumber, "add"), **number_form(valid_from_1="12:00")) == []
    row = ClockNumber.objects.get()
    assert stage_limit_s("TO_FILE", at("12:00")) == 45 * 60
    office.post(address(ClockNumber, "delete", row.pk), {"post": "yes"})
    assert stage_limit_s("TO_FILE", at("12:00")) == 15 * 60


def test_the_page_of_the_numbers_shows_each_with_its_source(office, clock):
    clock.now = at("11:00")
    ClockNumber.objects.create(key="stage.TO_FILE", value=45, valid_from=at("10:00"))
    ClockNumber.objects.create(key="stage.TO_FILE", value=50, valid_from=at("13:00"))
    response = office.get(address(ClockNumber, "changelist"))
    shown = {row["key"]: row for section in response.context["sections"] for row in section["rows"]}
    assert set(shown) == set(NUMBERS)
    assert shown["review.department"] | {"label": ""} == {
        "key": "review.department", "label": "", "value": "60 分钟", "since": None,
        "default": "60 分钟", "coming": [],
    }  # fmt: skip
    filing = shown["stage.TO_FILE"]
    assert (filing["value"], filing["default"]) == ("45 分钟", "15 分钟")
    assert (filing["since"], filing["coming"]) == (at("10:00"), [(at("13:00"), "50 分钟")])
    html = response.content.decode()
    assert "本产品的默认值" in html
    assert "2026-06-10 10:00" in html


# ---------------------------------------------------------------- what to see to


def test_the_first_page_names_what_is_missing(office, district, clock):
    clock.now = at("11:00")
    assert things_to_see() == []
    clock.now = at("11:00", on="2026-11-02")
    Membership.objects.filter(department__code="w301").delete()
    words = [str(point.words) for point in things_to_see()]
    assert len(words) == 3  # what the department answered for, nobody does now
    assert "2027" in words[0]
    html = office.get("/admin/").content.decode()
    assert all(word in html for word in words)
    assert timezone.now().year == 2026


def test_from_the_administration_every_page_of_the_desk_is_reached(office):
    html = office.get("/admin/").content.decode()
    for path in ("/district/grid/", "/district/imports/", "/district/censuses/", "/selfcheck/"):
        assert f'href="{path}"' in html, path
    assert "业务页面" in office.get("/admin/parts/landuse/").content.decode()
    assert "修改" in html
    assert "切换</a>" not in html.replace("编码方案切换", "")
