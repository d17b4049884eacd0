"""How a figure is declared: once, as data (assessment law §§3–5).

A declaration names the grain whose facts it counts and the condition that a fact must meet; a rate
names its denominator, and its own condition only narrows that, so a rate lies between 0 and 1.
Figures, lists, the handbook page and the tests are made from these declarations alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from assessment.models import Grain
from assessment.periods import Period

__all__ = ["Condition", "Grain", "Indicator", "counts", "lasts", "within"]

Condition = Callable[[Period], Q]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure. `of` names the denominator of a rate and is empty for a count.

    `better` is 1 where more is better, -1 where less is, 0 where neither. `before_filing` marks
    what counts cases that were never filed, which the command side does not see. `with_out` marks
    what counts voided cases too. `also` adds other figures of the same denominator to a rate's
    numerator, each by its weight in per cent. `completes` names, of what was done late, the figure
    of what was done in time: beside that one a scheme may score it for a part of the points.

    `post` names the desk that it is charged to and `person` the column of whoever sat there;
    `charged` leaves out of it what routing or the clock did, which is nobody's. `own` is the
    condition by which a person is judged where that is another one than for his desk.
    """

    key: str
    label: Promise
    grain: Grain
    condition: Condition
    definition: Promise
    source: str
    of: str = ""
    better: int = 0
    before_filing: bool = False
    with_out: bool = False
    post: str = ""
    person: str = ""
    charged: Condition | None = None
    own: Condition | None = None
    also: tuple[tuple[str, int], ...] = ()
    completes: str = ""
    version: int = 1

    @property
    def is_rate(self) -> bool:
        return bool(self.of)

    @property
    def parts(self) -> tuple[str, ...]:
        """The figure itself and what its rate is made of: its denominator, and what else counts."""
        return tuple(filter(None, (self.key, self.of, *(key for key, _weight in self.also))))

    @property
    def name(self) -> str:
        """A rate bears the name of what it is the share of."""
        return _("%(name)s, share") % {"name": self.label} if self.of else str(self.label)


def within(field: str, period: Period) -> Q:
    """Life is read up to the cut: an instant in [start, cut)."""
    return Q(**{f"{field}__gte": period.start, f"{field}__lt": period.cut})


def counts(fact: str) -> Q:
    """The counted twin: an upheld appeal against this fact takes the row out (domain law §5)."""
    return ~Q(uncounted__contains=[fact])


def lasts(field: str, until: datetime) -> Q:
    """What `field` ends had not ended at an instant: of a period its start, or its cut."""
    return Q(**{field: None}) | Q(**{f"{field}__gte": until})
