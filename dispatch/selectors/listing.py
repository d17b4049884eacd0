"""Which cases a list asks for: a query for each form of list, composed once in a process.

What a list is asked for differs from call to call, and how it asks seldom does: the same desks
open the same boxes. See `parts/selectors/compiled.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.selectors.paging import (
    Cursor,
    Order,
    Page,
    capped,
    capped_count,
    page_of,
    part_of,
    turned,
)
from dispatch.models import Turn
from dispatch.selectors.boxes import cases_in, taking_part
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, Role
from parts.selectors.compiled import Given, compiled_by, one_of

# What a list reads of a case. Names of classes, streets and communities are kept by the process:
# joined to each page they doubled its cost.
READ = (
    "id", "number", "kind", "state", "version", "source", "description", "place_text",
    "reported_at", "state_since", "due_at", "green_until", "ended_at", "limit_value",
    "limit_unit", "catalogue_class_id", "street_id", "community_id", "cell__code",
)  # fmt: skip

# By which column of the case a value narrows a list.
COLUMNS = {
    "state": "state", "kind": "kind", "source": "source", "since": "reported_at__gte",
    "until": "reported_at__lt", "street": "street_id", "community": "community_id",
    "cell": "cell_id", "entry": "catalogue_class_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """By what the queries of lists differ: who asks, for which box, narrowed by what.

    `named`: what values narrow it; `many`: those that are lists; `is_open`: open cases alone.
    """

    roles: frozenset[str]
    is_lead: bool
    is_user: bool
    is_member: bool
    box: str
    named: frozenset[str] = frozenset()
    many: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as one actor asks for it: the form of its query, and the values it is given."""

    form: Form
    values: dict[str, Any]

    @classmethod
    def of(
        cls, actor: Actor, box: str, narrowed: Mapping[str, Any], *, is_open: bool = False
    ) -> Listing:
        """The visible cases of a box (of none: all), narrowed by values.

        Those of `COLUMNS`; `late`: the instant at which they are late; `holder`: the department
        that has them; `number`: a condition. Of `state`, `cell`, `entry` a list of several, too.
        """
        many = frozenset(name for name, value in narrowed.items() if isinstance(value, list))
        form = Form(
            actor.roles, actor.is_lead, actor.user_id is not None,
            actor.department_id is not None, box, frozenset(narrowed), many, is_open,
        )  # fmt: skip
        return cls(form, {"user": actor.user_id, "member": actor.department_id, **narrowed})

    @property
    def is_once(self) -> bool:
        """Whether its query is not kept: which numbers are meant differs in form each time."""
        return "number" in self.form.named

    def page(self, *, cursor: str | None, by: Order, size: int) -> Page:
        """One page of rows. Raises Invalid for a cursor that is none."""
        if self.is_once:
            rows = compose(self.form, self.values).values(*READ)
            return page_of(rows, cursor=cursor, by=by, size=size)
        at = Cursor.decode(cursor) if cursor else None
        way = None if at is None else (at.back, at.key is None)
        reached = {} if at is None else {"key": at.key, "pk": at.pk}
        found = _rows(form=self.form, by=by, way=way, size=size, **self.values, **reached)
        return turned(found, at, by, size)

    def count(self) -> int:
        """How many rows there are, counted up to just above the limit."""
        if self.is_once:
            return capped_count(compose(self.form, self.values))
        return _counted.count(form=self.form, **self.values)


@compiled_by("form", "by", "way", "size", replans=True)
def _rows(
    form: Form, by: Order, way: tuple[bool, bool] | None, size: int
) -> QuerySet[Case, dict[str, Any]]:
    """A page: the first, or (`way`) back from or on after a row, of which the key may be none."""
    at = None
    if way is not None:
        back, is_none = way
        key: Any = None if is_none else Given("key")
        pk: Any = Given("pk")
        at = Cursor(key, pk, back)
    return part_of(compose(form, _to_come(form)).values(*READ), at, by, size)


@compiled_by("form", replans=True)
def _counted(form: Form) -> QuerySet[Case, tuple[int]]:
    return capped(compose(form, _to_come(form)).values_list("pk"))


def _to_come(form: Form) -> dict[str, Any]:
    """The values of a form while only their names are known."""
    known: dict[str, Any] = {name: Given(name) for name in (*form.named, "user", "member")}
    if not form.is_user:
        known["user"] = None
    if not form.is_member:
        known["member"] = None
    return known


def compose(form: Form, given: Mapping[str, Any]) -> CaseQuerySet:
    """The cases of a form, unordered."""
    actor = Actor(given["user"], "", form.roles, given["member"], form.is_lead)
    rows = cases_in(actor, form.box) if form.box else visible_cases(actor)
    if form.is_open:
        rows = rows.filter(ended_at=None)  # implied; said aloud, the indexes of open cases answer
    for name in sorted(form.named):
        value = given[name]
        if name in COLUMNS:
            column = COLUMNS[name]
            narrowed = one_of(column, value) if name in form.many else Q(**{column: value})
            rows = rows.filter(narrowed)
        else:
            rows = FURTHER[name](rows, actor, value)
    return rows


def late(rows: CaseQuerySet, actor: Actor, at: Any) -> CaseQuerySet:
    """Open cases whose stage is late; how late others are is no department's to know."""
    rows = rows.filter(due_at__lt=at, ended_at=None)
    if Role.DEPARTMENT not in actor.roles:
        return rows
    own = Turn.objects.filter(taking_part(actor.department_id), ended_at=None)
    return rows.filter(pk__in=own.values("case_id"))


def held_by(rows: CaseQuerySet, actor: Actor, department_id: Any) -> CaseQuerySet:
    """Cases that a department has; a department finds those in which it takes part itself."""
    turns = Turn.objects.filter(department_id=department_id, ended_at=None)
    if Role.DEPARTMENT in actor.roles:
        turns = turns.filter(taking_part(actor.department_id))
    return rows.filter(pk__in=turns.values("case_id"))


def numbered(rows: CaseQuerySet, actor: Actor, condition: Q) -> CaseQuerySet:
    return rows.filter(condition)


FURTHER: dict[str, Callable[[CaseQuerySet, Actor, Any], CaseQuerySet]] = {
    "late": late, "holder": held_by, "number": numbered,
}  # fmt: skip
