"""Lists of routing rules, and how often each was right: its accuracy by month (domain law §8).

Accuracy is the share of dispatches by a rule's proposal that were neither returned nor reassigned.
A dispatch or return that was undone counts nowhere; nor does a designation, which the dispatcher
and the duty chief decided and no department may return.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from cases.selectors.paging import PAGE_SIZE, page_of
from dispatch.models import Department, RoutingRule, Turn, TurnEnd
from dispatch.models.routing import RuleKind
from dispatch.months import Month
from dispatch.selectors.case_lists import one_of
from parts.selectors.catalogue import get_class
from parts.selectors.keys import communities, streets

IDS = ("id",)
WRONG_ENDS = (TurnEnd.RETURNED, TurnEnd.REASSIGNED)
FOLLOWED = Q(department=F("proposal_department"))
WRONG = FOLLOWED & Q(end_kind__in=WRONG_ENDS)
# Only the first turn tells whether a dispatcher trusted the proposal: after a wrong dispatch the
# rule proposes the same department again.
OVERRULED = Q(number=1) & ~FOLLOWED
STATES = ("current", "coming", "ended", "draft")
BY_OWNER = 0  # in place of a rule's id: the owner of the part was proposed, by no rule
PUBLISHED_PERCENT = 70  # Dongcheng's published figure for automatic dispatch (domain law §8)


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What a list of rules is asked for; empty means all."""

    kind: str = ""
    code: str = ""
    area: str = ""
    department: str = ""
    state: str = ""
    automatic: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> RuleFilter:
        """Read a filter from a query string. Raises Invalid naming the field."""
        one_of("kind", query.get("kind", ""), RuleKind.values)
        one_of("state", query.get("state", ""), STATES)
        one_of("automatic", query.get("automatic", ""), ("yes", "no"))
        # A NUL is no text for the database, and no class, area or department has one.
        return cls(
            **{name: query.get(name, "").replace("\0", "").strip() for name in cls.__slots__}
        )

    def rows(self, on: date) -> QuerySet[RoutingRule]:
        rows = RoutingRule.objects.all()
        equal = {"kind": self.kind, "department__code": self.department}
        rows = rows.filter(**{name: value for name, value in equal.items() if value})
        if self.code:
            rows = rows.filter(class_code__startswith=self.code)
        if self.area:
            rows = rows.filter(area_code__startswith=self.area)
        if self.automatic:
            rows = rows.filter(automatic=self.automatic == "yes")
        return rows.filter(in_state(self.state, on)) if self.state else rows


def in_state(state: str, on: date) -> Q:
    """Rules that count on a day, that will, that did, or that are drafts."""
    match state:
        case "draft":
            return Q(is_draft=True)
        case "coming":
            return Q(is_draft=False, valid_from__gt=on)
        case "ended":
            return Q(is_draft=False, valid_to__lt=on)
    return Q(is_draft=False, valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))


def state_of(rule: RoutingRule, on: date) -> str:
    """Which of STATES a rule is in on a day."""
    if rule.is_draft:
        return "draft"
    if on < rule.valid_from:
        return "coming"
    return "ended" if rule.valid_to is not None and rule.valid_to < on else "current"


@dataclass(frozen=True, slots=True)
class RulePage:
    """Some rules with their departments, how many there are, and the cursors around them."""

    rows: list[RoutingRule]
    total: int
    next: str | None
    previous: str | None


def list_rules(
    wanted: RuleFilter, *, on: date, cursor: str | None = None, size: int = PAGE_SIZE
) -> RulePage:
    """One page of rules, newest first, in three queries."""
    rows = wanted.rows(on)
    page = page_of(rows.values(*IDS), cursor=cursor, size=size)
    found = RoutingRule.objects.filter(pk__in=[row["id"] for row in page.rows])
    listed = found.select_related("department", "replaces").order_by("-id")
    return RulePage(list(listed), rows.count(), page.next, page.previous)


def get_rules(ids: Iterable[int]) -> dict[int, RoutingRule]:
    """Rules by number, with their departments."""
    rows = RoutingRule.objects.select_related("department").filter(pk__in=list(ids))
    return {rule.pk: rule for rule in rows}


def list_drafts() -> list[RoutingRule]:
    """Every draft with its department and the rule that it replaces."""
    rows = RoutingRule.objects.drafts().select_related("department", "replaces")
    return list(rows.order_by("valid_from", "id"))


def area_names() -> dict[str, str]:
    """Names of streets and communities by code, for `reasons.describe`."""
    return {row.code: row.name for rows in (streets(), communities()) for row in rows.values()}


def class_name(rule: RoutingRule) -> str:
    """The name of a rule's one class; empty for a prefix or every class."""
    entry = get_class(scheme=rule.scheme_key, kind=rule.kind, code=rule.class_code)
    return entry.name if entry is not None and rule.class_scope == "code" else ""


# ---------------------------------------------------------------- accuracy


class Accuracy(NamedTuple):
    """How the dispatches by one rule went in a month; those without a dispatcher also apart."""

    dispatched: int = 0
    wrong: int = 0
    automatic: int = 0
    overruled: int = 0
    automatic_wrong: int = 0

    @property
    def percent(self) -> float | None:
        """The share that was right, in percent; None where nothing was dispatched."""
        if not self.dispatched:
            return None
        return 100 * (self.dispatched - self.wrong) / self.dispatched

    @property
    def by_itself(self) -> Accuracy:
        """The automatic dispatches alone, which the published figure speaks of (domain law §8)."""
        return Accuracy(self.automatic, self.automatic_wrong, self.automatic, 0,
                        self.automatic_wrong)  # fmt: skip

    def __add__(self, other: object) -> Accuracy:
        assert isinstance(other, Accuracy)
        return Accuracy(*(a + b for a, b in zip(self, other, strict=True)))


def proposed_turns(months: Collection[Month]) -> QuerySet[Turn]:
    """Dispatches of these months that routing had proposed something for."""
    return Turn.objects.filter(
        began_at__gte=min(months).begins,
        began_at__lt=max(months).ends,
        proposal_department__isnull=False,
        is_designation=False,
    ).exclude(end_kind=TurnEnd.UNDONE)


def accuracy_by_rule(
    months: Collection[Month], *, rule_ids: Collection[int] | None = None
) -> dict[int, dict[Month, Accuracy]]:
    """The accuracy of each rule in each month of dispatch, in one query."""
    rows = proposed_turns(months)
    if rule_ids is not None:
        rows = rows.filter(proposal_rule__in=rule_ids)
    zone = timezone.get_current_timezone()
    counted = (
        rows.order_by()
        .values("proposal_rule", month=TruncMonth("began_at", tzinfo=zone))
        .annotate(
            dispatched=Count("id", filter=FOLLOWED),
            wrong=Count("id", filter=WRONG),
            by_itself=Count("id", filter=FOLLOWED & Q(automatic=True)),
            overruled=Count("id", filter=OVERRULED),
            wrong_by_itself=Count("id", filter=WRONG & Q(automatic=True)),
        )
    )
    found: defaultdict[int, dict[Month, Accuracy]] = defaultdict(dict)
    for row in counted:
        month = Month.of(row["month"])
        found[row["proposal_rule"] or BY_OWNER][month] = Accuracy(
            row["dispatched"], row["wrong"], row["by_itself"], row["overruled"],
            row["wrong_by_itself"],
        )  # fmt: skip
    return dict(found)


def turns_behind(
    month: Month, *, rule_id: int | None, what: str = "", automatic: bool = False
) -> QuerySet[Turn]:
    """The dispatches that a figure counts: all of them, the `wrong` or the `overruled` ones."""
    conditions = {"wrong": WRONG, "overruled": OVERRULED}
    rows = proposed_turns([month]).filter(conditions.get(what, FOLLOWED))
    if rule_id is not None:
        rows = rows.filter(proposal_rule=rule_id or None)
    if automatic:
        rows = rows.filter(automatic=True)
    return rows


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Some dispatches with case and departments, how many there are, and the cursors around."""

    rows: list[Turn]
    total: int
    next: str | None
    previous: str | None


def list_turns(rows: QuerySet[Turn], *, cursor: str | None, size: int = PAGE_SIZE) -> TurnPage:
    """One page of dispatches, newest first, in three queries."""
    page = page_of(rows.values(*IDS), cursor=cursor, size=size)
    found = (
        Turn.objects.filter(pk__in=[row["id"] for row in page.rows])
        .select_related(
            "case__catalogue_class", "case__street", "department", "proposal_department"
        )
        .order_by("-id")
    )
    return TurnPage(list(found), rows.count(), page.next, page.previous)


def department_names() -> dict[int, str]:
    return dict(Department.objects.values_list("pk", "name"))


def last_full_month(at: datetime) -> Month:
    """The month before the one that runs: what a dry run asks, and accuracy is read from."""
    return Month.of(timezone.localdate(at)).before
