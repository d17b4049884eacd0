"""Scores and what explains them: every page is accessible, on a phone and at a desk."""

from __future__ import annotations

import pytest
from django.utils import timezone

from assessment.models import Depositor, Guarantee, Scheme, SnapshotKind
from assessment.services.demonstration import BANDS
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from cases.workflow import State
from tests import shipped
from tests.browser.conftest import DESK, PHONE, settle
from tests.district import at
from tests.factories import start

OFFICIAL = (
    "/scores/", "/scores/{streets}/", "/scores/{streets}/110101001/", "/scores/{departments}/",
    "/scores/{departments}/s201/", "/scores/{departments}/replay/",
    "/scores/{departments}/replay/?as_of=now&by=today", "/dashboard/indicators/",
    "/guarantees/", "/guarantees/{guarantee}/", "/inspections/", "/schemes/{scheme}/",
    "/schemes/{scheme}/try/?period=2026-06",
)  # fmt: skip
OWN = {
    "department-s201": ("/scores/mine/", "/dashboard/indicators/"),
    "supervisor-1": ("/scores/own/", "/dashboard/indicators/"),
    "duty-chief-1": ("/scores/own/", "/inspections/", "/inspections/new/"),
    "administrator": ("/schemes/{scheme}/", "/guarantees/{guarantee}/"),
}


@pytest.fixture
def named(shared_district):
    """The numbers of what there is to look at: a month with scores, and a year of deposits."""
    shipped.put_back(only={Scheme._meta.db_table})
    for hour in range(8, 20):
        start(
            district=shared_district, state=State.CLOSED,
            reported_at=at(f"{hour:02d}:00", on="2026-06-09"),
        )  # fmt: skip
    start(district=shared_district, state=State.HANDLING, reported_at=timezone.now())
    while refresh_facts():
        pass
    now = at("12:00", on="2026-07-15")
    made = {
        name: make_snapshot(name="2026-06", scheme_key=key, kind=SnapshotKind.FINAL, at=now).pk
        for name, key in (
            ("streets", "region-street"), ("departments", "department"), ("cells", "region-cell"),
            ("supervisors", "supervisor"), ("chiefs", "duty-chief"),
        )
    }  # fmt: skip
    deposits = Guarantee.objects.create(
        year=2026, name="保证金", scheme_key="region-street", bands=BANDS
    )
    Depositor.objects.create(
        guarantee=deposits, object_key="110101001", kind="unit", title="街道", amount=100_000
    )
    scheme = Scheme.objects.get(key="department", version=1)
    return made | {"guarantee": deposits.pk, "scheme": scheme.pk}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_scores_are_accessible(person, named, size):
    official = person(size)
    official.enter("official-1")
    for path in OFFICIAL:
        settle(official.go(path.format(**named)))
        official.check_accessible()


@pytest.mark.parametrize("who", OWN)
def test_ones_own_pages_are_accessible(person, named, who):
    somebody = person(DESK)
    somebody.enter(who)
    for path in OWN[who]:
        settle(somebody.go(path.format(**named)))
        somebody.check_accessible()
