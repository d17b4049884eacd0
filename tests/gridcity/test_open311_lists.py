"""What Open311 tells of requests: little to everybody, to a client its own, all changes once."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.services.accepting import Amendment, amend_case
from cases.services.merging import merge_case
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.services.reopening import reopen_case
from gridcity.authentication import issue_token
from gridcity.open311.requests import SETTLED
from tests.district import at

pytestmark = pytest.mark.django_db
REQUESTS = "/open311/v2/requests.json"
SECRET = "秘密的描述"
WANG = ReporterInput(name="王明", phone="13900000000", may_call=True)


@pytest.fixture(autouse=True)
def _opened(settings):
    settings.OPEN311 = True


@pytest.fixture
def public(walk, clock):
    """`public(State.HANDLING)`: a walk of what a citizen reported at a quarter past ten."""

    def make(state="REPORTED", **said):
        said = {"by": "acceptor-1", "source": "PUBLIC", "description": SECRET, "reporter": WANG,
                "reported_at": at("10:00"), "place_text": "王家门口"} | said  # fmt: skip
        if State(state) not in {State.REPORTED, State.NOT_ACCEPTED}:
            going = walk(State.VERIFYING, **said)
            going.step("verify")
            for step in STEPS[State(state)]:
                going.step(step)
        else:
            going = walk(state, **said)
        clock.now = max(clock.now, going.now)
        return going

    return make


_HANDLING = ("accept", "file", "dispatch")
_CLOSED = (*_HANDLING, "finish", "send_check", "check_passed", "close")
STEPS = {
    State.TO_FILE: _HANDLING[:1], State.HANDLING: _HANDLING, State.CLOSED: _CLOSED,
}  # fmt: skip


@pytest.fixture
def ask(browser_client):
    """`ask(status="open")`: the answer's requests."""

    def go(path=REQUESTS, **query):
        answer = browser_client.get(path, query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return go


def numbers(told):
    return [one["service_request_id"] for one in told]


# ---------------------------------------------------------------- what is told to whom


def test_everybody_sees_class_street_state_and_date_only(public, ask, browser_client):
    going = public(State.HANDLING)
    case = going.case
    told = ask()[0]
    assert {name: value for name, value in told.items() if value is not None} == {
        "service_request_id": case.number,
        "status": "open",
        "status_notes": "处置中",
        "service_name": "暴露垃圾",
        "service_code": "event:0102",
        "requested_datetime": "2026-06-10T10:00:00+08:00",
        "updated_datetime": case.state_since.astimezone(at().tzinfo).isoformat(),
        "address": case.street.name,
    }
    names = [user.full_name for user in going.district.users.values()]
    for path in (REQUESTS, f"/open311/v2/requests/{case.number}.xml"):
        text = browser_client.get(path).content.decode()
        for secret in (SECRET, "王明", "13900000000", "王家门口", "环卫中心", *names):
            assert secret not in text


@pytest.mark.parametrize("source", ["SUPERVISOR", "HOTLINE", "LETTER_VISIT", "LEADER"])
def test_what_did_not_come_from_the_public_is_not_there(walk, ask, browser_client, source):
    by = "supervisor-1" if source == "SUPERVISOR" else "acceptor-1"
    case = walk(by=by, source=source).case
    assert ask() == []
    assert ask(service_request_id=case.number) == []
    assert browser_client.get(f"/open311/v2/requests/{case.number}.json").status_code == 404


def test_a_client_sees_its_own_whole_and_no_others(public, walk, ask, browser_client, district):
    other = public()
    own = walk(
        State.VERIFYING, by="client-1", description=SECRET, place_text="王家门口", reporter=WANG
    )
    own.step("verify")
    for step in _HANDLING:
        own.step(step)
    case, key = own.case, issue_token(district.user("client-1"))
    told = ask(api_key=key)
    assert numbers(told) == [case.number]
    seen = told[0]
    assert (seen["description"], seen["address"]) == (SECRET, "王家门口")
    assert (seen["long"], seen["lat"]) == (case.point.x, case.point.y)
    assert seen["expected_datetime"] == case.due_at.astimezone(at().tzinfo).isoformat()
    assert "13900000000" not in str(told)
    path = f"/open311/v2/requests/{other.number}.json"
    assert browser_client.get(path, {"api_key": key}).status_code == 404
    assert browser_client.get(path).status_code == 200


def test_why_it_ended_is_told_to_who_reported_it(walk, ask, district, clock):
    going = walk(State.NOT_ACCEPTED, by="client-1")
    told = ask(api_key=issue_token(district.user("client-1")))[0]
    assert (told["status"], told["expected_datetime"]) == ("closed", None)
    assert told["status_notes"] == f"{going.case.get_state_display()}: 不属于本区事项"


def test_a_merged_request_stands_where_its_leading_case_stands(public, walk, ask):
    lead = walk(State.HANDLING)
    member = public(entry="rubbish")
    member.now = lead.now + timedelta(minutes=1)
    merge_case(**member._said("acceptor-1", leading=lead.number, reason="同一处"))
    lead.now = member.now
    assert ask()[0]["status"] == "open"
    for step in _CLOSED[3:]:
        lead.step(step)
    told = ask(status="closed")[0]
    assert (told["service_request_id"], told["status_notes"]) == (member.number, "已结案")
    assert told["updated_datetime"] == lead.case.ended_at.astimezone(at().tzinfo).isoformat()


# ---------------------------------------------------------------- lists


def test_a_list_is_narrowed(public, ask):
    first, second = public(), public(State.NOT_ACCEPTED, reported_at=at("10:30"))
    third = public(entry="stall", reported_at=at("10:40"))
    everything = [third.number, second.number, first.number]
    assert numbers(ask()) == everything
    assert numbers(ask(status="open")) == [third.number, first.number]
    assert numbers(ask(status="closed")) == [second.number]
    assert numbers(ask(status="open,closed")) == everything
    assert numbers(ask(service_code="event:0501")) == [third.number]
    assert numbers(ask(service_code="event:0501,event:0102")) == everything
    assert numbers(ask(start_date="2026-06-10T10:15:00+08:00")) == everything[:2]
    assert numbers(ask(end_date="2026-06-10T02:35:00Z")) == everything[1:]
    wanted = f"{first.number},{third.number},17"
    assert numbers(ask(service_request_id=wanted, status="closed")) == [third.number, first.number]
    assert numbers(ask(page_size=2)) == everything[:2]
    assert numbers(ask(page_size=2, page=2)) == everything[2:]


def test_by_itself_it_is_of_the_last_ninety_days(public, ask, clock):
    going = public(reported_at=at("10:00", on="2026-02-27"))
    clock.now = at("11:00")
    assert ask() == []
    span = {"start_date": "2026-02-01T00:00:00+08:00", "end_date": "2026-05-01T00:00:00+08:00"}
    assert numbers(ask(**span)) == [going.number]
    assert numbers(ask(start_date=span["start_date"])) == [going.number]


WRONG = [
    {"status": "late"}, {"start_date": "yesterday"}, {"end_date": "2026-13-01T00:00:00Z"},
    {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
    {"start_date": "2026-06-02T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
    {"page": "0"}, {"page": "x"}, {"page_size": "1001"}, {"page_size": "-1"}, {"page": "9" * 30},
    {"updated_after": "soon"}, {"updated_after": "2025-01-01T00:00:00Z"},
    {"updated_after": "2026-06-10T00:00:00Z", "page": "2"}, {"service_request_id": "1\0"},
    {"service_request_id": ",".join(map(str, range(1001)))},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_filter_is_said(district, clock, browser_client, wrong):
    answer = browser_client.get(REQUESTS, wrong)
    assert answer.status_code == 400
    assert answer.json()[0]["description"]
    in_xml = browser_client.get(REQUESTS.replace("json", "xml"), wrong)
    assert ElementTree.fromstring(in_xml.content).tag == "errors"


def test_an_unknown_service_is_404(district, clock, browser_client):
    assert browser_client.get(REQUESTS, {"service_code": "event:9999"}).status_code == 404


@pytest.mark.parametrize("way", [{}, {"updated_after": "2026-06-10T00:00:00+08:00"}, {"own": True}])
def test_thirty_requests_cost_as_many_queries_as_three(
    make_case, district, browser_client, clock, way
):
    way = {"api_key": issue_token(district.user("client-1"))} if "own" in way else way
    said = {"by": "client-1"} if "api_key" in way else {"by": "acceptor-1", "source": "PUBLIC"}
    counts = []
    for more in (3, 27):
        for _one in range(more):
            make_case(**said)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            told = browser_client.get(REQUESTS, way).json()
        counts.append(len(asked))
    assert len(told) == 30
    assert counts[0] == counts[1] <= 4


# ---------------------------------------------------------------- changes


@pytest.fixture
def follow(ask, clock):
    """Walks through all changes since an instant, some at a time, as a client does."""

    def go(after, size=2):
        clock.move(seconds=SETTLED.total_seconds() + 1)
        found = []
        while told := ask(updated_after=after, page_size=size):
            found += numbers(told)
            after = told[-1]["updated_datetime"]
        return found, after

    return go


def test_who_walks_through_the_changes_hears_each_once(public, follow, clock):
    cases = [public() for _one in range(5)]
    start = at("09:00").isoformat()
    found, after = follow(start)
    assert sorted(found) == sorted(one.number for one in cases)
    assert follow(after)[0] == []
    moved = cases[1]
    moved.now = clock.now
    moved.step("send_verify")
    clock.now = moved.now
    found, after = follow(after)
    assert found == [moved.number]
    assert follow(after)[0] == []


def test_all_that_changed_at_one_instant_comes_together(public, ask, follow):
    cases = [public(reported_at=at("10:00")) for _one in range(3)]
    public(reported_at=at("10:01"))
    follow(at("09:00").isoformat())
    told = ask(updated_after=at("09:00").isoformat(), page_size=1)
    assert sorted(numbers(told)) == sorted(one.number for one in cases)


def test_what_may_still_be_written_at_an_earlier_instant_is_waited_for(public, ask, clock):
    going = public()
    clock.now = going.case.state_since + SETTLED - timedelta(seconds=1)
    assert ask(updated_after=at("09:00").isoformat()) == []
    clock.move(seconds=1)
    assert numbers(ask(updated_after=at("09:00").isoformat())) == [going.number]


def test_an_end_a_reopening_and_an_amended_class_are_changes(public, follow, district, clock):
    closed, amended = public(State.CLOSED), public(State.TO_FILE)
    _found, after = follow(at("09:00").isoformat())
    closed.now = amended.now = clock.now
    reopen_case(**closed._said("duty-chief-1", reason="复查仍未清理"))
    other = district.classes["stall"]
    amend_case(**amended._said("duty-chief-1", amendment=Amendment(class_code=other.code)))
    found, after = follow(after)
    assert sorted(found) == sorted([closed.number, amended.number])


def test_an_instant_whose_plus_was_not_escaped_is_understood(public, browser_client, clock):
    going = public()
    clock.move(minutes=10)
    path = f"{REQUESTS}?updated_after=2026-06-10T09:00:00+08:00"
    assert numbers(browser_client.get(path).json()) == [going.number]
