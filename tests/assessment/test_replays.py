"""Replays: what moved, object by object and case by case, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import pytest

from assessment.indicators import defined_as
from assessment.models import Scheme, SnapshotKind
from assessment.selectors.replays import redefined_since, replay_of
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from cases.workflow import State
from dispatch.services.checking import fail_check
from tests.dispatch.test_appeals import appeal
from tests.district import at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

JULY = at("12:00", on="2026-07-15")
# Of what a supervisor reported and is charged with.
WATCHED = ("patrol_reports", "valid_patrol", "found_or_missed")


def fresh():
    while refresh_facts():
        pass


def fails(walked):
    walked.now = at("09:00", on="2026-07-02")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    fresh()


def snapshot(scheme="department"):
    fresh()
    return make_snapshot(name="2026-06", scheme_key=scheme, kind=SnapshotKind.PROVISIONAL, at=JULY)


def net(found):
    """By object and figure how many rows came less how many went; what evens out left out."""
    moved = Counter()
    for one in found.cases:
        moved[one.key, one.figure.key] += 1 if one.entered else -1
    return {key: number for key, number in moved.items() if number}


def differences(found):
    return {
        (row.key, each.figure.key): each.after - each.before
        for row in found.rows
        for each in row.counts
    }


def test_the_cases_that_moved_are_exactly_those_of_which_something_was_recorded(walked, district):
    made = snapshot()
    fails(walked)
    official = district.actor("official-1")
    found = replay_of(official, made, made.scheme, JULY, "/dashboard/list/")
    moved = {(one.number, one.figure.key, one.key, one.entered) for one in found.cases}
    assert moved == {
        (walked.number, "handled", "s201", False),
        (walked.number, "handled_late", "s201", False),
        (walked.number, "handled_share", "s201", False),
        (walked.number, "need_handle", "s201", False),
        (walked.number, "finishes_checked", "s201", True),
        (walked.number, "rework", "s201", True),
    }, "its finish does not stand, and at the cut it waited with the centres"
    assert all(len(one.why) == 1 for one in found.cases)
    assert [row.key for row in found.rows if row.has_moved] == ["s201"]
    assert net(found) == differences(found)
    own = next(row for row in found.rows if row.key == "s201")
    assert sorted((one.before, one.after) for one in own.counts) == [
        (0, 1), (1, 0), (3, 4), (4, 3), (4, 3), (4, 3),
    ]  # fmt: skip
    assert own.difference is not None


def test_at_the_same_data_time_nothing_moves_under_the_same_version(walked, district):
    made = snapshot()
    fails(walked)
    found = replay_of(district.actor("official-1"), made, made.scheme, made.as_of, "/")
    assert found.cases == []
    assert not any(row.has_moved for row in found.rows)


def test_under_another_version_scores_move_and_cases_do_not(walked, district):
    made = snapshot()
    other = Scheme.objects.get(key="department-monthly")
    found = replay_of(district.actor("official-1"), made, other, made.as_of, "/")
    assert found.cases == []
    own = next(row for row in found.rows if row.key == "s201")
    assert own.has_moved
    assert own.counts == []


def test_the_page_lists_them_with_links_and_says_whether_the_bytes_are_the_same(
    walked, district, browser_client
):
    made = snapshot()
    fails(walked)
    browser_client.enter(district.user("official-1"))
    page = unescape(browser_client.get(f"/scores/{made.pk}/replay/").content.decode())
    assert made.sha256 in page
    assert "data-gc-moved" not in page
    page = unescape(browser_client.get(f"/scores/{made.pk}/replay/?as_of=now").content.decode())
    assert len(re.findall(f'data-gc-case="{walked.number} ', page)) == 6
    assert f'data-gc-case="{walked.number} handled_share s201 -"' in page
    assert f"/cases/{walked.number}/" in page
    objects, cases = page.split('id="moved-cases"')
    for address in re.findall(r'<a href="(/dashboard/list/[^"]*)">', cases):
        listed = browser_client.get(address)
        assert walked.number in listed.content.decode(), address
    moved = re.findall(r'<a href="(/dashboard/list/[^"]*)">([\d,]+)</a>', objects)
    assert len(moved) >= 4
    for address, number in moved:  # before and after, each as of its own data time
        assert f'data-gc-total="{number}"' in browser_client.get(address).content.decode(), address
    other = Scheme.objects.get(key="region-street")
    assert browser_client.get(f"/scores/{made.pk}/replay/?scheme={other.pk}").status_code == 404
    browser_client.enter(district.user("department-s201"))
    assert browser_client.get(f"/scores/{made.pk}/replay/").status_code == 403


def test_a_count_of_no_term_moves_with_its_cases_too(district, clock):
    """That an appeal was asked is in no term of the scheme, and still its row is listed."""
    clock.now = JULY
    late = start(district=district, state=State.HANDLING, reported_at=at("09:00", on="2026-06-29"))
    late.now = at("20:00", on="2026-06-29")
    for step in ("finish", "send_check", "check_passed", "close"):
        late.step(step)
    made = snapshot()
    late.now = at("09:00", on="2026-07-02")
    appeal(late, "overdue")
    fresh()
    found = replay_of(district.actor("official-1"), made, made.scheme, JULY, "/")
    assert differences(found) == {("s201", "appealed"): 1}
    assert net(found) == differences(found)


@pytest.fixture
def by_definitions_of_then(walked):
    """A final snapshot by the first version of 返工: by when the check was answered."""
    fails(walked)
    with defined_as({"finishes_checked": 1, "rework": 1}):
        return make_snapshot(
            name="2026-06", scheme_key="department", kind=SnapshotKind.FINAL, at=JULY
        )


def test_by_todays_definitions_the_cases_move_that_are_defined_anew(
    walked, district, by_definitions_of_then
):
    made = by_definitions_of_then
    official = district.actor("official-1")
    assert {one.figure.key for one in redefined_since(made)} == {"finishes_checked", "rework"}
    then = replay_of(official, made, made.scheme, made.as_of, "/")
    assert (then.cases, [row for row in then.rows if row.has_moved]) == ([], [])
    found = replay_of(official, made, made.scheme, made.as_of, "/", today=True)
    assert differences(found) == {("s201", "finishes_checked"): 1, ("s201", "rework"): 1}
    assert net(found) == differences(found)
    assert {(one.number, one.is_redefined, *one.why) for one in found.cases} == {
        (walked.number, True)
    }


def test_the_page_offers_the_definitions_of_then_and_of_today(
    walked, district, browser_client, by_definitions_of_then
):
    made = by_definitions_of_then
    browser_client.enter(district.user("official-1"))
    address = f"/scores/{made.pk}/replay/"
    page = unescape(browser_client.get(address).content.decode())
    assert made.sha256 in page
    assert 'id="redefined"' in page
    assert "data-gc-case" not in page
    page = unescape(browser_client.get(f"{address}?by=today").content.decode())
    assert f'data-gc-case="{walked.number} rework s201 +"' in page
    moved = re.findall(r'<a href="(/dashboard/list/[^"]*)">([\d,]+)</a>', page)
    assert len(moved) == 4
    for listed, number in moved:  # before and after, each by its own definitions
        assert f'data-gc-total="{number}"' in browser_client.get(listed).content.decode(), listed


def test_what_moved_of_people_is_for_their_chief(district, clock):
    clock.now = JULY
    walk = start(district=district, state=State.TO_FILE, reported_at=at("20:00", on="2026-06-30"))
    made = snapshot("supervisor")
    walk.now = at("09:00", on="2026-07-02")
    walk.step("file")
    fresh()
    moved = {
        user: {
            (one.key, one.figure.key, one.entered)
            for one in replay_of(district.actor(user), made, made.scheme, JULY, "/").cases
        }
        for user in ("duty-chief-1", "official-1")
    }
    desk = {("desk:supervisor", figure, True) for figure in WATCHED}
    name = walk.case.reported_by.username
    own = {(name, figure, True) for figure in WATCHED}
    assert moved["duty-chief-1"] == desk | own, "decided only in July"
    assert moved["official-1"] == desk
