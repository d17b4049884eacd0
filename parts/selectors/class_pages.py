"""Classes as the pages of the catalogue show them: with their parts, standards, pairs, history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Invalid
from parts.codes import CodeError, next_local_code
from parts.models import CatalogueClass, CodingScheme, CrosswalkPair, FilingStandard
from parts.selectors.catalogue import (
    asked_classes,
    classes_of,
    matches,
)
from parts.selectors.schemes import parts_by_class

STATES = ("local", "retired", "all")
KIND_WORDS: dict[str, Promise] = {
    "part": pgettext_lazy("kind", "Part"),
    "event": pgettext_lazy("kind", "Event"),
    "any": _("parts and events"),
}
TOLD = 30


@dataclass(frozen=True, slots=True)
class ClassFilter:
    """Which classes a page lists; without a state those in use."""

    scheme: str
    kind: str = ""
    words: str = ""
    state: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> ClassFilter:
        """Read a filter from a query string. Raises Invalid for an unknown value."""
        asked, state = asked_classes(query), query.get("state", "")
        if state and state not in STATES:
            raise Invalid(_("Unknown filter."), state=_("Unknown value."))
        return cls(*asked, state)

    def takes(self, row: CatalogueClass) -> bool:
        """Whether a class of the scheme is listed."""
        in_state = {
            "": row.is_active,
            "local": row.is_local,
            "retired": not row.is_active,
            "all": True,
        }
        return (
            in_state[self.state]
            and (not self.kind or row.kind == self.kind)
            and (not self.words or matches(row, self.words))
        )


class ClassLine(NamedTuple):
    """A class as a line of the list."""

    entry: CatalogueClass
    parts: int
    standards: int


def list_class_lines(wanted: ClassFilter, *, on: date) -> list[ClassLine]:
    """The classes that a page lists, with their parts and the standards of that day."""
    entries = [row for row in classes_of(wanted.scheme) if wanted.takes(row)]
    in_force = Q(valid_to=None) | Q(valid_to__gte=on)
    rows = FilingStandard.objects.filter(
        in_force, valid_from__lte=on, catalogue_class__scheme_id=wanted.scheme
    )
    counts = rows.order_by().values_list("catalogue_class_id").annotate(number=Count("pk"))
    standards: Counter[int] = Counter(dict(counts))
    parts = parts_by_class()
    return [ClassLine(row, parts.get(row.pk, 0), standards[row.pk]) for row in entries]


# ---------------------------------------------------------------- where a local class may be


def places_for_local(scheme: CodingScheme) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds and major classes that still have a code for a local class, with that code."""
    rows = list(CatalogueClass.objects.filter(scheme=scheme))
    return [
        (str(KIND_WORDS[kind]), found)
        for kind in ("part", "event")
        if (found := list(places_of_kind(scheme, rows, kind)))
    ]


def places_of_kind(
    scheme: CodingScheme, rows: list[CatalogueClass], kind: str
) -> list[tuple[str, str]]:
    majors = {row.major_code: row.major_name for row in rows if row.kind == kind}
    for rule in scheme.extension_rules:
        if rule.get("major") and rule["kind"] in (kind, "any"):
            majors.setdefault(rule["major"], rule["name"])
    of_parts = {row.major_code for row in rows if row.kind == "part"}
    if scheme.matters_have_codes and kind == "event":
        majors = {code: name for code, name in majors.items() if code not in of_parts}
    taken = {row.code for row in rows if scheme.matters_have_codes or row.kind == kind}
    found = []
    for code, name in sorted(majors.items()):
        try:
            local = next_local_code(scheme.extension_rules, scheme.pattern, kind, code, taken)
        except CodeError:
            continue
        label = _("%(major)s %(name)s → next code %(code)s")
        said = {"major": code, "name": name, "code": local.code}
        found.append((f"{kind}:{code}", str(label) % said))
    return found


def rules_in_words(scheme: CodingScheme) -> list[str]:
    """The extension rules of a scheme as sentences."""
    return [rule_in_words(scheme, rule) for rule in scheme.extension_rules]


def rule_in_words(scheme: CodingScheme, rule: dict[str, Any]) -> str:
    width = scheme.class_minor_length
    said = {
        "kind": KIND_WORDS.get(rule["kind"], rule["kind"]),
        "major": rule.get("major") or "",
        "name": rule.get("name", ""),
        "first": f"{int(rule['first']):0{width}d}",
        "last": f"{int(rule['last']):0{width}d}",
    }
    if rule["first"] == rule["last"]:
        words = _("%(kind)s: minor class %(last)s means “%(name)s” in every major class")
    elif rule.get("major"):
        words = _("%(kind)s: major class %(major)s “%(name)s”, minor classes %(first)s–%(last)s")
    else:
        words = _("%(kind)s: minor classes %(first)s–%(last)s of every major class")
    told = [str(words) % said]
    if rule["first"] != rule["last"]:
        down = rule.get("counted") == "down"
        told.append(
            str(_("counted down from %(last)s") if down else _("counted up from %(first)s")) % said
        )
    if rule.get("suffix"):
        told.append(str(_("the name ends in %(suffix)s")) % {"suffix": rule["suffix"]})
    return str(_(", ")).join(told)


# ---------------------------------------------------------------- one class


def pairs_of_class(class_id: int) -> list[CrosswalkPair]:
    """The pairs that a class is in, either way; confirmed ones first."""
    rows = CrosswalkPair.objects.filter(Q(from_class=class_id) | Q(to_class=class_id))
    return list(
        rows.select_related("from_class", "to_class", "decided_by").order_by("state", "-score")
    )


class Told(NamedTuple):
    """One change in the history of a class: what it was until then, who changed it and why."""

    at: datetime
    who: str
    reason: str
    before: list[tuple[Any, Any]]


def class_history(class_id: int) -> list[Told]:
    """The changes of a class, newest first, each with the values that went."""
    events = apps.get_model("parts", "CatalogueClassHistory")
    rows = events.objects.filter(pgh_obj_id=class_id).select_related("pgh_context")
    newest_first = list(rows.order_by("-pgh_id")[:TOLD])
    now: Any = CatalogueClass.objects.get(pk=class_id)
    told = []
    for row in newest_first:
        context = row.pgh_context.metadata if row.pgh_context else {}
        told.append(
            Told(
                row.pgh_created_at,
                context.get("actor", ""),
                context.get("reason", ""),
                changed_values(row, now),
            )
        )
        now = row
    return told


def changed_values(before: Any, after: Any) -> list[tuple[Any, Any]]:
    """Name and old value of every field that differs between two states of a class."""
    skipped = {"id", "pinyin", "initials"}
    found = []
    for field in CatalogueClass._meta.concrete_fields:
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if field.name not in skipped and old != new:
            words = dict(field.flatchoices or ()).get(old, old)
            yes_no = {True: _("yes"), False: _("no")}
            found.append((field.verbose_name, yes_no[old] if isinstance(old, bool) else words))
    return found
