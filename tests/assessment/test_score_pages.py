"""The pages of scores: who reads which, each score explained, each figure opening its rows."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape

import pytest

from assessment.models import Snapshot, SnapshotKind, StaleCase
from assessment.selectors.guarantees import places_from_last
from assessment.selectors.snapshots import ranks_of
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.snapshots import make_snapshot, replay
from dispatch.services.checking import fail_check
from gridcity.contracts import Role
from parts.models import Cell
from tests.district import USER_OF_ROLE, at
from tests.photos import prepared

pytestmark = pytest.mark.django_db

JULY = at("12:00", on="2026-07-15")
# They read their own score, which is none of a department's.
SCORED = {Role.ACCEPTOR, Role.SUPERVISOR}
READERS = {Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT}


def made(kind=SnapshotKind.PROVISIONAL, scheme="department"):
    while refresh_facts():
        pass
    return make_snapshot(name="2026-06", scheme_key=scheme, kind=kind, at=JULY)


def read(client, user, path, status=200):
    client.enter(user)
    response = client.get(path)
    assert response.status_code == status, response.content[:400]
    return unescape(response.content.decode())


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_who_reads_scores(walked, district, browser_client, role):
    snapshot = made()
    user = district.user(USER_OF_ROLE[role])
    refused = 404 if role in SCORED else 403
    read(browser_client, user, "/scores/", 200 if role in READERS | SCORED else 403)
    read(browser_client, user, f"/scores/{snapshot.pk}/", 200 if role in READERS else refused)


def test_a_score_is_explained_and_its_parts_add_up(walked, district, browser_client):
    snapshot = made()
    official = district.user("official-1")
    page = read(browser_client, official, f"/scores/{snapshot.pk}/s201/")
    shares = [Decimal(one) for one in re.findall(r'data-gc-share="(\d+\.\d\d)"', page)]
    total = re.search(r'gc-stat-number">(\d+\.\d\d)<', page).group(1)
    assert len(shares) >= 3
    assert sum(shares) == Decimal(total)


def test_the_count_of_a_region_is_retraced_to_its_band(walked, district, browser_client):
    """Filed cases, divided by cells and months, and the band in which that lies."""
    snapshot = made(scheme="region-street")
    street = walked.case.street
    row = next(one for one in json.loads(snapshot.content)["rows"] if one["key"] == street.code)
    path = f"/scores/{snapshot.pk}/{street.code}/"
    page = read(browser_client, district.user("official-1"), path)
    said = re.search(r"data-gc-banded>(.*?)</div>", page).group(1)
    filed, cells = row["counts"]["filed"], row["cells"]
    assert (filed, cells) == (4, 6)
    assert said.startswith(f"{filed} ÷ {cells} 个单元网格 ÷ 1 个月 = 0.6667 → 分段 0 → 100"), said


def test_the_mean_of_its_cells_stands_beside_a_regions_own_score(walked, district, browser_client):
    """From the cells' snapshot where there is one, else computed: the same either way (§5)."""
    snapshot = made(scheme="region-street")
    street = walked.case.street
    path = f"/scores/{snapshot.pk}/{street.code}/"
    official = district.user("official-1")

    def said():
        page = read(browser_client, official, path)
        beside = page.split('id="cells-mean"')[1].split("</section>")[0]
        return beside, re.search(r"<strong>([\d.]+)</strong>", beside).group(1)

    computed, mean = said()
    assert "没有单元网格的快照" in computed
    cells = made(scheme="region-cell")
    codes = set(Cell.objects.filter(community__street=street).values_list("code", flat=True))
    scored = [
        Decimal(row["score"]["total"])
        for row in json.loads(cells.content)["rows"]
        if row["key"] in codes and row["score"]["total"] is not None
    ]
    assert scored
    told, again = said()
    assert f"/scores/{cells.pk}/" in told
    ranking = read(browser_client, official, f"/scores/{snapshot.pk}/")
    assert f"单元网格平均：{mean}" in ranking
    assert again == mean == str((sum(scored) / len(scored)).quantize(Decimal("0.01")))
    departments = made()
    page = read(browser_client, official, f"/scores/{departments.pk}/s201/")
    assert "cells-mean" not in page


def test_every_figure_opens_as_many_rows_as_it_counts_as_of_then(walked, district, browser_client):
    snapshot = made()
    walked.now = at("09:00", on="2026-07-02")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    rebuild_facts()
    official = district.user("official-1")
    page = read(browser_client, official, f"/scores/{snapshot.pk}/s201/")
    links = re.findall(r'<a href="(/dashboard/list/[^"]*)">([\d,]+)</a>', page)
    assert len(links) >= 6
    for address, number in links:
        listed = read(browser_client, official, address)
        assert f'data-gc-total="{number.replace(",", "")}"' in listed, address


def test_a_department_reads_its_own_score_and_no_other(walked, district, browser_client):
    snapshot, streets = made(), made(scheme="region-street")
    own = district.user("department-s201")
    page = read(browser_client, own, f"/scores/{snapshot.pk}/")
    assert f"/scores/{snapshot.pk}/s201/" in page
    assert f"/scores/{snapshot.pk}/d101/" not in page
    read(browser_client, own, f"/scores/{snapshot.pk}/s201/")
    read(browser_client, own, f"/scores/{snapshot.pk}/d101/", 404)
    read(browser_client, own, f"/scores/{streets.pk}/", 404)


def test_final_figures_say_what_moved_since_the_provisional_ones(walked, district, browser_client):
    scheme = "department-monthly"
    before = made(scheme=scheme)
    walked.now = at("09:00", on="2026-07-02")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    final = made(SnapshotKind.FINAL, scheme)
    page = read(browser_client, district.user("official-1"), f"/scores/{final.pk}/")
    assert "原为" in page
    assert "原为" not in read(browser_client, district.user("official-1"), f"/scores/{before.pk}/")


def test_the_duty_chief_publishes_once_and_corrects_with_a_reason(walked, district, browser_client):
    final = made(SnapshotKind.FINAL)
    chief = district.user("duty-chief-1")
    browser_client.enter(district.user("official-1"))
    assert browser_client.post(f"/scores/{final.pk}/publish/").status_code == 403
    browser_client.enter(chief)
    assert browser_client.post(f"/scores/{final.pk}/publish/").status_code == 302
    published = Snapshot.objects.get(pk=final.pk).published_at
    assert published == JULY
    same = browser_client.post(f"/scores/{final.pk}/correct/", {"reason": "复核"})
    assert same.status_code == 409, "nothing has moved"
    walked.now = at("11:00", on="2026-07-14")
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    rebuild_facts()
    StaleCase.objects.all().delete()
    assert browser_client.post(f"/scores/{final.pk}/correct/", {"reason": ""}).status_code == 400
    answer = browser_client.post(f"/scores/{final.pk}/correct/", {"reason": "复核发现未清理"})
    assert answer.status_code == 302
    correction = Snapshot.objects.get(kind=SnapshotKind.CORRECTION)
    assert (correction.corrects_id, correction.reason) == (final.pk, "复核发现未清理")
    page = read(browser_client, chief, f"/scores/{correction.pk}/")
    assert "复核发现未清理" in page


@pytest.mark.parametrize("as_of", ["nonsense", "2026-99-01", "2026-06-01T25:00"])
def test_a_wrong_data_time_is_refused_in_words(walked, district, browser_client, as_of):
    path = f"/dashboard/list/?figure=open&as_of={as_of}"
    read(browser_client, district.user("official-1"), path, 400)


def test_snapshots_are_found_by_scheme_and_kind_of_period_and_paged_by_whole_starts(
    walked, district, browser_client, monkeypatch
):
    while refresh_facts():
        pass
    for name in ("2026-06", "2026-W24", "2026-06-08", "2026-06-09", "2026-06-10"):
        for scheme in ("department", "region-street"):
            make_snapshot(name=name, scheme_key=scheme, kind=SnapshotKind.PROVISIONAL, at=JULY)
    official = district.user("official-1")

    def periods(path):
        page = read(browser_client, official, path)
        return re.findall(r'href="/scores/\d+/">([^<]+)<', page), page

    assert periods("/scores/?span=month")[0] == ["2026-06"] * 2
    assert periods("/scores/?span=week&scheme=department")[0] == ["2026-W24"]
    monkeypatch.setattr("assessment.selectors.snapshots.MOST", 3)
    days, page = periods("/scores/?span=day")
    assert days == ["2026-06-10"] * 2, "never half of what began together"
    earlier = re.search(r'href="(\?[^"]*before=[^"]+)"', page)
    assert earlier is not None
    assert periods("/scores/" + earlier[1])[0] == ["2026-06-09"] * 2
    assert len(periods("/scores/?span=fortnight&before=never")[0]) == 2, "no such filter"


def test_beside_a_score_of_filed_cases_stand_who_else_found_them_and_what_was_missed(
    walked, district, browser_client
):
    snapshot = made(scheme="region-street")
    page = read(browser_client, district.user("official-1"), f"/scores/{snapshot.pk}/110101001/")
    assert page.count("参照") == 5
    assert page.count("figure=self_handled") == 2  # beside what was filed and what was closed
    assert "figure=forced_share" in page  # beside the share closed
    assert "figure=missed" in page
    assert "figure=public_share" in page
    ranking = read(browser_client, district.user("official-1"), f"/scores/{snapshot.pk}/")
    cells = re.findall(r'data-label="每网格每月立案数">(.*?)</td>', ranking)
    assert cells
    assert all("figure=public_share" in one and "figure=missed" in one for one in cells)


@pytest.mark.parametrize("path", ["s201/", ""])
def test_beside_a_departments_score_stands_what_only_the_district_knows(
    walked, district, browser_client, path
):
    snapshot = made()
    page = read(browser_client, district.user("official-1"), f"/scores/{snapshot.pk}/{path}")
    assert "全区" in page
    for words in ("监督举报", "漏报", "强制结案"):
        assert words in page, words


def test_a_department_reads_beside_its_score_who_else_found_what_was_filed(
    walked, district, browser_client
):
    made()
    member = district.user(USER_OF_ROLE[Role.DEPARTMENT])
    page = read(browser_client, member, "/scores/mine/")
    for words in ("监督举报", "漏报", "强制结案"):
        assert re.search(f"全区.{{0,400}}{words}", page, re.DOTALL), words
    assert "figure=self_handled" not in page


def test_a_ranking_of_thousands_is_read_page_by_page(walked, district, browser_client, monkeypatch):
    monkeypatch.setattr("assessment.views.scores.RANKING_PAGE", 5)
    snapshot = made(scheme="region-cell")
    official = district.user("official-1")
    first = read(browser_client, official, f"/scores/{snapshot.pk}/")
    second = read(browser_client, official, f"/scores/{snapshot.pk}/?page=2")
    keys = [set(re.findall(rf'/scores/{snapshot.pk}/(\d+)/"', page)) for page in (first, second)]
    assert len(keys[0]) == 5
    assert keys[1]
    assert not keys[0] & keys[1]
    assert 'href="?page=2"' in first


def test_like_is_ranked_with_like(walked, district, browser_client):
    """Offices of streets and competent departments do different work (assessment law §6)."""
    offices = {"s201": "街道办事处", "w301": "街道办事处"}
    for department in district.departments.values():
        department.assessment_group = offices.get(department.code, "专业部门")
        department.save(update_fields=["assessment_group"])
    snapshot = made(scheme="department")
    rows = json.loads(snapshot.content)["rows"]
    assert {row["group"] for row in rows} == {"街道办事处", "专业部门"}
    for row in rows:
        row["score"] |= {"ranked": True, "total": "90.00" if row["key"] == "s201" else "95.00"}
    placed = ranks_of(rows)
    assert placed["w301"] == 1
    assert placed["s201"] == 2
    assert {rank for key, rank in placed.items() if key not in offices} == {1}
    assert places_from_last(rows)["s201"] == 1
    page = read(browser_client, district.user("official-1"), f"/scores/{snapshot.pk}/")
    heads = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)<', page)
    assert heads == ["专业部门", "街道办事处"]
    assert replay(snapshot) == snapshot.content
    older = [{key: row[key] for key in row if key != "group"} for row in rows]
    assert ranks_of(older)["s201"] > 2, "one of before ranks all of them together"


def test_whoever_is_scored_hears_his_rank_with_the_publication(
    walked, district, browser_client, monkeypatch
):
    monkeypatch.setattr("assessment.selectors.snapshots.ranks_of", lambda said: {"s201": 1})
    snapshot = made(kind=SnapshotKind.FINAL)
    path, word = f"/scores/{snapshot.pk}/s201/", "第 1 名"
    assert word in read(browser_client, district.user("official-1"), path)
    own = district.user("department-s201")
    page = read(browser_client, own, path)
    assert word not in page
    assert "不参与排名" not in page
    browser_client.enter(district.user("duty-chief-1"))
    assert browser_client.post(f"/scores/{snapshot.pk}/publish/").status_code == 302
    assert word in read(browser_client, own, path)


def test_a_department_opens_the_rows_behind_its_own_score(walked, district, browser_client):
    """Explained to the one who was scored: total, terms, and exactly the cases of each figure."""
    snapshot = made(kind=SnapshotKind.FINAL)
    own = district.user("department-s201")
    for path in (f"/scores/{snapshot.pk}/s201/", "/scores/mine/"):
        page = read(browser_client, own, path)
        opened = re.findall(r'<a href="(/scores/mine/rows/[^"]*as_of=[^"]*)">([\d,]+)</a>', page)
        assert len(opened) >= 7, path
        for address, number in opened:
            rows = read(browser_client, own, address)
            assert f'data-gc-total="{number.replace(",", "")}"' in rows, address
    assert "/dashboard/list/" not in page
    other = district.user("department-d101")
    read(browser_client, other, f"/scores/{snapshot.pk}/s201/", 404)
