"""The wall of a hall at both its sizes, for hundreds of changes, and the pages around it."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from assessment.models import Scheme, SnapshotKind
from assessment.periods import period_named
from assessment.selectors.snapshots import final_after
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot, publish_snapshot
from bench.wall import held
from cases.workflow import State
from gridcity import live
from gridcity import wall as views
from gridcity.services import walls
from tests.browser.conftest import DESK, PHONE, settle
from tests.factories import start

WALL = {"width": 1920, "height": 1080}
WIDE = {"width": 3840, "height": 1080}
READINGS, MOST_CHANGES = 300, 3000


@pytest.fixture
def cases(shared_district):
    now = timezone.now()
    for state, back in ((State.TO_FILE, 20), (State.HANDLING, 90), (State.CLOSED, 240)):
        start(district=shared_district, state=state, reported_at=now - timedelta(minutes=back))
    while refresh_facts():
        pass


@pytest.fixture
def token(shared_district):
    return walls.make_screen(
        actor=shared_district.actor("administrator"), at=timezone.now(), name="大厅", place="一层"
    )


def opened(screen, token):
    page = screen.go(f"/wall/#{token}")
    expect(page.locator("[data-gc-wall-time]")).to_contain_text("20")
    expect(page.locator(".leaflet-container canvas").first).to_be_attached()
    settle(page)
    return page


@pytest.mark.parametrize("size", [WALL, WIDE], ids=["one", "two"])
def test_the_wall_fills_its_screen_and_is_accessible(person, cases, token, size):
    screen = person(size)
    page = opened(screen, token[1])
    assert page.url.endswith("/wall/")  # the token has left the address
    assert page.locator(".gc-wall-side section").count() == 6
    expect(page.locator("[data-gc-figure=open]")).to_contain_text("2")
    inside = page.evaluate(
        "() => [...document.querySelectorAll('.gc-wall-card')].every((card) => {"
        " const box = card.getBoundingClientRect();"
        " return box.bottom <= innerHeight + 1 && card.scrollHeight <= card.clientHeight + 1; })"
    )
    assert inside
    assert page.locator(".gc-wall a").count() == 0
    screen.check_accessible()


def tell_changes(page, count):
    change = json.dumps({"case": 1, "from": "TO_FILE", "to": "TO_DISPATCH"})
    for _number in range(count):
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('live', %s)", [change])
        page.wait_for_timeout(25)


def test_hundreds_of_changes_leave_no_more_nodes_and_listeners(person, cases, token, monkeypatch):
    monkeypatch.setattr(walls, "MOST_A_MINUTE", 30_000)
    monkeypatch.setattr(views, "KEPT_S", 1)
    monkeypatch.setattr(live, "BREATH_S", 0.01)  # changes are told one by one, however fast
    screen = person(WALL)
    read = []
    screen.page.on("response", lambda answer: "/wall/now/" in answer.url and read.append(answer))
    page = opened(screen, token[1])
    # It reads anew at once instead of every five seconds.
    page.evaluate("() => { document.querySelector('[data-gc-wall]').dataset.pause = '5'; }")
    session = screen.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    tell_changes(page, 20)
    before, so_far = held(page, session), len(read)
    for _batch in range(MOST_CHANGES // 50):
        tell_changes(page, 50)
        if len(read) - so_far >= READINGS:
            break
    assert len(read) - so_far >= READINGS
    after = held(page, session)
    assert after.listeners <= before.listeners + 2
    assert after.nodes <= before.nodes * 1.05 + 50
    assert after.documents <= before.documents + 2
    assert page.evaluate("() => document.querySelectorAll('*').length") < 1500


def test_a_cut_stream_is_said_and_comes_back_by_itself(person, cases, token):
    screen = person(WALL)
    page = opened(screen, token[1])
    lost = page.locator("[data-gc-wall-lost]")
    expect(lost).to_be_hidden()
    screen.context.set_offline(True)
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("20")
    screen.check_accessible()
    screen.context.set_offline(False)
    expect(lost).to_be_hidden(timeout=45_000)
    screen.faults.clear()  # the browser itself wrote that there was no network


def test_a_revoked_wall_shows_nothing_and_says_so(person, cases, token, shared_district):
    screen = person(WALL)
    screen.refusals_expected = True
    page = opened(screen, token[1])
    walls.revoke_screen(
        actor=shared_district.actor("administrator"), at=timezone.now(), screen_id=token[0].pk
    )
    tell_changes(page, 1)
    expect(page.locator("[data-gc-wall-refused]")).to_be_visible()
    assert page.locator(".gc-wall-side section").count() == 0


def test_the_form_of_a_wall_without_token_is_accessible(person, shared_district):
    screen = person(DESK)
    settle(screen.go("/wall/"))
    screen.check_accessible()


# ---------------------------------------------------------------- own pages and the ranking


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_department_finds_its_results_from_its_start_page(person, cases, size, shared_district):
    someone = person(size)
    page = someone.enter("department-s201", "/")
    page.click("main .gc-head a[href='/scores/mine/']")
    expect(page.locator("#own-due")).to_be_visible()
    settle(page)
    someone.check_accessible()
    page.locator("[data-gc-own=dispatches] td a").first.click()
    expect(page.locator("[data-gc-total]")).to_be_visible()
    someone.check_accessible()


@pytest.mark.parametrize(
    ("user", "size"), [("supervisor-1", PHONE), ("acceptor-1", DESK), ("duty-chief-1", DESK)]
)
def test_everybody_at_a_post_reads_his_own_page(person, cases, user, size):
    someone = person(size)
    someone.enter(user)
    page = someone.go("/scores/own/")
    settle(page)
    expect(page.locator("[data-gc-own]").first).to_be_visible()
    someone.check_accessible()


def test_the_months_of_the_ledgers_come_by_themselves(person, cases):
    official = person(DESK)
    official.enter("official-1")
    page = official.go("/ledgers/")
    expect(page.locator("#ledger-months-title")).to_be_visible()
    expect(page.locator("[data-gc-chart=ledger-months] canvas")).to_be_attached()
    settle(page)
    official.check_accessible()


def ship_again():
    """What the migrations brought."""
    import_module("assessment.migrations.0002_shipped_schemes").ship(apps, None)


def test_everybody_reads_the_ranking_on_a_phone(person, cases, shared_district, settings):
    settings.PUBLIC_RANKING = True
    now = timezone.now()
    if not Scheme.objects.exists():  # tests that commit leave none of what migrations brought
        ship_again()
    # A month whose figures are final already.
    ended = timezone.localtime(now - final_after(now)).replace(day=1) - timedelta(days=1)
    period = period_named(f"{ended:%Y-%m}", now)
    for key in ("region-street", "department"):
        made = make_snapshot(name=period.key, scheme_key=key, kind=SnapshotKind.FINAL, at=now)
        publish_snapshot(snapshot_id=made.pk, actor=shared_district.actor("duty-chief-1"), at=now)
    someone = person(PHONE)
    page = someone.go("/ranking/")
    expect(page.locator(".gc-public-card")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("东华门街道")
    settle(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    someone.check_accessible()
    page.click(".gc-public-list a >> nth=0")
    expect(page.locator(".gc-public-card")).to_have_count(1)
