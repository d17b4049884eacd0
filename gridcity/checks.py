"""System checks: contradictions between settings stop the start with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

DEMO_SECRETS = {"dev", "demo", "secret", "changeme", "change-me"}
SHORTEST_SECRET = 32  # `openssl rand -hex 16`; .env.example makes twice as much


def refuse_contradictions() -> None:
    """Stop a serving process on what is refused: only management commands run system checks.

    Raises ImproperlyConfigured with every sentence.
    """
    found = production_is_not_a_demonstration(None)
    if found:
        raise ImproperlyConfigured(" ".join(f"{message.msg} ({message.id})" for message in found))


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
    if settings.DEBUG and open_to_world:
        found.append(
            Error("GRIDCITY_DEBUG is on for a site that is open to others.", id="gridcity.E002")
        )
    if not settings.DEMO:
        found += production_keeps_its_secrets()
    if settings.HAS_EMAIL and not settings.PUBLIC_URL:
        found.append(
            Error(
                "GRIDCITY_EMAIL_URL is set, but GRIDCITY_URL is not: mails would have no link.",
                id="gridcity.E004",
            )
        )
    return found


def production_keeps_its_secrets() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    secret = settings.SECRET_KEY
    if secret.lower() in DEMO_SECRETS or len(secret) < SHORTEST_SECRET:
        found.append(
            Error(
                f"GRIDCITY_SECRET_KEY is known or shorter than {SHORTEST_SECRET} characters.",
                hint="Make one with `openssl rand -hex 32`.",
                id="gridcity.E003",
            )
        )
    if settings.DEMO_PASSWORD:
        found.append(
            Error(
                "GRIDCITY_DEMO_PASSWORD is set, but this is no demonstration.",
                hint="Unset it: the demonstration's accounts cannot log in here.",
                id="gridcity.E005",
            )
        )
    return found


@register()
def maps_name_no_foreign_host(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """No page may make a browser talk to another host (ux.md, head)."""
    if settings.LEAFLET_CONFIG.get("TILES"):
        return [checks.Warning("LEAFLET_CONFIG names a tile server.", id="gridcity.W001")]
    return []
