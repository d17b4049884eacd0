"""Live stream: tells open pages *that* something changed, one thread for each page.

The database announces each appended event in the transaction that appends it (cases, migration
`announced_events`), so nothing is told that was not committed. One listener a process hears it and
hands it to the streams of that process. The stream carries no case data: a page that hears of a
change reads again what it shows, through the views that check permissions. After every
(re)connection it does so too; that is why no replay of missed messages is needed (ids are given
before the commit, so "all ids after the last one seen" would miss a transaction that committed
late).

Runs under the threaded worker next to pages and API. Each stream holds a thread, so their number
is capped; a browser over the cap gets 503 with Retry-After and polls instead.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import select
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_GET

from cases.workflow import TURN, State
from gridcity.contracts import Role

log = logging.getLogger(__name__)

CHANNEL = "live"
# A page says within 20 s that its stream is dead (ux.md 13): it misses two of these.
HEARTBEAT_S = 8
LOOK_S = 2  # how often closed browsers are looked for: leaving a page must free its thread soon
# The listener hands on what it heard, then waits: each stream wakes at most so often, however much
# happens, and one change alone is told at once.
BREATH_S = 0.3
BACKLOG = 50  # parcels of messages a slow browser may lag behind before it must read all again
RETRY_AFTER_S = 15

Change = dict[str, Any]
Filter = Callable[[Change], bool]
# What waits for one stream: bytes to send on, or None for its end.
Inbox = queue.SimpleQueue[bytes | None]

_FILED = frozenset(State) - {
    State.REPORTED, State.VERIFYING, State.SELF_HANDLED, State.TO_FILE,
    State.NOT_ACCEPTED, State.NOT_FILED, State.MERGED,
}  # fmt: skip
# In which states a change concerns a role; the roles that read every case hear of all.
HEARS: dict[str, frozenset[State]] = {
    Role.ACCEPTOR: frozenset(State),
    Role.DUTY_CHIEF: frozenset(State),
    Role.OFFICIAL: frozenset(State),
    Role.DISPATCHER: _FILED,
    Role.DEPARTMENT: _FILED,
    Role.SUPERVISOR: frozenset({State.VERIFYING, State.CHECKING}),
}


class Full(Exception):
    """All threads set aside for streams are in use."""


class Hub:
    """The streams of this process and the one database connection that feeds them."""

    def __init__(self, capacity: int, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._capacity = capacity
        self._connect = connect
        self._streams: dict[Inbox, tuple[Filter, socket.socket | None]] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def is_full(self) -> bool:
        """Whether all places are taken; a process that stops is not full, it comes back soon."""
        return len(self._streams) >= self._capacity

    def join(self, wanted: Filter, client: socket.socket | None) -> Inbox:
        """Add a stream that hears the changes for which `wanted` is true. Raises Full."""
        # One lock for the map of streams: threads of requests, the listener and the watcher use it.
        with self._lock:
            if self._closing.is_set() or self.is_full:
                raise Full
            if not self._threads:  # not before the fork: threads do not survive it
                for work in (self._listen, self._end_streams_of_closed_browsers):
                    thread = threading.Thread(target=work, name=work.__name__, daemon=True)
                    self._threads.append(thread)
                    thread.start()
            inbox: Inbox = queue.SimpleQueue()
            self._streams[inbox] = (wanted, client)
            return inbox

    def leave(self, inbox: Inbox) -> None:
        """Forget a stream; it may have been forgotten already."""
        with self._lock:
            self._streams.pop(inbox, None)

    def close(self) -> None:
        """End every stream at once, so that a stopping worker does not wait for them.

        Takes no lock: it runs in a signal handler, and the thread it interrupts may hold it.
        """
        self._closing.set()
        for inbox in list(self._streams):
            put(inbox, None)

    def _listen(self) -> None:
        pause_s = 0.5
        while not self._closing.is_set():
            try:
                with self._connect() as heard:
                    heard.execute(f"LISTEN {CHANNEL}")
                    pause_s = 0.5
                    # Whatever was said meanwhile was not heard.
                    self._put_to_all([{"type": "resync"}])
                    self._hear(heard)
            except (psycopg.Error, OSError):
                log.warning("live listener lost the database, again in %.1f s", pause_s)
                self._put_to_all([{"type": "degraded"}])
                self._closing.wait(pause_s)
                pause_s = min(pause_s * 2, 10)

    def _hear(self, heard: psycopg.Connection[Any]) -> None:
        """Hand on what the database tells, until the process stops or the connection breaks."""
        while not self._closing.is_set():
            said = [notice.payload for notice in heard.notifies(timeout=LOOK_S, stop_after=1)]
            if changes := list(changes_in(said)):
                self._put_to_all(changes)
                self._closing.wait(BREATH_S)

    def _end_streams_of_closed_browsers(self) -> None:
        """A write would notice only at the second heartbeat; the kernel knows at once."""
        while not self._closing.wait(LOOK_S):
            with self._lock:
                listed = [(inbox, client) for inbox, (_, client) in self._streams.items()]
            for inbox, client in listed:
                if client is not None and is_closed(client):
                    put(inbox, None)

    def _put_to_all(self, changes: list[Change]) -> None:
        """Give each stream, in one parcel, what it wants to hear; each message is written once."""
        said = [(change, message_of(change)) for change in changes]
        with self._lock:
            streams = list(self._streams.items())
        for inbox, (wanted, _) in streams:
            parts = [part for change, part in said if "type" in change or wanted(change)]
            if parts:
                put(inbox, b"".join(parts))


def changes_in(payloads: Iterable[str]) -> Iterator[Change]:
    """What the database said to us; its channel is open to every login of it."""
    for payload in payloads:
        with contextlib.suppress(ValueError):
            change = json.loads(payload)
            if isinstance(change, dict) and all(
                isinstance(change.get(name, ""), str) for name in ("type", "from", "to")
            ):
                yield change


def put(inbox: Inbox, parcel: bytes | None) -> None:
    """Hand on messages; a browser that is too slow for them reads everything again instead."""
    if inbox.qsize() >= BACKLOG:
        with contextlib.suppress(queue.Empty):
            while True:
                inbox.get_nowait()
        parcel = None if parcel is None else RESYNC
    inbox.put(parcel)


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has gone; asks the kernel, reads nothing."""
    if client.fileno() < 0:
        return True
    watch = select.poll()
    watch.register(client, select.POLLRDHUP)
    return bool(watch.poll(0))


def connect() -> psycopg.Connection[Any]:
    """A connection of its own, outside the pool: it is held for as long as the process lives."""
    database: dict[str, Any] = settings.DATABASES["default"]
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
        application_name="gridcity-live",
    )


#: The streams of this process; the web server's worker closes it when it stops.
hub = Hub(settings.LIVE_STREAMS_PER_PROCESS, connect)


def filter_for(roles: frozenset[str], user_id: int | None = None) -> Filter | None:
    """Which changes somebody with these roles hears of; None where no role reads cases.

    Of new messages only their reader hears.
    """
    states = frozenset(state for role in roles for state in HEARS.get(role, ()))
    if not states:
        return None

    def wanted(change: Change) -> bool:
        if "readers" in change:
            return isinstance(change["readers"], list) and user_id in change["readers"]
        return change.get("from") in states or change.get("to") in states

    return wanted


def key_of(case_id: int) -> str:
    """What the stream calls a case: it tells nothing, but a page of that case knows its own."""
    return salted_hmac("gridcity.live", str(case_id), algorithm="sha256").hexdigest()[:16]


def told(change: Change) -> Change:
    """A change as browsers hear it: the case by its key, and whose queues it leaves or enters."""
    turns: set[str] = set()
    for side in ("from", "to"):
        if change.get(side) in State.values:
            turns |= TURN.get(State(change[side]), frozenset())
    return {"key": key_of(change.get("case", 0)), "turns": sorted(turns)}


def message_of(change: Change) -> bytes:
    """A change as the bytes of one server-sent event."""
    kind = change.get("type")
    if kind in {"resync", "degraded"}:
        return event_of(kind)
    if "readers" in change:
        return event_of("messages")
    return event_of("change", told(change))


def event_of(name: str, data: Change | None = None) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data or {})}\n\n".encode()


RESYNC = event_of("resync")
# An event, not a comment: the page must hear it to know that the stream lives.
BEAT = event_of("beat")


@require_GET
@login_not_required  # a stream follows no redirect to the login page: it is told 401
def stream(request: HttpRequest) -> HttpResponseBase:
    """GET /live/: server-sent events for a logged-in user whose role reads cases."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    # Decided once: a role that is taken away ends at the next connection.
    wanted = filter_for(frozenset(getattr(request.user, "roles", [])), request.user.pk)
    if wanted is None:
        return HttpResponse(status=403)
    return stream_of(request, wanted)


def stream_of(request: HttpRequest, wanted: Filter) -> HttpResponseBase:
    """The stream of somebody who may hear these changes, or 503 while there is no place."""
    if "ask" in request.GET:  # a page whose stream broke asks why, without taking a place
        return busy() if hub.is_full else HttpResponse(status=204)
    try:
        inbox = hub.join(wanted, request.META.get("gunicorn.socket"))
    except Full:
        return busy()
    # Otherwise this thread would keep a pooled connection for as long as the page stays open.
    connection.close()
    response = StreamingHttpResponse(Messages(inbox), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx must pass each message on at once
    return response


def busy() -> HttpResponse:
    """No thread is free for a stream: the page asks in intervals instead."""
    return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_S)})


class Messages:
    """The bytes of one stream. A class, not a generator: `close` must work before the first one."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._greeted = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._greeted:
            self._greeted = True
            return b"retry: 3000\n" + RESYNC
        try:
            parcel = self._inbox.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return BEAT
        if parcel is None:
            raise StopIteration
        return parcel

    def close(self) -> None:
        """Called by Django when the response ends, however it ends."""
        hub.leave(self._inbox)
