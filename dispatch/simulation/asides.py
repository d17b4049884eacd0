"""What happens beside the course of a case: amended, supplemented, pressed, taken back.

Shares are our choice, as all of a story's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.clocks.numbers import DESIGNATION_RETURNS
from cases.selectors.settings import number_at
from cases.services.ending import CITIZEN
from cases.sources import Source
from dispatch.models import RequestKind
from dispatch.simulation.reports import between_sweeps
from dispatch.simulation.steps import Plan, View
from dispatch.simulation.telling import MINUTE, Telling
from gridcity.contracts import Actor, Role

AMENDED, PLACED, SUPPLEMENTED, CALLED_AGAIN = 0.03, 0.02, 0.05, 0.15
URGED, URGED_BY_OFFICIAL, SUPERVISED = 0.25, 0.2, 0.5
ADDED_BY_REPORTER = 0.2  # of the public's own reports
UNDONE, SENT_BACK_UNDONE, RETURN_UNDONE, UNMERGED = 0.01, 0.15, 0.03, 0.03
UNDO_AFTER_S = 4  # within the ten seconds of the law, a sweep's second left out
# A merge may be undone for ten minutes; nobody waits for the last one.
UNMERGED_AFTER_MIN, UNMERGED_WITHIN, UNMERGED_BY_CHIEF = 3, 9 * MINUTE, 0.4


class Asides(Telling):
    """Asked before the course of a case goes on; None where it simply goes on."""

    def amends_words(self, view: View, at: datetime) -> Plan | None:
        """The acceptor completes what was said."""
        if not self.once_ever("amend", AMENDED):
            return None
        acceptor = self.desk(Role.ACCEPTOR, at)
        words = f"{self.report.description}（已与上报人核对）"
        return self.does(view, at, "amend", acceptor, description=words)

    def amends_place(self, view: View, at: datetime) -> Plan | None:
        """The duty chief sets the point anew, in the same cell."""
        if not self.once_ever("place", PLACED):
            return None
        point = self.random.choice(self.report.cell.points)
        if point == self.report.point:
            return None
        return self.does(view, at, "amend", self.desk(Role.DUTY_CHIEF, at), point=point)

    def supplements(self, view: View, now: datetime) -> Plan | None:
        """The department shows its work; whoever called calls again, and the acceptor notes it."""
        assert view.department_id is not None
        assert view.due_at is not None
        at = self.after(now, 30)
        if at >= view.due_at:
            return None
        if self.once(view, "supplement", SUPPLEMENTED):
            return self.does(
                view, at, "supplement", self.people.members[view.department_id][0],
                words="已到现场，正在处置", picture=self.picture(3),
            )  # fmt: skip
        if self.report.source == Source.HOTLINE and self.once(view, "again", CALLED_AGAIN):
            return self.does(view, at, "supplement", self.desk(Role.ACCEPTOR, at),
                             words="来电人再次来电，询问进展")  # fmt: skip
        if self.report.source == Source.PUBLIC and self.once_ever("own", ADDED_BY_REPORTER):
            return self.does(view, at, "supplement_own", CITIZEN,
                             words="早晚高峰时更严重，请尽快处理")  # fmt: skip
        return None

    def takes_back(self, view: View, now: datetime) -> Plan | None:
        """The dispatcher sees at once that it was the wrong department."""
        if (view.turn, "undo") not in self.asked or view.dispatched_by is None:
            return None
        self.asked.discard((view.turn, "undo"))
        return self.undoes_at_once(view, now, "undo_dispatch", view.dispatched_by)

    def undoes_send_back(self, view: View, now: datetime) -> Plan | None:
        """The dispatcher sees at once that it was filed rightly."""
        if not view.has_just("send_back_to_file", now) or not self.happens(SENT_BACK_UNDONE):
            return None
        return self.undoes_at_once(view, now, "undo_send_back", view.entered_by)

    def undoes_return(self, view: View, now: datetime) -> Plan | None:
        """Who approved the return meant another case; he answers the request again."""
        if not view.has_just("approve_return", now) or not self.once(
            view, "unreturn", RETURN_UNDONE
        ):
            return None
        return self.undoes_at_once(view, now, "undo_return", view.entered_by)

    def undoes_at_once(self, view: View, now: datetime, action: str, by: int | None) -> Plan:
        """Whoever did it takes it back within the seconds that the law gives him."""
        assert by is not None
        at = between_sweeps(now.replace(microsecond=0) + timedelta(seconds=UNDO_AFTER_S))
        return self.does(view, at, action, self.people.actors[by])

    def undoes_merge(self, view: View, now: datetime) -> Plan | None:
        """Who merged it, or a duty chief, sees that it is another matter."""
        if not (view.has_just("merge", now) and self.happens(UNMERGED)):
            return None
        at = self.after(now, UNMERGED_AFTER_MIN)
        if at - now > UNMERGED_WITHIN or view.entered_by is None:
            return None
        by_chief = self.happens(UNMERGED_BY_CHIEF)
        actor = self.desk(Role.DUTY_CHIEF, at) if by_chief else self.people.actors[view.entered_by]
        return self.does(view, at, "undo_merge", actor)

    def is_disputed(self, view: View, at: datetime) -> bool:
        """Whether so many returns were approved that a dispatch needs the duty chief's consent."""
        return view.returns > 0 and view.returns >= number_at(DESIGNATION_RETURNS, at)

    def designates(self, view: View, at: datetime, dispatcher: Actor) -> Plan:
        """The dispatcher asks until a duty chief consents, and dispatches to whom he consented."""
        if view.consent:
            return self.does(view, at, "dispatch", dispatcher, department=view.consent)
        return self.does(
            view, at, "ask", dispatcher, kind=RequestKind.DESIGNATION, reason="权属不清，两次退件",
            department=self.some_department(view.department_id),
        )  # fmt: skip

    def some_department(self, but: int | None) -> str:
        """The code of any manned department but one."""
        listed = [pk for pk in self.people.departments if self.people.members.get(pk) and pk != but]
        return self.people.departments[self.random.choice(listed)].code

    def is_pressed(self, view: View, now: datetime, done_at: datetime) -> Plan | None:
        """Who waits longer than the limit is urged, then supervised, if it lasts so long."""
        assert view.due_at is not None
        if done_at <= view.due_at:
            return None
        if now <= view.due_at and self.once(view, "urge", URGED):
            at = self.after(view.due_at, 45)
            if at < done_at:
                above = self.happens(URGED_BY_OFFICIAL)
                actor = self.official(at) if above else self.desk(Role.DUTY_CHIEF, at)
                return self.does(view, at, "urge", actor, reason="已超期，请抓紧处置")
        if self.once(view, "supervise", SUPERVISED):
            at = self.after(max(view.due_at, now), 60)
            if at < done_at:
                return self.does(view, at, "supervise", self.official(at),
                                 reason="群众反映强烈，请限时办结")  # fmt: skip
        return None

    def official(self, at: datetime) -> Actor:
        """An official; in a district without one its duty chief."""
        if not self.people.officials:
            return self.desk(Role.DUTY_CHIEF, at)
        return self.random.choice(self.people.officials)
