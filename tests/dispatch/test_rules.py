"""Publishing drafts, switching automatic dispatch, and what the rules were worth (law §8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, transaction

from cases.models import Case
from cases.workflow import State
from dispatch.models import RoutingRule, Turn
from dispatch.months import Month
from dispatch.routing import Outcome
from dispatch.selectors.routing import proposal_for
from dispatch.selectors.rule_checks import (
    areas_of,
    cell_answers,
    coverage_matrix,
    dry_run,
    rules_equal_in_all,
    try_place,
)
from dispatch.selectors.rule_lists import (
    BY_OWNER,
    Accuracy,
    RuleFilter,
    accuracy_by_rule,
    list_rules,
    turns_behind,
)
from dispatch.services.handling import reassign_case
from dispatch.services.reviews import approve_request, ask_request
from dispatch.services.rules import publish_rules, set_automatic
from dispatch.services.undoing import undo_dispatch, undo_return
from gridcity.contracts import Forbidden, Invalid, NotVisible
from gridcity.models import User
from tests.district import CURRENT, SINCE, TestDistrict, at, rule
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
TOMORROW = TODAY + timedelta(1)
JUNE = Month(2026, 6)


def by_administrator(district: TestDistrict, **said: Any) -> dict[str, Any]:
    return {"actor": district.actor("administrator"), "at": at(), **said}


def rubbish(street: str = "110101001") -> RoutingRule:
    return RoutingRule.objects.published().get(class_code="0102", area_code=street)


def draft(district: TestDistrict, department: str = "d101", **changed: Any) -> RoutingRule:
    """A draft that gives rubbish of street one to another department from tomorrow on."""
    made = rule(district, "event", "0102", "110101001", department, False)
    said = {"is_draft": True, "valid_from": TOMORROW, "replaces": rubbish(), **changed}
    for name, value in said.items():
        setattr(made, name, value)
    made.save()
    return made


# ---------------------------------------------------------------- drafts


def test_a_draft_sends_no_case_anywhere_until_it_is_published(district: TestDistrict) -> None:
    made = draft(district, valid_from=TODAY)
    case = start(district=district, state=State.TO_DISPATCH).case
    found = proposal_for(case, at=at())
    assert found is not None
    assert found.department is not None
    assert found.department.code == "s201"
    publish_rules(**by_administrator(district, ids=[made.pk]))
    found = proposal_for(case, at=at())
    assert found is not None
    assert found.department is not None
    assert (found.department.code, found.rule_id) == ("d101", made.pk)


def test_a_published_draft_ends_the_rule_it_replaces_on_the_day_before(
    district: TestDistrict,
) -> None:
    old, made = rubbish(), draft(district)
    publish_rules(**by_administrator(district, ids=[made.pk]))
    old.refresh_from_db()
    made.refresh_from_db()
    assert (old.valid_to, made.is_draft) == (TODAY, False)
    entry = LogEntry.objects.get(object_id=str(made.pk))
    assert entry.user == district.user("administrator")


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_from": TODAY - timedelta(1)},
        {"replaces": None},
        {"valid_from": TODAY, "replaced_from": TODAY},
    ],
    ids=["in the past", "equal to a rule that goes on", "before the other has held"],
)
def test_what_cannot_be_published_changes_nothing(district: TestDistrict, changed: Any) -> None:
    good = draft(district, source="VIDEO", replaces=None)
    if changed.pop("replaced_from", None):
        RoutingRule.objects.filter(pk=rubbish().pk).update(valid_from=TODAY)
    bad = draft(district, **changed)
    with pytest.raises(Invalid):
        publish_rules(**by_administrator(district, ids=[good.pk, bad.pk]))
    assert RoutingRule.objects.drafts().count() == 2
    assert rubbish().valid_to is None


def test_a_draft_may_be_thrown_away_and_a_rule_may_not(district: TestDistrict) -> None:
    made = draft(district)
    made.delete()
    assert not RoutingRule.objects.drafts().exists()
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rubbish().delete()


def test_rules_are_the_administrators_alone(district: TestDistrict) -> None:
    made, actor = draft(district), district.actor("dispatcher-1")
    with pytest.raises(Forbidden):
        publish_rules(actor=actor, at=at(), ids=[made.pk])
    with pytest.raises(Forbidden):
        set_automatic(actor=actor, at=at(), rule_id=rubbish().pk, automatic=True)
    with pytest.raises(NotVisible):
        set_automatic(**by_administrator(district, rule_id=10**6, automatic=True))


def test_a_rule_switched_to_automatic_dispatches_what_is_filed_from_then_on(
    district: TestDistrict,
) -> None:
    before = start(district=district, state=State.TO_DISPATCH).case
    set_automatic(**by_administrator(district, rule_id=rubbish().pk, automatic=True))
    after = start(district=district, state=State.TO_DISPATCH).case
    assert (before.state, after.state) == (State.TO_DISPATCH, State.HANDLING)
    assert Turn.objects.get(case=after).proposal_rule == rubbish()
    set_automatic(**by_administrator(district, rule_id=rubbish().pk, automatic=False))
    assert start(district=district, state=State.TO_DISPATCH).case.state == State.TO_DISPATCH


def test_answer_and_reason_of_a_case_take_one_query(
    district: TestDistrict, django_assert_num_queries: Any
) -> None:
    case = start(district=district, state=State.TO_DISPATCH).case
    proposal_for(case, at=at())
    with django_assert_num_queries(1):
        found = proposal_for(case, at=at())
    assert found is not None
    assert "环卫中心" in found.reason


# ---------------------------------------------------------------- coverage and overlaps


def matrix(on: date = TODAY, kind: str = "event", **said: Any) -> Any:
    return coverage_matrix(on=on, scheme=CURRENT, kind=kind, **said)


def gaps(found: Any) -> dict[str, list[int]]:
    return {
        row.entry.code: [len(each.gaps) for each in row.covers] for row in found.rows if row.gaps
    }


def test_every_class_has_an_owner_in_every_cell_until_a_rule_ends(district: TestDistrict) -> None:
    found = matrix()
    assert (found.gaps, found.cells, len(found.streets)) == (0, 12, 2)
    assert "0599" not in {row.entry.code for row in found.rows}  # no longer in use
    RoutingRule.objects.filter(kind="event", class_code="", area_code="110101001").update(
        valid_to=TODAY
    )
    assert matrix().gaps == 0
    # Rubbish has a rule of its own.
    assert gaps(matrix(TOMORROW)) == {code: [6, 0] for code in ("0101", "0201", "0204", "0501")}


def test_a_gap_goes_down_to_the_cells(district: TestDistrict) -> None:
    RoutingRule.objects.filter(area_code="110101002").update(valid_to=date(2026, 1, 1))
    cell = district.cells[0, 2].code
    made = rule(district, "event", "", "110101002", "d102", False)
    made.area_scope, made.area_code = "cell", cell
    made.save()
    assert gaps(matrix())["0501"] == [0, 5]
    found = cell_answers(on=TODAY, entry=district.classes["stall"], street="110101002")
    assert [each.areas[0] for each in found if not each.is_gap] == [cell]
    assert {each.off.steps[-1].outcome for each in found if each.is_gap} == {Outcome.NO_RULE}


def test_a_department_without_an_account_covers_nothing(district: TestDistrict) -> None:
    User.objects.filter(membership__department__code="w301").update(is_active=False)
    assert gaps(matrix(kind="part")) == {"0101": [6, 6], "0301": [6, 6]}


def test_coverage_can_be_asked_with_the_drafts(district: TestDistrict) -> None:
    RoutingRule.objects.filter(kind="part").update(valid_to=date(2026, 1, 1))
    made = rule(district, "part", "", "110101", "w301", False)
    made.is_draft = True
    made.save()
    assert (matrix(kind="part").gaps, matrix(kind="part", drafts=True).gaps) == (24, 0)


def test_a_draft_that_would_be_equal_in_all_is_listed(district: TestDistrict) -> None:
    assert rules_equal_in_all() == []
    draft(district)
    assert rules_equal_in_all() == []
    made = draft(district, "d102", replaces=None)
    found = {frozenset((each.first.id, each.second.id)) for each in rules_equal_in_all()}
    assert any(made.pk in pair for pair in found)


def test_a_place_is_tried_as_a_case_there_would_be(district: TestDistrict) -> None:
    areas = areas_of(district.cells[0, 0].code)
    assert areas == (district.cells[0, 0].code, "110101001001", "110101001", "110101")
    assert areas_of("110101001001999") is None
    found = try_place(entry=district.classes["rubbish"], areas=areas, at=at())
    assert found.answer.department is not None
    assert found.answer.department.code == "s201"
    assert [str(each.verdict) for each in found.weighed] == ["counts", "behind"]
    part = try_place(entry=district.classes["cover"], areas=areas, at=at(), part=district.parts[0])
    assert part.answer.steps[-1].outcome is Outcome.BODY


# ---------------------------------------------------------------- dry run


def test_a_dry_run_lists_the_cases_of_the_month_that_would_move(district: TestDistrict) -> None:
    one = start(district=district, state=State.TO_DISPATCH).case
    start(district=district, state=State.TO_DISPATCH, cell=(1, 3), by="supervisor-2")
    start(district=district, state=State.REPORTED)
    start(district=district, state=State.TO_DISPATCH, reported_at=at(on="2026-05-29"))
    made = draft(district)
    asked = {"today": TODAY, "month": JUNE}
    run = dry_run(**asked, on=TOMORROW, drafts=True)
    assert (run.asked, [each.case_id for each in run.moved]) == (2, [one.pk])
    departments = [district.departments[code].pk for code in ("s201", "d101")]
    assert run.pairs() == [(*departments, 1)]
    assert dry_run(**asked, on=TODAY, drafts=True).moved == []  # it begins tomorrow
    assert dry_run(**asked, on=TOMORROW, drafts=False).moved == []
    assert Case.objects.get(pk=one.pk).version == one.version
    assert RoutingRule.objects.get(pk=made.pk).is_draft


def test_a_dry_run_follows_validity_alone(district: TestDistrict) -> None:
    start(district=district, state=State.TO_DISPATCH)
    RoutingRule.objects.filter(area_code="110101001").update(valid_to=TODAY)
    run = dry_run(today=TODAY, on=TOMORROW, drafts=False, month=JUNE)
    assert run.pairs() == [(district.departments["s201"].pk, None, 1)]


def test_a_dry_run_takes_a_bounded_number_of_queries(
    district: TestDistrict, django_assert_max_num_queries: Any
) -> None:
    for _number in range(4):
        start(district=district, state=State.TO_DISPATCH)
    draft(district)
    dry_run(today=TODAY, on=TOMORROW, drafts=True, month=JUNE)
    with django_assert_max_num_queries(9):
        assert len(dry_run(today=TODAY, on=TOMORROW, drafts=True, month=JUNE).moved) == 4


# ---------------------------------------------------------------- accuracy


def dispatched(district: TestDistrict, department: str = "s201", **said: Any) -> Walk:
    walk = start(district=district, state=State.TO_DISPATCH, **said)
    walk.step("dispatch", department=department)
    return walk


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def reassign(walk: Walk) -> None:
    walk.now += timedelta(minutes=1)
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="属地负责"))


def return_it(walk: Walk) -> None:
    walk.now += timedelta(minutes=1)
    words = {"kind": "RETURN", "reason": "不归我单位", "reason_code": "not_ours"}
    ask_request(**said(walk, "department-s201", **words))
    walk.now += timedelta(minutes=1)
    request = walk.case.requests.get(state="open")
    approve_request(**said(walk, "dispatcher-1", request_id=request.pk))


def measured(*, month: Month = JUNE) -> Accuracy:
    return accuracy_by_rule([month]).get(rubbish().pk, {}).get(month, Accuracy())


def test_accuracy_is_the_share_neither_returned_nor_reassigned(district: TestDistrict) -> None:
    dispatched(district)
    reassign(dispatched(district))
    return_it(dispatched(district))
    dispatched(district, reported_at=at(on="2026-05-29"))
    found = measured()
    assert (found.dispatched, found.wrong, found.automatic) == (3, 2, 0)
    assert found.percent == pytest.approx(100 / 3)
    assert measured(month=Month(2026, 5)) == Accuracy(1, 0, 0, 0)
    listed = turns_behind(JUNE, rule_id=rubbish().pk, what="wrong")
    assert sorted(turn.end_kind for turn in listed) == ["reassigned", "returned"]
    assert turns_behind(JUNE, rule_id=rubbish().pk).count() == 3


def test_what_was_undone_counts_nowhere(district: TestDistrict) -> None:
    walk = dispatched(district)
    walk.now += timedelta(seconds=5)
    undo_dispatch(**said(walk, "dispatcher-1"))
    assert measured() == Accuracy()
    walk = dispatched(district)
    return_it(walk)
    assert measured() == Accuracy(1, 1, 0, 0)
    walk.now += timedelta(seconds=5)
    undo_return(**said(walk, "dispatcher-1"))
    assert measured() == Accuracy(1, 0, 0, 0)


def test_a_dispatch_against_the_proposal_is_overruled_and_not_the_rules_own(
    district: TestDistrict,
) -> None:
    dispatched(district, "d101")
    assert measured() == Accuracy(0, 0, 0, 1)
    assert measured().percent is None
    assert turns_behind(JUNE, rule_id=rubbish().pk, what="overruled").count() == 1


def test_automatic_dispatches_and_owners_of_parts_are_counted_apart(
    district: TestDistrict,
) -> None:
    set_automatic(**by_administrator(district, rule_id=rubbish().pk, automatic=True))
    start(district=district, state=State.TO_DISPATCH)
    assert measured() == Accuracy(1, 0, 1, 0)
    reassign(start(district=district, state=State.TO_DISPATCH))
    assert measured() == Accuracy(2, 1, 2, 0, 1)
    set_automatic(**by_administrator(district, rule_id=rubbish().pk, automatic=False))
    dispatched(district)
    assert measured() == Accuracy(3, 1, 2, 0, 1)
    assert measured().by_itself.percent == pytest.approx(50)
    assert turns_behind(JUNE, rule_id=None, automatic=True).count() == 2
    part = {"entry": "cover", "part_code": district.parts[0].code, "cell": (0, 0)}
    dispatched(district, "w301", **part)
    assert accuracy_by_rule([JUNE])[BY_OWNER][JUNE] == Accuracy(1, 0, 0, 0)
    assert turns_behind(JUNE, rule_id=BY_OWNER).count() == 1


# ---------------------------------------------------------------- lists


def test_rules_are_listed_by_what_is_asked_for(district: TestDistrict) -> None:
    made = draft(district)

    def listed(**query: str) -> set[int]:
        return {row.pk for row in list_rules(RuleFilter.parse(query), on=TODAY).rows}

    assert listed(state="draft") == {made.pk}
    assert listed(code="0102", state="current") == {rubbish().pk, rubbish("110101002").pk}
    assert listed(automatic="yes") == {RoutingRule.objects.get(class_code="0204").pk}
    assert listed(department="d101", area="110101001") >= {made.pk}
    RoutingRule.objects.filter(pk=rubbish().pk).update(valid_to=SINCE)
    assert len(listed(state="ended")) == 1
    assert listed(state="coming") == set()
    with pytest.raises(Invalid):
        listed(state="sometimes")


def test_a_month_begins_at_its_first_local_midnight() -> None:
    month = Month.parse("2026-01")
    assert (month.begins, month.ends) == (
        at("00:00", on="2026-01-01"),
        at("00:00", on="2026-02-01"),
    )
    assert [str(each) for each in month.last(3)] == ["2026-01", "2025-12", "2025-11"]
    for text in ("2026-13", "2026", "x", "9999-99"):
        with pytest.raises(Invalid):
            Month.parse(text)
