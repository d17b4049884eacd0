"""A citizen on his phone follows his report and adds to it, without an account."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from cases.services.ending import issue_query_code
from cases.services.reporting import ReporterInput
from cases.workflow import State
from tests.browser.conftest import PHONE, settle
from tests.factories import start
from tests.photos import picture_bytes


def test_he_adds_words_and_a_photo_to_his_report(person, shared_district):
    walk = start(
        district=shared_district, state=State.HANDLING, by="acceptor-1", source="LEADER",
        reporter=ReporterInput("王小明", "13900000000", True),
        reported_at=timezone.now() - timedelta(minutes=20),
    )  # fmt: skip
    code = issue_query_code(
        number=walk.number, reporter_id=walk.case.reporters.get().pk,
        actor=walk.actor("acceptor-1"), at=timezone.now(),
    )  # fmt: skip
    citizen = person(PHONE)
    page = citizen.go("/follow/")
    page.fill("input[name=number]", walk.number)
    page.fill("input[name=code]", code)
    page.click("main button.btn-primary")
    settle(page)
    citizen.check_accessible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("您想补充什么？").fill("又多了一堆")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes()}
    page.get_by_label("照片（最多九张）").set_input_files([photo])
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_role("status")).to_contain_text("已补充到您的反映中")
    citizen.check_accessible()
    event = walk.case.events.get(action="supplement")
    assert (event.role, event.changes["words"]) == ("citizen", "又多了一堆")
    assert event.photos.count() == 1
