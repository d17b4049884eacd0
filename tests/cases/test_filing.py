"""`file` copies a standard onto the case; relapses are linked (domain law §§4, 7, 9)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.utils import IntegrityError

from cases.models import Case
from cases.selectors.duplicates import duplicate_candidates
from cases.services.duplicate_trial import try_duplicates
from cases.services.filing import file_case
from gridcity.contracts import Invalid
from parts.models import FilingStandard
from tests.factories import start


@contextmanager
def refused_by(constraint):
    """The database refuses by this constraint, and the test goes on."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        yield


def file(going, standard_id, by="duty-chief-1"):
    return file_case(
        number=going.number, actor=going.actor(by), at=going.now, version=going.case.version,
        standard_id=standard_id,
    )  # fmt: skip


@pytest.mark.parametrize(("cell", "limit"), [((0, 0), 2), ((1, 1), 4), ((0, 3), 6)])
def test_the_limit_follows_the_limit_area_of_the_cell(walk, district, cell, limit):
    case = file(walk("TO_FILE", cell=cell), district.standard("rubbish").pk)
    assert (case.limit_value, case.limit_unit) == (Decimal(limit), "working_hour")
    assert case.limit_area == district.cells[cell].limit_area


def test_a_limit_without_variants_is_the_same_everywhere(walk, district):
    case = file(walk("TO_FILE", cell=(0, 0), entry="stall"), district.standard("stall").pk)
    assert (case.limit_value, case.limit_area) == (Decimal(2), "A")


def test_text_and_limit_are_copied_and_later_changes_do_not_reach_them(walk, district):
    standard = district.standard("illegal_building", 2)
    going = walk("TO_FILE", entry="illegal_building")
    case = file(going, standard.pk)
    FilingStandard.objects.filter(pk=standard.pk).update(limit_value=1, condition="别的")
    kept = Case.objects.get(pk=case.pk)
    assert (kept.standard_condition, kept.limit_value) == ("已建成", Decimal(15))
    assert kept.closing_condition == standard.closing_condition


@pytest.mark.parametrize("named", [None, 0, -1, 10**12])
def test_without_a_standard_nothing_is_filed(walk, named):
    with pytest.raises(Invalid) as refused:
        file(walk("TO_FILE"), named)
    assert "standard" in refused.value.fields


def test_a_standard_of_another_class_is_refused(walk, district):
    with pytest.raises(Invalid):
        file(walk("TO_FILE"), district.standard("stall").pk)


def test_a_standard_that_is_no_longer_in_force_is_refused(walk, district, at):
    standard = district.standard("rubbish")
    FilingStandard.objects.filter(pk=standard.pk).update(valid_to=at(on="2026-06-09").date())
    with pytest.raises(Invalid):
        file(walk("TO_FILE"), standard.pk)


def test_the_database_holds_no_case_in_handling_without_a_standard(make_case):
    case = make_case("TO_FILE")
    for state in ("HANDLING", "SUSPENDED", "TO_CHECK", "CHECKING", "TO_CLOSE"):
        with (
            pytest.raises(IntegrityError, match="case_handling_has_standard"),
            transaction.atomic(),
        ):
            Case.objects.filter(pk=case.pk).update(state=state)


def test_the_database_lets_no_finished_case_leave_the_figures(make_case, at):
    case = make_case("TO_CHECK")
    for state in ("NOT_ACCEPTED", "NOT_FILED", "VOIDED"):
        with (
            pytest.raises(IntegrityError, match="case_finished_never_unfiled"),
            transaction.atomic(),
        ):
            Case.objects.filter(pk=case.pk).update(state=state, ended_at=at())


def test_the_database_knows_an_end_exactly_when_a_case_has_ended(make_case, at):
    case = make_case()
    with refused_by("case_ended_at_iff_ended"):
        Case.objects.filter(pk=case.pk).update(ended_at=at())
    with refused_by("case_ended_at_iff_ended"):
        Case.objects.filter(pk=case.pk).update(state="CLOSED")


@pytest.mark.parametrize(("days", "is_relapse"), [(29, True), (31, False)])
def test_filed_again_within_thirty_days_of_closing_is_a_relapse(district, at, days, is_relapse):
    first = start(district=district, state="CLOSED", reported_at=at()).case
    again = start(district=district, state="TO_FILE", reported_at=at() + timedelta(days=days))
    case = file(again, district.standard("rubbish").pk)
    assert case.relapse_of == (first if is_relapse else None)


def test_another_class_or_cell_is_no_relapse(district, walk):
    walk("CLOSED")
    assert file(walk("TO_FILE", cell=(1, 2)), district.standard("rubbish").pk).relapse_of is None
    going = walk("TO_FILE", entry="stall")
    assert file(going, district.standard("stall").pk).relapse_of is None


# ---------------------------------------------------------------- duplicates


def candidates(district, at, entry="rubbish", cell=(1, 1), part=None, **more):
    from django.contrib.gis.geos import Point

    from tests.district import point

    return duplicate_candidates(
        class_id=district.classes[entry].pk, cell_id=district.cells[cell].pk,
        point=Point(*point(*cell), srid=4490), part_id=part, at=at("12:00"), **more,
    )  # fmt: skip


def test_like_cases_here_and_next_door_are_candidates_nearest_first(district, at, make_case):
    near = make_case(cell=(1, 1))
    beside = make_case(cell=(0, 1))
    make_case(cell=(1, 3))  # two cells away
    make_case(cell=(1, 1), entry="stall")  # another class
    found = candidates(district, at)
    assert [one.number for one in found] == [near.number, beside.number]
    assert found[0].distance_m == 0
    assert 90 < found[1].distance_m < 110
    assert "same_cell" in found[0].reasons
    assert "neighbouring_cell" in found[1].reasons


def test_the_same_part_comes_first_whatever_the_distance(district, at, make_case):
    part = district.parts[1]
    make_case(entry="cover", cell=(1, 1))
    same = make_case(entry="cover", cell=(0, 1), part_code=part.code)
    found = candidates(district, at, entry="cover", part=part.pk)
    assert found[0].number == same.number
    assert found[0].same_part


@pytest.mark.parametrize("state", ["NOT_ACCEPTED", "NOT_FILED", "VOIDED"])
def test_what_ended_unfiled_is_no_candidate(district, at, make_case, state):
    make_case(state)
    assert candidates(district, at) == []


def test_closed_a_month_ago_is_no_candidate_any_more(district, at, make_case):
    make_case("CLOSED", reported_at=at(on="2026-05-08"))
    recent = make_case("CLOSED", reported_at=at(on="2026-06-01"))
    assert [one.number for one in candidates(district, at)] == [recent.number]


def test_candidates_take_one_query(district, at, make_case, django_assert_max_num_queries):
    for _number in range(8):
        make_case()
    candidates(district, at)  # the neighbours of a cell are remembered by the process
    with django_assert_max_num_queries(1):
        assert len(candidates(district, at)) == 5


def test_of_two_reports_of_one_place_the_newer_comes_first(district, at, make_case):
    make_case(reported_at=at("08:00"))
    newer = make_case(reported_at=at("09:00"))
    assert candidates(district, at)[0].number == newer.number


def test_another_class_of_the_same_part_is_named_as_such_and_closed_cases_too(
    district, at, make_case
):
    make_case("CLOSED", reported_at=at("08:00"))
    assert {"same_class", "closed_lately"} <= set(candidates(district, at)[0].reasons)


def test_the_trial_of_duplicates_prints_its_rates_and_leaves_nothing(district, capsys):
    call_command("measure_duplicates", "--pairs", "12", "--seed", "3")
    printed = capsys.readouterr().out
    assert "12 pairs" in printed
    assert printed.count("precision") == printed.count("recall") == 2
    assert Case.objects.count() == 0


def test_the_same_seed_makes_the_same_trial(district, at):
    first, again = (try_duplicates(pairs=10, seed=5, at=at()) for _turn in range(2))
    assert first == again
    assert first.likely.recall > 0.5
