"""漏报: who may have missed a matter, the question at the filing, the objection and its answer."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from assessment.indicators import INDICATORS
from assessment.periods import period_from
from assessment.selectors.figures import SCORER, count_figures, rows_behind
from assessment.selectors.posts import count_persons
from assessment.services.facts import rebuild_facts
from cases.models import Delivery, Miss
from cases.selectors.misses import candidate_of
from cases.services.history import first_broken
from cases.services.merging import merge_case
from cases.services.missing import object_to_miss, refuse_objection, uphold_objection
from cases.workflow import State
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from parts.models import CatalogueClass, Patrol, PatrolCell
from parts.selectors import who_patrolled
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

TEN = at("10:00")  # the day shift begins at 7
WAIVED = {"waiver": "来电人已提供照片"}


def called(district, when=TEN, by="acceptor-1", source="HOTLINE", **more):
    """A call about rubbish in a cell that supervisor-1 walks by day, accepted without a visit."""
    walk = start(district=district, by=by, source=source, reported_at=when, **more)
    walk.step("accept", **WAIVED)
    return walk


def who(walk):
    found = candidate_of(walk.case, walk.now)
    return found and (found.supervisor_id, found.shift)


def test_the_shifts_supervisor_may_have_missed_what_a_citizen_reports(district):
    walk = called(district)
    assert who(walk) == (district.user("supervisor-1").pk, "day")


@pytest.mark.parametrize(
    ("when", "missed_by"),
    [("08:59", ""), ("09:00", "supervisor-1"), ("18:59", "supervisor-1"), ("19:00", ""),
     ("20:59", ""), ("21:00", "supervisor-3"), ("06:59", "supervisor-3")],
)  # fmt: skip
def test_only_a_shift_that_had_run_for_two_hours(district, when, missed_by):
    walk = called(district, at(when))
    found = who(walk)
    assert (found[0] if found else None) == (district.user(missed_by).pk if missed_by else None)


@pytest.mark.parametrize("source", ["LEADER", "SUPERIOR", "VIDEO"])
def test_what_is_no_voice_of_the_public_was_not_missed(district, source):
    walk = start(district=district, by="acceptor-1", source=source, reported_at=TEN)
    walk.step("accept")
    assert who(walk) is None


def test_a_class_that_is_not_seen_on_patrol_is_not_missed(district):
    CatalogueClass.objects.update(seen_on_patrol=False)
    assert who(called(district)) is None


@pytest.mark.parametrize(("before", "is_missed"), [(24 * 60, False), (24 * 60 + 1, True)])
def test_a_supervisors_report_of_it_within_a_day_before_clears_the_patrol(
    district, before, is_missed
):
    own = start(district=district, reported_at=TEN - timedelta(minutes=before))
    member = start(district=district, by="acceptor-1", source="HOTLINE", reported_at=TEN)
    member.now = own.now = TEN + timedelta(minutes=2)
    merge_case(
        number=member.number, actor=member.actor("acceptor-1"), at=member.now,
        version=member.case.version, leading=own.number, reason="同一处",
    )  # fmt: skip
    own.step("accept")
    assert (who(own) is not None) is is_missed


def test_a_call_merged_into_a_later_report_of_a_supervisor_was_missed_all_the_same(district):
    member = start(district=district, by="acceptor-1", source="HOTLINE", reported_at=TEN)
    own = start(district=district, reported_at=TEN + timedelta(minutes=5))
    member.now = TEN + timedelta(minutes=6)
    merge_case(
        number=member.number, actor=member.actor("acceptor-1"), at=member.now,
        version=member.case.version, leading=own.number, reason="同一处",
    )  # fmt: skip
    own.now = member.now
    own.step("accept")
    assert who(own) == (district.user("supervisor-1").pk, "day")


@pytest.mark.django_db(transaction=True)
def test_whose_cell_it_was_when_it_was_reported(district):
    """A cell given to another between the report and the filing was the first one's."""
    cell, day = district.cells[1, 1], ["day"]
    mine = PatrolCell.objects.get(cell=cell, patrol__shift_id="day")
    first, second = (district.user(f"supervisor-{n}").pk for n in (1, 2))
    reported = timezone.now()
    other = Patrol.objects.get(supervisor_id=second, shift_id="day")
    PatrolCell.objects.create(patrol=other, cell=cell)
    mine.delete()
    filed = timezone.now()
    said = {"cell_id": cell.pk, "shifts": day, "now": filed}
    assert who_patrolled(at=reported, **said) == [(first, "day")]
    assert who_patrolled(at=filed, **said) == [(second, "day")]
    assert who_patrolled(at=reported, **said | {"shifts": []}) == []


def test_confirmed_with_the_filing_and_told_to_the_supervisor(district):
    walk = called(district)
    walk.step("file", missed=True)
    miss = Miss.objects.get()
    assert (miss.supervisor.username, miss.source, miss.reported_at) == (
        "supervisor-1", "HOTLINE", TEN,
    )  # fmt: skip
    assert miss.object_until == walk.now + timedelta(days=7)
    event = walk.case.events.get(action="file")
    assert event.changes["missed"] == miss.supervisor_id
    assert Delivery.objects.filter(kind="missed", receiver=miss.supervisor).exists()
    assert first_broken(walk.case) is None


@pytest.mark.parametrize("missed", [None, False])
def test_without_a_yes_nothing_is_charged(district, missed):
    walk = called(district)
    walk.step("file", missed=missed)
    assert not Miss.objects.exists()
    assert "missed" not in walk.case.events.get(action="file").changes


def test_a_yes_without_a_candidate_is_refused_and_nothing_is_filed(district):
    walk = start(district=district, state=State.TO_FILE)
    with pytest.raises(Invalid) as refused:
        walk.step("file", missed=True)
    assert "missed" in refused.value.fields
    assert walk.case.state == State.TO_FILE


def test_what_was_filed_before_is_no_question_again(district):
    walk = called(district)
    walk.step("file", missed=True)
    from dispatch.services.handling import send_back_to_file

    send_back_to_file(
        number=walk.number, actor=walk.actor("dispatcher-1"), at=walk.now,
        version=walk.case.version, reason="立案条件有误",
    )  # fmt: skip
    assert who(walk) is None
    walk.step("file")
    assert Miss.objects.count() == 1


# ---------------------------------------------------------------- the objection


@pytest.fixture
def missed(district):
    walk = called(district)
    walk.step("file", missed=True)
    return walk


def objected(walk, when, by="supervisor-1", reason="反映的是院内，巡查看不到"):
    object_to_miss(number=walk.number, actor=walk.actor(by), at=when, reason=reason)


def answered(service, walk, by="duty-chief-2", reason="经查属实"):
    walk.now += timedelta(hours=1)
    service(number=walk.number, actor=walk.actor(by), at=walk.now, reason=reason)


def test_an_objection_comes_within_seven_days_and_once(missed):
    until = Miss.objects.get().object_until
    with pytest.raises(NotAllowed):
        objected(missed, until + timedelta(seconds=1))
    with pytest.raises(Invalid):
        objected(missed, until, reason="  ")
    objected(missed, until)
    with pytest.raises(NotAllowed):
        objected(missed, until)
    assert missed.case.state == State.TO_DISPATCH
    assert missed.case.events.last().action == "object_missed"


def test_nobody_else_objects(missed):
    for name in ("supervisor-2", "official-1"):
        with pytest.raises(Forbidden):
            objected(missed, missed.now, by=name)


def test_what_was_not_missed_is_no_matter_for_an_objection(district):
    walk = start(district=district, state=State.HANDLING)
    with pytest.raises(NotAllowed):
        objected(walk, walk.now)
    with pytest.raises(NotAllowed):
        answered(refuse_objection, walk)


def test_another_duty_chief_than_who_confirmed_answers_once(missed, district):
    with pytest.raises(NotAllowed):
        answered(uphold_objection, missed)
    objected(missed, missed.now)
    assert set(Delivery.objects.filter(kind="objected").values_list("receiver__username")) == {
        ("duty-chief-2",)
    }
    with pytest.raises(Forbidden):
        answered(uphold_objection, missed, by="duty-chief-1")
    answered(refuse_objection, missed)
    with pytest.raises(NotAllowed):
        answered(uphold_objection, missed)
    assert not Miss.objects.get().is_upheld
    assert Delivery.objects.filter(kind="answered", receiver=district.user("supervisor-1")).exists()


def test_alone_on_duty_he_answers_himself(missed, district):
    objected(missed, missed.now)
    chief = district.user("duty-chief-2")
    chief.is_active = False
    chief.save()
    answered(uphold_objection, missed, by="duty-chief-1")
    assert Miss.objects.get().is_upheld


def test_the_database_keeps_a_miss(missed):
    miss = Miss.objects.all()
    now = missed.now
    later = now + timedelta(hours=1)
    other = missed.district.user("supervisor-2").pk
    for change in ({"supervisor_id": other}, {"object_until": later}, {"confirmed_at": later}):
        with pytest.raises(DatabaseError), transaction.atomic():
            miss.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        miss.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        miss.update(answered_at=now, answer="好", answered_by=1, is_upheld=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        miss.update(objected_at=now)
    objected(missed, now)
    answered(refuse_objection, missed)
    with pytest.raises(DatabaseError), transaction.atomic():
        miss.update(is_upheld=True)


# ---------------------------------------------------------------- the figures


def figures(walk, as_of):
    period = period_from({"since": "2026-06-01", "until": "2026-06-30"}, as_of)
    counts = count_figures(SCORER, period, ["street"])
    mine = count_persons("supervisor", period)
    street = counts.of("street", walk.case.street_id)
    for key in ("missed", "missed_on_patrol", "found_or_missed"):
        assert rows_behind(INDICATORS[key], SCORER, period, {}).count() == counts.total[key]
    return counts.total, street, mine.get(walk.district.user("supervisor-1").pk, {})


def test_figures_of_region_and_supervisor_and_what_an_upheld_objection_moves(missed, district):
    start(district=district, state=State.HANDLING, cell=(0, 0), reported_at=missed.now)
    rebuild_facts()
    before = missed.now + timedelta(minutes=30)
    total, street, mine = figures(missed, before)
    assert (total["missed"], total["filed"], street["missed"]) == (1, 2, 1)
    assert (mine["missed_on_patrol"], mine["found_or_missed"], mine["valid_patrol"]) == (1, 2, 1)
    missed.now = before
    objected(missed, missed.now)
    answered(uphold_objection, missed)
    rebuild_facts()
    assert figures(missed, before)[0]["missed"] == 1, "as of then it was missed"
    total, street, mine = figures(missed, missed.now + timedelta(minutes=1))
    assert (total["missed"], total["filed"], street.get("missed", 0)) == (0, 2, 0)
    assert (mine["missed_on_patrol"], mine["found_or_missed"]) == (0, 1)


# ---------------------------------------------------------------- the pages


def test_the_duty_chief_is_asked_where_somebody_may_have_missed_it(district, browser_client, clock):
    walk = called(district)
    clock.now = walk.now
    browser_client.enter(district.user("duty-chief-1"))
    page = unescape(browser_client.get(f"/cases/{walk.number}/").content.decode())
    name = district.user("supervisor-1").full_name
    assert 'name="missed"' in page
    assert name in page
    entry = walk.case.catalogue_class.standards.first()
    said = {"standard": entry.pk, "version": walk.case.version}
    refused = browser_client.post(f"/cases/{walk.number}/file/", said | {"missed": "perhaps"})
    assert refused.status_code == 400
    done = browser_client.post(f"/cases/{walk.number}/file/", said | {"missed": "true"})
    assert done.status_code == 302, done.content.decode()
    assert Miss.objects.count() == 1


def test_nobody_is_asked_about_what_a_supervisor_reported(district, browser_client, clock):
    walk = start(district=district, state=State.TO_FILE)
    clock.now = walk.now
    browser_client.enter(district.user("duty-chief-1"))
    assert 'name="missed"' not in browser_client.get(f"/cases/{walk.number}/").content.decode()


def test_a_supervisor_objects_on_his_page_and_another_chief_answers(
    missed, district, browser_client, clock
):
    clock.now = missed.now
    browser_client.enter(district.user("supervisor-2"))
    assert missed.number not in browser_client.get("/misses/").content.decode()
    browser_client.enter(district.user("supervisor-1"))
    assert missed.number in browser_client.get("/misses/").content.decode()
    path = f"/misses/{missed.number}/object/"
    assert browser_client.post(path, {"reason": " "}).status_code == 400
    assert browser_client.post(path, {"reason": "院内看不到"}).status_code == 302
    assert browser_client.post(path, {"reason": "院内看不到"}).status_code == 409
    browser_client.enter(district.user("duty-chief-2"))
    page = browser_client.get("/misses/?state=waiting").content.decode()
    assert "院内看不到" in page
    uphold = f"/misses/{missed.number}/uphold/"
    assert browser_client.post(uphold, {"reason": "属实"}).status_code == 302
    assert missed.number in browser_client.get("/misses/?state=upheld").content.decode()
    assert browser_client.get("/misses/?cursor=x").status_code == 400
    assert browser_client.post(f"/misses/{missed.number}/shout/", {}).status_code == 404
    browser_client.enter(district.user("department-s201"))
    assert browser_client.get("/misses/").status_code == 403
