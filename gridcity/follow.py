"""A citizen's own case: followed by number and query code, added to, rated after its end.

Nobody needs an account for it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Satisfaction
from cases.services.ending import rate_case
from cases.services.evidence import PhotoInput, prepare_photos
from dispatch.selectors.followed import follow
from dispatch.services.supplementing import supplement_own
from gridcity.citizens.large import chooses_type
from gridcity.contracts import Invalid, NotVisible, Refused
from gridcity.logins import check_address, client_address, note_failure

UNKNOWN = _("There is no report with this number and code. Look at both again.")
FORGOTTEN = _("Names and numbers of who reported are deleted in time, and the code with them.")


class KeyForm(forms.Form):
    """Number and code, as the receipt has them; spaces and small letters do no harm."""

    number = forms.CharField(label=_("Case number"), max_length=24)
    code = forms.CharField(label=_("Query code"), max_length=16)

    def clean_number(self) -> str:
        return "".join(self.cleaned_data["number"].split())

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).upper()


class RatingForm(KeyForm):
    """How satisfied a citizen is, beside the key of his case."""

    degree = forms.ChoiceField(
        label=_("How satisfied are you?"), choices=Satisfaction.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Anything you would like to say"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class SupplementForm(KeyForm):
    """What he adds, beside the key of his case; photos come as files."""

    description = forms.CharField(
        label=_("What would you like to add?"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@chooses_type
def page(request: HttpRequest) -> HttpResponse:
    """GET /follow/: number and code are asked for; POST shows what became of the report."""
    if request.method != "POST":
        return _asking(request, KeyForm(initial={"number": request.GET.get("number", "")[:24]}))
    check_address(request, at=timezone.now())
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _asking(request, form, status=400)
    return _shown(request, form.cleaned_data)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """POST /follow/rate/: once, within some days of the end."""
    at = timezone.now()
    check_address(request, at=at)
    form = RatingForm(request.POST)
    key = KeyForm(request.POST)
    if not key.is_valid():
        return _asking(request, key, status=400)
    if not form.is_valid():
        return _shown(request, key.cleaned_data, rating=form, status=400)
    said = form.cleaned_data
    try:
        rate_case(
            number=said["number"], query_code=said["code"], degree=said["degree"], at=at,
            words=said["words"],
        )  # fmt: skip
    except NotVisible:
        return _unknown(request, key)
    except Refused as refusal:
        return _shown(request, said, refusal=refusal, status=refusal.status)
    return _shown(request, said)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_POST
def supplement(request: HttpRequest) -> HttpResponse:
    """POST /follow/supplement/: words and photos, while the case is open."""
    at = timezone.now()
    check_address(request, at=at)
    form, key = SupplementForm(request.POST), KeyForm(request.POST)
    if not key.is_valid():
        return _asking(request, key, status=400)
    if not form.is_valid():
        return _shown(request, key.cleaned_data, adding=form, status=400)
    said = form.cleaned_data
    try:
        follow(number=said["number"], code=said["code"], at=at)  # before photos cost anything
        photos = prepare_photos([PhotoInput(file) for file in request.FILES.getlist("photos")])
        supplement_own(
            number=said["number"], query_code=said["code"], at=at, words=said["description"],
            photos=photos,
        )  # fmt: skip
    except NotVisible:
        return _unknown(request, key)
    except Refused as refusal:
        return _shown(request, said, adding=form, refusal=refusal, status=refusal.status)
    return _shown(request, said, is_added=True)


def _shown(
    request: HttpRequest,
    key: dict[str, Any],
    *,
    rating: RatingForm | None = None,
    adding: SupplementForm | None = None,
    is_added: bool = False,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        found = follow(number=key["number"], code=key["code"], at=timezone.now())
    except NotVisible:
        return _unknown(request, KeyForm(key))
    context = {
        "found": found,
        "key": key,
        "rating": rating or RatingForm(initial=key),
        "adding": adding or SupplementForm(initial=key),
        "is_added": is_added,
        "refusal": refusal,
    }
    return render(request, "gridcity/followed.html", context, status=status)


def _unknown(request: HttpRequest, form: KeyForm) -> HttpResponse:
    """Number and code are one secret: which of them is wrong is not told."""
    note_failure(what="follow", path="/follow/", address=client_address(request), at=timezone.now())
    return _asking(request, form, refusal=Invalid(UNKNOWN), status=404)


def _asking(
    request: HttpRequest, form: KeyForm, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "refusal": refusal, "forgotten": FORGOTTEN}
    return render(request, "gridcity/follow.html", context, status=status)
