"""Actions sent by a plain form: the same fields, the same services as the API.

A page with scripts sends to the API instead; this is the way that works without them. A refused
attempt comes back as the case page with its dialog open and everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.models import Case
from cases.services.looks import log_looks
from cases.services.once import once
from dispatch.actions import (
    ACTIONS,
    ANSWERS,
    Told,
    answer,
    carry_out,
    parse_fields,
    version_of,
    words,
)
from dispatch.api.actions import PHOTO_ROLE, check_role, state_for, told_from
from dispatch.api.reading import Said, form_fields
from dispatch.desk_forms import FORMS
from dispatch.selectors.actors import actor_of
from dispatch.selectors.case_detail import get_case
from dispatch.selectors.conflicts import changed_fields, explaining
from dispatch.selectors.timeline import label_of
from dispatch.views.case import page_context
from gridcity.contracts import Actor, NotVisible, Refused, key_of

OWN_FIELDS = ("csrfmiddlewaretoken", "key")
# The rows of the law's table whose word an answer bears.
ROWS_OF_ANSWERS = {name: f"{name}_request" for name in ANSWERS} | {"preapprove": "preapprove"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """An action that was refused, with what was typed; `kept` is shown where its dialog is gone."""

    action: str
    label: str
    data: QueryDict
    refusal: Refused

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What others changed since the user read the case."""
        return changed_fields(self.refusal.kept)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was typed, by the labels of its fields."""
        form = FORMS[self.action](self.data)
        return [
            (str(form.fields[name].label), value)
            for name in form.fields
            if not form.fields[name].widget.is_hidden and (value := self.data.get(name, "").strip())
        ]


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one action of the table."""
    if action not in ACTIONS or action not in FORMS:
        raise NotVisible
    at, actor = timezone.now(), actor_of(request.user)
    check_role(state_for(actor, number), action, actor)
    said = said_in(request)

    def run() -> Case:
        role = PHOTO_ROLE.get(action, "other")
        return carry_out(action, told_from(said, ACTIONS[action], number, actor, at, role))

    return carried(request, actor, at, number, action, label_of(action), said, run)


@require_POST
def reply(request: HttpRequest, number: str, request_id: int, name: str) -> HttpResponse:
    """Approve, refuse or withdraw the request that waits."""
    if name not in ANSWERS or name not in FORMS:
        raise NotVisible
    at, actor = timezone.now(), actor_of(request.user)
    state_for(actor, number)
    said = said_in(request)

    def run() -> Case:
        told = Told(
            number=number, actor=actor, at=at, version=version_of(said.fields),
            said=parse_fields({"reason": words}, said.fields),
        )  # fmt: skip
        return answer(name, request_id, told)

    label = label_of(ROWS_OF_ANSWERS[name])
    return carried(request, actor, at, number, name, label, said, run)


def said_in(request: HttpRequest) -> Said:
    """What the form says, without the fields that belong to the page."""
    fields = form_fields(request.POST)
    return Said(
        {name: value for name, value in fields.items() if name not in OWN_FIELDS},
        request.FILES.getlist("photos"),
    )


def carried(
    request: HttpRequest,
    actor: Actor,
    at: datetime,
    number: str,
    action: str,
    label: str,
    said: Said,
    run: Callable[[], Case],
) -> HttpResponse:
    """Carry out once for the form's key; then the case anew, or the form with its faults."""

    def act_once() -> tuple[int, Any]:
        return 200, {"number": run().number}

    try:
        key = key_of(request.POST.get("key", ""))
        with explaining(actor, number, at):
            once(
                user_id=actor.user_id or 0, key=key, content=said.fingerprint(request.path),
                at=at, act=act_once,
            )  # fmt: skip
    except NotVisible:
        raise
    except Refused as refusal:
        return refused(request, actor, at, number, Attempt(action, label, request.POST, refusal))
    messages.success(request, _("Done: %(action)s.") % {"action": label})
    return redirect("dispatch:case", number)


def refused(
    request: HttpRequest, actor: Actor, at: datetime, number: str, attempt: Attempt
) -> HttpResponse:
    """The case as it is now, with the refused form open and what was typed in it."""
    view = get_case(actor, number, at=at)
    log_looks(reporters=view.reporters, actor=actor, at=at)
    context = page_context(view, attempt)
    tried = [*context["dialogs"], *context["replies"], context["panel"]]
    found = next((one for one in tried if one is not None and one.action == attempt.action), None)
    if found is not None and found.offer.allowed:
        found.faults = {"detail": attempt.refusal.detail, "fields": attempt.refusal.fields}
        for name, lines in attempt.refusal.fields.items():
            if name in found.form.fields:
                found.form.add_error(name, [str(line) for line in lines])
    context["is_kept_apart"] = found is None or not found.offer.allowed
    return render(request, "dispatch/case.html", context, status=attempt.refusal.status)
