"""Working hours by district and department, with the day from which they hold (domain law §6.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases.clocks.deadlines import Unit, spent
from cases.models import CalendarChange, WorkingHours
from cases.selectors.settings import default_calendar, forget
from cases.workflow import State
from dispatch.models import ClockMove, Department, DepartmentHours, Turn
from dispatch.selectors.departments import calendar_of_department
from dispatch.selectors.departments import forget as forget_departments
from dispatch.services.recomputing import recompute_clocks
from tests.clients import PageClient
from tests.district import TestDistrict, at
from tests.factories import start

pytestmark = pytest.mark.django_db

SHORT = [["09:00", "12:00"], ["13:00", "16:00"]]
LONG = [["07:00", "19:00"]]


def worked(department: Department | None, on: str) -> timedelta:
    """Working time of one day."""
    calendar = calendar_of_department(department.pk) if department else default_calendar()
    day = at("00:00", on=on)
    return spent(day, day + timedelta(days=1), Unit.WORKING_HOUR, calendar)


def set_hours(periods: list[list[str]], since: str, department: Department | None = None) -> None:
    said = {"working_periods": periods, "valid_from": date.fromisoformat(since)}
    if department:
        DepartmentHours.objects.create(department=department, **said)
    else:
        WorkingHours.objects.create(**said)
    forget()
    forget_departments()


def test_a_department_follows_the_district_until_it_states_hours_of_its_own(
    district: TestDistrict,
) -> None:
    own, other = district.departments["s201"], district.departments["d101"]
    set_hours(SHORT, "2026-06-10")
    set_hours(LONG, "2026-06-15", own)
    set_hours([], "2026-06-17", own)
    hours = {
        day: [worked(one, f"2026-06-{day}") // timedelta(hours=1) for one in (None, own, other)]
        for day in ("09", "10", "14", "15", "16", "17")
    }
    assert hours == {
        "09": [8, 8, 8],
        "10": [6, 6, 6],
        "14": [0, 0, 0],
        "15": [6, 12, 6],
        "16": [6, 12, 6],
        "17": [6, 6, 6],
    }


@pytest.fixture
def office(browser_client: PageClient, district: TestDistrict) -> PageClient:
    return browser_client.enter(district.user("administrator"))


def form(**change: str) -> dict[str, str]:
    return {
        "working_periods": '[["09:00", "12:00"], ["13:00", "16:00"]]',
        "hours_per_working_day": "8", "valid_from": "2026-06-11", "note": "夏季作息",
    } | change  # fmt: skip


def test_hours_of_a_department_move_its_running_deadlines_and_no_other(
    office: PageClient, district: TestDistrict, clock: Any
) -> None:
    walk = start(district=district, entry="toilet", state=State.HANDLING)  # 3 working days
    turn = Turn.objects.get()
    before = turn.due_at
    page = reverse("admin:dispatch_departmenthours_add")
    other = str(district.departments["d101"].pk)
    assert office.post(page, form(department=other)).status_code == 302
    recompute_clocks(at=clock.move(seconds=11))
    assert Turn.objects.get().due_at == before
    own = str(turn.department_id)
    response = office.post(page, form(department=own))
    assert response.status_code == 302
    assert "2026-06-11" in CalendarChange.objects.latest("id").what
    recompute_clocks(at=clock.move(seconds=11))
    move = ClockMove.objects.get()
    # 24 hours: Wednesday gives what it gave, then six hours a day.
    given = worked(None, "2026-06-10") - timedelta(hours=2, minutes=3)
    assert turn.running_since == at("10:03")
    assert timedelta(hours=24) - given == timedelta(hours=18, minutes=3)
    assert (move.due_before, move.due_after) == (before, at("09:03", on="2026-06-16"))
    assert walk.case.due_at == move.due_after
    listed = office.get(reverse("admin:dispatch_clockmove_changelist")).content.decode()
    assert walk.number in listed
    changes = office.get(reverse("admin:cases_calendarchange_changelist")).content.decode()
    assert f"change__id__exact={move.change_id}" in changes


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": "2026-06-09"},
        {"working_periods": "[]"},
        {"working_periods": '[["09:00", "08:00"], ["10:00", "11:00"]]'},
        {"hours_per_working_day": "0"},
    ],
)
def test_hours_that_reach_back_or_cannot_be_are_refused(
    office: PageClient, clock: Any, change: dict[str, str]
) -> None:
    response = office.post(reverse("admin:cases_workinghours_add"), form(**change))
    assert response.status_code == 200
    assert not WorkingHours.objects.exists()
    assert not CalendarChange.objects.exists()


def test_hours_that_hold_are_kept_and_coming_ones_may_be_taken_back(
    office: PageClient, clock: Any
) -> None:
    assert office.post(reverse("admin:cases_workinghours_add"), form()).status_code == 302
    row = WorkingHours.objects.get()
    delete = reverse("admin:cases_workinghours_delete", args=[row.pk])
    clock.move(days=1)
    assert office.post(delete, {"post": "yes"}).status_code == 403
    clock.move(days=-1)
    assert office.post(delete, {"post": "yes"}).status_code == 302
    assert not WorkingHours.objects.exists()
    assert CalendarChange.objects.count() == 2


def test_the_page_of_a_department_shows_the_hours_it_began_with(
    office: PageClient, district: TestDistrict
) -> None:
    department = district.departments["s201"]
    page = reverse("admin:dispatch_department_change", args=[department.pk])
    response = office.get(page)
    assert "working_periods" not in response.context["adminform"].form.fields
