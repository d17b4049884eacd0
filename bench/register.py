"""`import`: a real register of 181,144 rows, beside COPY of the rows that were accepted.

And one of ten times as many over all classes of points: a serial has six digits.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from bench.server import ROOT
from parts.models import Cell

SCHEME = "CJT214-2007"
MOST_S, MOST_RATIO, MOST_MB = 20.0, 10.0, 500.0
# The register is public data of another city that lies beside the product, not in it.
REGISTER = ROOT.parent / "shared" / "data" / "tree_register_181k.csv.gz"
WIDE_ROWS = 1_700_000
# No target is set for so many rows: ten times the time of a tenth of them.
WIDE_MOST_S = MOST_S * 10
WIDE_SQL = """
copy (
    with cell as (
        select c.geom from parts_cell c
        join parts_edition e on e.id = c.edition_id and e.state = 'current' where c.end_on is null
    ), class as (
        select code, name, row_number() over (order by code) - 1 as n, count(*) over () as classes
        from parts_catalogueclass
        where scheme_id = '{scheme}' and kind = 'part' and geometry = 'point' and is_active
    ), spot as (
        select row_number() over () as n, st_x(d.geom) as x, st_y(d.geom) as y
        from cell, st_dump(st_generatepoints(
            geom, (select ceil({rows}::numeric / count(*))::int from cell), 7)) d
    )
    select s.n as "序号", k.code as "小类代码", k.name as "小类名称",
           round(s.x::numeric, 7) as "经度", round(s.y::numeric, 7) as "纬度",
           '东城区城市管理委员会' as "主管部门", '第' || s.n % 900 || '养护所' as "养护单位",
           '2020-01-02' as "初始日期", '' as "备注"
    from spot s join class k on k.n = s.n % k.classes
    where s.n <= {rows}
) to stdout (format csv, header)
"""


@dataclass(slots=True)
class Imported:
    """How the import of the register went."""

    seconds: float = 0.0
    floor_s: float = 0.0
    peak_mb: float = 0.0
    rows: int = 0
    cells: int = 0
    accepted: int = 0
    failure: str = ""
    missed: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_s if self.floor_s else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows, "cells": self.cells,
            "rows_per_s": round(self.rows / self.seconds) if self.seconds else 0,
            "seconds": round(self.seconds, 2), "copy_floor_s": round(self.floor_s, 2),
            "ratio": round(self.ratio, 2), "peak_mb": round(self.peak_mb),
            "accepted": self.accepted, "missed": self.missed,
        }  # fmt: skip


def measure_import(register: Path, most_s: float = MOST_S) -> Imported:
    """Import the register with everything that belongs to it, then copy the same rows barely."""
    before = last_part()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "refused.xlsx")
        command = [
            sys.executable, "manage.py", "import_parts", str(register), "--scheme", SCHEME,
            "--commit", "--report", str(report),
        ]  # fmt: skip
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(os.environ), stdout=said, stderr=said,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seen = Imported(
            time.monotonic() - began, peak_mb=used.ru_maxrss / 1024,
            cells=Cell.objects.current().count(),
        )  # fmt: skip
        if process.returncode:
            said.seek(0)
            seen.failure = said.read().decode(errors="replace").strip()[-400:]
            seen.missed.append("the import failed")
            return seen
    with gzip.open(register, "rb") as packed:
        seen.rows = sum(block.count(b"\n") for block in iter(lambda: packed.read(1 << 20), b"")) - 1
    seen.accepted, seen.floor_s = copy_again(before)
    judge(seen, most_s)
    return seen


@contextmanager
def wide_register(rows: int) -> Iterator[Path]:
    """A register of that many rows, strewn over all cells and all classes of points."""
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        path = Path(folder, "wide.csv.gz")
        statement = WIDE_SQL.format(rows=int(rows), scheme=SCHEME)
        with gzip.open(path, "wb", compresslevel=1) as packed, cursor.copy(statement) as copy:
            for block in copy:
                packed.write(block)
        yield path


def last_part() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from parts_part")
        found: int = cursor.fetchone()[0]
        return found


def copy_again(after: int) -> tuple[int, float]:
    """How many parts are new, and how long COPY takes for them into a table with equal indexes."""
    with connection.cursor() as cursor, tempfile.TemporaryFile() as kept:
        cursor.execute("create table bench_part (like parts_part including all)")
        cursor.execute("insert into bench_part select * from parts_part where id <= %s", [after])
        with cursor.copy(f"copy (select * from parts_part where id > {after}) to stdout") as copy:
            for block in copy:
                kept.write(block)
        kept.seek(0)
        began = time.monotonic()
        with cursor.copy("copy bench_part from stdin") as copy:
            while block := kept.read(1 << 20):
                copy.write(block)
        took = time.monotonic() - began
        cursor.execute("select count(*) from bench_part where id > %s", [after])
        count = cursor.fetchone()[0]
        cursor.execute("drop table bench_part")
        cursor.execute("vacuum (analyze) parts_part")
    return count, took


def judge(seen: Imported, most_s: float) -> None:
    if seen.seconds > most_s:
        seen.missed.append(f"{seen.seconds:.1f} > {most_s:.0f} s")
    if seen.ratio > MOST_RATIO:
        seen.missed.append(f"{seen.ratio:.1f} × COPY > {MOST_RATIO:.0f} ×")
    if seen.peak_mb > MOST_MB:
        seen.missed.append(f"{seen.peak_mb:.0f} > {MOST_MB:.0f} MB")
