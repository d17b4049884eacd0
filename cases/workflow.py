"""The law of the case as one table: who may do what in which state, and what comes of it.

Source: domain law §§3–5. Pure: no database, no clock. The services carry it out, the pages show
it, `docs/case-states.md` is drawn from it, and the tests walk through all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Role


class State(TextChoices):
    """The states of domain law §3. Lateness, lamps and scores are computed, never states."""

    REPORTED = "REPORTED", _("To be accepted")
    VERIFYING = "VERIFYING", _("Being verified")
    SELF_HANDLED = "SELF_HANDLED", _("Self-handled, to be reviewed")
    TO_FILE = "TO_FILE", _("To be filed")
    TO_DISPATCH = "TO_DISPATCH", _("To be dispatched")
    HANDLING = "HANDLING", _("Being handled")
    SUSPENDED = "SUSPENDED", _("Suspended")
    TO_CHECK = "TO_CHECK", _("To be checked")
    CHECKING = "CHECKING", _("Being checked")
    TO_CLOSE = "TO_CLOSE", _("To be closed")
    CLOSED = "CLOSED", _("Closed")
    FORCE_CLOSED = "FORCE_CLOSED", _("Closed by force")
    NOT_ACCEPTED = "NOT_ACCEPTED", _("Not accepted")
    NOT_FILED = "NOT_FILED", _("Not filed")
    VOIDED = "VOIDED", _("Voided")
    MERGED = "MERGED", _("Merged")


ENDED = frozenset(
    {
        State.CLOSED,
        State.FORCE_CLOSED,
        State.NOT_ACCEPTED,
        State.NOT_FILED,
        State.VOIDED,
        State.MERGED,
    }
)
OPEN = frozenset(State) - ENDED
# Ends in which nothing was ever filed; no case may come here after a department finished it.
UNFILED_ENDS = frozenset({State.NOT_ACCEPTED, State.NOT_FILED, State.MERGED})

# Where a case may take others in (domain law §4, merge: REPORTED … HANDLING or SUSPENDED).
LEADING = frozenset(
    {
        State.REPORTED,
        State.VERIFYING,
        State.SELF_HANDLED,
        State.TO_FILE,
        State.TO_DISPATCH,
        State.HANDLING,
        State.SUSPENDED,
    }
)

# Whose turn a state is (domain law §3, last column).
TURN: dict[State, frozenset[str]] = {
    State.REPORTED: frozenset({Role.ACCEPTOR}),
    State.VERIFYING: frozenset({Role.SUPERVISOR}),
    State.SELF_HANDLED: frozenset({Role.DUTY_CHIEF}),
    State.TO_FILE: frozenset({Role.DUTY_CHIEF}),
    State.TO_DISPATCH: frozenset({Role.DISPATCHER}),
    State.HANDLING: frozenset({Role.DEPARTMENT}),
    State.SUSPENDED: frozenset({Role.DEPARTMENT, Role.DISPATCHER, Role.CLOCK}),
    State.TO_CHECK: frozenset({Role.ACCEPTOR}),
    State.CHECKING: frozenset({Role.SUPERVISOR}),
    State.TO_CLOSE: frozenset({Role.DUTY_CHIEF, Role.CLOCK}),
}

# The desks of the two centres, by the role of their people.
DESK_ROLES = (Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER)
# The desk of each stage whose minutes are its own; supervisors' tasks are passed on instead.
DESKS: dict[State, str] = {
    State.REPORTED: Role.ACCEPTOR,
    State.SELF_HANDLED: Role.DUTY_CHIEF,
    State.TO_FILE: Role.DUTY_CHIEF,
    State.TO_DISPATCH: Role.DISPATCHER,
    State.TO_CHECK: Role.ACCEPTOR,
    State.TO_CLOSE: Role.DUTY_CHIEF,
}

ROLE_LABELS: dict[str, Promise] = {
    Role.SUPERVISOR: _("supervisor"),
    Role.ACCEPTOR: _("acceptor"),
    Role.DUTY_CHIEF: _("duty chief"),
    Role.DISPATCHER: _("dispatcher"),
    Role.DEPARTMENT: _("department"),
    Role.OFFICIAL: _("official"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.CLIENT: _("interface client"),
    Role.CITIZEN: _("citizen"),
    Role.CLOCK: _("clock"),
    Role.ROUTING: _("automatic routing"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an action that may be done from these states by these roles.

    `target` is None where the state stays. `guard` says in words which further condition the
    service checks; the table does not know it. `whose` narrows a role to one person or unit.
    """

    action: str
    label: Promise
    sources: frozenset[State]
    target: State | None
    roles: frozenset[str]
    needs_reason: bool = False
    raises_version: bool = True
    guard: str = ""

    def leads_to(self, source: State) -> State:
        return self.target or source


def _row(
    action: str,
    label: Promise,
    sources: State | frozenset[State] | None,
    target: State | None,
    *roles: str,
    reason: bool = False,
    version: bool = True,
    guard: str = "",
) -> Transition:
    listed = frozenset() if sources is None else sources
    return Transition(
        action,
        label,
        frozenset({listed}) if isinstance(listed, State) else listed,
        target,
        frozenset(roles),
        reason,
        version,
        guard,
    )


def _some(*states: State) -> frozenset[State]:
    return frozenset(states)


_CASE_ROWS: tuple[Transition, ...] = (
    _row("report", _("Report"), None, State.REPORTED,
         Role.SUPERVISOR, Role.ACCEPTOR, Role.CITIZEN, Role.CLIENT,
         guard="a point inside the district, or words for the place where the source allows it"),
    _row("report_self_handled", _("Report as handled on the spot"), None, State.SELF_HANDLED,
         Role.SUPERVISOR,
         guard="class flagged for it; photos before and after, near in time and place"),
    _row("approve_self_handled", _("Approve self-handling"), State.SELF_HANDLED, State.CLOSED,
         Role.DUTY_CHIEF),
    _row("refuse_self_handled", _("Refuse self-handling"), State.SELF_HANDLED, State.REPORTED,
         Role.DUTY_CHIEF, reason=True),
    _row("amend", _("Amend"), _some(State.REPORTED, State.TO_FILE), None,
         Role.ACCEPTOR, Role.DUTY_CHIEF),
    _row("supplement", _("Supplement"), OPEN, None,
         Role.SUPERVISOR, Role.ACCEPTOR, Role.DEPARTMENT, Role.CITIZEN, version=False,
         guard="of a department, the one whose turn it is; of citizens, the one of the case, or "
         "who would report the same matter beside it"),
    _row("send_verify", _("Send for verification"), State.REPORTED, State.VERIFYING, Role.ACCEPTOR,
         guard="a supervisor of the cell or a neighbouring one on duty, never the reporter"),
    _row("verify", _("Answer verification"), State.VERIFYING, State.REPORTED, Role.SUPERVISOR,
         guard="the supervisor of the task; a photo"),
    _row("recall_task", _("Recall the task"), State.VERIFYING, State.REPORTED,
         Role.ACCEPTOR, Role.DUTY_CHIEF, Role.CLOCK, reason=True),
    _row("recall_task", _("Recall the task"), State.CHECKING, State.TO_CHECK,
         Role.ACCEPTOR, Role.DUTY_CHIEF, Role.CLOCK, reason=True),
    _row("pass_task_on", _("Pass the task on"), _some(State.VERIFYING, State.CHECKING), None,
         Role.CLOCK, guard="the task is past its limit or its shift has ended"),
    _row("accept", _("Accept"), State.REPORTED, State.TO_FILE, Role.ACCEPTOR,
         guard="class, place and words complete; verified where the source demands it"),
    _row("not_accept", _("Do not accept"), State.REPORTED, State.NOT_ACCEPTED, Role.ACCEPTOR,
         reason=True),
    _row("merge", _("Merge"), _some(State.REPORTED, State.TO_FILE), State.MERGED,
         Role.ACCEPTOR, Role.DUTY_CHIEF, reason=True,
         guard="leading case in REPORTED … HANDLING or SUSPENDED and not merged itself"),
    _row("take_in", _("Take in a merged case"), LEADING, None, Role.ACCEPTOR, Role.DUTY_CHIEF,
         guard="with a merge"),
    _row("let_go", _("Give a merged case back"), frozenset(State), None,
         Role.ACCEPTOR, Role.DUTY_CHIEF, guard="with the undoing of a merge"),
    _row("undo_merge", _("Undo the merge"), State.MERGED, State.REPORTED,
         Role.ACCEPTOR, Role.DUTY_CHIEF, guard="within 10 minutes; was in REPORTED"),
    _row("undo_merge", _("Undo the merge"), State.MERGED, State.TO_FILE,
         Role.ACCEPTOR, Role.DUTY_CHIEF, guard="within 10 minutes; was in TO_FILE"),
    _row("release_member", _("Release from the merge"), State.MERGED, State.REPORTED, Role.CLOCK,
         guard="the leading case ended unfiled, was settled on the spot, or is void"),
    _row("file", _("File"), State.TO_FILE, State.TO_DISPATCH, Role.DUTY_CHIEF,
         guard="a filing standard of the class is named"),
    _row("not_file", _("Do not file"), State.TO_FILE, State.NOT_FILED, Role.DUTY_CHIEF, reason=True,
         guard="no department ever finished the case"),
    _row("reconsider", _("Reconsider"), _some(State.NOT_ACCEPTED, State.NOT_FILED), State.REPORTED,
         Role.DUTY_CHIEF, reason=True, guard="within 10† days"),
    _row("send_back_to_accept", _("Send back to acceptance"), State.TO_FILE, State.REPORTED,
         Role.DUTY_CHIEF, reason=True),
    _row("dispatch", _("Dispatch"), State.TO_DISPATCH, State.HANDLING,
         Role.DISPATCHER, Role.ROUTING,
         guard="one lead department; designation after two† returns"),
    _row("undo_dispatch", _("Undo the dispatch"), State.HANDLING, State.TO_DISPATCH,
         Role.DISPATCHER, guard="within 10† s by who dispatched, not yet opened by the department"),
    _row("undo_send_back", _("Undo the sending back"), State.TO_FILE, State.TO_DISPATCH,
         Role.DISPATCHER, guard="within 10† s by who sent it back, not yet opened"),
    _row("undo_return", _("Undo the return"), State.TO_DISPATCH, State.HANDLING,
         Role.DISPATCHER, Role.DUTY_CHIEF, guard="within 10† s by who approved it, not yet opened"),
    _row("send_back_to_file", _("Send back to filing"), State.TO_DISPATCH, State.TO_FILE,
         Role.DISPATCHER, reason=True, guard="no department ever finished the case"),
    _row("finish", _("Finish handling"), State.HANDLING, State.TO_CHECK, Role.DEPARTMENT,
         guard="its own turn; result in words and a photo after handling"),
    _row("withdraw_finish", _("Withdraw the finish"), State.TO_CHECK, State.HANDLING,
         Role.DEPARTMENT, reason=True, guard="its own turn; before the first check of this finish"),
    _row("send_check", _("Send for checking"), State.TO_CHECK, State.CHECKING,
         Role.ACCEPTOR, Role.ROUTING,
         guard="a supervisor on duty who is not employed by the handling department"),
    _row("check_passed", _("Check passed"), State.CHECKING, State.TO_CLOSE, Role.SUPERVISOR,
         guard="the supervisor of the task; a photo"),
    _row("check_failed", _("Check failed"), State.CHECKING, State.HANDLING, Role.SUPERVISOR,
         reason=True, guard="the supervisor of the task; a photo; the same turn goes on"),
    _row("close", pgettext_lazy("action", "Close"), State.TO_CLOSE, State.CLOSED,
         Role.DUTY_CHIEF, Role.CLOCK),
    _row("refuse_close", _("Refuse to close"), State.TO_CLOSE, State.TO_CHECK, Role.DUTY_CHIEF,
         reason=True),
    _row("recompute", _("Reckon the deadline anew"), frozenset({State.HANDLING, *DESKS}), None,
         Role.CLOCK,
         guard="the calendar or the working hours have changed; never to an instant already past"),
    _row("resume", _("Resume"), State.SUSPENDED, State.HANDLING,
         Role.DEPARTMENT, Role.DISPATCHER, Role.CLOCK),
    _row("reassign", _("Reassign"), _some(State.HANDLING, State.SUSPENDED), State.HANDLING,
         Role.DISPATCHER, reason=True, guard="another department; designation after two† returns"),
    _row("force_close", _("Close by force"),
         _some(State.SUSPENDED, State.TO_CHECK, State.CHECKING, State.TO_CLOSE),
         State.FORCE_CLOSED, Role.DUTY_CHIEF, reason=True),
    _row("force_close", _("Close by force"), _some(State.TO_DISPATCH, State.HANDLING),
         State.FORCE_CLOSED, Role.DUTY_CHIEF, Role.CLOCK, reason=True,
         guard="by the clock only under the class policy and while not deferred"),
    _row("succeed", _("Go on after a forced close"), None, State.TO_FILE,
         Role.DUTY_CHIEF, Role.CLOCK,
         guard="with a forced close, on wish: of the duty chief, or† for those by the policy"),
    _row("reopen", _("Reopen"), State.CLOSED, State.TO_DISPATCH, Role.DUTY_CHIEF, reason=True,
         guard="within 10† days; was filed"),
    _row("reopen", _("Reopen"), State.CLOSED, State.REPORTED, Role.DUTY_CHIEF, reason=True,
         guard="within 10† days; was self-handled"),
    _row("rate", _("Rate"), _some(State.CLOSED, State.FORCE_CLOSED), None, Role.CITIZEN,
         version=False, guard="once, within 30† days"),
    _row("call_back", _("Call back"), _some(State.CLOSED, State.FORCE_CLOSED), None, Role.ACCEPTOR,
         version=False),
    _row("give_code", _("Give a query code"), frozenset(State), None, Role.ACCEPTOR,
         version=False, guard="to whoever reported it and is not forgotten; told once"),
    _row("purge_words", _("Delete words on demand"), frozenset(State), None, Role.CLOCK,
         version=False, guard="on demand of whom they are about, by the operator of the site"),
    _row("purge_personal_data", _("Forget who reported"), frozenset(State), None, Role.CLOCK,
         version=False, guard="180† days after the end, or on demand of who reported it"),
    _row("object_missed", _("Object to a missed matter"), frozenset(State), None, Role.SUPERVISOR,
         reason=True, version=False, guard="whom it is charged to; within 7† days; once"),
    _row("uphold_objection", _("Uphold the objection"), frozenset(State), None, Role.DUTY_CHIEF,
         reason=True, version=False, guard="another duty chief than who confirmed it, where two "
         "are on duty"),
    _row("refuse_objection", _("Refuse the objection"), frozenset(State), None, Role.DUTY_CHIEF,
         reason=True, version=False, guard="another duty chief than who confirmed it, where two "
         "are on duty"),
    _row("urge", _("Urge"), OPEN, None, Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.CLOCK,
         version=False),
    _row("supervise", _("Supervise"), OPEN, None,
         Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.CLOCK, reason=True, version=False),
)  # fmt: skip

_TURN_STATES = _some(State.HANDLING)
_REVIEWED_IN = _some(State.HANDLING, State.TO_DISPATCH, State.SUSPENDED)

# Requests that need approval, domain law §5; an appeal blocks nothing and may come after the end.
_REQUEST_ROWS: tuple[Transition, ...] = (
    _row("ask_return", _("Ask to return"), _TURN_STATES, None, Role.DEPARTMENT, reason=True,
         guard="first quarter† of the limit, at least 30† minutes; never once overdue"),
    _row("ask_extension", _("Ask for an extension"), _TURN_STATES, None, Role.DEPARTMENT,
         reason=True, guard="not once overdue; at most two† approved"),
    _row("ask_suspension", _("Ask for suspension"), _TURN_STATES, None, Role.DEPARTMENT,
         reason=True, guard="once†; not once overdue; ends within 365† days"),
    _row("ask_deferral", _("Ask for deferral"), _TURN_STATES, None, Role.DEPARTMENT,
         reason=True, guard="class allows it; once†; not once overdue; ends within 90† days"),
    _row("ask_void", _("Ask to void"), _REVIEWED_IN, None, Role.DISPATCHER, reason=True,
         guard="no finish was ever recorded; not after a reopening"),
    _row("ask_designation", _("Ask for a designation"), _REVIEWED_IN, None, Role.DISPATCHER,
         reason=True, guard="two† returns were approved; the duty chief consents"),
    _row("ask_appeal", _("Appeal"), frozenset(State) - UNFILED_ENDS, None, Role.DEPARTMENT,
         reason=True, guard="within 7† days after the end; once for each turn and fact"),
    _row("preapprove", _("Pre-approve"), _TURN_STATES, None, Role.DEPARTMENT,
         guard="a lead member, not the one who asked"),
    _row("pass_request_on", _("Pass the request on"), frozenset(State), None, Role.CLOCK,
         guard="no lead answered within his limit; of an appeal, no dispatcher is on duty but who "
         "dispatched"),
    _row("withdraw_request", _("Withdraw the request"), frozenset(State), None,
         Role.DEPARTMENT, Role.DISPATCHER, guard="who asked"),
    _row("refuse_request", _("Refuse the request"), frozenset(State), None,
         Role.DISPATCHER, Role.DUTY_CHIEF, Role.DEPARTMENT, reason=True),
    _row("approve_request", _("Approve the request"), frozenset(State), None,
         Role.DISPATCHER, Role.DUTY_CHIEF, guard="a step that is not the last, an extension, a "
         "deferral or an appeal: the state stays"),
    _row("approve_return", _("Approve the return"), State.HANDLING, State.TO_DISPATCH,
         Role.DISPATCHER, Role.DUTY_CHIEF),
    _row("approve_suspension", _("Approve the suspension"), State.HANDLING, State.SUSPENDED,
         Role.DUTY_CHIEF),
    _row("approve_void", _("Approve the voiding"), _REVIEWED_IN, State.VOIDED, Role.DUTY_CHIEF,
         guard="another duty chief than who filed it, where two are on duty"),
)  # fmt: skip

TABLE: tuple[Transition, ...] = _CASE_ROWS + _REQUEST_ROWS


def rows_of(action: str) -> list[Transition]:
    """The rows of one action; empty for a word that is no action."""
    return [row for row in TABLE if row.action == action]


ACTIONS: tuple[str, ...] = tuple(dict.fromkeys(row.action for row in TABLE))
_BY_ACTION: dict[str, list[Transition]] = {action: rows_of(action) for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action may be done: the row and the role, or why not.

    `refusal` is "role" (he may see it but his role never does this: 403) or "state" (not now: 409).
    """

    transition: Transition | None
    role: str = ""
    refusal: str = ""
    sentence: str = ""

    @property
    def allowed(self) -> bool:
        return self.transition is not None


def judge(state: State | None, action: str, roles: frozenset[str]) -> Verdict:
    """Decide an action in a state for somebody with these roles (domain law §4).

    Of several rows that fit, the first counts; the service picks another by its guard with
    `choose`. `state` is None before the case exists.
    """
    rows = _BY_ACTION.get(action, [])
    here = [row for row in rows if (state in row.sources if state else not row.sources)]
    for row in here:
        if role := min(roles & row.roles, default=None):
            return Verdict(row, role)
    if not any(roles & row.roles for row in rows):
        return Verdict(None, refusal="role", sentence=_not_your_role(rows))
    if here:
        return Verdict(None, refusal="role", sentence=_not_your_role(here))
    return Verdict(None, refusal="state", sentence=_not_now(state, rows, roles))


def choose(state: State, action: str, target: State) -> Transition:
    """The row of an action that leads from here to `target`. Raises LookupError when none does."""
    for row in _BY_ACTION.get(action, []):
        if state in row.sources and row.leads_to(state) == target:
            return row
    raise LookupError(f"{action} does not lead from {state} to {target}")


def allowed_actions(state: State, roles: frozenset[str]) -> Iterator[Transition]:
    """The rows that the table allows to these roles here, each action once; guards come after."""
    seen: set[str] = set()
    for row in TABLE:
        if state in row.sources and roles & row.roles and row.action not in seen:
            seen.add(row.action)
            yield row


# Done only with something else, or in answer to a request: nobody is told to do it instead.
WITH = frozenset(
    {"take_in", "let_go", "succeed", "undo_merge", "undo_dispatch", "undo_send_back", "undo_return",
     "preapprove", "withdraw_request", "refuse_request", "approve_request", "approve_return",
     "approve_suspension", "approve_void", "give_code"}
)  # fmt: skip


def _names(roles: frozenset[str]) -> str:
    return "、".join(str(ROLE_LABELS[role]) for role in sorted(roles))


def _not_your_role(rows: list[Transition]) -> str:
    if not rows:
        return __("There is no such action.")
    roles = frozenset().union(*(row.roles for row in rows))
    return __("“%(action)s” is done by: %(roles)s.") % {
        "action": rows[0].label,
        "roles": _names(roles),
    }


def _not_now(state: State | None, rows: list[Transition], roles: frozenset[str]) -> str:
    """Whose turn it is, and what these roles may do instead (domain law §4, first paragraph)."""
    if state is None:
        return __("There is no case yet.")
    values: dict[str, object] = {"state": state.label, "action": rows[0].label}
    if state not in TURN:
        return __("The case has ended as “%(state)s”; “%(action)s” is not possible.") % values
    values["whose"] = _names(TURN[state])
    turn = __(
        "The case is “%(state)s”; “%(action)s” is not possible now. It is the turn of: %(whose)s."
    )
    instead = [str(row.label) for row in allowed_actions(state, roles) if row.action not in WITH]
    if not instead:
        return turn % values
    return turn % values + __(" Possible for you: %(actions)s.") % {"actions": "、".join(instead)}
