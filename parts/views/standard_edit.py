"""Standards written by administrators: one by one, or a city's own table with a dry run."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridcity.contracts import Actor, NotAllowed, NotVisible, Refused
from jobs.models import Job
from jobs.selectors import get_job
from jobs.services import enqueue_job
from parts.catalogue_forms import AdoptForm, EndStandardForm, StandardForm, TableForm
from parts.models import CatalogueClass, FilingStandard
from parts.selectors.catalogue import current_scheme, list_schemes
from parts.selectors.standards import standards_of_class
from parts.services.standard_table import adopt_standards, plan_adoption
from parts.services.standards import FIELDS, add_standard, end_standard, replace_standard
from parts.standards_job import TABLE
from parts.views.crosswalk import asked_schemes
from parts.views.entry import for_administrators, put_refusal


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def add(request: HttpRequest, actor: Actor, class_id: int) -> HttpResponse:
    """A further standard of a class."""
    entry = CatalogueClass.objects.filter(pk=class_id).first()
    if entry is None:
        raise NotVisible
    form = StandardForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            add_standard(
                actor=actor, at=timezone.now(), class_id=entry.pk, said=form.said(),
                valid_from=form.cleaned_data["valid_from"],
            )  # fmt: skip
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The standard was added."))
            return redirect("parts:class", entry.pk)
    context = {"form": form, "entry": entry, "standard": None}
    return render(
        request, "parts/standard_edit.html", context, status=400 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def edit(request: HttpRequest, actor: Actor, standard_id: int) -> HttpResponse:
    """What is to follow a standard, from which day on; or its end."""
    rows = FilingStandard.objects.select_related("catalogue_class")
    standard = rows.filter(pk=standard_id).first()
    if standard is None:
        raise NotVisible
    is_end = request.POST.get("what") == "end"
    today = timezone.localdate()
    initial = {name: getattr(standard, name) for name in FIELDS}
    form = StandardForm(
        request.POST if request.method == "POST" and not is_end else None,
        initial={**initial, "valid_from": max(today, standard.valid_from)},
        department_kind=standard.department_kind,
    )
    ending = EndStandardForm(request.POST if is_end else None, initial={"last_day": today})
    bound: Any = ending if is_end else form
    if request.method == "POST" and bound.is_valid():
        try:
            return save_edit(request, actor, standard, form=None if is_end else form, end=ending)
        except Refused as refusal:
            put_refusal(bound, refusal)
    entry = standard.catalogue_class
    context = {
        "form": form, "ending": ending, "entry": entry, "standard": standard,
        "others": standards_of_class(entry.pk), "today": today,
    }  # fmt: skip
    return render(
        request, "parts/standard_edit.html", context, status=400 if bound.is_bound else 200
    )


def save_edit(
    request: HttpRequest,
    actor: Actor,
    standard: FilingStandard,
    *,
    form: StandardForm | None,
    end: EndStandardForm,
) -> HttpResponse:
    """One service call by what was sent, then back to the class. Raises what the service raises."""
    who: dict[str, Any] = {
        "actor": actor, "at": timezone.now(), "standard_id": standard.pk,
    }  # fmt: skip
    if form is None:
        end_standard(**who, **end.cleaned_data)
        messages.success(request, _("The standard ends on that day."))
    else:
        first = form.cleaned_data["valid_from"]
        replace_standard(**who, said=form.said(), valid_from=first)
        messages.success(
            request, _("Holds from %(day)s on; cases keep what they were filed with.")
            % {"day": first.isoformat()},
        )  # fmt: skip
    return redirect("parts:class", standard.catalogue_class_id)


# ---------------------------------------------------------------- a city's own table


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def take_table(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Upload a city's own table; it is looked over first, and nothing is written."""
    form = TableForm(
        request.POST or None, request.FILES or None, schemes=list_schemes(),
        initial={"valid_from": timezone.localdate(), "compared": current_scheme()},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        is_own = said["way"] == TableForm.OWN
        job = enqueue_job(
            actor=actor, at=timezone.now(), kind=TABLE,
            title=_("Dry run: standards of %(name)s") % {"name": said["file"].name},
            arguments={
                "scheme": said["key"] if is_own else said["scheme"],
                "is_own": is_own,
                "compared": (said["compared"] or current_scheme()) if is_own else said["scheme"],
                "name": said["name"],
                "valid_from": said["valid_from"].isoformat(),
                "commit": False,
            },
            file=said["file"],
        )  # fmt: skip
        return redirect("jobs:detail", job.pk)
    earlier = Job.objects.filter(kind=TABLE).select_related("asked_by")[:10]
    context = {"form": form, "earlier": earlier}
    return render(
        request, "parts/standards_table.html", context, status=400 if form.is_bound else 200
    )


@require_POST
@for_administrators
def commit_table(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponse:
    """Take in the table that a dry run looked over: the same file, the same choices."""
    dry = get_job(request.user, job_id)
    if dry.kind != TABLE or dry.arguments.get("commit") or dry.state != Job.State.DONE:
        raise NotVisible
    if not dry.input:
        raise NotAllowed(_("The file of this dry run is gone: upload it again."))
    with dry.input.open("rb") as kept:
        name = dry.input.name.rsplit("/", 1)[-1]
        job = enqueue_job(
            actor=actor, at=timezone.now(), kind=TABLE,
            title=_("Take in: standards of %(name)s") % {"name": name},
            arguments={**dry.arguments, "commit": True, "dry_run": dry.pk},
            file=same_file(kept, name),
        )  # fmt: skip
    return redirect("jobs:detail", job.pk)


def same_file(kept: File[bytes], name: str) -> UploadedFile:
    return UploadedFile(file=kept, name=name, size=kept.size)


# ---------------------------------------------------------------- standards along the crosswalk


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def adopt(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET …/adopt/?source=&target=: what classes would take over along confirmed pairs; POST."""
    now = timezone.now()
    source, target = asked_schemes(request.POST or request.GET)
    day = timezone.localdate(now)
    initial = {"source": source, "target": target, "valid_from": day}
    form = AdoptForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plan = adopt_standards(actor=actor, at=now, **form.cleaned_data)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            done = len(plan.new) + len(plan.changed)
            messages.success(request, _("%(n)d standards were taken over.") % {"n": done})
            return redirect(f"{reverse('parts:standards')}?{urlencode({'scheme': target})}")
    plan = plan_adoption(source=source, target=target, valid_from=day)
    context = {
        "form": form, "source": source, "target": target, "plan": plan,
        "found": plan.counted(),
    }  # fmt: skip
    return render(
        request, "parts/standards_adopt.html", context, status=400 if form.is_bound else 200
    )
