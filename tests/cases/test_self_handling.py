"""自行处置: two photos near in time and place, a review, and no other figure (domain law §4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assessment.periods import period_from
from assessment.selectors.figures import count_figures
from assessment.services.facts import rebuild_facts
from cases.models import Case, ClockNumber, Delivery
from cases.selectors.settings import forget
from cases.services.evidence import PhotoInput, Prepared, prepare_photo
from cases.services.placing import Place
from cases.services.reporting import ReportInput
from cases.services.self_handling import (
    approve_self_handled,
    refuse_self_handled,
    report_self_handled,
)
from cases.workflow import State
from dispatch.services.reopening import reopen_case
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Forbidden, Invalid, NotAllowed, Role
from gridcity.models import User
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict, at, point
from tests.photos import upload

pytestmark = pytest.mark.django_db

NOW = at("10:00")
LON, LAT = point(1, 1)


def photo(role: str, minutes_ago: float | None, north_m: float | None = 0) -> Prepared:
    taken = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    lat = None if north_m is None else LAT + north_m / 111_195
    return prepare_photo(
        PhotoInput(upload(), role=role, taken_at=taken, lon=LON if lat else None, lat=lat)
    )


def report(district: TestDistrict, **more: Any) -> Case:
    entry = district.classes[more.pop("entry", "small_advert")]
    said = {
        "actor": district.actor(more.pop("by", "supervisor-1")),
        "at": NOW,
        "report": ReportInput(
            kind="event", class_code=entry.code, place=Place(LON, LAT, 5.0),
            description="当场清除小广告",
        ),
        "photos": [photo("before", 12), photo("after", 2)],
    }  # fmt: skip
    return report_self_handled(**said | more)


def told(district: TestDistrict, case: Case, name: str = "duty-chief-1") -> dict[str, Any]:
    version = Case.objects.get(pk=case.pk).version
    return {
        "number": case.number, "actor": district.actor(name),
        "at": NOW + timedelta(minutes=5), "version": version,
    }  # fmt: skip


def test_what_was_fixed_on_the_spot_waits_for_the_duty_chief(district: TestDistrict) -> None:
    case = Case.objects.get(pk=report(district).pk)
    assert (case.state, case.self_handled) == (State.SELF_HANDLED, True)
    assert case.due_at == NOW + timedelta(minutes=30)
    assert case.photos.count() == 2
    assert case.events.get().action == "report_self_handled"
    check_tiled(case)


def test_approved_it_is_closed_without_any_turn(district: TestDistrict) -> None:
    case = approve_self_handled(**told(district, report(district)))
    assert (case.state, case.filed_at, case.turns.count()) == (State.CLOSED, None, 0)
    check_tiled(case)


def test_refused_it_is_a_report_like_any_other(district: TestDistrict) -> None:
    case = report(district)
    with pytest.raises(Invalid):
        refuse_self_handled(**told(district, case), reason="")
    case = refuse_self_handled(**told(district, case), reason="照片不清")
    assert (case.state, case.self_handled) == (State.REPORTED, False)
    assert case.due_at == case.state_since + timedelta(minutes=15)


def test_reopened_it_begins_with_its_acceptance(district: TestDistrict) -> None:
    case = approve_self_handled(**told(district, report(district)))
    case = reopen_case(**told(district, case), reason="复查仍有小广告")
    assert (case.state, case.round, case.self_handled) == (State.REPORTED, 2, True)
    check_tiled(case)


def test_reopened_it_cannot_leave_the_figures(district: TestDistrict) -> None:
    """What was settled on the spot counts apart; from its second round on it counts as any case."""
    period, official = period_from({"period": "today"}, at("11:00")), district.actor("official-1")

    def counts() -> tuple[int, int]:
        rebuild_facts()
        total = count_figures(official, period, ()).total
        return total["reported"], total["self_handled"]

    case = approve_self_handled(**told(district, report(district)))
    assert counts() == (0, 1)
    reopen_case(**told(district, case), reason="复查仍有小广告")
    assert counts() == (1, 1), "what the first round was stays"


@pytest.mark.parametrize(
    ("photos", "is_enough"),
    [
        ([("before", 3), ("after", 2)], True),
        ([("before", 61.9), ("after", 1.9)], True),
        ([("before", 2.9), ("after", 2)], False),  # less than a minute apart
        ([("before", 62), ("after", 1)], False),  # more than an hour
        ([("before", 2), ("after", 12)], False),  # after came first
        ([("before", 12), ("before", 2)], False),
        ([("after", 2)], False),
        ([], False),
        ([("before", None), ("after", 2)], False),
        ([("before", 12, 29), ("after", 2, 0)], True),
        ([("before", 12, 31), ("after", 2, 0)], False),
        ([("before", 12, 20), ("after", 2, -20)], False),  # 40 m from each other
        ([("before", 12, None), ("after", 2)], False),
    ],
)
def test_the_photos_show_before_and_after_near_in_time_and_place(
    district: TestDistrict, photos: list[tuple[Any, ...]], is_enough: bool
) -> None:
    taken = [photo(*one) for one in photos]
    if is_enough:
        assert report(district, photos=taken).pk
        return
    with pytest.raises(Invalid) as refused:
        report(district, photos=taken)
    assert "photos" in refused.value.fields
    assert not Case.objects.exists()


def test_only_flagged_classes_are_handled_on_the_spot(district: TestDistrict) -> None:
    with pytest.raises(NotAllowed):
        report(district, entry="rubbish")


@pytest.mark.parametrize("name", ["acceptor-1", "client-1", "department-s201"])
def test_only_supervisors_handle_on_the_spot(district: TestDistrict, name: str) -> None:
    with pytest.raises(Forbidden):
        report(district, by=name)


@pytest.mark.parametrize("name", ["acceptor-1", "dispatcher-1", "supervisor-1"])
def test_only_a_duty_chief_reviews_it(district: TestDistrict, name: str) -> None:
    case = report(district)
    for act in (
        lambda: approve_self_handled(**told(district, case, name)),
        lambda: refuse_self_handled(**told(district, case, name), reason="照片不清"),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("key", "value", "photos"),
    [
        ("self.longest", 30, [("before", 40, 0), ("after", 2, 0)]),
        ("self.shortest", 10, [("before", 8, 0), ("after", 2, 0)]),
        ("self.metres", 10, [("before", 12, 20), ("after", 2, 0)]),
    ],
)
def test_how_near_the_photos_lie_is_set(
    district: TestDistrict, key: str, value: int, photos: list[tuple[str, float, float]]
) -> None:
    taken = [photo(*one) for one in photos]
    assert report(district, photos=taken).state == State.SELF_HANDLED
    ClockNumber.objects.create(key=key, value=value, valid_from=at("00:00"))
    forget()
    with pytest.raises(Invalid) as refused:
        report(district, photos=taken)
    assert "photos" in refused.value.fields


def test_without_a_duty_chief_the_officials_see_what_waits_for_his_review(district):
    case = report(district)
    User.objects.filter(roles__contains=[Role.DUTY_CHIEF]).update(is_active=False)
    sweep_timers(at=NOW + timedelta(hours=1, seconds=1))
    late = Delivery.objects.filter(case=case, kind="desk_late")
    assert [row.receiver.username for row in late] == ["official-1"]
