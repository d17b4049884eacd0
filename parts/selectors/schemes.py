"""Coding schemes as the pages show them, and what a change of the current one would mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Q

from parts.models import CatalogueClass, CodingScheme, FilingStandard, Part, SchemeSwitch
from parts.selectors.catalogue import classes_of, current_scheme
from parts.selectors.crosswalk import Standing, read_as, standing
from parts.selectors.kept import Kept

LISTED = 50
# The national scheme in force, and since when (`codes.md`).
NATIONAL = ("GBT47678.5-2026", date(2026, 7, 1))


def _switched_at() -> datetime | None:
    return SchemeSwitch.objects.order_by("-at").values_list("at", flat=True).first()


#: Since when new objects take the current scheme; None where it has never changed.
current_since = Kept(_switched_at)


class SchemeLine(NamedTuple):
    """A scheme with what belongs to it."""

    scheme: CodingScheme
    parts: int
    events: int
    local: int
    registered: int
    standing: Standing | None


def proposed_scheme(on: date) -> CodingScheme | None:
    """The scheme that a new installation should begin with; None once parts bear codes.

    The national standard in force (`codes.md`), where the table has it and it is not current yet.
    """
    key, since = NATIONAL
    if on < since or Part.objects.exists():
        return None
    return CodingScheme.objects.filter(key=key, is_current=False).first()


def list_scheme_lines() -> list[SchemeLine]:
    """All schemes with their counts, the current one first; five queries and two for each other."""
    kinds: Counter[tuple[str, str]] = Counter()
    local: Counter[str] = Counter()
    rows = CatalogueClass.objects.order_by().values_list("scheme_id", "kind", "is_local")
    for scheme, kind, is_local, number in rows.annotate(number=Count("pk")):
        kinds[scheme, kind] += number
        local[scheme] += number if is_local else 0
    registered = parts_by_class()
    of_class = dict(CatalogueClass.objects.order_by().values_list("pk", "scheme_id"))
    counted: Counter[str] = Counter()
    for class_id, number in registered.items():
        counted[of_class[class_id]] += number
    current = current_scheme()
    return [
        SchemeLine(
            scheme,
            kinds[scheme.key, "part"],
            kinds[scheme.key, "event"],
            local[scheme.key],
            counted[scheme.key],
            None if scheme.key == current else standing(scheme.key, current),
        )
        for scheme in CodingScheme.objects.order_by("-is_current", "key")
    ]


def parts_by_class() -> dict[int, int]:
    """Parts that still stand, by class."""
    rows = Part.objects.standing().order_by().values_list("catalogue_class_id")
    return dict(rows.annotate(number=Count("pk")))


def list_switches() -> list[SchemeSwitch]:
    """Changes of the current scheme, newest first."""
    return list(SchemeSwitch.objects.select_related("by")[:LISTED])


class ClassLine(NamedTuple):
    """A class of the scheme that is left, with the parts of it and what they will be read as."""

    entry: CatalogueClass
    parts: int
    target: CatalogueClass | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What becomes of what there is, when `target` serves new objects."""

    source: CodingScheme | None
    target: CodingScheme
    classes: int
    events: int
    standards: int
    #: classes of the target in use that have no filing standard on that day
    bare: list[CatalogueClass]
    lines: list[ClassLine]

    @property
    def read(self) -> list[ClassLine]:
        return [line for line in self.lines if line.target is not None]

    @property
    def unread(self) -> list[ClassLine]:
        """Those with most parts first: here the acceptor would be asked."""
        found = [line for line in self.lines if line.target is None]
        return sorted(found, key=lambda line: (-line.parts, line.entry.code))

    @property
    def parts_read(self) -> int:
        return sum(line.parts for line in self.read)

    @property
    def parts_unread(self) -> int:
        return sum(line.parts for line in self.unread)

    def counted(self) -> dict[str, int]:
        """The figures that are kept with the change."""
        return {
            "classes": self.classes,
            "classes_read": len(self.read),
            "classes_unread": len(self.unread),
            "parts_read": self.parts_read,
            "parts_unread": self.parts_unread,
            "classes_without_standard": len(self.bare),
        }


def preview_switch(target: CodingScheme, *, on: date) -> Preview:
    """What a change of the current scheme to `target` would mean on that day; changes nothing."""
    source = CodingScheme.objects.filter(is_current=True).first()
    active = [row for row in classes_of(target.key) if row.is_active]
    in_force = Q(valid_to=None) | Q(valid_to__gte=on)
    standards = FilingStandard.objects.filter(
        in_force, catalogue_class__scheme=target, valid_from__lte=on
    )
    with_standard = Counter(standards.values_list("catalogue_class_id", flat=True))
    return Preview(
        source=source,
        target=target,
        classes=len(active),
        events=sum(row.kind == "event" for row in active),
        standards=sum(with_standard.values()),
        bare=[row for row in active if row.pk not in with_standard],
        lines=list(lines_of(source.key if source else "", target.key)),
    )


def lines_of(source: str, target: str) -> Iterable[ClassLine]:
    """The classes of a scheme that are in use or have parts, with what they are read as."""
    registered = parts_by_class()
    for entry in classes_of(source):
        if entry.is_active or registered.get(entry.pk):
            yield ClassLine(entry, registered.get(entry.pk, 0), read_as(entry.pk, target))
