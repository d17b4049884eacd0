"""What every part of a story needs: its draws, its hours, who sits where."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from cases.clocks.calendar import SHANGHAI
from dispatch.models import RequestKind
from dispatch.selectors.duty import own_deed
from dispatch.services.reviews import ASKED_BY_DISPATCHER
from dispatch.simulation.diligence import Diligence
from dispatch.simulation.people import People
from dispatch.simulation.reports import Report, between_sweeps
from dispatch.simulation.steps import Plan, Step, View
from gridcity.contracts import Actor, Role

APPROVED, UPHELD, WITHDRAWN_ASKING = 0.75, 0.4, 0.02
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MORNING, EVENING = time(8), time(18)
# In the place of a turn, for what is asked once in a case's life.
EVER = -1


class Telling:
    """What every part of a story needs: its draws, its hours, who sits where."""

    def __init__(
        self, report: Report, people: People, diligence: dict[int, Diligence], seed: int
    ) -> None:
        self.report = report
        self.people = people
        self.diligence = diligence
        self.random = Random(f"{seed}/case/{report.index}")  # noqa: S311 - no secret
        self.asked: set[tuple[int, str]] = set()  # turn and what was asked or done in it once

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def once(self, view: View, what: str, share: float) -> bool:
        """Draw once a turn whether something happens in it."""
        if (view.turn, what) in self.asked:
            return False
        self.asked.add((view.turn, what))
        return self.happens(share)

    def once_ever(self, what: str, share: float) -> bool:
        """Draw once in the case's whole life whether something happens in it."""
        if (EVER, what) in self.asked:
            return False
        self.asked.add((EVER, what))
        return self.happens(share)

    def after(self, now: datetime, median_min: float, spread: float = 0.7) -> datetime:
        """An instant some minutes from now, most often near the median."""
        took = median_min * 60 * self.random.lognormvariate(0, spread)
        return between_sweeps(now + timedelta(seconds=1 + int(took)))

    def does(self, view: View, at: datetime, action: str, actor: Actor, **said: object) -> Plan:
        return Plan(at, view.version, Step(action, actor, said))

    def desk(self, role: str, at: datetime, *, but: int | None = None) -> Actor:
        """Who answers at a desk then; where it may not be one person, another of the desk."""
        actor = self.people.at_desk(role, at, self.random)
        if actor.user_id != but:
            return actor
        return next(one for one in self.people.desks[role] if one.user_id != but)

    def looks_again(self, view: View, at: datetime) -> Plan:
        return Plan(between_sweeps(at), view.version)

    def workday(self, at: datetime) -> datetime:
        """The instant itself by day, else some time in the next morning."""
        local = whole_second(at).astimezone(SHANGHAI)
        if MORNING <= local.time() < EVENING:
            return between_sweeps(whole_second(at))
        day = local.date() if local.time() < MORNING else local.date() + DAY
        begin = datetime.combine(day, MORNING, local.tzinfo)
        later = begin + timedelta(seconds=int(self.random.random() * 3600))
        return between_sweeps(later.astimezone(at.tzinfo))

    def reviewed(self, view: View, now: datetime) -> Plan:
        """Whoever reviews what waits answers it, some beyond their limit."""
        at = self.after(now, 12)
        if view.reviewer == Role.DEPARTMENT:
            assert view.department_id is not None
            lead = self.people.members[view.department_id][-1]
            return self.does(view, at, "preapprove", lead)
        if self.happens(WITHDRAWN_ASKING):
            return self.withdraws(view, at)
        deed = own_deed(view.request, view.reviewer)
        but = getattr(view, deed.by) if deed else None
        reviewer = self.desk(view.reviewer, at, but=but)
        share = UPHELD if view.request == RequestKind.APPEAL else APPROVED
        if (view.turn, "wrong") in self.asked and view.request == RequestKind.RETURN:
            share = 1.0
        if self.happens(share):
            return self.does(view, at, "approve", reviewer)
        return self.does(view, at, "refuse", reviewer, reason="理由不充分")

    def withdraws(self, view: View, at: datetime) -> Plan:
        """The side that asked needs it no more."""
        if view.request in ASKED_BY_DISPATCHER:
            asker = self.desk(Role.DISPATCHER, at)
        else:
            assert view.department_id is not None
            asker = self.people.members[view.department_id][0]
        return self.does(view, at, "withdraw_request", asker, reason="情况有变，不再申请")

    def picture(self, nth: int) -> int:
        return self.report.picture + nth


def whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
