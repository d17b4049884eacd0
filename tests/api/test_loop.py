"""One case through all hands by the API alone."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.district import point
from tests.photos import upload


@pytest.fixture
def of(api, district):
    """`of("acceptor-1")`: a client of the API with that user's token."""
    return lambda name: api.of(district.user(name))


def test_a_case_goes_from_its_report_to_its_end(of, clock, district, at):
    lon, lat = point(1, 1)
    reported = of("supervisor-1").post(
        "/api/v1/cases/",
        {"kind": "event", "class_code": "0102", "lon": lon, "lat": lat, "accuracy_m": 6.5,
         "description": "路口堆放垃圾", "photo_roles": "near"},
        photos=(upload(),),
    )  # fmt: skip
    assert reported.status_code == 201, reported.body
    assert reported.body["cell"] == district.cells[1, 1].code
    assert reported.body["street"]["code"] == "110101001"
    case = f"/api/v1/cases/{reported.body['number']}/"
    version = reported.body["version"]

    def act(name, action, photos=(), **said):
        nonlocal version
        clock.move(minutes=1)
        answer = of(name).post(f"{case}{action}/", {"version": version, **said}, photos=photos)
        assert answer.status_code == 200, answer.body
        version = answer.body["version"]
        return answer.body

    assert act("acceptor-1", "accept")["status"] == "TO_FILE"
    standard = district.standard("rubbish").pk
    shown = of("duty-chief-1").get(case).body["standards"]
    assert [row["id"] for row in shown] == [standard]
    assert act("duty-chief-1", "file", standard=standard)["status"] == "TO_DISPATCH"
    proposal = of("dispatcher-1").get(case).body["proposal"]
    assert proposal["department"] == {"code": "s201", "name": "环卫中心"}
    assert proposal["reason"]
    handled = act("dispatcher-1", "dispatch", department="s201")
    assert handled["status"] == "HANDLING"
    assert handled["department"]["code"] == "s201"
    # Four working hours from 11:04 on a Wednesday: 56 minutes before noon, the rest from 14:00.
    assert datetime.fromisoformat(handled["deadline_at"]) == at("17:03")
    assert handled["lamp"] == "green"
    assert (
        act("department-s201", "finish", photos=(upload(),), result="已清运")["status"]
        == "TO_CHECK"
    )
    checked = act("acceptor-1", "send_check")
    assert checked["task"]["assignee"] == "supervisor-1"
    assert checked["task"]["kind"] == "check"
    passed = act("supervisor-1", "check_passed", photos=(upload(),))
    assert passed["status"] == "TO_CLOSE"
    closed = act("duty-chief-1", "close")
    assert closed["status"] == "CLOSED"
    assert [event["action"] for event in closed["events"]] == [
        "report", "accept", "file", "dispatch", "finish", "send_check", "check_passed", "close",
    ]  # fmt: skip
    assert [photo["role"] for photo in closed["photos"]] == ["near", "after", "after"]
    assert [row["action"] for row in closed["allowed_actions"]] == ["reopen"]
    assert closed["turns"][0]["finish_in_time"] is True
