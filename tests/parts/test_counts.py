"""The stored counts of cells follow whatever writes parts and cases, and wait for nobody."""

from __future__ import annotations

import threading

import pytest
from django.contrib.gis.geos import Point
from django.db import connection, connections, transaction

from assessment.selectors.cells import open_cases_by_cell
from cases.services.cell_counts import recount_open
from gridcity.contracts import CLOCK, Forbidden
from parts.models import CellCount, LayerVersion, Part
from parts.selectors.counts import What, counts_by_code, wrong_part_counts
from parts.selectors.tiles import layer_versions
from parts.services.counts import fold_counts, recount_parts
from tests.cases.test_merging import merge
from tests.district import point
from tests.factories import PATHS


def counts(what=What.PARTS):
    return counts_by_code(what)


def covers(district, cell, count, first=500):
    lon, lat = point(0, 0)
    return [
        Part(
            code=f"1101010101{first + n:06d}", catalogue_class=district.classes["cover"],
            name="上水井盖", geom=Point(lon, lat, srid=4490), cell=cell, community=cell.community,
            street=cell.community.street, initial_on=cell.initial_on,
        )
        for n in range(count)
    ]  # fmt: skip


def test_parts_are_counted_by_cell_as_they_come_go_and_move(district):
    a, b = district.cells[0, 0], district.cells[2, 3]
    before = counts()
    made = Part.objects.bulk_create(covers(district, b, 7))
    assert counts()[b.code] == before.get(b.code, 0) + 7
    Part.objects.filter(pk__in=[part.pk for part in made[:3]]).update(cell=a)
    assert counts()[a.code] == before[a.code] + 3
    Part.objects.filter(pk=made[0].pk).update(state="lost", change_on="2026-02-01")
    assert counts()[a.code] == before[a.code] + 2
    Part.objects.filter(pk=made[0].pk).update(state="intact")
    Part.objects.filter(pk=made[1].pk).update(note="油漆剥落")
    assert counts()[a.code] == before[a.code] + 3
    assert wrong_part_counts() == []


def test_an_import_by_one_statement_adds_one_row_a_cell(district):
    rows = CellCount.objects.count()
    Part.objects.bulk_create(covers(district, district.cells[1, 1], 300))
    assert CellCount.objects.count() == rows + 1


def test_what_was_rolled_back_was_never_counted(district):
    before = counts()
    version = layer_versions()["parts"]
    with transaction.atomic():
        Part.objects.bulk_create(covers(district, district.cells[0, 0], 5))
        transaction.set_rollback(True)
    assert counts() == before
    assert layer_versions()["parts"] == version


def test_adding_up_changes_no_count(district):
    for n in range(4):
        Part.objects.bulk_create(covers(district, district.cells[0, 0], 2, first=600 + 10 * n))
    before = counts()
    fold_counts(actor=CLOCK, at=None)
    assert counts() == before
    assert CellCount.objects.filter(what=What.PARTS).count() == len(before)
    assert fold_counts(actor=CLOCK, at=None) == CellCount.objects.count()


def test_counts_that_were_lost_are_counted_anew(district, make_case):
    make_case("HANDLING")
    right = (counts(), counts(What.OPEN), counts(What.FILED))
    CellCount.objects.all().delete()
    CellCount.objects.create(what=What.PARTS, cell=district.cells[2, 2], n=40)
    assert wrong_part_counts()
    recount_parts(actor=CLOCK, at=None)
    recount_open(actor=CLOCK, at=None)
    assert (counts(), counts(What.OPEN), counts(What.FILED)) == right
    assert wrong_part_counts() == []


def test_others_than_administrators_may_not_count_anew(district):
    with pytest.raises(Forbidden):
        recount_parts(actor=district.actor("official-1"), at=None)


# ---------------------------------------------------------------- open cases


def counted(actor):
    """The open cases by cell, counted the long way."""
    from dispatch.selectors.visible import visible_cases

    rows = visible_cases(actor).filter(ended_at=None, cell__isnull=False)
    found = {}
    for code in rows.exclude(state__in=["VOIDED", "MERGED"]).values_list("cell__code", flat=True):
        found[code] = found.get(code, 0) + 1
    return found


@pytest.mark.parametrize("state", PATHS)
def test_stored_counts_are_those_of_the_cases_in_every_state(district, make_case, state):
    make_case(str(state))
    make_case("REPORTED")
    for name in ("official-1", "acceptor-1", "duty-chief-1", "dispatcher-1"):
        actor = district.actor(name)
        assert open_cases_by_cell(actor) == counted(actor), name


def test_a_merged_case_counts_no_more_and_again_when_it_is_taken_out(district, walk):
    lead, member = walk(), walk()
    chief = district.actor("duty-chief-1")
    assert sum(open_cases_by_cell(chief).values()) == 2
    merge(member, lead)
    assert open_cases_by_cell(chief) == counted(chief)
    assert sum(open_cases_by_cell(chief).values()) == 1


def test_a_department_sees_the_counts_of_its_own_cases_only(district, make_case):
    make_case("HANDLING")
    for name in ("department-d101", "department-w301", "supervisor-1", "supervisor-2"):
        actor = district.actor(name)
        assert open_cases_by_cell(actor) == counted(actor), name


# ---------------------------------------------------------------- at once


@pytest.mark.django_db(transaction=True)
def test_two_imports_into_one_cell_do_not_wait_for_each_other(shared_district):
    district, cell = shared_district, shared_district.cells[1, 1]
    versions, before = layer_versions()["parts"].count, counts().get(cell.code, 0)
    written, failed = threading.Event(), []

    def second():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '3s'")
                Part.objects.bulk_create(covers(district, cell, 3, first=800))
            written.set()
        except Exception as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    with transaction.atomic():
        Part.objects.bulk_create(covers(district, cell, 4, first=700))
        other = threading.Thread(target=second)
        other.start()
        other.join(10)
        assert written.is_set(), failed
    assert counts()[cell.code] == before + 7
    assert layer_versions()["parts"].count == versions + 2
    assert LayerVersion.objects.filter(layer="parts").count() >= 2
