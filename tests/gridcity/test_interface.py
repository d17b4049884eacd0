"""What templates say: lamps with a word and an icon, time in words, menus of a role's pages."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone, translation

from cases.workflow import State
from gridcity.contracts import Refused, Role
from gridcity.models import User
from gridcity.templatetags import charts
from gridcity.templatetags import gridcity_ui as ui
from gridcity.templatetags.ui_words import WORDS
from gridcity.times import LAMPS

SCRIPTS = Path(settings.BASE_DIR, "static", "gridcity", "js")


def rendered(text: str, **context: object) -> str:
    return engines["django"].from_string("{% load gridcity_ui %}" + text).render(context)


@pytest.mark.parametrize(
    ("used_up", "key"), [(-60, "green"), (-10, "yellow"), (0, "yellow"), (1, "red")]
)
def test_a_lamp_turns_by_its_instants_and_never_speaks_by_colour_alone(used_up, key):
    now = timezone.now()
    due = now - timedelta(minutes=used_up)
    html = ui.lamp(due_at=due, green_until=due - timedelta(minutes=30), now=now)
    face = LAMPS[key]
    assert f"gc-lamp-{key}" in html
    assert f"bi-{face.icon}" in html
    assert str(face.word) in html
    assert len({each.icon for each in LAMPS.values()}) == 3


def test_a_clock_that_stands_shows_no_time_left():
    assert "data-gc-left" not in ui.lamp()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than 1 min"),
        (59, "less than 1 min"),
        (60, "1 min"),
        (3600, "1 h"),
        (8100, "2 h 15 min"),
        (86400, "1 d"),
        (97_200, "1 d 3 h"),
        (-8100, "2 h 15 min"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_parts(seconds, words):
    with translation.override("en"):
        assert ui.duration(seconds) == words
        assert ui.duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_badge_with_its_word(state):
    assert str(state.label) in ui.state(state.value)


def test_what_a_user_typed_cannot_become_markup():
    html = rendered("{% state key label=words %}{% lamp left=words %}", key="TO_FILE", words="<b>")
    assert "<b>" not in html


def test_the_shortcuts_of_a_query_span_whole_days_and_months():
    today, week, month, last = ui.date_spans()
    assert today.first == today.last == month.last
    assert week.first <= today.first
    assert month.first.endswith("-01")
    assert last.first.endswith("-01")
    assert last.last < month.first


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (
            Role.SUPERVISOR,
            {"/patrol/", "/patrol/tasks/", "/scores/own/", "/misses/", "/dashboard/indicators/"},
        ),
        (
            Role.ADMINISTRATOR,
            {
                "/ledgers/",
                "/guarantees/",
                "/schemes/",
                "/admin/",
                "/dashboard/indicators/",
                "/routing/",
                "/selfcheck/",
                "/jobs/",
                "/api/docs/",
                "/district/parts/",
                "/district/proposals/",
                "/district/censuses/",
                "/district/imports/",
                "/district/grid/",
                "/district/patrols/",
                "/district/catalogue/",
                "/district/standards/",
                "/district/places/",
            },
        ),
        (Role.CLIENT, {"/api/docs/"}),
    ],
)
def test_the_menu_holds_the_pages_of_a_role_and_no_other(role, pages):
    request = RequestFactory().get("/")
    request.user = User(username="one", roles=[role])
    lines = [line for group in ui.menu({"request": request}) for line in group["lines"]]
    assert {line["url"] for line in lines} == pages


def test_the_box_that_is_open_is_marked_in_the_menu():
    request = RequestFactory().get("/cases/", {"box": "done"})
    request.user = User(username="one", roles=[Role.ACCEPTOR])
    lines = [line for group in ui.menu({"request": request}) for line in group["lines"]]
    assert [(line["box"], line["current"]) for line in lines if line["current"]] == [
        ("done", "page")
    ]


@pytest.mark.parametrize(
    ("role", "path", "entry", "mark"),
    [
        (Role.ADMINISTRATOR, "/district/grid/", "/district/grid/", "page"),
        (Role.ADMINISTRATOR, "/district/grid/7/import/", "/district/grid/", "true"),
        (Role.ADMINISTRATOR, "/district/cells/110101001001001/", "/district/grid/", "true"),
        (Role.ADMINISTRATOR, "/district/parts/1101010101000001/", "/district/parts/", "true"),
        (Role.ADMINISTRATOR, "/district/catalogue/crosswalk/", "/district/catalogue/", "true"),
        (Role.ADMINISTRATOR, "/selfcheck/cells-without-patrol/", "/selfcheck/", "true"),
        (Role.DUTY_CHIEF, "/cases/11010120260000001/", "/cases/all/", "true"),
        (Role.DEPARTMENT, "/scores/mine/rows/", "/scores/mine/", "true"),
        (Role.DUTY_CHIEF, "/scores/people/3/", "/scores/", "true"),
    ],
)
def test_an_inner_page_marks_the_entry_of_its_section(role, path, entry, mark):
    request = RequestFactory().get(path)
    request.user = User(username="one", roles=[role])
    request.resolver_match = resolve(path)
    lines = [line for group in ui.menu({"request": request}) for line in group["lines"]]
    marked = [(line["url"], line["current"]) for line in lines if line["current"]]
    assert marked == [(entry, mark)]


def test_a_page_of_no_section_marks_nothing_in_the_menu():
    request = RequestFactory().get("/district/cells/110101001001001/")
    request.user = User(username="one", roles=[Role.OFFICIAL])
    request.resolver_match = resolve(request.path)
    lines = [line for group in ui.menu({"request": request}) for line in group["lines"]]
    assert not [line for line in lines if line["current"]]


def test_the_table_below_a_chart_has_all_its_figures():
    chart = {
        "categories": ["a", "b"],
        "series": [{"data": [1, 2], "urls": ["/1", "/2"]}, {"data": [3, 4]}],
    }
    rows = charts.chart_rows(chart)
    assert rows == [("a", [(1, "/1"), (3, "")]), ("b", [(2, "/2"), (4, "")])]
    lines = charts.chart_lines(chart | {"categories": ["<a>", "b"], "unit": " %"})
    assert lines.startswith(
        '<tr><th scope="row">&lt;a&gt;</th><td class="gc-num"><a href="/1">1</a>'
    )
    assert lines.endswith('<td class="gc-num">4 %</td></tr>')


def test_the_map_knows_its_feeds_and_where_its_tiles_are():
    feeds = json.loads(ui.map_feeds())
    assert {"district", "streets", "roads", "cells", "locate", "counts", "open"} <= feeds.keys()
    assert feeds["tiles"].keys() == {"parts", "cells", "streets"}
    assert all("/{z}/{x}/{y}.mvt?v={v}" in address for address in feeds["tiles"].values())


def test_every_word_that_scripts_ask_for_is_there():
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    used = {key for key in WORDS if f'"{key}"' in scripts}
    by_part = {key for key in WORDS if any(f"`{key[:n]}${{" in scripts for n in range(len(key)))}
    assert used | by_part == set(WORDS)


@pytest.mark.parametrize(
    "code", ["stale_version", "not_allowed", "forbidden", "too_many", "not_found", "invalid"]
)
def test_a_refusal_says_what_happened_and_its_number(code):
    refusal = Refused("Sentence.", code=code, kept={"by": "Li", "retry_after_s": 30})
    html = render_to_string("gridcity/refused.html", {"refusal": refusal, "request_id": "ab12"})
    assert "Sentence." in html
    assert "ab12" in html
    assert "data-gc-back" in html


@pytest.mark.parametrize("name", ["not_found", "server_error", "locked_out"])
def test_pages_of_errors_stand_without_user_session_and_database(name):
    html = render_to_string(f"gridcity/{name}.html", {"request_id": "ab12"})
    assert "<h1>" in html
