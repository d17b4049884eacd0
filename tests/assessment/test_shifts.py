"""A stay is charged to a person from the begin of his planned shift, if that is the latest (§3)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from assessment.models import StayFact
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.facts_check import check_facts
from cases.models import PlannedShift, Stay
from cases.services.opening import note_first_opening
from tests.assessment.alike import current
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
TUESDAY, WEDNESDAY, THURSDAY = "2026-06-09", "2026-06-10", "2026-06-11"
NINE, SIX = ("2026-01-01", "09:00", "17:00"), ("2026-01-01", "06:00", "14:00")
NIGHT = ("2026-01-01", "23:50", "07:00")


def plan(district: TestDistrict, *rows: tuple[str, str, str], who: str = "acceptor-1") -> None:
    for since, begins, ends in rows:
        PlannedShift.objects.create(
            person=district.user(who), valid_from=since,
            begins=time.fromisoformat(begins) if begins else None,
            ends=time.fromisoformat(ends) if ends else None,
        )  # fmt: skip


def accept(walked: Walk, answered: datetime) -> tuple[bool | None, bool | None]:
    """Acceptor 1 answers; whether the desk and whether he was in time, by the facts."""
    walked.now = answered - timedelta(minutes=1)  # a step takes a minute
    walked.step("accept")
    refresh_facts()
    fact = current(StayFact).get(case=walked.case, key=1)
    assert fact.actor.username == "acceptor-1"
    assert fact.ended_at == answered
    return fact.in_time, fact.own_in_time


# The plan, when it was reported, when he first opened it, when he answered; the limit is 15 minutes
# around the clock, and the desk is late in all of them.
@pytest.mark.parametrize(
    ("planned", "reported", "opened", "answered", "own_in_time"),
    [
        pytest.param([NINE], at("08:00"), None, at("09:10"), True, id="the shift is later"),
        pytest.param([NINE], at("08:00"), None, at("09:15"), True, id="on the limit"),
        pytest.param([NINE], at("08:00"), None, at("09:16"), False, id="late in his shift"),
        pytest.param([SIX], at("08:00"), None, at("08:20"), False, id="the start is later"),
        pytest.param([NINE], at("08:00"), at("09:30"), at("09:40"), True, id="opened later"),
        pytest.param([NINE], at("08:00"), at("08:01"), at("09:10"), True, id="opened before"),
        pytest.param([NINE], at("08:00"), at("08:01"), at("09:20"), False, id="opened, late"),
        pytest.param([NINE], at("08:00"), None, at("17:00"), False, id="just after his shift"),
        pytest.param([NINE], at("08:00"), None, at("08:59"), False, id="just before his shift"),
        pytest.param([NINE], at("08:00"), at("08:50"), at("08:59"), True, id="early, but opened"),
        pytest.param([], at("08:00"), None, at("09:10"), False, id="no plan"),
        pytest.param([NINE, (WEDNESDAY, "", "")], at("08:00"), None, at("09:10"), False,
                     id="none planned any more"),
        pytest.param([(THURSDAY, "09:00", "17:00")], at("08:00"), None, at("09:10"), False,
                     id="planned from the next day on"),
        pytest.param([NINE, (THURSDAY, "06:00", "14:00")], at("08:00"), None, at("09:10"), True,
                     id="another one the next day"),
        pytest.param([NINE, (WEDNESDAY, "06:00", "14:00")], at("08:00"), None, at("09:10"), False,
                     id="another one since today"),
        pytest.param([NIGHT], at("21:00"), None, at("00:02", on=THURSDAY), True,
                     id="over midnight"),
        pytest.param([NIGHT], at("21:00"), None, at("00:06", on=THURSDAY), False,
                     id="over midnight, late"),
        pytest.param([NIGHT, (THURSDAY, "", "")], at("21:00"), None, at("00:02", on=THURSDAY), True,
                     id="the night belongs to the day before"),
        pytest.param([NIGHT, (THURSDAY, "00:01", "08:00")], at("21:00"), None,
                     at("00:16", on=THURSDAY), True, id="of two that overlap the later"),
    ],
)  # fmt: skip
def test_who_answers_in_his_shift_is_charged_from_its_begin(
    district: TestDistrict,
    planned: list[tuple[str, str, str]],
    reported: datetime,
    opened: datetime | None,
    answered: datetime,
    own_in_time: bool,
) -> None:
    plan(district, *planned)
    plan(district, ("2026-01-01", "09:05", "17:05"), who="acceptor-2")  # nobody else's shift counts
    walked = start(district=district, reported_at=reported)
    if opened is not None:
        stay = Stay.objects.get(case=walked.case, ended_at=None)
        assert note_first_opening(stay=stay, actor=district.actor("acceptor-1"), at=opened)
    assert accept(walked, answered) == (False, own_in_time)


def test_what_was_worked_and_the_desk_itself_do_not_know_of_shifts(district: TestDistrict) -> None:
    plan(district, NINE)
    walked = start(district=district, reported_at=at("08:00"))
    accept(walked, at("09:10"))
    assert current(StayFact).get(case=walked.case, key=1).worked_s == 70 * 60


def test_a_roster_that_changes_leaves_the_facts_of_days_that_have_begun(
    district: TestDistrict,
) -> None:
    """The nightly check folds them again with the plan of then, and finds nothing else."""
    plan(district, NINE)
    walked = start(district=district, reported_at=at("08:00"))
    assert accept(walked, at("09:10")) == (False, True)
    tomorrow = timezone.localdate() + timedelta(days=1)
    PlannedShift.objects.create(person=district.user("acceptor-1"), valid_from=tomorrow)
    assert check_facts().wrong == {}
    rebuild_facts()
    assert current(StayFact).get(case=walked.case, key=1).own_in_time is True


def test_the_database_keeps_the_plan_of_days_that_have_begun(district: TestDistrict) -> None:
    """Whoever writes: once a case was told of, nothing reaches back to today or before."""
    person, other = district.user("acceptor-1"), district.user("acceptor-2")
    plan(district, NINE)
    start(district=district)
    held = PlannedShift.objects.filter(person=person)
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    coming = PlannedShift.objects.create(person=other, valid_from=tomorrow)
    rows = PlannedShift.objects.filter(pk=coming.pk)
    for reach_back in (
        lambda: PlannedShift.objects.create(person=other, valid_from=today),
        lambda: rows.update(valid_from=today),
        lambda: held.update(begins=time(8)),
        lambda: held.update(valid_from=tomorrow),
        held.delete,
    ):
        with pytest.raises(DatabaseError, match="days that have begun"), transaction.atomic():
            reach_back()
    assert rows.update(begins=time(8), ends=time(16), valid_from=tomorrow + timedelta(days=1)) == 1
    assert rows.delete()[0] == 1


@pytest.mark.parametrize(
    ("begins", "ends"), [(time(8), None), (None, time(8)), (time(8), time(8))]
)  # fmt: skip
def test_a_shift_has_both_ends_or_neither(
    district: TestDistrict, begins: time | None, ends: time | None
) -> None:
    with pytest.raises(DatabaseError, match="both_ends"), transaction.atomic():
        PlannedShift.objects.create(
            person=district.user("acceptor-1"), valid_from=TUESDAY, begins=begins, ends=ends
        )
