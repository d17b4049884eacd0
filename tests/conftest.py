"""The ground that all tests stand on.

Fixtures: `district` (tests/district.py: a small real district, laid out anew for each test),
`at` (instants of a worked Wednesday), `clock` (the time that pages and API see), `browser_client`
(logs in, refuses pages with inline script, style or handlers, runs on-commit callbacks), `api`
(the API by token). Cases in any state come from tests/factories.py; they walk real transitions.

Run with a database of your own: DATABASE_URL, REDIS_URL and GRIDCITY_SECRET_KEY in the
environment, `pytest --reuse-db` while working. With `-n 2` two workers share the tests, each
with a database of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.utils import timezone
from xdist.scheduler import LoadScopeScheduling

from cases.models.guards import MAY_TRUNCATE
from cases.workflow import State
from tests import district as small
from tests import laid_out, shipped
from tests.clients import ApiClient, PageClient

SERVERS = ("tests/deploy/", "tests/faults/")
APPS = ("gridcity.", "assessment.", "dispatch.", "cases.", "parts.", "jobs.")


@receiver(connection_created)
def _as_tests_may(connection: Any, **_said: Any) -> None:
    """What no test outlives needs no disk; tests empty tables, those that are kept included."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        cursor.execute("select set_config(%s, 'on', false)", [MAY_TRUNCATE])


def _emptied(
    self: DatabaseOperations, _style: Any, tables: Sequence[str], **_said: Any
) -> list[str]:
    """After a test with transactions of its own: few tables have rows, and those have few.

    To truncate all, each with its indexes, takes longer than many a test.
    """
    with self.connection.cursor() as cursor:
        filled = shipped.filled(cursor, tables)
    return [
        "set local session_replication_role = replica",  # neither guards nor references ask
        *(f"delete from {table}" for table in filled),
    ]


DatabaseOperations.sql_flush = _emptied


# On a busy machine the first draw of a strategy may take seconds: that is no fault of the code.
hypothesis.settings.register_profile(
    "gridcity", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("gridcity")


def pytest_configure(config: pytest.Config) -> None:
    """Tests need no Redis: what is cached is cached in the process, and forgotten between tests.

    Nor collected static files: without a folder of them WhiteNoise would warn at every client.
    """
    django_settings.WHITENOISE_AUTOREFRESH = True
    django_settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }


class Sharing(LoadScopeScheduling):
    """How workers share the tests (`-n 2`): those that start servers stay with one of them, first.

    They choose ports that are free and take them a moment later.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "servers" if nodeid.startswith(SERVERS) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Sharing(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Once a run: a database that is kept gets back what its last run has taken."""
    with django_db_blocker.unblock():
        shipped.put_back()
        laid_out.keep()


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing that a process keeps between requests may reach the next test.

    Within a test it is kept until forgotten: on a busy machine a budget of queries would else
    count, now and then, the reading anew of what had grown five seconds old.
    """
    monkeypatch.setattr("parts.selectors.kept.KEPT_S", 3600)
    forget_everything()
    yield
    forget_everything()


def forget_everything() -> None:
    """Empty the cache, and every cached function of our own selectors."""
    from django.core.cache import caches

    for name in caches.settings:
        caches[name].clear()
    for forget in forgetters(tuple(name for name in sys.modules if name.startswith(APPS))):
        forget()
    routing = sys.modules.get("dispatch.selectors.routing")
    if routing is not None:
        routing._kept = None


@lru_cache(maxsize=4)
def forgetters(modules: tuple[str, ...]) -> list[Callable[[], None]]:
    """How each thing that our modules keep is forgotten; looked for again after an import."""
    from parts.selectors.kept import Kept

    found = []
    for name in modules:
        for thing in list(vars(sys.modules[name]).values()):
            if isinstance(thing, Kept):
                found.append(thing.forget)
            elif hasattr(thing, "cache_clear") and hasattr(thing, "__wrapped__"):
                found.append(thing.cache_clear)
    return found


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Any, settings: Any) -> None:
    """Photos go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def at() -> Callable[..., datetime]:
    """`at("14:30")`, `at("08:00", on="2026-06-11")`: instants in Asia/Shanghai."""
    return small.at


@pytest.fixture
def district(db: None) -> small.TestDistrict:
    """The small district, in the database of this test."""
    return laid_out.put()


@pytest.fixture
def shared_district(transactional_db: None) -> small.TestDistrict:
    """The small district, committed, so that threads beside the test see it."""
    return laid_out.put()


class Clock:
    """The time that pages and API read; it stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Views see 11:00 of the tests' Wednesday; `clock.move(minutes=5)` lets time pass."""
    clock = Clock(small.at("11:00"))
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def make_case(district: small.TestDistrict) -> Callable[..., Any]:
    """`make_case("HANDLING", entry="cover")`: a case walked to a state (tests/factories.py)."""
    from tests.factories import CaseFactory

    return lambda state="REPORTED", **said: CaseFactory(
        district=district, state=State(state), **said
    )


@pytest.fixture
def walk(district: small.TestDistrict) -> Callable[..., Any]:
    """As `make_case`, but answers with the walk, whose `step("accept")` goes on."""
    from tests.factories import start

    return lambda state="REPORTED", **said: start(district=district, state=State(state), **said)


@pytest.fixture
def browser_client(db: None) -> PageClient:
    """A browser's client: `browser_client.enter(user)`, then get and post pages."""
    return PageClient()


@pytest.fixture
def api(db: None) -> ApiClient:
    """A client of the API: `api.of(user)` has that user's token."""
    return ApiClient()
