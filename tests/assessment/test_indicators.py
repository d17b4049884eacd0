"""The registry itself: every figure whole, every rate a share of its denominator."""

from __future__ import annotations

import pytest

from assessment.dimensions import DIMENSIONS, TABLED
from assessment.handbook import entry_of
from assessment.indicators import INDICATORS, Grain
from assessment.selectors.dashboard import COLUMNS, RATES, STATS


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=INDICATORS)
def test_every_figure_says_what_it_counts(indicator):
    assert str(indicator.label)
    assert len(str(indicator.definition)) > 5
    assert indicator.version >= 1
    assert indicator.better in {-1, 0, 1}


@pytest.mark.parametrize(
    "indicator", [each for each in INDICATORS.values() if each.is_rate], ids=lambda each: each.key
)
def test_a_rate_counts_the_grain_of_its_denominator(indicator):
    whole = INDICATORS[indicator.of]
    assert whole.grain == indicator.grain
    assert not whole.is_rate
    assert whole.before_filing == indicator.before_filing


def test_the_page_shows_declared_figures_only():
    shown = {*STATS, *RATES, *(key for keys in COLUMNS.values() for key in keys)}
    assert shown <= INDICATORS.keys()
    assert all(INDICATORS[key].is_rate for key in RATES)


def test_a_table_has_columns_of_grains_that_its_dimension_can_break_down():
    for dimension, keys in COLUMNS.items():
        grains = {INDICATORS[key].grain for key in keys}
        assert grains <= DIMENSIONS[dimension].columns.keys()
    assert set(COLUMNS) | {"state"} == set(TABLED)


def test_regions_break_down_every_grain_and_departments_what_is_theirs():
    assert set(DIMENSIONS["street"].columns) == set(Grain)
    assert set(DIMENSIONS["department"].columns) == {Grain.TURN, Grain.TASK}


def test_the_handbook_says_by_what_time_each_figure_counts_and_what_it_leaves_out():
    entries = {key: entry_of(each) for key, each in INDICATORS.items()}
    assert all(entry.bases for entry in entries.values())
    closed = entries["closed"]
    assert [str(base) for base in closed.bases]
    assert len(closed.excluded) == 2  # voided and merged, self-handled
    assert not entries["voided"].excluded
    assert entries["satisfied"].also
