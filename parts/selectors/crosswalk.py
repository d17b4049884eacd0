"""Reads of the crosswalk: what a class is in another scheme, and the pairs of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid
from parts.models import CatalogueClass, CrosswalkPair
from parts.names import same_name
from parts.selectors.catalogue import classes_of, current_scheme
from parts.selectors.kept import Kept
from parts.selectors.keys import class_by_id

PAGE = 50
Confirmed = tuple[int, int, str, str]  # from, to, scheme of from, scheme of to


def _confirmed() -> list[Confirmed]:
    rows = CrosswalkPair.objects.filter(state=CrosswalkPair.State.CONFIRMED).order_by("pk")
    names = ("from_class_id", "to_class_id", "from_class__scheme_id", "to_scheme_id")
    return list(rows.values_list(*names))


def reading_of(pairs: Iterable[Confirmed]) -> dict[tuple[int, str], int]:
    """Class and scheme → the class it is read as there.

    A pair reads one way; the other way too, where it is the only one that leads to its class and
    nothing was confirmed for that way itself.
    """
    found: dict[tuple[int, str], int] = {}
    back: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for from_id, to_id, from_scheme, to_scheme in pairs:
        found[from_id, to_scheme] = to_id
        back[to_id, from_scheme].append(from_id)
    for key, sources in back.items():
        if len(sources) == 1:
            found.setdefault(key, sources[0])
    return found


_reading = Kept(lambda: reading_of(_confirmed()))


def read_as(class_id: int, scheme: str) -> CatalogueClass | None:
    """The class of this scheme that a class is read as by a confirmed pair; None without one.

    A class of the scheme itself is read as itself. No query while what is kept is fresh.
    """
    entry = class_by_id(class_id)
    if entry.scheme_id == scheme:
        return entry
    found = _reading().get((class_id, scheme))
    return None if found is None else class_by_id(found)


def same_matter(class_id: int) -> list[int]:
    """The class with all those that confirmed pairs make it, in any scheme; itself first."""
    others = [to_id for (from_id, _scheme), to_id in _reading().items() if from_id == class_id]
    others += [from_id for (from_id, _scheme), to_id in _reading().items() if to_id == class_id]
    return list(dict.fromkeys([class_id, *others]))


def counted_as(class_id: int) -> int:
    """The class that figures count a class under: what it is read as in the current scheme.

    Itself where it is of that scheme, or where no confirmed pair reads it.
    """
    found = _reading().get((class_id, current_scheme()))
    return (
        class_id if found is None or class_by_id(class_id).scheme_id == current_scheme() else found
    )


def counted_with(class_id: int) -> list[int]:
    """All classes that figures count together with this one, itself first."""
    wanted, current = counted_as(class_id), current_scheme()
    others = {
        from_id
        for (from_id, scheme) in _reading()
        if scheme == current and counted_as(from_id) == wanted
    }
    return list(dict.fromkeys([class_id, wanted, *sorted(others)]))


# ---------------------------------------------------------------- the pages


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which pairs a page lists; `open` are proposals whose class is not settled yet."""

    source: str
    target: str
    kind: str = ""
    state: str = "open"
    basis: str = ""
    words: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str], *, source: str, target: str) -> PairFilter:
        """Read a filter from a query string. Raises Invalid for a value that is none."""
        allowed = {
            "kind": CatalogueClass.Kind.values,
            "state": ("open", "all", *CrosswalkPair.State.values),
            "basis": CrosswalkPair.Basis.values,
        }
        said = {name: query.get(name, "") for name in allowed}
        for name, values in allowed.items():
            if said[name] and said[name] not in values:
                raise Invalid(_("Unknown filter."), **{name: _("Unknown value.")})
        words = query.get("q", "").replace("\0", "").strip()[:64]
        return cls(source, target, said["kind"], said["state"] or "open", said["basis"], words)

    def rows(self) -> QuerySet[CrosswalkPair]:
        rows = CrosswalkPair.objects.filter(
            from_class__scheme_id=self.source, to_scheme_id=self.target
        )
        if self.kind:
            rows = rows.filter(from_class__kind=self.kind)
        if self.basis:
            rows = rows.filter(basis=self.basis)
        if self.words:
            rows = rows.filter(
                Q(from_class__name__contains=self.words)
                | Q(to_class__name__contains=self.words)
                | Q(from_class__code__startswith=self.words)
                | Q(to_class__code__startswith=self.words)
            )
        if self.state == "open":
            return unsettled(rows)
        return rows if self.state == "all" else rows.filter(state=self.state)


def unsettled(rows: QuerySet[CrosswalkPair]) -> QuerySet[CrosswalkPair]:
    """Proposals of classes that are read as nothing yet."""
    settled = CrosswalkPair.objects.filter(
        from_class=OuterRef("from_class"), to_scheme=OuterRef("to_scheme"), state="confirmed"
    )
    return rows.filter(~Exists(settled), state=CrosswalkPair.State.PROPOSED)


class PairLine(NamedTuple):
    """A pair as a line of the list; `trap` is the class of the same code under another name."""

    pair: CrosswalkPair
    trap: CatalogueClass | None


def list_pairs(wanted: PairFilter, *, page: int = 1) -> tuple[list[PairLine], int]:
    """One page of pairs, the most alike of each class first, and how many there are in all."""
    rows = wanted.rows().select_related("from_class", "to_class", "decided_by")
    ordered = rows.order_by("from_class__kind", "from_class__code", "-score", "to_class__code")
    found = list(ordered[(page - 1) * PAGE : page * PAGE])
    traps = same_codes(wanted.target)
    return [PairLine(pair, trap_of(pair.from_class, traps)) for pair in found], rows.count()


def same_codes(scheme: str) -> dict[tuple[str, str], CatalogueClass]:
    """Classes of a scheme by kind and code."""
    return {(row.kind, row.code): row for row in classes_of(scheme)}


def trap_of(
    entry: CatalogueClass, others: Mapping[tuple[str, str], CatalogueClass]
) -> CatalogueClass | None:
    """The class that has the same code in the other scheme under another name: never a match."""
    other = others.get((entry.kind, entry.code))
    return other if other is not None and not same_name(entry.name, other.name) else None


class Standing(NamedTuple):
    """How far the crosswalk from one scheme to another has come, in classes of the first."""

    classes: int
    confirmed: int
    proposed: int
    without: int
    refused: int


def standing(source: str, target: str) -> Standing:
    """Counts of the classes of `source`: settled, with a proposal to decide, with nothing."""
    classes = {row.pk for row in classes_of(source)}
    states: defaultdict[str, set[int]] = defaultdict(set)
    rows = CrosswalkPair.objects.filter(from_class__scheme_id=source, to_scheme_id=target)
    for class_id, state in rows.values_list("from_class_id", "state"):
        states[state].add(class_id)
    settled = states["confirmed"]
    proposed = states["proposed"] - settled
    return Standing(
        classes=len(classes),
        confirmed=len(settled),
        proposed=len(proposed),
        without=len(classes - settled - proposed),
        refused=len(states["refused"] - settled - proposed),
    )


def without_pair(source: str, target: str, *, kind: str = "") -> list[CatalogueClass]:
    """Classes that are read as nothing and for which nothing is proposed; a person names one."""
    rows = CrosswalkPair.objects.filter(
        from_class__scheme_id=source, to_scheme_id=target, state__in=("proposed", "confirmed")
    )
    done = set(rows.values_list("from_class_id", flat=True))
    return [
        row for row in classes_of(source) if row.pk not in done and (not kind or row.kind == kind)
    ]
