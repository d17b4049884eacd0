"""The fold: from the events of one case, in their order, to its facts at every grain. Pure.

Grains (assessment law §1): a case (each round of it), a turn, a task, a stay, and a call back or
rating. Beside events only who first opened a stay is read, so a rebuild of years ago says what was
said then.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessment.facts.checking import Checking
from assessment.facts.ending import Ending
from assessment.facts.filing import Filing
from assessment.facts.handling import Handling
from assessment.facts.said import Beside, Facts, Said


def fold(events: Iterable[Said], beside: Beside) -> Facts:
    """The facts that the events of a case tell.

    Raises ValueError where the first event begins no case.
    """
    story = Whole(beside)
    for event in events:
        story.tell(event)
    return story.facts


class Whole(Filing, Handling, Checking, Ending):
    """A case from its first event to its last."""
