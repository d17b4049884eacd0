"""Filing standards as one page prints them: from the live rows, by class, on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Invalid
from parts.models import CatalogueClass, FilingStandard, LimitUnit
from parts.selectors.catalogue import (
    asked_classes,
    classes_of,
    matches,
)

# What the kinds of departments are called that the shipped standards name; a kind of a city's own
# is shown as the city writes it.
BODIES: dict[str, Promise] = {
    "cable_tv": pgettext_lazy("body", "cable television"),
    "civil_defence": pgettext_lazy("body", "civil defence"),
    "construction": pgettext_lazy("body", "construction"),
    "drainage": pgettext_lazy("body", "drainage"),
    "enforcement": pgettext_lazy("body", "city enforcement"),
    "environment": pgettext_lazy("body", "environment"),
    "fire": pgettext_lazy("body", "fire brigade"),
    "gas": pgettext_lazy("body", "gas"),
    "heat": pgettext_lazy("body", "heating"),
    "housing": pgettext_lazy("body", "housing"),
    "landscaping": pgettext_lazy("body", "greens"),
    "lighting": pgettext_lazy("body", "street lighting"),
    "police": pgettext_lazy("body", "police"),
    "power": pgettext_lazy("body", "electricity"),
    "roads": pgettext_lazy("body", "roads"),
    "sanitation": pgettext_lazy("body", "sanitation"),
    "street_office": pgettext_lazy("body", "street office"),
    "telecom": pgettext_lazy("body", "telecommunications"),
    "traffic_police": pgettext_lazy("body", "traffic police"),
    "transit": pgettext_lazy("body", "public transport"),
    "water": pgettext_lazy("body", "water supply"),
    "water_affairs": pgettext_lazy("body", "water affairs"),
}
VALIDITIES = ("current", "coming", "ended")


def body_words(standard: FilingStandard) -> str:
    """Who answers by this standard, in words: as the city's table says, else the default kind."""
    return standard.responsible or str(
        BODIES.get(standard.department_kind, standard.department_kind)
    )


def number_words(value: Decimal) -> str:
    """A limit without idle zeros: 2.00 → 2, 1.50 → 1.5."""
    return f"{value.normalize():f}"


def limit_words(standard: FilingStandard) -> list[tuple[str, str]]:
    """The limit by area: one line without an area, or A, B and C where they differ."""
    unit = str(LimitUnit(standard.limit_unit).label)

    def words(value: Decimal) -> str:
        return str(_("%(n)s %(unit)s") % {"n": number_words(value), "unit": unit})

    if standard.limit_value_a is None and standard.limit_value_c is None:
        return [("", words(standard.limit_value))]
    of_b = standard.limit_value
    of_area = {"A": standard.limit_value_a or of_b, "B": of_b, "C": standard.limit_value_c or of_b}
    return [(area, words(value)) for area, value in of_area.items()]


@dataclass(frozen=True, slots=True)
class StandardFilter:
    """Which standards a page prints. Without `on` those of today."""

    scheme: str
    kind: str = ""
    major: str = ""
    words: str = ""
    validity: str = "current"

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> StandardFilter:
        """Read a filter from a query string. Raises Invalid for an unknown value."""
        asked, validity = asked_classes(query), query.get("validity", "")
        if validity and validity not in VALIDITIES:
            raise Invalid(_("Unknown filter."), validity=_("Unknown value."))
        major = query.get("major", "").replace("\0", "")[:4]
        return cls(asked.scheme, asked.kind, major, asked.words, validity or "current")

    def holds(self, on: date) -> Q:
        """The condition on the days of a standard."""
        if self.validity == "coming":
            return Q(valid_from__gt=on)
        if self.validity == "ended":
            return Q(valid_to__lt=on)
        return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))

    def classes(self) -> list[CatalogueClass]:
        """The classes that the page may print."""
        return [
            row
            for row in classes_of(self.scheme)
            if (not self.kind or row.kind == self.kind)
            and (not self.major or row.major_code == self.major)
        ]


class ClassStandards(NamedTuple):
    """A class with the standards that are printed of it."""

    entry: CatalogueClass
    standards: list[FilingStandard]


class Printed(NamedTuple):
    """What a page prints, with its counts."""

    classes: list[ClassStandards]
    standards: int
    #: classes in use that have no standard on that day
    bare: int


def print_standards(wanted: StandardFilter, *, on: date) -> Printed:
    """The standards that hold on a day, by class; one query.

    Words are looked for in code, name, pinyin and initials of the class, and in the condition.
    """
    entries = {row.pk: row for row in wanted.classes()}
    rows = FilingStandard.objects.filter(wanted.holds(on), catalogue_class_id__in=entries)
    by_class: defaultdict[int, list[FilingStandard]] = defaultdict(list)
    for row in rows.order_by("position", "valid_from", "pk"):
        by_class[row.catalogue_class_id].append(row)
    found = []
    for pk, entry in entries.items():
        listed = by_class[pk]
        if wanted.words and not matches(entry, wanted.words):
            listed = [row for row in listed if wanted.words in row.condition.lower()]
        if listed:
            found.append(ClassStandards(entry, listed))
    bare = sum(row.is_active and not by_class[pk] for pk, row in entries.items())
    return Printed(found, sum(len(one.standards) for one in found), bare)


def standards_of_class(class_id: int) -> list[FilingStandard]:
    """All standards of a class, also those that ended or begin later."""
    return list(
        FilingStandard.objects.filter(catalogue_class_id=class_id).order_by(
            "position", "-valid_from"
        )
    )


def majors_of(scheme: str) -> list[tuple[str, str, str]]:
    """Kind, code and name of the major classes of a scheme."""
    found = {(row.kind, row.major_code): row.major_name for row in classes_of(scheme)}
    return [(kind, code, name) for (kind, code), name in sorted(found.items())]
