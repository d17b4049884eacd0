"""Periods: what an address names, and up to where life is read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from assessment.forms import period_asked
from assessment.periods import period_before, period_from, year_before
from assessment.selectors.dashboard import signed
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
        ({"period": "someday"}, "period"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": "2026-06-10", "until": "tomorrow"}, "until"),
        ({"since": "2026-06-10", "until": "2026-06-09"}, "until"),
        ({"since": "2014-01-01", "until": "2026-06-09"}, "until"),
        ({"period": "9999-12"}, "period"),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of"),
        ({"as_of": "2003-12-31"}, "as_of"),
        ({"as_of": "9999-12-31T23:59:59-14:00x"}, "as_of"),
        ({"since": "0001-01-01"}, "since"),
        ({"since": "9999-12-31"}, "since"),
    ],
)
def test_what_is_no_period_is_refused_at_its_field(query, field):
    with pytest.raises(Invalid) as refusal:
        period_from(query, NOW)
    assert field in refusal.value.fields


@pytest.mark.parametrize(
    ("query", "before", "year_ago"),
    [
        ({"period": "month"}, ("2026-05-01", "2026-05-31"), ("2025-06-01", "2025-06-30")),
        ({"period": "last_month"}, ("2026-04-01", "2026-04-30"), ("2025-05-01", "2025-05-31")),
        ({"period": "week"}, ("2026-06-01", "2026-06-07"), ("2025-06-09", "2025-06-15")),
        ({"period": "today"}, ("2026-06-09", "2026-06-09"), ("2025-06-10", "2025-06-10")),
        ({"period": "2026-Q1"}, ("2025-10-01", "2025-12-31"), ("2025-01-01", "2025-03-31")),
        ({"period": "2025-W47"}, ("2025-11-10", "2025-11-16"), ("2024-11-18", "2024-11-24")),
        ({"period": "2020-W53"}, ("2020-12-21", "2020-12-27"), ("2019-12-23", "2019-12-29")),
        ({"period": "2025-02-28"}, ("2025-02-27", "2025-02-27"), ("2024-02-28", "2024-02-28")),
        ({"period": "2024-02-29"}, ("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28")),
        ({"period": "2025-02"}, ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
        ({"period": "2024-02"}, ("2024-01-01", "2024-01-31"), ("2023-02-01", "2023-02-28")),
        (
            {"since": "2020-01-01", "until": "2024-12-31"},
            ("2015-01-01", "2019-12-31"),
            ("2019-01-01", "2023-12-31"),
        ),
        (
            {"since": "2024-02-29", "until": "2024-03-03"},
            ("2024-02-25", "2024-02-28"),
            ("2023-02-28", "2023-03-03"),
        ),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_a_year_before(query, before, year_ago):
    period = period_from(query, NOW)
    for other, days in ((period_before(period), before), (year_before(period), year_ago)):
        assert (str(other.first), str(other.last)) == days


def test_a_running_period_is_compared_as_of_the_same_moment_of_the_other():
    period = period_from({"period": "month"}, NOW)
    other = period_before(period)
    assert other.cut == at("11:00", on="2026-05-10")
    again = period_from(other.query, NOW)
    assert (again.start, again.cut, again.as_of) == (other.start, other.cut, other.as_of)
    over = period_before(period_from({"period": "last_month"}, NOW))
    assert (over.as_of, over.is_pinned) == (NOW, False)


@pytest.mark.parametrize("query", ["as_of=2026-05-20", "as_of=2026-05-20&period=month"])
def test_pages_with_a_form_read_a_data_time_without_a_period(query):
    period, _form, status = period_asked(QueryDict(query), NOW)
    assert (status, period.is_pinned) == (200, True)
    assert period.as_of == at("00:00", on="2026-05-20")


def test_pages_with_a_form_say_what_is_no_data_time():
    _period, form, status = period_asked(QueryDict("as_of=0001-01-01T00:00:00%2B14:00"), NOW)
    assert status == 400
    assert form.errors


@pytest.mark.parametrize(
    ("change", "said"),
    [("-0.04", "0.0 %"), ("0.04", "0.0 %"), ("-0.05", "-0.1 %"), ("3.25", "+3.3 %"), (None, "–")],
)
def test_a_change_that_rounds_to_nothing_has_no_sign(change, said):
    assert signed(None if change is None else Decimal(change), " %") == said
