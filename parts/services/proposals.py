"""Field updates 部件在线更新: proposed on site, answered by an administrator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Invalid, NotVisible, Role
from parts.models import CatalogueClass, Part, Proposal, ProposalPhoto
from parts.photo_files import photo_files
from parts.photos import Encoded
from parts.selectors.locating import locate
from parts.services.attributes import clean_attributes
from parts.services.register import class_for

FOLDER = "proposals"
# What can be seen on site; who owns a part and when it came stands in papers.
SEEN = ("name", "location_text", "maintainer_name", "owner_name", "note")
WORDS_LENGTH = 500
Kind = Proposal.Kind


@dataclass(frozen=True, slots=True)
class ProposalInput:
    """What somebody on site says. Position in degrees (EPSG:4490) with its accuracy in metres."""

    kind: str
    part_code: str = ""
    class_code: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    placed_by: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class ProposalShot:
    """A re-encoded photo and when the device says it was taken."""

    made: Encoded
    taken_at: datetime | None = None


def propose(
    *,
    actor: Actor,
    at: datetime,
    said: ProposalInput,
    photos: Sequence[ProposalShot],
    key: UUID | None = None,
) -> Proposal:
    """A supervisor's proposal; the same `key` again answers with the first one.

    Raises Forbidden for other roles, Invalid naming the fields (a photo, and for a new or moved
    part a position are required), OutsideDistrict, NotVisible for an unknown part.
    """
    if Role.SUPERVISOR not in actor.roles:
        raise Forbidden(_("Supervisors propose field updates."))
    known = Proposal.objects.filter(key=key, proposed_by_id=actor.user_id).first() if key else None
    if known is not None:
        return known
    if not photos:
        raise Invalid(_("A photo is required."), photos=_("Take a photo of what you found."))
    proposal = drafted(actor, at, said, key)
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
            keep_photos(proposal, photos, at)
    except IntegrityError:
        # the same request arrived twice at the same time: the other one was first
        twin = Proposal.objects.filter(key=key, proposed_by_id=actor.user_id).first()
        if key is None or twin is None:
            raise
        return twin
    return proposal


def drafted(actor: Actor, at: datetime, said: ProposalInput, key: UUID | None) -> Proposal:
    """The proposal as a row, checked but not written."""
    if said.kind not in Kind.values:
        raise Invalid(_("There is no such kind of field update."), kind=_("Choose one."))
    part = None if said.kind == Kind.NEW else part_named(said.part_code)
    entry = class_for(said.class_code) if part is None else part.catalogue_class
    if part is None and entry.geometry != CatalogueClass.GeometryKind.POINT:
        raise Invalid(
            _("Parts of this class are lines or areas: they are drawn in the register."),
            class_code=_("Choose another one."),
        )
    values = clean_seen(said.kind, said.values, part, at)
    words = said.words.replace("\0", "").strip()[:WORDS_LENGTH]
    assert actor.user_id is not None
    if said.kind == Kind.CHANGED and not values and not words:
        raise Invalid(_("Nothing differs from the register."), words=_("Say what has changed."))
    return Proposal(
        kind=said.kind,
        part=part,
        catalogue_class=entry,
        values=values,
        point=position_of(said),
        accuracy_m=said.accuracy_m,
        placed_by=said.placed_by,
        words=words,
        proposed_by_id=actor.user_id,
        proposed_at=at,
        key=key,
    )


def part_named(code: str) -> Part:
    part = Part.objects.select_related("catalogue_class").filter(code=code).first()
    if part is None:
        raise NotVisible
    return part


def clean_seen(
    kind: str, said: Mapping[str, Any], part: Part | None, at: datetime
) -> dict[str, Any]:
    """The values that differ from the register. Raises Invalid for what is not seen on site."""
    state = str(said.get("state", ""))
    values = clean_attributes({name: said[name] for name in SEEN if said.get(name)}, at=at)
    if kind == Kind.GONE:
        ended = [one for one in Part.State.values if one not in Part.STANDING]
        if (state or Part.State.LOST) not in ended:
            raise Invalid(_("There is no such state."), state=_("Choose an end state."))
        return {"state": state or Part.State.LOST}
    if state:
        if state not in Part.State.values:
            raise Invalid(_("There is no such state."), state=_("Unknown state."))
        values["state"] = state
    if part is None:
        return values
    return {name: value for name, value in values.items() if getattr(part, name) != value}


def position_of(said: ProposalInput) -> Point | None:
    """The position that was said, inside the district. Raises Invalid, OutsideDistrict."""
    must = said.kind in (Kind.NEW, Kind.MOVED)
    if said.lon is None or said.lat is None:
        if must:
            raise Invalid(_("The position is missing."), lon=_("Set the position on the map."))
        return None
    if not (math.isfinite(said.lon) and math.isfinite(said.lat)):
        raise Invalid(_("This is no position."), lon=_("Out of range."))
    if must:
        locate(lon=said.lon, lat=said.lat)
    return Point(round(said.lon, 7), round(said.lat, 7), srid=4490)


def keep_photos(proposal: Proposal, photos: Sequence[ProposalShot], at: datetime) -> None:
    """Store photos; when their rows cannot be written, no file stays behind. Raises StorageFull."""
    with photo_files(FOLDER, at) as files:
        rows = []
        for photo in photos:
            name, thumbnail = files.write(photo.made)
            rows.append(
                ProposalPhoto(
                    proposal=proposal,
                    file=name,
                    thumbnail=thumbnail,
                    sha256=photo.made.sha256,
                    taken_at=photo.taken_at,
                )
            )
        ProposalPhoto.objects.bulk_create(rows)


def propose_state(
    *, actor: Actor, at: datetime, part_id: int, state: str, words: str, case_number: str
) -> Proposal | None:
    """What the department that finished a case says of its part; None where nothing differs.

    The case never changes the part by itself (`codes.md`). In the caller's transaction. Raises
    Invalid for an unknown state.
    """
    if state not in Part.State.values:
        raise Invalid(_("There is no such state."), part_state=_("Unknown state."))
    part = Part.objects.filter(pk=part_id).first()
    if part is None or part.state == state or actor.user_id is None:
        return None
    kind = Kind.CHANGED if state in Part.STANDING else Kind.GONE
    return Proposal.objects.create(
        kind=kind,
        part=part,
        catalogue_class_id=part.catalogue_class_id,
        values={"state": state},
        words=words[:WORDS_LENGTH],
        case_number=case_number,
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )


def mark_answers_read(*, actor: Actor, at: datetime) -> int:
    """The proposer has looked at his list: its answers are no longer news."""
    unread = Proposal.objects.filter(proposed_by_id=actor.user_id, read_at=None)
    return unread.exclude(state=Proposal.State.OPEN).update(read_at=at)
