"""Deposits, warnings and vetoes: what a year's score brings, exactly; and who settles."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from assessment.guarantees import (
    Band,
    Rule,
    band_of,
    bands_from,
    broken,
    faults_of_bands,
    settle,
)
from assessment.models import (
    Comment,
    Depositor,
    Guarantee,
    Scheme,
    Settlement,
    Snapshot,
    WarningRule,
)
from assessment.periods import span_of
from assessment.selectors.guarantees import (
    places_from_last,
    settle_year,
    warnings_of,
    year_snapshot,
)
from assessment.services.demonstration import BANDS
from assessment.services.guarantees import comment_on, confirm_settlement, make_settlement
from assessment.services.snapshots import fingerprint
from cases.canonical import canonical
from gridcity.contracts import Forbidden, NotAllowed, NotVisible
from parts.models import Street
from tests.district import at

CITY = bands_from(BANDS)


@pytest.mark.parametrize(
    ("score", "band", "unit", "person"),
    [
        ("100", "优秀", (100_000, 200_000, 0), (5_000, 10_000, 0)),
        ("90.01", "优秀", (100_000, 200_000, 0), (5_000, 10_000, 0)),
        ("90", "合格", (100_000, 20_000, 0), (5_000, 5_000, 0)),
        ("70", "合格", (100_000, 20_000, 0), (5_000, 5_000, 0)),
        ("69.99", "不合格", (0, 0, 100_000), (0, 0, 5_000)),
        ("0", "不合格", (0, 0, 100_000), (0, 0, 5_000)),
    ],
)
def test_a_years_score_refunds_rewards_or_forfeits(score, band, unit, person):
    found = band_of(Decimal(score), CITY, is_vetoed=False)
    assert found.name == band
    for deposit, is_unit, wanted in ((100_000, True, unit), (5_000, False, person)):
        settled = settle(deposit, found, is_unit)
        assert (settled.refund, settled.reward, settled.forfeited) == wanted


def test_a_veto_brings_the_last_band_and_no_score_brings_none():
    assert band_of(Decimal(99), CITY, is_vetoed=True).name == "不合格"
    assert band_of(None, CITY, is_vetoed=False) is None


@given(st.decimals(0, 100, places=2), st.integers(1, 10**6))
def test_every_score_has_a_band_and_no_deposit_gets_lost(score, deposit):
    band = band_of(score, CITY, is_vetoed=False)
    settled = settle(deposit, band, is_unit=True)
    assert settled.refund + settled.forfeited == deposit
    assert settled.paid >= settled.refund


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ((), "empty"),
        (CITY[:2], "zero"),
        ((*CITY, CITY[0]), "twice"),
        ((*CITY, replace(CITY[0], least=Decimal(101))), "percent"),
        ((*CITY[1:], replace(CITY[0], unit_amount=-1)), "negative"),
    ],
)
def test_wrong_bands_are_named(bands, fault):
    assert fault in faults_of_bands(bands)
    assert faults_of_bands(CITY) == []


ROW = {
    "score": {"total": "72.00"}, "rates": {"closed_share": "0.6999", "rework": None},
    "counts": {"closed_share": 7, "rework": 0, "filed": 12},
}  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "compared", "bound", "met"),
    [
        ("total", "lt", "72.01", True), ("total", "lt", "72", False),
        ("closed_share", "lt", "70", True), ("closed_share", "ge", "69.99", True),
        ("filed", "gt", "11", True), ("rework", "lt", "50", False),
        ("rank_from_last", "le", "1", True), ("nothing", "ge", "0", False),
    ],
)  # fmt: skip
def test_a_rule_compares_a_figure_and_nothing_meets_none(measure, compared, bound, met):
    rule = Rule(1, "规则", False, measure, compared, Decimal(bound))
    assert bool(broken([rule], ROW, from_last=1)) is met


def test_the_kinds_of_periods():
    names = ("2026", "2026-10", "2026-Q4", "2026-H2", "2026-W41", "2026-10-05")
    assert [span_of(name) for name in names] == ["year", "month", "quarter", "half", "week", "day"]
    assert span_of("2026-13-05x") == span_of("") == ""


def test_all_who_share_the_last_place_are_last():
    rows = [row("a", 90), row("b", 70), row("c", 70), row("d", None)]
    assert places_from_last(rows) == {"a": 2, "b": 1, "c": 1}


def row(key, total, **rates):
    return {
        "key": key, "name": f"街道{key}", "id": 1, "cells": 1, "counts": {}, "rates": rates,
        "score": {
            "total": None if total is None else f"{total}.00", "grade": "A",
            "ranked": total is not None, "terms": [],
        },
    }  # fmt: skip


# ---------------------------------------------------------------- the year

db = pytest.mark.django_db


def snapshot(period, rows, kind="final", now=None):
    year = int(period[:4])
    months = {"2025": (1, 12), "2026": (1, 12)}.get(period, (int(period[5:7] or 1),) * 2)
    start = at("00:00", on=f"{year}-{months[0]:02d}-01")
    content = canonical({"rows": rows}).decode()
    scheme = Scheme.objects.get(key="region-street")
    return Snapshot.objects.create(
        period=period, start=start, end=at("00:00", on=f"{year}-{months[1]:02d}-28"),
        as_of=now or at("00:00", on=f"{year + 1}-01-11"), kind=kind, subject="street",
        scheme=scheme, content=content, sha256=fingerprint(content), made_at=at(),
    )  # fmt: skip


@pytest.fixture
def guarantee(district):
    made = Guarantee.objects.create(
        year=2026, name="保证金", scheme_key="region-street", bands=BANDS
    )
    for key in ("110101001", "110101002"):
        Depositor.objects.create(
            guarantee=made, object_key=key, kind="unit", title="街道", amount=100_000
        )
        Depositor.objects.create(
            guarantee=made, object_key=key, kind="person", title="主任", amount=5_000
        )
    return made


@pytest.fixture
def rules(db):
    for name, kind, span, measure, bound in (
        ("结案率低", "warning", "month", "closed_share", "70"),
        ("总分过低", "veto", "year", "total", "60"),
    ):
        WarningRule.objects.create(
            name=name, kind=kind, scheme_key="region-street", span=span, measure=measure,
            compared="lt", bound=bound, valid_from="2026-01-01",
        )  # fmt: skip


@db
def test_the_settlement_counts_the_years_warnings_and_a_veto_forfeits(guarantee, rules, district):
    snapshot(
        "2026-03", [row("110101001", 95, closed_share="0.6500")], now=at("00:00", on="2026-04-11")
    )
    snapshot(
        "2026-04", [row("110101001", 95, closed_share="0.7000")], now=at("00:00", on="2026-05-11")
    )
    assert year_snapshot(guarantee) is None
    year = snapshot("2026", [row("110101001", 95), row("110101002", 50)])
    first, second = settle_year(guarantee, year_snapshot(guarantee))
    assert (first.key, first.warnings, first.vetoes, first.band) == ("110101001", 1, [], "优秀")
    assert [one.reward for one in first.deposits] == [200_000, 10_000]
    assert (second.vetoes, second.band, second.advice) == (["总分过低"], "不合格", False)
    assert [one.forfeited for one in second.deposits] == [100_000, 5_000]
    assert [rule.name for rule in warnings_of(year)["110101002"]] == ["总分过低"]


@db
def test_last_in_two_successive_years_with_a_veto_is_advised(guarantee, rules, district):
    chief, other = district.actor("duty-chief-1"), district.actor("duty-chief-2")
    former = Guarantee.objects.create(
        year=2025, name="保证金", scheme_key="region-street", bands=BANDS
    )
    snapshot("2025", [row("110101001", 95), row("110101002", 65)])
    make_settlement(guarantee_id=former.pk, actor=chief, at=at())
    snapshot("2026", [row("110101001", 95), row("110101002", 50)])
    made = make_settlement(guarantee_id=guarantee.pk, actor=chief, at=at())
    sheets = {one["key"]: one for one in json.loads(made.content)["sheets"]}
    assert [sheets[key]["advice"] for key in sorted(sheets)] == [False, True]
    with pytest.raises(NotAllowed):
        make_settlement(guarantee_id=guarantee.pk, actor=other, at=at())
    with pytest.raises(Forbidden):
        confirm_settlement(guarantee_id=guarantee.pk, actor=chief, at=at())
    confirm_settlement(guarantee_id=guarantee.pk, actor=other, at=at())
    with pytest.raises(NotAllowed):
        confirm_settlement(guarantee_id=guarantee.pk, actor=other, at=at())


@db
def test_last_in_the_final_figures_of_a_year_that_nobody_settled_counts_too(guarantee, rules):
    snapshot("2025", [row("110101001", 95), row("110101002", 99)], kind="provisional")
    snapshot("2025", [row("110101001", 95), row("110101002", 65)])
    snapshot("2026", [row("110101001", 95), row("110101002", 50)])
    advised = {one.key: one.advice for one in settle_year(guarantee, year_snapshot(guarantee))}
    assert advised == {"110101001": False, "110101002": True}


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("official-1", {"110101001", "110101002"}),
        ("duty-chief-1", {"110101001", "110101002"}),
        ("dispatcher-1", {"110101001", "110101002"}),
        ("administrator", {"110101001", "110101002"}),
        ("department-d102", {"110101002"}),
        ("department-s201", set()),
    ],
)
@db
def test_before_the_year_is_settled_the_deposits_are_listed(
    guarantee, district, browser_client, who, reads
):
    page = browser_client.enter(district.user(who)).get(f"/guarantees/{guarantee.pk}/")
    body = page.content.decode()
    names = dict(Street.objects.values_list("code", "name"))
    assert {code for code in names if names[code] in body} == reads
    assert body.count("100,000") == len(reads)
    if reads:
        assert f"{105_000 * len(reads):,}" in body


@db
def test_only_a_duty_chief_settles_and_only_final_figures(guarantee, district):
    for name in ("official-1", "administrator", "dispatcher-1"):
        with pytest.raises(Forbidden):
            make_settlement(guarantee_id=guarantee.pk, actor=district.actor(name), at=at())
    snapshot("2026", [row("110101001", 95)], kind="provisional")
    with pytest.raises(NotAllowed):
        make_settlement(guarantee_id=guarantee.pk, actor=district.actor("duty-chief-1"), at=at())
    with pytest.raises(NotVisible):
        make_settlement(guarantee_id=0, actor=district.actor("duty-chief-1"), at=at())


@db
def test_the_database_keeps_settlements_and_comments(guarantee, district):
    year = snapshot("2026", [row("110101001", 95)])
    chief = district.actor("duty-chief-1")
    made = make_settlement(guarantee_id=guarantee.pk, actor=chief, at=at())
    said = comment_on(snapshot_id=year.pk, actor=chief, at=at(), words="总体平稳")
    rows = Settlement.objects.filter(pk=made.pk)
    changes = [
        lambda: rows.update(content="{}"),
        rows.delete,
        lambda: rows.update(confirmed_at=at(), confirmed_by=chief.user_id),
        lambda: Comment.objects.filter(pk=said.pk).update(words="改了"),
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    confirm_settlement(guarantee_id=guarantee.pk, actor=district.actor("duty-chief-2"), at=at())
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(confirmed_at=None, confirmed_by=None)


@db
def test_pages_settle_and_each_office_reads_its_own_lines(guarantee, district, browser_client):
    year = snapshot("2026", [row("110101001", 95), row("110101002", 72)])
    path = f"/guarantees/{guarantee.pk}/"
    chief = browser_client.enter(district.user("duty-chief-1"))
    would_be = chief.get(path).content.decode()
    assert "210,000" in would_be, "as it would be"
    assert f"/dashboard/defined/snapshot/{year.pk}.total/" in would_be
    clerk = browser_client.enter(district.user("administrator")).get(path).content.decode()
    assert f"/scores/{year.pk}/" not in clerk, "scores are not the administrator's"
    assert "/dashboard/defined/" not in clerk
    chief = browser_client.enter(district.user("duty-chief-1"))
    assert chief.post(f"{path}settle/").status_code == 302
    assert chief.post(f"{path}confirm/").status_code == 403
    assert (
        browser_client.enter(district.user("duty-chief-2")).post(f"{path}confirm/").status_code
        == 302
    )
    office = browser_client.enter(district.user("department-d102"))
    page = office.get(path).content.decode()
    assert "街道110101002" in page
    assert "街道110101001" not in page
    assert office.get("/guarantees/").status_code == 200
    assert office.post(f"{path}settle/").status_code == 403
    chief = browser_client.enter(district.user("duty-chief-1"))
    assert chief.post(f"/scores/{year.pk}/comment/", {"words": "本年平稳"}).status_code == 302
    assert "本年平稳" in chief.get(f"/scores/{year.pk}/").content.decode()
    assert browser_client.enter(district.user("acceptor-1")).get(path).status_code == 403


def test_a_band_reads_its_data_and_refuses_other():
    assert CITY[0] == Band("优秀", Decimal(90), True, True, Decimal(2), 0, Decimal(2))
    with pytest.raises(KeyError):
        bands_from([{"name": "无"}])
