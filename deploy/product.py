"""The product's own steps and processes: tables, static files, demonstration; web, worker, beat."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path

from deploy.build import RUN_LOCK, fingerprint
from deploy.processes import Child
from deploy.progress import Progress
from deploy.state import Site, State

# Commands that change tables; everything else runs as the application, which owns none.
OWNER_COMMANDS = frozenset({"migrate", "pgtrigger"})


def manage_environment(state: State, command: str) -> dict[str, str]:
    """The environment of a management command, with the owner's login where it needs it."""
    env = state.environment("manage")
    if command in OWNER_COMMANDS:
        env["DATABASE_URL"] = state.database_url("owner")
    return env


def prepare(state: State, progress: Progress) -> None:
    """What must be done before the site serves; each step is quick when nothing has changed."""
    with progress.step("database tables"):
        manage(state, progress, "migrate", "--no-input", "-v0")
    with progress.step("static files"):
        collect_static(state, progress)
    with progress.step("demonstration data"):
        manage(state, progress, "load_demonstration")


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


def static_fingerprint(site: Site) -> str:
    """By name, size and time of change: reading all files would cost more than it tells."""
    digest = hashlib.sha256(fingerprint([site.root / RUN_LOCK, settings(site)]).encode())
    for path in sorted((site.root / "static").rglob("*")):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def settings(site: Site) -> Path:
    return site.root / "gridcity" / "settings.py"


def processes(state: State) -> list[Child]:
    """Web, worker and beat, in the order in which they are started."""
    site = state.site
    celery = ["-m", "celery", "-A", "gridcity"]
    commands = {
        "web": ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{site.port}"],
        "worker": [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle"],
        # The schedule is kept in memory: a file of last runs would be one more thing to lose.
        "beat": [*celery, "beat", "-S", "celery.beat.Scheduler", "--pidfile="],
    }
    return [
        Child(site, name, [site.python, *command], state.environment(name), site.root, {})
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
