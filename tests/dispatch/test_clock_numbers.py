"""Numbers that administrators set: from when each holds, and for what (domain law §§5, 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import ClockNumber
from cases.selectors.settings import forget
from cases.services.succeeding import force_close_instant
from cases.workflow import State
from dispatch.models import RequestStep
from dispatch.services.reviews import ask_request
from parts.models import FilingStandard
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def set_to(key: str, value: int, since: str = "09:00") -> None:
    ClockNumber.objects.create(key=key, value=value, valid_from=at(since))
    forget()


def test_a_stage_limit_holds_from_entry_and_moves_no_stay_that_has_begun(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_FILE, reported_at=at("10:00"))
    before = walk.case.due_at
    set_to("stage.TO_FILE", 45, since="10:05")
    assert walk.case.due_at == before == walk.case.state_since + 15 * MINUTE
    later = start(district=district, state=State.TO_FILE, reported_at=at("10:10"))
    assert later.case.due_at == later.case.state_since + 45 * MINUTE


def ask_return(walk: Walk) -> RequestStep:
    ask_request(
        number=walk.number, actor=walk.department, at=walk.now, version=walk.case.version,
        kind="RETURN", reason_code="not_ours", reason="不属于本单位职责",
    )  # fmt: skip
    return RequestStep.objects.get(request__case__number=walk.number)


def test_a_review_limit_holds_from_the_begin_of_the_review(district: TestDistrict) -> None:
    set_to("review.dispatcher", 50)
    step = ask_return(start(district=district, state=State.HANDLING))
    assert step.limit_s == 50 * 60
    assert step.due_at == step.began_at + 50 * MINUTE


def test_a_lamp_is_green_up_to_the_share_that_is_set(district: TestDistrict) -> None:
    set_to("lamp.green", 50)
    case = start(district=district, state=State.TO_FILE).case
    assert case.green_until == case.state_since + 7.5 * MINUTE
    walk = start(district=district, state=State.HANDLING, entry="stall")  # 2 urgent hours
    assert walk.case.green_until == walk.case.state_since + 60 * MINUTE


@pytest.mark.parametrize(("filed", "day"), [("16:00", 11), ("16:01", 12)])
def test_the_hour_after_which_a_filing_counts_for_the_next_day_is_set(
    db: None, filed: str, day: int
) -> None:
    set_to("force.day_ends", 16)
    standard = FilingStandard(forced_close="SAME_DAY")
    assert force_close_instant(standard, at(filed)) == at("00:00", on=f"2026-06-{day}")
