"""After the database was away, all dead connections of a web process go at once."""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable
from psycopg_pool import ConnectionPool

from gridcity import errors, pool
from gridcity.errors import away_response

SIZE, NAME = 3, "gridcity-pool-test"


@pytest.fixture
def kept(db, monkeypatch):
    """An open pool of connections to the database of the tests."""
    known = connection.get_connection_params()
    said = {key: known[key] for key in ("host", "port", "user", "password", "dbname")}
    said |= {"application_name": NAME, "autocommit": True}
    with ConnectionPool(kwargs=said, min_size=SIZE, max_size=SIZE, open=True) as opened:
        opened.wait()
        monkeypatch.setattr(pool, "connection", SimpleNamespace(pool=opened))
        yield opened


def backends():
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")  # else a transaction sees what it saw
        cursor.execute("select pid from pg_stat_activity where application_name = %s", [NAME])
        return {pid for (pid,) in cursor.fetchall()}


def test_dead_connections_make_room_for_new_ones(kept):
    before = backends()
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid, 5000) from unnest(%s) pid", [[*before]])
    pool.check_pool()
    assert kept.get_stats()["connections_lost"] == SIZE == len(before)
    with ExitStack() as stack:
        given = [stack.enter_context(kept.connection()) for _place in range(SIZE)]
        assert {one.info.backend_pid for one in given} == backends()
    assert not backends() & before


def test_connections_that_live_are_kept(kept):
    before = backends()
    pool.check_pool()
    assert backends() == before


def test_without_a_pool_there_is_nothing_to_look_at(monkeypatch):
    monkeypatch.setattr(pool, "connection", SimpleNamespace(pool=None))
    pool.check_pool()


@pytest.mark.parametrize(("cause", "looks"), [(None, 1), (LockNotAvailable(), 0)])
def test_the_pool_is_looked_over_when_the_database_was_away_not_when_it_was_busy(
    rf, monkeypatch, cause, looks
):
    found = []
    monkeypatch.setattr(errors, "check_pool", lambda: found.append(1))
    problem = OperationalError()
    problem.__cause__ = cause
    assert away_response(rf.get("/"), problem).status_code == 503
    assert len(found) == looks
