"""Parts, classes, standards and routing: what would leave a case without place, limit or owner."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from dispatch.models import Department
from dispatch.selectors.rule_checks import gaps_by_kind, rules_equal_in_all
from gridcity.contracts import Sentence
from gridcity.selfcheck.findings import (
    FINE,
    PARTS,
    STANDARDS,
    Check,
    Finding,
    Level,
    Row,
    address,
    found,
)
from gridcity.selfcheck.ground import current_edition
from gridcity.selfcheck.keeping import kept
from gridcity.templatetags.gridcity_ui import grouped
from parts.selectors import current_scheme
from parts.selectors.grid_checks import grid_version
from parts.selectors.register_checks import (
    Odd,
    Odds,
    classes_without_standard,
    cut_parts,
    misplaced_parts,
    parts_of_unknown_bodies,
    register_version,
)

PART_KEYS = ["parts-place", "parts-cut"]


def part_url(code: str) -> str:
    """The part's own page, else where the administration finds it."""
    return address("parts:part", code) or address("admin:parts_part_changelist", query=f"q={code}")


def part_rows(odds: Odds, words: Sentence) -> list[Row]:
    return [Row(odd.code, words % said_of(odd), part_url(odd.code)) for odd in odds.rows]


def said_of(odd: Odd) -> dict[str, str]:
    return {"name": odd.name, "cell": odd.cell, "truth": odd.said}


def version() -> str:
    edition = current_edition()
    return f"{register_version()} {grid_version(edition) if edition else ''}"


def misplaced(which: int, words: Sentence, of_row: Sentence, at: datetime) -> Finding:
    """Parts outside every cell (0), or in another than they say (1); both are found at once."""
    if current_edition() is None:
        return FINE
    answer = kept("parts-place", version(), at, misplaced_parts)
    odds = answer.value[which]
    rows = part_rows(odds, of_row)
    return found(odds.count, words % {"n": grouped(odds.count)}, rows=rows, as_of=answer.at)


def cut(at: datetime) -> Finding:
    answer = kept("parts-cut", version(), at, cut_parts)
    said = _("The edge of their cell cuts %(n)s lines or areas.") % {
        "n": grouped(answer.value.count)
    }
    rows = part_rows(answer.value, _("%(name)s reaches out of cell %(cell)s"))
    return found(answer.value.count, said, level=Level.WARNING, rows=rows, as_of=answer.at)


def owners(at: datetime) -> Finding:
    """Parts none of whose bodies is a department here: routing falls back on the territory."""
    known = Department.objects.active().exclude(uscc="").values_list("uscc", flat=True)
    groups = parts_of_unknown_bodies(list(known))
    count = sum(group.count for group in groups)
    rows = [
        Row(
            " · ".join(dict.fromkeys(filter(None, (g.maintainer, g.owner, g.competent))))
            or str(_("no body named")),
            ngettext_lazy("%(n)s part", "%(n)s parts", g.count) % {"n": grouped(g.count)},
            address(
                "parts:register",
                query=urlencode({"body": g.maintainer or g.owner or g.competent}),
            ),
        )
        for g in groups
    ]
    said = _("Of %(n)s parts no maintainer, owner or competent department is known here.")
    return found(count, said % {"n": grouped(count)}, level=Level.WARNING, rows=rows)


# ---------------------------------------------------------------- standards and routing


def standards(at: datetime) -> Finding:
    if not current_scheme():
        return found(1, _("No coding scheme is current."))
    classes = classes_without_standard(timezone.localdate(at))
    words = ngettext_lazy(
        "%(n)s class in use has no standard in force: none of its cases can be filed.",
        "%(n)s classes in use have no standard in force: none of their cases can be filed.",
        len(classes),
    )
    rows = [
        Row(
            f"{entry.code} {entry.name}",
            entry.get_kind_display(),
            address("parts:standard-add", entry.pk) or address(
                "admin:parts_filingstandard_add", query=f"catalogue_class={entry.pk}"
            ),
        )
        for entry in classes
    ]  # fmt: skip
    return found(len(classes), words % {"n": grouped(len(classes))}, rows=rows)


def coverage(at: datetime) -> Finding:
    """Classes that the routing rules name nobody for: their cases wait until somebody thinks."""
    gaps = gaps_by_kind(timezone.localdate(at))
    kind, _count = max(gaps.items(), key=lambda item: item[1])
    total = sum(gaps.values())
    said = _("%(n)s pairs of class and cell have no owner: no rule proposes a department.")
    url = reverse("dispatch:rules-coverage") + f"?kind={kind}&gaps=on"
    return found(total, said % {"n": grouped(total)}, url=url)


def equal_rules(at: datetime) -> Finding:
    """The database refuses published rules that are equal; a draft may come to it."""
    count = len(rules_equal_in_all())
    words = ngettext_lazy(
        "%(n)s draft would be equal in all to another rule: nobody could say which counts.",
        "%(n)s drafts would be equal in all to other rules: nobody could say which counts.",
        count,
    )
    url = reverse("dispatch:rules-overlaps")
    return found(count, words % {"n": grouped(count)}, level=Level.WARNING, url=url)


CHECKS: tuple[Check, ...] = (
    Check("parts-outside", PARTS, _("Parts outside every cell"),
          _("Correct their position, or the boundary in the next edition."),
          partial(misplaced, 0, _("%(n)s standing parts lie in no cell."),
                  _("%(name)s, kept in cell %(cell)s")),
          "parts:register"),
    Check("parts-cell", PARTS, _("Parts with a cell that is not theirs"),
          _("Import these parts again or move them: their cell is computed from their position."),
          partial(misplaced, 1, _("%(n)s standing parts are kept in a cell they do not lie in."),
                  _("%(name)s, kept in cell %(cell)s, lies in %(truth)s")),
          "parts:register"),
    Check("parts-cut", PARTS, _("Parts cut by an edge of a cell"),
          _("Cells cut no part: move the edge in the next edition, or keep the part in pieces."),
          cut, "parts:register"),
    Check("parts-owner", PARTS, _("Parts of unknown owners"),
          _("Enter the credit code of the body at its department, or correct the parts; "
            "until then their cases go by territory."),
          owners, "admin:dispatch_department_changelist"),
    Check("class-standard", STANDARDS, _("Classes without a filing standard"),
          _("Write or import a standard for these classes."),
          standards, "parts:standards"),
    Check("routing-gaps", STANDARDS, _("Classes × cells without a route"),
          _("Write a rule for these classes and areas, or give their department a user."),
          coverage, "dispatch:rules-coverage"),
    Check("routing-equal", STANDARDS, _("Rules equal in all"),
          _("End one of the two, or make it narrower."),
          equal_rules, "dispatch:rules-overlaps"),
)  # fmt: skip
