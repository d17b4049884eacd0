"""Faults and remarks of real registers, each by a file that has just that one."""

from collections import Counter
from datetime import datetime

import pytest
import xlsxwriter

from gridcity.contracts import CLOCK
from parts.models import Part
from parts.services.imports import Fault, Remark, import_parts
from tests.district import CURRENT, point
from tests.parts.register_files import HEADER, where


def imported():
    return Part.objects.filter(source_key="census").order_by("code")


def accepted_with(outcome, remark):
    assert outcome.refused == 0
    assert outcome.remarks == Counter({remark: 1})


@pytest.mark.parametrize("blank", [" ", "\t", "　", "\xa0"])
def test_blanks_around_a_value_are_taken_away_with_a_remark(register, blank):
    outcome = register([["1", "0101", "", *where(), f"{blank}国槐"]], [*HEADER, "树种"])
    accepted_with(outcome, Remark.BLANKS)
    assert imported().get().note == "树种：国槐"


def test_a_value_that_the_table_of_attributes_wants_and_that_is_missing_is_remarked(register):
    accepted_with(register([["1", "0101", "", *where(), ""]], [*HEADER, "权属单位"]), Remark.EMPTY)


@pytest.mark.parametrize("said", ["2020/1/2", "20200102", "2020.01.02", "2020年1月2日", "2020-1-2"])
def test_a_date_in_another_form_is_read_with_a_remark(register, said):
    outcome = register([["1", "0101", "", *where(), said]], [*HEADER, "初始日期"])
    accepted_with(outcome, Remark.DATE_FORM)
    assert imported().get().initial_on.isoformat() == "2020-01-02"


def test_a_date_in_the_first_form_needs_no_remark(register):
    outcome = register([["1", "0101", "", *where(), "2020-01-02"]], [*HEADER, "初始日期"])
    assert (outcome.new, outcome.remarks) == (1, Counter())


def test_a_file_in_gb18030_is_read_with_one_remark_at_its_header(register, tmp_path):
    report = tmp_path / "report.csv"
    rows = [[str(n), "0101", "上水井盖", *where(east=3 * n)] for n in range(3)]
    outcome = register(rows, encoding="gb18030", report=report)
    accepted_with(outcome, Remark.ENCODING)
    assert report.read_text(encoding="utf-8-sig").splitlines()[1].startswith("提示,1,,GB18030,")


def test_leading_zeros_that_a_spreadsheet_dropped_are_restored_with_a_remark(register):
    accepted_with(register([["1", "101", "", *where()]]), Remark.ZEROS_ADDED)


def test_full_width_digits_are_read_with_a_remark(register):
    accepted_with(register([["1", "０１０１", "", *where()]]), Remark.FULL_WIDTH)


def test_coordinates_in_full_width_are_read_with_a_remark(register):
    lon, lat = where()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in lon)
    accepted_with(register([["1", "0101", "", wide, lat]]), Remark.FULL_WIDTH)
    assert imported().get().geom.x == float(lon)


def test_swapped_axes_that_land_inside_are_put_right_with_a_remark(register):
    lon, lat = where()
    accepted_with(register([["1", "0101", "", lat, lon]]), Remark.AXES)


def test_within_a_metre_of_another_class_needs_no_remark(register, district):
    from parts.models import CatalogueClass

    CatalogueClass.objects.filter(pk=district.classes["toilet"].pk).update(geometry="point")
    outcome = register([["1", "0101", "", *where()], ["2", "0301", "", *where(east=0.5)]])
    assert (outcome.new, outcome.remarks) == (2, Counter())


@pytest.mark.parametrize(("east", "is_near"), [(0.0, True), (0.97, True), (1.03, False)])
def test_the_metre_between_rows_of_one_class_is_a_metre(register, east, is_near):
    outcome = register([["1", "0101", "", *where()], ["2", "0101", "", *where(east=east)]])
    assert (outcome.remarks[Remark.NEAR_EARLIER] == 1) == is_near


def test_a_row_near_two_earlier_ones_is_remarked_once_with_the_first(register, tmp_path):
    report = tmp_path / "report.csv"
    rows = [[str(n), "0101", "", *where(east=n * 0.3)] for n in range(3)]
    outcome = register([*rows, ["9", "0101", "", *where(east=0.3)]], report=report)
    assert outcome.remarks == Counter({Remark.NEAR_EARLIER: 3})
    said = [line.split(",")[1:5:2] for line in report.read_text("utf-8-sig").splitlines()[1:]]
    assert [row for row, _first in said] == ["3", "4", "5"]
    assert report.read_text("utf-8-sig").count("第 2 行") == 3


def test_lines_within_a_metre_of_each_other_are_remarked_too(register, district):
    from parts.models import CatalogueClass

    CatalogueClass.objects.filter(pk=district.classes["toilet"].pk).update(geometry="line")
    lon, lat = point(1, 1)
    lines = [f"LINESTRING({lon} {lat + up},{lon + 1e-4} {lat + up})" for up in (0, 8e-6, 2e-5)]
    rows = [[str(n), "0301", "", "", "", line] for n, line in enumerate(lines)]
    outcome = register(rows, [*HEADER, "几何"])
    assert outcome.new == 3
    assert outcome.remarks == Counter({Remark.NEAR_EARLIER: 1})


def test_street_and_community_of_the_file_are_compared_with_the_cells(register, district):
    cell = district.cells[1, 1]
    community = cell.community.code
    header = [*HEADER, "街道代码", "社区代码"]
    good = [["1", "0101", "", *where(), community[:9], community]]
    outcome = register(good, header)
    assert (outcome.new, outcome.remarks) == (1, Counter())
    assert imported().get().note == ""
    accepted_with(
        register([["1", "0101", "", *where(), community[:9], "110101002001"]], header),
        Remark.AREA_DIFFERS,
    )


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("序号", 1234567890123456), ("部件代码", 1101010101000007), ("小类代码", 1e16),
        ("单元网格代码", 1101010010010011.0), ("养护单位代码", 9.1e17),
    ],
)  # fmt: skip
def test_sixteen_digits_from_a_numeric_cell_are_refused_whatever_they_are(
    tmp_path, district, at, title, number
):
    path = tmp_path / "census.xlsx"
    lon, lat = (float(value) for value in where())
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        said = {"小类代码": "0101", "经度": lon, "纬度": lat, title: number}
        sheet.write_row(0, 0, list(said))
        sheet.write_row(1, 0, list(said.values()))
    outcome = import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=False)
    assert outcome.faults == Counter({Fault.DIGITS_LOST: 1})


def coded(register, codes, tmp_path=None, **options):
    header = ["序号", "部件代码", "小类代码", "经度", "纬度"]
    rows = [[str(n), code, "0101", *where(east=2 * n)] for n, code in enumerate(codes)]
    return register(rows, header, **options)


def code_of(serial):
    return f"110101{'0101'}{serial:06d}"


def test_codes_that_a_spreadsheet_rounded_in_a_csv_are_refused_where_it_is_certain(
    register, tmp_path
):
    report = tmp_path / "report.csv"
    rounded = [code_of(n // 10 * 10) for n in range(100, 112)]
    outcome = coded(register, [*rounded, code_of(7)], report=report)
    assert outcome.faults == Counter({Fault.DIGITS_LOST: 12})
    assert [part.code for part in imported()] == [code_of(7)]
    assert ",部件代码,1101010101000100," in report.read_text("utf-8-sig")


def test_a_few_codes_that_all_end_in_zero_are_accepted_with_a_remark(register):
    outcome = coded(register, [code_of(10), code_of(20)])
    assert (outcome.new, outcome.remarks) == (2, Counter({Remark.ROUNDED: 2}))


@pytest.mark.parametrize("serials", [[10], [10, 21], range(4, 34)])
def test_codes_of_which_some_end_in_zero_as_they_must_need_no_remark(register, serials):
    outcome = coded(register, [code_of(n) for n in serials])
    assert (outcome.new, outcome.remarks) == (len(serials), Counter())


@pytest.mark.parametrize(
    ("key", "is_refused"),
    [("1.10101E+15", True), ("1E+16", True), ("12E4", False), ("1E5", False), ("E+12", False)],
)
def test_a_key_that_a_spreadsheet_wrote_as_a_number_with_exponent_is_refused(
    register, key, is_refused
):
    outcome = register([[key, "0101", "", *where()]])
    assert outcome.faults == Counter({Fault.DIGITS_LOST: 1} if is_refused else {})


def test_keys_that_were_rounded_are_refused_as_codes_are(register):
    keys = [f"4401031999010{n:02d}0" for n in range(12)]
    outcome = register([[k, "0101", "", *where(east=2 * n)] for n, k in enumerate(keys)])
    assert outcome.faults == Counter({Fault.DIGITS_LOST: 12})


def test_a_spreadsheets_own_date_needs_no_remark(tmp_path, district, at):
    path = tmp_path / "census.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["小类代码", "经度", "纬度", "初始日期"])
        sheet.write_row(1, 0, ["0101", *where()])
        day = datetime(2020, 1, 2)  # noqa: DTZ001  # a spreadsheet knows no zones
        sheet.write_datetime(1, 3, day, book.add_format({"num_format": "d/m"}))
    outcome = import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert (outcome.new, outcome.remarks) == (1, Counter())


def test_a_row_without_a_key_is_known_by_its_code_wherever_it_stands(register):
    header = ["部件代码", "小类代码", "经度", "纬度"]
    rows = [
        ["1101010101000500", "0101", *where()],
        ["1101010101000501", "0101", *where(east=9)],
    ]
    assert register(rows, header).new == 2
    assert register(rows[::-1], header).unchanged == 2


def test_parts_that_the_file_does_not_name_are_counted_and_stay(register):
    rows = [[str(n), "0101", "", *where(east=3 * n)] for n in range(4)]
    register(rows)
    outcome = register(rows[:1])
    assert (outcome.missing, outcome.unchanged, imported().count()) == (3, 1, 4)


def test_a_dry_run_shows_what_would_change_from_what_to_what(register):
    header = [*HEADER, "部件状态", "养护单位"]
    still = ["2", "0101", "", *where(0, 0), "完好", ""]
    register([["1", "0101", "", *where(), "完好", "甲"], still], header)
    moved = ["1", "0101", "", *where(east=5), "破损", "乙"]
    outcome = register([moved, still], header, commit=False)
    (found,) = outcome.sample
    assert found["row"] == 2
    changes = {name: rest for name, *rest in found["changes"]}
    assert changes["state"] == ["intact", "broken"]
    assert changes["maintainer_name"] == ["甲", "乙"]
    assert changes["geom"][2] == pytest.approx(5, abs=0.1)
    assert set(changes) == {"state", "maintainer_name", "geom"}
