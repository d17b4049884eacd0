"""The supervisor's pages: who may see them, what they show, and how many queries they take."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.models import Task
from cases.services.accepting import supplement_case
from tests.district import point
from tests.factories import CaseFactory
from tests.photos import prepared

PAGES = ("patrol", "report", "tasks", "mine")


@pytest.mark.parametrize("name", PAGES)
def test_a_supervisor_opens_every_page_of_his(browser_client, district, name):
    browser_client.enter(district.users["supervisor-1"])
    assert browser_client.get(reverse(f"cases:{name}")).status_code == 200


@pytest.mark.parametrize(
    "username", ["acceptor-1", "dispatcher-1", "department-s201", "official-1"]
)
@pytest.mark.parametrize("name", [*PAGES, "nearby"])
def test_nobody_else_does(browser_client, district, name, username):
    browser_client.enter(district.users[username])
    assert browser_client.get(reverse(f"cases:{name}")).status_code == 403


def task_of(case) -> Task:
    return Task.objects.select_related("assignee").get(case=case, ended_at=None)


@pytest.mark.parametrize("state", ["verifying", "checking"])
def test_a_task_is_shown_to_its_supervisor_alone(browser_client, district, clock, state):
    case = CaseFactory(district=district, by="supervisor-2", **{state: True})
    task = task_of(case)
    address = reverse("cases:task", args=[task.pk])
    shown = browser_client.enter(task.assignee).get(address)
    assert case.number in shown.content.decode()
    other = "supervisor-2" if task.assignee.username == "supervisor-1" else "supervisor-1"
    assert browser_client.enter(district.users[other]).get(address).status_code == 404


def test_a_check_shows_the_closing_condition_and_both_addresses(browser_client, district, clock):
    case = CaseFactory(district=district, checking=True)
    task = task_of(case)
    page = browser_client.enter(task.assignee).get(reverse("cases:task", args=[task.pk]))
    html = page.content.decode()
    assert case.closing_condition in html
    assert f"/api/v1/cases/{case.number}/check_passed/" in html
    assert f"/api/v1/cases/{case.number}/check_failed/" in html


def test_my_reports_are_mine(browser_client, district):
    case = CaseFactory(district=district, by="supervisor-1")
    address = reverse("cases:mine")
    mine = browser_client.enter(district.users["supervisor-1"]).get(address).content.decode()
    theirs = browser_client.enter(district.users["supervisor-2"]).get(address).content.decode()
    assert case.number in mine
    assert case.number not in theirs


def nearby(client, district, query: dict[str, object]):
    return client.enter(district.users["supervisor-1"]).get(
        reverse("cases:nearby"), query, headers={"Accept": "application/json"}
    )


def test_open_cases_of_the_same_class_are_offered_before_a_second_report(
    browser_client, district, clock
):
    case = CaseFactory(district=district, entry="rubbish", cell=(1, 1))
    lon, lat = point(1, 1, 0.6, 0.5)
    entry = district.classes["rubbish"]
    query = {"lon": lon, "lat": lat, "kind": entry.kind, "class_code": entry.code}
    (found,) = nearby(browser_client, district, query).json()["cases"]
    assert found["number"] == case.number
    assert 0 < found["distance_m"] < 30
    other = district.classes["stall"]
    answer = nearby(browser_client, district, query | {"class_code": other.code})
    assert answer.json()["cases"] == []


def test_an_open_case_is_offered_though_many_nearer_ones_were_closed_lately(
    browser_client, district, clock
):
    for _each in range(5):
        CaseFactory(district=district, entry="rubbish", cell=(1, 1), closed=True)
    case = CaseFactory(district=district, entry="rubbish", cell=(0, 1))
    lon, lat = point(1, 1)
    query = {"lon": lon, "lat": lat, "kind": "event", "class_code": "0102"}
    (found,) = nearby(browser_client, district, query).json()["cases"]
    assert found["number"] == case.number


def test_what_is_offered_to_add_to_can_be_added_to_and_seen(browser_client, api, district, clock):
    own = CaseFactory(district=district, cell=(1, 1))
    theirs = CaseFactory(district=district, cell=(1, 2), by="supervisor-2")
    for case in (own, theirs):
        supplement_case(
            number=case.number, actor=district.actor("acceptor-1"), at=clock.now,
            photos=[prepared("near")],
        )  # fmt: skip
    lon, lat = point(1, 1, 0.9, 0.5)
    query = {"lon": lon, "lat": lat, "kind": "event", "class_code": "0102"}
    shown = {row["number"]: row for row in nearby(browser_client, district, query).json()["cases"]}
    assert shown[theirs.number]["distance_m"] is not None
    assert not shown[theirs.number]["photo_url"]
    assert not shown[theirs.number]["supplement_url"]
    client = api.of(district.user("supervisor-1"))
    photo = client.get(shown[own.number]["photo_url"])
    assert b"".join(photo.streaming_content).startswith(b"\xff\xd8")
    said = {"description": "仍未清理"}
    assert client.post(shown[own.number]["supplement_url"], said).status_code == 200
    refused = client.post(f"/api/v1/cases/{theirs.number}/supplement/", said)
    assert refused.status_code == 404


def test_a_pin_outside_the_district_is_told_so(browser_client, district):
    answer = nearby(browser_client, district, {"lon": 120.0, "lat": 30.0})
    assert (answer.status_code, answer.json()["code"]) == (400, "outside_district")


@pytest.mark.parametrize("query", [{}, {"lon": "x", "lat": "1"}, {"lon": "116.4"}])
def test_what_is_no_position_is_refused(browser_client, district, query):
    answer = nearby(browser_client, district, query)
    assert answer.status_code == 400
    assert "lon" in answer.json()["fields"]


@pytest.mark.parametrize("name", ["patrol", "tasks", "mine"])
def test_thirty_rows_take_no_more_queries_than_three(
    browser_client, district, clock, name, django_assert_max_num_queries
):
    counts = []
    for more in (3, 27):
        for _each in range(more):
            CaseFactory(district=district, by="supervisor-1", verifying=True)
        supervisor = Task.objects.filter(ended_at=None).first().assignee
        browser_client.enter(district.users["supervisor-1"] if name == "mine" else supervisor)
        with django_assert_max_num_queries(12) as captured:
            assert browser_client.get(reverse(f"cases:{name}")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
