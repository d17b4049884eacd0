"""Snapshots: the same bytes for ever, and what comes after the end moves only what it may."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from assessment.indicators import FORMER, INDICATORS, defined_as
from assessment.models import Scheme, Snapshot, SnapshotKind
from assessment.periods import months_within, names_that_ended, period_named
from assessment.selectors.snapshots import period_of
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.snapshots import (
    content_of,
    fingerprint,
    make_due_snapshots,
    make_snapshot,
    replay,
    rows_that_moved,
)
from cases.workflow import State
from dispatch.models import Department
from dispatch.services.checking import fail_check
from dispatch.simulation.simulate import Order, simulate_in_bulk, simulate_live
from gridcity.contracts import Invalid, NotAllowed
from tests.district import at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

JULY = at("12:00", on="2026-07-15")


def snapshot(kind=SnapshotKind.PROVISIONAL, scheme="department", name="2026-06", now=JULY):
    """Made, and read again as the database tells it: its instants are in UTC then."""
    while refresh_facts():
        pass
    made = make_snapshot(name=name, scheme_key=scheme, kind=kind, at=now)
    return Snapshot.objects.get(pk=made.pk)


def row(content, key):
    return next(one for one in json.loads(content)["rows"] if one["key"] == key)


@pytest.fixture
def closed(district):
    """A case of June, closed well before its end."""
    return start(district=district, state=State.CLOSED, reported_at=at("08:30"))


def test_made_twice_it_is_the_same_and_counted_anew_it_has_the_same_bytes(closed):
    made = snapshot()
    assert snapshot().pk == made.pk
    assert fingerprint(made.content) == made.sha256
    assert replay(made) == made.content
    rebuild_facts()
    assert replay(made) == made.content
    counts = row(made.content, "s201")["counts"]
    assert (counts["handled"], counts["dispatches"]) == (1, 1)


def test_a_definition_that_was_replaced_stays_computable(closed, district):
    """A snapshot is counted again by the versions that it names, to the byte."""
    late = start(district=district, state=State.TO_CHECK, reported_at=at("20:00", on="2026-06-30"))
    late.now = at("09:00", on="2026-07-01")
    late.step("send_check")
    fail_check(
        number=late.number, actor=late.assignee, at=late.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    with defined_as(dict(FORMER.keys())):
        made = snapshot(SnapshotKind.FINAL)
    assert json.loads(made.content)["definitions"]["rework"] == 1
    assert row(made.content, "s201")["counts"]["rework"] == 0
    assert replay(made) == made.content
    today = content_of(made.scheme, period_named("2026-06", made.as_of))
    assert json.loads(today)["definitions"]["rework"] == INDICATORS["rework"].version > 1
    assert row(today, "s201")["counts"]["rework"] == 1


def test_the_list_behind_an_old_snapshot_is_counted_by_the_definitions_of_then(
    district, browser_client
):
    """Each number opens what was counted, whatever the definition became."""
    late = start(district=district, state=State.TO_CHECK, reported_at=at("20:00", on="2026-06-30"))
    late.now = at("09:00", on="2026-07-01")
    late.step("send_check")
    late.step("check_passed")
    with defined_as(dict(FORMER.keys())):
        made = snapshot(SnapshotKind.FINAL)
    counted = row(made.content, "s201")["counts"]["finishes_checked"]
    browser_client.enter(district.user("official-1"))

    def total(period, status=200):
        address = period.address("/dashboard/list/", figure="rework", department="s201")
        answer = browser_client.get(address)
        assert answer.status_code == status
        return re.findall(r'<a href="[^"]*figure=finishes_checked[^"]*">(\d+)</a>',
                          answer.content.decode())  # fmt: skip

    period = period_of(made)
    assert ("finishes_checked", 1) in period.former
    assert total(period) == [str(counted)] == ["0"]
    assert total(replace(period, former=())) == ["1"]
    assert period_of(snapshot(SnapshotKind.PROVISIONAL)).former == ()
    for wrong in ((("<b>", 1),), (("rework", -1),)):
        total(replace(period, former=wrong), status=400)
    assert total(replace(period, former=(("moon", 7),))) == ["1"]


def test_names_stay_as_they_were(closed, district):
    made = snapshot()
    Department.objects.filter(code="s201").update(name="改名后的单位")
    assert replay(made) == made.content


def test_a_check_that_fails_after_the_end_moves_the_final_figures_and_not_the_provisional(district):
    walked = start(
        district=district, state=State.CHECKING, reported_at=at("20:00", on="2026-06-30")
    )
    before = snapshot()
    walked.now = at("09:00", on="2026-07-02")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    final = snapshot(SnapshotKind.FINAL)
    assert replay(before) == before.content, "as of then it is what it was, to the byte"
    assert row(before.content, "s201")["counts"]["handled"] == 1
    assert row(final.content, "s201")["counts"]["handled"] == 0
    assert rows_that_moved(before.content, final.content) == ["s201"]


def test_a_case_closed_at_the_very_end_belongs_to_the_next_month(district):
    walked = start(
        district=district, state=State.TO_CLOSE, reported_at=at("20:00", on="2026-06-30")
    )
    walked.now = at("00:00", on="2026-07-01") - timedelta(minutes=1)
    walked.step("close")
    june, july = snapshot(scheme="region-street"), None
    july = snapshot(scheme="region-street", name="2026-07", now=at("12:00", on="2026-08-02"))
    street = walked.case.street.code
    closed = [row(one.content, street)["counts"]["closed"] for one in (june, july)]
    assert closed == [0, 1]


def test_before_its_data_time_there_is_none(closed):
    with pytest.raises(NotAllowed):
        snapshot(now=at("12:00", on="2026-06-20"))
    with pytest.raises(NotAllowed):
        snapshot(SnapshotKind.FINAL, now=at("12:00", on="2026-07-05"))
    with pytest.raises(Invalid):
        snapshot(scheme="no-such-scheme")
    with pytest.raises(Invalid):
        snapshot(name="2026-13")
    assert not Snapshot.objects.exists()


def test_while_events_wait_to_be_counted_nothing_is_written_down(closed):
    with pytest.raises(NotAllowed):
        make_snapshot(name="2026-06", scheme_key="department", kind=SnapshotKind.PROVISIONAL,
                      at=JULY)  # fmt: skip


def test_the_database_keeps_snapshots_and_schemes_as_they_are(closed):
    made = snapshot()
    for act in (
        lambda: Snapshot.objects.filter(pk=made.pk).update(content="{}"),
        lambda: Snapshot.objects.filter(pk=made.pk).delete(),
        lambda: Scheme.objects.filter(key="department").update(name="别的"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_closed_periods_are_written_down_once_by_the_clock(closed):
    while refresh_facts():
        pass
    now = at("00:10", on="2026-06-11")
    assert make_due_snapshots(now, most=3) == 3
    assert make_due_snapshots(now, most=1000) == 6, "the day of the case, under nine schemes"
    assert make_due_snapshots(now) == 0
    of_the_day = Snapshot.objects.get(period="2026-06-10", scheme__key="department")
    assert row(of_the_day.content, "s201")["counts"]["handled"] == 1


def test_a_scheme_holds_from_its_date(closed, district):
    first = Scheme.objects.get(key="department")
    second = Scheme.objects.create(
        key="department", version=2, name=first.name, subject=first.subject, terms=first.terms[1:],
        grades=first.grades, valid_from=at("00:00", on="2026-06-15").date(), is_active=True,
        is_shipped=True,
    )  # fmt: skip
    june = snapshot()
    assert june.scheme == first, "a scheme changed in mid-month holds from the next"
    july = snapshot(name="2026-07", now=at("12:00", on="2026-08-02"))
    assert july.scheme == second


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-06-10", "2026-06-10", "2026-06-10"),
        ("2026-W24", "2026-06-08", "2026-06-14"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2024", "2024-01-01", "2024-12-31"),
    ],
)
def test_periods_are_named(name, first, last):
    period = period_named(name, JULY)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize("name", ["", "2026-00", "2026-Q5", "2026-H0", "2026-W60", "Juni", "20"])
def test_what_names_no_period_is_refused(name):
    with pytest.raises(Invalid):
        period_named(name, JULY)


def test_the_months_of_a_quarter_and_of_what_has_none():
    assert [one.key for one in months_within(period_named("2026-Q2", JULY))] == [
        "2026-04", "2026-05", "2026-06",
    ]  # fmt: skip
    assert months_within(period_named("2026-W24", JULY)) == []


def test_what_ended_lately_is_listed_shortest_first():
    names = names_that_ended(at("00:00", on="2026-07-01"), timedelta(days=3))
    assert names == ["2026-06-28", "2026-06-29", "2026-06-30", "2026-W26", "2026-06", "2026-Q2",
                     "2026-H1"]  # fmt: skip


def test_the_commands_print_figures_and_the_fingerprint(closed, capsys):
    while refresh_facts():
        pass
    call_command("figures", period="2026-06", by="department", json=True)
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"period", "as_of", "scheme", "rows"}
    assert said["scheme"] == {"key": "department", "version": 1, "name": "专业部门综合评价"}
    call_command("figures", period="2026-06", by="department", json=True,
                 scheme="department-monthly", as_of="2026-07-11T00:00")  # fmt: skip
    monthly = json.loads(capsys.readouterr().out)
    assert monthly["scheme"]["key"] == "department-monthly"
    assert monthly["as_of"] == "2026-07-11T00:00:00+08:00"
    for wrong in ({"scheme": "region-street"}, {"period": "2026-13"}):
        with pytest.raises(CommandError):
            call_command("figures", **{"period": "2026-06", "by": "department", **wrong})
    first = next(one for one in said["rows"] if one["key"] == "s201")
    assert set(first) == {"key", "name", "counts", "rates"}
    assert first["counts"]["handled"] == 1
    assert first["rates"]["handled_share"] == "1.0000"
    assert first["rates"]["rework"] in {None, "0.0000"}
    call_command("snapshot", period="2026-06", scheme="department", replay=True)
    name, scheme, kind, sha256 = capsys.readouterr().out.splitlines()[0].split("\t")
    assert (name, scheme, kind) == ("2026-06", "department v1", "provisional")
    assert Snapshot.objects.get().sha256 == sha256
    with pytest.raises(CommandError):
        call_command("snapshot", period="2026-13", scheme="department")
    assert content_of(
        Snapshot.objects.get().scheme, period_named("2026-06", at("10:00", on="2026-06-11"))
    )


def test_the_same_life_simulated_on_another_day_gives_the_same_fingerprints(district):
    """Nothing of the day on which it is played, counted or written down enters a snapshot."""
    order = Order(first=date(2026, 6, 1), days=3, per_day=25, seed=3)
    runs = []
    keys = sorted(Scheme.objects.filter(is_active=True).values_list("key", flat=True))
    for now, by in ((JULY, simulate_in_bulk), (JULY + timedelta(days=100, hours=5), simulate_live)):
        with transaction.atomic():
            by(order)
            rebuild_facts()
            runs.append(
                [
                    snapshot(kind, scheme, name, now).sha256
                    for kind in (SnapshotKind.PROVISIONAL, SnapshotKind.FINAL)
                    for scheme in keys
                    for name in ("2026-06-02", "2026-06")
                ]
            )
            transaction.set_rollback(True)
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == len(runs[0])
