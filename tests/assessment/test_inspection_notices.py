"""Whoever an inspection scores hears of it the same day, and of what was decided about it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError

from assessment.models import Sheet, SheetItem
from assessment.services.inspections import (
    Found,
    answer_entry,
    appeal_entry,
    record_entry,
    withdraw_entry,
)
from cases.models import Delivery, Message, Outlet, Webhook
from cases.models.notice import Channel, NoticeKind
from cases.sending import send_owed
from cases.services.notices import deliver
from cases.services.outgoing import claim
from cases.services.preferences import choose_notices
from tests.district import at

pytestmark = pytest.mark.django_db

NOON, EVENING = at("12:00"), at("18:00")


@pytest.fixture
def sheets(district):
    for subject in ("street", "department"):
        made = Sheet.objects.create(key=f"{subject}-look", name="现场检查", subject=subject)
        SheetItem.objects.create(
            sheet=made, code="2.1", name="台账完整", most=Decimal(10), needs_photo=False
        )


@pytest.fixture
def mailed(district, settings):
    """The office of the first street has an address, on a site that sends mail."""
    settings.HAS_EMAIL, settings.PUBLIC_URL = True, "https://grid.example"
    user = district.user("department-d101")
    user.email = "office@grid.example"
    user.save(update_fields=["email"])
    return user


def write(district, key="110101001", sheet="street-look", now=NOON):
    found = Found(sheet, "2.1", key, "2.5", "沿街有暴露垃圾", now)
    return record_entry(actor=district.actor("duty-chief-1"), at=now, found=found)


def lines_of(page):
    return page.content.decode()


def heard(kind):
    rows = Delivery.objects.filter(kind=kind, channel=Channel.INBOX)
    return set(rows.values_list("receiver__username", flat=True))


def members(district, prefix):
    return {name for name in district.users if name.startswith(f"department-{prefix}")}


def test_the_office_of_a_street_reads_it_behind_the_bell_the_same_day(
    district, sheets, browser_client
):
    entry = write(district)
    assert heard(NoticeKind.INSPECTED) == members(district, "d101")
    assert deliver(at=NOON + timedelta(seconds=2)) == len(members(district, "d101"))
    page = lines_of(browser_client.enter(district.user("department-d101")).get("/messages/"))
    assert f'href="/inspections/{entry.pk}/"' in page
    assert "2.50" in page
    assert f"巡查评分记录 {entry.pk} · 2.1 台账完整" in page
    assert browser_client.get(f"/inspections/{entry.pk}/").status_code == 200
    other = browser_client.enter(district.user("department-d102")).get("/messages/")
    assert f"/inspections/{entry.pk}/" not in lines_of(other)


def test_a_department_that_is_scored_hears_it_and_nobody_else(district, sheets):
    write(district, key="s201", sheet="department-look")
    assert heard(NoticeKind.INSPECTED) == members(district, "s201")


def test_by_mail_with_number_and_link_and_no_word_of_what_was_found(
    district, sheets, mailed, clock
):
    clock.now = NOON
    entry = write(district)
    send_owed(clock=lambda: clock.now)
    (letter,) = mail.outbox
    assert letter.to == ["office@grid.example"]
    assert f"https://grid.example/inspections/{entry.pk}/" in letter.body
    assert str(entry.pk) in letter.subject
    said = letter.subject + letter.body
    assert not [words for words in ("暴露垃圾", "2.5", "台账") if words in said]


def test_who_wants_no_mail_of_it_gets_none(district, sheets, mailed):
    choose_notices(actor=district.actor("department-d101"), at=NOON, wanted=set())
    write(district)
    assert not Delivery.objects.exclude(channel=Channel.INBOX).exists()


def test_a_webhook_says_what_it_is_about(district, sheets, clock, monkeypatch):
    told = []
    monkeypatch.setattr("cases.channels.webhook.resolve", lambda target: "192.0.2.1")
    monkeypatch.setattr(
        "cases.channels.webhook.post",
        lambda target, address, body, headers: told.append(body.decode()) or 204,
    )
    Webhook.objects.create(
        receiver=district.user("department-d101"), url="https://hears.example/in",
        secret="whsec_c2VjcmV0", set_at=NOON,
    )  # fmt: skip
    entry = write(district)
    clock.now = NOON
    send_owed(clock=lambda: clock.now)
    (body,) = told
    assert f'"about": "inspection-{entry.pk}"' in body
    assert '"case": ""' in body


def test_an_appeal_is_told_to_who_may_answer_it_and_the_answer_to_the_office(district, sheets):
    entry = write(district)
    said = {"entry_id": entry.pk, "at": EVENING}
    appeal_entry(**said, actor=district.actor("department-d101"), words="当时已清运")
    assert heard(NoticeKind.CONTESTED) == {"duty-chief-2"}, "not who wrote it"
    answer_entry(**said, actor=district.actor("duty-chief-2"), upheld=True, words="属实")
    assert heard(NoticeKind.DECIDED) == members(district, "d101")
    row = Delivery.objects.filter(kind=NoticeKind.DECIDED).first()
    assert row.values["decision"] == "upheld"


def test_what_is_taken_back_is_told_too(district, sheets, browser_client):
    entry = write(district)
    withdraw_entry(
        entry_id=entry.pk, actor=district.actor("duty-chief-1"), at=EVENING, words="记错街道"
    )
    deliver(at=EVENING)
    page = lines_of(browser_client.enter(district.user("department-d101")).get("/messages/"))
    assert "已撤回" in page
    assert "记错街道" not in page


def test_what_is_told_of_one_entry_arrives_in_order_and_holds_up_no_other(district, sheets, mailed):
    entry, other = write(district), write(district)
    withdraw_entry(
        entry_id=entry.pk, actor=district.actor("duty-chief-1"), at=NOON, words="记错街道"
    )
    first = Delivery.objects.get(topic_id=entry.pk, kind=NoticeKind.INSPECTED, channel="email")
    beside = Delivery.objects.get(topic_id=other.pk, channel="email")
    assert set(claim(at=NOON, quiet=False, limit=9)) == {first.pk, beside.pk}
    first.done_at = NOON
    first.save(update_fields=["done_at"])
    (last,) = claim(at=NOON, quiet=False, limit=9)
    assert Delivery.objects.get(pk=last).kind == NoticeKind.DECIDED


def test_in_quiet_hours_mail_waits_and_the_list_does_not(district, sheets, mailed):
    late = at("22:30")
    write(district, now=late)
    assert claim(at=late, quiet=True, limit=9) == []
    assert deliver(at=late) == len(members(district, "d101"))
    assert len(claim(at=at("07:00", on="2026-06-11"), quiet=False, limit=9)) == 1


def test_a_letter_about_an_inspection_that_is_given_up_is_named_in_the_administration(
    district, sheets, mailed, browser_client
):
    entry = write(district)
    Delivery.objects.filter(channel="email").update(dead_at=EVENING, last_error="HTTP 500")
    Outlet.objects.all().delete()
    office = browser_client.enter(district.user("administrator"))
    named = f"巡查评分记录 {entry.pk}"
    found = ("", named, str(entry.pk), "巡查评分", f"inspection-{entry.pk}", "department-d101")
    others = (f"巡查评分记录 {entry.pk + 1}", f"inspection-{entry.pk + 1}", "案件", "1 2", "巡查 x")
    for words in (*found, *others):
        page = office.get("/admin/cases/delivery/", {"q": words}).content.decode()
        assert (named in page.replace(f'value="{words}"', "")) is (words in found), words


def test_a_notice_speaks_of_a_case_or_of_something_else(district):
    receiver = district.user("department-d101")
    with pytest.raises(IntegrityError):
        Delivery.objects.create(receiver=receiver, kind=NoticeKind.INSPECTED, due_at=NOON)


def test_messages_of_cases_are_as_they_were(make_case, district):
    make_case("HANDLING")
    deliver(at=at("23:00"))
    assert Message.objects.exists()
    assert not Message.objects.exclude(topic="").exists()
