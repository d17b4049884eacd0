"""The tables of the command side: departments, who belongs to them, and how cases find them."""

from dispatch.models.departments import Department, Membership
from dispatch.models.fixture import LoadedFixture
from dispatch.models.routing import RoutingRule
from dispatch.models.version import RoutingVersion

__all__ = ["Department", "LoadedFixture", "Membership", "RoutingRule", "RoutingVersion"]
