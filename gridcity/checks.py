"""System checks: contradictions between settings stop the start with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

DEMO_SECRETS = {"dev", "demo", "secret", "changeme", "change-me"}
SHORTEST_SECRET = 32  # `openssl rand -hex 16`; .env.example makes twice as much


def refuse_contradictions() -> None:
    """Stop a serving process on what is refused: only management commands run system checks.

    Raises ImproperlyConfigured with every sentence.
    """
    found = production_is_not_a_demonstration(None) + base_map_asks_no_foreign_host(None)
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


@register(checks.Tags.database)
def database_has_not_stopped_half_way(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse what has some, not all, of the migrations that were folded into one.

    Django would leave out such a one without a word. It asks for databases before it migrates.
    """
    found: list[CheckMessage] = []
    for alias in databases or ():
        halves = partly_applied(set(MigrationRecorder(connections[alias]).applied_migrations()))
        if halves:
            found.append(
                Error(
                    f"Of what was folded into {', '.join(halves)} the database has only a part.",
                    hint="Migrate it first with the version before they were folded (changelog).",
                    id="gridcity.E011",
                )
            )
    return found


def partly_applied(applied: set[tuple[str, str]]) -> list[str]:
    """The migrations on disk of which some, not all, of those that they replace are applied."""
    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted(
        ".".join(key)
        for key, migration in on_disk.items()
        if key not in applied
        and 0 < len(applied & set(migration.replaces)) < len(migration.replaces)
    )


@register()
def maps_name_no_foreign_host(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """No page may make a browser talk to another host (ux.md, head)."""
    if settings.LEAFLET_CONFIG.get("TILES"):
        return [checks.Warning("LEAFLET_CONFIG names a tile server.", id="gridcity.W001")]
    return []


@register()
def base_map_asks_no_foreign_host(
    app_configs: Sequence[Any] | None, **_: Any
) -> list[CheckMessage]:
    """A base map comes from a host that is allowed, or a file that is there, and says whose."""
    found: list[CheckMessage] = []
    if settings.MAP_WMTS:
        found += wmts_is_allowed(settings.MAP_WMTS)
    if settings.MAP_PMTILES and not Path(settings.MAP_PMTILES).is_file():
        found.append(Error("GRIDCITY_MAP_PMTILES names no file.", id="gridcity.E008"))
    if settings.MAP_WMTS and settings.MAP_PMTILES:
        found.append(
            Error("GRIDCITY_MAP_WMTS and GRIDCITY_MAP_PMTILES are both set.", id="gridcity.E009")
        )
    if (settings.MAP_WMTS or settings.MAP_PMTILES) and not settings.MAP_ATTRIBUTION:
        found.append(
            Error(
                "A base map is set, but GRIDCITY_MAP_ATTRIBUTION does not say whose it is.",
                id="gridcity.E010",
            )
        )
    return found


def wmts_is_allowed(address: str) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    parts = urlparse(address)
    if parts.scheme not in {"http", "https"} or not all(
        place in address for place in ("{z}", "{x}", "{y}")
    ):
        found.append(
            Error("GRIDCITY_MAP_WMTS is no http address with {z}, {x} and {y}.", id="gridcity.E006")
        )
    if parts.netloc not in settings.MAP_HOSTS:
        found.append(
            Error(
                f"GRIDCITY_MAP_WMTS would make browsers ask {parts.netloc or 'no host'},"
                " which GRIDCITY_MAP_HOSTS does not allow.",
                hint="Name the host there if the city trusts it.",
                id="gridcity.E007",
            )
        )
    return found
