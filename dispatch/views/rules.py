"""The routing rules for administrators: what they say, leave out, say twice, and how they did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.models import Source
from dispatch.coverage import Verdict
from dispatch.models import RoutingRule
from dispatch.models.routing import RuleKind, WorkingTime
from dispatch.months import Month
from dispatch.reasons import describe
from dispatch.routing import Rule
from dispatch.rule_forms import RuleQueryForm
from dispatch.selectors.departments import list_departments
from dispatch.selectors.routing import rule_of
from dispatch.selectors.rule_checks import rules_equal_in_all
from dispatch.selectors.rule_lists import (
    BY_OWNER,
    PUBLISHED_PERCENT,
    Accuracy,
    RuleFilter,
    RulePage,
    accuracy_by_rule,
    area_names,
    class_name,
    department_names,
    get_rules,
    last_full_month,
    list_rules,
    list_turns,
    state_of,
    turns_behind,
)
from dispatch.services.rules import publish_rules, set_automatic
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Invalid, Refused, Role
from parts.selectors import get_class

MONTHS_SHOWN = 6
TABS = {
    "rules": gettext_lazy("Rules"),
    "rules-coverage": gettext_lazy("Coverage"),
    "rules-overlaps": gettext_lazy("Overlaps"),
    "rules-try": gettext_lazy("Try a place"),
    "rules-dry-run": gettext_lazy("Dry run"),
    "rules-accuracy": gettext_lazy("Accuracy"),
}
VERDICTS = {
    Verdict.COUNTS: pgettext_lazy("rule", "counts"),
    Verdict.UNMANNED: pgettext_lazy("rule", "passed over: no active account"),
    Verdict.EQUAL: pgettext_lazy("rule", "equal in all: nobody can decide"),
    Verdict.NOT_YET: pgettext_lazy("rule", "not valid yet"),
    Verdict.ENDED: pgettext_lazy("rule", "no longer valid"),
    Verdict.OTHER_SOURCE: pgettext_lazy("rule", "for another source"),
    Verdict.WORKING_ONLY: pgettext_lazy("rule", "in working time only"),
    Verdict.OFF_ONLY: pgettext_lazy("rule", "outside working time only"),
    Verdict.BEHIND: pgettext_lazy("rule", "comes after the answer"),
}

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Let administrators alone enter, and hand the view the actor. Raises Forbidden."""

    @wraps(view)
    def entered(request: HttpRequest, **named: Any) -> HttpResponse:
        return view(request, entering(request, {Role.ADMINISTRATOR}), **named)

    return entered


def page_frame(actor: Actor, tab: str) -> dict[str, Any]:
    """What every page of the rules shows: the frame and the way to the other pages."""
    tabs = [
        {"url": reverse(f"dispatch:{name}"), "label": label, "is_here": name == tab}
        for name, label in TABS.items()
    ]
    return {**frame(actor), "tabs": tabs, "heading": TABS[tab]}


def words_of(rule: Rule, names: dict[str, str]) -> str:
    """A rule in a few words, its class and area by name; `names` are those of the areas."""
    entry = get_class(scheme=rule.scheme, kind=rule.kind, code=rule.class_code)
    if entry is not None:
        names = {**names, entry.code: f"{entry.code} {entry.name}"}
    return describe(rule, names)


# ---------------------------------------------------------------- the list


@require_safe
@for_administrators
def rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/?kind=&code=&area=&department=&state=&automatic=: rules, newest first."""
    at = timezone.now()
    today, month = timezone.localdate(at), last_full_month(at)
    page, faults = RulePage([], 0, None, None), None
    try:
        wanted = RuleFilter.parse(request.GET.dict())
        page = list_rules(wanted, on=today, cursor=request.GET.get("cursor") or None)
    except Invalid as refusal:
        faults = refusal
    known = accuracy_by_rule([month], rule_ids=[rule.pk for rule in page.rows])
    names = area_names()
    context = {
        **page_frame(actor, "rules"),
        "form": RuleQueryForm(
            request.GET or None, departments=list_departments(), auto_id="query-%s"
        ),
        "faults": faults,
        "page": page,
        "rows": [
            row_of(rule, names, today, known.get(rule.pk, {}).get(month)) for rule in page.rows
        ],
        "month": month,
        "is_filtered": any(request.GET.get(name) for name in RuleFilter.__slots__),
    }
    return render(request, "dispatch/rules.html", context, status=400 if faults else 200)


def row_of(
    rule: RoutingRule, names: dict[str, str], today: date, accuracy: Accuracy | None
) -> dict[str, Any]:
    """A rule as a line of the list."""
    return {
        "rule": rule,
        "kind": RuleKind(rule.kind).label,
        "class_name": class_name(rule),
        "area_name": names.get(rule.area_code, ""),
        "source": Source(rule.source).label if rule.source else "",
        "time": WorkingTime(rule.working_time).label if rule.working_time else "",
        "state": state_of(rule, today),
        "accuracy": accuracy,
    }


@require_POST
@for_administrators
def automatic(request: HttpRequest, actor: Actor, rule_id: int) -> HttpResponse:
    """Switch automatic dispatch by one rule, then back to the list."""
    is_on = request.POST.get("automatic") == "yes"
    set_automatic(actor=actor, at=timezone.now(), rule_id=rule_id, automatic=is_on)
    words = (
        _("Cases that rule #%(rule)d names are dispatched by themselves from now on.")
        if is_on
        else _("Cases that rule #%(rule)d names wait for a dispatcher from now on.")
    )
    messages.success(request, words % {"rule": rule_id})
    return back(request)


@require_POST
@for_administrators
def publish(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Publish drafts: those that are named."""
    ids = [int(text) for text in request.POST.getlist("draft") if text.isdecimal()][:1000]
    try:
        done = publish_rules(actor=actor, at=timezone.now(), ids=ids)
    except Refused as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, _("%(n)d drafts were published.") % {"n": len(done)})
    return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """To the list as it was filtered; never to another host."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return redirect(address)
    return redirect("dispatch:rules")


# ---------------------------------------------------------------- overlaps


@require_safe
@for_administrators
def overlaps(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/overlaps/: rules equal in all, the drafts as if they were published."""
    names, departments = area_names(), department_names()
    drafts = set(RoutingRule.objects.drafts().values_list("pk", flat=True))
    rows = [
        {
            "words": words_of(found.first, names),
            "since": found.since,
            "until": found.until,
            "is_draft": bool({found.first.id, found.second.id} & drafts),
            "is_same": found.first.department == found.second.department,
            "rules": [
                (rule.id, departments[rule.department], rule.id in drafts)
                for rule in (found.first, found.second)
            ],
        }
        for found in rules_equal_in_all()
    ]
    context = {**page_frame(actor, "rules-overlaps"), "rows": rows}
    return render(request, "dispatch/rules_overlaps.html", context)


# ---------------------------------------------------------------- accuracy


@require_safe
@for_administrators
def accuracy(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /routing/accuracy/?month=2026-05[&rule=]: each rule in six months, newest first."""
    at = timezone.now()
    month, faults = asked_month(request, at)
    months = month.last(MONTHS_SHOWN)
    rule_id = number_of(request, "rule")
    counted = accuracy_by_rule(months, rule_ids=None if rule_id is None else [rule_id])
    sums = [sum_of(counted, each) for each in months]
    context = {
        **page_frame(actor, "rules-accuracy"),
        "faults": faults,
        "months": months,
        "month": month,
        "older": months[-1].before,
        "newer": month.after if month < Month.of(timezone.localdate(at)) else None,
        "rows": accuracy_rows(counted, months),
        "sums": sums,
        "by_itself": [(each, total.by_itself) for each, total in sums],
        "rule_id": rule_id,
        "published_percent": PUBLISHED_PERCENT,
    }
    return render(request, "dispatch/rules_accuracy.html", context, status=400 if faults else 200)


def asked_month(request: HttpRequest, at: datetime) -> tuple[Month, Invalid | None]:
    """The month of the address; the running one where none, or an unreadable one, is named."""
    try:
        if text := request.GET.get("month", ""):
            return Month.parse(text), None
    except Invalid as refusal:
        return Month.of(timezone.localdate(at)), refusal
    return Month.of(timezone.localdate(at)), None


def number_of(request: HttpRequest, name: str) -> int | None:
    """A rule's number in the address, 0 for owners of parts; None where none is named."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def accuracy_rows(
    counted: dict[int, dict[Month, Accuracy]], months: list[Month]
) -> list[dict[str, Any]]:
    """Rules with their months, those with most wrong dispatches first."""
    named, names = get_rules(counted), area_names()
    rows = [
        {
            "id": rule_id,
            "words": words_of(rule_of(named[rule_id]), names) if rule_id in named else "",
            "department": named[rule_id].department.name if rule_id in named else "",
            "is_automatic": rule_id in named and named[rule_id].automatic,
            "months": [(month, by_month.get(month, Accuracy())) for month in months],
            "sum": sum(by_month.values(), Accuracy()),
        }
        for rule_id, by_month in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row["sum"].wrong, -row["sum"].dispatched, row["id"]))


def sum_of(counted: dict[int, dict[Month, Accuracy]], month: Month) -> tuple[Month, Accuracy]:
    found = [by_month[month] for by_month in counted.values() if month in by_month]
    return month, sum(found, Accuracy())


@require_safe
@for_administrators
def dispatches(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET …/dispatches/?month=&rule=&what=wrong|overruled&automatic=yes: behind a figure."""
    month, faults = asked_month(request, timezone.now())
    rule_id, what = number_of(request, "rule"), request.GET.get("what", "")
    by_itself = request.GET.get("automatic") == "yes"
    rows = turns_behind(month, rule_id=rule_id, what=what, automatic=by_itself)
    page = list_turns(rows, cursor=request.GET.get("cursor") or None)
    rule = get_rules([rule_id]).get(rule_id) if rule_id else None
    context = {
        **page_frame(actor, "rules-accuracy"),
        "faults": faults,
        "month": month,
        "what": what,
        "by_itself": by_itself,
        "page": page,
        "rule_words": words_of(rule_of(rule), area_names()) if rule else "",
        "is_owner": rule_id == BY_OWNER,
        "rule_id": rule_id,
    }
    return render(request, "dispatch/rules_dispatches.html", context, status=400 if faults else 200)
