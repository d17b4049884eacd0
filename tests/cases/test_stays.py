"""Stays tile the life of a case; stage clocks begin, go on and begin anew (domain law §6.2)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from cases.models import Stay
from cases.services.filing import send_back_to_accept
from cases.workflow import ENDED
from tests.factories import PATHS

MINUTE = timedelta(minutes=1)


def check_tiled(case) -> list[Stay]:
    """Raise unless the stays of a case cover its life without gap or overlap."""
    stays = list(case.stays.order_by("seq"))
    assert stays[0].began_at == case.reported_at
    for before, after in pairwise(stays):
        assert before.ended_at == after.began_at
        assert before.seq < after.seq
    if case.state in ENDED:
        assert stays[-1].ended_at == case.ended_at
        assert case.due_at is None
    else:
        assert stays[-1].ended_at is None
        assert (stays[-1].state, stays[-1].due_at) == (case.state, case.due_at)
        assert stays[-1].began_at == case.state_since
    assert all(stay.actor_role for stay in stays if stay.ended_at)
    return stays


@pytest.mark.parametrize("state", sorted(PATHS))
def test_stays_tile_the_life_of_every_walk(make_case, state):
    check_tiled(make_case(state))


@pytest.mark.parametrize(
    ("state", "minutes"),
    [
        ("REPORTED", 15), ("VERIFYING", 30), ("TO_FILE", 15), ("TO_DISPATCH", 15),
        ("TO_CHECK", 15), ("CHECKING", 30), ("TO_CLOSE", 30),
    ],
)  # fmt: skip
def test_every_desk_has_its_minutes(make_case, state, minutes):
    case = make_case(state)
    assert case.due_at == case.state_since + minutes * MINUTE
    assert case.green_until == case.state_since + minutes * MINUTE * 0.8


def test_acceptance_goes_on_after_verification(walk):
    going = walk()
    going.now += 4 * MINUTE
    going.step("send_verify")
    going.now += 20 * MINUTE
    case = going.step("verify")
    # Five of its fifteen minutes were used before the verification.
    stay = case.stays.get(ended_at=None)
    assert (stay.used_before_s, stay.limit_s) == (300, 900)
    assert case.due_at == going.now + 10 * MINUTE
    check_tiled(case)


def test_acceptance_used_up_before_verification_is_late_on_return(walk):
    going = walk()
    going.now += 30 * MINUTE
    going.step("send_verify")
    case = going.step("verify")
    assert case.due_at == going.now
    assert check_tiled(case)[0].in_time is False


def test_acceptance_begins_anew_after_being_sent_back(walk, district):
    going = walk("TO_FILE")
    going.now += 10 * MINUTE
    case = send_back_to_accept(
        number=going.number, actor=district.actor("duty-chief-1"), at=going.now,
        version=going.case.version, reason="类别待核",
    )  # fmt: skip
    assert case.due_at == going.now + 15 * MINUTE
    assert case.stays.get(ended_at=None).used_before_s == 0


def test_a_stage_that_ends_at_its_due_instant_is_in_time_and_a_second_later_late(walk):
    for late in (False, True):
        going = walk()
        going.now = going.case.due_at - MINUTE + timedelta(seconds=late)
        going.step("accept")
        assert going.case.stays.get(state="REPORTED").in_time is not late


def test_an_action_recorded_with_an_earlier_clock_still_tiles(walk, district):
    """Two web servers whose clocks differ by a second must not make a stay of negative length."""
    going = walk("TO_FILE")
    case = send_back_to_accept(
        number=going.number, actor=district.actor("duty-chief-1"),
        at=going.now - timedelta(seconds=1), version=going.case.version, reason="类别待核",
    )  # fmt: skip
    check_tiled(case)
