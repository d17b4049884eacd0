"""What is reported, when, where and by whom: a plan of days, pure and seeded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from cases.clocks.calendar import SHANGHAI, WorkingCalendar
from cases.sources import Source
from dispatch.simulation.ground import CellFacts, ClassFacts, Ground
from dispatch.simulation.people import People
from dispatch.simulation.weather import Day, day_of
from gridcity.contracts import Role

# The clock sweeps at every instant that is a multiple of this; nobody acts in these seconds, so
# that it is never open what came first.
SWEEP_S = 10
# When reports come in, hour by hour of the local day, as shares.
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 9, 9, 8, 6, 5, 6, 8, 8, 7, 5, 4, 3, 2, 1, 1, 0.5)
UP_TO_HOUR = list(accumulate(HOURS))
# Where they come from: of every thousand.
SOURCES: dict[str, float] = {
    Source.SUPERVISOR: 905, Source.HOTLINE: 62, Source.PUBLIC: 14, Source.VIDEO: 8,
    Source.LETTER_VISIT: 3, Source.MEDIA: 2, Source.LEADER: 3, Source.SUPERIOR: 3,
}  # fmt: skip
SELF_HANDLED_SHARE = 0.25  # of what a supervisor may fix on the spot
STANDARD_SHARES = (0.7, 0.2, 0.1)
NO_PART_REASON = "现场部件无编码标识"
DESCRIPTIONS = (
    "巡查发现该处问题，影响通行，请尽快处理", "居民反映此处情况已持续数日，周边环境受影响",
    "路口东南角人行道旁，面积约两平方米", "胡同口靠近公共厕所一侧，存在安全隐患",
    "主干路辅路机动车道边，早晚高峰影响较大", "小区门口，已拍照，现场无人处理",
)  # fmt: skip
PLACES = ("路口西北角", "胡同东口", "公交站旁", "学校门前", "小区南门", "桥下辅路")
NAMES = ("王女士", "李先生", "张女士", "刘先生", "陈女士", "赵先生", "孙女士", "周先生")
SUCCEEDING = 1_000_000_000  # added to the index of what is succeeded; no order has so many reports
FIRST_PHONE = 10_000_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, and the salt of his fingerprints in the history."""

    name: str
    phone: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it comes in; `standard` is what the duty chief will file it under."""

    index: int
    position: int  # of its case's id among those of the order, from 0
    serial: int  # within its year, from 1
    at: datetime
    source: str
    by: int
    role: str
    self_handled: bool
    entry: ClassFacts
    standard: int
    cell: CellFacts
    point: tuple[float, float]
    place: str
    description: str
    caller: Caller | None
    picture: int
    slow: float
    succeeds: bool = False  # it goes on with the matter of a case closed by force


@dataclass(frozen=True, slots=True)
class Share:
    """The cells of one process out of `of`: what happens in a cell touches no other."""

    number: int = 0
    of: int = 1


def reports_of(
    first: date, days: int, per_day: float, seed: int, ground: Ground, people: People,
    calendar: WorkingCalendar, share: Share,
) -> Iterator[Report]:  # fmt: skip
    """The reports of these days in order of their arrival, of the cells of one share."""
    index = serial = 0
    for number in range(days):
        on = first + timedelta(days=number)
        midnight = datetime.combine(on, time(), SHANGHAI).astimezone(UTC)
        serial = serial if on.timetuple().tm_yday > 1 else 0
        random = Random(f"{seed}/day/{on}")  # noqa: S311 - the same for a seed, no secret
        day = day_of(on, is_off=not calendar.dates.day(on).is_working)
        families = [family for family in day.families if family in ground.classes]
        weights = list(accumulate(day.families[family] for family in families))
        coming = seconds(round(per_day * day.factor), random)
        places = random.choices(
            range(len(ground.cells)), cum_weights=ground.cell_weights, k=len(coming)
        )
        for second, place in zip(coming, places, strict=True):
            if place % share.of == share.number:
                own = Random(f"{seed}/report/{index}")  # noqa: S311 - no secret
                cell = ground.cells[place]
                at = between_sweeps(midnight + timedelta(seconds=second))
                yield report(
                    (index, serial + 1), at, cell, families, weights, day, own, ground, people
                )
            index, serial = index + 1, serial + 1


@dataclass(frozen=True, slots=True)
class Totals:
    """How many reports come in these days, and in each year of them."""

    reports: int
    by_year: dict[int, int]


def totals_of(first: date, days: int, per_day: float, calendar: WorkingCalendar) -> Totals:
    """As `reports_of` will have made them; nothing is drawn for it."""
    by_year: dict[int, int] = {}
    for number in range(days):
        on = first + timedelta(days=number)
        day = day_of(on, is_off=not calendar.dates.day(on).is_working)
        by_year[on.year] = by_year.get(on.year, 0) + round(per_day * day.factor)
    return Totals(sum(by_year.values()), by_year)


def successor_of(report: Report, at: datetime, totals: Totals) -> Report:
    """What goes on with the matter of a report whose case was closed by force at this instant.

    It is numbered after all reports of the order by what it succeeds: so its number does not hang
    on what else was closed by force, and several processes need not agree on it.
    """
    year = at.astimezone(SHANGHAI).year
    return replace(
        report, index=SUCCEEDING + report.index, position=totals.reports + report.index,
        serial=totals.by_year.get(year, 0) + report.index + 1, at=at, succeeds=True,
    )  # fmt: skip


def seconds(count: int, random: Random) -> list[int]:
    """When the reports of a day come in, sorted, in seconds of the day."""
    hours = random.choices(range(24), cum_weights=UP_TO_HOUR, k=count)
    return sorted(hour * 3600 + int(random.random() * 3600) for hour in hours)


def between_sweeps(at: datetime) -> datetime:
    """The instant itself, or a second later where the clock sweeps."""
    return at if at.second % SWEEP_S else at + timedelta(seconds=1)


def next_sweep(due_at: datetime) -> datetime:
    """The first instant after this one at which the clock sweeps."""
    return due_at + timedelta(
        seconds=SWEEP_S - due_at.second % SWEEP_S, microseconds=-due_at.microsecond
    )


def report(
    numbers: tuple[int, int], at: datetime, cell: CellFacts, families: list[str],
    weights: list[float], day: Day, random: Random, ground: Ground, people: People,
) -> Report:  # fmt: skip
    """One report, drawn from what is usual on this day."""
    source = random.choices(list(SOURCES), weights=list(SOURCES.values()))[0]
    entry = pick(ground.classes[random.choices(families, cum_weights=weights)[0]], random)
    walkers = people.on_duty(cell.id, at)
    if source == Source.SUPERVISOR and not walkers:
        source = Source.HOTLINE  # nobody walks there now
    walks = source == Source.SUPERVISOR
    by = walkers[0] if walks else people.at_desk(Role.ACCEPTOR, at, random).user_id
    assert by is not None
    return Report(
        index=numbers[0],
        position=numbers[0],
        serial=numbers[1],
        at=at,
        source=source,
        by=by,
        role=Role.SUPERVISOR if walks else Role.ACCEPTOR,
        self_handled=walks and entry.self_handled and random.random() < SELF_HANDLED_SHARE,
        entry=entry,
        standard=random.choices(entry.standards, weights=STANDARD_SHARES[: len(entry.standards)])[0]
        if len(entry.standards) <= len(STANDARD_SHARES)
        else random.choice(entry.standards),
        cell=cell,
        point=random.choice(cell.points),
        place=random.choice(PLACES),
        description=random.choice(DESCRIPTIONS),
        caller=caller(random) if source in {Source.HOTLINE, Source.PUBLIC} else None,
        picture=int(random.random() * 1000),
        slow=day.slow,
    )


def pick(classes: tuple[ClassFacts, ...], random: Random) -> ClassFacts:
    """A class of a family: the first ones more often."""
    place = min(int(random.expovariate(0.7)), len(classes) - 1)
    return classes[place]


def caller(random: Random) -> Caller:
    """A made-up person; the numbers are of no network."""
    phone = f"100{FIRST_PHONE + int(random.random() * FIRST_PHONE)}"
    return Caller(random.choice(NAMES), phone, random.randbytes(16))
