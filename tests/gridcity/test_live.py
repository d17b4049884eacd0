"""The live stream: announced with the commit, capped, without case data, ended at the exit."""

from __future__ import annotations

import json
import queue
import threading

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from cases.models import Case, Event
from cases.models.notice import NoticeKind
from cases.services.notices import deliver, notify
from cases.workflow import State
from gridcity import live
from gridcity.contracts import Role
from gridcity.live import Full, Hub, Messages, filter_for, key_of, message_of, put, told
from gridcity.models import User
from gridcity.server import Worker
from tests.district import USER_OF_ROLE, lay_out

PATIENCE_S = 10


def no_database():
    raise psycopg.OperationalError("away")


@pytest.fixture
def small_hub(monkeypatch):
    """A hub with two places, whose listener finds no database."""
    hub = Hub(2, no_database)
    monkeypatch.setattr(live, "hub", hub)
    yield hub
    hub.close()


def everything(change):
    return True


# ---------------------------------------------------------------- the hub


def test_a_hub_takes_no_more_streams_than_it_has_threads(small_hub):
    first = small_hub.join(everything, None)
    small_hub.join(everything, None)
    with pytest.raises(Full):
        small_hub.join(everything, None)
    assert small_hub.is_full
    small_hub.leave(first)
    small_hub.join(everything, None)


def test_a_hub_that_closes_ends_its_streams_and_takes_no_more(small_hub):
    messages = Messages(small_hub.join(everything, None))
    next(messages)
    small_hub.close()
    assert list(drained(messages)) == []
    with pytest.raises(Full):
        small_hub.join(everything, None)


def drained(messages):
    """What is left in a stream; what the listener said of its own connection is left out."""
    return (part for part in messages if b"degraded" not in part)


def test_a_stream_hears_only_what_concerns_it_and_all_of_it_in_one_parcel(small_hub):
    filing = filter_for(frozenset({Role.SUPERVISOR}))
    inbox = small_hub.join(filing, None)
    checked = {"case": 2, "from": "TO_CHECK", "to": "CHECKING"}
    reworked = {"case": 3, "from": "CHECKING", "to": "HANDLING"}
    small_hub._put_to_all([{"case": 1, "from": "TO_FILE", "to": "TO_DISPATCH"}])
    small_hub._put_to_all([checked, reworked])
    heard = [parcel for parcel in waiting(inbox) if b"degraded" not in parcel]
    assert heard == [message_of(checked) + message_of(reworked)]


def waiting(inbox):
    while not inbox.empty():
        yield inbox.get_nowait()


def test_a_browser_that_cannot_follow_is_told_to_read_everything_anew():
    inbox = queue.SimpleQueue()
    for number in range(live.BACKLOG + 1):
        put(inbox, message_of({"case": number}))
    assert list(waiting(inbox)) == [live.RESYNC]


def test_a_stream_begins_by_having_the_page_read_again_and_beats_when_nothing_happens(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.01)
    messages = Messages(queue.SimpleQueue())
    assert b"event: resync" in next(messages)
    assert b"event: beat" in next(messages)


# ---------------------------------------------------------------- what is told


def test_a_stream_tells_neither_number_nor_state_of_a_case():
    said = told({"case": 4711, "from": "TO_FILE", "to": "TO_DISPATCH"})
    assert said == {"key": key_of(4711), "turns": ["dispatcher", "duty_chief"]}
    assert "4711" not in json.dumps(said)
    assert key_of(4711) != key_of(4712)


def test_whatever_else_comes_over_the_channel_harms_nothing():
    strange = ["no JSON", "7", '{"from": ["x"]}', '{"to": 3}', '{"type": {}}', '{"type": null}']
    assert list(live.changes_in(strange)) == []
    (change,) = live.changes_in(['{"case": null, "from": "x"}'])
    assert told(change)["turns"] == []


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CLIENT])
def test_who_reads_no_cases_hears_nothing(role):
    assert filter_for(frozenset({role})) is None


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.DEPARTMENT])
def test_the_command_side_does_not_hear_what_happens_before_filing(role):
    wanted = filter_for(frozenset({role}))
    assert not wanted({"from": State.REPORTED, "to": State.TO_FILE})
    assert wanted({"from": State.TO_FILE, "to": State.TO_DISPATCH})


def test_only_its_reader_hears_of_new_messages_and_nothing_of_what_they_say():
    wanted = filter_for(frozenset({Role.SUPERVISOR}), 7)
    assert wanted({"readers": [5, 7]})
    assert not wanted({"readers": [5]})
    assert not wanted({"readers": 7})
    assert message_of({"readers": [5, 7]}) == b"event: messages\ndata: {}\n\n"


# ---------------------------------------------------------------- the address


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_only_roles_that_read_cases_get_a_stream(small_hub, browser_client, district, role):
    browser_client.enter(district.user(USER_OF_ROLE[role]))
    refused = role in {Role.ADMINISTRATOR, Role.CLIENT}
    assert browser_client.get("/live/?ask").status_code == (403 if refused else 204)


def test_without_a_login_there_is_no_stream(client, db):
    assert client.get("/live/").status_code == 401
    assert client.post("/live/").status_code == 405


def test_over_the_cap_a_browser_is_told_to_come_again(small_hub, browser_client, district):
    small_hub.join(everything, None)
    small_hub.join(everything, None)
    browser_client.enter(district.user("official-1"))
    for path in ("/live/", "/live/?ask"):
        answer = browser_client.get(path)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0


@pytest.mark.django_db(transaction=True)
def test_a_stream_is_not_kept_by_caches_and_frees_its_place_when_it_ends(small_hub):
    client = Client()
    client.force_login(
        lay_out().user("official-1"), backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.get("/live/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["X-Accel-Buffering"] == "no"
    assert "no-cache" in answer["Cache-Control"]
    assert len(small_hub) == 1
    assert b"resync" in next(iter(answer.streaming_content))
    answer.close()
    assert len(small_hub) == 0


# ---------------------------------------------------------------- from the database to the page


def an_event(case: Case, seq: int) -> Event:
    return Event(
        case=case, seq=seq, action="urge", role="official", occurred_at=case.reported_at,
        at=case.reported_at, from_state=case.state, to_state=case.state,
        prev_sha256=bytes(32), sha256=bytes(32),
    )  # fmt: skip


@pytest.fixture
def hearing(transactional_db):
    """A connection that listens; `hearing()` answers with what was announced so far."""
    with live.connect() as listener:
        listener.execute("LISTEN live")

        def heard():
            return [json.loads(n.payload) for n in listener.notifies(timeout=0.3)]

        yield heard


@pytest.fixture
def case(transactional_db):
    from tests.factories import start

    return start(district=lay_out()).case


def test_an_event_is_announced_with_its_commit_and_never_without(hearing, case):
    hearing()
    with transaction.atomic():
        an_event(case, 50).save(force_insert=True)
        assert hearing() == []
    assert hearing() == [{"case": case.pk, "from": "REPORTED", "to": "REPORTED"}]
    with transaction.atomic():
        an_event(case, 51).save(force_insert=True)
        transaction.set_rollback(True)
    assert hearing() == []


def test_a_bulk_load_says_once_that_all_is_to_be_read_anew(hearing, case):
    hearing()
    Event.objects.bulk_create([an_event(case, seq) for seq in range(100, 160)])
    assert hearing() == [{"type": "resync"}]


def test_a_delivered_message_rings_the_bell_of_its_reader(hearing, case):
    reader = User.objects.get(username="acceptor-1")
    notify(case, [reader.pk], NoticeKind.ENDED, at=case.reported_at)
    hearing()
    assert deliver(at=case.reported_at) == 1
    assert hearing() == [{"readers": [reader.pk]}]


def test_an_event_reaches_an_open_stream(case):
    hub = Hub(5, live.connect)
    inbox = hub.join(filter_for(frozenset({Role.OFFICIAL})), None)
    try:
        assert inbox.get(timeout=PATIENCE_S) == live.RESYNC  # now it listens
        an_event(case, 50).save(force_insert=True)
        assert key_of(case.pk).encode() in inbox.get(timeout=PATIENCE_S)
    finally:
        hub.close()
        for thread in hub._threads:
            thread.join(PATIENCE_S)


def test_a_listener_that_lost_the_database_comes_back_and_has_all_read_anew(case):
    hub = Hub(5, live.connect)
    inbox = hub.join(everything, None)
    try:
        assert inbox.get(timeout=PATIENCE_S) == live.RESYNC
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where "
                "application_name = 'gridcity-live' and datname = current_database()"
            )
        assert b"degraded" in inbox.get(timeout=PATIENCE_S)
        assert inbox.get(timeout=PATIENCE_S) == live.RESYNC
    finally:
        hub.close()
        for thread in hub._threads:
            thread.join(PATIENCE_S)


def test_a_worker_that_exits_ends_its_streams_first(small_hub, monkeypatch):
    from gunicorn.workers.gthread import ThreadWorker

    ended = threading.Event()
    monkeypatch.setattr(ThreadWorker, "handle_exit", lambda *said: ended.set())
    messages = Messages(small_hub.join(everything, None))
    next(messages)
    Worker.handle_exit(object.__new__(Worker), 15, None)
    assert list(drained(messages)) == []
    assert ended.is_set()
