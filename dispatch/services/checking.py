"""核查 and 结案: somebody goes and looks whether it is done, then the case is closed (law §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import AUTOMATIC_CHECK
from cases.models import Case, Task, TaskKind, TaskOutcome
from cases.models.notice import NoticeKind
from cases.selectors.settings import number_at
from cases.services.accepting import tell_reporter
from cases.services.ending import someone_to_call
from cases.services.evidence import Prepared, attach_photos
from cases.services.notices import notify
from cases.services.tasks import answer_task, find_supervisor, give, next_sending, send_task
from cases.services.transactions import in_transaction
from cases.services.transition import Term, check_may, lock_case, move
from cases.services.verifying import came_too_late, keep_as_supplement
from cases.services.words import REASON_LIMIT, TEXT_LIMIT, clean_words
from dispatch.models import Department, Turn, TurnEnd
from dispatch.selectors.departments import members_of
from dispatch.services.turns import CLOCK_FIELDS, end_turn, go_on, open_turn, term_of
from gridcity.contracts import ROUTING, Actor, Invalid
from parts.services.writing import save


@in_transaction
def send_check(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """`send_check` 发核查: to the supervisor of the cell on duty.

    Never to one employed by the handling department: nobody checks the work of his own house.
    """
    case = lock_case(number, version=version)
    check_may(case, "send_check", actor)
    task = send_task(
        case, kind=TaskKind.CHECK, at=at, exclude_employers=barred_employers(open_turn(case))
    )
    move(case, action="send_check", actor=actor, at=at, changes={"to": task.assignee_id})
    return case


def send_check_automatically(case: Case, at: datetime) -> Task | None:
    """`send_check` at once after a finish or a refused close, where it is switched on (law §4).

    Where nobody may go, the case waits for the acceptor as before. On a locked case.
    """
    if not number_at(AUTOMATIC_CHECK, at):
        return None
    assert case.cell_id is not None
    barred = barred_employers(open_turn(case))
    assignee = find_supervisor(case, at, (), barred)
    if assignee is None:
        return None
    task = give(case, kind=TaskKind.CHECK, sending=next_sending(case), assignee=assignee, at=at)
    move(case, action="send_check", actor=ROUTING, at=at, changes={"to": assignee})
    return task


def barred_employers(turn: Turn) -> frozenset[str]:
    """Employers whose people may not check this turn: the department, who assisted, contractors.

    A contractor is a department below the one it works for.
    """
    houses = [turn.department_id, *turn.assistants.values_list("department_id", flat=True)]
    own = Department.objects.filter(Q(pk__in=houses) | Q(parent__in=houses))
    return frozenset(own.values_list("code", flat=True))


@in_transaction
def pass_check(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    words: str = "",
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
) -> Case:
    """`check_passed` with a photo: the closing condition is met."""
    return _answer_check(
        number, actor, at, TaskOutcome.PASSED, words=words, photos=photos, occurred_at=occurred_at
    )


@in_transaction
def fail_check(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    reason: str,
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
) -> Case:
    """`check_failed` ⚑ 返工 with a photo: the same turn goes on with what is left of its limit."""
    return _answer_check(
        number, actor, at, TaskOutcome.FAILED, reason=reason, photos=photos, occurred_at=occurred_at
    )


def _answer_check(
    number: str,
    actor: Actor,
    at: datetime,
    outcome: TaskOutcome,
    *,
    words: str = "",
    reason: str = "",
    photos: Sequence[Prepared],
    occurred_at: datetime | None,
) -> Case:
    """An answer after another one was recorded is kept as a supplement (domain law §4, end)."""
    case = lock_case(number)
    if not photos:
        raise Invalid(_("A photo of the place is required."), photos=_("Add a photo."))
    if came_too_late(case, TaskKind.CHECK, actor):
        late = _("Answer after the task had passed on: %(outcome)s. %(words)s") % {
            "outcome": outcome.label,
            "words": words or reason,
        }
        return keep_as_supplement(case, str(late), photos, actor, at, occurred_at)
    failed = outcome is TaskOutcome.FAILED
    action = "check_failed" if failed else "check_passed"
    check_may(case, action, actor)
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=failed)
    answer_task(case, kind=TaskKind.CHECK, outcome=outcome, actor=actor, at=at)
    turn = open_turn(case)
    changes: dict[str, Any] = {
        "outcome": outcome,
        "words": clean_words(words, field="words", limit=TEXT_LIMIT),
        "photos": [photo.sha256.hex() for photo in photos],
        "turn": turn.number,
    }
    term = _rework(turn, at) if failed else None
    event = move(
        case, action=action, actor=actor, at=at, occurred_at=occurred_at, reason=reason,
        changes=changes, term=term,
    )  # fmt: skip
    attach_photos(case, event, photos, actor=actor, at=at)
    if failed:
        notify(case, members_of(turn.department_id), NoticeKind.REWORK, at=at)
    return case


def _rework(turn: Turn, at: datetime) -> Term:
    """The finish does not stand; rework + 1; the clock goes on with what is left (law §6.2)."""
    turn.finished_at = turn.finish_in_time = None
    turn.rework_count += 1
    go_on(turn, at)
    save(turn, ("finished_at", "finish_in_time", "rework_count", *CLOCK_FIELDS))
    return term_of(turn)


@in_transaction
def close_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    occurred_at: datetime | None = None,
) -> Case:
    """`close` 结案 by the duty chief, or by the clock when he let the whole limit pass."""
    case = lock_case(number, version=version)
    return close_held_case(case, actor=actor, at=at, occurred_at=occurred_at)


def close_held_case(
    case: Case, *, actor: Actor, at: datetime, occurred_at: datetime | None = None
) -> Case:
    """The same of a case that the caller's transaction has locked."""
    check_may(case, "close", actor)
    turn = open_turn(case)
    end_turn(turn, TurnEnd.CLOSED, at)
    case.to_call_back = someone_to_call(case)
    move(
        case, action="close", actor=actor, at=at, occurred_at=occurred_at,
        changes={"turn": turn.number}, fields=("to_call_back",),
    )  # fmt: skip
    tell_reporter(case, NoticeKind.ENDED, at, members_of(turn.department_id))
    return case


@in_transaction
def refuse_close(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`refuse_close` ⚑: the case is checked once more; the handling clock stands."""
    case = lock_case(number, version=version)
    move(case, action="refuse_close", actor=actor, at=at, reason=reason)
    send_check_automatically(case, at)
    return case
