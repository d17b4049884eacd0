"""Calls of other systems: signed, bounded in time, and never into the site's own network."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import translation

from cases.channels import Parcel, Undelivered, webhook
from cases.channels.addresses import is_public, resolve, target_of
from cases.channels.webhook import WebhookCarrier, new_secret, signature
from cases.forms import WebhookForm
from cases.models import Webhook
from cases.models.notice import NoticeKind
from cases.sending import send_owed
from cases.services.notices import notify
from gridcity.contracts import Invalid
from tests.district import at


class Receiver(BaseHTTPRequestHandler):
    """Another system: keeps what it was sent, and answers as the test wants."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.server.answer(self)

    def do_GET(self):
        self.server.followed = True
        self.send_error(404)

    def log_message(self, *said):
        """Tests read no log of it."""


def answering(status, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


@pytest.fixture
def receiver(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.heard, server.followed, server.answer = [], False, answering(204)
    server.url = f"http://127.0.0.1:{server.server_port}/in?for=gridcity"
    settings.WEBHOOK_HOSTS = [f"127.0.0.1:{server.server_port}"]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def parcel(url, secret="whsec_c2VjcmV0"):
    return Parcel(
        id=7, outlet="webhook-1", address=url, kind="ended", case="11010120260000001",
        state="CLOSED", at=at(), link="https://grid.example/cases/11010120260000001/",
        subject="", text="", secret=secret,
    )  # fmt: skip


def failure(url):
    with pytest.raises(Undelivered) as caught:
        WebhookCarrier().send(parcel(url))
    return caught.value


class TestCalls:
    def test_a_call_holds_ids_and_is_signed_over_id_time_and_body(self, receiver):
        WebhookCarrier().send(parcel(receiver.url))
        ((path, headers, body),) = receiver.heard
        assert path == "/in?for=gridcity"
        assert json.loads(body) == {
            "id": 7, "kind": "ended", "case": "11010120260000001", "about": "case",
            "state": "CLOSED",
            "at": "2026-06-10T10:00:00+08:00",
            "link": "https://grid.example/cases/11010120260000001/",
        }  # fmt: skip
        assert headers["Webhook-Id"] == "notice-7"
        signed = f"notice-7.{headers['Webhook-Timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(b"secret", signed, hashlib.sha256).digest()).decode()
        assert headers["Webhook-Signature"] == f"v1,{expected}"

    def test_the_signature_is_that_of_the_published_example(self):
        """The example that the convention's own libraries are tested with."""
        assert (
            signature(
                secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
                timestamp=1614265330,
                body=b'{"test": 2432232314}',
            )
            == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        )

    def test_secrets_are_long_and_differ(self):
        first, second = new_secret(), new_secret()
        assert first != second
        assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32

    @pytest.mark.parametrize(
        ("status", "outlet_fails"),
        [(500, True), (503, True), (404, True), (429, True), (401, True), (400, False),
         (422, False)],
    )  # fmt: skip
    def test_every_other_status_is_a_failure(self, receiver, status, outlet_fails):
        receiver.answer = answering(status, Retry_After="1")
        failed = failure(receiver.url)
        assert (failed.error, failed.outlet_fails) == (f"HTTP {status}", outlet_fails)
        assert not failed.is_final

    def test_a_redirect_is_not_followed(self, receiver):
        receiver.answer = answering(302, Location=receiver.url)
        assert failure(receiver.url).error == "HTTP 302"
        assert len(receiver.heard) == 1
        assert not receiver.followed

    def test_a_receiver_that_speaks_byte_by_byte_is_cut_off(self, receiver, monkeypatch):
        monkeypatch.setattr(webhook, "LIMIT_S", 0.4)
        done = threading.Event()

        def drip(handler):
            while not done.wait(0.1):
                try:
                    handler.wfile.write(b"H")
                except OSError:
                    return

        receiver.answer = drip
        try:
            assert failure(receiver.url).error == "TimeoutError"
        finally:
            done.set()

    def test_a_receiver_that_is_not_there_is_told_by_the_kind_of_error(self, receiver, settings):
        settings.WEBHOOK_HOSTS = ["127.0.0.1"]
        failed = failure("http://127.0.0.1:9/")
        assert (failed.error, failed.outlet_fails) == ("ConnectionRefusedError", True)


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://hears.example/in", "ftp://hears.example/", "https://", "hears.example",
            "https://user:pass@hears.example/", "https://user@hears.example/",
            "https://hears.example/#x", "https://hears.example:99999/", "file:///etc/passwd",
            "https://[::1", "//hears.example/",
        ],
    )  # fmt: skip
    def test_only_https_without_user_and_fragment(self, url):
        with pytest.raises(Invalid):
            target_of(url)

    def test_a_host_that_the_settings_name_may_be_reached_by_http(self, settings):
        settings.WEBHOOK_HOSTS = ["desk.lan:8080", "Hall.lan"]
        assert target_of("http://desk.lan:8080/a").is_trusted
        assert target_of("http://hall.lan/").is_trusted
        with pytest.raises(Invalid):
            target_of("http://desk.lan/")
        assert not target_of("https://desk.lan.evil.example/").is_trusted

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::",
            "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
        ],
    )  # fmt: skip
    def test_private_addresses_are_seen_also_when_they_are_wrapped(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "64:ff9b::808:808"])
    def test_public_addresses_are_let_through(self, address):
        assert is_public(address)

    @pytest.mark.parametrize(
        "url",
        ["https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/",
         "https://[::ffff:127.0.0.1]/"],
    )  # fmt: skip
    def test_names_are_judged_by_what_they_lead_to(self, url):
        with pytest.raises(Invalid):
            resolve(target_of(url))
        assert failure(url).error == "address not allowed"

    def test_one_private_address_among_several_is_enough_to_refuse(self, monkeypatch):
        def found(*said, **more):
            return [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

        monkeypatch.setattr("socket.getaddrinfo", found)
        with pytest.raises(Invalid):
            resolve(target_of("https://two.example/"))

    def test_the_connection_goes_to_the_address_that_was_judged(self, receiver):
        """The name is not resolved a second time, by which a second answer could come in."""
        asked = []

        def found(host, port, *said, **more):
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        port = receiver.server_port
        receiver_url = f"http://other.lan:{port}/in"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.WEBHOOK_HOSTS", [f"other.lan:{port}"])
            patch.setattr("cases.channels.addresses.socket.getaddrinfo", found)
            WebhookCarrier().send(parcel(receiver_url))
        assert [host for host in asked if host == "other.lan"] == ["other.lan"]
        assert receiver.heard[0][1]["Host"] == f"other.lan:{port}"

    def test_the_form_says_what_an_address_may_be(self, district, settings):
        settings.WEBHOOK_HOSTS = []
        said = {"receiver": district.user("client-1").pk, "is_active": "on"}
        assert WebhookForm(said | {"url": "https://hears.example/in"}).is_valid()
        for url in ("http://hears.example/in", "https://a:b@hears.example/"):
            assert "url" in WebhookForm(said | {"url": url}).errors

    def test_a_call_that_ended_leaves_no_watch_behind(self, receiver):
        WebhookCarrier().send(parcel(receiver.url))
        for watch in [t for t in threading.enumerate() if isinstance(t, threading.Timer)]:
            assert watch.finished.is_set()


@pytest.mark.django_db
class TestThroughTheSweep:
    """What a receiver really hears, called as the worker calls it."""

    @pytest.fixture
    def client(self, district, receiver):
        user = district.user("client-1")
        Webhook.objects.create(
            receiver=user, url=receiver.url, secret="whsec_c2VjcmV0", set_at=at()
        )
        return user

    @pytest.fixture
    def sweep(self, clock):
        def go(**later):
            clock.move(**later)
            return send_owed(clock=lambda: clock.now)

        return go

    def test_what_was_answered_by_500_comes_again_and_the_rest_of_its_case_after_it(
        self, receiver, client, sweep, make_case, clock
    ):
        case, kinds = make_case(), ("not_accepted", "reopened", "ended")
        for kind in kinds:
            notify(case, [client.pk], NoticeKind(kind), at=clock.now)
        receiver.answer = answering(500)
        assert sweep().failed == 1
        receiver.answer = answering(200)
        assert sweep(seconds=29).sent == 0
        assert sweep(seconds=1).sent == 3
        said = [json.loads(body) for _path, _headers, body in receiver.heard]
        assert [one["kind"] for one in said] == [kinds[0], *kinds]
        assert {one["case"] for one in said} == {case.number}
        ids = [headers["Webhook-Id"] for _path, headers, _body in receiver.heard]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3

    def test_a_receiver_that_was_away_for_an_hour_gets_all_of_it_in_order(
        self, receiver, client, sweep, make_case, clock
    ):
        cases = [make_case() for _one in range(3)]
        receiver.answer = answering(503)
        for minute in range(60):
            notify(cases[minute % 3], [client.pk], NoticeKind.ENDED, at=clock.now)
            sweep(minutes=1)
        refused = len(receiver.heard)
        receiver.answer = answering(204)
        for _again in range(20):
            sweep(minutes=1)
        said = [json.loads(body) for _path, _headers, body in receiver.heard[refused:]]
        assert refused < 12
        assert len(said) == 60
        for case in cases:
            ids = [one["id"] for one in said if one["case"] == case.number]
            assert len(ids) == 20
            assert ids == sorted(ids)


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("en", "Webhook of"), ("zh-hans", "接口推送")])
def test_the_administration_calls_a_webhook_by_its_receiver_and_host(
    district, browser_client, language, words
):
    made = Webhook.objects.create(
        receiver=district.user("client-1"), url="https://hears.example/in?token=secret",
        secret="whsec_c2VjcmV0", set_at=at(),
    )  # fmt: skip
    office = browser_client.enter(district.user("administrator"))
    said = {"accept-language": language}
    page = office.get(f"/admin/cases/webhook/{made.pk}/delete/", headers=said).content.decode()
    with translation.override(language):
        name = str(made)
    assert name in page
    assert words in name
    assert all(part in name for part in ("client-1", "hears.example"))
    assert "token" not in name
