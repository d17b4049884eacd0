"""The course of a simulation: reports come in, people act, the clock sweeps, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from heapq import heappop, heappush
from typing import Protocol

from dispatch.simulation.reports import Report
from dispatch.simulation.steps import Plan, View
from dispatch.simulation.story import Story


class Player(Protocol):
    """Who carries a story out; cases go by the index of their report.

    `successors` are the reports of new cases that the last step has made; who plays empties it.
    """

    successors: list[Report]

    def report(self, report: Report) -> View: ...

    def view(self, index: int) -> View:
        """The case as it stands."""

    def act(self, index: int, plan: Plan) -> View:
        """Do what was planned, if the case is still as it was then; returns the case as it is."""

    def sweep(self, until: datetime) -> None:
        """What the clock owes before an instant, at its own instants."""

    def over(self, index: int) -> None:
        """Nothing more will be done to this case by people."""


def play(
    player: Player,
    reports: Iterable[Report],
    tell: Callable[[Report], Story],
    until: datetime,
) -> int:
    """Play all reports up to an instant; what is open then stays open. Returns how many."""
    stories: dict[int, Story] = {}
    waiting: list[tuple[datetime, int, Plan]] = []
    coming = iter(reports)
    report = next(coming, None)
    count = 0

    def goes_on(index: int, view: View, now: datetime) -> None:
        plan = stories[index].next(view, now)
        if plan is None:
            del stories[index]
            player.over(index)
        else:
            heappush(waiting, (plan.at, index, plan))

    while report is not None or waiting:
        if report is not None and (not waiting or report.at <= waiting[0][0]):
            if report.at >= until:
                break
            player.sweep(report.at)
            stories[report.index] = tell(report)
            goes_on(report.index, player.report(report), report.at)
            count += 1
            report = next(coming, None)
            continue
        if waiting[0][0] >= until:
            break
        at, index, plan = heappop(waiting)
        player.sweep(at)
        goes_on(index, player.act(index, plan), at)
        for following in player.successors:
            stories[following.index] = tell(following)
            goes_on(following.index, player.view(following.index), at)
            count += 1
        player.successors.clear()
    player.sweep(until)
    return count
