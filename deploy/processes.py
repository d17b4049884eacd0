"""Processes of ours, each in a session of its own: known by pid and birth, restarted, stopped."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.state import Site

LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
LARGEST_LOG = 20 * 1024 * 1024


@dataclass
class Child:
    """A process that is kept running, and how to stop it."""

    site: Site
    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    identity: Mapping[str, Any]
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        log = self.site.log(self.name)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env={**self.env, "GRIDCITY_STATE": str(self.site.state)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                **self.identity,
            )
        self.started = time.monotonic()
        write_pid_file(self.site.pid_file(self.name), self.process.pid)

    def has_ended(self) -> bool:
        """Whether it has ended. What it left running in its session is killed before it is reaped.

        While it is unreaped its pid, which is also the number of the session, cannot be given
        to anybody else.
        """
        if self.process is None or self.process.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, flags) is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return True

    def keep_alive(self) -> str:
        """Start it again if it died, ever more slowly after quick deaths; says so when it did."""
        if self.process is None or not self.has_ended():
            return ""
        lived = time.monotonic() - self.started
        if lived > STEADY_S:
            self.failures = 0
        if lived < pause_after(self.failures):
            return ""
        self.failures += 1
        ended_with = self.process.returncode
        self.start()
        return f"{self.name} ended with {ended_with}; started again"


def pause_after(failures: int) -> float:
    """Seconds that must lie between two starts: 0.5, 1, 2 … 30."""
    return float(min(0.5 * 2**failures, LONGEST_PAUSE_S))


def birth(pid: int) -> str:
    """Boot and start time of a process, or '' when it is gone: a reused pid has another one."""
    fields = stat(pid)
    if not fields or fields[0] == "Z":
        return ""
    return f"{fields[19]}@{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on (the name before it may hold spaces)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def write_pid_file(path: Path, pid: int) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{pid} {birth(pid)}")
    fresh.replace(path)


def read_pid_file(path: Path) -> tuple[int, str]:
    """Pid and birth, or (0, '') without a usable file."""
    with contextlib.suppress(OSError, ValueError):
        pid, born = path.read_text().split()
        return int(pid), born
    return 0, ""


def stop_by_pid_file(path: Path, sig: signal.Signals, state: Path, patience_s: float = 15) -> bool:
    """Stop the process that a pid file names, if it is still that process, and its session.

    A pidfd is bound to the process: once birth was compared, no signal can reach another one.
    Returns whether anything was stopped.
    """
    pid, born = read_pid_file(path)
    stopped = False
    if pid and born:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                if birth(pid) == born:
                    _end(handle, sig, patience_s)
                    stopped = True
            finally:
                os.close(handle)
        stopped = kill_session(pid, state) or stopped
    path.unlink(missing_ok=True)
    return stopped


def _end(handle: int, sig: signal.Signals, patience_s: float) -> None:
    signal.pidfd_send_signal(handle, sig)
    watch = select.poll()
    watch.register(handle, select.POLLIN)
    if not watch.poll(patience_s * 1000):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        watch.poll(5000)


def kill_session(session: int, state: Path) -> bool:
    """Kill what is left of a session whose leader is gone, if it was started for this state."""
    found = False
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        fields = stat(int(entry.name))
        if fields and fields[0] != "Z" and fields[3] == str(session) and _is_of(entry, state):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
                found = True
    return found


def _is_of(process: Path, state: Path) -> bool:
    with contextlib.suppress(OSError):
        variables = (process / "environ").read_bytes().split(b"\0")
        return f"GRIDCITY_STATE={state}".encode() in variables
    return False


def stop_children(children: Iterable[Child], patience_s: float = 15) -> None:
    """Ask all to stop at once, then wait for each; one that will not is killed."""
    running = [child for child in children if child.process and not child.has_ended()]
    for child in running:
        assert child.process is not None
        child.process.send_signal(child.stop_signal)
    deadline = time.monotonic() + patience_s
    for child in running:
        assert child.process is not None
        while not child.has_ended():
            if time.monotonic() > deadline:
                os.killpg(child.process.pid, signal.SIGKILL)
            time.sleep(0.03)
    for child in children:
        child.site.pid_file(child.name).unlink(missing_ok=True)
