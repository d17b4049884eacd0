"""Cases in any state, brought there by the transitions that really lead to it.

`CaseFactory(district=…, handling=True)` walks report → accept → file → dispatch; every other
argument describes the report (class, cell, source …) or the instants. `Walk` does single steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import factory

from cases.models import Case, Task
from cases.services.accepting import accept_case, not_accept_case
from cases.services.filing import not_file_case
from cases.services.placing import Place
from cases.services.reporting import ReporterInput, ReportInput, report_case
from cases.services.verifying import answer_verification, send_verify
from cases.workflow import State
from dispatch.models import Turn
from dispatch.services.checking import close_case, pass_check, send_check
from dispatch.services.handling import dispatch_case, file_case, finish_case
from dispatch.services.reviews import approve_request, ask_request
from gridcity.contracts import Actor
from tests.district import TestDistrict, at, point
from tests.photos import prepared

# The steps after the report that lead to each state; sources that need no verification go so.
_TO_CLOSE = ("accept", "file", "dispatch", "finish", "send_check", "check_passed")
PATHS: dict[State, tuple[str, ...]] = {
    State.REPORTED: (),
    State.VERIFYING: ("send_verify",),
    State.TO_FILE: _TO_CLOSE[:1],
    State.TO_DISPATCH: _TO_CLOSE[:2],
    State.HANDLING: _TO_CLOSE[:3],
    State.TO_CHECK: _TO_CLOSE[:4],
    State.CHECKING: _TO_CLOSE[:5],
    State.TO_CLOSE: _TO_CLOSE,
    State.CLOSED: (*_TO_CLOSE, "close"),
    State.NOT_ACCEPTED: ("not_accept",),
    State.NOT_FILED: ("accept", "not_file"),
    State.VOIDED: ("accept", "file", "ask_void", "approve_void"),
}


class Walk:
    """One case and the hands that move it, one minute for each step."""

    def __init__(self, district: TestDistrict, number: str, now: datetime) -> None:
        self.district = district
        self.number = number
        self.now = now

    @property
    def case(self) -> Case:
        return Case.objects.get(number=self.number)

    def step(self, action: str, **said: Any) -> Case:
        """Do one action by the hand whose turn it is; returns the case as it is then."""
        self.walk(action, **said)
        return self.case

    def walk(self, *actions: str, **said: Any) -> None:
        """Do these actions, one after the other."""
        for action in actions:
            self.now += timedelta(minutes=1)
            getattr(self, f"_{action}")(**said)

    def actor(self, name: str) -> Actor:
        return self.district.actor(name)

    @property
    def assignee(self) -> Actor:
        """The supervisor who has the open task."""
        task = Task.objects.select_related("assignee").get(case__number=self.number, ended_at=None)
        return self.actor(task.assignee.username)

    @property
    def department(self) -> Actor:
        """A member of the department whose turn it is."""
        turn = Turn.objects.select_related("department").get(
            case__number=self.number, ended_at=None
        )
        return self.actor(f"department-{turn.department.code}")

    def _said(self, name: str, **more: Any) -> dict[str, Any]:
        actor = self.actor(name)
        version = Case.objects.values_list("version", flat=True).get(number=self.number)
        return {
            "number": self.number, "actor": actor, "at": self.now, "version": version,
        } | more  # fmt: skip

    def _send_verify(self) -> None:
        send_verify(**self._said("acceptor-1"))

    def _verify(self, outcome: str = "confirmed") -> None:
        answer_verification(
            number=self.number, actor=self.assignee, at=self.now, outcome=outcome,
            photos=[prepared("near")],
        )  # fmt: skip

    def _accept(self, waiver: str = "") -> None:
        accept_case(**self._said("acceptor-1", waiver=waiver))

    def _not_accept(self, reason: str = "不属于本区事项") -> None:
        not_accept_case(**self._said("acceptor-1", reason=reason))

    def _file(self, standard: int | None = None, missed: bool | None = None) -> None:
        entry = self.case.catalogue_class
        named = standard or entry.standards.order_by("position").values_list("pk", flat=True)[0]
        file_case(**self._said("duty-chief-1", standard_id=named, missed=missed))

    def _not_file(self, reason: str = "不符合立案条件") -> None:
        not_file_case(**self._said("duty-chief-1", reason=reason))

    def _dispatch(self, department: str = "s201", assistants: Sequence[str] = ()) -> None:
        dispatch_case(
            **self._said("dispatcher-1", department=department, assistants=assistants)
        )  # fmt: skip

    def _finish(self, result: str = "已清运完毕") -> None:
        said = self._said("dispatcher-1", result=result, photos=[prepared("after")])
        finish_case(**said | {"actor": self.department})

    def _send_check(self) -> None:
        send_check(**self._said("acceptor-1"))

    def _check_passed(self) -> None:
        pass_check(number=self.number, actor=self.assignee, at=self.now, photos=[prepared("after")])

    def _close(self) -> None:
        close_case(**self._said("duty-chief-1"))

    def _ask_void(self, reason: str = "重复立案") -> None:
        ask_request(**self._said("dispatcher-1", kind="VOID", reason=reason))

    def _approve_void(self) -> None:
        request = self.case.requests.get(state="open")
        approve_request(**self._said("duty-chief-2", request_id=request.pk))


class CaseFactory(factory.Factory):
    """A case in the state of its trait; without one it has just been reported.

    `cell` is (row, column) of the test district, `entry` a name of its classes.
    """

    class Meta:
        model = Case

    class Params:
        verifying = factory.Trait(state=State.VERIFYING)
        to_file = factory.Trait(state=State.TO_FILE)
        to_dispatch = factory.Trait(state=State.TO_DISPATCH)
        handling = factory.Trait(state=State.HANDLING)
        to_check = factory.Trait(state=State.TO_CHECK)
        checking = factory.Trait(state=State.CHECKING)
        to_close = factory.Trait(state=State.TO_CLOSE)
        closed = factory.Trait(state=State.CLOSED)
        not_accepted = factory.Trait(state=State.NOT_ACCEPTED)
        not_filed = factory.Trait(state=State.NOT_FILED)
        voided = factory.Trait(state=State.VOIDED)

    state = State.REPORTED
    entry = "rubbish"
    cell = (1, 1)
    by = "supervisor-1"
    source = ""
    description = factory.Sequence(lambda n: f"路口东侧堆放垃圾，第{n}处")
    reporter = None
    reported_at = factory.LazyFunction(at)

    @classmethod
    def _create(cls, model_class: type[Case], *args: Any, **said: Any) -> Case:
        return start(**said).case


def start(
    *,
    district: TestDistrict,
    state: State = State.REPORTED,
    entry: str = "rubbish",
    cell: tuple[int, int] = (1, 1),
    by: str = "supervisor-1",
    source: str = "",
    description: str = "路口东侧堆放垃圾",
    reporter: ReporterInput | None = None,
    reported_at: datetime | None = None,
    **report: Any,
) -> Walk:
    """Report a case and walk it to a state; returns the walk, so that a test can go on."""
    found = district.classes[entry]
    if found.kind == "part" and "part_code" not in report:
        report.setdefault("no_part_reason", "现场无编码")
    lon, lat = point(*cell)
    now = reported_at or at()
    case = report_case(
        actor=district.actor(by),
        at=now,
        report=ReportInput(
            kind=found.kind,
            class_code=found.code,
            place=Place(lon, lat, 8.0, "gps"),
            description=description,
            source=source,
            reporter=reporter,
            **report,
        ),
    )
    walk = Walk(district, case.number, now)
    walk.walk(*PATHS[state])
    return walk
