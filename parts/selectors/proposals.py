"""Field updates as lists and as one page; a supervisor sees his own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from gridcity.contracts import Actor, NotVisible, Role
from parts.models import Part, Proposal, ProposalPhoto
from parts.selectors.paging import page_by

PAGE_SIZE = 50
MINE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Some proposals, how many there are, and the cursors around them."""

    rows: Sequence[Proposal]
    total: int
    next: str | None
    previous: str | None


def list_proposals(*, state: str, cursor: str | None = None) -> ProposalPage:
    """Proposals in a state: what waits oldest first, what was answered newest first.

    Raises Invalid for an unknown cursor.
    """
    rows = Proposal.objects.filter(state=state).annotate(photo_count=Count("photos"))
    rows = rows.select_related("part", "catalogue_class", "proposed_by", "answered_by", "outcome")
    page = page_by(
        rows, "pk", cursor=cursor, size=PAGE_SIZE, newest_first=state != Proposal.State.OPEN
    )
    total = Proposal.objects.filter(state=state).count()
    return ProposalPage(page.rows, total, page.next, page.previous)


def next_open(proposal_id: int) -> int | None:
    """The one to answer after this one: the next younger that waits, else the oldest."""
    waiting = Proposal.objects.filter(state=Proposal.State.OPEN).order_by("pk")
    keys = waiting.values_list("pk", flat=True)
    return keys.filter(pk__gt=proposal_id).first() or keys.first()


def counts_by_state() -> dict[str, int]:
    """How many proposals are in each state; one query."""
    rows = Proposal.objects.order_by().values_list("state").annotate(n=Count("pk"))
    return dict(rows)


def get_proposal(proposal_id: int) -> Proposal:
    """One proposal with all it refers to. Raises NotVisible."""
    found = (
        Proposal.objects.select_related(
            "part__catalogue_class", "catalogue_class", "proposed_by", "answered_by", "outcome"
        )
        .prefetch_related("photos")
        .filter(pk=proposal_id)
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def _words(name: str, value: Any) -> str:
    if name == "state" and value:
        return str(Part.State(value).label)
    return str(value or "—")


def values_of(proposal: Proposal) -> list[tuple[str, str, str]]:
    """What shall change: attribute, value in the register now, proposed value; all in words."""
    meta: Any = Part._meta
    told: list[tuple[str, str, str]] = []
    for name, after in proposal.values.items():
        before = getattr(proposal.part, name) if proposal.part else ""
        pair = [_words(name, value) for value in (before, after)]
        told.append((str(meta.get_field(name).verbose_name), pair[0], pair[1]))
    return told


def mine(*, user_id: int) -> list[Proposal]:
    """What a supervisor proposed, newest first."""
    rows = Proposal.objects.filter(proposed_by_id=user_id).select_related(
        "part", "catalogue_class", "answered_by", "outcome"
    )
    return list(rows.order_by("-pk")[:MINE_SHOWN])


def unread_answers(*, user_id: int) -> int:
    """How many answers this proposer has not looked at."""
    rows = Proposal.objects.filter(proposed_by_id=user_id, read_at=None)
    return rows.exclude(state=Proposal.State.OPEN).count()


def get_photo(actor: Actor, photo_id: int) -> ProposalPhoto:
    """A photo for administrators and for who took it. Raises NotVisible for all others."""
    rows = ProposalPhoto.objects.filter(pk=photo_id)
    if Role.ADMINISTRATOR not in actor.roles:
        rows = rows.filter(Q(proposal__proposed_by_id=actor.user_id))
    found = rows.first()
    if found is None:
        raise NotVisible
    return found
