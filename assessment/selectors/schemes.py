"""Schemes as pages show them: who sees which, where each version stands, what it may name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators import INDICATORS
from assessment.models import Scheme, Sheet, Subject
from assessment.scheme_rules import Known
from assessment.scoring import Term, terms_for, terms_from
from assessment.selectors.inspections import sheets_by_effect
from assessment.selectors.scores import WHOLES, indicators_by
from dispatch.models import Department
from gridcity.contracts import Actor, NotVisible, Role, Sentence
from parts.models import Cell

# Whoever is scored may know by what.
COMMENTERS = frozenset(
    {
        Role.ADMINISTRATOR, Role.OFFICIAL, Role.DUTY_CHIEF, Role.ACCEPTOR, Role.DISPATCHER,
        Role.DEPARTMENT,
    }
)  # fmt: skip
READERS = COMMENTERS | {Role.SUPERVISOR}
_REGIONS = (Subject.STREET, Subject.COMMUNITY, Subject.CELL)


def visible_schemes(actor: Actor) -> QuerySet[Scheme]:
    """Administrators see all; others what two have agreed on, and drafts opened to comment."""
    rows = Scheme.objects.select_related("proposed_by", "consented_by")
    if Role.ADMINISTRATOR in actor.roles:
        return rows
    if actor.roles & COMMENTERS:
        return rows.filter(Q(is_active=True) | Q(is_open_to_comment=True))
    return rows.filter(is_active=True) if actor.roles & READERS else rows.none()


def get_scheme(actor: Actor, pk: int) -> Scheme:
    """Raises NotVisible."""
    found = visible_schemes(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def scheme_on(key: str, day: date) -> Scheme | None:
    """The version that holds on a day."""
    held = Scheme.objects.filter(key=key, is_active=True, valid_from__lte=day)
    return held.order_by("-valid_from", "-version").first()


# ---------------------------------------------------------------- where versions stand


class State:
    """Where a version stands on a day."""

    DRAFT, PROPOSED, TO_COME, HOLDS, PAST, DISCARDED = (
        "draft", "proposed", "to_come", "holds", "past", "discarded",
    )  # fmt: skip


STATES: dict[str, Promise] = {
    State.DRAFT: pgettext_lazy("scheme", "Draft"),
    State.PROPOSED: pgettext_lazy("scheme", "Waits for consent"),
    State.TO_COME: pgettext_lazy("scheme", "Holds later"),
    State.HOLDS: pgettext_lazy("scheme", "In force"),
    State.PAST: pgettext_lazy("scheme", "Held until"),
    State.DISCARDED: pgettext_lazy("scheme", "Discarded"),
}


@dataclass(frozen=True, slots=True)
class Version:
    """A version with where it stands; `until` is the last day on which it held or holds."""

    scheme: Scheme
    state: str
    until: date | None = None

    @property
    def label(self) -> Promise:
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Family:
    """All versions of one scheme that the actor sees, the latest first."""

    key: str
    name: str
    subject: str
    versions: list[Version] = field(default_factory=list)


def list_families(actor: Actor, today: date) -> list[Family]:
    """Schemes by whom they score, each with its versions."""
    by_key: dict[str, list[Scheme]] = {}
    for scheme in visible_schemes(actor).order_by("key", "-version"):
        by_key.setdefault(scheme.key, []).append(scheme)
    order = {subject: place for place, subject in enumerate(Subject.values)}
    found = [
        Family(key, _named(rows, today), str(rows[0].get_subject_display()),
               versions_of(rows, today))
        for key, rows in by_key.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (order[by_key[one.key][0].subject], one.key))


def _named(rows: Sequence[Scheme], today: date) -> str:
    held = [one for one in rows if one.is_active and one.valid_from <= today]
    return (held or list(rows))[0].name


def versions_of(rows: Iterable[Scheme], today: date) -> list[Version]:
    """The versions of one scheme, the latest first, each with its state on a day."""
    ordered = sorted(rows, key=lambda one: -one.version)
    active = sorted(
        (one for one in ordered if one.is_active), key=lambda one: (one.valid_from, one.version)
    )
    ends = {one.pk: following.valid_from for one, following in pairwise(active)}
    return [_version(one, ends.get(one.pk), today) for one in ordered]


def _version(one: Scheme, end: date | None, today: date) -> Version:
    if one.discarded_at:
        return Version(one, State.DISCARDED)
    if not one.is_active:
        return Version(one, State.PROPOSED if one.proposed_at else State.DRAFT)
    until = None if end is None else date.fromordinal(end.toordinal() - 1)
    if one.valid_from > today:
        return Version(one, State.TO_COME, until)
    return Version(one, State.PAST if until and until < today else State.HOLDS, until)


# ---------------------------------------------------------------- what a version says


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term in words: what it scores and how, and what is another for a group of objects."""

    term: Term
    figures: list[tuple[Sentence, int, str]]
    sheet: str
    by_group: list[tuple[str, Term]]


def lines_of(scheme: Scheme) -> list[TermLine]:
    """The terms of a version, each with its figures by word, share in per cent and key."""
    terms = terms_from(scheme.terms)
    sheets = dict(Sheet.objects.values_list("key", "name")) if any(t.hand for t in terms) else {}
    words = dict(groups_for(scheme.subject, {key for term in terms for key in term.groups}))
    return [
        TermLine(
            term,
            [
                (INDICATORS[part.indicator].label, part.percent, part.indicator)
                if part.indicator in INDICATORS
                else (part.indicator, part.percent, "")
                for part in term.parts
            ],
            sheets.get(term.hand, term.hand),
            [(words.get(key, key), terms_for([term], key)[0]) for key in term.groups],
        )
        for term in terms
    ]


# ---------------------------------------------------------------- what a scheme may name


def known_for(subject: str) -> Known:
    """The figures and sheets that a scheme of this subject may name."""
    listed = indicators_by(subject)
    return Known(
        wholes={each.key: WHOLES[each.key] for each in listed},
        sheets=sheets_by_effect(subject),
        better={each.key: each.better for each in INDICATORS.values()},
        labels={each.key: each.label for each in INDICATORS.values()},
        completes={each.key: each.completes for each in INDICATORS.values() if each.completes},
        groups=frozenset(key for key, _word in groups_for(subject)),
        has_cells=subject in _REGIONS,
    )


Choices = list[tuple[Sentence, list[tuple[str, Sentence]]]]
HAND = "hand:"


def choices_for(subject: str) -> Choices:
    """What a term may score: rates, counts, and the sheets by which people give points."""
    listed = indicators_by(subject)
    found: Choices = [
        (_("Rates"), [(each.key, each.label) for each in listed if each.is_rate]),
        (_("Counts, by bands"), [(each.key, each.label) for each in listed if not each.is_rate]),
    ]
    sheets: list[tuple[str, Sentence]] = [
        (HAND + key, name)
        for key, name in Sheet.objects.filter(subject=subject).values_list("key", "name")
    ]
    return [*found, (_("Sheets, scored by hand"), sheets)] if sheets else found


def groups_for(subject: str, used: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The groups of objects for which a term may differ, with their words."""
    if subject == Subject.CELL:
        return [(str(value), str(label)) for value, label in Cell.ManagementClass.choices]
    if subject != Subject.DEPARTMENT:
        return []
    names = Department.objects.exclude(assessment_group="").values_list(
        "assessment_group", flat=True
    )
    return [(name, name) for name in sorted({*names, *used})]
