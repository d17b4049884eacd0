"""`make run` as somebody meets it: READY, a page, a second start, a kill, and nothing left."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from deploy import database, services, session
from deploy.processes import birth, read_pid_file
from deploy.state import ROOT, Site, State, is_free

pytestmark = pytest.mark.fault

NAMES = ("supervisor", "web", "worker", "jobs", "beat", "redis", "postgres")


class Run:
    """A `make run` in a state folder of its own."""

    def __init__(self, state):
        port = next(port for port in range(19000, 20000) if is_free(port))
        self.site = Site(root=ROOT, state=state, port=port)
        self.process = None
        self.log = state.parent / "run.log"

    def command(self, name):
        env = {**os.environ, "PORT": str(self.site.port), "GRIDCITY_STATE": str(self.site.state)}
        return {"args": [sys.executable, "-m", "deploy", name], "cwd": ROOT, "env": env}

    def start(self):
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                **self.command("run"), stdout=out, stderr=out, start_new_session=True
            )
        self.until(lambda: "READY" in self.log.read_text())

    def call(self, name):
        return subprocess.run(
            **self.command(name), capture_output=True, text=True, check=False, timeout=120
        )

    def until(self, condition, seconds=300.0):
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def pids(self):
        return {name: read_pid_file(self.site.pid_file(name))[0] for name in NAMES}

    def get(self, path):
        """Status and body; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.site.port}{path}") as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()
        except OSError:
            return 0, b""

    def is_well(self):
        status, body = self.get("/readyz")
        return status == 200 and json.loads(body)["degraded"] is False

    def stop(self, sig=signal.SIGINT):
        self.process.send_signal(sig)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    started = Run(tmp_path_factory.mktemp("site") / "state")
    try:
        started.start()
        yield started
    finally:
        session.down(started.site)
        if started.process:
            started.process.wait(60)
        services.remove(State.open(started.site))


def test_ready_is_said_when_the_site_answers_and_logins_follow(run):
    said = run.log.read_text()
    assert f"READY http://127.0.0.1:{run.site.port}\n" in said
    assert "administrator" in said
    assert "password: gridcity-demo" in said
    assert run.get("/healthz")[0] == 200
    assert run.is_well()
    assert all(birth(pid) for pid in run.pids().values())


def test_no_secret_stands_in_the_output_or_in_a_command_line(run):
    data = State.open(run.site).data
    secrets = [str(value) for key, value in data.items() if "password" in key or "secret" in key]
    said = run.log.read_text()
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in run.pids().values()]
    assert not [secret for secret in secrets if secret in said or secret in "".join(lines)]


def test_the_role_of_the_application_owns_no_table(run):
    state = State.open(run.site)
    question = (
        "select tableowner, count(*) > 20 from pg_tables where schemaname = 'public' group by 1"
    )
    answer = database.psql(state, "gridcity", ["-c", question])
    owners = dict(line.split("|") for line in answer.stdout.split())
    assert owners["gridcity_owner"] == "t"
    assert "gridcity" not in owners


def test_a_second_start_with_the_same_state_is_refused_with_the_reason(run):
    refused = run.call("run")
    assert refused.returncode == 1
    assert "is at work with" in refused.stderr
    assert run.is_well()


def test_a_management_command_runs_beside_the_site(run):
    done = subprocess.run(
        [*run.command("manage")["args"], "diffsettings", "--output", "unified"],
        cwd=ROOT,
        env=run.command("manage")["env"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "gridcity_owner" not in done.stdout
    assert run.is_well()


@pytest.mark.parametrize("name", ["web", "worker", "jobs", "beat", "redis", "postgres"])
def test_what_is_killed_comes_back(run, name):
    before = run.pids()[name]
    os.kill(before, signal.SIGKILL)
    run.until(lambda: run.pids()[name] not in {0, before})
    run.until(run.is_well)
    assert birth(before) == ""


def test_ctrl_c_stops_all_and_the_next_start_takes_over_from_a_killed_supervisor(run):
    pids = run.pids()
    assert run.stop() == 0
    assert not [name for name, pid in pids.items() if birth(pid)]
    assert is_free(run.site.port)

    run.start()
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    orphans = run.pids()
    run.start()
    assert run.is_well()
    assert not [name for name, pid in orphans.items() if birth(pid)]

    pids = run.pids()
    assert run.call("down").stdout == "stopped\n"
    assert run.process.wait(60) == 0
    assert not [name for name, pid in pids.items() if birth(pid)]
    assert run.call("down").stdout == "nothing was running\n"
