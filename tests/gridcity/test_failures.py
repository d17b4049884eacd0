"""What clients and people get when something is away or fails: never a bare 500."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from psycopg.errors import LockNotAvailable
from psycopg_pool import PoolTimeout

from dispatch.services.timers import sweep_timers
from gridcity import health, metrics
from gridcity.soft_cache import SoftRedisCache


@pytest.fixture
def client_of(district, api):
    """A client of the API, and a browser of the same user, that show errors as users see them."""
    speaker = api.of(district.user("acceptor-1"))
    speaker.client.raise_request_exception = False
    browser = Client(raise_request_exception=False)
    browser.force_login(district.user("acceptor-1"), "django.contrib.auth.backends.ModelBackend")
    return speaker, browser


def break_lists(monkeypatch, problem):
    def fail(*args, **kwargs):
        raise problem

    monkeypatch.setattr("dispatch.api.cases.list_cases", fail)
    monkeypatch.setattr("dispatch.views.lists.list_cases", fail, raising=False)


@pytest.mark.parametrize(
    "problem", [OperationalError("gone"), InterfaceError("closed"), PoolTimeout("none left")]
)
def test_with_the_database_away_a_client_is_told_to_come_again(client_of, monkeypatch, problem):
    break_lists(monkeypatch, problem)
    answer = client_of[0].get("/api/v1/cases/")
    assert (answer.status_code, answer.body["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "5"
    assert answer.body["id"] == answer["X-Request-Id"]
    assert "gone" not in answer.body["detail"]


def test_who_waited_too_long_for_another_is_not_told_that_the_database_is_away(
    client_of, monkeypatch
):
    problem = OperationalError("canceling statement")
    problem.__cause__ = LockNotAvailable()
    break_lists(monkeypatch, problem)
    answer = client_of[0].get("/api/v1/cases/")
    assert (answer.status_code, answer.body["code"]) == (503, "unavailable")
    assert "数据库" not in answer.body["detail"]


def test_an_error_of_ours_says_so_in_the_one_shape_and_shows_nothing_of_it(client_of, monkeypatch):
    break_lists(monkeypatch, RuntimeError("the secret of the stack"))
    answer = client_of[0].get("/api/v1/cases/")
    assert (answer.status_code, answer.body["code"]) == (500, "error")
    assert answer.body["id"] == answer["X-Request-Id"]
    assert "secret" not in answer.content.decode()


def test_people_get_a_page_with_the_short_id(client_of, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the secret of the stack")

    monkeypatch.setattr("dispatch.selectors.desk_lists.listing_of", fail)
    answer = client_of[1].get("/cases/all/")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert answer["X-Request-Id"] in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_people_are_told_to_come_again_also_when_their_login_cannot_be_read(client_of, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    answer = client_of[1].get("/cases/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["X-Request-Id"] in answer.content.decode()


def test_a_page_that_is_not_there_is_a_page_in_chinese(client_of):
    answer = client_of[1].get("/nothing/here/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_an_address_that_takes_forms_alone_says_so_to_who_comes_from_the_login(client_of):
    _speaker, browser = client_of
    answer = browser.get("/logout/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert "没有作任何更改" in answer.content.decode()
    told = browser.get("/logout/", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (405, "method_not_allowed")


def test_a_request_for_another_host_is_refused_in_the_one_shape_and_as_a_page(client_of):
    client, browser = client_of
    answer = client.client.get("/api/v1/me/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert set(json.loads(answer.content)) >= {"code", "detail", "fields"}
    page = browser.get("/cases/all/", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "请求内容无法读取" in page.content.decode()


def test_a_body_beyond_all_bounds_is_refused_unread(client_of, settings):
    settings.REQUEST_MAX_BYTES = 1000
    answer = client_of[0].post("/api/v1/cases/", {"description": "x" * 2000})
    assert (answer.status_code, answer.body["code"]) == (413, "too_large")


# ---------------------------------------------------------------- alive, ready


def test_alive_asks_nothing():
    assert json.loads(Client().get("/healthz").content) == {"status": "alive"}


@pytest.mark.django_db
@pytest.mark.parametrize(("redis", "degraded"), [(True, True), (False, True)])
def test_ready_without_redis_or_beat_is_degraded_but_ready(monkeypatch, redis, degraded):
    monkeypatch.setattr(health, "redis_answers", lambda: redis)
    answer = Client().get("/readyz")
    body = json.loads(answer.content)
    assert (answer.status_code, body["degraded"]) == (200, degraded)
    assert body["parts"]["redis"] == ("ok" if redis else "silent")
    assert body["parts"]["beat"] == "silent"


@pytest.mark.django_db
def test_ready_with_everything_is_not_degraded(monkeypatch):
    from gridcity.tasks import beat_heartbeat

    monkeypatch.setattr(health, "redis_answers", lambda: True)
    beat_heartbeat()
    body = json.loads(Client().get("/readyz").content)
    assert body == {
        "status": "ready", "degraded": False,
        "parts": {"database": "ok", "redis": "ok", "beat": "ok"},
        "sweep": {"lag_s": 0.0, "errors": 0},
    }  # fmt: skip


@pytest.mark.django_db
def test_ready_says_how_far_the_clock_is_behind(make_case, clock):
    case = make_case("TO_CLOSE")
    clock.now = case.due_at + timedelta(days=2)
    body = json.loads(Client().get("/readyz").content)
    assert body["sweep"] == {"lag_s": 2 * 86400.0, "errors": 0}
    sweep_timers(at=clock.now)
    assert json.loads(Client().get("/readyz").content)["sweep"]["lag_s"] == 0


@pytest.mark.django_db
def test_a_monitor_collects_how_far_each_kind_of_work_is_behind(make_case, clock):
    case = make_case("TO_CLOSE")
    clock.now = case.due_at + timedelta(minutes=3)
    answer = Client().get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    told = dict(line.rsplit(" ", 1) for line in answer.content.decode().splitlines()
                if not line.startswith("#"))  # fmt: skip
    assert told['gridcity_clock_lag_seconds{kind="close"}'] == "180"
    assert told['gridcity_clock_lag_seconds{kind="turn"}'] == "0"
    assert told["gridcity_clock_errors"] == "0"
    assert int(told['gridcity_notices{state="waiting"}']) > 0
    assert case.number not in answer.content.decode()
    sweep_timers(at=clock.now)
    assert (
        'gridcity_clock_lag_seconds{kind="close"} 0\n' in Client().get("/metrics").content.decode()
    )


@pytest.mark.django_db
def test_without_the_database_there_is_nothing_to_collect(monkeypatch):
    def gone(at):
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "gauges", gone)
    assert Client().get("/metrics").status_code == 503


@pytest.mark.django_db
def test_not_ready_with_missing_migrations_or_without_the_database(monkeypatch):
    monkeypatch.setattr(health, "missing_migrations", lambda: ["cases.9999_future"])
    answer = Client().get("/readyz")
    assert (answer.status_code, json.loads(answer.content)["missing"]) == (
        503, ["cases.9999_future"],
    )  # fmt: skip

    def gone():
        raise OperationalError("gone")

    monkeypatch.setattr(health, "missing_migrations", gone)
    assert Client().get("/readyz").status_code == 503


@pytest.mark.django_db
def test_no_migration_is_missing_here():
    assert health.missing_migrations() == []


# ---------------------------------------------------------------- the cache may be lost


@pytest.fixture
def dead_cache():
    """A cache whose Redis is not there."""
    return SoftRedisCache("redis://127.0.0.1:1/0", {})


def test_without_redis_reads_miss_and_writes_are_forgotten(dead_cache):
    assert dead_cache.get("x", "otherwise") == "otherwise"
    assert dead_cache.get_many(["x"]) == {}
    dead_cache.set("x", 1)
    dead_cache.set_many({"x": 1})
    assert dead_cache.add("x", 1) is True
    assert dead_cache.incr("x", 3) == 3
    assert dead_cache.delete("x") is False
    assert dead_cache.has_key("x") is False
    dead_cache.clear()


def test_the_client_of_redis_is_made_once():
    cache = SoftRedisCache(os.environ["REDIS_URL"], {})
    for write in (True, False):
        assert cache._cache.get_client(write=write) is cache._cache.get_client(write=write)
    cache.set("made-once", ["x"], 30)
    assert cache.get("made-once") == ["x"]
    cache.delete("made-once")


def test_after_a_failure_redis_is_left_alone_for_a_while(dead_cache, monkeypatch):
    asked = []

    def ask(self, *args, **kwargs):
        asked.append(args)
        raise OSError("gone")

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", ask)
    for _number in range(5):
        dead_cache.get("x")
    assert len(asked) == 1


# ---------------------------------------------------------------- settings that contradict


def found(settings, **changes) -> set[str]:
    for name, value in changes.items():
        setattr(settings, name, value)
    return {message.id for message in run_checks() if message.id.startswith("gridcity.")}


def test_the_demonstration_is_served_on_loopback_only(settings):
    assert found(settings, DEMO=True, ALLOWED_HOSTS=["127.0.0.1"]) == set()
    assert found(settings, DEMO=True, ALLOWED_HOSTS=["grid.example.cn"]) >= {"gridcity.E001"}


def test_a_known_secret_is_refused_outside_the_demonstration(settings):
    assert "gridcity.E003" in found(settings, DEMO=False, SECRET_KEY="changeme")


def test_debugging_is_refused_on_an_open_site(settings):
    changes = {"DEBUG": True, "IS_WEB": True, "DEMO": False, "SECRET_KEY": "x" * 50,
               "ALLOWED_HOSTS": ["grid.example.cn"]}  # fmt: skip
    assert "gridcity.E002" in found(settings, **changes)


def test_a_foreign_tile_server_is_named(settings):
    foreign = {**settings.LEAFLET_CONFIG, "TILES": [("x", "https://tiles.example/{z}", {})]}
    assert "gridcity.W001" in found(settings, LEAFLET_CONFIG=foreign)


# ---------------------------------------------------------------- migrations that were folded


@pytest.mark.django_db
def test_a_database_that_stopped_half_way_in_folded_migrations_is_refused():
    assert refusals_of_the_database() == []
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("assessment", "0001_tables")
    assert refusals_of_the_database() == []
    recorder.record_unapplied("assessment", "0025_openings_of_each")
    (refusal,) = refusals_of_the_database()
    assert refusal.id == "gridcity.E011"
    assert "assessment.0001_tables" in refusal.msg


def refusals_of_the_database():
    return run_checks(databases=["default"], tags=["database"])
