"""Periods: what an address names, and up to where life is read."""

from __future__ import annotations

import pytest

from assessment.periods import period_from
from gridcity.contracts import Invalid
from tests.district import at

NOW = at("11:00")  # Wednesday 10 June 2026


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, "2026-06-10", "2026-06-10"),
        ({"period": "today"}, "2026-06-10", "2026-06-10"),
        ({"period": "week"}, "2026-06-08", "2026-06-14"),
        ({"period": "month"}, "2026-06-01", "2026-06-30"),
        ({"period": "last_month"}, "2026-05-01", "2026-05-31"),
        ({"since": "2026-02-01", "until": "2026-02-28"}, "2026-02-01", "2026-02-28"),
        ({"since": "2026-02-01"}, "2026-02-01", "2026-02-01"),
    ],
)
def test_an_address_names_a_period_of_whole_local_days(query, first, last):
    period = period_from(query, NOW)
    assert (str(period.first), str(period.last)) == (first, last)
    assert period.start == at("00:00", on=first)


def test_a_period_that_runs_is_read_up_to_now_and_one_that_is_over_to_its_end():
    running = period_from({"period": "month"}, NOW)
    over = period_from({"period": "last_month"}, NOW)
    assert running.is_running
    assert running.cut == NOW
    assert not over.is_running
    assert over.cut == at("00:00", on="2026-06-01")


@pytest.mark.parametrize(
    "query", [{"period": "month"}, {"since": "2026-01-05", "until": "2026-03-02"}]
)
def test_a_period_finds_itself_again_in_its_own_address(query):
    period = period_from(query, NOW)
    assert period_from(period.query, NOW) == period


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "yesterday"}, "period"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": "2026-06-10", "until": "tomorrow"}, "until"),
        ({"since": "2026-06-10", "until": "2026-06-09"}, "until"),
        ({"since": "2025-01-01", "until": "2026-06-09"}, "until"),
        ({"since": "0001-01-01"}, "since"),
        ({"since": "9999-12-31"}, "since"),
    ],
)
def test_what_is_no_period_is_refused_at_its_field(query, field):
    with pytest.raises(Invalid) as refusal:
        period_from(query, NOW)
    assert field in refusal.value.fields
