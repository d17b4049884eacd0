"""Rows of the assessment: facts made of events, and which cases wait to be folded anew."""

from assessment.models.facts import (
    FACTS,
    CallFact,
    CaseFact,
    FactRow,
    Grain,
    StaleCase,
    StayFact,
    TaskFact,
    TurnFact,
)
from assessment.models.guarantees import (
    Comment,
    Depositor,
    Guarantee,
    Settlement,
    WarningRule,
)
from assessment.models.inspections import (
    Entry,
    EntryPhoto,
    EntryStep,
    Sheet,
    SheetItem,
    SheetKind,
    Step,
)
from assessment.models.schemes import Scheme, Snapshot, SnapshotKind, Subject
from assessment.models.sums import DailySum, Span, SumsState

__all__ = [
    "FACTS",
    "CallFact",
    "CaseFact",
    "Comment",
    "DailySum",
    "Depositor",
    "Entry",
    "EntryPhoto",
    "EntryStep",
    "FactRow",
    "Grain",
    "Guarantee",
    "Scheme",
    "Settlement",
    "Sheet",
    "SheetItem",
    "SheetKind",
    "Snapshot",
    "SnapshotKind",
    "Span",
    "StaleCase",
    "StayFact",
    "Step",
    "Subject",
    "SumsState",
    "TaskFact",
    "TurnFact",
    "WarningRule",
]
