"""A part's state changes with a reason and a date; a part is never deleted."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from gridcity.contracts import Forbidden, Invalid, NotVisible
from parts.models import Cell, Part
from parts.services.states import change_part_state


@pytest.fixture
def change(district, at):
    def do(**more):
        options = {"part_id": district.parts[0].pk, "state": "removed", "reason": "道路改造拆除"}
        options |= {"actor": district.actor("administrator"), "at": at()} | more
        return change_part_state(**options)

    return do


def test_an_end_state_is_dated_and_keeps_old_values_and_the_reason(change, district, at):
    part = change()
    assert (part.state, part.change_on) == ("removed", at().date())
    with connection.cursor() as cursor:
        cursor.execute(
            "select h.state, h.change_on, c.metadata from parts_parthistory h"
            " join pghistory_context c on c.id = h.pgh_context_id"
        )
        ((state, changed, metadata),) = cursor.fetchall()
    assert (state, changed) == ("intact", None)
    said = metadata if isinstance(metadata, dict) else json.loads(metadata)
    assert said == {"actor": "administrator", "reason": "道路改造拆除"}


def test_the_day_is_the_one_in_shanghai(change, at):
    assert change(at=at("00:30", on="2026-06-11")).change_on.isoformat() == "2026-06-11"


def test_the_same_state_again_changes_nothing(change, district):
    assert change(state="intact").change_on is None


@pytest.mark.parametrize("wrong", [{"state": "gone"}, {"reason": " "}])
def test_an_unknown_state_or_no_reason_is_refused(change, wrong):
    with pytest.raises(Invalid):
        change(**wrong)


def test_an_unknown_part_and_other_roles_are_refused(change, district):
    with pytest.raises(NotVisible):
        change(part_id=0)
    with pytest.raises(Forbidden):
        change(actor=district.actor("dispatcher-1"))


def test_the_database_deletes_no_part(district):
    count = Part.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from parts_part where id = %s", [district.parts[0].pk])
    assert Part.objects.count() == count


def test_a_change_by_sql_keeps_the_old_values_too(district):
    with connection.cursor() as cursor:
        cursor.execute("update parts_part set note = 'x' where id = %s", [district.parts[0].pk])
        cursor.execute("select note from parts_parthistory")
        assert cursor.fetchall() == [("",)]


class TestAdministration:
    @pytest.fixture
    def office(self, browser_client, district):
        return browser_client.enter(district.user("administrator"))

    def test_a_state_is_changed_with_a_reason_and_nothing_else_is(self, office, district):
        part = district.parts[0]
        url = reverse("admin:parts_part_change", args=[part.pk])
        refused = office.post(url, {"state": "abandoned", "reason": ""})
        assert "reason" in refused.context["adminform"].form.errors
        taken = office.post(
            url,
            {"state": "abandoned", "reason": "报废", "code": "9", "geom": "POINT(116.4 39.92)"},
        )
        assert taken.status_code == 302
        before = part.geom
        part.refresh_from_db()
        assert (part.state, part.code, part.geom) == ("abandoned", "1101010101000001", before)

    def test_a_boundary_that_is_sent_is_not_read(self, office, district):
        cell = district.cells[0, 0]
        url = reverse("admin:parts_cell_change", args=[cell.pk])
        form = office.get(url).context["adminform"].form
        data = {name: form.initial.get(name) or "" for name in form.fields if name != "geom"}
        other = district.cells[1, 1].geom.geojson
        assert office.post(url, {**data, "note": "看过", "geom": other}).status_code == 302
        found = Cell.objects.get(pk=cell.pk)
        assert found.note == "看过"
        assert found.geom.equals_exact(cell.geom)
