"""The sheet of a case: for whoever sees the case, with photos and course, without its reporters."""

from __future__ import annotations

import contextlib
import re
import zlib

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import CalendarDay, Photo
from cases.selectors.settings import forget
from cases.services.accepting import supplement_case
from cases.services.evidence import PhotoInput, prepare_photo
from cases.services.reporting import ReporterInput
from dispatch import sheet
from gridcity.contracts import Invalid, TooMany
from parts import paper
from tests.district import at
from tests.photos import picture_bytes, prepared, upload


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("18:00")


@pytest.fixture
def printed(browser_client, district):
    """`printed("acceptor-1", case)`: the sheet as a user gets it."""

    def get(name, case, status=200):
        browser_client.enter(district.user(name))
        answer = browser_client.get(reverse("dispatch:sheet", args=[case.number]))
        assert answer.status_code == status
        return answer

    return get


def unpacked(pdf: bytes) -> bytes:
    """The bytes of a PDF with its packed streams laid open, where they are packed by zlib."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompress(stream))
    return b"".join(parts)


@pytest.fixture
def html(monkeypatch):
    """What is set, and which photos it may show, in place of the PDF."""
    told = {}

    def keep(text, photos):
        told.update(html=text, photos=photos)
        return b"%PDF-"

    monkeypatch.setattr(sheet, "_set", keep)
    return told


def test_a_sheet_is_a_pdf_with_the_photos_of_the_case(printed, make_case, district):
    case = make_case("CLOSED")
    answer = printed("acceptor-1", case)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF-")
    inside = unpacked(answer.content)
    assert len(re.findall(rb"/Subtype ?/Image", inside)) >= 1
    assert b"Noto-Sans-CJK-SC" in inside


def test_it_tells_the_course_and_both_sides_but_no_reporter(printed, html, make_case):
    case = make_case(
        "CLOSED", by="acceptor-1", source="LEADER",
        reporter=ReporterInput("王小明", "13800001111", True),
    )  # fmt: skip
    printed("acceptor-1", case)

    assert case.number in html["html"]
    assert "已清运完毕" in html["html"]
    assert html["html"].count("photo:") == Photo.objects.filter(case=case).count() == 2
    assert "王小明" not in html["html"]
    assert "13800001111" not in html["html"]


def test_who_may_not_see_the_case_gets_no_sheet(printed, make_case):
    case = make_case("HANDLING")
    printed("department-d101", case, status=404)
    printed("administrator", case, status=404)


def test_a_department_sees_on_paper_no_more_than_on_the_page(printed, html, walk, district):
    walked = walk("HANDLING")
    from dispatch.services.handling import reassign_case

    reassign_case(
        number=walked.number, actor=district.actor("dispatcher-1"), at=walked.now,
        version=walked.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip
    walked.step("finish", result="后来单位处置")
    printed("department-s201", walked.case)
    assert "后来单位处置" not in html["html"]
    assert not html["photos"]


def test_what_one_sheet_holds_is_bounded(printed, html, make_case, district):
    case = make_case()
    for _turn in range(4):
        supplement_case(
            number=case.number, actor=district.actor("acceptor-1"), at=at("12:00"),
            photos=[prepared()] * 5,
        )  # fmt: skip
    printed("acceptor-1", case)
    assert html["html"].count("photo:") == sheet.MOST_PHOTOS // 2


def test_the_sheet_reaches_no_file_and_no_host(tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    for address in (secret.as_uri(), "http://127.0.0.1:9/x.jpg", "photo:7", "photo:x"):
        with pytest.raises((KeyError, ValueError)):
            sheet.photo_name(address, {1: "evidence/1.jpg"})
    assert sheet.photo_name("photo:1", {1: "evidence/1.jpg"}) == "evidence/1.jpg"


def test_the_library_of_sheets_lets_no_half_photo_in():
    assert paper.HTML
    with pytest.raises(Invalid):
        prepare_photo(PhotoInput(upload(content=picture_bytes()[:-200])))


def test_who_waits_too_long_for_others_is_told_so(monkeypatch):
    monkeypatch.setattr(paper, "WAIT_S", 0.01)
    monkeypatch.setattr(sheet, "render_to_string", lambda *_: "")
    with paper.setting, pytest.raises(TooMany):
        sheet.sheet_pdf({}, {})


def test_a_sheet_says_when_a_thing_happened_and_whether_its_stage_was_in_time(printed, html, walk):
    going = walk("TO_DISPATCH", reported_at=at("09:00"), occurred_at=at("08:10"))
    going.now = at("15:00")
    going.step("dispatch")
    printed("duty-chief-1", going.case)
    assert "2026-06-10 08:10:00" in html["html"]
    assert "现场时间存疑" not in html["html"]
    stages = re.findall(r"<tr><td>(待派遣|待立案)</td>.*?<td>([^<]*)</td></tr>", html["html"])
    assert stages == [("待立案", "按期"), ("待派遣", "超期")]


def test_a_time_on_site_that_cannot_be_is_marked_on_the_sheet_and_the_page(
    printed, html, walk, browser_client, district
):
    ahead = walk("REPORTED", reported_at=at("09:00"), occurred_at=at("09:30"))
    printed("acceptor-1", ahead.case)
    assert "现场时间存疑" in html["html"]
    page = browser_client.get(reverse("dispatch:case", args=[ahead.number])).content.decode()
    assert "现场时间存疑" in page


def test_how_the_deadline_came_about_is_told_long_after_the_end(
    printed, html, make_case, browser_client
):
    case = make_case("CLOSED", reported_at=at("15:00", on="2026-02-13"), entry="toilet")
    printed("acceptor-1", case)
    turn = case.turns.get()
    began = f"{timezone.localtime(turn.began_at):%H:%M}"
    told = f"3 工作日：2月13日 {began} 起…2月14日调休上班…春节2月15–23日"
    assert told in html["html"]
    page = browser_client.get(reverse("dispatch:case", args=[case.number])).content.decode()
    assert told in page


def test_where_the_calendar_has_changed_since_nothing_else_is_told(printed, html, make_case):
    case = make_case("CLOSED", reported_at=at("15:00", on="2026-02-13"), entry="toilet")
    CalendarDay.objects.filter(on="2026-02-23").delete()
    forget()
    printed("acceptor-1", case)
    assert "工作日：2月13日" not in html["html"]
