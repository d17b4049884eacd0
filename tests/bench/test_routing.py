"""The measurement of the routing: which pairs are asked, and which figures miss their target."""

from __future__ import annotations

import pytest

from bench.routing import Routing, measure_routing, pairs_of
from tests.district import TestDistrict


@pytest.mark.django_db
def test_every_class_in_use_is_asked_in_every_cell(district: TestDistrict) -> None:
    pairs = pairs_of()
    active = {
        (entry.kind, entry.scheme_id, entry.code)
        for name, entry in district.classes.items()
        if entry.is_active and name != "later"
    }
    assert len(set(pairs)) == len(pairs) == len(active) * len(district.cells)
    assert {entry for entry, _areas in pairs} == active
    seen = measure_routing()
    assert seen.pairs == len(pairs)
    assert seen.answers and seen.proposals and seen.floor  # noqa: PT018


@pytest.mark.parametrize(
    ("answers", "proposals", "floor", "count"),
    [
        (100_000, 50_000, 600_000, 0),
        (99_999, 50_000, 500_000, 1),
        (100_000, 50_000, 700_000, 1),
        (500_000, 10_000, 500_000, 1),
        (0, 0, 1, 3),
    ],
)
def test_a_figure_below_its_target_is_named(answers, proposals, floor, count) -> None:
    assert len(Routing(1, answers, proposals, floor).missed()) == count
