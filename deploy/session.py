"""Having the servers up while something runs, and stopping all that was started for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from deploy import database, services
from deploy.processes import Child, stop_by_pid_file, stop_children, write_pid_file
from deploy.progress import Progress, Stopped
from deploy.state import Locked, Site, StartFailed, State, is_free

# In the order in which they are stopped: those that use the database go before it.
PRODUCT = ("step", "beat", "jobs", "worker", "web")
SERVERS = ("redis", "postgres")
SERVER_PATIENCE_S = 60.0
FIRST_FREE_FOR_ALL = 1024  # ports below are for root
FOREGROUND_PATIENCE_S = 10.0  # so that tests drop their databases and end their browsers


@contextlib.contextmanager
def held(state: State, holder: str) -> Iterator[list[Child]]:
    """Be the one who starts processes for this state; all that it lists are stopped at the end.

    What an earlier holder that was killed with -9 left running is ended first.
    """
    site = state.site
    with state.lock("servers", holder):
        stop_leftovers(site)
        write_pid_file(site.pid_file("supervisor"), os.getpid())
        children: list[Child] = []
        try:
            yield children
        finally:
            stop_children([child for child in children if child.name not in SERVERS])
            servers = [child for child in children if child.name in SERVERS]
            stop_children(servers, SERVER_PATIENCE_S)
            site.pid_file("supervisor").unlink(missing_ok=True)


def start_servers(state: State, progress: Progress, children: list[Child]) -> None:
    with progress.step("PostgreSQL and Redis"):
        services.start(state, progress, children)
    with progress.step("database"):
        database.create(state, progress)


@contextlib.contextmanager
def servers_up(state: State, progress: Progress, holder: str) -> Iterator[None]:
    """Use the servers of a running `make run`, or start them and stop them at the end."""
    with contextlib.ExitStack() as stack:
        try:
            children = stack.enter_context(held(state, holder))
        except Locked as other:
            if other.holder != "run" or not are_up(state):
                raise
        else:
            start_servers(state, progress, children)
        yield


def are_up(state: State) -> bool:
    ports = [state.data.get(f"{name}_port") for name in SERVERS]
    return all(port and not is_free(int(port)) for port in ports)


def stop_leftovers(site: Site) -> bool:
    """End what the pid files still name; returns whether anything was left."""
    found = False
    for name in (*PRODUCT, *SERVERS):
        sig = {"postgres": signal.SIGINT, "jobs": signal.SIGQUIT}.get(name, signal.SIGTERM)
        found = stop_by_pid_file(site.pid_file(name), sig, site.state) or found
    return found


def down(site: Site) -> bool:
    """Ask the supervisor to stop, then make sure that nothing of it is left."""
    if not site.state.exists():
        return False
    supervisor = site.pid_file("supervisor")
    asked = stop_by_pid_file(supervisor, signal.SIGTERM, site.state, 2 * SERVER_PATIENCE_S)
    return stop_leftovers(site) or asked


def reset(site: Site) -> None:
    """Stop, and forget database, photos, mails and collected files; ports and secrets stay."""
    down(site)
    state = State.open(site)
    with state.lock("servers", "demo-reset"):
        services.remove(state)
        for name in ("media", "test-media", "outbox", "static", "log"):
            shutil.rmtree(site.state / name, ignore_errors=True)
        (site.state / "static.made-from").unlink(missing_ok=True)


def foreground(
    command: Sequence[str], site: Site, env: Mapping[str, str], progress: Progress
) -> int:
    """Run a command at the user's terminal and return its exit code.

    Ctrl-C reaches it from the terminal, and a second one would break off its tidying up;
    `make down` reaches only the supervisor, which hands the request on.
    """
    process = subprocess.Popen(command, cwd=site.root, env=env)
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(0.2)
        if progress.stop.is_set():
            if not progress.interrupted:
                process.send_signal(signal.SIGINT)
            for stronger in (signal.SIGTERM, signal.SIGKILL):
                try:
                    process.wait(FOREGROUND_PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.send_signal(stronger)
            process.wait()
            raise Stopped


def refuse_taken_port(site: Site) -> None:
    if not is_free(site.port):
        other = max(site.port + 1, FIRST_FREE_FOR_ALL) if site.port < 65535 else 18080
        raise StartFailed(
            f"port {site.port} is taken, or not for this user; try PORT={other} make run"
        )
