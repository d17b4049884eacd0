"""`make run`: from a bare machine to READY, then keeping it alive until asked to stop."""

from __future__ import annotations

import time
from collections.abc import Sequence

from deploy import build, product, session
from deploy.logins import lines as login_lines
from deploy.processes import Child
from deploy.progress import Progress, tail
from deploy.state import Site, StartFailed, State

TICK_S = 0.2
# So many quick deaths before the site was ever ready mean that it cannot start at all.
HOPELESS_DEATHS = 4
COMPLAIN_EVERY_S = 20.0


def run(site: Site) -> None:
    """Start the product in the foreground. Raises StartFailed, or Stopped during the start."""
    progress = Progress()
    with progress.listening():
        state = State.open(site)
        with session.held(state, "run") as children:
            session.refuse_taken_port(site)
            build.everything(site, progress, dev=False)
            session.start_servers(state, progress, children)
            product.prepare(state, progress)
            with progress.step("web, worker and beat"):
                for child in product.processes(state):
                    children.append(child)
                    child.start()
            wait_until_ready(site, progress, children)
            announce(state, progress)
            watch(progress, children)
            progress.say("stopping …")


def wait_until_ready(site: Site, progress: Progress, children: Sequence[Child]) -> None:
    """Wait for the first answer that is not degraded; restarts what dies meanwhile."""
    complain_at = time.monotonic() + COMPLAIN_EVERY_S
    while lacking := product.readiness(site.port):
        progress.check_stop()
        revive(progress, children)
        for child in children:
            if child.failures >= HOPELESS_DEATHS:
                raise StartFailed(f"{child.name} keeps ending:\n{tail(site.log(child.name))}")
        if time.monotonic() > complain_at:
            progress.say(f"still waiting: {lacking}")
            complain_at += COMPLAIN_EVERY_S
        progress.stop.wait(TICK_S)


def announce(state: State, progress: Progress) -> None:
    for line in (f"READY http://127.0.0.1:{state.site.port}", *login_lines(state)):
        print(line, flush=True)
    progress.say("Ctrl-C or `make down` stops it; logs are in " + str(state.site.state / "log"))


def watch(progress: Progress, children: Sequence[Child]) -> None:
    while not progress.stop.wait(TICK_S):
        revive(progress, children)


def revive(progress: Progress, children: Sequence[Child]) -> None:
    for child in children:
        if said := child.keep_alive():
            progress.say(said)
