"""Random hands on one case: whatever they try, the law holds after every step (issue's proof)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from cases.clocks.deadlines import Unit, spent
from cases.models import Case, Stay, Task
from cases.services.accepting import accept_case, not_accept_case
from cases.services.filing import not_file_case, send_back_to_accept
from cases.services.tasks import recall_task
from cases.services.transition import chain_sha256
from cases.services.verifying import answer_verification, send_verify
from cases.workflow import ENDED, State, judge
from dispatch.models import Request, Turn, TurnEnd
from dispatch.selectors.departments import calendar_of_department
from dispatch.services.checking import close_case, fail_check, pass_check, refuse_close, send_check
from dispatch.services.handling import (
    dispatch_case,
    file_case,
    finish_case,
    reassign_case,
    send_back_to_file,
    withdraw_finish,
)
from dispatch.services.reviews import (
    approve_request,
    ask_request,
    refuse_request,
    withdraw_request,
)
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Actor, Refused
from tests.district import TestDistrict
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

WITH_TURN = {State.HANDLING, State.TO_CHECK, State.CHECKING, State.TO_CLOSE}
HANDS = (
    "supervisor-1", "supervisor-2", "acceptor-1", "duty-chief-1", "duty-chief-2", "dispatcher-1",
    "department-s201", "department-d101", "official-1", "administrator",
)  # fmt: skip


def moves(walk: Walk, actor: Actor, draw: Random) -> dict[str, Callable[[], Any]]:
    """Everything that somebody might try on the case now."""
    case = walk.case
    base: dict[str, Any] = {"number": case.number, "actor": actor, "at": walk.now}
    seen = base | {"version": case.version}
    why = seen | {"reason": "理由"}
    code = draw.choice(["s201", "d101", "w301"])
    waiting = Request.objects.filter(case=case, state="open").first()
    review = seen | {"request_id": waiting.pk if waiting else 0}
    standard = case.catalogue_class.standards.first()
    assert standard is not None
    photo = {"photos": [PHOTO]}
    asked = why | {"reason_code": "not_ours", "department": code}
    return {
        "send_verify": lambda: send_verify(**seen),
        "verify": lambda: answer_verification(**base, **photo, outcome="confirmed"),
        "accept": lambda: accept_case(**seen),
        "not_accept": lambda: not_accept_case(**why),
        "send_back_to_accept": lambda: send_back_to_accept(**why),
        "file": lambda: file_case(**seen, standard_id=standard.pk),
        "not_file": lambda: not_file_case(**why),
        "dispatch": lambda: dispatch_case(**seen, department=code),
        "send_back_to_file": lambda: send_back_to_file(**why),
        "reassign": lambda: reassign_case(**why, department=code),
        "finish": lambda: finish_case(**seen, **photo, result="完毕"),
        "withdraw_finish": lambda: withdraw_finish(**why),
        "send_check": lambda: send_check(**seen),
        "recall": lambda: recall_task(**why),
        "pass": lambda: pass_check(**base, **photo),
        "fail": lambda: fail_check(**base, **photo, reason="未处置"),
        "close": lambda: close_case(**seen),
        "refuse_close": lambda: refuse_close(**why),
        "ask_return": lambda: ask_request(**asked, kind="RETURN"),
        "ask_void": lambda: ask_request(**why, kind="VOID"),
        "ask_designation": lambda: ask_request(**asked, kind="DESIGNATION"),
        "approve": lambda: approve_request(**review),
        "refuse": lambda: refuse_request(**review, reason="不同意"),
        "withdraw": lambda: withdraw_request(**review),
    }


PHOTO = prepared("after")
RARELY = {"close", "not_accept", "not_file", "send_back_to_accept", "send_back_to_file", "ask_void"}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_anybody_tries_the_law_holds(district: TestDistrict, seed: int) -> None:
    draw = Random(seed)
    entry = draw.choice(["rubbish", "stall", "illegal_building", "small_advert", "toilet"])
    walk = start(district=district, entry=entry)
    actors = [walk.actor(name) for name in HANDS]
    for _step in range(30):
        walk.now += timedelta(seconds=draw.choice([1, 60, 600, 3600, 40_000]))
        if not somebody_moves(walk, actors, draw):
            break
        if draw.random() < 0.2:
            assert sweep_timers(at=walk.now).failed == 0
        holds(walk.case)
    assert walk.case.version > 1


def somebody_moves(walk: Walk, actors: list[Actor], draw: Random) -> bool:
    """Let hands try in random order until one may; those refused have moved nothing."""
    case = walk.case
    tries = [
        (actor, name, act)
        for actor in actors
        for name, act in moves(walk, actor, draw).items()
        # what the table refuses is tried now and then
        if draw.random() < (0.95 if table_allows(case, name, actor) else 0.03)
        and (name not in RARELY or draw.random() < 0.1)
    ]
    draw.shuffle(tries)
    for _actor, _name, act in tries:
        try:
            act()
        except Refused:
            assert (walk.case.version, walk.case.last_seq) == (case.version, case.last_seq)
            continue
        assert walk.case.last_seq > case.last_seq
        return True
    return case.state not in ENDED


ACTION_OF = {
    "recall": "recall_task", "pass": "check_passed", "fail": "check_failed",
    "approve": "approve_request", "refuse": "refuse_request", "withdraw": "withdraw_request",
}  # fmt: skip


def table_allows(case: Case, name: str, actor: Actor) -> bool:
    return judge(State(case.state), ACTION_OF.get(name, name), actor.roles).allowed


def holds(case: Case) -> None:
    turns = list(Turn.objects.filter(case=case).order_by("number"))
    open_turns = [turn for turn in turns if turn.ended_at is None]
    assert len(open_turns) == (case.state in WITH_TURN)
    assert [turn.number for turn in turns] == list(range(1, len(turns) + 1))
    if case.state in WITH_TURN:
        assert case.standard_id is not None
    for turn in turns:
        assert (turn.running_since is not None) == (
            turn in open_turns and case.state == State.HANDLING
        )
    if case.state == State.HANDLING:
        assert case.due_at == open_turns[0].due_at
    if case.ever_finished:
        assert case.state not in {State.NOT_ACCEPTED, State.NOT_FILED, State.VOIDED}
    waiting = Request.objects.filter(case=case, state="open").count()
    assert waiting == 0 or case.state in {State.HANDLING, State.TO_DISPATCH}
    tasks = Task.objects.filter(case=case, ended_at=None).count()
    assert tasks == (case.state in {State.VERIFYING, State.CHECKING})
    stays_tile(case)
    time_used_is_time_handled(case, turns)
    chain_is_whole(case)


def stays_tile(case: Case) -> None:
    stays = list(Stay.objects.filter(case=case).order_by("seq"))
    assert stays[0].began_at == case.reported_at
    assert all(before.ended_at == after.began_at for before, after in pairwise(stays))
    assert stays[-1].ended_at == case.ended_at
    if case.ended_at is None:
        assert (stays[-1].state, stays[-1].due_at) == (case.state, case.due_at)


def time_used_is_time_handled(case: Case, turns: list[Turn]) -> None:
    """A turn has used what its stays in HANDLING took; a withdrawn finish adds the time between."""
    if case.events.filter(action="withdraw_finish").exists():
        return
    handled = [stay for stay in case.stays.all() if stay.state == State.HANDLING and stay.ended_at]
    for turn in turns:
        if turn.end_kind == TurnEnd.FORCED:
            continue  # by the clock it ended when that was due, the stay when it was swept
        calendar = calendar_of_department(turn.department_id)
        expected = sum(
            (
                spent(stay.began_at, stay.ended_at, Unit(turn.limit_unit), calendar)
                for stay in handled
                if stay.began_at >= turn.began_at
                and stay.ended_at <= (turn.ended_at or stay.ended_at)
            ),
            timedelta(),
        )
        assert turn.used == expected
        if turn.used > turn.allowed:
            assert turn.overdue_at is not None
        if turn.finish_in_time:
            assert turn.used <= turn.allowed


def chain_is_whole(case: Case) -> None:
    last = bytes(32)
    for seq, event in enumerate(case.events.order_by("seq"), 1):
        assert (event.seq, bytes(event.prev_sha256)) == (seq, last)
        last = chain_sha256(event, case.number)
        assert bytes(event.sha256) == last
    assert (case.last_seq, bytes(case.last_sha256)) == (seq, last)
