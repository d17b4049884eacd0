"""What comes after the end of a period moves its final figures, and the old ones not by a byte.

Verdicts are read at the data time, and so is what was recorded late (assessment law §2): each is
told here by the figures that it moves, of whom, and by which scheme they are scored.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assessment.models import Snapshot, SnapshotKind
from assessment.periods import period_named
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.snapshots import content_of, make_snapshot, replay, rows_that_moved
from cases.services.missing import object_to_miss, uphold_objection
from cases.workflow import State
from dispatch.services.checking import fail_check, pass_check
from dispatch.services.handling import finish_case, reassign_case
from tests.cases.test_missing import called
from tests.dispatch.test_appeals import appeal, approve, ask_request, said
from tests.district import TestDistrict, at
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

JULY = at("12:00", on="2026-07-15")
EVENING = at("20:00", on="2026-06-30")
MORNING = at("08:10", on="2026-07-01")
BEFORE = at("21:00", on="2026-06-30")


@dataclass(frozen=True)
class Fate:
    """How a case stands at the end of June, what comes in July, and what of June that moves."""

    begins: Callable[[TestDistrict], Walk]
    goes_on: Callable[[Walk], Any]
    scheme: str
    key: str
    moved: dict[str, tuple[int, int]]


def stands_in(state: State) -> Callable[[TestDistrict], Walk]:
    return lambda district: start(district=district, state=state, reported_at=EVENING)


def closed_late(district: TestDistrict) -> Walk:
    """Due in the afternoon of the 29th, finished in the evening, closed."""
    walk = start(district=district, state=State.HANDLING, reported_at=at("09:00", on="2026-06-29"))
    walk.now = at("20:00", on="2026-06-29")
    for step in ("finish", "send_check", "check_passed", "close"):
        walk.step(step)
    return walk


def missed(district: TestDistrict) -> Walk:
    walk = called(district, at("10:00", on="2026-06-29"))
    walk.step("file", missed=True)
    return walk


def is_voided(walk: Walk) -> None:
    walk.step("ask_void")
    walk.step("approve_void")


def is_returned(walk: Walk) -> None:
    words = {"kind": "RETURN", "reason_code": "not_ours", "reason": "非本单位职责"}
    request = ask_request(**said(walk, "department-s201", **words))
    approve(walk, request, "dispatcher-2")


def is_reassigned(walk: Walk) -> None:
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="非该单位职责"))


def is_appealed(walk: Walk) -> None:
    approve(walk, appeal(walk, "overdue"), "dispatcher-2", "duty-chief-1")


def fails(walk: Walk) -> None:
    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip


def was_checked_offline(walk: Walk) -> None:
    pass_check(
        number=walk.number, actor=walk.assignee, at=walk.now, photos=[prepared("after")],
        occurred_at=BEFORE,
    )  # fmt: skip


def was_finished_offline(walk: Walk) -> None:
    finish_case(
        **said(walk, "department-s201", result="已清运", photos=[prepared("after")]),
        occurred_at=BEFORE,
    )


def another_was_reported_offline(walk: Walk) -> None:
    start(district=walk.district, reported_at=walk.now, occurred_at=BEFORE)


def is_cleared(walk: Walk) -> None:
    number, reason = walk.number, "反映的是院内，巡查看不到"
    object_to_miss(number=number, actor=walk.actor("supervisor-1"), at=walk.now, reason=reason)
    uphold_objection(number=number, actor=walk.actor("duty-chief-2"), at=walk.now, reason="属实")


STREET = "110101001"
FATES = {
    "void": Fate(stands_in(State.HANDLING), is_voided, "region-street", STREET,
                 {"filed": (1, 0), "filed_right": (1, 0)}),
    "void of the department": Fate(stands_in(State.HANDLING), is_voided, "department", "s201",
                                   {"dispatches": (1, 0), "in_hand": (1, 0)}),
    "return": Fate(stands_in(State.HANDLING), is_returned, "department", "s201",
                   {"dispatched_right": (1, 0), "dispatches": (1, 1), "returned": (0, 0)}),
    "return of the desk": Fate(stands_in(State.HANDLING), is_returned, "dispatcher",
                               "desk:dispatcher", {"dispatched_right": (1, 0)}),
    "reassign": Fate(stands_in(State.HANDLING), is_reassigned, "department", "s201",
                     {"dispatched_right": (1, 0), "dispatches": (1, 1)}),
    "appeal": Fate(closed_late, is_appealed, "department", "s201",
                   {"handled_late": (1, 0), "need_handle": (1, 0), "appeal_upheld": (0, 1)}),
    "failed check": Fate(stands_in(State.CHECKING), fails, "department", "s201",
                         {"handled": (1, 0), "rework": (0, 1)}),
    "checked offline": Fate(stands_in(State.CHECKING), was_checked_offline, "department", "s201",
                            {"finishes_checked": (0, 1), "rework": (0, 0)}),
    "finished offline": Fate(stands_in(State.HANDLING), was_finished_offline, "department", "s201",
                             {"handled": (0, 1), "need_handle": (0, 1)}),
    "reported offline": Fate(stands_in(State.CLOSED), another_was_reported_offline,
                             "region-street", STREET, {"reported": (1, 2), "filed": (1, 1)}),
    "objection": Fate(missed, is_cleared, "region-street", STREET, {"missed": (1, 0)}),
    "objection of the supervisor": Fate(missed, is_cleared, "supervisor", "supervisor-1",
                                        {"missed_on_patrol": (1, 0)}),
}  # fmt: skip


def snapshot(kind: SnapshotKind, scheme: str) -> Snapshot:
    while refresh_facts():
        pass
    made = make_snapshot(name="2026-06", scheme_key=scheme, kind=kind, at=JULY)
    return Snapshot.objects.get(pk=made.pk)


def counts_in(made: Snapshot, key: str) -> dict[str, int]:
    return next(one for one in json.loads(made.content)["rows"] if one["key"] == key)["counts"]


@pytest.mark.parametrize("name", FATES)
def test_what_comes_after_the_end_moves_the_final_figures_only(district, name):
    fate = FATES[name]
    walk = fate.begins(district)
    before = snapshot(SnapshotKind.PROVISIONAL, fate.scheme)
    walk.now = MORNING
    fate.goes_on(walk)
    final = snapshot(SnapshotKind.FINAL, fate.scheme)
    then, later = counts_in(before, fate.key), counts_in(final, fate.key)
    assert {key: (then[key], later[key]) for key in fate.moved} == fate.moved
    assert fate.key in rows_that_moved(before.content, final.content)
    for _again in range(2):  # by what was kept up to date, and by what is told anew from events
        assert replay(before) == before.content
        as_of = period_named("2026-06", before.as_of)
        assert content_of(before.scheme, as_of) == before.content, "to the byte, as of then"
        assert replay(final) == final.content
        rebuild_facts()
