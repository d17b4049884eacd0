"""`import`: a real register of 181,144 rows, beside COPY of the rows that were accepted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from bench.server import ROOT

SCHEME = "CJT214-2007"
MOST_S, MOST_RATIO, MOST_MB = 20.0, 10.0, 500.0
# The register is public data of another city that lies beside the product, not in it.
REGISTER = ROOT.parent / "shared" / "data" / "tree_register_181k.csv.gz"


@dataclass(slots=True)
class Imported:
    """How the import of the register went."""

    seconds: float = 0.0
    floor_s: float = 0.0
    peak_mb: float = 0.0
    accepted: int = 0
    failure: str = ""
    missed: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_s if self.floor_s else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 2), "copy_floor_s": round(self.floor_s, 2),
            "ratio": round(self.ratio, 2), "peak_mb": round(self.peak_mb),
            "accepted": self.accepted, "missed": self.missed,
        }  # fmt: skip


def measure_import(register: Path) -> Imported:
    """Import the register with everything that belongs to it, then copy the same rows barely."""
    before = last_part()
    command = [
        sys.executable, "manage.py", "import_parts", str(register), "--scheme", SCHEME, "--commit",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(os.environ), stdout=said, stderr=said,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seen = Imported(seconds=time.monotonic() - began, peak_mb=used.ru_maxrss / 1024)
        if process.returncode:
            said.seek(0)
            seen.failure = said.read().decode(errors="replace").strip()[-400:]
            seen.missed.append("the import failed")
            return seen
    seen.accepted, seen.floor_s = copy_again(before)
    judge(seen)
    return seen


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


def judge(seen: Imported) -> None:
    if seen.seconds > MOST_S:
        seen.missed.append(f"{seen.seconds:.1f} > {MOST_S:.0f} s")
    if seen.ratio > MOST_RATIO:
        seen.missed.append(f"{seen.ratio:.1f} × COPY > {MOST_RATIO:.0f} ×")
    if seen.peak_mb > MOST_MB:
        seen.missed.append(f"{seen.peak_mb:.0f} > {MOST_MB:.0f} MB")
