"""Who chooses what by which channel, and what administrators do with what could not be sent."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Delivery, NoticeChoice, Outlet, Webhook
from cases.models.notice import NoticeKind
from cases.selectors.preferences import KINDS_OF_ROLE
from cases.services.notices import deliver, notify
from gridcity.attention import things_to_see
from tests.district import USER_OF_ROLE, at

PATH = "/messages/preferences/"
CHOOSING = tuple(role for role in USER_OF_ROLE if role != "administrator")


@pytest.fixture(autouse=True)
def _now(clock, settings):
    clock.now = at("11:00")
    settings.HAS_EMAIL, settings.SMS_GATEWAY, settings.CHAT_GATEWAY = True, "", ""


@pytest.fixture
def as_role(browser_client, district):
    """`as_role("acceptor")`: the client of that role's user."""
    return lambda role: browser_client.enter(district.user(USER_OF_ROLE[role]))


def boxes(html):
    """The controls of the page by name, with what they say."""
    found = {}
    for tag in re.findall(r'<input type="checkbox" name=[^>]*>', html):
        name = re.search(r'name="([\w-]+)"', tag)[1]
        found[name] = (" checked" in tag, " disabled" in tag)
    return found


class TestPreferences:
    @pytest.mark.parametrize("role", CHOOSING)
    def test_each_role_chooses_among_what_it_may_be_told(self, as_role, role):
        shown = boxes(as_role(role).get(PATH).content.decode())
        kinds = {str(kind) for kind in KINDS_OF_ROLE[role]}
        assert set(shown) == {f"{kind}-{way}" for kind in kinds for way in ("inbox", "email")}
        for kind in kinds:
            assert shown[f"{kind}-inbox"] == (True, True)

    def test_administrators_are_told_nothing_and_have_no_page(self, as_role):
        assert as_role("administrator").get(PATH).status_code == 403
        assert as_role("administrator").post(PATH).status_code == 403
        assert (
            "/messages/preferences/"
            not in as_role("administrator").get("/api/docs/").content.decode()
        )

    def test_without_a_login_it_is_asked_for(self, browser_client, district):
        assert browser_client.get(PATH)["Location"].startswith("/login/")

    def test_what_is_chosen_holds_for_the_next_notice_and_for_nobody_else(
        self, as_role, district, make_case
    ):
        users = [district.user(f"duty-chief-{n}") for n in (1, 2)]
        for user in users:
            user.email = f"{user.username}@grid.example"
            user.save(update_fields=["email"])
        client = as_role("duty_chief")
        assert boxes(client.get(PATH).content.decode())["escalation-email"] == (True, False)
        answer = client.post(PATH, {"urged-email": "on", "task-email": "on", "nonsense": "on"})
        assert answer.status_code == 302
        shown = boxes(client.get(PATH).content.decode())
        assert shown["urged-email"] == (True, False)
        assert shown["escalation-email"] == (False, False)
        assert not NoticeChoice.objects.filter(kind="task").exists()
        case = make_case()
        for kind in (NoticeKind.URGED, NoticeKind.ESCALATION):
            notify(case, [user.pk for user in users], kind, at=at())
        mails = Delivery.objects.filter(channel="email").order_by("id")
        assert list(mails.values_list("receiver__username", "kind")) == [
            ("duty-chief-1", "urged"), ("duty-chief-2", "escalation"),
        ]  # fmt: skip

    def test_addresses_are_shown_and_a_missing_one_is_said(self, as_role, district):
        assert "gc-note-warn" in as_role("duty_chief").get(PATH).content.decode()
        user = district.user("duty-chief-1")
        user.email = "chief@grid.example"
        user.save(update_fields=["email"])
        html = as_role("duty_chief").get(PATH).content.decode()
        assert "gc-note-warn" not in html
        assert "chief@grid.example" in html

    def test_a_webhook_is_chosen_only_by_whom_it_was_set_up_for(self, as_role, district):
        Webhook.objects.create(
            receiver=district.user("client-1"),
            url="https://hears.example/",
            secret="x",
            set_at=at(),
        )
        shown = boxes(as_role("client").get(PATH).content.decode())
        assert shown["ended-webhook"] == (True, False)
        kept = {"not_accepted-webhook": "on", "reopened-webhook": "on"}
        as_role("client").post(PATH, kept)
        assert list(NoticeChoice.objects.values_list("kind", "channel", "is_wanted")) == [
            ("ended", "webhook", False)
        ]
        assert "ended-webhook" not in boxes(as_role("official").get(PATH).content.decode())

    @pytest.mark.parametrize(("role", "budget"), [("duty_chief", 4), ("department", 6)])
    def test_the_page_costs_two_queries_beyond_entering(self, as_role, role, budget):
        client = as_role(role)
        with CaptureQueriesContext(connection) as captured:
            client.get(PATH)
        assert len(captured) <= budget


class TestBell:
    def test_pages_without_a_menu_ask_for_the_figure_alone(self, as_role, district, make_case):
        notify(make_case(), [district.user("supervisor-1").pk], NoticeKind.TASK, at=at("10:30"))
        deliver(at=at("11:00"))
        client = as_role("supervisor")
        assert 'hx-get="/messages/unread/"' in client.get("/patrol/").content.decode()
        with CaptureQueriesContext(connection) as captured:
            html = client.get("/messages/unread/").content.decode()
        assert re.search(r'id="gc-unread"[^>]*>1<', html)
        assert len(captured) <= 3

    @pytest.mark.parametrize("rows", [3, 30])
    def test_the_list_costs_as_many_queries_for_thirty_messages_as_for_three(
        self, as_role, district, make_case, rows
    ):
        for _ in range(rows):
            notify(make_case(), [district.user("official-1").pk], NoticeKind.ESCALATION, at=at())
        deliver(at=at("23:00"))
        client = as_role("official")
        with CaptureQueriesContext(connection) as captured:
            html = client.get("/messages/").content.decode()
        assert html.count("gc-message is-new") >= min(rows, 20)
        assert len(captured) <= 4


class TestAdministration:
    @pytest.fixture
    def office(self, as_role):
        return as_role("administrator")

    @pytest.fixture
    def dead(self, district, make_case):
        case = make_case()
        return Delivery.objects.create(
            case=case, receiver=district.user("duty-chief-1"), channel="email", kind="escalation",
            due_at=at(), next_at=at(), dead_at=at("10:30"), attempts=9, last_error="SMTP 550",
        )  # fmt: skip

    def test_dead_letters_are_listed_and_tried_again(self, office, dead, make_case):
        Outlet.objects.create(
            name="email", failing_since=at(), retry_at=at("12:00"), last_error="SMTP 421"
        )
        url = "/admin/cases/delivery/"
        html = unescape(office.get(url).content.decode())
        assert dead.case.number in html
        assert "SMTP 550" in html
        assert dead.case.number not in office.get(f"{url}?fate=owed").content.decode()
        office.post(url, {"action": "try_again", "_selected_action": [dead.pk]})
        dead.refresh_from_db()
        assert (dead.dead_at, dead.next_at, dead.attempts) == (None, at("11:00"), 0)
        assert Outlet.objects.get().retry_at == at("11:00")
        assert dead.case.number not in office.get(url).content.decode()
        assert dead.case.number in office.get(f"{url}?fate=owed").content.decode()

    def test_what_is_in_the_lists_of_people_is_no_letter(self, office, make_case, district):
        case = make_case()
        notify(case, [district.user("duty-chief-1").pk], NoticeKind.ENDED, at=at())
        for fate in ("", "?fate=owed", "?fate=sent"):
            assert case.number not in office.get(f"/admin/cases/delivery/{fate}").content.decode()

    def test_letters_are_narrowed_to_channels_that_leave_the_site(self, office, dead):
        page = office.get("/admin/cases/delivery/").content.decode()
        assert "?channel=webhook" in page
        assert "inbox" not in page
        narrowed = office.get("/admin/cases/delivery/?channel=webhook").content.decode()
        assert dead.case.number not in narrowed
        assert (
            dead.case.number in office.get("/admin/cases/delivery/?channel=email").content.decode()
        )

    def test_deliveries_and_outlets_are_neither_added_nor_changed_nor_deleted(self, office, dead):
        for path in ("delivery/add/", f"delivery/{dead.pk}/delete/", "outlet/add/"):
            assert office.get(f"/admin/cases/{path}").status_code == 403
        office.post(f"/admin/cases/delivery/{dead.pk}/change/", {"kind": "ended"})
        dead.refresh_from_db()
        assert dead.kind == "escalation"

    def test_the_first_page_of_administrators_tells_of_dead_letters(self, office, dead):
        points = {point.url for point in things_to_see()}
        assert "/admin/cases/delivery/" in points

    def test_a_webhooks_secret_is_shown_once(self, office, district):
        client = district.user("client-1")
        said = {"receiver": client.pk, "url": "https://hears.example/in", "is_active": "on"}
        answer = office.post("/admin/cases/webhook/add/", said)
        assert answer.status_code == 302
        webhook = Webhook.objects.get()
        assert webhook.secret.startswith("whsec_")
        shown = [str(message) for message in get_messages(answer.wsgi_request)]
        assert any(webhook.secret in words for words in shown)
        assert not any(words.startswith(client.username) for words in shown), "it is capitalised"
        office.get("/admin/cases/webhook/")
        assert (
            webhook.secret
            not in office.get(f"/admin/cases/webhook/{webhook.pk}/change/").content.decode()
        )
        office.post("/admin/cases/webhook/",
                    {"action": "renew_secret", "_selected_action": [webhook.pk]})  # fmt: skip
        renewed = Webhook.objects.get()
        assert renewed.secret != webhook.secret

    def test_an_address_inside_is_refused_by_the_form(self, office, district):
        said = {
            "receiver": district.user("client-1").pk,
            "url": "http://127.0.0.1/",
            "is_active": "on",
        }
        assert office.post("/admin/cases/webhook/add/", said).status_code == 200
        assert not Webhook.objects.exists()
