"""What several processes write into bare tables is what one would have written, facts included."""

from __future__ import annotations

from datetime import date

import pytest

from assessment.services.facts_at_large import rebuild_facts_at_large
from assessment.services.facts_check import check_facts
from cases.models import Event
from cases.services.history import broken_links
from dispatch.models import Request
from dispatch.simulation.comparing import COMPARED, differences, played_and_undone, rows_of_all
from dispatch.simulation.large import simulate_at_large
from dispatch.simulation.simulate import Order, simulate_in_bulk
from tests.district import lay_out

ORDER = Order(first=date(2026, 6, 8), days=5, per_day=40, seed=3)


@pytest.mark.django_db(transaction=True)
def test_two_processes_write_the_chains_and_facts_that_one_would():
    lay_out()
    one = played_and_undone(simulate_in_bulk, ORDER)
    count = simulate_at_large(ORDER, 2)
    two = rows_of_all()
    assert count == len(one["Case"]) > 100
    assert Request.objects.exists()
    alike = ("Case", "Event", "Stay", "Task", "Photo", "CallBack", "Rating", "Miss")
    assert {model.__name__ for model, *_rest in COMPARED} > set(alike)
    assert differences(*({key: rows[key] for key in alike} for rows in (one, two))) == []
    assert list(broken_links()) == []
    assert Event.objects.count() == len(one["Event"])
    assert rebuild_facts_at_large(2) == count
    found = check_facts()
    assert (found.cases, found.wrong, found.wrong_sums) == (count, {}, [])
    assert found.rows > count
    assert found.sums > 0
