"""Facts kept current: each case with new events is folded anew, whole.

A trigger writes down the case of every event (`StaleCase`) in the event's own transaction, so
nothing is forgotten, whoever appends and whatever is killed. One refresh at a time works them off;
a rebuild of everything is the same step over all cases, so both end in the same rows.

What is read beside events makes no fact stale: the openings of a stay are complete when it ends,
and shifts are planned for days that have not begun, which the database sees to
(`cases.PlannedShift`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, TextField
from django.db.models.functions import Cast

from assessment.facts.fold import fold
from assessment.facts.said import Beside, Facts, Said
from assessment.facts.versions import FOREVER, Fact
from assessment.models import FACTS, FactRow, StaleCase
from assessment.services.sums import (
    add_to_sums,
    forget_sums,
    rebuild_sums,
    sums_are_current,
    take_off_sums,
)
from cases.clocks.desks import desk_spent_s
from cases.clocks.numbers import DESIGNATION_RETURNS, SHIRKING_REFUSALS
from cases.clocks.shifts import shift_begin
from cases.models import Case, Event, StayOpening
from cases.selectors.rosters import read_plans
from cases.selectors.settings import number_at
from cases.services.transition import calendar_of_stage
from cases.workflow import State
from dispatch.models import Department
from dispatch.selectors.departments import calendar_of_department
from parts.models import CatalogueClass, Cell
from parts.services.copying import Instants, columns_of, copy_rows

CASES_AT_ONCE = 500
# Held while facts are written, so that two refreshes never fold one case at the same time.
LOCK = 7_301_180_428

# The id of a row: its case, the key of its fact, the place of its version.
VERSION_BITS, KEY_BITS = 12, 16
CASE_BITS = VERSION_BITS + KEY_BITS

Row = tuple[Any, ...]
# By the names under which a fold lists them.
MODELS: dict[str, type[FactRow]] = {f"{grain}s": model for grain, model in FACTS.items()}
# Instants and what was said come as text: of a month's events the database driver would make them
# for longer than the fold lasts.
_EVENT_FIELDS = (
    "case_id", "seq", "action", "actor_id", "role",
    Cast("occurred_at", TextField()), Cast("at", TextField()), "time_flagged",
    "from_state", "to_state", Cast("changes", TextField()),
)  # fmt: skip
_read = json.JSONDecoder().raw_decode


def refresh_facts(*, limit: int = CASES_AT_ONCE) -> int:
    """Fold some of the cases that have new events; how many. Nothing while another one does so."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "delete from assessment_stalecase where id in "
            "(select id from assessment_stalecase order by id limit %s) returning case_id",
            [limit],
        )
        waiting = sorted({case_id for (case_id,) in cursor.fetchall()})
        if waiting:
            write_facts(waiting)
    return len(waiting)


def rebuild_facts(told: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Make the facts of all cases anew, in batches; how many. `told(done, last)` as it goes."""
    last = Case.objects.aggregate(last=Max("pk"))["last"] or 0
    done = 0
    forget_sums()
    for batch in batches_of_cases():
        with writing_facts():
            rewrite_facts(batch)
        done += len(batch)
        told(batch[-1], last)
    ensure_sums()
    return done


def ensure_sums() -> bool:
    """Sum all facts anew where the sums are of other definitions, or there are none; whether so."""
    if sums_are_current():
        return False
    with writing_facts():
        rebuild_sums()
    return True


@contextmanager
def writing_facts() -> Iterator[None]:
    """A transaction in which nobody else writes facts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        yield


def forget_facts() -> None:
    """All facts away, with what waits: where the cases themselves are forgotten."""
    with writing_facts():
        delete_facts()


def delete_facts() -> None:
    """The same for who holds the lock already."""
    StaleCase.objects.all()._raw_delete(using="default")
    for model in MODELS.values():
        model._default_manager.all()._raw_delete(using="default")
    forget_sums()


def batches_of_cases() -> Iterator[list[int]]:
    """The ids of all cases in order, some at a time; cases that come meanwhile are in it."""
    last = 0
    while True:
        rows = Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        batch = list(rows[:CASES_AT_ONCE])
        if not batch:
            return
        yield batch
        last = batch[-1]


def write_facts(case_ids: list[int]) -> None:
    """Put the facts of these cases in the place of what was there; inside a transaction."""
    take_off_sums(case_ids)
    rewrite_facts(case_ids)
    add_to_sums(case_ids)


def rewrite_facts(case_ids: list[int]) -> None:
    """The same without the sums, which a rebuild makes anew at its end."""
    rows, instants = fact_rows(case_ids), Instants()
    for name, model in MODELS.items():
        model._default_manager.filter(case_id__in=case_ids)._raw_delete(using="default")
        copy_rows(model, rows[name], instants)


def fact_rows(case_ids: list[int], names: Names | None = None) -> dict[str, list[Row]]:
    """The rows of these cases by grain, as their events tell them; a handful of queries."""
    names = names or Names()
    events = Event.objects.filter(case_id__in=case_ids).order_by("case_id", "seq")
    rows: dict[str, list[Row]] = {name: [] for name in MODELS}
    openings = openings_of(case_ids)
    told = events.values_list(*_EVENT_FIELDS)
    for case_id, of_case in groupby(told, key=itemgetter(0)):
        facts = fold_case(of_case, names, openings.get(case_id, {}))
        for name, model in MODELS.items():
            rows[name] += names.rows(model, case_id, getattr(facts, name))
    return rows


Openings = dict[int, dict[int, datetime]]  # of the stays of a case, by person


def openings_of(case_ids: list[int]) -> dict[int, Openings]:
    """When each person first opened which stay of these cases; of ended ones, told by an event."""
    found: dict[int, Openings] = {}
    rows = StayOpening.objects.filter(stay__case_id__in=case_ids, stay__ended_at__isnull=False)
    for case_id, seq, user, at in rows.values_list("stay__case_id", "stay__seq", "user_id", "at"):
        found.setdefault(case_id, {}).setdefault(seq, {})[user] = at
    return found


def fold_case(events: Iterable[tuple[Any, ...]], names: Names, openings: Openings) -> Facts:
    beside = Beside(
        refusals=lambda at: number_at(SHIRKING_REFUSALS, at),
        returns=lambda at: number_at(DESIGNATION_RETURNS, at),
        spent=names.spent,
        openings=openings,
        shift_begin=names.shift_begin,
    )
    return fold(map(said_of, events), beside)


def said_of(event: tuple[Any, ...]) -> Said:
    """An event of the database as the fold reads it."""
    _case, seq, action, actor, role, occurred_at, at, flagged, before, after, changes = event
    return Said(
        seq, action, actor, role, datetime.fromisoformat(occurred_at), datetime.fromisoformat(at),
        flagged, before, after, _read(changes)[0],
    )  # fmt: skip


class Names:
    """What events call by a code, the rows of the dimensions that it stands for, and the roster."""

    def __init__(self) -> None:
        self.departments = dict(Department.objects.values_list("code", "pk"))
        self.classes = {
            (scheme, kind, code): pk
            for pk, scheme, kind, code in CatalogueClass.objects.values_list(
                "pk", "scheme_id", "kind", "code"
            )
        }
        cells = Cell.objects.values_list("pk", "community_id", "community__street_id")
        self.cells = {pk: (community, street) for pk, community, street in cells}
        self.plans = read_plans()

    def spent(
        self, state: str, department: str | None, start: datetime, end: datetime
    ) -> int:  # fmt: skip
        """Seconds of the working time of a desk, or of a department, between two instants."""
        pk = self.departments.get(department) if department else None
        if pk is None:
            calendar = calendar_of_stage(State(state), start)
        else:
            calendar = calendar_of_department(pk)
        return desk_spent_s(start, end, calendar)

    def shift_begin(self, person: int, at: datetime) -> datetime | None:
        """When the planned shift of a person began in which an instant lies; None without one."""
        return shift_begin(self.plans.get(person, ()), at)

    def rows(self, model: type[FactRow], case_id: int, facts: list[Fact]) -> Iterator[Row]:
        """The rows of one grain of one case."""
        blanks, values, first = _BLANKS[model], _VALUES[model], case_id << CASE_BITS
        for fact in facts:
            for place, version in enumerate(fact.rows()):
                said = blanks | version.said
                said["id"] = first | fact.key << VERSION_BITS | place
                said["case_id"], said["key"] = case_id, fact.key
                said["valid_from"], said["valid_to"] = version.valid_from, version.valid_to
                said["known_from"], said["known_to"] = version.known_from, version.known_to
                gone = said.get("ended_at") or said.get("called_at") or FOREVER
                said["needed_until"] = min(version.valid_to, version.known_to, gone)
                said["community_id"], said["street_id"] = self.cells.get(said["cell_id"], _NOWHERE)
                said["catalogue_class_id"] = self.classes[said["class_key"]]
                said["department_id"] = self.departments.get(said.get("department") or "")
                yield values(said)


# The dimensions of what lies in no cell that is known.
_NOWHERE = None, None


def _blanks(model: type[FactRow]) -> dict[str, Any]:
    """What a column holds where the events say nothing of it."""
    blank = {}
    for field in model._meta.concrete_fields:
        empty = None if field.null else field.get_default()
        blank[field.attname] = empty
    return blank


_BLANKS = {model: _blanks(model) for model in MODELS.values()}
# How the row of a kind of facts is read from what is said of it.
_VALUES = {model: itemgetter(*columns_of(model)) for model in MODELS.values()}
