"""The first page as PDF and as a workbook: its figures, its head and foot, and who may have it."""

from __future__ import annotations

import contextlib
import re
import zlib
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.template.loader import render_to_string
from python_calamine import CalamineWorkbook

from assessment.periods import period_from
from assessment.selectors.dashboard import build_dashboard
from assessment.selectors.shading import build_shading
from assessment.selectors.stages import stage_times
from assessment.selectors.summary import Choices, build_summary
from gridcity.contracts import Role
from gridcity.templatetags.gridcity_ui import duration
from jobs.models import Job
from jobs.running import run_job
from tests.district import USER_OF_ROLE, at

MONTH = period_from({"period": "month"}, at("11:00"))
ASK = "/dashboard/summary/"


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def asked(browser_client, district):
    """`asked(role, form)`: the answer to a user of that role who wants the file."""

    def post(role, form, query="period=month"):
        browser_client.enter(district.user(USER_OF_ROLE[role]))
        return browser_client.post(ASK, {"form": form, "query": query})

    return post


@pytest.fixture
def fetched(asked, browser_client, clock):
    """`fetched(role, form)`: the file that its job has made an hour later."""

    def get(role, form):
        answer = asked(role, form)
        job = Job.objects.latest("pk")
        assert answer["Location"] == f"/jobs/{job.pk}/"
        clock.now = at("12:00")
        assert run_job(job_id=job.pk).state == Job.State.DONE
        page = browser_client.get(answer["Location"]).content.decode()
        (href,) = re.findall(rf'href="(/jobs/{job.pk}/files/[^"]+)"', page)
        file = browser_client.get(href)
        file.body = b"".join(file.streaming_content)
        return file

    return get


def test_key_figures_are_those_of_the_page_with_both_comparisons(district, fates):
    actor = district.actor("official-1")
    page = build_dashboard(actor, MONTH, "")
    rows = build_summary(actor, MONTH, Choices()).sections[0].rows
    shown = [*page.stats, *page.rates]
    for one, row in zip(shown, rows, strict=False):
        assert row[1:3] == [one.count, one.whole]
        assert row[4::2] == [other.change for other in one.compared]
        assert row[5::2] == [other.said for other in one.compared]


def test_stage_times_stay_seconds_in_a_workbook_and_are_words_on_paper(district, fates):
    actor = district.actor("official-1")
    made = build_summary(actor, MONTH, Choices())
    times = stage_times(actor, MONTH)
    found = next(one for one in made.sections if one.seconds_from)
    assert [row[2] for row in found.rows] == [one.clock.mean for one in times]
    assert len(found.paper_heads) == len(found.heads)
    html = render_to_string("assessment/summary_sheet.html", {"summary": made, "title": "月报"})
    for one in times:
        if one.clock.mean is not None:
            assert f"<td>{duration(one.clock.mean)}</td>" in html


def test_every_row_is_as_wide_as_its_heads(district, fates):
    made = build_summary(district.actor("official-1"), MONTH, Choices(trend=["filed"], step="day"))
    for one in made.sections:
        assert {len(row) for row in one.rows} <= {len(one.heads)}, one.name


def test_rankings_have_counts_beside_rates_and_the_figure_that_was_chosen(district, fates):
    actor = district.actor("official-1")
    choices = Choices(ranked_by={"street": "closed_share"})
    made = build_summary(actor, MONTH, choices)
    ranking = next(one for one in made.sections if one.note and len(one.heads) > 5)
    assert ranking.rows
    for _rank, _group, _name, rate, count, whole, *_beside in ranking.rows:
        assert count <= whole
        assert (rate == "–") == (whole == 0)


def test_the_workbook_opens_and_says_period_data_time_and_schemes(fetched, fates):
    answer = fetched(Role.OFFICIAL, "xlsx")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.xlsx"')
    book = CalamineWorkbook.from_filelike(BytesIO(answer.body))
    first, figures, *others = [
        book.get_sheet_by_name(name).to_python() for name in book.sheet_names
    ]
    head = " ".join(str(row[1]) for row in first)
    assert "2026-06-01 – 2026-06-30" in head
    assert "2026-06-10 11:00:00" in head
    assert len(others) > 8
    assert all(isinstance(row[1], float) for row in figures[1:])
    with ZipFile(BytesIO(answer.body)) as parts:
        assert b"&amp;P / &amp;N" in parts.read("xl/worksheets/sheet2.xml")


def test_the_pdf_embeds_a_chinese_font(fetched, fates):
    answer = fetched(Role.OFFICIAL, "pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    pdf = b"".join(_parts(answer.body))
    assert b"/FontFile" in pdf
    assert re.search(rb"Noto-?Sans-?CJK", pdf)


def _parts(pdf):
    yield pdf
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(stream)


@pytest.mark.parametrize("form", ["pdf", "xlsx"])
def test_only_readers_of_figures_have_the_file(asked, fates, form):
    assert asked(Role.DEPARTMENT, form).status_code == 403
    assert not Job.objects.exists()


def test_the_file_of_one_is_not_found_by_another(fetched, browser_client, district, fates):
    fetched(Role.OFFICIAL, "xlsx")
    browser_client.enter(district.user("dispatcher-1"))
    job = Job.objects.latest("pk")
    (name,) = [entry["name"] for entry in job.outputs]
    for path in (f"/jobs/{job.pk}/", f"/jobs/{job.pk}/files/{name}"):
        assert browser_client.get(path).status_code == 404


def test_choices_of_the_page_go_into_the_file(asked, browser_client, fates):
    asked(Role.OFFICIAL, "xlsx", "period=month&trend=closed&step=week&street_by=closed_share")
    arguments = Job.objects.latest("pk").arguments
    assert (arguments["trend"], arguments["step"]) == (["closed"], "week")
    assert arguments["ranked_by"]["street"] == "closed_share"
    assert asked(Role.OFFICIAL, "xlsx", "since=nonsense").status_code == 400


def test_the_command_side_gets_no_figure_of_what_was_never_filed(district, fates):
    actor = district.actor("dispatcher-1")
    keys = {str(row[0]) for row in build_summary(actor, MONTH, Choices()).sections[0].rows}
    official = district.actor("official-1")
    more = {str(row[0]) for row in build_summary(official, MONTH, Choices()).sections[0].rows}
    assert keys < more


def test_another_ending_is_refused(asked, fates):
    assert asked(Role.OFFICIAL, "doc").status_code == 400


def test_the_files_have_the_table_of_the_map_and_the_open_cases_by_state(district, fates):
    actor = district.actor("official-1")
    choices = Choices(shade="closed_share", level="street")
    sections = {one.name: one for one in build_summary(actor, MONTH, choices).sections}
    shading = build_shading(actor, MONTH, "", figure="closed_share", level="street")
    assert [row[1:5] for row in sections["地图"].rows] == [
        [one.name, one.percent, one.count, one.whole] for one in shading.places
    ]
    chart = build_dashboard(actor, MONTH, "").charts["state"]
    states = sections["在办案件按状态"].rows
    assert states == [list(pair) for pair in zip(chart["categories"], chart["series"][0]["data"],
                                                 strict=True)]  # fmt: skip
    scored = build_summary(actor, MONTH, Choices(shade="score", level="cell")).sections
    assert next(one for one in scored if one.name == "地图").rows == []


def test_paper_sets_the_first_places_and_says_how_many_are_left(district, fates, monkeypatch):
    monkeypatch.setattr("assessment.selectors.summary.MOST_PLACES", 1)
    choices = Choices(shade="filed", level="street")
    made = build_summary(district.actor("official-1"), MONTH, choices)
    found = next(one for one in made.sections if one.name == "地图")
    assert len(found.paper_rows) == 1 < len(found.rows)
    html = render_to_string("assessment/summary_sheet.html", {"summary": made, "title": "月报"})
    assert f"另有 {found.left_on_paper} 行" in html


def test_its_heads_are_words_of_the_field(district, fates):
    sections = build_summary(district.actor("official-1"), MONTH, Choices()).sections
    heads = {head for one in sections for head in one.heads}
    assert {"比率", "依据"} <= heads
    assert not heads & {"评价", "案件来源", "来源"}
