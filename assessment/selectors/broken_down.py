"""Every figure by whatever it may be broken down, beside the period before and the year before.

One way for the interface, the command and the page; scores count their objects themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.dimensions import unknown
from assessment.models import LISTED_SUBJECTS
from assessment.periods import Period, other_periods
from assessment.posts import POSTS
from assessment.rates import rates_of
from assessment.selectors.figures import count_figures, indicators_for
from assessment.selectors.posts import PostLine, desk_line, own_lines, person_lines
from assessment.selectors.scores import DESK, Line, Listed, lines_by, only_figures
from gridcity.contracts import Actor

WHOLE, GROUP, CLASS, SOURCE, POST, PERSON = "", "group", "class", "source", "post", "person"
# By the whole district, by what has lines, by each desk, and by the people of one desk.
BY = (WHOLE, *(str(each) for each in LISTED_SUBJECTS), GROUP, CLASS, SOURCE, POST, PERSON)


def figure_lines(actor: Actor, period: Period, by: str, post: str = "") -> list[Line]:
    """The lines of one breakdown, as far as the actor sees. Raises Invalid, Forbidden."""
    match by:
        case "":
            listed = indicators_for(actor)
            counts = count_figures(actor, period, ()).total
            return [Line(Listed(DESK, "", ""), counts, rates_of(listed, counts))]
        case "post":
            seen = {each.key for each in indicators_for(actor)}
            return [_of_post(desk_line(one, period), seen) for one in POSTS]
        case "person":
            return [_of_post(one) for one in _people(actor, period, post)]
        case _ if by in BY:
            return lines_by(by, period, actor=actor)
    raise unknown("by")


def compared_lines(
    actor: Actor, period: Period, by: str, post: str = ""
) -> Iterator[tuple[Line, Mapping[str, Line]]]:
    """Each line with the same object's in the other periods, nothing where nothing was counted."""
    others = {
        key: {line.of.key: line for line in figure_lines(actor, other, by, post)}
        for key, other in other_periods(period).items()
    }
    for line in figure_lines(actor, period, by, post):
        nothing = Line(line.of, dict.fromkeys(line.counts, 0), dict.fromkeys(line.rates))
        yield line, {key: found.get(line.of.key, nothing) for key, found in others.items()}


@dataclass(frozen=True, slots=True)
class Only:
    """Which figures of a line are told; None: all."""

    keys: frozenset[str] | None

    def said(self, line: Line) -> dict[str, Any]:
        return only_figures(line.as_data(), self.keys)

    def compared(self, line: Line, others: Mapping[str, Line]) -> dict[str, Any]:
        """A line, and under `compared` the counts and rates of the other periods."""
        told = {key: self.said(other) for key, other in others.items()}
        parts = ("counts", "rates")
        beside = {key: {part: said[part] for part in parts} for key, said in told.items()}
        return self.said(line) | {"compared": beside}


def _of_post(line: PostLine, seen: set[str] | None = None) -> Line:
    said = only_figures(line.as_data(), seen)
    return Line(Listed(line.user_id or DESK, said["key"], line.name), said["counts"], said["rates"])


def _people(actor: Actor, period: Period, post: str) -> list[PostLine]:
    """The people of one post for their chief; for everybody else himself."""
    if not post:
        return own_lines(actor, period)
    if post not in POSTS:
        raise unknown("post")
    return person_lines(actor, post, period)
