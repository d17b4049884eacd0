"""What the bench generates is what the product itself would have written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from bench.generate.fill import fill
from cases.models import Case
from cases.services.history import broken_links
from dispatch.models import Turn
from tests.cases.test_stays import check_tiled
from tests.district import lay_out
from tests.factories import start

CASES = 300


@pytest.fixture
def filled(transactional_db):
    """Cases of some weeks in the small district."""
    district = lay_out()
    fill(CASES, processes=1, until=datetime(2026, 6, 10, 4, tzinfo=UTC))
    return district


def test_generated_cases_have_whole_chains_stays_without_gaps_and_lawful_rows(filled):
    assert Case.objects.count() == CASES
    assert list(broken_links()) == []
    for case in Case.objects.all():
        check_tiled(case)
    assert len(set(Case.objects.values_list("state", flat=True))) >= 6
    assert Turn.objects.filter(ended_at=None).exclude(case__ended_at=None).count() == 0
    with connection.cursor() as cursor:  # whatever is not valid fails here
        cursor.execute(
            "select conrelid::regclass::text, conname from pg_constraint"
            " where not convalidated and contype = 'f' order by 1"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"alter table {table} validate constraint {name}")


def test_a_case_reported_after_the_generated_ones_takes_the_next_number(filled):
    last = Case.objects.order_by("number").last()
    assert int(start(district=filled).number) == int(last.number) + 1
