"""What leaves the site: at least once, in order, around receivers that are down, never at night."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import sending
from cases.channels import Undelivered
from cases.models import Delivery, Message, NoticeChoice, Outlet, Reporter, Webhook
from cases.models.notice import Channel, NoticeKind
from cases.selectors.outgoing import is_quiet
from cases.selectors.preferences import KINDS_OF_ROLE, kinds_for
from cases.sending import send_owed
from cases.services.notices import deliver, notify
from cases.services.outgoing import LEASE, LONGEST_PAUSE, claim, pause_after, retry_dead
from cases.services.preferences import choose_notices
from cases.services.reporting import ReporterInput
from gridcity.contracts import Role
from tests.district import at

TEN = timedelta(seconds=10)


class Killed(BaseException):
    """The process ends here."""


class Post:
    """All carriers of a test: what arrived, and which outlets are down or refuse."""

    def __init__(self):
        self.arrived = []
        self.down = set()
        self.refuses = {}

    def send(self, parcel):
        if parcel.outlet in self.down:
            raise Undelivered("HTTP 503")
        if parcel.id in self.refuses:
            raise self.refuses[parcel.id]
        self.arrived.append(parcel)

    def close(self):
        """Nothing is open."""

    def ids(self, outlet=None):
        return [p.id for p in self.arrived if outlet in {None, p.outlet}]


@pytest.fixture
def post(monkeypatch):
    post = Post()
    monkeypatch.setattr(sending, "carrier_of", lambda channel: post)
    return post


@pytest.fixture
def now(clock):
    clock.now = at("11:00")
    return clock


@pytest.fixture
def sweep(now):
    """`sweep(minutes=5)`: time passes, then what is owed is sent."""

    def go(**later):
        now.move(**later)
        return send_owed(clock=lambda: now.now)

    return go


@pytest.fixture
def mailed(district, settings):
    """Two duty chiefs with an address, on a site that sends mail."""
    settings.HAS_EMAIL, settings.PUBLIC_URL = True, "https://grid.example"
    users = [district.user(f"duty-chief-{n}") for n in (1, 2)]
    for user in users:
        user.email = f"{user.username}@grid.example"
        user.save(update_fields=["email"])
    return users


@pytest.fixture
def hooked(district):
    """`hooked("client-1")`: a user whose notices are posted to another system."""

    def make(name):
        user = district.user(name)
        Webhook.objects.create(
            receiver=user, url="https://hears.example/in", secret="whsec_c2VjcmV0", set_at=at()
        )
        return user

    return make


def told(case, user, kind=NoticeKind.ESCALATION, when=None):
    """Owe a notice, and answer with the row that leaves the site, if any does."""
    before = set(Delivery.objects.values_list("pk", flat=True))
    notify(case, [user.pk], kind, at=when or at("11:00"))
    return Delivery.objects.exclude(channel="inbox").exclude(pk__in=before).first()


class TestWhatIsOwed:
    def test_the_list_gets_everything_and_mail_what_is_urgent(self, make_case, mailed):
        case, chief = make_case(), mailed[0]
        notify(case, [chief.pk], NoticeKind.ESCALATION, at=at(), values={"share": 100})
        notify(case, [chief.pk], NoticeKind.ENDED, at=at())
        rows = Delivery.objects.filter(receiver=chief).order_by("id")
        assert [(row.kind, row.channel) for row in rows] == [
            ("escalation", "email"), ("escalation", "inbox"), ("ended", "inbox"),
        ]  # fmt: skip
        assert rows[0].state == case.state
        assert rows[0].values == {"share": 100}

    def test_without_an_address_nothing_is_owed_beyond_the_list(self, make_case, district):
        assert told(make_case(), district.user("duty-chief-1")) is None

    def test_a_site_without_a_mail_server_owes_no_mail(self, make_case, mailed, settings):
        settings.HAS_EMAIL = False
        assert told(make_case(), mailed[0]) is None

    def test_who_is_switched_off_is_sent_nothing(self, make_case, mailed):
        mailed[0].is_active = False
        mailed[0].save(update_fields=["is_active"])
        assert told(make_case(), mailed[0]) is None

    def test_what_may_be_undone_leaves_only_after_the_time_for_it(
        self, make_case, mailed, post, sweep
    ):
        row = told(make_case(), mailed[0], NoticeKind.DISPATCHED)
        assert row.next_at == at("11:00") + TEN
        sweep()
        assert post.arrived == []
        sweep(seconds=10)
        assert post.ids() == [row.pk]

    def test_notices_to_many_are_one_statement(self, make_case, mailed, district):
        case = make_case()
        few = [user.pk for user in mailed]
        for receivers in (few, [user.pk for user in district.users.values()]):
            with CaptureQueriesContext(connection) as captured:
                notify(case, receivers, NoticeKind.ESCALATION, at=at())
            assert len(captured) == 1

    def test_every_notice_of_a_whole_life_is_a_kind_its_receiver_may_choose(self, walk):
        going = walk("HANDLING")
        for step in ("finish", "send_check", "check_passed", "close"):
            going.step(step)
        rows = Delivery.objects.select_related("receiver")
        assert rows.count() > 5
        for row in rows:
            assert row.kind in kinds_for(row.receiver.roles), (row.kind, row.receiver.roles)

    def test_no_kind_is_out_of_everybodys_choice(self):
        assert {kind for kinds in KINDS_OF_ROLE.values() for kind in kinds} == set(NoticeKind)

    def test_whom_a_miss_is_charged_to_and_who_answers_choose_what_they_are_told_of_it(
        self, district
    ):
        assert {"missed", "answered"} <= set(kinds_for([Role.SUPERVISOR]))
        assert "objected" in kinds_for([Role.DUTY_CHIEF])


class TestOrder:
    def test_a_receiver_hears_of_a_case_in_order(self, make_case, mailed, post, sweep):
        case = make_case()
        rows = [told(case, mailed[0], kind) for kind in (NoticeKind.REQUEST, NoticeKind.REWORK,
                                                          NoticeKind.ESCALATION)]  # fmt: skip
        assert sweep().sent == 3
        assert post.ids() == [row.pk for row in rows]

    def test_one_that_waits_holds_up_what_follows_of_its_case_only(
        self, make_case, mailed, post, sweep
    ):
        case, other = make_case(), make_case()
        first, second = told(case, mailed[0]), told(case, mailed[0])
        elsewhere, to_other = told(other, mailed[0]), told(case, mailed[1])
        post.refuses[first.pk] = Undelivered("SMTP 451", outlet_fails=False)
        sweep()
        assert sorted(post.ids()) == [elsewhere.pk, to_other.pk]
        del post.refuses[first.pk]
        sweep(seconds=30)
        assert post.ids()[2:] == [first.pk, second.pk]

    def test_two_sweeps_take_different_rows(self, make_case, mailed):
        rows = {told(make_case(), mailed[0]).pk for _ in range(3)}
        first = claim(at=at("11:00"), quiet=False, limit=2)
        second = claim(at=at("11:00"), quiet=False, limit=2)
        assert (len(first), len(second)) == (2, 1)
        assert {*first, *second} == rows

    def test_while_somebody_sends_nobody_else_does(self, make_case, mailed, post, sweep):
        told(make_case(), mailed[0])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sending, "SENDER_LOCK", 1)
            with sending._only_sender() as is_mine:
                assert is_mine
                # Locks belong to sessions: this one holds it already, another would not get it.
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                                   " AND objid = 1 AND granted")  # fmt: skip
                    assert cursor.fetchone()[0] == 1
        assert sweep().sent == 1


class TestFailures:
    def test_a_receiver_down_for_an_hour_gets_all_of_it_after(
        self, make_case, hooked, post, sweep, now
    ):
        client, case = hooked("client-1"), make_case()
        outlet = f"webhook-{client.pk}"
        post.down.add(outlet)
        began = now.now
        owed = []
        for minute in range(60):
            owed.append(told(case if minute % 2 else make_case(), client, NoticeKind.ENDED,
                             when=now.now).pk)  # fmt: skip
            sweep(minutes=1)
        assert post.arrived == []
        assert now.now - began == timedelta(hours=1)
        assert Outlet.objects.get(name=outlet).failures < 12
        post.down.clear()
        for _ in range(20):
            sweep(minutes=1)
        assert sorted(post.ids()) == owed
        assert [p.id for p in post.arrived if p.case == case.number] == owed[1::2]
        assert not Outlet.objects.exists()
        assert not Delivery.objects.filter(dead_at__isnull=False).exists()

    def test_one_bad_receiver_never_holds_up_another(self, make_case, hooked, post, sweep):
        bad, good = hooked("client-1"), hooked("client-2")
        post.down.add(f"webhook-{bad.pk}")
        for _ in range(70):
            told(make_case(), bad, NoticeKind.ENDED)
        row = told(make_case(), good, NoticeKind.ENDED)
        done = sweep()
        assert post.ids() == [row.pk]
        assert (done.sent, done.failed) == (1, 1)

    def test_an_outlet_is_left_alone_ever_longer(self, make_case, mailed, post, sweep):
        assert [pause_after(n).total_seconds() for n in (1, 2, 3, 6, 7, 40)] == [
            30, 60, 120, 900, 900, LONGEST_PAUSE.total_seconds(),
        ]  # fmt: skip
        told(make_case(), mailed[0])
        post.down.add("email")
        assert [sweep(seconds=s).failed for s in (0, 29, 1, 59, 1)] == [1, 0, 1, 0, 1]

    def test_a_message_that_breaks_its_receiver_lets_the_others_pass(
        self, make_case, hooked, post, sweep
    ):
        client = hooked("client-1")
        poison, *others = [told(make_case(), client, NoticeKind.ENDED).pk for _ in range(3)]
        post.refuses[poison] = Undelivered("HTTP 500")
        for _ in range(4):
            sweep(minutes=15)
        assert post.ids() == others

    def test_after_a_day_of_failures_it_is_a_dead_letter(self, make_case, mailed, post, sweep, now):
        case = make_case()
        first = told(case, mailed[0])
        second = told(make_case(), mailed[0])
        post.down.add("email")
        for _ in range(97):
            sweep(minutes=15)
        for row in (first, second):
            row.refresh_from_db()
            assert row.dead_at is not None
            assert row.last_error == "HTTP 503"
        later = told(case, mailed[0], when=now.now)
        post.down.clear()
        sweep(minutes=15)
        assert post.ids() == [later.pk]

    def test_a_dead_letter_begins_anew_at_an_administrators_wish(
        self, make_case, mailed, post, sweep, now
    ):
        row = told(make_case(), mailed[0])
        post.refuses[row.pk] = Undelivered("SMTP 550", outlet_fails=False, is_final=True)
        sweep()
        row.refresh_from_db()
        assert row.dead_at == now.now
        post.refuses.clear()
        sweep(hours=1)
        assert post.arrived == []
        assert retry_dead(ids=[row.pk], at=now.now) == 1
        assert retry_dead(ids=[row.pk], at=now.now) == 0
        sweep()
        assert post.ids() == [row.pk]

    def test_an_address_that_has_gone_is_no_failure_of_the_mail_server(
        self, make_case, mailed, post, sweep
    ):
        row = told(make_case(), mailed[0])
        mailed[0].email = ""
        mailed[0].save(update_fields=["email"])
        sweep()
        row.refresh_from_db()
        assert row.last_error == "no address"
        assert row.dead_at is not None
        assert not Outlet.objects.exists()

    def test_killed_between_sending_and_marking_it_is_sent_once_more(
        self, make_case, mailed, post, sweep, monkeypatch
    ):
        row = told(make_case(), mailed[0])

        def die(**said):
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(sending, "mark_sent", die)
            with pytest.raises(Killed):
                sweep()
        sweep(seconds=LEASE.total_seconds() - 1)
        assert post.ids() == [row.pk]
        sweep(seconds=1)
        assert post.ids() == [row.pk, row.pk]
        row.refresh_from_db()
        assert row.done_at is not None

    def test_a_worker_killed_after_a_call_of_a_webhook_loses_nothing_and_keeps_the_order(
        self, make_case, hooked, post, sweep, monkeypatch
    ):
        client, case, other = hooked("client-1"), make_case(), make_case()
        kinds = (NoticeKind.NOT_ACCEPTED, NoticeKind.REOPENED, NoticeKind.ENDED)
        rows = [told(case, client, kind).pk for kind in kinds]
        elsewhere = told(other, client, NoticeKind.ENDED).pk

        def die(**said):
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(sending, "mark_sent", die)
            with pytest.raises(Killed):
                sweep()
        sweep(seconds=1)
        assert post.ids() == [rows[0], elsewhere], "the second of the case waits for the first"
        sweep(seconds=LEASE.total_seconds())
        heard = [parcel.id for parcel in post.arrived if parcel.case == case.number]
        assert heard == [rows[0], *rows]
        assert not Delivery.objects.exclude(channel="inbox").filter(done_at=None).exists()

    def test_a_carrier_with_a_fault_stops_nobody_else(
        self, make_case, mailed, hooked, post, sweep, monkeypatch
    ):
        client = hooked("client-1")
        broken, fine = told(make_case(), mailed[0]), told(make_case(), client, NoticeKind.ENDED)

        def carrier_of(channel):
            if channel == "email":
                raise ValueError("a fault")
            return post

        monkeypatch.setattr(sending, "carrier_of", carrier_of)
        done = sweep()
        assert (done.sent, done.failed) == (1, 1)
        assert post.ids() == [fine.pk]
        broken.refresh_from_db()
        assert (broken.last_error, broken.attempts) == ("ValueError", 1)

    def test_what_there_was_no_time_for_is_left_to_the_next_sweep(
        self, make_case, mailed, post, sweep, now
    ):
        rows = [told(make_case(), mailed[0]).pk for _ in range(4)]
        real = post.send

        def slow(parcel):
            real(parcel)
            now.move(seconds=15)

        post.send = slow
        assert sweep().sent == 2
        assert sweep().sent == 2
        assert post.ids() == rows


class TestQuietHours:
    @pytest.mark.parametrize(
        ("clock_time", "quiet"),
        [("21:59", False), ("22:00", True), ("23:59", True), ("06:59", True), ("07:00", False)],
    )
    def test_they_span_midnight(self, settings, clock_time, quiet):
        settings.QUIET_HOURS = (at("22:00").time(), at("07:00").time())
        assert is_quiet(at(clock_time)) is quiet

    def test_hours_of_one_day_and_none(self, settings):
        settings.QUIET_HOURS = (at("12:00").time(), at("14:00").time())
        assert [is_quiet(at(hour)) for hour in ("11:59", "12:00", "14:00")] == [False, True, False]
        settings.QUIET_HOURS = None
        assert not is_quiet(at("23:00"))

    @pytest.fixture
    def night(self, settings, now, mailed):
        settings.QUIET_HOURS = (at("22:00").time(), at("07:00").time())
        now.now = at("23:00")
        NoticeChoice.objects.create(
            user=mailed[0], kind="ended", channel="email", is_wanted=True, chosen_at=at()
        )
        return now

    def test_what_can_wait_waits_for_the_morning(self, make_case, mailed, post, sweep, night):
        row = told(make_case(), mailed[0], NoticeKind.ENDED, when=night.now)
        urgent = told(make_case(), mailed[0], NoticeKind.ESCALATION, when=night.now)
        sweep()
        assert post.ids() == [urgent.pk]
        sweep(hours=7, minutes=59)
        assert post.ids() == [urgent.pk]
        sweep(minutes=1)
        assert post.ids() == [urgent.pk, row.pk]

    def test_something_urgent_takes_along_what_came_before_it(
        self, make_case, mailed, post, sweep, night
    ):
        case = make_case()
        waits = told(case, mailed[0], NoticeKind.ENDED, when=night.now)
        urgent = told(case, mailed[0], NoticeKind.SUPERVISED, when=night.now)
        sweep()
        assert post.ids() == [waits.pk, urgent.pk]

    def test_machines_do_not_sleep(self, make_case, hooked, post, sweep, night):
        row = told(make_case(), hooked("client-1"), NoticeKind.ENDED, when=night.now)
        sweep()
        assert post.ids() == [row.pk]


class TestWhatIsSaid:
    def test_a_mail_holds_number_kind_state_and_link_and_nobody(self, walk, mailed, sweep, caplog):
        reporter = ReporterInput(name="李四", phone="13900001111", may_call=True)
        going = walk(
            by="acceptor-1", source="HOTLINE", reporter=reporter, description="王五家楼下垃圾"
        )
        assert Reporter.objects.get(case=going.case).phone == "13900001111"
        notify(going.case, [mailed[0].pk], NoticeKind.SUPERVISED, at=at("11:00"),
               values={"words": "请速回李四 13900001111"})  # fmt: skip
        with caplog.at_level(logging.DEBUG):
            sweep()
        (sent,) = mail.outbox
        assert sent.to == ["duty-chief-1@grid.example"]
        assert going.number in sent.subject
        assert f"https://grid.example/cases/{going.number}/" in sent.body
        assert "待受理" in sent.body
        everything = sent.message().as_string() + sent.subject + sent.body + caplog.text
        for personal in ("李四", "13900001111", "王五"):
            assert personal not in everything
        row = Delivery.objects.get(channel="email")
        assert f"notice-{row.pk}@" in sent.extra_headers["Message-ID"]

    def test_logs_of_failures_name_rows_and_no_person(self, make_case, mailed, post, sweep, caplog):
        row = told(make_case(), mailed[0])
        post.down.add("email")
        sweep()
        assert f"notice {row.pk} by email failed: HTTP 503" in caplog.text
        assert "grid.example" not in caplog.text

    def test_the_example_of_a_gateway_writes_a_line_a_message(
        self, make_case, district, settings, sweep, tmp_path
    ):
        settings.SMS_GATEWAY = settings.CHAT_GATEWAY = "cases.channels.gateways.FileGateway"
        settings.GATEWAY_FOLDER = tmp_path / "outbox"
        chief = district.user("duty-chief-1")
        chief.mobile = "13800138000"
        chief.save(update_fields=["mobile"])
        choose_notices(actor=district.actor("duty-chief-1"), at=at(),
                       wanted={("escalation", "sms"), ("escalation", "chat")})  # fmt: skip
        case = make_case()
        notify(case, [chief.pk], NoticeKind.ESCALATION, at=at("11:00"))
        assert sweep().sent == 2
        lines = {
            path.name: [json.loads(line) for line in path.read_text().splitlines()]
            for path in settings.GATEWAY_FOLDER.iterdir()
        }
        assert {name: [said["to"] for said in rows] for name, rows in lines.items()} == {
            "sms.jsonl": ["13800138000"], "chat.jsonl": ["duty-chief-1"],
        }  # fmt: skip
        assert case.number in lines["sms.jsonl"][0]["text"]


def test_the_bell_of_each_reader_is_rung_with_the_commit(make_case, district, monkeypatch):
    rung = []
    monkeypatch.setattr("cases.services.notices._ring", rung.append)
    chief = district.user("duty-chief-1")
    notify(make_case(), [chief.pk], NoticeKind.ENDED, at=at())
    deliver(at=at("23:00"))
    assert chief.pk in rung[0]
    assert Message.objects.filter(receiver=chief, kind="ended").count() == 1


def test_a_batch_costs_as_many_queries_for_thirty_rows_as_for_three(make_case, mailed, post, sweep):
    counts = []
    for rows in (3, 30):
        for _ in range(rows):
            told(make_case(), mailed[0])
        with CaptureQueriesContext(connection) as captured:
            assert sweep(minutes=1).sent == rows
        counts.append(len([q for q in captured if "cases_outlet" not in q["sql"]
                           and "UPDATE \"cases_delivery\"" not in q["sql"]]))  # fmt: skip
    # Outcomes are marked as they come in, so the number of those statements is not fixed.
    assert counts[0] == counts[1] <= 10


def test_only_what_differs_from_the_default_is_kept(district, mailed):
    chief = district.actor("duty-chief-1")
    kinds = ("request", "escalation", "desk_late", "idle", "supervised", "contested")
    defaults = {(kind, "email") for kind in kinds}
    choose_notices(actor=chief, at=at(), wanted=defaults | {("urged", "email")})
    kept = NoticeChoice.objects.values_list("kind", "channel", "is_wanted")
    assert list(kept.all()) == [("urged", "email", True)]
    choose_notices(actor=chief, at=at(), wanted=defaults - {("request", "email")})
    assert list(kept.all()) == [("request", "email", False)]
    choose_notices(actor=chief, at=at(), wanted=defaults | {("task", "email"), ("x", "y")})
    assert not kept.exists()
    assert Channel.INBOX not in NoticeChoice.objects.values_list("channel", flat=True)
