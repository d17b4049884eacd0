"""Filing standards: a later one follows, none is overwritten; printed, searched, exported."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from jobs.models import Job
from jobs.running import run_job
from parts.models import CatalogueClass, FilingStandard
from parts.selectors import standards_of
from parts.selectors.kept import forget
from parts.selectors.standards import StandardFilter, limit_words, print_standards
from parts.services.standards import StandardInput, add_standard, end_standard, replace_standard
from parts.views import standards as pages
from tests.district import CURRENT, USER_OF_ROLE, at

TODAY = date(2026, 6, 10)
LATER_ON = date(2026, 7, 1)
SAID = StandardInput("有垃圾未清除", Decimal(3), "working_hour", "清除干净", Decimal(1), Decimal(5))


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def admin(district):
    return district.actor("administrator")


@pytest.fixture
def office(browser_client, district):
    return browser_client.enter(district.user("administrator"))


def words(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, response.content[:300]
    return unescape(response.content.decode())


def replaced(admin, standard, said=SAID, valid_from=LATER_ON):
    return replace_standard(
        actor=admin, at=at(), standard_id=standard.pk, said=said, valid_from=valid_from
    )


# ---------------------------------------------------------------- editing


def test_a_standard_that_holds_is_followed_by_a_later_one(district, admin):
    old = district.standard("rubbish")
    new = replaced(admin, old)
    old.refresh_from_db()
    assert (old.condition, old.valid_to) == ("有暴露垃圾未清除", date(2026, 6, 30))
    assert (new.position, new.valid_from, new.valid_to) == (old.position, LATER_ON, None)
    assert [row.pk for row in standards_of(class_id=old.catalogue_class_id, on=TODAY)] == [old.pk]
    assert [row.pk for row in standards_of(class_id=old.catalogue_class_id, on=LATER_ON)] == [
        new.pk
    ]


def test_a_filed_case_keeps_text_and_limit_of_its_standard(district, admin, make_case):
    case = make_case("TO_DISPATCH", entry="rubbish")
    replaced(admin, district.standard("rubbish"), valid_from=TODAY)
    case.refresh_from_db()
    assert case.standard_condition == "有暴露垃圾未清除"
    assert case.limit_value != Decimal(3)


def test_a_standard_of_this_very_day_is_corrected_and_its_history_keeps_it(district, admin):
    first = replaced(admin, district.standard("rubbish"), valid_from=TODAY)
    again = replaced(
        admin, first, StandardInput("更正后", Decimal(2), "working_hour", "清除"), TODAY
    )
    assert (again.pk, again.condition) == (first.pk, "更正后")
    history = apps.get_model("parts", "FilingStandardHistory").objects.filter(pgh_obj_id=first.pk)
    assert history.get().condition == "有垃圾未清除"


def test_what_is_followed_already_is_not_followed_twice(district, admin):
    old = district.standard("rubbish")
    replaced(admin, old)
    with pytest.raises(NotAllowed):
        replaced(admin, old)


def test_the_database_lets_no_two_standards_hold_at_one_position(district):
    old = district.standard("rubbish")
    FilingStandard.objects.filter(pk=old.pk).update(valid_to=LATER_ON)
    with pytest.raises(IntegrityError), transaction.atomic():
        FilingStandard.objects.create(
            catalogue_class=old.catalogue_class, position=old.position, condition="x",
            limit_value=1, limit_unit="minute", closing_condition="y", valid_from=LATER_ON,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "first", "field"),
    [
        (SAID, TODAY - timedelta(days=1), "valid_from"),
        (StandardInput(" ", Decimal(1), "minute", "x"), LATER_ON, "condition"),
        (StandardInput("x", Decimal(1), "minute", ""), LATER_ON, "closing_condition"),
        (StandardInput("x" * 301, Decimal(1), "minute", "x"), LATER_ON, "condition"),
        (StandardInput("x", Decimal(0), "minute", "x"), LATER_ON, "limit_value"),
        (StandardInput("x", Decimal("NaN"), "minute", "x"), LATER_ON, "limit_value"),
        (StandardInput("x", Decimal("0.001"), "minute", "x"), LATER_ON, "limit_value"),
        (StandardInput("x", Decimal(1), "minute", "x", Decimal(-1)), LATER_ON, "limit_value_a"),
        (StandardInput("x", Decimal(1), "week", "x"), LATER_ON, "limit_unit"),
        (
            StandardInput("x", Decimal(1), "minute", "x", forced_close="AFTER_DAYS"),
            LATER_ON, "forced_close_days",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_field(district, admin, said, first, field):
    with pytest.raises(Invalid) as refused:
        replaced(admin, district.standard("rubbish"), said, first)
    assert field in refused.value.fields


def test_a_standard_ends_on_a_day_and_with_a_reason(district, admin):
    standard = district.standard("rubbish")
    who = {"actor": admin, "at": at(), "standard_id": standard.pk}
    for last_day, reason in ((TODAY - timedelta(days=1), "x"), (TODAY, " ")):
        with pytest.raises(Invalid):
            end_standard(**who, last_day=last_day, reason=reason)
    end_standard(**who, last_day=TODAY, reason="并入其他条款")
    assert standards_of(class_id=standard.catalogue_class_id, on=TODAY)
    assert not standards_of(class_id=standard.catalogue_class_id, on=TODAY + timedelta(days=1))
    with pytest.raises(NotAllowed):
        end_standard(**who, last_day=TODAY, reason="x")


def test_a_further_standard_comes_after_those_there_are(district, admin):
    entry = district.classes["cover"]
    added = add_standard(actor=admin, at=at(), class_id=entry.pk, said=SAID, valid_from=TODAY)
    assert (added.position, added.is_default) == (3, False)
    with pytest.raises(NotVisible):
        add_standard(actor=admin, at=at(), class_id=10**9, said=SAID, valid_from=TODAY)


def test_only_administrators_write_standards(district):
    actor = district.actor("duty-chief-1")
    standard = district.standard("rubbish")
    with pytest.raises(Forbidden):
        replaced(actor, standard)
    with pytest.raises(Forbidden):
        end_standard(actor=actor, at=at(), standard_id=standard.pk, last_day=TODAY, reason="x")
    with pytest.raises(Forbidden):
        add_standard(
            actor=actor, at=at(), class_id=standard.catalogue_class_id, said=SAID, valid_from=TODAY
        )


# ---------------------------------------------------------------- the page


def test_a_limit_is_told_by_area_only_where_it_differs(district):
    assert [area for area, _words in limit_words(district.standard("rubbish"))] == ["A", "B", "C"]
    ((area, _words),) = limit_words(district.standard("toilet"))
    assert area == ""


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, {"0101", "0301", "0102", "0201", "0204", "0501"}),
        ({"kind": "part"}, {"0101", "0301"}),
        ({"q": "0102"}, {"0102"}),
        ({"q": "暴露"}, {"0102"}),
        ({"q": "bllj"}, {"0102"}),
        ({"q": "baolulaji"}, {"0102"}),
        ({"q": "占道经营"}, {"0501"}),
        ({"q": "no such words"}, set()),
    ],
)
def test_standards_are_found_by_code_name_pinyin_initials_and_condition(district, query, codes):
    CatalogueClass.objects.filter(name="暴露垃圾").update(pinyin="baolulaji", initials="bllj")
    forget()
    printed = print_standards(StandardFilter.parse(query), on=TODAY)
    assert {one.entry.code for one in printed.classes} == codes


def test_whoever_works_by_the_standards_reads_them(browser_client, district):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        expected = 403 if role in {"supervisor", "client"} else 200
        assert browser_client.get("/district/standards/").status_code == expected, role


def test_only_administrators_find_the_way_to_change_them(browser_client, district):
    browser_client.enter(district.user("acceptor-1"))
    html = words(browser_client, "/district/standards/")
    assert "有暴露垃圾未清除" in html
    assert reverse("parts:standards-table") not in html
    assert browser_client.get(reverse("parts:standards-table")).status_code == 403
    address = reverse("parts:standard", args=[district.standard("rubbish").pk])
    assert browser_client.get(address).status_code == 403


def test_the_page_is_printed_from_the_live_rows(office, district, admin):
    assert "有垃圾未清除" not in words(office, "/district/standards/")
    replaced(admin, district.standard("rubbish"), valid_from=TODAY)
    html = words(office, "/district/standards/")
    assert "有垃圾未清除" in html
    assert "有暴露垃圾未清除" not in html
    assert "有暴露垃圾未清除" in words(office, "/district/standards/?validity=ended")


def test_the_page_costs_a_few_queries_however_many_standards_it_prints(
    office, district, django_assert_max_num_queries
):
    office.get("/district/standards/")
    with django_assert_max_num_queries(8):
        words(office, "/district/standards/")
    for number in range(4, 40):
        FilingStandard.objects.create(
            catalogue_class=district.classes["cover"], position=number, condition=f"条件{number}",
            limit_value=1, limit_unit="working_day", closing_condition="x", valid_from=TODAY,
        )  # fmt: skip
    with django_assert_max_num_queries(8):
        words(office, "/district/standards/")


@pytest.mark.parametrize("query", ["scheme=none", "kind=tree", "validity=some"])
def test_an_unknown_filter_is_said_and_not_guessed(office, query):
    assert "gc-errors" in words(office, f"/district/standards/?{query}", 400)


def test_the_workbook_holds_what_the_page_shows(office, district):
    response = office.get("/district/standards/xlsx/?kind=part")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0)
    listed = rows.to_python()
    assert listed[0][:4] == ["类型", "代码", "小类", "立案条件"]
    assert [row[3] for row in listed[1:]] == ["井盖缺失", "井盖破损", "设施损坏"]
    assert listed[2][4:7] == ["2工作时", "4工作时", "6工作时"]


def test_no_cell_of_the_workbook_is_a_formula(office, district):
    FilingStandard.objects.filter(pk=district.standard("rubbish").pk).update(condition="=1+1")
    content = office.get("/district/standards/xlsx/?q=0102").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][3] == "'=1+1"


def test_a_few_standards_are_set_as_pdf_at_once(office, district):
    response = office.post("/district/standards/pdf/", {"kind": "part"})
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF-")


def test_the_printed_page_says_when_a_case_is_closed_by_force(office, district, monkeypatch):
    pages_set = []
    monkeypatch.setattr(
        "parts.services.standard_prints.set_pdf",
        lambda html, style: pages_set.append(html) or b"%PDF-",
    )
    office.post("/district/standards/pdf/", {"kind": "event"})
    (html,) = pages_set
    assert html.count("强制结案") == 1  # of the stalls alone
    assert "占道经营" in html.partition("强制结案")[0].rpartition("<tr")[2]


def test_many_standards_are_set_as_pdf_in_the_background(office, district, monkeypatch):
    monkeypatch.setattr(pages, "SET_AT_ONCE", 2)
    response = office.post("/district/standards/pdf/", {"scheme": CURRENT})
    job = Job.objects.get()
    assert response["Location"] == reverse("jobs:detail", args=[job.pk])
    done = run_job(job_id=job.pk)
    assert (done.state, len(done.outputs)) == ("done", 1)
    assert office.get(response["Location"]).status_code == 200
    kept = office.get(reverse("jobs:output", args=[job.pk, done.outputs[0]["name"]]))
    assert b"".join(kept.streaming_content).startswith(b"%PDF-")


# ---------------------------------------------------------------- the pages of administrators


def test_a_standard_is_changed_on_its_page(office, district):
    standard = district.standard("rubbish")
    address = reverse("parts:standard", args=[standard.pk])
    assert "有暴露垃圾未清除" in words(office, address)
    said = {
        "condition": "新条件", "limit_value": "2", "limit_unit": "working_hour",
        "closing_condition": "新结案条件", "forced_close": "NEVER", "valid_from": "2026-07-01",
    }  # fmt: skip
    response = office.post(address, said, follow=True)
    assert "新条件" in unescape(response.content.decode())
    assert FilingStandard.objects.get(condition="新条件").valid_from == LATER_ON


def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(office, district):
    address = reverse("parts:standard", args=[district.standard("rubbish").pk])
    said = {
        "condition": "新条件", "limit_value": "2", "limit_unit": "working_hour",
        "closing_condition": "x", "forced_close": "NEVER", "valid_from": "2026-06-01",
    }  # fmt: skip
    response = office.post(address, said)
    html = unescape(response.content.decode())
    assert response.status_code == 400
    assert "新条件" in html
    assert 'href="#id_valid_from"' in html


def test_a_standard_is_added_and_ended_on_the_pages(office, district):
    entry = district.classes["retired"]
    said = {
        "condition": "条件", "limit_value": "2", "limit_unit": "working_hour",
        "closing_condition": "x", "forced_close": "NEVER", "valid_from": "2026-06-10",
    }  # fmt: skip
    office.post(reverse("parts:standard-add", args=[entry.pk]), said)
    added = entry.standards.get()
    office.post(
        reverse("parts:standard", args=[added.pk]),
        {"what": "end", "last_day": "2026-06-30", "reason": "停用"},
    )
    added.refresh_from_db()
    assert added.valid_to == date(2026, 6, 30)
