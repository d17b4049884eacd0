"""Coding schemes: what each is, and the change of the current one with a preview."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridcity.contracts import Actor, NotVisible, Refused
from parts.catalogue_forms import SwitchForm
from parts.models import CodingScheme
from parts.selectors.class_pages import rules_in_words
from parts.selectors.schemes import (
    list_scheme_lines,
    list_switches,
    preview_switch,
    proposed_scheme,
)
from parts.services.schemes import switch_scheme
from parts.views.catalogue import page_frame
from parts.views.entry import for_administrators, put_refusal

SHOWN = 40


@require_safe
@for_administrators
def schemes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/catalogue/schemes/: all schemes, and when the current one changed."""
    lines = list_scheme_lines()
    context = {
        **page_frame("schemes"),
        "lines": [(line, rules_in_words(line.scheme)) for line in lines],
        "current": next((line.scheme for line in lines if line.scheme.is_current), None),
        "switches": list_switches(),
        "proposed": proposed_scheme(timezone.localdate()),
    }
    return render(request, "parts/schemes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def switch(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """What a change to this scheme would mean; by POST the change itself."""
    target = CodingScheme.objects.filter(key=key).first()
    if target is None:
        raise NotVisible
    now = timezone.now()
    preview = preview_switch(target, on=timezone.localdate(now))
    seen = preview.source.key if preview.source else ""
    form = SwitchForm(request.POST or None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            switch_scheme(actor=actor, at=now, target=key, seen=said["seen"], reason=said["reason"])
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("New objects take %(key)s from now on.") % {"key": key})
            return redirect("parts:schemes")
    context = {
        **page_frame("schemes"),
        "form": form,
        "target": target,
        "preview": preview,
        "unread": preview.unread[:SHOWN],
        "unread_left": max(len(preview.unread) - SHOWN, 0),
        "bare": preview.bare[:SHOWN],
        "bare_left": max(len(preview.bare) - SHOWN, 0),
    }
    return render(
        request, "parts/scheme_switch.html", context, status=400 if form.is_bound else 200
    )
