"""Scores: terms, bands, what drops out, and parts that add up exactly (assessment law §5)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.hand import inspected
from assessment.models import Scheme
from assessment.scheme_rules import Known, faults_of
from assessment.scoring import (
    Band,
    Judged,
    Part,
    Term,
    grade_of,
    grades_from,
    score,
    shown,
    terms_for,
    terms_from,
)
from assessment.selectors.schemes import known_for
from assessment.selectors.scores import WHOLES

BANDS = (Band(0, 50, 100), Band(51, 100, 90), Band(101, None, 75))
CLOSED = Term("closed", "结案率", 30, (Part("closed_share"),))
IN_TIME = Term("in_time", "按期结案率", 40, (Part("closed_in_time"),))
PUBLIC = Term("public", "监督举报率", 10, (Part("public_share"),), is_good=False)
FILED = Term("filed", "立案数", 20, (Part("filed"),), bands=BANDS)
TERMS = (PUBLIC, FILED, CLOSED, IN_TIME)
CITY = {"need_close": 972, "closed_share": 911, "closed_in_time": 737, "filed": 1000,
        "public_share": 50}  # fmt: skip


def kinds(terms, sheets=None):
    return [(one.term, one.kind) for one in faults_of(terms, Known(WHOLES, sheets or {}))]


def test_the_points_of_a_real_city():
    found = score(TERMS, WHOLES, Judged(CITY, [{"filed": 60}]))
    points = {one.term.key: one.points for one in found.terms}
    assert shown(points["closed"]) == Decimal("93.72")
    assert shown(points["in_time"]) == Decimal("75.82")
    assert points["public"] == 95
    assert points["filed"] == 90
    weighted = 95 * 10 + 90 * 20 + Fraction(91100, 972) * 30 + Fraction(73700, 972) * 40
    assert found.total == weighted / 100
    assert sum(found.shares()) == shown(found.total)


def test_a_term_without_anything_to_judge_drops_out_and_the_rest_is_scaled():
    found = score(TERMS, WHOLES, Judged({**CITY, "filed": 0, "public_share": 0}, [{"filed": 60}]))
    assert found.terms[0].points is None
    assert found.total == (90 * 20 + Fraction(91100, 972) * 30 + Fraction(73700, 972) * 40) / 90
    assert found.shares()[0] is None
    assert sum(one for one in found.shares() if one is not None) == shown(found.total)


def test_below_half_of_the_weights_there_is_no_score():
    nothing_due = {**CITY, "need_close": 0, "closed_share": 0, "closed_in_time": 0}
    found = score(TERMS, WHOLES, Judged(nothing_due, [{"filed": 60}]))
    assert found.total is None
    assert found.shares() == [None] * 4
    assert not found.is_ranked


def test_counts_score_by_the_mean_of_whole_months_and_never_of_a_part():
    two = score((FILED,), WHOLES, Judged({}, [{"filed": 40}, {"filed": 62}]))
    assert two.total == 90, "a mean of 51"
    assert score((FILED,), WHOLES, Judged({}, [])).total is None
    between = score((FILED,), WHOLES, Judged({}, [{"filed": 50}, {"filed": 51}]))
    assert between.total == 100, "50.5 belongs to the lower band"


def test_regions_of_any_size_have_one_scale_where_it_is_by_cell():
    term = Term("filed", "立案数", 100, (Part("filed"),), bands=BANDS, per_cell=True)
    assert score((term,), WHOLES, Judged({}, [{"filed": 6000}], 100)).total == 90
    assert score((term,), WHOLES, Judged({}, [{"filed": 6000}], 0)).total is None


def test_figures_within_a_term_count_at_their_shares_and_points_stay_within_bounds():
    city = Term("city", "月度", 100, (Part("handled_in_time"), Part("handled_late", 40)))
    counts = {"need_handle": 100, "handled_in_time": 70, "handled_late": 20}
    assert score((city,), WHOLES, Judged(counts, [])).total == 78
    more = Term("more", "过满", 100, (Part("handled_in_time", 200),))
    assert score((more,), WHOLES, Judged(counts, [])).total == 100


def test_too_few_are_scored_but_not_ranked():
    few = {**CITY, "need_close": 9, "closed_share": 9, "closed_in_time": 9}
    found = score(TERMS, WHOLES, Judged(few, [{"filed": 1}]))
    assert found.total is not None
    assert not found.is_ranked
    assert [one.is_small for one in found.terms] == [False, False, True, True]


@given(
    st.lists(st.tuples(st.integers(1, 97), st.integers(0, 400), st.integers(1, 400)), min_size=1,
             max_size=9)
)  # fmt: skip
def test_shares_add_up_to_the_total_exactly(parts):
    terms = [
        Term(str(number), "", weight, (Part("closed_share"),))
        for number, (weight, _part, _whole) in enumerate(parts)
    ]
    scored = [
        score([term], WHOLES, Judged({"closed_share": min(part, whole), "need_close": whole}, []))
        for term, (_weight, part, whole) in zip(terms, parts, strict=True)
    ]
    whole = score(terms, WHOLES, Judged({"closed_share": 1, "need_close": 3}, []))
    assert sum(whole.shares()) == shown(whole.total)
    for one in scored:
        assert sum(one.shares()) == shown(one.total)


def test_grades_are_told_from_the_score_before_it_is_rounded():
    grades = grades_from([["A", 90, "优"], ["B", 75, "良"], ["E", 0, "差"]])
    assert grade_of(Fraction(90), grades).letter == "A"
    assert grade_of(Fraction(899999, 10000), grades).letter == "B"
    assert grade_of(None, grades) is None


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ((Term("a", "", 90, (Part("closed_share"),)),), ("", "weights")),
        ((Term("a", "", 100, (Part("no_such"),)),), ("a", "unknown")),
        ((Term("a", "", 100, ()),), ("a", "unknown")),
        ((Term("a", "", 100, (Part("filed"),)),), ("a", "rate")),
        ((Term("a", "", 100, (Part("closed_share"),), bands=BANDS),), ("a", "rate")),
        (
            (Term("a", "", 100, (Part("filed"),), bands=(Band(0, 5, 9), Band(7, None, 1))),),
            ("a", "bands"),
        ),
        ((Term("a", "", 100, (Part("filed"),), bands=(Band(0, 5, 9),)),), ("a", "bands")),
        ((Term("a", "", 100, (Part("filed"),), bands=(Band(0, None, 101),)),), ("a", "points")),
        (
            (Term("a", "", 50, (Part("closed_share"),)), Term("a", "", 50, (Part("rework"),))),
            ("", "twice"),
        ),
    ],
)
def test_a_scheme_that_cannot_score_is_told_why(terms, fault):
    assert fault in kinds(terms)


@pytest.mark.django_db
def test_the_schemes_that_are_shipped_can_score():
    schemes = list(Scheme.objects.filter(is_active=True))
    assert len(schemes) == 9
    for scheme in schemes:
        assert faults_of(terms_from(scheme.terms), known_for(scheme.subject)) == []
        assert [one.letter for one in grades_from(scheme.grades)] == list("ABCDE")


# ---------------------------------------------------------------- what people give

INSPECTED = Term("inspected", "现场检查", 40, (), hand="street-inspection")
BONUS = Term("bonus", "加分", 0, (), hand="street-bonus", adds=1, most=3)
PENALTY = Term("penalty", "扣分", 0, (), hand="street-penalty", adds=-1)
CLOSED_60 = Term("closed", "结案率", 60, (Part("closed_share"),))
SHEETS = {"street-inspection": 0, "street-bonus": 1, "street-penalty": -1}


def by_hand(**given: int | None) -> Judged:
    hand = {f"street-{key}": None if one is None else Fraction(one) for key, one in given.items()}
    return Judged({"closed_share": 50, "need_close": 100}, hand=hand)


def test_an_inspection_is_a_term_like_others_and_bonus_and_penalty_go_onto_the_whole():
    terms = (CLOSED_60, INSPECTED, BONUS, PENALTY)
    found = score(terms, WHOLES, by_hand(inspection=90, bonus=5, penalty=1))
    assert found.total == Fraction(50 * 60 + 90 * 40, 100) + 3 - 1  # the bonus only up to its most
    shares = found.shares()
    assert shares == [Decimal("30.00"), Decimal("36.00"), Decimal("3.00"), Decimal("-1.00")]
    assert sum(shares) == shown(found.total)


def test_what_was_never_inspected_drops_out_and_a_penalty_takes_no_more_than_there_is():
    terms = (CLOSED_60, INSPECTED, PENALTY)
    assert score(terms, WHOLES, by_hand(inspection=None, penalty=0)).total == 50
    lost = score(terms, WHOLES, by_hand(inspection=None, penalty=80))
    assert lost.total == 0
    assert lost.shares() == [Decimal("50.00"), None, Decimal("-50.00")]


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ((Term("a", "甲", 100, (), hand="nowhere"),), ("a", "unknown")),
        ((CLOSED_60, replace(INSPECTED, adds=1)), ("inspected", "adds")),
        ((CLOSED_60, INSPECTED, replace(BONUS, weight=5)), ("bonus", "adds")),
        ((CLOSED_60, INSPECTED, replace(PENALTY, adds=1)), ("penalty", "adds")),
    ],
)
def test_a_sheet_in_a_scheme_is_used_as_what_it_is(terms, fault):
    assert fault in kinds(terms, SHEETS)
    assert kinds((CLOSED_60, INSPECTED, BONUS, PENALTY), SHEETS) == []


@given(
    st.lists(st.lists(st.integers(0, 40), max_size=4), min_size=1, max_size=6),
    st.integers(10, 200),
)
def test_an_inspection_lies_between_nothing_and_full_and_months_weigh_alike(months, full):
    found = inspected(full, [[Fraction(one) for one in month] for month in months])
    if not any(months):
        assert found is None
    else:
        assert 0 <= found <= 100
        each = [inspected(full, [[Fraction(one) for one in month]]) for month in months if month]
        assert found == sum(each) / len(each)


@pytest.mark.django_db
def test_cells_of_both_classes_have_their_bands():
    """Filed cases a cell and month: fewer are expected where the class is the first (§5)."""
    terms = terms_from(Scheme.objects.get(key="region-cell").terms)
    told = {
        group: [(band.least, band.most, band.points) for band in one.bands]
        for group in ("1", "2")
        for one in terms_for(terms, group)
        if one.key == "filed"
    }
    assert told["1"] == [
        (0, 0, 100), (1, 2, 90), (3, 4, 75), (5, 6, 60), (7, 8, 40), (9, None, 0),
    ]  # fmt: skip
    assert told["2"] == [
        (0, 0, 100), (1, 3, 90), (4, 5, 75), (6, 7, 60), (8, 9, 40), (10, None, 0),
    ]  # fmt: skip
