"""Rows of the assessment: facts made of events, and which cases wait to be folded anew."""

from assessment.models.facts import (
    CallFact,
    CaseFact,
    FactRow,
    Grain,
    StaleCase,
    StayFact,
    TaskFact,
    TurnFact,
)

__all__ = [
    "CallFact",
    "CaseFact",
    "FactRow",
    "Grain",
    "StaleCase",
    "StayFact",
    "TaskFact",
    "TurnFact",
]
