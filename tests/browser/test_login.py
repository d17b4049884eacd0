"""Logging in: each role arrives at its own desk; a wrong password says so."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESK, PHONE, settle


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_wrong_password_keeps_the_name_and_says_what_to_do(person, size):
    someone = person(size)
    page = someone.go("/login/")
    someone.check_accessible()
    page.fill("input[name=username]", "acceptor-1")
    page.fill("input[name=password]", "wrong-password")
    page.click("main button.btn-primary")
    assert page.input_value("input[name=username]") == "acceptor-1"
    assert page.locator("[data-gc-errors], .gc-errors, .errorlist, [role=alert]").first.is_visible()
    someone.check_accessible()


def test_a_supervisor_arrives_on_his_patrol(person):
    someone = person(PHONE, at=(116.4005, 39.9297))
    page = someone.login("supervisor-1")
    settle(page)
    someone.check_accessible()
