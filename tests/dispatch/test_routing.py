"""The order of comparison of routing rules (domain law §8), without a database."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dispatch.reasons import sentence
from dispatch.routing import (
    Body,
    Dept,
    Index,
    Outcome,
    Proposal,
    Question,
    Rule,
    build_index,
    propose,
)

SCHEME = "CJT214-2007"
AREAS = ("110101001001003", "110101001001", "110101001", "110101")
TODAY = date(2026, 6, 10)
DEPTS = [Dept(n, f"D{n}", f"部门{n}", uscc=f"U{n}") for n in range(1, 9)]
EVERYBODY = frozenset(dept.id for dept in DEPTS)
EVENT = Question("event", SCHEME, "0102", AREAS, TODAY, source="HOTLINE")
PART = replace(EVENT, kind="part")


def rule(
    number: int,
    *,
    kind: str = "any",
    code: str = "",
    scope: str = "any",
    area: str = AREAS[3],
    dept: int = 1,
    **more: object,
) -> Rule:
    scheme = "" if scope == "any" else SCHEME
    kind = "event" if kind == "any" and scope != "any" else kind
    return Rule(number, kind, scheme, scope, code, area, dept, **more)  # type: ignore[arg-type]


def index(*rules: Rule, depts: list[Dept] = DEPTS) -> Index:
    return build_index(rules, depts)


def answer(question: Question, *rules: Rule, manned: frozenset[int] = EVERYBODY) -> Proposal:
    return propose(index(*rules), question, manned)


def won(proposal: Proposal) -> int | None:
    last = proposal.steps[-1]
    return last.rule.id if last.rule and last.outcome is Outcome.RULE else None


def test_events_compare_the_area_before_the_class() -> None:
    by_cell = rule(1, area=AREAS[0], dept=1)
    by_class = rule(2, scope="code", code="0102", area=AREAS[3], dept=2)
    assert won(answer(EVENT, by_cell, by_class)) == 1


def test_parts_compare_the_class_before_the_area() -> None:
    by_cell = rule(1, area=AREAS[0], dept=1)
    by_class = rule(2, kind="part", scope="code", code="0102", dept=2)
    assert won(answer(PART, by_cell, by_class)) == 2


def test_a_cell_comes_before_community_street_and_district() -> None:
    rules = [rule(n, area=area, dept=n) for n, area in enumerate(AREAS, 1)]
    for first in range(4):
        assert won(answer(EVENT, *reversed(rules[first:]))) == first + 1


def test_a_code_comes_before_a_prefix_and_a_prefix_before_every_class() -> None:
    rules = [
        rule(1, scope="code", code="0102", dept=1),
        rule(2, scope="prefix", code="010", dept=2),
        rule(3, scope="prefix", code="01", dept=3),
        rule(4, dept=4),
    ]
    for first in range(4):
        assert won(answer(EVENT, *reversed(rules[first:]))) == first + 1


def test_a_source_comes_before_a_time_and_a_time_before_neither() -> None:
    rules = [
        rule(1, source="HOTLINE", working_time="working", dept=1),
        rule(2, source="HOTLINE", dept=2),
        rule(3, working_time="working", dept=3),
        rule(4, dept=4),
    ]
    for first in range(4):
        assert won(answer(EVENT, *reversed(rules[first:]))) == first + 1
    off = replace(EVENT, is_working=False)
    assert won(answer(off, *rules)) == 2
    assert won(answer(replace(off, source="VIDEO"), *rules)) == 4


def test_a_rule_counts_from_its_first_to_its_last_day() -> None:
    dated = rule(1, valid_from=TODAY, valid_to=TODAY)
    assert won(answer(EVENT, dated)) == 1
    for on in (date(2026, 6, 9), date(2026, 6, 11)):
        assert answer(replace(EVENT, on=on), dated).steps[-1].outcome is Outcome.NO_RULE


def test_a_rule_of_another_kind_scheme_or_class_does_not_fit() -> None:
    for other in (
        rule(1, kind="part"),
        rule(1, kind="part", scope="code", code="0102"),
        replace(rule(1, scope="code", code="0102"), scheme="GBT47678.5-2026"),
        rule(1, scope="code", code="0103"),
        rule(1, scope="prefix", code="02"),
        rule(1, area="110101002"),
    ):
        assert answer(EVENT, other).department is None


def test_rules_equal_in_all_are_an_error_and_no_answer() -> None:
    found = answer(EVENT, rule(1, dept=1), rule(2, dept=2))
    assert found.department is None
    assert found.steps[-1].outcome is Outcome.CONFLICT
    assert found.steps[-1].others == (1, 2)
    assert "#1" in sentence(found)


def test_a_department_without_an_account_is_passed_over_and_the_reason_says_so() -> None:
    near, far = rule(1, area=AREAS[0], dept=1), rule(2, dept=2)
    found = answer(EVENT, near, far, manned=EVERYBODY - {1})
    assert found.department is DEPTS[1]
    assert [step.outcome for step in found.steps] == [Outcome.RULE_UNMANNED, Outcome.RULE]
    assert "部门1" in sentence(found)
    assert "部门2" in sentence(found)


def test_a_closed_department_answers_for_nothing() -> None:
    depts = [replace(DEPTS[0], is_active=False), *DEPTS[1:]]
    owner = replace(PART, bodies={Body.MAINTAINER: ("部门1", "U1")})
    closed = build_index([rule(1, dept=1)], depts)
    assert propose(closed, owner, EVERYBODY).department is None


def test_the_maintainer_of_a_part_comes_first_then_owner_then_competent_body() -> None:
    bodies = {body: (f"部门{n}", f"U{n}") for n, body in enumerate(Body, 2)}
    by_rule = rule(1, kind="part", scope="code", code="0102", area=AREAS[0], dept=8)
    asked = replace(PART, bodies=bodies)
    for gone in range(4):
        manned = EVERYBODY - set(range(2, 2 + gone))
        found = answer(asked, by_rule, manned=manned)
        passed_over = [step.outcome for step in found.steps[:-1]]
        assert passed_over == [Outcome.BODY_UNMANNED] * gone
        assert found.department is not None
        assert found.department.id == (2 + gone if gone < 3 else 8)
        assert all(f"部门{n}" in sentence(found) for n in range(2, 2 + gone))


def test_a_maintainer_that_is_no_department_here_falls_through_by_name() -> None:
    bodies = {Body.MAINTAINER: ("某物业公司", "X"), Body.OWNER: ("部门3", "U3")}
    found = answer(replace(PART, bodies=bodies))
    assert found.department is DEPTS[2]
    assert "某物业公司" in sentence(found)


def test_an_owner_is_automatic_only_where_an_automatic_rule_names_the_same() -> None:
    asked = replace(PART, bodies={Body.MAINTAINER: ("部门2", "U2")})
    for dept, automatic, expected in ((2, True, True), (2, False, False), (3, True, False)):
        by_rule = rule(1, kind="part", dept=dept, automatic=automatic)
        assert answer(asked, by_rule).automatic is expected


def test_a_part_that_names_nobody_says_it_once() -> None:
    found = answer(replace(PART, bodies={}), rule(1, kind="part"))
    assert found.department is DEPTS[0]
    assert [step.outcome for step in found.steps] == [Outcome.NO_BODY] * 3 + [Outcome.RULE]
    assert sentence(found).count("：") + sentence(found).count(":") <= 1
    assert sentence(found).count("→") == 1


# ---------------------------------------------------------------- against the law read literally

CLASS_RANK = {"code": 0, "prefix": 1, "any": 2}


def rank(question: Question, found: Rule) -> tuple[object, ...]:
    """The order of comparison, word for word."""
    area = question.areas.index(found.area_code)
    klass = (CLASS_RANK[found.class_scope], -len(found.class_code))
    last = (not found.source, not found.working_time)
    return (area, klass, last) if question.kind == "event" else (klass, area, last)


def by_the_law(question: Question, rules: list[Rule], manned: frozenset[int]) -> int | None:
    """Sort all rules that fit; the first whose department is manned, if it has no equal."""

    def fits(found: Rule) -> bool:
        code = found.class_code
        return (
            found.area_code in question.areas
            and found.kind in ("any", question.kind)
            and found.scheme in ("", question.scheme)
            and (
                question.class_code == code
                if found.class_scope == "code"
                else question.class_code.startswith(code)
            )
            and found.fits(question)
        )

    fitting = sorted((found for found in rules if fits(found)), key=lambda r: rank(question, r))
    for _rank, group in itertools.groupby(fitting, key=lambda r: rank(question, r)):
        departments = {found.department for found in group}
        if len(departments) > 1:
            return None
        if departments <= manned:
            return departments.pop()
    return None


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        scope = draw(st.sampled_from(["code", "prefix", "any"]))
        code = {
            "code": st.sampled_from(["0102", "0103"]),
            "prefix": st.sampled_from(["0", "01", "010", "0102", "02"]),
            "any": st.just(""),
        }[scope]
        kind = ["part", "event"] if scope != "any" else ["part", "event", "any"]
        made.append(
            rule(
                number,
                kind=draw(st.sampled_from(kind)),
                scope=scope,
                code=draw(code),
                area=draw(st.sampled_from([*AREAS, "110101002"])),
                dept=draw(st.integers(1, 4)),
                source=draw(st.sampled_from(["", "HOTLINE", "VIDEO"])),
                working_time=draw(st.sampled_from(["", "working", "off"])),
                valid_to=draw(st.sampled_from([None, TODAY, date(2026, 6, 1)])),
            )
        )
    return made


@given(
    rules(),
    st.sampled_from([EVENT, PART]),
    st.sampled_from(["0102", "0103", "0199"]),
    st.booleans(),
    st.frozensets(st.integers(1, 4)),
)
def test_the_index_answers_as_the_law_read_word_for_word(
    made: list[Rule], kind: Question, code: str, is_working: bool, manned: frozenset[int]
) -> None:
    question = replace(kind, class_code=code, is_working=is_working)
    found = propose(index(*made), question, manned).department
    assert (found.id if found else None) == by_the_law(question, made, manned)
