"""The pages of the unit grid: drafts, imports by a job, reports, publication, the cell of a day."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.models import Job
from jobs.running import run_job
from parts import grid_jobs
from parts.models import Cell, Community, Edition, LandUse, Street
from tests.district import at, point
from tests.parts.boundary_files import cells_file, cells_of, check, draft_of

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))


@pytest.fixture
def page(browser_client, district, clock):
    browser_client.enter(district.user("administrator"))
    return browser_client


@pytest.fixture
def draft(district):
    return draft_of(district)


def address(name, *args):
    return reverse(f"parts:{name}", args=args)


def upload(page, draft, path, **said):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    values = {"level": "cell", "frame": "4490", "scope": "all", "version": draft.version}
    return page.post(address("edition-import", draft.pk), {**values, **said, "file": file})


def the_job():
    return Job.objects.latest("pk")


def done(job):
    job = run_job(job_id=job.pk)
    assert job.state == "done", job.error
    return job


def test_a_draft_is_begun_from_the_list_of_editions(page, district):
    answer = page.post(address("editions"), {"name": "二期网格", "note": "年度调整"})
    draft = Edition.objects.get(name="二期网格")
    assert answer.status_code == 302
    assert answer["Location"] == address("edition", draft.pk)
    assert draft.shapes.filter(level="cell").count() == 12
    text = page.get(address("editions")).content.decode()
    assert "二期网格" in text
    assert "测试网格" in text


def test_a_name_that_is_taken_is_said_at_the_form(page, district):
    answer = page.post(address("editions"), {"name": "测试网格"})
    assert answer.status_code == 400
    assert "测试网格" in answer.content.decode()


def test_a_file_is_read_checked_reported_and_published(page, district, draft, tmp_path):
    cells = cells_of(district)
    west, _south, east, north = district.cells[0, 0].geom.extent
    del cells[A1], cells[A2]
    low = district.cells[1, 0].geom.extent[1]
    cells["110101001001004"] = [[west, low], [east, low], [east, north], [west, north], [west, low]]
    answer = upload(page, draft, cells_file(tmp_path, cells))
    job = the_job()
    assert answer["Location"] == reverse("jobs:detail", args=[job.pk])
    assert done(job).result["faults"] == 0
    text = page.get(address("edition", draft.pk)).content.decode()
    assert address("edition-publish", draft.pk) in text
    draft.refresh_from_db()
    page.post(address("edition-publish", draft.pk), {"version": draft.version})
    done(the_job())
    text = page.get(address("edition", draft.pk)).content.decode()
    assert "110101001001004" in text
    assert Edition.objects.get(state="current") == draft


def test_the_report_names_faults_in_words_and_on_the_map(page, district, draft, tmp_path):
    cells = cells_of(district)
    del cells[A1]
    upload(page, draft, cells_file(tmp_path, cells))
    assert done(the_job()).result["faults"] == 2
    text = page.get(address("edition", draft.pk)).content.decode()
    assert "空隙" in text
    assert address("edition-publish", draft.pk) not in text
    one = page.get(address("edition", draft.pk) + "?check=gap").content.decode()
    assert "110101001001" in one
    shown = json.loads(page.get(address("edition-findings", draft.pk)).content)
    kinds = {row["geometry"]["type"] for row in shown["features"]}
    assert "Polygon" in kinds


def test_a_file_that_is_none_fails_with_its_sentence(page, district, draft, tmp_path):
    path = tmp_path / "cells.geojson"
    path.write_text("no json")
    upload(page, draft, path)
    job = run_job(job_id=the_job().pk)
    assert job.state == "failed"
    assert "GeoJSON" in job.error
    draft.refresh_from_db()
    assert draft.version == 1


def test_a_form_without_a_file_says_so(page, district, draft):
    answer = page.post(address("edition-import", draft.pk), {"version": 1})
    assert answer.status_code == 400


def test_who_comes_second_gets_a_conflict_in_words(page, district, draft, tmp_path):
    path = cells_file(tmp_path, cells_of(district))
    upload(page, draft, path)
    done(the_job())
    late = upload(page, draft, path)
    assert late.status_code == 409
    assert "Administrator" in late.content.decode()
    for name in ("edition-check", "edition-publish", "edition-discard"):
        answer = page.post(address(name, draft.pk), {"version": draft.version})
        assert answer.status_code == 409, name
        assert "Administrator" in answer.content.decode()


def test_a_job_that_waited_while_the_draft_changed_fails_in_words(page, district, draft, tmp_path):
    path = cells_file(tmp_path, cells_of(district))
    upload(page, draft, path)
    first = the_job()
    upload(page, draft, path)
    done(the_job())
    job = run_job(job_id=first.pk)
    assert job.state == "failed"
    assert "Administrator" in job.error


def test_communities_are_divided_by_a_job(page, district, draft):
    page.post(
        address("edition-divide", draft.pk),
        {
            "version": 1, "communities": ["110101001001"], "size_m2": 5000, "along_roads": "on",
            "frame": "4490",
        },
    )  # fmt: skip
    assert done(the_job()).result["faults"] == 0
    draft.refresh_from_db()
    assert draft.shapes.filter(level="cell", code="110101001001004").exists()


def test_a_draft_is_thrown_away(page, district, draft):
    answer = page.post(address("edition-discard", draft.pk), {"version": 1})
    assert answer["Location"] == address("editions")
    assert not Edition.objects.filter(pk=draft.pk).exists()


def test_an_area_is_renamed_and_its_change_is_listed(page, district, draft):
    said = {"version": 1, "level": "community", "code": "110101001002", "name": "新台基厂社区"}
    page.post(address("edition-area", draft.pk), said)
    text = page.get(address("edition", draft.pk)).content.decode()
    assert "新台基厂社区" in text
    assert "台基厂社区" in text


@pytest.mark.parametrize("user", ["dispatcher-1", "official-1", "supervisor-1"])
def test_nobody_else_enters(browser_client, district, draft, user):
    browser_client.enter(district.user(user))
    for name, args in (("editions", []), ("edition", [draft.pk]), ("grid-then", [])):
        assert browser_client.get(address(name, *args)).status_code == 403


def test_the_list_asks_as_often_with_many_editions_as_with_few(
    page, district, django_assert_max_num_queries
):
    for n in range(30):
        Edition.objects.create(name=f"草稿{n}", made_at=at(), changed_at=at())
    page.get(address("editions"))
    with django_assert_max_num_queries(9):
        page.get(address("editions"))


# ---------------------------------------------------------------- then


def former(district, draft):
    """Publish the draft with one cell more; returns a point that changed its cell."""
    draft.shapes.filter(level="cell", code=A1).update(code="110101001001007")
    check(district, draft)
    from parts.services.grid.publishing import publish_draft
    from tests.parts.boundary_files import quiet

    publish_draft(
        actor=district.actor("administrator"), at=at("09:20"), edition_id=draft.pk,
        version=draft.version, progress=quiet,
    )  # fmt: skip
    return point(0, 0)


def test_the_cell_of_a_day_is_that_of_the_edition_of_that_day(page, district, draft):
    lon, lat = former(district, draft)
    ask = address("grid-then") + f"?lon={lon}&lat={lat}&on="
    then = page.get(ask + "2026-05-10").content.decode()
    assert A1 in then
    assert "测试网格" in then
    assert "110101001001007" in then
    assert "110101001001007" in page.get(ask + "2026-06-10").content.decode()
    assert A1 not in page.get(ask + "2026-06-10").content.decode()
    assert page.get(ask + "2019-05-10").status_code == 200
    assert page.get(ask + "nonsense").status_code == 400


def test_the_interface_locates_on_a_day(api, district, draft):
    lon, lat = former(district, draft)
    client = api.of(district.user("dispatcher-1"))
    ask = f"/api/v1/locate/?lon={lon}&lat={lat}"
    assert client.get(ask).json()["cell"] == "110101001001007"
    answer = client.get(ask + "&on=2026-05-10").json()
    assert (answer["cell"], answer["edition"]) == (A1, "测试网格")
    assert client.get(ask + "&on=2019-01-01").status_code == 400
    assert client.get(ask + "&on=May").status_code == 400


# ---------------------------------------------------------------- administration


def editor(draft):
    return reverse("admin:parts_edition_editor", args=[draft.pk])


def test_cells_are_cut_joined_and_taken_back_in_the_editor(page, district, draft):
    text = page.get(editor(draft)).content.decode()
    assert A1 in text
    where = editor(draft) + "?community=110101001001"
    said = {"version": 1, "codes": [A1], "bearing": 0, "share": 50, "action": "split"}
    assert page.post(where, said).status_code == 302
    codes = ["110101001001004", "110101001001005"]
    assert draft.shapes.filter(code__in=codes).count() == 2
    page.post(where, {"version": 2, "codes": codes, "action": "merge"})
    assert draft.shapes.get(code="110101001001006").origins == [A1]
    page.post(where, {"version": 3, "codes": [A1], "action": "restore"})
    assert draft.shapes.get(level="cell", code=A1).ends is False
    page.post(where, {"version": 4, "codes": [A1], "action": "describe", "limit_area": "A"})
    assert draft.shapes.get(code=A1).limit_area == "A"


def test_the_editor_keeps_what_was_typed_when_it_refuses(page, district, draft):
    where = editor(draft) + "?community=110101001001"
    answer = page.post(where, {"version": 1, "codes": [A1], "action": "void", "reason": ""})
    assert answer.status_code == 400
    assert f'value="{A1}" id="cell-{A1}" checked' in answer.content.decode()
    page.post(where, {"version": 1, "codes": [A2], "action": "void", "reason": "并入河道"})
    late = page.post(where, {"version": 1, "codes": [A1], "action": "void", "reason": "拆迁"})
    assert late.status_code == 409
    assert "拆迁" in late.content.decode()


def test_a_street_is_renamed_with_a_reason_and_its_old_name_stays(page, district):
    street = district.streets["110101001"]
    where = reverse("admin:parts_street_change", args=[street.pk])
    assert page.post(where, {"name": "东华门新街道"}).status_code == 200
    answer = page.post(where, {"name": "东华门新街道", "reason": "区划更名"})
    assert answer.status_code == 302
    street.refresh_from_db()
    assert street.name == "东华门新街道"
    history = Street._meta.apps.get_model("parts", "StreetHistory")
    assert history.objects.get(pgh_obj=street).name == "东华门街道"


def test_an_area_in_force_has_no_successor(page, district):
    community = district.communities["110101001001"]
    where = reverse("admin:parts_community_change", args=[community.pk])
    said = {"name": community.name, "reason": "测试", "successor_code": "110101001002"}
    assert page.post(where, said).status_code == 200
    Community.objects.filter(pk=community.pk).update(valid_to="2026-01-01")
    assert page.post(where, said).status_code == 302
    community.refresh_from_db()
    assert community.successor == district.communities["110101001002"]


def test_land_use_is_a_table_of_the_city(page, district):
    page.post(reverse("admin:parts_landuse_add"), {"code": "R2", "name": "居住", "is_active": "on"})
    use = LandUse.objects.get(code="R2")
    where = reverse("admin:parts_landuse_change", args=[use.pk])
    page.post(where, {"name": "二类居住用地", "is_active": "on"})
    use.refresh_from_db()
    assert use.name == "二类居住用地"
    cell = district.cells[0, 0]
    values = {"management_class": 2, "limit_area": "C", "responsible_body": "", "note": ""}
    where = reverse("admin:parts_cell_change", args=[cell.pk])
    assert page.post(where, {**values, "land_use": "R2"}).status_code == 302
    cell = Cell.objects.get(pk=cell.pk)
    assert (cell.land_use, cell.limit_area, cell.management_class) == ("R2", "C", 2)
    assert page.post(where, {**values, "land_use": "X9"}).status_code == 200


def test_every_kind_of_job_has_a_title(district, draft):
    kinds = (grid_jobs.IMPORT, grid_jobs.CHECK, grid_jobs.DIVIDE, grid_jobs.PUBLISH)
    assert all(draft.name in grid_jobs.title_of(kind, draft) for kind in kinds)
