"""A citizen reports without an account; he gets a code of his own and learns of nobody else's."""

from __future__ import annotations

import json
import re
from html import unescape
from uuid import uuid4

import pytest

from cases.models import Case, Delivery, IdempotencyKey, Reporter
from cases.models.notice import NoticeKind
from cases.services.history import first_broken
from cases.workflow import State
from gridcity.models import AddressCount
from gridcity.services.counting import forget_counts
from tests.district import known_place, point
from tests.factories import start
from tests.photos import upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _opened(settings):
    settings.PUBLIC_REPORTS = True


def said(district, **more):
    entry = district.classes["rubbish"]
    lon, lat = point(1, 1)
    return {
        "key": str(uuid4()), "what": f"event:{entry.code}", "lon": lon, "lat": lat,
        "placed_by": "manual", "address": "路口东侧", "words": "一堆垃圾", "phone": "13900000000",
    } | more  # fmt: skip


def told(answer):
    return unescape(answer.content.decode())


def code_in(answer):
    return re.search(r"gc-public-code\">(\S{4} \S{4})<", told(answer))[1].replace(" ", "")


def as_script(client, form, key):
    """As the page's script sends it."""
    return client.post(
        "/report/", json.dumps({**form, "key": ""}), "application/json",
        headers={"accept": "application/json", "idempotency-key": key},
    )  # fmt: skip


def test_a_report_becomes_a_case_with_a_receipt_that_opens_it(district, clock, browser_client):
    assert browser_client.get("/report/").status_code == 200
    answer = browser_client.post("/report/", said(district, photos=[upload()]))
    assert answer.status_code == 201
    case = Case.objects.get()
    assert case.number in told(answer)
    assert "<svg" in told(answer)
    assert (case.source, case.state, case.photos.count()) == ("PUBLIC", "REPORTED", 1)
    assert (case.reporters.get().phone, case.reporters.get().may_call) == ("13900000000", True)
    event = case.events.get()
    assert (event.action, event.role, event.actor) == ("report", "citizen", None)
    assert "13900000000" not in str(event.changes)
    assert first_broken(case) is None
    key = {"number": case.number, "code": code_in(answer)}
    assert browser_client.post("/follow/", key).status_code == 200


def test_the_same_form_sent_twice_makes_one_case_and_shows_its_receipt_again(
    district, clock, browser_client
):
    form = said(district)
    answers = [browser_client.post("/report/", form | {"photos": [upload()]}) for _again in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Case.objects.count() == 1
    assert code_in(answers[0]) == code_in(answers[1])
    kept = IdempotencyKey.objects.get()
    assert kept.user is None
    assert code_in(answers[0]) not in str(kept.answer), "no table holds a code"
    other = browser_client.post("/report/", form | {"words": "另一堆", "photos": [upload()]})
    assert (other.status_code, Case.objects.count()) == (409, 1)


def test_a_script_gets_the_receipt_as_a_piece_of_the_page(district, clock, browser_client):
    form, key = said(district), str(uuid4())
    answers = [as_script(browser_client, form, key).json() for _again in "ab"]
    assert answers[0] == answers[1]
    assert answers[0]["number"] == Case.objects.get().number
    assert "gc-public-code" in answers[0]["html"]


def test_without_a_phone_number_he_follows_all_the_same(district, clock, browser_client):
    answer = browser_client.post("/report/", said(district, phone="", words="", address=""))
    case = Case.objects.get()
    key = {"number": case.number, "code": code_in(answer)}
    assert browser_client.post("/follow/", key).status_code == 200
    assert case.place_text, "the point is put into words"
    assert case.description
    assert not case.reporters.get().may_call


def test_a_part_needs_no_code_of_a_citizen(district, clock, browser_client):
    what = f"part:{district.classes['cover'].code}"
    assert browser_client.post("/report/", said(district, what=what)).status_code == 201
    assert "市民反映" in Case.objects.get().no_part_reason


@pytest.mark.parametrize(
    "wrong",
    [{"what": ""}, {"what": "event:9999"}, {"lon": 0, "lat": 0}, {"lon": "", "address": ""},
     {"phone": "call me"}, {"key": "nonsense"}, {"address": "无此地", "lon": ""}, {"lon": "nan"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(district, clock, browser_client, wrong):
    answer = browser_client.post("/report/", said(district, **wrong))
    if wrong == {"lon": "nan"}:  # no point: the address is looked up, and there is no such place
        wrong = {}
    assert answer.status_code == 400
    assert "一堆垃圾" in told(answer)
    assert not Case.objects.exists()


def test_without_a_map_the_address_is_found_or_asked_about(district, clock, browser_client):
    known_place("隆福寺东门", 0, 0)
    second = known_place("隆福寺西门", 1, 1)
    form = said(district, lon="", lat="", placed_by="", address="隆福寺")
    asked = browser_client.post("/report/", form)
    assert asked.status_code == 400
    assert "隆福寺西门" in told(asked)
    answer = browser_client.post("/report/", form | {"spot": second.code})
    assert answer.status_code == 201
    assert Case.objects.get().cell == district.cells[1, 1]


# ---------------------------------------------------------------- the same matter nearby


@pytest.fixture
def known(district, clock):
    walk = start(district=district, state=State.HANDLING, description="秘密的描述")
    clock.now = walk.now
    return walk


def secrets_of(walk):
    names = [user.full_name for user in walk.district.users.values()]
    return [walk.number, "秘密的描述", "环卫中心", *names]


def test_of_a_case_nearby_he_sees_class_street_state_and_date_only(known, district, browser_client):
    form = said(district)
    asked = browser_client.post("/report/", form)
    assert asked.status_code == 400
    mark = re.search(r'name="same" value="([0-9a-f]{24})"', told(asked))[1]
    where = {"what": form["what"], "lon": form["lon"], "lat": form["lat"]}
    near = browser_client.get("/report/near/", where)
    assert near.json()["nearby"] == [
        {"mark": mark, "class_name": "暴露垃圾", "street": known.case.street.name,
         "state": "处置中", "on": "2026-06-10"}
    ]  # fmt: skip
    by_script = as_script(browser_client, form, str(uuid4()))
    assert by_script.json()["kept"] == near.json()
    for answer in (asked, near, by_script):
        assert not any(secret in told(answer) for secret in secrets_of(known))
    assert Case.objects.count() == 1


def test_he_adds_to_it_and_learns_nothing_more(known, district, browser_client):
    form = said(district)
    mark = re.search(r'value="([0-9a-f]{24})"', told(browser_client.post("/report/", form)))[1]
    answer = browser_client.post("/report/", form | {"same": mark, "photos": [upload()]})
    assert answer.status_code == 201
    assert not any(secret in told(answer) for secret in secrets_of(known))
    assert "gc-public-code" not in told(answer), "he has no code of somebody else's case"
    event = known.case.events.get(action="supplement")
    assert (event.role, event.changes["words"], event.photos.count()) == ("citizen", "一堆垃圾", 1)
    assert not Reporter.objects.filter(phone="13900000000").exists()
    assert Delivery.objects.filter(kind=NoticeKind.SUPPLEMENTED).exists()
    assert Case.objects.count() == 1


def test_or_reports_it_anew(known, district, browser_client):
    assert browser_client.post("/report/", said(district, same="new")).status_code == 201
    assert Case.objects.count() == 2


@pytest.mark.parametrize("ended", [False, True])
def test_nothing_is_added_to_a_case_that_was_not_shown(known, district, browser_client, ended):
    form = said(district)
    mark = re.search(r'value="([0-9a-f]{24})"', told(browser_client.post("/report/", form)))[1]
    if ended:
        for step in ("finish", "send_check", "check_passed", "close"):
            known.step(step)
    else:  # elsewhere, of another class, or made up
        mark = "0" * 24
    assert browser_client.post("/report/", form | {"same": mark}).status_code == 400
    assert not known.case.events.filter(action="supplement").exists()


def test_a_key_that_is_none_is_refused_and_the_form_comes_back_with_a_new_one(
    district, clock, browser_client
):
    assert as_script(browser_client, said(district), "mine").status_code == 400
    answer = browser_client.post("/report/", {**said(district), "key": "mine"})
    assert answer.status_code == 400
    assert re.search(r'name="key" value="[0-9a-f-]{36}"', told(answer))
    assert not Case.objects.exists()


# ---------------------------------------------------------------- limits


def test_an_address_that_sends_too_much_must_wait(district, clock, browser_client, settings):
    settings.PUBLIC_REPORTS_PER_HOUR = 2
    for _again in range(2):
        assert browser_client.post("/report/", said(district, same="new")).status_code == 201
    refused = browser_client.post("/report/", said(district, same="new"))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == 3600
    there = browser_client.post("/report/", said(district, same="new"), REMOTE_ADDR="192.0.2.7")
    assert there.status_code == 201
    clock.move(hours=1)
    assert browser_client.post("/report/", said(district, same="new")).status_code == 201
    assert b"127.0.0.1" not in bytes(AddressCount.objects.first().address_sha256)
    assert forget_counts(at=clock.move(days=2)) == 2


def test_look_ups_are_counted_too(district, clock, browser_client, monkeypatch):
    monkeypatch.setattr("gridcity.citizens.ground.ASKED", 1)
    assert browser_client.get("/report/places/", {"q": "东华门"}).status_code == 200
    assert browser_client.get("/report/places/", {"q": "东华门"}).status_code == 429


def test_pieces_of_the_map_are_counted_apart_from_look_ups(
    district, clock, browser_client, monkeypatch
):
    monkeypatch.setattr("gridcity.citizens.ground.DRAWN", 2)
    tile = "/report/tiles/streets/12/3372/1551.mvt"
    answers = [browser_client.get(tile).status_code for _again in range(2)]
    assert browser_client.get("/report/map/district/").status_code == 429
    refused = browser_client.get(tile)
    assert (answers, refused.status_code) == ([answers[0]] * 2, 429)
    assert answers[0] in (200, 204)
    assert browser_client.get("/report/places/", {"q": "东华门"}).status_code == 200


PATHS = ("/report/", "/report/near/", "/report/places/", "/report/where/",
         "/report/map/district/", "/report/tiles/streets/12/3372/1551.mvt")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_where_the_city_takes_no_reports_there_is_no_such_page(
    district, browser_client, settings, path
):
    settings.PUBLIC_REPORTS = False
    assert browser_client.get(path).status_code == 404
    assert "/report/" not in told(browser_client.get("/login/"))


def test_the_public_map_has_no_layer_of_the_desks(district, browser_client):
    for path in ("map/cells/", "map/counts/", "tiles/parts/15/26979/12411.mvt"):
        assert browser_client.get(f"/report/{path}").status_code == 404
    page = told(browser_client.get("/report/"))
    assert "/tiles/parts/" not in page


def test_large_type_is_remembered(district, browser_client):
    for path in ("/report/", "/follow/"):
        answer = browser_client.get(path, {"type": "large"}, follow=True)
        assert "gc-large" in re.search(r"<body class=\"([^\"]*)", told(answer))[1]
        answer = browser_client.get(path, {"type": "usual"}, follow=True)
        assert "gc-large" not in re.search(r"<body class=\"([^\"]*)", told(answer))[1]
