"""Writes the accepted rows of a census into the register of parts, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pghistory
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid
from parts.models import CatalogueClass, CodingScheme, District
from parts.services.imports.cleaning import Clean, Cleaner
from parts.services.imports.columns import NAMES, Columns, find_columns
from parts.services.imports.reading import Row, opened
from parts.services.imports.report import write_report
from parts.services.imports.staging import copy_rows, judge_together
from parts.services.rights import check_is_administrator

# What a row and a registered part are compared by; dates only where the file gives them.
COMPARED = (
    "name", "state", "competent_name", "competent_uscc", "owner_name", "owner_uscc",
    "maintainer_name", "maintainer_uscc", "source", "note",
)  # fmt: skip

# The names are constants of this module.
CHANGED_SQL = f"""
create temp table import_change on commit drop as
select k.n, k.part_id
from import_known k
join import_row r on r.n = k.n and r.fault = ''
join import_housed h on h.n = k.n
join parts_part p on p.id = k.part_id
where ({", ".join(f"p.{name}" for name in COMPARED)}, p.location_text, p.cell_id)
      is distinct from ({", ".join(f"r.{name}" for name in COMPARED)}, r.location, h.cell_id)
   or not p.geom ~= h.geom or not st_equals(p.geom, h.geom)
   or p.initial_on <> coalesce(r.initial_on, p.initial_on)
   or p.change_on is distinct from coalesce(r.change_on, p.change_on)
"""  # noqa: S608
# One row a class: two imports at once queue here, so that a serial is never given twice.
SERIALS_SQL = """
insert into parts_partserial (district_code, scheme_id, class_code, last)
select %(district)s, k.scheme_id, k.code,
       coalesce((select max(right(p.code, %(width)s)::int) from parts_part p
                 where p.catalogue_class_id = k.id), 0)
from parts_catalogueclass k
where k.id in (select class_id from import_new)
  and not exists (select 1 from parts_partserial s where s.district_code = %(district)s
                  and s.scheme_id = k.scheme_id and s.class_code = k.code)
on conflict do nothing;
select 1 from parts_partserial s join parts_catalogueclass k
    on k.scheme_id = s.scheme_id and k.code = s.class_code and k.kind = 'part'
where s.district_code = %(district)s and k.id in (select class_id from import_new)
order by s.class_code for update of s;
"""
NEW_SQL = """
create temp table import_new on commit drop as
select r.n, r.class_id, r.code
from import_row r
where r.fault = '' and not exists (select 1 from import_known k where k.n = r.n)
"""
INSERT_SQL = """
insert into parts_part (code, catalogue_class_id, name, state, geom, cell_id, street_id,
    community_id, competent_name, competent_uscc, owner_name, owner_uscc, maintainer_name,
    maintainer_uscc, initial_on, change_on, source, accuracy_class, location_text, note,
    source_key, source_id)
select w.code, r.class_id, r.name, r.state, h.geom, h.cell_id, h.street_id, h.community_id,
       r.competent_name, r.competent_uscc, r.owner_name, r.owner_uscc, r.maintainer_name,
       r.maintainer_uscc, coalesce(r.initial_on, r.change_on, %(today)s),
       case when r.state in ('lost', 'abandoned', 'removed')
            then coalesce(r.change_on, greatest(r.initial_on, %(today)s)) else r.change_on end,
       r.source, k.accuracy_class, r.location, r.note, %(source_key)s, r.source_id
from import_row r
join import_housed h using (n)
join parts_catalogueclass k on k.id = r.class_id
join (select x.n, case when x.code <> '' then x.code else
          %(district)s || c.code || lpad((s.last + row_number() over (
              partition by x.class_id, x.code = '' order by x.n))::text, %(width)s, '0') end as code
      from import_new x
      join parts_catalogueclass c on c.id = x.class_id
      join parts_partserial s on s.district_code = %(district)s and s.scheme_id = c.scheme_id
           and s.class_code = c.code) w using (n)
order by r.n
"""
ADVANCE_SQL = """
update parts_partserial s set last = greatest(s.last + x.without, x.highest)
from (select c.scheme_id, c.code, count(*) filter (where n.code = '') as without,
             coalesce(max(right(n.code, %(width)s)::int) filter (where n.code <> ''), 0) as highest
      from import_new n join parts_catalogueclass c on c.id = n.class_id group by 1, 2) x
where s.district_code = %(district)s and s.scheme_id = x.scheme_id and s.class_code = x.code
returning s.last
"""
UPDATE_SQL = f"""
update parts_part p set {", ".join(f"{name} = r.{name}" for name in COMPARED)},
    location_text = r.location, geom = h.geom, cell_id = h.cell_id, street_id = h.street_id,
    community_id = h.community_id, initial_on = coalesce(r.initial_on, p.initial_on),
    change_on = coalesce(r.change_on, greatest(p.initial_on, r.initial_on, %(today)s))
from import_change c join import_row r using (n) join import_housed h using (n)
where p.id = c.part_id
"""  # noqa: S608


class Progress(Protocol):
    """Where a long import tells how far it is."""

    def start(self, rows: int) -> None: ...
    def step(self, rows: int) -> None: ...
    def stage(self, sentence: str) -> None: ...


@dataclass(slots=True)
class Outcome:
    """What came of an import, or would: counts by fault, by remark and of what changed."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    committed: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        return sum(self.faults.values())

    @property
    def accepted(self) -> int:
        return self.rows - self.refused


def import_parts(
    *,
    actor: Actor,
    at: datetime,
    path: Path,
    scheme: str,
    commit: bool,
    source_key: str = "",
    report: Path | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Read a census of parts; write it when `commit`, else only say what would happen.

    `source_key` names the register (by default the file's name): a row is found again by it and
    its own key, so the same file twice changes nothing. One transaction: a killed import leaves
    nothing. Raises Invalid when the file, its columns or the scheme will not do.
    """
    check_is_administrator(actor)
    district = District.objects.order_by("code").first()
    chosen = CodingScheme.objects.filter(key=scheme).first()
    if chosen is None:
        raise Invalid(_("There is no such coding scheme."), scheme=scheme)
    if district is None:
        raise Invalid(_("There is no district yet: load or import its grid first."), file="")
    key = source_key or path.name.partition(".")[0]
    job = Job(chosen, district.code, key[:64], at)
    history = pghistory.context(actor=actor.username, register=job.source_key)
    with transaction.atomic(), history, connection.cursor() as cursor:
        # Two imports of one register wait for each other here, before either looks for its rows.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"parts {job.source_key}"])
        outcome, columns = job.stage(cursor, path, progress)
        job.count(cursor, outcome)
        if progress:
            progress.stage(_("Writing"))
        if commit:
            job.write(cursor, outcome)
            outcome.committed = True
        if report:
            write_report(cursor, report, columns)
        if not commit:
            transaction.set_rollback(True)
    return outcome


def cleaned(
    cleaner: Cleaner, rows: Iterator[Row], progress: Progress | None
) -> Iterator[tuple[int, Clean]]:
    """Rows judged one by one, by their place after the first row of the file.

    Asks the database nothing: its connection is busy copying.
    """
    for read, (line, cells) in enumerate(rows, start=1):
        if progress and read % 2000 == 0:
            progress.step(2000)
        yield line - 1, cleaner.clean(line - 1, cells)


@dataclass(frozen=True, slots=True)
class Job:
    """One import: scheme, district, register and day."""

    scheme: CodingScheme
    district: str
    source_key: str
    at: datetime

    @property
    def params(self) -> dict[str, Any]:
        return {
            "district": self.district,
            "source_key": self.source_key,
            "today": self.at.date(),
            "width": self.scheme.part_serial_length,
        }

    def stage(
        self, cursor: CursorWrapper, path: Path, progress: Progress | None
    ) -> tuple[Outcome, Columns]:
        """Read the file into the staging tables and judge it there."""
        outcome = Outcome()
        with opened(path) as (rows, about):
            _line, header = next(rows, (0, []))
            columns = find_columns([str(name) for name in header])
            if progress:
                progress.start(about)
            cleaner = self.cleaner(columns)
            outcome.rows = copy_rows(cursor, cleaned(cleaner, rows, progress))
        if progress:
            progress.stage(_("Judging positions"))
        names = {field: columns.name(field) for field in NAMES}
        judge_together(cursor, source_key=self.source_key, columns=names)
        cursor.execute(CHANGED_SQL)
        return outcome, columns

    def cleaner(self, columns: Columns) -> Cleaner:
        """What judges a row by itself, by the part classes in use."""
        entries = CatalogueClass.objects.filter(scheme=self.scheme, kind="part", is_active=True)
        classes = {entry.code: entry for entry in entries}
        return Cleaner(columns, classes, self.scheme.pattern, self.district)

    def count(self, cursor: CursorWrapper, outcome: Outcome) -> None:
        """Fill the counts from the staging tables."""
        cursor.execute(NEW_SQL)
        cursor.execute("select fault, count(*) from import_row where fault <> '' group by 1")
        outcome.faults.update(dict(cursor.fetchall()))
        cursor.execute("select kind, count(*) from import_remark group by 1")
        outcome.remarks.update(dict(cursor.fetchall()))
        cursor.execute(
            "select (select count(*) from import_new), (select count(*) from import_change)"
        )
        outcome.new, outcome.changed = cursor.fetchone()
        outcome.unchanged = outcome.accepted - outcome.new - outcome.changed

    def write(self, cursor: CursorWrapper, outcome: Outcome) -> None:
        """Give serials, add the new parts and change the changed ones."""
        params = self.params
        for statement in filter(None, (part.strip() for part in SERIALS_SQL.split(";\n"))):
            cursor.execute(statement, params)
        cursor.execute(INSERT_SQL, params)
        cursor.execute(ADVANCE_SQL, params)
        if any(last >= 10**self.scheme.part_serial_length for (last,) in cursor.fetchall()):
            raise Invalid(_("The serials of a class are used up."), file="class_code")
        cursor.execute(UPDATE_SQL, params)
        if outcome.new or outcome.changed:
            cursor.execute("analyze parts_part")
