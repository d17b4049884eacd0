"""One photo, if this actor may see it."""

from __future__ import annotations

from cases.models import Photo
from dispatch.models import Turn
from dispatch.selectors.case_detail import seen_turns
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, NotVisible, Role


def get_photo(actor: Actor, photo_id: int) -> Photo:
    """A photo of a visible case; a department sees none of a later turn. Raises NotVisible."""
    photo = Photo.objects.filter(
        pk=photo_id, case__in=visible_cases(actor).filter(photos=photo_id)
    ).first()
    if photo is None or is_of_later_turn(actor, photo):
        raise NotVisible
    return photo


def is_of_later_turn(actor: Actor, photo: Photo) -> bool:
    """Whether a department's last turn had ended before the photo was added (law §1)."""
    if Role.DEPARTMENT not in actor.roles:
        return False
    turns = list(
        Turn.objects.filter(case_id=photo.case_id).prefetch_related("assistants").order_by("number")
    )
    seen = seen_turns(turns, actor)
    until = seen[-1].ended_at if len(seen) < len(turns) else None
    return until is not None and photo.added_at > until
