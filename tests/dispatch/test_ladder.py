"""The ladder of escalation as data: which one a turn gets, whom it tells, how it is set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases.models import Delivery
from cases.workflow import State
from dispatch.ladder import DEFAULT_RUNGS, Asked, Ladder, Rung, choose, faults_of
from dispatch.models import EscalationLadder, EscalationRung, TimerFiring, Turn
from dispatch.selectors.ladders import forget, rungs_of
from dispatch.services.timers import sweep_timers
from tests.clients import PageClient
from tests.district import TestDistrict, at
from tests.factories import start

ASKED = Asked("event", "gb", "0203", 7, at("10:00"))


def ladder(number: int, **said: Any) -> Ladder:
    plain: dict[str, Any] = {
        "kind": "", "scheme": "", "class_prefix": "", "department_id": None,
        "valid_from": at("08:00"), "rungs": DEFAULT_RUNGS,
    }  # fmt: skip
    return Ladder(id=number, **plain | said)


def test_the_nearest_ladder_counts_department_before_class_and_later_before_earlier() -> None:
    ladders = [
        ladder(1),
        ladder(2, valid_from=at("09:00")),
        ladder(3, valid_from=at("10:01")),
        ladder(4, kind="event"),
        ladder(5, kind="event", scheme="gb", class_prefix="02"),
        ladder(6, kind="event", scheme="gb", class_prefix="0203"),
        ladder(7, department_id=7),
        ladder(8, department_id=8, kind="event", scheme="gb", class_prefix="0203"),
        ladder(9, kind="part", scheme="gb", class_prefix="0203"),
        ladder(10, kind="event", scheme="dc", class_prefix="0203"),
    ]
    order = []
    while (found := choose(ladders, ASKED)) is not None:
        order.append(found.id)
        ladders.remove(found)
    assert order == [7, 6, 5, 4, 2, 1]


@pytest.mark.parametrize(
    ("rungs", "faults"),
    [
        (DEFAULT_RUNGS, []),
        ((Rung(1, 100, "lead"),), []),
        ((), ["none"]),
        ((Rung(0, 80, "members"),), ["none"]),
        ((Rung(0, 100, "members"), Rung(1, 120, "lead")), ["late"]),
        ((Rung(1, 90, "lead"),), ["early"]),
        ((Rung(1, 150, "lead"), Rung(2, 150, "official")), ["order"]),
        ((Rung(1, 150, "lead"), Rung(1, 200, "official")), ["order"]),
    ],
)
def test_a_ladder_rises_and_is_never_silent(rungs: tuple[Rung, ...], faults: list[str]) -> None:
    assert faults_of(rungs) == faults


@pytest.mark.django_db
def test_the_default_ladder_stands_in_the_table() -> None:
    row = EscalationLadder.objects.get()
    assert rungs_of(row.pk) == rungs_of(None) == DEFAULT_RUNGS


def set_ladder(*rungs: tuple[int, int, str], **said: Any) -> EscalationLadder:
    row = EscalationLadder.objects.create(valid_from=at("08:00"), **said)
    EscalationRung.objects.bulk_create(
        EscalationRung(ladder=row, level=level, share=share, receiver=receiver)
        for level, share, receiver in rungs
    )
    forget()
    return row


@pytest.mark.django_db
def test_a_turn_tells_by_the_ladder_that_held_when_it_began(district: TestDistrict) -> None:
    office = district.departments["s201"]
    set_ladder((0, 50, "lead"), (1, 120, "official"), department=office)
    walk = start(district=district, state=State.HANDLING, entry="stall")  # 2 urgent hours
    began = walk.now
    set_ladder((1, 100, "members"), department=office, note="later", kind="event")
    assert sweep_timers(at=began + timedelta(minutes=60)).done == {}
    assert sweep_timers(at=began + timedelta(minutes=61)).done == {"turn": 1}
    assert sweep_timers(at=began + timedelta(minutes=143)).done == {}
    assert sweep_timers(at=began + timedelta(minutes=400)).done == {"turn": 1}
    fired = TimerFiring.objects.order_by("level").values_list("level", "share", "occurred_at")
    assert list(fired) == [
        (0, 50, began + timedelta(minutes=60)),
        (1, 120, began + timedelta(minutes=144)),
    ]
    told = Delivery.objects.filter(case__number=walk.number, kind__in=["warning", "escalation"])
    assert set(told.values_list("kind", "receiver__username")) == {
        ("warning", "department-s201-lead"),
        ("escalation", "official-1"),
    }
    assert Turn.objects.get().timer_at is None


# ---------------------------------------------------------------- the administration


def form(*rungs: tuple[int, int, str], **change: str) -> dict[str, str]:
    said = {
        "kind": "", "scheme_key": "", "class_prefix": "", "department": "", "note": "",
        "valid_from_0": "2026-06-10", "valid_from_1": "11:00",
        "rungs-TOTAL_FORMS": str(max(len(rungs), 5)), "rungs-INITIAL_FORMS": "0",
    }  # fmt: skip
    for number, (level, share, receiver) in enumerate(rungs):
        said |= {
            f"rungs-{number}-level": str(level),
            f"rungs-{number}-share": str(share),
            f"rungs-{number}-receiver": receiver,
        }
    for number in range(len(rungs), 5):
        said[f"rungs-{number}-DELETE"] = "on"
    return said | change


@pytest.fixture
def office(browser_client: PageClient, district: TestDistrict) -> PageClient:
    return browser_client.enter(district.user("administrator"))


ADD = "admin:dispatch_escalationladder_add"
AS_BY_DEFAULT = tuple((rung.level, rung.share, str(rung.receiver)) for rung in DEFAULT_RUNGS)


def test_a_new_ladder_begins_with_the_levels_of_the_default(office: PageClient, clock: Any) -> None:
    html = office.get(reverse(ADD)).content.decode()
    assert html.count('name="rungs-') > 15
    assert 'value="150"' in html
    response = office.post(reverse(ADD), form(*AS_BY_DEFAULT))
    assert response.status_code == 302
    made = EscalationLadder.objects.order_by("-pk")[0]
    assert rungs_of(made.pk) == DEFAULT_RUNGS


def test_a_ladder_is_edited_until_it_holds_and_followed_afterwards(
    office: PageClient, district: TestDistrict, clock: Any
) -> None:
    department = str(district.departments["s201"].pk)
    said = form((1, 110, "lead"), (2, 250, "official"), valid_from_1="12:00", department=department)
    assert office.post(reverse(ADD), said).status_code == 302
    made = EscalationLadder.objects.order_by("-pk")[0]
    assert [rung.share for rung in rungs_of(made.pk)] == [110, 250]
    page = reverse("admin:dispatch_escalationladder_change", args=[made.pk])
    assert office.get(page).status_code == 200
    clock.move(hours=2)
    assert office.post(page, said).status_code == 403


@pytest.mark.parametrize(
    ("rungs", "change"),
    [
        ((), {}),
        (((0, 80, "members"),), {}),
        (((1, 150, "lead"), (2, 120, "official")), {}),
        (((1, 100, "nobody"),), {}),
        (((1, 100, "lead"),), {"valid_from_1": "10:00"}),
        (((1, 100, "lead"),), {"class_prefix": "02"}),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(
    office: PageClient, clock: Any, rungs: tuple[tuple[int, int, str], ...], change: dict[str, str]
) -> None:
    response = office.post(reverse(ADD), form(*rungs, **change))
    assert response.status_code == 200
    assert EscalationLadder.objects.count() == 1
