"""核实 verification: before filing, somebody goes and looks (domain law §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Task, TaskKind, TaskOutcome
from cases.models.task import VERIFY_OUTCOMES
from cases.services.accepting import supplement_case
from cases.services.evidence import Prepared, attach_photos
from cases.services.tasks import answer_task, send_task
from cases.services.transition import check_may, lock_case, move, term_that_goes_on
from cases.services.words import TEXT_LIMIT, clean_words
from cases.workflow import State
from gridcity.contracts import Actor, Invalid

# How a task ends when it leaves its supervisor without his answer.
PASSED_ON = frozenset(
    {TaskOutcome.MISSED, TaskOutcome.SHIFT_ENDED, TaskOutcome.LAPSED, TaskOutcome.RECALLED}
)


@transaction.atomic
def send_verify(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """`send_verify` 发核实: a task for the supervisor on duty, never for who reported it."""
    case = lock_case(number, version=version)
    check_may(case, "send_verify", actor)
    case.first_contact_id = case.first_contact_id or actor.user_id
    exclude = {case.reported_by_id} if case.reported_by_id else set()
    task = send_task(case, kind=TaskKind.VERIFY, at=at, exclude=exclude)
    move(
        case,
        action="send_verify",
        actor=actor,
        at=at,
        changes={"to": task.assignee_id},
        fields=("first_contact",),
    )
    return case


@transaction.atomic
def answer_verification(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    outcome: str,
    words: str = "",
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
) -> Case:
    """`verify` 核实反馈 with a photo: confirmed, not_true or not_found; it stays on the case.

    An answer that comes after another one was recorded is kept as a supplement. It names no
    version: the task itself says whether it is still wanted.
    """
    if outcome not in VERIFY_OUTCOMES:
        raise Invalid(
            _("Say what you found."), outcome=_("One of: confirmed, not_true, not_found.")
        )
    if not photos:
        raise Invalid(_("A photo of the place is required."), photos=_("Add a photo."))
    case = lock_case(number)
    if came_too_late(case, TaskKind.VERIFY, actor):
        text = _("Answer after the task had passed on: %(outcome)s. %(words)s") % {
            "outcome": TaskOutcome(outcome).label,
            "words": words,
        }
        return keep_as_supplement(case, str(text), photos, actor, at, occurred_at)
    check_may(case, "verify", actor)
    answer_task(case, kind=TaskKind.VERIFY, outcome=TaskOutcome(outcome), actor=actor, at=at)
    case.verify_outcome = outcome
    event = move(
        case,
        action="verify",
        actor=actor,
        at=at,
        occurred_at=occurred_at,
        changes={
            "outcome": outcome,
            "words": clean_words(words, field="words", limit=TEXT_LIMIT),
            "photos": [photo.sha256.hex() for photo in photos],
        },
        term=term_that_goes_on(case, State.REPORTED, at),
        fields=("verify_outcome",),
    )
    attach_photos(case, event, photos, actor=actor, at=at)
    return case


def came_too_late(case: Case, kind: TaskKind, actor: Actor) -> bool:
    """Whether this supervisor lost his last task to another answer, a recall or a new sending.

    Who answered himself does not come too late, he comes twice: that is refused. While his task
    is with the next supervisor, his answer still counts.
    """
    tasks = Task.objects.filter(case=case, kind=kind).order_by("-id")
    own = tasks.filter(assignee_id=actor.user_id).first()
    if own is None or own.outcome not in PASSED_ON:
        return False
    waiting = tasks.filter(ended_at=None).first()
    return waiting is None or waiting.sending != own.sending


def keep_as_supplement(
    case: Case,
    words: str,
    photos: Sequence[Prepared],
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None,
) -> Case:
    """Keep a late answer of an open case. Raises NotAllowed: one that has ended takes no more."""
    check_may(case, "supplement", actor)
    kept, _event = supplement_case(
        number=case.number,
        actor=actor,
        at=at,
        words=words[:TEXT_LIMIT],
        photos=photos,
        occurred_at=occurred_at,
    )
    return kept
