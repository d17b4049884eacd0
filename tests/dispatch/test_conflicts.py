"""Two people on one case: the second is told field by field, and each sees the other there."""

from __future__ import annotations

import uuid
from html import unescape

import pytest
from django.urls import reverse

from dispatch.models import Presence
from dispatch.services.presence import forget_presence
from tests.district import at

CASES = "/api/v1/cases/"


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def of(api, district):
    return lambda name: api.of(district.user(name))


@pytest.fixture
def present(browser_client, district):
    """`present("acceptor-1", case)`: the answer to a sign of presence."""

    def sign(name, case, status=200):
        browser_client.enter(district.user(name))
        answer = browser_client.post(reverse("dispatch:presence", args=[case.number]))
        assert answer.status_code == status
        return answer.content.decode()

    return sign


def amend(client, case, version, **said):
    answer = client.post(f"{CASES}{case.number}/amend/", {"version": version, **said})
    assert answer.status_code == 200, answer.body


def test_each_field_is_told_with_what_was_seen_and_what_is(of, make_case):
    case = make_case(description="垃圾一堆")
    amend(of("acceptor-2"), case, 1, description="垃圾两堆")
    amend(of("duty-chief-1"), case, 2, description="垃圾三堆", place_text="东门外")

    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": 1})

    assert answer.status_code == 409
    told = {(line["before"], line["after"], line["by"]) for line in answer.body["kept"]["changes"]}
    assert told == {("垃圾一堆", "垃圾三堆", "Duty Chief 1"), ("", "东门外", "Duty Chief 1")}


def test_only_what_changed_since_the_version_seen_is_told(of, make_case):
    case = make_case(description="垃圾一堆")
    amend(of("acceptor-2"), case, 1, description="垃圾两堆")
    amend(of("acceptor-2"), case, 2, place_text="东门外")

    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": 2})

    assert [line["after"] for line in answer.body["kept"]["changes"]] == ["东门外"]


def test_a_field_that_came_back_to_what_it_was_is_not_told(of, make_case):
    case = make_case(description="垃圾一堆")
    amend(of("acceptor-2"), case, 1, description="垃圾两堆")
    amend(of("acceptor-2"), case, 2, description="垃圾一堆")

    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": 1})

    assert answer.body["kept"]["changes"] == []


def test_a_supplement_between_is_no_change(of, make_case):
    case = make_case(description="垃圾一堆")
    supplement = {"description": "仍在"}
    assert of("acceptor-2").post(f"{CASES}{case.number}/supplement/", supplement).status_code == 200
    amend(of("acceptor-2"), case, 1, place_text="东门外")

    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": 1})

    assert [line["after"] for line in answer.body["kept"]["changes"]] == ["东门外"]


def test_a_request_answered_twice_tells_the_new_state(of, walk):
    walked = walk("HANDLING")
    asked = of("department-s201").post(
        f"{CASES}{walked.number}/ask_return/",
        {"version": walked.case.version, "reason_code": "not_ours", "reason": "不归我们"},
    )
    assert asked.status_code == 200, asked.body
    seen = walked.case.version
    request = walked.case.requests.get()
    path = f"{CASES}{walked.number}/requests/{request.pk}/approve/"
    assert of("dispatcher-1").post(path, {"version": seen}).status_code == 200

    late = of("dispatcher-2").post(path, {"version": seen})

    assert late.status_code == 409
    assert "Dispatcher 1" in {line["by"] for line in late.body["kept"]["changes"]}


def test_a_department_whose_turn_is_over_hears_nothing_of_later_turns(of, walk):
    walked = walk("HANDLING")
    seen = walked.case.version
    moved = of("dispatcher-1").post(
        f"{CASES}{walked.number}/reassign/",
        {"version": seen, "department": "d101", "reason": "非该单位职责"},
    )
    assert moved.status_code == 200, moved.body

    answer = of("department-s201").post(
        f"{CASES}{walked.number}/ask_extension/", {"version": seen, "reason": "雨天"}
    )

    assert answer.status_code == 409
    assert set(answer.body["kept"]) == {"state", "version"}
    assert "Dispatcher" not in answer.body["detail"]


def test_the_page_shows_both_and_keeps_the_text(browser_client, district, of, make_case):
    case = make_case(description="垃圾一堆")
    amend(of("acceptor-2"), case, 1, description="垃圾两堆")
    browser_client.enter(district.user("acceptor-1"))
    answer = browser_client.post(
        reverse("dispatch:act", args=[case.number, "not_accept"]),
        {"version": 1, "reason": "不属于本区管辖范围", "key": str(uuid.uuid4())},
    )
    html = unescape(answer.content.decode())

    assert answer.status_code == 409
    for words in ("垃圾一堆", "垃圾两堆", "Acceptor 2", "不属于本区管辖范围"):
        assert words in html


def test_each_sees_who_else_has_the_case_open(present, make_case, district):
    case = make_case()

    assert "Acceptor" not in present("acceptor-1", case)
    assert "Acceptor 1" in present("duty-chief-1", case)
    assert "Duty Chief 1" in present("acceptor-1", case)


def test_who_gives_no_more_sign_is_gone(present, make_case, clock):
    case = make_case()
    present("acceptor-1", case)
    clock.move(seconds=51)

    assert "Acceptor 1" not in present("duty-chief-1", case)
    assert forget_presence(at=clock.now) == 1
    assert Presence.objects.get().user.username == "duty-chief-1"


def test_presence_of_a_case_is_told_to_nobody_who_may_not_see_it_as_it_is(present, walk):
    walked = walk("HANDLING")
    present("dispatcher-1", walked.case)
    present("department-d101", walked.case, status=404)
    assert "Dispatcher 1" in present("department-s201", walked.case)
    present("supervisor-1", walked.case, status=403)


def test_readers_leave_no_sign(present, make_case):
    present("official-1", make_case(), status=403)
    assert not Presence.objects.exists()
