"""The overview by e-mail: asked for, owed once a period, sent as its reader may see it then."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction

from assessment.models import Mailing, Subscription
from assessment.selectors.summary import build_summary
from assessment.services.facts import rebuild_facts
from assessment.services.mailings import owe_mailings, send_mailings, subscribe, unsubscribe
from cases.workflow import State
from gridcity.contracts import Forbidden, Invalid, NotVisible
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

ASKED = at("10:00")  # Wednesday, 10 June 2026
NEXT_DAY = at("00:01", on="2026-06-11")


@pytest.fixture(autouse=True)
def _mail_server(settings, district):
    settings.HAS_EMAIL = True
    user = district.user("official-1")
    user.email = "official@example.org"
    user.save(update_fields=["email"])


def ask(district, span="day", form="xlsx", who="official-1", when=ASKED):
    actor = district.actor(who)
    return subscribe(actor=actor, at=when, span=span, form=form, email="official@example.org")


def send(now):
    owe_mailings(now)
    return send_mailings(lambda: now)


def test_a_period_that_ended_is_sent_once_with_the_file(district):
    start(district=district, state=State.HANDLING, reported_at=at("09:00"))
    rebuild_facts()
    ask(district)
    assert send(at("23:59")) == 0, "the day has not ended"
    assert send(NEXT_DAY) == 1
    assert send(NEXT_DAY + timedelta(hours=1)) == 0
    message = mail.outbox[0]
    assert message.to == ["official@example.org"]
    assert "2026-06-10" in message.subject
    name, body, kind = message.attachments[0]
    assert name == "gridcity-2026-06-10.xlsx"
    assert body[:2] == b"PK"
    assert "spreadsheet" in kind
    assert message.extra_headers["Message-ID"].startswith(f"<overview-{Mailing.objects.get().pk}@")


@pytest.mark.parametrize(
    ("span", "name", "when"),
    [("week", "2026-W24", at("00:01", on="2026-06-15")),
     ("month", "2026-06", at("00:01", on="2026-07-01")),
     ("quarter", "2026-Q2", at("00:01", on="2026-07-01")),
     ("half", "2026-H1", at("00:01", on="2026-07-01")),
     ("year", "2026", at("00:01", on="2027-01-01"))],
)  # fmt: skip
def test_longer_periods_too_and_nothing_of_before(district, span, name, when):
    ask(district, span=span, form="pdf")
    assert send(when) == 1
    assert Mailing.objects.get().period == name
    assert mail.outbox[0].attachments[0][1][:4] == b"%PDF"


def test_twice_asked_is_one_and_ended_is_none(district):
    first = ask(district)
    assert ask(district, when=NEXT_DAY) == first
    official = district.actor("official-1")
    with pytest.raises(NotVisible):
        unsubscribe(actor=district.actor("duty-chief-1"), at=NEXT_DAY, subscription_id=first.pk)
    unsubscribe(actor=official, at=at("11:00"), subscription_id=first.pk)
    unsubscribe(actor=official, at=at("12:00"), subscription_id=first.pk)
    assert Subscription.objects.get().ended_at == at("11:00")
    assert send(NEXT_DAY) == 0
    assert ask(district, when=NEXT_DAY) != first


def test_rights_and_address_are_those_of_the_sending(district):
    ask(district)
    owe_mailings(NEXT_DAY)
    user = district.user("official-1")
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert send_mailings(lambda: NEXT_DAY) == 0
    assert not mail.outbox
    mailing = Mailing.objects.get()
    assert (mailing.dead_at, mailing.last_error) == (NEXT_DAY, "no reader of figures any more")


def test_a_server_that_is_down_is_tried_again_and_given_up_in_time(district, monkeypatch, settings):
    class Down:
        def send(self):
            raise ConnectionRefusedError

    ask(district)
    with monkeypatch.context() as broken:
        broken.setattr("assessment.services.mailings._message", lambda *told: Down())
        assert send(NEXT_DAY) == 0
        mailing = Mailing.objects.get()
        assert mailing.attempts == 1
        assert NEXT_DAY < mailing.next_at < NEXT_DAY + timedelta(minutes=2)
        assert send_mailings(lambda: NEXT_DAY) == 0, "not before its time"
    assert send_mailings(lambda: NEXT_DAY + timedelta(minutes=2)) == 1
    assert Mailing.objects.get().done_at is not None
    ask(district, form="pdf")
    monkeypatch.setattr("assessment.services.mailings._message", lambda *told: Down())
    owe_mailings(NEXT_DAY)
    late = NEXT_DAY + settings.NOTICE_PATIENCE
    send_mailings(lambda: late)
    assert Mailing.objects.get(subscription__form="pdf").dead_at == late


def test_a_receiver_whom_the_server_refuses_is_not_tried_again(district, monkeypatch):
    class Refused:
        def send(self):
            raise smtplib.SMTPRecipientsRefused({})

    ask(district)
    monkeypatch.setattr("assessment.services.mailings._message", lambda *told: Refused())
    send(NEXT_DAY)
    assert Mailing.objects.get().dead_at is not None


def test_who_was_killed_while_sending_leaves_it_to_the_next_after_the_lease(district):
    ask(district)
    owe_mailings(NEXT_DAY)
    from assessment.services.mailings import LEASE, _claim

    assert _claim(NEXT_DAY) is not None
    assert _claim(NEXT_DAY) is None
    assert send_mailings(lambda: NEXT_DAY + LEASE) == 1


def test_who_may_ask_and_for_what(district, settings):
    for who in ("department-s201", "supervisor-1", "administrator"):
        with pytest.raises(Forbidden):
            ask(district, who=who)
    for span, form in (("decade", "pdf"), ("day", "doc")):
        with pytest.raises(Invalid):
            ask(district, span=span, form=form)
    with pytest.raises(Invalid):
        subscribe(actor=district.actor("official-1"), at=ASKED, span="day", form="pdf", email="")
    settings.HAS_EMAIL = False
    with pytest.raises(Invalid):
        ask(district)


def test_the_database_keeps_one_wish_and_one_mailing_each(district):
    wish = ask(district)
    said = {"user_id": wish.user_id, "span": wish.span, "form": wish.form, "since": ASKED}
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.create(**said)
    owe_mailings(NEXT_DAY)
    mailing = Mailing.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.create(
            subscription=wish, period=mailing.period, owed_at=ASKED, next_at=ASKED
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        mailing.delete()


def test_asked_for_and_ended_on_the_page(district, browser_client, clock):
    clock.now = ASKED
    browser_client.enter(district.user("official-1"))
    assert "/dashboard/mail/" in browser_client.get("/dashboard/").content.decode()
    refused = browser_client.post("/dashboard/mail/", {"span": "hour", "form": "pdf"})
    assert refused.status_code == 400
    done = browser_client.post("/dashboard/mail/", {"span": "week", "form": "pdf"})
    assert done.status_code == 302
    wish = Subscription.objects.get()
    assert (
        f"/dashboard/mail/{wish.pk}/end/" in browser_client.get("/dashboard/mail/").content.decode()
    )
    browser_client.enter(district.user("duty-chief-1"))
    assert browser_client.post(f"/dashboard/mail/{wish.pk}/end/").status_code == 404
    browser_client.enter(district.user("official-1"))
    assert browser_client.post(f"/dashboard/mail/{wish.pk}/end/").status_code == 302
    assert Subscription.objects.get().ended_at == ASKED
    browser_client.enter(district.user("department-s201"))
    assert browser_client.get("/dashboard/mail/").status_code == 403


def test_the_choices_of_the_page_are_kept(district, browser_client, clock, monkeypatch):
    clock.now = ASKED
    browser_client.enter(district.user("official-1"))
    view = "trend=closed&street_by=closed_share&shade=filed&level=street"
    page = browser_client.get(f"/dashboard/mail/?{view}").content.decode()
    assert "结案率" in page
    said = {"span": "day", "form": "xlsx", "view": view}
    assert browser_client.post("/dashboard/mail/", said).status_code == 302
    assert browser_client.post("/dashboard/mail/", said | {"view": ""}).status_code == 302
    assert Subscription.objects.count() == 2, "another view is another wish"
    asked = []

    def build(actor, period, choices):
        asked.append(choices)
        return build_summary(actor, period, choices)

    monkeypatch.setattr("assessment.services.mailings.build_summary", build)
    assert send(NEXT_DAY) == 2
    assert {one.shade for one in asked} == {"filed", ""}
    kept = next(one for one in asked if one.shade)
    assert (list(kept.trend), kept.ranked_by["street"]) == (["closed"], "closed_share")
    assert kept.level == "street"
