"""The dry run of changed routing rules as long work: a month may hold forty thousand cases."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.selectors.paging import PAGE_SIZE
from dispatch.months import Month
from dispatch.reasons import sentence
from dispatch.selectors.rule_checks import DryRun, Moved, cases_named, dry_run
from dispatch.selectors.rule_lists import area_names
from jobs.kinds import Kind, register_kind
from jobs.models import Job
from jobs.work import Work

KEY = "dispatch.dry_run"
FILE = "dry-run.csv"
COLUMNS = ("number", "class_name", "street", "cell", "before", "after", "why")


def register() -> None:
    """Make the kind known; called when the app is ready."""
    register_kind(
        Kind(
            key=KEY,
            label=_("Dry run of the routing"),
            run=run,
            result_url=result_url,
            waits_there=True,
        )
    )


def result_url(job: Job) -> str:
    return f"{reverse('dispatch:rules-dry-run')}?job={job.pk}"


def run(work: Work) -> dict[str, Any]:
    """Ask every case of the month twice, and write down those that would move.

    Writes nothing to the database, so it may begin anew after a worker was lost.
    """
    said = work.arguments
    month = Month.parse(said["month"])
    today, on = date.fromisoformat(said["today"]), date.fromisoformat(said["on"])

    def tell(done: int, total: int) -> None:
        work.progress(step=__("Asking the rules for each case…"), done=done, total=total)

    found = dry_run(today=today, on=on, drafts=said["drafts"], month=month, tell=tell)
    with work.output(FILE) as path, path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings())
        for row in rows_of(found, work):
            writer.writerow(row)
    return {"asked": found.asked, "moved": len(found.moved), "pairs": pairs_of(found)}


def headings() -> list[str]:
    return [
        __("Case"), __("Class"), __("Street"), __("Cell"), __("Goes to today"),
        __("Would go to"), __("Why"),
    ]  # fmt: skip


def pairs_of(found: DryRun) -> list[tuple[str, str, int]]:
    """From and to department by name, with the number of cases, most first; empty is nobody."""
    names = {
        side.department.id: side.department.name
        for each in found.moved
        for side in (each.move.before, each.move.after)
        if side.department
    }
    return [
        (names.get(before or 0, ""), names.get(after or 0, ""), count)
        for before, after, count in found.pairs()
    ]


def rows_of(found: DryRun, work: Work) -> Iterator[tuple[str, ...]]:
    """The cases that would move, with both answers and the reason of the new one."""
    names, total = area_names(), len(found.moved)
    for start in range(0, total, PAGE_SIZE):
        some = found.moved[start : start + PAGE_SIZE]
        cases = cases_named(each.case_id for each in some)
        yield from (row_of(each, cases[each.case_id], names) for each in some)
        work.progress(step=__("Writing the list…"), done=start + len(some), total=total)


def row_of(each: Moved, case: Any, names: Mapping[str, str]) -> tuple[str, ...]:
    before, after = each.move.before, each.move.after
    entry = case.catalogue_class
    of_class = {entry.code: f"{entry.code} {entry.name}"}
    return (
        case.number, entry.name, case.street.name, case.cell.code,
        before.department.name if before.department else "",
        after.department.name if after.department else "",
        sentence(after, {**names, **of_class}),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MovedPage:
    """Some of the cases that would move, and how many there are."""

    rows: list[dict[str, str]]
    total: int


def moved_page(job: Job, *, pair: tuple[str, str] | None, number: int) -> MovedPage:
    """One page of what a finished dry run has found, of one pair of departments or of all."""
    kept = next((each["file"] for each in job.outputs if each["name"] == FILE), "")
    if not kept or not default_storage.exists(kept):
        return MovedPage([], 0)
    with default_storage.open(kept, "rb") as stored:
        lines = (line.decode("utf-8-sig") for line in stored)
        rows = islice(csv.reader(lines), 1, None)
        listed = [
            dict(zip(COLUMNS, row, strict=True))
            for row in rows
            if pair is None or (row[4], row[5]) == pair
        ]
    return MovedPage(listed[number * PAGE_SIZE : (number + 1) * PAGE_SIZE], len(listed))
