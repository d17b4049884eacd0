"""What a set of rules says as a whole (domain law §8), without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.coverage import (
    Answers,
    Draft,
    Verdict,
    alike,
    cover,
    moved,
    overlaps,
    weigh,
    with_drafts,
)
from dispatch.routing import Body, Outcome, Question, Rule, propose
from tests.dispatch.test_routing import (
    AREAS,
    DEPTS,
    EVENT,
    EVERYBODY,
    PART,
    SCHEME,
    TODAY,
    index,
    rule,
    rules,
)

ENTRY = ("event", SCHEME, "0102")
OTHER_CELL = ("110101001001004", *AREAS[1:])
OTHER_STREET = ("110101002001001", "110101002001", "110101002", "110101")


def answers(*made: Rule, manned: frozenset[int] = EVERYBODY, on: date = TODAY) -> Answers:
    return Answers(index(*made), manned, on)


@given(
    rules(),
    st.sampled_from(["event", "part"]),
    st.sampled_from([AREAS, OTHER_CELL, OTHER_STREET]),
    st.sampled_from(["", "HOTLINE"]),
    st.booleans(),
    st.frozensets(st.integers(1, 4)),
)
def test_an_answer_remembered_is_the_answer_given(
    made: list[Rule], kind: str, areas, source: str, is_working: bool, manned: frozenset[int]
) -> None:
    remembered = answers(*made, manned=manned)
    for place in (OTHER_STREET, OTHER_CELL, AREAS, areas):
        asked = Question(kind, SCHEME, "0102", place, TODAY, source=source, is_working=is_working)
        for _time in (1, 2):
            assert remembered.of(asked) == propose(index(*made), asked, manned)


def test_cells_without_a_rule_of_their_own_answer_alike() -> None:
    made = answers(rule(1, area=AREAS[0], dept=1), rule(2, dept=2))
    groups = alike(made, [AREAS, OTHER_CELL, OTHER_STREET])
    assert [group.cells for group in groups] == [(AREAS[0],), (OTHER_CELL[0], OTHER_STREET[0])]


def test_a_gap_is_found_at_every_hour_and_source_and_named_by_its_cells() -> None:
    day, night = rule(1, working_time="working", dept=1), rule(2, working_time="off", dept=2)
    hotline = rule(3, source="HOTLINE", dept=3)
    for made, gaps in (
        ((day, night), ()),
        ((day,), (AREAS[0], OTHER_STREET[0])),
        ((hotline,), (AREAS[0], OTHER_STREET[0])),
        ((rule(4, area=AREAS[0], dept=1),), (OTHER_STREET[0],)),
    ):
        asked = answers(*made)
        found = cover(asked, ENTRY, alike(asked, [AREAS, OTHER_STREET]))
        assert (found.gaps, found.cells) == (gaps, 2)
    asked = answers(day, night, manned=EVERYBODY - {2})
    found = cover(asked, ENTRY, alike(asked, [AREAS]))
    assert (found.departments, found.gaps) == ({1}, (AREAS[0],))


# ---------------------------------------------------------------- overlaps


def test_rules_equal_in_all_are_found_with_the_days_on_which_they_are() -> None:
    first = rule(1, valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 30))
    second = rule(2, dept=2, valid_from=date(2026, 6, 30))
    (found,) = overlaps([first, second])
    assert (found.first.id, found.second.id) == (1, 2)
    assert (found.since, found.until) == (date(2026, 6, 30), date(2026, 6, 30))
    assert not list(overlaps([first, replace(second, valid_from=date(2026, 7, 1))]))


def test_a_rule_for_both_kinds_overlaps_with_either_and_these_not_with_each_other() -> None:
    both, events, parts = rule(1), rule(2, kind="event"), rule(3, kind="part")
    pairs = [(found.first.id, found.second.id) for found in overlaps([both, events, parts])]
    assert pairs == [(1, 2), (1, 3)]


@given(rules(), st.sampled_from([EVENT, PART]), st.booleans())
def test_every_conflict_that_a_case_could_meet_is_listed(
    made: list[Rule], kind: Question, is_working: bool
) -> None:
    last = propose(index(*made), replace(kind, is_working=is_working), EVERYBODY).steps[-1]
    if last.outcome is Outcome.CONFLICT:
        listed = {frozenset((found.first.id, found.second.id)) for found in overlaps(made)}
        assert any(pair <= set(last.others) for pair in listed)


# ---------------------------------------------------------------- one place


def verdicts(question: Question, *made: Rule, manned: frozenset[int] = EVERYBODY):
    built = index(*made)
    weighed = weigh(built, question, propose(built, question, manned))
    return [(each.rule.id, each.verdict) for each in weighed]


def test_every_rule_that_was_weighed_says_what_became_of_it() -> None:
    cell = {"area": AREAS[0]}
    made = [
        rule(1, **cell, source="VIDEO"),
        rule(2, **cell, working_time="off"),
        rule(3, **cell, valid_from=TODAY + timedelta(1)),
        rule(4, **cell, valid_to=TODAY - timedelta(1)),
        rule(5, area=AREAS[1], dept=2),
        rule(6, area=AREAS[2], dept=3),
        rule(7, area=AREAS[3], dept=4),
    ]
    assert dict(verdicts(EVENT, *made, manned=EVERYBODY - {2})) == {
        1: Verdict.OTHER_SOURCE, 2: Verdict.OFF_ONLY, 3: Verdict.NOT_YET, 4: Verdict.ENDED,
        5: Verdict.UNMANNED, 6: Verdict.COUNTS, 7: Verdict.BEHIND,
    }  # fmt: skip
    off = replace(EVENT, is_working=False)
    assert verdicts(off, rule(1, working_time="working")) == [(1, Verdict.WORKING_ONLY)]


def test_equal_rules_are_marked_and_behind_an_owner_no_rule_counts() -> None:
    assert verdicts(EVENT, rule(1), rule(2, dept=2), rule(3, area=AREAS[0], valid_to=date.min)) == [
        (3, Verdict.ENDED), (1, Verdict.EQUAL), (2, Verdict.EQUAL),
    ]  # fmt: skip
    owned = replace(PART, bodies={Body.OWNER: ("部门3", "U3")})
    assert verdicts(owned, rule(1)) == [(1, Verdict.BEHIND)]


# ---------------------------------------------------------------- rules as they would be


def test_a_draft_takes_the_place_of_the_rule_it_replaces_from_its_first_day_on() -> None:
    old, other = rule(1, dept=1), rule(2, area=AREAS[0], dept=2, valid_to=TODAY)
    draft = rule(3, dept=3, valid_from=TODAY)
    made = with_drafts([old, other], [Draft(draft, replaces=1)])
    assert made == [replace(old, valid_to=TODAY - timedelta(1)), other, draft]
    ended = replace(old, valid_to=date(2026, 1, 1))
    assert with_drafts([ended], [Draft(draft, replaces=1)]) == [ended, draft]


def test_a_case_moves_where_the_changed_rules_name_another_department_or_nobody() -> None:
    before = answers(rule(1, dept=1))
    for after, to in ((answers(rule(2, dept=2)), 2), (answers(), None)):
        move = moved(before, after, EVENT)
        assert move is not None
        department = move.after.department
        assert (department and department.id) == to
    assert moved(before, answers(rule(9, area=AREAS[2], dept=1)), EVENT) is None


def test_a_case_is_asked_on_the_day_of_the_rules_and_not_on_its_own() -> None:
    later = TODAY + timedelta(30)
    made = (rule(1, dept=1, valid_to=TODAY), rule(2, dept=2, valid_from=later))
    old = replace(EVENT, on=date(2020, 1, 1))
    move = moved(answers(*made), answers(*made, on=later), old)
    assert move is not None
    assert [each.department for each in move] == DEPTS[:2]


def test_the_owner_of_a_part_is_asked_before_the_changed_rules() -> None:
    owned = replace(PART, bodies={Body.MAINTAINER: ("部门3", "U3")})
    assert moved(answers(rule(1, dept=1)), answers(rule(1, dept=2)), owned) is None
