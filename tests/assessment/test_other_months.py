"""Months that begin on another day than the first: their names, their days, their snapshots."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.models import Scheme, Snapshot, SnapshotKind
from assessment.periods import months_within, names_that_ended, period_named
from assessment.selectors.snapshots import period_of
from assessment.services import schemes as services
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_due_snapshots, make_snapshot, replay
from cases.workflow import State
from gridcity.contracts import Invalid
from tests.district import at
from tests.factories import start

NOW = at("12:00", on="2026-12-31")


def days(name, month_from=19):
    period = period_named(name, NOW, month_from)
    return period.first.isoformat(), period.last.isoformat()


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-10", "2026-09-19", "2026-10-18"),
        ("2026-01", "2025-12-19", "2026-01-18"),
        ("2026-03", "2026-02-19", "2026-03-18"),
        ("2026-Q4", "2026-09-19", "2026-12-18"),
        ("2026-H1", "2025-12-19", "2026-06-18"),
        ("2026", "2025-12-19", "2026-12-18"),
        ("2026-W41", "2026-10-05", "2026-10-11"),
        ("2026-10-05", "2026-10-05", "2026-10-05"),
    ],
)
def test_a_month_is_named_by_that_in_which_it_ends_and_weeks_and_days_stay(name, first, last):
    assert days(name) == (first, last)


@given(st.integers(2, 28), st.integers(2005, 2090), st.integers(1, 4))
def test_months_follow_each_other_and_make_up_the_quarter(month_from, year, quarter):
    whole = period_named(f"{year}-Q{quarter}", NOW, month_from)
    months = months_within(whole)
    assert [one.key for one in months] == [f"{year}-{quarter * 3 - 2 + n:02d}" for n in range(3)]
    assert (months[0].start, months[-1].end) == (whole.start, whole.end)
    for one, following in pairwise(months):
        assert one.end == following.start
        assert months_within(one) == [one]
    assert months_within(period_named(f"{year}-{quarter * 3:02d}", NOW)) != months[-1:]


def test_what_ended_lately_is_named_by_its_own_months():
    names = names_that_ended(at("00:00", on="2026-10-19"), timedelta(days=3), 19)
    assert "2026-10" in names
    assert "2026-09" not in names
    assert "2026-10" not in names_that_ended(at("00:00", on="2026-10-19"), timedelta(days=3))


@pytest.fixture
def scheme(district):
    """The departments' scheme in a second version, whose months begin on the 19th of June on."""
    one, two = district.actor("administrator"), district.actor("administrator-2")
    now, day = at("10:00", on="2026-06-01"), date(2026, 6, 19)
    held = Scheme.objects.get(key="department")
    made = services.copy_version(actor=one, at=now, scheme_id=held.pk, valid_from=day)
    made = services.save_draft(
        actor=one, at=now, scheme_id=made.pk, revision=made.revision,
        said=services.Draft(name=held.name, valid_from=day, terms=held.terms, grades=held.grades,
                            month_from=19),
    )  # fmt: skip
    made = services.propose_scheme(
        actor=one, at=now, scheme_id=made.pk, revision=made.revision, words="考核月自19日起"
    )
    return services.consent_to_scheme(actor=two, at=now, scheme_id=made.pk, revision=made.revision)


def snapshot(name, now, kind=SnapshotKind.PROVISIONAL):
    while refresh_facts():
        pass
    return make_snapshot(name=name, scheme_key="department", kind=kind, at=now)


def handled(made):
    row = next(one for one in json.loads(made.content)["rows"] if one["key"] == "s201")
    return row["counts"]["handled"], row["score"]["terms"][0]["points"]


@pytest.mark.django_db
def test_snapshots_are_made_by_the_months_of_the_version(scheme, district, browser_client, clock):
    for day in ("2026-06-10", "2026-06-18", "2026-06-22", "2026-07-16", "2026-07-20"):
        start(district=district, state=State.CLOSED, reported_at=at("09:00", on=day))
    july = snapshot("2026-07", at("12:00", on="2026-07-19"))
    assert july.scheme == scheme
    assert (july.start, july.end) == (at("00:00", on="2026-06-19"), at("00:00", on="2026-07-19"))
    assert handled(july) == (2, "100.00"), "22 June and 16 July; whole months have bands"
    assert replay(july) == july.content
    june = snapshot("2026-06", at("12:00", on="2026-07-01"))
    assert june.scheme.version == 1, "changed in mid-month: June is scored by the version before"
    assert handled(june)[0] == 3
    query = period_of(july).query
    assert (query["since"], query["until"]) == ("2026-06-19", "2026-07-18")
    clock.now = at("12:00", on="2026-07-19")
    browser_client.enter(district.user("official-1"))
    page = browser_client.get(f"/scores/{july.pk}/s201/").content.decode()
    assert "since=2026-06-19" in page
    with pytest.raises(Invalid):
        period_named("2026-13", NOW, 19)


@pytest.mark.django_db
def test_the_clock_closes_such_a_month_on_its_own_day(scheme, district):
    start(district=district, state=State.CLOSED, reported_at=at("09:00", on="2026-07-16"))
    while refresh_facts():
        pass
    made = Snapshot.objects.filter(scheme__key="department", period="2026-07")
    make_due_snapshots(at("00:10", on="2026-07-18"), most=1000)
    assert not made.exists()
    make_due_snapshots(at("00:10", on="2026-07-19"), most=1000)
    assert made.get().end == at("00:00", on="2026-07-19")
