"""The public ranking: published snapshots of streets and departments, where the switch is on."""

from __future__ import annotations

import pytest
from django.test import Client

from assessment.models import Snapshot, SnapshotKind
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot, publish_snapshot
from gridcity.contracts import NotAllowed
from tests.district import at

LATER = at("11:00", on="2026-07-20")


@pytest.fixture
def public(settings):
    settings.PUBLIC_RANKING = True
    return Client()


@pytest.fixture
def snapshots(make_case, district):
    make_case("CLOSED", reported_at=at("09:00"))
    make_case("HANDLING", reported_at=at("09:00", on="2026-06-08"))
    while refresh_facts():
        pass
    return {
        key: make_snapshot(name="2026-06", scheme_key=key, kind=SnapshotKind.FINAL, at=LATER)
        for key in ("region-street", "department", "region-community")
    }


def publish(snapshot, district):
    publish_snapshot(snapshot_id=snapshot.pk, actor=district.actor("duty-chief-1"), at=LATER)


def test_where_the_switch_is_off_there_is_no_such_page(settings, snapshots, district):
    settings.PUBLIC_RANKING = False
    publish(snapshots["region-street"], district)
    assert Client().get("/ranking/").status_code == 404
    assert Client().get(f"/ranking/{snapshots['region-street'].pk}/").status_code == 404


def test_what_is_not_published_is_not_there(public, snapshots):
    assert "2026-06" not in public.get("/ranking/").content.decode()
    for snapshot in snapshots.values():
        assert public.get(f"/ranking/{snapshot.pk}/").status_code == 404


def test_communities_are_not_ranked_in_public(public, snapshots, district):
    publish(snapshots["region-community"], district)
    assert public.get(f"/ranking/{snapshots['region-community'].pk}/").status_code == 404
    assert "2026-06" not in public.get("/ranking/").content.decode()


def test_everybody_reads_period_scheme_and_data_time(public, snapshots, district):
    for key in ("region-street", "department"):
        publish(snapshots[key], district)
    html = public.get("/ranking/").content.decode()
    for said in ("2026-06", "街道综合评价 v1", "专业部门综合评价 v1", "2026-07-11 00:00"):
        assert said in html
    assert "东华门街道" in html


def test_it_may_be_kept_by_anybody_and_is_not_sent_twice(public, snapshots, district):
    publish(snapshots["region-street"], district)
    answer = public.get("/ranking/")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in answer["Vary"]
    again = public.get("/ranking/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    publish(snapshots["department"], district)
    fresh = public.get("/ranking/", headers={"If-None-Match": answer["ETag"]})
    assert fresh.status_code == 200


def test_the_last_day_of_the_period_stands_there(public, snapshots, district):
    publish(snapshots["region-street"], district)
    html = public.get("/ranking/").content.decode()
    assert "2026-06-01 – 2026-06-30" in html
    assert "2026-07-01" not in html


def test_a_final_one_takes_the_place_of_the_provisional(public, snapshots, district):
    final = snapshots["region-street"]
    kind = SnapshotKind.PROVISIONAL
    provisional = make_snapshot(name="2026-06", scheme_key="region-street", kind=kind, at=LATER)
    publish(provisional, district)
    assert f'href="/ranking/{provisional.pk}/"' in public.get("/ranking/").content.decode()
    publish(final, district)
    html = public.get("/ranking/").content.decode()
    assert f'href="/ranking/{final.pk}/"' in html
    assert f'href="/ranking/{provisional.pk}/"' not in html
    old = public.get(f"/ranking/{provisional.pk}/")
    assert old.status_code == 200
    assert f'href="/ranking/{final.pk}/"' in old.content.decode()


def test_no_provisional_one_is_published_after_the_final(snapshots, district):
    publish(snapshots["region-street"], district)
    kind = SnapshotKind.PROVISIONAL
    late = make_snapshot(name="2026-06", scheme_key="region-street", kind=kind, at=LATER)
    with pytest.raises(NotAllowed):
        publish(late, district)


def test_a_published_correction_takes_the_place_of_the_old_one(public, snapshots, district):
    old = snapshots["region-street"]
    publish(old, district)
    Snapshot.objects.create(
        period=old.period, start=old.start, end=old.end, as_of=LATER, kind="correction",
        subject=old.subject, scheme=old.scheme, content=old.content, sha256="0" * 64,
        corrects=old, reason="补录一件", made_at=LATER, published_at=LATER,
    )  # fmt: skip
    html = public.get("/ranking/").content.decode()
    assert "补录一件" in html
    # The old one stays readable under its own address.
    assert public.get(f"/ranking/{old.pk}/").status_code == 200


def test_everybody_reads_how_the_scores_are_reckoned_and_who_is_ranked_with_whom(
    public, make_case, district
):
    make_case("CLOSED", reported_at=at("09:00"))
    while refresh_facts():
        pass
    office = district.departments["d101"]
    office.assessment_group = "街道办事处"
    office.save(update_fields=["assessment_group"])
    snapshot = make_snapshot(
        name="2026-06", scheme_key="department", kind=SnapshotKind.FINAL, at=LATER
    )
    publish(snapshot, district)
    html = public.get("/ranking/").content.decode()
    assert "得分怎样算出" in html
    for term in snapshot.scheme.terms:
        assert term["name"] in html
    assert "100 % − 返工" in html
    assert 'scope="rowgroup" colspan="4">街道办事处<' in html
    assert "/dashboard/" not in html  # nothing leads where only officials may go
