"""Posts: figures of desks and of people, seen by themselves and their chief only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from assessment.indicators import INDICATORS, indicators_of_post
from assessment.models import StayFact
from assessment.periods import period_from
from assessment.posts import OF_CHIEF, POSTS
from assessment.selectors.figures import SCORER, rows_behind
from assessment.selectors.posts import desk_line, own_lines, person_lines
from assessment.services.facts import rebuild_facts
from cases.models import Stay
from cases.services.opening import note_first_opening
from cases.workflow import State
from gridcity.contracts import Forbidden, Invalid
from tests.assessment.alike import current
from tests.district import at
from tests.factories import start

NOW = at("11:00")
PERIODS = [{"period": "today"}, {"period": "month"}, {"period": "last_month"}]


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


@pytest.mark.parametrize("query", PERIODS, ids=lambda query: query["period"])
@pytest.mark.parametrize("post", POSTS)
def test_every_figure_of_a_desk_and_of_a_person_is_as_long_as_its_list(
    district, fates, post, query
):
    period = period_from(query, NOW)
    official = district.actor("official-1")
    desk = desk_line(post, period)
    for indicator in indicators_of_post(post):
        rows = rows_behind(indicator, official, period, {"post": post})
        assert rows.count() == desk.counts[indicator.key], indicator.key
    # The product scores everybody; of people in service only those of two posts have a chief.
    reader = district.actor("duty-chief-1") if post in OF_CHIEF else SCORER
    for line in person_lines(reader, post, period):
        for key, count in line.counts.items():
            wanted = {"post": post, "person": line.username}
            rows = rows_behind(INDICATORS[key], reader, period, wanted)
            assert rows.count() == count, (line.username, key)
            whole = INDICATORS[key].of
            assert not whole or count <= line.counts[whole], (line.username, key)


def test_people_and_what_lay_open_at_the_desk_add_up_to_the_desk(district, fates):
    period = period_from({"period": "month"}, NOW)
    for post in ("supervisor", "acceptor", "duty_chief"):
        desk, people = desk_line(post, period), person_lines(SCORER, post, period)
        for indicator in indicators_of_post(post):
            if indicator.own is not None:
                continue  # people are judged from their own opening of it
            left = rows_behind(indicator, SCORER, period, {"post": post, "person": "none"})
            parts = sum(line.counts[indicator.key] for line in people) + left.count()
            assert parts == desk.counts[indicator.key], indicator.key
    assert any(any(line.counts.values()) for line in people)


def test_a_dispatcher_is_counted_by_distinct_cases(district, fates):
    line = own_lines(district.actor("dispatcher-1"), period_from({"period": "month"}, NOW))[0]
    assert line.post == "dispatcher"
    assert line.counts["dispatched"] > 0
    assert line.counts["dispatches"] == line.counts["dispatched"] + 1  # one was reassigned


def test_a_person_is_seen_by_himself_and_by_the_chief_of_his_post_only(district, fates):
    period = period_from({"period": "month"}, NOW)
    official, chief = district.actor("official-1"), district.actor("duty-chief-1")
    acceptor, dispatcher = district.actor("acceptor-1"), district.actor("dispatcher-1")
    wanted = {"person": acceptor.username}
    for actor in (acceptor, chief):
        assert rows_behind(INDICATORS["accepted"], actor, period, wanted).exists()
    for actor in (official, dispatcher):
        with pytest.raises(Forbidden):
            rows_behind(INDICATORS["accepted"], actor, period, wanted)
        with pytest.raises(Forbidden):
            person_lines(actor, "acceptor", period)
    for post in ("dispatcher", "duty_chief"):
        with pytest.raises(Forbidden):
            person_lines(chief, post, period)
    with pytest.raises(Forbidden):
        rows_behind(INDICATORS["accepted"], official, period, {"person": "none"})


def test_a_figure_of_no_post_is_not_narrowed_to_a_person(district):
    with pytest.raises(Invalid):
        rows_behind(INDICATORS["handled"], district.actor("official-1"),
                    period_from({}, NOW), {"post": "dispatcher"})  # fmt: skip


def test_a_stay_is_charged_to_a_person_from_his_first_opening_on(district, fates):
    """It lay unopened beyond its limit: the desk's time, not his, who then was quick."""
    with transaction.atomic():
        opened_at = at("10:01")
        walked = start(district=district, state=State.TO_FILE, reported_at=at("08:00"))
        chief = district.actor("duty-chief-1")
        stay = Stay.objects.get(case=walked.case, ended_at=None)
        assert note_first_opening(stay=stay, actor=chief, at=opened_at)
        walked.now = opened_at + timedelta(minutes=1)
        walked.step("file")
        rebuild_facts()
        fact = current(StayFact).get(case=walked.case, key=stay.seq)
        assert (fact.in_time, fact.own_in_time) == (False, True)
        transaction.set_rollback(True)


def test_a_colleagues_opening_charges_nobody_else(district, fates):
    """One had it open at 5 minutes; who answers at 40 never had, or opened it a minute before."""
    for opened_by, own_in_time in (((), False), (("acceptor-2",), True),
                                   (("acceptor-2", "acceptor-1"), True)):  # fmt: skip
        with transaction.atomic():
            walked = start(district=district, reported_at=at("08:00"))
            stay = Stay.objects.get(case=walked.case, ended_at=None)
            for minutes, name in zip((5, 39), opened_by, strict=False):
                opened_at = walked.now + timedelta(minutes=minutes)
                note_first_opening(stay=stay, actor=district.actor(name), at=opened_at)
            walked.now += timedelta(minutes=40)
            walked.step("accept")
            rebuild_facts()
            fact = current(StayFact).get(case=walked.case, key=stay.seq)
            assert (fact.in_time, fact.own_in_time) == (False, own_in_time), opened_by
            transaction.set_rollback(True)


def test_who_had_it_open_too_long_is_late_though_another_looked_later(district, fates):
    with transaction.atomic():
        walked = start(district=district, reported_at=at("08:00"))
        stay = Stay.objects.get(case=walked.case, ended_at=None)
        for minutes, name in ((5, "acceptor-1"), (39, "acceptor-2"), (39, "acceptor-1")):
            opened_at = walked.now + timedelta(minutes=minutes)
            note_first_opening(stay=stay, actor=district.actor(name), at=opened_at)
        walked.now += timedelta(minutes=40)
        walked.step("accept")
        rebuild_facts()
        fact = current(StayFact).get(case=walked.case, key=stay.seq)
        assert fact.own_in_time is False
        transaction.set_rollback(True)


def test_the_page_behind_an_own_figure_opens_for_its_person_only(browser_client, district, fates):
    address = "/dashboard/list/?figure=accepted&period=month&person=acceptor-1"
    for user, status in (("acceptor-1", 200), ("duty-chief-1", 200), ("official-1", 403),
                         ("supervisor-1", 403)):  # fmt: skip
        browser_client.enter(district.users[user])
        assert browser_client.get(address).status_code == status, user
