"""The messages behind the bell."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as toasts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.selectors.messages import inbox
from cases.selectors.preferences import preferences_of
from cases.services.notices import mark_read
from cases.services.preferences import choose_notices
from dispatch.actions import Unreadable, whole
from dispatch.selectors.desk_lists import unread_count
from dispatch.views.entry import CHOOSERS, RECEIVERS, entering, frame
from gridcity.contracts import Actor, Role


def own_frame(actor: Actor) -> dict[str, Any]:
    """The frame of these pages: a supervisor reads them on the phone."""
    is_phone = Role.SUPERVISOR in actor.roles
    template = "base_phone.html" if is_phone else "base.html"
    return {**frame(actor), "is_phone": is_phone, "frame_template": template}


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """My messages, newest first; ?unread=1 shows those not read yet."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    unread_only = request.GET.get("unread") == "1"
    page = inbox(
        user_id=actor.user_id, cursor=request.GET.get("cursor") or None, unread_only=unread_only
    )
    context = {
        **own_frame(actor),
        "page": page,
        "unread_only": unread_only,
        "unread": unread_count(actor.user_id),
        "upto": max((line.id for line in page.lines), default=0),
    }
    return render(request, "dispatch/messages.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark my messages up to one as read."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    try:
        upto = whole(request.POST.get("upto", ""))
    except Unreadable:
        upto = None
    if upto:
        mark_read(user_id=actor.user_id, at=timezone.now(), upto=upto)
    return redirect("dispatch:messages")


@require_safe
def unread(request: HttpRequest) -> HttpResponse:
    """The figure at the bell alone, for pages without a menu."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    return render(request, "includes/_unread.html", {"unread": unread_count(actor.user_id)})


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Which notices reach me by which channel."""
    actor = entering(request, CHOOSERS)
    if request.method == "POST":
        # A control is named kind-channel (selectors.preferences.control).
        wanted = {(kind, way) for kind, _dash, way in (n.partition("-") for n in request.POST)}
        choose_notices(actor=actor, at=timezone.now(), wanted=wanted)
        toasts.success(request, _("Your choice is kept."))
        return redirect("dispatch:preferences")
    context = {**own_frame(actor), "preferences": preferences_of(request.user)}
    return render(request, "dispatch/preferences.html", context)
