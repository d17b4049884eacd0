"""A city's own table of standards: looked over, then taken in; a code alone is never a match."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gridcity.contracts import CLOCK, Forbidden, Invalid
from jobs.models import Job
from jobs.running import run_job
from parts.models import CatalogueClass, CodingScheme, CrosswalkPair, FilingStandard
from parts.services.catalogues import load_catalogues
from parts.services.crosswalk import decide_pairs, propose_pairs
from parts.services.standard_table import Wanted, adopt_standards, plan_table, take_in
from parts.standards_job import TABLE
from tests.district import CURRENT, at

SAMPLE = settings.BASE_DIR.parent / "shared" / "data" / "city_standard_sample.csv"
TODAY, LATER = date(2026, 6, 10), date(2026, 7, 1)
HEADER = (
    "类型",
    "小类代码",
    "小类名称",
    "立案条件",
    "处置时限",
    "时限单位",
    "结案条件",
    "责任单位",
)
ROWS = [
    ("部件", "0101", "上水井盖", "缺失", "2", "紧急工作时", "补齐", "自来水公司"),
    ("部件", "0101", "上水井盖", "破损", "4", "工作时", "修复", "自来水公司"),
    ("事件", "0102", "暴露垃圾", "有垃圾", "3", "工作时", "清除", "环卫"),
]


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def table(tmp_path):
    """`table(rows)`: a CSV as a city has it."""

    def write(rows, header=HEADER, name="standards.csv", encoding="utf-8-sig"):
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


def own(**more):
    return Wanted(
        **({"scheme": "CITY", "is_own": True, "compared": CURRENT, "valid_from": TODAY} | more)
    )


def known(**more):
    return own(**({"scheme": CURRENT, "is_own": False} | more))


def taken(path, wanted):
    plan = plan_table(path, wanted)
    take_in(actor=CLOCK, at=at(), plan=plan)
    return plan


def faults(plan):
    return [(line.number, line.fault) for line in plan.refused]


# ---------------------------------------------------------------- reading


def test_limit_and_unit_may_stand_in_one_column(district, table):
    rows = [(*ROWS[0][:4], "2个工作日", "", "补齐", ""), (*ROWS[1][:4], "1.5 工作时", "", "x", "")]
    plan = plan_table(table(rows), known())
    assert faults(plan) == []
    assert [(str(line.limit), line.unit) for line in plan.lines] == [
        ("2", "working_day"), ("1.5", "working_hour"),
    ]  # fmt: skip


def test_a_spreadsheet_gives_back_the_zeros_it_took(district, tmp_path):
    path = tmp_path / "standards.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["部件", 101, "上水井盖", "缺失", 2, "工作日", "补齐", ""])
    plan = plan_table(path, known())
    assert faults(plan) == []
    assert (plan.lines[0].code, plan.lines[0].remarks) == ("0101", ["zeros_added"])


def test_a_file_of_gb18030_is_read(district, table):
    assert not plan_table(table(ROWS, encoding="gb18030"), known()).refused


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("部件", "", "上水井盖", "缺失", "2", "工作日", "补齐", ""), "no_code"),
        (("部件", "01A1", "上水井盖", "缺失", "2", "工作日", "补齐", ""), "bad_code"),
        (("部件", "01012", "上水井盖", "缺失", "2", "工作日", "补齐", ""), "bad_code"),
        (("树", "0101", "上水井盖", "缺失", "2", "工作日", "补齐", ""), "no_kind"),
        (("部件", "0101", "", "缺失", "2", "工作日", "补齐", ""), "no_name"),
        (("部件", "0101", "上水井盖", "", "2", "工作日", "补齐", ""), "no_condition"),
        (("部件", "0101", "上水井盖", "缺失", "0", "工作日", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "两", "工作日", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "1.333", "工作日", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "0.001", "工作日", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "9999.5", "工作日", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "2", "星期", "补齐", ""), "bad_limit"),
        (("部件", "0101", "上水井盖", "缺失", "2", "工作日", "", ""), "no_closing"),
        (("部件", "0101", "上水井盖", "缺" * 301, "2", "工作日", "补齐", ""), "too_long"),
        (("部件", "0999", "上水井盖", "缺失", "2", "工作日", "补齐", ""), "unknown"),
        (("部件", "0101", "路灯", "缺失", "2", "工作日", "补齐", ""), "question"),
    ],
)
def test_a_row_is_refused_with_its_reason(district, table, row, fault):
    plan = plan_table(table([row, ROWS[2]]), known())
    assert faults(plan) == [(2, fault)]
    assert len(plan.new) + len(plan.changed) == 1


def test_a_row_that_comes_twice_is_refused_the_second_time(district, table):
    assert faults(plan_table(table([ROWS[0], ROWS[0]]), known())) == [(3, "repeated")]


def test_a_code_under_two_names_in_one_file_is_refused(district, table):
    other = ("部件", "0101", "路灯", "缺失", "2", "工作日", "补齐", "")
    assert faults(plan_table(table([ROWS[0], other]), own())) == [(3, "two_names")]


def test_a_table_without_the_columns_is_refused_naming_them(district, table):
    with pytest.raises(Invalid) as refused:
        plan_table(table([("x", "y")], header=("类型", "小类代码")), known())
    assert "立案条件" in str(refused.value.detail)


POLICY_HEADER = (*HEADER, "部门类型", "强制结案")


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("不强制", ("NEVER", None)), ("当日", ("SAME_DAY", None)), ("3日", ("AFTER_DAYS", 3)),
        ("立案后第７天", ("AFTER_DAYS", 7)), ("AFTER_DAYS 10", ("AFTER_DAYS", 10)), ("", None),
    ],
)  # fmt: skip
def test_kind_of_department_and_forced_close_come_with_the_table(district, table, said, policy):
    rows = [(*ROWS[0], "供水", said), (*ROWS[1], "water", said), (*ROWS[2], "某某类", said)]
    plan = plan_table(table(rows, header=POLICY_HEADER), own())
    assert faults(plan) == []
    assert [line.policy for line in plan.lines] == [policy] * 3
    assert [line.body for line in plan.lines] == ["water", "water", ""]
    assert [line.remarks for line in plan.lines] == [[], [], ["body_unknown"]]


@pytest.mark.parametrize("said", ["明天", "0日", "366日", "SAME"])
def test_a_forced_close_that_is_none_is_refused(district, table, said):
    plan = plan_table(table([(*ROWS[0], "", said)], header=POLICY_HEADER), own())
    assert faults(plan) == [(2, "bad_policy")]


# ---------------------------------------------------------------- taking in


def test_a_policy_is_taken_in_with_its_row_and_stays_where_none_is_said(district, table):
    taken(table([(*ROWS[2], "sanitation", "当日")], header=POLICY_HEADER), own())
    rubbish = FilingStandard.objects.get(catalogue_class__scheme="CITY")
    assert (rubbish.department_kind, rubbish.forced_close) == ("sanitation", "SAME_DAY")
    plan = taken(table([ROWS[2]]), own())
    assert (plan.unchanged, len(plan.changed)) == (1, 0)
    plan = taken(table([(*ROWS[2], "", "5日")], header=POLICY_HEADER), own(valid_from=LATER))
    assert len(plan.changed) == 1
    rubbish = FilingStandard.objects.get(catalogue_class__scheme="CITY", valid_to=None)
    assert (rubbish.department_kind, rubbish.forced_close, rubbish.forced_close_days) == (
        "sanitation", "AFTER_DAYS", 5,
    )  # fmt: skip


def test_a_known_scheme_gets_the_standards_of_its_classes(district, table):
    plan = taken(table(ROWS), known())
    assert (len(plan.new), len(plan.changed), plan.unchanged) == (0, 3, 0)
    cover = district.classes["cover"]
    listed = FilingStandard.objects.filter(catalogue_class=cover, valid_to=None)
    assert [row.condition for row in listed.order_by("position")] == ["缺失", "破损"]
    old = district.standard("cover")
    old.refresh_from_db()
    assert old.valid_to == date(2026, 6, 9)
    assert listed.first().responsible == "自来水公司"


def test_the_same_file_twice_changes_nothing(district, table):
    for wanted in (known(), own()):
        taken(table(ROWS), wanted)
        before = list(FilingStandard.objects.order_by("pk").values())
        plan = taken(table(ROWS), wanted)
        assert (len(plan.new), len(plan.changed), plan.unchanged) == (0, 0, 3)
        assert list(FilingStandard.objects.order_by("pk").values()) == before


def test_a_row_that_is_gone_ends_its_standard(district, table):
    taken(table(ROWS), known())
    later = date(2026, 7, 1)
    plan = taken(table(ROWS[1:]), known(valid_from=later))
    assert [row.condition for row in plan.ended] == ["缺失"]
    assert FilingStandard.objects.get(condition="缺失").valid_to == date(2026, 6, 30)


def test_standards_of_other_classes_stay_as_they_are(district, table):
    taken(table(ROWS), known())
    assert FilingStandard.objects.get(condition="占道经营").valid_to is None


def test_a_scheme_of_its_own_comes_with_its_classes_and_is_not_current(district, table):
    rows = [("部件", "0118", "化粪池井盖", "缺失", "2", "工作日", "补齐", "排水"), *ROWS]
    plan = taken(table(rows), own(name="某市标准"))
    scheme = CodingScheme.objects.get(key="CITY")
    assert (scheme.name, scheme.is_current, scheme.is_imported) == ("某市标准", False, True)
    assert scheme.class_code_length == 4
    assert len(plan.new_classes) == 3
    cover = CatalogueClass.objects.get(scheme=scheme, kind="part", code="0101")
    assert (cover.family, cover.geometry, cover.initials) == ("manhole", "point", "ssjg")
    assert CatalogueClass.objects.get(scheme=CURRENT, kind="part", code="0101").name == "上水井盖"


def test_a_shipped_scheme_is_not_taken_for_a_tables_own(district, table):
    with pytest.raises(Invalid):
        plan_table(table(ROWS), own(scheme=CURRENT))


def test_a_later_edition_renames_a_class_of_the_citys_own_scheme(district, table):
    taken(table(ROWS), own())
    renamed = [("事件", "0102", "垃圾暴露", "有垃圾", "3", "工作时", "清除", "环卫")]
    plan = taken(table(renamed), own())
    assert len(plan.renamed) == 1
    assert CatalogueClass.objects.get(scheme="CITY", kind="event").name == "垃圾暴露"


def test_only_administrators_take_tables_in_and_never_into_the_past(district, table):
    plan = plan_table(table(ROWS), known())
    with pytest.raises(Forbidden):
        take_in(actor=district.actor("acceptor-1"), at=at(), plan=plan)
    past = plan_table(table(ROWS), known(valid_from=date(2026, 6, 9)))
    with pytest.raises(Invalid):
        take_in(actor=CLOCK, at=at(), plan=past)


# ---------------------------------------------------------------- the pages and the job


@pytest.fixture
def office(browser_client, district):
    return browser_client.enter(district.user("administrator"))


def upload(office, rows, **more):
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    file = SimpleUploadedFile("本市标准.csv", text.getvalue().encode())
    said = {
        "file": file, "way": "own", "key": "CITY", "compared": CURRENT,
        "valid_from": TODAY.isoformat(), **more,
    }  # fmt: skip
    return office.post(reverse("parts:standards-table"), said)


def test_a_table_is_looked_over_then_taken_in_and_proposes_pairs(office, district):
    rows = [("部件", "0301", "路灯", "不亮", "2", "工作日", "修复", "照明"), *ROWS]
    response = upload(office, rows)
    dry = Job.objects.get()
    assert response["Location"] == reverse("jobs:detail", args=[dry.pk])
    dry = run_job(job_id=dry.pk)
    assert dry.state == "done", dry.error
    assert not CodingScheme.objects.filter(key="CITY").exists()
    keys = ("rows", "new", "refused", "same_name", "other_name")
    assert [dry.result[key] for key in keys] == [4, 4, 0, 2, 1]
    html = office.get(response["Location"]).content.decode()
    assert "路灯 / 公共厕所" in html
    office.post(reverse("parts:standards-commit", args=[dry.pk]))
    job = run_job(job_id=Job.objects.latest("pk").pk)
    assert job.state == "done", job.error
    assert CatalogueClass.objects.filter(scheme="CITY").count() == 3
    pairs = CrosswalkPair.objects.filter(from_class__scheme_id="CITY")
    assert {(pair.from_class.name, pair.to_class.name) for pair in pairs} == {
        ("上水井盖", "上水井盖"), ("暴露垃圾", "暴露垃圾"),
    }  # fmt: skip
    assert set(pairs.values_list("state", flat=True)) == {"proposed"}
    assert "source=CITY" in office.get(reverse("jobs:detail", args=[job.pk])).content.decode()


def test_a_job_done_twice_takes_the_table_in_once(office, district):
    upload(office, ROWS)
    dry = run_job(job_id=Job.objects.get().pk)
    office.post(reverse("parts:standards-commit", args=[dry.pk]))
    job = run_job(job_id=Job.objects.latest("pk").pk)
    Job.objects.filter(pk=job.pk).update(state="queued", ended_at=None)
    again = run_job(job_id=job.pk)
    assert (again.result["new"], again.result["unchanged"]) == (0, 3)


def test_only_a_dry_run_that_ended_well_is_taken_in(office, district):
    upload(office, ROWS)
    job = Job.objects.get()
    assert office.post(reverse("parts:standards-commit", args=[job.pk])).status_code == 404
    assert Job.objects.filter(kind=TABLE).count() == 1


def test_refused_rows_and_questions_come_as_a_workbook(office, district):
    upload(
        office,
        [("部件", "0101", "路灯", "缺失", "2", "工作日", "补齐", "")],
        way="known",
        scheme=CURRENT,
    )
    job = run_job(job_id=Job.objects.get().pk)
    assert job.result["faults"] == {"question": 1}
    (kept,) = job.outputs
    response = office.get(reverse("jobs:output", args=[job.pk, kept["name"]]))
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
    assert book.get_sheet_by_index(0).to_python()[1][:3] == [2, "小类名称", "0101 路灯 / 上水井盖"]
    assert book.get_sheet_by_index(1).to_python()[1] == ["部件", "0101", "路灯", "上水井盖"]


def test_what_is_missing_in_the_form_is_said(office, district):
    response = office.post(reverse("parts:standards-table"), {"way": "known"})
    assert response.status_code == 400
    assert not Job.objects.exists()


# ---------------------------------------------------------------- along the crosswalk


@pytest.fixture
def confirmed(district, table):
    """The city's cover is confirmed to be ours; its rubbish is only proposed."""
    taken(table(ROWS), own())
    admin = district.actor("administrator")
    propose_pairs(actor=admin, at=at(), source="CITY", target=CURRENT)
    pair = CrosswalkPair.objects.get(to_class=district.classes["cover"])
    FilingStandard.objects.filter(catalogue_class__scheme="CITY").update(forced_close="SAME_DAY")
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=True)
    return admin


def test_standards_are_taken_over_along_confirmed_pairs_alone(district, confirmed):
    plan = adopt_standards(
        actor=confirmed, at=at(), source="CITY", target=CURRENT, valid_from=date(2026, 7, 1)
    )
    assert (len(plan.new), len(plan.changed), len(plan.ended)) == (0, 2, 0)
    cover = FilingStandard.objects.filter(catalogue_class=district.classes["cover"], valid_to=None)
    assert [row.condition for row in cover.order_by("position")] == ["缺失", "破损"]
    assert {row.forced_close for row in cover} == {"SAME_DAY"}
    rubbish = FilingStandard.objects.get(catalogue_class=district.classes["rubbish"])
    assert (rubbish.condition, rubbish.valid_to) == ("有暴露垃圾未清除", None)
    again = adopt_standards(
        actor=confirmed, at=at(), source="CITY", target=CURRENT, valid_from=date(2026, 7, 1)
    )
    assert (len(again.changed), again.unchanged) == (0, 2)


def test_standards_are_taken_over_on_their_page(office, district, confirmed):
    address = f"{reverse('parts:standards-adopt')}?source=CITY&target={CURRENT}"
    html = office.get(address).content.decode()
    assert "缺失" in html
    said = {"source": "CITY", "target": CURRENT, "valid_from": "2026-07-01"}
    assert office.post(address, said | {"valid_from": "2026-06-01"}).status_code == 400
    assert office.post(address, said).status_code == 302
    assert (
        FilingStandard.objects.filter(
            catalogue_class=district.classes["cover"], valid_from=date(2026, 7, 1)
        ).count()
        == 2
    )


def test_only_administrators_take_standards_over(district, confirmed):
    with pytest.raises(Forbidden):
        adopt_standards(
            actor=district.actor("duty-chief-1"), at=at(), source="CITY", target=CURRENT,
            valid_from=TODAY,
        )  # fmt: skip


# ---------------------------------------------------------------- a real city's table


@pytest.fixture
def shipped(db):
    load_catalogues(actor=CLOCK, at=at(), fixtures=Path(settings.BASE_DIR, "fixtures"))


@pytest.mark.skipif(not SAMPLE.exists(), reason="the city's table is not here")
def test_a_real_citys_codes_are_17_the_same_70_another_name_and_103_unknown(shipped):
    plan = plan_table(SAMPLE, own())
    assert (len(plan.lines), plan.refused, len(plan.classes)) == (519, [], 190)
    found = plan.compared
    assert found.same + found.other + found.unknown == 190
    assert found.unknown == 103
    # give or take spellings: 17 names are the same to the letter
    assert 17 <= found.same <= 22
    names = {(kind, code): there for kind, code, _here, there in found.questions}
    assert names["part", "0118"] == "路灯"
    assert ("part", "0101") not in names


@pytest.mark.skipif(not SAMPLE.exists(), reason="the city's table is not here")
def test_a_real_citys_table_becomes_a_scheme_of_its_own_and_is_mapped_by_name(shipped):
    plan = taken(SAMPLE, own())
    assert len(plan.new) == 519
    found = propose_pairs(actor=CLOCK, at=at(), source="CITY", target=CURRENT)
    assert found.exact == 66
    lamp = CrosswalkPair.objects.get(from_class__scheme_id="CITY", from_class__name="路灯")
    assert (lamp.from_class.code, lamp.to_class.code, lamp.basis) == ("0137", "0118", "exact")
    assert not CrosswalkPair.objects.exclude(state="proposed").exists()


@pytest.mark.skipif(not SAMPLE.exists(), reason="the city's table is not here")
def test_a_real_citys_table_put_upon_a_scheme_by_code_leaves_its_questions_out(shipped):
    plan = plan_table(SAMPLE, known())
    counts = plan.counted()["faults"]
    assert counts["question"] > 0
    assert counts["unknown"] > 0
    standing = {(line.kind, line.code) for line in plan.lines if not line.fault}
    assert len(standing) == plan.compared.same
