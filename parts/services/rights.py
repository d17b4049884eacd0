"""Who may change the district's reference data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Role


def check_is_administrator(actor: Actor) -> None:
    """Raise Forbidden: grid, catalogue, parts and patrols are administrators' (domain law §1)."""
    if not actor.is_system and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden(_("Only administrators change the grid, the catalogue and the parts."))
