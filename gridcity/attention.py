"""What administrators have to look at: the head of their first page, from the self-check."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from gridcity.contracts import Sentence
from gridcity.selfcheck.findings import Level
from gridcity.selfcheck.looking import AT_THE_HEAD, look


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to see to, and where."""

    words: Sentence
    url: str


def things_to_see() -> list[Point]:
    """What the cheap checks find: calendars, departments, patrols, gaps, what failed."""
    return [
        Point(line.finding.said, line.url)
        for line in look(timezone.now(), AT_THE_HEAD)
        if line.finding.level is not Level.FINE
    ]
