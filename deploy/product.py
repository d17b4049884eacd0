"""The product's own steps and processes: tables, static files, demonstration; web, worker, beat."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from deploy import database
from deploy.build import RUN_LOCK
from deploy.processes import Child
from deploy.progress import Progress
from deploy.state import Site, State, demo_password

APPS = ("gridcity", "assessment", "dispatch", "cases", "parts", "jobs")

# Commands that change tables, or empty them and take their indexes off for a while; everything else
# runs as the application, which owns none.
OWNER_COMMANDS = frozenset({"migrate", "pgtrigger", "simulate"})
# Workers that do not talk to each other: what they share stands in the database.
ALONE = ("--without-gossip", "--without-mingle")


def manage_environment(state: State, command: str) -> dict[str, str]:
    """The environment of a management command, with the owner's login where it needs it."""
    env = state.environment("manage")
    if command in OWNER_COMMANDS:
        env["DATABASE_URL"] = state.database_url("owner")
    return env


def prepare(state: State, progress: Progress) -> None:
    """What must be done before the site serves; each step is quick when nothing has changed."""
    made_from = data_fingerprint(state.site)
    if database.mark(state) != made_from:
        with progress.step("database tables"):
            manage(state, progress, "migrate", "--no-input", "-v0")
        with progress.step("demonstration data"):
            manage(state, progress, "load_demonstration")
        database.set_mark(state, made_from)
    with progress.step("static files"):
        collect_static(state, progress)


def manage(state: State, progress: Progress, command: str, *arguments: str) -> None:
    site = state.site
    line = [site.python, "manage.py", command, *arguments]
    progress.run(site, command, line, env=manage_environment(state, command))


def collect_static(state: State, progress: Progress) -> None:
    """Collect, compress and name by hash, when a static file, a library or a setting changed."""
    site = state.site
    stamp = site.state / "static.made-from"
    made_from = static_fingerprint(site)
    if stamp.exists() and stamp.read_text() == made_from:
        return
    stamp.unlink(missing_ok=True)
    env = state.environment("web")  # only the web process names files by their hash
    line = [site.python, "manage.py", "collectstatic", "--no-input", "--clear", "-v0"]
    progress.run(site, "collectstatic", line, env=env)
    stamp.write_text(made_from)


def data_fingerprint(site: Site) -> str:
    """Over the code, the shipped files, the libraries and the password of the demonstration."""
    code = [path for app in APPS for path in (site.root / app).rglob("*.py")]
    shipped = [path for path in (site.root / "fixtures").rglob("*") if path.is_file()]
    password = hashlib.sha256(demo_password(os.environ).encode()).hexdigest()
    return listing([*code, *shipped, site.root / RUN_LOCK], password)


def static_fingerprint(site: Site) -> str:
    """Over the static files, the libraries (some bring static files) and the settings."""
    static = [path for path in (site.root / "static").rglob("*") if path.is_file()]
    return listing([*static, site.root / RUN_LOCK, site.root / "gridcity" / "settings.py"])


def listing(paths: Iterable[Path], *more: str) -> str:
    """Hash by name, size and time of change: reading all files would cost more than it tells."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def processes(state: State) -> list[Child]:
    """Web, the two workers and beat, in the order in which they are started."""
    site = state.site
    celery = ["-m", "celery", "-A", "gridcity"]
    commands = {
        "web": ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{site.port}"],
        "worker": [*celery, "worker", "-c", "2", *ALONE],
        "jobs": [*celery, "worker", "-c", "2", "-Q", "jobs", "-n", "jobs@%h", *ALONE],
        # The schedule is kept in memory: a file of last runs would be one more thing to lose.
        "beat": [*celery, "beat", "-S", "celery.beat.Scheduler", "--pidfile="],
    }
    return [
        Child(
            site,
            name,
            [site.python, *command],
            state.environment(name),
            site.root,
            {},
            # Long work is not waited for: its lease ends and the next start begins it anew.
            signal.SIGQUIT if name == "jobs" else signal.SIGTERM,
        )
        for name, command in commands.items()
    ]


def readiness(port: int) -> str:
    """What `/readyz` lacks, or '' when every part of the site answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            state = json.load(answer)
    except urllib.error.HTTPError as problem:
        return f"/readyz answers {problem.code}"
    except OSError as problem:
        return f"/readyz does not answer ({problem})"
    except ValueError:
        return "/readyz gives no JSON"
    return f"degraded: {json.dumps(state)}" if state.get("degraded") else ""
