"""Rows written by kept statements are those that the models would write themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pghistory
import pytest
from django.contrib.gis.geos import Point
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

from cases.models import Event, Stay
from cases.workflow import State
from dispatch.models import Turn
from parts.services.writing import insert, save, updating
from tests.district import TestDistrict, at, point
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def stored(row: Model) -> dict[str, Any]:
    """What the database has of a row, but for its key."""
    found = type(row)._base_manager.filter(pk=row.pk).values().get()
    return {name: value for name, value in found.items() if name != "id"}


def beside(row: Model) -> Any:
    """A row like another one, with a number of its own."""
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    said = {name: getattr(row, name) for name in names}
    number = "number" if "number" in said else "seq"
    return type(row)(**said | {number: said[number] + 100})


@pytest.mark.parametrize("model", [Event, Stay, Turn])
def test_an_inserted_row_is_the_one_that_its_model_would_save(
    district: TestDistrict, model: type[Model]
) -> None:
    case = CaseFactory(district=district, closed=True)
    for row in model._base_manager.filter(case=case):  # type: ignore[misc]
        written = []
        for write in (lambda new: new.save(force_insert=True), insert, insert):
            with transaction.atomic():
                new = beside(row)
                write(new)
                assert (new._state.adding, new._state.db) == (False, "default")
                assert new.pk != row.pk
                written.append(stored(new))
                transaction.set_rollback(True)
        assert written[1:] == [written[0], written[0]]


def test_saved_fields_are_those_named_and_no_others(district: TestDistrict) -> None:
    turn = Turn.objects.get(case=CaseFactory(district=district, handling=True))
    before = stored(turn)
    marks = [at("11:00"), at("12:00")]
    for given, opened_at in ((marks, at("13:00")), ([], None)):
        turn.marks, turn.used, turn.opened_at = given, timedelta(minutes=7), opened_at
        turn.end_kind = "closed"
        save(turn, ["marks", "used", "opened_at"])
        said = {"marks": given, "used": timedelta(minutes=7), "opened_at": opened_at}
        assert stored(turn) == before | said


def test_a_place_is_saved_too(district: TestDistrict) -> None:
    case = CaseFactory(district=district)
    before, place = stored(case), Point(*point(0, 2), srid=4490)
    case.point = place
    save(case, ["point"])
    assert stored(case) == before | {"point": place}
    assert place != before["point"]


def test_a_row_that_is_gone_cannot_be_saved(district: TestDistrict) -> None:
    turn = Turn.objects.get(case=CaseFactory(district=district, handling=True))
    turn.pk = 0
    with pytest.raises(DatabaseError), transaction.atomic():
        save(turn, ["end_kind"])


def test_what_the_database_refuses_is_refused(district: TestDistrict) -> None:
    event = Event.objects.get(case=CaseFactory(district=district))
    event.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(event)


def test_an_update_is_composed_once_and_says_how_many(district: TestDistrict) -> None:
    composed = []

    @updating
    def undo(case_id: Any, state: Any, undone: Any) -> tuple[QuerySet[Stay], dict[str, Any]]:
        composed.append(1)
        rows = Stay.objects.filter(case_id=case_id, state=state, undone=False)
        return rows, {"undone": undone, "provisional": True}

    case = CaseFactory(district=district, handling=True)
    assert undo(case_id=case.pk, state=State.TO_FILE, undone=True) == 1
    assert undo(case_id=case.pk, state=State.TO_FILE, undone=True) == 0
    assert undo(case_id=case.pk, state="CLOSED", undone=True) == 0
    assert len(composed) == 1
    rows = Stay.objects.filter(case=case, undone=True, provisional=True)
    assert list(rows.values_list("state", flat=True)) == [State.TO_FILE]


def test_the_context_of_the_history_may_write_before_each_statement(
    district: TestDistrict,
) -> None:
    turn = Turn.objects.get(case=CaseFactory(district=district, handling=True))
    with pghistory.context(reason="why"), CaptureQueriesContext(connection) as asked:
        save(turn, ["end_kind"])
    assert "pghistory.context_id" in asked.captured_queries[0]["sql"]
