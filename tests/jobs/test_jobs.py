"""Long work as rows: claimed with a lease, done once, stopped on wish, told while it goes on."""

import tempfile
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible
from gridcity.models import User
from jobs import kinds, lease, services
from jobs.kinds import Kind, register_kind
from jobs.lease import Cancelled, LeaseLost
from jobs.models import Job
from jobs.running import run_job, work_on
from jobs.services import cancel_job, claim_job, enqueue_job, forget_jobs

EDITOR = "administrator"


def person(username, role):
    user = User(username=username, full_name=username, roles=[role])
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def kind(monkeypatch):
    """A kind whose `run` the test gives: `kind(run)`; its key is `tests.work`."""
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))

    def known(run, **more):
        register_kind(Kind(key="tests.work", label="a test", run=run, **more))

    return known


@pytest.fixture
def asker(db):
    user = person("asker", EDITOR)
    return Actor(user.pk, user.username, frozenset(user.roles))


def ask(asker, **arguments):
    return enqueue_job(
        actor=asker, at=timezone.now(), kind="tests.work", title="A test", arguments=arguments
    )


def test_a_job_gives_its_arguments_and_its_asker_to_the_work(kind, asker):
    kind(lambda work: {"sum": sum(work.arguments["numbers"]), "who": work.actor.username})
    job = run_job(job_id=ask(asker, numbers=[1, 2, 3]).pk)
    assert (job.state, job.result) == ("done", {"sum": 6, "who": "asker"})
    assert job.ended_at
    assert (job.holder, job.lease_until) == (None, None)


def test_an_unknown_kind_cannot_be_asked_for(asker):
    with pytest.raises(LookupError):
        enqueue_job(actor=asker, at=timezone.now(), kind="nobody.knows", title="", arguments={})


def test_two_kinds_cannot_share_a_key(kind):
    kind(lambda work: None)
    with pytest.raises(ValueError, match=r"tests\.work"):
        kind(lambda work: {})


def test_what_was_refused_is_said_with_its_fields(kind, asker):
    def refuse(work):
        raise Invalid("This will not do.", file="No such column.")

    kind(refuse)
    job = run_job(job_id=ask(asker).pk)
    assert (job.state, job.error, job.fields) == (
        "failed", "This will not do.", {"file": ["No such column."]},
    )  # fmt: skip


def test_a_fault_of_ours_is_logged_and_told_by_its_number(kind, asker, caplog):
    kind(lambda work: 1 / 0)
    job = run_job(job_id=ask(asker).pk)
    assert job.state == "failed"
    assert f"J{job.pk}" in job.error
    assert "ZeroDivisionError" not in job.error
    assert any(record.exc_info for record in caplog.records)


def test_the_work_and_the_end_of_its_row_are_one_transaction(kind, asker):
    def write(work):
        with transaction.atomic():
            person("written", "supervisor")
            work.finish({"n": 1})
            raise Invalid("After all not.")

    kind(write)
    job = run_job(job_id=ask(asker).pk)
    assert (job.state, job.result) == ("failed", None)
    assert not type(job.asked_by).objects.filter(username="written").exists()


@pytest.mark.django_db(transaction=True)
def test_to_finish_outside_a_transaction_is_a_mistake_of_the_work(kind, asker, caplog):
    kind(lambda work: work.finish({}))
    assert run_job(job_id=ask(asker).pk).state == "failed"
    assert "belongs into the transaction" in caplog.text


def test_files_that_the_work_writes_are_offered(kind, asker):
    def write(work):
        with work.output("errors.txt") as path:
            path.write_text("three lines")
        assert work.input.read_bytes() == b"sent"

    kind(write)
    job = enqueue_job(
        actor=asker, at=timezone.now(), kind="tests.work", title="", arguments={},
        file=SimpleUploadedFile("../../etc/list.csv", b"sent"),
    )  # fmt: skip
    assert job.input.name == f"jobs/{job.key}/input/list.csv"
    job = run_job(job_id=job.pk)
    assert job.state == "done", job.error
    assert [(entry["name"], entry["size"]) for entry in job.outputs] == [("errors.txt", 11)]
    with default_storage.open(job.outputs[0]["file"]) as kept:
        assert kept.read() == b"three lines"


def test_a_waiting_job_is_cancelled_at_once_and_never_done(kind, asker):
    kind(lambda work: pytest.fail("done although cancelled"))
    job = ask(asker)
    assert cancel_job(actor=asker, at=timezone.now(), job_id=job.pk).state == "cancelled"
    assert run_job(job_id=job.pk).state == "cancelled"
    with pytest.raises(NotAllowed):
        cancel_job(actor=asker, at=timezone.now(), job_id=job.pk)


def test_a_wish_to_stop_counts_until_the_work_is_committed(kind, asker):
    def write(work):
        with transaction.atomic():
            person("written", "supervisor")
            Job.objects.filter(pk=work.job.pk).update(cancel_asked_at=timezone.now())
            work.finish({})

    kind(write)
    job = run_job(job_id=ask(asker).pk)
    assert job.state == "cancelled"
    assert not type(job.asked_by).objects.filter(username="written").exists()


def test_only_its_asker_or_an_administrator_stops_a_job(kind, asker):
    kind(lambda work: None)
    other = person("other", "dispatcher")
    job = ask(asker)
    with pytest.raises(Forbidden):
        cancel_job(
            actor=Actor(other.pk, "other", frozenset({"dispatcher"})), at=timezone.now(),
            job_id=job.pk,
        )  # fmt: skip
    with pytest.raises(NotVisible):
        cancel_job(actor=asker, at=timezone.now(), job_id=job.pk + 1)


def test_the_longest_waiting_job_comes_first_and_a_held_one_is_left_alone(kind, asker):
    kind(lambda work: None)
    first, second = ask(asker), ask(asker)
    now = timezone.now()
    assert claim_job(at=now)[0] == first
    assert claim_job(at=now)[0] == second
    assert claim_job(at=now) is None


def test_a_job_whose_worker_was_lost_is_taken_by_another_one(kind, asker):
    kind(lambda work: {"attempt": work.job.attempts})
    job = ask(asker)
    now = timezone.now()
    _job, lost = claim_job(at=now)
    assert claim_job(at=now + lease.LEASE / 2) is None
    again, holder = claim_job(at=now + 2 * lease.LEASE)
    assert (again, again.attempts) == (job, 2)
    assert holder != lost


def test_what_a_killed_worker_had_begun_to_write_goes_with_the_next_attempt(
    kind, asker, tmp_path, monkeypatch
):
    def write(work):
        with work.output("one.txt") as one, work.output("two.txt") as two:
            one.write_text("one")
            two.write_text("two")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kind(write)
    job = ask(asker)
    claim_job(at=timezone.now() - 2 * lease.LEASE)
    left = tmp_path / f"gridcity-job-{job.key}-1-left"
    of_another = tmp_path / f"gridcity-job-{uuid4()}-1-left"
    for folder in (left, of_another):
        folder.mkdir()
        (folder / "half.txt").write_text("half")
    assert run_job(job_id=job.pk).state == "done"
    assert not left.exists()
    assert of_another.exists()


def test_a_worker_that_stood_still_writes_nothing_when_it_wakes(kind, asker):
    def write(work):
        with transaction.atomic():
            person("written", "supervisor")
            Job.objects.filter(pk=work.job.pk).update(holder=uuid4())  # meanwhile another one
            work.finish({})

    kind(write)
    job = run_job(job_id=ask(asker).pk)
    assert job.result is None
    assert not type(job.asked_by).objects.filter(username="written").exists()


def test_a_job_that_loses_its_worker_again_and_again_is_given_up(kind, asker):
    kind(lambda work: None)
    job, now = ask(asker), timezone.now()
    for _attempt in range(services.MOST_ATTEMPTS):
        assert claim_job(at=now)[0] == job
        now += 2 * lease.LEASE
    assert claim_job(at=now) is None
    job.refresh_from_db()
    assert job.state == "failed"
    assert str(services.MOST_ATTEMPTS) in job.error


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_job(kind, asker):
    kind(lambda work: None)
    for _number in range(8):
        ask(asker)
    taken, gate = [], threading.Barrier(4)

    def take():
        gate.wait()
        while claimed := claim_job(at=timezone.now()):
            taken.append(claimed[0].pk)
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=take) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 8


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_beside_the_transaction_of_the_work(kind, asker, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    seen = {}

    def count(work):
        with transaction.atomic():
            work.progress("Reading", done=0, total=10)
            until = time.monotonic() + 10
            while time.monotonic() < until and not seen:
                work.progress(done=5)
                time.sleep(0.01)
            work.finish({})

    kind(count)
    job, holder = claimed_after(ask(asker))

    def watch():
        until = time.monotonic() + 10
        while time.monotonic() < until:
            row = Job.objects.values("step", "done", "total", "state").get(pk=job.pk)
            if row["done"]:
                seen.update(row)
                break
            time.sleep(0.01)
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    work_on(job, holder)
    watcher.join()
    assert seen == {"step": "Reading", "done": 5, "total": 10, "state": "running"}
    job.refresh_from_db()
    assert job.state == "done"


def claimed_after(job):
    found = claim_job(at=timezone.now())
    assert found[0] == job
    return found


@pytest.mark.django_db(transaction=True)
def test_a_wish_to_stop_breaks_off_a_statement_and_rolls_back(kind, asker, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_S", 0.02)

    def sleep(work):
        with transaction.atomic(), connection.cursor() as cursor:
            person("written", "supervisor")
            cursor.execute("select pg_sleep(60)")
            work.finish({})

    kind(sleep)
    job, holder = claimed_after(ask(asker))
    Job.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
    work_on(job, holder)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not type(job.asked_by).objects.filter(username="written").exists()


@pytest.mark.django_db(transaction=True)
def test_the_work_hears_that_it_has_lost_its_lease(kind, asker, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    heard = []

    def linger(work):
        Job.objects.filter(pk=work.job.pk).update(holder=uuid4())
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                work.progress(done=1)
            except (Cancelled, LeaseLost) as problem:
                heard.append(type(problem))
                raise
            time.sleep(0.01)

    kind(linger)
    job, holder = claimed_after(ask(asker))
    work_on(job, holder)
    job.refresh_from_db()
    assert heard == [LeaseLost]
    assert job.state == "running"  # it is the other one's


def test_old_files_are_forgotten_and_strays_taken_away(kind, asker, monkeypatch):
    def write(work):
        with work.output("list.txt") as path:
            path.write_text("list")

    kind(write)
    job = run_job(job_id=ask(asker).pk)
    stray = default_storage.save(f"jobs/{job.key}/1/left.txt", ContentFile(b"left"))
    nobodys = default_storage.save(f"jobs/{uuid4()}/1/left.txt", ContentFile(b"left"))
    kept = job.outputs[0]["file"]
    assert forget_jobs(at=timezone.now()) == 0  # too young to judge
    monkeypatch.setattr(services, "YOUNGEST", timedelta(0))
    assert forget_jobs(at=timezone.now() + timedelta(minutes=1)) == 2
    assert default_storage.exists(kept)
    assert not any(map(default_storage.exists, (stray, nobodys)))
    assert forget_jobs(at=timezone.now() + services.KEPT_FOR * 2) == 1
    assert not default_storage.exists(kept)
    job.refresh_from_db()
    assert job.outputs == []


def test_pages_show_ones_own_work_and_the_administrator_all(kind, asker, browser_client):
    def write(work):
        with work.output("list.txt") as path:
            path.write_text("list")
        return {}

    kind(write, result_url=lambda job: f"/result/{job.pk}/")
    job = run_job(job_id=ask(asker).pk)
    other = browser_client.enter(person("other", "dispatcher"))
    assert "A test" not in other.get("/jobs/").content.decode()
    assert other.get(f"/jobs/{job.pk}/").status_code == 404
    assert other.get(f"/jobs/{job.pk}/files/list.txt").status_code == 404
    own = browser_client.enter(job.asked_by)
    assert "A test" in own.get("/jobs/").content.decode()
    page = own.get(f"/jobs/{job.pk}/").content.decode()
    assert f"/result/{job.pk}/" in page
    assert "list.txt" in page
    assert b"".join(own.get(f"/jobs/{job.pk}/files/list.txt").streaming_content) == b"list"
    assert own.get(f"/jobs/{job.pk}/files/other.txt").status_code == 404


def test_a_page_that_waits_for_its_result_loads_it_when_the_job_is_done_and_no_other_does(
    kind, asker, browser_client
):
    kind(lambda work: {}, result_url=lambda job: "/result/?n=1")
    job = ask(asker)
    client = browser_client.enter(job.asked_by)

    def loads(address):
        seen = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"}
        return "HX-Refresh" in client.get(f"/jobs/{job.pk}/", headers=seen).headers

    assert not loads("/result/?n=1")  # it still runs
    run_job(job_id=job.pk)
    assert loads("/result/?n=1")
    assert not loads("/result/?n=2")
    assert not loads(f"/jobs/{job.pk}/")
    assert "HX-Refresh" not in client.get(f"/jobs/{job.pk}/").headers


def test_a_page_on_which_one_waits_comes_anew_after_a_stop_and_is_led_back_to(
    kind, asker, browser_client
):
    kind(lambda work: {}, result_url=lambda job: "/page/", waits_there=True)
    job = ask(asker)
    client = browser_client.enter(job.asked_by)
    seen = {"HX-Request": "true", "HX-Current-URL": "http://testserver/page/"}
    assert "HX-Refresh" not in client.get(f"/jobs/{job.pk}/", headers=seen).headers
    assert client.post(f"/jobs/{job.pk}/cancel/")["Location"] == "/page/"
    assert "HX-Refresh" in client.get(f"/jobs/{job.pk}/", headers=seen).headers


def test_work_without_such_a_page_is_stopped_on_its_own(kind, asker, browser_client):
    kind(lambda work: {}, result_url=lambda job: "/result/")
    job = ask(asker)
    client = browser_client.enter(job.asked_by)
    assert client.post(f"/jobs/{job.pk}/cancel/")["Location"] == f"/jobs/{job.pk}/"


def test_a_running_job_is_asked_for_again_and_an_ended_one_not(kind, asker, browser_client):
    kind(lambda work: None)
    job = ask(asker)
    client = browser_client.enter(job.asked_by)
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" in part
    assert "<html" not in part
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" not in part


def test_the_list_of_jobs_asks_the_same_number_of_questions_however_long(
    kind, asker, browser_client, django_assert_max_num_queries
):
    kind(lambda work: None)
    client = browser_client.enter(ask(asker).asked_by)
    for _number in range(30):
        ask(asker)
    with django_assert_max_num_queries(6):
        client.get("/jobs/")
