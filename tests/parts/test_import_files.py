"""Registers come in many formats and frames; what the sender declares counts."""

import gzip
from collections import Counter

import pytest
import xlsxwriter
from django.db import connection

from gridcity.contracts import CLOCK, Invalid, TooLarge
from parts.frames import into_gcj02
from parts.models import CatalogueClass, Part
from parts.services.imports import Declared, Fault, Remark, import_parts, limits
from parts.services.imports.columns import find_columns, guess_columns
from parts.services.imports.peek import look_into
from parts.services.imports.reading import opened
from tests.district import CURRENT, point
from tests.parts.register_files import geojson, geopackage, shapefile, zipped


@pytest.fixture
def take(district, at):
    """`take(path, frame=…)`: import a file as it is declared."""

    def do(path, *, commit=True, source="census", **declared):
        return import_parts(
            actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=commit, source_key=source,
            declared=Declared(**declared),
        )  # fmt: skip

    return do


def imported():
    return Part.objects.filter(source_key="census").order_by("code")


def spot(row=1, column=1, x=0.3, y=0.3):
    lon, lat = point(row, column, x, y)
    return round(lon, 7), round(lat, 7)


def as_point(xy):
    return f"POINT({xy[0]} {xy[1]})"


def square(lon, lat, size=1e-4):
    ring = [(0, 0), (0, size), (size, size), (size, 0), (0, 0)]
    return [(lon + x, lat + y) for x, y in ring]


def as_polygon(*rings):
    inner = ",".join("(" + ",".join(f"{x:.9f} {y:.9f}" for x, y in ring) + ")" for ring in rings)
    return f"POLYGON({inner})"


def of_kind(district, kind):
    CatalogueClass.objects.filter(pk=district.classes["toilet"].pk).update(geometry=kind)


def into_metres(xy, epsg=4548):
    """A true place in the plane of an EPSG code; easting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select st_x(p), st_y(p)"
            " from st_transform(st_setsrid(st_makepoint(%s, %s), 4490), %s) p",
            [*xy, epsg],
        )
        return cursor.fetchone()


# ---------------------------------------------------------------- formats


def test_features_of_geojson_become_parts_and_keep_their_own_number(take, tmp_path):
    path = geojson(
        tmp_path / "parts.geojson",
        [
            ({"序号": 1, "小类代码": "0101", "备注": "甲"}, as_point(spot())),
            ({"序号": 2, "小类代码": "0199"}, as_point(spot(2, 2))),
            ({"序号": 3, "小类代码": "0101"}, None),
        ],
        before={"name": "井盖", "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}},
    )
    outcome = take(path)
    assert outcome.faults == Counter({Fault.UNKNOWN_CLASS: 1, Fault.NO_POSITION: 1})
    part = imported().get()
    assert (part.source_id, part.note) == ("1", "甲")
    assert part.geom.coords == spot()
    assert take(path).unchanged == 1


def test_attributes_that_only_later_features_have_are_read_too(take, tmp_path):
    rows = [({"小类代码": "0101", "序号": n}, as_point(spot(1, 1, n / 10))) for n in range(3)]
    rows.append(({"小类代码": "0101", "序号": 9, "养护单位": "乙"}, as_point(spot(2, 2))))
    take(geojson(tmp_path / "parts.json", rows))
    assert imported().get(source_id="9").maintainer_name == "乙"


@pytest.mark.parametrize(
    "text",
    [
        "{", '{"type": "Feature"}', '{"features": 3}', '{"features": [1]}', '{"features": [{"a": ',
        '{"a": [[[[[[', "{" + '"a": {' * 3000,
    ],
)  # fmt: skip
def test_json_that_is_no_collection_is_refused(take, tmp_path, text):
    path = tmp_path / "parts.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid):
        take(path)


def test_a_layer_of_a_geopackage_is_read_and_several_must_be_named(take, tmp_path):
    row = {"小类代码": "0101"}
    one = geopackage(tmp_path / "one.gpkg", covers=[(row, as_point(spot()))])
    assert take(one).new == 1
    assert imported().get().source_id == "1"  # its fid
    two = geopackage(
        tmp_path / "two.gpkg", a=[(row, as_point(spot(2, 2)))], b=[(row, as_point(spot(0, 2)))]
    )
    with pytest.raises(Invalid) as refused:
        take(two)
    assert "a、b" in str(refused.value.fields["layer"][0])
    assert take(two, layer="b", source="b").new == 1
    assert look_into(two, layer="*").layers == ["a", "b"]


def test_a_geopackage_that_is_none_is_refused(take, tmp_path):
    path = tmp_path / "parts.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 200)
    with pytest.raises(Invalid):
        take(path)


@pytest.mark.parametrize(("encoding", "cpg"), [("gb18030", None), ("utf-8", "UTF-8"),
                                               ("utf-8", None), ("gb18030", "GBK")])  # fmt: skip
def test_a_zipped_shapefile_is_read_in_the_encoding_it_has(take, tmp_path, encoding, cpg):
    # a name of a column has ten bytes
    columns = [("序号", "N", 10), ("CLASS", "C", 4), ("WHO", "C", 30), ("SINCE", "D", 8)]
    said = {"source_id": "序号", "class_code": "CLASS", "maintainer_name": "WHO",
            "initial_on": "SINCE", "wkt": "几何"}  # fmt: skip
    rows = [((7, "0101", "北京市自来水集团", "20200102"), spot()), ((8, "0101", "", ""), None)]
    outcome = take(shapefile(tmp_path / "parts.zip", columns, rows, encoding, cpg), columns=said)
    assert outcome.faults == Counter({Fault.NO_POSITION: 1})
    part = imported().get()
    assert (part.source_id, part.maintainer_name) == ("7", "北京市自来水集团")
    assert part.initial_on.isoformat() == "2020-01-02"
    assert (outcome.remarks[Remark.ENCODING] == 1) == (encoding == "gb18030")


def test_areas_of_a_shapefile_keep_their_holes(take, tmp_path, district):
    of_kind(district, "polygon")
    lon, lat = spot()
    hole = list(reversed(square(lon + 3e-5, lat + 3e-5, 2e-5)))
    path = shapefile(
        tmp_path / "parts.zip", [("CLASS", "C", 4)], [(("0301",), [square(lon, lat), hole])]
    )
    outcome = take(path, columns={"class_code": "CLASS", "wkt": "几何"})
    assert outcome.new == 1
    assert len(imported().get().geom) == 2


def test_an_area_of_a_shapefile_that_is_not_closed_is_refused(take, tmp_path, district):
    of_kind(district, "polygon")
    open_ring = square(*spot())[:-1]
    path = shapefile(tmp_path / "parts.zip", [("CLASS", "C", 4)], [(("0301",), [open_ring])])
    outcome = take(path, columns={"class_code": "CLASS", "wkt": "几何"})
    assert outcome.faults == Counter({Fault.BAD_GEOMETRY: 1})


def test_a_picture_in_a_geopackage_is_left_out(take, tmp_path):
    row = {"小类代码": "0101", "照片": b"\xff\xd8"}
    assert take(geopackage(tmp_path / "one.gpkg", covers=[(row, as_point(spot()))])).new == 1


def test_a_shapefile_without_its_table_is_refused(take, tmp_path):
    path = tmp_path / "parts.zip"
    path.write_bytes(zipped(**{"a.shp": b"\x00\x00\x27\x0a"}))
    with pytest.raises(Invalid):
        take(path)


def test_a_file_of_another_kind_is_refused_by_its_content(take, tmp_path):
    path = tmp_path / "parts.geojson"
    path.write_text("<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", encoding="utf-8")
    with pytest.raises(Invalid):
        take(path)


# ---------------------------------------------------------------- shapes


def test_lines_and_areas_are_kept_with_nine_decimals_and_without_heights(take, tmp_path, district):
    of_kind(district, "line")
    lon, lat = spot()
    wkt = f"LINESTRING Z ({lon:.12f} {lat:.12f} 5, {lon + 1.123456789123e-4:.12f} {lat:.12f} 6)"
    path = tmp_path / "lines.csv"
    path.write_text(f'序号,小类代码,几何\n1,0301,"{wkt}"', encoding="utf-8")
    assert take(path).new == 1
    geom = imported().get().geom
    assert (geom.geom_type, geom.hasz) == ("LineString", False)
    assert geom.coords[1][0] == round(lon + 1.123456789123e-4, 9)
    assert take(path).unchanged == 1


def test_a_lone_point_of_a_shape_is_a_point(take, tmp_path):
    wkt = f"MULTIPOINT(({spot()[0]} {spot()[1]}))"
    take(geojson(tmp_path / "a.geojson", [({"小类代码": "0101"}, wkt)]))
    assert imported().get().geom.geom_type == "Point"


def test_an_area_with_swapped_axes_is_put_right_with_a_remark(take, tmp_path, district):
    of_kind(district, "polygon")
    ring = [(y, x) for x, y in square(*spot())]
    outcome = take(geojson(tmp_path / "a.geojson", [({"小类代码": "0301"}, as_polygon(ring))]))
    assert (outcome.new, outcome.remarks[Remark.AXES]) == (1, 1)
    assert imported().get().geom.extent[0] > 100


def test_swapped_axes_that_do_not_land_inside_are_refused_by_name(take, tmp_path, district):
    of_kind(district, "polygon")
    ring = [(y, x - 1) for x, y in square(*spot())]
    outcome = take(geojson(tmp_path / "a.geojson", [({"小类代码": "0301"}, as_polygon(ring))]))
    assert outcome.faults == Counter({Fault.SWAPPED: 1})


def test_a_reference_in_the_text_of_a_shape_is_not_believed(take, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"小类代码,几何\n0101,SRID=3857;{as_point(spot())}", encoding="utf-8")
    assert take(path).faults == Counter({Fault.BAD_GEOMETRY: 1})


# ---------------------------------------------------------------- frames


@pytest.mark.parametrize("epsg", ["4548", "4527", "4547", "3857", "32650"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_declared_metres_become_degrees(take, tmp_path, epsg, is_swapped):
    x, y = into_metres(spot(), int(epsg))
    pair = f"{y:.4f},{x:.4f}" if is_swapped else f"{x:.4f},{y:.4f}"
    path = tmp_path / "a.csv"
    path.write_text(f"序号,小类代码,X坐标,Y坐标\n1,0101,{pair}\n2,0101,0,0", encoding="utf-8")
    outcome = take(path, frame=epsg)
    assert outcome.faults == Counter({Fault.OUTSIDE: 1})
    assert imported().get().geom.coords == pytest.approx(spot(), abs=2e-7)
    # Web Mercator's numbers fit in both orders; the others say by themselves which is which
    assert (outcome.remarks[Remark.AXES] == 1) == is_swapped
    assert take(path, frame=epsg).unchanged == 1


def test_areas_in_declared_metres_become_degrees(take, tmp_path, district):
    of_kind(district, "polygon")
    ring = [into_metres(xy) for xy in square(*spot())]
    path = geojson(tmp_path / "a.geojson", [({"小类代码": "0301"}, as_polygon(ring))])
    assert take(path, frame="4548").new == 1
    assert imported().get().geom.extent[:2] == pytest.approx(spot(), abs=1e-7)


def test_degrees_where_metres_were_declared_are_refused_by_name(take, tmp_path):
    path = tmp_path / "a.csv"
    lon, lat = spot()
    path.write_text(f"小类代码,X坐标,Y坐标\n0101,{lon},{lat}", encoding="utf-8")
    assert take(path, frame="4548").faults == Counter({Fault.DEGREES: 1})


def test_gcj02_is_converted_once_and_only_when_declared_and_the_raw_value_is_kept(take, tmp_path):
    lon, lat = into_gcj02(*spot(1, 1))
    path = tmp_path / "a.csv"
    path.write_text(f"序号,小类代码,经度,纬度\n1,0101,{lon},{lat}", encoding="utf-8")
    assert take(path, frame="GCJ-02").new == 1
    part = imported().get()
    assert part.geom.coords == pytest.approx(spot(1, 1), abs=2e-6)
    assert str(lon) in part.note
    assert take(path, frame="GCJ-02").unchanged == 1
    assert take(path).faults == Counter({Fault.GCJ: 1})


def test_an_area_in_gcj02_is_converted_corner_by_corner(take, tmp_path, district):
    of_kind(district, "polygon")
    ring = [into_gcj02(*xy) for xy in square(*spot())]
    path = geojson(tmp_path / "a.geojson", [({"小类代码": "0301"}, as_polygon(ring))])
    assert take(path, frame="GCJ-02").new == 1
    for found, true in zip(imported().get().geom[0].coords, square(*spot()), strict=True):
        assert found == pytest.approx(true, abs=2e-6)


def test_a_frame_that_is_not_on_the_list_is_refused(take, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("小类代码,经度,纬度\n", encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        take(path, frame="4214")
    assert "frame" in refused.value.fields


# ---------------------------------------------------------------- columns


def test_columns_are_guessed_and_what_the_administrator_says_counts(take, tmp_path):
    lon, lat = spot()
    path = tmp_path / "a.csv"
    path.write_text(f"KIND,E,N,WHO\n0101,{lon},{lat},甲", encoding="utf-8")
    with pytest.raises(Invalid):
        take(path)
    said = {"class_code": "KIND", "lon": "E", "lat": "N", "owner_name": "WHO"}
    assert take(path, columns=said).new == 1
    assert imported().get().owner_name == "甲"


def test_a_file_of_one_class_needs_no_column_for_it(take, tmp_path):
    lon, lat = spot()
    path = tmp_path / "a.csv"
    path.write_text(f"序号,经度,纬度\n1,{lon},{lat}", encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        take(path)
    assert "class_code" in refused.value.fields
    assert take(path, class_code="0101").new == 1
    with pytest.raises(Invalid):
        take(path, class_code="9999")


def test_a_column_that_is_gone_is_named():
    with pytest.raises(Invalid) as refused:
        find_columns(
            ["小类代码", "经度", "纬度"], {"class_code": "类", "lon": "经度", "lat": "纬度"}
        )
    assert "class_code" in refused.value.fields
    assert guess_columns(["小类代码", "X坐标"]) == {"class_code": "小类代码", "lon": "X坐标"}


# ---------------------------------------------------------------- limits


def test_a_text_that_unpacks_to_more_than_fits_is_refused(take, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 4 << 20)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * (2 << 20)))
    with pytest.raises(TooLarge):
        take(path)


def test_a_line_without_end_is_refused(take, tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a" * (limits.MOST_LINE_BYTES + 10)))
    with pytest.raises(Invalid):
        take(path)


def test_a_zip_that_says_it_is_huge_is_refused(take, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 1 << 20)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(**{"a.shp": b"\0" * (2 << 20), "a.dbf": b""}))
    with pytest.raises(TooLarge):
        take(path)


def test_a_workbook_that_unpacks_to_more_than_fits_is_refused(take, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_WORKBOOK_BYTES", 1 << 20)
    path = tmp_path / "a.xlsx"
    path.write_bytes(zipped(**{"xl/worksheets/sheet1.xml": b" " * (2 << 20)}))
    with pytest.raises(TooLarge):
        take(path)


def test_a_lone_cell_far_outside_does_not_take_the_memory_of_all_before_it(take, tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["小类代码", "经度", "纬度"])
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(TooLarge):
        take(path)


def test_a_look_into_a_file_shows_its_first_rows(tmp_path):
    path = tmp_path / "a.csv"
    lines = ["普查表", "序号,小类代码,经度,纬度", *(f"{n},0101,{'长' * 99},{n}" for n in range(9))]
    path.write_text("\n".join(lines), encoding="gb18030")
    look = look_into(path)
    assert look.header == ["序号", "小类代码", "经度", "纬度"]
    assert len(look.first_rows) == 5
    assert look.first_rows[0][:2] == ["0", "0101"]
    assert len(look.first_rows[0][2]) < 70


def test_rows_of_a_table_are_counted_from_its_first_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("普查表\n\n序号,小类代码,经度\n1,0101,116\n", encoding="utf-8")
    with opened(path) as table:
        assert [number for number, _cells in table.rows] == [4]
