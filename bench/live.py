"""`live`: from a commit to every one of 300 open browsers, and what they cost the pages beside.

Its floor is one listening connection without a web server: commit → told by the database.
"""

from __future__ import annotations

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg

from bench.load import HOST, PATIENCE_S, Run, again_and_again, drive, percentile, request_bytes
from bench.server import web
from bench.talks import by_session, session_of
from cases.models import Case
from cases.workflow import State
from gridcity.contracts import Role
from gridcity.live import CHANNEL, connect, key_of

STREAMS, CHANGES, PAUSE_S = 300, 100, 0.1
PAGE_CONNECTIONS, PAGES_S, WARM_S = 4, 10.0, 2.0
OPEN_PATIENCE_S, LAST_PATIENCE_S = 60.0, 5.0
MOST_P99_S, LEAST_SHARE = 0.5, 0.8


@dataclass(slots=True)
class Lived:
    """What 300 streams heard of some changes, and the rate of pages without and with them."""

    streams: int
    changes: int
    heard: int
    p50_s: float
    p99_s: float
    floor_p99_s: float
    pages_alone: float
    pages_beside: float
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return self.pages_beside / self.pages_alone if self.pages_alone else 0.0

    def missed(self) -> list[str]:
        found = [f"failures {self.failures}"] if self.failures else []
        if self.heard < self.streams * self.changes:
            found.append(f"{self.streams * self.changes - self.heard} changes not heard")
        if self.p99_s > MOST_P99_S:
            found.append(f"p99 {self.p99_s:.2f} > {MOST_P99_S} s")
        if self.share < LEAST_SHARE:
            found.append(f"pages keep {self.share:.0%} of their rate, less than {LEAST_SHARE:.0%}")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "streams": self.streams, "changes": self.changes, "heard": self.heard,
            "p50_s": round(self.p50_s, 3), "p99_s": round(self.p99_s, 3),
            "floor_p99_s": round(self.floor_p99_s, 4), "target_p99_s": MOST_P99_S,
            "pages_a_second_alone": round(self.pages_alone, 1),
            "pages_a_second_beside": round(self.pages_beside, 1),
            "share": round(self.share, 2), "target_share": LEAST_SHARE, "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"live: {self.streams} streams heard {self.heard:,} of"
            f" {self.streams * self.changes:,}, p50 {self.p50_s * 1000:.0f} ms, p99"
            f" {self.p99_s * 1000:.0f} ms (at most {MOST_P99_S * 1000:.0f}), one listener p99"
            f" {self.floor_p99_s * 1000:.1f} ms; pages {self.pages_alone:.0f} → "
            f"{self.pages_beside:.0f}/s ({self.share:.0%})  {mark}"
        )


def measure_live() -> Lived:
    """Changes come while pages are read; each is timed from before its commit."""
    headers = by_session(session_of(Role.DISPATCHER))  # who hears of every filed case
    with web() as port, listening() as floor:
        read_pages(port, headers, WARM_S)
        alone = read_pages(port, headers, PAGES_S)
        with streams(port, headers) as heard:
            beside, sent = tell_while(lambda: read_pages(port, headers, PAGES_S))
            wait_until(lambda: heard.count(sent) >= len(sent) * STREAMS, LAST_PATIENCE_S)
            delays = sorted(heard.delays(sent))
        floors = sorted(floor.delays(sent))
    return Lived(
        STREAMS, len(sent), len(delays), percentile(delays, 0.5), percentile(delays, 0.99),
        percentile(floors, 0.99),
        alone.rate, beside.rate, dict(alone.failures + beside.failures),
    )  # fmt: skip


def read_pages(port: int, headers: dict[str, str], seconds: float) -> Run:
    """The first page of a desk's list, by some readers at once."""
    asked = request_bytes("GET", "/cases/?box=done", headers)
    talks = [again_and_again(lambda: asked) for _reader in range(PAGE_CONNECTIONS)]
    return drive(port, talks, seconds)


def newest_cases() -> list[int]:
    return list(Case.objects.order_by("-pk").values_list("pk", flat=True)[:CHANGES])


def say_change(mouth: psycopg.Connection[Any], case: int) -> None:
    """What the database says with the commit of a case that was dispatched."""
    change = {"case": case, "from": State.TO_DISPATCH, "to": State.HANDLING}
    mouth.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps(change)])


def tell_while(work: Callable[[], Run]) -> tuple[Run, dict[str, float]]:
    """Commit changes at a steady pace while some work goes on; when each was about to be said."""
    sent: dict[str, float] = {}
    cases = newest_cases()

    def tell() -> None:
        with connect() as mouth:
            for case in cases:
                sent[key_of(case)] = time.perf_counter()
                say_change(mouth, case)
                time.sleep(PAUSE_S)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    found = work()
    teller.join()
    return found, sent


class Heard:
    """What came when: the key of each change, once for every stream that told it."""

    def __init__(self) -> None:
        self.times: list[tuple[str, float]] = []

    def count(self, sent: dict[str, float]) -> int:
        return sum(key in sent for key, _at in self.times)

    def delays(self, sent: dict[str, float]) -> list[float]:
        return [came - sent[key] for key, came in self.times if key in sent]


@contextmanager
def hearing(hear: Callable[[Heard, threading.Event], None]) -> Iterator[Heard]:
    """What is heard in a thread of its own while the block runs."""
    heard, stop = Heard(), threading.Event()
    thread = threading.Thread(target=hear, args=(heard, stop), daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()


def listening() -> AbstractContextManager[Heard]:
    """One connection that hears what the web servers hear."""

    def listen(heard: Heard, stop: threading.Event) -> None:
        with connect() as ear:
            ear.execute(f"listen {CHANNEL}")
            while not stop.is_set():
                for notice in ear.notifies(timeout=0.2):
                    key = key_of(json.loads(notice.payload)["case"])
                    heard.times.append((key, time.perf_counter()))

    return hearing(listen)


@contextmanager
def streams(port: int, headers: dict[str, str]) -> Iterator[Heard]:
    """Open streams as so many browsers would, and read them all in one thread."""
    asked = request_bytes("GET", "/live/", headers | {"Accept": "text/event-stream"})
    opened = [open_stream(port, asked) for _browser in range(STREAMS)]
    try:
        with hearing(partial(read_streams, opened)) as heard:
            yield heard
    finally:
        for each in opened:
            each.close()


def open_stream(port: int, asked: bytes) -> socket.socket:
    """A stream that has been greeted; where a process has no place, again as a browser would."""
    until = time.monotonic() + OPEN_PATIENCE_S
    while time.monotonic() < until:
        opened = socket.create_connection((HOST, port), PATIENCE_S)
        opened.sendall(asked)
        greeting = b""
        while b"resync" not in greeting and (part := opened.recv(65_536)):
            greeting += part
            if not greeting.startswith(b"HTTP/1.1 200"):
                break
        if b"resync" in greeting:
            opened.setblocking(False)
            return opened
        opened.close()
        time.sleep(0.1)
    raise OSError("the server opens no more streams")


def read_streams(opened: list[socket.socket], heard: Heard, stop: threading.Event) -> None:
    """Note every change that comes; half a line waits for its end."""
    rest = dict.fromkeys(opened, b"")
    with selectors.DefaultSelector() as watch:
        for each in opened:
            watch.register(each, selectors.EVENT_READ)
        while not stop.is_set():
            for ready, _events in watch.select(0.2):
                speaking: Any = ready.fileobj
                came, part = time.perf_counter(), speaking.recv(65_536)
                if not part:
                    watch.unregister(speaking)
                    continue
                *lines, rest[speaking] = (rest[speaking] + part).split(b"\n")
                said = [line[6:] for line in lines if line.startswith(b'data: {"key"')]
                heard.times += [(json.loads(one)["key"], came) for one in said]


def wait_until(is_so: Callable[[], bool], patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until and not is_so():
        time.sleep(0.05)
