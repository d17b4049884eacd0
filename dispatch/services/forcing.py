"""`force_close` 强制结案: by the duty chief, or by the clock under a class's policy (law §4)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import FORCED_TIMES, POLICY_GOES_ON
from cases.models import Case, Stay, TaskOutcome
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.selectors.settings import number_at
from cases.services.accepting import tell_reporter
from cases.services.ending import someone_to_call
from cases.services.notices import notify
from cases.services.succeeding import forced_in_family, succeed
from cases.services.tasks import lapse_task
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import State
from dispatch.models import Turn, TurnEnd
from dispatch.selectors.departments import members_of
from dispatch.services.review_steps import lapse_requests, said_of_deadline
from dispatch.services.turns import end_turn, open_turn
from gridcity.contracts import CLOCK, Actor, NotAllowed, Role

# Where the clock closes by force; stored reasons of what the clock does.
BY_CLOCK = (State.TO_DISPATCH, State.HANDLING)
POLICY = "按类别强制结案时限自动结案"
TOO_OFTEN = "同一事项已强制结案%d次，提请领导决定"


@in_transaction
def force_close_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    reason: str,
    version: int | None = None,
    successor: bool = False,
    occurred_at: datetime | None = None,
) -> Case:
    """Close whatever state it is in; open tasks and requests lapse, the turn ends as forced.

    On wish (`successor`) a new case in TO_FILE goes on with the matter; of what the clock closes
    a setting says whether it is wished. After so many forced closes of one root there is no other:
    it goes to the officials.
    """
    case = lock_case(number, version=version)
    row = check_may(case, "force_close", actor)
    check_not_too_often(case, at)
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=row.needs_reason)
    lapse_task(case, outcome=TaskOutcome.LAPSED, at=at)
    said = lapse_requests(case, at)  # what its reviewers took too long has moved the deadline
    if case.state == State.HANDLING:  # by it one can tell whether the turn was late
        said |= said_of_deadline(case)
    turn = _end_turn(case, at, occurred_at)
    if turn is not None:
        said["turn"] = turn.number
    case.to_call_back = someone_to_call(case)
    move(
        case, action="force_close", actor=actor, at=at, occurred_at=occurred_at, reason=reason,
        changes=said, fields=("to_call_back",),
    )  # fmt: skip
    handlers = [] if turn is None else members_of(turn.department_id)
    tell_reporter(case, NoticeKind.ENDED, at, handlers)
    if number_at(POLICY_GOES_ON, at) if actor.is_system else successor:
        _go_on(case, actor, at, occurred_at)
    return case


def _end_turn(case: Case, at: datetime, occurred_at: datetime | None) -> Turn | None:
    """The clock stands from when the forced close was due, not from when it was swept."""
    if not Turn.objects.filter(case=case, ended_at=None).exists():
        return None
    turn = open_turn(case)
    stands_from = None
    if turn.running_since is not None and occurred_at is not None:
        stands_from = max(occurred_at, turn.running_since)
    end_turn(turn, TurnEnd.FORCED, at, stands_from=stands_from)
    return turn


def check_not_too_often(case: Case, at: datetime) -> None:
    """Raise NotAllowed for a matter that was closed by force so often already (§4)."""
    most = number_at(FORCED_TIMES, at)
    if forced_in_family(case) >= most:
        raise NotAllowed(
            _("This matter was closed by force %(n)d times: the officials decide about it.")
            % {"n": most}
        )


def _go_on(case: Case, actor: Actor, at: datetime, occurred_at: datetime | None) -> Case:
    """The successor; after the last forced close of its root it lies before the officials."""
    following = succeed(case, actor=actor, at=at, occurred_at=occurred_at)
    most = number_at(FORCED_TIMES, at)
    if forced_in_family(following) >= most:
        move(following, action="supervise", actor=CLOCK, at=at, reason=TOO_OFTEN % most)
        notify(following, on_duty([Role.OFFICIAL]), NoticeKind.DISPUTED, at=at)
    return following


def policy_due(until: datetime) -> Q:
    """Cases whose policy is due: to be dispatched or in handling ever since that instant.

    One that was elsewhere then (finished, being checked) was not left lying; what came back from
    there is handled on.
    """
    elsewhere = Stay.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("force_close_at")), case=OuterRef("pk")
    ).exclude(state__in=[str(state) for state in BY_CLOCK])
    return Q(
        ~Exists(elsewhere), state__in=[str(state) for state in BY_CLOCK],
        force_close_at__lt=until, ended_at=None,
    )  # fmt: skip
