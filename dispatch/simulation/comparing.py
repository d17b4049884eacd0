"""Whether two simulations wrote the same: every row of every table but its own id."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import Model

from cases.models import CallBack, Case, Event, Miss, Photo, Rating, Reporter, Stay, Task
from dispatch.models import Request, RequestStep, TimerFiring, Turn, TurnFact
from dispatch.simulation.record import Ids
from dispatch.simulation.simulate import Order, read_serials, settle_serials

# Of each table, by what its rows are ordered, and what is not compared: ids that a table gives
# its own rows, files, of which the bulk keeps one for all photos of a scene, and codes, which are
# drawn by chance and told to nobody here.
COMPARED: tuple[tuple[type[Model], tuple[str, ...], frozenset[str]], ...] = (
    (Case, ("id",), frozenset()),
    (Event, ("case_id", "seq"), frozenset({"id"})),
    (Stay, ("case_id", "seq", "began_at"), frozenset({"id"})),
    (Task, ("case_id", "sent_at", "due_at"), frozenset({"id"})),
    (Reporter, ("case_id",), frozenset({"id", "query_code_sha256"})),
    (Rating, ("case_id",), frozenset({"id", "reporter_id"})),
    (
        Photo,
        ("case_id", "added_at", "taken_at"),
        frozenset({"id", "event_id", "file", "thumbnail"}),
    ),
    (CallBack, ("case_id", "at"), frozenset({"id", "reporter_id"})),
    (Miss, ("case_id",), frozenset({"id"})),
    (Turn, ("id",), frozenset()),
    (Request, ("id",), frozenset()),
    (RequestStep, ("request_id", "began_at"), frozenset({"id"})),
    (TurnFact, ("turn_id", "kind"), frozenset({"id"})),
    (TimerFiring, ("case_id", "occurred_at", "clock_kind"), frozenset({"id", "clock_id"})),
)

Rows = dict[str, list[dict[str, Any]]]


def rows_of_all() -> Rows:
    """Everything that is compared, in order."""
    found: Rows = {}
    for model, order, left_out in COMPARED:
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
        rows = model._default_manager.order_by(*order).values(*names)
        found[model.__name__] = [{key: plain(value) for key, value in row.items()} for row in rows]
    return found


class _Undone(Exception):
    """Takes back what was played."""


def played_and_undone(way: Callable[[Order], int], order: Order) -> Rows:
    """The rows that one way of playing an order writes; nothing of it stays.

    Sequences go on all the same, so they are set back: both ways begin with the same ids.
    """
    ids, serials, found = Ids(), read_serials(order), Rows()
    try:
        with transaction.atomic():
            way(order)
            found = rows_of_all()
            raise _Undone
    except _Undone:
        ids.settle()
        settle_serials(serials)
    return found


def plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def differences(left: Rows, right: Rows, most: int = 5) -> list[str]:
    """The first differences of each table, in words; empty where both are the same."""
    found: list[str] = []
    for table, rows in left.items():
        pairs = zip_longest(rows, right[table], fillvalue=None)
        said = [difference(table, one, other) for one, other in pairs if one != other]
        found += said[:most]
    return found


def difference(table: str, one: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    if one is None or other is None:
        return f"{table}: only on one side: {one or other}"
    keys = [key for key in one if one[key] != other[key]]
    said = ", ".join(f"{key} {one[key]!r} ≠ {other[key]!r}" for key in keys)
    return f"{table} {one.get('case_id', one.get('id'))} {one.get('seq', '')}: {said}"
