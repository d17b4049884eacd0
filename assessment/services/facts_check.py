"""Whether the facts that stand are those that the events tell: nightly, and by a command."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from assessment.models import StaleCase
from assessment.services.facts import MODELS, batches_of_cases, fact_rows
from assessment.services.sums import sums_that_differ
from parts.services.copying import columns_of


@dataclass(slots=True)
class FactsCheck:
    """How many cases, rows and sums were compared, and what differs: case ids by grain, sums."""

    cases: int = 0
    rows: int = 0
    wrong: dict[str, list[int]] = field(default_factory=dict)
    sums: int = 0
    wrong_sums: list[str] = field(default_factory=list)


def check_facts() -> FactsCheck:
    """Fold every case anew and compare with what stands; cases with events just told are left."""
    found = FactsCheck()
    for batch in batches_of_cases():
        with transaction.atomic():
            _check(batch, found)
        found.cases += len(batch)
    found.sums, found.wrong_sums = sums_that_differ()
    return found


def _check(batch: list[int], found: FactsCheck) -> None:
    waiting = set(StaleCase.objects.filter(case_id__in=batch).values_list("case_id", flat=True))
    settled = [case_id for case_id in batch if case_id not in waiting]
    told = fact_rows(settled)
    for name, model in MODELS.items():
        columns = columns_of(model)
        stand = model._default_manager.filter(case_id__in=settled).values_list(*columns)
        case_at = columns.index("case_id")
        difference = Counter(map(_plain, told[name]))
        difference.subtract(map(_plain, stand))
        found.rows += len(told[name])
        wrong = sorted({int(row[case_at]) for row, count in difference.items() if count})
        if wrong:
            found.wrong.setdefault(name, []).extend(wrong)


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Lists as tuples, so that rows can be counted."""
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
