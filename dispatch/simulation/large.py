"""A year in several processes: each reckons the cases of its share of the cells.

What happens in a cell touches no other, so the shares need nothing of each other but the ids of
requests, which events tell and which follow the order of asking in the whole district: a case with
requests is kept until all have been asked, numbered then, and its events are chained anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from cases.services.cell_counts import recount_open
from cases.services.transition import chain_sha256
from dispatch.models import Request
from dispatch.simulation.bare import bare_tables, build_side_by_side, side_by_side
from dispatch.simulation.copying import Copier
from dispatch.simulation.forking import leave_connections
from dispatch.simulation.pictures import save_scenes
from dispatch.simulation.record import WRITTEN, Ids, Record
from dispatch.simulation.reports import Share
from dispatch.simulation.simulate import (
    Cast,
    Order,
    no_collection,
    play_in_bulk,
    read_serials,
    settle_serials,
)
from gridcity.contracts import CLOCK

ASKED, COUNT, DONE = "asked", "count", "done"
LOOK_S = 0.5
# Of a request: when it was asked, the index of its case's report, which of the case it is.
Asked = tuple[datetime, int, int]


class ShareFailed(Exception):
    """One of the processes has ended before its work was done."""


def simulate_at_large(
    order: Order, processes: int, told: Callable[[int], None] = lambda count: None
) -> int:
    """Play an order in so many processes into bare tables; returns the number of cases.

    The tables must be reachable as their owner, and nobody may be at work on them.
    """
    save_scenes()
    cast, ids, serials = Cast(order), Ids(), read_serials(order)
    tables = [model._meta.db_table for model in WRITTEN]
    build = partial(build_side_by_side, processes=processes)
    with bare_tables(tables, build_all=build, prove_all=build):
        connections.close_all()  # a connection cannot be shared with a forked process
        count = _run(
            [Share(number, processes) for number in range(processes)], cast, ids, serials, told
        )
    ids.settle()
    settle_serials(serials)
    side_by_side([partial(vacuum, table) for table in tables], processes)
    recount_open(actor=CLOCK, at=timezone.now())  # triggers were off
    return count


def vacuum(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"vacuum (analyze) {table}")


def _run(
    shares: list[Share], cast: Cast, ids: Ids, serials: dict[int, int],
    told: Callable[[int], None],
) -> int:  # fmt: skip
    """Start a process for each share, number the requests between, and collect what they gave."""
    context = get_context("fork")
    ends: list[Connection] = []
    for share in shares:
        here, there = context.Pipe()
        context.Process(target=_play_share, args=(share, cast, serials, there), daemon=True).start()
        there.close()
        ends.append(here)
    talks = [Talk(end) for end in ends]
    while any(talk.asked is None for talk in talks):
        _listen(talks, told)
    every = sorted(one for talk in talks for one in talk.asked or ())
    first = ids.last(Request)
    numbers = {(index, nth): first + place for place, (_at, index, nth) in enumerate(every, 1)}
    for talk in talks:
        talk.end.send({key: numbers[key] for key in ((i, n) for _at, i, n in talk.asked or ())})
    while any(talk.done is None for talk in talks):
        _listen(talks, told)
    for talk in talks:
        assert talk.done is not None
        ids.reached(talk.done.last)
        for year, serial in talk.done.serials.items():
            serials[year] = max(serials.get(year, 0), serial)
    ids.reached({Request: first + len(every)})
    return sum(talk.done.count for talk in talks if talk.done)


@dataclass(slots=True)
class Done:
    """What a share has given: cases, and the last id and case number of each kind."""

    count: int
    last: dict[Any, int]
    serials: dict[int, int]


@dataclass(slots=True)
class Talk:
    """What the parent has heard of one share."""

    end: Connection
    written: int = 0
    asked: list[Asked] | None = None
    done: Done | None = None


def _listen(talks: list[Talk], told: Callable[[int], None]) -> None:
    """Take in what the shares have said. Raises ShareFailed when one is silent for ever."""
    for talk in talks:
        while talk.end.poll(LOOK_S / len(talks)):
            try:
                what, said = talk.end.recv()
            except EOFError:
                if talk.done is None:
                    raise ShareFailed("a process of the simulation has ended early") from None
                break
            if what == COUNT:
                talk.written = said
            elif what == ASKED:
                talk.asked = said
            else:
                talk.done = said
    told(sum(talk.written for talk in talks))


@dataclass(slots=True)
class Holder:
    """Takes the records of a share: those with requests wait for their numbers."""

    copier: Copier
    held: list[Record] = field(default_factory=list)

    def keep(self, record: Record) -> None:
        if record.requests:
            self.held.append(record)
        else:
            self.copier.keep(record)

    def asked(self) -> list[Asked]:
        return [
            (request.asked_at, record.report.index, nth)
            for record in self.held
            for nth, request in enumerate(record.requests)
        ]

    def release(self, numbers: dict[tuple[int, int], int]) -> None:
        for record in self.held:
            number_requests(record, numbers)
            self.copier.keep(record)
        self.copier.flush()


def _play_share(share: Share, cast: Cast, serials: dict[int, int], end: Connection) -> None:
    """The work of one process."""
    leave_connections()
    holder = Holder(Copier(lambda count: end.send((COUNT, count))))
    ids = Ids(share)
    with no_collection():
        count, given = play_in_bulk(cast, ids, dict(serials), holder.keep, share)
        holder.copier.flush()
        end.send((ASKED, holder.asked()))
        holder.release(end.recv())
    end.send((DONE, Done(count, ids.given(), given)))
    connections.close_all()


def number_requests(record: Record, numbers: dict[tuple[int, int], int]) -> None:
    """Give the requests of a case their ids, and chain its events anew."""
    new = {
        request.pk: numbers[record.report.index, nth] for nth, request in enumerate(record.requests)
    }
    for step in record.steps:
        step.request_id = new[step.request_id]
    for fact in record.facts:
        fact.appeal_id = new[fact.appeal_id] if fact.appeal_id else None
    for request in record.requests:
        request.pk = new[request.pk]
    link = bytes(32)
    for event in record.events:
        if "request" in event.changes:
            event.changes["request"] = new[event.changes["request"]]
        if event.changes.get("lapsed"):
            event.changes["lapsed"] = [new[one] for one in event.changes["lapsed"]]
        event.prev_sha256 = link
        event.sha256 = link = chain_sha256(event, record.case.number)
    record.case.last_sha256 = link
