"""Open311 GeoReport v2: how apps of citizens find services, report, and learn what became of it."""

from __future__ import annotations

import re
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.db import OperationalError
from django.test import Client

from cases.models import Case, IdempotencyKey
from cases.services.history import first_broken
from gridcity.authentication import issue_token
from tests.district import known_place, point
from tests.photos import upload

pytestmark = pytest.mark.django_db
V2 = "/open311/v2"


@pytest.fixture(autouse=True)
def _opened(settings):
    settings.OPEN311 = settings.PUBLIC_REPORTS = True


def said(**more):
    lon, lat = point(1, 1)
    return {"service_code": "event:0102", "lat": lat, "long": lon, "description": "一堆垃圾"} | more


def post(client, fields, form="json", **headers):
    return client.post(f"{V2}/requests.{form}", fields, headers=headers)


def errors_in(answer):
    """Of either format: the status in the body, and the sentences."""
    if answer["Content-Type"].startswith("text/xml"):
        tree = ElementTree.fromstring(answer.content)
        assert tree.tag == "errors"
        found = [{"code": int(one[0].text), "description": one[1].text} for one in tree]
    else:
        found = answer.json()
    assert {one["code"] for one in found} == {answer.status_code}
    return [one["description"] for one in found]


def plain(element):
    """XML as JSON says it: what has elements of one name within is a list."""
    if not len(element):
        return element.text
    if element.tag in {"services", "service_requests", "attributes", "endpoints", "formats"}:
        return [plain(one) for one in element]
    return {one.tag: plain(one) for one in element}


def as_text(said):
    if isinstance(said, list):
        return [as_text(one) for one in said] or None
    if isinstance(said, dict):
        return {name: as_text(value) for name, value in said.items()}
    return str(said).lower() if isinstance(said, bool) else said if said is None else str(said)


# ---------------------------------------------------------------- what is there


@pytest.mark.parametrize(
    "path", ["discovery", "services", "services/part:0101", "services/event:0102", "requests"]
)
def test_both_formats_say_the_same(district, clock, make_case, browser_client, path):
    make_case(by="acceptor-1", source="PUBLIC")
    in_json = browser_client.get(f"{V2}/{path}.json")
    in_xml = browser_client.get(f"{V2}/{path}.xml")
    assert in_json["Content-Type"] == "application/json; charset=utf-8"
    assert in_xml["Content-Type"] == "text/xml; charset=utf-8"
    assert in_xml.content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert plain(ElementTree.fromstring(in_xml.content)) == as_text(in_json.json())


def test_discovery_says_where_it_is_and_whom_to_ask(district, browser_client, settings):
    settings.PUBLIC_URL, settings.OPEN311_CONTACT = "https://grid.example", "网格办 12345"
    told = browser_client.get(f"{V2}/discovery.json").json()
    assert told["contact"] == "网格办 12345"
    assert "https://grid.example/api/v1/token/" in told["key_service"]
    endpoint = told["endpoints"][0]
    assert endpoint["url"] == "https://grid.example/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    before = told["changeset"]
    district.classes["rubbish"].name = "暴露的垃圾"
    district.classes["rubbish"].save(update_fields=["name"])
    assert browser_client.get(f"{V2}/discovery.json").json()["changeset"] > before


def test_the_services_are_the_classes_of_the_citizens_page(district, browser_client):
    told = browser_client.get(f"{V2}/services.json").json()
    page = browser_client.get("/report/").content.decode()
    assert {one["service_code"] for one in told} == set(re.findall(r"(?:event|part):\d+", page))
    rubbish = next(one for one in told if one["service_code"] == "event:0102")
    assert (rubbish["service_name"], rubbish["metadata"], rubbish["type"]) == (
        "暴露垃圾", False, "realtime",
    )  # fmt: skip


def test_the_list_of_services_asks_the_database_for_no_class(
    district, browser_client, django_assert_num_queries
):
    browser_client.get(f"{V2}/services.json")
    with django_assert_num_queries(1):  # who asks is counted
        browser_client.get(f"{V2}/services.xml")


def test_of_a_part_its_code_may_be_told(district, browser_client, clock):
    asked = browser_client.get(f"{V2}/services/part:0101.json").json()["attributes"][0]
    assert (asked["code"], asked["required"], asked["datatype"]) == ("part_code", False, "string")
    part = district.parts[0]
    code = f"part:{part.catalogue_class.code}"
    lon, lat = part.geom.x, part.geom.y
    fields = said(service_code=code, lat=lat, long=lon)
    answer = post(browser_client, fields | {"attribute[part_code]": part.code})
    assert answer.status_code == 201, answer.content
    assert Case.objects.get().part == part
    assert post(browser_client, fields | {"description": "无牌"}).status_code == 201
    assert "市民反映" in Case.objects.latest("pk").no_part_reason


# ---------------------------------------------------------------- reporting


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_citizen_reports_without_a_key_and_follows_it(district, clock, browser_client, form):
    fields = said(first_name="明", last_name="王", phone="13900000000", email="w@example.org")
    answer = post(browser_client, fields | {"media": [upload()]}, form)
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.source, case.state, case.photos.count()) == ("PUBLIC", "REPORTED", 1)
    reporter = case.reporters.get()
    assert (reporter.name, reporter.phone, reporter.may_call) == ("王明", "13900000000", True)
    assert first_broken(case) is None
    told = answer.content.decode()
    assert case.number in told
    code = re.search(rf"number={case.number}#(\w{{8}})", told)[1]
    key = {"number": case.number, "code": code}
    assert browser_client.post("/follow/", key).status_code == 200


def test_where_the_city_takes_no_reports_of_anybody_a_key_is_needed(
    district, clock, browser_client, settings
):
    settings.PUBLIC_REPORTS = False
    refused = post(browser_client, said(), "xml")
    assert refused.status_code == 403
    assert "api_key" in errors_in(refused)[0]
    key = issue_token(district.user("client-1"))
    assert post(browser_client, said(api_key=key)).status_code == 201


def test_a_client_reports_from_its_own_source(district, clock, browser_client):
    client = district.user("client-1")
    answer = post(
        browser_client, said(api_key=issue_token(client), first_name="Ann", last_name="Li")
    )
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.source, case.reported_by) == (client.source, client)
    assert case.events.get().role == "client"
    assert case.reporters.get().name == "Ann Li"
    by_header = {"authorization": f"Token {issue_token(client)}"}
    assert post(browser_client, said(description="另一处"), **by_header).status_code == 201
    by_query = f"{V2}/requests.xml?api_key={issue_token(client)}"
    assert browser_client.post(by_query, said(description="又一处")).status_code == 201
    assert set(Case.objects.values_list("reported_by", flat=True)) == {client.pk}


@pytest.mark.parametrize("whose", ["nobody", "acceptor-1", "over"])
def test_a_wrong_key_is_refused(district, clock, browser_client, whose):
    key = "x" * 43
    if whose != "nobody":
        key = issue_token(district.user("client-1" if whose == "over" else whose))
    if whose == "over":
        clock.move(days=31)
    for answer in (
        post(browser_client, said(api_key=key)),
        browser_client.get(f"{V2}/requests.xml", {"api_key": key}),
    ):
        assert answer.status_code == 403
        assert "api_key" in errors_in(answer)[0]
    assert not Case.objects.exists()


def test_a_place_in_words_is_found_or_asked_about(district, clock, browser_client):
    known_place("隆福寺东门", 0, 0)
    second = known_place("隆福寺西门", 1, 1)
    fields = said(lat="", long="", address_string="隆福寺")
    asked = post(browser_client, fields)
    assert asked.status_code == 400
    assert any(second.code in line and "隆福寺西门" in line for line in errors_in(asked))
    assert post(browser_client, fields | {"address_id": second.code}).status_code == 201
    case = Case.objects.get()
    assert (case.cell, case.place_text) == (district.cells[1, 1], "隆福寺")
    fields = said(lat="", long="", address_id="P00", description="别处")
    assert post(browser_client, fields).status_code == 201
    assert Case.objects.latest("pk").place_text == "隆福寺东门"


WRONG = [
    ({"service_code": ""}, 400, "service_code"),
    ({"service_code": "event:9999"}, 404, "event:9999"),
    ({"service_code": "event:0599"}, 404, "event:0599"), ({"lat": "", "long": ""}, 400, "lat"),
    ({"lat": ""}, 400, "lat"), ({"lat": "north"}, 400, "lat"), ({"lat": "nan"}, 400, "lat"),
    ({"lat": 0, "long": 0}, 400, "long"), ({"lat": 1e300}, 400, "long"),
    ({"lat": "", "long": "", "address_string": "无此地"}, 400, "address_string"),
    ({"lat": "", "long": "", "address_id": "P99"}, 400, "address_id"),
    ({"phone": "call me"}, 400, "phone"), ({"description": "长" * 2001}, 400, "description"),
    ({"address_string": "长" * 201}, 400, "address_string"),
    ({"first_name": "长" * 65}, 400, "name"),
    ({"media_url": "https://example.org/1.jpg"}, 400, "media_url"),
    ({"attribute[part_code]": "1"}, 400, "part_code"),
    ({"attribute[colour]": "red"}, 400, "colour"),
    ({"jurisdiction_id": "elsewhere.org"}, 404, "jurisdiction_id"),
    ({"description": "a\0b"}, 400, ""), ({"description": "a\x07b"}, 400, "description"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("wrong", "status", "named"), WRONG)
def test_what_is_wrong_is_said(district, clock, browser_client, wrong, status, named, form):
    answer = post(browser_client, said(**wrong), form)
    assert answer.status_code == status
    assert any(named in line for line in errors_in(answer))
    assert not Case.objects.exists()


def test_files_are_photos(district, clock, browser_client, settings):
    assert post(browser_client, said(media=[upload(name="a.gif", kind="GIF")])).status_code == 400
    assert post(browser_client, said(film=[upload()])).status_code == 400
    settings.PHOTO_MAX_BYTES = 10
    assert post(browser_client, said(photos=[upload()])).status_code == 413
    assert not Case.objects.exists()


def test_what_is_too_large_or_no_form_is_said(district, clock, browser_client, settings):
    path = f"{V2}/requests.xml"
    assert browser_client.post(path, "{}", "application/json").status_code == 415
    assert browser_client.post(path, b"\xff", "multipart/form-data; boundary=").status_code == 400
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    form = "application/x-www-form-urlencoded"
    answer = browser_client.post(path, "description=" + "a" * 200, form)
    assert (answer.status_code, len(errors_in(answer))) == (413, 1)
    settings.REQUEST_MAX_BYTES = 10
    answer = browser_client.post(path, "description=aaaa", form)
    assert (answer.status_code, len(errors_in(answer))) == (413, 1)


# ---------------------------------------------------------------- once


def test_the_same_key_acts_once_and_answers_again_in_either_format(district, clock, browser_client):
    key = str(uuid4())
    answers = [post(browser_client, said(), form, idempotency_key=key) for form in ("json", "json")]
    assert answers[0].json() == answers[1].json()
    again = post(browser_client, said(), "xml", idempotency_key=key)
    number = Case.objects.get().number
    assert again.status_code == 201
    assert number in again.content.decode()
    code = re.search(r"#(\w{8})", answers[0].content.decode())[1]
    assert code not in str(IdempotencyKey.objects.get().answer)
    other = post(browser_client, said(description="另一堆"), idempotency_key=key)
    assert (other.status_code, len(errors_in(other))) == (409, 1)
    assert post(browser_client, said(), idempotency_key="17").status_code == 400
    found = browser_client.get(f"{V2}/tokens/{key}.json")
    assert found.json() == [{"service_request_id": number, "token": key}]


def test_a_token_is_told_to_its_sender_only(district, clock, browser_client):
    key, token = str(uuid4()), issue_token(district.user("client-1"))
    assert post(browser_client, said(api_key=token), idempotency_key=key).status_code == 201
    path = f"{V2}/tokens/{key}.xml"
    assert browser_client.get(path, {"api_key": token}).status_code == 200
    assert browser_client.get(path).status_code == 404
    other = issue_token(district.user("client-2"))
    assert browser_client.get(path, {"api_key": other}).status_code == 404
    assert browser_client.get(f"{V2}/tokens/17.json").status_code == 404


def test_a_device_that_sends_the_same_twice_on_a_day_reports_once(district, clock, browser_client):
    answers = [post(browser_client, said(device_id="tt1")).json() for _again in "ab"]
    assert answers[0] == answers[1]
    assert Case.objects.count() == 1
    assert post(browser_client, said(device_id="tt2")).status_code == 201
    clock.move(days=1)
    assert post(browser_client, said(device_id="tt1")).status_code == 201
    assert Case.objects.count() == 3


# ---------------------------------------------------------------- limits and the switch


def test_who_has_no_key_reports_as_often_as_at_the_page(district, clock, browser_client, settings):
    settings.PUBLIC_REPORTS_PER_HOUR = 1
    assert post(browser_client, said()).status_code == 201
    refused = post(browser_client, said(description="又一堆"), "xml")
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert len(errors_in(refused)) == 1
    key = issue_token(district.user("client-1"))
    assert post(browser_client, said(api_key=key)).status_code == 201


def test_everybody_asks_so_often_and_no_oftener(district, clock, browser_client, monkeypatch):
    monkeypatch.setattr("gridcity.open311.views.ASKED", 1)
    assert browser_client.get(f"{V2}/services.json").status_code == 200
    for wrong in ({}, {"api_key": "guessed"}):
        assert browser_client.get(f"{V2}/services.json", wrong).status_code == 429
    key = issue_token(district.user("client-1"))
    assert browser_client.get(f"{V2}/services.json", {"api_key": key}).status_code == 200


@pytest.mark.parametrize("path", ["discovery", "services", "services/event:0102", "requests",
                                  "requests/1", "tokens/1"])  # fmt: skip
def test_where_it_is_switched_off_there_is_no_such_address(
    district, browser_client, settings, path
):
    settings.OPEN311 = False
    for form in ("json", "xml"):
        assert browser_client.get(f"{V2}/{path}.{form}").status_code == 404
    assert post(browser_client, said()).status_code == 404
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["", "/v1/requests.json", "/v2", "/v2/requests", "/v2/requests.csv",
     "/v2/services/event:9999.xml", "/v2/requests/x.xml"],
)  # fmt: skip
def test_other_addresses_are_refused_in_the_same_shape(district, browser_client, path):
    answer = browser_client.get(f"/open311{path}", follow=True)
    assert (answer.status_code, len(errors_in(answer))) == (404, 1)


def test_what_is_not_offered_is_405(district, browser_client):
    answer = browser_client.delete(f"{V2}/requests.xml")
    assert (answer.status_code, len(errors_in(answer))) == (405, 1)
    assert answer["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("problem", "status"), [(OperationalError("gone"), 503), (ValueError("a fault"), 500)]
)
def test_what_fails_here_is_told_in_the_same_shape(district, monkeypatch, problem, status):
    def fail():
        raise problem

    monkeypatch.setattr("gridcity.open311.services.services", fail)
    for form in ("json", "xml"):
        answer = Client(raise_request_exception=False).get(f"{V2}/services.{form}")
        assert answer.status_code == status
        (sentence,) = errors_in(answer)
        assert str(problem) not in sentence


def test_the_jurisdiction_may_be_named(district, browser_client, settings):
    def status(named):
        return browser_client.get(f"{V2}/services.xml", {"jurisdiction_id": named}).status_code

    assert (status("110101"), status(""), status("dongcheng.gov.cn")) == (200, 200, 404)
    settings.OPEN311_JURISDICTION = "dongcheng.gov.cn"
    assert (status("110101"), status(""), status("dongcheng.gov.cn")) == (404, 200, 200)


def test_it_speaks_the_language_of_who_asks(district, browser_client):
    said_in = {
        language: errors_in(browser_client.get(f"{V2}/x", headers={"accept-language": language}))
        for language in ("en", "zh-hans")
    }
    assert said_in["en"] == ["Open311 has no such address here."]
    assert said_in["zh-hans"] != said_in["en"]
