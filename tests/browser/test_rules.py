"""The routing rules at the administrator's desk: accessible pages, a pin, a draft and its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch.models import RoutingRule
from jobs.models import Job
from jobs.running import run_job
from tests.browser.conftest import DESK, PHONE, settle
from tests.dispatch.test_rules import dispatched, draft, reassign, rubbish

WIDE = {"width": 1920, "height": 1080}


def last_month():
    """An hour of a day in the month before this one."""
    first = timezone.localtime().replace(day=1, hour=10, minute=0)
    return first - timedelta(days=3)


@pytest.mark.parametrize("size", [DESK, WIDE, PHONE], ids=["desk", "wide", "phone"])
def test_every_page_of_the_rules_is_accessible(person, shared_district, size):
    reassign(dispatched(shared_district, reported_at=last_month()))
    dispatched(shared_district, "d101", reported_at=last_month())
    ended = RoutingRule.objects.filter(kind="event", area_code="110101002")
    ended.update(valid_to=last_month().date())
    today = timezone.localdate()
    draft(shared_district, valid_from=today)
    draft(shared_district, "d102", replaces=None, valid_from=today)
    office = person(size)
    office.enter("administrator")
    for path in (
        "/routing/",
        "/routing/coverage/",
        "/routing/coverage/cells/?kind=event&code=0501&street=110101002",
        "/routing/overlaps/",
        "/routing/try/?entry=event:0102&cell=110101001001001",
        "/routing/dry-run/",
        "/routing/accuracy/",
        f"/routing/accuracy/dispatches/?month={last_month():%Y-%m}",
    ):
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider), path


def test_a_pin_on_the_map_is_asked_for(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/routing/try/")
    settle(page)
    page.select_option("select[name=entry]", "event:0501")
    page.locator("[data-gc-map]").click(position={"x": 130, "y": 200})
    page.click("main form[data-gc-place] button.btn-primary")
    expect(page.locator("#answer-title")).to_have_text("东华门街道办事处")
    assert "lon=116.4" in page.url


def test_a_draft_is_tried_and_published(person, shared_district):
    number = dispatched(shared_district, reported_at=last_month()).number
    made = draft(shared_district, valid_from=timezone.localdate() + timedelta(days=1))
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/routing/dry-run/")
    settle(page)
    page.fill("input[name=on]", f"{made.valid_from:%Y-%m-%d}")
    page.click(".gc-query button.btn-primary")
    expect(page.locator("main .gc-job")).to_be_visible()
    run_job(job_id=Job.objects.get(kind="dispatch.dry_run").pk)
    expect(page.locator("main")).to_contain_text(number)
    page.get_by_role("button", name="发布").click()
    page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("body")).to_contain_text("已发布 1 条草稿")
    made.refresh_from_db()
    assert not made.is_draft


def test_automatic_dispatch_is_switched_in_the_list(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/routing/?code=0102&area=110101001")
    page.get_by_role("button", name="开启规则").click()
    expect(page.get_by_role("button", name="关闭规则")).to_be_visible()
    assert rubbish().automatic
