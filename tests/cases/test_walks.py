"""Random walks through the engine: whatever people try, the case stays lawful (issue 2, §6)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from cases.models import Case, Event, Task
from cases.services.history import first_broken
from cases.workflow import ENDED, OPEN, TABLE, UNFILED_ENDS, State, choose, judge
from dispatch.actions import ACTIONS, Told, answer, carry_out
from dispatch.models import Request, Turn
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Refused
from tests.cases.test_stays import check_tiled
from tests.district import USERS
from tests.photos import prepared

STEPS = 40
SEEDS = range(6)
# Rarely tried, so that walks are long: what ends a case early, and what moves nothing.
SELDOM = {
    "not_accept", "not_file", "ask_void", "force_close", "merge", "send_back_to_accept",
    "send_back_to_file", "amend", "supplement", "urge", "supervise",
}  # fmt: skip
STANDS_ON_A_STANDARD = {"HANDLING", "SUSPENDED", "TO_CHECK", "CHECKING", "TO_CLOSE"}
HANDS_REACHED = {"VERIFYING", "HANDLING", "TO_CHECK", "CHECKING", "TO_CLOSE", "CLOSED"}
HANDS = [name for name in USERS if not name.startswith(("client", "administrator", "official"))]


class Wanderer:
    """Tries anything by anybody at any time, and remembers what was possible."""

    def __init__(self, walk, seed):
        self.dice = random.Random(seed)
        self.done = Counter()
        self.walk = walk
        self.begin()

    def begin(self):
        """Report a new case; the last one has ended."""
        self.finished = False
        self.going = self.walk(
            entry=self.dice.choice(["rubbish", "stall", "handbills", "cover"]),
            cell=self.dice.choice([(1, 1), (0, 2), (2, 0)]),
            by=self.dice.choice(["supervisor-1", "acceptor-1"]),
        )

    @property
    def case(self) -> Case:
        return self.going.case

    def step(self):
        if self.case.state in ENDED and self.dice.random() < 0.5:
            self.begin()
        self.going.now += timedelta(minutes=self.dice.choice([1, 3, 10, 45]))
        if self.dice.random() < 0.15:
            sweep_timers(at=self.going.now)
            self.check()
        else:
            self.try_something()

    def try_something(self):
        dice, case = self.dice, self.case
        request = Request.objects.filter(case=case, state="open").first()
        before = (case.version, case.last_seq, case.state)
        name = self.wish(case)
        try:
            if request is not None and dice.random() < 0.5:
                name = dice.choice(["approve", "refuse", "withdraw"])
                answer(name, request.pk, self.told(dice.choice(HANDS)))
            else:
                carry_out(name, self.told(self.likely_hand(case, name), ACTIONS[name]))
        except Refused:
            after = self.case
            assert (after.version, after.last_seq, after.state) == before
        else:
            self.done[name] += 1
            self.check()

    def wish(self, case):
        """Any action; mostly one that the table knows here, seldom one that ends the case."""
        dice = self.dice
        here = {row.action for row in TABLE if case.state in row.sources} & set(ACTIONS)
        name = dice.choice(sorted(here or ACTIONS if dice.random() < 0.8 else ACTIONS))
        return self.wish(case) if name in SELDOM and dice.random() < 0.8 else name

    def likely_hand(self, case, action):
        """Mostly somebody whose role may act, so that walks get far."""
        able = [
            name
            for name in HANDS
            if judge(State(case.state), action, frozenset(USERS[name])).allowed
        ]
        task = Task.objects.filter(case=case, ended_at=None).first()
        turn = Turn.objects.filter(case=case, ended_at=None).first()
        if task and task.assignee.username in able:
            able = [task.assignee.username] * 3 + able
        if turn and f"department-{turn.department.code}" in able:
            able = [f"department-{turn.department.code}"] * 3 + able
        return self.dice.choice(able or HANDS)

    def told(self, name, action=None):
        dice, case = self.dice, self.case
        standards = case.catalogue_class.standards.order_by("pk").values_list("pk", flat=True)
        said = {
            "reason": "现场情况有变", "waiver": "电话已核实", "result": "已处置完毕",
            "description": f"补充说明{dice.random()}",
            "outcome": dice.choice(["confirmed", "not_true"]),
            "standard": dice.choice([*standards, None]),
            "department": dice.choice(["s201", "d101", "w301"]), "reason_code": "not_ours",
        }  # fmt: skip
        wants_photos = action is not None and action.photos
        return Told(
            number=case.number,
            actor=self.going.actor(name),
            at=self.going.now,
            version=case.version if dice.random() < 0.95 else max(case.version - 1, 1),
            said={
                key: said[key] for key in (action.fields if action else ["reason"]) if key in said
            },
            photos=[prepared("after")] if wants_photos else [],
        )

    def check(self):
        """What holds after every step, whatever it was."""
        case = self.case
        assert first_broken(case) is None
        check_tiled(case)
        last = case.events.order_by("seq").last()
        assert last.to_state == case.state
        if case.state in STANDS_ON_A_STANDARD:
            assert case.standard_id
            assert case.limit_value
        self.finished = self.finished or case.ever_finished
        if self.finished:
            assert case.ever_finished
            assert case.state not in UNFILED_ENDS | {State.VOIDED}
        open_turns = Turn.objects.filter(case=case, ended_at=None).count()
        assert open_turns == (case.state in STANDS_ON_A_STANDARD)
        running = Turn.objects.filter(case=case, running_since__isnull=False)
        assert running.count() == (case.state == State.HANDLING)
        open_tasks = Task.objects.filter(case=case, ended_at=None).count()
        assert open_tasks == (case.state in {State.VERIFYING, State.CHECKING})
        assert (case.due_at is not None) == (case.state in OPEN)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_tried_the_case_stays_lawful(walk, seed):
    wanderer = Wanderer(walk, seed)
    for _number in range(STEPS):
        wanderer.step()
    for event in Event.objects.exclude(from_state=""):
        assert choose(State(event.from_state), event.action, State(event.to_state))
    assert wanderer.done


def test_walks_reach_every_hand(walk):
    """The walks above are worth something only if they come to handling, checking and an end."""
    wanderer = Wanderer(walk, seed=2004)
    wanderer.check = lambda: None  # the walks above look at every step
    reached: set[str] = set()
    while not reached >= HANDS_REACHED:
        wanderer.step()
        reached.add(wanderer.case.state)
        assert sum(wanderer.done.values()) < 400, reached
