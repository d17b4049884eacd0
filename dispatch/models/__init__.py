"""The tables of the command side: departments, routing, turns, requests, and what the clock did."""

from dispatch.models.departments import Department, Membership
from dispatch.models.fixture import LoadedFixture
from dispatch.models.requests import (
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    ReturnReason,
)
from dispatch.models.routing import RoutingRule
from dispatch.models.timers import ClockKind, SweepError, TimerFiring
from dispatch.models.turns import Turn, TurnAssistant, TurnEnd
from dispatch.models.version import RoutingVersion

__all__ = [
    "ClockKind",
    "Department",
    "LoadedFixture",
    "Membership",
    "Request",
    "RequestKind",
    "RequestState",
    "RequestStep",
    "ReturnReason",
    "RoutingRule",
    "RoutingVersion",
    "SweepError",
    "TimerFiring",
    "Turn",
    "TurnAssistant",
    "TurnEnd",
]
