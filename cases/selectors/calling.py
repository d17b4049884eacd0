"""Whom the acceptor calls back after the end: each reporter who left a number (domain law §2)."""

from __future__ import annotations

from django.db.models import F, Q

from cases.models import CallBack, Case, Reporter


def reporters_to_call(case: Case) -> list[Reporter]:
    """Who reported it and left a number, then those of the cases merged into it."""
    # The ids first, each by an index: an “or” over the join would read all reporters there are.
    itself = Case.objects.filter(pk=case.pk).values("pk")
    merged = Case.objects.filter(merged_into=case.pk).values("pk")
    rows = Reporter.objects.filter(case__in=itself.union(merged, all=True), purged_at=None)
    order = (F("case__merged_into").asc(nulls_first=True), "case__number", "pk")
    return list(rows.exclude(phone="").order_by(*order))


def left_to_call(case: Case) -> list[Reporter]:
    """Of these who was not reached since the case ended; an invalid call ends the trying, too.

    A call that names nobody was to the first of them.
    """
    listed = reporters_to_call(case)
    settled = CallBack.objects.filter(Q(contacted=True) | Q(valid=False), case=case)
    if case.ended_at is not None:
        settled = settled.filter(at__gte=case.ended_at)
    called = set(settled.values_list("reporter_id", flat=True))
    if None in called and listed:
        called.add(listed[0].pk)
    return [one for one in listed if one.pk not in called]
