"""Events are appended, chained and never changed; the database itself refuses (domain law §11)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from cases.models import Case, Event
from cases.services import history
from cases.services.history import broken_links, first_broken
from cases.services.reporting import ReporterInput, fingerprint
from dispatch.services.urging import urge_case
from tests.factories import PATHS, CaseFactory


def sql(statement: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.mark.parametrize("state", sorted(PATHS))
def test_the_chain_of_every_walk_is_whole(make_case, state):
    case = make_case(state)
    assert list(broken_links([case.number])) == []
    events = list(case.events.all())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert bytes(events[0].prev_sha256) == bytes(32)
    assert bytes(events[-1].sha256) == bytes(case.last_sha256)
    for before, after in pairwise(events):
        assert bytes(after.prev_sha256) == bytes(before.sha256)
        assert after.at >= before.at


@pytest.mark.parametrize(
    "statement",
    [
        "update cases_event set reason = 'other' where case_id = %s",
        "update cases_event set at = at where case_id = %s",
        "delete from cases_event where case_id = %s",
    ],
)
def test_the_database_refuses_to_change_history(make_case, statement):
    case = make_case("TO_FILE")
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement, case.pk)
    assert first_broken(case) is None


def tamper(statement: str, *values: object) -> None:
    """Change history behind the trigger's back, as only a superuser of the server could."""
    sql("set local session_replication_role = replica")
    assert sql(statement, *values) > 0
    sql("set local session_replication_role = origin")


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update cases_event set reason = 'other' where case_id = %s and seq = 2", 2),
        ("update cases_event set changes = '{}' where case_id = %s and seq = 1", 1),
        ("update cases_event set at = at + interval '1 second' where case_id = %s and seq = 3", 3),
        ("update cases_event set actor_id = null where case_id = %s and seq = 2", 2),
        ("update cases_event set prev_sha256 = sha256 where case_id = %s and seq = 2", 2),
        ("delete from cases_event where case_id = %s and seq = 2", 2),
        ("delete from cases_event where case_id = %s and seq = 4", 4),
        ("update cases_case set last_sha256 = decode('00', 'hex') where id = %s", 5),
        ("update cases_case set state = 'TO_CHECK' where id = %s", 4),
    ],
)
def test_the_first_broken_link_is_named(make_case, capsys, statement, seq):
    case = make_case("HANDLING")
    tamper(statement, case.pk)
    broken = list(broken_links())
    assert [(link.number, link.seq) for link in broken] == [(case.number, seq)]
    with pytest.raises(CommandError):
        call_command("verify_history")
    assert f"{case.number} #{seq}" in capsys.readouterr().out


def test_verifying_a_whole_history_says_so(make_case, capsys):
    make_case("CLOSED")
    call_command("verify_history")
    assert capsys.readouterr().out


def test_a_case_that_moves_while_all_are_verified_is_not_called_broken(walk, monkeypatch):
    going, looked = walk("TO_FILE"), []

    def look(case):
        if not looked:
            urge_case(number=case.number, actor=going.actor("official-1"), at=going.now)
        looked.append(first_broken(case))
        return looked[-1]

    monkeypatch.setattr(history, "first_broken", look)
    assert list(broken_links()) == []
    assert [found is None for found in looked] == [False, True]


def test_a_case_that_there_is_not_is_no_whole_history(make_case):
    known = make_case("CLOSED")
    with pytest.raises(CommandError, match="11010120260000000"):
        call_command("verify_history", known.number, "11010120260000000")


def test_personal_values_lie_outside_the_chain(district):
    case = CaseFactory(
        district=district, by="acceptor-1", source="HOTLINE",
        reporter=ReporterInput("王小明", "13800001111", True),
    )  # fmt: skip
    reporter = case.reporters.get()
    event = case.events.get()
    assert "王小明" not in str(event.changes)
    assert "13800001111" not in str(event.changes)
    assert event.changes["reporter"]["name"] == fingerprint(reporter.salt, "王小明")
    assert len(bytes(reporter.salt)) == 16


def test_purging_personal_values_leaves_the_chain_whole(district, at):
    case = CaseFactory(
        district=district, by="acceptor-1", source="HOTLINE",
        reporter=ReporterInput("王小明", "13800001111", True),
    )  # fmt: skip
    case.reporters.update(name="", phone="", salt=b"", purged_at=at())
    assert first_broken(Case.objects.get(pk=case.pk)) is None


def test_a_phone_that_is_ahead_is_cut_to_the_instant_of_recording_and_flagged(walk, at):
    ahead = walk(occurred_at=at("10:30"), reported_at=at("10:00")).case.events.get()
    assert (ahead.occurred_at, ahead.time_flagged) == (at("10:00"), True)


@pytest.mark.parametrize(("before", "flagged"), [(24, False), (24.01, True), (1, False)])
def test_an_event_older_than_a_day_is_flagged(walk, at, before, flagged):
    seen = at("10:00") - timedelta(hours=before)
    event = walk(occurred_at=seen, reported_at=at("10:00")).case.events.get()
    assert (event.occurred_at, event.time_flagged) == (seen, flagged)


def test_the_database_refuses_what_occurs_after_it_is_recorded(make_case, at):
    case = make_case()
    last = case.events.get()
    last.pk, last.seq, last.occurred_at = None, 2, last.at + timedelta(seconds=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        last.save(force_insert=True)
    assert Event.objects.filter(case=case).count() == 1
