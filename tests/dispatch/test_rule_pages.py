"""The pages of the routing rules: who enters, what they cost, where each number leads."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from cases.workflow import State
from dispatch.models import RoutingRule
from jobs.models import Job
from jobs.running import run_job
from tests.dispatch.test_rules import dispatched, draft, reassign, rubbish
from tests.district import USER_OF_ROLE, TestDistrict, at
from tests.factories import start

PAGES = (
    "/routing/",
    "/routing/coverage/",
    "/routing/coverage/?kind=part&on=2027-01-01&drafts=on&gaps=on",
    "/routing/coverage/cells/?kind=event&code=0102&street=110101001",
    "/routing/overlaps/",
    "/routing/try/",
    "/routing/try/?entry=event:0102&cell=110101001001001&at=2026-06-10T23:00",
    "/routing/dry-run/",
    "/routing/accuracy/",
    "/routing/accuracy/dispatches/?month=2026-06",
)
MOST_QUERIES = 16


@pytest.fixture(autouse=True)
def _now(clock: Any) -> None:
    clock.now = at("11:00")


@pytest.fixture
def office(browser_client: Any, district: TestDistrict) -> Any:
    return browser_client.enter(district.user("administrator"))


def words(office: Any, path: str, status: int = 200) -> str:
    response = office.get(path)
    assert response.status_code == status, response.content[:400]
    return unescape(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_enter(browser_client, district, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        expected = 200 if role == "administrator" else 403
        assert browser_client.get(path).status_code == expected, role


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_a_few_queries_however_much_it_shows(
    office, district, path, django_assert_max_num_queries
):
    for _number in range(3):
        reassign(dispatched(district))
    draft(district)
    office.get(path)
    with django_assert_max_num_queries(MOST_QUERIES):
        words(office, path)


def test_a_rule_is_switched_to_automatic_and_back_from_the_list(office, district):
    address = f"/routing/?code=0102&area={rubbish().area_code}"
    assert "环卫中心" in words(office, address)
    url = reverse("dispatch:rule-automatic", args=[rubbish().pk])
    response = office.post(url, {"automatic": "yes", "next": address}, follow=True)
    assert response.redirect_chain[-1][0] == address
    assert rubbish().automatic
    response = office.post(url, {"automatic": "no", "next": "https://elsewhere.example/"})
    assert (response.status_code, response["Location"]) == (302, "/routing/")
    assert not rubbish().automatic


def test_a_gap_leads_to_its_cells(office, district):
    RoutingRule.objects.filter(kind="event", area_code="110101002").update(
        valid_to=date(2026, 1, 1)
    )
    html = words(office, "/routing/coverage/")
    path = "/routing/coverage/cells/?scheme=CJT214-2007&kind=event&on=2026-06-10&code=0501"
    assert f"{path}&street=110101002&gaps=on" in html
    assert "缺 6 格" in html
    listed = words(office, f"{path}&street=110101002&gaps=on")
    assert listed.count("/routing/try/?entry=event:0501&cell=110101002001") == 6
    assert words(office, "/routing/coverage/?gaps=on").count("缺 6 格") == html.count("缺 6 格")
    words(office, path.replace("0501", "9999") + "&street=110101002", 404)
    words(office, f"{path}&street=110101099", 404)


def test_gaps_stand_at_the_head_of_the_administration(office, district):
    assert "无责任单位" not in words(office, "/admin/")
    RoutingRule.objects.filter(kind="part").update(valid_to=date(2026, 1, 1))
    html = words(office, "/admin/")
    assert "24 个“小类×单元网格”无责任单位" in html
    assert "/routing/coverage/?kind=part&gaps=on" in html


def test_drafts_equal_in_all_stand_on_the_page_of_overlaps(office, district):
    assert "没有完全相同的规则" in words(office, "/routing/overlaps/")
    made = draft(district, "d102", replaces=None)
    html = words(office, "/routing/overlaps/")
    assert f"#{made.pk} → 景山街道办事处" in html
    assert f"#{rubbish().pk} → 环卫中心" in html


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("entry=event:0102&cell=110101001001001", "环卫中心"),
        ("entry=event:0501&lon=116.4042&lat=39.9296&placed_by=manual", "景山街道办事处"),
        ("entry=part:0101&part_code=1101010101000001", "自来水公司"),
    ],
    ids=["a cell", "a pin", "a part"],
)
def test_a_place_is_tried_by_cell_pin_or_part(office, district, query, answer):
    html = words(office, f"/routing/try/?{query}")
    assert f'id="answer-title">{answer}' in html


@pytest.mark.parametrize(
    "query",
    [
        "entry=event:0102",
        "entry=event:0102&cell=110101001001999",
        "entry=event:0102&cell=%00",
        "entry=event:9999&cell=110101001001001",
        "entry=event:0102&lon=1&lat=1",
        "entry=part:0101&part_code=x",
        "entry=event:0102&cell=110101001001001&at=soon",
    ],
)
def test_what_cannot_be_tried_is_said_at_its_field(office, district, query):
    html = words(office, f"/routing/try/?{query}", 400)
    assert "answer-title" not in html
    assert "data-gc-errors" in html or "gc-errors" in html


def test_a_dry_run_lists_the_cases_and_publishes_the_drafts(office, district):
    case = start(district=district, state=State.TO_DISPATCH, reported_at=at(on="2026-05-29")).case
    made = draft(district)
    asked = office.post("/routing/dry-run/", {"on": "2026-06-11", "drafts": "on"})
    job = Job.objects.get(kind="dispatch.dry_run")
    address = f"/routing/dry-run/?job={job.pk}"
    assert asked.url == address
    assert "等待" in words(office, address)
    run_job(job_id=job.pk)
    html = words(office, address)
    assert case.number in html
    pair = [district.departments[code].name for code in ("s201", "d101")]
    query = urlencode({"job": job.pk, "from": pair[0], "to": pair[1]})
    assert query in html
    assert case.number in words(office, f"/routing/dry-run/?{query}&cursor=0")
    other = urlencode({"job": job.pk, "from": pair[1], "to": ""})
    assert case.number not in words(office, f"/routing/dry-run/?{other}")
    job.refresh_from_db()
    assert job.result == {"asked": 1, "moved": 1, "pairs": [[*pair, 1]]}
    listed = office.get(reverse("jobs:output", args=[job.pk, "dry-run.csv"]))
    assert case.number in b"".join(listed.streaming_content).decode("utf-8-sig")
    response = office.post("/routing/publish/", {"draft": [made.pk], "next": address}, follow=True)
    assert "已发布 1 条草稿" in response.content.decode()
    made.refresh_from_db()
    assert not made.is_draft


def test_a_day_that_cannot_be_read_asks_for_no_work(office, district):
    response = office.post("/routing/dry-run/", {"on": "soon"})
    assert response.status_code == 400
    assert "<h1>" in response.content.decode()
    assert not Job.objects.exists()


def test_a_draft_that_cannot_be_published_says_why(office, district):
    made = draft(district, replaces=None)
    response = office.post("/routing/publish/", {"draft": [made.pk, "x"]}, follow=True)
    assert f"草稿 #{made.pk}" in response.content.decode()
    assert RoutingRule.objects.drafts().count() == 1


def test_every_figure_of_the_accuracy_opens_its_list(office, district):
    walk = dispatched(district)
    reassign(walk)
    dispatched(district, "d101")
    html = words(office, "/routing/accuracy/")
    for query, count in (
        (f"?month=2026-06&rule={rubbish().pk}", 1),
        (f"?month=2026-06&what=wrong&rule={rubbish().pk}", 1),
        (f"?month=2026-06&what=overruled&rule={rubbish().pk}", 1),
        ("?month=2026-06&what=wrong", 1),
    ):
        assert f"/routing/accuracy/dispatches/{query}" in html
        listed = words(office, f"/routing/accuracy/dispatches/{query}")
        assert f"共 {count} 条" in listed
    assert walk.number in words(office, "/routing/accuracy/dispatches/?month=2026-06&what=wrong")


def test_what_went_without_a_dispatcher_has_an_accuracy_of_its_own(office, district):
    reassign(dispatched(district))
    RoutingRule.objects.filter(pk=rubbish().pk).update(automatic=True)
    reassign(start(district=district, state=State.TO_DISPATCH))
    for _number in range(2):
        start(district=district, state=State.TO_DISPATCH)
    row = words(office, "/routing/accuracy/").partition("<strong>自动派遣</strong>")[2]
    assert "66.7 %" in row.partition("</tr>")[0]
    for query, count in (("what=wrong", 1), ("what=", 3)):
        address = f"/routing/accuracy/dispatches/?month=2026-06&{query}&automatic=yes"
        assert f"共 {count} 条" in words(office, address)
    assert "month=2026-06&what=wrong&automatic=yes" in row.partition("</tr>")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/routing/?state=sometimes",
        "/routing/accuracy/?month=2026-13",
        "/routing/coverage/?on=soon",
    ],
)
def test_what_cannot_be_read_is_said_and_the_page_stands(office, district, path):
    assert "<h1>" in words(office, path, 400)


def test_a_draft_begins_as_a_copy_of_the_rule_it_changes(office, district):
    old = rubbish()
    response = office.get(f"{reverse('admin:dispatch_routingrule_add')}?replaces={old.pk}")
    form = response.context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    assert (values["class_code"], values["area_code"]) == ("0102", "110101001")
    assert (values["is_draft"], values["valid_from"]) == (True, date(2026, 6, 11))
    assert values["replaces"] == old
    assert "/routing/" in words(office, reverse("admin:dispatch_routingrule_changelist"))
