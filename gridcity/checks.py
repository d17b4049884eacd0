"""System checks: contradictions between settings stop the start with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

DEMO_SECRETS = {"dev", "demo", "secret", "changeme", "change-me"}


@register()
def production_is_not_a_demonstration(
    app_configs: Sequence[Any] | None, **_: Any
) -> list[CheckMessage]:
    """Refuse the demonstration's conveniences where the site is open to the world."""
    found: list[CheckMessage] = []
    open_to_world = set(settings.ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "testserver", "[::1]"}
    if settings.DEMO and open_to_world:
        found.append(
            Error(
                "GRIDCITY_DEMO serves known passwords, "
                "but GRIDCITY_ALLOWED_HOSTS names other hosts.",
                hint="Unset GRIDCITY_DEMO, or serve on 127.0.0.1 only.",
                id="gridcity.E001",
            )
        )
    if settings.DEBUG and settings.IS_WEB and open_to_world:
        found.append(
            Error("GRIDCITY_DEBUG is on for a site that is open to others.", id="gridcity.E002")
        )
    if not settings.DEMO and settings.SECRET_KEY.lower() in DEMO_SECRETS:
        found.append(Error("GRIDCITY_SECRET_KEY is a known word.", id="gridcity.E003"))
    if settings.HAS_EMAIL and not settings.PUBLIC_URL:
        found.append(
            Error(
                "GRIDCITY_EMAIL_URL is set, but GRIDCITY_URL is not: mails would have no link.",
                id="gridcity.E004",
            )
        )
    return found


@register()
def maps_name_no_foreign_host(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """No page may make a browser talk to another host (ux.md, head)."""
    if settings.LEAFLET_CONFIG.get("TILES"):
        return [checks.Warning("LEAFLET_CONFIG names a tile server.", id="gridcity.W001")]
    return []
