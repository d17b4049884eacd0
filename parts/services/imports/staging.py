"""Stages every row of a file, refused or not, in temporary tables of the import's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from django.db.backends.utils import CursorWrapper

from parts.services.imports.cleaning import Clean
from parts.services.imports.columns import Columns
from parts.services.imports.values import printable

# What every file fills, and what only a file with a column for it does.
ALWAYS = (
    "source_id", "class_id", "lon", "lat", "wkt", "swapped", "name", "state", "source", "location",
    "note", "fault", "column", "value",
)  # fmt: skip
BY_COLUMN = (
    "code", "competent_name", "competent_uscc", "owner_name", "owner_uscc", "maintainer_name",
    "maintainer_uscc", "cell_code", "street_code", "community_code", "initial_on", "change_on",
)  # fmt: skip
# An earlier import of the same transaction may have left its tables.
CLEAR_SQL = """
drop table if exists pg_temp.import_row, pg_temp.import_remark, pg_temp.import_shape,
    pg_temp.import_housed, pg_temp.import_known, pg_temp.import_change, pg_temp.import_new,
    pg_temp.import_near
"""
TABLES_SQL = """
create temp table import_row (
    n int not null, source_id text not null, code text not null default '', class_id bigint,
    lon float8, lat float8, wkt text not null default '', swapped bool not null default false,
    name text not null, state text not null, competent_name text not null default '',
    competent_uscc text not null default '', owner_name text not null default '',
    owner_uscc text not null default '', maintainer_name text not null default '',
    maintainer_uscc text not null default '', cell_code text not null default '',
    street_code text not null default '', community_code text not null default '',
    initial_on date, change_on date, source text not null, location text not null,
    note text not null, fault text not null, "column" text not null, value text not null
) on commit drop;
create temp table import_remark (
    n int not null, kind text not null, "column" text not null, value text not null
) on commit drop
"""
BATCH = 2000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def as_words(values: Iterable[object]) -> list[str]:
    """Values as COPY's text format wants them; none of them holds a tab or a line break."""
    return [word if type(word) is str else "\\N" if word is None else str(word) for word in values]


def copied(number: int, values: Sequence[object]) -> str:
    """One line of COPY's text format. Almost no value has anything to escape."""
    words = as_words(values)
    line = "\t".join(words)
    if "\\" in line:
        line = "\t".join(
            word if word == "\\N" and value is None else word.translate(ESCAPES)
            for word, value in zip(words, values, strict=True)
        )
    return f"{number}\t{line}\n"


def copy_rows(cursor: CursorWrapper, rows: Iterable[tuple[int, Clean]], columns: Columns) -> int:
    """Stage every row, refused or not; returns how many."""
    cursor.execute(CLEAR_SQL)
    cursor.execute(TABLES_SQL)
    staged = (*ALWAYS, *(name for name in BY_COLUMN if name in columns.index))
    values = attrgetter(*staged)
    remarks: list[tuple[int, str, str, str]] = []
    count = 0
    names = ", ".join(f'"{name}"' for name in staged)
    with cursor.copy(f"copy import_row (n, {names}) from stdin") as copy:
        lines: list[str] = []
        for number, row in rows:
            count += 1
            lines.append(copied(number, values(row)))
            if row.remarks and not row.fault:
                remarks += [(number, *remark) for remark in row.remarks]
            if len(lines) >= BATCH:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    add_remarks(cursor, remarks)
    # the planner knows nothing of a temporary table that was not looked at
    cursor.execute("analyze import_row")
    return count


def add_remarks(cursor: CursorWrapper, remarks: list[tuple[int, str, str, str]]) -> None:
    """Stage remarks: row, kind, column, value."""
    with cursor.copy("copy import_remark from stdin") as copy:
        for start in range(0, len(remarks), BATCH):
            lines = (
                copied(n, (kind, column, value if value.isprintable() else printable(value)))
                for n, kind, column, value in remarks[start : start + BATCH]
            )
            copy.write("".join(lines))
