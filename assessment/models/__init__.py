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
from assessment.models.schemes import Scheme, Snapshot, SnapshotKind, Subject

__all__ = [
    "FACTS",
    "CallFact",
    "CaseFact",
    "FactRow",
    "Grain",
    "Scheme",
    "Snapshot",
    "SnapshotKind",
    "StaleCase",
    "StayFact",
    "Subject",
    "TaskFact",
    "TurnFact",
]
