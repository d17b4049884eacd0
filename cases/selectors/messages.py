"""The in-app messages of a person, each as a sentence in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Message, TaskKind
from cases.models.notice import URGENT, NoticeKind
from cases.selectors.paging import Page, page_of
from cases.selectors.topics import COLUMNS, spoken_of

ICONS = {
    NoticeKind.TASK: "person-walking",
    NoticeKind.DISPATCHED: "send",
    NoticeKind.REWORK: "arrow-repeat",
    NoticeKind.REQUEST: "patch-question",
    NoticeKind.ANSWERED: "reply",
    NoticeKind.NOT_ACCEPTED: "x-circle",
    NoticeKind.ENDED: "check2-circle",
    NoticeKind.WARNING: "exclamation-triangle",
    NoticeKind.ESCALATION: "alarm",
    NoticeKind.DESK_LATE: "alarm",
    NoticeKind.IDLE: "hourglass-split",
    NoticeKind.NOBODY: "person-x",
    NoticeKind.URGED: "megaphone",
    NoticeKind.SUPERVISED: "megaphone-fill",
    NoticeKind.RESUMED: "play-circle",
    NoticeKind.REOPENED: "arrow-counterclockwise",
    NoticeKind.MISSED: "eye-slash",
    NoticeKind.OBJECTED: "patch-question",
    NoticeKind.SUPPLEMENTED: "chat-left-text",
    NoticeKind.DISPUTED: "exclamation-octagon",
    NoticeKind.INSPECTED: "clipboard-check",
    NoticeKind.CONTESTED: "patch-question",
    NoticeKind.DECIDED: "reply",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One message as its list shows it."""

    id: int
    number: str
    class_name: str
    about: str
    path: str
    sentence: str
    icon: str
    is_urgent: bool
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of messages, newest first."""

    lines: list[Line]
    next: str | None
    previous: str | None


def inbox(*, user_id: int, cursor: str | None = None, unread_only: bool = False) -> Inbox:
    """The messages of a user; one query a page. Raises Invalid for an unknown cursor."""
    mine = Message.objects.filter(receiver_id=user_id)
    if unread_only:
        mine = mine.filter(read_at=None)
    rows: QuerySet[Any, Any] = mine.values(
        *COLUMNS, "id", "kind", "values", "at", "read_at", "case__catalogue_class__name"
    )
    page: Page = page_of(rows, cursor=cursor)
    return Inbox([line_of(row) for row in page.rows], page.next, page.previous)


def line_of(row: dict[str, Any]) -> Line:
    kind, spoken, values = row["kind"], spoken_of(row), row["values"] or {}
    return Line(
        id=row["id"],
        number=spoken.number,
        class_name=row["case__catalogue_class__name"] or values.get("item", ""),
        about="" if spoken.number else spoken.words,
        path=spoken.path,
        sentence=sentence(kind, values),
        icon=ICONS.get(kind, "bell"),
        is_urgent=kind in URGENT,
        at=row["at"],
        is_read=row["read_at"] is not None,
    )


def sentence(kind: str, values: dict[str, Any]) -> str:
    """What a notice says, from its kind and values; a kind without values says its label."""
    said = SENTENCES.get(kind)
    filled = {
        "department": values.get("department", ""),
        "share": values.get("share", ""),
        "request": str(REQUESTS.get(values.get("kind", ""), _("Request"))),
        "answer": str(ANSWERS.get(values.get("answer", ""), "—")),
        "task": str(TASKS.get(values.get("task", ""), _("A task on site"))),
        "words": values.get("words", ""),
        "points": values.get("points", ""),
        "decision": str(DECISIONS.get(values.get("decision", ""), "")),
    }
    wanted = WANTED.get(kind, ())
    if said is None or not all(filled[name] for name in wanted):
        return str(NoticeKind(kind).label) if kind in NoticeKind.values else kind
    return str(said) % filled


SENTENCES: dict[str, Promise] = {
    NoticeKind.TASK: _("%(task)s waits for you."),
    NoticeKind.DISPATCHED: _("Dispatched to %(department)s."),
    NoticeKind.REQUEST: _("%(request)s: your answer is awaited."),
    NoticeKind.ANSWERED: _("Your request (%(request)s) was answered: %(answer)s."),
    NoticeKind.WARNING: _("%(share)s %% of the handling limit is used."),
    NoticeKind.ESCALATION: _("The handling limit has run out: %(share)s %% of it is used."),
    NoticeKind.DESK_LATE: _("A desk is late: %(share)s %% of its limit is used."),
    NoticeKind.IDLE: _("It has waited for a day while its desk does not work."),
    NoticeKind.URGED: _("Urged: %(words)s"),
    NoticeKind.SUPERVISED: _("Put under supervision: %(words)s"),
    NoticeKind.INSPECTED: _("Scored by an inspection: %(points)s points."),
    NoticeKind.CONTESTED: _("An appeal against an inspection: your answer is awaited."),
    NoticeKind.DECIDED: _("About an inspection that scored you: %(decision)s."),
}
# Values without which a sentence would have a hole: then the label of the kind is said.
WANTED: dict[str, tuple[str, ...]] = {
    NoticeKind.DISPATCHED: ("department",),
    NoticeKind.WARNING: ("share",),
    NoticeKind.ESCALATION: ("share",),
    NoticeKind.DESK_LATE: ("share",),
    NoticeKind.URGED: ("words",),
    NoticeKind.SUPERVISED: ("words",),
    NoticeKind.INSPECTED: ("points",),
    NoticeKind.DECIDED: ("decision",),
}
TASKS: dict[str, Promise] = {
    TaskKind.VERIFY: _("A verification on site"),
    TaskKind.CHECK: _("A check on site"),
}
# The kinds of requests and their answers belong to a higher app; here they are only words.
REQUESTS: dict[str, Promise] = {
    "RETURN": _("Return"),
    "VOID": _("Void"),
    "DESIGNATION": _("Designation"),
    "EXTENSION": _("Extension"),
    "SUSPENSION": _("Suspension"),
    "DEFERRAL": _("Deferral"),
    "APPEAL": _("Appeal"),
    "OBJECTION": _("Objection"),
}
DECISIONS: dict[str, Promise] = {
    "upheld": _("your appeal was upheld, it does not count"),
    "refused": _("your appeal was refused, it counts"),
    "withdrawn": _("it was taken back and does not count"),
}
ANSWERS: dict[str, Promise] = {
    "approved": _("approved"),
    "refused": _("refused"),
    "withdrawn": _("withdrawn"),
    "lapsed": _("lapsed"),
}
