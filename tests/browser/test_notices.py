"""The bell counts by itself, and each person chooses his channels, on a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from cases.models import NoticeChoice
from cases.models.notice import NoticeKind
from cases.services.notices import deliver, notify
from tests.browser.conftest import PHONE, settle
from tests.factories import start


def tell(case, user, kind):
    now = timezone.now()
    notify(case, [user.pk], kind, at=now)
    deliver(at=now)


def test_the_bell_rings_on_an_open_page_and_leads_to_the_message(person, shared_district):
    walk = start(district=shared_district, reported_at=timezone.now() - timedelta(minutes=3))
    chief = person()
    page = chief.enter("duty-chief-1", "/")
    chief.go("/cases/")
    bell = page.locator("#gc-unread")
    settle(page)
    expect(bell).to_have_text("")
    # Open pages hear of it by the stream; they would ask by themselves only after a minute.
    page.wait_for_timeout(1500)
    tell(walk.case, shared_district.user("duty-chief-1"), NoticeKind.SUPERVISED)
    expect(bell).to_have_text("1")
    page.click(".gc-bar a:has(#gc-unread)")
    expect(page.locator(".gc-message.is-new")).to_contain_text(walk.number)
    chief.check_accessible()
    page.click("main form button")
    expect(page.locator(".gc-message.is-new")).to_have_count(0)
    expect(bell).to_have_text("")


def test_a_choice_is_kept_and_read_out_by_its_row_and_column(person, shared_district, settings):
    settings.HAS_EMAIL = True
    chief = person()
    page = chief.enter("duty-chief-1", "/")
    page.click(".gc-bar details.gc-menu summary")
    page.click(".gc-menu-box a")
    settle(page)
    box = page.get_by_role("checkbox", name="您的案件被催办 电子邮件")
    expect(box).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="您的案件被催办 站内消息")).to_be_disabled()
    chief.check_accessible()
    box.check()
    page.click("main form button.btn-primary")
    expect(page.locator(".gc-toast")).to_be_visible()
    expect(page.get_by_role("checkbox", name="您的案件被催办 电子邮件")).to_be_checked()
    kept = NoticeChoice.objects.get()
    assert (kept.user.username, kept.kind, kept.channel) == ("duty-chief-1", "urged", "email")
    chief.check_accessible()


def test_a_supervisors_phone_shows_the_figure_and_the_choices(person, shared_district):
    walk = start(district=shared_district, reported_at=timezone.now() - timedelta(minutes=3))
    tell(walk.case, shared_district.user("supervisor-1"), NoticeKind.URGED)
    supervisor = person(PHONE)
    page = supervisor.enter("supervisor-1", "/")
    expect(page.locator("#gc-unread")).to_have_text("1")
    supervisor.go("/messages/preferences/")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    supervisor.check_accessible()
