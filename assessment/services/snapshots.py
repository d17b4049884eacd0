"""Snapshots: the figures and scores of a period that has ended, as bytes with a fingerprint.

The same period, data time, scheme version and definitions give the same bytes, today and in two
years: all is counted from facts that are versioned in recorded time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from assessment.indicators import defined_as
from assessment.models import (
    GROUPED_SUBJECTS,
    POST_SUBJECTS,
    CaseFact,
    Scheme,
    Snapshot,
    SnapshotKind,
    StaleCase,
)
from assessment.periods import Period, names_that_ended, period_named
from assessment.selectors.inspections import Given
from assessment.selectors.scores import (
    Listed,
    given_by_hand,
    indicators_by,
    lines_by,
    only_figures,
    score_lines,
    scored_data,
)
from assessment.selectors.snapshots import definitions_of, final_after, listed_in, tells_groups
from cases.canonical import canonical
from cases.services.words import REASON_LIMIT, clean_words
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role

# How far back closed periods are looked at that have no snapshot yet.
LOOK_BACK = timedelta(days=40)
# How many are made in one go, so that other work of the clock has its turn.
MADE_AT_ONCE = 50


def scheme_for(key: str, name: str, as_of: datetime) -> tuple[Scheme, Period]:
    """The version of a scheme in force on the first day of a named period, and that period.

    Each version says itself on which day its months begin. Raises Invalid.
    """
    period_named(name, as_of)
    for scheme in Scheme.objects.filter(key=key, is_active=True).order_by(
        "-valid_from", "-version"
    ):
        period = period_named(name, as_of, scheme.month_from)
        if scheme.valid_from <= period.first:
            return scheme, period
    raise Invalid(_("No version of this scheme held in that period."), scheme=_("Unknown scheme."))


def make_snapshot(*, name: str, scheme_key: str, kind: SnapshotKind, at: datetime) -> Snapshot:
    """Make the snapshot of a period, or give the one that was made of it.

    Raises Invalid for an unknown period or scheme, NotAllowed before its data time has come or
    while facts wait to be told.
    """
    scheme, period = scheme_for(scheme_key, name, at)
    made = Snapshot.objects.filter(period=period.key, scheme=scheme, kind=kind).first()
    if made is not None:
        return made
    is_final = kind is SnapshotKind.FINAL
    as_of = period.end + (final_after(period.end) if is_final else timedelta())
    if as_of > at:
        raise NotAllowed(
            _("The figures of %(period)s are %(kind)s from %(date)s on.")
            % {"period": name, "kind": kind.label, "date": as_of.date().isoformat()}
        )
    if StaleCase.objects.exists():
        raise NotAllowed(_("Some events are not in the figures yet: try again in a moment."))
    return _write(scheme, replace(period, as_of=as_of), kind, at)


def _write(scheme: Scheme, period: Period, kind: SnapshotKind, at: datetime) -> Snapshot:
    content = content_of(scheme, period)
    snapshot, _made = Snapshot.objects.get_or_create(
        period=period.key, scheme=scheme, kind=kind, as_of=period.as_of,
        defaults={
            "start": period.start, "end": period.end, "subject": scheme.subject,
            "content": content, "sha256": fingerprint(content), "made_at": at,
        },
    )  # fmt: skip
    return snapshot


def content_of(
    scheme: Scheme,
    period: Period,
    listed: Sequence[Listed] | None = None,
    only: frozenset[str] | None = None,
    *,
    grouped: bool = True,
) -> str:
    """What a snapshot says, as canonical JSON: figures, scores, versions and names as they are.

    `listed` gives who is in it and under which name, where a snapshot is made again, and `only`
    the figures that it knew: one that was declared since is none of it. `grouped` says whether it
    tells who is ranked with whom, which those of before do only where their scheme asked for it.
    """
    lines = lines_by(scheme.subject, period, listed)
    given = given_by_hand(scheme, period)
    scores = score_lines(scheme, period, lines, given)
    has_groups = (
        any(term.get("groups") for term in scheme.terms)
        or (grouped and scheme.subject in GROUPED_SUBJECTS)
    )  # fmt: skip
    said: dict[str, Any] = {
        "period": period.key,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        # The database answers in UTC: in local time both tellings have the same bytes.
        "as_of": period.as_of.astimezone(period.start.tzinfo).isoformat(),
        "by": scheme.subject,
        "scheme": named(scheme),
        "definitions": {
            each.key: each.version
            for each in indicators_by(scheme.subject)
            if only is None or each.key in only
        },
        "rows": [
            only_figures(line.as_data(), only)
            | {
                "id": line.of.pk,
                "cells": line.of.cells,
                "score": scored_data(scheme, scores[line.of.pk]),
            }
            | ({"group": line.of.group} if has_groups else {})
            | _by_hand(given, line.of.pk)
            for line in lines
        ],
    }
    return canonical(said).decode()


def _by_hand(given: Mapping[str, Given], pk: int) -> dict[str, Any]:
    """The entries of each sheet that count, frozen with the score that they made."""
    if not given:
        return {}
    return {"hand": {key: one.entries_of(pk) for key, one in given.items()}}


def named(scheme: Scheme) -> dict[str, Any]:
    """Which version of which scheme, in every file that tells figures."""
    return {"key": scheme.key, "version": scheme.version, "name": scheme.name}


def replay(snapshot: Snapshot) -> str:
    """What the snapshot would say, counted today: byte for byte the same, if nothing was lost."""
    period = period_named(snapshot.period, snapshot.as_of, snapshot.scheme.month_from)
    return counted_as(snapshot, period, listed_in(snapshot))


def counted_as(snapshot: Snapshot, period: Period, listed: Sequence[Listed] | None = None) -> str:
    """A period's content under a snapshot's scheme, by the definitions that the snapshot names."""
    known = definitions_of(snapshot)
    with defined_as(known):
        return content_of(
            snapshot.scheme, period, listed, frozenset(known), grouped=tells_groups(snapshot)
        )


def rows_that_moved(before: str, after: str) -> list[str]:
    """The keys of the rows that two contents tell differently."""
    former = {row["key"]: row for row in json.loads(before)["rows"]}
    later = {row["key"]: row for row in json.loads(after)["rows"]}
    return sorted(key for key in former.keys() | later.keys() if former.get(key) != later.get(key))


def fingerprint(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def publish_snapshot(*, snapshot_id: int, actor: Actor, at: datetime) -> Snapshot:
    """Make a snapshot public; once, and by the supervision side. Raises Forbidden, NotVisible."""
    _check_may(actor)
    _check_public(snapshot_id)
    Snapshot.objects.filter(pk=snapshot_id, published_at=None).update(published_at=at)
    found = Snapshot.objects.filter(pk=snapshot_id).first()
    if found is None:
        raise NotVisible
    return found


def _check_public(snapshot_id: int) -> None:
    if Snapshot.objects.filter(pk=snapshot_id, subject__in=POST_SUBJECTS).exists():
        raise NotAllowed(_("Scores of people are never published."))
    provisional = Snapshot.objects.filter(pk=snapshot_id, kind=SnapshotKind.PROVISIONAL).first()
    if (
        provisional is not None
        and _finals_of(provisional).filter(published_at__isnull=False).exists()
    ):
        raise NotAllowed(_("The final figures of this period are published already."))


def _finals_of(snapshot: Snapshot) -> QuerySet[Snapshot]:
    """The final snapshots of its period under its scheme, corrections included."""
    same = Snapshot.objects.filter(period=snapshot.period, scheme__key=snapshot.scheme.key)
    return same.exclude(kind=SnapshotKind.PROVISIONAL)


def correct_snapshot(*, snapshot_id: int, actor: Actor, at: datetime, reason: str) -> Snapshot:
    """A new snapshot of the same period and scheme as of now, that names the old one and why.

    Raises Invalid without a reason, NotAllowed before the figures are final or when nothing moved.
    """
    _check_may(actor)
    old = Snapshot.objects.select_related("scheme").filter(pk=snapshot_id).first()
    if old is None:
        raise NotVisible
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=True)
    if old.kind == SnapshotKind.PROVISIONAL:
        raise NotAllowed(_("Provisional figures are not corrected: the final ones follow."))
    if StaleCase.objects.exists():
        raise NotAllowed(_("Some events are not in the figures yet: try again in a moment."))
    period = period_named(old.period, at, old.scheme.month_from)
    content = counted_as(old, period)
    if not rows_that_moved(old.content, content):
        raise NotAllowed(_("Nothing has moved since: there is nothing to correct."))
    return Snapshot.objects.create(
        period=period.key, start=period.start, end=period.end, as_of=at,
        kind=SnapshotKind.CORRECTION, subject=old.subject, scheme=old.scheme, content=content,
        sha256=fingerprint(content), corrects=old, reason=reason, made_at=at,
    )  # fmt: skip


def _check_may(actor: Actor) -> None:
    if Role.DUTY_CHIEF not in actor.roles:
        raise Forbidden(_("Figures are published and corrected by the duty chief."))


def make_due_snapshots(at: datetime, most: int = MADE_AT_ONCE) -> int:
    """Make some of what is missing of the periods that ended lately, under every scheme."""
    made = 0
    for scheme_key, name, kind in _missing(at):
        if made == most:
            break
        try:
            make_snapshot(name=name, scheme_key=scheme_key, kind=kind, at=at)
        except (Invalid, NotAllowed):
            continue
        made += 1
    return made


def _missing(at: datetime) -> Iterator[tuple[str, str, SnapshotKind]]:
    """Scheme, period and kind, the shortest periods first; what is there already is left out."""
    keys: dict[str, set[int]] = {}
    for key, month_from in (
        Scheme.objects.filter(is_active=True).order_by("key").values_list("key", "month_from")
    ):
        keys.setdefault(key, set()).add(month_from)
    there = set(
        Snapshot.objects.filter(end__gte=at - LOOK_BACK).values_list(
            "scheme__key", "period", "kind"
        )
    )
    first = CaseFact.objects.aggregate(first=Min("reported_at"))["first"]
    ended = {
        month_from: names_that_ended(at, LOOK_BACK, month_from)
        for month_from in {1}.union(*keys.values())
    }
    # Names of the calendar are tried first; months of another day end at another time.
    for name in dict.fromkeys(name for names in ended.values() for name in names):
        if first is None or period_named(name, at).end <= first:
            continue  # there was nothing to count yet
        for kind in (SnapshotKind.PROVISIONAL, SnapshotKind.FINAL):
            for key, days in keys.items():
                has_ended = any(name in ended[day] for day in days)
                if has_ended and (key, name, str(kind)) not in there:
                    yield key, name, kind
