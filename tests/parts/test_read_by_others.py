"""What leaves the house is read by programs that did not make it: printed tags, GeoPackages."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from html import unescape
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse

from parts.models import Part
from parts.services.exporting import COLUMNS
from tests.parts.test_exporting import export, office

__all__ = ["export", "office"]

DPI_OF_A_PRINTER = 300
CGCS2000 = 4490


def decoded(path):
    """The text of every QR code on the pages of a PDF, as a camera sees them on paper."""
    with closing(pypdfium2.PdfDocument(path)) as document:
        pages = [page.render(scale=DPI_OF_A_PRINTER / 72).to_pil() for page in document]
    found = [code for page in pages for code in zxingcpp.read_barcodes(page.convert("L"))]
    assert all(code.valid and code.format == zxingcpp.BarcodeFormat.QRCode for code in found)
    return [code.text for code in found]


class TestTags:
    @pytest.fixture
    def addresses(self, export, settings):
        settings.PUBLIC_URL = "https://grid.example"
        return decoded(export("", "", path="tags"))

    def test_every_printed_code_is_the_address_of_its_part(self, addresses, district):
        assert sorted(addresses) == [
            f"https://grid.example/p/{part.code}/" for part in district.parts
        ]

    def test_a_supervisor_who_scans_one_is_offered_a_report_on_the_part(
        self, addresses, district, browser_client
    ):
        part = Part.objects.get(pk=district.parts[1].pk)
        (address,) = [one for one in addresses if part.code in one]
        phone = browser_client.enter(district.user("supervisor-1"))
        page = phone.get(urlsplit(address).path, follow=True)
        html = unescape(page.content.decode())
        assert page.redirect_chain[-1][0] == f"{reverse('cases:report')}?part={part.code}"
        assert "data-gc-report" in html
        assert part.code in html

    def test_others_who_scan_it_see_the_part(self, addresses, district, browser_client):
        desk = browser_client.enter(district.user("acceptor-1"))
        page = desk.get(urlsplit(addresses[0]).path, follow=True)
        assert page.status_code == 200
        assert urlsplit(addresses[0]).path.split("/")[2] in unescape(page.content.decode())

    def test_a_whole_sheet_and_the_next_are_read(self, export, district, settings):
        settings.PUBLIC_URL = "https://urban-management.dongcheng.example"
        first = district.parts[0]
        for n in range(4, 31):
            Part.objects.create(
                code=f"11010101010{n:05}", catalogue_class=first.catalogue_class, geom=first.geom,
                name=first.name, cell=first.cell, street=first.street, community=first.community,
                initial_on=first.initial_on,
            )  # fmt: skip
        found = decoded(export("", "", path="tags"))
        assert sorted(found) == [
            f"{settings.PUBLIC_URL}/p/{code}/"
            for code in Part.objects.order_by("code").values_list("code", flat=True)
        ]


def point_in(kept):
    """Longitude, latitude and system of a point, by OGC 12-128r18 §2.1.3 and the WKB of SFA."""
    magic, version, flags, system = struct.unpack_from("<2sBBi", kept)
    assert (magic, version, flags & 1) == (b"GP", 0, 1)  # little-endian, no extension
    envelope = (0, 32, 48, 48, 64)[flags >> 1 & 7]
    order, kind, lon, lat = struct.unpack_from("<BIdd", kept, 8 + envelope)
    assert (order, kind) == (1, 1)
    return lon, lat, system


def test_a_geopackage_keeps_to_the_standard_table_by_table(export, district):
    with closing(sqlite3.connect(export("gpkg"))) as file:
        assert file.execute("pragma application_id").fetchone() == (0x47504B47,)
        assert file.execute("pragma integrity_check").fetchone() == ("ok",)
        assert file.execute("pragma foreign_key_check").fetchall() == []
        ((name, kind, system, *extent),) = file.execute(
            "select table_name, data_type, srs_id, min_x, min_y, max_x, max_y from gpkg_contents"
        )
        assert (name, kind, system) == ("部件", "features", CGCS2000)
        ((column, of, has_z, has_m),) = file.execute(
            "select column_name, srs_id, z, m from gpkg_geometry_columns where table_name = ?",
            (name,),
        )
        assert (of, has_z, has_m) == (CGCS2000, 0, 0)
        organization = file.execute(
            "select organization, organization_coordsys_id from gpkg_spatial_ref_sys"
            " where srs_id = ?",
            (system,),
        ).fetchone()
        assert organization == ("EPSG", CGCS2000)
        columns = [row[1] for row in file.execute(f'pragma table_info("{name}")')]
        assert columns == ["fid", column, *COLUMNS]
        rows = file.execute(
            f'select "部件代码", "小类名称", {column} from "{name}" order by 1'
        ).fetchall()
    assert [(code, word) for code, word, _kept in rows] == [
        (part.code, part.catalogue_class.name) for part in district.parts
    ]
    spots = [point_in(kept) for _code, _word, kept in rows]
    assert spots == [(*part.geom.coords, CGCS2000) for part in district.parts]
    lons, lats = zip(*[spot[:2] for spot in spots], strict=True)
    assert extent == [min(lons), min(lats), max(lons), max(lats)]
