"""What is made from the checkout: virtual environment, front-end files, translations.

Each is made again only when what it is made from has changed, so that a second start is quick.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy import packages
from deploy.progress import Progress
from deploy.state import Site, StartFailed

RUN_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
FRONTEND_SOURCES = ("package.json", "package-lock.json", "vendor.mjs")


def everything(site: Site, progress: Progress, *, dev: bool) -> None:
    """All of it; two starts of one checkout wait for each other here."""
    with only_one_builder(site):
        with progress.step("system packages"):
            packages.ensure(packages.TO_TEST if dev else packages.TO_RUN, progress)
        with progress.step("Python packages"):
            virtual_environment(site, progress, dev=dev)
        with progress.step("front-end files"):
            frontend(site, progress)
        with progress.step("translations"):
            translations(site)


@contextlib.contextmanager
def only_one_builder(site: Site) -> Iterator[None]:
    with (site.root / "Makefile").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(paths: Iterable[Path]) -> str:
    """Hash over the names and contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


# ---------------------------------------------------------------- Python


def virtual_environment(site: Site, progress: Progress, *, dev: bool) -> None:
    """Install the locked packages into `.venv` when a lock has changed."""
    marker = site.root / ".venv" / "installed.json"
    if not is_usable(site):
        create_environment(site, progress)
    locks = (RUN_LOCK, DEV_LOCK) if dev else (RUN_LOCK,)
    wanted = {lock: fingerprint([site.root / lock]) for lock in locks}
    installed = read_marker(marker)
    if all(installed.get(lock) == value for lock, value in wanted.items()):
        return
    progress.say(f"installing {locks[-1]} into .venv …")
    marker.unlink(missing_ok=True)
    install = [site.python, "-m", "pip", "install", "-q", "--no-input", "--require-virtualenv"]
    progress.run(site, "pip", [*install, "--disable-pip-version-check", "-r", locks[-1]])
    marker.write_text(json.dumps(wanted, indent=1))


def is_usable(site: Site) -> bool:
    """Whether `.venv` works: its interpreter may have been removed or replaced by another one."""
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([site.python, "-c", question], check=False).returncode == 0
    except OSError:  # not there, or where this user may not go: another one made the environment
        return False


def create_environment(site: Site, progress: Progress) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - the machine may bring an older one
        raise StartFailed(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: "
            "PYTHON=… names another"
        )
    shutil.rmtree(site.root / ".venv", ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(site.root / ".venv")]
    progress.run(site, "venv", command)


def read_marker(marker: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, str] = json.loads(marker.read_text())
        return found
    return {}


# ---------------------------------------------------------------- front end


def frontend(site: Site, progress: Progress) -> None:
    """Fetch, copy and bundle the front-end libraries; the only step that needs Node."""
    folder = site.root / "frontend"
    stamp = site.root / "static" / "vendor" / ".made-from"
    made_from = fingerprint(folder / name for name in FRONTEND_SOURCES)
    if stamp.exists() and stamp.read_text() == made_from and (folder / "node_modules").exists():
        return
    packages.ensure((packages.NODE,), progress)
    progress.say("fetching and bundling front-end files …")
    fetch = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    progress.run(site, "npm", fetch, cwd=folder)
    progress.run(site, "vendor", ["node", "vendor.mjs"], cwd=folder)
    stamp.write_text(made_from)


# ---------------------------------------------------------------- translations


def translations(site: Site) -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for source in sorted((site.root / "locale").glob("**/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = compiled.with_suffix(".new")
        command = ["msgfmt", "--check-format", "-o", str(fresh), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StartFailed(done.stderr.strip()[-800:])
        fresh.replace(compiled)
