"""The parts of a query as a file, under the names that the national tables give the attributes.

Rows come from the database and go into the file one after the other, however many there are.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import AsGeoJSON, AsWKB, AsWKT, PointOnSurface
from django.db.models import QuerySet
from django.utils import translation

from parts.geopackage import write_geopackage
from parts.models import Part
from parts.selectors.keys import class_by_id, communities, kept_row, streets

BATCH = 2000
# XLSX ends at 1,048,576 rows, the header among them.
MOST_SHEET_ROWS = 1_048_575
# A cell that begins with one of these would be a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The attribute names of the national tables; an import knows them again (imports/columns.py).
COLUMNS = (
    "部件代码", "小类代码", "小类名称", "部件名称", "主管部门代码", "主管部门名称", "权属单位代码",
    "权属单位名称", "养护单位代码", "养护单位名称", "所在单元网格", "社区代码", "社区名称",
    "街道代码", "街道名称", "部件状态", "初始日期", "变更日期", "数据来源", "精度等级", "地址",
    "备注",
)  # fmt: skip
PLACE_COLUMNS = ("经度", "纬度", "几何")
# How wide a column of the sheet is, in characters; the others are NARROW.
WIDTHS = {
    "部件代码": 19, "部件名称": 18, "主管部门代码": 21, "主管部门名称": 24, "权属单位代码": 21,
    "权属单位名称": 24, "养护单位代码": 21, "养护单位名称": 24, "所在单元网格": 18, "社区代码": 15,
    "社区名称": 20, "街道代码": 12, "街道名称": 16, "小类名称": 16, "经度": 14, "纬度": 14,
    "几何": 30, "地址": 30, "备注": 30,
}  # fmt: skip
NARROW = 11
LAYER = "部件"
TOLD = (
    "code", "catalogue_class_id", "name", "competent_uscc", "competent_name", "owner_uscc",
    "owner_name", "maintainer_uscc", "maintainer_name", "cell__code", "community_id", "state",
    "initial_on", "change_on", "source", "accuracy_class", "location_text", "note",
)  # fmt: skip
Told = Callable[[int], None]


def texts_of(row: tuple[Any, ...], labels: dict[str, dict[str, str]]) -> list[str]:
    """The attributes of a row as texts, in the order of COLUMNS."""
    code, class_id, name, *bodies, cell, community_id = row[:11]
    state, initial_on, change_on, source, accuracy, location, note = row[11:18]
    entry = class_by_id(class_id)
    community = kept_row(communities, community_id)
    street = kept_row(streets, community.street_id)
    return [
        code, entry.code, entry.name, name, *bodies, cell, community.code, community.name,
        street.code, street.name, labels["state"][state], initial_on.isoformat(),
        change_on.isoformat() if change_on else "", labels["source"][source], accuracy, location,
        note,
    ]  # fmt: skip


def labels_in_chinese() -> dict[str, dict[str, str]]:
    """What states and sources are called in a register, whatever language the reader has."""
    with translation.override("zh-hans"):
        return {
            "state": {key: str(label) for key, label in Part.State.choices},
            "source": {key: str(label) for key, label in Part.Source.choices},
        }


def told_rows(rows: QuerySet[Part], shape: Any, tell: Told) -> Iterator[tuple[Any, list[str], Any]]:
    """Shape, texts and a point inside of each part, by code, in constant memory."""
    labels = labels_in_chinese()
    listed = rows.annotate(shape=shape, spot=PointOnSurface("geom")).order_by("code")
    found = listed.values_list(*TOLD, "shape", "spot").iterator(chunk_size=BATCH)
    for number, row in enumerate(found, start=1):
        if number % BATCH == 0:
            tell(number)
        yield row[18], texts_of(row, labels), row[19]


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def table_rows(rows: QuerySet[Part], tell: Told) -> Iterator[list[str]]:
    """Header and rows of a table: place in degrees, and the shape in words where it is no point."""
    yield [*COLUMNS, *PLACE_COLUMNS]
    for wkt, texts, spot in told_rows(rows, AsWKT("geom"), tell):
        shape = "" if wkt.startswith("POINT") else wkt
        yield [*map(safe, texts), f"{round(spot.x, 9)}", f"{round(spot.y, 9)}", shape]


def write_csv(path: Path, rows: QuerySet[Part], tell: Told, at: datetime) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(table_rows(rows, tell))


def write_xlsx(path: Path, rows: QuerySet[Part], tell: Told, at: datetime) -> None:
    """One sheet of texts: a code that became a number would lose its last digits."""
    options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(LAYER)
        head = book.add_format({"bold": True, "bg_color": "#E6F0FF", "border": 1})
        sheet.freeze_panes(1, 1)
        for column, name in enumerate((*COLUMNS, *PLACE_COLUMNS)):
            sheet.set_column(column, column, WIDTHS.get(name, NARROW))
        number = 0
        for number, texts in enumerate(table_rows(rows, tell)):
            for column, text in enumerate(texts):
                if text:
                    sheet.write_string(number, column, text, None if number else head)
        sheet.autofilter(0, 0, number, len(COLUMNS) + len(PLACE_COLUMNS) - 1)


def write_geojson(path: Path, rows: QuerySet[Part], tell: Told, at: datetime) -> None:
    """A FeatureCollection in EPSG:4490, one feature a line."""
    name = json.dumps(LAYER, ensure_ascii=False)
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}'
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type":"FeatureCollection","name":{name},"crs":{crs},"features":[\n')
        mark = ""
        for shape, texts, _spot in told_rows(rows, AsGeoJSON("geom", precision=9), tell):
            properties = json.dumps(
                dict(zip(COLUMNS, texts, strict=True)), ensure_ascii=False, separators=(",", ":")
            )
            file.write(f'{mark}{{"type":"Feature","properties":{properties},"geometry":{shape}}}')
            mark = ",\n"
        file.write("\n]}\n")


def write_gpkg(path: Path, rows: QuerySet[Part], tell: Told, at: datetime) -> None:
    def layer() -> Iterable[tuple[bytes, list[str]]]:
        for wkb, texts, _spot in told_rows(rows, AsWKB("geom"), tell):
            yield bytes(wkb), texts

    extent = rows.order_by().aggregate(extent=Extent("geom"))["extent"]
    write_geopackage(path, layer=LAYER, columns=COLUMNS, rows=layer(), extent=extent, at=at)


FORMATS: dict[str, Callable[[Path, QuerySet[Part], Told, datetime], None]] = {
    "xlsx": write_xlsx,
    "csv": write_csv,
    "geojson": write_geojson,
    "gpkg": write_gpkg,
}
