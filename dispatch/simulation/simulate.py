"""A simulation from its order to its rows."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from cases.clocks.calendar import SHANGHAI
from cases.free_text import seeded_salts
from cases.models import Case
from cases.models.guards import MAY_TRUNCATE
from cases.selectors.settings import default_calendar
from cases.services.cell_counts import recount_open
from dispatch.simulation.bulk import Bulk
from dispatch.simulation.copying import Copier
from dispatch.simulation.diligence import diligence_of
from dispatch.simulation.ground import read_ground
from dispatch.simulation.live import Live
from dispatch.simulation.people import People, read_people
from dispatch.simulation.pictures import save_scenes
from dispatch.simulation.play import play
from dispatch.simulation.record import Ids, Record
from dispatch.simulation.reports import Report, Share, reports_of, totals_of
from dispatch.simulation.story import Story
from gridcity.contracts import CLOCK
from parts.selectors.kept import nothing_changes

WHOLE = Share()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played: days from a date on, about so many reports a day, by a seed.

    People go on with what is open until `until`, by default the end of the last day.
    """

    first: date
    days: int
    per_day: float
    seed: int
    until: datetime | None = None

    @property
    def end(self) -> datetime:
        midnight = datetime.combine(self.first + timedelta(days=self.days), time(), SHANGHAI)
        return (self.until or midnight).astimezone(UTC)


class Cast:
    """The district and the people of an order, read once."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.people: People = read_people()
        self.ground = read_ground(order.first)
        self.diligence = {
            pk: diligence_of(row.code, order.seed) for pk, row in self.people.departments.items()
        }

        self.totals = totals_of(order.first, order.days, order.per_day, default_calendar())

    def reports(self, share: Share = WHOLE) -> Iterator[Report]:
        order = self.order
        return reports_of(
            order.first, order.days, order.per_day, order.seed, self.ground, self.people,
            default_calendar(), share,
        )  # fmt: skip

    def tell(self, report: Report) -> Story:
        return Story(report, self.people, self.diligence, self.order.seed)


def simulate_live(order: Order) -> int:
    """Play it through the services; returns the number of cases."""
    cast = Cast(order)
    with seeded_salts(order.seed):
        live = Live(cast.people, Ids(), read_serials(order), cast.totals)
        count = play(live, cast.reports(), cast.tell, order.end)
    live.settle()
    return count


def simulate_in_bulk(order: Order, told: Callable[[int], None] = lambda count: None) -> int:
    """Reckon it in memory and copy the rows in one transaction; returns the number of cases."""
    save_scenes()
    with no_collection(), transaction.atomic():
        cast, ids, copier = Cast(order), Ids(), Copier(told)
        serials = read_serials(order)
        count, serials = play_in_bulk(cast, ids, serials, copier.keep)
        copier.flush()
        ids.settle()
        settle_serials(serials)
    return count


def play_in_bulk(
    cast: Cast, ids: Ids, serials: dict[int, int], keep: Callable[[Record], None],
    share: Share = WHOLE,
) -> tuple[int, dict[int, int]]:  # fmt: skip
    """Reckon the cases of a share; returns how many, and the last number of each year."""
    bulk = Bulk(cast.people, ids, serials, keep, cast.totals)
    with seeded_salts(cast.order.seed), nothing_changes():
        count = play(bulk, cast.reports(share), cast.tell, cast.order.end)
    bulk.finish()
    return count, bulk.serials


@contextmanager
def no_collection() -> Iterator[None]:
    """Without looking for cycles, of which rows form none: it would walk all open cases again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def read_serials(order: Order) -> dict[int, int]:
    """The last case number given in each year of an order."""
    found: dict[int, int] = {}
    with connection.cursor() as cursor:
        for year in {order.first.year, order.end.year}:
            cursor.execute(
                "select coalesce(pg_sequence_last_value(to_regclass(%s)), 0)",
                [f"cases_serial_{year}"],
            )
            (found[year],) = cursor.fetchone()
    return found


def settle_serials(serials: dict[int, int]) -> None:
    """Let the numbers of each year go on after those that were given."""
    with connection.cursor() as cursor:
        for year, last in serials.items():
            cursor.execute("select cases_next_serial(%s)", [year])
            cursor.execute(
                "select setval(%s, greatest(%s, 1), %s)", [f"cases_serial_{year}", last, last > 0]
            )


def is_free() -> bool:
    """Whether no case was ever reported here."""
    return not Case.objects.exists()


def forget_cases() -> None:
    """Take away every case with all that hangs on it; only the owner of the tables may.

    Ids and numbers begin anew, so that the same seed gives the same hashes again.
    """
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, 'on', false)", [MAY_TRUNCATE])
        cursor.execute("truncate cases_case restart identity cascade")
        cursor.execute(
            r"select setval(oid::regclass, 1, false) from pg_class"
            r" where relkind = 'S' and relname like 'cases\_serial\_%'"
        )
    recount_open(actor=CLOCK, at=timezone.now())
