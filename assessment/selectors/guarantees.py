"""Which rows of a snapshot are warned of, and what a year's settlement would be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from assessment.dimensions import CODED
from assessment.guarantees import Band, Rule, band_of, bands_from, broken, settle
from assessment.models import (
    Comment,
    Depositor,
    Guarantee,
    Scheme,
    Settlement,
    Snapshot,
    SnapshotKind,
    WarningRule,
)
from assessment.periods import span_of
from assessment.selectors.dashboard import READERS
from assessment.selectors.readers import PREVIEWERS, own_keys
from assessment.selectors.snapshots import ranks_of
from gridcity.contracts import Actor, NotVisible


def rules_for(snapshot: Snapshot) -> list[Rule]:
    """The warnings and vetoes that held on the first day of a snapshot's period."""
    first = timezone.localdate(snapshot.start)
    rows = WarningRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=first),
        scheme_key=snapshot.scheme.key, span=span_of(snapshot.period), valid_from__lte=first,
    )  # fmt: skip
    return [
        Rule(
            one.pk, one.name, one.kind == WarningRule.Kind.VETO, one.measure, one.compared,
            one.bound,
        )
        for one in rows
    ]  # fmt: skip


def warnings_of(snapshot: Snapshot) -> dict[str, list[Rule]]:
    """By the key of each row: the warnings and vetoes that it meets; rows without are left out."""
    rules = rules_for(snapshot)
    if not rules:
        return {}
    rows = json.loads(snapshot.content)["rows"]
    from_last = places_from_last(rows)
    met = {row["key"]: broken(rules, row, from_last.get(row["key"])) for row in rows}
    return {key: found for key, found in met.items() if found}


def places_from_last(rows: list[dict[str, Any]]) -> dict[str, int]:
    """1 for the last of the ranked of a group; all who share the last place are last."""
    ranks = ranks_of(rows)
    groups = {row["key"]: row.get("group", "") for row in rows}
    places: dict[str, list[int]] = {}
    for key, rank in ranks.items():
        places.setdefault(groups[key], []).append(rank)
    below = {group: sorted(set(found), reverse=True) for group, found in places.items()}
    return {key: below[groups[key]].index(rank) + 1 for key, rank in ranks.items()}


# ---------------------------------------------------------------- the year's settlement


@dataclass(frozen=True, slots=True)
class Deposit:
    """One deposit and what becomes of it; None while there is no score."""

    title: str
    kind: str
    amount: int
    refund: int | None
    reward: int | None
    forfeited: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One object's lines in the settlement."""

    key: str
    name: str
    total: str | None
    rank: int | None
    band: str
    warnings: int
    vetoes: list[str]
    advice: bool
    deposits: list[Deposit]


def year_snapshot(guarantee: Guarantee) -> Snapshot | None:
    """The final snapshot of the year under the scheme that decides; the latest correction of it."""
    return _final_of(guarantee.year, guarantee.scheme_key)


def _final_of(year: int, scheme_key: str) -> Snapshot | None:
    rows = Snapshot.objects.select_related("scheme").filter(
        period=str(year), scheme__key=scheme_key
    )
    return rows.exclude(kind=SnapshotKind.PROVISIONAL).order_by("-as_of", "-pk").first()


def settle_year(guarantee: Guarantee, snapshot: Snapshot) -> list[Sheet]:
    """What the bands make of every deposit, by the year's scores, warnings and vetoes."""
    rows = json.loads(snapshot.content)["rows"]
    ranks = ranks_of(rows)
    last = {key for key, place in places_from_last(rows).items() if place == 1}
    met = _met_in(guarantee, snapshot)
    before = _last_before(guarantee)
    bands = bands_from(guarantee.bands)
    deposits: dict[str, list[Depositor]] = defaultdict(list)
    for one in guarantee.depositors.all():
        deposits[one.object_key].append(one)
    sheets = []
    last_rank = len(rows) + 1
    for row in sorted(
        rows, key=lambda row: (row.get("group", ""), ranks.get(row["key"], last_rank), row["key"])
    ):
        key = row["key"]
        vetoes = [rule for rule in met.get(key, ()) if rule.is_veto]
        total = row["score"]["total"]
        band = band_of(None if total is None else Decimal(total), bands, bool(vetoes))
        sheets.append(
            Sheet(
                key=key, name=row["name"], total=total, rank=ranks.get(key),
                band=band.name if band else "",
                warnings=sum(not rule.is_veto for rule in met.get(key, ())),
                vetoes=[rule.name for rule in vetoes],
                advice=key in last and key in before and bool(vetoes),
                deposits=[_deposit(one, band) for one in deposits[key]],
            )
        )  # fmt: skip
    return sheets


def _deposit(one: Depositor, band: Band | None) -> Deposit:
    if band is None:
        return Deposit(one.title, one.kind, one.amount, None, None, None)
    found = settle(one.amount, band, one.kind == Depositor.Kind.UNIT)
    return Deposit(one.title, one.kind, one.amount, found.refund, found.reward, found.forfeited)


def _met_in(guarantee: Guarantee, of_year: Snapshot) -> Mapping[str, list[Rule]]:
    """All warnings and vetoes of the year: its own, and of each shorter period by final figures.

    Of a period that was corrected the latest correction speaks.
    """
    rows = (
        Snapshot.objects.select_related("scheme")
        .filter(
            scheme__key=guarantee.scheme_key, start__gte=of_year.start, end__lte=of_year.end,
            as_of__lte=of_year.as_of,
        )
        .exclude(kind=SnapshotKind.PROVISIONAL)
        .exclude(period=of_year.period)
        .order_by("period", "-as_of", "-pk")
        .distinct("period")
    )  # fmt: skip
    found: dict[str, list[Rule]] = defaultdict(list)
    for snapshot in [*rows, of_year]:
        for key, rules in warnings_of(snapshot).items():
            found[key] += rules
    return found


def _last_before(guarantee: Guarantee) -> set[str]:
    """Who was last in the year before: by its settlement, else by its final figures."""
    year, key = guarantee.year - 1, guarantee.scheme_key
    settled = (
        Settlement.objects.select_related("snapshot")
        .filter(guarantee__year=year, guarantee__scheme_key=key)
        .first()
    )
    before = settled.snapshot if settled else _final_of(year, key)
    if before is None:
        return set()
    rows = json.loads(before.content)["rows"]
    return {key for key, place in places_from_last(rows).items() if place == 1}


def get_guarantee(pk: int) -> Guarantee:
    """Raises NotVisible."""
    found = Guarantee.objects.prefetch_related("depositors").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def sheets_for(actor: Actor, snapshot: Snapshot, sheets: list[Sheet]) -> list[Sheet]:
    """A department reads its own lines only, an office those of its street."""
    if actor.roles & READERS:
        return sheets
    own = own_keys(actor).get(snapshot.subject)
    return [sheet for sheet in sheets if sheet.key == own]


@dataclass(frozen=True, slots=True)
class Paid:
    """What one object has paid in, before its year can be settled."""

    key: str
    name: str
    depositors: list[Depositor]


def deposits_for(actor: Actor, guarantee: Guarantee) -> list[Paid]:
    """The deposits of a year by object, to whoever reads its settlement and whoever writes them."""
    subject = (
        Scheme.objects.filter(key=guarantee.scheme_key).values_list("subject", flat=True).first()
    )
    reads_all = bool(actor.roles & (READERS | PREVIEWERS))
    own = own_keys(actor).get(subject or "")
    by_key: dict[str, list[Depositor]] = defaultdict(list)
    for one in guarantee.depositors.all():
        if reads_all or one.object_key == own:
            by_key[one.object_key].append(one)
    model = CODED.get(subject or "")
    rows = model._default_manager.filter(code__in=by_key).order_by("pk") if model else None
    names = dict(rows.values_list("code", "name")) if rows is not None else {}
    return [Paid(key, names.get(key, key), found) for key, found in sorted(by_key.items())]


def comments_on(snapshot: Snapshot) -> QuerySet[Comment]:
    """What was said of a period, the first comment first."""
    return Comment.objects.filter(snapshot=snapshot).select_related("by")
