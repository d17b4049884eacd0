"""A machine that lets random roles do random things in any order: all invariants hold (law §§3–6).

Hypothesis chooses the steps and shortens what fails. Each run begins with a fresh report and is
taken back at its end.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cases.models import Case, Event, Stay, Task
from cases.services.history import first_broken
from cases.workflow import ENDED, OPEN, UNFILED_ENDS, State, choose, judge
from dispatch.actions import ACTIONS, ANSWERS, Told, answer, carry_out
from dispatch.models import Request, RequestStep, Turn
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Refused
from tests.cases.test_stays import check_tiled
from tests.dispatch.test_walks import time_used_is_time_handled
from tests.district import USERS, TestDistrict
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

ENTRIES = ("rubbish", "stall", "illegal_building", "toilet", "cover")
BEGINS = (
    State.REPORTED, State.TO_FILE, State.TO_DISPATCH, State.HANDLING, State.HANDLING,
    State.TO_CHECK, State.CHECKING, State.TO_CLOSE, State.CLOSED,
)  # fmt: skip
HANDS = sorted(name for name in USERS if not name.startswith(("client", "administrator")))
WITH_TURN = {State.HANDLING, State.SUSPENDED, State.TO_CHECK, State.CHECKING, State.TO_CLOSE}
MINUTES = (1, 2, 5, 20, 45, 180, 1440, 3 * 1440)
PHOTO = prepared("after")


class Desks(RuleBasedStateMachine):
    """Everybody who works on two cases that may be the same matter."""

    district: TestDistrict
    done: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.taken_back = transaction.atomic()
        self.taken_back.__enter__()
        self.finished: set[int] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.taken_back.__exit__(None, None, None)

    @initialize(entry=st.sampled_from(ENTRIES), state=st.sampled_from(BEGINS))
    def report(self, entry: str, state: State) -> None:
        """One case somewhere on its way, and a report that may be the same matter."""
        self.walks = [
            start(district=self.district, entry=entry, state=one) for one in (state, State.REPORTED)
        ]
        self.now = self.walks[0].now

    # ------------------------------------------------------------ what anybody may try

    @rule(data=st.data(), which=st.sampled_from([0, 0, 0, 1]))
    def do_what_the_table_allows(self, data: st.DataObject, which: int) -> None:
        case = self.walks[which].case
        able = [
            (name, action)
            for action in sorted(ACTIONS)
            for name in self.hands_of(case, action)
            if action not in {"supplement", "urge", "supervise", "amend"}
        ]
        if able:
            name, action = data.draw(st.sampled_from(able))
            self.attempt(data, which, name, action)

    @rule(data=st.data(), name=st.sampled_from(HANDS), action=st.sampled_from(sorted(ACTIONS)))
    def do_anything(self, data: st.DataObject, name: str, action: str) -> None:
        self.attempt(data, 0, name, action)

    @rule(data=st.data(), key=st.sampled_from(sorted(ANSWERS)), name=st.sampled_from(HANDS))
    def answer_a_request(self, data: st.DataObject, key: str, name: str) -> None:
        step = RequestStep.objects.filter(ended_at=None).select_related("request").first()
        if step is None:
            return
        if data.draw(st.booleans()):  # whoever has to answer
            name = data.draw(st.sampled_from(self.reviewers(step)))
        number = step.request.case.number
        which = next(n for n, walk in enumerate(self.walks) if walk.number == number)
        told = self.told(data, which, name, {"reason"})
        self.refused_or_done(which, key, lambda: answer(key, step.request_id, told))

    @rule(minutes=st.sampled_from(MINUTES), sweeps=st.booleans())
    def let_time_pass(self, minutes: int, sweeps: bool) -> None:
        self.now += timedelta(minutes=minutes)
        if sweeps:
            assert sweep_timers(at=self.now).failed == 0

    # ------------------------------------------------------------ how it is tried

    def hands_of(self, case: Case, action: str) -> list[str]:
        """Whose role may act here; of departments and supervisors those who have it at hand."""
        task = Task.objects.filter(case=case, ended_at=None).first()
        turn = Turn.objects.filter(case=case, ended_at=None).first()
        at_hand = {"acceptor-1", "duty-chief-1", "duty-chief-2", "dispatcher-1", "official-1"}
        if task is not None:
            at_hand.add(task.assignee.username)
        if turn is not None:
            code = turn.department.code
            at_hand |= {f"department-{code}", f"department-{code}-lead"}
        return [
            name
            for name in HANDS
            if name in at_hand and judge(State(case.state), action, frozenset(USERS[name])).allowed
        ]

    def reviewers(self, step: RequestStep) -> list[str]:
        if step.reviewer_role != "department":
            role = step.reviewer_role.replace("_", "-")
            return [f"{role}-1", f"{role}-2"]
        turn = step.request.turn
        assert turn is not None
        return [f"department-{turn.department.code}-lead"]

    def attempt(self, data: st.DataObject, which: int, name: str, action: str) -> None:
        declared = ACTIONS[action]
        told = self.told(data, which, name, set(declared.fields), photos=bool(declared.photos))
        self.refused_or_done(which, action, lambda: carry_out(action, told))

    def told(
        self, data: st.DataObject, which: int, name: str, fields: set[str], *, photos: bool = False
    ) -> Told:
        case: Case = self.walks[which].case
        standards = case.catalogue_class.standards.order_by("pk").values_list("pk", flat=True)
        today = self.now.date()
        said: dict[str, Any] = {
            "reason": "现场情况有变", "waiver": "电话已核实", "result": "已处置完毕",
            "description": "补充说明", "reason_code": "not_ours", "valid": True,
            "leading": self.walks[1 - which].number, "successor": True,
        } | ({
            "outcome": data.draw(st.sampled_from(["confirmed", "not_true"])),
        } if "outcome" in fields else {}) | ({
            "standard": data.draw(st.sampled_from(list(standards))),
        } if "standard" in fields else {}) | ({
            "department": data.draw(st.sampled_from(["s201", "d101", "w301"])),
        } if "department" in fields else {}) | ({
            "until": today + timedelta(days=data.draw(st.sampled_from([0, 1, 20, 400]))),
        } if "until" in fields else {}) | ({
            "fact": data.draw(st.sampled_from(["overdue", "failed_check", "refused_return"])),
        } if "fact" in fields else {})  # fmt: skip
        assert isinstance(said.get("until", today), date)
        return Told(
            number=case.number, actor=self.walks[which].actor(name), at=self.now,
            version=case.version, said={key: said[key] for key in sorted(fields) if key in said},
            photos=[PHOTO] if photos else [],
        )  # fmt: skip

    def refused_or_done(self, which: int, action: str, act: Any) -> None:
        """Whatever is refused has moved nothing."""
        before = self.walks[which].case
        try:
            with transaction.atomic():
                act()
        except Refused:
            after = self.walks[which].case
            assert (after.version, after.last_seq, after.state) == (
                before.version, before.last_seq, before.state,
            )  # fmt: skip
        else:
            self.done.add(action)

    # ------------------------------------------------------------ what holds after every step

    @invariant()
    def every_case_is_lawful(self) -> None:
        for case in Case.objects.order_by("pk"):
            self.check_case(case)

    def check_case(self, case: Case) -> None:
        assert first_broken(case) is None
        check_tiled(case)
        open_stays = Stay.objects.filter(case=case, ended_at=None)
        assert [stay.state for stay in open_stays] == ([] if case.state in ENDED else [case.state])
        turns = list(Turn.objects.filter(case=case).order_by("number"))
        open_turns = [turn for turn in turns if turn.ended_at is None]
        assert len(open_turns) == (case.state in WITH_TURN)
        running = [turn for turn in turns if turn.running_since is not None]
        assert len(running) == (case.state == State.HANDLING)
        if running:
            assert case.due_at == running[0].due_at
        tasks = Task.objects.filter(case=case, ended_at=None).count()
        assert tasks == (case.state in {State.VERIFYING, State.CHECKING})
        waiting = Request.objects.filter(case=case, state="open").exclude(kind="APPEAL")
        assert waiting.count() <= 1
        assert RequestStep.objects.filter(request__in=waiting, ended_at=None).count() == (
            waiting.count()
        )
        assert (case.due_at is not None) == (case.state in OPEN)
        time_used_is_time_handled(case, turns)
        self.check_it_stays_in_the_figures(case)

    def check_it_stays_in_the_figures(self, case: Case) -> None:
        """What was once finished, and so may have failed its check, leaves them by no path."""
        if case.pk in self.finished:
            assert case.ever_finished
        if case.ever_finished:
            self.finished.add(case.pk)
            assert case.filed_at is not None
            assert case.state not in UNFILED_ENDS | {State.VOIDED}

    @invariant()
    def every_event_is_a_row_of_the_table(self) -> None:
        for event in Event.objects.exclude(from_state=""):
            assert choose(State(event.from_state), event.action, State(event.to_state))


def test_whatever_random_roles_do_in_any_order_the_law_holds(district: TestDistrict) -> None:
    Desks.district = district
    run_state_machine_as_test(
        Desks,
        settings=settings(
            max_examples=8, stateful_step_count=30, deadline=None, derandomize=True,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    # The machine is worth something only if its steps lead far into the law.
    assert len(Desks.done) >= 12, Desks.done
