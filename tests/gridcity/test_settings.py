"""Settings are read strictly: what cannot be meant stops the start with a sentence."""

from __future__ import annotations

from datetime import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from gridcity.checks import production_is_not_a_demonstration
from gridcity.settings import mail_server, span


@pytest.mark.parametrize(
    ("value", "hours"),
    [("22:00-07:00", (time(22), time(7))), ("12:00 - 13:30", (time(12), time(13, 30))), ("", None)],
)
def test_hours_of_the_day(monkeypatch, value, hours):
    monkeypatch.setenv("HOURS", value)
    assert span("HOURS", "01:00-02:00") == hours


@pytest.mark.parametrize("value", ["22:00", "22:00-25:00", "late", "22:00-07:00-08:00"])
def test_what_is_no_span_of_hours_is_refused(monkeypatch, value):
    monkeypatch.setenv("HOURS", value)
    with pytest.raises(ImproperlyConfigured, match="HOURS"):
        span("HOURS", "")


@pytest.mark.parametrize(
    "value", ["", "console:", "file:///tmp/mail", "smtp://relay", "smtp+tls://u:p@relay:2587"]
)
def test_mail_servers(monkeypatch, value):
    monkeypatch.setenv("MAIL", value)
    assert mail_server("MAIL").geturl() == value


@pytest.mark.parametrize("value", ["relay.example:25", "http://relay", "smtp://", "smtps:relay"])
def test_what_is_no_mail_server_is_refused_without_its_password(monkeypatch, value):
    monkeypatch.setenv("MAIL", value)
    with pytest.raises(ImproperlyConfigured, match="MAIL must be"):
        mail_server("MAIL")


def test_mails_without_an_address_for_their_links_are_refused(settings):
    settings.HAS_EMAIL, settings.PUBLIC_URL = True, ""
    assert "gridcity.E004" in {fault.id for fault in production_is_not_a_demonstration(None)}
    settings.PUBLIC_URL = "https://grid.example"
    assert "gridcity.E004" not in {fault.id for fault in production_is_not_a_demonstration(None)}
