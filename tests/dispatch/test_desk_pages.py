"""The desks' pages: who may open them, what they show, and that a refusal loses nothing typed."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Event, Message, Reporter, ReporterLook
from cases.services.notices import deliver
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.models import Turn
from parts.models import FilingStandard
from tests.district import USER_OF_ROLE, at, point
from tests.photos import upload

DESK_ROLES = ("acceptor", "duty_chief", "dispatcher", "department")
READING_ROLES = (*DESK_ROLES, "official")
OTHER_ROLES = ("supervisor", "administrator", "client")
# Session and user; for a department's user its membership, for the actor and for the frame.
ENTERING = 4
PRESSES = {"urge", "supervise"}


@pytest.fixture(autouse=True)
def _now(clock):
    """All pages are read at eleven on the tests' Wednesday."""
    clock.now = at("11:00")


@pytest.fixture
def page(browser_client, district):
    """`page("acceptor", "/cases/")`: a page as the user of that role gets it."""

    def get(role, path, status=200, **headers):
        browser_client.enter(district.user(USER_OF_ROLE.get(role, role)))
        response = browser_client.get(path, headers=headers)
        assert response.status_code == status, response.content[:400]
        return unescape(response.content.decode())

    return get


@pytest.fixture
def send(browser_client, district):
    """`send("duty_chief", path, reason="…")`: a plain form, as a page without scripts sends it."""

    def post(role, path, **fields):
        browser_client.enter(district.user(USER_OF_ROLE.get(role, role)))
        return browser_client.post(path, fields)

    return post


def case_path(case, *more):
    return "/".join(["/cases", case.number, *more]) + "/"


def buttons(html):
    """Actions whose dialog or panel the page holds, and the refused ones."""
    forms = set(re.findall(r'action="/cases/\d+/(?:requests/\d+/)?(\w+)/"', html))
    refused = set(re.findall(r'id="why-(\w+)"', html))
    return forms, refused


def shown_numbers(html):
    return re.findall(r'data-gc-row="(\d{17})"', html)


class TestWhoMayEnter:
    @pytest.mark.parametrize("role", READING_ROLES)
    @pytest.mark.parametrize("path", ["/cases/", "/cases/all/", "/requests/", "/messages/"])
    def test_readers_open_every_list(self, page, role, path):
        assert "<h1>" in page(role, path)

    @pytest.mark.parametrize("role", OTHER_ROLES)
    @pytest.mark.parametrize("path", ["/cases/", "/cases/all/", "/requests/"])
    def test_other_roles_are_refused_with_a_sentence(self, page, role, path):
        assert "data-gc-refusal" in page(role, path, status=403)

    def test_messages_are_for_all_who_are_told_something(self, page):
        for path in ("/messages/", "/cases/counts/"):
            page("supervisor", path)
            for role in ("administrator", "client"):
                page(role, path, status=403)

    @pytest.mark.parametrize("role", [r for r in (*READING_ROLES, *OTHER_ROLES) if r != "acceptor"])
    def test_only_an_acceptor_registers_calls_and_looks_up_callers(self, page, send, role):
        page(role, "/cases/new/", status=403)
        assert send(role, "/cases/new/caller/", phone="13800138000").status_code == 403

    def test_who_is_not_logged_in_is_sent_to_the_login(self, browser_client, district):
        response = browser_client.get("/cases/")
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")

    def test_a_case_that_is_not_visible_does_not_exist(self, page, make_case):
        unfiled, handled = make_case("TO_FILE"), make_case("HANDLING")
        page("dispatcher", case_path(unfiled), status=404)
        page("department-w301", case_path(handled), status=404)
        page("administrator", case_path(handled), status=404)
        page("department", "/cases/11010120260099999/", status=404)


class TestQueue:
    def test_each_desk_finds_what_waits_for_it(self, page, make_case):
        cases = {
            state: make_case(state)
            for state in ("REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "TO_CHECK", "TO_CLOSE")
        }
        waiting = {
            "acceptor": {"REPORTED", "TO_CHECK"},
            "duty_chief": {"TO_FILE", "TO_CLOSE"},
            "dispatcher": {"TO_DISPATCH"},
            "department": {"HANDLING"},
        }
        for role, states in waiting.items():
            expected = {cases[state].number for state in states}
            assert set(shown_numbers(page(role, "/cases/"))) == expected, role

    @pytest.mark.parametrize("role", DESK_ROLES)
    def test_thirty_rows_cost_as_many_queries_as_three(self, browser_client, page, make_case, role):
        state = {"acceptor": "REPORTED", "duty_chief": "TO_FILE", "dispatcher": "TO_DISPATCH"}
        few = None
        for count in (3, 27):
            for _ in range(count):
                make_case(state.get(role, "HANDLING"))
            page(role, "/cases/")  # what a process keeps for some seconds is read before
            with CaptureQueriesContext(connection) as captured:
                assert browser_client.get("/cases/").status_code == 200
            few = few or len(captured)
        assert len(captured) == few
        assert few <= 8 + ENTERING

    def test_a_query_is_its_address(self, page, make_case):
        rubbish = make_case("REPORTED", entry="rubbish", cell=(0, 0))
        stall = make_case("REPORTED", entry="stall", cell=(0, 3))
        path = "/cases/all/"
        assert set(shown_numbers(page("acceptor", path))) == {rubbish.number, stall.number}
        for query, found in (
            ("class_code=event:0102", [rubbish.number]),
            ("kind=event&class_code=0501", [stall.number]),
            ("street=110101002", [stall.number]),
            (f"number={rubbish.number[-4:]}", [rubbish.number]),
            ("status=REPORTED,VERIFYING&street=110101001", [rubbish.number]),
            ("status=CLOSED", []),
            (f"cell={stall.cell.code}", [stall.number]),
        ):
            assert shown_numbers(page("acceptor", f"{path}?{query}")) == found, query

    def test_an_empty_list_says_why_it_is_empty(self, page, make_case):
        assert "暂无待办案件" in page("duty_chief", "/cases/")
        assert "bi-search" in page("duty_chief", "/cases/?street=110101001")

    def test_a_query_that_cannot_be_read_is_said_at_its_field(self, page, make_case):
        make_case()
        html = page("acceptor", "/cases/all/?since=yesterday", status=400)
        assert 'value="yesterday"' in html
        assert "errorlist" in html
        assert not shown_numbers(html)

    def test_pages_follow_each_other_and_htmx_gets_the_list_alone(
        self, page, make_case, monkeypatch
    ):
        monkeypatch.setattr("dispatch.selectors.desk_lists.desk_page.__kwdefaults__", {"size": 2})
        made = [make_case().number for _ in range(5)]
        html = page("acceptor", "/cases/")
        assert shown_numbers(html) == made[:2]
        following = re.search(r'rel="next" href="(\?[^"]+)"', html).group(1)
        part = page("acceptor", f"/cases/{following}", HX_Request="true", HX_Target="cases")
        assert shown_numbers(part) == made[2:4]
        assert "<html" not in part

    def test_the_dispatcher_sees_the_proposal_and_its_reason(self, page, make_case):
        case = make_case("TO_DISPATCH")
        html = page("dispatcher", case_path(case, "proposal"))
        assert "环卫中心" in html
        assert buttons(html)[0] == {"dispatch"}
        page("acceptor", case_path(case, "proposal"), status=403)

    def test_the_menu_counts_boxes_and_unread_messages(self, page, make_case, district):
        make_case("HANDLING")
        deliver(at=at("11:00"))
        html = page("department", "/cases/counts/")
        assert re.search(r'id="gc-count-todo"[^>]*>1<', html)
        assert re.search(r'id="gc-unread"[^>]*>1<', html)


class TestCasePage:
    @pytest.mark.parametrize("state", [s for s in State if s not in {
        "SELF_HANDLED", "SUSPENDED", "FORCE_CLOSED", "MERGED"}])  # fmt: skip
    def test_every_state_has_its_page(self, page, make_case, state):
        case = make_case(state)
        assert case.number in page("duty_chief", case_path(case))

    @pytest.mark.parametrize(
        ("role", "state", "may"),
        [
            (
                "acceptor",
                "REPORTED",
                {"amend", "supplement", "send_verify", "accept", "not_accept", "merge"},
            ),
            ("acceptor", "VERIFYING", {"supplement", "recall_task"}),
            (
                "duty_chief",
                "TO_FILE",
                {"amend", "file", "not_file", "send_back_to_accept", "merge"} | PRESSES,
            ),
            ("dispatcher", "TO_DISPATCH", {"dispatch", "send_back_to_file", "ask_void"} | PRESSES),
            (
                "department",
                "HANDLING",
                {"supplement", "finish", "ask_return", "ask_extension", "ask_suspension"},
            ),
            ("dispatcher", "HANDLING", {"reassign", "ask_void"} | PRESSES),
            ("department", "TO_CHECK", {"supplement", "withdraw_finish"}),
            ("acceptor", "TO_CHECK", {"supplement", "send_check"}),
            ("duty_chief", "TO_CLOSE", {"close", "refuse_close", "force_close"} | PRESSES),
            ("acceptor", "TO_CLOSE", {"supplement"}),
            ("official", "HANDLING", PRESSES),
            ("department", "CLOSED", set()),
        ],
    )
    def test_only_what_may_be_done_now_is_offered(self, page, make_case, role, state, may):
        forms, refused = buttons(page(role, case_path(make_case(state))))
        assert forms == may
        assert not refused

    def test_a_refused_button_says_why(self, page, walk, clock):
        walked = walk("HANDLING")
        clock.now = walked.now + timedelta(hours=3)
        forms, refused = buttons(page("department", case_path(walked.case)))
        assert "ask_return" not in forms
        assert refused == {"ask_return"}

    def test_a_report_without_a_point_says_what_it_lacks(self, page, send):
        send("acceptor", "/cases/new/", source="HOTLINE", kind="event", class_code="0102",
             description="垃圾三天没人清", place_text="多福巷3号楼下")  # fmt: skip
        forms, refused = buttons(page("acceptor", case_path(Case.objects.get())))
        assert forms == {"amend", "supplement", "not_accept", "merge"}
        assert refused == {"send_verify", "accept"}

    def test_a_supervisor_is_led_to_his_task(self, page, make_case):
        case = make_case("VERIFYING", by="acceptor-1", source="HOTLINE")
        task = case.tasks.get()
        assert f"/patrol/tasks/{task.pk}/" in page("supervisor-1", case_path(case))

    def test_while_a_request_waits_the_reviewer_answers_it_first(self, page, walk):
        walked = walk("HANDLING")
        walked.step("ask_void")
        forms, refused = buttons(page("dispatcher", case_path(walked.case)))
        assert "withdraw" in forms
        assert not forms & {"reassign", "ask_void"}
        assert {"reassign", "ask_void"} <= refused
        assert buttons(page("duty-chief-2", case_path(walked.case)))[0] >= {"approve", "refuse"}

    def test_who_filed_a_case_sees_why_he_may_not_void_it(self, page, walk):
        walked = walk("HANDLING")
        walked.step("ask_void")
        _forms, refused = buttons(page("duty-chief-1", case_path(walked.case)))
        assert {"approve", "refuse"} <= refused

    def test_the_standards_stand_beside_the_photos_with_the_limit_of_the_cell(
        self, page, make_case
    ):
        html = page("duty_chief", case_path(make_case("TO_FILE", entry="cover", cell=(0, 0))))
        assert "井盖缺失" in html
        assert "井盖破损" in html
        assert re.search(r"时限 2 ", html)  # area A: two hours instead of four

    def test_history_is_told_in_words(self, page, walk, send):
        walked = walk("REPORTED", source="", by="supervisor-1")
        case = walked.case
        send("acceptor", case_path(case, "amend"), version=1, kind="event", class_code="0501",
             description="改写后的描述", place_text="")  # fmt: skip
        html = page("acceptor", case_path(case))
        assert "0102 暴露垃圾" in html
        assert "0501 无照经营游商" in html
        assert "改写后的描述" in html

    def test_a_page_costs_a_bounded_number_of_queries(self, browser_client, page, walk):
        short, long = walk("HANDLING"), walk("CLOSED")
        page("duty_chief", case_path(long.case))
        with CaptureQueriesContext(connection) as few:
            browser_client.get(case_path(short.case))
        with CaptureQueriesContext(connection) as many:
            browser_client.get(case_path(long.case))
        assert len(many) <= len(few) + 3  # names of supervisors, photos' events, tasks' people
        assert len(many) <= 30

    def test_a_department_that_lost_the_case_sees_later_turns_by_state_only(self, page, walk, send):
        walked = walk("HANDLING")
        case = walked.case
        sent = send("dispatcher", case_path(case, "reassign"), version=case.version,
                    department="d101", reason="属地处置")  # fmt: skip
        assert sent.status_code == 302
        walked.now = at("11:00")
        walked.step("finish", result="后手部门的处置结果")
        html = page("department-s201", case_path(case))
        assert "环卫中心" in html
        assert "东华门街道办事处" not in html
        assert "后手部门的处置结果" not in html
        assert "后手部门的处置结果" in page("department-d101", case_path(case))

    def test_its_list_does_not_say_what_the_next_department_asks_for(self, page, walk, send):
        case = walk("HANDLING").case
        sent = send("dispatcher", case_path(case, "reassign"), version=case.version,
                    department="d101", reason="属地处置")  # fmt: skip
        assert sent.status_code == 302
        case.refresh_from_db()
        sent = send("department-d101", case_path(case, "ask_extension"), version=case.version,
                    reason="需采购配件")  # fmt: skip
        assert sent.status_code == 302
        waiting = re.compile(r'data-gc-row="\d{17}".*?延期', re.DOTALL)
        assert waiting.search(page("department-d101", "/cases/all/"))
        assert case.number in page("department-s201", "/cases/all/")
        assert not waiting.search(page("department-s201", "/cases/all/"))

    def test_opening_by_the_department_is_noted(self, page, make_case):
        case = make_case("HANDLING")
        page("dispatcher", case_path(case))
        assert Turn.objects.get(case=case).opened_at is None
        page("department", case_path(case))
        assert Turn.objects.get(case=case).opened_at is not None

    def test_the_reporter_is_shown_to_the_department_only_where_he_agreed(self, page, make_case):
        agreed, not_agreed = (
            make_case("HANDLING", reporter=ReporterInput("张三", "13800138000", may_call))
            for may_call in (True, False)
        )
        assert "13800138000" in page("department", case_path(agreed))
        assert ReporterLook.objects.filter(reporter__case=agreed).count() == 1
        assert "13800138000" not in page("department", case_path(not_agreed))
        for role in ("dispatcher", "official"):
            assert "13800138000" not in page(role, case_path(agreed))


class TestPlainForms:
    """Without scripts a form is sent to the page itself; the same services act."""

    def test_an_action_is_carried_out_and_the_case_shown_anew(self, send, make_case, district):
        case = make_case("TO_FILE")
        response = send("duty_chief", case_path(case, "file"), version=case.version,
                        standard=district.standard("rubbish").pk)  # fmt: skip
        assert response.status_code == 302
        assert response["Location"] == case_path(case)
        case.refresh_from_db()
        assert case.state == State.TO_DISPATCH

    def test_photos_come_with_the_form(self, send, make_case):
        case = make_case("HANDLING")
        response = send("department", case_path(case, "finish"), version=case.version,
                        result="已清理", photos=[upload()])  # fmt: skip
        assert response.status_code == 302
        assert list(case.photos.values_list("role", flat=True)) == ["after"]

    def test_a_form_with_faults_comes_back_with_all_that_was_typed(self, send, make_case):
        case = make_case("HANDLING")
        response = send("department", case_path(case, "finish"), version=case.version,
                        result="垃圾已清运，地面已冲洗")  # fmt: skip
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert "垃圾已清运，地面已冲洗" in html
        assert "data-gc-focus" in html
        case.refresh_from_db()
        assert case.state == State.HANDLING

    def test_a_missing_reason_is_said_at_its_field(self, send, make_case):
        case = make_case("TO_FILE")
        response = send("duty_chief", case_path(case, "not_file"), version=case.version, reason=" ")
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert re.search(r'data-gc-field="reason".*?errorlist', html, re.S)
        assert "data-gc-show" in html

    def test_a_stale_version_says_who_moved_the_case_and_keeps_the_text(self, send, walk):
        walked = walk("REPORTED")
        seen = walked.case.version
        walked.step("send_verify")
        walked.step("verify")
        response = send("acceptor", case_path(walked.case, "not_accept"), version=seen,
                        reason="不属于本区管辖范围")  # fmt: skip
        html = unescape(response.content.decode())
        assert response.status_code == 409
        assert "Supervisor 1" in html
        assert "不属于本区管辖范围" in html
        now = walked.case.version
        assert f'name="version" value="{now}"' in html
        assert walked.case.state == State.REPORTED

    def test_what_was_typed_for_an_action_that_is_gone_can_be_copied(self, send, walk):
        walked = walk("TO_FILE")
        seen = walked.case.version
        walked.step("file")
        response = send("duty_chief", case_path(walked.case, "not_file"), version=seen,
                        reason="同一地点已有在办案件")  # fmt: skip
        html = unescape(response.content.decode())
        assert response.status_code == 409
        assert "同一地点已有在办案件" in html
        assert "not_file" not in buttons(html)[0]

    def test_the_same_form_sent_twice_acts_once(self, send, make_case):
        case, key = make_case("REPORTED"), str(uuid.uuid4())
        fields = {"version": case.version, "key": key}
        for _ in range(2):
            assert send("acceptor", case_path(case, "accept"), **fields).status_code == 302
        assert Event.objects.filter(case=case, action="accept").count() == 1

    @pytest.mark.parametrize("role", ["official", "dispatcher", "department"])
    def test_an_action_of_another_role_is_refused(self, send, make_case, role):
        case = make_case("TO_CLOSE")
        assert send(role, case_path(case, "close"), version=case.version).status_code == 403
        case.refresh_from_db()
        assert case.state == State.TO_CLOSE

    def test_an_action_needs_the_version_that_was_seen(self, send, make_case):
        case = make_case("TO_CLOSE")
        assert send("duty_chief", case_path(case, "close")).status_code == 400

    def test_a_word_that_is_no_action_is_not_found(self, send, make_case):
        assert send("duty_chief", case_path(make_case(), "explode")).status_code == 404

    def test_a_return_is_asked_and_approved_by_plain_forms(self, send, make_case):
        case = make_case("HANDLING")
        asked = send("department", case_path(case, "ask_return"), version=case.version,
                     reason_code="not_ours", reason="由物业负责", department="d101")  # fmt: skip
        assert asked.status_code == 302
        case.refresh_from_db()
        request = case.requests.get()
        path = case_path(case, "requests", str(request.pk), "approve")
        assert send("dispatcher", path, version=case.version, reason="").status_code == 302
        case.refresh_from_db()
        assert case.state == State.TO_DISPATCH


class TestRegister:
    def said(self, **more):
        lon, lat = point(0, 0)
        return {
            "source": "HOTLINE", "phone": "13900001111", "name": "李四", "may_call": "on",
            "kind": "event", "class_code": "0102", "description": "楼下垃圾三天没人清",
            "place_text": "多福巷3号楼下", "lon": lon, "lat": lat, "placed_by": "manual",
            "key": str(uuid.uuid4()),
        } | more  # fmt: skip

    def test_a_call_becomes_a_case_with_its_reporter(self, send, district):
        response = send("acceptor", "/cases/new/", **self.said())
        case = Case.objects.get()
        assert response["Location"] == case_path(case)
        assert (case.source, case.cell) == ("HOTLINE", district.cells[0, 0])
        reporter = Reporter.objects.get(case=case)
        assert (reporter.phone, reporter.may_call) == ("13900001111", True)

    def test_words_for_the_place_are_enough_at_first(self, send):
        assert send("acceptor", "/cases/new/", **self.said(lon="", lat="")).status_code == 302
        assert Case.objects.get().cell is None

    def test_what_is_missing_is_said_and_what_was_typed_stays(self, send):
        response = send("acceptor", "/cases/new/", **self.said(class_code="", kind=""))
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert "楼下垃圾三天没人清" in html
        assert "13900001111" in html
        assert not Case.objects.exists()

    def test_a_refusal_of_the_service_comes_back_in_the_form(self, send):
        response = send("acceptor", "/cases/new/", **self.said(lon="120.0", lat="30.0"))
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert "楼下垃圾三天没人清" in html
        assert "errorlist" in html

    def test_earlier_cases_of_a_number_are_found(self, send):
        send("acceptor", "/cases/new/", **self.said())
        found = send("acceptor", "/cases/new/caller/", phone="139 0000-1111").content.decode()
        assert Case.objects.get().number in found
        assert "李四" in found
        other = send("acceptor", "/cases/new/caller/", phone="13900002222").content.decode()
        assert Case.objects.get().number not in other

    def test_likely_duplicates_show_while_the_report_is_typed(self, page, make_case):
        case = make_case("HANDLING", cell=(1, 1))
        lon, lat = point(1, 1)
        query = f"?kind=event&class_code=0102&lon={lon}&lat={lat}"
        html = page("acceptor", f"/cases/new/duplicates/{query}")
        assert case.number in html
        assert case.cell.code in html
        away = page("acceptor", "/cases/new/duplicates/?lon=120&lat=30")
        assert "alert" in away


class TestMessagesAndRequests:
    def test_messages_are_sentences_and_are_marked_as_read(self, page, send, make_case, district):
        make_case("HANDLING")
        deliver(at=at("11:00"))
        html = page("department", "/messages/")
        assert "环卫中心" in html
        last = Message.objects.filter(receiver=district.user("department-s201")).latest("id")
        assert send("department", "/messages/read/", upto=last.pk).status_code == 302
        own = Message.objects.filter(receiver=district.user("department-s201"))
        assert not own.filter(read_at=None).exists()
        lead = Message.objects.filter(receiver=district.user("department-s201-lead"))
        assert lead.filter(read_at=None).exists()

    def test_the_box_of_requests_holds_what_waits_for_the_reviewer(self, page, walk):
        walked = walk("HANDLING")
        walked.step("ask_void")
        assert walked.number in page("duty-chief-2", "/requests/")
        assert walked.number not in page("duty-chief-1", "/requests/")  # he filed it himself
        assert walked.number not in page("dispatcher", "/requests/")
        assert walked.number in page("dispatcher", "/requests/?box=touched")
        assert walked.number not in page("dispatcher", "/requests/?box=all&kind=RETURN")
        page("dispatcher", "/requests/?kind=NONSENSE", status=400)


def test_the_page_tells_how_the_deadline_comes_about(browser_client, district, walk, clock):
    FilingStandard.objects.filter(pk=district.standards["toilet"][0].pk).update(limit_value=2)
    # Three steps of a minute each: the clock runs from 15:00.
    case = walk("HANDLING", entry="toilet", reported_at=at("14:57", on="2026-02-13")).case
    clock.now = case.state_since + timedelta(minutes=5)
    browser_client.enter(district.user("department-s201"))
    html = browser_client.get(f"/cases/{case.number}/").content.decode()
    assert "2 工作日：2月13日 15:00 起…2月14日调休上班…春节2月15–23日…2月24日 15:00 止" in html


def test_a_refused_form_that_shows_the_reporter_again_is_a_look_too(send, walk, district):
    going = walk(
        "HANDLING", by="acceptor-1", source="LEADER",
        reporter=ReporterInput("王小明", "13800001111", may_call=True),
    )  # fmt: skip
    path = case_path(going.case, "ask_extension")
    html = send("department", path, reason="", version=going.case.version).content.decode()
    assert "13800001111" in html
    assert ReporterLook.objects.filter(user=district.user("department-s201")).count() == 1
