"""The messages behind the bell."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cases.selectors.messages import inbox
from cases.services.notices import mark_read
from dispatch.actions import Unreadable, whole
from dispatch.selectors.desk_lists import unread_count
from dispatch.views.entry import RECEIVERS, entering, frame
from gridcity.contracts import Role


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """My messages, newest first; ?unread=1 shows those not read yet."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    unread_only = request.GET.get("unread") == "1"
    page = inbox(
        user_id=actor.user_id, cursor=request.GET.get("cursor") or None, unread_only=unread_only
    )
    is_phone = Role.SUPERVISOR in actor.roles
    context = {
        **frame(actor),
        "is_phone": is_phone,
        "frame_template": "base_phone.html" if is_phone else "base.html",
        "page": page,
        "unread_only": unread_only,
        "unread": unread_count(actor.user_id),
        "upto": max((line.id for line in page.lines), default=0),
    }
    return render(request, "dispatch/messages.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark my messages up to one as read; with `case` go on to that case."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    try:
        upto = whole(request.POST.get("upto", ""))
    except Unreadable:
        upto = None
    if upto:
        mark_read(user_id=actor.user_id, at=timezone.now(), upto=upto)
    return redirect("dispatch:messages")
