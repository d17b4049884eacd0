"""What was written is deleted on demand; the chain stays whole and says so (domain law §11)."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases.free_text import DELETED, fingerprint_of, new_salt, seeded_salts, texts_of
from cases.models import Case, Delivery, Event
from cases.services.history import first_broken
from cases.services.purging import purge_words, what_is_left
from cases.services.transition import chain_sha256
from cases.workflow import State
from dispatch.services.forcing import force_close_case
from dispatch.services.reviews import ask_request, refuse_request
from dispatch.services.urging import urge_case
from gridcity.contracts import Invalid
from tests.cases.test_history import sql, tamper
from tests.factories import start

pytestmark = pytest.mark.django_db

REASON = "王小明说电话 13900000000，情况特殊"


@pytest.fixture
def walk(district):
    """In hand, an extension asked for and refused, then urged."""
    going = start(district=district, state=State.HANDLING, description="李老师家门口有垃圾")
    said = {"number": going.number, "at": going.now}
    ask_request(
        **said, actor=going.actor("department-s201"), version=going.case.version,
        kind="EXTENSION", reason=REASON,
    )  # fmt: skip
    request = going.case.requests.get()
    refuse_request(
        **said, actor=going.actor("department-s201-lead"), version=going.case.version,
        request_id=request.pk, reason="不符合延期条件",
    )  # fmt: skip
    urge_case(**said, actor=going.actor("official-1"), reason=REASON)
    return going


def everything_of(case):
    """All that the database keeps of a case, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table, column in (
            ("cases_case", "id"), ("cases_event", "case_id"), ("dispatch_request", "case_id"),
            ("cases_delivery", "case_id"), ("cases_message", "case_id"),
        ):  # fmt: skip
            cursor.execute(f"select to_jsonb(t) from {table} t where {column} = %s", [case.pk])
            rows += [str(row[0]) for row in cursor.fetchall()]
        cursor.execute(
            "select to_jsonb(s) from dispatch_requeststep s join dispatch_request r"
            " on r.id = s.request_id where r.case_id = %s", [case.pk],
        )  # fmt: skip
        rows += [str(row[0]) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_an_event_holds_the_fingerprint_of_what_was_written(walk):
    event = walk.case.events.get(action="ask_extension")
    texts = texts_of(event.reason, event.changes)
    assert texts == {"reason": REASON}
    assert len(bytes(event.words_salt)) == 16
    assert bytes(event.words_sha256) == fingerprint_of(bytes(event.words_salt), texts)
    silent = walk.case.events.get(action="accept")
    assert (bytes(silent.words_salt), silent.words_sha256) == (b"", None)
    assert first_broken(walk.case) is None


def test_deleted_on_demand_everywhere_with_the_chain_whole(walk, capsys):
    assert REASON in everything_of(walk.case)
    assert Delivery.objects.filter(values__words=REASON).exists()
    call_command("purge_personal_data", "--case", walk.number, "--words")
    assert "words of" in capsys.readouterr().out
    kept = everything_of(walk.case)
    for words in (REASON, "李老师", "不符合延期条件"):
        assert words not in kept
    assert walk.case.description == DELETED
    assert first_broken(walk.case) is None
    last = walk.case.events.last()
    assert (last.action, last.role) == ("purge_words", "clock")
    assert purge_words(at=walk.now, number=walk.number) == 0, "there is nothing more"
    assert walk.case.events.last() == last
    walk.step("finish")
    assert first_broken(walk.case) is None


def test_single_entries_only(walk):
    seq = walk.case.events.get(action="ask_extension").seq
    assert purge_words(at=walk.now, number=walk.number, seqs=[seq]) == 1
    assert walk.case.description == "李老师家门口有垃圾"
    assert walk.case.requests.get().reason == DELETED
    assert walk.case.events.last().changes["events"] == [seq]
    for wrong in ([99], [walk.case.events.get(action="accept").seq]):
        with pytest.raises(Invalid):
            purge_words(at=walk.now, number=walk.number, seqs=wrong)
    with pytest.raises(CommandError):
        call_command("purge_personal_data", "--words", "--entry", "1")
    with pytest.raises(CommandError):
        call_command("purge_personal_data", "--case", "9" * 17, "--words")


def as_before_fingerprints(case, upto):
    """The case as one that was reported before its words got fingerprints, chained as then."""
    link = bytes(32)
    sql("set local session_replication_role = replica")
    for event in case.events.order_by("seq"):
        if event.seq <= upto:
            event.words_salt, event.words_sha256 = b"", None
        event.prev_sha256 = link
        link = event.sha256 = chain_sha256(event, case.number)
        sql(
            "update cases_event set words_salt = %s, words_sha256 = %s, prev_sha256 = %s,"
            " sha256 = %s where id = %s",
            event.words_salt, event.words_sha256, event.prev_sha256, event.sha256, event.pk,
        )  # fmt: skip
    sql("update cases_case set last_sha256 = %s where id = %s", link, case.pk)
    sql("set local session_replication_role = origin")
    case.refresh_from_db()


def test_what_was_written_before_fingerprints_stays_and_the_command_says_so(walk, capsys):
    case = walk.case
    old = case.events.get(action="ask_extension").seq
    as_before_fingerprints(case, upto=old)
    assert first_broken(case) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("update cases_event set words_sha256 = sha256 where case_id = %s", case.pk)
    assert what_is_left(case.number).for_good == [1, old]
    with pytest.raises(CommandError):
        call_command("purge_personal_data", "--case", case.number, "--words")
    printed = capsys.readouterr().out
    assert f"{case.number}: 第 1, {old} 条早于文字指纹" in printed
    assert f"{case.number}: words of 2 entries purged" in printed
    assert first_broken(walk.case) is None
    kept = everything_of(case)
    assert "不符合延期条件" not in kept
    assert "李老师" in kept
    with pytest.raises(Invalid, match="早于文字指纹"):
        purge_words(at=walk.now, number=case.number, seqs=[old])


def test_a_case_that_goes_on_with_the_matter_is_named(walk, capsys):
    force_close_case(
        number=walk.number, actor=walk.actor("duty-chief-1"), at=walk.now, reason="久拖不决",
        successor=True,
    )  # fmt: skip
    following = Case.objects.exclude(pk=walk.case.pk).get()
    call_command("purge_personal_data", "--case", walk.number, "--words")
    assert f"other cases with its words: {following.number}" in capsys.readouterr().out
    call_command("purge_personal_data", "--case", following.number, "--words")
    assert "李老师" not in everything_of(walk.case) + everything_of(following)
    assert first_broken(Case.objects.get(pk=following.pk)) is None


MARK = json.dumps({"description": DELETED}, ensure_ascii=False)


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'other', words_salt = ''",
        "changes = changes || '{\"description\": \"another\"}', words_salt = ''",
        f"changes = changes || '{MARK}'",
        f"changes = changes || '{MARK}' || '{{\"cell\": 1}}', words_salt = ''",
        "words_sha256 = null",
        "at = at + interval '1 second', words_salt = ''",
    ],
)
def test_nothing_else_of_an_event_can_be_changed(walk, change):
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(
            f"update cases_event set {change} where case_id = %s and seq = 1",
            [walk.case.pk],
        )


def test_words_that_went_without_a_word_of_it_are_found(walk):
    tamper(
        f"update cases_event set changes = changes || '{MARK}', words_salt = ''"
        " where case_id = %s and seq = 1", walk.case.pk,
    )  # fmt: skip
    broken = first_broken(walk.case)
    assert broken is not None
    assert broken.seq == 1


def test_other_words_are_found(walk):
    tamper("update cases_event set reason = 'other' where case_id = %s and reason <> ''",
           walk.case.pk)  # fmt: skip
    assert first_broken(walk.case) is not None


def test_history_is_not_emptied_at_once():
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("select set_config('gridcity.may_truncate', 'off', true)")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("truncate cases_event cascade")
    assert not Event.objects.exists()


def test_salts_are_fresh_and_follow_a_seed_where_a_life_is_replayed():
    assert new_salt("1", 1) != new_salt("1", 1)
    with seeded_salts(7):
        first = new_salt("1", 1)
        assert first == new_salt("1", 1)
        assert first != new_salt("1", 2)
    assert new_salt("1", 1) != first
