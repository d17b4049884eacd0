"""What a table of standards would change: counts, questions and refused rows; writes nothing.

A code that the scheme has under another name is a question, never a match (`codes.md`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid
from parts.models import CatalogueClass, CodingScheme, FilingStandard
from parts.models.catalogue import ForcedClose
from parts.names import most_alike, same_name
from parts.services.standard_table.reading import Fault, Line, read_lines
from parts.services.standards import StandardInput

ClassKey = tuple[str, str]  # kind and code
SAMPLED = 20
CODE_WIDTH = 4  # of a scheme of its own whose file begins with a spreadsheet's numbers


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a table is to be taken in: under a scheme of its own, or into one that is here."""

    scheme: str
    is_own: bool
    compared: str
    valid_from: date
    name: str = ""


@dataclass(slots=True)
class Compared:
    """The codes of the table against another scheme, give or take spellings of the names."""

    same: int = 0
    other: int = 0
    unknown: int = 0
    #: kind, code, name in the table, name there
    questions: list[tuple[str, str, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What there is to do, by class and position; faults and remarks stay with their lines."""

    wanted: Wanted
    lines: list[Line]
    classes: dict[ClassKey, Line]
    compared: Compared
    is_new_scheme: bool = False
    new_classes: list[Line] = field(default_factory=list)
    renamed: list[tuple[CatalogueClass, Line]] = field(default_factory=list)
    new: list[tuple[ClassKey, int, Line]] = field(default_factory=list)
    changed: list[tuple[FilingStandard, Line]] = field(default_factory=list)
    unchanged: int = 0
    ended: list[FilingStandard] = field(default_factory=list)

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.fault]

    def counted(self) -> dict[str, Any]:
        """The figures of a dry run, and what the page shows as samples."""
        faults = Counter(line.fault for line in self.refused)
        return {
            "rows": len(self.lines),
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "ended": len(self.ended),
            "refused": len(self.refused),
            "faults": dict(faults),
            "remarks": sum(len(line.remarks) for line in self.lines),
            "classes": len(self.classes),
            "new_classes": len(self.new_classes),
            "renamed": len(self.renamed),
            "is_new_scheme": self.is_new_scheme,
            "same_name": self.compared.same,
            "other_name": self.compared.other,
            "unknown_code": self.compared.unknown,
            "questions": self.compared.questions,
            "differences": [difference(old, line) for old, line in self.changed[:SAMPLED]],
        }


def difference(old: FilingStandard, line: Line) -> list[str]:
    """Class, old text and new text of a standard that would be followed by another."""
    before = f"{old.condition} · {old.limit_value:f} {old.limit_unit}"
    return [f"{line.code} {line.name}", before, f"{line.condition} · {line.limit} {line.unit}"]


def plan_table(path: Path, wanted: Wanted) -> Plan:
    """Read a table and say what it would change. Raises Invalid for a table that will not do."""
    scheme = CodingScheme.objects.filter(key=wanted.scheme).first()
    check_scheme(scheme, wanted)
    width = scheme.class_code_length if scheme else own_width(path)
    return plan_lines(list(read_lines(path, width=width)), wanted, is_new_scheme=scheme is None)


def plan_lines(lines: list[Line], wanted: Wanted, *, is_new_scheme: bool = False) -> Plan:
    """Say what these rows would change."""
    known: dict[ClassKey, CatalogueClass] = {
        (row.kind, row.code): row for row in CatalogueClass.objects.filter(scheme_id=wanted.scheme)
    }
    refuse_doubtful(lines, known, is_own=wanted.is_own)
    classes = {(line.kind, line.code): line for line in reversed(lines) if not line.fault}
    plan = Plan(wanted, lines, classes, compare(lines, wanted.compared), is_new_scheme)
    plan_classes(plan, known)
    plan_standards(plan, known)
    return plan


def check_scheme(scheme: CodingScheme | None, wanted: Wanted) -> None:
    """Raise Invalid when the scheme does not fit the way that was chosen."""
    if not wanted.is_own and scheme is None:
        raise Invalid(_("There is no such coding scheme."), scheme=_("Unknown scheme."))
    if wanted.is_own and scheme is not None and not scheme.is_imported:
        raise Invalid(
            _("This key is that of a shipped scheme: give the table a key of its own."),
            key=_("Taken."),
        )


def own_width(path: Path) -> int:
    """How many digits the codes of a new scheme have: as most rows of the table say."""
    widths = Counter(
        len(line.code) for line in read_lines(path, width=None) if 4 <= len(line.code) <= 8
    )
    return widths.most_common(1)[0][0] if widths else CODE_WIDTH


def refuse_doubtful(
    lines: Iterable[Line], known: dict[ClassKey, CatalogueClass], *, is_own: bool
) -> None:
    """Refuse rows whose code does not say for certain which class is meant, and repeated ones."""
    names: dict[ClassKey, str] = {}
    seen: set[tuple[str, str, str]] = set()
    for line in lines:
        if line.fault:
            continue
        key = (line.kind, line.code)
        if names.setdefault(key, line.name) != line.name:
            line.refuse(Fault.TWO_NAMES, "name", line.name)
        elif not is_own and key not in known:
            line.refuse(Fault.UNKNOWN, "code", line.code)
        elif not is_own and not same_name(line.name, known[key].name):
            line.refuse(Fault.QUESTION, "name", f"{line.code} {line.name} / {known[key].name}")
        elif (*key, line.condition) in seen:
            line.refuse(Fault.REPEATED, "condition", line.condition[:80])
        seen.add((*key, line.condition))


def compare(lines: Iterable[Line], scheme: str) -> Compared:
    """How the codes of the table stand to those of a scheme: same name, another name, unknown."""
    found = Compared()
    there = {
        (kind, code): name
        for kind, code, name in CatalogueClass.objects.filter(scheme_id=scheme).values_list(
            "kind", "code", "name"
        )
    }
    named = {(line.kind, line.code): line.name for line in reversed(list(lines)) if line.code}
    for key, name in sorted(named.items()):
        other = there.get(key)
        if other is None:
            found.unknown += 1
        elif same_name(name, other):
            found.same += 1
        else:
            found.other += 1
            found.questions.append((*key, name, other))
    return found


def plan_classes(plan: Plan, known: dict[ClassKey, CatalogueClass]) -> None:
    """Which classes of a scheme of its own are new, and which have got another name."""
    if not plan.wanted.is_own:
        return
    for key, line in sorted(plan.classes.items()):
        if key not in known:
            plan.new_classes.append(line)
        elif known[key].name != line.name:
            plan.renamed.append((known[key], line))


def plan_standards(plan: Plan, known: dict[ClassKey, CatalogueClass]) -> None:
    """Put the rows of each class beside its standards by position; what is over ends."""
    rows: defaultdict[ClassKey, list[Line]] = defaultdict(list)
    for line in plan.lines:
        if not line.fault:
            rows[line.kind, line.code].append(line)
    ids = {known[key].pk: key for key in rows if key in known}
    holding = FilingStandard.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=plan.wanted.valid_from), catalogue_class_id__in=ids
    )
    there: defaultdict[ClassKey, dict[int, FilingStandard]] = defaultdict(dict)
    taken: defaultdict[ClassKey, set[int]] = defaultdict(set)
    for row in holding:
        key = ids[row.catalogue_class_id]
        taken[key].add(row.position)
        if row.valid_to is None:
            there[key][row.position] = row
    for key, lines in rows.items():
        plan_class(plan, key, lines, there[key], taken[key])


def plan_class(
    plan: Plan,
    key: ClassKey,
    lines: list[Line],
    there: dict[int, FilingStandard],
    taken: set[int],
) -> None:
    """The standards of one class: the same text keeps its row, wherever it stands.

    `taken` are the positions that something holds on the first day or later.
    """
    left = dict(there)
    by_condition = {row.condition: row for row in there.values()}
    waiting = []
    for line in lines:
        old = by_condition.get(line.condition)
        if old is not None and left.pop(old.position, None) is not None:
            settle(plan, old, line)
        else:
            waiting.append(line)
    for line in waiting:
        if left:
            settle(plan, left.pop(min(left)), line)
            continue
        position = next(n for n in range(1, len(taken) + 2) if n not in taken)
        taken.add(position)
        plan.new.append((key, position, line))
    plan.ended.extend(left.values())


def settle(plan: Plan, old: FilingStandard, line: Line) -> None:
    """The row says the same as the standard, or is to follow it."""
    if all(getattr(old, name) == value for name, value in values_of(line).items()):
        plan.unchanged += 1
    elif old.valid_from > plan.wanted.valid_from:
        line.refuse(Fault.TOO_EARLY, "condition", line.condition[:80])
    else:
        plan.changed.append((old, line))


def values_of(line: Line) -> dict[str, Any]:
    """What a row says of a standard, by the names of its fields."""
    more: dict[str, Any] = {"department_kind": line.body} if line.body else {}
    if line.policy is not None:
        more["forced_close"], more["forced_close_days"] = line.policy
    return more | {
        "condition": line.condition,
        "limit_value": line.limit,
        "limit_unit": line.unit,
        "limit_value_a": line.limit_a,
        "limit_value_c": line.limit_c,
        "closing_condition": line.closing,
        "responsible": line.responsible,
    }


def input_of(line: Line, old: FilingStandard | None = None) -> StandardInput:
    """A row as the services of standards take it; what no column says stays as it was."""
    kept: dict[str, Any] = {
        "department_kind": old.department_kind if old else "",
        "forced_close": old.forced_close if old else ForcedClose.NEVER,
        "forced_close_days": old.forced_close_days if old else None,
    }
    return StandardInput(**(kept | values_of(line)))


def family_of(name: str, kind: str, others: Iterable[CatalogueClass]) -> str:
    """The family of the class most like it by name; “other” where there is none."""
    there = {other.pk: other for other in others if other.kind == kind}
    found = most_alike(name, [(pk, other.name) for pk, other in there.items()], 1)
    return there[found[0].key].family if found else "other"
