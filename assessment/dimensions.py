"""By what a figure may be broken down, and how an address names one value of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models import Grain
from cases.sources import Source
from cases.workflow import State
from dispatch.models import Department
from gridcity.contracts import Invalid, Sentence
from parts.models import CatalogueClass, Community, Street
from parts.selectors import cell_ids, get_class
from parts.selectors.compiled import compiled_by
from parts.selectors.crosswalk import counted_with

NOT_SO = _("This figure is not broken down so.")
NONE = "none"  # in an address: the rows that have no value, such as a case without a place


@dataclass(frozen=True, slots=True)
class Dimension:
    """`columns` names the column of each grain that can be grouped by it; others cannot."""

    key: str
    label: Promise
    columns: Mapping[Grain, str]
    where: Callable[[str, str], Q]


def unknown(field: str, why: Sentence = _("Unknown value.")) -> Invalid:
    """What is said of a word of an address that narrows or breaks down by nothing."""
    wrong: dict[str, Sentence] = {field: why}
    return Invalid(_("Unknown filter."), **wrong)


# What addresses name by its code.
CODED: dict[str, type[Model]] = {
    "street": Street, "community": Community, "department": Department, "holder": Department,
}  # fmt: skip


def ids_of(dimension: str, value: str) -> list[int]:
    """The rows that bear a code."""
    return [pk for pk, _name in named_by_code(dimension=dimension, code=value)]


@compiled_by("dimension")
def named_by_code(dimension: str, code: Any) -> QuerySet[Any, tuple[int, str]]:
    """Id and word of the rows that bear a code."""
    rows = CODED[dimension]._default_manager.filter(code=code)
    return rows.order_by("pk").values_list("pk", "name")


def _by_code(dimension: str) -> Callable[[str, str], Q]:
    """By the ids that bear a code: a join would keep an index from saying the order of rows."""

    def where(column: str, value: str) -> Q:
        if value == NONE:
            return Q(**{f"{column}__isnull": True})
        ids = ids_of(dimension, value)
        return Q(**{column: ids[0]}) if len(ids) == 1 else Q(**{f"{column}__in": ids})

    return where


def class_named(value: str) -> CatalogueClass | None:
    """A class by scheme, kind and code, such as `CJT214-2007:event:0102`. Raises Invalid."""
    parts = value.split(":")
    if len(parts) != 3:
        raise unknown("class")
    scheme, kind, code = parts
    return get_class(scheme=scheme, kind=kind, code=code)


def _by_class(column: str, value: str) -> Q:
    """A class stands for all classes that the crosswalk counts with it (`codes.md`)."""
    entry = class_named(value)
    if entry is None:
        return Q(pk__in=[])
    together = counted_with(entry.pk)
    return Q(**{f"{column}__in": together}) if len(together) > 1 else Q(**{column: entry.pk})


def _by_cell(column: str, value: str) -> Q:
    """A cell of today, with what was filed in former cells of its ground."""
    if value == NONE:
        return Q(**{f"{column.removesuffix('_id')}__isnull": True})
    return Q(**{f"{column}__in": cell_ids(value)})


def _by_source(column: str, value: str) -> Q:
    if value not in Source.values:
        raise unknown("source")
    return Q(**{column: value})


def _by_group(column: str, value: str) -> Q:
    """Departments of a group for assessment, as they are grouped today."""
    if value == NONE:
        return Q(**{column: ""}) | Q(**{f"{column}__isnull": True})
    return Q(**{column: value})


def _by_state(column: str, value: str) -> Q:
    if value not in State.values:
        raise unknown("state")
    return Q(**{column: value})


def _by_post(column: str, value: str) -> Q:
    raise NotImplementedError("posts are narrowed by selectors.posts, which knows who may see whom")


def _of_all(column: str) -> dict[Grain, str]:
    return dict.fromkeys(Grain, column)


_ALL = (
    Dimension("state", pgettext_lazy("dimension", "State"), {Grain.STAY: "state"}, _by_state),
    Dimension(
        "street", pgettext_lazy("dimension", "Street"), _of_all("street_id"), _by_code("street")
    ),
    Dimension(
        "community",
        pgettext_lazy("dimension", "Community"),
        _of_all("community_id"),
        _by_code("community"),
    ),
    Dimension("cell", pgettext_lazy("dimension", "Unit grid cell"), _of_all("cell_id"), _by_cell),
    Dimension(
        "department",
        pgettext_lazy("dimension", "Department"),
        {Grain.TURN: "department_id", Grain.TASK: "department_id"},
        _by_code("department"),
    ),
    Dimension(
        "group",
        pgettext_lazy("dimension", "Group of departments"),
        dict.fromkeys((Grain.TURN, Grain.TASK), "department__assessment_group"),
        _by_group,
    ),
    # In whose turn a case stood at a desk or in handling: no figure of that department.
    Dimension(
        "holder",
        pgettext_lazy("dimension", "Department that had it"),
        {Grain.STAY: "department_id"},
        _by_code("holder"),
    ),
    Dimension(
        "class", pgettext_lazy("dimension", "Class"), _of_all("catalogue_class_id"), _by_class
    ),
    Dimension("source", pgettext_lazy("dimension", "Source"), _of_all("source"), _by_source),
    # By the column that each figure names itself, and by who may see whom: `selectors.posts`.
    Dimension("post", pgettext_lazy("dimension", "Post"), {}, _by_post),
    Dimension("person", pgettext_lazy("dimension", "Person"), {}, _by_post),
)
DIMENSIONS: dict[str, Dimension] = {each.key: each for each in _ALL}
POSTED = ("post", "person")
# The dashboard groups by these.
TABLED = ("state", "street", "department", "class")


def columns_of(grain: Grain, dimensions: Iterable[str]) -> dict[str, str]:
    """The column of each of these dimensions by which facts of a grain can be grouped."""
    return {key: DIMENSIONS[key].columns[grain] for key in dimensions
            if grain in DIMENSIONS[key].columns}  # fmt: skip


def filter_of(grain: Grain, wanted: Mapping[str, str]) -> Q:
    """The condition that these values of dimensions set. Raises Invalid naming the field."""
    condition = Q()
    for key, value in wanted.items():
        dimension = DIMENSIONS[key]
        column = dimension.columns.get(grain)
        if column is None:
            raise unknown(key, NOT_SO)
        condition &= dimension.where(column, value)
    return condition
