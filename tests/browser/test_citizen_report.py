"""A citizen on his phone reports without an account, by search, own position and a photo."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from cases.models import Case
from cases.workflow import State
from tests.browser.conftest import DESK, PHONE, settle
from tests.district import point
from tests.factories import start
from tests.photos import picture_bytes

SHOTS = os.environ.get("GRIDCITY_TEST_SHOTS", "")


@pytest.fixture(autouse=True)
def _opened(settings):
    settings.PUBLIC_REPORTS = True


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_the_class_to_the_receipt_and_on_to_his_report(person, shared_district):
    citizen = person(PHONE, at=point(1, 1))
    page = citizen.go("/report/")
    settle(page)
    shoot(page, "report-phone")
    citizen.check_accessible()
    assert fits(page)
    page.get_by_label("其他问题：输入名称查找").fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").last.click()
    expect(page.locator("[data-gc-what-chosen] strong")).to_have_text("暴露垃圾")
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    expect(page.locator("input[name=address]")).not_to_have_value("")
    page.get_by_label("文字说明（可不填）").fill("门口一堆垃圾")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes()}
    page.locator("[data-gc-choose]").set_input_files([photo])
    expect(page.locator(".gc-shot")).to_have_count(1)
    shoot(page, "report-filled")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="您的反映已收到")).to_be_visible()
    settle(page)
    shoot(page, "receipt-phone")
    citizen.check_accessible()
    assert fits(page)
    case = Case.objects.get()
    assert (case.source, case.placed_by, case.photos.count()) == ("PUBLIC", "gps", 1)
    page.locator(".gc-public-receipt a").click()
    settle(page)
    expect(page.locator("input[name=number]")).to_have_value(case.number)
    expect(page.locator("input[name=code]")).to_have_value(re.compile("^[0-9A-Z]{8}$"))
    assert "#" not in page.url, "the code does not stay in the address"
    page.locator("[data-gc-large=large]").click()
    shoot(page, "follow-large")
    page.click("main button.btn-primary")
    settle(page)
    assert "gc-large" in page.get_attribute("body", "class")
    expect(page.get_by_text("您的反映已收到")).to_be_visible()
    assert fits(page)


def test_a_matter_that_is_known_is_offered_before_it_is_sent(person, shared_district):
    walk = start(district=shared_district, state=State.HANDLING, description="秘密的描述")
    citizen = person(PHONE, at=point(1, 1))
    page = citizen.go("/report/")
    settle(page)
    page.get_by_label("其他问题：输入名称查找").fill("垃圾")
    page.get_by_role("button", name="暴露垃圾").last.click()
    expect(page.get_by_text("补充到该案件")).to_be_visible()
    shoot(page, "report-nearby")
    assert walk.number not in page.content()
    assert "秘密的描述" not in page.content()
    page.get_by_text("补充到该案件").click()
    page.get_by_label("文字说明（可不填）").fill("又多了一堆")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="谢谢，已补充到该案件")).to_be_visible()
    assert walk.case.events.get(action="supplement").changes["words"] == "又多了一堆"
    assert Case.objects.count() == 1


def test_the_page_on_a_desk_and_in_large_type(person, shared_district):
    citizen = person(DESK)
    page = citizen.go("/report/?type=large")
    settle(page)
    shoot(page, "report-desk-large")
    citizen.check_accessible()
    assert fits(page)
