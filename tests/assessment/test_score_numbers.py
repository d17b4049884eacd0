"""The numbers of scores that administrators set: each holds from its instant on (law §§2, 6)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from assessment.models import Sheet, SheetItem, Snapshot, SnapshotKind
from assessment.periods import period_from
from assessment.selectors.standings import build_standings
from assessment.selectors.trials import settled
from assessment.selectors.wall import _rankings
from assessment.services.facts import refresh_facts
from assessment.services.inspections import appeal_entry
from assessment.services.snapshots import make_snapshot, replay
from cases.workflow import State
from gridcity.contracts import NotAllowed
from tests.assessment.test_inspections import write
from tests.dispatch.test_law_numbers import set_to
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

MIDNIGHT = at("00:00", on="2026-07-01")


def fresh():
    while refresh_facts():
        pass


def final(now):
    return make_snapshot(name="2026-06", scheme_key="department", kind=SnapshotKind.FINAL, at=now)


def test_a_period_is_final_after_the_days_that_held_when_it_ended(district):
    start(district=district, state=State.CLOSED, reported_at=at("08:30"))
    fresh()
    set_to("final.days", 5)
    set_to("final.days", 20, "08:00", on="2026-07-01")
    with pytest.raises(NotAllowed):
        final(MIDNIGHT + timedelta(days=4))
    made = final(MIDNIGHT + timedelta(days=6))
    assert made.as_of == MIDNIGHT + timedelta(days=5)
    july = make_snapshot(
        name="2026-07", scheme_key="department", kind=SnapshotKind.FINAL,
        at=at("12:00", on="2026-08-25"),
    )  # fmt: skip
    assert july.as_of == at("00:00", on="2026-08-21")
    assert settled(period_from({"period": "2026-06"}, at()), july.as_of).as_of == made.as_of


def test_a_snapshot_stays_what_it_is_whatever_is_set_afterwards(district):
    start(district=district, state=State.CLOSED, reported_at=at("08:30"))
    fresh()
    now = at("12:00", on="2026-07-15")
    made = final(now)
    set_to("final.days", 3)
    assert final(now).pk == made.pk
    assert Snapshot.objects.count() == 1
    assert replay(Snapshot.objects.get()) == made.content


@pytest.fixture
def sheet(district):
    made = Sheet.objects.create(key="street-look", name="市容环境检查", subject="street", full=50)
    SheetItem.objects.create(
        sheet=made, code="2.1", name="台账完整", most=Decimal(10), needs_photo=False
    )


@pytest.mark.parametrize(("days", "is_late"), [(3, True), (30, False)])
def test_an_inspection_is_appealed_against_within_the_days_that_held_when_it_was_written(
    district, sheet, browser_client, clock, days, is_late
):
    set_to("inspection.days", days)
    entry = write(district)
    set_to("inspection.days", 7, on="2026-06-11")
    said = {"entry_id": entry.pk, "actor": district.actor("department-d101"), "words": "已整改"}
    clock.now = entry.at + timedelta(days=days)
    browser_client.enter(district.user("department-d101"))
    assert (
        f"{clock.now:%Y-%m-%d}" in browser_client.get(f"/inspections/{entry.pk}/").content.decode()
    )
    with pytest.raises(NotAllowed):
        appeal_entry(at=clock.now + timedelta(seconds=1), **said)
    assert is_late is (days < 7)
    appeal_entry(at=clock.now, **said)


def test_so_few_are_shown_and_not_ranked_as_is_set(district):
    """On the overview and on the wall alike."""
    start(district=district, state=State.CLOSED, reported_at=at("08:30"))
    fresh()
    period = period_from({"period": "2026-06"}, at("12:00", on="2026-06-20"))
    official = district.actor("official-1")

    def ranked():
        groups = [g for one in build_standings(official, period, "/", {}) for g in one.groups]
        shown = [line.rank for group in groups for line in group.lines if line.shown.whole]
        wall = [place.rank for one in _rankings(period) for place in one.places]
        return {*shown, *wall}

    assert ranked() == {None}
    set_to("ranking.least", 1)
    assert ranked() == {1}
