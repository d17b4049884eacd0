"""Settling a year's deposits, and commenting on a period (assessment law §8)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from assessment.models import Comment, Settlement
from assessment.selectors.guarantees import get_guarantee, settle_year, year_snapshot
from assessment.selectors.snapshots import get_snapshot
from assessment.services.snapshots import fingerprint
from cases.canonical import canonical
from cases.services.transactions import in_transaction
from cases.services.words import TEXT_LIMIT, clean_words
from gridcity.contracts import Actor, Forbidden, NotAllowed, NotVisible, Role


def check_may_settle(actor: Actor) -> int:
    """The supervision side scores and settles; the user's id. Raises Forbidden."""
    if Role.DUTY_CHIEF not in actor.roles or actor.user_id is None:
        raise Forbidden(_("Deposits are settled by the duty chief."))
    return actor.user_id


@in_transaction
def make_settlement(*, guarantee_id: int, actor: Actor, at: datetime) -> Settlement:
    """Write the settlement sheet of a year down; once.

    Raises Forbidden, NotVisible, NotAllowed before the year's figures are final or when it is made.
    """
    user_id = check_may_settle(actor)
    guarantee = get_guarantee(guarantee_id)
    snapshot = year_snapshot(guarantee)
    if snapshot is None:
        raise NotAllowed(_("The final figures of this year are not there yet."))
    said: dict[str, Any] = {
        "year": guarantee.year,
        "guarantee": guarantee.name,
        "bands": guarantee.bands,
        "snapshot": snapshot.sha256,
        "sheets": [asdict(sheet) for sheet in settle_year(guarantee, snapshot)],
    }
    content = canonical(said).decode()
    try:
        return Settlement.objects.create(
            guarantee=guarantee, snapshot=snapshot, content=content, sha256=fingerprint(content),
            made_at=at, made_by_id=user_id,
        )  # fmt: skip
    except IntegrityError:
        raise NotAllowed(_("This year is settled already.")) from None


@in_transaction
def confirm_settlement(*, guarantee_id: int, actor: Actor, at: datetime) -> Settlement:
    """A second duty chief confirms. Raises Forbidden, NotVisible, NotAllowed when it is done."""
    user_id = check_may_settle(actor)
    found = (
        Settlement.objects.select_for_update(no_key=True).filter(guarantee_id=guarantee_id).first()
    )
    if found is None:
        raise NotVisible
    if found.confirmed_at is not None:
        raise NotAllowed(_("This settlement is confirmed already."))
    if found.made_by_id == user_id:
        raise Forbidden(_("Somebody else confirms a settlement."))
    found.confirmed_at, found.confirmed_by_id = at, user_id
    found.save(update_fields=["confirmed_at", "confirmed_by"])
    return found


def comment_on(*, snapshot_id: int, actor: Actor, at: datetime, words: str) -> Comment:
    """The duty chief's comment on a period; it stays. Raises Forbidden, Invalid, NotVisible."""
    if Role.DUTY_CHIEF not in actor.roles or actor.user_id is None:
        raise Forbidden(_("A period is commented on by the duty chief."))
    snapshot = get_snapshot(actor, snapshot_id)
    text = clean_words(words, field="words", limit=TEXT_LIMIT, required=True)
    return Comment.objects.create(snapshot=snapshot, words=text, by_id=actor.user_id, at=at)
