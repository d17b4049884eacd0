"""Wall screens: made and revoked by administrators, let in by a token of which a hash is kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from gridcity.authentication import fingerprint
from gridcity.contracts import Actor, Forbidden, Invalid, Role, TooMany
from gridcity.models import User, WallScreen

# A wall asks every few seconds at most; more than this is no wall of ours.
MOST_A_MINUTE = 40
MINUTE = timedelta(minutes=1)
TOKEN_BYTES = 32


@transaction.atomic
def make_screen(*, actor: Actor, at: datetime, name: str, place: str) -> tuple[WallScreen, str]:
    """A new screen and its token, which is told this once. Raises Forbidden, Invalid."""
    _check_administrator(actor)
    maker = User.objects.get(pk=actor.user_id or 0)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    try:
        with transaction.atomic():
            screen = WallScreen.objects.create(
                name=name.strip(), place=place.strip(), sha256=fingerprint(token),
                made_by=maker, made_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Invalid(
            _("The screen was not made."), name=_("Another screen has this name, or it is empty.")
        ) from None
    return screen, token


@transaction.atomic
def revoke_screen(*, actor: Actor, at: datetime, screen_id: int) -> WallScreen:
    """From now on this screen sees nothing; revoked twice it stays as it was. Raises Forbidden."""
    _check_administrator(actor)
    screen = WallScreen.objects.select_for_update(of=("self",), no_key=True).get(pk=screen_id)
    if screen.revoked_at is None:
        screen.revoked_at = at
        screen.save(update_fields=["revoked_at"])
    return screen


def _check_administrator(actor: Actor) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden(_("Wall screens are made and revoked by administrators."))


def find_screen(token: str) -> WallScreen | None:
    """The screen of a token, revoked or not."""
    return WallScreen.objects.filter(sha256=fingerprint(token)).first() if token else None


@transaction.atomic
def count_asking(*, screen_id: int, at: datetime) -> None:
    """Note that a screen has asked. Raises TooMany when it asks more often than walls do."""
    screen = WallScreen.objects.select_for_update(of=("self",), no_key=True).get(pk=screen_id)
    is_same = screen.minute_at is not None and timedelta() <= at - screen.minute_at < MINUTE
    if is_same and screen.asked >= MOST_A_MINUTE:
        wait = MINUTE - (at - (screen.minute_at or at))
        raise TooMany(
            _("This screen asks too often; it may ask again shortly."),
            retry_after_s=max(int(wait.total_seconds()), 1),
        )
    screen.minute_at = screen.minute_at if is_same else at
    screen.asked = screen.asked + 1 if is_same else 1
    screen.seen_at = at
    screen.save(update_fields=["minute_at", "asked", "seen_at"])
