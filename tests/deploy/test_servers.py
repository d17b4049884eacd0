"""The private servers for real: their roles, their loopback, their coming back."""

import io
import os
import signal
import socket
import time
from pathlib import Path

import psycopg
import pytest
import redis

from deploy import database, services, session
from deploy.processes import birth
from deploy.progress import Progress
from deploy.state import ROOT, Site, State

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The state of a site whose servers run, and the children that are the servers."""
    state = State.open(Site(ROOT, tmp_path_factory.mktemp("site") / "state", 18080))
    try:
        with session.held(state, "test") as children:
            session.start_servers(state, Progress(io.StringIO()), children)
            yield state, {child.name: child for child in children}
    finally:
        services.remove(state)


def connect(state, role, name="gridcity"):
    url = state.database_url(role, name).replace("postgis://", "postgresql://")
    return psycopg.connect(url, autocommit=True)


def until_revived(children, works, seconds=30.0):
    end = time.monotonic() + seconds
    while True:
        for child in children.values():
            child.keep_alive()
        try:
            return works()
        except (psycopg.OperationalError, redis.ConnectionError, ValueError):
            assert time.monotonic() < end, "it did not come back"
            time.sleep(0.1)


def test_the_application_reads_and_writes_rows_but_owns_nothing(running):
    state, _ = running
    with connect(state, "owner") as owner, connect(state, "application") as application:
        owner.execute("create table cases_case (id bigint generated always as identity, word text)")
        application.execute("insert into cases_case (word) values ('one')")
        application.execute("update cases_case set word = 'two'")
        assert application.execute("select word from cases_case").fetchone() == ("two",)
        for refused in (
            "drop table cases_case",
            "alter table cases_case disable trigger all",
            "truncate cases_case",
            "create table mine (id int)",
            "create extension hstore",
            "set session_replication_role = replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(refused)
        owned = "select count(*) from pg_tables where tableowner = 'gridcity'"
        assert owner.execute(owned).fetchone() == (0,)


def test_the_database_knows_space_and_keeps_plans_single(running):
    state, _ = running
    with connect(state, "application") as application:
        point = "select st_x(st_transform(st_setsrid(st_point(116.4, 39.9), 4490), 4548))"
        assert application.execute(point).fetchone()[0] == pytest.approx(448_000, rel=0.1)
        shown = [
            application.execute(f"show {name}").fetchone()[0]
            for name in ("max_parallel_workers_per_gather", "jit", "server_encoding")
        ]
        assert shown == ["0", "off", "UTF8"]


def test_tests_make_databases_of_their_own_and_see_nothing_of_the_product(running):
    state, _ = running
    with connect(state, "owner") as owner:
        owner.execute("create table secret (id int)")
    with connect(state, "test", "postgres") as tester:
        tester.execute("create database test_gridcity")
    with connect(state, "test", "test_gridcity") as tester:
        tester.execute("create table places (place geometry(point, 4490))")
    with connect(state, "test") as tester, pytest.raises(psycopg.errors.InsufficientPrivilege):
        tester.execute("select * from secret")


def test_making_the_database_twice_changes_nothing(running):
    state, _ = running
    with connect(state, "owner") as owner:
        owner.execute("create table twice (id int)")
    assert database.mark(state) == ""
    database.set_mark(state, "0af3")
    database.create(state, Progress(io.StringIO()))
    assert database.mark(state) == "0af3"
    with connect(state, "application") as application:
        assert application.execute("select count(*) from twice").fetchone() == (0,)


def test_both_servers_want_a_password_and_listen_on_loopback_only(running):
    state, _ = running
    port = state.data["postgres_port"]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://gridcity:wrong@127.0.0.1:{port}/gridcity")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=state.data["redis_port"]).ping()
    for name in ("postgres_port", "redis_port"):
        assert listening_addresses(int(state.data[name])) == {"127.0.0.1"}


def listening_addresses(port):
    """Local addresses of listening sockets with this port, read from the kernel's tables."""
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                raw = bytes.fromhex(address)
                words = [raw[i : i + 4][::-1] for i in range(0, len(raw), 4)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found


def test_killed_servers_come_back_with_what_was_committed(running):
    state, children = running
    with connect(state, "owner") as owner:
        owner.execute("create table kept as select 7 as id")
    for child in children.values():
        os.kill(child.process.pid, signal.SIGKILL)

    def works():
        redis.Redis.from_url(state.redis_url()).ping()
        with connect(state, "application") as application:
            return application.execute("select id from kept").fetchone()

    assert until_revived(children, works) == (7,)


def test_no_row_and_no_statement_is_written_to_the_log(running):
    state, _ = running
    with connect(state, "owner") as owner:
        owner.execute("create table reporter (phone text primary key)")
        owner.execute("insert into reporter values ('13800138000')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("insert into reporter values ('13800138000')")
    log = state.site.log("postgres")
    until_revived({}, lambda: log.read_text().index("duplicate key"))
    assert "13800138000" not in log.read_text()


def test_a_second_start_keeps_the_data_and_a_reset_forgets_it(state):
    progress = Progress(io.StringIO())
    for expected in (None, ("kept",)):
        with session.held(state, "test") as children:
            session.start_servers(state, progress, children)
            with connect(state, "owner") as owner:
                found = owner.execute("select to_regclass('kept')::text").fetchone()
                assert found == (expected or (None,))
                owner.execute("create table if not exists kept (id int)")
    base = services.folder(state)
    assert base.exists()
    session.reset(state.site)
    assert not base.exists()


def test_a_server_left_by_a_killed_supervisor_is_ended_before_the_next_start(state):
    progress = Progress(io.StringIO())
    left = []
    base = services.make_folders(state)
    services.start(state, progress, left)
    pids = [child.process.pid for child in left]
    state.site.pid_file("postgres").unlink()  # not even its pid file remains
    state = type(state).open(state.site)
    session.stop_leftovers(state.site)
    services.stop_stale_postmaster(base / "postgres")
    for child in left:
        child.process.wait(10)
    assert [birth(pid) for pid in pids] == ["", ""]
