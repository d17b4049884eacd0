"""The classes as citizens choose them: by common names, what is reported most stands first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count

from cases.models import Case
from cases.sources import PUBLIC_SOURCES
from parts.models import CatalogueClass
from parts.models.catalogue import Family
from parts.selectors import get_class, list_classes

COMMON = 8
COMMON_WITHIN = timedelta(days=90)
KEPT_S = 3600
# Where nobody has reported anything yet: what people report everywhere.
USUAL = (
    Family.RUBBISH, Family.ROAD_CLEAN, Family.ROAD_DAMAGE, Family.MANHOLE, Family.LAMP,
    Family.TRADE, Family.VEHICLE_PARKING, Family.NOISE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """A class to choose; `find` is what it answers to beside its name: pinyin and initials."""

    value: str
    name: str
    find: str


@dataclass(frozen=True, slots=True)
class Group:
    """A major class with its classes."""

    name: str
    classes: list[Offered]


def value_of(entry: CatalogueClass) -> str:
    """By what a form names a class: kind and code, apart by a colon."""
    return f"{entry.kind}:{entry.code}"


def class_of(value: str) -> CatalogueClass | None:
    """The class in use of the current scheme that a form names; None for no such class."""
    kind, _colon, code = value.partition(":")
    found = get_class(scheme=None, kind=kind, code=code)
    return found if found is not None and found.is_active else None


def offered(entry: CatalogueClass) -> Offered:
    pinyin = entry.pinyin.replace(" ", "")
    return Offered(value_of(entry), entry.name, f"{pinyin} {entry.initials}".strip())


def groups() -> list[Group]:
    """All classes in use, events before parts, by their major classes; no query."""
    found: dict[tuple[str, str], Group] = {}
    for kind in (CatalogueClass.Kind.EVENT, CatalogueClass.Kind.PART):
        for entry in list_classes(kind=kind):
            group = found.setdefault((kind, entry.major_code), Group(entry.major_name, []))
            group.classes.append(offered(entry))
    return list(found.values())


def common(*, at: datetime) -> list[Offered]:
    """What the public has reported most of late; what is usual where that is not enough."""
    values: list[str] | None = cache.get("citizens:common")
    if values is None:
        values = [value_of(entry) for entry in _most_reported(at)]
        cache.set("citizens:common", values, KEPT_S)
    known = [entry for value in values if (entry := class_of(value)) is not None]
    return [offered(entry) for entry in known]


def _most_reported(at: datetime) -> list[CatalogueClass]:
    rows = (
        Case.objects.filter(source__in=PUBLIC_SOURCES, reported_at__gt=at - COMMON_WITHIN)
        .values("catalogue_class_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "catalogue_class_id")
        .values_list("catalogue_class_id", flat=True)
    )
    usable = {entry.pk: entry for entry in list_classes()}
    found = {pk: usable[pk] for pk in rows[: 2 * COMMON] if pk in usable}
    by_family: dict[str, CatalogueClass] = {}
    for entry in usable.values():
        by_family.setdefault(entry.family, entry)
    for family in USUAL:
        if family in by_family:
            found.setdefault(by_family[family].pk, by_family[family])
    return list(found.values())[:COMMON]
