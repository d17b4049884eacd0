"""Servers and workers are stopped and killed: the loop goes on, nothing twice, nothing lost."""

import time
import uuid

import pytest
import redis

pytestmark = pytest.mark.fault

HANDLED_AGO = 180  # minutes: three hours after, a limit of 30 minutes has passed all its marks
LEVELS = [0, 1, 2, 3, 4]


def redis_of(site):
    return redis.Redis.from_url(site.state.redis_url())


def state_of(site, number):
    return site.select("select state from cases_case where number = %s", number)[0][0]


def assert_told_once(site, numbers):
    """Every level of each turn's clock stands in the ledger once, and each notice is told once."""
    fired = site.select(
        "select c.number, array_agg(f.level order by f.level) from dispatch_timerfiring f "
        "join cases_case c on c.id = f.case_id "
        "where f.clock_kind = 'turn' and c.number = any(%s) group by 1", numbers,
    )  # fmt: skip
    assert sorted(fired) == [(number, LEVELS) for number in sorted(numbers)]
    twice = site.select(
        "select d.case_id, d.receiver_id, d.kind, d.values, count(*) from cases_delivery d "
        "join cases_case c on c.id = d.case_id where c.number = any(%s) "
        "group by 1, 2, 3, 4 having count(*) > 1", numbers,
    )  # fmt: skip
    assert twice == []


def assert_closed_once(site, numbers):
    """Each case was closed by the clock with one event, and its history is whole."""
    rows = site.select(
        "select c.number, c.state, count(*) filter (where e.action = 'close'), max(e.seq), count(*)"
        " from cases_case c join cases_event e on e.case_id = c.id"
        " where c.number = any(%s) group by 1, 2", numbers,
    )  # fmt: skip
    assert sorted(row[0] for row in rows) == sorted(numbers)
    for number, state, closes, last, events in rows:
        assert (state, closes, last) == ("CLOSED", 1, events), number
    open_turns = site.select(
        "select t.id from dispatch_turn t join cases_case c on c.id = t.case_id "
        "where c.number = any(%s) and t.ended_at is null", numbers,
    )  # fmt: skip
    assert open_turns == []


def all_told(site, numbers):
    """Whether the ledger is full and every notice owed has become a message."""
    fired, owed = site.select(
        "select (select count(*) from dispatch_timerfiring f join cases_case c on c.id = f.case_id"
        " where f.clock_kind = 'turn' and c.number = any(%s)),"
        " (select count(*) from cases_delivery where done_at is null)", numbers,
    )[0]  # fmt: skip
    return fired == len(numbers) * len(LEVELS) and owed == 0


def all_closed(site, numbers):
    left = site.select(
        "select count(*) from cases_case where number = any(%s) and state <> 'CLOSED'", numbers
    )
    return left[0][0] == 0


def assert_messages_are_whole(site):
    """Every notice that was carried out is one message, and there is none besides."""
    wrong = site.select(
        "select d.id from cases_delivery d left join cases_message m on m.delivery_id = d.id "
        "group by d.id having count(m.id) <> (d.done_at is not null)::int"
    )
    assert wrong == []


def test_the_loop_goes_on_while_redis_is_emptied_and_stopped(site):
    status, case = site.report()
    assert status == 201
    number = case["number"]
    redis_of(site).flushall()
    site.act(number, "accept", "acceptor-1")
    site.stop("redis")
    standards = site.ask("GET", "/api/v1/classes/event/0102/standards/", "duty-chief-1")[1]
    site.act(number, "file", "duty-chief-1", standard=standards["results"][0]["id"])
    case = site.act(number, "dispatch", "dispatcher-1", department="s201")
    assert case["status"] == "HANDLING"
    status, ready = site.ask("GET", "/readyz")
    assert (status, ready["degraded"], ready["parts"]["redis"]) == (200, True, "silent")
    late = site.inside("make", "HANDLING", "handbills", 3, HANDLED_AGO)
    owed = site.select("select count(*) from cases_delivery where done_at is null")[0][0]
    assert owed > 0
    site.start("redis")
    site.wait_for(lambda: all_told(site, late), "warnings and notices after Redis came back")
    assert_told_once(site, late)
    assert_messages_are_whole(site)
    site.wait_until_ready()


def test_a_worker_killed_in_the_middle_of_a_sweep_does_nothing_twice_and_loses_nothing(site):
    site.stop("beat", "worker")
    closing = site.inside("make", "TO_CLOSE", "rubbish", 6, HANDLED_AGO)
    late = site.inside("make", "HANDLING", "handbills", 6, HANDLED_AGO)
    # The sweep closes case after case in one transaction, and has to wait at the fourth: there
    # it is killed, with three cases closed and not yet committed.
    with site.connect() as held, held.transaction():
        held.execute(
            "select 1 from dispatch_turn t join cases_case c on c.id = t.case_id "
            "where c.number = %s for update of t", [closing[3]],
        )  # fmt: skip
        site.start("worker", "beat")
        site.wait_for(lambda: waits_for_lock(site), "the sweep waits in its middle")
        site.kill("worker")
        assert not all_closed(site, closing[:3])
        assert state_of(site, closing[0]) == "TO_CLOSE"
    site.wait_for(lambda: all_closed(site, closing), "the cases are closed by the next worker")
    site.wait_for(lambda: all_told(site, late), "warnings and notices of the next worker")
    assert_closed_once(site, closing)
    assert_told_once(site, late)
    assert_messages_are_whole(site)
    assert site.inside("broken") == []


def waits_for_lock(site):
    """Whether a worker's statement waits for a row that another session holds."""
    return site.select(
        "select pid from pg_stat_activity "
        "where application_name = 'gridcity-worker' and wait_event_type = 'Lock'"
    )


def test_while_postgresql_restarts_clients_get_503_with_an_id_and_then_it_goes_on(site):
    status, case = site.report()
    assert status == 201
    assert site.page("/cases/")[0] == 200
    closing = site.inside("make", "TO_CLOSE", "rubbish", 2, HANDLED_AGO)
    site.stop("postgres")
    key = uuid.uuid4()
    for status, said in (
        site.report(key),
        site.ask("GET", f"/api/v1/cases/{case['number']}/", "acceptor-1"),
    ):
        assert status == 503
        assert said["code"] == "unavailable"
        assert len(said["id"]) == 8
    assert site.ask("GET", "/readyz")[0] == 503
    assert site.ask("GET", "/healthz")[0] == 200
    status, page = site.page("/cases/")
    assert (status, "<h1" in page) == (503, True)
    site.start("postgres")
    site.wait_for(lambda: site.select("select 1"), "PostgreSQL answers again")
    first = site.wait_for(lambda: answered(site.report(key)), "reports are taken again")
    again = site.wait_for(lambda: answered(site.report(key)), "and by the other web process")
    assert again["number"] == first["number"]
    site.wait_for(lambda: all_web_answers(site), "every web process answers")
    site.act(case["number"], "accept", "acceptor-1")
    site.wait_for(lambda: all_closed(site, closing), "the clock goes on")
    assert site.page("/cases/")[0] == 200
    assert_closed_once(site, closing)
    reported = site.select("select count(*) from cases_case where number = %s", first["number"])
    assert reported == [(1,)]
    site.wait_until_ready()


def all_web_answers(site):
    """Whether a row of requests, which go to either web process, is answered without a 503."""
    return all(site.page("/cases/")[0] == 200 for _request in range(12))


def answered(answer):
    """The body of an answer that succeeded."""
    status, body = answer
    return body if status in {200, 201} else None


def test_sweeps_at_once_do_everything_once(site):
    site.stop("beat", "worker")
    closing = site.inside("make", "TO_CLOSE", "rubbish", 6, HANDLED_AGO)
    late = site.inside("make", "HANDLING", "handbills", 10, HANDLED_AGO)
    sweeps = [site.in_background("sweep") for _sweep in range(3)]
    for sweep in sweeps:
        _said, problem = sweep.communicate(timeout=60)
        assert sweep.returncode == 0, problem
    # A row that one sweep held was skipped by the others; the next sweep finds what was left.
    left = site.inside("sweep")
    assert left["failed"] == 0
    assert_closed_once(site, closing)
    assert_told_once(site, late)
    site.start("worker", "beat")
    site.wait_for(lambda: all_told(site, late), "the notices are delivered")
    assert_messages_are_whole(site)
    assert site.inside("broken") == []


def test_a_worker_that_is_killed_again_and_again_still_gets_everything_done(site):
    late = site.inside("make", "HANDLING", "handbills", 8, HANDLED_AGO)
    for _time in range(3):
        time.sleep(0.7)
        site.kill("worker")
        site.start("worker")
    site.wait_for(lambda: all_told(site, late), "warnings and notices in spite of all")
    assert_told_once(site, late)
    assert_messages_are_whole(site)
