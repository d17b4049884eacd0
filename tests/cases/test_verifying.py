"""核实 before filing: who must be verified, by whom, and what an answer does (law §§2, 4)."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from cases.models import Message, Task
from cases.services.accepting import accept_case, not_accept_case
from cases.services.notices import deliver
from cases.services.tasks import pass_task_on, recall_task
from cases.services.verifying import answer_verification, send_verify
from cases.sources import VERIFIED_SOURCES
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from gridcity.models import User
from parts.models import PatrolCell
from tests.photos import prepared

SOURCES = ["HOTLINE", "LETTER_VISIT", "MEDIA", "LEADER", "SUPERIOR", "VIDEO", "SENSOR", "PUBLIC"]


@pytest.fixture
def hotline(walk):
    return walk(by="acceptor-1", source="HOTLINE")


def accept(going, district, waiver=""):
    return accept_case(
        number=going.number, actor=district.actor("acceptor-1"), at=going.now,
        version=going.case.version, waiver=waiver,
    )  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_some_sources_are_verified_before_acceptance(walk, district, source):
    going = walk(by="acceptor-1", source=source)
    if source in VERIFIED_SOURCES:
        with pytest.raises(Invalid) as refused:
            accept(going, district)
        assert refused.value.code == "verification_required"
        assert going.case.state == "REPORTED"
    else:
        assert accept(going, district).state == "TO_FILE"


def test_the_sources_that_must_be_verified_are_those_of_the_law():
    assert set(VERIFIED_SOURCES) == {"HOTLINE", "LETTER_VISIT", "PUBLIC", "MEDIA", "SENSOR"}


def test_a_waiver_is_recorded_with_its_reason(hotline, district):
    case = accept(hotline, district, waiver="监控已看到现场")
    assert case.verify_waived_reason == "监控已看到现场"
    assert case.events.get(action="accept").changes == {
        "waiver": "监控已看到现场", "stage_due": case.due_at.astimezone(UTC).isoformat(),
    }  # fmt: skip


def test_a_waiver_that_is_not_needed_is_not_counted(walk, district):
    case = accept(walk(), district, waiver="不需要")
    assert case.verify_waived_reason == ""


def test_a_confirmed_verification_opens_the_way(hotline, district):
    hotline.step("send_verify")
    case = hotline.step("verify")
    assert (case.state, case.verify_outcome) == ("REPORTED", "confirmed")
    assert accept(hotline, district).state == "TO_FILE"


@pytest.mark.parametrize("outcome", ["not_true", "not_found"])
def test_accepting_against_the_answer_needs_a_reason(walk, district, outcome):
    going = walk()  # a supervisor's report, which need not be verified
    going.step("send_verify")
    going.step("verify", outcome=outcome)
    with pytest.raises(Invalid):
        accept(going, district)
    assert accept(going, district, waiver="复看照片属实").verify_waived_reason


def test_the_task_goes_to_the_supervisor_of_the_cell_on_duty(hotline):
    hotline.step("send_verify")
    assert hotline.assignee.username == "supervisor-1"


def test_at_night_it_goes_to_the_night_shift(walk, at):
    going = walk(by="acceptor-1", source="HOTLINE", reported_at=at("23:00"))
    going.step("send_verify")
    assert going.assignee.username == "supervisor-3"


def test_never_to_the_one_who_reported_it_but_to_the_neighbour(walk):
    going = walk(cell=(1, 1), by="supervisor-1")
    going.step("send_verify")
    assert going.assignee.username == "supervisor-2"


def test_nobody_on_duty_leaves_the_case_where_it_is(walk):
    going = walk(cell=(1, 0), by="supervisor-1")  # its neighbours are his own cells too
    with pytest.raises(NotAllowed):
        going.step("send_verify")
    assert going.case.state == "REPORTED"
    assert not Task.objects.exists()


def test_a_supervisor_whose_account_is_closed_is_not_on_duty(hotline):
    User.objects.filter(username="supervisor-1").update(is_active=False)
    hotline.step("send_verify")
    assert hotline.assignee.username == "supervisor-2"


def test_a_case_without_a_point_cannot_be_verified(district, at):
    from cases.services.reporting import ReportInput
    from tests.factories import report_case  # the service itself, without a place

    case = report_case(
        actor=district.actor("acceptor-1"), at=at(),
        report=ReportInput(kind="event", class_code="0102", source="HOTLINE", place_text="路口",
                           description="x"),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        send_verify(number=case.number, actor=district.actor("acceptor-1"), at=at(), version=1)


def test_only_the_supervisor_of_the_task_answers(hotline, district):
    hotline.step("send_verify")
    with pytest.raises(Forbidden):
        answer_verification(
            number=hotline.number, actor=district.actor("supervisor-2"), at=hotline.now,
            outcome="confirmed", photos=[prepared("near")],
        )  # fmt: skip
    assert hotline.case.state == "VERIFYING"


@pytest.mark.parametrize("outcome", ["", "passed", "yes", "CONFIRMED"])
def test_an_answer_is_one_of_three(hotline, outcome):
    hotline.step("send_verify")
    with pytest.raises(Invalid):
        hotline.step("verify", outcome=outcome)


def test_an_answer_shows_the_place_by_a_photo(hotline):
    hotline.step("send_verify")
    with pytest.raises(Invalid) as refused:
        answer_verification(
            number=hotline.number, actor=hotline.assignee, at=hotline.now, outcome="confirmed"
        )
    assert list(refused.value.fields) == ["photos"]
    assert hotline.case.state == "VERIFYING"


def test_a_second_answer_is_refused_and_kept_nowhere(hotline, district):
    hotline.step("send_verify")
    hotline.step("verify")
    events = hotline.case.events.count()
    with pytest.raises(NotAllowed):
        answer_verification(
            number=hotline.number, actor=district.actor("supervisor-1"), at=hotline.now,
            outcome="not_true", photos=[prepared("near")],
        )  # fmt: skip
    assert hotline.case.events.count() == events
    assert hotline.case.verify_outcome == "confirmed"


def pass_on(going, minutes=31):
    going.now += timedelta(minutes=minutes)
    task = Task.objects.get(case__number=going.number, ended_at=None)
    return pass_task_on(task_id=task.pk, at=going.now)


def test_a_missed_task_passes_on_and_the_miss_is_counted(hotline):
    hotline.step("send_verify")
    following = pass_on(hotline)
    assert following.assignee.username == "supervisor-2"
    first = Task.objects.get(assignee__username="supervisor-1")
    assert (first.outcome, first.in_time) == ("missed", False)
    assert following.due_at == hotline.now + timedelta(minutes=30)
    assert hotline.case.due_at == following.due_at


def test_when_nobody_is_left_the_task_is_recalled_and_charged_to_nobody(hotline):
    hotline.step("send_verify")
    pass_on(hotline)
    assert pass_on(hotline) is None
    case = hotline.case
    assert case.state == "REPORTED"
    recalled = case.events.get(action="recall_task")
    assert (recalled.role, recalled.reason) == ("clock", "无人在岗")
    last = Task.objects.get(assignee__username="supervisor-2")
    assert (last.outcome, last.in_time) == ("recalled", None)


def test_the_first_answer_wins_also_from_one_the_task_had_passed_by(hotline, district):
    hotline.step("send_verify")
    pass_on(hotline)
    answer_verification(
        number=hotline.number, actor=district.actor("supervisor-1"), at=hotline.now,
        outcome="not_found", occurred_at=hotline.now - timedelta(minutes=20),
        photos=[prepared("near")],
    )  # fmt: skip
    assert hotline.case.verify_outcome == "not_found"
    assert Task.objects.get(assignee__username="supervisor-2").outcome == "lapsed"


def test_an_answer_after_another_was_recorded_is_kept_as_a_supplement(hotline, district):
    hotline.step("send_verify")
    pass_on(hotline)
    hotline.step("verify")  # by supervisor-2
    version = hotline.case.version
    answer_verification(
        number=hotline.number, actor=district.actor("supervisor-1"), at=hotline.now,
        outcome="not_true", words="没有看到", photos=[prepared("near")],
    )  # fmt: skip
    case = hotline.case
    assert (case.verify_outcome, case.version) == ("confirmed", version)
    kept = case.events.get(action="supplement")
    assert "没有看到" in kept.changes["words"]
    assert kept.photos.count() == 1


def test_who_sees_an_ended_case_is_told_that_his_late_answer_is_not_taken(hotline, district):
    hotline.step("send_verify")
    pass_on(hotline)
    hotline.step("verify", outcome="not_true")
    hotline.step("not_accept")
    with pytest.raises(NotAllowed):
        answer_verification(
            number=hotline.number, actor=district.actor("supervisor-1"), at=hotline.now,
            outcome="confirmed", photos=[prepared("near")],
        )  # fmt: skip


def test_a_recalled_task_is_not_charged(hotline, district):
    hotline.step("send_verify")
    case = recall_task(
        number=hotline.number, actor=district.actor("acceptor-2"), at=hotline.now,
        reason="改由视频核实", version=hotline.case.version,
    )  # fmt: skip
    assert case.state == "REPORTED"
    task = Task.objects.get()
    assert (task.outcome, task.in_time) == ("recalled", None)
    # Acceptance goes on with what the minute before the verification left of its fifteen.
    assert case.due_at - case.state_since == timedelta(minutes=14)


def test_an_answer_from_before_a_new_sending_is_kept_as_a_supplement(hotline, district):
    hotline.step("send_verify")
    first = Task.objects.get()
    recall_task(
        number=hotline.number, actor=district.actor("acceptor-2"), at=hotline.now,
        reason="改由他人核实",
    )  # fmt: skip
    PatrolCell.objects.filter(patrol__supervisor=first.assignee).delete()
    hotline.step("send_verify")
    second = Task.objects.get(ended_at=None)
    assert second.assignee_id != first.assignee_id
    case = answer_verification(
        number=hotline.number, actor=district.actor(first.assignee.username), at=hotline.now,
        outcome="confirmed", photos=[prepared("near")],
    )  # fmt: skip
    assert (case.state, case.verify_outcome) == ("VERIFYING", "")
    assert case.events.order_by("seq").last().action == "supplement"
    assert Task.objects.get(pk=second.pk).ended_at is None


def test_the_reporter_with_an_account_is_told_that_his_report_was_not_accepted(walk, district, at):
    going = walk()
    not_accept_case(
        number=going.number, actor=district.actor("acceptor-1"), at=going.now,
        version=1, reason="不属于城市管理事项",
    )  # fmt: skip
    assert deliver(at=going.now) == 1
    message = Message.objects.get()
    assert (message.receiver.username, message.kind) == ("supervisor-1", "not_accepted")
    assert deliver(at=going.now + timedelta(minutes=1)) == 0
