"""The pages of the register: who enters, what is found, what an administrator does there."""

from __future__ import annotations

import json
from html import unescape
from urllib.parse import parse_qs, urlparse

import pytest
from django.contrib.gis.geos import Point

from parts.models import CatalogueClass, Part
from parts.selectors.register import PartFilter, list_parts
from parts.services.states import change_part_state
from tests.district import USER_OF_ROLE, point

LIST = "/district/parts/"
FIRST, SECOND, THIRD = (f"110101010100000{n}" for n in (1, 2, 3))
MOST_QUERIES = 12


@pytest.fixture
def office(browser_client, district):
    return browser_client.enter(district.user("administrator"))


def words(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, response.content[:500]
    return unescape(response.content.decode())


def codes(query: str) -> list[str]:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    return [row["code"] for row in list_parts(PartFilter.parse(asked)).rows]


def many(district, count: int) -> None:
    first = district.parts[0]
    Part.objects.bulk_create(
        Part(
            code=f"1101010301{n:06d}", catalogue_class=district.classes["toilet"], name="公共厕所",
            geom=Point(*point(0, 0, n / (count + 1)), srid=4490), cell=first.cell,
            street=first.street, community=first.community, initial_on=first.initial_on,
            maintainer_name="环卫中心",
        )
        for n in range(1, count + 1)
    )  # fmt: skip


@pytest.mark.parametrize("path", [LIST, f"{LIST}{FIRST}/"])
def test_every_desk_reads_and_clients_do_not(browser_client, district, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        assert browser_client.get(path).status_code == (403 if role == "client" else 200), role


@pytest.mark.parametrize("path", [f"{LIST}new/", f"{LIST}{FIRST}/change/"])
def test_only_administrators_write(browser_client, district, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        assert browser_client.get(path).status_code == (200 if role == "administrator" else 403)
    assert "/new/" not in words(browser_client.enter(district.user("official-1")), LIST)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [FIRST, SECOND, THIRD]),
        ("q=1101010101000002", [SECOND]),
        ("q=11010101", [FIRST, SECOND, THIRD]),
        ("q=99", []),
        ("q=井盖", [FIRST, SECOND, THIRD]),
        ("q=厕所", []),
        ("class_code=0101", [FIRST, SECOND, THIRD]),
        ("class_code=01", [FIRST, SECOND, THIRD]),
        ("class_code=0301", []),
        ("street=110101002", [THIRD]),
        ("community=110101001002", [SECOND]),
        ("cell=110101001001001", [FIRST]),
        ("street=110101999", []),
        ("body=自来水", [FIRST]),
        ("body=物业", [THIRD]),
        ("body=燃气", []),
        ("state=intact", [FIRST, SECOND, THIRD]),
        ("state=lost", []),
        ("area=116.399,39.931;116.4012,39.931;116.4012,39.929;116.399,39.929", [FIRST]),
        ("street=110101001&body=自来水&class_code=0101", [FIRST]),
    ],
)
def test_parts_are_found_by(district, query, found):
    assert codes(query) == found


@pytest.mark.parametrize(
    "query",
    [
        "state=somewhere", "area=1,2", "area=a,b;c,d;e,f", "area=0,0;1,1;1,0;0,1",
        "cursor=sideways-1", "cursor=after-x", "area=" + ";".join(["116,39"] * 201),
        "area=200,1;201,1;200,2",
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_shows_nothing_and_says_so(office, query):
    html = words(office, f"{LIST}?{query}", 400)
    assert 'role="alert"' in html
    assert "data-gc-row" not in html


def test_standing_parts_are_those_intact_or_broken(district, at):
    admin = {"actor": district.actor("administrator"), "at": at()}
    for part, state in zip(district.parts, ("broken", "lost", "intact"), strict=True):
        change_part_state(**admin, part_id=part.pk, state=state, reason="巡查")
    assert codes("state=standing") == [FIRST, THIRD]
    assert codes("state=broken") == [FIRST]


def test_pages_follow_each_other_both_ways_without_gap(district):
    many(district, 120)
    seen, cursor, pages = [], None, []
    while True:
        page = list_parts(PartFilter(), cursor=cursor)
        pages.append(page)
        seen += [row["code"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(Part.objects.values_list("code", flat=True))
    assert [len(page.rows) for page in pages] == [50, 50, 23]
    back = list_parts(PartFilter(), cursor=pages[2].previous)
    assert [row["code"] for row in back.rows] == [row["code"] for row in pages[1].rows]
    assert list_parts(PartFilter(), cursor=pages[1].previous).previous is None
    assert pages[0].total == 123


def test_a_page_costs_the_same_queries_at_three_and_at_fifty_rows(
    office, district, django_assert_max_num_queries
):
    office.get(LIST)
    with django_assert_max_num_queries(MOST_QUERIES):
        words(office, LIST)
    many(district, 60)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert words(office, LIST).count("data-gc-row=") == 50


def test_the_filter_is_kept_in_the_address_of_the_next_page(office, district):
    many(district, 60)
    html = words(office, f"{LIST}?class_code=0301&body=环卫")
    assert "class_code=0301&body=" in html.replace("&amp;", "&")
    assert "共 60 条" in html


class TestMap:
    def test_it_shows_the_parts_of_the_query_in_the_window(self, office, district):
        box = "bbox=116.39,39.92,116.41,39.94"
        body = office.get(f"{LIST}map/?{box}").json()
        assert [f["properties"]["code"] for f in body["features"]] == [FIRST, SECOND, THIRD]
        body = office.get(f"{LIST}map/?{box}&street=110101002").json()
        assert [f["properties"]["code"] for f in body["features"]] == [THIRD]
        assert office.get(f"{LIST}map/?bbox=116.2,39.8,116.3,39.9").json()["features"] == []

    def test_of_too_many_it_says_to_come_nearer(self, office, district, monkeypatch):
        monkeypatch.setattr("parts.views.register.DRAWN", 2)
        body = office.get(f"{LIST}map/?bbox=116.39,39.92,116.41,39.94").json()
        assert (body["more"], body["features"]) == (True, [])

    @pytest.mark.parametrize("box", ["", "1,2,3", "2,2,1,1", "a,b,c,d", "0,0,nan,1"])
    def test_what_is_no_window_is_refused(self, office, box):
        response = office.get(f"{LIST}map/?bbox={box}", headers={"Accept": "application/json"})
        assert response.status_code == 400


class TestOnePart:
    def test_it_shows_all_attributes(self, office, district):
        html = words(office, f"{LIST}{FIRST}/")
        for told in (
            FIRST,
            "上水井盖",
            "自来水公司",
            "110101001001001",
            "多福巷社区",
            "东华门街道",
        ):
            assert told in html
        assert "从未变更" in html

    def test_it_shows_who_changed_what(self, office, district, at):
        change_part_state(
            actor=district.actor("administrator"), at=at(), part_id=district.parts[0].pk,
            state="broken", reason="井圈开裂",
        )  # fmt: skip
        html = words(office, f"{LIST}{FIRST}/")
        assert "井圈开裂" in html
        assert "<del>完好</del>" in html
        assert "<ins>破损</ins>" in html
        assert "Administrator" in html

    @pytest.mark.parametrize("code", ["1101010101999999", "9" * 17])
    def test_an_unknown_part_does_not_exist(self, office, code):
        words(office, f"{LIST}{code}/", 404)


class TestChanges:
    def test_a_part_is_added_by_hand(self, office, district):
        lon, lat = point(2, 0, 0.4)
        place = json.dumps({"type": "Point", "coordinates": [lon, lat]})
        response = office.post(
            f"{LIST}new/",
            {"class_code": "0301", "geom": place, "initial_on": "2026-06-01", "source": "survey",
             "accuracy_class": "A", "owner_name": "环卫中心"},
        )  # fmt: skip
        assert (response.status_code, response["Location"]) == (302, f"{LIST}1101010301000001/")
        part = Part.objects.get(code="1101010301000001")
        assert (part.cell, part.owner_name) == (district.cells[2, 0], "环卫中心")

    def test_what_is_wrong_stands_at_its_field_and_the_rest_stays(self, office):
        sent = {"class_code": "0301", "geom": "", "initial_on": "2026-06-01", "source": "survey",
                "owner_uscc": "123", "owner_name": "某单位"}  # fmt: skip
        response = office.post(f"{LIST}new/", sent)
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert "请在地图上标出位置" in html
        assert 'value="某单位"' in html

    def change(self, office, act, **said):
        form = office.get(f"{LIST}{FIRST}/change/").context["forms"][act]
        data = {name: form[name].value() or "" for name in form.fields}
        return office.post(
            f"{LIST}{FIRST}/change/", {**data, "act": act, "reason": "现场核实", **said}
        )

    def test_attributes_are_changed(self, office, district):
        response = self.change(office, "change", maintainer_name="排水集团", maintainer_uscc="")
        assert (response.status_code, response["Location"]) == (302, f"{LIST}{FIRST}/")
        assert Part.objects.get(code=FIRST).maintainer_name == "排水集团"

    def test_a_state_is_changed_and_needs_a_reason(self, office, district):
        assert self.change(office, "state", state="lost", reason="").status_code == 400
        assert Part.objects.get(code=FIRST).state == "intact"
        assert self.change(office, "state", state="lost").status_code == 302
        assert Part.objects.get(code=FIRST).state == "lost"

    def test_a_part_is_moved(self, office, district):
        place = json.dumps({"type": "Point", "coordinates": list(point(0, 1))})
        assert self.change(office, "move", geom=place).status_code == 302
        assert Part.objects.get(code=FIRST).cell == district.cells[0, 1]
        outside = json.dumps({"type": "Point", "coordinates": [116.2, 39.9]})
        assert self.change(office, "move", geom=outside).status_code == 400

    def test_a_part_is_reclassified_and_both_name_each_other(self, office, district):
        response = self.change(office, "reclassify", class_code="0301")
        assert response["Location"] == f"{LIST}1101010301000001/"
        assert FIRST in words(office, response["Location"])
        html = words(office, f"{LIST}{FIRST}/")
        assert "移除（归类更正）" in html
        assert "1101010301000001" in html

    def test_who_comes_second_sees_what_changed_and_may_go_on(self, office, district, at):
        form = office.get(f"{LIST}{FIRST}/change/").context["forms"]["state"]
        stale = {"act": "state", "reason": "乙", "state": "lost", "seen": form["seen"].value()}
        self.change(office, "change", note="甲先改")
        response = office.post(f"{LIST}{FIRST}/change/", stale)
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert "甲先改" in html
        again = stale | {"seen": response.context["forms"]["state"]["seen"].value()}
        assert office.post(f"{LIST}{FIRST}/change/", again).status_code == 302
        assert Part.objects.get(code=FIRST).state == "lost"


class TestTag:
    def test_a_supervisor_begins_a_report_and_others_see_the_part(self, browser_client, district):
        response = browser_client.enter(district.user("supervisor-1")).get(f"/p/{FIRST}/")
        assert response["Location"] == f"/patrol/report/?part={FIRST}"
        response = browser_client.enter(district.user("acceptor-1")).get(f"/p/{FIRST}/")
        assert response["Location"] == f"{LIST}{FIRST}/"
        assert browser_client.get("/p/1101010101999999/").status_code == 404

    def test_who_is_not_logged_in_logs_in_first(self, client, district):
        address = urlparse(client.get(f"/p/{FIRST}/")["Location"])
        assert address.path == "/login/"
        assert parse_qs(address.query)["next"] == [f"/p/{FIRST}/"]


def test_a_class_that_is_a_line_is_drawn_as_a_line(office, district):
    CatalogueClass.objects.create(
        scheme_id="CJT214-2007", kind="part", code="0399", name="护栏", major_code="03",
        major_name="园林绿化", geometry="line", accuracy_class="C", family="tree_green",
    )  # fmt: skip
    from parts.selectors.kept import forget

    forget()
    kinds = office.get(f"{LIST}new/").context["kinds"]
    assert (kinds["0399"], kinds["0101"]) == ("line", "point")
