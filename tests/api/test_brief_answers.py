"""`Prefer: return=minimal` (RFC 7240): where the case stands, and nothing else is read."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import CASES

BRIEF = {"number", "status", "status_label", "version", "due_at", "ended_at"}
MINIMAL = "return=minimal"


@pytest.fixture
def accept(of, make_case):
    """`accept(prefer)`: a fresh report is accepted; the answer and how many queries it took."""

    def do(prefer="", **more):
        case = make_case("REPORTED")
        with CaptureQueriesContext(connection) as captured:
            answer = of("acceptor-1").post(
                f"{CASES}{case.number}/accept/", version=case.version, prefer=prefer, **more
            )
        case.refresh_from_db()
        return case, answer, len(captured)

    return do


def test_an_action_answers_where_the_case_stands_and_reads_nothing_for_it(accept):
    accept()  # what each process keeps is read
    _case, whole, many = accept()
    case, brief, few = accept(MINIMAL)
    assert (whole.status_code, brief.status_code) == (200, 200)
    assert set(brief.body) == BRIEF < set(whole.body)
    assert (brief.body["number"], brief.body["status"], brief.body["version"]) == (
        case.number, "TO_FILE", case.version,
    )  # fmt: skip
    assert brief.body["due_at"] is not None
    assert few < many - 5


@pytest.mark.parametrize(
    ("prefer", "is_brief"),
    [
        ("return=minimal", True),
        ("Return=Minimal; wait=10", True),
        ("respond-async, return=minimal", True),
        ("return=representation", False),
        ("minimal", False),
    ],
)
def test_of_several_wishes_the_one_counts(accept, prefer, is_brief):
    _case, answer, _queries = accept(prefer)
    assert (set(answer.body) == BRIEF) is is_brief


def test_the_same_key_gives_the_same_brief_answer_again(of, make_case):
    case, key = make_case("REPORTED"), uuid.uuid4()
    said = {"version": case.version, "prefer": MINIMAL, "key": key}
    first = of("acceptor-1").post(f"{CASES}{case.number}/accept/", **said)
    again = of("acceptor-1").post(f"{CASES}{case.number}/accept/", **said)
    assert first.body == again.body
    case.refresh_from_db()
    assert case.events.filter(action="accept").count() == 1


def test_asking_and_answering_are_brief_too(of, make_case):
    case = make_case("HANDLING", entry="illegal_building")
    asked = of("department-s201").post(
        f"{CASES}{case.number}/requests/", version=case.version, kind="RETURN",
        reason_code="not_ours", reason="不属于本单位职责", prefer=MINIMAL,
    )  # fmt: skip
    assert (asked.status_code, set(asked.body)) == (200, BRIEF)
    waiting = case.requests.get()
    answered = of("dispatcher-1").post(
        f"{CASES}{case.number}/requests/{waiting.pk}/approve/", version=asked.body["version"],
        prefer=MINIMAL,
    )  # fmt: skip
    assert (answered.status_code, answered.body["status"]) == (200, "TO_DISPATCH")
    assert set(answered.body) == BRIEF


def test_a_refusal_says_all_it_has_to_say(of, make_case):
    case = make_case("REPORTED")
    refused = of("duty-chief-1").post(
        f"{CASES}{case.number}/accept/", version=case.version, prefer=MINIMAL
    )
    assert refused.status_code == 403
    assert refused.body["detail"]
