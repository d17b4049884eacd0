"""A selection as a file: every format, the national names, nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import json
import re
import zipfile

import pytest
from django.contrib.gis.gdal import DataSource
from django.contrib.gis.geos import LineString
from django.core.files.storage import default_storage
from python_calamine import CalamineWorkbook

from jobs.models import Job
from jobs.running import run_job
from parts.models import Part
from parts.services.exporting import COLUMNS
from parts.services.imports import register as imports
from parts.services.imports.faults import Fault
from tests.district import point

LIST = "/district/parts/"


@pytest.fixture
def office(browser_client, district):
    return browser_client.enter(district.user("administrator"))


@pytest.fixture
def export(office, tmp_path):
    """`export("csv", "street=…")`: the file that the job made."""

    def do(kind: str, query: str = "", *, path: str = "export", **more: str):
        response = office.post(f"{LIST}{path}/", {"query": query, "format": kind, **more})
        assert response.status_code == 302, response.content[:300]
        job = run_job(job_id=Job.objects.latest("pk").pk)
        assert job.state == Job.State.DONE, (job.error, job.fields)
        (output,) = job.outputs
        target = tmp_path / output["name"]
        with default_storage.open(output["file"]) as file:
            target.write_bytes(file.read())
        return target

    return do


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_has_the_national_names_and_the_selection_alone(export, district):
    (row,) = table(export("csv", "body=自来水"))
    part = district.parts[0]
    assert row["部件代码"] == part.code
    assert (row["小类代码"], row["小类名称"]) == ("0101", "上水井盖")
    assert (row["养护单位名称"], row["所在单元网格"]) == ("自来水公司", "110101001001001")
    assert (row["部件状态"], row["初始日期"], row["变更日期"]) == ("完好", "2020-01-01", "")
    assert (float(row["经度"]), float(row["纬度"])) == part.geom.coords
    assert row["几何"] == ""


def test_a_sheet_holds_codes_as_text(export, district):
    sheet = CalamineWorkbook.from_path(str(export("xlsx"))).get_sheet_by_index(0).to_python()
    assert sheet[0][: len(COLUMNS)] == list(COLUMNS)
    assert [row[0] for row in sheet[1:]] == [part.code for part in district.parts]
    assert all(isinstance(row[0], str) for row in sheet[1:])


def test_a_sheet_has_bold_headings_that_stay_and_filters_over_all_rows(export, district):
    with zipfile.ZipFile(export("xlsx")) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        styles = packed.read("xl/styles.xml").decode()
    assert re.search(r'<c r="A1" s="1"', sheet)
    assert "<b/>" in styles
    assert 'xSplit="1" ySplit="1"' in sheet
    assert f'<autoFilter ref="A1:Y{len(district.parts) + 1}"/>' in sheet


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_text_becomes_a_formula(export, district, kind, words):
    Part.objects.filter(pk=district.parts[0].pk).update(note=words)
    path = export(kind, "cell=110101001001001")
    if kind == "csv":
        told = table(path)[0]["备注"]
    else:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        told = sheet[1][COLUMNS.index("备注")]
    assert told == f"'{words}"


def test_geojson_is_read_as_geojson(export, district):
    body = json.loads(export("geojson").read_text(encoding="utf-8"))
    assert [f["properties"]["部件代码"] for f in body["features"]] == [
        part.code for part in district.parts
    ]
    assert body["crs"]["properties"]["name"].endswith("EPSG::4490")
    lon, lat = body["features"][0]["geometry"]["coordinates"]
    assert (116 < lon < 117, 39 < lat < 40) == (True, True)


def test_a_geopackage_is_read_by_the_library_of_the_system(export, district):
    entry = district.classes["toilet"]
    entry.geometry = "line"
    entry.save()
    course = LineString(point(0, 2, 0.1), point(0, 2, 0.9), srid=4490)
    first = district.parts[0]
    Part.objects.create(
        code="1101010301000001", catalogue_class=entry, name="护栏", geom=course, cell=first.cell,
        street=first.street, community=first.community, initial_on=first.initial_on,
    )  # fmt: skip
    (layer,) = DataSource(str(export("gpkg")))
    assert (layer.name, len(layer), layer.srs.srid) == ("部件", 4, 4490)
    assert layer.fields == list(COLUMNS)
    features = list(layer)
    assert [f.get("部件代码") for f in features][-1] == "1101010301000001"
    assert [f.geom.geom_name for f in features] == ["POINT"] * 3 + ["LINESTRING"]
    assert features[3].geom.wkt.startswith("LINESTRING (116.4")


def test_an_empty_selection_is_an_empty_file(export):
    assert table(export("csv", "q=99")) == []
    (layer,) = DataSource(str(export("gpkg", "q=99")))
    assert len(layer) == 0


def test_what_is_exported_comes_back_by_import_and_changes_nothing(export, district, at):
    path = export("csv")
    outcome = imports.import_parts(
        actor=district.actor("administrator"), at=at(), path=path, scheme="CJT214-2007",
        commit=True, source_key="export",
    )  # fmt: skip
    assert (outcome.new, outcome.changed, outcome.refused) == (0, 0, 0), outcome


def test_an_unknown_format_is_refused_and_clients_may_not_ask(office, browser_client, district):
    assert office.post(f"{LIST}export/", {"format": "dwg"}).status_code == 400
    client = browser_client.enter(district.user("client-1"))
    assert client.post(f"{LIST}export/", {"format": "csv"}).status_code == 403
    assert not Job.objects.exists()


class TestTags:
    def test_each_standing_part_of_the_selection_gets_its_address(
        self, export, district, monkeypatch, settings
    ):
        settings.PUBLIC_URL = "https://grid.example"
        Part.objects.filter(pk=district.parts[2].pk).update(state="lost", change_on="2026-06-01")
        held = []
        from parts import tag_sheet

        real = tag_sheet.segno.make
        monkeypatch.setattr(
            tag_sheet.segno, "make", lambda url, **more: held.append(url) or real(url, **more)
        )
        path = export("", "class_code=0101", path="tags")
        assert path.read_bytes().startswith(b"%PDF-")
        assert held == [f"https://grid.example/p/{part.code}/" for part in district.parts[:2]]

    def test_too_many_are_refused_with_a_sentence(self, office, monkeypatch):
        monkeypatch.setattr("parts.register_jobs.MOST_TAGS", 2)
        office.post(f"{LIST}tags/", {"query": ""})
        job = run_job(job_id=Job.objects.latest("pk").pk)
        assert (job.state, job.error) == ("failed", "一次最多打印 2 张标签，请缩小查询范围。")

    def test_only_administrators_print_them(self, browser_client, district):
        client = browser_client.enter(district.user("official-1"))
        assert client.post(f"{LIST}tags/", {"query": ""}).status_code == 403


class TestCodesInSpreadsheets:
    HINT = "16 位及以上编码的末几位会丢失"

    def test_what_a_spreadsheet_does_to_a_csv_is_said_where_it_is_asked_for_and_downloaded(
        self, office, export
    ):
        listed = office.get(LIST).content.decode()
        assert 'value="csv" aria-describedby="csv-hint"' in listed
        assert self.HINT in listed
        export("csv")
        assert self.HINT in office.get(f"/jobs/{Job.objects.latest('pk').pk}/").content.decode()
        export("xlsx")
        assert self.HINT not in office.get(f"/jobs/{Job.objects.latest('pk').pk}/").content.decode()

    def test_a_csv_that_a_spreadsheet_saved_again_is_refused_row_by_row(self, export, district, at):
        path = export("csv")
        codes = [part.code for part in district.parts]
        text = path.read_text(encoding="utf-8-sig")
        for code in codes:
            text = text.replace(code, f"{float(code):.5E}")  # 1.10101E+15, as they write it
        path.write_text(text, encoding="utf-8-sig")
        outcome = imports.import_parts(
            actor=district.actor("administrator"), at=at(), path=path, scheme="CJT214-2007",
            commit=False, source_key="export",
        )  # fmt: skip
        assert (outcome.new, outcome.changed) == (0, 0)
        assert outcome.faults[Fault.DIGITS_LOST] == len(codes)
