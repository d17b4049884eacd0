"""What follows from an action, said in its dialog before it is done."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import days_key
from cases.selectors.settings import days_at
from cases.workflow import ROLE_LABELS
from dispatch import handling_clock
from dispatch.desk_forms import HINTS
from dispatch.models import Request, RequestKind
from dispatch.offers import answerable
from dispatch.selectors.case_detail import CaseView
from dispatch.services.reviews import next_reviewer
from dispatch.services.turns import calendar_of, clock_of

# With the longest time that an administrator has set for the kind.
BOUNDED: dict[str, tuple[RequestKind, Promise]] = {
    "ask_suspension": (
        RequestKind.SUSPENSION,
        _(
            "If approved, the clock stands until that date, at most %(days)d days from today. Your "
            "lead looks at it first, then dispatcher and duty chief; until then the clock goes on."
        ),
    ),
    "ask_deferral": (
        RequestKind.DEFERRAL,
        _(
            "If approved, that date is the new deadline, at most %(days)d days from today. Your "
            "lead looks at it first, then dispatcher and duty chief; until then the clock goes on."
        ),
    ),
}
APPROVED: dict[str, Promise] = {
    RequestKind.RETURN: _(
        "The case goes back to be dispatched; the turn counts as a wrong dispatch."
    ),
    RequestKind.EXTENSION: _("The original limit is given once more: due %(due)s."),
    RequestKind.SUSPENSION: _("The clock stands until %(until)s, 00:00; then the case goes on."),
    RequestKind.DEFERRAL: _("The end of %(until)s is the new deadline."),
    RequestKind.VOID: _("The case ends as void and leaves the figures."),
    RequestKind.APPEAL: _("What happened stays on record; it no longer counts."),
    RequestKind.DESIGNATION: _(
        "%(department)s is designated by the next dispatch and cannot return the case."
    ),
}


def hint_of(view: CaseView, action: str) -> Promise | str:
    """What follows from an action in this case; empty where nothing need be said."""
    if action in BOUNDED:
        kind, sentence = BOUNDED[action]
        return str(sentence) % {"days": days_at(days_key(kind), view.at).days}
    request = answerable(view)
    if action in _ANSWERED and request is not None:
        return _ANSWERED[action](view, request)
    return HINTS.get(action, "")


def _approving(view: CaseView, request: Request) -> str:
    """On to the next reviewer; after the last what is carried out."""
    step = next((one for one in request.steps.all() if one.ended_at is None), None)
    following = next_reviewer(request, step.reviewer_role) if step is not None else None
    if following is not None:
        return __("It goes on to be reviewed by: %(role)s. Until then nothing changes.") % {
            "role": ROLE_LABELS[following]
        }
    return str(APPROVED[request.kind]) % _values(view, request)


def _values(view: CaseView, request: Request) -> dict[str, str]:
    department = request.proposed_department
    return {
        "until": date_format(request.until, "Y-m-d") if request.until else "",
        "department": department.name if department else "",
        "due": _longer(view) if request.kind == RequestKind.EXTENSION else "",
    }


def _longer(view: CaseView) -> str:
    """The deadline with one original limit more, as it would be if it were approved now."""
    turn = view.turn
    if turn is None or turn.due_at is None:
        return "—"
    calendar = calendar_of(turn)
    due_at = handling_clock.longer(clock_of(turn), turn.whole_limit, calendar).due_at
    assert due_at is not None
    return date_format(timezone.localtime(due_at), "Y-m-d H:i")


def _refusing(view: CaseView, request: Request) -> str:
    if request.kind == RequestKind.APPEAL:
        return __("The fact goes on counting; it cannot be appealed against again.")
    return __("Everything stays as it is; who asked hears your reason.")


_ANSWERED: dict[str, Callable[[CaseView, Request], str]] = {
    "approve": _approving,
    "preapprove": _approving,
    "refuse": _refusing,
}
