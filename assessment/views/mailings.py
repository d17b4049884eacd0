"""The overview by e-mail: one's own wishes, and what was sent lately."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from assessment.models import Mailing, Subscription
from assessment.selectors.dashboard import READERS
from assessment.services.mailings import subscribe, unsubscribe
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Refused

LATELY = 20


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/mail/: one's wishes; POST span and form asks for one more."""
    actor = entering(request, READERS)
    if request.method != "POST":
        return _page(request, actor)
    try:
        subscribe(
            actor=actor, at=timezone.now(), span=request.POST.get("span", ""),
            form=request.POST.get("form", ""), email=str(getattr(request.user, "email", "")),
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, actor, refusal)
    messages.success(request, _("It comes by e-mail when the next such period has ended."))
    return redirect("assessment:mail")


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /dashboard/mail/<id>/end/: no more of it."""
    actor = entering(request, READERS)
    unsubscribe(actor=actor, at=timezone.now(), subscription_id=pk)
    messages.success(request, _("It is not sent any more."))
    return redirect("assessment:mail")


def _page(request: HttpRequest, actor: Actor, refusal: Refused | None = None) -> HttpResponse:
    own = Subscription.objects.filter(user_id=actor.user_id or 0)
    sent = Mailing.objects.filter(subscription__in=own).select_related("subscription")
    context = {
        **frame(actor),
        "subscriptions": own.filter(ended_at=None),
        "mailings": sent.order_by("-owed_at", "-pk")[:LATELY],
        "spans": Subscription.Span.choices,
        "forms": Subscription.Form.choices,
        "said": request.POST,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "assessment/mail.html", context, status=status)
