"""POST /api/v1/cases/ as JSON and as a form, and whatever else may come in."""

from __future__ import annotations

import io
import json
import uuid
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIRequestFactory

from cases.models import Case, Photo
from gridcity.contracts import TooLarge
from gridcity.parsers import BoundedJSONParser
from tests.api.conftest import CASES
from tests.district import CURRENT, point
from tests.photos import jpeg_with_position, picture_bytes, upload


def test_a_report_answers_with_its_number_and_its_place(of, report_fields, district):
    answer = of("supervisor-1").post(CASES, report_fields)
    assert answer.status_code == 201
    assert answer.body == {
        "number": "11010120260000001", "status": "REPORTED", "version": 1, "kind": "event",
        "scheme": CURRENT, "class_code": "0102", "cell": district.cells[1, 1].code,
        "community": {"code": "110101001002", "name": "台基厂社区"},
        "street": {"code": "110101001", "name": "东华门街道"},
        "reported_at": answer.body["reported_at"], "duplicates": [], "matter_code": None,
    }  # fmt: skip
    case = Case.objects.get()
    assert (case.placed_by, case.accuracy_m) == ("gps", 6.5)


def test_a_point_without_accuracy_was_set_by_hand(of, report_fields):
    del report_fields["accuracy_m"]
    of("supervisor-1").post(CASES, report_fields)
    assert Case.objects.get().placed_by == "manual"


def test_all_fields_go_as_a_form_with_photos(of, report_fields):
    seen, taken = "2026-06-10T10:20:00+08:00", "2026-06-10T10:21:00"
    fields = {
        **report_fields, "occurred_at": seen, "photo_roles": ["near", "far"],
        "photo_taken_at": [taken, ""], "source": "HOTLINE",
        "reporter": json.dumps({"name": "王小明", "phone": "13800001111", "may_call": True}),
    }  # fmt: skip
    answer = of("acceptor-1").post(CASES, fields, photos=(upload(), upload(shade=10)))
    assert answer.status_code == 201, answer.body
    case = Case.objects.get()
    assert case.occurred_at == datetime.fromisoformat(seen)
    photos = list(case.photos.order_by("id"))
    assert [photo.role for photo in photos] == ["near", "far"]
    assert photos[0].taken_at == datetime.fromisoformat(f"{taken}+08:00")
    assert photos[1].taken_at is None
    reporter = case.reporters.get()
    assert (reporter.name, reporter.phone, reporter.may_call) == ("王小明", "13800001111", True)


def test_a_reporter_may_come_field_by_field_and_photos_as_a_list_of_objects(of, report_fields):
    fields = {
        **report_fields, "reporter.name": "李四", "reporter.phone": "62221111",
        "reporter.may_call": "false",
        "photos_meta": json.dumps([{"role": "before", "lon": 116.4, "lat": 39.9, "accuracy_m": 5}]),
    }  # fmt: skip
    assert of("acceptor-1").post(CASES, fields, photos=(upload(),)).status_code == 201
    reporter = Case.objects.get().reporters.get()
    assert (reporter.name, reporter.may_call) == ("李四", False)
    assert Photo.objects.get().role == "before"
    assert Photo.objects.get().point.coords == (116.4, 39.9)


def test_a_reporter_goes_as_an_object_in_json(of, report_fields):
    report_fields["reporter"] = {"name": "王小明", "phone": "13800001111", "may_call": True}
    assert of("acceptor-1").post(CASES, report_fields).status_code == 201
    assert Case.objects.get().reporters.get().may_call


@pytest.mark.parametrize(
    "reporter",
    ["王小明", 17, ["x"], {"name": 5}, {"name": ["x"]}, {"name": "a\x00b"}, {"name": "长" * 65},
     {"name": "x", "may_call": "perhaps"}, {"name": "x", "may_call": [1]}],
)  # fmt: skip
def test_a_reporter_of_another_shape_is_refused(of, report_fields, reporter):
    answer = of("acceptor-1").post(CASES, {**report_fields, "reporter": reporter})
    assert answer.status_code == 400
    assert any(name.startswith("reporter") for name in answer.body["fields"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 1), ("kind", ["event"]), ("kind", None), ("kind", "Event"), ("class_code", 102),
        ("class_code", {"a": 1}), ("class_code", "x" * 5000), ("class_code", "0\x00102"),
        ("lon", "east"), ("lon", [116]), ("lon", {}), ("lon", True), ("lon", 1e308), ("lon", ""),
        ("lat", "1e999"), ("lat", None), ("lat", 10**400), ("accuracy_m", -1),
        ("accuracy_m", "exact"), ("placed_by", "magic"), ("source", "RUMOUR"), ("source", 3),
        ("description", "长" * 10_000), ("description", "a\x00b"), ("description", ["x"]),
        ("place_text", "长" * 201), ("occurred_at", "yesterday"), ("occurred_at", 1_700_000_000),
        ("occurred_at", "2026-13-45T00:00:00"), ("occurred_at", "0001-01-01T00:00:00+08:00"),
        ("occurred_at", "9999-12-31T23:59:59-12:00"), ("occurred_at", ["x"]),
        ("part_code", "1101010101000001"), ("part_code", "a\x00"), ("scheme", "\x00"),
        ("part_code", "\ud800"), ("class_code", "\udfff"), ("photos", ["data:image/png;base64,AA"]),
        ("scheme", 7), ("no_part_reason", {"x": 1}),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(of, report_fields, field, value):
    answer = of("supervisor-1").post(CASES, {**report_fields, field: value})
    assert answer.status_code == 400, answer.body
    assert answer.body["fields"], answer.body
    assert not Case.objects.exists()


@pytest.mark.parametrize("offset", ["+23:59", "-23:59", "+08:00", "Z"])
def test_an_instant_may_name_any_zone(of, report_fields, offset):
    said = f"2026-06-09T10:00:00{offset}"
    answer = of("supervisor-1").post(CASES, {**report_fields, "occurred_at": said})
    assert answer.status_code == 201, answer.body
    event = Case.objects.get().events.get()
    assert event.occurred_at == min(datetime.fromisoformat(said), event.at)


def test_photos_that_are_no_files_are_not_lost_silently(of, report_fields):
    client = of("supervisor-1")
    sent = client.client.post(
        CASES, {**report_fields, "photos": "photo.jpg"},
        headers={"Authorization": f"Token {client.token}"},
    )  # fmt: skip
    assert (sent.status_code, list(json.loads(sent.content)["fields"])) == (400, ["photos"])


def test_an_empty_list_of_photos_is_no_photo(of, report_fields):
    assert of("supervisor-1").post(CASES, {**report_fields, "photos": []}).status_code == 201


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"kind":'), ("application/json", b'{"lon": NaN}'),
        ("application/json", b"\xff"), ("application/json", b"[" * 100_000),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x",
         (b"--x\r\nContent-Disposition: form-data; name=photos; filename=a\r\n"
          b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_chinese_with_the_place_for_programmers(
    of, content_type, body
):
    client = of("supervisor-1")
    sent = client.client.post(
        CASES, body, content_type=content_type, headers={"Authorization": f"Token {client.token}"}
    )
    answer = json.loads(sent.content)
    assert (sent.status_code, answer["code"]) == (400, "parse_error")
    assert answer["detail"] == "请求内容无法读取。"
    assert answer["kept"]["reason"]


@pytest.mark.parametrize("depth", range(880, 980, 4))
def test_fields_nested_at_the_brink_are_read_or_refused(of, report_fields, depth):
    body = json.dumps(report_fields)[:-1] + ', "x": ' + "[" * depth + "]" * depth + "}"
    client = of("supervisor-1")
    sent = client.client.post(
        CASES, body, content_type="application/json",
        headers={"Authorization": f"Token {client.token}", "Idempotency-Key": str(uuid.uuid4())},
    )  # fmt: skip
    assert sent.status_code in {201, 400}


def test_a_body_that_is_too_large_is_read_to_its_end(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = io.BytesIO(b"x" * 200_000)
    request = APIRequestFactory().post(CASES, data=b"x" * 2000, content_type="application/json")
    with pytest.raises(TooLarge):
        BoundedJSONParser().parse(body, "application/json", {"request": request})
    assert body.read() == b""


def test_every_wrong_field_is_named_at_once(of, report_fields):
    answer = of("supervisor-1").post(CASES, {**report_fields, "lon": "x", "kind": 5})
    assert set(answer.body["fields"]) == {"lon", "kind"}


def test_a_point_outside_the_district_has_its_own_code(of, report_fields):
    answer = of("supervisor-1").post(CASES, {**report_fields, "lon": 116.0})
    assert (answer.status_code, answer.body["code"]) == (400, "outside_district")


def test_fields_that_nobody_knows_are_left_aside(of, report_fields):
    answer = of("supervisor-1").post(CASES, {**report_fields, "state": "CLOSED", "version": 9})
    assert (answer.status_code, answer.body["status"]) == (201, "REPORTED")


@pytest.mark.parametrize("name", ["duty-chief-1", "dispatcher-1", "department-s201", "official-1",
                                  "administrator"])  # fmt: skip
def test_other_roles_report_nothing(of, report_fields, name):
    answer = of(name).post(CASES, report_fields)
    assert (answer.status_code, answer.body["code"]) == (403, "forbidden")


def test_a_part_case_takes_its_place_from_the_part(of, district):
    part = district.parts[1].code
    answer = of("supervisor-1").post(
        CASES, {"kind": "part", "class_code": "0101", "part_code": part, "description": "破损"}
    )
    assert answer.body["cell"] == district.cells[1, 1].code


def test_possible_duplicates_are_named_with_reasons(of, report_fields):
    first = of("supervisor-1").post(CASES, report_fields).body
    second = of("acceptor-1").post(CASES, report_fields).body
    assert [row["number"] for row in second["duplicates"]] == [first["number"]]
    assert set(second["duplicates"][0]["reasons"]) >= {"same_cell", "near"}


def test_an_interface_client_sees_of_duplicates_what_a_citizen_would(of, report_fields):
    of("supervisor-1").post(CASES, report_fields)
    answer = of("client-1").post(CASES, report_fields)
    assert answer.status_code == 201
    assert set(answer.body["duplicates"][0]) == {
        "class_name", "street_name", "status", "reported_at",
    }  # fmt: skip


# ---------------------------------------------------------------- photos


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_photos_of_these_kinds_come_in(of, report_fields, kind):
    answer = of("supervisor-1").post(CASES, report_fields, photos=(upload(kind),))
    assert answer.status_code == 201
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"%PDF-1.7", 400), (picture_bytes()[:400], 400), (b"", 400), (b"<svg/>", 400),
        (picture_bytes() + b"\0" * 11 * 1024 * 1024, 413),
    ],
)  # fmt: skip
def test_a_photo_that_cannot_be_kept_refuses_the_report(of, report_fields, content, status):
    answer = of("supervisor-1").post(
        CASES, report_fields, photos=(upload(), upload(content=content))
    )
    assert answer.status_code == status, answer.body
    assert not Case.objects.exists()


def test_ten_photos_are_too_many(of, report_fields):
    answer = of("supervisor-1").post(CASES, report_fields, photos=(upload(),) * 10)
    assert (answer.status_code, list(answer.body["fields"])) == (400, ["photos"])


@pytest.mark.parametrize(
    "said",
    [{"photo_roles": ["selfie"]}, {"photos_meta": "nonsense"}, {"photos_meta": "{}"},
     {"photos_meta": '["near"]'}, {"photos_meta": '[{"lon": "x"}]'},
     {"photos_meta": '[{"lat": 1000}]'}, {"photos_meta": '[{"placed_by": "x"}]'},
     {"photo_taken_at": ["noon"]}, {"photos_meta": "[" * 50_000}],
)  # fmt: skip
def test_what_is_said_of_a_photo_is_checked(of, report_fields, said):
    answer = of("supervisor-1").post(CASES, {**report_fields, **said}, photos=(upload(),))
    assert answer.status_code == 400, answer.body
    assert not Case.objects.exists()


def test_a_file_under_another_name_is_not_lost_silently(of, report_fields):
    client = of("supervisor-1")
    sent = client.client.post(
        CASES, {**report_fields, "picture": upload()},
        headers={"Authorization": f"Token {client.token}"},
    )  # fmt: skip
    assert sent.status_code == 400
    assert "picture" in json.loads(sent.content)["fields"]


def test_of_a_photo_only_our_encoding_is_served_and_only_to_who_may_see(of, report_fields):
    fields = {**report_fields, "photo_roles": ["near"]}
    sent = of("supervisor-1").post(CASES, fields, photos=(upload(content=jpeg_with_position()),))
    case = of("acceptor-1").get(f"{CASES}{sent.body['number']}/").body
    url, thumbnail = case["photos"][0]["url"], case["photos"][0]["thumbnail"]
    for address in (url, thumbnail):
        answer = of("acceptor-1").get(address)
        content = b"".join(answer.streaming_content)
        assert answer["Content-Type"] == "image/jpeg"
        assert "private" in answer["Cache-Control"]
        assert b"Exif" not in content
        assert content.startswith(b"\xff\xd8")
    for stranger in ("department-s201", "client-1", "dispatcher-1", "administrator"):
        assert of(stranger).get(url).status_code == 404
    assert ApiClientWithout(of).get(url).status_code == 401


def ApiClientWithout(of):
    """A client that shows no token."""
    client = of("supervisor-2")
    return type(client)()


def test_a_photo_that_is_known_is_not_sent_again(of, report_fields):
    sent = of("supervisor-1").post(CASES, report_fields, photos=(upload(),))
    client = of("supervisor-1")
    url = client.get(f"{CASES}{sent.body['number']}/").body["photos"][0]["url"]
    first = client.get(url)
    b"".join(first.streaming_content)
    headers = {"Authorization": f"Token {client.token}", "If-None-Match": first["ETag"]}
    assert client.client.get(url, headers=headers).status_code == 304
    headers["Accept"] = "image/png"
    assert client.client.get(url, headers=headers).status_code == 304


# ---------------------------------------------------------------- anything at all


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
    | st.sampled_from(["event", "part", "0102", "HOTLINE", "gps", "116.4", "\x00", "𠮷"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)  # fmt: skip
FIELDS = [
    "kind", "class_code", "scheme", "part_code", "no_part_reason", "lon", "lat", "accuracy_m",
    "placed_by", "place_text", "description", "source", "occurred_at", "reporter", "photo_roles",
    "photo_taken_at", "photos_meta",
]  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wild=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=4))
def test_whatever_is_sent_is_answered_and_never_with_an_error_of_ours(of, wild):
    lon, lat = point(1, 1)
    good = {"kind": "event", "class_code": "0102", "lon": lon, "lat": lat, "description": "x"}
    answer = of("supervisor-1").post(CASES, {**good, **wild})
    assert answer.status_code in {201, 400, 403}
    if answer.status_code != 201:
        assert set(answer.body) >= {"code", "detail", "fields"}


# ---------------------------------------------------------------- what a report costs


CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


def statements(captured) -> list[str]:
    return [one["sql"] for one in captured if not one["sql"].startswith(CONTROL)]


@pytest.mark.parametrize("fields", [{}, {"kind": "part", "class_code": "0101"}])
def test_a_report_takes_at_most_twelve_queries(of, report_fields, district, fields):
    """`performance.md`: with cell and part located, duplicates, event, chain, stay and its key."""
    said = {**report_fields, **fields}
    if fields:
        said["part_code"] = district.parts[1].code
    client = of("supervisor-1")
    client.post(CASES, said)  # the process learns its catalogue and the cell's neighbours
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(CASES, said, key=uuid.uuid4())
        queries = statements(captured.captured_queries)
    assert answer.status_code == 201
    assert len(queries) <= 12, queries
