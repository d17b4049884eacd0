"""What people do with one case: decisions by its state, drawn from a stream of its own.

A story sees the case as it stands (`View`) and says who acts next, when and how. It knows nothing
of how that is written down, so services and bulk play the same story.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cases.clocks.calendar import SHANGHAI
from cases.sources import VERIFIED_SOURCES
from cases.workflow import State
from dispatch.models import RequestKind, ReturnReason
from dispatch.simulation.aftermath import Aftermath
from dispatch.simulation.asides import UNDONE, Asides
from dispatch.simulation.diligence import Diligence
from dispatch.simulation.reports import between_sweeps
from dispatch.simulation.steps import Plan, View
from dispatch.simulation.telling import DAY, EVER, MINUTE, whole_second
from gridcity.contracts import Actor, Role

# How often what happens; none of these shares is published, all are kept small by the law's hope.
NOT_ACCEPTED, NOT_FILED, SENT_BACK, WAIVED = 0.012, 0.012, 0.006, 0.04
MISSED = 0.4  # of what the public reported while a patrol walked there
MERGED = 0.6  # of the reports beside which an open case of the cell and class stands
NOT_TRUE, NOT_FOUND, SELF_REFUSED = 0.05, 0.03, 0.04
VOIDED, WRONG_DISPATCH, RETURNED_IF_WRONG, REASSIGNED = 0.004, 0.03, 0.7, 0.005
RETURNED_AGAIN = 0.1  # by the next department, so that the ownership is disputed
SUSPENDED, DEFERRED, HOPELESS, SUCCEEDED = 0.006, 0.05, 0.004, 0.7
WITHDRAWN, CLOSE_REFUSED, CLOSE_LEFT = 0.004, 0.008, 0.04
RESULTS = ("已清理完毕，现场恢复整洁", "已修复，经检查可正常使用", "已劝离并告知相关规定")


class Story(Asides, Aftermath):
    """The people around one case, from its report until nothing more will happen to it."""

    def next(self, view: View, now: datetime) -> Plan | None:
        """What follows now; None when the story is over."""
        return _BY_STATE[view.state](self, view, now)

    # ---------------------------------------------------------------- before the filing

    def reported(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 4)
        acceptor = self.desk(Role.ACCEPTOR, at)
        if plan := self.amends_words(view, at):
            return plan
        must = self.report.source in VERIFIED_SOURCES and view.verify_outcome != "confirmed"
        if (EVER, "reconsidered") in self.asked:
            return self.accepts_after_all(view, at, acceptor, must=must)
        if view.leading and self.once(view, "merge", MERGED):
            return self.does(view, at, "merge", acceptor, leading=view.leading,
                             reason="同一地点同一问题，已有案件在办")  # fmt: skip
        if view.verify_outcome in {"not_true", "not_found"}:
            return self.does(view, at, "not_accept", acceptor, reason="经现场核实，情况不属实")
        if must:
            someone = [u for u in self.people.on_duty(self.report.cell.id, at)
                       if u != self.report.by]  # fmt: skip
            if someone and not self.happens(WAIVED):
                return self.does(view, at, "send_verify", acceptor)
            return self.does(view, at, "accept", acceptor, waiver="已由来电人提供照片，情况清楚")
        if self.happens(NOT_ACCEPTED):
            return self.does(view, at, "not_accept", acceptor, reason="不属于受理范围")
        return self.does(view, at, "accept", acceptor)

    def accepts_after_all(self, view: View, at: datetime, acceptor: Actor, *, must: bool) -> Plan:
        """What was reconsidered, against what the verification said, if there was one."""
        if must or view.verify_outcome in {"not_true", "not_found"}:
            return self.does(view, at, "accept", acceptor, waiver="复议时另有照片为证")
        return self.does(view, at, "accept", acceptor)

    def verifying(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 12, 0.6)
        assert view.assignee is not None
        lot = self.random.random()
        outcome = (
            "not_true" if lot < NOT_TRUE
            else "not_found" if lot < NOT_TRUE + NOT_FOUND else "confirmed"
        )  # fmt: skip
        supervisor = self.people.actors[view.assignee]
        return self.does(view, at, "verify", supervisor, outcome=outcome, picture=self.picture(1))

    def self_handled(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 8)
        chief = self.desk(Role.DUTY_CHIEF, at)
        if self.happens(SELF_REFUSED):
            return self.does(view, at, "refuse_self_handled", chief, reason="照片不能说明已处置")
        return self.does(view, at, "approve_self_handled", chief)

    def to_file(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 4)
        if plan := self.amends_place(view, at):
            return plan
        chief = self.desk(Role.DUTY_CHIEF, at)
        if not view.ever_finished and self.happens(NOT_FILED):
            return self.does(view, at, "not_file", chief, reason="不符合立案条件")
        if plan := self.undoes_send_back(view, now):
            return plan
        if self.once(view, "send_back_to_accept", SENT_BACK):
            return self.does(view, at, "send_back_to_accept", chief, reason="描述与照片不一致")
        missed = not self.report.succeeds and self.happens(MISSED)
        return self.does(view, at, "file", chief, standard=self.report.standard, missed=missed)

    def to_dispatch(self, view: View, now: datetime) -> Plan:
        if view.request:
            return self.reviewed(view, now)
        if plan := self.undoes_return(view, now):
            return plan
        at = self.after(now, 4)
        dispatcher = self.desk(Role.DISPATCHER, at)
        if view.round == 1 and not view.ever_finished and self.once(view, "VOID", VOIDED):
            return self.does(view, at, "ask", dispatcher, kind=RequestKind.VOID,
                             reason="现场已无此情况")  # fmt: skip
        if not view.ever_finished and self.once_ever("send_back_to_file", SENT_BACK):
            return self.does(view, at, "send_back_to_file", dispatcher, reason="立案标准有误")
        if self.is_disputed(view, at):
            return self.designates(view, at, dispatcher)
        return self.dispatches(view, at, dispatcher)

    def dispatches(self, view: View, at: datetime, dispatcher: Actor) -> Plan:
        """Where routing says, or wrongly elsewhere, which is seen at once or not."""
        wrong = view.turn == 0 and self.happens(WRONG_DISPATCH)
        if wrong:
            self.asked.add((1, "wrong"))
        elif self.happens(UNDONE):
            self.asked.add((view.turn + 1, "undo"))
        code = self.some_department(view.department_id) if wrong else ""
        return self.does(view, at, "dispatch", dispatcher, department=code)

    # ---------------------------------------------------------------- in a department's hands

    def handling(self, view: View, now: datetime) -> Plan:
        if view.request:
            return self.reviewed(view, now)
        for tell in (self.takes_back, self.asks, self.supplements):
            if (plan := tell(view, now)) is not None:
                return plan
        return self.works(view, now)

    def asks(self, view: View, now: datetime) -> Plan | None:
        """Whether the department asks for something first; each kind once a turn."""
        assert view.department_id is not None
        assert view.due_at is not None
        traits = self.diligence[view.department_id]
        if view.reworks or view.overdue or now >= view.due_at:
            return None
        member = self.people.members[view.department_id][0]
        wrong = (view.turn, "wrong") in self.asked
        soon = between_sweeps(now + timedelta(seconds=60 + int(self.random.random() * 1200)))
        share = RETURNED_IF_WRONG if wrong else traits.returns
        if view.returns:
            share = 0 if view.designated else RETURNED_AGAIN
        may = view.turn == 1 or view.returns == 1
        if may and soon < view.due_at and self.once(view, "RETURN", share):
            return self.does(
                view, soon, "ask", member, kind=RequestKind.RETURN, reason="非本单位职责范围",
                reason_code=ReturnReason.NOT_OURS,
            )  # fmt: skip
        return self.asks_for_time(view, now, member, traits)

    def asks_for_time(
        self, view: View, now: datetime, member: Actor, traits: Diligence
    ) -> Plan | None:
        """An extension late in the limit; a suspension or a deferral early in it."""
        assert view.due_at is not None
        later = between_sweeps(now + (view.due_at - now) * 0.6)
        if later >= view.due_at:
            return None
        until = view.due_at.astimezone(SHANGHAI).date() + DAY * (7 + int(self.random.random() * 20))
        if self.once(view, "EXTENSION", traits.extends):
            return self.does(view, later, "ask", member, kind=RequestKind.EXTENSION,
                             reason="所需材料尚未到货")  # fmt: skip
        if view.due_at - now > DAY and self.once(view, "SUSPENSION", SUSPENDED):
            return self.does(view, later, "ask", member, kind=RequestKind.SUSPENSION, until=until,
                             reason="需待产权单位施工")  # fmt: skip
        if self.report.entry.deferrable and self.once(view, "DEFERRAL", DEFERRED):
            return self.does(view, later, "ask", member, kind=RequestKind.DEFERRAL, until=until,
                             reason="列入下月养护计划")  # fmt: skip
        return None

    def works(self, view: View, now: datetime) -> Plan:
        """Finish, sooner or later; some are urged first, a few are never done and forced."""
        assert view.department_id is not None
        assert view.due_at is not None
        if self.once(view, "hopeless", HOPELESS) or (view.turn, "forced") in self.asked:
            self.asked.add((view.turn, "forced"))
            at = self.workday(max(now, view.due_at) + 2 * DAY)
            successor = not self.report.succeeds and self.happens(SUCCEEDED)
            return self.does(view, at, "force_close", self.desk(Role.DUTY_CHIEF, at),
                             reason="多次催办未处置", successor=successor)  # fmt: skip
        if not self.is_disputed(view, now) and self.once(view, "reassign", REASSIGNED):
            at = self.after(now, 40)
            return self.does(
                view, at, "reassign", self.desk(Role.DISPATCHER, at), reason="权属有误，改派",
                department=self.some_department(view.department_id),
            )  # fmt: skip
        at = self.done_at(view, now)
        if plan := self.is_pressed(view, now, at):
            return plan
        member = self.people.members[view.department_id][0]
        return self.does(view, at, "finish", member, result=self.random.choice(RESULTS),
                         picture=self.picture(2 + view.reworks))  # fmt: skip

    def done_at(self, view: View, now: datetime) -> datetime:
        """When the work is done: most often well inside the limit; by pace, weather and hour."""
        assert view.department_id is not None
        assert view.due_at is not None
        whole = max(view.due_at - now, 45 * MINUTE)
        pace = self.diligence[view.department_id].pace * self.report.slow
        took = max(whole * (0.4 * pace * self.random.lognormvariate(0, 0.6)), 10 * MINUTE)
        return (
            self.workday(now + took)
            if whole > 6 * 60 * MINUTE
            else between_sweeps(whole_second(now + took))
        )

    def suspended(self, view: View, now: datetime) -> Plan:
        assert view.due_at is not None
        assert view.department_id is not None
        middle = self.workday(now + (view.due_at - now) / 2)
        if self.once(view, "resume", 0.3) and now < middle < view.due_at:
            return self.does(view, middle, "resume", self.people.members[view.department_id][0])
        return self.looks_again(view, max(view.due_at, now) + MINUTE)

    # ---------------------------------------------------------------- check and close

    def to_check(self, view: View, now: datetime) -> Plan:
        assert view.department_id is not None
        if self.once(view, "withdraw", WITHDRAWN):
            member = self.people.members[view.department_id][0]
            return self.does(view, self.after(now, 3), "withdraw_finish", member,
                             reason="照片传错，重新处置")  # fmt: skip
        at = self.after(now, 4)
        if not self.checkers(view, at):
            return self.looks_again(view, at + 60 * MINUTE)
        return self.does(view, at, "send_check", self.desk(Role.ACCEPTOR, at))

    def checkers(self, view: View, at: datetime) -> list[int]:
        """Who may check: on duty around the cell, and not of the department's own house."""
        assert view.department_id is not None
        barred = self.people.barred[view.department_id]
        listed = self.people.on_duty(self.report.cell.id, at)
        return [one for one in listed if self.people.actors[one].employer not in barred]

    def checking(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 12, 0.6)
        assert view.assignee is not None
        assert view.department_id is not None
        supervisor, picture = self.people.actors[view.assignee], self.picture(5 + view.reworks)
        if view.reworks < 2 and self.happens(self.diligence[view.department_id].rework):
            return self.does(view, at, "check_failed", supervisor, picture=picture,
                             reason="现场仍有残留，未达到结案条件")  # fmt: skip
        return self.does(view, at, "check_passed", supervisor, picture=picture)

    def to_close(self, view: View, now: datetime) -> Plan:
        at = self.after(now, 8)
        assert view.due_at is not None
        if self.happens(CLOSE_LEFT):
            return self.looks_again(view, view.due_at + MINUTE)
        chief = self.desk(Role.DUTY_CHIEF, at)
        if self.once(view, "refuse_close", CLOSE_REFUSED):
            return self.does(view, at, "refuse_close", chief, reason="核查照片不清楚")
        return self.does(view, at, "close", chief)

    def merged(self, view: View, now: datetime) -> Plan | None:
        """Day by day, until its leading case has ended; it may be given back before."""
        if plan := self.undoes_merge(view, now):
            return plan
        return self.looks_again(view, now + DAY) if view.is_led else None

    def over(self, view: View, now: datetime) -> None:
        return None


_BY_STATE: dict[str, Callable[[Story, View, datetime], Plan | None]] = {
    State.REPORTED: Story.reported,
    State.VERIFYING: Story.verifying,
    State.SELF_HANDLED: Story.self_handled,
    State.TO_FILE: Story.to_file,
    State.TO_DISPATCH: Story.to_dispatch,
    State.HANDLING: Story.handling,
    State.SUSPENDED: Story.suspended,
    State.TO_CHECK: Story.to_check,
    State.CHECKING: Story.checking,
    State.TO_CLOSE: Story.to_close,
    State.CLOSED: Story.closed,
    State.FORCE_CLOSED: Story.closed,
    State.NOT_ACCEPTED: Story.unfiled,
    State.NOT_FILED: Story.unfiled,
    State.VOIDED: Story.over,
    State.MERGED: Story.merged,
}
