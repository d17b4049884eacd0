"""The header Idempotency-Key on every POST (issue 2, §5)."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from django.core.management import call_command

from cases.models import Case, Event, IdempotencyKey
from cases.services.purging import purge_due
from tests.api.conftest import CASES
from tests.photos import upload

KEY = uuid.UUID(int=42)


def test_the_same_report_twice_makes_one_case_and_gives_one_answer(of, report_fields, clock):
    first = of("supervisor-1").post(CASES, report_fields, key=KEY)
    clock.move(minutes=30)
    second = of("supervisor-1").post(CASES, report_fields, key=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.body == second.body
    assert Case.objects.count() == 1


def test_the_answer_to_a_key_is_that_without_one_to_the_microsecond(of, report_fields, clock):
    clock.move(microseconds=654_321)
    keyed = of("supervisor-1").post(CASES, report_fields, key=KEY).body
    plain = of("supervisor-1").post(CASES, report_fields).body
    read = of("supervisor-1").get(f"{CASES}{keyed['number']}/").body
    assert keyed["reported_at"] == plain["reported_at"]
    assert ".654321" in keyed["reported_at"]
    assert datetime.fromisoformat(keyed["reported_at"]) == datetime.fromisoformat(
        read["reported_at"]
    )


def test_a_form_is_the_same_whatever_boundary_the_browser_draws(of, report_fields):
    client = of("supervisor-1")

    def send(boundary):
        lines = []
        for name, value in report_fields.items():
            lines += [
                f"--{boundary}",
                f'Content-Disposition: form-data; name="{name}"',
                "",
                str(value),
            ]
        lines += [f"--{boundary}",
                  'Content-Disposition: form-data; name="photos"; filename="a.jpg"',
                  "Content-Type: image/jpeg", "", ""]  # fmt: skip
        body = "\r\n".join(lines).encode() + upload().read() + f"\r\n--{boundary}--\r\n".encode()
        return client.client.post(
            CASES, body, content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Authorization": f"Token {client.token}", "Idempotency-Key": str(KEY)},
        )  # fmt: skip

    first, second = send("aaaaaaa"), send("----WebKitFormBoundary7MA4YWxk")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert Case.objects.count() == 1


@pytest.mark.parametrize("change", [{"description": "别的"}, {"lon": 116.4001}, {"extra": 1}])
def test_other_content_under_the_key_is_refused(of, report_fields, change):
    of("supervisor-1").post(CASES, report_fields, key=KEY)
    answer = of("supervisor-1").post(CASES, {**report_fields, **change}, key=KEY)
    assert (answer.status_code, answer.body["code"]) == (409, "key_reused")
    assert Case.objects.count() == 1


def test_another_photo_is_other_content(of, report_fields):
    of("supervisor-1").post(CASES, report_fields, key=KEY, photos=(upload(),))
    answer = of("supervisor-1").post(CASES, report_fields, key=KEY, photos=(upload(shade=3),))
    assert answer.status_code == 409


def test_a_corrected_report_may_use_its_key_again(of, report_fields):
    wrong = {**report_fields, "class_code": "9999"}
    assert of("supervisor-1").post(CASES, wrong, key=KEY).status_code == 400
    assert of("supervisor-1").post(CASES, report_fields, key=KEY).status_code == 201


def test_two_users_may_draw_the_same_key(of, report_fields):
    for name in ("supervisor-1", "supervisor-2"):
        assert of(name).post(CASES, report_fields, key=KEY).status_code == 201
    assert Case.objects.count() == 2


@pytest.mark.parametrize("key", ["x", "1", "not-a-uuid", "0" * 100])
def test_a_key_is_a_uuid(of, report_fields, key):
    answer = of("supervisor-1").post(CASES, report_fields, key=key)
    assert (answer.status_code, list(answer.body["fields"])) == (400, ["Idempotency-Key"])


def test_an_action_repeated_with_its_key_is_done_once(of, make_case):
    case = make_case()
    body = {"version": case.version}
    first = of("acceptor-1").post(f"{CASES}{case.number}/accept/", body, key=KEY)
    second = of("acceptor-1").post(f"{CASES}{case.number}/accept/", body, key=KEY)
    assert first.status_code == second.status_code == 200
    assert first.body == second.body
    assert Event.objects.filter(case=case, action="accept").count() == 1


def test_without_a_key_the_repetition_is_a_conflict(of, make_case):
    case = make_case()
    body = {"version": case.version}
    assert of("acceptor-1").post(f"{CASES}{case.number}/accept/", body).status_code == 200
    again = of("acceptor-1").post(f"{CASES}{case.number}/accept/", body)
    assert (again.status_code, again.body["code"]) == (409, "stale_version")


def test_a_key_of_one_case_does_not_answer_for_another(of, make_case):
    one, other = make_case(), make_case()
    assert (
        of("acceptor-1").post(f"{CASES}{one.number}/accept/", {"version": 1}, key=KEY).status_code
        == 200
    )
    answer = of("acceptor-1").post(f"{CASES}{other.number}/accept/", {"version": 1}, key=KEY)
    assert answer.body["code"] == "key_reused"


def test_asking_and_answering_are_done_once_too(of, make_case):
    case = make_case("HANDLING")
    ask = {
        "kind": "RETURN",
        "reason_code": "not_ours",
        "reason": "非本单位职责",
        "version": case.version,
    }
    for _number in range(2):
        asked = of("department-s201").post(f"{CASES}{case.number}/requests/", ask, key=KEY)
        assert asked.status_code == 200
    assert case.requests.count() == 1
    request = case.requests.get()
    answer = {"version": asked.body["version"]}
    for _number in range(2):
        path = f"{CASES}{case.number}/requests/{request.pk}/approve/"
        assert of("dispatcher-1").post(path, answer, key=KEY).status_code == 200
    assert Event.objects.filter(case=case, action="approve_return").count() == 1


@pytest.fixture
def accepted(of, report_fields):
    """Two reports of named citizens, each accepted with a key of its own: what was sent."""
    sent = []
    for number, name in enumerate(("王小明", "李晓红")):
        fields = {
            **report_fields, "source": "LEADER", "description": f"{name}家门口",
            "reporter": {"name": name, "phone": f"1380000111{number}"},
        }  # fmt: skip
        case = of("acceptor-1").post(CASES, fields).body
        body = {"version": 1}
        path, key = f"{CASES}{case['number']}/accept/", uuid.UUID(int=number)
        assert of("acceptor-1").post(path, body, key=key).body["reporter"]["name"] == name
        sent.append((case["number"], path, body, key))
    return sent


def kept_answers():
    """What is kept, as the letters stand in it; who reported never is (domain law §1)."""
    kept = "".join(IdempotencyKey.objects.values_list("answer", flat=True))
    assert "1380000" not in kept
    return kept.encode().decode("unicode_escape")


@pytest.mark.parametrize("more", [(), ("--words",)], ids=["the reporter", "his words"])
def test_what_is_purged_on_demand_goes_from_the_kept_answers_too(of, accepted, more):
    (number, path, body, key), (other, *_rest) = accepted
    assert "王小明家" in kept_answers()
    call_command("purge_personal_data", "--case", number, *more)
    assert "王小明家" not in kept_answers()
    assert "李晓红家" in kept_answers()
    again = of("acceptor-1").post(path, body, key=key)
    assert (again.status_code, again.body) == (200, {"number": number})
    assert Event.objects.filter(case__number=number, action="accept").count() == 1
    assert Event.objects.filter(case__number=other, action="purge_words").count() == 0


def test_what_is_purged_in_time_goes_from_the_answers_that_are_younger(of, accepted, clock):
    clock.move(minutes=5)
    number = accepted[0][0]
    fields = {"version": 2, "reason": "不予立案"}
    path = f"{CASES}{number}/not_file/"
    assert of("duty-chief-1").post(path, fields, key=KEY).status_code == 200
    clock.move(days=2)
    assert "王小明家" in kept_answers()
    assert purge_due(at=clock.now, days=1) == 1
    assert "王小明家" not in kept_answers()
    assert "李晓红家" in kept_answers()


def test_a_refused_request_keeps_no_key(of, make_case):
    case = make_case()
    of("acceptor-1").post(f"{CASES}{case.number}/close/", {"version": 1}, key=KEY)
    assert not IdempotencyKey.objects.exists()
