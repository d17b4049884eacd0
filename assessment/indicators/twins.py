"""What upheld appeals took out of a figure: read from its declaration (assessment law §§3, 6).

A charged fact has a counted twin; figures ask for the twin. The same condition without that
question says which rows would count if nobody had appealed.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.db.models.functions import Coalesce

from assessment.indicators import Indicator, condition_of, registry
from assessment.periods import Period

Part = Any  # a Q, or a pair of lookup and value


def taken_out(indicator: Indicator, period: Period) -> Q | None:
    """The rows that a figure, or the whole of its rate, lacks since appeals were upheld.

    None for a figure that no appeal can take anything out of.
    """
    parts = [indicator, *([registry()[indicator.of]] if indicator.of else [])]
    found = [lost for part in parts if (lost := _lost(condition_of(part, period))) is not None]
    if not found:
        return None
    lost = found[0]
    for more in found[1:]:
        lost |= more
    return lost


def is_none_of(condition: Q) -> Q:
    """The rows that do not meet a condition; `~` of one over empty columns is unknown."""
    met = ExpressionWrapper(condition, output_field=BooleanField())
    return ~Q(Coalesce(met, Value(False)))


def _lost(condition: Q) -> Q | None:
    otherwise = _without_twins(condition)
    return None if repr(otherwise) == repr(condition) else otherwise & is_none_of(condition)


def _without_twins(part: Part) -> Part:
    if isinstance(part, tuple):
        return part
    children = [_without_twins(child) for child in part.children if not _is_twin(child)]
    return Q(*children, _connector=part.connector, _negated=part.negated)


def _is_twin(part: Part) -> bool:
    """`counts(fact)`, also as Django flattens it, or the twin of a failed check."""
    if isinstance(part, tuple):
        return bool(part == ("counted", True))
    only = part.children[0] if part.negated and len(part.children) == 1 else None
    return isinstance(only, tuple) and only[0] == "uncounted__contains"
