"""An edition is published while others write into cells: each waits for the other, none is lost."""

from __future__ import annotations

import csv
import threading
import time

import pytest
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from gridcity.contracts import CLOCK
from parts.models import Part
from parts.services.grid.publishing import publish_draft
from parts.services.imports.register import import_parts
from parts.services.register import add_part, move_part
from tests.district import at, point, square
from tests.parts.boundary_files import cells_file, cells_of, check, draft_of, load, quiet, ring

pytestmark = pytest.mark.django_db(transaction=True)
A1, A2, NEW = "110101001001001", "110101001001002", "110101001001004"
PATIENCE_S = 30


@pytest.fixture
def draft(district, tmp_path):
    """A checked draft in which A1 and A2 are one new cell."""
    cells = cells_of(district)
    del cells[A1], cells[A2]
    cells[NEW] = ring(square(0, 0, 0, 2))
    made = draft_of(district)
    load(district, made, cells_file(tmp_path, cells))
    check(district, made)
    made.refresh_from_db()
    return made


def publish(district, draft):
    publish_draft(
        actor=district.actor("administrator"), at=at(), edition_id=draft.pk,
        version=draft.version, progress=quiet,
    )  # fmt: skip


def census(tmp_path):
    """A register of one cover in A1."""
    path = tmp_path / "census.csv"
    lon, lat = point(0, 0, 0.25, 0.25)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerows([["序号", "小类代码", "经度", "纬度"], ["1", "0101", lon, lat]])
    return path


class Told:
    """A progress that says at which step an import is, and can stop it there."""

    def __init__(self, stop_at=""):
        self.stop_at, self.go_on, self.seen = stop_at, threading.Event(), []

    def start(self, rows):
        pass

    def step(self, rows):
        pass

    def stage(self, sentence):
        self.seen.append(sentence)
        if sentence == self.stop_at:
            assert self.go_on.wait(PATIENCE_S)

    def wait_for(self, sentence):
        until = time.monotonic() + PATIENCE_S
        while sentence not in self.seen and time.monotonic() < until:
            time.sleep(0.02)
        assert sentence in self.seen


@pytest.fixture
def beside():
    """Do something in a connection of its own; what it raised is raised at the end."""
    threads, problems = [], []

    def begin(work):
        def run():
            try:
                work()
            except Exception as problem:
                problems.append(problem)
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield begin
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not problems


def somebody_waits():
    """Return when a connection waits for a lock."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from pg_locks where not granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def cell_of(**which):
    return Part.objects.select_related("cell__edition").get(**which).cell


def test_an_import_waits_for_a_publication_and_finds_the_new_cells(
    district, draft, tmp_path, beside
):
    told, path = Told(), census(tmp_path)
    with transaction.atomic():
        publish(district, draft)
        importing = beside(
            lambda: import_parts(
                actor=CLOCK, at=at(), path=path, scheme="CJT214-2007", commit=True,
                source_key="census", progress=told,
            )
        )  # fmt: skip
        told.wait_for("正在等待网格版本发布完成")
        assert not Part.objects.filter(source_key="census").exists()
    importing.join(PATIENCE_S)
    assert cell_of(source_key="census").code == NEW


def test_a_publication_waits_for_an_import_and_takes_its_parts_along(
    district, draft, tmp_path, beside
):
    told, path = Told(stop_at="写入"), census(tmp_path)
    importing = beside(
        lambda: import_parts(
            actor=CLOCK, at=at(), path=path, scheme="CJT214-2007", commit=True,
            source_key="census", progress=told,
        )
    )  # fmt: skip
    told.wait_for(told.stop_at)
    publishing = beside(lambda: publish(district, draft))
    somebody_waits()
    told.go_on.set()
    importing.join(PATIENCE_S)
    publishing.join(PATIENCE_S)
    found = cell_of(source_key="census")
    assert (found.code, found.edition.pk) == (NEW, draft.pk)


@pytest.mark.parametrize("way", ["add", "move"])
def test_a_part_that_is_placed_during_a_publication_gets_a_cell_of_the_new_edition(
    district, draft, beside, way
):
    place = Point(*point(1, 0, 0.3, 0.3), srid=4490)
    moved = district.parts[2]

    def put():
        actor = district.actor("administrator")
        if way == "add":
            add_part(
                actor=actor, at=at(), class_code="0101", geometry=place, said={"name": "新井盖"}
            )
        else:
            move_part(actor=actor, at=at(), part_id=moved.pk, geometry=place, reason="实地核实移位")

    with transaction.atomic():
        publish(district, draft)
        putting = beside(put)
        somebody_waits()
    putting.join(PATIENCE_S)
    found = cell_of(name="新井盖") if way == "add" else cell_of(pk=moved.pk)
    assert (found.code, found.edition.pk) == (NEW, draft.pk)
