"""The facts of very many cases made anew by several processes, into tables without indexes.

The same fold as `assessment.services.facts`: what is counted of a case needs no other case. For who
has the tables to himself and is their owner, as a simulation of years.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context

from django.db import connection, connections, transaction
from django.db.models import Max

from assessment.services.facts import LOCK, MODELS, Names, delete_facts, fact_rows
from assessment.services.sums import count_statements, end_sums, sum_all
from cases.models import Case
from dispatch.simulation.bare import bare_tables, build
from dispatch.simulation.forking import leave_connections
from parts.services.copying import Instants, copy_rows

CASES_AT_ONCE = 1000


def rebuild_facts_at_large(processes: int, told: Callable[[int], None] = lambda done: None) -> int:
    """All facts and their sums anew; how many cases. `told(done)` as it goes.

    Only the owner of the tables may; whoever else writes facts waits until it is over.
    """
    with nobody_else_writes():
        delete_facts()
        last = Case.objects.aggregate(last=Max("pk"))["last"] or 0
        done = 0
        connections.close_all()  # a connection cannot be shared with a forked process
        with get_context("fork").Pool(processes, initializer=begin) as pool:

            def build_and_sum(indexes: list[str]) -> None:
                """Both only read the facts, so they go side by side; the last ones take longest."""
                sums = [partial(sum_all, place) for place in range(count_statements())]
                pool.map(work_off, [*(partial(build, one) for one in indexes), *sums], chunksize=1)

            tables = [model._meta.db_table for model in MODELS.values()]
            with bare_tables(tables, build_all=build_and_sum):
                for count in pool.imap_unordered(fold_from, range(0, last, CASES_AT_ONCE)):
                    done += count
                    told(done)
            pool.close()
            pool.join()
        end_sums()
    return done


def begin() -> None:
    """Each process of the pool makes many objects that all live until it has written them."""
    leave_connections()
    gc.disable()


def work_off(work: Callable[[], None]) -> None:
    """Do in a process of the pool what another one has put together."""
    work()


def fold_from(first: int) -> int:
    """Write the facts of the cases whose ids follow this one; how many they are."""
    rows = Case.objects.filter(pk__gt=first, pk__lte=first + CASES_AT_ONCE)
    case_ids = list(rows.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        facts, instants = fact_rows(case_ids, names_of_process()), Instants()
        for name, model in MODELS.items():
            copy_rows(model, facts[name], instants)
    return len(case_ids)


@cache
def names_of_process() -> Names:
    """Read once in each of the processes, which live no longer than the rebuild."""
    return Names()


@contextmanager
def nobody_else_writes() -> Iterator[None]:
    """Hold the lock of facts in a session of its own, which outlives the others' transactions."""
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        holder.close()
