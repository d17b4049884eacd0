"""Two editions of the grid beside each other: what is new, gone and changed, as list and map."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.contrib.gis.geos import LineString
from django.urls import reverse

from parts.models import Edition
from parts.selectors import edition_comparison as comparison
from parts.selectors.edition_comparison import (
    Kind,
    changed_geojson,
    default_pair,
    list_changed,
    summarise,
)
from parts.services.grid.editing import Edit, describe_cells, split_cell
from parts.services.grid.publishing import publish_draft
from tests.district import at, point, square
from tests.parts.boundary_files import cells_file, cells_of, check, draft_of, load, quiet

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))
B1, C6 = "110101001002001", "110101002001006"
PIECES = ("110101001001004", "110101001001005")


def edit(district, draft, clock="09:10"):
    draft.refresh_from_db()
    return Edit(district.actor("administrator"), at(clock), draft.pk, draft.version)


def changed_draft(district, tmp_path):
    """A1 is cut in two, A2 reaches a little into A3, B1 gets other attributes, C6 is as it was."""
    cells = cells_of(district)
    for code, row, grows in ((A2, 1, True), (A3, 2, False)):
        west, south, east, north = square(row, 0, 0).extent
        step = (north - south) / 4
        south, north = (south - step, north) if grows else (south, north - step)
        cells[code] = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    split_cell(edit=edit(district, draft), code=A1, line=middle_line())
    describe_cells(
        edit=edit(district, draft), codes=[B1],
        values={"limit_area": "A", "responsible_body": "东华门街道办事处"},
    )  # fmt: skip
    return draft


def middle_line():
    return LineString(point(0, 0, -0.2, 0.5), point(0, 0, 1.2, 0.5), srid=4490)


def published(district, draft):
    check(district, draft)
    draft.refresh_from_db()
    publish_draft(
        actor=district.actor("administrator"), at=at("09:20"), edition_id=draft.pk,
        version=draft.version, progress=quiet,
    )  # fmt: skip
    return Edition.objects.get(pk=draft.pk)


@pytest.fixture(params=["draft", "published"])
def pair(request, district, tmp_path):
    """The edition that the district began with, and a later one: as draft, then in force."""
    before = Edition.objects.get(state="current")
    after = changed_draft(district, tmp_path)
    if request.param == "published":
        after = published(district, after)
        before.refresh_from_db()
    return before, after


def test_every_cell_that_differs_is_listed_by_what_became_of_it(pair):
    rows = {row.code: row for row in list_changed(*pair)}
    kinds = {code: row.kind for code, row in rows.items()}
    assert kinds == {
        A1: Kind.GONE, A2: Kind.RESHAPED, A3: Kind.RESHAPED, B1: Kind.DESCRIBED,
        **dict.fromkeys(PIECES, Kind.NEW),
    }  # fmt: skip
    assert set(rows[A1].kin) == set(PIECES)
    assert {rows[code].kin for code in PIECES} == {(A1,)}
    assert [row.code for row in list_changed(*pair, kind=Kind.NEW)] == list(PIECES)


def test_areas_stand_in_square_metres_before_and_after(pair):
    rows = {row.code: row for row in list_changed(*pair)}
    assert rows[A1].after_m2 is None
    assert sum(rows[code].after_m2 for code in PIECES) == pytest.approx(rows[A1].before_m2, abs=1)
    # a quarter of a cell of some 102 m by 100 m goes from one to the other
    assert rows[A2].change_m2 == pytest.approx(2560, abs=30)
    assert rows[A2].change_m2 + rows[A3].change_m2 == pytest.approx(0, abs=2)
    assert rows[A1].change_m2 is None


def test_attributes_that_differ_are_said_in_words(pair):
    (row,) = list_changed(*pair, kind=Kind.DESCRIBED)
    assert row.words == (
        ("时限区域", "B 类 一般区域", "A 类 核心区域"),
        ("责任主体", "–", "东华门街道办事处"),
    )


def test_the_whole_is_summed_up(pair):
    summary = summarise(*pair)
    assert (summary.before_cells, summary.after_cells) == (12, 13)
    assert summary.counts == {"new": 2, "gone": 1, "reshaped": 2, "described": 1}
    assert (summary.same, summary.differing) == (8, 6)
    assert summary.after_km2 == pytest.approx(summary.before_km2, abs=1e-5)


def test_turned_round_what_is_new_is_gone(pair):
    before, after = pair
    kinds = {row.code: row.kind for row in list_changed(after, before)}
    assert kinds[A1] == Kind.NEW
    assert {kinds[code] for code in PIECES} == {Kind.GONE}


def test_an_edition_differs_in_nothing_from_itself(district):
    edition = Edition.objects.get(state="current")
    assert list_changed(edition, edition) == []
    assert summarise(edition, edition).same == 12
    assert json.loads(changed_geojson(edition, edition))["features"] == []


def test_the_map_has_a_boundary_of_each_side(pair):
    features = json.loads(changed_geojson(*pair))["features"]
    drawn = {feature["id"] for feature in features}
    assert drawn == {
        f"before-{A1}", f"before-{A2}", f"before-{A3}", f"after-{A2}", f"after-{A3}",
        f"after-{B1}", *(f"after-{code}" for code in PIECES),
    }  # fmt: skip
    assert all(feature["geometry"]["type"] == "Polygon" for feature in features)


def test_a_draft_with_faults_can_be_compared_all_the_same(district, tmp_path):
    cells = cells_of(district)
    ring = cells[C6]
    cells[C6] = [ring[0], ring[2], ring[1], ring[3], ring[0]]  # crosses itself
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    (row,) = list_changed(Edition.objects.get(state="current"), draft)
    assert (row.code, row.kind) == (C6, Kind.RESHAPED)
    assert json.loads(changed_geojson(Edition.objects.get(state="current"), draft))["features"]


def test_the_same_boundary_begun_at_another_corner_is_no_change(district, tmp_path):
    cells = cells_of(district)
    cells[C6] = [*cells[C6][1:], cells[C6][1]]
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    assert list_changed(Edition.objects.get(state="current"), draft) == []


# ---------------------------------------------------------------- the page


@pytest.fixture
def page(browser_client, district, clock):
    browser_client.enter(district.user("administrator"))
    return browser_client


def address(name="edition-compare", **query):
    return f"{reverse(f'parts:{name}')}?{urlencode(query)}"


def test_the_page_is_reached_from_the_editions_and_lists_what_differs(page, pair):
    before, after = pair
    assert reverse("parts:edition-compare") in page.get(reverse("parts:editions")).content.decode()
    query = {"before": before.pk, "after": after.pk}
    text = page.get(address(**query)).content.decode()
    assert before.name in text
    assert after.name in text
    for code in (A1, A2, A3, B1, *PIECES):
        assert f'-{code}"' in text  # its button on the map
    assert f'-{C6}"' not in text
    alone = page.get(address(**query, kind="gone")).content.decode()
    assert f"before-{A1}" in alone
    assert f"after-{A2}" not in alone
    answer = page.get(address("edition-compare-shapes", **query, kind="gone"))
    assert [each["id"] for each in answer.json()["features"]] == [f"before-{A1}"]
    linked = page.get(reverse("parts:edition", args=[after.pk])).content.decode()
    assert f"before={before.pk}&amp;after={after.pk}" in linked


def test_without_a_choice_the_current_edition_stands_beside_the_one_before(
    page, district, tmp_path
):
    assert default_pair() is None
    assert page.get(address()).status_code == 200
    before = Edition.objects.get(state="current")
    after = published(district, changed_draft(district, tmp_path))
    assert default_pair() == (before, after)
    assert f"before-{A1}" in page.get(address()).content.decode()


def test_long_lists_have_pages(page, pair, monkeypatch):
    monkeypatch.setattr(comparison, "SHOWN_ROWS", 4)
    monkeypatch.setattr("parts.views.edition_comparison.SHOWN_ROWS", 4)
    before, after = pair
    query = {"before": before.pk, "after": after.pk}
    first = page.get(address(**query)).content.decode()
    assert "cursor=2" in first
    last = page.get(address(**query, cursor=2)).content.decode()
    assert "cursor=1" in last
    assert "cursor=3" not in last
    assert len([code for code in (A1, A2, A3, B1, *PIECES) if f'-{code}"' in last]) == 2


@pytest.mark.parametrize("name", ["edition-compare", "edition-compare-shapes"])
@pytest.mark.parametrize("query", [{"before": 0, "after": "x"}, {"before": "1"}])
def test_editions_that_are_none_are_said_at_their_field(page, name, query):
    assert page.get(address(name, **query)).status_code == 400


@pytest.mark.parametrize("name", ["edition-compare", "edition-compare-shapes"])
def test_others_than_administrators_do_not_enter(browser_client, district, name):
    browser_client.enter(district.user("official-1"))
    assert browser_client.get(address(name)).status_code == 403
