"""The private PostgreSQL and Redis: where they lie, who runs them, how they are started.

PostgreSQL refuses to run as root, and an unprivileged user may be unable to enter the folder that
holds the checkout. So the servers' files, and only they, move to /var/lib/gridcity/<id> when the
service user cannot reach the state folder.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.packages import pg_bin
from deploy.processes import Child, birth
from deploy.progress import Progress, tail
from deploy.state import Site, StartFailed, State

OUTSIDE = Path("/var/lib/gridcity")
SERVICE_USER = "postgres"  # made by Debian's package
START_PATIENCE_S = 60.0
GIGABYTE_IN_KB = 1024 * 1024


def identity() -> Mapping[str, Any]:
    """How a server is started: as the service user by root, else as whoever starts it."""
    if os.geteuid() != 0:
        return {}
    try:
        group = pwd.getpwnam(SERVICE_USER).pw_gid
    except KeyError:
        raise StartFailed(
            f"started as root, the servers need the user {SERVICE_USER!r}, which is missing"
        ) from None
    return {"user": SERVICE_USER, "group": group, "extra_groups": ()}


def run_as_service(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd="/", capture_output=True, text=True, check=False, **identity()
    )
    return done


def folder(state: State) -> Path:
    """The servers' folder. Decided at the first start and kept, or the data would seem lost."""
    inside = state.site.state / "services"
    if "services" not in state.data:
        # The kernel is asked, as the service user: mode bits alone miss ACLs and mount options.
        reachable = run_as_service(["test", "-x", str(state.site.state)]).returncode == 0
        state.data["services"] = "inside" if reachable else "outside"
        state.save()
    return inside if state.data["services"] == "inside" else OUTSIDE / str(state.data["id"])


def make_folders(state: State) -> Path:
    base = folder(state)
    if base.is_relative_to(OUTSIDE):
        OUTSIDE.mkdir(parents=True, exist_ok=True)
        OUTSIDE.chmod(0o711)
    for path in (base, base / "redis"):
        path.mkdir(exist_ok=True)
        give_to_service(path)
        path.chmod(0o700)
    return base


def give_to_service(path: Path) -> None:
    who = identity()
    if who:
        shutil.chown(path, who["user"], who["group"])


def private_file(path: Path, text: str) -> None:
    """Write a file that only the service user may read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
    give_to_service(path)


def remove(state: State) -> None:
    """Forget the servers' data. They must have been stopped."""
    if "services" in state.data:
        shutil.rmtree(folder(state), ignore_errors=True)
        del state.data["services"]
        state.save()


# ---------------------------------------------------------------- PostgreSQL


def init_cluster(state: State, base: Path) -> None:
    """Make the cluster once; what an interrupted initdb left is removed first."""
    cluster = base / "postgres"
    if (cluster / "PG_VERSION").exists() and (base / "initialised").exists():
        return
    shutil.rmtree(cluster, ignore_errors=True)
    password = base / "password"
    private_file(password, str(state.data["admin_password"]))
    command = [pg_bin("initdb"), "-D", str(cluster), "-U", "gridcity_admin", "-E", "UTF8"]
    command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"]
    try:
        done = run_as_service(command)
    finally:
        password.unlink()
    if done.returncode:
        raise StartFailed(f"{shlex.join(command)}: {(done.stderr or done.stdout).strip()[-800:]}")
    (base / "initialised").touch()


def postgres(state: State, base: Path) -> Child:
    """The server: password login on loopback only, no Unix socket (paths may be too long)."""
    init_cluster(state, base)
    stop_stale_postmaster(base / "postgres")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": state.port("postgres"),
        "unix_socket_directories": "",
        "max_connections": 120,
        "shared_buffers": f"{shared_buffers_kb()}kB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "random_page_cost": 1.1,
        "jit": "off",
        "lc_messages": "C.UTF-8",
        # Statements and rows in a log would be personal data in a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    version = (base / "postgres" / "PG_VERSION").read_text().strip()
    command = [pg_bin("postgres", version), "-D", str(base / "postgres")]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    fast_shutdown = signal.SIGINT
    return server(state.site, "postgres", command, fast_shutdown)


def server(
    site: Site, name: str, command: Sequence[str], stop: signal.Signals = signal.SIGTERM
) -> Child:
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return Child(site, name, command, env, Path("/"), identity(), stop)


def shared_buffers_kb() -> int:
    """A quarter of the memory, 1 GB at most."""
    memory_kb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    return min(memory_kb // 4, GIGABYTE_IN_KB)


def stop_stale_postmaster(cluster: Path) -> None:
    """A supervisor killed with -9 leaves its server running: end it before a second one starts."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split()[0])
        if Path(f"/proc/{pid}/cwd").resolve() != cluster.resolve():
            return
    except (OSError, ValueError, IndexError):
        return
    run_as_service([pg_bin("pg_ctl"), "-D", str(cluster), "-m", "fast", "-w", "stop"])
    if birth(pid):
        raise StartFailed(f"an older server of this cluster, pid {pid}, does not stop")


# ---------------------------------------------------------------- Redis


def redis(state: State, base: Path) -> Child:
    """Configured by a file: without one Redis listens everywhere, and argv shows the password."""
    config = base / "redis" / "redis.conf"
    lines = (
        "bind 127.0.0.1",
        f"port {state.port('redis')}",
        "protected-mode yes",
        f"requirepass {state.data['redis_password']}",
        f'dir "{config.parent}"',
        'save ""',
        "appendonly no",
        "maxmemory 256mb",
        "maxmemory-policy noeviction",
    )
    private_file(config, "\n".join(lines) + "\n")
    return server(state.site, "redis", ["redis-server", str(config)])


# ---------------------------------------------------------------- both


def start(state: State, progress: Progress, children: list[Child]) -> None:
    """Start both servers and wait until they listen; `children` grows as they are started."""
    base = make_folders(state)
    started = []
    for make in (postgres, redis):
        child = make(state, base)
        children.append(child)
        child.start()
        started.append(child)
    for child in started:
        wait_for_port(child, int(state.data[f"{child.name}_port"]), progress)


def wait_for_port(child: Child, port: int, progress: Progress) -> None:
    end = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < end:
        progress.check_stop()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        if child.has_ended():
            raise StartFailed(f"{child.name} did not start:\n{tail(child.site.log(child.name))}")
        time.sleep(0.03)
    raise StartFailed(f"{child.name} did not answer on port {port} in {START_PATIENCE_S:.0f} s")
