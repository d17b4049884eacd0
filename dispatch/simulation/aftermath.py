"""What follows the end of a case: calls, ratings, objections, appeals, another look at it."""

from __future__ import annotations

from datetime import datetime

from cases.models import Satisfaction
from cases.services.ending import CITIZEN
from cases.workflow import State
from dispatch.models import FactKind, RequestKind
from dispatch.simulation.steps import Plan, View
from dispatch.simulation.telling import DAY, EVER, MINUTE, Telling
from gridcity.contracts import Role

REACHED, SOLVED, REOPENED, APPEALED, RATED = 0.85, 0.9, 0.3, 0.12, 0.3
OBJECTED, OBJECTION_UPHELD, RECONSIDERED = 0.4, 0.4, 0.15
CONTENT = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.BASICALLY)
OUTDOORS, OTHERS = "因天气无法施工", "等待产权单位确认"
# Nobody asks on the last day of what the law allows: calls and answers may have come between.
SOON = 5 * DAY


class Aftermath(Telling):
    """One thing after another, each at most once in the life of the case."""

    def closed(self, view: View, now: datetime) -> Plan | None:
        if view.request:
            return self.reviewed(view, now)
        if view.to_call_back:
            return self.calls_back(view, now)
        for tell in (self.rates, self.objects, self.reopens, self.appeals):
            if (plan := tell(view, now)) is not None:
                return plan
        return None

    def calls_back(self, view: View, now: datetime) -> Plan:
        """The acceptor calls until the reporter is reached."""
        at = self.workday(now + 90 * MINUTE)
        acceptor = self.desk(Role.ACCEPTOR, at)
        reached, solved = self.happens(REACHED), self.happens(SOLVED)
        degree = self.random.choice(CONTENT) if solved else Satisfaction.DISSATISFIED
        if reached and not solved:
            self.asked.add((0, "poor"))
        return self.does(
            view, at, "call_back", acceptor, valid=True, contacted=reached,
            resolved=solved if reached else None, satisfaction=str(degree) if reached else "",
        )  # fmt: skip

    def rates(self, view: View, now: datetime) -> Plan | None:
        """Whoever reported it says on the web how it went; poorly, where he said so before."""
        if self.report.caller is None or not self.once_ever("rate", RATED):
            return None
        at = self.workday(now + 120 * MINUTE)
        is_poor = (0, "poor") in self.asked
        degree = Satisfaction.DISSATISFIED if is_poor else self.random.choice(CONTENT)
        return self.does(view, at, "rate", CITIZEN, degree=str(degree),
                         words="没有解决" if is_poor else "处置及时")  # fmt: skip

    def objects(self, view: View, now: datetime) -> Plan | None:
        """Whom a miss is charged to objects; another duty chief than who confirmed it answers."""
        if view.objected:
            at = self.after(now, 60)
            chief = self.desk(Role.DUTY_CHIEF, at, but=view.confirmed_by)
            if self.happens(OBJECTION_UPHELD):
                return self.does(view, at, "uphold_objection", chief, reason="轨迹显示当时在岗")
            return self.does(view, at, "refuse_objection", chief, reason="巡查应能发现")
        at = self.workday(now + 60 * MINUTE)
        if view.missed_by is None or view.object_until is None or at > view.object_until:
            return None
        if not self.once_ever("object", OBJECTED):
            return None
        supervisor = self.people.actors[view.missed_by]
        return self.does(view, at, "object_missed", supervisor, reason="巡查时现场无此问题")

    def reopens(self, view: View, now: datetime) -> Plan | None:
        is_poor = view.state == State.CLOSED and (0, "poor") in self.asked
        at = self.workday(now + 60 * MINUTE)
        if view.round > 1 or not is_poor or not self.is_soon(view, at):
            return None
        if not self.once(view, "reopen", REOPENED):
            return None
        return self.does(view, at, "reopen", self.desk(Role.DUTY_CHIEF, at),
                         reason="来电人反映问题未解决")  # fmt: skip

    def appeals(self, view: View, now: datetime) -> Plan | None:
        """Against one of the facts of the last turn."""
        facts = [
            fact
            for fact, is_so in (
                (FactKind.OVERDUE, view.overdue),
                (FactKind.FAILED_CHECK, view.reworks > 0),
                (FactKind.FORCED_CLOSE, view.turn_forced),
            )
            if is_so
        ]
        at = self.workday(now + DAY)
        if not facts or view.department_id is None or not self.is_soon(view, at):
            return None
        if not self.once(view, "APPEAL", APPEALED):
            return None
        return self.does(
            view, at, "ask", self.people.members[view.department_id][0],
            kind=RequestKind.APPEAL, fact=self.random.choice(facts),
            reason=OUTDOORS if self.report.slow > 1 else OTHERS,
        )  # fmt: skip

    def is_soon(self, view: View, at: datetime) -> bool:
        return view.ended_at is not None and at - view.ended_at < SOON

    def unfiled(self, view: View, now: datetime) -> Plan | None:
        """Not accepted or not filed: whoever reported it shows more, the duty chief looks again."""
        if not self.once_ever("reconsider", RECONSIDERED):
            return None
        self.asked.add((EVER, "reconsidered"))
        at = self.workday(now + DAY)
        return self.does(view, at, "reconsider", self.desk(Role.DUTY_CHIEF, at),
                         reason="上报人补充了照片，复议受理")  # fmt: skip
