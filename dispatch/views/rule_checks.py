"""Asking the routing rules: coverage, one place, and last month's cases (domain law §8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.selectors.paging import PAGE_SIZE
from dispatch.coverage import Cover
from dispatch.dry_run_job import KEY, moved_page
from dispatch.months import Month
from dispatch.reasons import sentence
from dispatch.rule_forms import CoverageForm, DryRunForm, TryForm
from dispatch.selectors.routing import rule_of
from dispatch.selectors.rule_checks import (
    CellAnswer,
    MatrixRow,
    Trial,
    areas_of,
    cell_answers,
    coverage_matrix,
    part_named,
    try_place,
)
from dispatch.selectors.rule_lists import (
    area_names,
    department_names,
    last_full_month,
    list_drafts,
)
from dispatch.views.rules import VERDICTS, for_administrators, page_frame, words_of
from gridcity.contracts import Actor, Invalid, NotVisible
from jobs.models import Job
from jobs.selectors import get_job, show_job
from jobs.services import enqueue_job
from parts.models import CatalogueClass
from parts.selectors import current_scheme, get_class, list_classes, locate_place
from parts.selectors.catalogue import list_schemes

# ---------------------------------------------------------------- coverage


@require_safe
@for_administrators
def coverage(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/coverage/?scheme=&kind=&on=&drafts=&gaps=: class × street."""
    form = CoverageForm(
        request.GET or None, schemes=list_schemes(), auto_id="query-%s",
        initial={"on": timezone.localdate()},
    )  # fmt: skip
    asked = asked_of(form)
    matrix = coverage_matrix(
        on=asked["on"], scheme=asked["scheme"], kind=asked["kind"], drafts=asked["drafts"]
    )
    names, departments = area_names(), department_names()
    rows = [row for row in matrix.rows if row.gaps or not asked["gaps"]]
    context = {
        **page_frame(actor, "rules-coverage"),
        "form": form,
        "asked": asked,
        "matrix": matrix,
        "streets": [(code, names.get(code, code)) for code in matrix.streets],
        "rows": [matrix_row(row, matrix.streets, departments) for row in rows],
        "question": query_of(asked),
    }
    return render(request, "dispatch/rules_coverage.html", context, status=status_of(form))


def asked_of(form: CoverageForm | DryRunForm) -> dict[str, Any]:
    """What a form asks for, with today and the current scheme where it says nothing."""
    said = dict(form.cleaned_data) if form.is_valid() else {}
    defaults = {
        "on": timezone.localdate(),
        "scheme": current_scheme(),
        "kind": "event",
        "drafts": False,
        "gaps": False,
    }
    return {name: said.get(name) or value for name, value in defaults.items()}


def status_of(form: CoverageForm | DryRunForm | TryForm) -> int:
    return 400 if form.is_bound and not form.is_valid() else 200


def query_of(asked: dict[str, Any]) -> str:
    """The question as an address, for the pages below."""
    said = {"scheme": asked["scheme"], "kind": asked["kind"], "on": asked["on"].isoformat()}
    return urlencode(said | ({"drafts": "on"} if asked["drafts"] else {}))


def named(entry: CatalogueClass) -> dict[str, str]:
    """The name of a class by its code, as `reasons.sentence` wants it."""
    return {entry.code: f"{entry.code} {entry.name}"}


def matrix_row(row: MatrixRow, streets: list[str], departments: dict[int, str]) -> dict[str, Any]:
    """A class with a square for each street."""
    squares = [
        {"street": street, "cover": each, "owners": owners(each, departments)}
        for street, each in zip(streets, row.covers, strict=True)
    ]
    return {"entry": row.entry, "squares": squares, "gaps": row.gaps}


def owners(cover: Cover, departments: dict[int, str]) -> list[str]:
    return sorted(departments[pk] for pk in cover.departments)


@require_safe
@for_administrators
def cells(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/coverage/cells/?scheme=&kind=&on=&code=&street=&gaps=: down to the cells."""
    form = CoverageForm(request.GET, schemes=list_schemes(), auto_id="query-%s")
    asked = asked_of(form)
    code, street = request.GET.get("code", ""), request.GET.get("street", "")
    entry = get_class(scheme=asked["scheme"], kind=asked["kind"], code=code)
    names = area_names()
    if entry is None or street not in names:
        raise NotVisible
    found = cell_answers(on=asked["on"], entry=entry, street=street, drafts=asked["drafts"])
    shown = [each for each in found if each.is_gap or not asked["gaps"]]
    context = {
        **page_frame(actor, "rules-coverage"),
        "asked": asked,
        "entry": entry,
        "street": street,
        "street_name": names[street],
        "rows": [cell_row(each, names | named(entry)) for each in shown],
        "gaps": sum(each.is_gap for each in found),
        "total": len(found),
        "question": query_of(asked),
    }
    return render(request, "dispatch/rules_cells.html", context)


def cell_row(each: CellAnswer, names: dict[str, str]) -> dict[str, Any]:
    """A cell with who answers, and why; at other hours only where it differs."""
    is_alike = each.off.department == each.working.department
    return {
        "code": each.areas[0],
        "community": names.get(each.areas[1], each.areas[1]),
        "is_gap": each.is_gap,
        "answers": [
            {"when": when, "department": answer.department, "why": sentence(answer, names)}
            for when, answer in (
                ("" if is_alike else _("in working time"), each.working),
                *(() if is_alike else ((_("outside working time"), each.off),)),
            )
        ],
    }


# ---------------------------------------------------------------- one place


@require_safe
@for_administrators
def try_one(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/try/?entry=event:0102&cell=|lon=&lat=|part_code=&source=&at=."""
    now = timezone.now()
    form = TryForm(
        request.GET or None, classes=list_classes(), auto_id="query-%s",
        initial={"at": timezone.localtime(now).replace(tzinfo=None)},
    )  # fmt: skip
    trial, at = None, now
    if form.is_bound and form.is_valid():
        at = form.cleaned_data["at"] or now
        try:
            trial = tried(form.cleaned_data, at)
        except Invalid as refusal:
            for field, lines in refusal.fields.items():
                form.add_error(field, [str(line) for line in lines])
    names, departments = area_names(), department_names()
    pin: dict[str, Any] = {"movable": True}
    if form["lon"].value() and form["lat"].value():
        pin |= {"lon": form["lon"].value(), "lat": form["lat"].value()}
    context = {
        **page_frame(actor, "rules-try"),
        "form": form,
        "trial": trial,
        "at": at,
        "why": sentence(trial.answer, names | named(trial.entry)) if trial else "",
        "places": [(code, names.get(code, "")) for code in trial.areas[:3]] if trial else [],
        "rows": weighed_rows(trial, names, departments) if trial else [],
        "map": {"pin": pin, "zoom": 14},
    }
    return render(request, "dispatch/rules_try.html", context, status=status_of(form))


def tried(said: dict[str, Any], at: datetime) -> Trial:
    """Ask for what was typed: a part, else a cell, else a pin. Raises Invalid naming the field."""
    kind, _mark, code = said["entry"].partition(":")
    entry = get_class(scheme=None, kind=kind, code=code)
    assert entry is not None
    part = None
    if said["part_code"]:
        part = part_named(said["part_code"])
        if part is None or part.cell is None:
            raise Invalid(_("There is no such part."), part_code=_("There is no such part."))
    cell = said["cell"] or (part.cell.code if part and part.cell else "") or pinned(said)
    areas = areas_of(cell)
    if areas is None:
        raise Invalid(_("There is no such cell."), cell=_("Name a cell, or set the pin."))
    source = said["source"]
    part = part if kind == "part" else None
    return try_place(entry=entry, areas=areas, at=at, source=source, part=part)


def pinned(said: dict[str, Any]) -> str:
    """The cell under the pin; empty without a pin, or outside the district."""
    if said["lon"] is None or said["lat"] is None:
        return ""
    place = locate_place(lon=said["lon"], lat=said["lat"])
    return place.cell_code if place else ""


def weighed_rows(
    trial: Trial, names: dict[str, str], departments: dict[int, str]
) -> list[dict[str, Any]]:
    return [
        {
            "rule": each.rule,
            "words": words_of(each.rule, names),
            "department": departments[each.rule.department],
            "verdict": each.verdict.value,
            "says": VERDICTS[each.verdict],
        }
        for each in trial.weighed
    ]


# ---------------------------------------------------------------- dry run


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def dry(request: HttpRequest, actor: Actor) -> HttpResponse:
    """/routing/dry-run/: asked for by POST (on, drafts), done in the background, read by ?job=."""
    at = timezone.now()
    today, month = timezone.localdate(at), last_full_month(at)
    form = DryRunForm(
        request.POST or None, auto_id="query-%s", initial={"on": today, "drafts": True}
    )
    if request.method == "POST" and form.is_valid():
        said = {
            "today": today.isoformat(),
            "on": (form.cleaned_data["on"] or today).isoformat(),
            "drafts": form.cleaned_data["drafts"],
            "month": f"{month.first:%Y-%m}",
        }
        title = __("Dry run of the routing: rules of %(day)s over the cases of %(month)s") % {
            "day": said["on"], "month": said["month"],
        }  # fmt: skip
        job = enqueue_job(actor=actor, at=at, kind=KEY, title=title, arguments=said)
        return redirect(f"{request.path}?job={job.pk}")
    names = area_names()
    context: dict[str, Any] = {
        **page_frame(actor, "rules-dry-run"), "form": form, "month": month, "run": None,
        "drafts": [(rule, words_of(rule_of(rule), names)) for rule in list_drafts()],
        **asked_before(request),
    }  # fmt: skip
    return render(request, "dispatch/rules_dry_run.html", context, status=status_of(form))


def asked_before(request: HttpRequest) -> dict[str, Any]:
    """The dry run of ?job=: how far it is, or what came of it."""
    text = request.GET.get("job", "")
    if not text.isdecimal() or len(text) > 18:
        return {}
    view = show_job(get_job(request.user, int(text)))
    if view.job.kind != KEY:
        raise NotVisible
    if view.job.state != view.job.State.DONE:
        return {"job": view.job, "view": view}
    return {"job": view.job, "view": view, **run_context(request, view.job)}


def run_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    """The pairs of departments, and one page of the cases that would move."""
    pair = asked_pair(request)
    number = int(text) if (text := request.GET.get("cursor", "")[:9]).isdecimal() else 0
    shown = moved_page(job, pair=pair, number=number)
    result: dict[str, Any] = job.result or {"asked": 0, "moved": 0, "pairs": []}
    return {
        "run": result,
        "on": date.fromisoformat(job.arguments["on"]),
        "month": Month.parse(job.arguments["month"]),
        "pairs": [
            {
                "before": before, "after": after, "count": count,
                "is_here": pair == (before, after),
                "url": f"?{urlencode({'job': job.pk, 'from': before, 'to': after})}",
            }
            for before, after, count in result["pairs"]
        ],
        "all_url": f"?{urlencode({'job': job.pk})}",
        "pair": pair,
        "rows": shown.rows,
        "total": shown.total,
        "first": number * PAGE_SIZE,
        "next": str(number + 1) if shown.total > (number + 1) * PAGE_SIZE else None,
        "previous": str(number - 1) if number else None,
    }  # fmt: skip


def asked_pair(request: HttpRequest) -> tuple[str, str] | None:
    """The departments of the address by name; an empty one stands for nobody."""
    said = [request.GET.get(name) for name in ("from", "to")]
    return (said[0], said[1]) if said[0] is not None and said[1] is not None else None
