"""Proposals of the routing, and the rules, departments and questions they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import Case
from cases.selectors.settings import default_calendar
from dispatch.coverage import Draft
from dispatch.models import Department, Membership, RoutingRule, RoutingVersion
from dispatch.reasons import sentence
from dispatch.routing import (
    Body,
    Dept,
    Index,
    Outcome,
    Proposal,
    Question,
    Rule,
    build_index,
    propose,
)
from parts.models import CatalogueClass, Cell, Community, Street
from parts.selectors import class_by_id, communities, streets
from parts.selectors.compiled import compiled

DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CaseProposal:
    """A proposal as a screen wants it: the department, and why in one sentence."""

    proposal: Proposal
    reason: str

    @property
    def department(self) -> Dept | None:
        return self.proposal.department

    @property
    def automatic(self) -> bool:
        return self.proposal.automatic

    @property
    def rule_id(self) -> int | None:
        last = self.proposal.steps[-1]
        return last.rule.id if last.outcome is Outcome.RULE and last.rule else None


_kept: tuple[int, Index] | None = None


def index_of(version: int | None) -> Index:
    """The index of all rules, kept in this process until the version moves."""
    global _kept
    if _kept is None or version is None or _kept[0] != version:
        _kept = (version or 0, build_index(published_rules(), known_departments()))
    return _kept[1]


_RULE_FIELDS = (
    "id", "kind", "scheme_key", "class_scope", "class_code", "area_code", "department_id",
    "source", "working_time", "automatic", "valid_from", "valid_to",
)  # fmt: skip


def published_rules() -> Iterator[Rule]:
    """Every rule that counts, within its days."""
    rows = RoutingRule.objects.published().order_by("id").values_list(*_RULE_FIELDS)
    return (Rule(*row) for row in rows.iterator(5000))


def rule_of(row: RoutingRule) -> Rule:
    """A rule as plain data."""
    return Rule(*(getattr(row, name) for name in _RULE_FIELDS))


def drafted_rules() -> list[Draft]:
    """The changes that administrators prepare."""
    rows = RoutingRule.objects.drafts().order_by("id").values_list("replaces_id", *_RULE_FIELDS)
    return [Draft(Rule(*row), replaces) for replaces, *row in rows]


def known_departments() -> list[Dept]:
    """All departments, also those that are closed."""
    rows = Department.objects.values_list("id", "code", "name", "uscc", "is_active")
    return [Dept(*row) for row in rows]


def manned_departments() -> QuerySet[Membership, int]:
    """Ids of departments for which somebody may act."""
    return Membership.objects.acting().order_by().values_list("department_id", flat=True).distinct()


BODY_FIELDS = tuple(
    f"part__{body}_{what}" for body in Body for what in ("name", "uscc")
)  # maintainer, owner, competent: name and credit code of each


def proposal_for(case: Case, *, at: datetime) -> CaseProposal | None:
    """The routing's answer for a case, with its reason, in one query.

    None for a case without a cell. The version and the manned departments come with the query;
    rules and departments are read anew only when the version has moved.
    """
    if case.cell_id is None:
        return None
    (row,) = _routed(case_id=case.pk)
    # Names that the process keeps: joined, they made the plan five times as long as the answer.
    entry = class_by_id(row["catalogue_class_id"])
    street, community = streets()[row["street_id"]], communities()[row["community_id"]]
    question = question_of(row, entry, (row["cell_code"], community.code, street.code), at)
    found = propose(index_of(row["routing_version"]), question, frozenset(row["manned"]))
    names = {
        entry.code: f"{entry.code} {entry.name}",
        community.code: community.name,
        street.code: street.name,
    }
    return CaseProposal(found, sentence(found, names))


@compiled
def _routed(case_id: Any) -> QuerySet[Case, dict[str, Any]]:
    """What the routing wants to know of a case, and of itself."""
    return (
        Case.objects.filter(pk=case_id)
        .annotate(
            routing_version=Subquery(RoutingVersion.objects.values("number")[:1]),
            manned=ArraySubquery(manned_departments().values("department_id")),
        )
        .values(
            "routing_version", "manned", "kind", "source", "part_id", *BODY_FIELDS,
            "catalogue_class_id", "community_id", "street_id", cell_code=F("cell__code"),
        )
    )  # fmt: skip


def question_of(
    row: dict[str, Any], entry: CatalogueClass, areas: tuple[str, str, str], at: datetime
) -> Question:
    """The question of a case; `areas` are the codes of its cell, community and street."""
    bodies = None
    if row["part_id"] is not None:
        bodies = {body: (row[f"part__{body}_name"], row[f"part__{body}_uscc"]) for body in Body}
    return Question(
        kind=row["kind"],
        scheme=entry.scheme_id,
        class_code=entry.code,
        areas=(*areas, areas[-1][:DISTRICT_DIGITS]),
        on=timezone.localdate(at),
        source=row["source"],
        is_working=default_calendar().is_working_at(at),
        bodies=bodies,
    )


def area_exists(scope: str, code: str) -> bool:
    """Whether a rule's area is one of this district's, in use now."""
    streets = Street.objects.filter(valid_to=None)
    found: dict[str, Callable[[], bool]] = {
        "cell": Cell.objects.current().filter(code=code).exists,
        "community": Community.objects.filter(valid_to=None, code=code).exists,
        "street": streets.filter(code=code).exists,
        "district": streets.filter(code__startswith=code).exists,
    }
    return scope in found and found[scope]()


def class_exists(*, kind: str, scheme: str, code: str, is_prefix: bool) -> bool:
    """Whether a rule's class, or any class that begins so, is in the catalogue."""
    classes = CatalogueClass.objects.filter(kind=kind, scheme=scheme)
    wanted = Q(code__startswith=code) if is_prefix else Q(code=code)
    return classes.filter(wanted).exists()
