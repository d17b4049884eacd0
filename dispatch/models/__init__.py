"""The tables of the command side: departments, routing, turns, requests, and what the clock did."""

from dispatch.models.departments import Department, DepartmentHours, Membership
from dispatch.models.facts import TurnFact
from dispatch.models.fixture import LoadedFixture
from dispatch.models.ladders import EscalationLadder, EscalationRung
from dispatch.models.presence import Presence
from dispatch.models.requests import (
    FactKind,
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    ReturnReason,
    StepDecision,
)
from dispatch.models.routing import RoutingRule
from dispatch.models.timers import (
    SWEPT_LABELS,
    CatchUp,
    ClockKind,
    ClockMove,
    SweepError,
    TimerFiring,
)
from dispatch.models.turns import Turn, TurnAssistant, TurnEnd
from dispatch.models.version import RoutingVersion

__all__ = [
    "SWEPT_LABELS",
    "CatchUp",
    "ClockKind",
    "ClockMove",
    "Department",
    "DepartmentHours",
    "EscalationLadder",
    "EscalationRung",
    "FactKind",
    "LoadedFixture",
    "Membership",
    "Presence",
    "Request",
    "RequestKind",
    "RequestState",
    "RequestStep",
    "ReturnReason",
    "RoutingRule",
    "RoutingVersion",
    "StepDecision",
    "SweepError",
    "TimerFiring",
    "Turn",
    "TurnAssistant",
    "TurnEnd",
    "TurnFact",
]
