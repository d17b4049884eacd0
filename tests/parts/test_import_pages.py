"""Imports on pages: for administrators, without a script, with every count in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.running import run_job
from parts.models import Part, PartImport
from tests.district import CURRENT
from tests.parts.register_files import HEADER, where
from tests.parts.test_import_orders import BAD, GOOD, Desk, text

LIST = "/district/imports/"


@pytest.fixture
def office(browser_client, district):
    return browser_client.enter(district.user("administrator"))


@pytest.fixture
def desk(district, at):
    return Desk(district.actor("administrator"), at())


def send(office, content, name="census.csv", **more):
    said = {"source_key": "普查", "scheme": CURRENT, "frame": "4490"} | more
    return office.post(LIST, {**said, "file": SimpleUploadedFile(name, content.encode())})


def declared(row):
    return {"version": row.version, "frame": row.frame, "class_code": row.class_code,
            **{f"column-{field}": name for field, name in row.columns.items()}}  # fmt: skip


def test_a_register_goes_its_whole_way_on_pages(office, clock):
    answer = send(office, text(GOOD, BAD))
    row = PartImport.objects.get()
    page = reverse("parts:import", args=[row.pk])
    assert answer.url == page
    shown = office.get(page).content.decode()
    assert '<option value="小类代码" selected>' in shown
    assert office.post(f"{page}check/", declared(row)).url == page
    row.refresh_from_db()
    assert 'hx-trigger="every 1s"' in office.get(page).content.decode()
    run_job(job_id=row.check_job_id)
    shown = office.get(page).content.decode()
    assert "新增" in shown
    assert "分类编码中没有" in shown or "没有这个代码" in shown or "1</strong>" in shown
    assert f'href="{reverse("jobs:output", args=[row.check_job_id, "拒收与提示.xlsx"])}"' in shown
    row.refresh_from_db()
    assert office.post(f"{page}confirm/", {"version": row.version}).url == page
    row.refresh_from_db()
    run_job(job_id=row.import_job_id)
    shown = office.get(page).content.decode()
    assert "导入结果" in shown
    assert f"{page}confirm/" not in shown
    assert Part.objects.filter(source_key="普查").count() == 1
    listed = office.get(LIST).content.decode()
    assert "已导入" in listed
    assert "census.csv" in listed
    assert b"".join(office.get(f"{page}file/").streaming_content) == text(GOOD, BAD).encode()


def test_old_and_new_values_stand_side_by_side(office, desk):
    desk.take(text(GOOD))
    row = desk.upload(text(["1", "0101", "上水井盖", *where(east=7)]))
    desk.check(row)
    shown = office.get(reverse("parts:import", args=[row.pk])).content.decode()
    assert "<del>" in shown
    assert "<ins>" in shown
    assert "移动 7 m" in shown or "移动 7 米" in shown


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [("{", "a.geojson", 400), ("<html>", "a.pdf", 400), ("", "a.csv", 400)],
)
def test_a_file_that_will_not_do_is_told_in_chinese_and_what_was_typed_is_kept(
    office, content, name, status
):
    answer = send(office, content, name, source_key="我的普查")
    assert answer.status_code == status
    shown = answer.content.decode()
    assert 'value="我的普查"' in shown
    assert 'role="alert"' in shown
    assert not PartImport.objects.exists()


def test_a_file_beyond_the_limit_is_413(office, settings, monkeypatch):
    monkeypatch.setattr("parts.services.imports.limits.MOST_LINE_BYTES", 1 << 30)
    monkeypatch.setattr("parts.services.imports.limits.MOST_BYTES", 50)
    answer = send(office, text(GOOD, *[BAD] * 20))
    assert answer.status_code == 413
    assert not PartImport.objects.exists()


def test_a_wrong_column_is_told_at_its_field(office, desk):
    row = desk.upload(text(GOOD))
    page = reverse("parts:import", args=[row.pk])
    answer = office.post(f"{page}check/", {**declared(row), "column-class_code": ""})
    assert answer.status_code == 400
    shown = answer.content.decode()
    assert 'href="#id_column-class_code"' in shown


def test_a_page_that_is_behind_is_told_so(office, desk):
    row = desk.upload(text(GOOD))
    page = reverse("parts:import", args=[row.pk])
    seen = declared(row)
    desk.check(row)
    assert office.post(f"{page}check/", seen).status_code == 409
    assert office.post(f"{page}confirm/", {"version": seen["version"]}).status_code == 409


@pytest.mark.parametrize("role", ["duty-chief-1", "dispatcher-1", "supervisor-1"])
def test_other_roles_see_none_of_it(browser_client, district, desk, role):
    row = desk.upload(text(GOOD))
    client = browser_client.enter(district.user(role))
    page = reverse("parts:import", args=[row.pk])
    for path in (LIST, page, f"{page}file/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{page}confirm/", {"version": 1}).status_code == 403


def test_an_import_that_is_not_there_is_404(office, district):
    assert office.get(f"{LIST}99/").status_code == 404


def test_the_list_asks_the_same_number_of_questions_however_long(
    office, desk, django_assert_max_num_queries
):
    for number in range(3):
        desk.check(desk.upload(text(GOOD, header=HEADER), name=f"{number}.csv"))
    with django_assert_max_num_queries(12):
        office.get(LIST)
    for number in range(19):
        desk.upload(text(GOOD), name=f"{number}.csv", source=f"来源{number}")
    with django_assert_max_num_queries(12):
        shown = office.get(LIST).content.decode()
    assert "cursor=20" in shown
    assert "0.csv" in office.get(f"{LIST}?cursor=20").content.decode()
    assert office.get(f"{LIST}?source=来源3").content.decode().count("3.csv") == 1
