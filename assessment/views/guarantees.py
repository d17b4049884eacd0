"""The guarantee scheme: its years, the settlement sheet of one, and who makes and confirms it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.models import Guarantee, Settlement, Snapshot
from assessment.selectors.guarantees import (
    Deposit,
    Sheet,
    deposits_for,
    get_guarantee,
    settle_year,
    sheets_for,
    year_snapshot,
)
from assessment.selectors.snapshots import visible_snapshots
from assessment.services.guarantees import comment_on, confirm_settlement, make_settlement
from dispatch.selectors.actors import actor_of
from dispatch.views.entry import entering
from gridcity.contracts import Role

SEES = frozenset(
    {Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT, Role.ADMINISTRATOR}
)


@require_GET
def guarantees(request: HttpRequest) -> HttpResponse:
    """GET /guarantees/: the years, and whether each is settled."""
    actor = entering(request, SEES)
    context = {
        "guarantees": Guarantee.objects.select_related("settlement").order_by("-year"),
        "may_edit": Role.ADMINISTRATOR in actor.roles,
    }
    return render(request, "assessment/guarantees.html", context)


@require_GET
def guarantee(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /guarantees/<id>/: the settlement as it was made, or as it would be today."""
    actor = entering(request, SEES)
    found = get_guarantee(pk)
    settlement = Settlement.objects.select_related("snapshot", "made_by", "confirmed_by").filter(
        guarantee=found
    ).first()  # fmt: skip
    snapshot = settlement.snapshot if settlement else year_snapshot(found)
    sheets = sheets_of(found, settlement, snapshot)
    shown = sheets_for(actor, snapshot, sheets) if snapshot else []
    is_chief = Role.DUTY_CHIEF in actor.roles
    paid = [] if snapshot else deposits_for(actor, found)
    context = {
        "guarantee": found,
        "settlement": settlement,
        "snapshot": snapshot,
        # The administrator, or a department without a street, reads the sheet and not the scores.
        "reads_scores": snapshot is not None
        and visible_snapshots(actor).filter(pk=snapshot.pk).exists(),
        "sheets": shown,
        "sums": sums_of(shown),
        "paid": paid,
        "paid_sum": sum(one.amount for each in paid for one in each.depositors),
        "may_make": is_chief and settlement is None and snapshot is not None,
        "may_confirm": is_chief
        and settlement is not None
        and settlement.confirmed_at is None
        and settlement.made_by_id != actor.user_id,
        "may_edit": Role.ADMINISTRATOR in actor.roles and settlement is None,
    }
    return render(request, "assessment/guarantee.html", context)


def sheets_of(
    found: Guarantee, settlement: Settlement | None, snapshot: Snapshot | None
) -> list[Sheet]:
    """As written down; before that, as it would be."""
    if settlement is not None:
        rows: list[dict[str, Any]] = json.loads(settlement.content)["sheets"]
        return [
            Sheet(**{**row, "deposits": [Deposit(**one) for one in row["deposits"]]})
            for row in rows
        ]
    return [] if snapshot is None else settle_year(found, snapshot)


def sums_of(sheets: list[Sheet]) -> dict[str, int]:
    """The money of all lines together."""
    lines = [one for sheet in sheets for one in sheet.deposits]
    return {
        "amount": sum(one.amount for one in lines),
        "refund": sum(one.refund or 0 for one in lines),
        "reward": sum(one.reward or 0 for one in lines),
        "forfeited": sum(one.forfeited or 0 for one in lines),
    }


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /guarantees/<id>/settle/: written down as it is now; once."""
    make_settlement(guarantee_id=pk, actor=actor_of(request.user), at=timezone.now())
    messages.success(request, _("The settlement is written down; somebody else confirms it."))
    return redirect("assessment:guarantee", pk)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /guarantees/<id>/confirm/: by another duty chief than who made it."""
    confirm_settlement(guarantee_id=pk, actor=actor_of(request.user), at=timezone.now())
    messages.success(request, _("The settlement is confirmed."))
    return redirect("assessment:guarantee", pk)


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /scores/<id>/comment/ with words."""
    comment_on(
        snapshot_id=pk, actor=actor_of(request.user), at=timezone.now(),
        words=request.POST.get("words", ""),
    )  # fmt: skip
    return redirect("assessment:ranking", pk)
