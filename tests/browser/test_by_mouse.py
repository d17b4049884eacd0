"""With the mouse alone: cells cut and joined on the map, boundaries and registers brought in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from jobs.models import Job
from jobs.running import run_job
from parts.models import Cell, Edition, Part, PartImport
from tests.browser.conftest import DESK, settle
from tests.district import point
from tests.parts.boundary_files import cells_file, cells_of, draft_of
from tests.parts.test_import_orders import BAD, GOOD, text

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))
PLACE = """([lon, lat]) => {
    const map = window[Object.keys(window).find((key) => key.startsWith("leafletmap"))];
    const box = map.getContainer().getBoundingClientRect();
    const { x, y } = map.latLngToContainerPoint([lat, lon]);
    return [box.x + x, box.y + y];
}"""


class EditorMap:
    """The map of the cell editor under the pointer."""

    def __init__(self, page: Page) -> None:
        self.page = page
        settle(page)
        expect(page.locator(".gc-editor-map .leaflet-overlay-pane path").first).to_be_visible()
        page.locator(".gc-editor-map").scroll_into_view_if_needed()

    def click(self, row: int, column: int, x: float = 0.5, y: float = 0.5) -> None:
        at = self.page.evaluate(PLACE, list(point(row, column, x, y)))
        self.page.mouse.move(*at)
        self.page.mouse.click(*at)

    def draw(self, *places: tuple[int, int, float, float]) -> None:
        """A line through these places, ended by a click on its last point."""
        self.page.click(".leaflet-draw-draw-polyline")
        for place in (*places, places[-1]):
            self.click(*place)
            self.page.wait_for_timeout(100)


def open_editor(person, district):
    draft = draft_of(district)
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"/district/grid/{draft.pk}/")
    page.click("a[href$='/editor/']")
    page.wait_for_url(re.compile(r"/editor/"))
    page.select_option("#community", "110101001001")
    page.click(".gc-editor-where button")
    page.wait_for_url(re.compile(r"community=110101001001"))
    return office, draft, EditorMap(page)


def chosen(page: Page) -> list[str]:
    return page.locator("input[name=codes]:checked").evaluate_all("all => all.map(n => n.value)")


def standing(draft: Edition) -> list[str]:
    rows = draft.shapes.filter(level="cell", code__startswith="110101001001", ends=False)
    return sorted(rows.values_list("code", flat=True))


def test_a_cell_is_chosen_on_the_map_and_cut_along_a_drawn_line(person, shared_district):
    office, draft, field = open_editor(person, shared_district)
    page = office.page
    field.click(1, 0)
    assert chosen(page) == [A2]
    field.draw((1, 0, -0.1, 0.3), (1, 0, 0.5, 0.4), (1, 0, 1.1, 0.3))
    assert chosen(page) == [A2]  # the points of the line chose and left out nothing
    page.click("button[value=split]")
    page.wait_for_selector("#cell-110101001001005")
    expect(page.locator(".messagelist")).to_contain_text("110101001001004")
    assert standing(draft) == [A1, A3, "110101001001004", "110101001001005"]
    north, south = draft.shapes.filter(origins=[A2]).order_by("-area_m2").values_list("area_m2")
    assert 1.4 < north[0] / south[0] < 2.4


def test_cells_are_chosen_on_the_map_and_joined(person, shared_district):
    office, draft, field = open_editor(person, shared_district)
    page = office.page
    for row in (0, 1, 2, 2):  # the last one once more: not chosen after all
        field.click(row, 0)
    assert chosen(page) == [A1, A2]
    page.click("button[value=merge]")
    page.wait_for_selector("#cell-110101001001004")
    assert standing(draft) == [A3, "110101001001004"]
    # what was joined is taken back in the list: an ended cell has no ground of its own to click
    page.check(f"#cell-{A1}")
    page.click("button[value=restore]")
    page.wait_for_selector("#cell-110101001001004", state="detached")
    assert standing(draft) == [A1, A2, A3]


def choose_file(page: Page, path: str) -> None:
    """The file chooser of the browser, opened by a click."""
    with page.expect_file_chooser() as opened:
        page.click("input[type=file]")
    opened.value.set_files(path)


def wait_for_the_job(page: Page, kind: str) -> None:
    """The worker of the product does what is done here; the page finds out by itself."""
    expect(page.locator(".gc-job")).to_be_visible()
    job = run_job(job_id=Job.objects.filter(kind=kind).latest("pk").pk)
    assert job.state == "done", job.error
    if "/jobs/" in page.url:
        page.click(".gc-job a.btn-primary")
    else:
        expect(page.locator(".gc-job")).to_have_count(0)  # the page shows the result by itself


def yes(page: Page) -> None:
    page.click("#gc-confirm [data-gc-yes]")


def test_boundaries_go_from_the_file_to_the_grid_of_today_by_clicks(
    person, shared_district, tmp_path
):
    cells = cells_of(shared_district)
    ring = cells.pop(A1)
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/grid/")
    page.fill("input[name=name]", "二期网格")
    page.click(".gc-grid-begin button")
    page.wait_for_url(re.compile(r"/district/grid/\d+/$"))
    page.click("a[href$='/import/']")
    choose_file(page, str(cells_file(tmp_path, cells)))
    page.click("main form button.btn-primary")
    wait_for_the_job(page, "grid.import")
    # the report: a gap, listed and shown on the map; nothing to publish
    settle(page)
    expect(page.locator(".gc-grid-checks")).to_contain_text("空隙")
    expect(page.locator("form[action$='/publish/']")).to_have_count(0)
    page.click("[data-gc-finding]")
    expect(page.locator("[data-gc-grid-says]")).to_contain_text("110101001001")
    # mended: a second file, checked, published
    page.click("a[href$='/import/']")
    choose_file(page, str(cells_file(tmp_path, cells | {A1: ring}, "mended.geojson")))
    page.click("main form button.btn-primary")
    wait_for_the_job(page, "grid.import")
    expect(page.locator(".gc-note-good")).to_be_visible()
    page.click("form[action$='/publish/'] button")
    yes(page)
    wait_for_the_job(page, "grid.publish")
    expect(page.locator("main")).to_contain_text("二期网格")
    assert Edition.objects.get(state="current").name == "二期网格"
    assert Cell.objects.current().count() == 12


def test_a_register_goes_from_the_file_to_the_parts_by_clicks(person, shared_district, tmp_path):
    path = tmp_path / "井盖.csv"
    path.write_text(text(GOOD, BAD).replace("小类代码", "类别"), encoding="utf-8")
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/parts/")
    page.click(".gc-side a[href='/district/imports/']")
    choose_file(page, str(path))
    page.fill("input[name=source_key]", "城管委井盖台账")
    page.click("main form button.btn-primary")
    page.wait_for_url(re.compile(r"/district/imports/\d+/$"))
    address = page.url
    # the mapping: the class is in a column that nobody could guess
    page.select_option("select[name=column-class_code]", "类别")
    page.click("form[action$='/check/'] button")
    wait_for_the_job(page, "parts.import.check")
    page.wait_for_url(address)
    counts = page.locator(".gc-import-counts dd")
    expect(counts).to_have_text(["1", "0", "0", "1", "2"])
    with page.expect_download() as loaded:
        page.click(".gc-job-files a")
    assert loaded.value.suggested_filename == "拒收与提示.xlsx"
    assert Part.objects.filter(source_key="城管委井盖台账").count() == 0
    page.click("form[action$='/confirm/'] button")
    expect(page.locator("#gc-confirm-text")).to_contain_text("1")
    yes(page)
    wait_for_the_job(page, "parts.import")
    page.wait_for_url(address)
    expect(page.locator("#counts-title")).to_have_text("导入结果")
    assert Part.objects.filter(source_key="城管委井盖台账").count() == 1
    assert PartImport.objects.get().confirmed_by.username == "administrator"


def test_work_is_stopped_even_where_its_progress_was_drawn_anew_while_the_question_stood(
    person, shared_district, tmp_path
):
    path = tmp_path / "井盖.csv"
    path.write_text(text(GOOD), encoding="utf-8")
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/imports/")
    choose_file(page, str(path))
    page.fill("input[name=source_key]", "要停止的台账")
    page.click("main form button.btn-primary")
    page.click("form[action$='/check/'] button")
    address = page.url
    asked_again = re.compile(r"/jobs/\d+/$")
    with page.expect_response(asked_again):
        page.click(".gc-job form button")
    with page.expect_response(asked_again):
        expect(page.locator("#gc-confirm")).to_be_visible()
    yes(page)
    expect(page.locator(".gc-job")).to_contain_text("已取消")
    assert page.url == address
    expect(page.locator("form[action$='/check/'] button")).to_be_visible()
    assert Job.objects.latest("pk").state == "cancelled"
