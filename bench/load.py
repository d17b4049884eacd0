"""A small HTTP client that asks as fast as it is answered, each time on a fresh connection.

Connections that are kept alive can all land on one worker; a fresh one goes to whichever is free.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATIENCE_S = 30.0
_ID = re.compile(rb',?"id":"[0-9a-f]+"')

Answer = tuple[int, bytes]
# Yields requests and is sent the answer to each; one for every connection.
Talk = Generator[bytes, Answer, None]


@dataclass(slots=True)
class Run:
    """What one run saw: answers that were not 2xx or 304 are failures and count for nothing."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return len(self.latencies_s) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        return percentile(sorted(self.latencies_s), share) * 1000


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the ordered ones lies; 0 of none."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def request_bytes(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", kind: str = ""
) -> bytes:
    """A whole request; the server closes the connection after its answer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(port: int, request: bytes) -> Answer:
    """Status and body of the answer. Raises OSError where there is none."""
    with socket.create_connection((HOST, port), PATIENCE_S) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    head, _gap, body = b"".join(parts).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1."):
        raise OSError("the server closed the connection without an answer")
    return int(head[9:12]), body


def drive(port: int, talks: Iterable[Talk], seconds: float) -> Run:
    """Let every talk go on for so many seconds, each in a thread of its own."""
    run = Run()
    began = time.perf_counter()
    until = began + seconds
    threads = [
        threading.Thread(target=speak, args=(port, talk, until, run), daemon=True)
        for talk in talks
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = time.perf_counter() - began
    return run


def speak(port: int, talk: Talk, until: float, run: Run) -> None:
    """One connection after the other until the time is over or the talk has nothing more to say."""
    with contextlib.suppress(StopIteration):
        request = next(talk)
        while time.perf_counter() < until:
            began = time.perf_counter()
            try:
                answer = exchange(port, request)
            except OSError as problem:
                run.failures[type(problem).__name__] += 1
                answer = (0, b"")
            took = time.perf_counter() - began
            if 200 <= answer[0] < 300 or answer[0] == 304:
                run.latencies_s.append(took)
            elif answer[0]:
                run.failures[failure_of(*answer)] += 1
            request = talk.send(answer)
    talk.close()


def failure_of(status: int, body: bytes) -> str:
    """What went wrong, the same words for the same fault: without the id of the one answer."""
    said = _ID.sub(b"", body)[:160].decode(errors="replace")
    return f"{status} {said}"


def again_and_again(make: Callable[[], bytes]) -> Talk:
    """A talk of which every request stands for itself."""
    while True:
        yield make()
