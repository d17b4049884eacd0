"""Trials of schemes: a preview is what the snapshot says later, and a what-if leaves nothing."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from html import unescape
from urllib.parse import urlencode

import pytest

from assessment.models import Scheme, SchemeStep, Snapshot, SnapshotKind, TaskFact
from assessment.quintiles import quintile_bands
from assessment.scheme_rules import faults_of
from assessment.scoring import terms_from
from assessment.selectors.schemes import known_for
from assessment.selectors.trials import proposed_bands, run_trial, trial_period
from assessment.services import schemes as services
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from cases.workflow import State
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

SEPTEMBER = at("12:00", on="2026-09-15")
TERMS = [
    {"key": "in_time", "name": "按期处置率", "weight": 60, "parts": [["handled_in_time", 100]],
     "least_sample": 2},
    {"key": "dispatches", "name": "立案数", "weight": 40, "parts": [["dispatches", 100]],
     "bands": [[0, 0, 100], [1, 2, 60], [3, None, 20]],
     "groups": {"环卫": {"bands": [[0, 1, 100], [2, None, 70]]}}},
]  # fmt: skip


@pytest.fixture
def august(district, clock):
    """Three cases of August: two handled in time, one late."""
    clock.now = SEPTEMBER
    district.departments["s201"].assessment_group = "环卫"
    district.departments["s201"].save(update_fields=["assessment_group"])
    for day in ("2026-08-10", "2026-08-11"):
        start(district=district, state=State.CLOSED, reported_at=at("09:00", on=day))
    late = start(district=district, state=State.HANDLING, reported_at=at("09:00", on="2026-08-12"))
    late.now = at("17:00", on="2026-08-14")
    for step in ("finish", "send_check", "check_passed", "close"):
        late.step(step)
    while refresh_facts():
        pass


@pytest.fixture
def draft(district):
    actor, now = district.actor("administrator"), at("10:00", on="2026-07-20")
    held = Scheme.objects.get(key="department")
    day = date(2026, 8, 1)
    made = services.copy_version(actor=actor, at=now, scheme_id=held.pk, valid_from=day)
    said = services.Draft(name="部门评价", valid_from=day, terms=TERMS, grades=services.GRADES)
    return services.save_draft(
        actor=actor, at=now, scheme_id=made.pk, revision=made.revision, said=said
    )


def counted():
    return [model.objects.count() for model in (Scheme, SchemeStep, Snapshot)]


def test_a_preview_is_what_the_snapshot_says_later(august, draft, district):
    before = counted()
    held = Scheme.objects.get(key="department", version=1)
    trial = run_trial(district.actor("official-1"), draft, held, "2026-08", SEPTEMBER)
    assert counted() == before
    previewed = {row.line.of.key: (row.tried, row.line.counts) for row in trial.rows}
    now = at("10:00", on="2026-07-20")
    services.propose_scheme(actor=district.actor("administrator"), at=now, scheme_id=draft.pk,
                            revision=draft.revision, words="新办法")  # fmt: skip
    draft.refresh_from_db()
    services.consent_to_scheme(actor=district.actor("administrator-2"), at=now,
                               scheme_id=draft.pk, revision=draft.revision)  # fmt: skip
    made = make_snapshot(
        name="2026-08", scheme_key="department", kind=SnapshotKind.FINAL, at=SEPTEMBER
    )
    assert made.scheme_id == draft.pk
    rows = json.loads(made.content)["rows"]
    assert {row["key"] for row in rows} == set(previewed)
    for row in rows:
        tried, counts = previewed[row["key"]]
        said = row["score"]
        assert (tried.total, tried.grade, tried.terms) == (
            said["total"],
            said["grade"],
            said["terms"],
        )
        assert counts == row["counts"]
    own = next(row for row in trial.rows if row.line.of.key == "s201")
    assert own.tried.total == "68.00"  # two of three in time by 60 %, its group's band by 40 %
    assert own.difference is not None


def test_what_if_moves_weights_and_bands_and_leaves_nothing_behind(
    august, draft, district, browser_client
):
    held = Scheme.objects.get(key="department", version=1)
    before = counted()
    browser_client.enter(district.user("official-1"))
    plain = read(browser_client, held, period="2026-08")
    weights = {"weight-handled": "55", "weight-in_time": "5", "weight-rework": "30"}
    moved = read(browser_client, held, period="2026-08", **weights)
    assert plain != moved
    wrong = read(browser_client, held, 400, period="2026-08", **{"weight-handled": "99"})
    assert "169" in wrong, "10 + 99 + 30 + 30"
    gap = read(browser_client, held, 400, period="2026-08",
               **{"bands-dispatches": "0-5: 100\n9-: 0"})  # fmt: skip
    assert "6" in gap
    assert "8" in gap
    read(browser_client, held, 400, period="nonsense")
    assert counted() == before
    assert browser_client.post(f"/schemes/{held.pk}/try/keep/", {}).status_code == 403


def read(client, scheme, status=200, **query):
    response = client.get(f"/schemes/{scheme.pk}/try/?{urlencode(query)}")
    assert response.status_code == status, response.content[:600]
    return unescape(response.content.decode())


def test_what_was_tried_can_be_kept_as_a_draft_by_an_administrator(
    august, district, browser_client
):
    held = Scheme.objects.get(key="department", version=1)
    browser_client.enter(district.user("administrator"))
    said = {"weight-handled": "40", "weight-in_time": "20", "period": "2026-08"}
    assert browser_client.post(f"/schemes/{held.pk}/try/keep/", said).status_code == 302
    made = Scheme.objects.get(key="department", version=2)
    assert [term["weight"] for term in made.terms] == [10, 40, 20, 30]
    assert not made.is_active


def test_a_department_tries_on_itself_only_and_people_are_tried_by_nobody_else(
    august, draft, district, browser_client
):
    services.set_open_to_comment(actor=district.actor("administrator"), at=SEPTEMBER,
                                 scheme_id=draft.pk, is_open=True)  # fmt: skip
    browser_client.enter(district.user("department-s201"))
    page = read(browser_client, draft, period="2026-08")
    assert f"/schemes/{draft.pk}/try/s201/" in page
    assert "/try/d101/" not in page
    assert browser_client.get(f"/schemes/{draft.pk}/try/d101/?period=2026-08").status_code == 404
    posts = Scheme.objects.get(key="supervisor")
    name = TaskFact.objects.first().assignee.username
    for user, sees in (("administrator", False), ("official-1", False), ("duty-chief-1", True)):
        browser_client.enter(district.user(user))
        page = read(browser_client, posts, period="2026-08")
        assert "/try/desk:supervisor/" in page
        assert (f"/try/{name}/" in page) == sees, user
        status = browser_client.get(f"/schemes/{posts.pk}/try/{name}/?period=2026-08")
        assert status.status_code == (200 if sees else 404)
    browser_client.enter(district.user("dispatcher-1"))
    assert "/try/desk:supervisor/" not in read(browser_client, posts, period="2026-08")


def test_a_trial_opens_into_terms_and_each_figure_into_its_rows(
    august, draft, district, browser_client
):
    import re

    services.set_open_to_comment(actor=district.actor("administrator"), at=SEPTEMBER,
                                 scheme_id=draft.pk, is_open=True)  # fmt: skip
    browser_client.enter(district.user("official-1"))
    path = f"/schemes/{draft.pk}/try/s201/?period=2026-08"
    page = unescape(browser_client.get(path).content.decode())
    links = re.findall(r'<a href="(/dashboard/list/[^"]*)">([\d,]+)</a>', page)
    assert len(links) >= 6
    for address, number in links:
        listed = browser_client.get(address).content.decode()
        assert f'data-gc-total="{number}"' in listed, address


# ---------------------------------------------------------------- fifths


def test_fifths_have_as_many_objects_each_and_tile_the_counts():
    bands = quintile_bands([Fraction(one) for one in range(1, 11)], more_is_better=False)
    assert [(b.least, b.most, b.points) for b in bands] == [
        (0, 2, 100), (3, 4, 90), (5, 6, 75), (7, 8, 60), (9, None, 40),
    ]  # fmt: skip
    rising = quintile_bands([Fraction(one) for one in range(1, 11)], more_is_better=True)
    assert [band.points for band in rising] == [40, 60, 75, 90, 100]
    equal = quintile_bands([Fraction(0)] * 9 + [Fraction(7, 2)], more_is_better=False)
    assert [(b.least, b.most, b.points) for b in equal] == [(0, 0, 100), (1, None, 40)]
    assert quintile_bands([], more_is_better=True) == ()


def test_fifths_are_proposed_from_last_years_counts_and_can_score(august, district, browser_client):
    held = Scheme.objects.get(key="department", version=1)
    period = trial_period(held, "2026-09", at("12:00", on="2026-10-15"))
    bands = proposed_bands(held, "dispatches", period)
    terms = [dict(term) for term in held.terms]
    terms[0]["bands"] = bands
    assert faults_of(terms_from(terms), known_for("department")) == []
    assert bands[0] == [0, 0, 100]
    assert proposed_bands(held, "rework", period) == []
    browser_client.enter(district.user("official-1"))
    page = read(browser_client, held, period="2026-09", quintiles="dispatches")
    assert "0: 100" in page
    read(browser_client, held, 400, period="2026-07", quintiles="dispatches")


def test_a_trial_shows_beside_its_terms_what_a_ranking_shows(august, district, browser_client):
    official = district.user("official-1")
    browser_client.enter(official)
    scheme = Scheme.objects.get(key="region-street")
    html = browser_client.get(f"/schemes/{scheme.pk}/try/?period=2026-08").content.decode()
    for key in ("public_share", "missed", "self_handled", "forced_share"):
        assert f"figure={key}" in html, key
