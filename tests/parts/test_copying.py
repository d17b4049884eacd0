"""Rows that are copied are those that the models would have written."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.db.models import Max

from cases.models import Event, Photo
from dispatch.models import Turn
from jobs.models import Job
from parts.models import Place
from parts.services.copying import columns_of, copy_rows
from tests.district import at, known_place

pytestmark = pytest.mark.django_db

# What means something to COPY, to a list or to JSON; and what looks like nothing at all.
HARD = [
    "", "\\", r"\N", "\\n", "a\tb", "a\nb\r", 'a "word"', "{a,b}", "None", "null", "井盖", "\u3000",
]  # fmt: skip


def check(row, **news):
    """Copy a row to the id after the last, with some values of its own; all come back."""
    model = type(row)
    rows = model.objects.values(*columns_of(model))
    last = model.objects.aggregate(last=Max("pk"))["last"]
    said = rows.get(pk=row.pk) | {"id": last + 1} | news
    copy_rows(model, [tuple(map(as_stored, said.values()))])
    assert plain(rows.get(pk=last + 1)) == plain(said)


def as_stored(value):
    return value.hexewkb.decode() if isinstance(value, Point) else value


def plain(said):
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in said.items()
    }


@pytest.mark.parametrize("words", HARD)
def test_texts_and_documents_come_back_as_they_were(district, words):
    row = Job.objects.create(
        kind="k", title="t", actor={}, language="zh-hans", asked_at=at(), state=Job.State.DONE,
        started_at=at(), ended_at=at("11:00"),
    )  # fmt: skip
    check(
        row, title=words, error=words, result={"a": [words, {words or "b": None}]}, rate=0.5,
        key=uuid4(), outputs=[], total=None,
    )  # fmt: skip


@pytest.mark.parametrize("words", HARD)
def test_lists_come_back_as_they_were(district, words):
    row = known_place("珠市口", 0, 0)
    check(row, code="copied", aliases=[words, "a", words], former_names=[])


def test_a_case_s_rows_come_back_as_they_were(make_case):
    case = make_case("CLOSED")
    event = Event.objects.filter(case=case).order_by("seq").last()
    check(event, seq=event.seq + 1, reason="\\", changes={"words": 'a\t"b"'})
    check(
        Turn.objects.get(case=case),
        number=2,
        ended_at=at("12:00"),
        end_kind="closed",
        used=timedelta(1, 2, 3),
    )
    check(Photo.objects.filter(case=case).first())


def test_no_rows_are_no_statement(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        copy_rows(Place, [])
