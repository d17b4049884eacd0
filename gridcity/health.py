"""/healthz says that the process is alive; /readyz says whether it can serve, and how well."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from psycopg_pool import PoolTimeout

from dispatch.models import SweepError
from dispatch.services.timers import lag_by_kind
from gridcity.models import Heartbeat

BEAT_SILENT_AFTER = timedelta(seconds=30)


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "alive"})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """503 without database or migrations; else 200, `degraded` without Redis or beat.

    `sweep` measures how late the oldest thing is that the clock owes. It degrades nothing: a site
    that catches up after a stop serves meanwhile.
    """
    try:
        missing = missing_migrations()
        if missing:
            return JsonResponse({"status": "migrations missing", "missing": missing}, status=503)
        now = timezone.now()
        lag = max(lag_by_kind(at=now).values())
        errors = SweepError.objects.filter(resolved_at=None).count()
        beat = Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
    except (Error, PoolTimeout, ImproperlyConfigured):
        return JsonResponse({"status": "database away"}, status=503)
    parts = {
        "database": "ok",
        "redis": "ok" if redis_answers() else "silent",
        "beat": "ok" if beat and now - beat < BEAT_SILENT_AFTER else "silent",
    }
    degraded = set(parts.values()) != {"ok"}
    sweep = {"lag_s": round(lag.total_seconds(), 1), "errors": errors}
    return JsonResponse({"status": "ready", "parts": parts, "degraded": degraded, "sweep": sweep})


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations on disk; they do not change while a process lives."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.disk_migrations)


def missing_migrations() -> list[str]:
    """Migrations that the database has not applied."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    return sorted(".".join(key) for key in known_migrations() - applied)


def redis_answers() -> bool:
    """Ask the broker itself; the cache would hide its absence."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=0.5
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
