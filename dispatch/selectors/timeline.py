"""办理经过: the events of a case in human words, for its page.

Each event becomes a title, a sentence and lines of what changed (`changes`), with its photos.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from cases.models import Event, Photo, PhotoRole, TaskOutcome
from cases.workflow import ROLE_LABELS, rows_of
from dispatch.selectors.case_detail import CaseView, photo_urls
from dispatch.selectors.changes import Change, Names, changes_of
from gridcity.contracts import Role

# Events that tell of something gone wrong, drawn with another dot.
BAD_ACTIONS = frozenset(
    {"check_failed", "refuse_close", "not_accept", "not_file", "approve_return", "approve_void",
     "force_close", "reassign"}
)  # fmt: skip
SYSTEM_ROLES = frozenset({Role.CLOCK, Role.ROUTING})


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
    is_far = away - (photo.accuracy_m or 0) > settings.PHOTO_FAR_M
    return {"distance_m": away, "is_far": is_far}
