"""The desks by keyboard: the list with its proposal, and a conflict that keeps what was typed."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from cases.models import Case
from cases.workflow import State
from dispatch.models import Turn
from tests.browser.conftest import settle
from tests.factories import start


@pytest.fixture
def filed(shared_district):
    """`filed(2)`: the walks of cases that wait for the dispatcher, the first due first."""

    def make(count):
        began = timezone.now() - timedelta(minutes=8)
        return [
            start(district=shared_district, state=State.TO_DISPATCH,
                  reported_at=began + timedelta(minutes=turn))
            for turn in range(count)
        ]  # fmt: skip

    return make


def test_a_late_answer_never_shows_the_proposal_of_another_row(person, filed):
    first, second = filed(2)
    dispatcher = person()
    page = dispatcher.enter("dispatcher-1", "/")

    def late(route: Route) -> None:
        time.sleep(1.2)
        route.continue_()

    page.route(f"**/cases/{first.number}/proposal/", late)
    with page.expect_request(f"**/cases/{first.number}/proposal/"):
        dispatcher.go("/cases/")  # the first row is chosen by itself, its proposal on the way
    page.keyboard.press("j")
    shown = page.locator("#proposal h2")
    expect(shown).to_contain_text(second.number[10:])
    page.wait_for_timeout(1500)
    expect(shown).to_contain_text(second.number[10:])


def test_d_dispatches_the_chosen_case_and_goes_on_to_the_next(person, filed):
    first, second = filed(2)
    dispatcher = person()
    page = dispatcher.enter("dispatcher-1", "/")
    dispatcher.go("/cases/")
    expect(page.locator("#proposal h2")).to_contain_text(first.number[10:])
    expect(page.locator("#proposal button.btn-primary")).to_be_enabled()
    page.keyboard.press("d")
    expect(page.locator("#proposal h2")).to_contain_text(second.number[10:])
    expect(page.locator("tr.gc-here a")).to_be_focused()
    assert Case.objects.get(pk=first.case.pk).state == State.HANDLING
    assert Turn.objects.get(case=first.case).dispatched_by.username == "dispatcher-1"
    dispatcher.check_accessible()


def test_a_conflict_says_who_moved_the_case_and_keeps_the_text(person, filed):
    (walk,) = filed(1)
    dispatcher = person()
    dispatcher.refusals_expected = True
    page = dispatcher.enter("dispatcher-2", "/")
    dispatcher.go(f"/cases/{walk.number}/")
    settle(page)
    page.click("[data-gc-open=do-ask_void]")
    page.fill("#do-ask_void [name=reason]", "与在办案件重复，申请作废")
    walk.now = timezone.now()
    walk.step("dispatch")
    page.click("#do-ask_void button.btn-danger")
    told = page.locator("#do-ask_void .gc-errors")
    expect(told).to_contain_text("Dispatcher 1")
    told.locator("button").click()
    settle(page)
    page.click("[data-gc-open=do-ask_void]")
    expect(page.locator("#do-ask_void [name=reason]")).to_have_value("与在办案件重复，申请作废")


def test_z_takes_a_dispatch_back_while_its_message_stands(person, filed):
    (walk,) = filed(1)
    dispatcher = person()
    page = dispatcher.enter("dispatcher-1", "/")
    dispatcher.go("/cases/")
    expect(page.locator("#proposal button.btn-primary")).to_be_enabled()
    page.keyboard.press("d")
    undo = page.locator(".gc-toast [data-gc-key=z]")
    expect(undo).to_be_visible()
    dispatcher.check_accessible()
    with page.expect_response("**/undo_dispatch/"):
        page.keyboard.press("z")
    expect(page.locator(f"[data-gc-row='{walk.number}']")).to_be_visible()
    assert Case.objects.get(pk=walk.case.pk).state == State.TO_DISPATCH
    assert Turn.objects.get(case=walk.case).end_kind == "undone"


def test_the_figure_of_the_menu_follows_what_was_dispatched(person, filed):
    filed(2)
    dispatcher = person()
    page = dispatcher.enter("dispatcher-1", "/")
    dispatcher.go("/cases/")
    expect(page.locator("#gc-count-todo")).to_have_text("2")
    expect(page.locator("#proposal button.btn-primary")).to_be_enabled()
    page.keyboard.press("d")
    expect(page.locator("#gc-count-todo")).to_have_text("1")


def test_a_report_is_merged_by_pointing_at_the_same_matter(person, shared_district):
    began = timezone.now() - timedelta(minutes=8)
    lead, member = (start(district=shared_district, reported_at=began) for _each in range(2))
    acceptor = person()
    page = acceptor.enter("acceptor-1", "/")
    acceptor.go(f"/cases/{member.number}/")
    settle(page)
    page.click(f"[data-gc-lead='{lead.number}']")
    expect(page.locator("#do-merge [name=leading]")).to_have_value(lead.number)
    acceptor.check_accessible()
    page.fill("#do-merge [name=reason]", "同一处垃圾")
    with page.expect_response("**/merge/"):
        page.click("#do-merge button.btn-primary")
    settle(page)
    assert Case.objects.get(pk=member.case.pk).merged_into == lead.case
    page.click("[data-gc-open=do-undo_merge]")
    with page.expect_response("**/undo_merge/"):
        page.click("#do-undo_merge button.btn-primary")
    settle(page)
    assert Case.objects.get(pk=member.case.pk).state == State.REPORTED
