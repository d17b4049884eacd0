"""What a check is, and what it finds: plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Sentence

# A page of rows, and a command's answer, end here; the count says how many there are.
MOST_ROWS = 200


class Level(StrEnum):
    """How bad it is: a fault stops work or falsifies it, a warning may come to that."""

    FAULT = "fault"
    WARNING = "warning"
    FINE = "fine"


LEVEL_WORDS: dict[Level, Sentence] = {
    Level.FAULT: pgettext_lazy("self-check", "fault"),
    Level.WARNING: pgettext_lazy("self-check", "warning"),
    Level.FINE: pgettext_lazy("self-check", "in order"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing at fault: its name, what is wrong with it, and where it is mended or seen."""

    name: str
    said: Sentence = ""
    url: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found. `url` leads there at once; else the rows have a page of their own.

    `as_of` is the instant the answer speaks of: answers that are dear are kept until what they
    were made from has changed.
    """

    level: Level = Level.FINE
    count: int = 0
    said: Sentence = ""
    rows: list[Row] = field(default_factory=list)
    url: str = ""
    as_of: datetime | None = None


FINE = Finding()
Look = Callable[[datetime], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `todo` says what to do about it; `mend` names the page."""

    key: str
    group: Sentence
    title: Sentence
    todo: Sentence
    look: Look
    mend: str = ""

    @property
    def mend_url(self) -> str:
        """Where it is mended; empty where this installation lacks the page."""
        return address(self.mend) if self.mend else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A check with what it found now."""

    check: Check
    finding: Finding
    at: datetime

    @property
    def url(self) -> str:
        """Where its link leads: to the thing itself, else to the rows, else to where one mends."""
        if self.finding.level is Level.FINE:
            return ""
        if self.finding.url:
            return self.finding.url
        if self.finding.rows:
            return reverse("gridcity:selfcheck-rows", args=[self.check.key])
        return self.check.mend_url

    @property
    def level_words(self) -> Sentence:
        return LEVEL_WORDS[self.finding.level]

    @property
    def as_of(self) -> datetime:
        return self.finding.as_of or self.at


def address(name: str, *args: object, query: str = "") -> str:
    """The address of a page, or nothing where this installation lacks it."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{query}" if query else found


def found(
    count: int,
    said: Sentence,
    *,
    level: Level = Level.FAULT,
    rows: list[Row] | None = None,
    url: str = "",
    as_of: datetime | None = None,
) -> Finding:
    """A finding of that level where there is anything, else a fine one."""
    if not count:
        return Finding(as_of=as_of)
    return Finding(level, count, said, (rows or [])[:MOST_ROWS], url, as_of)


GRID = _("Unit grid")
PATROLS = _("Responsibility grids")
PARTS = _("Parts")
STANDARDS = _("Standards and routing")
PEOPLE = _("Calendar and departments")
RUNNING = _("Running system")
