"""Every number stands under a head that opens what it means; one dialog is filled on demand."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone

from assessment.indicators import INDICATORS
from assessment.ledgers import LEDGERS
from assessment.models import Scheme, SnapshotKind
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from gridcity.contracts import Role
from tests.assessment.test_pages import Links, a_few_cases
from tests.assessment.test_replays import fails
from tests.district import USER_OF_ROLE, at

LINK = re.compile(r'<a class="gc-define[^"]*" href="([^"]+)" aria-haspopup="dialog"')
LISTED = re.compile(r"(?:/dashboard/list/|/rows/)\?(?:[^#]*&)?figure=([a-z_0-9]+)")
JULY = at("12:00", on="2026-07-15")


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


def defined_in(html):
    """Kind and key of everything that a page defines, with its addresses."""
    found = {}
    for href in LINK.findall(html):
        kind, key = re.match(r"/dashboard/defined/([a-z]+)/([^/]+)/", href).groups()
        found[kind, key] = unescape(href)
    return found


def explained_by(keys, registry):
    """A share explains its whole as well."""
    return keys | {registry[key].of for key in keys}


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.OFFICIAL, "/dashboard/?period=week"),
        (Role.OFFICIAL, "/dashboard/trends/?period=week&trend=filed&trend=filed_in_time"),
        (Role.OFFICIAL, "/dashboard/rankings/?period=week"),
        (Role.OFFICIAL, "/dashboard/busiest/?period=week"),
        (Role.OFFICIAL, "/dashboard/stages/?period=week"),
        (Role.OFFICIAL, "/dashboard/map/?period=week&shade=filed_in_time&level=street"),
        (Role.OFFICIAL, "/dashboard/list/?figure=closed_in_time&period=week"),
        (Role.DEPARTMENT, "/scores/mine/?period=week"),
        (Role.SUPERVISOR, "/scores/own/?period=week"),
        (Role.ACCEPTOR, "/scores/own/?period=week"),
        (Role.DISPATCHER, "/scores/own/?period=week"),
    ],
)
def test_every_number_that_opens_a_list_is_defined_on_its_page(page, make_case, role, path):
    a_few_cases(make_case)
    html = page(role, path)
    defined = {key for kind, key in defined_in(html) if kind == "figure"}
    opened = {
        found.group(1) for href, _words in Links(html).found if (found := LISTED.search(href))
    }
    assert opened
    assert opened - {"stage_ended"} <= explained_by(defined, INDICATORS)


def test_a_page_defines_heads_and_not_cells(page, make_case):
    a_few_cases(make_case)
    html = page("official", "/dashboard/?period=week")
    assert LINK.search(html)
    assert not re.search(r"<td[^>]*>\s*<a class=\"gc-define", html)
    assert "gc-defined-words" not in html  # the words come when somebody asks


@pytest.mark.parametrize("path", ["/ledgers/", "/ledgers/returned/", "/ledgers/months/"])
def test_ledgers_and_their_wholes_are_defined(page, make_case, path):
    a_few_cases(make_case)
    html = page("official", f"{path}?period=week")
    defined = {key for kind, key in defined_in(html) if kind == "ledger"}
    chips = html.replace("gc-chip", "")
    numbers = re.findall(r'href="/ledgers/([a-z_]+)/\?[^"]*"[^>]*>[\d,]+', chips)
    assert defined
    assert set(numbers) <= explained_by(defined, LEDGERS)


def test_times_of_stages_are_defined_by_clock_and_working_time(page, make_case):
    a_few_cases(make_case)
    found = defined_in(page("official", "/dashboard/stages/?period=week"))
    assert {key for kind, key in found if kind == "stage"} == {
        "ended", "clock-mean", "clock-median", "clock-p90",
        "working-mean", "working-median", "working-p90",
    }  # fmt: skip


def asked(client, href):
    response = client.get(href, headers={"HX-Request": "true"})
    assert response.status_code == 200, href
    words = unescape(response.content.decode())
    assert "<html" not in words
    return words


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("official", "/dashboard/?period=last_month"),
        ("official", "/dashboard/stages/?period=week"),
        ("official", "/ledgers/?period=week"),
        ("administrator", "/ledgers/?period=week"),
        ("department", "/scores/mine/?period=week"),
        ("supervisor", "/scores/own/?period=week"),
    ],
)
def test_each_reader_gets_every_definition_of_his_page_with_its_data_time(
    page, browser_client, make_case, role, path
):
    a_few_cases(make_case)
    found = defined_in(page(role, path))
    assert found
    for href in found.values():
        words = asked(browser_client, href)
        assert "2026-06-10 11:00:00" in words
        assert "时间段" in words
        assert "方案" in words


def test_a_rate_says_formula_whole_time_base_and_what_is_left_out(page, browser_client, clock):
    page("official", "/dashboard/")
    clock.now = at("15:00")
    words = asked(
        browser_client,
        "/dashboard/defined/figure/closed_in_time/?period=month&as_of=2026-06-10T11:00:00%2B08:00",
    )
    assert f"{INDICATORS['closed_in_time'].label} ÷ {INDICATORS['need_close'].label}" in words
    assert str(INDICATORS["need_close"].definition) in words
    assert "作废、合并的案件" in words
    assert "2026-06-01 – 2026-06-30" in words
    assert "2026-06-10 11:00:00" in words  # the page's data time, not the instant of the question


def test_scores_define_columns_and_terms_by_their_own_scheme(walked, district, browser_client):
    while refresh_facts():
        pass
    snapshot = make_snapshot(
        name="2026-06", scheme_key="department", kind=SnapshotKind.PROVISIONAL, at=JULY
    )
    for path, user in (
        (f"/scores/{snapshot.pk}/", "official-1"),
        (f"/scores/{snapshot.pk}/s201/", "official-1"),
        ("/scores/mine/", USER_OF_ROLE[Role.DEPARTMENT]),
    ):
        browser_client.enter(district.user(user))
        found = defined_in(browser_client.get(path).content.decode())
        snapshots = {key: href for (kind, key), href in found.items() if kind == "snapshot"}
        assert f"{snapshot.pk}.total" in snapshots
        assert any(".term-" in key for key in snapshots)
        for href in found.values():
            words = asked(browser_client, href)
            if "snapshot" in href:
                assert f"{timezone.localtime(snapshot.as_of):%Y-%m-%d %H:%M:%S}" in words
                assert snapshot.scheme.name in words
                assert f"{snapshot.scheme.version}" in words


def heads_of(html):
    """How many heads stand over numbers, and how many of them define what they mean."""
    heads = re.findall(r'<th scope="col" class="gc-num[^"]*">(.*?)</th>', html)
    return len(heads), sum("data-gc-define" in head for head in heads)


def test_trials_define_every_head_by_what_is_tried_and_what_it_stands_beside(
    walked, district, browser_client
):
    while refresh_facts():
        pass
    scheme = Scheme.objects.get(key="department")
    tried = "period=2026-06&weight-handled=20&weight-in_time=40"
    browser_client.enter(district.user("official-1"))
    for path in (f"/schemes/{scheme.pk}/try/?{tried}", f"/schemes/{scheme.pk}/try/s201/?{tried}"):
        html = browser_client.get(path).content.decode()
        heads, defined = heads_of(html)
        assert heads == defined > 2
        found = defined_in(html)
        kinds = {kind for kind, _key in found}
        assert {"trial", "scheme"} <= kinds
        for (kind, key), href in found.items():
            words = asked(browser_client, href)
            assert "2026-06-01 – 2026-06-30" in words
            assert "2026-07-11 00:00:00" in words  # the final data time of June
            assert ("按试算的权重和分段" in words) == (kind == "trial")
            if kind == "trial" and key.endswith(".total"):
                assert "结案率（处置率） × 20 %" in words
            if kind == "scheme" and key.endswith(".total"):
                assert "结案率（处置率） × 30 %" in words


def test_what_cannot_be_tried_has_no_meaning(page, district):
    scheme = Scheme.objects.get(key="department")
    path = f"/dashboard/defined/trial/{scheme.pk}.total/?period=2026-06"
    page("official", path)
    page("official", f"{path}&weight-handled=99", 404)
    page("official", f"/dashboard/defined/trial/{scheme.pk}.nonsense/?period=2026-06", 404)
    page(Role.SUPERVISOR, path, 404)


@pytest.mark.parametrize("as_of", ["then", "now"])
def test_a_recomputed_snapshot_defines_what_it_was_and_what_it_is(
    walked, district, browser_client, as_of
):
    while refresh_facts():
        pass
    snapshot = make_snapshot(
        name="2026-06", scheme_key="department", kind=SnapshotKind.PROVISIONAL, at=JULY
    )
    fails(walked)
    while refresh_facts():
        pass
    browser_client.enter(district.user("official-1"))
    html = browser_client.get(f"/scores/{snapshot.pk}/replay/?as_of={as_of}").content.decode()
    found = defined_in(html)
    if as_of == "then":
        assert heads_of(html) == (0, 0)  # nothing has moved
        return
    assert heads_of(html) == (4, 4)
    before, after = ("snapshot", f"{snapshot.pk}.total"), ("scheme", f"{snapshot.scheme_id}.total")
    assert {before, after, ("figure", "rework")} <= set(found)
    assert ("scheme", f"{snapshot.scheme_id}.moved") in found
    for (kind, _key), href in found.items():
        data_time = "2026-07-01 00:00:00" if kind == "snapshot" else "2026-07-15 12:00:00"
        assert data_time in asked(browser_client, href)


def test_a_term_says_by_which_version_of_a_definition_it_was_counted(
    walked, district, browser_client
):
    while refresh_facts():
        pass
    snapshot = make_snapshot(
        name="2026-06", scheme_key="department", kind=SnapshotKind.PROVISIONAL, at=JULY
    )
    browser_client.enter(district.user("official-1"))
    words = asked(browser_client, f"/dashboard/defined/snapshot/{snapshot.pk}.term-rework/")
    rework, checked = INDICATORS["rework"], INDICATORS["finishes_checked"]
    said = f"{rework.label} {rework.version}；{checked.label} {checked.version}"
    assert f"<dt>指标口径版本</dt><dd>{said}</dd>" in words


def test_a_department_is_told_nothing_of_a_snapshot_that_does_not_score_it(
    walked, district, browser_client
):
    while refresh_facts():
        pass
    snapshot = make_snapshot(
        name="2026-06", scheme_key="acceptor", kind=SnapshotKind.PROVISIONAL, at=JULY
    )
    browser_client.enter(district.user(USER_OF_ROLE[Role.DEPARTMENT]))
    path = f"/dashboard/defined/snapshot/{snapshot.pk}.total/"
    assert browser_client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["figure/nonsense", "ledger/nonsense", "stage/clock", "planet/filed", "snapshot/1.total",
     "snapshot/x.total", "snapshot/99999999999.total"],
)  # fmt: skip
def test_an_unknown_meaning_is_not_found(page, path):
    page("official", f"/dashboard/defined/{path}/", 404)


def test_without_script_the_meaning_is_a_page_of_its_own(page):
    html = page("official", "/dashboard/defined/figure/filed/?period=week")
    assert "<html" in html
    assert str(INDICATORS["filed"].definition) in html
    page(Role.CLIENT, "/dashboard/defined/figure/filed/", 403)
