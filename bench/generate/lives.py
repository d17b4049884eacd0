"""Facts of many cases, written straight by SQL: what figures are counted from at a size.

The lives are reckoned by the database itself: 1,300 reports a day up to now, by the hour of the
day; classes by their rank; nine in ten finished in time, one in twelve checked twice, a few
returned, a few never done and closed by force two days after their deadline, so that what stands at
any instant is of its last days, whatever came before. No events stand behind these cases, so
nothing folds them anew.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from assessment.models import SumsState
from assessment.services.sums import rebuild_sums
from bench.generate import tables
from dispatch.simulation.bare import bare_tables
from parts.selectors import current_scheme

CASES_A_DAY = 1300
FACTS_A_CASE = 10.7
FACT_TABLES = tuple(
    f"assessment_{name}fact" for name in ("case", "turn", "task", "stay", "call")
)  # fmt: skip
# The random numbers of a run are those of every other run.
_SEED = "select setseed(0.20261122)"

_LIVES = """
create unlogged table bench_life as
with cells as (
    select c.id cell_id, c.community_id, m.street_id, row_number() over (order by c.id) - 1 n,
           count(*) over () cells
    from parts_cell c
    join parts_edition e on e.id = c.edition_id and e.state = 'current'
    join parts_community m on m.id = c.community_id
    where c.end_on is null
), classes as (
    select id class_id, kind, row_number() over (order by kind, code) - 1 n,
           count(*) over () classes
    from parts_catalogueclass where is_active and scheme_id = %(scheme)s
), departments as (
    select id department_id, row_number() over (order by code) - 1 n, count(*) over () departments
    from dispatch_department where is_active
), people as (
    select array_agg(id order by id) filter (where 'supervisor' = any(roles)) supervisors,
           array_agg(id order by id) filter (where 'acceptor' = any(roles)) acceptors,
           array_agg(id order by id) filter (where 'duty_chief' = any(roles)) chiefs,
           array_agg(id order by id) filter (where 'dispatcher' = any(roles)) dispatchers
    from gridcity_user
), lots as materialized (
    select id, random() a, random() b, random() c, random() d, random() e, random() f, random() g,
           random() h
    from generate_series(1, %(cases)s) id
), reports as materialized (
    select l.*, k.class_id, k.kind, x.cell_id, x.community_id, x.street_id,
        -- Most are reported between eight and twenty.
        date_trunc('day', %(until)s - make_interval(days => ((%(cases)s - id) / %(day)s)::int))
            + make_interval(secs => 28800 + 43200 * a + 20000 * (b - 0.5)) as reported_at
    from lots l
    join classes k on k.n = floor(k.classes * l.c ^ 3)::int
    join cells x on x.n = floor(x.cells * l.d)::int
), lives as materialized (
    select r.*,
        reported_at + make_interval(secs => 60 + 900 * e) accepted_at,
        reported_at + make_interval(secs => 400 + 2700 * e) filed_at,
        reported_at + make_interval(secs => 700 + 4500 * e) began_at,
        (array[4, 12, 24, 72, 168])[1 + floor(5 * c)::int] limit_h
    from reports r
), ends as (
    select l.*, began_at + make_interval(hours => limit_h) due_at,
        case when g > 0.006 then began_at + make_interval(secs => 3600 * limit_h *
            (case when f < 0.9 then 0.15 + 0.8 * f else 1 + 6 * (f - 0.9) end)) end finished_at
    from lives l
)
select e.*, p.supervisors[1 + (id %% cardinality(p.supervisors))] supervisor,
    p.acceptors[1 + (id %% cardinality(p.acceptors))] acceptor,
    p.chiefs[1 + (id %% cardinality(p.chiefs))] chief,
    p.dispatchers[1 + (id %% cardinality(p.dispatchers))] dispatcher,
    d.department_id,
    case when h < 0.15 then 'HOTLINE' when h < 0.2 then 'PUBLIC' else 'SUPERVISOR' end source,
    h > 0.92 failed, h < 0.03 is_returned, h between 0.03 and 0.04 is_voided,
    finished_at + make_interval(secs => 300 + 1500 * a) check_sent_at,
    finished_at + make_interval(secs => 1800 + 7200 * b) checked_at,
    finished_at + make_interval(secs => 9200 + 3600 * b) closed_at,
    finished_at is null is_forced,
    coalesce(finished_at + make_interval(secs => 9200 + 3600 * b), due_at + interval '2 days')
        ended_at
from ends e cross join people p
join departments d on d.n = (e.class_id * 7 + e.street_id) %% d.departments
where e.reported_at < %(until)s
"""

_OF_CASE = (
    "id", "number", "kind", "state", "point", "place_text", "description", "source", "sources",
    "reported_at", "occurred_at", "filed_at", "ever_finished", "state_since", "due_at", "ended_at",
    "last_seq", "last_sha256", "catalogue_class_id", "cell_id", "community_id", "reported_by_id",
    "street_id",
)  # fmt: skip
_CASES = f"""
insert into cases_case ({", ".join(_OF_CASE)})
select id, 'B' || lpad(id::text, 14, '0'), kind,
    case when ended_at >= %(until)s then 'REPORTED' when is_forced then 'FORCE_CLOSED'
         else 'CLOSED' end,
    ST_SetSRID(ST_MakePoint(116.4, 39.9), 4490), '路口西北角', '巡查发现该处问题', source,
    array[source], reported_at, reported_at, nullif(least(filed_at, %(until)s), %(until)s),
    coalesce(finished_at < %(until)s, false), reported_at,
    case when coalesce(finished_at, ended_at) >= %(until)s then due_at end,
    case when ended_at < %(until)s then ended_at end,
    9, sha256(id::text::bytea), class_id, cell_id, community_id, supervisor, street_id
from bench_life
"""

# Of each grain: its columns and, of each fact, what it says and from when to when it was so.
# `gone` is the instant at which the fact ends, `known` the one at which a verdict replaced it.
_BASE = (
    "id, case_id, key, valid_from, valid_to, known_from, known_to, needed_until, street_id,"
    " community_id, cell_id, catalogue_class_id, source, kind, out"
)
_WRITE = """
insert into assessment_{grain}fact ({base}, {columns})
select (id::bigint << 28) | (key::bigint << 12) | place, id, key, since, '9999-01-01', known,
    coalesce(known_to, timestamptz '9999-01-01'),
    least(coalesce(known_to, timestamptz '9999-01-01'), coalesce(gone, '9999-01-01')),
    street_id, community_id, cell_id, class_id, source, kind, out, {columns}
from ({rows}) facts where since < %(until)s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many facts were written of how many cases, and how long it took."""

    cases: int
    facts: int
    seconds: float


def _shown(column: str) -> str:
    """An instant that has not come yet stands empty."""
    return f"nullif(least({column}, %(until)s), %(until)s)"


_ENDED = _shown("ended_at")
_IN_TIME = "finished_at <= due_at"

_ROWS: dict[str, tuple[str, str]] = {
    "case": (
        (
            "began_at, reported_at, reporter_id, accepted_at, accepted_in_time, accepted_by_id,"
            " filed_at, filed_in_time, filed_by_id, finished_at, finish_in_time, due_at, ended_at,"
            " end_kind, ended_by_id, ended_role, self_handled, succeeds, public, waived, relapse,"
            " sent_back, unfiled, reopened, forced_early, merged, voided, missed"
        ),
        f"""
        select id, street_id, community_id, cell_id, class_id, source, kind, 1 as key, 0 as place,
            reported_at as since, reported_at as known, null::timestamptz known_to,
            {_ENDED} as gone, is_voided as out, reported_at as began_at, reported_at,
            case when source = 'SUPERVISOR' then supervisor end reporter_id,
            {_shown("accepted_at")} accepted_at, e < 0.95 accepted_in_time, acceptor accepted_by_id,
            {_shown("filed_at")} filed_at, e < 0.93 filed_in_time, chief filed_by_id,
            {_shown("finished_at")} finished_at, {_IN_TIME} as finish_in_time, due_at,
            {_ENDED} ended_at, case when ended_at >= %(until)s then ''
                 when is_forced then 'FORCE_CLOSED' else 'CLOSED' end end_kind,
            chief ended_by_id, 'duty_chief' ended_role, false self_handled, false succeeds,
            source <> 'SUPERVISOR' as public, a < 0.02 waived, b < 0.02 relapse, false sent_back,
            false unfiled, false reopened, false forced_early, false merged, is_voided voided,
            source <> 'SUPERVISOR' and b > 0.97 missed
        from bench_life""",
    ),
    "turn": (
        (
            "department_id, round, began_at, dispatcher_id, automatic, designation, due_at,"
            " stood_at, finished_at, finish_in_time, ended_at, end_kind, assisted, undone, wrong,"
            " reopened, forced_early, deferred, suspended, reworks, extensions, refusals,"
            " refused_at, uncounted"
        ),
        # A failed check is a verdict: what was believed before stays as it was known.
        f"""
        select l.id, street_id, community_id, cell_id, class_id, source, kind, 1 as key,
            n as place, began_at since, case when n = 1 then checked_at else began_at end known,
            case when failed and n = 0 and checked_at < %(until)s then checked_at end known_to,
            case when is_returned then {_shown("began_at + interval '2 hours'")}
                 else {_ENDED} end as gone,
            is_voided as out, department_id, 1 as round, began_at, dispatcher as dispatcher_id,
            a < 0.3 automatic, false designation, due_at,
            {_shown("finished_at")} stood_at,
            case when not is_returned then {_shown("finished_at")} end finished_at,
            {_IN_TIME} finish_in_time,
            case when is_returned then {_shown("began_at + interval '2 hours'")}
                 else {_ENDED} end as ended_at,
            case when is_returned then 'returned' when is_forced then 'forced' else 'closed' end
                end_kind,
            false assisted, false undone, is_returned wrong, false reopened, false forced_early,
            false deferred,
            false suspended, n as reworks, (b < 0.05)::int extensions, 0 refusals,
            null::timestamptz refused_at, '{{}}'::varchar[] uncounted
        from bench_life l
        cross join generate_series(0, 1) n
        where n = 0 or failed and checked_at < %(until)s""",
    ),
    "task": (
        (
            "task, assignee_id, department_id, turn, finished_at, sent_at, due_at, ended_at,"
            " outcome, late_outcome, in_time, counted"
        ),
        f"""
        select id, street_id, community_id, cell_id, class_id, source, kind, 5 + n as key, 0 place,
            case when n = 1 then finished_at else reported_at end since,
            case when n = 1 then check_sent_at else reported_at end known,
            null::timestamptz known_to,
            case when n = 1 then {_shown("checked_at")} else {_shown("accepted_at")} end gone,
            is_voided as out, case when n = 1 then 'check' else 'verify' end task,
            supervisor assignee_id, case when n = 1 then department_id end department_id,
            n as turn, case when n = 1 then finished_at end finished_at,
            case when n = 1 then check_sent_at else reported_at end sent_at,
            check_sent_at + interval '2 hours' due_at,
            case when n = 1 then {_shown("checked_at")} else {_shown("accepted_at")} end ended_at,
            case when n = 0 then 'confirmed' when failed then 'failed' else 'passed' end outcome,
            '' late_outcome, a < 0.94 in_time, true counted
        from bench_life cross join generate_series(0, 1) n
        where n = 1 and finished_at is not null or source <> 'SUPERVISOR'""",
    ),
    "stay": (
        "state, round, began_at, due_at, ended_at, actor_id, actor_role, by, in_time, undone",
        f"""
        select id, street_id, community_id, cell_id, class_id, source, kind, n as key, 0 place,
            s.since, s.since known, null::timestamptz known_to, {_shown("s.until")} gone,
            is_voided as out, s.state, 1 as round, s.since began_at,
            s.since + interval '1 hour' due_at, {_shown("s.until")} ended_at,
            s.actor actor_id, s.role actor_role, s.by, a < 0.95 in_time, false undone
        from bench_life l cross join lateral (values
            (1, 'REPORTED', reported_at, accepted_at, acceptor, 'acceptor', 'accept'),
            (2, 'TO_FILE', accepted_at, filed_at, chief, 'duty_chief', 'file'),
            (3, 'TO_DISPATCH', filed_at, l.began_at, dispatcher, 'dispatcher', 'dispatch'),
            (4, 'HANDLING', l.began_at, coalesce(finished_at, l.ended_at),
                case when is_forced then chief else supervisor end,
                case when is_forced then 'duty_chief' else 'department' end,
                case when is_forced then 'force_close' else 'finish' end),
            (5, 'TO_CHECK', finished_at, check_sent_at, acceptor, 'acceptor', 'send_check'),
            (6, 'CHECKING', check_sent_at, checked_at, supervisor, 'supervisor', 'check_passed'),
            (7, 'TO_CLOSE', checked_at, closed_at, chief, 'duty_chief', 'close')
        ) s (n, state, since, until, actor, role, by)
        where s.since is not null""",
    ),
    "call": (
        "called_at, call, caller_id, valid, contacted, resolved, satisfaction",
        """
        select id, street_id, community_id, cell_id, class_id, source, kind, 90 as key, 0 place,
            closed_at + interval '1 hour' since, closed_at + interval '1 hour' known,
            null::timestamptz known_to, closed_at + interval '1 hour' gone, is_voided as out,
            closed_at + interval '1 hour' called_at, 'phone' call, acceptor caller_id, true valid,
            b < 0.9 contacted, b < 0.8 resolved,
            case when b > 0.9 then '' when a < 0.5 then 'very_good' when a < 0.8 then 'good'
                 when a < 0.93 then 'fair' else 'poor' end satisfaction
        from bench_life where source <> 'SUPERVISOR' and closed_at is not null""",
    ),
}


def fill_facts(facts: int, *, until: datetime | None = None) -> Counted:
    """Replace all cases by so many that they have about that number of facts. As the owner."""
    began = time.monotonic()
    cases = round(facts / FACTS_A_CASE)
    said: dict[str, Any] = {
        "cases": cases, "day": CASES_A_DAY, "scheme": current_scheme(),
        "until": until or datetime.now(UTC),
    }  # fmt: skip
    tables.empty()
    with connection.cursor() as cursor:
        cursor.execute(f"truncate assessment_stalecase, {', '.join(FACT_TABLES)}")
        cursor.execute("drop table if exists bench_life")
        cursor.execute(_SEED)
        cursor.execute(_LIVES, said)
        with (
            bare_tables(["cases_case", *FACT_TABLES], checked=False),
            tables.defaults_of_models(written()),
        ):
            cursor.execute(_CASES, said)
            for grain, (columns, rows) in _ROWS.items():
                write = _WRITE.format(grain=grain, base=_BASE, columns=columns, rows=rows)
                cursor.execute(write, said)
        cursor.execute("drop table bench_life")
        # Reports may follow.
        cursor.execute("select setval(pg_get_serial_sequence('cases_case', 'id'), %s)", [cases])
        rebuild_sums()
        SumsState.objects.update(known_until=said["until"])
        cursor.execute(
            f"vacuum (analyze) cases_case, assessment_dailysum, {', '.join(FACT_TABLES)}"
        )
    return replace(counted_facts(), seconds=time.monotonic() - began)


def written() -> dict[str, tuple[str, ...]]:
    """The columns that are filled here by table; of all others the models know the value."""
    found: dict[str, tuple[str, ...]] = {"cases_case": _OF_CASE}
    for grain, (columns, _rows) in _ROWS.items():
        names = f"{_BASE}, {columns}".split(",")
        found[f"assessment_{grain}fact"] = tuple(name.strip() for name in names)
    return found


def counted_facts() -> Counted:
    """What is there."""
    counts = " + ".join(f"(select count(*) from {table})" for table in FACT_TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"select (select count(*) from cases_case), {counts}")
        cases, facts = cursor.fetchone()
    return Counted(cases, facts, 0.0)
