"""One's own results: a department's and a person's, each number opening its rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from assessment.forms import period_asked
from assessment.indicators import Grain, defined_as
from assessment.periods import Period, period_from, shortcuts_of
from assessment.posts import POSTS
from assessment.selectors.due import due_at_post, due_soonest, misses_to_object
from assessment.selectors.explained import explain
from assessment.selectors.lists import page_rows
from assessment.selectors.own import (
    OF_DEPARTMENT,
    OF_POST,
    OPEN_TO_DEPARTMENT,
    OwnScore,
    Person,
    Scope,
    count_own,
    own_indicator,
    own_scores,
    people_led_by,
    person_for,
    rows_of_own,
    scores_of,
)
from assessment.selectors.snapshots import period_of
from assessment.views.reading import lists_for
from cases.selectors.rosters import shift_in_words
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, NotVisible, Role


@require_GET
def department(request: HttpRequest) -> HttpResponse:
    """GET /scores/mine/[?period=…]: a department's scores, what it can save, what cost points."""
    actor = _member(request)
    now = timezone.now()
    period, form, status = period_asked(request.GET.dict(), now, "month")
    scores = own_scores(actor)
    rows_url = reverse("assessment:own-department-rows")
    lists = lists_for(actor, scores[0].snapshot.subject, scores[0].row.key) if scores else ""
    context = _frame(period) | frame(actor) | _latest(actor, scores, lists) | {
        "form": form,
        "scores": scores,
        "due": due_soonest(actor, now),
        "figures": count_own(
            OF_DEPARTMENT, Scope(actor, period),
            lambda **more: period.address(rows_url, **more),
        ),
    }  # fmt: skip
    return render(request, "assessment/own_department.html", context, status=status)


@require_GET
def department_rows(request: HttpRequest) -> HttpResponse:
    """GET /scores/mine/rows/?figure=…&period=…[&lost=1|&uncounted=1]: behind one of the numbers."""
    actor = _member(request)
    scope = Scope(actor, period_from(request.GET, timezone.now()))
    above = (reverse("assessment:own-department"), _("Our results"))
    context = _rows(request, OPEN_TO_DEPARTMENT, scope, above)
    if context["indicator"].grain is Grain.TASK:
        for row in context["page"].rows:
            row["assignee__full_name"] = ""  # who checked the work is not told to whose work it was
    return render(request, "assessment/own_list.html", context | {"may_appeal": True})


@require_GET
def person(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """GET /scores/own/ and, for a duty chief, /scores/people/<id>/: one person's figures."""
    actor, whom = _reading(request, user_id)
    now = timezone.now()
    period, form, status = period_asked(request.GET.dict(), now, "month")
    rows_url = _address("rows", user_id)
    is_own = user_id is None
    posts = [
        _scored(actor, role, whom.username) | {
            "role": role,
            "figures": count_own(
                OF_POST[role], Scope(actor, period, whom.username),
                lambda **more: period.address(rows_url, **more),
            ),
            "due": due_at_post(actor, role, now) if is_own else None,
            "misses": misses_to_object(actor, now) if is_own and role == Role.SUPERVISOR else [],
        }
        for role in whom.roles
    ]  # fmt: skip
    context = _frame(period) | frame(actor) | {
        "form": form,
        "person": whom,
        "is_own": is_own,
        "shift": shift_in_words(user_id=whom.pk, on=timezone.localdate(now)) if is_own else "",
        "posts": posts,
        "leads": Role.DUTY_CHIEF in actor.roles,
    }  # fmt: skip
    return render(request, "assessment/own_person.html", context, status=status)


def _scored(actor: Actor, post: str, username: str) -> dict[str, Any]:
    """The last scores of a person in a post, and the latest one opened into its terms."""
    scores = scores_of(actor, post, username)
    lists = lists_for(actor, post, username) if scores else ""
    return _latest(actor, scores, lists) | {"scores": scores}


def _latest(actor: Actor, scores: list[OwnScore], lists: str) -> dict[str, Any]:
    """The terms of the latest score, with their parts and what each of them lost."""
    if not scores:
        return {"terms": [], "opens_lists": False, "first_period": None}
    first = scores[0]
    return {
        "terms": explain(
            actor, first.snapshot, first.row, lists, reverse("assessment:inspections")
        ),
        "opens_lists": bool(lists),
        "first_period": period_of(first.snapshot),
    }


@require_GET
def person_rows(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """GET …/rows/?figure=…&period=…[&lost=1]: the rows behind one number of a person."""
    actor, whom = _reading(request, user_id)
    keys = tuple(key for role in whom.roles for key in OF_POST[role])
    scope = Scope(actor, period_from(request.GET, timezone.now()), whom.username)
    above = (_address("", user_id), _("My results") if user_id is None else whom.name)
    context = _rows(request, keys, scope, above)
    is_miss = context["indicator"].key == "missed_on_patrol"
    context["may_object"] = is_miss and user_id is None
    # Supervisors have no desk on which a case opens.
    context["opens_no_case"] = actor.roles == {Role.SUPERVISOR}
    return render(request, "assessment/own_list.html", context)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """GET /scores/people/: whose page a duty chief may open, by name and without a figure."""
    actor = entering(request, {Role.DUTY_CHIEF})
    return render(request, "assessment/own_people.html", {"people": people_led_by(actor)})


def _member(request: HttpRequest) -> Actor:
    actor = entering(request, {Role.DEPARTMENT})
    if actor.department_id is None:
        raise NotVisible
    return actor


def _reading(request: HttpRequest, user_id: int | None) -> tuple[Actor, Person]:
    actor = entering(request, POSTS)
    return actor, person_for(actor, user_id)


def _address(page: str, user_id: int | None) -> str:
    if user_id is None:
        return reverse(f"assessment:own{'-' if page else ''}{page}")
    return reverse(f"assessment:person{'-' if page else ''}{page}", args=[user_id])


def _rows(
    request: HttpRequest, keys: tuple[str, ...], scope: Scope, above: tuple[str, Any]
) -> dict[str, Any]:
    """The rows of one of these figures, by the definitions of today or of a snapshot's then."""
    period, lost = scope.period, bool(request.GET.get("lost"))
    uncounted = bool(request.GET.get("uncounted"))
    with defined_as(dict(period.former)):
        indicator = own_indicator(keys, request.GET.get("figure", ""))
        found = rows_of_own(indicator, scope, lost=lost, uncounted=uncounted)
    return _frame(period) | {
        "indicator": indicator,
        "named": indicator.label,
        "lost": lost and indicator.better == 1,
        "uncounted": uncounted,
        "rows_id": "own-rows",
        "total": found.count(),
        "page": page_rows([found], indicator.grain, period, cursor=request.GET.get("cursor")),
        "columns": "assessment/includes/_rows.html",
        "above_url": f"{above[0]}?{urlencode(period.query)}",
        "above": above[1],
    }


def _frame(period: Period) -> dict[str, Any]:
    return {"period": period, "shortcuts": shortcuts_of(period)}
