"""The supervisor's phone: nothing is lost, nothing is sent twice, the pin obeys finger and key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from playwright.sync_api import Page, Route, expect

from cases.models import Case
from cases.workflow import State
from tests.browser.conftest import PATIENCE_MS, PHONE, Person, settle
from tests.district import TestDistrict, point
from tests.photos import picture_bytes

HERE = (116.4006, 39.92955)  # in the cell of row 0, column 0, of the test district
SEND = ".gc-send button.btn-primary"


def photo(shade: int = 60) -> dict[str, object]:
    content = picture_bytes(size=(2400, 1800), shade=shade)
    return {"name": "street.jpg", "mimeType": "image/jpeg", "buffer": content}


def begin(someone: Person) -> Page:
    """Log in, and fill in a report up to the last tap."""
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    page.locator("[data-gc-choose]").set_input_files([photo()])
    expect(page.locator(".gc-shot")).to_have_count(1)
    page.locator("#class-search").fill("0102")
    page.locator("#class-list [role=option]").first.click()
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    return page


@pytest.fixture
def someone(person) -> Person:
    found: Person = person(PHONE, at=HERE)
    return found


# Whether the draft that lies in the device is this far; the words on the page do not tell.
IS_KEPT = """([lat, words]) => new Promise((resolve) => {
  const opening = indexedDB.open("gridcity", 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => {
      opening.result.close();
      resolve(all.result.some(({ fields, photos }) =>
        photos.length === 1 && fields.lat === lat && fields.description === words));
    };
  };
})"""


def wait_until_kept(page: Page, lat: str, words: str) -> None:
    for _ in range(PATIENCE_MS // 100):
        if page.evaluate(IS_KEPT, [lat, words]):
            return
        page.wait_for_timeout(100)
    pytest.fail("the draft was not written")


def come_late(route: Route) -> None:
    """So late that the device has said where it is before the form stands."""
    sleep(1.5)
    route.continue_()


def test_a_killed_page_loses_nothing(someone):
    page = begin(someone)
    page.locator("#description").fill("便道上堆有生活垃圾")
    pin = page.locator(".gc-pin")
    pin.focus()
    pin.press("Shift+ArrowUp")
    lat = page.locator("input[name=lat]").input_value()
    expect(page.locator("[data-gc-draft-says]")).not_to_be_empty()
    wait_until_kept(page, lat, "便道上堆有生活垃圾")
    page.close(run_before_unload=False)

    page = someone.context.new_page()
    page.route("**/js/picker.js", come_late)
    page.goto(f"{someone.base}/patrol/report/")
    expect(page.locator(".gc-shot img")).to_have_count(1)
    expect(page.locator("#description")).to_have_value("便道上堆有生活垃圾")
    expect(page.locator("input[name=class_code]")).to_have_value("0102")
    expect(page.locator("[data-gc-picked]")).to_be_visible()
    expect(page.locator("input[name=lat]")).to_have_value(lat)
    expect(page.locator("input[name=placed_by]")).to_have_value("manual")
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    assert Case.objects.get().photos.get().width == 1600


def test_without_a_network_everything_stays_and_goes_out_once_it_is_back(someone):
    page = begin(someone)
    someone.context.set_offline(True)
    someone.faults.clear()
    page.locator(SEND).click()
    expect(page.locator("[data-gc-errors] [role=alert]")).to_be_visible()
    assert not Case.objects.exists()
    someone.context.set_offline(False)
    someone.faults.clear()  # the browser itself wrote that there was no network
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    assert Case.objects.get().state == State.REPORTED


def test_an_answer_that_got_lost_makes_no_second_case(someone):
    page = begin(someone)
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/api/v1/cases/", lose)
    page.locator(SEND).click()
    expect(page.locator("[data-gc-errors] [role=alert]")).to_be_visible()
    assert lost[0].status == 201
    someone.faults.clear()  # the browser itself wrote that the request failed
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    expect(page.locator("[data-gc-done-number]")).to_have_text(Case.objects.get().number)


def test_a_report_takes_three_taps_after_the_photo_and_no_typing(someone):
    begin(someone).locator(SEND).click()
    expect(someone.page.locator("[data-gc-done]")).to_be_visible()
    page = someone.go("/patrol/report/")
    settle(page)
    page.locator("[data-gc-choose]").set_input_files([photo(120)])
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    page.locator("[data-gc-picker-recent] button").first.click()
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    assert all(case.description for case in Case.objects.all())
    assert Case.objects.count() == 2


def test_the_pin_moves_by_tap_and_by_key(someone):
    page = begin(someone)
    before = float(page.locator("input[name=lat]").input_value())
    pin = page.locator(".gc-pin")
    pin.focus()
    pin.press("ArrowDown")
    after = float(page.locator("input[name=lat]").input_value())
    assert 0.8 < (before - after) * 111_320 < 1.2
    expect(page.locator("input[name=placed_by]")).to_have_value("manual")
    page.locator("[data-gc-map]").click(position={"x": 60, "y": 120})
    assert float(page.locator("input[name=lat]").input_value()) != after


def test_a_refusal_stands_at_its_field_and_takes_the_focus(someone):
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    page.locator(SEND).click()
    summary = page.locator("[data-gc-errors] [role=alert]")
    expect(summary).to_be_focused()
    expect(page.locator("[data-gc-field~=photos] .gc-fault")).to_be_visible()
    expect(page.locator("[data-gc-field~=class_code] .gc-fault")).to_be_visible()
    someone.check_accessible()


def test_a_phone_without_a_position_asks_for_the_pin(person):
    someone = person(PHONE)
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    expect(page.locator("[data-gc-place]")).not_to_be_empty()
    page.locator(SEND).click()
    expect(page.locator("[data-gc-field~=lon] .gc-fault")).to_be_visible()
    page.locator("[data-gc-map]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("input[name=placed_by]")).to_have_value("manual")


def test_a_part_tapped_in_the_list_is_named_and_moves_the_pin(someone, shared_district):
    part = a_cover(shared_district)
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    page.locator("[data-gc-choose]").set_input_files([photo()])
    page.locator("#class-search").fill("上水井盖")
    page.locator("#class-list [role=option]").first.click()
    page.locator(".gc-pick").first.click()
    expect(page.locator("input[name=part_code]")).to_have_value(part.code)
    expect(page.locator("input[name=placed_by]")).to_have_value("part")
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    assert Case.objects.get().part == part


def a_cover(district: TestDistrict):
    """The cover nearest to where the phone is."""
    from parts.selectors import nearest_parts

    entry = district.classes["cover"]
    near = nearest_parts(lon=HERE[0], lat=HERE[1], limit=1, class_id=entry.pk)
    return entry.parts.get(pk=near[0].id)


def test_a_draft_shows_to_its_own_user_alone_on_a_shared_phone(someone):
    page = begin(someone)
    expect(page.locator("[data-gc-draft-says]")).not_to_be_empty()
    page.wait_for_timeout(600)
    someone.context.clear_cookies()
    someone.enter("supervisor-2")
    page = someone.go("/patrol/report/")
    settle(page)
    expect(page.locator(".gc-shot")).to_have_count(0)
    expect(page.locator("[data-gc-picked]")).to_be_hidden()


def test_what_was_handled_on_the_spot_is_shown_by_two_photos(someone):
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    now = datetime.now(tz=UTC)
    page.clock.set_fixed_time(now - timedelta(minutes=7))
    page.locator("[data-gc-shoot]").set_input_files([photo(60)])
    expect(page.locator(".gc-shot select")).to_have_value("near")
    page.locator("#class-search").fill("非法小广告")
    page.locator("#class-list [role=option]").first.click()
    page.locator("[name=self_handled]").check()
    expect(page.locator(".gc-shot select")).to_have_value("before")
    page.clock.set_fixed_time(now - timedelta(seconds=5))
    page.locator("[data-gc-shoot]").set_input_files([photo(200)])
    expect(page.locator(".gc-shot select").nth(1)).to_have_value("after")
    someone.check_accessible()
    page.locator(SEND).click()
    expect(page.locator("[data-gc-done]")).to_be_visible()
    case = Case.objects.get()
    assert case.state == State.SELF_HANDLED
    assert [photo.placed_by for photo in case.photos.order_by("pk")] == ["gps", "gps"]


def test_only_classes_flagged_for_it_are_handled_on_the_spot(someone):
    page = begin(someone)
    expect(page.locator("[name=self_handled]")).to_be_hidden()


def test_a_mended_field_leaves_the_summary_of_errors(someone):
    someone.enter("supervisor-1")
    page = someone.go("/patrol/report/")
    settle(page)
    page.locator(SEND).click()
    lines = page.locator("[data-gc-errors] li")
    expect(lines).to_have_count(2)
    page.locator("#class-search").fill("0102")
    page.locator("#class-list [role=option]").first.click()
    expect(lines).to_have_count(1)
    page.locator("[data-gc-choose]").set_input_files([photo()])
    expect(page.locator("[data-gc-errors] [role=alert]")).to_have_count(0)


def test_the_map_shows_where_i_am_beside_my_cells(person):
    someone = person(PHONE, at=point(1, 3))  # his cells are those of columns 0 and 1
    someone.enter("supervisor-1")
    page = someone.go("/patrol/")
    settle(page)
    dot = page.locator(".gc-me")
    expect(dot).to_be_visible()
    expect(dot).to_be_in_viewport()
