"""The ledgers: every count opens a list of exactly so many rows, and nobody sees too much."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.ledgers import LEDGERS, Row
from assessment.periods import period_from
from assessment.selectors.ledger_months import WATCHED, ledger_months, months_chart
from assessment.selectors.ledgers import (
    count_ledgers,
    count_rows,
    ledgers_for,
    list_rows,
    rows_behind,
)
from cases.services.tasks import recall_task
from dispatch.services.checking import fail_check
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import reassign_case
from dispatch.services.reopening import reopen_case
from dispatch.services.reviews import approve_request, ask_request, refuse_request
from gridcity.contracts import Role
from tests.district import USER_OF_ROLE, at
from tests.photos import prepared

READERS = (Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.ADMINISTRATOR)
MOST_QUERIES = 10
NOW = at("18:00")


def today():
    return period_from({"since": "2026-06-10", "until": "2026-06-10"}, NOW)


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = NOW


@pytest.fixture
def counted(district):
    """`counted("official")`: the keys of the ledgers with their counts and wholes of that day."""

    def of(role="official"):
        actor = district.actor(USER_OF_ROLE[role])
        shown = count_ledgers(actor, today(), str)
        return {each.ledger.key: (each.count, each.whole_count) for each in shown}

    return of


def ask(walked, kind, by="", **said):
    walked.now += timedelta(minutes=1)
    return ask_request(
        number=walked.number, actor=walked.actor(by) if by else walked.department, at=walked.now,
        version=walked.case.version, kind=kind, reason="说明原因", **said,
    )  # fmt: skip


def approve(walked, request, *names):
    for name in names:
        walked.now += timedelta(minutes=1)
        approve_request(
            number=walked.number, actor=walked.actor(name), at=walked.now,
            version=walked.case.version, request_id=request.pk,
        )  # fmt: skip


def test_every_share_is_of_a_whole_of_the_same_rows():
    for ledger in LEDGERS.values():
        assert len(str(ledger.definition)) > 5
        if ledger.of:
            whole = LEDGERS[ledger.of]
            assert whole.row == ledger.row
            assert not whole.of
            assert whole.before_filing <= ledger.before_filing


def test_a_return_is_counted_asked_and_approved_and_as_a_wrong_dispatch(walk, counted):
    walked = walk("HANDLING")
    request = ask(walked, "RETURN", reason_code="not_ours")
    assert counted()["returned_asked"] == (1, 1)
    assert counted()["returned"] == (0, 1)

    approve(walked, request, "dispatcher-1")

    assert counted()["returned"] == (1, 1)
    assert counted()["wrong_dispatch"] == (1, 1)
    assert counted()["disputed"] == (0, 1)


def test_the_second_approved_return_makes_the_ownership_disputed(walk, counted):
    walked = walk("HANDLING")
    for department in ("d101", None):
        request = ask(walked, "RETURN", reason_code="owner_unclear")
        approve(walked, request, "dispatcher-1")
        if department:
            walked.step("dispatch", department=department)

    assert counted()["disputed"] == (1, 1)


def test_a_reassignment_is_a_wrong_dispatch_and_no_return(walk, counted):
    walked = walk("HANDLING")
    reassign_case(
        number=walked.number, actor=walked.actor("dispatcher-1"), at=walked.now,
        version=walked.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip

    assert counted()["wrong_dispatch"] == (1, 2)
    assert counted()["returned"] == (0, 2)


def test_voids_count_although_voided_cases_stand_outside_every_figure(make_case, counted):
    make_case("VOIDED")
    make_case("HANDLING")

    assert counted()["voided"] == (1, 2)


def test_a_failed_check_is_a_rework_of_the_answered_checks(walk, counted):
    walk("TO_CLOSE")
    walked = walk("CHECKING")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip

    assert counted()["rework"] == (1, 2)


def test_forced_closes_and_reopenings_are_counted(walk, counted):
    walked = walk("CLOSED")
    reopen_case(
        number=walked.number, actor=walked.actor("duty-chief-1"), at=walked.now,
        version=walked.case.version, reason="未解决",
    )  # fmt: skip
    forced = walk("HANDLING")
    force_close_case(
        number=forced.number, actor=forced.actor("duty-chief-1"), at=forced.now,
        version=forced.case.version, reason="无法处置",
    )  # fmt: skip

    assert counted()["reopened"] == (1, 2)
    assert counted()["forced"] == (1, 1)


def test_only_waivers_of_what_had_to_be_verified_are_counted(walk, counted):
    walk("TO_FILE")
    verified = walk("VERIFYING", by="acceptor-1", source="HOTLINE", cell=(0, 0))
    verified.step("verify")
    verified.step("accept")
    walk(by="acceptor-1", source="HOTLINE").step("accept", waiver="照片清楚")

    assert counted()["waived"] == (1, 2)
    assert "waived" not in counted("dispatcher")


def test_recalled_tasks_are_charged_to_nobody(walk, counted):
    walked = walk("VERIFYING", by="acceptor-1", source="HOTLINE", cell=(0, 0))
    recall_task(
        number=walked.number, actor=walked.actor("acceptor-1"), at=walked.now,
        version=walked.case.version, reason="不必再去",
    )  # fmt: skip

    assert counted()["missed"] == (0, 0)


def test_what_happened_on_another_day_is_not_counted(make_case, counted):
    make_case("VOIDED", reported_at=at("09:00", on="2026-06-09"))

    assert counted()["voided"] == (0, 0)


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_ledgers_are_open_to_their_readers_and_nobody_else(browser_client, district, role):
    browser_client.enter(district.user(USER_OF_ROLE[role]))
    wanted = 200 if role in READERS else 403
    for path in ("/ledgers/", "/ledgers/returned/?period=month"):
        assert browser_client.get(path).status_code == wanted


def test_the_command_side_counts_filed_cases_only(make_case, district):
    make_case("REPORTED")
    make_case("HANDLING")
    dispatcher = district.actor("dispatcher-1")

    assert count_rows(LEDGERS["open"], dispatcher, today()) == 1
    assert not {each.key for each in ledgers_for(dispatcher)} & {"merged", "self_handled"}


def test_administrators_read_rows_but_find_no_way_into_a_case(make_case, district, browser_client):
    case = make_case("VOIDED")
    browser_client.enter(district.user("administrator"))
    listed = browser_client.get("/ledgers/voided/").content.decode()

    assert case.number in listed
    assert reverse("dispatch:case", args=[case.number]) not in listed


def test_unknown_ledgers_and_periods_are_refused_in_words(browser_client, district):
    browser_client.enter(district.user("official-1"))

    assert browser_client.get("/ledgers/nothing/").status_code == 404
    refused = browser_client.get("/ledgers/?since=tomorrow")
    assert refused.status_code == 400
    assert "2026-11-22" in refused.content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_lists_and_overview_cost_a_fixed_number_of_queries(
    make_case, district, browser_client, count
):
    for _ in range(count):
        make_case("HANDLING")
    browser_client.enter(district.user("official-1"))
    for path in ("/ledgers/", "/ledgers/open/", "/ledgers/returned_asked/"):
        browser_client.get(path)
        with CaptureQueriesContext(connection) as queries:
            browser_client.get(path)
        assert len(queries) <= MOST_QUERIES


@pytest.mark.parametrize("row", Row)
def test_each_sort_of_rows_has_a_ledger(row, district):
    actor = district.actor("official-1")
    listed = [each for each in ledgers_for(actor) if each.row == row]
    assert listed
    assert all(rows_behind(each, actor, today()).count() == 0 for each in listed)


def test_appeals_are_a_share_of_what_could_be_appealed_against(walk, counted, clock, district):
    """Turns in time have nothing to appeal against; those that ended shortly before still have."""
    walk("CLOSED")
    late = [walk("HANDLING", reported_at=at("08:00", on="2026-06-08")) for _ in range(3)]
    for walked in late:
        walked.now = at("15:00", on="2026-06-09")
        for step in ("finish", "send_check", "check_passed", "close"):
            walked.step(step)
    assert counted()["appealed"] == (0, 3)
    assert counted()["appeal_upheld"] == (0, 0)
    walked = late[0]
    walked.now = at("09:00")
    request = ask(walked, "APPEAL", by="department-s201", fact="overdue")
    assert counted()["appealed"] == (1, 3)
    approve(walked, request, "dispatcher-2", "duty-chief-1")
    assert counted()["appeal_upheld"] == (1, 1)
    actor = district.actor("official-1")
    (row,) = list_rows(LEDGERS["appealed"], actor, today(), cursor=None).rows
    assert row["uncounted"] == ["超期"]
    lines = ledger_months(actor, NOW, WATCHED)
    drawn = months_chart(lines, lambda _key, _period: "", "", "")["series"]
    assert str(LEDGERS["appealed"].label) in [one["name"] for one in drawn]


def test_shirking_and_assistance_have_ledgers(walk, counted):
    walk("TO_DISPATCH").step("dispatch", assistants=["d101"])
    walked = walk("HANDLING", reported_at=at("08:00"))
    for reviewer in ("dispatcher-1", "duty-chief-1"):
        request = ask(walked, "RETURN", reason_code="not_ours")
        refuse_request(
            number=walked.number, actor=walked.actor(reviewer), at=walked.now,
            version=walked.case.version, request_id=request.pk, reason="属于你单位",
        )  # fmt: skip
    assert counted()["shirked"] == (1, 2), "due before 18:00"
    assert counted()["assisted"] == (1, 2)


def test_relapses_have_a_ledger(walk, counted):
    walk("CLOSED", reported_at=at("09:00", on="2026-06-09"))
    walk("HANDLING")
    assert counted()["relapsed"][0] == 1
