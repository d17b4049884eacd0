"""Every check of a draft, by a file that has just that fault."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import xlsxwriter
from django.contrib.gis.geos import LineString
from django.utils import translation

from gridcity.contracts import Invalid
from parts.frames import into_gcj02
from parts.models import Cell, Check, DraftFinding, Edition, LandUse, Part
from parts.selectors.draft_words import sentence_of
from tests.district import SOUTH_STEP, at, multi, point, square
from tests.parts.boundary_files import (
    areas_file,
    cells_file,
    cells_of,
    check,
    communities_of,
    draft_of,
    feature,
    found_in,
    geojson,
    geopackage,
    load,
    projected,
    ring,
    shapefile,
)

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))
B1 = "110101001002001"
# of latitude
METRE = 1 / 111_000


@pytest.fixture
def cells(district):
    return cells_of(district)


def checks(found):
    return sorted(found)


# ---------------------------------------------------------------- whole files


def test_a_copy_of_the_current_edition_has_nothing_wrong(district):
    assert check(district, draft_of(district)) == {}


@pytest.mark.parametrize("make", [cells_file, None])
def test_the_same_cells_from_a_file_have_nothing_wrong(district, cells, tmp_path, make):
    path = cells_file(tmp_path, cells) if make else geopackage(tmp_path / "a.gpkg", cells)
    assert found_in(district, path) == {}


@pytest.mark.parametrize("frame", ["4548", "4527", "32650", "3857"])
def test_projected_files_land_where_they_belong(district, cells, tmp_path, frame):
    path = cells_file(tmp_path, projected(cells, int(frame)))
    assert found_in(district, path, frame=frame) == {}


def test_a_shapefile_without_a_code_page_keeps_its_chinese(district, cells, tmp_path):
    path = shapefile(tmp_path / "cells.zip", cells, body="多福巷社区居委会")
    draft = draft_of(district)
    load(district, draft, path)
    assert check(district, draft) == {}
    bodies = set(draft.shapes.filter(level="cell").values_list("responsible_body", flat=True))
    assert bodies == {"多福巷社区居委会"}


def test_gcj_02_is_undone_when_the_sender_says_so(district, cells, tmp_path):
    shifted = {
        code: [list(into_gcj02(lon, lat)) for lon, lat in points] for code, points in cells.items()
    }
    path = cells_file(tmp_path, shifted)
    assert found_in(district, path, frame="GCJ-02") == {}


def test_gcj_02_that_nobody_declared_is_named(district, cells, tmp_path):
    shifted = {
        code: [list(into_gcj02(lon, lat)) for lon, lat in points] for code, points in cells.items()
    }
    found = found_in(district, cells_file(tmp_path, shifted))
    (finding,) = found["shifted"]
    assert finding.values["is_gcj"] is True
    assert abs(finding.values["east"] - 531) < 30


def test_gcj_02_is_named_without_a_code_in_common(district, cells, tmp_path):
    renumbered = {
        f"{code[:12]}{int(code[12:]) + 500:03d}": [list(into_gcj02(*p)) for p in points]
        for code, points in cells.items()
    }
    found = found_in(district, cells_file(tmp_path, renumbered))
    assert [f.values["is_gcj"] for f in found["shifted"]] == [True]


def test_true_data_declared_as_gcj_02_is_named_too(district, cells, tmp_path):
    found = found_in(district, cells_file(tmp_path, cells), frame="GCJ-02")
    assert [f.values["is_gcj"] for f in found["shifted"]] == [False]


def test_swapped_axes_lie_outside_china(district, cells, tmp_path):
    cells[A1] = [[y, x] for x, y in cells[A1]]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["gap", "off_map", "parts_outside"]
    assert found["off_map"][0].codes == [A1]


@pytest.mark.parametrize(
    "text",
    ["", "<OGRVRTDataSource/>", "{", '{"type": "Topology"}', "[1, 2]", '{"features": [7]}'],
)
def test_what_is_no_boundary_file_is_refused_in_words(district, tmp_path, text):
    path = tmp_path / "x.geojson"
    path.write_text(text)
    draft = draft_of(district)
    with pytest.raises(Invalid) as refused:
        load(district, draft, path)
    assert "file" in refused.value.fields


def test_a_table_without_shapes_is_no_boundary_file(district, tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["网格编码", "几何"])
    draft = draft_of(district)
    with pytest.raises(Invalid, match="GeoJSON"):
        load(district, draft, path)


def test_one_feature_alone_is_read(district, cells, tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps(feature(A1, [cells[A1]])), encoding="utf-8")
    draft = draft_of(district)
    load(district, draft, path)
    assert draft.shapes.get(level="cell", row__gt=0).code == A1


def test_a_file_without_a_column_of_codes_is_refused_with_its_columns(district, tmp_path):
    rows = [{"type": "Feature", "properties": {"colour": "red"}, "geometry": None}]
    with pytest.raises(Invalid) as refused:
        load(district, draft_of(district), geojson(tmp_path / "x.geojson", rows))
    assert "colour" in str(refused.value)


def test_the_sender_may_name_the_column_of_the_codes(district, cells, tmp_path):
    rows = [feature(None, [points], colour=code) for code, points in cells.items()]
    path = geojson(tmp_path / "x.geojson", rows)
    assert found_in(district, path, columns={"code": "colour"}) == {}


# ---------------------------------------------------------------- boundaries


def test_a_row_without_a_boundary_is_a_fault(district, cells, tmp_path):
    rows = [feature(c, None if c == A1 else [r]) for c, r in cells.items()]
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert checks(found) == ["gap", "no_shape", "parts_outside"]


def test_a_line_is_no_area(district, cells, tmp_path):
    rows = [feature(c, [r]) for c, r in cells.items()]
    rows.append(feature("110101001001004", cells[A1], kind="LineString"))
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert checks(found) == ["not_area"]


@pytest.mark.parametrize("is_shapefile", [False, True])
def test_a_ring_that_is_not_closed_is_a_fault(district, cells, tmp_path, is_shapefile):
    cells[A1] = cells[A1][:-1]
    path = shapefile(tmp_path / "a.zip", cells) if is_shapefile else cells_file(tmp_path, cells)
    found = found_in(district, path)
    assert checks(found) == ["not_closed"]
    assert found["not_closed"][0].codes == [A1]


def test_a_boundary_that_crosses_itself_is_shown_where_it_does(district, cells, tmp_path):
    west, south, east, north = square(0, 0, 0).extent
    loop = [[west, south], [east, south], [east, north], [west, north]]
    # a loop of a few centimetres at the corner, too small to be a gap
    knot = [[west + 1e-7, north], [west - 1e-7, north - 1e-7], [west, south]]
    cells[A1] = [*loop, *knot]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["crosses_itself"]
    assert found["crosses_itself"][0].geom.geom_type == "Point"
    with translation.override("zh-hans"):
        said = sentence_of(found["crosses_itself"][0])
    assert not re.search("[A-Za-z]", said)


def test_many_parts_that_would_fall_outside_are_counted_in_groups_of_thousands():
    finding = DraftFinding(check_key=Check.PARTS_OUTSIDE, values={"n": 12_345})
    assert "12,345" in sentence_of(finding)


def test_a_cell_in_two_pieces_is_a_fault(district, cells, tmp_path):
    first, last = cells.pop(A1), cells.pop(A3)
    rows = [feature(c, [r]) for c, r in cells.items()]
    rows.append(feature(A1, [[first], [last]], kind="MultiPolygon"))
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert "several_pieces" in found
    assert found["several_pieces"][0].values == {"n": 2}


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize("code", ["11010100100100", "1101010010010O4", "110101001001000", ""])
def test_a_code_of_another_form_is_a_fault(district, cells, tmp_path, code):
    cells[code] = cells.pop(A3)
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["code_form"]
    assert found["code_form"][0].codes == [code]


def test_a_code_given_twice_is_a_fault(district, cells, tmp_path):
    rows = [feature(A2 if c == A3 else c, [r]) for c, r in cells.items()]
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert "code_twice" in found
    assert [f.codes for f in found["code_twice"]] == [[A2]]


def test_a_code_of_a_community_that_is_not_there_is_a_fault(district, cells, tmp_path):
    cells["110101001009001"] = cells.pop(A3)
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["no_parent"]
    assert found["no_parent"][0].codes == ["110101001009001", "110101001009"]


def test_a_voided_code_is_never_given_again(district, cells, tmp_path):
    cell = district.cells[2, 0]
    Cell.objects.filter(pk=cell.pk).update(end_on=date(2025, 1, 1), void_reason="合并")
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["code_voided"]
    (finding,) = found["code_voided"]
    assert (finding.codes, finding.values["reason"]) == ([A3], "合并")


def test_a_code_of_a_former_edition_alone_is_never_given_again(district, cells, tmp_path):
    old = Edition.objects.create(
        name="旧网格", state="former", published_at=at(on="2015-01-01"),
        superseded_at=at(on="2020-01-01"),
    )  # fmt: skip
    Cell.objects.create(
        edition=old, code="110101001001009", community=district.communities["110101001001"],
        geom=square(2, 0, 0), area_m2=10251, initial_on=date(2015, 1, 1),
    )  # fmt: skip
    cells["110101001001009"] = cells.pop(A3)
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["code_voided"]


def test_a_code_that_means_another_place_today_is_a_fault(district, cells, tmp_path):
    cells[A1], cells[A3] = cells[A3], cells[A1]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["code_moved", "order"]
    assert sorted(f.codes[0] for f in found["code_moved"]) == [A1, A3]


def test_zeros_that_a_spreadsheet_dropped_are_put_back_with_a_remark(district, cells, tmp_path):
    rows = [feature(c, [r]) for c, r in cells.items()]
    rows.append(feature(77, cells[A1]))
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert found["padded"][0].codes == ["000000000000077"]
    assert found["padded"][0].values == {"was": "77"}
    assert not found["padded"][0].is_fault


def test_another_order_of_serials_is_a_remark(district, cells, tmp_path):
    for n in (1, 2, 3):
        cells[f"110101001001{n + 10:03d}"] = cells.pop(f"110101001001{4 - n:03d}")
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["order"]
    assert not found["order"][0].is_fault


# ---------------------------------------------------------------- shape against shape


def test_a_gap_is_told_as_an_area(district, cells, tmp_path):
    del cells[B1]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["gap"]
    (gap,) = found["gap"]
    assert (gap.level, gap.codes) == ("community", ["110101001002"])
    assert gap.area_m2 == pytest.approx(10_251, rel=0.01)
    assert gap.geom.equals_exact(district.cells[0, 1].geom, 1e-6) or gap.geom.covers(
        district.cells[0, 1].geom.centroid
    )


def test_an_overlap_is_told_as_an_area(district, cells, tmp_path):
    # A1 goes on for a tenth of A2; A2 stays as it is
    west, south, east, north = square(0, 0, 0).extent
    low = south - (north - south) / 10
    cells[A1] = [[west, low], [east, low], [east, north], [west, north], [west, low]]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["overlap"]
    (overlap,) = found["overlap"]
    assert sorted(overlap.codes) == [A1, A2]
    assert overlap.area_m2 == pytest.approx(1_025, rel=0.02)


def test_slivers_of_rounding_are_no_fault(district, cells, tmp_path):
    cells[A1] = [[x + 3e-9, y] for x, y in cells[A1]]
    assert found_in(district, cells_file(tmp_path, cells)) == {}


def test_a_cell_across_the_boundary_of_its_community_is_a_fault(district, cells, tmp_path):
    west, south, east, north = square(0, 0, 0).extent
    far = east + (east - west) / 5
    cells[A1] = [[west, south], [far, south], [far, north], [west, north], [west, south]]
    cells[B1] = [[far, south], *cells[B1][1:3], [far, north], [far, south]]
    box = square(0, 1, 1).extent
    cells[B1] = [[far, box[1]], [box[2], box[1]], [box[2], box[3]], [far, box[3]], [far, box[1]]]
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["across"]
    assert found["across"][0].codes == [A1, "110101001001"]
    assert found["across"][0].area_m2 == pytest.approx(2_050, rel=0.02)


def test_a_cell_in_another_community_than_its_code_says_is_a_fault(district, cells, tmp_path):
    cells["110101001001004"] = cells.pop(B1)
    found = found_in(district, cells_file(tmp_path, cells))
    assert "outside" in found
    assert set(found) <= {"outside", "order"}


def test_a_community_across_its_street_is_a_fault(district, tmp_path):
    areas = communities_of(district)
    code = "110101001002"
    areas[code] = (areas[code][0], ring(square(0, 1, 2, 3)))
    found = found_in(district, areas_file(tmp_path, areas), level="community")
    assert {f.level for f in found["across"]} == {"community"}
    assert {f.level for f in found["overlap"]} == {"community"}


def test_parts_that_would_fall_outside_are_named(district, tmp_path):
    # a district one row shorter, with all its areas and cells
    short = {
        "district": {"110101": ("东城区", ring(square(0, 0, 3, 2)))},
        "street": {
            "110101001": ("东华门街道", ring(square(0, 0, 1, 2))),
            "110101002": ("景山街道", ring(square(0, 2, 3, 2))),
        },
        "community": {
            "110101001001": ("多福巷社区", ring(square(0, 0, 0, 2))),
            "110101001002": ("台基厂社区", ring(square(0, 1, 1, 2))),
            "110101002001": ("隆福寺社区", ring(square(0, 2, 3, 2))),
        },
    }
    draft = draft_of(district)
    for level, areas in short.items():
        load(district, draft, areas_file(tmp_path, areas), level=level)
    cells = {c.code: ring(c.geom) for (row, _c), c in district.cells.items() if row < 2}
    load(district, draft, cells_file(tmp_path, cells))
    found = check(district, draft)
    assert checks(found) == ["parts_outside"]
    assert found["parts_outside"][0].codes == [district.parts[2].code]


@pytest.mark.parametrize(("past_m", "said"), [(0.5, []), (3, ["cuts_parts"])])
def test_a_line_that_an_edge_would_cut_is_a_remark(district, cells, tmp_path, past_m, said):
    # a fence from the middle of A1 that ends past the southern edge, as the file draws it anew
    part = district.parts[0]
    lon, lat = part.geom.coords
    end = lat - 0.3 * SOUTH_STEP
    Part.objects.filter(pk=part.pk).update(geom=LineString((lon, lat), (lon, end), srid=4490))
    west, _south, east, north = square(0, 0, 0).extent
    edge = end + past_m * METRE
    cells[A1] = ring_of(west, edge, east, north)
    cells[A2] = ring_of(west, square(1, 0, 0).extent[1], east, edge)
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == said
    assert [f.codes for rows in found.values() for f in rows] == [[part.code]] * len(said)
    assert not any(f.is_fault for rows in found.values() for f in rows)


def test_a_community_of_more_cells_than_serials_is_a_fault(district, cells, tmp_path):
    community = A1[:12]
    west, south, east, north = square(0, 0, 0, rows=3).extent
    for code in (A1, A2, A3):
        del cells[code]
    for serial in range(1, 1001):
        top, bottom = (north - (north - south) * n / 1000 for n in (serial - 1, serial))
        cells[f"{community}{serial:03d}"] = ring_of(west, bottom, east, top)
    found = found_in(district, cells_file(tmp_path, cells))
    assert [f.codes for f in found["code_form"]] == [[f"{community}1000"]]
    assert [(f.codes, f.values) for f in found["too_many"]] == [
        ([community], {"n": 1000, "most": 999})
    ]
    assert found["too_many"][0].is_fault


# ---------------------------------------------------------------- attributes and areas


def test_an_unusual_area_is_a_remark(district, cells, tmp_path):
    west, south, east, north = square(0, 0, 0).extent
    third = west + (east - west) / 8
    cells["110101001001004"] = ring_of(west, south, third, north)
    cells[A1] = ring_of(third, south, east, north)
    found = found_in(district, cells_file(tmp_path, cells))
    assert checks(found) == ["area_band", "order"]
    assert [f.codes for f in found["area_band"]] == [["110101001001004"]]
    assert not found["area_band"][0].is_fault


def ring_of(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def test_attributes_that_mean_nothing_are_remarks(district, cells, tmp_path):
    LandUse.objects.create(code="R2", name="居住用地")
    wrong = {"management_class": "5", "limit_area": "D", "land_use": "XX"}
    rows = [feature(c, [r], **(wrong if c == A1 else {"land_use": "R2"})) for c, r in cells.items()]
    found = found_in(district, geojson(tmp_path / "x.geojson", rows))
    assert checks(found) == ["attribute"]
    assert sorted(f.values["field"] for f in found["attribute"]) == sorted(wrong)


def test_an_area_without_a_name_is_a_fault(district, tmp_path):
    areas = communities_of(district)
    areas["110101001001"] = ("", areas["110101001001"][1])
    found = found_in(district, areas_file(tmp_path, areas), level="community")
    assert checks(found) == ["name"]


def test_an_area_that_ends_gets_the_successor_that_takes_its_ground(district, tmp_path):
    areas = communities_of(district)
    _name, shape = areas.pop("110101001002")
    areas["110101001003"] = ("新台基厂社区", shape)
    draft = draft_of(district)
    load(district, draft, areas_file(tmp_path, areas), level="community")
    ended = draft.shapes.get(level="community", ends=True)
    assert (ended.code, ended.successor_code) == ("110101001002", "110101001003")
    found = check(district, draft)
    # its cells have to follow under codes of their own
    assert checks(found) == ["no_parent"]


def test_an_area_that_ends_without_a_successor_is_a_fault(district, tmp_path):
    draft = draft_of(district)
    draft.shapes.filter(level="community", code="110101001002").update(ends=True)
    found = check(district, draft)
    assert "successor" in found


def test_the_code_of_an_ended_community_is_never_given_again(district, tmp_path):
    from parts.models import Community

    Community.objects.create(
        code="110101001009", name="旧社区", street=district.streets["110101001"],
        geom=multi(square(0, 0, 0)), valid_from=date(2010, 1, 1), valid_to=date(2015, 1, 1),
    )  # fmt: skip
    areas = communities_of(district)
    areas["110101001009"] = areas.pop("110101001001")
    found = found_in(district, areas_file(tmp_path, areas), level="community")
    assert [f.codes for f in found["code_voided"]] == [["110101001009"]]


def test_an_import_of_some_communities_leaves_the_others(district, cells, tmp_path):
    own = {c: r for c, r in cells.items() if c.startswith("110101001001")}
    own["110101001001009"] = own.pop(A3)
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, own), is_partial=True)
    assert draft.shapes.filter(level="cell").count() == 12
    assert check(district, draft) == {}


def test_a_draft_without_cells_has_nothing_to_publish(district, tmp_path):
    draft = draft_of(district)
    draft.shapes.filter(level="cell").delete()
    found = check(district, draft)
    assert "empty" in found


def test_the_layer_has_to_be_named_where_there_are_several(district, cells, tmp_path):
    import sqlite3

    path = geopackage(tmp_path / "a.gpkg", cells)
    database = sqlite3.connect(path)
    database.executescript(
        """create table other (geom blob);
        insert into gpkg_contents values ('other', 'features');
        insert into gpkg_geometry_columns values ('other', 'geom');"""
    )
    database.close()
    draft = draft_of(district)
    with pytest.raises(Invalid) as refused:
        load(district, draft, path)
    assert "网格、other" in str(refused.value.fields["layer"][0])
    load(district, draft, path, layer="网格")
    assert check(district, draft) == {}


def test_a_file_of_points_far_away_is_not_shown_on_the_map(district, tmp_path):
    lon, lat = point()
    path = tmp_path / "x.geojson"
    rows = [feature(A1, [lon, lat], kind="Point")]
    path.write_text("\ufeff" + json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    found = found_in(district, path)
    assert "not_area" in found
