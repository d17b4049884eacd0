"""Plain rows of a simulation: what the model's constructor would hold, without the model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cases.models import Case, Event, Photo
from dispatch.models import Department, Turn
from dispatch.simulation.making import maker
from dispatch.simulation.record import WRITTEN
from parts.services.copying import columns_of

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_a_row_that_is_told_nothing_holds_the_defaults_of_its_model(model):
    row, meant = maker(model)(), model()
    held = {name: getattr(row, name) for name in columns_of(model)}
    assert held == {name: meant.__dict__[name] for name in columns_of(model)}


def test_it_knows_the_id_of_what_it_refers_to():
    case = maker(Case)(id=7, number="11010120260000007")
    department = Department(pk=3, code="D101")
    turn = maker(Turn)(case=case, department=department, began_at=AT)
    assert (turn.case_id, turn.department_id) == (7, 3)
    assert turn.department.code == "D101"


def test_an_id_alone_will_do():
    event = maker(Event)(actor_id=5)
    assert (event.actor_id, event.case_id) == (5, None)


def test_its_key_is_read_and_set_by_either_name():
    photo = maker(Photo)(id=1)
    photo.pk = 9
    assert (photo.id, photo.pk) == (9, 9)


def test_what_is_changed_in_one_row_is_not_changed_in_another():
    one, other = maker(Event)(), maker(Event)()
    one.changes["to"] = 4
    assert other.changes == {}


def test_it_refuses_what_its_model_does_not_have():
    with pytest.raises(TypeError, match="colour"):
        maker(Event)(colour="red")
