"""Whoever a turn back concerns hears of it: reopening, reconsideration, voiding (law §§2, 4)."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Delivery, Webhook
from cases.models.notice import Channel, NoticeKind
from cases.services.ending import reconsider_case
from cases.services.merging import merge_case
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.services.reopening import reopen_case
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
CALLER = ReporterInput("王小明", "13800001111", True)
CLEANERS = {"department-s201", "department-s201-lead"}
DISPATCHERS = {"dispatcher-1", "dispatcher-2"}


def heard(walk: Walk, kind: NoticeKind, channel: Channel = Channel.INBOX) -> set[str]:
    """Who is owed such a notice under this number."""
    rows = Delivery.objects.filter(case__number=walk.number, kind=kind, channel=channel)
    return set(rows.values_list("receiver__username", flat=True))


def reported(district: TestDistrict, by: str, state: State = State.REPORTED) -> Walk:
    """Of the hotline's client, or of an acceptor who was called: he is the first contact then."""
    if by == "client-1":
        Webhook.objects.create(
            receiver=district.user(by), url="https://hears.example/", secret="whsec_c2VjcmV0",
            set_at=at(),
        )  # fmt: skip
        walk = start(district=district, by=by)
        walk.step("send_verify")
        walk.step("verify")
    else:
        walk = start(district=district, by=by, source="LEADER", reporter=CALLER)
    for step in STEPS[state]:
        walk.step(step)
    return walk


STEPS: dict[State, tuple[str, ...]] = {
    State.REPORTED: (),
    State.TO_DISPATCH: ("accept", "file"),
    State.HANDLING: ("accept", "file", "dispatch"),
    State.CLOSED: (
        "accept", "file", "dispatch", "finish", "send_check", "check_passed", "close",
    ),
    State.NOT_ACCEPTED: ("not_accept",),
    State.NOT_FILED: ("accept", "not_file"),
}  # fmt: skip


def merged(district: TestDistrict, lead: Walk, by: str) -> Walk:
    member = start(district=district, by=by)
    member.now = lead.now
    merge_case(**member._said("acceptor-2", leading=lead.number, reason="同一处"))
    return member


def turned_back(act: Any, walk: Walk) -> None:
    act(**walk._said("duty-chief-1", reason="复查仍未清理"))


def test_of_a_reopening_hear_reporters_by_their_number_department_desk_and_first_contact(
    district: TestDistrict,
) -> None:
    lead = reported(district, "client-1", State.HANDLING)
    member = merged(district, lead, "supervisor-2")
    for step in STEPS[State.CLOSED][3:]:
        lead.step(step)
    turned_back(reopen_case, lead)
    assert heard(lead, NoticeKind.REOPENED) == {
        "client-1", "acceptor-1", *CLEANERS, *DISPATCHERS,
    }  # fmt: skip
    assert heard(lead, NoticeKind.REOPENED, Channel.WEBHOOK) == {"client-1"}
    assert heard(member, NoticeKind.REOPENED) == {"supervisor-2"}


@pytest.mark.parametrize("end", [State.NOT_ACCEPTED, State.NOT_FILED])
def test_of_a_reconsideration_hear_reporter_and_first_contact(
    district: TestDistrict, end: State
) -> None:
    walk = reported(district, "client-1", end)
    turned_back(reconsider_case, walk)
    assert heard(walk, NoticeKind.REOPENED) == {"client-1", "acceptor-1"}
    assert heard(walk, NoticeKind.REOPENED, Channel.WEBHOOK) == {"client-1"}


def test_of_a_voiding_hear_reporter_first_contact_and_the_department_at_work(
    district: TestDistrict,
) -> None:
    walk = reported(district, "client-1", State.HANDLING)
    walk.step("ask_void")
    walk.step("approve_void")
    assert heard(walk, NoticeKind.ENDED) == {"client-1", "acceptor-1", *CLEANERS}
    assert heard(walk, NoticeKind.ANSWERED) == {"dispatcher-1"}


def test_of_a_voiding_before_the_dispatch_no_department_hears(district: TestDistrict) -> None:
    walk = reported(district, "acceptor-1", State.TO_DISPATCH)
    walk.step("ask_void")
    walk.step("approve_void")
    assert heard(walk, NoticeKind.ENDED) == {"acceptor-1"}


def test_who_is_reporter_and_first_contact_hears_once(district: TestDistrict) -> None:
    walk = reported(district, "acceptor-1", State.CLOSED)
    turned_back(reopen_case, walk)
    rows = Delivery.objects.filter(kind=NoticeKind.REOPENED, receiver__username="acceptor-1")
    assert rows.count() == 1
