"""One's own results: exactly one's own rows, every number opens its list, nobody beside anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from assessment.models import SnapshotKind
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.snapshots import make_snapshot
from cases.models import Miss, Task
from dispatch.models import Department
from gridcity.contracts import Role
from tests.cases.test_missing import called
from tests.district import USER_OF_ROLE, at

POSTS = (Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER)


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def page(browser_client, district):
    def get(who, path, status=200):
        browser_client.enter(district.user(USER_OF_ROLE.get(who, who)))
        response = browser_client.get(path)
        assert response.status_code == status, response.content[:300]
        return unescape(response.content.decode())

    return get


def some_cases(make_case):
    make_case("HANDLING", reported_at=at("08:00", on="2026-06-08"))
    make_case("HANDLING", reported_at=at("10:00"), cell=(2, 3))
    make_case("TO_CHECK", reported_at=at("09:00"))
    make_case("CLOSED", reported_at=at("09:00"))
    make_case("CLOSED", reported_at=at("08:30"), cell=(0, 3))
    make_case("NOT_FILED", reported_at=at("09:10"))
    rebuild_facts()


def numbers_of(html):
    return [
        (href, int(words.replace(",", "")))
        for href, words in re.findall(r'<a href="(/scores/[^"]*rows/[^"]*)">([\d,]+)</a>', html)
    ]


@pytest.mark.parametrize("role", [*POSTS, Role.DEPARTMENT])
def test_every_own_number_opens_a_list_of_that_length(page, make_case, role):
    some_cases(make_case)
    path = "/scores/mine/" if role == Role.DEPARTMENT else "/scores/own/"
    found = numbers_of(page(role, path))
    assert found
    for href, count in found:
        assert f'data-gc-total="{count}"' in page(role, href), href


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.ADMINISTRATOR, Role.CLIENT])
def test_who_works_at_no_post_has_no_results_of_his_own(page, role):
    page(role, "/scores/own/", 403)
    page(role, "/scores/mine/", 403)


def test_a_department_reads_its_own_rows_and_no_others(page, make_case, district):
    some_cases(make_case)
    own = page(Role.DEPARTMENT, "/scores/mine/rows/?figure=dispatches&period=month")
    own_department = Department.objects.get(code="s201").name
    others = Department.objects.exclude(code="s201").values_list("name", flat=True)
    body = own.split('id="own-rows"', 1)[1]
    assert own_department in body
    assert not [name for name in others if f">{name}<" in body]


def test_a_department_sees_what_is_due_soonest_first_with_its_lamp(page, make_case):
    some_cases(make_case)
    html = page(Role.DEPARTMENT, "/scores/mine/")
    assert 'id="own-due"' in html
    assert "gc-lamp" in html


def test_a_chief_opens_the_pages_of_his_people_one_by_one(page, make_case, district):
    some_cases(make_case)
    supervisor = district.user("supervisor-1")
    listed = page(Role.DUTY_CHIEF, "/scores/people/")
    assert f'/scores/people/{supervisor.pk}/"' in listed
    assert supervisor.full_name in page(Role.DUTY_CHIEF, f"/scores/people/{supervisor.pk}/")
    # No figure stands beside a name.
    assert "%" not in listed.split("<tbody>", 1)[1].split("</tbody>", 1)[0]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ACCEPTOR, Role.DISPATCHER])
def test_nobody_else_opens_the_page_of_another(page, district, role):
    other = district.user("supervisor-2")
    page(role, "/scores/people/", 403)
    page(role, f"/scores/people/{other.pk}/", 404)
    page(role, f"/scores/people/{other.pk}/rows/?figure=valid_patrol", 404)


def test_a_chief_opens_neither_another_chiefs_nor_a_dispatchers_page(page, district):
    page(Role.DUTY_CHIEF, f"/scores/people/{district.user('dispatcher-1').pk}/", 404)


def test_a_figure_of_another_post_is_not_there(page):
    page(Role.SUPERVISOR, "/scores/own/rows/?figure=dispatches", 404)
    page(Role.DEPARTMENT, "/scores/mine/rows/?figure=reported", 404)


# ---------------------------------------------------------------- a post, like a department


@pytest.mark.parametrize(
    ("who", "state", "address"),
    [
        ("supervisor-1", "CHECKING", "/patrol/tasks/{task}/"),
        ("acceptor-1", "TO_CHECK", "/cases/{number}/"),
        ("duty-chief-1", "TO_FILE", "/cases/{number}/"),
        ("dispatcher-1", "TO_DISPATCH", "/cases/{number}/"),
    ],
)
def test_whoever_works_at_a_post_sees_what_he_can_still_save(
    page, make_case, clock, who, state, address
):
    """Due soonest first; what is late is saved no more, and what waits for others is theirs."""
    late = make_case(state, reported_at=at("08:00"))
    later = make_case(state, reported_at=at("10:53"))
    sooner = make_case(state, reported_at=at("10:50"))
    other = make_case("HANDLING", reported_at=at("10:50"))
    html = page(who, "/scores/own/")
    listed = html.split("尚可挽救", 1)[1].split("</table>", 1)[0]
    rows = re.findall(r'<th scope="row"[^>]*><a class="gc-code" href="([^"]+)">(\d+)<', listed)
    assert [number for _href, number in rows] == [sooner.number, later.number]
    task = Task.objects.filter(case=sooner, ended_at=None).values_list("pk", flat=True).first()
    assert rows[0][0] == address.format(number=sooner.number, task=task)
    assert page(who, rows[0][0])
    assert late.number not in listed
    assert other.number not in listed


def test_a_supervisor_is_led_to_object_to_what_he_is_charged_with(page, district, clock):
    walk = called(district)
    walk.step("file", missed=True)
    until = timezone.localtime(Miss.objects.get().object_until)
    html = page("supervisor-1", "/scores/own/").split('id="own-misses"')[1].split("</section>")[0]
    assert walk.number in html
    assert f"{until:%Y-%m-%d %H:%M}" in html
    assert 'href="/misses/"' in html
    assert walk.number in page("supervisor-1", "/misses/")
    rows = "/scores/own/rows/?figure={}&period=month"
    for figure, leads in (("missed_on_patrol", True), ("valid_patrol", False)):
        listed = page("supervisor-1", rows.format(figure)).split('id="own-rows"')[0]
        assert ("对认定的漏报" in listed) is leads
    for who in ("supervisor-2", "dispatcher-1"):
        assert 'id="own-misses"' not in page(who, "/scores/own/")
    clock.now = until + timedelta(seconds=1)
    assert 'id="own-misses"' not in page("supervisor-1", "/scores/own/")


@pytest.mark.parametrize("who", ["duty-chief-1", "department-s201"])
def test_the_latest_score_opens_into_terms_and_tells_the_points_that_each_lost(
    page, make_case, clock, who
):
    """What the terms brought and lost is the full mark, to the hundredth."""
    for hour in range(8, 19):
        make_case("CLOSED", reported_at=at(f"{hour:02d}:00", on="2026-06-09"))
    while refresh_facts():
        pass
    clock.now = at("12:00", on="2026-07-02")
    scheme = "department" if who.startswith("department") else "duty-chief"
    made = make_snapshot(
        name="2026-06", scheme_key=scheme, kind=SnapshotKind.PROVISIONAL, at=clock.now
    )
    html = page(who, "/scores/mine/" if scheme == "department" else "/scores/own/")
    brought, lost = (
        [Decimal(one) for one in re.findall(rf'data-gc-{word}="([\d.]+)"', html)]
        for word in ("share", "lost")
    )
    assert len(brought) == len(lost) == len(made.scheme.terms)
    assert sum(brought) + sum(lost) == 100
    assert "失分件数" in html
