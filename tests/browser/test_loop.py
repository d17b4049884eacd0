"""One case through all hands by clicking, on a phone and at a desk (the closed loop).

Every page on the way is checked by axe; at the end `person` fails on any console error, any stop
by the content security policy and any request to another host.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case, Task
from cases.services.history import first_broken
from cases.workflow import State
from dispatch.models import Turn
from tests.browser.conftest import DESK, PHONE, Person, settle
from tests.photos import picture_bytes

HERE = (116.4006, 39.92955)  # in the cell of row 0, column 0, of the test district
NUMBER = re.compile(r"\d{17}")


def photo(name: str, shade: int) -> dict[str, object]:
    content = picture_bytes(size=(640, 480), shade=shade)
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def add_photo(page: Page, within: str, shade: int) -> None:
    """Choose a photo from the album, and wait until it is shown."""
    box = page.locator(within)
    box.locator("[data-gc-choose]").set_input_files([photo("street.jpg", shade)])
    expect(box.locator("[data-gc-adder] img").first).to_be_visible()


def open_case(someone: Person, number: str) -> Page:
    page = someone.go(f"/cases/{number}/")
    expect(page.locator("h1").first).to_be_visible()
    return page


def press(page: Page, action: str) -> None:
    """Send the form of an action: the one that lies open, or the one in its dialog."""
    form = page.locator(f"#do-{action}")
    if not form.is_visible():
        page.locator(f"[data-gc-open='do-{action}']").click()
    expect(form).to_be_visible()


def send(page: Page, action: str, number: str, state: State) -> Case:
    """Press the button of the form, and wait until the page shows the new state."""
    with page.expect_response(lambda answer: f"/{action}/" in answer.url) as answered:
        page.locator(
            f"#do-{action} button.btn-primary, #do-{action} button.btn-danger"
        ).last.click()
    assert answered.value.status < 400, answered.value.text()
    settle(page)
    case = Case.objects.get(number=number)
    assert case.state == state
    return case


@pytest.fixture(params=[PHONE, DESK], ids=["390", "1280"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    found: dict[str, int] = request.param
    return found


def test_one_case_goes_through_all_hands_by_clicking(person, size):
    number = report(person(size, at=HERE))
    desks = {name: person(size) for name in ("acceptor-1", "duty-chief-1", "dispatcher-1")}
    for name, someone in desks.items():
        someone.login(name)
        settle(someone.page)
        someone.check_accessible()

    accept(desks["acceptor-1"], number)
    file(desks["duty-chief-1"], number)
    case = dispatch(desks["dispatcher-1"], number)

    turn = Turn.objects.select_related("department").get(case=case)
    handler = person(size)
    handler.enter(f"department-{turn.department.code.lower()}", "/")
    finish(handler, number)

    send_check(desks["acceptor-1"], number)
    check(person, size, number)
    close(desks["duty-chief-1"], number)

    case = Case.objects.get(number=number)
    assert first_broken(case) is None
    official = person(size)
    page = official.enter("official-1", "/")
    settle(page)
    expect(page.locator("main")).to_contain_text("1")
    official.check_accessible()


def report(someone: Person) -> str:
    """上报 from the phone page: photo, class, pin, send."""
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    someone.check_accessible()
    add_photo(page, "#report", 60)
    page.locator("#class-search").fill("blljl")
    page.locator("#class-search").fill("0102")
    page.locator("#class-list [role=option]").first.click()
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    page.locator("#description").fill("便道上堆有生活垃圾两袋")
    someone.check_accessible()
    page.locator(".gc-send button.btn-primary").click()
    told = page.locator("[data-gc-done-number]")
    expect(told).to_be_visible()
    someone.check_accessible()
    number = NUMBER.search(told.inner_text().replace(" ", ""))
    assert number, told.inner_text()
    return number.group()


def accept(someone: Person, number: str) -> None:
    """受理: the report is complete."""
    page = open_case(someone, number)
    someone.check_accessible()
    press(page, "accept")
    send(page, "accept", number, State.TO_FILE)


def file(someone: Person, number: str) -> None:
    """立案 under the standard of the class."""
    page = open_case(someone, number)
    someone.check_accessible()
    press(page, "file")
    page.locator("#do-file input[name=standard]").first.check()
    send(page, "file", number, State.TO_DISPATCH)


def dispatch(someone: Person, number: str) -> Case:
    """派遣 to the department that routing proposes."""
    page = open_case(someone, number)
    someone.check_accessible()
    press(page, "dispatch")
    department = page.locator("#do-dispatch select[name=department]")
    assert department.input_value(), "the proposal of the routing is preselected"
    return send(page, "dispatch", number, State.HANDLING)


def finish(someone: Person, number: str) -> None:
    """处置完毕 with words and a photo after handling."""
    page = someone.page
    settle(page)
    someone.check_accessible()
    page = open_case(someone, number)
    someone.check_accessible()
    press(page, "finish")
    add_photo(page, "#do-finish", 200)
    page.locator("#do-finish textarea[name=result]").fill("已清理完毕，现场整洁")
    send(page, "finish", number, State.TO_CHECK)


def send_check(someone: Person, number: str) -> None:
    """发核查 to the supervisor of the cell on duty."""
    page = open_case(someone, number)
    press(page, "send_check")
    send(page, "send_check", number, State.CHECKING)


def check(person, size: dict[str, int], number: str) -> None:
    """核查 on the phone page of whoever got the task."""
    task = Task.objects.select_related("assignee").get(case__number=number, ended_at=None)
    someone = person(size, at=HERE)
    someone.enter(task.assignee.username)
    page = someone.go("/patrol/tasks/")
    settle(page)
    someone.check_accessible()
    page.locator("a.gc-item").first.click()
    expect(page.locator("#answer")).to_be_visible()
    someone.check_accessible()
    page.locator("label.gc-choice:has(input[value=passed])").click()
    add_photo(page, "#answer", 210)
    with page.expect_response(lambda answer: "/check_passed/" in answer.url) as answered:
        page.locator(".gc-send button.btn-primary").click()
    assert answered.value.status < 400, answered.value.text()
    assert Case.objects.get(number=number).state == State.TO_CLOSE


def close(someone: Person, number: str) -> None:
    """结案 by the duty chief."""
    page = open_case(someone, number)
    someone.check_accessible()
    press(page, "close")
    send(page, "close", number, State.CLOSED)
