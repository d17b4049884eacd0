"""Tokens, who am I, the address book, and the one shape of every refusal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from gridcity.authentication import fingerprint
from gridcity.models import ApiToken, User
from tests.clients import ApiClient
from tests.district import PASSWORD, USER_OF_ROLE

TOKEN = "/api/v1/token/"
ME = "/api/v1/me/"


def log_in(api, username="acceptor-1", password=PASSWORD):
    return api.post(TOKEN, {"username": username, "password": password})


def test_a_token_is_given_for_name_and_password_and_kept_as_its_hash(api, district):
    answer = log_in(api)
    assert answer.status_code == 200
    token = answer.body["token"]
    kept = ApiToken.objects.get()
    assert bytes(kept.sha256) == fingerprint(token)
    assert ApiClient(token).get(ME).body["username"] == "acceptor-1"


@pytest.mark.parametrize(
    ("username", "password"),
    [("acceptor-1", "wrong"), ("nobody", PASSWORD), ("acceptor-1", ""), ("", ""), ("a\x00b", "x"),
     ("ACCEPTOR-1", PASSWORD)],
)  # fmt: skip
def test_a_wrong_login_is_refused_without_saying_what_was_wrong(api, district, username, password):
    answer = log_in(api, username, password)
    assert answer.status_code in {400, 401}
    assert set(answer.body) >= {"code", "detail", "fields"}
    assert not ApiToken.objects.exists()


def test_a_closed_account_gets_no_token_and_its_tokens_end(api, district):
    token = log_in(api).body["token"]
    User.objects.filter(username="acceptor-1").update(is_active=False)
    assert ApiClient(token).get(ME).status_code == 401
    assert log_in(api).status_code == 401


def test_a_token_is_revoked(api, district):
    client = ApiClient(log_in(api).body["token"])
    assert client.delete(TOKEN).status_code == 204
    assert client.get(ME).status_code == 401
    assert not ApiToken.objects.exists()


def test_a_token_slides_and_ends_thirty_days_after_its_last_use(api, district, clock):
    client = ApiClient(log_in(api).body["token"])
    clock.now += timedelta(days=29)
    assert client.get(ME).status_code == 200
    clock.now += timedelta(days=29)
    assert client.get(ME).status_code == 200
    clock.now += timedelta(days=30, hours=1)
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize("header", ["", "Token", "Token x", "Bearer abc", "Token " + "x" * 5000])
def test_without_a_good_token_nothing_is_answered(db, header):
    answer = Client().get(ME, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert json.loads(answer.content)["code"] == "unauthenticated"


def test_ten_wrong_passwords_lock_name_and_address(api, district, time_runs):
    for _number in range(9):
        assert log_in(api, password="wrong").status_code == 401
    locked = [log_in(api, password="wrong").status_code, log_in(api).status_code]
    assert locked[-1] == 429
    answer = log_in(api)
    assert answer.body["code"] == "too_many"
    assert int(answer["Retry-After"]) > 0
    assert log_in(api, "acceptor-2").status_code == 200


def test_an_address_that_tries_many_names_must_wait(api, district, settings, time_runs):
    settings.LOGIN_FAILURES_PER_ADDRESS = 5
    for number in range(5):
        assert log_in(api, f"guess-{number}", "x").status_code == 401
    assert log_in(api).status_code == 429


def test_a_session_of_the_pages_serves_too_but_writes_need_its_csrf_token(district):
    client = Client(enforce_csrf_checks=True)
    client.force_login(district.user("acceptor-1"), "django.contrib.auth.backends.ModelBackend")
    assert client.get(ME).status_code == 200
    answer = client.post("/api/v1/cases/", data="{}", content_type="application/json")
    assert answer.status_code == 403


@pytest.mark.parametrize(("role", "name"), sorted(USER_OF_ROLE.items()))
def test_me_says_role_side_department_and_cells(of, district, role, name):
    me = of(name).get(ME).body
    assert (me["username"], me["role"], me["roles"]) == (name, role, [role])
    sides = {"supervisor": "supervision", "acceptor": "supervision", "duty_chief": "supervision",
             "dispatcher": "command", "department": "department", "official": "reads",
             "administrator": "administration", "client": "client"}  # fmt: skip
    assert me["side"] == sides[role]
    department = {"code": "s201", "name": "环卫中心"} if role == "department" else None
    assert me["department"] == department
    walked = sorted(district.cells[row, column].code for row in range(3) for column in (0, 1))
    assert me["cells"] == (walked if role == "supervisor" else [])


def test_me_says_who_leads_a_department(of):
    assert of("department-s201-lead").get(ME).body["is_lead"] is True
    assert of("department-s201").get(ME).body["is_lead"] is False


def test_the_address_book_lists_departments_in_use(of, district):
    district.departments["d102"].is_active = False
    district.departments["d102"].save(update_fields=["is_active"])
    listed = of("supervisor-1").get("/api/v1/departments/").body
    assert [row["code"] for row in listed] == ["d101", "s201", "w301"]
    assert listed[1] == {
        "code": "s201", "name": "环卫中心", "kind": "sanitation", "street_code": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/cases", "/api/v1/cases/x/",
     "/api/v1/cases/%00/", "/api/v1/cases/11010120260000001/",
     "/api/v1/cases/11010120260000001/close/now/", "/api/v2/cases/"],
)  # fmt: skip
def test_unknown_addresses_answer_in_the_one_shape(of, path):
    answer = of("acceptor-1").get(path)
    assert answer.status_code in {404, 405}
    assert set(answer.body) == {"code", "detail", "fields", "id"}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(of, district, method):
    client = of("acceptor-1")
    headers = {"Authorization": f"Token {client.token}"}
    answer = getattr(client.client, method)("/api/v1/cases/", headers=headers)
    assert answer.status_code == 405
    assert json.loads(answer.content)["code"] == "method_not_allowed"


def raw(client, body, content_type="application/json"):
    headers = {"Authorization": f"Token {client.token}"}
    sent = client.client.post("/api/v1/cases/", body, content_type=content_type, headers=headers)
    return sent.status_code, json.loads(sent.content)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"17", b"{'kind': 1}", b"\xff\xfe", b'{"lon": NaN}',
     b'{"lon": Infinity}', b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_bodies_that_are_no_object_are_refused(of, body):
    status, answer = raw(of("supervisor-1"), body)
    assert status == 400
    assert set(answer) - {"kept"} == {"code", "detail", "fields", "id"}  # kept: where it broke off


def test_a_body_of_more_than_a_megabyte_is_too_large(of):
    status, answer = raw(of("supervisor-1"), b'{"description": "' + b"x" * 1_100_000 + b'"}')
    assert (status, answer["code"]) == (413, "too_large")


def test_a_kind_of_body_that_is_not_read_is_named(of):
    status, answer = raw(of("supervisor-1"), b"<case/>", "text/xml")
    assert (status, answer["code"]) == (415, "unsupported_media_type")


def test_a_broken_form_is_refused(of):
    status, _answer = raw(of("supervisor-1"), b"--x\r\nnonsense", "multipart/form-data; boundary=x")
    assert status == 400
    status, _answer = raw(of("supervisor-1"), b"", "multipart/form-data")
    assert status == 400


def test_refusals_carry_the_id_that_the_log_has(of):
    answer = of("acceptor-1").get("/api/v1/cases/1/")
    assert answer.body["id"] == answer["X-Request-Id"]


def test_refusals_are_in_chinese_unless_asked_otherwise(of):
    client = of("acceptor-1")
    assert "\u4e00" <= client.get("/api/v1/cases/1/").body["detail"][0] <= "\u9fff"
    headers = {"Authorization": f"Token {client.token}", "Accept-Language": "en"}
    english = client.client.get("/api/v1/cases/1/", headers=headers)
    assert json.loads(english.content)["detail"].isascii()
