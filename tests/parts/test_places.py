"""The geocoder: which place answers to which words, and what a point is called."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gridcity.contracts import Forbidden, Invalid, OutsideDistrict, StaleVersion
from jobs.running import run_job
from jobs.services import enqueue_job
from parts.models import Place, PlaceName
from parts.place_names import FORMER, SHORT, names_of, normal, pieces_of, queries_of
from parts.selectors.places import geocode, reverse_geocode
from parts.services.places import (
    PlaceSaid,
    add_place,
    change_place,
    end_place,
    fingerprint,
    write_names,
)
from tests.district import at, point

TODAY = date(2026, 6, 10)


@pytest.fixture
def office(district):
    return district.actor("administrator")


@pytest.fixture
def add(office):
    """`add("point", "天坛公园", aliases=["天坛"])`: a place in the first cell."""

    def make(kind, name, row=0, column=0, x=0.5, y=0.5, **more):
        lon, lat = point(row, column, x, y)
        more.setdefault("valid_from", date(2020, 1, 1))
        said = PlaceSaid(kind=kind, name=name, lon=lon, lat=lat, **more)
        return add_place(actor=office, at=at(), said=said)

    return make


@pytest.fixture
def town(add):
    """Places whose names begin alike, lie within each other, or are short for one another."""
    add("region", "崇文门外街道")
    add("region", "和平里街道")
    add("plot", "和平里")
    add("area", "和平里街区", x=0.3)
    add("plot", "崇文门", former_names=["哈德门"])
    add("lane", "崇文门外大街")
    add("lane", "东直门内大街")
    add("point", "和平里医院", aliases=["第六医院"])
    add("door", "和平里北街18号")
    add("lane", "和平里北街")
    add("point", "国家自然博物馆", aliases=["自然博物馆"], former_names=["北京自然博物馆"])
    add("point", "北京站")
    add("point", "天坛公园", aliases=["天坛"])


def first(words, **more):
    found = geocode(query=words, on=TODAY, **more)
    return (found[0].name, found[0].way) if found else None


# what was typed → the place that comes first, and how it was found
RANKING = [
    ("和平里", "和平里", "exact"),
    ("和平里街区", "和平里街区", "exact"),
    ("和平里街道", "和平里街道", "exact"),
    ("和平里街", "和平里街区", "prefix"),
    ("崇外", "崇文门外街道", "exact"),
    ("崇文门外", "崇文门外街道", "exact"),
    ("崇外大街", "崇文门外大街", "exact"),
    ("崇外大街3号", "崇文门外大街", "within"),
    ("崇文门", "崇文门", "exact"),
    ("哈德门", "崇文门", "exact"),
    ("东内大街", "东直门内大街", "exact"),
    ("东内", "东直门内大街", "prefix"),
    ("第六医院", "和平里医院", "exact"),
    ("北京自然博物馆", "国家自然博物馆", "exact"),
    ("自然博物馆", "国家自然博物馆", "exact"),
    ("北京站", "北京站", "exact"),
    ("北京市东城区天坛公园", "天坛公园", "exact"),
    ("东城区 天坛", "天坛公园", "exact"),
    ("天坛公园东门外", "天坛公园", "within"),
    ("和平里北街18号", "和平里北街18号", "exact"),
    ("和平里北街１８号", "和平里北街18号", "exact"),
    ("和平里北街20号楼", "和平里北街", "within"),
    ("医院", "和平里医院", "contains"),
    ("tiantangongyuan", "天坛公园", "pinyin"),
    ("tiantan", "天坛公园", "pinyin"),
    ("TianTan gongyuan", "天坛公园", "pinyin"),
    ("ttgy", "天坛公园", "initials"),
    ("hepingliyiy", "和平里医院", "pinyin_prefix"),
    ("hplyy", "和平里医院", "initials"),
    ("cw", "崇文门外街道", "initials"),
]


@pytest.mark.parametrize(("words", "name", "way"), RANKING, ids=[row[0] for row in RANKING])
def test_the_place_that_is_meant_comes_first(town, words, name, way):
    assert first(words) == (name, way)


def test_of_names_that_begin_alike_the_whole_comes_first_then_the_shorter(town):
    names = [found.name for found in geocode(query="和平里", on=TODAY)]
    assert names[:2] == ["和平里", "和平里街区"] or names[:2] == ["和平里", "和平里街道"]
    assert set(names) >= {"和平里医院", "和平里北街", "和平里北街18号"}
    assert len(names) == len(set(names))


@pytest.mark.parametrize("words", ["", "   ", "·-·", "没有这个地方", "%", "_", "\\", "zzzz"])
def test_words_that_name_nothing_find_nothing(town, words):
    assert geocode(query=words, on=TODAY) == []


def test_a_name_that_ended_is_found_on_its_days_only(add, office):
    lane = add("lane", "旧帘子胡同", valid_from=date(2001, 1, 1))
    assert first("旧帘子胡同") == ("旧帘子胡同", "exact")
    end_place(actor=office, at=at(), place_id=lane.pk)
    assert first("旧帘子胡同") is None
    assert geocode(query="旧帘子胡同", on=date(2010, 5, 1))[0].code == lane.code
    assert geocode(query="旧帘子胡同", on=date(2000, 5, 1)) == []


def test_looking_up_takes_at_most_three_queries(town, django_assert_max_num_queries):
    geocode(query="和平里", on=TODAY)
    for words in ("和平里", "和平里北街甲5号", "hpl", "医院"):
        with django_assert_max_num_queries(3):
            geocode(query=words, on=TODAY)


def test_a_point_is_called_by_its_cell_and_by_the_places_nearby(district, add):
    add("point", "天坛公园", x=0.6)
    add("lane", "祈年大街", x=0.9)
    add("point", "远处的塔", row=2, column=3)
    add("region", "某街道")
    lon, lat = point(0, 0)
    found = reverse_geocode(lon=lon, lat=lat, on=TODAY)
    assert found.location.cell_code == district.cells[0, 0].code
    assert [place.name for place in found.places][:2] == ["天坛公园", "祈年大街"]
    assert "某街道" not in {place.name for place in found.places}
    assert found.places[0].distance_m == pytest.approx(10.3, abs=0.5)


def test_a_point_outside_has_no_name(district):
    with pytest.raises(OutsideDistrict):
        reverse_geocode(lon=100, lat=30, on=TODAY)


# ---------------------------------------------------------------- names, without a database


@pytest.mark.parametrize(
    ("name", "short"),
    [("崇文门外街道", "崇外"), ("崇文门外大街", "崇外大街"), ("朝阳门内大街", "朝内大街"),
     ("东直门外", "东外"), ("多福巷社区居委会", "多福巷"), ("和平里街区", "和平里")],
)  # fmt: skip
def test_short_forms_are_made_by_rule(name, short):
    assert names_of(name)[short] == SHORT


def test_the_short_form_of_a_former_name_is_a_former_name():
    assert names_of("和平门", former=["宣武门外大街"])["宣外大街"] == FORMER


@given(st.text(max_size=40))
def test_what_is_normal_stays_so(text):
    assert normal(normal(text)) == normal(text)


@given(st.text(alphabet="东城区北京市和平里医院18号门外", min_size=1, max_size=30))
def test_every_piece_lies_within_what_was_typed(text):
    whole = normal(text)
    assert all(piece in whole and piece != whole for piece in pieces_of(whole))
    assert all(query in whole for query in queries_of(text, ["东城区"]))


# ---------------------------------------------------------------- writing


def test_a_place_gets_a_code_its_areas_and_its_pinyin(district, add):
    one, two = add("point", "天坛公园"), add("lane", "祈年大街", row=1, column=3)
    assert (one.code, two.code) == ("P00001", "J00001")
    assert (one.street.name, one.community.name) == ("东华门街道", "多福巷社区")
    assert two.street.name == "景山街道"
    assert (one.pinyin, one.initials) == ("tiantangongyuan", "ttgy")


def test_the_same_kind_and_name_at_the_same_spot_is_refused(add):
    add("point", "天坛公园")
    with pytest.raises(Invalid):
        add("point", "天坛公园", x=0.6)
    add("point", "天坛公园", row=2, column=3)
    add("lane", "天坛公园")


def test_a_changed_place_is_found_by_its_new_names_and_keeps_the_old_values(add, office):
    place = add("point", "天坛公园", aliases=["天坛"])
    said = PlaceSaid(
        kind="point", name="天坛", lon=place.point.x, lat=place.point.y,
        former_names=["天坛公园"], valid_from=place.valid_from,
    )  # fmt: skip
    change_place(actor=office, at=at(), place_id=place.pk, said=said)
    assert first("天坛") == ("天坛", "exact")
    assert set(PlaceName.objects.values_list("text", "sort")) == {
        ("天坛", "standard"), ("天坛公园", "former"),
    }  # fmt: skip
    kept = apps.get_model("parts", "PlaceHistory").objects.get(pgh_obj_id=place.pk)
    assert (kept.standard_name, kept.aliases) == ("天坛公园", ["天坛"])


def test_two_people_who_change_one_place_are_told_of_each_other(add, office):
    place = add("point", "天坛公园")
    seen = fingerprint(place)
    said = PlaceSaid(kind="point", name="天坛", lon=place.point.x, lat=place.point.y)
    change_place(actor=office, at=at(), place_id=place.pk, said=said, seen=seen)
    with pytest.raises(StaleVersion):
        change_place(actor=office, at=at(), place_id=place.pk, said=said, seen=seen)


def test_only_administrators_write_places(district, add):
    place = add("point", "天坛公园")
    other = district.actor("dispatcher-1")
    said = PlaceSaid(kind="point", name="别处", lon=place.point.x, lat=place.point.y)
    with pytest.raises(Forbidden):
        add_place(actor=other, at=at(), said=said)
    with pytest.raises(Forbidden):
        change_place(actor=other, at=at(), place_id=place.pk, said=said)
    with pytest.raises(Forbidden):
        end_place(actor=other, at=at(), place_id=place.pk)


def test_names_are_written_anew_not_twice(add):
    place = add("point", "天坛公园", aliases=["天坛", "天坛公园"])
    count = PlaceName.objects.count()
    write_names([place])
    assert PlaceName.objects.count() == count == 2


# ---------------------------------------------------------------- import

HEADER = "类型,标准名称,别名,曾用名,编码,经度,纬度,启用日期,停用日期\n"


def table(*rows):
    lon, lat = point(0, 0)
    return HEADER + "".join(row.format(lon=lon, lat=lat) + "\n" for row in rows)


@pytest.fixture
def take_in(office):
    """`take_in(text, dry=True)`: the job as it ended."""

    def run(text, dry=False, encoding="utf-8"):
        job = enqueue_job(
            actor=office, at=timezone.now(), kind="parts.places", title="地名",
            arguments={"dry_run": dry},
            file=SimpleUploadedFile("places.csv", text.encode(encoding)),
        )  # fmt: skip
        return run_job(job_id=job.pk)

    return run


GOOD = (
    "兴趣点,天坛公园,天坛、祭天坛,,,{lon},{lat},2020-01-01,",
    "门楼牌,天坛东里1号,,,M90001,{lon},{lat},2020年1月1日,2030/12/31",
)


def counts(job):
    assert job.state == "done", job.error
    return {name: job.result[name] for name in ("new", "changed", "unchanged", "refused")}


def test_a_dry_run_writes_nothing_and_says_what_it_would(take_in):
    assert counts(take_in(table(*GOOD), dry=True)) == {
        "new": 2, "changed": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert not Place.objects.exists()


def test_the_same_table_twice_changes_nothing(take_in):
    assert counts(take_in(table(*GOOD)))["new"] == 2
    before = list(Place.objects.order_by("pk").values())
    assert counts(take_in(table(*GOOD))) == {
        "new": 0, "changed": 0, "unchanged": 2, "refused": 0,
    }  # fmt: skip
    assert list(Place.objects.order_by("pk").values()) == before
    assert first("祭天坛") == ("天坛公园", "exact")
    assert Place.objects.get(code="M90001").valid_to == date(2030, 12, 31)


def test_a_row_changes_the_place_of_its_code(take_in):
    take_in(table(*GOOD))
    changed = "门楼牌,天坛东里甲1号,,天坛东里1号,M90001,{lon},{lat},2020-01-01,"
    assert counts(take_in(table(changed)))["changed"] == 1
    assert first("天坛东里1号") == ("天坛东里甲1号", "exact")


def test_every_fault_is_named_by_line_column_and_reason(take_in):
    job = take_in(
        table(
            GOOD[0],
            "古迹,x,,,,{lon},{lat},,",
            "兴趣点,,,,,{lon},{lat},,",
            "兴趣点,东经,,,,abc,{lat},,",
            "兴趣点,境外,,,,100.0,30.0,,",
            "兴趣点,日期,,,,{lon},{lat},去年,",
            "兴趣点,倒置,,,,{lon},{lat},2020-01-01,2019-01-01",
            GOOD[0],
        )
    )
    assert counts(job) == {"new": 1, "changed": 0, "unchanged": 0, "refused": 7}
    with default_storage.open(job.outputs[0]["file"]) as kept:
        lines = kept.read().decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["3", "类型"], ["4", "标准名称"], ["5", "经度"], ["6", "经度"], ["7", "启用日期"],
        ["8", "停用日期"], ["9", "标准名称"],
    ]  # fmt: skip


def test_a_table_in_gb18030_is_read(take_in):
    assert counts(take_in(table(*GOOD), encoding="gb18030"))["new"] == 2
    assert first("天坛") == ("天坛公园", "exact")


@pytest.mark.parametrize("text", ["类型,标准名称\n兴趣点,x\n", "", "\x00\x01"])
def test_a_table_that_lacks_columns_is_refused_in_words(take_in, text):
    job = take_in(text)
    assert job.state == "failed"
    assert job.error


def test_a_name_like_a_formula_is_written_as_text(take_in):
    job = take_in(table("=1+1,x,,,,{lon},{lat},,"))
    with default_storage.open(job.outputs[0]["file"]) as kept:
        assert "'=1+1" in kept.read().decode("utf-8-sig")


# ---------------------------------------------------------------- API and pages


@pytest.fixture
def of(api, district):
    return api.of(district.user("acceptor-1"))


def test_the_api_answers_ranked_places(of, town):
    said = of.get("/api/v1/geocode/", {"q": "和平里", "limit": 3})
    assert said.status_code == 200
    assert said.body["query"] == "和平里"
    best = said.body["results"][0]
    assert (best["name"], best["kind"], best["way"], best["matched"]) == (
        "和平里", "plot", "exact", "和平里",
    )  # fmt: skip
    assert best["street"] == {"code": "110101001", "name": "东华门街道"}
    assert len(said.body["results"]) == 3
    scores = [one["score"] for one in said.body["results"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": " "}, {"q": "x", "limit": "0"}, {"q": "x", "limit": "21"},
              {"q": "x", "limit": "a"}, {"q": "x", "limit": "9" * 40}],
)  # fmt: skip
def test_the_api_refuses_questions_that_are_none(of, query):
    said = of.get("/api/v1/geocode/", query)
    assert said.status_code == 400
    assert set(said.body["fields"]) & {"q", "limit"}


def test_the_api_tells_what_a_point_is_called(of, town, district):
    lon, lat = point(0, 0)
    said = of.get("/api/v1/reverse/", {"lon": lon, "lat": lat})
    assert said.body["cell"] == district.cells[0, 0].code
    assert said.body["community"]["name"] == "多福巷社区"
    assert {"name", "distance_m", "kind", "lon", "lat"} <= said.body["places"][0].keys()
    outside = of.get("/api/v1/reverse/", {"lon": 100, "lat": 30})
    assert (outside.status_code, outside.body["code"]) == (400, "outside_district")
    assert of.get("/api/v1/reverse/", {"lon": "x", "lat": 30}).status_code == 400


def test_the_geocoder_wants_a_login(api, district):
    for path in ("/api/v1/geocode/?q=x", "/api/v1/reverse/?lon=116.4&lat=39.9"):
        assert api.get(path).status_code == 401


def test_who_asks_too_much_is_told_when_to_come_again(of, town, monkeypatch):
    from parts.place_api import LookUpThrottle

    monkeypatch.setattr(LookUpThrottle, "rate", "2/min")
    for _turn in range(2):
        assert of.get("/api/v1/geocode/", {"q": "天坛"}).status_code == 200
    said = of.get("/api/v1/geocode/", {"q": "天坛"})
    assert (said.status_code, said.body["code"]) == (429, "too_many")
    assert said.body["kept"]["retry_after_s"] > 0


@pytest.fixture
def page(browser_client, district):
    browser_client.enter(district.user("administrator"))
    return browser_client


def test_the_list_finds_places_by_words_kind_and_validity(page, town, office):
    ended = Place.objects.get(standard_name="北京站")
    end_place(actor=office, at=at(), place_id=ended.pk, on=TODAY - timedelta(days=400))
    for query, names in (
        ("q=天坛", {"天坛公园"}), ("q=ttgy", {"天坛公园"}), ("kind=door", {"和平里北街18号"}),
        ("state=ended", {"北京站"}), ("q=不存在的", set()),
    ):  # fmt: skip
        html = page.get(f"/district/places/?{query}").content.decode()
        for name in Place.objects.values_list("standard_name", flat=True):
            assert (f">{name}</a>" in html) == (name in names), (query, name)


def test_pages_of_the_list_follow_each_other(page, office, monkeypatch, add):
    from parts.selectors import place_lists

    for n in range(5):
        add("door", f"测试胡同{n}号", x=0.1 + n / 10)
    monkeypatch.setattr(place_lists.list_places, "__kwdefaults__", {"cursor": "", "size": 2})
    codes, address = [], "/district/places/"
    seen = place_lists.list_places(place_lists.PlaceFilter(), on=TODAY)
    while True:
        codes += [row.code for row in seen.rows]
        if not seen.next:
            break
        seen = place_lists.list_places(place_lists.PlaceFilter(), on=TODAY, cursor=seen.next)
    assert codes == [f"M{n:05d}" for n in range(1, 6)]
    back = place_lists.list_places(place_lists.PlaceFilter(), on=TODAY, cursor=seen.previous)
    assert [row.code for row in back.rows] == codes[2:4]
    assert page.get(f"{address}?cursor=x").status_code == 400


def test_the_list_needs_as_many_queries_for_many_places_as_for_few(
    page, add, django_assert_max_num_queries
):
    for count in (3, 27):
        for n in range(count):
            add("door", f"测试胡同{count}之{n}号", x=0.02 + n / 30)
        with django_assert_max_num_queries(6):
            page.get("/district/places/")


def test_a_place_is_added_changed_and_ended_by_its_pages(page, district):
    lon, lat = point(0, 0)
    said = {"kind": "point", "name": "天坛公园", "aliases": "天坛，祭天坛", "lon": lon, "lat": lat}
    assert page.post("/district/places/new/", said).status_code == 302
    place = Place.objects.get()
    assert place.aliases == ["天坛", "祭天坛"]
    form = page.get(f"/district/places/{place.pk}/").context["form"]
    assert form["aliases"].value() == "天坛、祭天坛"
    changed = said | {"name": "天坛", "aliases": "", "seen": form["seen"].value()}
    assert page.post(f"/district/places/{place.pk}/", changed).status_code == 302
    stale = page.post(f"/district/places/{place.pk}/", changed | {"name": "又一个名字"})
    assert stale.status_code == 409
    assert "又一个名字" in stale.content.decode()
    assert page.post(f"/district/places/{place.pk}/end/").status_code == 302
    place.refresh_from_db()
    assert (place.standard_name, place.valid_to) != ("天坛", None)


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"lon": ""}, {"lon": "100", "lat": "30"}, {"kind": "moon"},
              {"valid_from": "2026-02-01", "valid_to": "2026-01-01"}],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(page, district, wrong):
    lon, lat = point(0, 0)
    said = {"kind": "point", "name": "天坛公园", "lon": lon, "lat": lat}
    answer = page.post("/district/places/new/", said | wrong)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) & set(wrong)
    assert not Place.objects.exists()


def test_a_table_is_judged_first_and_written_after(page, district):
    file = SimpleUploadedFile("places.csv", table(*GOOD).encode())
    asked = page.post("/district/places/import/", {"file": file})
    job_id = int(asked["Location"].strip("/").rpartition("/")[2])
    run_job(job_id=job_id)
    assert not Place.objects.exists()
    html = page.get(asked["Location"]).content.decode()
    assert f"/district/places/import/{job_id}/" in html
    asked = page.post(f"/district/places/import/{job_id}/")
    assert run_job(job_id=int(asked["Location"].strip("/").rpartition("/")[2])).state == "done"
    assert Place.objects.count() == 2
    again = page.post(f"/district/places/import/{int(job_id) + 1}/")
    assert again.status_code == 409


def test_the_sample_table_can_be_taken_in(page, district):
    text = page.get("/district/places/import/sample.csv").content.decode("utf-8-sig")
    assert text.splitlines()[0] == HEADER.strip()
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize("path", ["", "new/", "1/", "import/", "import/sample.csv"])
def test_the_pages_of_places_are_the_administrators(browser_client, district, path):
    browser_client.enter(district.user("dispatcher-1"))
    assert browser_client.get(f"/district/places/{path}").status_code == 403
