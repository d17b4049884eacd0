"""The register by keyboard alone, field updates and a census on the phone, pages for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from playwright.sync_api import expect

from jobs.running import run_job
from parts.models import CensusPart, Part, Proposal
from parts.photos import encode_photo
from parts.services.censuses import CensusInput, ask_census
from parts.services.proposals import ProposalInput, ProposalShot, propose
from tests.browser.conftest import DESK, PHONE, SETTLE_MS, settle
from tests.district import point
from tests.photos import picture_bytes, upload

WIDE = {"width": 1920, "height": 1080}
FIRST, SECOND, THIRD = (f"110101010100000{n}" for n in (1, 2, 3))
HERE = (116.4006, 39.92955)  # beside the first part


def photo() -> dict[str, object]:
    content = picture_bytes(size=(800, 600), shade=70)
    return {"name": "site.jpg", "mimeType": "image/jpeg", "buffer": content}


def proposed(district, kind: str = "changed", **said):
    """A field update that waits."""
    return propose(
        actor=district.actor("supervisor-1"), at=timezone.now(),
        said=ProposalInput(kind=kind, part_code=FIRST, **said),
        photos=[ProposalShot(encode_photo(upload()))],
    )  # fmt: skip


def census(district):
    today = timezone.localdate()
    made = ask_census(
        actor=district.actor("administrator"), at=timezone.now(),
        said=CensusInput(name="普查", begins_on=today, ends_on=today + timedelta(days=9)),
    )  # fmt: skip
    run_job(job_id=made.opening_job_id)
    return made


@pytest.mark.parametrize("size", [DESK, WIDE, PHONE], ids=["desk", "wide", "phone"])
def test_every_page_of_the_register_is_accessible(person, shared_district, size):
    made, opened = proposed(shared_district, values={"state": "broken"}), census(shared_district)
    office = person(size)
    office.enter("administrator")
    for path in (
        "/district/parts/",
        "/district/parts/?q=99",
        f"/district/parts/{FIRST}/",
        f"/district/parts/{FIRST}/change/",
        "/district/parts/new/",
        "/district/proposals/",
        f"/district/proposals/{made.pk}/",
        "/district/censuses/",
        "/district/censuses/new/",
        f"/district/censuses/{opened.pk}/",
    ):
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider), path


def test_the_phones_pages_are_accessible(person, shared_district):
    census(shared_district)
    cell = CensusPart.objects.get(part__code=FIRST).census_cell_id
    someone = person(PHONE, at=HERE)
    someone.enter("supervisor-1")
    for path in (
        "/patrol/", "/patrol/parts/", f"/patrol/parts/{FIRST}/", "/patrol/parts/new/",
        "/patrol/parts/mine/", f"/patrol/census/{cell}/",
    ):  # fmt: skip
        page = someone.go(path)
        settle(page)
        someone.check_accessible()


def test_list_and_map_are_one_by_keyboard_alone(person, shared_district):
    office = person(DESK)
    office.enter("official-1")
    page = office.go("/district/parts/")
    settle(page)
    expect(page.locator("[data-gc-parts-says]")).to_contain_text("3")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.gc-here")).to_have_attribute("data-gc-row", SECOND)
    expect(page.locator(".gc-spot-on")).to_have_text("2")
    # from the map to the list: the sign has the focus, Enter chooses it
    page.locator(".gc-spot", has_text="3").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.gc-here")).to_have_attribute("data-gc-row", THIRD)
    # and on to the part itself
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/district/parts/{THIRD}/")


def test_an_area_is_drawn_by_keyboard_and_becomes_the_address(person, shared_district):
    office = person(DESK)
    office.enter("official-1")
    slow = []

    def hold(route):
        slow.append(route)

    office.page.route("**/map/district/", hold)
    page = office.go("/district/parts/")
    button = page.get_by_role("button", name="圈选范围")
    expect(button).to_be_disabled()  # a press while the map is still made would be lost
    page.wait_for_timeout(SETTLE_MS)
    for each in slow:
        each.continue_()
    settle(page)
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press("Enter")
    box = page.locator("[data-gc-map]")
    expect(box).to_be_focused()
    # one corner at the middle of the map, then two more after moving it with the arrows
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _step in range(3):
            page.keyboard.press(key)
            page.wait_for_timeout(300)
        page.keyboard.press("Enter")
    expect(page.locator("[data-gc-parts-says]")).to_contain_text("3 个点")
    page.get_by_role("button", name="查询圈内").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**area=116*")
    expect(page.locator(".gc-chip", has_text="圈选范围")).to_be_visible()


def test_hover_goes_both_ways(person, shared_district):
    office = person(DESK)
    office.enter("official-1")
    page = office.go("/district/parts/")
    settle(page)
    expect(page.locator("[data-gc-parts-says]")).to_contain_text("3")
    page.locator(".gc-spot", has_text="1").hover()
    expect(page.locator("tr.gc-hover")).to_have_attribute("data-gc-row", FIRST)
    page.locator(f'tr[data-gc-row="{SECOND}"]').hover()
    expect(page.locator(".gc-spot-on")).to_have_text("2")


def test_a_part_is_added_with_a_pin_set_by_keyboard(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/parts/new/")
    settle(page)
    page.select_option("[name=class_code]", "0301")
    page.locator("[data-gc-map]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".gc-pin")).to_be_visible()
    page.locator("main form button.gc-big").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/district/parts/1101010301000001/")
    assert Part.objects.get(code="1101010301000001").cell.code.startswith("110101")


def test_a_part_is_moved_by_the_arrow_keys(person, shared_district):
    before = Part.objects.get(code=FIRST).geom
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"/district/parts/{FIRST}/change/")
    settle(page)
    expect(page.locator("[data-gc-draw-says]")).to_contain_text("116.4")
    pin = page.locator(".gc-pin")
    pin.focus()
    pin.press("Shift+ArrowRight")
    form = page.locator("form", has=page.locator("input[name=act][value=move]"))
    form.locator("[name=reason]").fill("现场复测")
    form.locator("[name=reason]").press("Enter")
    page.wait_for_url(f"**/district/parts/{FIRST}/")
    after = Part.objects.get(code=FIRST).geom
    assert 0.00005 < after.x - before.x < 0.0003


def test_a_supervisor_proposes_from_the_phone_and_the_desk_accepts(person, shared_district):
    someone = person(PHONE, at=HERE)
    someone.enter("supervisor-1")
    page = someone.go("/patrol/parts/")
    settle(page)
    page.locator(f'a[href="/patrol/parts/{FIRST}/"]').click()
    settle(page)
    page.locator("input[name=kind][value=gone]").check()
    page.locator("[data-gc-choose]").set_input_files([photo()])
    expect(page.locator(".gc-shot")).to_have_count(1)
    page.locator("#words").fill("现场未见")
    page.locator(".gc-send button.btn-primary").click()
    page.wait_for_url("**/patrol/parts/mine/")
    made = Proposal.objects.get()
    assert (made.kind, made.words, made.values) == ("gone", "现场未见", {"state": "lost"})

    office = person(DESK)
    office.enter("administrator")
    desk = office.go(f"/district/proposals/{made.pk}/")
    settle(desk)
    desk.locator("button[value=accept]").click()
    desk.wait_for_url("**/district/proposals/")
    assert Part.objects.get(code=FIRST).state == "lost"


def test_a_new_part_takes_the_position_of_the_phone(person, shared_district):
    someone = person(PHONE, at=HERE)
    someone.enter("supervisor-1")
    page = someone.go("/patrol/parts/new/")
    settle(page)
    page.select_option("[name=class_code]", "0301")
    page.locator("[data-gc-choose]").set_input_files([photo()])
    expect(page.locator(".gc-shot")).to_have_count(1)
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    page.locator(".gc-send button.btn-primary").click()
    page.wait_for_url("**/patrol/parts/mine/")
    made = Proposal.objects.get()
    assert (made.kind, made.accuracy_m, made.placed_by) == ("new", 8.0, "gps")


def test_a_scanned_tag_begins_a_report_on_the_part(person, shared_district):
    someone = person(PHONE, at=HERE)
    someone.enter("supervisor-1")
    page = someone.go(f"/p/{THIRD}/")
    settle(page)
    expect(page.locator("input[name=part_code]")).to_have_value(THIRD)
    expect(page.locator("input[name=class_code]")).to_have_value("0101")
    lon = float(page.locator("input[name=lon]").input_value())
    assert lon == pytest.approx(point(2, 3)[0], abs=1e-6)


def test_parts_of_a_cell_are_ticked_on_the_phone(person, shared_district):
    first = shared_district.parts[0]
    Part.objects.create(
        code="1101010101000009", catalogue_class=first.catalogue_class, name="另一井盖",
        geom=Point(*point(0, 0, 0.7), srid=4490), cell=first.cell, street=first.street,
        community=first.community, initial_on=first.initial_on,
    )  # fmt: skip
    census(shared_district)
    someone = person(PHONE, at=HERE)
    someone.enter("supervisor-1")
    cell = CensusPart.objects.get(part__code=FIRST).census_cell_id
    page = someone.go(f"/patrol/census/{cell}/")
    settle(page)
    row = page.locator(f"#tick-{CensusPart.objects.get(part__code=FIRST).pk}")
    row.get_by_role("button", name="在位").click()
    expect(row.locator("button[aria-pressed=true]")).to_be_visible()
    page.get_by_label("其余未勾选的部件均在位").check()
    page.get_by_role("button", name="本网格普查完成").click()
    page.wait_for_url("**/patrol/parts/")
    assert set(CensusPart.objects.filter(census_cell=cell).values_list("found", flat=True)) == {
        "present"
    }
