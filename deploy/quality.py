"""`make check` and `make fix`: the tools of the house, one line each."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from deploy.state import Site

MANAGE = ("python", "manage.py")


@dataclass(frozen=True)
class Check:
    """A tool of `.venv/bin` with its arguments, and what a failure of it means."""

    name: str
    command: tuple[str, ...]


CHECKS = (
    Check("style", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("types", ("mypy",)),
    Check("import directions", ("lint-imports", "--no-cache")),
    Check("templates", ("djlint", "--lint", "--quiet", "templates")),
    Check("system checks", (*MANAGE, "check", "--fail-level", "WARNING")),
    Check("missing migrations", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    Check("generated docs", (*MANAGE, "case_states", "--check")),
    Check(
        "API schema",
        (*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null"),
    ),
    Check("translations", (*MANAGE, "check_translations")),
)

FIXES = (
    Check("style", ("ruff", "check", "--fix", ".")),
    Check("format", ("ruff", "format", ".")),
)


def run(site: Site, checks: Sequence[Check], env: Mapping[str, str], *, at_once: int = 1) -> int:
    """Run all of them, print the output of those that fail, and return how many did.

    What only looks may run `at_once`; what mends the same files runs one after the other.
    """
    failed = []
    pool = ThreadPoolExecutor(at_once)
    try:
        for check, done, seconds in pool.map(partial(measured, site, env), checks):
            verdict = "failed" if done.returncode else "ok"
            print(f"{check.name:<20} {verdict:<7} {seconds:5.1f} s", flush=True)
            if done.returncode:
                failed.append(check.name)
                print(done.stdout.rstrip(), flush=True)
    finally:
        pool.shutdown(cancel_futures=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr, flush=True)
    return len(failed)


def measured(
    site: Site, env: Mapping[str, str], check: Check
) -> tuple[Check, subprocess.CompletedProcess[str], float]:
    """A check, what it said, and the seconds that it took."""
    began = time.monotonic()
    done = subprocess.run(
        [str(site.root / ".venv" / "bin" / check.command[0]), *check.command[1:]],
        cwd=site.root,
        env=env,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return check, done, time.monotonic() - began
