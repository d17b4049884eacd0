"""Each request of the law by clicking: asked, reviewed by everybody in its chain, in its ledger.

What a desk does alone and a ledger counts goes the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.services.notices import deliver
from cases.workflow import State
from dispatch.models import Request
from dispatch.services.reviews import approve_request, ask_request, refuse_request
from tests.browser.conftest import Person, settle
from tests.factories import Walk, start

DEPARTMENT, LEAD = "department-s201", "department-s201-lead"


@dataclass(frozen=True, slots=True)
class Course:
    """Who asks what with which fields, who answers in order, where it ends, and which ledger."""

    kind: str
    asker: str
    reviewers: tuple[str, ...]
    ends_in: State
    ledger: str
    entry: str = "rubbish"
    state: State = State.HANDLING
    choices: dict[str, str] = field(default_factory=dict)
    days: int = 0


COURSES = (
    Course("RETURN", DEPARTMENT, ("dispatcher-1",), State.TO_DISPATCH, "returned",
           choices={"reason_code": "not_ours"}),
    Course("EXTENSION", DEPARTMENT, (LEAD, "dispatcher-1"), State.HANDLING, "extended"),
    Course("SUSPENSION", DEPARTMENT, (LEAD, "dispatcher-1", "duty-chief-1"), State.SUSPENDED,
           "suspended", days=10),
    Course("DEFERRAL", DEPARTMENT, (LEAD, "dispatcher-1", "duty-chief-1"), State.HANDLING,
           "deferred", entry="toilet", days=60),
    Course("VOID", "dispatcher-1", ("duty-chief-2",), State.VOIDED, "voided"),
    Course("APPEAL", DEPARTMENT, ("dispatcher-2", "duty-chief-1"), State.HANDLING,
           "appeal_upheld", choices={"fact": "refused_return"}),
    Course("DESIGNATION", "dispatcher-1", ("duty-chief-1",), State.TO_DISPATCH, "disputed",
           choices={"department": "s201"}),
)  # fmt: skip


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": timezone.now(),
        "version": walk.case.version, **more,
    }  # fmt: skip


def asked_return(walk: Walk, code: str) -> Request:
    return ask_request(
        **said(walk, f"department-{code}", kind="RETURN", reason_code="not_ours", reason="非本单位")
    )


@pytest.fixture
def prepare(shared_district):
    """The case of a course, with what must have happened before it can be asked for."""

    def make(course: Course) -> Walk:
        began = timezone.now() - timedelta(minutes=10)
        walk = start(
            district=shared_district, state=State.TO_DISPATCH, entry=course.entry,
            reported_at=began,
        )  # fmt: skip
        walk.step("dispatch", department="s201")
        walk.now = timezone.now()
        if course.kind == "APPEAL":
            request = asked_return(walk, "s201")
            refuse_request(**said(walk, "dispatcher-1", request_id=request.pk, reason="属于你单位"))
        if course.kind == "DESIGNATION":
            for code, following in (("s201", "d101"), ("d101", "")):
                request = asked_return(walk, code)
                approve_request(**said(walk, "dispatcher-1", request_id=request.pk))
                if following:
                    walk.step("dispatch", department=following)
                    walk.now = timezone.now()
        return walk

    return make


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.kind)
def test_a_request_goes_from_its_asker_through_its_reviewers_into_its_ledger(
    person, prepare, course
):
    walk = prepare(course)
    asker = person()
    asker.enter(course.asker)
    ask(asker, walk.number, course)
    for name in course.reviewers:
        reviewer = person()
        reviewer.enter(name)
        answer(reviewer, walk.number)
    request = Request.objects.filter(case=walk.case, kind=course.kind).latest("pk")
    assert request.state == "approved"
    assert [step.decided_by.username for step in request.steps.order_by("pk")] == list(
        course.reviewers
    )
    assert walk.case.state == course.ends_in
    find_in_ledger(person(), walk.number, course.ledger)


DEEDS = (
    Course("reassign", "dispatcher-1", (), State.HANDLING, "wrong_dispatch",
           choices={"department": "d101"}),
    Course("force_close", "duty-chief-1", (), State.FORCE_CLOSED, "forced"),
    Course("reopen", "duty-chief-1", (), State.TO_DISPATCH, "reopened", state=State.CLOSED),
)  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.kind)
def test_what_a_desk_does_alone_comes_into_its_ledger(person, shared_district, deed):
    walk = start(
        district=shared_district, state=deed.state, entry=deed.entry,
        reported_at=timezone.now() - timedelta(hours=5),
    )  # fmt: skip
    someone = person()
    someone.enter(deed.asker)
    page = open_case(someone, walk.number)
    page.click(f"[data-gc-open='do-{deed.kind}']")
    form = page.locator(f"#do-{deed.kind}")
    for name, value in deed.choices.items():
        form.locator(f"select[name={name}]").select_option(value)
    form.locator("textarea[name=reason]").fill("现场核实，理由见照片")
    someone.check_accessible()
    send(page, f"#do-{deed.kind}", deed.kind)
    walk.case.refresh_from_db()
    assert walk.case.state == deed.ends_in
    find_in_ledger(person(), walk.number, deed.ledger)


@dataclass(frozen=True, slots=True)
class Press:
    """Who presses how, what he says, and whose bell rings with which words."""

    action: str
    presser: str
    words: str
    told: tuple[str, ...]
    message: str


PRESSES = (
    Press("urge", "official-1", "", (DEPARTMENT, LEAD), "催办"),
    Press("urge", "dispatcher-1", "请今日处置", (DEPARTMENT,), "请今日处置"),
    Press("supervise", "official-1", "群众反复投诉", (DEPARTMENT, "dispatcher-1"), "群众反复投诉"),
    Press("supervise", "duty-chief-1", "媒体关注", (DEPARTMENT, "dispatcher-2"), "媒体关注"),
)


@pytest.mark.parametrize("press", PRESSES, ids=lambda press: f"{press.action}-{press.presser}")
def test_who_presses_is_heard_and_the_case_lies_in_the_box_of_supervised_ones(
    person, shared_district, press
):
    began = timezone.now() - timedelta(minutes=10)
    walk = start(district=shared_district, state=State.HANDLING, reported_at=began)
    start(district=shared_district, state=State.HANDLING, reported_at=began)  # nobody presses it
    version = walk.case.version
    someone = person()
    someone.enter(press.presser)
    page = open_case(someone, walk.number)
    page.click(f"[data-gc-open='do-{press.action}']")
    form = page.locator(f"#do-{press.action}")
    if press.action == "supervise":  # ⚑: not without a reason
        form.locator(".gc-dialog-foot button.btn:not([data-gc-close])").click()
        expect(form.locator("textarea[name=reason]")).to_have_attribute("aria-invalid", "true")
    someone.check_accessible()
    form.locator("textarea[name=reason]").fill(press.words)
    send(page, f"#do-{press.action}", press.action)
    event = walk.case.events.get(action=press.action)
    assert (event.actor.username, event.reason) == (press.presser, press.words)
    assert (walk.case.version, walk.case.state) == (version, State.HANDLING)
    find_supervised(someone, walk.number)
    deliver(at=timezone.now())
    for name in press.told:
        hears(person(), name, walk.number, press.message)


@pytest.mark.parametrize("course", [COURSES[0], COURSES[1]], ids=lambda course: course.kind)
def test_a_request_is_taken_back_or_refused_and_is_no_longer_waiting(person, prepare, course):
    """RETURN is refused with its reason, EXTENSION withdrawn by who asked."""
    walk = prepare(course)
    asker = person()
    asker.enter(course.asker)
    ask(asker, walk.number, course)
    is_refused = course.kind == "RETURN"
    verb, state = ("refuse", "refused") if is_refused else ("withdraw", "withdrawn")
    someone = person() if is_refused else asker
    if is_refused:
        someone.enter(course.reviewers[0])
    page = open_case(someone, walk.number)
    page.click(f"[data-gc-open='do-{verb}']")
    words = page.locator(f"#do-{verb} textarea[name=reason]")
    if words.count():
        words.fill("属于你单位职责")
    send(page, f"#do-{verb}", verb)
    request = Request.objects.filter(case=walk.case, kind=course.kind).latest("pk")
    assert request.state == state
    page = open_case(someone, walk.number)
    expect(page.locator("#waiting-title")).to_have_count(0)


def ask(someone: Person, number: str, course: Course) -> None:
    """Open the dialog, fill it and send it; the page then shows that the request waits."""
    page = open_case(someone, number)
    someone.check_accessible()
    action = f"ask_{course.kind.lower()}"
    page.click(f"[data-gc-open='do-{action}']")
    form = page.locator(f"#do-{action}")
    for name, value in course.choices.items():
        form.locator(f"select[name={name}]").select_option(value)
    if course.days:
        until = timezone.localdate() + timedelta(days=course.days)
        form.locator("input[name=until]").fill(until.isoformat())
    form.locator("textarea[name=reason]").fill("现场情况有变，见照片")
    send(page, f"#do-{action}", action)
    expect(page.locator("#waiting-title")).to_be_visible()
    someone.check_accessible()


def answer(someone: Person, number: str) -> None:
    """Approve what waits, in the words of the own role."""
    page = open_case(someone, number)
    expect(page.locator("#waiting-title")).to_be_visible()
    verb = "preapprove" if page.locator("[data-gc-open='do-preapprove']").count() else "approve"
    page.click(f"[data-gc-open='do-{verb}']")
    page.locator(f"#do-{verb} textarea[name=reason]").fill("情况属实")
    send(page, f"#do-{verb}", verb)


def find_in_ledger(someone: Person, number: str, ledger: str) -> None:
    """The ledger counts it, and its list shows it."""
    page = someone.enter("duty-chief-1", "/")
    someone.go("/ledgers/?period=month")
    settle(page)
    count = page.locator(f"[data-gc-ledger={ledger}]").first
    expect(count).to_contain_text("1")
    count.click()
    expect(page.locator("[data-gc-total]")).to_have_attribute("data-gc-total", "1")
    expect(page.locator("[data-gc-list]")).to_contain_text(number[10:])
    settle(page)
    someone.check_accessible()


def find_supervised(someone: Person, number: str) -> None:
    """督办: the box lists this case and no other."""
    page = someone.go("/cases/?box=supervised")
    settle(page)
    expect(page.locator("#cases [data-gc-row]")).to_have_count(1)
    expect(page.locator("#cases [data-gc-row]")).to_have_attribute("data-gc-row", number)
    someone.check_accessible()


def hears(someone: Person, name: str, number: str, words: str) -> None:
    """The message behind his bell says what was said, and of which case."""
    page = someone.enter(name, "/")
    someone.go("/messages/?unread=1")
    settle(page)
    message = page.locator(".gc-message.is-new", has_text=words)
    expect(message).to_have_count(1)
    expect(message).to_contain_text(number)
    someone.check_accessible()


def open_case(someone: Person, number: str) -> Page:
    page = someone.go(f"/cases/{number}/")
    settle(page)
    return page


def send(page: Page, form: str, action: str) -> None:
    with page.expect_response(lambda told: f"/{action}/" in told.url) as answered:
        page.locator(f"{form} .gc-dialog-foot button.btn:not([data-gc-close])").click()
    assert answered.value.status < 400, answered.value.text()
    settle(page)
