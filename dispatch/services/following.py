"""What a new edition of the grid means for the routing rules, which name areas by their codes.

Rules of codes that go on, go on. A new cell, community or street gets the rules of the one whose
ground it took; the rules of a code that is no more stay for the cases that were filed in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from dispatch.models import RoutingRule
from dispatch.models.routing import AreaScope
from gridcity.contracts import Actor
from parts.services.grid.following import Passage

SHOWN = 200
COPIED = (
    "kind", "scheme_key", "class_scope", "class_code", "area_scope", "source", "working_time",
    "department_id", "automatic",
)  # fmt: skip


def follow_edition(actor: Actor, passage: Passage) -> dict[str, Any]:
    """Copy rules to the new codes, from the day of the publication on; in its transaction.

    A new code that has a rule already keeps that alone. Says how many were written, for which.
    """
    written: list[RoutingRule] = []
    for scope, came_from in (
        (AreaScope.CELL, passage.cells),
        (AreaScope.COMMUNITY, passage.communities),
        (AreaScope.STREET, passage.streets),
    ):
        written += copies(scope, came_from, passage)
    RoutingRule.objects.bulk_create(written)
    codes = sorted({rule.area_code for rule in written})
    return {"copied": len(written), "codes": codes[:SHOWN]}


def copies(scope: AreaScope, came_from: Mapping[str, str], passage: Passage) -> list[RoutingRule]:
    """The rules that the new codes of one kind of area take over."""
    if not came_from:
        return []
    holds = Q(valid_to=None) | Q(valid_to__gte=passage.on)
    rules = RoutingRule.objects.published().filter(holds, area_scope=scope)
    busy = set(rules.filter(area_code__in=list(came_from)).values_list("area_code", flat=True))
    by_code: dict[str, list[RoutingRule]] = {}
    for rule in rules.filter(area_code__in=set(came_from.values())).order_by("pk"):
        by_code.setdefault(rule.area_code, []).append(rule)
    return [
        copy_of(rule, new, passage)
        for new, old in sorted(came_from.items())
        if new not in busy
        for rule in by_code.get(old, ())
    ]


def copy_of(rule: RoutingRule, code: str, passage: Passage) -> RoutingRule:
    values = {name: getattr(rule, name) for name in COPIED}
    return RoutingRule(
        **values,
        area_code=code,
        valid_from=max(rule.valid_from, passage.on),
        valid_to=rule.valid_to,
        note=f"#{rule.pk} {rule.area_code}",
    )
