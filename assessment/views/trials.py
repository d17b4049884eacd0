"""What if: a version, or other weights and bands, tried on a past period before it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessment.models import POST_SUBJECTS, Scheme
from assessment.scheme_forms import BandsField, bands_as_text
from assessment.scheme_rules import Known, faults_of
from assessment.scoring import grades_from, terms_for, terms_from
from assessment.selectors.dashboard import READERS as READS_FIGURES
from assessment.selectors.explained import (
    Opened,
    counts_beside,
    counts_over_months,
    explain_terms,
    terms_named,
)
from assessment.selectors.schemes import get_scheme, known_for, scheme_on, visible_schemes
from assessment.selectors.trials import (
    Trial,
    TrialRow,
    proposed_bands,
    run_trial,
    trial_period,
    with_terms,
)
from assessment.services.schemes import copy_version
from assessment.views.reading import lists_for
from assessment.views.schemes import ADMINISTRATORS, next_month
from dispatch.selectors.visible import SEES_ALL
from dispatch.views.entry import entering
from gridcity.contracts import Actor, Invalid, NotVisible, Refused, Role

TRIES = READS_FIGURES | {Role.ADMINISTRATOR, Role.DEPARTMENT}
WEIGHT, BANDS = "weight-", "bands-"
TRIAL_PAGE = 100


class Tried:
    """What an address asks to be tried: a version, with other weights and bands where it says so.

    `faults` are sentences; with any of them nothing is scored.
    """

    def __init__(self, scheme: Scheme, query: Mapping[str, str]) -> None:
        self.faults: list[Any] = []
        self.query = query
        self.stored = scheme
        terms = [self._term(term) for term in scheme.terms]
        self.is_changed = terms != scheme.terms
        self.scheme = with_terms(scheme, terms)
        if not self.faults:
            rules = faults_of(terms_from(terms), _known(scheme), grades_from(scheme.grades))
            self.faults = [fault.words for fault in rules]

    def _term(self, term: dict[str, Any]) -> dict[str, Any]:
        said = dict(term)
        weight = self.query.get(WEIGHT + term["key"])
        if weight is not None:
            if weight.strip().isdecimal() and len(weight) < 5:
                said["weight"] = int(weight)
            else:
                self.faults.append(_("“%(name)s”: a weight is a whole number.") % term)
        text = self.query.get(BANDS + term["key"])
        if text is not None and (text.strip() or term.get("bands")):
            try:
                said["bands"] = BandsField().clean(text)
            except ValidationError as wrong:
                self.faults += wrong.messages
        return said

    @property
    def said(self) -> dict[str, str]:
        """What an address says beside the version: other weights and bands."""
        keys = (f"{begin}{term['key']}" for term in self.stored.terms for begin in (WEIGHT, BANDS))
        return {key: self.query[key] for key in keys if self.is_changed and key in self.query}

    def rows(self) -> list[dict[str, Any]]:
        """The terms as the form shows them, with what was typed."""
        return [
            {
                "term": said,
                "weight": self.query.get(WEIGHT + said["key"], said["weight"]),
                "bands": self.query.get(BANDS + said["key"], bands_as_text(said.get("bands", ()))),
                "has_bands": bool(said.get("bands")),
                "is_changed": said != before,
            }
            for said, before in zip(self.scheme.terms, self.stored.terms, strict=True)
        ]


def _known(scheme: Scheme) -> Known:
    """What may stand in it; of a version that held also groups that no object is in any more."""
    known = known_for(scheme.subject)
    if not scheme.is_active:
        return known
    held = {group for term in scheme.terms for group in term.get("groups", ())}
    return replace(known, groups=held.union(known.groups))


@require_safe
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /schemes/<id>/try/?period=2026-10&against=ID&weight-KEY=&bands-KEY=[&quintiles=KEY]."""
    actor = entering(request, TRIES)
    stored = get_scheme(actor, pk)
    query, now = request.GET.copy(), timezone.now()
    refusal: Refused | None = None
    found: Trial | None = None
    try:
        propose_quintiles(stored, query, now)
        tried = Tried(stored, said_in(query))
        base = base_of(request, stored, tried)
        if not tried.faults:
            found = run_trial(actor, tried.scheme, base, query.get("period", ""), now)
    except NotVisible:
        raise
    except Invalid as wrong:
        refusal, tried = wrong, Tried(stored, said_in(query))
        base = None
    rows = Paginator(found.rows if found else [], TRIAL_PAGE).get_page(query.get("page"))
    context = {
        "scheme": stored,
        "tried": tried,
        "page": rows,
        "rows": with_beside(actor, found, list(rows)) if found else [],
        "opens_lists": bool(actor.roles & READS_FIGURES),
        "tried_said": tried.said,
        "trial": found,
        "base": base,
        "against": visible_schemes(actor).filter(key=stored.key).order_by("-version"),
        "period": query.get("period", "") or (found.period.key if found else ""),
        "query": kept(query),
        "terms": tried.rows(),
        "refusal": refusal,
        "is_post": stored.subject in POST_SUBJECTS,
        "may_keep": Role.ADMINISTRATOR in actor.roles and tried.is_changed and not tried.faults,
    }
    status = 400 if refusal or tried.faults else 200
    return render(request, "assessment/trial.html", context, status=status)


def with_beside(actor: Actor, found: Trial, rows: list[TrialRow]) -> list[TrialRow]:
    """Rows whose terms bear what stands beside them, as in a ranking."""
    tried = found.tried
    named = terms_named(
        actor, tried.subject, terms_from(tried.terms), found.period, reverse("assessment:list")
    )

    def told(row: TrialRow) -> TrialRow:
        said = named(row.line.of.key, row.line.counts, row.tried.terms)
        return replace(row, tried=replace(row.tried, terms=said))

    return [told(row) for row in rows]


def propose_quintiles(stored: Scheme, query: QueryDict, now: Any) -> None:
    """Put fifths of last year's counts in place of the bands of the term that asks for them."""
    key = query.get("quintiles", "")
    if not key:
        return
    period = trial_period(stored, query.get("period", ""), now)
    bands = proposed_bands(stored, key, period)
    if not bands:
        raise Invalid(_("Nothing was counted in the year before: no bands can be proposed."))
    query[BANDS + key] = bands_as_text(bands)
    del query["quintiles"]


def base_of(request: HttpRequest, stored: Scheme, tried: Tried) -> Scheme | None:
    """What it is compared with: what the address names, else what held in the period, else itself.

    Raises Invalid for an unknown period.
    """
    actor = entering(request, TRIES)
    against = request.GET.get("against", "")
    if against.isdecimal() and len(against) < 10:
        return get_scheme(actor, int(against))
    period = trial_period(stored, request.GET.get("period", ""), timezone.now())
    held = scheme_on(stored.key, period.first)
    if held is None or held.pk == stored.pk:
        return stored if tried.is_changed or held is not None else None
    return held


def said_in(query: QueryDict) -> dict[str, str]:
    return {key: str(value) for key, value in query.items()}


def kept(query: QueryDict) -> str:
    """The address's query, so that every link opens the same trial."""
    said = query.copy()
    for key in [key for key, value in said.items() if not value]:
        del said[key]
    return said.urlencode()


@require_safe
def trial_row(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """GET /schemes/<id>/try/<key>/?…: one object of a trial, opened into the terms of both."""
    actor = entering(request, TRIES)
    stored = get_scheme(actor, pk)
    tried = Tried(stored, request.GET.dict())
    if tried.faults:
        return redirect(f"{reverse('assessment:scheme-try', args=[pk])}?{kept(request.GET)}")
    base = base_of(request, stored, tried)
    found = run_trial(actor, tried.scheme, base, request.GET.get("period", ""), timezone.now())
    row = next((one for one in found.rows if one.line.of.key == key), None)
    if row is None:
        raise NotVisible
    lists = lists_for(actor, stored.subject, key)
    context = {
        "scheme": stored,
        "tried_said": tried.said,
        "trial": found,
        "row": row,
        "query": kept(request.GET),
        "tried_terms": opened(actor, found, row, lists, is_base=False),
        "base_terms": opened(actor, found, row, lists, is_base=True),
        "opens_lists": bool(lists),
    }
    return render(request, "assessment/trial_row.html", context)


def opened(actor: Actor, found: Trial, row: Any, lists: str, *, is_base: bool) -> list[Any]:
    """The terms of one side with their figures; none where there is no such side."""
    scheme, period = (found.base, found.base_period) if is_base else (found.tried, found.period)
    scored, line = (row.base, row.base_line) if is_base else (row.tried, row.line)
    if scheme is None or period is None or scored is None:
        return []
    inspections = reverse("assessment:inspections")
    terms = terms_for(terms_from(scheme.terms), line.of.group)
    of = Opened(
        scheme.subject, line.of.key, line.counts, period, lists, inspections, scored.hand,
        counts_over_months(scheme.subject, terms, period, line.of.pk), line.of.cells,
        sees_all=bool(actor.roles & SEES_ALL), whole=counts_beside(scheme.subject, terms, period),
    )  # fmt: skip
    return explain_terms(terms, scored.terms, of)


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /schemes/<id>/try/keep/: what was tried becomes a draft, as the next version."""
    actor = entering(request, ADMINISTRATORS)
    tried = Tried(get_scheme(actor, pk), request.POST.dict())
    if tried.faults:
        raise Invalid(_("This draft cannot score yet."), terms=tried.faults)
    day: date = next_month(timezone.now())
    made = copy_version(
        actor=actor, at=timezone.now(), scheme_id=pk, valid_from=day, terms=tried.scheme.terms,
        words=_("Tried on %(period)s.") % {"period": request.POST.get("period", "")[:24]},
    )  # fmt: skip
    messages.success(request, _("Kept as a draft."))
    return redirect("assessment:scheme", made.pk)
