"""Sums of days say what the facts say, whatever happens; what they cannot know they do not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Max
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from assessment.dimensions import CODED, DIMENSIONS, NONE, TABLED
from assessment.indicators import INDICATORS
from assessment.indicators.arms import STOCK, arms_of, slots_of
from assessment.models import DailySum, Grain, SumsState
from assessment.periods import period_from, period_named
from assessment.selectors import summed
from assessment.selectors.scores import SCORER
from assessment.selectors.summed import count_figures, quick_figures
from assessment.services.facts import ensure_sums, rebuild_facts, refresh_facts
from assessment.services.sums import sums_that_differ
from cases.models import Event
from parts.models import CatalogueClass
from tests.dispatch.test_state_machine import Desks
from tests.district import TestDistrict

pytestmark = pytest.mark.django_db


def plain(figures):
    """Without the values that count nothing, which sums do not name."""
    by = {
        key: {
            value: {one: count for one, count in counts.items() if count}
            for value, counts in values.items()
            if any(counts.values())
        }
        for key, values in figures.by.items()
    }
    return figures.total, by


def check_figures(known) -> int:
    """For every day with events, its month and the days up to it: as of `known`, and as of then."""
    times = Event.objects.values_list("occurred_at", "at")
    days = sorted({timezone.localdate(one) for pair in times for one in pair})
    first, last, compared = days[0], days[-1], 0
    for day in days:
        for query in (
            {"since": str(day)}, {"since": str(first), "until": str(day)},
            {"since": str(day), "until": str(last)},
        ):  # fmt: skip
            period = period_from(query, known)
            compared += check_period(period)
        check_period(replace(period, as_of=period.end - timedelta(hours=7)))
    month = period_named(f"{last:%Y-%m}", known)
    check_period(month)
    for period in (month, period_from({"since": str(last)}, known)):
        check_narrowed(period)
    check_period(period_named(f"{last:%Y}", known))
    return compared


def check_period(period) -> int:
    facts, sums = (plain(count(SCORER, period, TABLED)) for count in (count_figures, quick_figures))
    for key, count in facts[0].items():
        assert sums[0][key] == count, (key, period)
    assert sums == facts
    return sum(facts[0].values())


def check_narrowed(period) -> None:
    """Narrowed to a value, the figures are those that the value has when all are told apart."""
    by = plain(count_figures(SCORER, period, TABLED))[1]
    for dimension, values in by.items():
        keys = frozenset(
            key for key, each in INDICATORS.items()
            if each.grain in DIMENSIONS[dimension].columns and arms_of(key) is not None
        )  # fmt: skip
        for value, counts in list(values.items())[:2]:
            wanted = {dimension: address_of(dimension, value)}
            found = quick_figures(SCORER, period, (), keys, wanted).total
            assert found == {key: counts.get(key, 0) for key in keys}, (wanted, period)


def address_of(dimension, value) -> str:
    if value is None or dimension == "state":
        return value or NONE
    if dimension == "class":
        entry = CatalogueClass.objects.get(pk=value)
        return f"{entry.scheme_id}:{entry.kind}:{entry.code}"
    return CODED[dimension].objects.get(pk=value).code


class Summed(Desks):
    """The machine of the law; facts and sums follow each step of it."""

    @invariant()
    def facts_follow(self) -> None:
        refresh_facts()

    def teardown(self) -> None:
        try:
            while refresh_facts():
                pass
            assert sums_that_differ()[1] == []
            last = Event.objects.aggregate(last=Max("at"))["last"]
            if last is not None:
                check_figures(last + timedelta(minutes=1))
        finally:
            super().teardown()


def test_wherever_the_law_leads_figures_from_sums_are_those_from_facts(
    district: TestDistrict,
) -> None:
    rebuild_facts()
    Summed.district = district
    run_state_machine_as_test(
        Summed,
        settings=settings(
            max_examples=3, stateful_step_count=25, deadline=None, derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_of_every_fate_figures_from_sums_are_those_from_facts(world, monkeypatch):
    ensure_sums()
    recorded = Event.objects.aggregate(last=Max("at"))["last"]
    assert check_figures(recorded + timedelta(seconds=1)) > 0
    assert check_figures(recorded + timedelta(days=40)) > 0
    asked = []
    monkeypatch.setattr(summed, "count_figures", lambda *said: asked.append(said))
    quick_figures(SCORER, period_named("2026-06", recorded + timedelta(days=1)), TABLED)
    assert asked == [], "the sums were asked"


def test_what_they_cannot_know_is_counted_from_facts(world, monkeypatch):
    ensure_sums()
    recorded = Event.objects.aggregate(last=Max("at"))["last"]
    later, asked = recorded + timedelta(days=1), []
    monkeypatch.setattr(summed, "count_figures", lambda *said: asked.append(said))
    quick_figures(SCORER, period_named("2026-06", recorded), TABLED)
    assert len(asked) == 1, "as of before what they know"
    quick_figures(SCORER, period_named("2026-06", later), ("cell",))
    assert len(asked) == 2, "by what they are not kept by"
    quick_figures(world.district.actor("dispatcher-1"), period_named("2026-06", later), TABLED)
    assert len(asked) == 3, "for whoever does not see all"
    SumsState.objects.update(shape="of other definitions")
    quick_figures(SCORER, period_named("2026-06", later), TABLED)
    assert len(asked) == 4


def test_the_check_finds_a_sum_that_says_otherwise(world, capsys):
    rebuild_facts()
    compared, wrong = sums_that_differ()
    assert compared > 0
    assert wrong == []
    one = DailySum.objects.filter(span="d").first()
    DailySum.objects.filter(pk=one.pk).update(counts=[each + 1 for each in one.counts])
    _compared, wrong = sums_that_differ()
    assert len(wrong) == 1
    with pytest.raises(SystemExit):
        call_command("rebuild_facts", check=True)
    assert "sums" in capsys.readouterr().out
    rebuild_facts()
    assert sums_that_differ()[1] == []


def test_other_definitions_are_summed_anew(world):
    rebuild_facts()
    assert not ensure_sums()
    SumsState.objects.update(shape="of other definitions")
    DailySum.objects.all().delete()
    assert ensure_sums()
    assert sums_that_differ()[1] == []


def test_what_is_only_counted_of_a_period_is_never_summed():
    """need_*: what is due and not done is counted for the period asked (assessment law §2)."""
    assert set(arms_of("open")) == set(arms_of("in_hand")) == {STOCK}
    for key in ("need_handle", "need_close", "need_dispatch", "need_verify", "need_check"):
        assert STOCK in arms_of(key), key
    listed = {slot.key for grain in Grain for slots in slots_of(grain).values() for slot in slots}
    assert "open" not in listed
    assert (
        {"reported", "filed", "handled", "closed", "rework", "satisfied"}
        <= listed
        <= set(INDICATORS)
    )
