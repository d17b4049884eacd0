"""How diligent each department is; drawn once from its code, so that it stays what it is.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Diligence:
    """Of a department: its pace (1 is the usual one), and how often it does what."""

    pace: float
    rework: float
    returns: float
    extends: float


def diligence_of(code: str, seed: int) -> Diligence:
    """A few are quick and thorough, most are fair, one in eight is slow and careless."""
    random = Random(f"{seed}/department/{code}")  # noqa: S311 - the same for a seed, no secret
    lot = random.random()
    if lot < 0.25:
        return Diligence(pace=0.65, rework=0.02, returns=0.01, extends=0.01)
    if lot < 0.88:
        return Diligence(pace=1.0, rework=0.05, returns=0.025, extends=0.02)
    return Diligence(pace=1.7, rework=0.12, returns=0.06, extends=0.05)
