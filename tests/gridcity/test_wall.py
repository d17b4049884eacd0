"""The wall of a hall: let in by its token alone, with the dashboard's figures and nobody's name."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from assessment.indicators import INDICATORS
from assessment.rates import Ratio
from assessment.selectors.dashboard import READERS
from assessment.selectors.wall import (
    MOST_RANKED,
    WALL,
    build_wall,
    group_by_group,
    ranked,
)
from assessment.services.facts import rebuild_facts
from cases.models import Case
from cases.workflow import State
from gridcity.contracts import Forbidden, Invalid
from gridcity.models import User, WallScreen
from gridcity.services.walls import MOST_A_MINUTE, make_screen, revoke_screen
from tests.clients import PageClient
from tests.district import at
from tests.factories import start


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")
    return clock


@pytest.fixture
def screen(district):
    return make_screen(
        actor=district.actor("administrator"), at=at("08:00"), name="大厅", place="一层"
    )


@pytest.fixture
def wall(screen):
    """A browser of the wall, let in by its token."""
    client = PageClient()
    answer = client.post("/wall/", {"token": screen[1]})
    assert answer.status_code == 302
    return client


def told(client):
    answer = client.get("/wall/now/")
    assert answer.status_code == 200, answer.content[:300]
    return unescape(answer.content.decode())


def a_few_cases(make_case):
    make_case("REPORTED", reported_at=at("08:00"))
    make_case("HANDLING", reported_at=at("08:00", on="2026-06-08"), cell=(0, 3))
    make_case("TO_CHECK", reported_at=at("09:00"), entry="small_advert")
    make_case("CLOSED", reported_at=at("09:00"), cell=(1, 2))
    make_case("VOIDED", reported_at=at("09:10"))
    rebuild_facts()


# ---------------------------------------------------------------- who is let in


def test_without_a_token_there_is_the_form_and_nothing_else(db, district):
    client = Client()
    assert "data-gc-wall-token" in client.get("/wall/").content.decode()
    for path in (
        "/wall/now/",
        "/wall/live/",
        "/wall/map/district/",
        "/wall/tiles/cells/15/0/0.mvt",
    ):
        assert client.get(path).status_code == 403, path


def test_the_token_is_kept_as_a_hash_and_goes_to_the_walls_addresses_alone(screen, wall):
    row, token = screen
    assert token.encode() not in bytes(row.sha256)
    assert not WallScreen.objects.filter(name__contains=token).exists()
    cookie = wall.cookies["gridcity_wall"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/wall/", True, "Strict")
    assert wall.get("/wall/").status_code == 200
    assert wall.get("/dashboard/").status_code == 302  # it is no login


def test_a_revoked_screen_sees_nothing_any_more(screen, wall, district):
    revoke_screen(actor=district.actor("administrator"), at=at("10:59"), screen_id=screen[0].pk)
    assert wall.get("/wall/now/").status_code == 403
    assert wall.get("/wall/live/").status_code == 403
    assert "data-gc-wall-now" not in wall.get("/wall/").content.decode()
    assert Client().post("/wall/", {"token": screen[1]}).status_code == 403


@pytest.mark.parametrize("user", ["official-1", "duty-chief-1", "acceptor-1"])
def test_only_administrators_make_and_revoke_screens(district, screen, user):
    with pytest.raises(Forbidden):
        make_screen(actor=district.actor(user), at=at("08:00"), name="二", place="二层")
    with pytest.raises(Forbidden):
        revoke_screen(actor=district.actor(user), at=at("08:00"), screen_id=screen[0].pk)


@pytest.mark.parametrize(("name", "place"), [("大厅", "二层"), ("", "二层"), ("二", " ")])
def test_a_screen_needs_a_name_of_its_own_and_a_place(district, screen, name, place):
    with pytest.raises(Invalid):
        make_screen(actor=district.actor("administrator"), at=at("08:00"), name=name, place=place)


def test_the_administration_shows_the_address_once_and_revokes(browser_client, district):
    browser_client.enter(district.user("administrator"))
    answer = browser_client.post(
        "/admin/gridcity/wallscreen/add/", {"name": "大厅", "place": "一层", "_save": "1"}
    )
    token = re.search(r"/wall/#([\w-]{40,})", answer.content.decode())[1]
    assert Client().post("/wall/", {"token": token}).status_code == 302
    row = WallScreen.objects.get()
    for path in ("", f"{row.pk}/change/"):
        assert (
            token not in browser_client.get(f"/admin/gridcity/wallscreen/{path}").content.decode()
        )
    browser_client.post(
        "/admin/gridcity/wallscreen/", {"action": "revoke", "_selected_action": [row.pk]}
    )
    row.refresh_from_db()
    assert row.revoked_at == at("11:00")


def test_wrong_tokens_count_as_failed_logins_of_their_address(db, settings):
    settings.LOGIN_FAILURES_PER_ADDRESS = 3
    client = Client()
    answers = [client.post("/wall/", {"token": f"wrong-{n}"}).status_code for n in range(5)]
    assert answers == [403, 403, 403, 429, 429]


def test_a_screen_that_asks_too_often_waits_a_minute(wall, clock, make_case):
    for _time in range(MOST_A_MINUTE):
        assert wall.get("/wall/now/").status_code == 200
    assert wall.get("/wall/now/").status_code == 429
    clock.move(minutes=1)
    assert wall.get("/wall/now/").status_code == 200


# ---------------------------------------------------------------- what it shows


def test_its_figures_are_those_of_the_dashboard(wall, make_case, browser_client, district):
    a_few_cases(make_case)
    shown = dict(re.findall(r'data-gc-figure="(\w+)"><strong>([^<]+)</strong>', told(wall)))
    browser_client.enter(district.user("official-1"))
    html = unescape(browser_client.get("/dashboard/?period=today").content.decode())
    there = dict(re.findall(r'data-gc-figure="(\w+)">([^<]+)</a>', html))
    assert len(shown) > 10
    assert shown == there


def test_states_lamps_and_hours_add_up_to_the_figures(make_case):
    a_few_cases(make_case)
    wall = build_wall(at("11:00"))
    counts = {tile.key: tile.count for tile in wall.tiles}
    assert sum(count for _state, count in wall.states) == counts["open"]
    assert wall.open_total == counts["open"] == 3
    assert sum(hour["reported"] for hour in wall.hours) == counts["reported"]
    assert sum(hour["closed"] for hour in wall.hours) == counts["closed"]


def test_the_day_changes_by_itself(make_case, wall, clock):
    a_few_cases(make_case)
    assert build_wall(at("11:00")).tiles[0].count
    clock.now = at("00:01", on="2026-06-11")
    assert build_wall(clock.now).tiles[0].count == 0
    assert 'data-said="2026-06-11 00:01:00"' in told(wall)


def test_nothing_of_a_person_nor_a_case_number_nor_a_link_is_shown(wall, make_case, district):
    a_few_cases(make_case)
    walked = start(district=district, state=State.TO_FILE, reported_at=at("10:30"))
    Case.objects.filter(pk=walked.case.pk).update(
        description="请联系王小明 13800001111", place_text="王小明家门口"
    )
    rebuild_facts()
    page = wall.get("/wall/").content.decode()
    html = told(wall)
    names = list(User.objects.values_list("full_name", flat=True))
    numbers = list(Case.objects.values_list("number", flat=True))
    for text in (page, html):
        assert "<a " not in text.replace('<a class="gc-skip" href="#main">', "")
        assert "王小明" not in text
        assert not [said for said in names + numbers if said in text]


def test_walls_read_as_officials_do():
    assert WALL.roles <= READERS
    assert WALL.user_id is None
    assert "reported" in INDICATORS


LEAST = 10


def test_what_was_settled_on_the_spot_stands_beside_filing_handling_and_closing(wall, make_case):
    a_few_cases(make_case)
    shown = dict(re.findall(r'data-gc-figure="(\w+)">(.*?)</dd>', told(wall), re.DOTALL))
    beside = {key for key, words in shown.items() if "自行处置" in words}
    assert beside == {"filed", "handled", "closed"}


def test_few_cases_have_a_rate_and_no_rank():
    places = ranked([
        ("a", Ratio(9, 10)), ("b", Ratio(10, 10)), ("c", Ratio(1, LEAST - 1)),
        ("d", Ratio(10, 10)),
    ], LEAST)  # fmt: skip
    assert [(place.name, place.rank) for place in places] == [
        ("b", 1), ("d", 1), ("a", 3), ("c", None),
    ]  # fmt: skip


def test_departments_are_ranked_among_those_who_do_the_same_work():
    groups = {"a": "专业部门", "b": "街道办事处", "c": "专业部门"}
    places = group_by_group(
        [("a", Ratio(9, 10)), ("b", Ratio(10, 10)), ("c", Ratio(10, 10))], groups, LEAST
    )
    assert [(place.group, place.name, place.rank) for place in places] == [
        ("专业部门", "c", 1), ("专业部门", "a", 2), ("街道办事处", "b", 1),
    ]  # fmt: skip
    many = [(f"{n:02}", Ratio(n + 1, 40)) for n in range(30)]
    halves = {name: "甲" if found.count % 2 else "乙" for name, found in many}
    shown = group_by_group(many, halves, LEAST)
    assert len(shown) + 2 <= MOST_RANKED, "a group's name takes a line"
    assert [place.rank for place in shown] == [1, 2, 3, 4, 5] * 2
    assert not any(place.group for place in group_by_group(many, {}, LEAST))


@pytest.mark.parametrize("layer", ["cells", "streets"])
def test_the_ground_is_read_by_the_token_and_parts_are_not(wall, layer, district):
    assert wall.get("/wall/map/district/").status_code == 200
    assert wall.get("/wall/map/versions/").status_code == 200
    assert wall.get("/wall/map/cells/").status_code == 404
    assert wall.get(f"/wall/tiles/{layer}/14/13489/6206.mvt").status_code in {200, 204}
    assert wall.get("/wall/tiles/parts/14/13489/6206.mvt").status_code == 404


def test_a_wall_costs_no_more_queries_with_more_cases(
    wall, make_case, django_assert_max_num_queries
):
    a_few_cases(make_case)
    with django_assert_max_num_queries(25):
        build_wall(at("11:00"))
