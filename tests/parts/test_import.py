"""A census is read whole: every fault named, one transaction, the same file twice the same."""

from __future__ import annotations

import csv
import gzip
import threading
from collections import Counter
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from python_calamine import CalamineWorkbook

from gridcity.contracts import CLOCK, Actor, Forbidden, Invalid, Role
from parts.codes import build_uscc
from parts.models import CatalogueClass, Part, PartSerial
from parts.services.imports import Fault, Remark, import_parts
from parts.services.imports import faults as fault_rules
from tests.district import CURRENT, point
from tests.parts.register_files import HEADER, where

REGISTER = settings.BASE_DIR.parent / "shared" / "data" / "tree_register_181k.csv.gz"
GOOD_USCC = build_uscc("91110101000001234")


def imported(name: str = "census"):
    return Part.objects.filter(source_key=name).order_by("code")


def test_a_good_row_becomes_a_part_with_the_next_serial(register, district, at):
    PartSerial.objects.create(district_code="110101", scheme_id=CURRENT, class_code="0101", last=41)
    outcome = register([["1", "0101", "上水井盖", *where(1, 2)]])
    assert (outcome.rows, outcome.new, outcome.refused) == (1, 1, 0)
    part = imported().get()
    cell = district.cells[1, 2]
    assert part.code == "1101010101000042"
    assert (part.cell, part.community, part.street) == (
        cell, cell.community, cell.community.street,
    )  # fmt: skip
    assert (part.state, part.accuracy_class, part.source) == ("intact", "A", "survey")
    assert (part.initial_on, part.change_on) == (at().date(), None)
    assert (part.source_key, part.source_id) == ("census", "1")


def test_a_dry_run_tells_the_same_and_writes_nothing(register):
    rows = [["1", "0101", "", *where()], ["2", "", "", *where()]]
    dry = register(rows, commit=False)
    assert (dry.new, dry.refused, dry.committed) == (1, 1, False)
    assert not imported().exists()
    assert not PartSerial.objects.exists()
    wet = register(rows)
    assert (wet.new, wet.faults, wet.committed) == (dry.new, dry.faults, True)


def test_the_same_file_twice_changes_nothing(register):
    rows = [[str(n), "0101", "", *where(east=3 * n)] for n in range(1, 6)]
    register(rows)
    before = list(imported().values())
    again = register(rows)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    assert list(imported().values()) == before
    assert PartSerial.objects.get().last == 3 + 5  # the small district has three covers


def test_a_changed_row_changes_its_part_and_keeps_the_old_values(register, at):
    header = [*HEADER, "部件状态", "养护单位"]
    register([["1", "0101", "", *where(), "完好", "甲"]], header)
    part = imported().get()
    outcome = register([["1", "0101", "", *where(east=5), "破损", "乙"]], header)
    assert (outcome.changed, outcome.new) == (1, 0)
    part.refresh_from_db()
    assert (part.state, part.maintainer_name, part.change_on) == ("broken", "乙", at().date())
    with connection.cursor() as cursor:
        cursor.execute("select state, maintainer_name from parts_parthistory")
        assert cursor.fetchall() == [("intact", "甲")]


def test_a_part_is_found_again_by_its_code_in_another_register(register, district):
    cover = district.parts[1]
    lon, lat = cover.geom.coords
    header = ["部件代码", "小类代码", "经度", "纬度", "养护单位"]
    outcome = register([[cover.code, "0101", lon, lat, "新单位"]], header)
    assert (outcome.changed, outcome.new) == (1, 0)
    cover.refresh_from_db()
    assert cover.maintainer_name == "新单位"
    assert cover.source_key == ""


def test_a_code_that_the_file_brings_is_kept_and_raises_the_serial(register):
    header = ["序号", "部件代码", "小类代码", "经度", "纬度"]
    register([["1", "1101010101000500", "0101", *where()]], header)
    register([["2", "", "0101", *where(east=4)]], header)
    assert list(imported().values_list("code", flat=True)) == [
        "1101010101000500", "1101010101000501",
    ]  # fmt: skip


# One fault each; the column it is told of. Rows are (序号, 小类代码, 小类名称, 经度, 纬度).
ALONE = [
    (["1", "", "", *where()], Fault.NO_CLASS, "小类代码"),
    (["1", "0199", "", *where()], Fault.UNKNOWN_CLASS, "小类代码"),
    (["1", "0101", "路灯", *where()], Fault.CLASS_NAME, "小类名称"),
    (["1", "0101", "", "", ""], Fault.NO_POSITION, "经度"),
    (["1", "0101", "", "abc", "39.9"], Fault.BAD_NUMBER, "经度"),
    (["1", "0101", "", "nan", "39.9"], Fault.BAD_NUMBER, "经度"),
    (["1", "0101", "", "6511067.3977407385", "1812692.0299947243"], Fault.FEET, "经度"),
    (["1", "0101", "", "448771.2", "4419012.5"], Fault.METRES, "经度"),
    (["1", "0101", "", "0.0", "0.0"], Fault.OUTSIDE, "经度"),
    (["1", "0101", "", "116.1", "39.9"], Fault.OUTSIDE, "经度"),
    (["1", "0101", "", "39.5", "116.1"], Fault.SWAPPED, "经度"),
    (["1" * 65, "0101", "", *where()], Fault.TOO_LONG, "序号"),
]


@pytest.mark.parametrize(("row", "fault", "column"), ALONE)
def test_a_row_with_one_fault_is_refused_for_it_and_named(register, tmp_path, row, fault, column):
    report = tmp_path / "report.csv"
    good = ["g", "0101", "上水井盖", *where(2, 2)]
    outcome = register([good, row], report=report)
    assert outcome.faults == Counter({fault: 1})
    assert outcome.new == 1
    with report.open(encoding="utf-8-sig", newline="") as handle:
        _header, line = csv.reader(handle)
    assert (line[1], line[2]) == ("3", column)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("养护单位代码", "91110101000001234X", Fault.BAD_USCC),
        ("权属单位代码", "123", Fault.BAD_USCC),
        ("主管部门代码", "9.11101E+17", Fault.DIGITS_LOST),
        ("部件代码", "1.10101E+15", Fault.DIGITS_LOST),
        ("部件代码", "3101010101000001", Fault.BAD_CODE),
        ("部件代码", "1101010102000001", Fault.BAD_CODE),
        ("部件代码", "1101010101000000", Fault.BAD_CODE),
        ("初始日期", "2020-13-01", Fault.BAD_DATE),
        ("初始日期", "去年", Fault.BAD_DATE),
        ("养护单位", "长" * 101, Fault.TOO_LONG),
        ("几何", "POINT(1 2", Fault.BAD_GEOMETRY),
        ("几何", "POLYGON((0 0,1 1,1 0,0 1,0 0))", Fault.BAD_GEOMETRY),
        ("几何", "LINESTRING(116.4 39.9,116.41 39.9)", Fault.GEOMETRY_KIND),
    ],
)
def test_a_wrong_attribute_is_refused_and_named(register, field, value, fault):
    outcome = register([["1", "0101", "", *where(), value]], [*HEADER, field])
    assert outcome.faults == Counter({fault: 1})


def test_dates_are_read_in_five_forms(register):
    forms = ["2020-01-02", "2020/1/2", "20200102", "2020.01.02", "2020年1月2日"]
    rows = [[str(n), "0101", "", *where(east=3 * n), form] for n, form in enumerate(forms)]
    assert register(rows, [*HEADER, "初始日期"]).refused == 0
    assert set(imported().values_list("initial_on", flat=True)) == {date(2020, 1, 2)}


def test_a_change_before_the_beginning_is_refused(register):
    header = [*HEADER, "初始日期", "变更日期"]
    outcome = register([["1", "0101", "", *where(), "2020-01-02", "2020-01-01"]], header)
    assert outcome.faults == Counter({Fault.DATE_ORDER: 1})


def test_an_end_state_gets_a_change_date(register, at):
    register([["1", "0101", "", *where(), "移除"]], [*HEADER, "部件状态"])
    part = imported().get()
    assert (part.state, part.change_on) == ("removed", at().date())


def test_a_key_that_comes_twice_is_refused_the_second_time(register):
    outcome = register([["7", "0101", "", *where()], ["7", "0101", "", *where(east=9)]])
    assert (outcome.new, outcome.faults) == (1, Counter({Fault.REPEATED: 1}))


def test_a_part_that_changes_its_class_must_be_reclassified(register, district):
    CatalogueClass.objects.filter(pk=district.classes["toilet"].pk).update(geometry="point")
    register([["1", "0101", "", *where()]])
    outcome = register([["1", "0301", "", *where()]])
    assert outcome.faults == Counter({Fault.CLASS_CHANGED: 1})
    assert imported().get().catalogue_class.code == "0101"


def test_a_crowd_at_one_point_is_refused_even_where_it_scatters_by_millimetres(
    register, monkeypatch
):
    monkeypatch.setattr("parts.services.imports.judging.CROWD", 20)
    lon, lat = point(1, 1)
    crowd = [
        [str(n), "0101", "", f"{lon + n * 1e-7:.7f}", f"{lat + n % 3 * 1e-7:.7f}"]
        for n in range(20)
    ]
    alone = [["x", "0101", "", *where(0, 0, east=20)]]
    outcome = register(crowd + alone)
    assert (outcome.new, outcome.faults) == (1, Counter({Fault.ONE_POINT: 20}))
    assert fault_rules.CROWD == 1000


def test_feet_count_before_one_point_and_one_point_before_outside(register, monkeypatch):
    monkeypatch.setattr("parts.services.imports.judging.CROWD", 3)
    rows = [[f"f{n}", "0101", "", "6511067.3", "1812692.0"] for n in range(4)]
    rows += [[f"c{n}", "0101", "", "-96", "40"] for n in range(3)]
    rows += [["o", "0101", "", "0", "0"]]
    assert register(rows).faults == Counter({Fault.FEET: 4, Fault.ONE_POINT: 3, Fault.OUTSIDE: 1})


def test_what_a_spreadsheet_did_is_put_right_and_remarked(register):
    lon, lat = where(2, 1)
    outcome = register(
        [
            ["1", "101", "", *where()],
            ["2", "０１０１", "", *where(0, 2)],
            ["3", "0101", "", lat, lon],
        ]
    )
    assert outcome.new == 3
    assert outcome.remarks == Counter({Remark.ZEROS_ADDED: 1, Remark.FULL_WIDTH: 1, Remark.AXES: 1})


def test_within_a_metre_of_one_of_the_class_is_accepted_with_a_remark(register, district):
    lon, lat = district.parts[0].geom.coords
    rows = [
        ["1", "0101", "", *where()],
        ["2", "0101", "", *where(east=0.8)],
        ["3", "0101", "", *where(east=2.5)],
        ["4", "0101", "", f"{lon:.7f}", f"{lat:.7f}"],
    ]
    outcome = register(rows)
    assert outcome.new == 4
    assert outcome.remarks == Counter({Remark.NEAR_EARLIER: 1, Remark.NEAR_EXISTING: 1})


def as_gcj(lon, lat, off_m=0.0):
    """About where a Chinese consumer map shows a true position; `off_m` metres farther east."""
    return [f"{float(lon) + (531 + off_m) / 85_400:.7f}", f"{float(lat) + 150 / 111_320:.7f}"]


@pytest.mark.parametrize(("off_m", "faults"), [(0, {Fault.GCJ: 1}), (20, {Fault.GCJ: 1})])
def test_a_part_that_moved_as_gcj_moves_is_refused_by_name(register, off_m, faults):
    register([["1", "0101", "", *where()]])
    outcome = register([["1", "0101", "", *as_gcj(*where(), off_m)]])
    assert outcome.faults == Counter(faults)
    assert imported().get().change_on is None


def test_a_part_that_moved_otherwise_is_not_taken_for_gcj(register):
    register([["1", "0101", "", *where()]])
    outcome = register([["1", "0101", "", *where(2, 3)]])
    assert (outcome.changed, outcome.refused) == (1, 0)


def test_the_cell_that_a_row_names_tells_gcj_too(register, district):
    cell = district.cells[2, 0].code
    header = [*HEADER, "单元网格代码"]
    outcome = register([["1", "0101", "", *as_gcj(*where(2, 0)), cell]], header)
    assert outcome.faults == Counter({Fault.GCJ: 1})


def test_a_state_of_another_kind_is_kept_in_the_note(register):
    outcome = register([["1", "0101", "", *where(), "歪斜", "银杏"]], [*HEADER, "部件状态", "树种"])
    assert outcome.remarks == Counter({Remark.STATE_KEPT: 1})
    assert imported().get().note == "部件状态：歪斜；树种：银杏"


def test_a_cell_that_is_not_the_parts_own_is_remarked_and_computed(register, district):
    other = district.cells[0, 0].code
    outcome = register([["1", "0101", "", *where(2, 3), other]], [*HEADER, "单元网格代码"])
    assert outcome.remarks == Counter({Remark.CELL_DIFFERS: 1})
    assert imported().get().cell == district.cells[2, 3]


def test_an_area_comes_as_well_known_text(register, district):
    CatalogueClass.objects.filter(pk=district.classes["toilet"].pk).update(geometry="polygon")
    lon, lat = point(1, 1)
    ring = [(0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4), (0, 0)]
    wkt = "POLYGON((" + ",".join(f"{lon + x:.9f} {lat + y:.9f}" for x, y in ring) + "))"
    rows = [["1", "0301", "", "", "", wkt], ["2", "0301", "", *where(), ""]]
    outcome = register(rows, [*HEADER, "几何"])
    assert (outcome.new, outcome.faults) == (1, Counter({Fault.GEOMETRY_KIND: 1}))
    assert imported().get().geom.geom_type == "Polygon"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_registers_come_in_utf8_or_gb18030(register, encoding):
    assert register([["1", "0101", "上水井盖", *where()]], encoding=encoding).new == 1


def test_separators_and_gzip_do_not_matter(tmp_path, district, at):
    text = "\n".join(["\t".join(HEADER), "\t".join(["1", "0101", "", *where()])])
    path = tmp_path / "tabbed.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    outcome = import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert (outcome.new, imported("tabbed").count()) == (1, 1)


def test_a_workbook_keeps_numbers_and_shows_lost_digits(tmp_path, district, at):
    path = tmp_path / "census.xlsx"
    lon, lat = (float(value) for value in where())
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["部件代码", "小类代码", "经度", "纬度", "初始日期"])
        sheet.write_row(1, 0, ["", 101, lon, lat])
        day = datetime(2020, 1, 2)  # noqa: DTZ001  # a spreadsheet knows no zones
        sheet.write_datetime(1, 4, day, book.add_format({"num_format": "d/m"}))
        sheet.write_row(2, 0, [1101010101000007, "0101", lon, lat])
    outcome = import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert outcome.faults == Counter({Fault.DIGITS_LOST: 1})
    assert outcome.remarks[Remark.ZEROS_ADDED] == 1
    assert imported().get().initial_on == date(2020, 1, 2)


def sheet_of(tmp_path, at, *sheets, name="census.xlsx"):
    """Import a workbook of these sheets, each a dict of rows by their number, from 1."""
    path, report = tmp_path / name, tmp_path / "report.csv"
    with xlsxwriter.Workbook(str(path)) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for line, cells in rows.items():
                sheet.write_row(line - 1, 0, cells)
    outcome = import_parts(
        actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True, report=report
    )
    with report.open(encoding="utf-8-sig", newline="") as handle:
        return outcome, list(csv.reader(handle))[1:]


def test_titles_above_the_header_and_blank_rows_are_no_rows_and_lines_keep_their_numbers(
    tmp_path, district, at
):
    lon, lat = where()
    outcome, lines = sheet_of(
        tmp_path, at,
        {
            1: ["2026年部件普查表"], 2: ["单位：东城区"], 4: HEADER, 5: [1, "0101", "", lon, lat],
            7: [" ", "", "\t"], 9: [2, "0199", "", lon, lat],
        },
    )  # fmt: skip
    assert (outcome.rows, outcome.new, outcome.refused) == (2, 1, 1)
    assert [line[1:3] for line in lines] == [["9", "小类代码"]]


def test_a_header_may_start_off_the_corner_and_say_more_than_names(tmp_path, district, at):
    header = ["", "", "序号", "小类代码\n（必填）", "*小类名称", "经度(°)", "纬度 (°)"]
    row = ["", "", 1, "0199", "上水井盖", *where()]
    outcome, lines = sheet_of(tmp_path, at, {3: header, 4: row})
    assert outcome.faults == Counter({Fault.UNKNOWN_CLASS: 1})
    assert lines[0][1] == "4"


def test_the_sheet_with_the_header_is_read_wherever_it_stands(tmp_path, district, at):
    outcome, _lines = sheet_of(
        tmp_path, at, {1: ["填表说明"]}, {1: HEADER, 2: [1, "0101", "", *where()]}
    )
    assert (outcome.rows, outcome.new) == (1, 1)


def test_a_title_above_a_csv_hides_neither_its_header_nor_its_separator(tmp_path, district, at):
    path = tmp_path / "titled.csv"
    lines = ["部件普查表", ";".join(HEADER), "", ";".join(["1", "0101", "", *where()])]
    path.write_text("\n".join(lines), encoding="utf-8")
    outcome = import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert (outcome.rows, outcome.new) == (1, 1)


def test_a_quote_left_open_refuses_the_file_by_line_instead_of_swallowing_rows(
    tmp_path, district, at
):
    path = tmp_path / "census.csv"
    good = ",".join(["1", "0101", "", *where()])
    path.write_text("\n".join([",".join(HEADER), f'{good},"open', good, good]), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert "4" in str(refused.value.fields["file"][0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", "序号,经度,纬度\n1,116,39".encode()),
        ("a.csv", "序号,小类代码\n1,0101".encode()),
        ("a.csv", "小类代码,经度,纬度\n\udc80,1,2".encode("utf-8", "surrogatepass") + b"\xff\xff"),
        ("a.csv.gz", b"no gzip"),
        ("a.xlsx", b"no workbook"),
    ],
)
def test_a_file_that_will_not_do_is_refused_whole(tmp_path, district, at, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid):
        import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
    assert Part.objects.count() == len(district.parts)


def test_an_unknown_scheme_is_refused(register):
    with pytest.raises(Invalid):
        register([], scheme="none")


def test_only_administrators_import(register):
    supervisor = Actor(1, "s", frozenset({Role.SUPERVISOR}))
    with pytest.raises(Forbidden):
        register([], actor=supervisor)


def test_the_report_is_a_workbook_in_chinese_whose_cells_are_no_formulas(register, tmp_path):
    path = tmp_path / "report.xlsx"
    register([["1", "=1+1", "", *where()], ["2", "0101", "", "0", "0"]], report=path)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[0] == ["行号", "列", "值", "原因"]
    assert rows[1][:3] == [2.0, "小类代码", "'=1+1"]
    assert rows[2] == [3.0, "经度", "0, 0", "坐标不在本区范围内。"]


def test_the_command_tells_counts_and_fails_with_a_sentence(tmp_path, district):
    path = tmp_path / "census.csv"
    path.write_text("小类代码,经度,纬度\n0101," + ",".join(where()), encoding="utf-8")
    said = StringIO()
    call_command("import_parts", str(path), "--scheme", CURRENT, stdout=said)
    assert "--commit" in said.getvalue()
    assert not imported().exists()
    call_command("import_parts", str(path), "--scheme", CURRENT, "--commit", stdout=said)
    assert imported().count() == 1
    with pytest.raises(CommandError):
        call_command("import_parts", str(path), "--scheme", "none", stdout=said)


def test_an_import_that_dies_leaves_nothing(register, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("parts.services.imports.report.write_report", die)
    with pytest.raises(KeyboardInterrupt):
        register([["1", "0101", "", *where()]], report=Path("never.csv"))
    assert not imported().exists()
    assert not PartSerial.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_never_give_a_serial_twice(tmp_path, district, at):
    paths = []
    for name in ("first", "second"):
        rows = [[f"{n}", "0101", "", *where(east=2 * n)] for n in range(40)]
        paths.append(tmp_path / f"{name}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([HEADER, *rows])
    problems: list[Exception] = []

    def run(path: Path) -> None:
        try:
            import_parts(actor=CLOCK, at=at(), path=path, scheme=CURRENT, commit=True)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    codes = Part.objects.exclude(source_key="").values_list("code", flat=True)
    assert len(codes) == len(set(codes)) == 80
    assert PartSerial.objects.get().last == 3 + 80


@pytest.mark.skipif(not REGISTER.exists(), reason="the register lies beside the project only")
def test_a_real_register_goes_in_whole_with_every_fault_counted(loaded_district, at):
    options = {"actor": CLOCK, "at": at(), "path": REGISTER, "scheme": CURRENT}
    first = import_parts(commit=True, **options)
    assert first.rows == 181_144
    assert first.new == first.accepted == 139_612
    assert first.refused == 41_532
    assert first.faults == Counter(
        {Fault.FEET: 25_671, Fault.ONE_POINT: 15_632, Fault.OUTSIDE: 229}
    )
    assert first.remarks[Remark.NEAR_EARLIER] == 11_324
    again = import_parts(commit=True, **options)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 139_612)
