"""Scores of posts: the desk for readers of figures, people for themselves and their chief."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.db import IntegrityError, transaction

from assessment.models import POST_SUBJECTS, Scheme, Snapshot, SnapshotKind
from assessment.selectors.snapshots import get_snapshot, rows_of
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot, publish_snapshot, replay
from cases.workflow import State
from gridcity.contracts import Actor, NotAllowed, NotVisible, Role
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

JULY = at("12:00", on="2026-07-15")


@pytest.fixture
def made(district, clock):
    """The snapshots of June of all four posts, by the post."""
    clock.now = JULY
    for day in ("2026-06-08", "2026-06-09"):
        start(district=district, state=State.CLOSED, reported_at=at("09:00", on=day))
    while refresh_facts():
        pass
    return {
        str(post): make_snapshot(
            name="2026-06", scheme_key=post.replace("_", "-"), kind=SnapshotKind.FINAL, at=JULY
        )
        for post in POST_SUBJECTS
    }


def keys(snapshot, actor):
    return [row.key for row in rows_of(snapshot, actor)]


def test_desks_and_people_are_scored_and_nobody_has_a_rank(made, district):
    for post, snapshot in made.items():
        assert replay(snapshot) == snapshot.content
        rows = json.loads(snapshot.content)["rows"]
        assert rows[0]["key"] == f"desk:{post}"
        assert len(rows) > 1
    chief = district.actor("duty-chief-1")
    rows = rows_of(made["supervisor"], chief)
    assert any(row.total is not None for row in rows)
    assert {row.rank for row in rows} == {None}
    assert [row.name for row in rows[1:]] == sorted(row.name for row in rows[1:])


def test_who_reads_whom(made, district):
    chief, official = district.actor("duty-chief-1"), district.actor("official-1")
    for post in ("supervisor", "acceptor"):
        assert len(keys(made[post], chief)) > 1
        assert keys(made[post], official) == [f"desk:{post}"]
    assert keys(made["duty_chief"], chief) == ["desk:duty_chief", "duty-chief-1"]
    assert keys(made["dispatcher"], chief) == ["desk:dispatcher"], "the command side is not his"
    dispatcher = district.actor("dispatcher-1")
    assert keys(made["dispatcher"], dispatcher) == ["desk:dispatcher", "dispatcher-1"]
    for post in ("supervisor", "acceptor"):
        with pytest.raises(NotVisible):
            get_snapshot(dispatcher, made[post].pk)
    supervisor = district.actor("supervisor-1")
    assert keys(made["supervisor"], supervisor) == ["supervisor-1"]
    with pytest.raises(NotVisible):
        get_snapshot(supervisor, made["acceptor"].pk)
    with pytest.raises(NotVisible):
        get_snapshot(district.actor("department-s201"), made["supervisor"].pk)
    public = Actor(None, "public", frozenset({Role.OFFICIAL}))
    assert keys(made["supervisor"], public) == ["desk:supervisor"]


def test_a_person_opens_his_own_score_and_its_rows_and_nobody_elses(made, district, browser_client):
    snapshot = made["supervisor"]
    rows = rows_of(snapshot, district.actor("duty-chief-1"))
    name = next(row.key for row in rows[1:] if any(row.counts.values()))
    other = next(row.key for row in rows[1:] if row.key != name)
    browser_client.enter(district.user(name))
    page = unescape(browser_client.get(f"/scores/{snapshot.pk}/{name}/").content.decode())
    address = next(part for part in page.split('"') if part.startswith("/dashboard/list/"))
    assert f"person={name}" in address
    assert browser_client.get(address).status_code == 200
    assert browser_client.get(f"/scores/{snapshot.pk}/{other}/").status_code == 404
    assert browser_client.get(f"/scores/{snapshot.pk}/").status_code == 200
    browser_client.enter(district.user("official-1"))
    page = browser_client.get(f"/scores/{snapshot.pk}/").content.decode()
    assert "desk:supervisor" in page
    assert name not in page
    assert browser_client.get(f"/scores/{snapshot.pk}/desk:supervisor/").status_code == 200


def test_a_person_finds_his_scores_on_his_own_page_and_his_chief_on_it_too(
    made, district, browser_client
):
    snapshot = made["supervisor"]
    rows = rows_of(snapshot, district.actor("duty-chief-1"))
    name = next(row.key for row in rows[1:] if row.total is not None)
    link = f"/scores/{snapshot.pk}/{name}/"
    browser_client.enter(district.user(name))
    assert link in browser_client.get("/scores/own/").content.decode()
    browser_client.enter(district.user("duty-chief-1"))
    assert link in browser_client.get(f"/scores/people/{district.user(name).pk}/").content.decode()


def test_scores_of_people_are_never_published(made, district):
    snapshot = made["acceptor"]
    with pytest.raises(NotAllowed):
        publish_snapshot(snapshot_id=snapshot.pk, actor=district.actor("duty-chief-1"), at=JULY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).update(published_at=JULY)


def test_the_shipped_posts_name_figures_of_their_own_post(db):
    from assessment.scheme_rules import faults_of
    from assessment.scoring import grades_from, terms_from
    from assessment.selectors.schemes import known_for

    for scheme in Scheme.objects.filter(is_shipped=True):
        known = known_for(scheme.subject)
        faults = faults_of(terms_from(scheme.terms), known, grades_from(scheme.grades))
        assert faults == [], scheme
