"""Settings are read strictly: what cannot be meant stops the start with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import time

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from gridcity import settings as product
from gridcity.checks import (
    base_map_asks_no_foreign_host,
    production_is_not_a_demonstration,
    refuse_contradictions,
)
from gridcity.models import User
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


@pytest.fixture
def production(settings):
    """A site that is open to the world, without anything of the demonstration."""
    settings.DEMO, settings.DEMO_PASSWORD, settings.DEBUG = False, "", False
    settings.ALLOWED_HOSTS = ["grid.example.cn"]
    settings.SECRET_KEY = "k" * 64
    return settings


def test_a_production_site_is_served(production):
    refuse_contradictions()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEMO", True, "E001"),
        ("DEBUG", True, "E002"),
        ("SECRET_KEY", "changeme", "E003"),
        ("SECRET_KEY", "k" * 31, "E003"),
        ("DEMO_PASSWORD", "gridcity-demo", "E005"),
    ],
)
def test_a_contradiction_keeps_the_site_from_being_served(production, name, value, sentence):
    setattr(production, name, value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        refuse_contradictions()


@pytest.mark.django_db
def test_the_demonstrations_password_opens_and_sets_nothing_in_production(production, rf):
    user = User.objects.create_user("late", product.KNOWN_PASSWORD, roles=["official"])
    request = rf.post("/login/")
    given = {"username": "late", "password": product.KNOWN_PASSWORD}
    assert authenticate(request, **given) is None
    with pytest.raises(ValidationError) as refused:
        validate_password(product.KNOWN_PASSWORD, user)
    assert "password_of_demonstration" in {error.code for error in refused.value.error_list}
    production.DEMO = True
    assert authenticate(request, **given) == user


def test_the_pool_soon_asks_a_database_again_that_was_away():
    assert product.DATABASE_POOL["reconnect_timeout"] < product.DATABASE_POOL["timeout"]


ALLOWED = "https://map.example.cn/wmts?z={z}&x={x}&y={y}&tk=1"


@pytest.mark.parametrize(
    ("wmts", "hosts", "words", "faults"),
    [
        ("", [], "", set()),
        (ALLOWED, ["map.example.cn"], "© 示例测绘院", set()),
        (ALLOWED, [], "© 示例测绘院", {"gridcity.E007"}),
        (ALLOWED, ["other.example.cn"], "© 示例测绘院", {"gridcity.E007"}),
        (ALLOWED.replace(".cn", ".cn:8443"), ["map.example.cn"], "x", {"gridcity.E007"}),
        ("https://map.example.cn/{z}/{x}", ["map.example.cn"], "x", {"gridcity.E006"}),
        ("ftp://map.example.cn/{z}/{x}/{y}", ["map.example.cn"], "x", {"gridcity.E006"}),
        (ALLOWED, ["map.example.cn"], "", {"gridcity.E010"}),
    ],
)
def test_a_base_map_asks_allowed_hosts_only_and_says_whose_it_is(
    settings, wmts, hosts, words, faults
):
    settings.MAP_WMTS, settings.MAP_HOSTS, settings.MAP_ATTRIBUTION = wmts, hosts, words
    assert {fault.id for fault in base_map_asks_no_foreign_host(None)} == faults


def test_a_base_map_in_a_file_must_be_there(settings, tmp_path):
    settings.MAP_PMTILES, settings.MAP_ATTRIBUTION = str(tmp_path / "none.pmtiles"), "© 示例"
    assert {fault.id for fault in base_map_asks_no_foreign_host(None)} == {"gridcity.E008"}
    (tmp_path / "none.pmtiles").write_bytes(b"PMTiles")
    assert base_map_asks_no_foreign_host(None) == []


def test_the_content_security_policy_follows_the_base_map():
    """Read in a process of its own: settings are made once."""
    code = (
        "from gridcity import settings as s;"
        "print(*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    )
    for hosts, wanted in (("map.example.cn", True), ("", False)):
        env = {**os.environ, "GRIDCITY_MAP_WMTS": ALLOWED, "GRIDCITY_MAP_HOSTS": hosts}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert ("https://map.example.cn" in done.stdout.split()) == wanted
