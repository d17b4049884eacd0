"""`wall`: what the page of a hall's wall holds after an hour of updates, beside its first minutes.

Its floor is the page itself: whatever it holds at the end beyond that has grown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from django.utils import timezone
from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright

from bench.live import newest_cases, say_change
from bench.load import HOST
from bench.server import web
from bench.talks import users
from deploy import packages
from gridcity.contracts import Actor, Role
from gridcity.live import connect
from gridcity.services.walls import make_screen

SIZE = ViewportSize(width=1920, height=1080)
WARM_MINUTES, PAUSE_MS, LOOKS = 3, 2000, 5
# A heap is never twice the same: so much more is no growth that a week would feel.
MOST_HEAP, MOST_NODES, SLACK_MB = 1.10, 1.05, 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a page holds after the garbage is gone."""

    heap_mb: float
    nodes: int
    listeners: int
    documents: int


@dataclass(frozen=True, slots=True)
class Walled:
    """What the wall held when it was warm, and at the end."""

    minutes: int
    readings: int
    first: Held
    last: Held

    def missed(self) -> list[str]:
        found = []
        if self.last.heap_mb > self.first.heap_mb * MOST_HEAP + SLACK_MB:
            found.append(f"heap {self.first.heap_mb:.1f} → {self.last.heap_mb:.1f} MB")
        if self.last.nodes > self.first.nodes * MOST_NODES:
            found.append(f"nodes {self.first.nodes} → {self.last.nodes}")
        if self.last.listeners > self.first.listeners + 2:
            found.append(f"listeners {self.first.listeners} → {self.last.listeners}")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "minutes": self.minutes, "readings": self.readings,
            "heap_mb": [round(self.first.heap_mb, 2), round(self.last.heap_mb, 2)],
            "nodes": [self.first.nodes, self.last.nodes],
            "listeners": [self.first.listeners, self.last.listeners], "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"wall: {self.minutes} minutes, {self.readings} readings, heap"
            f" {self.first.heap_mb:.1f} → {self.last.heap_mb:.1f} MB, nodes {self.first.nodes} →"
            f" {self.last.nodes}, listeners {self.first.listeners} → {self.last.listeners}  {mark}"
        )


def measure_wall(minutes: int, say: Callable[[str], None]) -> Walled:
    """A wall in Chromium at its own pace, with changes that let it read as often as it may."""
    with web() as port, opened(port) as (page, session):
        readings: list[str] = []
        page.on("response", lambda answer: note_reading(answer.url, readings))
        tell_for(page, WARM_MINUTES)
        first = last = held(page, session)
        readings.clear()
        for minute in range(10, minutes + 1, 10):
            tell_for(page, 10)
            last = held(page, session)
            say(f"after {minute} minutes {last.heap_mb:.1f} MB, {last.nodes} nodes")
        rest = minutes % 10
        if rest:
            tell_for(page, rest)
            last = held(page, session)
    return Walled(minutes, len(readings), first, last)


def note_reading(url: str, readings: list[str]) -> None:
    if "/wall/now/" in url:
        readings.append(url)


@contextmanager
def opened(port: int) -> Iterator[tuple[Page, CDPSession]]:
    """The wall of a screen that was made for it, in a browser without a window."""
    [maker] = users(Role.ADMINISTRATOR, 1)
    actor = Actor(maker.pk, maker.username, frozenset({Role.ADMINISTRATOR}))
    named = f"bench {timezone.now():%H:%M:%S}"
    _screen, token = make_screen(actor=actor, at=timezone.now(), name=named, place="bench")
    with sync_playwright() as running:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = running.chromium.launch(executable_path=packages.chromium(), args=flags)
        page = browser.new_page(viewport=SIZE, locale="zh-CN")
        page.goto(f"http://{HOST}:{port}/wall/#{token}")
        page.wait_for_selector(".leaflet-container canvas")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        session.send("HeapProfiler.enable")
        try:
            yield page, session
        finally:
            browser.close()


def tell_for(page: Page, minutes: int) -> None:
    """Say changes, one every other second, as the database says them with each commit."""
    until, cases = time.monotonic() + minutes * 60, cycle(newest_cases())
    with connect() as mouth:
        while time.monotonic() < until:
            say_change(mouth, next(cases))
            page.wait_for_timeout(PAUSE_MS)


def held(page: Page, session: CDPSession) -> Held:
    """The least of several looks: an answer just read is still waiting to go."""
    page.wait_for_timeout(1000)
    looks = []
    for _look in range(LOOKS):
        session.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(200)
        metrics = session.send("Performance.getMetrics")["metrics"]
        looks.append({one["name"]: one["value"] for one in metrics})
    least = {name: min(look[name] for look in looks) for name in looks[0]}
    return Held(
        least["JSHeapUsedSize"] / 1e6, int(least["Nodes"]), int(least["JSEventListeners"]),
        int(least["Documents"]),
    )  # fmt: skip
