"""办理经过: the events of a case in human words, for its page.

Events hold codes and ids; this names what they point at in a bounded number of queries and puts
each event into a title, a sentence and lines of old → new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case, Event, Photo, PhotoRole, Source, TaskOutcome
from cases.workflow import ROLE_LABELS, rows_of
from dispatch.models import Department, Membership, RequestKind, ReturnReason
from dispatch.selectors.case_detail import CaseView, photo_urls
from gridcity.contracts import Role
from parts.models import Cell, LimitUnit, Part
from parts.selectors import get_class

# Events that tell of something gone wrong, drawn with another dot.
BAD_ACTIONS = frozenset(
    {"check_failed", "refuse_close", "not_accept", "not_file", "approve_return", "approve_void",
     "force_close", "reassign"}
)  # fmt: skip
SYSTEM_ROLES = frozenset({Role.CLOCK, Role.ROUTING})


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what an event changed; `before` is empty where there was nothing."""

    label: Promise | str
    after: str
    before: str = ""


@dataclass(slots=True)
class Entry:
    """One event as the timeline shows it (templates/includes/_timeline.html)."""

    action: str
    label: str
    who: str
    role: str
    unit: str
    at: datetime
    occurred_at: datetime
    time_flagged: bool
    reason: str
    text: str
    tone: str
    changes: list[Change] = field(default_factory=list)
    photos: list[dict[str, Any]] = field(default_factory=list)


def timeline(view: CaseView) -> list[Entry]:
    """The events of a case in words, oldest first."""
    names = Names.of(view.events)
    photos = photos_by_event(view.photos)
    return [entry_of(event, names, photos.get(event.pk, [])) for event in view.events]


def entry_of(event: Event, names: Names, photos: list[dict[str, Any]]) -> Entry:
    who = names.user(event.actor_id) if event.actor_id else ""
    return Entry(
        action=event.action,
        label=label_of(event.action),
        who=who or str(ROLE_LABELS.get(event.role, event.role)),
        role=event.role if who else "",
        unit=names.units.get(event.actor_id or 0, ""),
        at=event.at,
        occurred_at=event.occurred_at,
        time_flagged=event.time_flagged,
        reason=event.reason,
        text=text_of(event),
        tone=tone_of(event),
        changes=changes_of(event, names),
        photos=photos,
    )


def label_of(action: str) -> str:
    """The word of an action as the table of the law has it."""
    rows = rows_of(action)
    return str(rows[0].label) if rows else action


def tone_of(event: Event) -> str:
    if event.action in BAD_ACTIONS or event.changes.get("outcome") in BAD_OUTCOMES:
        return "bad"
    return "clock" if event.role in SYSTEM_ROLES else ""


BAD_OUTCOMES = frozenset({TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND, TaskOutcome.MISSED})


def text_of(event: Event) -> str:
    """What was said with an event besides its reason: words, a description, a result."""
    for key in ("words", "description", "result"):
        said = event.changes.get(key)
        if isinstance(said, str) and said and event.action != "amend":
            return said
    return ""


def photos_by_event(photos: Iterable[Photo]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for photo in photos:
        found.setdefault(photo.event_id, []).append(photo_of(photo))
    return found


def photo_of(photo: Photo) -> dict[str, Any]:
    """A photo as templates/includes/_photos.html wants it."""
    urls = photo_urls(photo)
    return {
        "id": photo.pk,
        "url": urls["url"],
        "thumbnail_url": urls["thumbnail"],
        "role": photo.role,
        "role_label": PhotoRole(photo.role).label,
        "taken_at": photo.taken_at or photo.added_at,
        **distance_of(photo),
    }


def distance_of(photo: Photo) -> dict[str, Any]:
    """How far from the case a photo was taken after handling, and whether that is a remark.

    The device may err by its accuracy: only what lies beyond it as well is far (law §10).
    """
    away = getattr(photo, "away", None)
    if away is None or photo.role != PhotoRole.AFTER:
        return {}
    is_far = away.m - (photo.accuracy_m or 0) > settings.PHOTO_FAR_M
    return {"distance_m": away.m, "is_far": is_far}


# ---------------------------------------------------------------- names of what events point at


@dataclass(slots=True)
class Names:
    """Names of users, departments, cells, parts and cases by what events hold of them."""

    users: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    parts: dict[int, str] = field(default_factory=dict)
    cases: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Sequence[Event]) -> Names:
        """Read all names that these events need; one query for each sort that is wanted."""
        wanted = Wanted()
        for event in events:
            wanted.look_at(event)
        return cls(
            users={e.actor.pk: e.actor.full_name for e in events if e.actor} | wanted.user_names(),
            units=units_of(e.actor_id for e in events if e.role == Role.DEPARTMENT and e.actor_id),
            departments=named(Department.objects, "code", "name", wanted.departments),
            cells=named(Cell.objects, "pk", "code", wanted.cells),
            parts=named(Part.objects, "pk", "code", wanted.parts),
            cases=named(Case.objects, "pk", "number", wanted.cases),
        )

    def user(self, key: Any) -> str:
        return self.users.get(key, "") if isinstance(key, int) else ""

    def department(self, code: Any) -> str:
        return self.departments.get(code, str(code))


@dataclass(slots=True)
class Wanted:
    """Keys that the events name and that need a look-up."""

    users: set[int] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)
    cells: set[int] = field(default_factory=set)
    parts: set[int] = field(default_factory=set)
    cases: set[int] = field(default_factory=set)

    def look_at(self, event: Event) -> None:
        said = event.changes
        is_task = event.action in {"send_verify", "send_check", "pass_task_on"}
        if is_task:
            self.users |= whole_numbers(said.get("to"), said.get("from"))
        else:
            self.departments |= texts(said.get("department"), said.get("from"))
        self.departments |= texts(*(said.get("assistants") or ()))
        self.cells |= whole_numbers(*pair_of(said.get("cell")))
        self.parts |= whole_numbers(*pair_of(said.get("part")))
        self.cases |= whole_numbers(said.get("relapse_of"))

    def user_names(self) -> dict[int, str]:
        return named(get_user_model().objects, "pk", "full_name", self.users)


def pair_of(value: Any) -> Sequence[Any]:
    """Old and new of a change, or the one value of a first event."""
    return value if isinstance(value, list) else (value,)


def whole_numbers(*values: Any) -> set[int]:
    return {value for value in values if isinstance(value, int) and not isinstance(value, bool)}


def texts(*values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def named(manager: Any, key: str, name: str, wanted: set[Any]) -> dict[Any, str]:
    """Names by key, in one query; none is made where nothing is wanted."""
    if not wanted:
        return {}
    return dict(manager.filter(**{f"{key}__in": sorted(wanted)}).values_list(key, name))


def units_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of the departments that these users belong to."""
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    rows = Membership.objects.filter(user_id__in=sorted(wanted))
    return dict(rows.values_list("user_id", "department__name"))


# ---------------------------------------------------------------- changes in words


def changes_of(event: Event, names: Names) -> list[Change]:
    """The lines of an event; actions without lines of their own have none."""
    if event.action == "amend":
        return amended(event.changes, names)
    lines = []
    for key, (label, word) in SAID.items():
        value = event.changes.get(key)
        if value in (None, "", [], False) or not (after := word(value, names, event)):
            continue
        lines.append(Change(label, after))
    return lines


def amended(changes: dict[str, Any], names: Names) -> list[Change]:
    """Old → new of what was completed or corrected."""
    lines = []
    for key, (label, word) in AMENDED.items():
        if isinstance(pair := changes.get(key), list) and len(pair) == 2:
            before, after = (word(value, names) for value in pair)
            lines.append(Change(label, after or __("(none)"), before))
    return lines


def class_words(value: Any, names: Names) -> str:
    """“0102 Exposed rubbish” of a class as events keep it: scheme/kind/code."""
    scheme, _slash, rest = str(value).partition("/")
    kind, _slash, code = rest.partition("/")
    found = get_class(scheme=scheme, kind=kind, code=code)
    return f"{code} {found.name}" if found else code


def point_words(value: Any, names: Names) -> str:
    return f"{value[0]:.6f}, {value[1]:.6f}" if value else ""


def cell_words(value: Any, names: Names) -> str:
    return names.cells.get(value, "") if value else ""


def part_words(value: Any, names: Names) -> str:
    return names.parts.get(value, "") if value else ""


def plain_words(value: Any, names: Names) -> str:
    return str(value or "")


def source_words(value: Any, names: Names) -> str:
    listed = value if isinstance(value, list) else [value]
    return "、".join(str(Source(one).label) for one in listed if one in Source.values)


Word = Callable[[Any, Names], str]
WordOfEvent = Callable[[Any, Names, Event], str]

AMENDED: dict[str, tuple[Promise, Word]] = {
    "class_code": (_("Class"), class_words),
    "part": (_("Part"), part_words),
    "no_part_reason": (_("Why without a part"), plain_words),
    "place_text": (_("Place in words"), plain_words),
    "point": (_("Point"), point_words),
    "cell": (_("Unit grid cell"), cell_words),
    "description": (_("Description"), plain_words),
    "sources": (_("Sources"), source_words),
}


def limit_words(value: Any, unit: Any) -> str:
    """“2 working days” of a stored limit."""
    try:
        number = f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return ""
    label = LimitUnit(unit).label if unit in LimitUnit.values else unit
    return __("%(number)s %(unit)s") % {"number": number, "unit": label}


def _department(value: Any, names: Names, event: Event) -> str:
    return names.department(value)


def _departments(value: Any, names: Names, event: Event) -> str:
    return "、".join(names.department(code) for code in value)


def _from(value: Any, names: Names, event: Event) -> str:
    return names.user(value) or (names.department(value) if isinstance(value, str) else "")


def _user(value: Any, names: Names, event: Event) -> str:
    return names.user(value)


def _instant(value: Any, names: Names, event: Event) -> str:
    at = datetime.fromisoformat(value)
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _plain(value: Any, names: Names, event: Event) -> str:
    return str(value)


def _limit(value: Any, names: Names, event: Event) -> str:
    return limit_words(*value)


def _outcome(value: Any, names: Names, event: Event) -> str:
    return str(TaskOutcome(value).label) if value in TaskOutcome.values else ""


def _kind(value: Any, names: Names, event: Event) -> str:
    if event.action.startswith("ask_") or value not in RequestKind.values:
        return ""
    return str(RequestKind(value).label)


def _reason_code(value: Any, names: Names, event: Event) -> str:
    return str(ReturnReason(value).label) if value in ReturnReason.values else ""


def _case(value: Any, names: Names, event: Event) -> str:
    return names.cases.get(value, "")


def _source(value: Any, names: Names, event: Event) -> str:
    return source_words(value, names)


def _share(value: Any, names: Names, event: Event) -> str:
    if value == 0:
        return __("a day has passed while the desk does not work")
    return __("%(n)d %% of the time allowed") % {"n": value}


def _told(value: Any, names: Names, event: Event) -> str:
    told = {"members": _("the department"), "lead": _("the department's lead")}
    return str(told.get(value) or ROLE_LABELS.get(value, value))


def _yes(value: Any, names: Names, event: Event) -> str:
    return __("yes")


def _waiver(value: Any, names: Names, event: Event) -> str:
    return str(value)


def _lapsed(value: Any, names: Names, event: Event) -> str:
    return __("the request that waited")


SAID: dict[str, tuple[Promise, WordOfEvent]] = {
    "source": (_("Source"), _source),
    "from": (_("From"), _from),
    "to": (_("Supervisor"), _user),
    "outcome": (_("Finding"), _outcome),
    "waiver": (_("Accepted without a confirmed verification, because"), _waiver),
    "limit": (_("Limit"), _limit),
    "relapse_of": (_("Relapse of"), _case),
    "kind": (pgettext_lazy("request", "Request"), _kind),
    "reason_code": (_("Reason from the list"), _reason_code),
    "department": (_("Handling department"), _department),
    "assistants": (_("Assisting"), _departments),
    "until": (_("Until"), _plain),
    "calendar": (_("Calendar"), _plain),
    "due_before": (_("Was due"), _instant),
    "due_at": (_("Due"), _instant),
    "designation": (_("Designation"), _yes),
    "lapsed": (_("Lapsed"), _lapsed),
    "share": (_("Used"), _share),
    "told": (_("Told"), _told),
}
