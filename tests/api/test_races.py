"""Two at once on one case: one wins, the other gets 409, and there is one event (issue 2, §6)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cases.models import Case, Event, IdempotencyKey, Photo
from cases.services.history import first_broken
from tests.api.conftest import CASES
from tests.photos import upload

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; each has a connection of its own."""
    gate = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=30)
            answers[index] = act()
        except Exception as problem:
            answers[index] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def post(client, case, action, photos=(), **said):
    path = f"{CASES}{case.number}/{action}/"
    return lambda: client.post(path, {"version": case.version, **said}, photos=photos)


def outcome(answers) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.body.get("code", "")) for answer in answers)


def events_of(case, action) -> int:
    return Event.objects.filter(case=case, action=action).count()


@pytest.mark.parametrize("_round", range(3))
def test_two_acceptors_accept_one_case(of, make_case, _round):
    case = make_case()
    answers = at_once(
        post(of("acceptor-1"), case, "accept"), post(of("acceptor-2"), case, "accept")
    )
    assert outcome(answers) == [(200, ""), (409, "stale_version")]
    assert events_of(case, "accept") == 1
    assert first_broken(Case.objects.get(pk=case.pk)) is None


def test_two_duty_chiefs_file_and_refuse_to_file(of, make_case, district):
    case = make_case("TO_FILE")
    answers = at_once(
        post(of("duty-chief-1"), case, "file", standard=district.standard("rubbish").pk),
        post(of("duty-chief-2"), case, "not_file", reason="不符合立案条件"),
    )
    assert outcome(answers) == [(200, ""), (409, "stale_version")]
    assert events_of(case, "file") + events_of(case, "not_file") == 1


def test_two_dispatchers_dispatch_to_two_departments(of, make_case):
    case = make_case("TO_DISPATCH")
    answers = at_once(
        post(of("dispatcher-1"), case, "dispatch", department="s201"),
        post(of("dispatcher-2"), case, "dispatch", department="d101"),
    )
    assert outcome(answers) == [(200, ""), (409, "stale_version")]
    assert case.turns.count() == 1


def test_a_check_sent_by_two_and_one_answer_by_two_hands(of, make_case):
    case = make_case("TO_CHECK")
    answers = at_once(
        post(of("acceptor-1"), case, "send_check"), post(of("acceptor-2"), case, "send_check")
    )
    assert outcome(answers) == [(200, ""), (409, "stale_version")]
    case.refresh_from_db()
    supervisor = of("supervisor-1")
    answers = at_once(
        post(supervisor, case, "check_passed", photos=(upload(),)),
        post(supervisor, case, "check_failed", photos=(upload(),), reason="仍有垃圾"),
    )
    assert [status for status, _code in outcome(answers)] == [200, 409]
    assert events_of(case, "check_passed") + events_of(case, "check_failed") == 1


def test_a_finish_against_a_reassignment(of, make_case):
    case = make_case("HANDLING")
    answers = at_once(
        post(of("department-s201"), case, "finish", photos=(upload(),), result="已清运"),
        post(of("dispatcher-1"), case, "reassign", department="d101", reason="派错单位"),
    )
    assert [status for status, _code in outcome(answers)] == [200, 409]
    case.refresh_from_db()
    assert case.turns.filter(ended_at=None).count() == 1
    # The loser's photo left no row and the winner's did.
    assert Photo.objects.filter(case=case).count() == events_of(case, "finish")


def test_supplements_of_two_are_both_kept(of, make_case):
    case = make_case("HANDLING")
    answers = at_once(
        post(of("acceptor-1"), case, "supplement", description="甲"),
        post(of("department-s201"), case, "supplement", description="乙"),
    )
    assert outcome(answers) == [(200, ""), (200, "")]
    assert events_of(case, "supplement") == 2
    assert first_broken(Case.objects.get(pk=case.pk)) is None


def test_eight_reports_at_once_have_eight_numbers_the_first_of_a_year_too(
    of, district, report_fields
):
    with connection.cursor() as cursor:
        cursor.execute("drop sequence if exists cases_serial_2026")
    clients = [of(f"supervisor-{1 + number % 4}") for number in range(8)]
    answers = at_once(
        *(lambda client=client: client.post(CASES, report_fields) for client in clients)
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.body["number"] for answer in answers}) == 8


@pytest.mark.parametrize("_round", range(3))
def test_the_same_key_twice_at_once_makes_one_case_and_one_answer(of, report_fields, _round):
    key = uuid.uuid4()
    client = of("supervisor-1")
    answers = at_once(*[lambda: client.post(CASES, report_fields, key=key)] * 4)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Case.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_the_same_key_with_other_content_at_once(of, report_fields):
    key = uuid.uuid4()
    client = of("supervisor-1")
    other = {**report_fields, "description": "别的"}
    answers = at_once(
        lambda: client.post(CASES, report_fields, key=key),
        lambda: client.post(CASES, other, key=key),
    )
    assert outcome(answers) == [(201, ""), (409, "key_reused")]
    assert Case.objects.count() == 1


def test_a_key_whose_first_try_is_refused_serves_the_second_that_waited(of, report_fields):
    """The second request waits on the key's row, finds it rolled back, and does the work."""
    key = uuid.uuid4()
    client = of("supervisor-1")
    wrong = {**report_fields, "class_code": "9999"}
    answers = at_once(
        lambda: client.post(CASES, wrong, key=key),
        lambda: client.post(CASES, report_fields, key=key),
    )
    assert outcome(answers) in ([(201, ""), (400, "invalid")], [(201, ""), (409, "key_reused")])
    assert Case.objects.count() == 1
