"""What a figure, a ledger, a stage's time or a score means, asked for one at a time by a page.

Every number of a page says, one click away, how it is reckoned, of which period, under which
version of definition and scheme, and of which data time (ux.md §21). The words are read from the
registries by which the numbers themselves are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from assessment.handbook import entry_of
from assessment.indicators import INDICATORS, Indicator
from assessment.ledgers import LEDGERS
from assessment.models import Scheme, Snapshot
from assessment.periods import Period
from assessment.scoring import Term, grades_from, terms_from
from assessment.selectors.schemes import get_scheme
from assessment.selectors.snapshots import definitions_of, get_snapshot, period_of
from assessment.selectors.stages import LEFT
from assessment.selectors.summary import schemes_said
from gridcity.contracts import Actor, NotVisible

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Definition:
    """One meaning. `lines` are label and words; `term` is a term whose points a page explains."""

    name: Words
    says: Words
    period: Period
    schemes: list[str]
    formula: str = ""
    lines: list[tuple[Words, Words]] = field(default_factory=list)
    version: int | None = None
    # The key in the handbook, where it stands there.
    key: str = ""
    term: Term | None = None


def define(actor: Actor, kind: str, key: str, period: Period) -> Definition:
    """What `key` of a `kind` means. Raises NotVisible for what there is not, or not for him."""
    found = _KINDS.get(kind)
    if found is None:
        raise NotVisible
    return found(actor, key, period)


# ---------------------------------------------------------------- figures and ledgers


def _figure(actor: Actor, key: str, period: Period) -> Definition:
    indicator = INDICATORS.get(key)
    if indicator is None:
        raise NotVisible
    lines: list[tuple[Words, Words]] = [(_("One row for each"), indicator.grain.label)]
    if indicator.of:
        whole = INDICATORS[indicator.of]
        lines.append((pgettext("denominator", "Of"), f"{whole.label}：{whole.definition}"))
    return Definition(
        indicator.name, indicator.definition, period, schemes_said(actor, period),
        formula=formula_of(indicator), lines=lines + _counted_by(indicator),
        version=indicator.version, key=key,
    )  # fmt: skip


def _counted_by(indicator: Indicator) -> list[tuple[Words, Words]]:
    """Time base, what is left out, and whom it is charged to, as the handbook has it."""
    entry = entry_of(indicator)
    lines: list[tuple[Words, Words]] = [
        (_("Time base"), "、".join(map(str, entry.bases)) or "–"),
        (_("Left out"), "；".join(map(str, entry.excluded)) or "–"),
    ]
    if indicator.charged is not None:
        lines.append((_("Of persons"), _("Without what routing or the clock did.")))
    if indicator.source:
        lines.append((_("Rule"), indicator.source))
    return lines


def formula_of(indicator: Indicator) -> str:
    """As a fraction of names; a count has no other formula than to be counted."""
    if not indicator.of:
        return ""
    parts = [str(indicator.label)]
    parts += [f"{weight} % × {INDICATORS[key].label}" for key, weight in indicator.also]
    above = parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"
    return f"{above} ÷ {INDICATORS[indicator.of].label}"


def _ledger(actor: Actor, key: str, period: Period) -> Definition:
    ledger = LEDGERS.get(key)
    if ledger is None:
        raise NotVisible
    lines: list[tuple[Words, Words]] = [(_("One row for each"), ledger.row.label)]
    formula = ""
    if ledger.of:
        whole = LEDGERS[ledger.of]
        lines.append((pgettext("denominator", "Of"), f"{whole.label}：{whole.definition}"))
        formula = f"{ledger.label} ÷ {whole.label}"
    return Definition(
        ledger.label, ledger.definition, period, schemes_said(actor, period),
        formula=formula, lines=lines,
    )  # fmt: skip


# ---------------------------------------------------------------- times of the stages

_LENGTHS: dict[str, tuple[Words, Words]] = {
    "mean": (
        gettext_lazy("Mean"),
        gettext_lazy("The sum of the lengths of these visits, divided by their number."),
    ),
    "median": (
        gettext_lazy("Median"),
        gettext_lazy("Half of these visits took no longer."),
    ),
    "p90": (
        gettext_lazy("90th percentile"),
        gettext_lazy("Nine of ten of these visits took no longer."),
    ),
}
_TIMES: dict[str, tuple[Words, Words]] = {
    "clock": (gettext_lazy("Clock time"), gettext_lazy("It runs day and night.")),
    "working": (
        pgettext_lazy("stage times", "Working time"),
        gettext_lazy("It is that of the desk, in handling that of the department."),
    ),
}


def _stage(actor: Actor, key: str, period: Period) -> Definition:
    time, _dash, length = key.partition("-")
    lines: list[tuple[Words, Words]] = []
    if key == "ended":
        name, says = str(pgettext("stage times", "Ended")), str(LEFT.definition)
    elif time in _TIMES and length in _LENGTHS:
        (of, how), (word, says_it) = _TIMES[time], _LENGTHS[length]
        name, says = f"{of} · {word}", f"{LEFT.definition} {says_it}"
        lines = [(of, how)]
    else:
        raise NotVisible
    return Definition(
        name, says, period, schemes_said(actor, period),
        lines=lines + _counted_by(LEFT), version=LEFT.version, key=LEFT.key,
    )  # fmt: skip


# ---------------------------------------------------------------- scores


def _of_snapshot(actor: Actor, key: str, _period: Period) -> Definition:
    """`12.total`: a column of a snapshot, of its own period, data time and definitions."""
    pk, what = split(key)
    snapshot = get_snapshot(actor, pk)
    scheme, versions = snapshot.scheme, definitions_of(snapshot)
    return _score(scheme, what, period_of(snapshot), _named(scheme), versions)


def define_terms(snapshot: Snapshot) -> list[Definition]:
    """What a snapshot's score is made of, term by term: for who reads it without asking."""
    scheme, versions = snapshot.scheme, definitions_of(snapshot)
    return [
        _score(scheme, f"term-{term['key']}", period_of(snapshot), _named(scheme), versions)
        for term in scheme.terms
    ]


def _of_scheme(actor: Actor, key: str, period: Period) -> Definition:
    """`12.total`: a column that is reckoned anew under a version, of the period of its page."""
    pk, what = split(key)
    scheme = get_scheme(actor, pk)
    return _score(scheme, what, period, _named(scheme), _VERSIONS)


def define_tried(scheme: Scheme, what: str, period: Period, *, is_changed: bool) -> Definition:
    """A column of a trial, under a version with the weights and bands that are tried.

    Raises NotVisible for what no trial has.
    """
    named = _named(scheme)
    if is_changed:
        named = _("%(scheme)s, with the weights and bands that are tried") % {"scheme": named}
    return _score(scheme, what, period, named, _VERSIONS)


_VERSIONS = {key: each.version for key, each in INDICATORS.items()}


def _named(scheme: Scheme) -> str:
    return _("%(name)s, version %(n)s") % {"name": scheme.name, "n": scheme.version}


def split(key: str) -> tuple[int, str]:
    pk, _dot, what = key.partition(".")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
        raise NotVisible
    return int(pk), what


_COLUMNS: dict[str, tuple[Words, Words]] = {
    "total": (
        gettext_lazy("Score"),
        gettext_lazy(
            "Each term gives points from 0 to 100; they are added by weight. A term that cannot be "
            "judged drops out and the rest is scaled to 100; below half of the weight there is no "
            "score. Bonus and penalty are added last."
        ),
    ),
    "grade": (
        gettext_lazy("Grade"),
        gettext_lazy("The letter of the range in which the score lies before it is rounded."),
    ),
    "rank": (
        gettext_lazy("Rank"),
        gettext_lazy(
            "By the score, among objects of the same kind and group; equals share a rank. Below "
            "the least sample an object is shown, not ranked."
        ),
    ),
    "points": (
        gettext_lazy("Points"),
        gettext_lazy(
            "What a term gives of 100: of a good rate the rate × 100, of a bad one what is missing "
            "to 100, of a count by its bands, of an inspection what the sheet has left."
        ),
    ),
    "lost": (
        gettext_lazy("Points lost"),
        gettext_lazy(
            "What a term could bring to the score less what it brings; the score and what the "
            "terms lost are 100 together. A penalty loses what it takes."
        ),
    ),
    "weight": (
        gettext_lazy("Weight"),
        gettext_lazy("The share of a term in the score; all weights add up to 100 %."),
    ),
    "brings": (
        gettext_lazy("Brings"),
        gettext_lazy(
            "Points × weight, after the weight of terms that cannot be judged went to the others. "
            "Added up they are the score."
        ),
    ),
    "difference": (
        gettext_lazy("Difference"),
        gettext_lazy("The score that is reckoned here less the one that it stands beside."),
    ),
    "moved": (
        gettext_lazy("Figures that moved"),
        gettext_lazy(
            "Figures that are another number than in the snapshot: before and after, each with "
            "its list as of its own data time."
        ),
    ),
}


def _score(
    scheme: Scheme, what: str, period: Period, named: str, versions: Mapping[str, int]
) -> Definition:
    """A column or term of a scheme; `versions` are those of the definitions that are counted."""
    terms, said = terms_from(scheme.terms), [named]
    if what in _COLUMNS:
        name, says = _COLUMNS[what]
        return Definition(name, says, period, said, **_details(what, scheme, terms))
    term = next((one for one in terms if f"term-{one.key}" == what), None)
    if term is None:
        raise NotVisible
    return Definition(
        term.name, _term_says(term), period, said,
        formula=_term_formula(term), lines=_term_lines(term, versions), term=term,
    )  # fmt: skip


def _details(what: str, scheme: Scheme, terms: tuple[Term, ...]) -> dict[str, Any]:
    if what == "moved":
        return {}
    if what == "grade":
        grades = grades_from(scheme.grades)
        return {"lines": [(f"{one.letter} {one.name}", f"≥ {one.least}") for one in grades]}
    if what == "rank":
        rated = sorted({one.least_sample for one in terms if not one.hand and not one.bands})
        return {"lines": [(_("Least sample"), "、".join(map(str, rated)) or "–")]}
    weighed = [f"{one.name} × {one.weight} %" for one in terms if not one.adds]
    added = [f"{'+' if one.adds > 0 else '−'} {one.name}" for one in terms if one.adds]
    return {"formula": " ".join([" + ".join(weighed), *added])}


def _term_says(term: Term) -> str:
    if term.hand:
        return _("What assessors found and wrote down on the sheet in the period.")
    return " ".join(
        f"{INDICATORS[part.indicator].name}：{INDICATORS[part.indicator].definition}"
        for part in term.parts
    )


def _term_formula(term: Term) -> str:
    if term.hand or term.bands:
        return ""
    parts = [
        f"{INDICATORS[part.indicator].name} × {part.percent} %"
        if part.percent != 100
        else INDICATORS[part.indicator].name
        for part in term.parts
    ]
    added = " + ".join(parts)
    return added if term.is_good else f"100 % − {added if len(parts) == 1 else f'({added})'}"


def _term_lines(term: Term, versions: Mapping[str, int]) -> list[tuple[Words, Words]]:
    lines: list[tuple[Words, Words]] = []
    if not term.adds:
        lines.append((_("Weight"), f"{term.weight} %"))
    for part in term.parts:
        indicator = INDICATORS[part.indicator]
        if formula := formula_of(indicator):
            lines.append((indicator.name, formula))
        of = [key for key in (part.indicator, indicator.of) if key in versions]
        told = "；".join(f"{INDICATORS[key].label} {versions[key]}" for key in of)
        lines.append((_("Version of the definition"), told or "–"))
    if term.groups:
        lines.append((_("Groups"), _("Some groups of objects have other weights or bands.")))
    return lines


_KINDS: dict[str, Callable[[Actor, str, Period], Definition]] = {
    "figure": _figure,
    "ledger": _ledger,
    "stage": _stage,
    "snapshot": _of_snapshot,
    "scheme": _of_scheme,
}
