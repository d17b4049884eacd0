"""The fold: from the events of one case, in their order, to its facts at every grain. Pure.

Grains (assessment law §1): a case (each round of it), a turn, a task, a stay, and a call back or
rating. Nothing but events is read, so a rebuild of years ago says what was said then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from assessment.facts.checking import Checking
from assessment.facts.ending import Ending
from assessment.facts.filing import Filing
from assessment.facts.handling import Handling
from assessment.facts.said import Facts, Said


def fold(events: Iterable[Said], *, refusals: Callable[[datetime], int]) -> Facts:
    """The facts that the events of a case tell; `refusals` says how many make shirking, at a time.

    Raises ValueError where the first event begins no case.
    """
    story = Whole(refusals)
    for event in events:
        story.tell(event)
    return story.facts


class Whole(Filing, Handling, Checking, Ending):
    """A case from its first event to its last."""
