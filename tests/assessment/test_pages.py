"""The pages of figures: who reads them, what they cost, where each number leads."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.indicators import INDICATORS
from assessment.selectors import dashboard, summed
from assessment.services.facts import rebuild_facts
from cases.models import Case
from cases.services.reporting import ReporterInput
from gridcity.contracts import Role
from tests.district import USER_OF_ROLE, at

READERS = (Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER)
PAGES = ("/dashboard/", "/dashboard/list/?figure=open")
HANDBOOK = "/dashboard/indicators/"
CELLS = "/map/cells/open/"
MOST_QUERIES = 21


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


class Links(HTMLParser):
    """The links of a page with their words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self._href = dict(attrs).get("href") or ""
            self.found.append((self._href, ""))

    def handle_endtag(self, tag):
        if tag == "a":
            self._href = ""

    def handle_data(self, data):
        if self._href:
            href, words = self.found[-1]
            self.found[-1] = (href, words + data.strip())


def a_few_cases(make_case):
    make_case("REPORTED", reported_at=at("08:00"))
    make_case("HANDLING", reported_at=at("08:00", on="2026-06-09"), cell=(0, 3))
    make_case("TO_CHECK", reported_at=at("09:00"), entry="small_advert")
    make_case("CLOSED", reported_at=at("09:00"), cell=(1, 2))
    rebuild_facts()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_officials_duty_chiefs_and_dispatchers_read_figures_and_nobody_else(page, role, path):
    page(role, path, 200 if role in READERS else 403)


@pytest.mark.parametrize("path", [*PAGES, HANDBOOK, CELLS])
def test_without_a_login_there_is_nothing_to_read(client, db, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("gridcity:login"))


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_cells_are_shaded_for_whoever_works_with_cases(page, role):
    page(role, CELLS, 403 if role in {Role.ADMINISTRATOR, Role.CLIENT} else 200)


def test_the_shading_counts_open_cases_by_the_code_of_their_cell(page, make_case, district):
    make_case("REPORTED")
    make_case("HANDLING")
    make_case("CLOSED")
    code = district.cells[1, 1].code
    answer = page("official", CELLS)
    assert f'"counts": {{"{code}": 2}}' in answer
    # The command side sees filed cases only.
    assert f'"counts": {{"{code}": 1}}' in page("dispatcher", CELLS)


def test_every_number_of_the_page_leads_to_a_list_of_that_length(page, make_case):
    a_few_cases(make_case)
    links = {
        (href, words.replace(",", ""))
        for href, words in Links(page("official", "/dashboard/?period=week")).found
        if href.startswith("/dashboard/list/")
    }
    numbers = [(href, int(words)) for href, words in links if words.isdigit()]
    assert len(numbers) > 30
    assert any(count for _href, count in numbers)
    for href, count in numbers:
        assert f'data-gc-total="{count}"' in page("official", href), href


def test_a_rate_is_written_with_both_its_counts(page, make_case):
    a_few_cases(make_case)
    html = page("official", "/dashboard/?period=week")
    assert re.search(r'data-gc-figure="handled_in_time">\d+\.\d\d %</a>', html)
    empty = page("official", "/dashboard/?period=last_month")
    assert 'data-gc-figure="handled_in_time">–</a>' in empty


def test_the_first_page_counts_the_figures_that_it_shows_and_no_others(
    page, make_case, monkeypatch
):
    a_few_cases(make_case)
    counted = []

    def figures_by(state, actor, period, dimensions, keys):
        counted.append(keys)
        return summed.figures_by(state, actor, period, dimensions, keys)

    monkeypatch.setattr(dashboard, "figures_by", figures_by)
    shown = set(
        re.findall(r"/dashboard/list/\?[^\"]*figure=(\w+)", page("official", "/dashboard/"))
    )
    assert counted[0] == shown
    assert all(keys < shown for keys in counted[1:])


@pytest.mark.parametrize("path", [*PAGES, HANDBOOK, CELLS])
def test_a_page_costs_the_same_few_queries_with_many_cases(page, make_case, path):
    make_case("HANDLING")
    page("official", path)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            page("official", path)
        login = ("SAVEPOINT", "INSERT", "UPDATE")
        return [each["sql"] for each in caught if not each["sql"].startswith(login)]

    few = queries()
    for number in range(8):
        make_case("TO_CHECK" if number % 2 else "REPORTED", cell=(number % 3, number % 4))
    many = queries()
    assert len(many) <= len(few) <= MOST_QUERIES


@pytest.mark.parametrize(
    "query", ["period=someday", "since=2026-02-30", "since=2026-06-10&until=2026-06-01"]
)
def test_a_period_that_is_none_is_said_on_the_page_that_is_shown_all_the_same(page, query):
    html = page("official", f"/dashboard/?{query}", status=400)
    assert 'data-gc-figure="reported"' in html
    assert "gc-errors" in html


@pytest.mark.parametrize(
    ("role", "query", "status"),
    [
        ("official", "figure=nothing", 404),
        ("official", "", 404),
        ("dispatcher", "figure=reported", 404),
        ("official", "figure=open&cursor=x", 400),
        ("official", "figure=open&state=LATE", 400),
        ("official", "figure=open&department=s201", 400),
        ("official", "figure=open&period=x", 400),
        ("official", "figure=open&street=%00", 200),
        ("official", "figure=open&street=none", 200),
    ],
)
def test_a_list_that_does_not_exist_is_refused_clearly(page, role, query, status):
    page(role, f"/dashboard/list/?{query}", status)


@pytest.mark.parametrize("narrowed", ["street=999999999", "community=999999999999",
                                      "class=CJT214-2007:event:9999"])  # fmt: skip
@pytest.mark.parametrize("figure", ["open", "need_dispatch", "closed_in_time", "stage_ended"])
def test_a_list_of_what_there_is_not_is_empty(page, make_case, narrowed, figure):
    a_few_cases(make_case)
    for role in ("official", "dispatcher"):
        html = page(role, f"/dashboard/list/?figure={figure}&period=month&{narrowed}")
        assert "data-gc-case" not in html


def test_a_list_says_to_what_it_is_narrowed_and_how_to_widen_it(page, make_case, district):
    a_few_cases(make_case)
    html = page("official", "/dashboard/list/?figure=open&street=110101002&period=month")
    assert district.streets["110101002"].name in html
    assert "/dashboard/list/?period=month&figure=open" in html
    assert Case.objects.get(cell=district.cells[0, 3]).number in html


def test_no_list_names_a_reporter(page, make_case):
    make_case(
        "CLOSED", by="acceptor-1", source="LEADER",
        reporter=ReporterInput(name="王小明", phone="13800138000", may_call=True),
        description="王小明来电 13800138000", reported_at=at("08:00"),
    )  # fmt: skip
    for figure in INDICATORS:
        html = page("official", f"/dashboard/list/?figure={figure}&period=month")
        assert "王小明" not in html
        assert "13800138000" not in html


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_the_handbook_is_open_to_whoever_is_scored_and_whoever_writes_schemes(page, role):
    html = page(role, HANDBOOK, 403 if role == Role.CLIENT else 200)
    if role == Role.CLIENT:
        return
    assert 'id="valid_patrol"' in html, "also what the command side counts no case of"
    assert ('href="/dashboard/"' in html) is (role in READERS)
    assert f'href="{HANDBOOK}"' in html, "the menu leads there"


def test_every_figure_has_its_definition_at_its_own_address(page):
    html = page("official", HANDBOOK)
    for key in INDICATORS:
        assert f'id="{key}"' in html
