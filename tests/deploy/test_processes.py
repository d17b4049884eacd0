import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy import processes
from deploy.processes import Child, birth, pause_after, stop_by_pid_file, write_pid_file
from deploy.progress import Progress, Stopped
from deploy.session import down, foreground, refuse_taken_port
from deploy.state import StartFailed, State

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
time.sleep(60)
"""
FAMILY = [sys.executable, "-c", PARENT]
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('deaf', flush=True)
time.sleep(60)
"""
STUBBORN = [sys.executable, "-c", DEAF]


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def is_gone(pid):
    return birth(pid) == ""


@pytest.fixture
def child(site, state):
    made = Child(site, "sleeper", SLEEP, dict(os.environ), site.root, {})
    yield made
    if made.process and not made.has_ended():
        made.process.kill()
        made.process.wait()


def test_pauses_between_starts_grow_to_half_a_minute():
    assert [pause_after(failures) for failures in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_what_died_is_started_again_after_its_pause(child):
    child.start()
    first = child.process.pid
    assert child.keep_alive() == ""
    os.kill(first, signal.SIGKILL)
    until(child.has_ended)
    child.started = time.monotonic()
    assert child.keep_alive() == "", "it must not come back before its pause is over"
    child.started -= 1
    assert "sleeper ended with -9" in child.keep_alive()
    assert child.process.pid != first
    assert child.failures == 1


def test_a_long_life_forgives_earlier_deaths(child):
    child.start()
    child.failures = 6
    child.process.kill()
    until(child.has_ended)
    child.started -= processes.STEADY_S + 1
    assert child.keep_alive()
    assert child.failures == 1


def test_the_children_of_a_killed_process_go_with_it(site, child):
    child.command = FAMILY
    child.start()
    until(lambda: site.log("sleeper").read_text().strip())
    grandchild = int(site.log("sleeper").read_text())
    os.kill(child.process.pid, signal.SIGKILL)
    until(child.has_ended)
    until(lambda: is_gone(grandchild))


def test_a_process_is_stopped_by_its_pid_file(site, child):
    child.start()
    assert stop_by_pid_file(site.pid_file("sleeper"), signal.SIGTERM, site.state)
    until(child.has_ended)
    assert not site.pid_file("sleeper").exists()


def test_one_that_does_not_listen_is_killed(site, child):
    child.command = STUBBORN
    child.start()
    until(lambda: site.log("sleeper").read_text().strip() == "deaf")
    assert stop_by_pid_file(site.pid_file("sleeper"), signal.SIGTERM, site.state, patience_s=0.2)
    until(child.has_ended)
    assert child.process.returncode == -signal.SIGKILL


def test_a_process_that_got_the_pid_of_ours_is_left_alone(site, state):
    stranger = subprocess.Popen(SLEEP, start_new_session=True)
    try:
        pid_file = site.pid_file("sleeper")
        pid_file.write_text(f"{stranger.pid} 1@{birth(stranger.pid).partition('@')[2]}")
        assert not stop_by_pid_file(pid_file, signal.SIGTERM, site.state)
        assert stranger.poll() is None
        assert not pid_file.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_session_without_its_leader_is_stopped_for_its_own_state_only(site, child, tmp_path):
    child.command = FAMILY
    child.start()
    until(lambda: site.log("sleeper").read_text().strip())
    grandchild = int(site.log("sleeper").read_text())
    leader = child.process.pid
    os.kill(leader, signal.SIGKILL)
    child.process.wait()  # reaped by somebody who knows nothing of its children
    assert not processes.kill_session(leader, tmp_path / "another")
    assert not is_gone(grandchild)
    assert stop_by_pid_file(site.pid_file("sleeper"), signal.SIGTERM, site.state)
    until(lambda: is_gone(grandchild))


@pytest.mark.parametrize("text", ["", "12", "twelve 3", "1 2 3"])
def test_a_broken_pid_file_names_nobody(tmp_path, text):
    path = tmp_path / "x.pid"
    path.write_text(text)
    assert processes.read_pid_file(path) == (0, "")


def test_birth_tells_this_process_from_a_gone_one(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert birth(gone.pid) == ""
    assert birth(os.getpid()) == birth(os.getpid()) != ""
    write_pid_file(tmp_path / "me.pid", os.getpid())
    assert processes.read_pid_file(tmp_path / "me.pid") == (os.getpid(), birth(os.getpid()))


def test_down_stops_what_a_killed_supervisor_left_and_then_finds_nothing(site, state, child):
    child.name = "worker"
    child.start()
    assert down(site)
    until(child.has_ended)
    assert not down(site)


def test_down_without_a_state_makes_none(site):
    assert not down(site)
    assert not site.state.exists()


def test_a_large_log_is_put_aside(site, child, monkeypatch):
    monkeypatch.setattr(processes, "LARGEST_LOG", 10)
    State.open(site)
    site.log("sleeper").write_text("x" * 11)
    child.start()
    assert (site.state / "log" / "sleeper.log.1").read_text() == "x" * 11


TIDY = """
import signal, sys, time
try:
    print('up', flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.5)
    open(sys.argv[1], 'w').write('tidy')
    sys.exit(2)
"""


@pytest.mark.parametrize("by_terminal", [True, False])
def test_a_command_that_is_stopped_may_tidy_up(site, tmp_path, by_terminal):
    """Ctrl-C reaches the command by itself; `make down` is handed on to it as one."""
    done = tmp_path / "done"
    progress = Progress(io.StringIO())
    command = [sys.executable, "-c", TIDY, str(done)]

    def ask():
        until(lambda: children_of(os.getpid()))
        time.sleep(0.5)
        progress.interrupted = by_terminal
        if by_terminal:
            os.kill(children_of(os.getpid())[0], signal.SIGINT)
        progress.stop.set()

    asking = threading.Thread(target=ask)
    asking.start()
    with pytest.raises(Stopped):
        foreground(command, site, dict(os.environ), progress)
    asking.join()
    assert done.read_text() == "tidy"


def children_of(pid):
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit()
        and (fields := processes.stat(int(entry.name)))
        and fields[1] == str(pid)
        and "tidy" in (entry / "cmdline").read_text()
    ]


def test_a_port_that_is_taken_is_named_with_another_one(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"port {port} is taken.*make run"):
            refuse_taken_port(replace(site, port=port))
