"""What the last actions of the law need of the pages: each is reachable, and says what follows."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from cases.models import Case
from cases.services.ending import call_back, rate_case
from cases.services.merging import merge_case
from cases.services.reporting import ReporterInput
from cases.services.self_handling import approve_self_handled
from cases.workflow import State
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import dispatch_case, reassign_case
from dispatch.services.reviews import ask_request
from dispatch.services.undoing import undo_dispatch
from tests.cases.test_self_handling import report as report_handled
from tests.cases.test_self_handling import told
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """All pages are read at eleven on the tests' Wednesday."""
    clock.now = at("11:00")


@pytest.fixture
def page(browser_client, district):
    """`page("acceptor-1", "/cases/")`: a page as that user gets it."""

    def get(name: str, path: str) -> str:
        browser_client.enter(district.user(name))
        response = browser_client.get(path)
        assert response.status_code == 200, response.content[:400]
        return unescape(response.content.decode())

    return get


def of(case: Case) -> str:
    return f"/cases/{case.number}/"


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def form(html: str, action: str) -> str:
    """The form of an action: the panel's or the dialog's."""
    found = re.search(rf'id="do-{action}".*?</form>', html, re.DOTALL)
    assert found, action
    return found.group()


def force_closed(district: TestDistrict) -> Walk:
    walk = start(district=district, state=State.HANDLING)
    force_close_case(**said(walk, "duty-chief-1", reason="现场封闭", successor=True))
    return walk


class TestAppeals:
    def test_its_reviewer_finds_the_answers_on_the_page(self, page, district):
        walk = force_closed(district)
        ask_request(
            **said(walk, "department-s201", kind="APPEAL", fact="forced_close", reason="暴雨")
        )
        html = page("dispatcher-2", of(walk.case))
        assert re.search(r"申诉事项：强制结案", html)
        assert form(html, "approve")
        assert form(html, "refuse")
        # Nobody else is asked, but everybody sees that it waits.
        html = page("official-1", of(walk.case))
        assert "do-approve" not in html
        assert "暴雨" in html

    def test_the_department_finds_it_after_the_end(self, page, district):
        html = page("department-s201", of(force_closed(district).case))
        assert 'value="forced_close" selected' in form(html, "ask_appeal")


class TestMerging:
    def test_what_may_be_the_same_stands_beside_the_report(self, page, district):
        lead, member = start(district=district), start(district=district)
        closed = start(district=district, state=State.CLOSED)
        html = page("acceptor-1", of(member.case))
        dialog = form(html, "merge")
        assert f'name="candidate" value="{lead.number}"' in dialog
        assert f'value="{closed.number}"' not in dialog
        assert closed.number in html
        assert f'data-gc-lead="{lead.number}"' in html

    def test_both_cases_lead_to_each_other(self, page, district):
        lead, member = start(district=district), start(district=district)
        merge_case(**said(member, "acceptor-1", leading=lead.number, reason="同一处"))
        assert f'href="{of(lead.case)}"' in page("acceptor-1", of(member.case))
        assert f'href="{of(member.case)}"' in page("acceptor-1", of(lead.case))


def test_a_forced_close_and_its_successor_lead_to_each_other(page, district):
    first = force_closed(district).case
    second = Case.objects.get(root=first)
    assert f'href="{of(second)}"' in page("duty-chief-1", of(first))
    assert f'href="{of(first)}"' in page("duty-chief-1", of(second))


def test_the_button_of_an_undo_lasts_as_long_as_the_undo(page, browser_client, district, clock):
    walk = start(district=district, state=State.TO_DISPATCH)
    browser_client.enter(district.user("dispatcher-1"))
    fields = {"version": walk.case.version, "department": "s201", "key": str(uuid.uuid4())}
    assert browser_client.post(f"{of(walk.case)}dispatch/", fields).status_code == 302
    clock.now += timedelta(seconds=4)
    assert 'data-gc-fleeting="6"' in page("dispatcher-1", of(walk.case))
    clock.now += timedelta(seconds=7)
    assert "data-gc-fleeting" not in page("dispatcher-1", of(walk.case))


@pytest.mark.parametrize(
    ("state", "name", "action", "undo"),
    [
        ("TO_DISPATCH", "dispatcher-1", "dispatch", "undo_dispatch"),
        ("TO_DISPATCH", "dispatcher-1", "send_back_to_file", "undo_send_back"),
        ("HANDLING", "dispatcher-1", "approve", "undo_return"),
    ],
)
def test_the_message_of_success_offers_to_undo(page, district, state, name, action, undo):
    walk = start(district=district, state=State(state), reported_at=at("10:50"))
    if action == "approve":
        ask_request(
            **said(
                walk, "department-s201", kind="RETURN", reason_code="not_ours", reason="非本单位"
            )
        )
    assert f'data-gc-undo="/api/v1/cases/{walk.number}/{undo}/"' in form(
        page(name, of(walk.case)), action
    )


def test_whom_to_call_back_stands_in_the_dialog(page, district):
    reporter = ReporterInput("张三", "13800138000", may_call=True)
    known = start(
        district=district, state=State.CLOSED, by="acceptor-1", source="LEADER", reporter=reporter
    )
    assert "13800138000" in form(page("acceptor-1", of(known.case)), "call_back")
    unknown = start(district=district, state=State.CLOSED)
    assert "没有留下联系电话" in form(page("acceptor-1", of(unknown.case)), "call_back")


def test_no_date_is_offered_that_would_be_refused(page, district):
    walk = start(district=district, state=State.HANDLING)
    dialog = form(page("department-s201", of(walk.case)), "ask_suspension")
    today = at("11:00").date()
    assert f'min="{today + timedelta(days=1)}"' in dialog
    assert f'max="{today + timedelta(days=365)}"' in dialog


def test_the_reviewer_sees_until_when(page, district):
    walk = start(district=district, state=State.HANDLING)
    until = at("11:00").date() + timedelta(days=20)
    ask_request(**said(walk, "department-s201", kind="SUSPENSION", reason="等待审批", until=until))
    assert f"至 {until}" in page("department-s201-lead", of(walk.case))
    assert f"至 {until}" in page("department-s201-lead", "/requests/")


def test_a_lead_begins_with_what_waits_for_him(page, district):
    walk = start(district=district, state=State.HANDLING)
    ask_request(**said(walk, "department-s201", kind="EXTENSION", reason="等待设备"))
    html = page("department-s201-lead", "/requests/")
    assert walk.number[10:] in html
    assert "部门负责人" in html
    assert walk.number[10:] not in page("department-s201", "/requests/?box=todo")
    assert walk.number[10:] in page("department-s201", "/requests/")


def test_a_supervisor_reads_his_messages_on_the_phone(page):
    html = page("supervisor-1", "/messages/")
    assert "gc-tabs" in html
    assert "gc-side" not in html


def test_a_call_begins_without_a_class(page):
    html = page("acceptor-1", "/cases/new/")
    assert 'value="None"' not in html
    assert 'name="class_code" value=""' in html


class TestSelfHandling:
    @pytest.fixture
    def handled(self, district):
        return report_handled(district)

    def test_the_duty_chief_reviews_before_and_after_side_by_side(self, page, handled):
        assert f'href="{of(handled)}"' in page("duty-chief-1", "/cases/")
        html = page("duty-chief-1", of(handled))
        panel = form(html, "approve_self_handled")
        assert panel.count("data-gc-light=") == 2
        assert form(html, "refuse_self_handled")

    def test_its_way_is_short(self, page, handled, district):
        approve_self_handled(**told(district, handled))
        way = re.search(r'<ol class="gc-way.*?</ol>', page("official-1", of(handled)), re.DOTALL)
        assert way
        assert re.findall(r"待派遣|处置中", way.group()) == []
        assert "自行处置待审" in way.group()


def lines(html: str, label: str) -> dict[str, str]:
    """The lines beneath the last event of this name."""
    entry = re.findall(
        rf"<li[^>]*>\s*<div[^>]*>\s*<strong>{label}</strong>.*?</ul>", html, re.DOTALL
    )[-1]
    return dict(line.split("：") for line in re.findall("<li>([^<]*：[^<]*)</li>", entry))


class TestWhatAnEventFound:
    """What people said by choosing, not in words, is told in the history as well."""

    def test_what_a_call_found_is_told(self, page, district):
        walk = start(district=district, state=State.CLOSED)
        call = {"number": walk.number, "actor": walk.actor("acceptor-1"), "at": walk.now}
        call_back(**call, valid=True, contacted=False)
        html = page("duty-chief-1", of(walk.case))
        assert lines(html, "回访") == {"回访有效": "是", "已联系到上报人": "否"}
        call_back(**call, valid=True, contacted=True, resolved=False, satisfaction="poor")
        html = page("duty-chief-1", of(walk.case))
        assert lines(html, "回访") == {
            "回访有效": "是", "已联系到上报人": "是", "已解决": "否", "满意程度": "不满意",
        }  # fmt: skip

    def test_what_a_citizen_rated_is_told(self, page, district):
        walk = start(
            district=district, state=State.CLOSED, by="acceptor-1", source="LEADER",
            reporter=ReporterInput(name="王某", phone="13900000000", query_code="ABCD2345"),
        )  # fmt: skip
        rate_case(number=walk.number, query_code="ABCD2345", degree="poor", at=walk.now)
        assert lines(page("official-1", of(walk.case)), "评价") == {"满意程度": "不满意"}

    def test_what_an_appeal_is_against_and_who_reviews_it_is_told(self, page, district):
        walk = start(district=district, state=State.HANDLING)
        force_close_case(**said(walk, "duty-chief-1", reason="暴雨"))
        appeal = {"kind": "APPEAL", "fact": "forced_close", "reason": "暴雨"}
        ask_request(**said(walk, "department-s201", **appeal))
        told = lines(page("duty-chief-1", of(walk.case)), "申诉")
        assert told == {"申诉事项": "强制结案", "下一步审核": "派遣员"}

    def test_a_department_that_a_return_names_is_not_said_to_handle(self, page, district):
        walk = start(district=district, state=State.HANDLING)
        back = {"kind": "RETURN", "reason_code": "not_ours", "reason": "非我", "department": "d101"}
        ask_request(**said(walk, "department-s201", **back))
        told = lines(page("dispatcher-1", of(walk.case)), "申请退件")
        assert told["所提部门"] == "东华门街道办事处"
        assert "承办部门" not in told


def test_stages_that_were_taken_back_say_so(page, district):
    walk = start(district=district, state=State.TO_DISPATCH)
    dispatch_case(**said(walk, "dispatcher-1", department="s201"))
    undo_dispatch(**said(walk, "dispatcher-1"))
    html = page("duty-chief-1", of(walk.case))
    label = r'<th scope="row">(待派遣|处置中)\s*(<span[^>]*>已撤销</span>)?</th>'
    stages = re.findall(label, html)
    marked = [(state, bool(tag)) for state, tag in stages]
    assert marked == [("待派遣", True), ("处置中", True), ("待派遣", False)]


def test_a_former_department_is_not_told_of_another_one_once_the_case_has_ended(page, district):
    walk = start(district=district, state=State.HANDLING)
    there = {"department": "d101", "reason": "属地处置"}
    reassign_case(**said(walk, "dispatcher-1", **there))
    assert "现由其他部门承办" in page("department-s201", of(walk.case))
    force_close_case(**said(walk, "duty-chief-1", reason="暴雨"))
    html = page("department-s201", of(walk.case))
    assert "现由其他部门承办" not in html
    assert "强制结案" in html
