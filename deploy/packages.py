"""Debian packages: which are missing, and installing them without leaving a service behind.

Debian's `postgresql-15` makes and starts a cluster on port 5432 and `redis-server` starts on 6379.
The product runs private ones, so both are held back while the packages are installed.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.progress import Progress
from deploy.state import StartFailed

OLDEST_NODE = 18
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/gridcity.conf")
NO_CLUSTER_TEXT = "create_main_cluster = false\n"
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = (
    "#!/bin/sh\n# gridcity: no service starts while its packages are installed\nexit 101\n"
)
# A machine that was just booted is still updating itself.
LOCK_PATIENCE_S = 300


@dataclass(frozen=True)
class Need:
    """A thing the machine must have, the packages that bring it, and how to see it is there."""

    packages: tuple[str, ...]
    present: Callable[[], bool]


def has_program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def has_postgis() -> bool:
    return bool(postgres_folders())


def postgres_folders() -> list[Path]:
    """Folders of PostgreSQL versions that have PostGIS, oldest first."""
    controls = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    versions = sorted((path.parents[1].name for path in controls), key=float)
    folders = [Path("/usr/lib/postgresql") / version for version in versions]
    return [path for path in folders if (path / "bin" / "postgres").exists()]


def pg_bin(program: str, version: str = "") -> str:
    """Debian keeps the server's programs off the PATH, one folder for each version.

    A cluster needs the version that made it; without one the newest is taken.
    """
    folders = [path for path in postgres_folders() if version in ("", path.name)]
    if not folders:
        raise StartFailed(f"postgresql-{version or 15}-postgis-3 is not installed")
    return str(folders[-1] / "bin" / program)


def has_node() -> bool:
    """Node in a version that the front-end tools run on, and npm with it."""
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = shown.stdout.strip().lstrip("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def has_chinese_fonts() -> bool:
    return any(Path("/usr/share/fonts").glob("**/NotoSansCJK*"))


def chromium() -> str:
    """What tests look through: without its window Chromium takes a fifth less of the machine."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""


POSTGRES = Need(("postgresql-15-postgis-3",), has_postgis)
REDIS = Need(("redis-server",), has_program("redis-server"))
GDAL = Need(("libgdal32",), lambda: ctypes.util.find_library("gdal") is not None)
GETTEXT = Need(("gettext",), has_program("msgfmt"))
VENV = Need(("python3-venv",), lambda: importlib.util.find_spec("ensurepip") is not None)
NODE = Need(("nodejs", "npm"), has_node)
CHROMIUM = Need(("chromium-headless-shell",), lambda: bool(chromium()))
FONTS = Need(("fonts-noto-cjk",), has_chinese_fonts)

# The sheets of cases are set with Pango; without Chinese fonts they would show boxes.
PANGO = Need(
    ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    lambda: all(
        ctypes.util.find_library(name) is not None
        for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
    ),
)

TO_RUN = (POSTGRES, REDIS, GDAL, GETTEXT, VENV, PANGO, FONTS)
TO_TEST = (*TO_RUN, CHROMIUM)


def missing(needs: Sequence[Need]) -> list[str]:
    return [package for need in needs if not need.present() for package in need.packages]


def ensure(needs: Sequence[Need], progress: Progress) -> None:
    """Install what is missing. Raises StartFailed with one sentence when that is not possible."""
    lacking = missing(needs)
    if not lacking:
        return
    root = become_root()
    if root is None:
        raise StartFailed(sentence(lacking))
    progress.say(f"installing {' '.join(lacking)} …")
    with no_services_started(root):
        apt(root, ["update", "-q"], progress)
        apt(root, ["install", "-y", "-q", "--no-install-recommends", *lacking], progress)
    importlib.invalidate_caches()
    still = missing(needs)
    if still:
        raise StartFailed(f"{' '.join(still)} is installed but cannot be used; is this Debian 12?")


def sentence(lacking: Sequence[str]) -> str:
    line = "apt-get install --no-install-recommends " + " ".join(lacking)
    return f"packages are missing and this user cannot install them; as root run: {line}"


def become_root() -> list[str] | None:
    """What to put before a command to run it as root, or None. sudo may ask only at a terminal."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]


def apt(root: Sequence[str], arguments: Sequence[str], progress: Progress) -> None:
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    command += ["-o", f"DPkg::Lock::Timeout={LOCK_PATIENCE_S}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    progress.check_stop()
    if done.returncode:
        raise StartFailed(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-800:]}")


@contextlib.contextmanager
def no_services_started(root: Sequence[str]) -> Iterator[None]:
    """Keep the packages from making a cluster or starting a server; undo that afterwards.

    What an installation that was killed left of it is taken for ours again: it would keep every
    service of the machine from starting, for good.
    """
    held_back = ((NO_CLUSTER, NO_CLUSTER_TEXT, "644"), (POLICY, POLICY_TEXT, "755"))
    ours = [path for path, text, _ in held_back if not path.exists() or path.read_text() == text]
    try:
        for path, text, mode in held_back:
            if path in ours:
                put(root, path, text, mode)
        yield
    finally:
        subprocess.run([*root, "rm", "-f", *map(str, ours)], check=False)


def put(root: Sequence[str], path: Path, text: str, mode: str) -> None:
    script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"'
    command = [*root, "sh", "-c", script, "put", str(path), mode]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if done.returncode:
        raise StartFailed(f"cannot write {path}: {done.stderr.strip()}")
