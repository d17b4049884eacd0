"""The catalogue and its standards as rules and pickers want them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid
from parts.codes import build_matter_code
from parts.models import CatalogueClass, CodingScheme, FilingStandard
from parts.selectors.kept import Kept

Key = tuple[str, str, str]


def _load_classes() -> dict[Key, CatalogueClass]:
    rows = CatalogueClass.objects.order_by("scheme", "kind", "code")
    return {(row.scheme_id, row.kind, row.code): row for row in rows}


def _load_schemes() -> dict[str, CodingScheme]:
    return {row.key: row for row in CodingScheme.objects.order_by("key")}


#: All schemes by key.
schemes = Kept(_load_schemes)
_classes = Kept(_load_classes)


def current_scheme() -> str:
    """Key of the scheme that new objects take; empty where there is none."""
    return next((key for key, scheme in schemes().items() if scheme.is_current), "")


def scheme_keys() -> frozenset[str]:
    """Keys of all schemes there are."""
    return frozenset(schemes())


def list_schemes() -> list[CodingScheme]:
    """All schemes, the current one first."""
    return list(CodingScheme.objects.order_by("-is_current", "key"))


def get_class(*, scheme: str | None, kind: str, code: str) -> CatalogueClass | None:
    """A class by its key; the current scheme where none is named."""
    return _classes().get((scheme or current_scheme(), kind, code))


def class_of_matter(entry: CatalogueClass) -> CatalogueClass:
    """The class that a case takes for a matter: of ‹part›异常 it is the part's, of the same code.

    Under a scheme whose matters have codes such a case names its part (`codes.md`), and is routed,
    filed and compared as every other case of that part; its matter code is the same.
    """
    scheme = schemes().get(entry.scheme_id)
    if entry.kind != CatalogueClass.Kind.EVENT or scheme is None or not scheme.matters_have_codes:
        return entry
    return get_class(scheme=entry.scheme_id, kind="part", code=entry.code) or entry


def matter_code(number: str, scheme: str, class_code: str) -> str | None:
    """The matter code of the case of this number: its district and class (`codes.md`).

    None under a scheme whose matters have no codes. No query while what is kept is fresh.
    """
    found = schemes().get(scheme)
    if found is None or not found.matters_have_codes:
        return None
    pattern = found.pattern
    return build_matter_code(pattern, number[: pattern.district], class_code)


def list_classes(
    *, scheme: str | None = None, kind: str | None = None, query: str = ""
) -> list[CatalogueClass]:
    """Classes in use, by code; `query` matches code, name, pinyin or initials."""
    wanted = scheme or current_scheme()
    words = query.strip().lower()
    return [
        row
        for row in _classes().values()
        if row.scheme_id == wanted
        and row.is_active
        and (kind is None or row.kind == kind)
        and (not words or matches(row, words))
    ]


def classes_of(scheme: str) -> list[CatalogueClass]:
    """All classes of a scheme by kind and code, also those no longer in use."""
    return [row for row in _classes().values() if row.scheme_id == scheme]


def matches(row: CatalogueClass, words: str) -> bool:
    """Whether a class answers to what was typed: its code, name, pinyin or initials."""
    return (
        row.code.startswith(words)
        or words in row.name
        or row.initials.startswith(words)
        or row.pinyin.replace(" ", "").startswith(words)
    )


def standards_of(*, class_id: int, on: date) -> list[FilingStandard]:
    """The filing standards of a class in force on a day, in order."""
    in_force = Q(valid_to=None) | Q(valid_to__gte=on)
    return list(
        FilingStandard.objects.filter(
            in_force, catalogue_class_id=class_id, valid_from__lte=on
        ).order_by("position", "pk")
    )


class AskedClasses(NamedTuple):
    """Which classes a page is asked for: a scheme, a kind or both, words in small letters."""

    scheme: str
    kind: str
    words: str


def asked_classes(query: Mapping[str, str]) -> AskedClasses:
    """Read them from a query string. Raises Invalid for an unknown scheme or kind."""
    scheme, kind = query.get("scheme") or current_scheme(), query.get("kind", "")
    if scheme not in scheme_keys():
        raise Invalid(_("There is no such coding scheme."), scheme=_("Unknown scheme."))
    if kind and kind not in CatalogueClass.Kind.values:
        raise Invalid(_("Unknown kind."), kind=_("One of: part, event."))
    return AskedClasses(scheme, kind, query.get("q", "").replace("\0", "").strip().lower()[:64])
