"""Ledgers with their lists, two desks on one case, and photos used before, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.services.accepting import Amendment, amend_case, supplement_case
from cases.workflow import State
from tests.browser.conftest import PHONE, settle
from tests.factories import start
from tests.photos import prepared


@pytest.fixture
def reported(shared_district):
    """`reported(state)`: the walk of a case of ten minutes ago, with a photo."""

    def make(state=State.REPORTED):
        began = timezone.now() - timedelta(minutes=10)
        walk = start(district=shared_district, state=state, reported_at=began)
        supplement_case(
            number=walk.number, actor=walk.actor("acceptor-1"), at=timezone.now(),
            photos=[prepared("near")],
        )  # fmt: skip
        return walk

    return make


def test_every_count_of_the_ledgers_opens_its_list(person, reported):
    reported(State.HANDLING)
    reported(State.TO_CHECK)
    official = person()
    page = official.enter("official-1", "/")
    official.go("/ledgers/?period=month")
    settle(page)
    official.check_accessible()
    page.click("[data-gc-ledger=turns] >> nth=0")
    expect(page.locator("[data-gc-total]")).to_have_attribute("data-gc-total", "2")
    expect(page.locator("[data-gc-row]")).to_have_count(2)
    settle(page)
    official.check_accessible()


def test_two_desks_on_one_case_see_each_other_and_what_the_other_changed(person, reported):
    walk = reported()
    first, second = person(), person()
    first.enter("acceptor-2")
    first.go(f"/cases/{walk.number}/")
    settle(first.page)
    second.refusals_expected = True
    page = second.enter("acceptor-1", "/")
    second.go(f"/cases/{walk.number}/")
    expect(page.locator("main")).to_contain_text("Acceptor 2正在处理此案件")
    page.click("[data-gc-open=do-not_accept]")
    page.fill("#do-not_accept [name=reason]", "不属于本区管辖范围")
    amend_case(
        number=walk.number, actor=walk.actor("acceptor-2"), at=timezone.now(), version=1,
        amendment=Amendment(place_text="东门外十米"),
    )  # fmt: skip
    page.click("#do-not_accept button.btn-danger")
    told = page.locator("#do-not_accept .gc-errors")
    expect(told).to_contain_text("— → 东门外十米 (Acceptor 2")
    expect(page.locator("#do-not_accept [name=reason]")).to_have_value("不属于本区管辖范围")
    second.check_accessible()


def test_where_a_case_stands_is_in_view_on_a_phone(person, reported):
    walk = reported(State.TO_CLOSE)
    chief = person(PHONE)
    page = chief.enter("duty-chief-1", "/")
    chief.go(f"/cases/{walk.number}/")
    settle(page)
    expect(page.locator(".gc-way [aria-current=step]")).to_have_text("待结案")
    fits = "way => [way.scrollWidth <= way.clientWidth, way.lastElementChild.clientWidth > 40]"
    assert page.eval_on_selector(".gc-way", fits) == [True, True]


def test_a_photo_used_before_leads_to_the_case_that_had_it(person, reported):
    earlier, walk = reported(), reported()
    acceptor = person()
    page = acceptor.enter("acceptor-1", "/")
    acceptor.go(f"/cases/{walk.number}/")
    settle(page)
    acceptor.check_accessible()
    page.click(f"figcaption a[href*='{earlier.number}'] >> nth=0")
    page.wait_for_url(f"**/cases/{earlier.number}/")
