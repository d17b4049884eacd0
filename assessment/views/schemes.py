"""Schemes of scoring: the list of versions, one of them, its editor, and what is done with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.models import Scheme
from assessment.scheme_forms import DayField, Editor, NewSchemeForm
from assessment.scheme_rules import Fault, faults_of
from assessment.scoring import grades_from, terms_from
from assessment.selectors.dashboard import READERS as READS_FIGURES
from assessment.selectors.schemes import (
    COMMENTERS,
    READERS,
    State,
    get_scheme,
    known_for,
    lines_of,
    list_families,
    versions_of,
    visible_schemes,
)
from assessment.services import schemes as services
from assessment.services.schemes import MOST_TERMS
from dispatch.views.entry import entering
from gridcity.contracts import Actor, Invalid, NotVisible, Refused, Role
from parts.views.entry import put_refusal

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """GET /schemes/: every scheme with its versions, and what waits for consent."""
    actor = entering(request, READERS)
    families = list_families(actor, timezone.localdate())
    waiting = [
        version
        for family in families
        for version in family.versions
        if version.state == State.PROPOSED
    ]
    context = {
        "families": families,
        "waiting": waiting,
        "may_write": Role.ADMINISTRATOR in actor.roles,
    }
    return render(request, "assessment/schemes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET, POST /schemes/new/: a scheme that is not there yet, then its editor."""
    actor = entering(request, ADMINISTRATORS)
    form = NewSchemeForm(request.POST or None, initial={"valid_from": next_month(timezone.now())})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = services.create_scheme(actor=actor, at=timezone.now(), **form.cleaned_data)
                return redirect("assessment:scheme-edit", made.pk)
            except Invalid as refusal:
                put_refusal(form, refusal)
    return render(request, "assessment/scheme_new.html", {"form": form}, status=status)


def next_month(at: datetime) -> date:
    """The first day of the month to come, from which most versions hold."""
    return (timezone.localdate(at).replace(day=1) + timedelta(days=31)).replace(day=1)


@require_safe
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /schemes/<id>/: what a version says, where it stands, and how it came so far."""
    return page_of(request, entering(request, READERS), pk)


def page_of(
    request: HttpRequest, actor: Actor, pk: int, refusal: Refused | None = None
) -> HttpResponse:
    found = get_scheme(actor, pk)
    today = timezone.localdate()
    others = versions_of(visible_schemes(actor).filter(key=found.key), today)
    here = next(one for one in others if one.scheme.pk == found.pk)
    is_administrator = Role.ADMINISTRATOR in actor.roles
    is_draft = here.state == State.DRAFT
    is_mine = found.proposed_by_id == actor.user_id
    context = {
        "scheme": found,
        "here": here,
        "versions": others,
        "lines": lines_of(found),
        "grades": grades_from(found.grades),
        "faults": faults_in(found) if is_draft and is_administrator else [],
        "steps": found.steps.select_related("by") if is_administrator else [],
        "comments": found.comments.select_related("by"),
        "may_write": is_administrator,
        "may_edit": is_administrator and is_draft,
        "may_open": is_administrator and here.state in {State.DRAFT, State.PROPOSED},
        "may_consent": is_administrator and here.state == State.PROPOSED and not is_mine,
        "may_take_back": is_administrator and here.state == State.PROPOSED and is_mine,
        "may_comment": found.is_open_to_comment and bool(actor.roles & COMMENTERS),
        "may_try": bool(actor.roles & (READS_FIGURES | {Role.ADMINISTRATOR, Role.DEPARTMENT})),
        "refusal": refusal,
        "said": request.POST,
    }
    status = refusal.status if refusal else 200
    return render(request, "assessment/scheme.html", context, status=status)


def faults_in(found: Scheme) -> list[Fault]:
    return faults_of(terms_from(found.terms), known_for(found.subject), grades_from(found.grades))


# ---------------------------------------------------------------- the editor


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /schemes/<id>/edit/: a draft; its buttons move terms, `save` writes it."""
    actor = entering(request, ADMINISTRATORS)
    found = get_scheme(actor, pk)
    if found.is_active or found.proposed_at or found.discarded_at:
        return redirect("assessment:scheme", pk)
    if request.method != "POST":
        return editor_page(request, found, Editor.stored(found))
    editor = Editor.typed(found, request.POST.dict(), MOST_TERMS)
    if request.POST.get("do") != "save":
        return editor_page(request, found, editor)
    if not editor.is_valid:
        return editor_page(request, found, editor, status=400)
    try:
        saved = services.save_draft(
            actor=actor, at=timezone.now(), scheme_id=pk, revision=revision_of(request),
            said=editor.draft(known_for(found.subject).sheets),
        )  # fmt: skip
    except Refused as refusal:
        return editor_page(request, found, editor, refusal=refusal)
    faults = faults_in(saved)
    messages.success(request, _("Saved.") if not faults else _("Saved as a draft with faults."))
    return redirect("assessment:scheme-edit" if faults else "assessment:scheme", pk)


def revision_of(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def editor_page(
    request: HttpRequest, found: Scheme, editor: Editor, *, status: int = 200,
    refusal: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "scheme": found,
        "editor": editor,
        "revision": request.POST.get("revision", found.revision),
        "checked": check_of(found, editor),
        "refusal": refusal,
        "is_refused": status == 400,
    }
    status = refusal.status if refusal else status
    return render(request, "assessment/scheme_edit.html", context, status=status)


@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /schemes/<id>/check/: what is wrong with a draft as it is typed; writes nothing."""
    found = get_scheme(entering(request, ADMINISTRATORS), pk)
    editor = Editor.typed(found, {**request.POST.dict(), "do": ""}, MOST_TERMS)
    context = {"checked": check_of(found, editor), "scheme": found}
    return render(request, "assessment/includes/_scheme_check.html", context)


def check_of(found: Scheme, editor: Editor) -> dict[str, Any]:
    """The faults of what is typed: by place of the term, those of fields before those of rules."""
    rows: list[tuple[str, str, Any]] = []
    for name, errors in editor.head.errors.items():
        rows += [(f"id_{name}", str(editor.head[name].label), line) for line in errors]
    for place, form in enumerate(editor.terms):
        for name, errors in form.errors.items():
            rows += [(f"id_t{place}-{name}", _term_word(place), line) for line in errors]
    total = sum(number_of(form["weight"].value()) for form in editor.terms)
    if rows or not editor.is_valid:
        return {"rows": rows, "total": total}
    draft = editor.draft(known_for(found.subject).sheets)
    terms = terms_from(draft.terms)
    places = {term.key: place for place, term in enumerate(terms)}
    for fault in faults_of(terms, known_for(found.subject), grades_from(draft.grades)):
        if fault.term:
            place = places[fault.term]
            rows.append((f"term-{place}", terms[place].name or _term_word(place), fault.words))
        else:
            rows.append(("terms" if fault.kind != "grades" else "id_grades", "", fault.words))
    return {"rows": rows, "total": total}


def _term_word(place: int) -> str:
    return _("Term %(place)d") % {"place": place + 1}


def number_of(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


# ---------------------------------------------------------------- what is done with a version


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /schemes/<id>/act/ with act=copy|propose|take_back|consent|refuse|discard|open|shut."""
    actor = entering(request, ADMINISTRATORS)
    try:
        done, words = _act(request, actor, pk)
    except NotVisible:
        raise
    except Refused as refusal:
        return page_of(request, actor, pk, refusal)
    messages.success(request, words)
    copied = request.POST.get("act") == "copy"
    return redirect("assessment:scheme-edit" if copied else "assessment:scheme", done.pk)


def _act(request: HttpRequest, actor: Actor, pk: int) -> tuple[Scheme, str]:
    at = timezone.now()
    who: dict[str, Any] = {"actor": actor, "at": at, "scheme_id": pk}
    said = who | {"words": request.POST.get("words", "")}
    seen = said | {"revision": revision_of(request)}
    match request.POST.get("act"):
        case "copy":
            made = services.copy_version(**said, valid_from=_copied_from(request, at))
            return made, _("Copied into a draft.")
        case "propose":
            return services.propose_scheme(**seen), _("Proposed: it waits for a second person.")
        case "take_back":
            return services.take_back_proposal(**said), _("Taken back: it is a draft again.")
        case "consent":
            done = services.consent_to_scheme(**seen)
            return done, _("It holds from %(day)s.") % {"day": done.valid_from.isoformat()}
        case "refuse":
            return services.refuse_scheme(**said), _("Refused: it is a draft again.")
        case "discard":
            return services.discard_draft(**said), _("Discarded.")
        case "open" | "shut" as what:
            done = services.set_open_to_comment(**who, is_open=what == "open")
            return done, _("Recorded.")
        case _:
            raise Invalid(_("Unknown action."), act=_("Unknown action."))


def _copied_from(request: HttpRequest, at: datetime) -> date:
    """The day that a copy says, the first of the next month where it says none. Raises Invalid."""
    text = request.POST.get("valid_from", "").strip()
    if not text:
        return next_month(at)
    try:
        day: date = DayField().clean(text)
    except ValidationError as wrong:
        raise Invalid(_("Unknown day."), valid_from=[*wrong.messages]) from None
    return day


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /schemes/<id>/comment/ with words: what one thinks of an open draft."""
    actor = entering(request, COMMENTERS)
    try:
        services.comment_on_scheme(
            actor=actor, at=timezone.now(), scheme_id=pk, words=request.POST.get("words", "")
        )
    except NotVisible:
        raise
    except Refused as refusal:
        return page_of(request, actor, pk, refusal)
    messages.success(request, _("Recorded."))
    return redirect("assessment:scheme", pk)
