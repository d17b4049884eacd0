"""GET /api/v1/cases/{number}/: who sees which case, and what of it (domain law §1)."""

from __future__ import annotations

import uuid

import pytest

from cases.models import IdempotencyKey, ReporterLook
from cases.services.reporting import ReporterInput
from dispatch.actions import Told, carry_out
from dispatch.models import Turn
from dispatch.serializers import CaseOut, CaseRowOut, ReportedOut, RequestOut
from tests.api.conftest import CASES
from tests.district import USER_OF_ROLE
from tests.photos import prepared

KEY = uuid.UUID(int=42)
CALLER = ReporterInput("王小明", "13800001111", True)
DISCREET = ReporterInput("李四", "13900002222", False)


def keys_of(serializer) -> set[str]:
    return set(serializer().get_fields())


def path(case) -> str:
    return f"{CASES}{case.number}/"


@pytest.fixture
def hotline(walk):
    """A case of a caller, walked on from any state."""
    return lambda state="REPORTED", reporter=CALLER: walk(
        state, by="acceptor-1", source="LEADER", reporter=reporter
    )


def test_the_answer_has_the_shape_that_the_description_promises(of, walk):
    going = walk("TO_CHECK")
    shown = of("acceptor-1").get(path(going.case)).body
    assert set(shown) == keys_of(CaseOut)
    for name, many in (("turns", True), ("events", True), ("stages", True), ("photos", True),
                       ("standard", False), ("allowed_actions", True)):  # fmt: skip
        shape = CaseOut().get_fields()[name]
        child = shape.child if many else shape
        rows = shown[name] if many else [shown[name]]
        assert rows
        assert all(set(row) == set(child.get_fields()) for row in rows), name
    row = of("acceptor-1").get(CASES).body["results"][0]
    assert set(row) == keys_of(CaseRowOut)


def test_a_report_and_a_request_have_their_shapes(of, walk, report_fields):
    answer = of("supervisor-1").post(CASES, report_fields)
    assert set(answer.body) == keys_of(ReportedOut)
    going = walk("TO_DISPATCH")
    going.step("ask_void")
    shown = of("duty-chief-2").get(path(going.case)).body
    assert set(shown["requests"][0]) == keys_of(RequestOut)
    assert [one["action"] for one in shown["requests"][0]["allowed_actions"]] == [
        "approve", "refuse",
    ]  # fmt: skip


SEEN = {
    "supervisor": {"REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "CLOSED"},  # he reported it
    "acceptor": {"REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "CLOSED"},
    "duty_chief": {"REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "CLOSED"},
    "dispatcher": {"TO_DISPATCH", "HANDLING", "CLOSED"},
    "department": {"HANDLING", "CLOSED"},
    "official": {"REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "CLOSED"},
    "administrator": set(),
    "client": set(),
}


@pytest.mark.parametrize("role", sorted(SEEN))
@pytest.mark.parametrize("state", ["REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "CLOSED"])
def test_who_sees_a_case_at_all(of, make_case, role, state):
    case = make_case(state)
    client = of(USER_OF_ROLE[role])
    status = client.get(path(case)).status_code
    listed = {row["number"] for row in client.get(CASES).body["results"]}
    assert status == (200 if state in SEEN[role] else 404)
    assert (case.number in listed) == (state in SEEN[role])


def test_a_supervisor_sees_open_cases_of_his_cells_and_what_he_once_had_a_task_for(of, walk):
    foreign = walk("HANDLING", cell=(2, 3))  # reported by supervisor-1 outside his cells
    assert of("supervisor-2").get(path(foreign.case)).status_code == 200  # it lies in his cells
    assert of("supervisor-4").get(path(foreign.case)).status_code == 200
    closed = walk("CLOSED", cell=(2, 3))
    assert of("supervisor-4").get(path(closed.case)).status_code == 404
    assert of("supervisor-2").get(path(closed.case)).status_code == 200  # he checked it


def test_an_interface_client_sees_only_what_it_reported(of, report_fields, make_case):
    other = make_case()
    number = of("client-1").post(CASES, report_fields).body["number"]
    shown = of("client-1").get(f"{CASES}{number}/").body
    assert shown["number"] == number
    assert {event["actor"] for event in shown["events"]} == {None}
    assert shown["reporter"] is None
    assert of("client-1").get(path(other)).status_code == 404
    assert of("client-2").get(f"{CASES}{number}/").status_code == 404


def test_an_interface_client_is_told_what_happened_and_not_who_did_it(of, walk, act, district):
    going = walk(by="client-1", source="PUBLIC")
    going.step("accept", waiver="现场已有图像")
    going.step("file")
    going.step("dispatch")
    act("department-s201", going.case, "ask_extension", reason="需采购配件")
    going.step("finish")
    going.step("send_check")
    shown = of("client-1").get(path(going.case)).body
    assert [event["action"] for event in shown["events"]][-2:] == ["finish", "send_check"]
    assert shown["status"] == "CHECKING"
    told = str(shown)
    for user in district.users.values():
        assert user.username not in told, user
        assert user.full_name not in told, user
    assert "需采购配件" not in told
    assert "现场已有图像" not in told


def test_the_pages_of_cases_are_the_staffs(browser_client, walk, district):
    own, other = walk(by="client-1", source="PUBLIC"), walk("HANDLING")
    browser_client.enter(district.user("client-1"))
    for page in ("", "sheet.pdf"):
        assert browser_client.get(f"/cases/{own.number}/{page}").status_code == 403
        assert browser_client.get(f"/cases/{other.number}/{page}").status_code == 404


# ---------------------------------------------------------------- the reporter


@pytest.mark.parametrize("role", ["acceptor", "duty_chief"])
def test_the_supervising_desks_see_who_reported(of, hotline, role):
    shown = of(USER_OF_ROLE[role]).get(path(hotline().case)).body
    assert shown["reporter"] == {"name": "王小明", "phone": "13800001111", "may_call": True}


@pytest.mark.parametrize("role", ["supervisor", "dispatcher", "official"])
def test_nobody_else_does(of, hotline, role):
    going = hotline("HANDLING")
    answer = of(USER_OF_ROLE[role]).get(path(going.case))
    assert answer.status_code == 200
    assert answer.body["reporter"] is None
    assert "13800001111" not in str(answer.body)
    assert "王小明" not in str(answer.body)


def test_the_department_sees_him_in_its_turn_and_each_look_is_logged(of, hotline, district):
    going = hotline("HANDLING")
    for _number in range(2):
        shown = of("department-s201").get(path(going.case)).body
        assert shown["reporter"]["phone"] == "13800001111"
    looks = ReporterLook.objects.filter(user=district.user("department-s201"))
    assert looks.count() == 2
    of("acceptor-1").get(path(going.case))
    assert ReporterLook.objects.count() == 2


def test_what_an_action_answers_with_is_a_look_too(of, hotline, district):
    going = hotline("HANDLING")
    version = going.case.version
    shown = of("department-s201").post(
        path(going.case) + "ask_extension/", {"reason": "需采购配件", "version": version}
    )
    assert shown.status_code == 200, shown.body
    assert shown.body["reporter"]["phone"] == "13800001111"
    assert ReporterLook.objects.filter(user=district.user("department-s201")).count() == 1


def test_a_repeated_action_shows_him_no_more(of, hotline, district):
    going = hotline("HANDLING")
    said = {"reason": "需采购配件", "version": going.case.version}
    url = path(going.case) + "ask_extension/"
    first = of("department-s201").post(url, said, key=KEY)
    assert first.body["reporter"]["phone"] == "13800001111"
    kept = str(IdempotencyKey.objects.get().answer)
    assert "13800001111" not in kept
    assert "王小明" not in kept
    again = of("department-s201").post(url, said, key=KEY)
    assert again.body == first.body | {"reporter": None}
    assert ReporterLook.objects.filter(user=district.user("department-s201")).count() == 1


def test_not_where_he_did_not_agree_to_be_called(of, hotline):
    going = hotline("HANDLING", DISCREET)
    assert of("department-s201").get(path(going.case)).body["reporter"] is None
    assert not ReporterLook.objects.exists()


def test_not_after_its_turn(of, hotline):
    going = hotline("HANDLING")
    reassign(going)
    shown = of("department-s201").get(path(going.case)).body
    assert shown["reporter"] is None
    closed = hotline("CLOSED")
    assert of("department-s201").get(path(closed.case)).body["reporter"] is None


# ---------------------------------------------------------------- later turns by state only


def reassign(going, department="d101"):
    going.now = going.now.replace(minute=going.now.minute + 1)
    said = {"department": department, "reason": "派错单位"}
    carry_out(
        "reassign",
        Told(going.number, going.actor("dispatcher-1"), going.now, going.case.version, said),
    )


def test_a_department_sees_its_own_turn_whole_and_later_ones_by_state_only(of, walk):
    going = walk("HANDLING")
    carry_out("supplement", Told(
        going.number, going.actor("department-s201"), going.now, said={"description": "我方已到场"},
        photos=[prepared("near")],
    ))  # fmt: skip
    reassign(going)
    going.step("finish", result="后一单位的结果")
    own = of("department-s201").get(path(going.case)).body
    assert own["status"] == "TO_CHECK"
    assert own["later_turns"] == 1
    assert [turn["department"]["code"] for turn in own["turns"]] == ["s201"]
    assert "我方已到场" in str(own["events"])
    assert "后一单位的结果" not in str(own)
    assert [stage["state"] for stage in own["stages"]][-2:] == ["HANDLING", "TO_CHECK"]
    assert [photo["role"] for photo in own["photos"]] == ["near"]
    for name in ("result", "department", "deadline_at", "lamp", "task", "due_at"):
        assert own[name] is None, name
    assert own["allowed_actions"] == []
    assert own["events"][-1]["action"] == "reassign"
    assert "d101" not in str(own)  # nor who came next
    tried = of("department-s201").post(
        path(going.case) + "withdraw_finish/", {"version": going.case.version, "reason": "误报"}
    )
    assert tried.status_code == 403
    assert "东华门街道办事处" not in str(tried.body)
    whole = of("department-d101").get(path(going.case)).body
    assert len(whole["turns"]) == 2
    assert whole["result"] == "后一单位的结果"
    assert len(whole["photos"]) == 2


def test_photos_of_a_later_turn_are_not_served_to_an_earlier_department(of, walk):
    going = walk("HANDLING")
    reassign(going)
    going.step("finish")
    url = of("department-d101").get(path(going.case)).body["photos"][-1]["url"]
    answer = of("department-d101").get(url)
    assert answer.status_code == 200
    b"".join(answer.streaming_content)
    assert of("department-s201").get(url).status_code == 404


def test_a_department_that_has_the_case_again_sees_all(of, walk):
    going = walk("HANDLING")
    reassign(going)
    reassign(going, "s201")
    shown = of("department-s201").get(path(going.case)).body
    assert len(shown["turns"]) == 3
    assert shown["later_turns"] == 0


def test_an_assisting_department_sees_the_turn_it_assists_in(of, act, make_case):
    case = make_case("TO_DISPATCH")
    act("dispatcher-1", case, "dispatch", department="s201", assistants=["d102"])
    shown = of("department-d102").get(path(case)).body
    assert shown["department"]["code"] == "s201"
    assert [row["action"] for row in shown["allowed_actions"]] == ["supplement"]
    answer = act("department-d102", case, "supplement", description="协办已到场")
    assert answer.status_code == 200


def test_reading_its_case_is_remembered_as_the_departments_first_look(of, make_case, clock):
    case = make_case("HANDLING")
    of("dispatcher-1").get(path(case))
    turn = Turn.objects.get(case=case)
    assert turn.opened_at is None
    of("department-s201").get(path(case))
    turn.refresh_from_db()
    assert turn.opened_at == clock.now


# ---------------------------------------------------------------- what a desk needs to decide


def test_the_duty_chief_gets_the_standards_of_the_class(of, make_case, district):
    case = make_case("TO_FILE", entry="illegal_building")
    shown = of("duty-chief-1").get(path(case)).body
    assert [row["condition"] for row in shown["standards"]] == ["正在搭建", "已建成"]
    assert of("acceptor-1").get(path(case)).body["standards"] is None


def test_the_dispatcher_gets_a_proposal_and_its_reason(of, make_case):
    case = make_case("TO_DISPATCH", entry="stall")
    proposal = of("dispatcher-1").get(path(case)).body["proposal"]
    assert proposal["department"] == {"code": "d101", "name": "东华门街道办事处"}
    assert proposal["reason"]
    assert of("duty-chief-1").get(path(case)).body["proposal"] is None


def test_the_proposal_for_a_part_names_its_owner(of, make_case, district):
    case = make_case("TO_DISPATCH", entry="cover", cell=(0, 0), part_code=district.parts[0].code)
    assert of("dispatcher-1").get(path(case)).body["proposal"]["department"]["code"] == "w301"


def test_the_task_names_its_supervisor(of, make_case):
    shown = of("acceptor-1").get(path(make_case("VERIFYING"))).body
    assert shown["task"]["kind"] == "verify"
    assert shown["task"]["assignee"] == "supervisor-2"
    assert shown["task"]["ended_at"] is None


@pytest.mark.parametrize(("minutes", "lamp"), [(5, "green"), (13, "yellow"), (16, "red")])
def test_the_lamp_follows_the_time_used(of, make_case, clock, minutes, lamp):
    case = make_case(reported_at=clock.now)
    clock.move(minutes=minutes)
    assert of("acceptor-1").get(path(case)).body["lamp"] == lamp
    assert of("acceptor-1").get(CASES).body["results"][0]["lamp"] == lamp


@pytest.mark.parametrize("state", ["REPORTED", "HANDLING", "CLOSED"])
def test_a_case_is_read_in_a_fixed_number_of_queries(
    of, walk, district, django_assert_max_num_queries, state
):
    going = walk(state)
    client = of("acceptor-1")
    client.get(path(going.case))
    with django_assert_max_num_queries(14):
        client.get(path(going.case))
