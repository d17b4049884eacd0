"""The one door: `python3 -m deploy COMMAND`, as the Makefile calls it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from deploy import build, database, product, quality, session, start
from deploy.progress import Progress, Stopped
from deploy.state import Site, StartFailed, State

# Each worker makes a database of its own first: many would take longer than they save.
SHARED = ("-n", "auto", "--maxprocesses", "4")


def run(site: Site, arguments: Sequence[str]) -> int:
    start.run(site)
    return 0


def down(site: Site, arguments: Sequence[str]) -> int:
    print("stopped" if session.down(site) else "nothing was running", flush=True)
    return 0


def demo_reset(site: Site, arguments: Sequence[str]) -> int:
    session.reset(site)
    print("the data is gone; `make run` starts anew", flush=True)
    return 0


def manage(site: Site, arguments: Sequence[str]) -> int:
    """Run a management command in the environment of the product."""
    if not arguments:
        raise StartFailed("say which command: make manage ARGS='check'")

    def environment(state: State) -> dict[str, str]:
        if arguments[0] in product.OWNER_COMMANDS:
            database.set_mark(state, "")  # the next start looks at the tables again
        return product.manage_environment(state, arguments[0])

    return with_servers(site, "manage", [site.python, "manage.py", *arguments], environment)


def test(site: Site, arguments: Sequence[str]) -> int:
    """Without arguments the whole suite, shared by as many workers as the machine has cores."""
    command = [site.python, "-m", "pytest", *(arguments or SHARED)]
    return alone(site, "test", command, test_environment, dev=True)


def bench(site: Site, arguments: Sequence[str]) -> int:
    command = [site.python, "-m", "bench", *arguments]
    # With what tests need too: the wall is measured in a browser.
    return alone(site, "bench", command, bench_environment, dev=True)


def chaos(site: Site, arguments: Sequence[str]) -> int:
    """Break a whole site of its own, in a folder of its own, while people work."""
    progress = Progress(sys.stderr, steps=False)
    with progress.listening():
        state = State.open(site)
        build.everything(site, progress, dev=True)
        command = [site.python, "-m", "tests.faults.chaos", *arguments]
        return session.foreground(command, site, test_environment(state), progress)


def check(site: Site, arguments: Sequence[str]) -> int:
    progress = Progress(sys.stderr, steps=False)
    with progress.listening():
        state = State.open(site)
        build.everything(site, progress, dev=True)
        with session.servers_up(state, progress, "check"):
            environment = check_environment(state)
            at_once = os.cpu_count() or 1
            return min(quality.run(site, quality.CHECKS, environment, at_once=at_once), 1)


def fix(site: Site, arguments: Sequence[str]) -> int:
    progress = Progress(sys.stderr, steps=False)
    with progress.listening():
        State.open(site)
        build.everything(site, progress, dev=True)
    return min(quality.run(site, quality.FIXES, os.environ), 1)


Environment = Callable[[State], dict[str, str]]


def alone(
    site: Site, name: str, command: Sequence[str], environment: Environment, *, dev: bool = False
) -> int:
    """As `with_servers`, one of a kind at a time: two would share a database of their own."""
    with State.open(site).lock(name, name):
        return with_servers(site, name, command, environment, dev=dev)


def with_servers(
    site: Site, name: str, command: Sequence[str], environment: Environment, *, dev: bool = False
) -> int:
    """Run a command at the terminal with the servers up, and return its exit code."""
    progress = Progress(sys.stderr, steps=False)
    with progress.listening():
        state = State.open(site)
        build.everything(site, progress, dev=dev)
        with session.servers_up(state, progress, name):
            return session.foreground(command, site, environment(state), progress)


def test_environment(state: State) -> dict[str, str]:
    """A role that can read nothing of the product's, a Redis database and a media folder apart."""
    return {
        **state.environment("manage"),
        "DATABASE_URL": state.database_url("test"),
        "GRIDCITY_OWNER_DATABASE_URL": state.database_url("test"),
        "REDIS_URL": state.redis_url(1),
        "GRIDCITY_MEDIA": str(state.site.state / "test-media"),
    }


def check_environment(state: State) -> dict[str, str]:
    """Away from the product's database, whose history of migrations the role may not read."""
    url = state.database_url("test", "postgres")
    return {**test_environment(state), "DATABASE_URL": url, "GRIDCITY_OWNER_DATABASE_URL": url}


def bench_environment(state: State) -> dict[str, str]:
    """A database of its own, which the bench makes, fills and drops."""
    url = state.database_url("test", "gridcity_bench")
    return {
        **test_environment(state),
        "DATABASE_URL": url,
        "GRIDCITY_OWNER_DATABASE_URL": url,
        "REDIS_URL": state.redis_url(2),
    }


COMMANDS: dict[str, Callable[[Site, Sequence[str]], int]] = {
    "run": run,
    "down": down,
    "demo-reset": demo_reset,
    "manage": manage,
    "test": test,
    "check": check,
    "bench": bench,
    "chaos": chaos,
    "fix": fix,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; a failure is one message on stderr and exit code 1, a stop is 130."""
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        print(f"usage: python3 -m deploy {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[name](Site.from_environment(os.environ), arguments[1:])
    except (StartFailed, OSError) as problem:
        print(f"{name} failed: {problem}", file=sys.stderr, flush=True)
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
