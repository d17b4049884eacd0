"""The roster 排班: administrators plan who of the two centres works when, from tomorrow on."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from cases.models import PlannedShift
from cases.selectors.rosters import shift_in_words
from cases.services.rosters import FIRST_DAY, load_shifts
from gridcity.contracts import CLOCK, Forbidden
from tests.clients import PageClient
from tests.district import TestDistrict, at
from tests.factories import start

pytestmark = pytest.mark.django_db
ADD = "admin:cases_plannedshift_add"


@pytest.fixture
def office(browser_client: PageClient, district: TestDistrict, clock: Any) -> PageClient:
    return browser_client.enter(district.user("administrator"))


def form(district: TestDistrict, who: str = "acceptor-1", **change: str) -> dict[str, str]:
    return {
        "person": str(district.user(who).pk), "name": "早班", "begins": "08:00", "ends": "16:00",
        "valid_from": "2026-06-11",
    } | change  # fmt: skip


def test_a_shift_is_planned_from_tomorrow_on_and_written_down(
    office: PageClient, district: TestDistrict
) -> None:
    initial = office.get(reverse(ADD)).context["adminform"].form.initial
    assert initial["valid_from"] == date(2026, 6, 11)
    assert office.post(reverse(ADD), form(district)).status_code == 302
    row = PlannedShift.objects.get()
    assert (row.person.username, row.begins, row.ends) == ("acceptor-1", time(8), time(16))
    assert LogEntry.objects.filter(object_id=str(row.pk)).exists()
    listed = office.get(reverse("admin:cases_plannedshift_changelist")).content.decode()
    assert "早班" in listed
    assert "岗位排班" in listed


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": "2026-06-10"},
        {"valid_from": "2026-06-09"},
        {"ends": ""},
        {"begins": ""},
        {"ends": "08:00"},
        {"who": "supervisor-1"},
        {"who": "official-1"},
    ],
)
def test_what_reaches_back_or_is_no_shift_of_the_centres_is_refused(
    office: PageClient, district: TestDistrict, change: dict[str, str]
) -> None:
    response = office.post(reverse(ADD), form(district, **change))
    assert response.status_code == 200
    assert response.context["errors"]
    assert not PlannedShift.objects.exists()


def test_one_day_has_one_plan_and_what_has_begun_is_followed(
    office: PageClient, district: TestDistrict, clock: Any
) -> None:
    assert office.post(reverse(ADD), form(district)).status_code == 302
    assert office.post(reverse(ADD), form(district, name="中班")).status_code == 200
    none = form(district, name="", begins="", ends="", valid_from="2026-06-13")
    assert office.post(reverse(ADD), none).status_code == 302
    row = PlannedShift.objects.get(name="早班")
    change, delete = (
        reverse(f"admin:cases_plannedshift_{page}", args=[row.pk]) for page in ("change", "delete")
    )
    assert office.post(change, form(district, ends="15:00")).status_code == 302
    clock.move(days=1)
    assert office.post(change, form(district, ends="17:00")).status_code == 403
    assert office.post(delete, {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.ends == time(15)
    clock.move(days=-1)
    assert office.post(delete, {"post": "yes"}).status_code == 302


def test_a_shift_is_told_in_words(district: TestDistrict) -> None:
    person = district.user("acceptor-1")
    for since, name, begins, ends in (
        ("2026-06-10", "中班", time(16), time(0)),
        ("2026-06-11", "", time(19), time(7)),
        ("2026-06-12", "", None, None),
    ):
        PlannedShift.objects.create(
            person=person, name=name, begins=begins, ends=ends, valid_from=since
        )
    said = [shift_in_words(user_id=person.pk, on=date(2026, 6, day)) for day in (9, 10, 11, 12)]
    assert said == ["", "中班 16:00–24:00", "19:00–07:00", ""]


def test_ones_own_page_says_his_shift_of_today_and_nobody_elses(
    browser_client: PageClient, district: TestDistrict, clock: Any
) -> None:
    person = district.user("acceptor-1")
    PlannedShift.objects.create(
        person=person, name="早班", begins=time(8), ends=time(16), valid_from="2026-06-10"
    )
    own = reverse("assessment:own")
    words = "今日班次：早班 08:00–16:00"
    assert words in browser_client.enter(person).get(own).content.decode()
    for other in ("acceptor-2", "supervisor-1"):
        browser_client.enter(district.user(other))
        assert "今日班次" not in browser_client.get(own).content.decode()
    browser_client.enter(district.user("duty-chief-1"))
    theirs = browser_client.get(reverse("assessment:person", args=[person.pk]))
    assert "今日班次" not in theirs.content.decode()


def test_a_roster_is_loaded_for_all_days_or_from_tomorrow_where_cases_were_told_of(
    district: TestDistrict,
) -> None:
    """So that no fact is told otherwise than before; who has a plan keeps it."""
    one, other = district.user("acceptor-1").pk, district.user("acceptor-2").pk
    early = "早班", time(8), time(16)
    assert load_shifts(actor=CLOCK, at=at(), shifts={one: early}) == 1
    start(district=district)
    now = timezone.now()
    assert load_shifts(actor=CLOCK, at=now, shifts={one: early, other: early}) == 1
    since = dict(PlannedShift.objects.values_list("person_id", "valid_from"))
    assert since == {one: FIRST_DAY, other: timezone.localdate(now) + timedelta(days=1)}
    with pytest.raises(Forbidden):
        load_shifts(actor=district.actor("administrator"), at=now, shifts={})
