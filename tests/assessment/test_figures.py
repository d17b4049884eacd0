"""Every number opens a list with exactly that count (ux.md 21, assessment law §1)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Count

from assessment.dimensions import DIMENSIONS, NONE
from assessment.indicators import INDICATORS, condition_of
from assessment.indicators.arms import STOCK, arms_of
from assessment.periods import period_from
from assessment.rates import _share as share
from assessment.selectors.cells import open_cases_by_cell
from assessment.selectors.figures import (
    FACTS,
    base_rows,
    count_figures,
    counted_under,
    held_at,
    indicators_for,
    rows_behind,
)
from assessment.selectors.lists import count_rows, list_rows
from cases.models import Case, Source
from cases.workflow import State
from dispatch.models import Department
from gridcity.contracts import Invalid
from parts.models import CatalogueClass, Cell, Community, Street
from tests.district import at

NOW = at("11:00")


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


PERIODS = [
    {"period": "today"},
    {"period": "month"},
    {"period": "last_month"},
    {"since": "2026-06-08"},
    {"since": "2026-06-09"},
]


def words(dimension: str) -> dict[object, str]:
    """How an address names each value of a dimension, by the value that counts are grouped by."""
    match dimension:
        case "source":
            return {str(source): str(source) for source in Source}
        case "community":
            return {**dict(Community.objects.values_list("pk", "code")), None: NONE}
        case "street":
            named = dict(Street.objects.values_list("pk", "code"))
            return {**named, None: NONE}
        case "group":
            names = Department.objects.values_list("assessment_group", flat=True)
            return {**{name: name for name in names}, None: NONE}
        case "department" | "holder":
            return {**dict(Department.objects.values_list("pk", "code")), None: NONE}
        case "cell":
            return {**dict(Cell.objects.values_list("pk", "code")), None: NONE}
        case "class":
            rows = CatalogueClass.objects.values_list("pk", "scheme_id", "kind", "code")
            return {pk: f"{scheme}:{kind}:{code}" for pk, scheme, kind, code in rows}
        case _:
            return {str(state): str(state) for state in State}


def listed(indicator, actor, period, wanted) -> int:
    """The length of the list, walked page by page as a reader would."""
    cursor, found = None, []
    while True:
        page = list_rows(indicator, actor, period, wanted, cursor=cursor, size=7)
        found += [row["id"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            assert len(found) == len(set(found))
            return len(found)


def check_lists(actor, period) -> int:
    """Each figure is as long as its list, whole and for each value of each dimension."""
    figures = count_figures(actor, period, DIMENSIONS)
    for indicator in indicators_for(actor):
        total = figures.total[indicator.key]
        assert listed(indicator, actor, period, {}) == total, indicator.key
        for key, dimension in DIMENSIONS.items():
            column = dimension.columns.get(indicator.grain)
            if column is None:
                continue
            counts = {
                value: each[indicator.key]
                for value, each in figures.by[key].items()
                if each.get(indicator.key)
            }
            rows = rows_behind(indicator, actor, period, {}).values_list(column)
            told = Counter()
            for value, number in rows.annotate(n=Count("pk")).order_by():
                told[counted_under(key, value)] += number
            assert told == counts, (indicator.key, key)
            for value, count in counts.items():
                wanted = {key: words(key)[value]}
                assert count_rows(indicator, actor, period, wanted) == count, (indicator, wanted)
    return sum(figures.total.values())


@pytest.mark.parametrize("query", PERIODS, ids=lambda query: "-".join(query.values()))
def test_every_number_opens_a_list_of_exactly_that_length(district, fates, query):
    assert check_lists(district.actor("official-1"), period_from(query, NOW)) > 0


def test_the_numbers_of_the_command_side_open_lists_of_that_length_too(district, fates):
    assert check_lists(district.actor("dispatcher-1"), period_from({"period": "month"}, NOW)) > 0


def test_rates_lie_between_nothing_and_one_and_parts_add_up_to_the_whole(district, fates):
    actor = district.actor("official-1")
    for query in PERIODS:
        figures = count_figures(actor, period_from(query, NOW), DIMENSIONS)
        by = figures.by.values()
        for counts in [figures.total, *(each for values in by for each in values.values())]:
            for key, count in counts.items():
                whole = INDICATORS[key].of
                assert not whole or 0 <= count <= counts[whole], (query, key)
        for key, values in figures.by.items():
            for indicator in INDICATORS.values():
                if indicator.grain in DIMENSIONS[key].columns:
                    parts = sum(counts.get(indicator.key, 0) for counts in values.values())
                    assert parts == figures.total[indicator.key], (query, key, indicator.key)


def test_the_range_of_rows_that_is_read_leaves_nothing_out(district, fates):
    """`base_rows` reads what a period may count; no figure reaches beyond that."""
    actor = district.actor("official-1")
    for query in PERIODS:
        period = period_from(query, NOW)
        for indicator in INDICATORS.values():
            condition = condition_of(indicator, period)
            every = FACTS[indicator.grain].objects.filter(held_at(period), condition)
            near = base_rows(indicator.grain, actor, period).filter(condition)
            assert every.count() == near.count(), (query, indicator.key)


def test_the_figures_of_today_are_those_that_hands_would_count(district, fates):
    figures = count_figures(district.actor("official-1"), period_from({}, NOW), ()).total
    gone = {"voided"}  # stands outside every figure
    today = [name for name, case in fates.items() if case.reported_at >= at("00:00")]
    assert figures["reported"] == len(set(today) - gone)
    filed = [
        name for name, case in fates.items()
        if case.filed_at and case.filed_at >= at("00:00") and name not in gone
    ]  # fmt: skip
    assert figures["filed"] == len(filed)
    assert figures["filed"] - figures["filed_in_time"] == 1  # filed_late
    # to_check, checking, to_close, closed_today; neither the reworked nor the withdrawn finish
    assert figures["handled"] == figures["handled_in_time"] == 4
    assert figures["unhandled_late"] == 1  # handling_overdue
    assert figures["need_handle"] == 5
    assert figures["closed"] == figures["closed_in_time"] == 1
    assert figures["need_close"] == 2  # closed_today and the overdue one
    closed = {"closed_today", "closed_in_may", "finished_late"}
    ended = closed | {"not_accepted", "not_filed", "voided"}
    assert figures["open"] == len(fates) - len(ended)
    assert figures["self_handled"] == figures["forced_share"] == 0
    assert figures["dispatches"] > figures["need_handle"]


def test_a_late_finish_counts_in_the_day_of_its_deadline_and_in_the_day_it_came(district, fates):
    actor = district.actor("official-1")
    due = count_figures(actor, period_from({"since": "2026-06-08"}, NOW), ()).total
    came = count_figures(actor, period_from({"since": "2026-06-09"}, NOW), ()).total
    # finished_late and handling_overdue were due on the eighth, and not handled by its end.
    assert (due["unhandled_late"], due["handled_late"]) == (2, 0)
    assert (came["unhandled_late"], came["handled_late"], came["handled"]) == (1, 1, 1)
    assert (came["closed"], came["closed_in_time"]) == (1, 0)


def test_what_waits_past_its_limit_at_the_dispatch_desk_is_not_in_time(district, fates):
    figures = count_figures(district.actor("official-1"), period_from({}, NOW), ()).total
    waiting = {"to_dispatch_late", "filed_late"}
    late = [name for name in waiting if fates[name].state == State.TO_DISPATCH]
    assert figures["need_dispatch"] - figures["dispatched_in_time"] == len(late)


def test_life_of_three_months_adds_up_to_the_quarter(district, fates):
    actor = district.actor("official-1")
    months = [("04-01", "04-30"), ("05-01", "05-31"), ("06-01", "06-30")]
    parts = [
        count_figures(
            actor, period_from({"since": f"2026-{a}", "until": f"2026-{b}"}, NOW), ()
        ).total
        for a, b in months
    ]
    quarter = period_from({"since": "2026-04-01", "until": "2026-06-30"}, NOW)
    whole = count_figures(actor, quarter, ()).total
    life = [each.key for each in INDICATORS.values() if is_life(each)]
    assert {"reported", "filed", "dispatches", "handled", "closed", "self_handled"} < set(life)
    assert {key: sum(part[key] for part in parts) for key in life} == {
        key: whole[key] for key in life
    }
    assert sum(whole[key] > 0 for key in life) > len(life) / 2


def is_life(indicator):
    """A count of what happens at one instant; what stands at the cut is never added up (§3)."""
    arms = arms_of(indicator.key)
    return not indicator.is_rate and bool(arms) and STOCK not in arms


def test_the_command_side_counts_filed_cases_only(district, fates):
    dispatcher = district.actor("dispatcher-1")
    shown = {each.key for each in indicators_for(dispatcher)}
    assert "reported" not in shown
    figures = count_figures(dispatcher, period_from({"period": "month"}, NOW), ())
    everybody = Case.objects.filter(ended_at=None)
    assert figures.total["open"] == everybody.filter(filed_at__isnull=False).count()
    assert figures.total["open"] < everybody.count()


def test_cells_hold_the_open_cases_that_their_list_holds(district, fates):
    actor, period = district.actor("official-1"), period_from({}, NOW)
    counts = open_cases_by_cell(actor)
    assert sum(counts.values()) == Case.objects.filter(ended_at=None, cell__isnull=False).count()
    for code, count in counts.items():
        assert count_rows(INDICATORS["open"], actor, period, {"cell": code}) == count


def test_a_department_shades_its_own_open_cases_only(district, fates):
    counts = open_cases_by_cell(district.actor("department-w301"))
    assert counts == {}
    assert open_cases_by_cell(district.actor("department-d101"))
    assert open_cases_by_cell(district.actor("administrator")) == {}


def test_nothing_divided_by_nothing_is_no_rate():
    assert share(0, 0) is None
    assert share(737, 972) == Decimal("0.7582")
    assert share(911, 972) == Decimal("0.9372")
    assert share(13704, 13838) == Decimal("0.9903")
    assert share(1, 8) == Decimal("0.1250")
    assert share(5, 160_000) == Decimal("0.0000")


@pytest.mark.parametrize(
    ("figure", "wanted"),
    [
        ("open", {"department": "s201"}),
        ("handled", {"state": "CLOSED"}),
        ("open", {"state": "LATE"}),
        ("open", {"class": "0101"}),
    ],
)
def test_a_figure_is_not_narrowed_by_what_it_does_not_know(district, figure, wanted):
    actor, period = district.actor("official-1"), period_from({}, NOW)
    with pytest.raises(Invalid):
        rows_behind(INDICATORS[figure], actor, period, wanted)
