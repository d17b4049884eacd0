"""The overview by e-mail: one's own wishes, and what was sent lately."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from assessment.models import Mailing, Subscription
from assessment.selectors.dashboard import READERS
from assessment.selectors.summary import Choices
from assessment.services.mailings import subscribe, unsubscribe
from assessment.views.screens import choices_in, choices_of
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Refused

LATELY = 20
LONGEST_VIEW = 2000


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/mail/[?the choices of the page]: one's wishes; POST span, form and view (those
    choices) asks for one more."""
    actor = entering(request, READERS)
    if request.method != "POST":
        return _page(request, actor)
    try:
        subscribe(
            actor=actor, at=timezone.now(), span=request.POST.get("span", ""),
            form=request.POST.get("form", ""), email=str(getattr(request.user, "email", "")),
            choices=choices_of(_view_of(request)),
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


def _view_of(request: HttpRequest) -> QueryDict:
    """The choices of the page from which it was asked for."""
    if request.method == "POST":
        return QueryDict(request.POST.get("view", "")[:LONGEST_VIEW])
    return request.GET


def _page(request: HttpRequest, actor: Actor, refusal: Refused | None = None) -> HttpResponse:
    own = Subscription.objects.filter(user_id=actor.user_id or 0)
    sent = Mailing.objects.filter(subscription__in=own).select_related("subscription")
    view = _view_of(request)
    wishes = [(one, Choices(**one.choices).words) for one in own.filter(ended_at=None)]
    context = {
        **frame(actor),
        "subscriptions": wishes,
        "view": urlencode(choices_in(view)),
        "chosen": choices_of(view).words,
        "mailings": sent.order_by("-owed_at", "-pk")[:LATELY],
        "spans": Subscription.Span.choices,
        "forms": Subscription.Form.choices,
        "said": request.POST,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "assessment/mail.html", context, status=status)
