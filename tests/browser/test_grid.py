"""The unit grid at the administrator's desk: import, report, editor and the cell of a day."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from jobs.models import Job
from jobs.running import run_job
from parts.models import Edition
from tests.browser.conftest import DESK, PHONE, settle
from tests.district import point
from tests.parts.boundary_files import cells_file, cells_of, check, draft_of

WIDE = {"width": 1920, "height": 1080}
A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    wanted = page.locator(selector).first
    for _n in range(200):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def do_the_job(page: Page) -> Job:
    """The page of the job is open; the worker of the product does what is done here."""
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    job = run_job(job_id=Job.objects.latest("pk").pk)
    assert job.state == "done", job.error
    page.reload()
    return job


def test_boundaries_are_imported_and_published_by_keyboard(person, shared_district, tmp_path):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/grid/")
    tab_to(page, "input[name=name]")
    page.keyboard.type("二期网格")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/district/grid/\d+/$"))
    press(page, "a[href$='/import/']")
    page.wait_for_url(re.compile(r"/import/$"))
    cells = cells_of(shared_district)
    gone = cells.pop(A1)
    page.set_input_files("input[name=file]", cells_file(tmp_path, cells))
    press(page, "main form button.btn-primary")
    do_the_job(page)
    press(page, "main a.btn-primary")
    page.wait_for_url(re.compile(r"/district/grid/\d+/$"))
    settle(page)
    expect(page.locator("main")).to_contain_text("空隙")
    press(page, "[data-gc-finding]")
    expect(page.locator("[data-gc-grid-says]")).to_contain_text("110101001001")
    press(page, "a[href$='/import/']")
    cells[A1] = gone
    page.set_input_files("input[name=file]", cells_file(tmp_path, cells))
    press(page, "main form button.btn-primary")
    do_the_job(page)
    press(page, "main a.btn-primary")
    press(page, "form[action$='/publish/'] button")
    page.keyboard.press("Enter")  # the question whether it is meant so
    do_the_job(page)
    assert Edition.objects.get(state="current").name == "二期网格"


def test_cells_are_cut_joined_and_taken_back_by_keyboard(person, shared_district):
    draft = draft_of(shared_district)
    office = person(DESK)
    office.enter("administrator")
    where = f"/admin/parts/edition/{draft.pk}/editor/?community=110101001001"
    page = office.go(where)
    settle(page)
    tab_to(page, f"#cell-{A1}")
    page.keyboard.press("Space")
    tab_to(page, "input[name=bearing]")
    page.keyboard.type("90")
    press(page, "button[value=split]")
    page.wait_for_selector("#cell-110101001001004")
    for code in ("110101001001004", A2):
        tab_to(page, f"#cell-{code}")
        page.keyboard.press("Space")
    office.refusals_expected = True
    press(page, "button[value=merge]")
    page.wait_for_load_state("load")
    settle(page)
    # the southern half lies beside A2, whichever of the two serials it has
    if page.locator("[data-gc-editor-errors]").count():
        tab_to(page, "#cell-110101001001004")
        page.keyboard.press("Space")
        tab_to(page, "#cell-110101001001005")
        page.keyboard.press("Space")
        press(page, "button[value=merge]")
    page.wait_for_selector("#cell-110101001001006")
    tab_to(page, f"#cell-{A1}")
    page.keyboard.press("Space")
    press(page, "button[value=restore]")
    page.wait_for_selector("#cell-110101001001006", state="detached")
    codes = draft.shapes.filter(level="cell", code__startswith="110101001001", ends=False)
    assert sorted(codes.values_list("code", flat=True)) == [A1, A2, A3]


def test_what_two_editions_have_differently_is_found_by_keyboard(person, shared_district):
    draft = draft_of(shared_district)
    draft.shapes.filter(level="cell", code=A2).delete()
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"/district/grid/{draft.pk}/")
    press(page, "a[href*='/grid/compare/?before=']")
    page.wait_for_url(re.compile(r"/compare/"))
    settle(page)
    expect(page.locator(".gc-side a[aria-current]")).to_contain_text("单元网格")
    expect(page.locator("main tbody tr")).to_have_count(1)
    press(page, f"[data-gc-finding='before-{A2}']")
    expect(page.locator("[data-gc-grid-says]")).to_contain_text(f"消失 · {A2}")


def test_a_line_is_drawn_with_the_pointer(person, shared_district):
    draft = draft_of(shared_district)
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"/admin/parts/edition/{draft.pk}/editor/?community=110101001001")
    settle(page)
    page.check(f"#cell-{A2}")
    page.evaluate(
        """line => { document.querySelector("textarea[name=line]").value = JSON.stringify(
            {type: "LineString", coordinates: line}); }""",
        [list(point(1, 0, -0.2, 0.4)), list(point(1, 0, 1.2, 0.6))],
    )
    page.click("button[value=split]")
    page.wait_for_selector("#cell-110101001001004")
    assert draft.shapes.filter(origins=[A2]).count() == 2


def test_the_cell_of_a_day_is_asked_by_a_pin(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/grid/then/")
    settle(page)
    page.fill("input[name=on]", "2026-05-10")
    page.locator("[data-gc-map]").click(position={"x": 200, "y": 200})
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    page.click("form[data-gc-then] button.btn-primary")
    expect(page.locator("main")).to_contain_text("测试网格")


@pytest.mark.parametrize("size", [DESK, WIDE, PHONE], ids=["desk", "wide", "phone"])
def test_every_page_of_the_grid_is_accessible(person, shared_district, size):
    draft = draft_of(shared_district)
    draft.shapes.filter(level="cell", code=A1).delete()
    draft.shapes.filter(level="community", code="110101001002").update(name="新台基厂社区")
    check(shared_district, draft)
    office = person(size)
    office.enter("administrator")
    current = Edition.objects.get(state="current")
    lon, lat = point(0, 0)
    for path in (
        "/district/grid/",
        f"/district/grid/{draft.pk}/",
        f"/district/grid/{current.pk}/",
        f"/district/grid/{draft.pk}/import/",
        f"/district/grid/{draft.pk}/divide/",
        f"/district/grid/compare/?before={current.pk}&after={draft.pk}",
        f"/district/grid/then/?on=2026-05-10&lon={lon}&lat={lat}",
        f"/admin/parts/edition/{draft.pk}/editor/",
    ):
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider), path
