"""Which index finds the rows of a list: what is tried here on few rows must hold for millions."""

from __future__ import annotations

import pytest
from django.db import connection

from assessment.indicators import INDICATORS, Grain
from assessment.indicators.arms import slots_of
from assessment.models import FACTS
from assessment.periods import period_from
from assessment.selectors.figures import SCORER
from assessment.selectors.lists import list_rows
from cases.selectors.paging import FOUND, page_of
from dispatch.models import Department
from tests.district import at

pytestmark = pytest.mark.django_db
NOW = at("11:00")
BASES = [(grain, base) for grain in Grain for base in slots_of(grain)]


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


@pytest.fixture
def by_index(district):
    """A planner that reads no table from end to end, as of millions of rows it would not."""
    with connection.cursor() as cursor:
        cursor.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        yield
        cursor.execute("reset enable_seqscan; reset enable_bitmapscan")


@pytest.mark.parametrize(("grain", "base"), BASES, ids=str)
def test_the_index_of_an_instant_knows_the_street(by_index, grain, base):
    rows = FACTS[grain].objects.filter(
        **{f"{base}__gte": at("08:00"), f"{base}__lt": NOW}, street_id=1
    )
    found = rows.order_by(f"-{base}").values("id").explain()
    (condition,) = [line for line in found.splitlines() if "Index Cond" in line]
    assert base in condition
    assert "street_id" in condition


@pytest.mark.parametrize("key", ["open", "in_hand"])
def test_what_stood_is_not_looked_for_among_all_ids(by_index, key, django_assert_max_num_queries):
    period = period_from({"period": "last_month"}, NOW)
    with django_assert_max_num_queries(5) as seen:
        list_rows(INDICATORS[key], SCORER, period, {}, cursor=None, size=7)
    first = seen.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"explain {first}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "pkey" not in plan
    assert "Sort" in plan


def test_found_rows_are_paged_there_and_back_in_the_order_of_their_ids(district):
    ids = [*Department.objects.order_by("-pk").values_list("pk", flat=True)]
    rows = Department.objects.values("id")
    assert len(ids) >= 4
    first = page_of(rows, cursor=None, by=FOUND, size=2)
    second = page_of(rows, cursor=first.next, by=FOUND, size=2)
    back = page_of(rows, cursor=second.previous, by=FOUND, size=2)
    assert [row["id"] for row in (*first.rows, *second.rows)] == ids[:4]
    assert back.rows == first.rows
    assert (first.previous, back.previous) == (None, None)
