"""A simulated life is one and the same, whether the services wrote it or the bulk."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.urls import reverse

from cases.clocks.shifts import Planned, shift_begin
from cases.models import Case, Event
from cases.services.history import broken_links
from cases.sources import Source
from dispatch.models import ClockKind, RequestStep, TimerFiring
from dispatch.services.timer_notices import IDLE
from dispatch.simulation import aftermath, asides, reports, story, telling
from dispatch.simulation.clockwork import late_step
from dispatch.simulation.comparing import differences, played_and_undone
from dispatch.simulation.people import desk_shifts, read_people
from dispatch.simulation.record import Record
from dispatch.simulation.simulate import Order, simulate_in_bulk, simulate_live
from gridcity.contracts import Role
from tests.cases.test_stays import check_tiled
from tests.district import SHANGHAI
from tests.factories import start

ORDER = Order(first=date(2026, 6, 10), days=2, per_day=60, seed=1)
WEEKS = Order(first=date(2026, 1, 5), days=28, per_day=30, seed=2)
RARE = (
    *((story, name) for name in ("HOPELESS", "SUCCEEDED", "UNDONE", "NOT_TRUE", "MISSED")),
    *((story, name) for name in ("SENT_BACK", "WRONG_DISPATCH", "RETURNED_AGAIN")),
    *((asides, name) for name in ("AMENDED", "SUPPLEMENTED", "SUPERVISED", "ADDED_BY_REPORTER")),
    *((asides, name) for name in ("SENT_BACK_UNDONE", "RETURN_UNDONE", "UNMERGED")),
    *((aftermath, name) for name in ("RATED", "OBJECTED", "RECONSIDERED", "APPEALED")),
)
# What must happen in some weeks, so that every ledger has something to show.
HAPPENS = {
    "report_self_handled", "merge", "send_verify", "not_accept", "not_file", "approve_return",
    "ask_extension", "reassign", "check_failed", "pass_task_on", "urge", "call_back", "ask_appeal",
    "supervise", "amend", "supplement", "undo_dispatch", "rate", "object_missed", "reconsider",
    "send_back_to_file", "reopen", "withdraw_finish", "ask_void", "force_close",
}  # fmt: skip


def test_services_and_bulk_write_the_same_two_days(district):
    bulk = played_and_undone(simulate_in_bulk, ORDER)
    live = played_and_undone(simulate_live, ORDER)
    assert differences(live, bulk) == []
    assert len(bulk["Case"]) > 100
    assert {"CLOSED", "HANDLING"} <= {case["state"] for case in bulk["Case"]}


def test_what_is_rare_is_the_same_in_both_ways(district, monkeypatch):
    """Forced closes with their successors, ratings, objections, what is supervised or undone."""
    for module, name in RARE:
        monkeypatch.setattr(module, name, 0.5)
    monkeypatch.setattr(story, "HOPELESS", 0.2)
    monkeypatch.setattr(story, "MERGED", 1)
    monkeypatch.setattr(asides, "SUPERVISED", 1)
    monkeypatch.setattr(telling, "WITHDRAWN_ASKING", 0.15)
    monkeypatch.setitem(reports.SOURCES, Source.PUBLIC, 900)
    order = Order(first=date(2026, 6, 8), days=5, per_day=12, seed=5)
    bulk = played_and_undone(simulate_in_bulk, order)
    live = played_and_undone(simulate_live, order)
    assert differences(live, bulk) == []
    happened = {event["action"] for event in bulk["Event"]}
    assert happened >= {
        "force_close", "succeed", "rate", "object_missed", "supervise", "undo_dispatch",
        "reconsider", "amend", "supplement", "ask_appeal", "uphold_objection", "refuse_objection",
        "undo_send_back", "undo_return", "undo_merge", "let_go", "ask_designation",
        "withdraw_request",
    }  # fmt: skip
    assert any(turn["is_designation"] for turn in bulk["Turn"])
    assert any(request["used_by_id"] for request in bulk["Request"])
    assert ("supplement", "citizen") in {(e["action"], e["role"]) for e in bulk["Event"]}
    numbers = sorted(case["number"] for case in bulk["Case"])
    assert len(set(numbers)) == len(numbers)


def test_a_case_reported_after_successors_takes_the_next_number(district, monkeypatch):
    """Live numbers are given out of turn to successors; real cases go on after the last of all."""
    monkeypatch.setattr(story, "HOPELESS", 0.5)
    order = Order(first=date(2026, 6, 8), days=6, per_day=10, seed=4)
    for way in (simulate_in_bulk, simulate_live):
        way(order)
        last = Case.objects.order_by("number").last()
        assert last.root_id is not None
        assert int(start(district=district).number) == int(last.number) + 1


def test_weeks_in_bulk_have_whole_chains_and_stays_without_gaps(district):
    count = simulate_in_bulk(WEEKS)
    assert Case.objects.count() == count > 500
    assert list(broken_links()) == []
    assert set(Event.objects.values_list("action", flat=True)) >= HAPPENS
    for case in Case.objects.all()[:200]:
        check_tiled(case)


def test_a_case_reported_after_a_simulation_takes_the_next_number(district):
    simulate_in_bulk(ORDER)
    last = Case.objects.order_by("number").last()
    assert int(start(district=district).number) == int(last.number) + 1


def test_another_seed_is_another_life_and_the_same_seed_the_same(district):
    first, again, other = (
        played_and_undone(simulate_in_bulk, Order(date(2026, 6, 10), 1, 20, seed))
        for seed in (1, 1, 2)
    )
    assert differences(again, first) == []
    assert differences(other, first) != []


def test_what_is_open_at_the_end_of_a_simulation_goes_no_further(district):
    noon = datetime(2026, 6, 11, 12, tzinfo=SHANGHAI)
    simulate_in_bulk(Order(date(2026, 6, 10), 2, 60, 1, until=noon))
    assert Case.objects.order_by("reported_at").last().reported_at < noon
    assert Case.objects.open().exists()


def test_the_pages_of_a_simulated_district_open(district, browser_client):
    simulate_in_bulk(ORDER)
    browser_client.enter(district.user("official-1"))
    span = {"from": "2026-06-10", "to": "2026-06-11"}
    closed = Case.objects.filter(state="CLOSED", self_handled=False).first()
    for path in ("assessment:dashboard", "assessment:ledgers"):
        assert browser_client.get(reverse(path), span).status_code == 200
    page = browser_client.get(reverse("dispatch:case", args=[closed.number]))
    assert closed.result in page.content.decode()


def test_what_waits_a_day_for_a_lead_is_told_once_in_bulk_as_by_the_services():
    """Over a weekend, when his hour has not run out yet (domain law §6.4, end)."""
    saturday, monday = (datetime(2026, 6, day, 9, tzinfo=SHANGHAI) for day in (13, 15))
    step = RequestStep(
        pk=7, reviewer_role=Role.DEPARTMENT, due_at=monday, idle_at=saturday, limit_s=3600
    )
    record = Record(case=Case(), report=None, ewkb="", point=(0, 0), steps=[step])
    assert min(late_step(record)) == (saturday, IDLE)
    record.firings.append(TimerFiring(clock_kind=ClockKind.STEP, clock_id=7, level=IDLE))
    assert [level for _due, level in late_step(record)] == [2]


def test_a_district_in_service_is_refused(district, settings):
    settings.DEMO = False
    start(district=district)
    with pytest.raises(CommandError, match="real ones"):
        call_command("simulate", "--days", "1", "--bulk")


def test_the_command_plays_both_ways_and_keeps_neither(district):
    said = StringIO()
    call_command(
        "simulate", "--from", "2026-06-10", "--days", "1", "--cases-per-day", "8", "--compare",
        stdout=said,
    )  # fmt: skip
    assert said.getvalue().startswith("equal: ")
    assert not Case.objects.exists()


def test_shifts_of_a_desk_are_those_in_which_its_people_sit_there(district):
    """Enough people keep three shifts; fewer share all of them, and none is planned for them."""
    assert desk_shifts() == {}
    users = get_user_model().objects
    for n in range(3, 7):
        users.create_user(f"acceptor-{n}", "a-password", roles=[Role.ACCEPTOR])
    people, random = read_people(), Random(1)
    shifts, seen = desk_shifts(), set()
    assert set(shifts) == {actor.user_id for actor in people.desks[Role.ACCEPTOR]}
    for hour in range(24):
        for _ in range(20):
            instant = datetime(2026, 6, 10, hour, 30, tzinfo=SHANGHAI)
            person = people.at_desk(Role.ACCEPTOR, instant, random).user_id
            _name, begins, ends = shifts[person]
            assert shift_begin([Planned(date(2026, 1, 1), (begins, ends))], instant) is not None
            seen.add(person)
    assert seen == set(shifts)
