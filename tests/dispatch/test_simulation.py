"""A simulated life is one and the same, whether services wrote it or the bulk."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from cases.models import Case
from cases.services.history import broken_links
from dispatch.simulation.comparing import differences, rows_of_all
from dispatch.simulation.simulate import Order, simulate_in_bulk, simulate_live
from tests.district import lay_out

ORDER = Order(first=date(2026, 6, 10), days=2, per_day=60, seed=1)


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate cases_case restart identity cascade")
        cursor.execute("select setval('cases_serial_2026', 1, false)")


@pytest.fixture
def district(transactional_db):
    return lay_out()


def test_services_and_bulk_write_the_same_two_days(district):
    assert simulate_in_bulk(ORDER) > 100
    assert list(broken_links()) == []
    bulk = rows_of_all()
    empty()
    simulate_live(ORDER)
    assert differences(rows_of_all(), bulk) == []
    assert {"CLOSED", "HANDLING"} <= set(Case.objects.values_list("state", flat=True))
