"""The foundation of the tests is tested first."""

from __future__ import annotations

import pytest
from django.db import connection

from cases.clocks.calendar import DayKind
from cases.selectors.settings import working_dates
from gridcity.contracts import Role
from parts.models import Cell
from tests import district as small
from tests.clients import inspect
from tests.factories import PATHS


def test_the_district_is_whole(district):
    assert len(district.cells) == 12
    assert {cell.code[:12] for cell in district.cells.values()} == set(small.COLUMNS_OF)
    assert len(district.cells[1, 1].neighbours) == 8
    assert district.cells[1, 1].pk not in district.cells[1, 1].neighbours


def test_cells_share_their_edges_exactly(district):
    lon, lat = small.point(0, 0, x=1)
    found = Cell.objects.filter(geom__covers=f"SRID=4490;POINT({lon} {lat})")
    assert set(found) == {district.cells[0, 0], district.cells[0, 1]}


def test_each_role_has_a_user(district):
    for role, name in small.USER_OF_ROLE.items():
        assert district.actor(name).roles == {role}
    lead = district.actor("department-s201-lead")
    assert lead.is_lead
    assert lead.department_id == district.departments["s201"].pk
    assert Role.DEPARTMENT in lead.roles


def test_the_calendar_is_seeded(district, at):
    assert working_dates().entries[at(on="2026-10-01").date()] is DayKind.HOLIDAY


@pytest.mark.django_db
def test_nothing_is_left_of_another_test():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from parts_cell")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("html", "faults"),
    [
        ("<p class=a data-gc-on=1>fine</p><script src='/static/a.js'></script>", 0),
        ('<script type="application/json" id=x>{}</script>', 0),
        ("<script>1</script>", 1),
        ("<style>p{}</style>", 1),
        ("<p style='color:red'>", 1),
        ("<button onclick='go()'>", 1),
        ("<img src='https://example.org/a.png'>", 1),
        ("<a href='javascript:go()'>", 1),
    ],
)
def test_the_page_client_sees_inline_code(html, faults):
    assert len(inspect(html)) == faults


@pytest.mark.parametrize("state", sorted(PATHS))
def test_a_case_walks_to_every_state_by_real_transitions(make_case, state):
    case = make_case(state)
    assert case.state == state
    assert case.events.count() == case.last_seq >= 1
