"""Every rate is one number: what the interface says, every screen and every file says."""

from __future__ import annotations

import pytest

from assessment.indicators import INDICATORS
from assessment.periods import period_from
from assessment.rates import Ratio, rates_of
from assessment.selectors import wall
from assessment.selectors.dashboard import build_dashboard
from assessment.selectors.figures import count_figures
from assessment.selectors.scores import lines_by
from assessment.selectors.shading import build_shading, shading_json
from assessment.selectors.standings import build_standings, rankable
from assessment.selectors.summary import Choices, build_summary
from assessment.selectors.trends import MOST_LINES, build_trend
from assessment.services.facts import rebuild_facts
from cases.services.ending import call_back
from gridcity.contracts import Role
from tests.assessment.test_pages import a_few_cases
from tests.district import USER_OF_ROLE, at

RATES = [key for key, each in INDICATORS.items() if each.is_rate]


def in_words(rate: str | None) -> str:
    return "–" if rate is None else f"{float(rate) * 100:.2f} %"


@pytest.fixture
def actor(district, clock, make_case):
    """Who reads the figures of a week in which people were called back."""
    clock.now = at("11:00")
    a_few_cases(make_case)
    for hour, said in (("08:00", "good"), ("08:20", "fair"), ("08:40", "fair"), ("09:00", "poor")):
        made = make_case("CLOSED", reported_at=at(hour))
        call_back(
            number=made.number, actor=district.actor("acceptor-1"), at=at("10:50"), valid=True,
            contacted=True, resolved=True, satisfaction=said,
        )  # fmt: skip
    rebuild_facts()
    return district.actor(USER_OF_ROLE[Role.OFFICIAL])


@pytest.fixture
def period():
    return period_from({"period": "week"}, at("11:00"))


@pytest.fixture
def whole(actor, period):
    """What the interface says of the whole district."""
    said = rates_of(INDICATORS.values(), count_figures(actor, period, ()).total)
    assert said["satisfied"] == "0.7000"  # (1 + 0.9 × 2) / 4
    return said


@pytest.fixture
def by_street(actor, period, whole):
    """And of each street, by its code."""
    return {line.of.key: line.rates for line in lines_by("street", period, actor=actor)}


def test_a_trend_and_its_table_in_files_say_it(actor, period, whole):
    for start in range(0, len(RATES), MOST_LINES):
        keys = RATES[start : start + MOST_LINES]
        series = build_trend(actor, period, "", keys=keys, step="month").charts[-1]["series"]
        assert {line["figure"] for line in series} >= set(keys)
        for line in series:
            told = line["texts"][0].split(" (")[0]
            assert told == in_words(whole[line["figure"]]), line["figure"]
            point = line["data"][0]
            assert told == ("–" if point is None else f"{point:.2f} %")


def test_rankings_say_it(actor, period, by_street):
    for key in (each.key for each in rankable(actor, "street")):
        ranked = build_standings(actor, period, "", {"street": key})[0]
        assert ranked.indicator.key == key
        for line in ranked.groups[0].lines:
            assert line.shown.percent == in_words(by_street[line.value.code][key]), key


def test_the_map_and_its_table_say_it(actor, period, by_street):
    for key in RATES:
        shading = build_shading(actor, period, "", figure=key, level="street")
        assert {place.code: place.percent for place in shading.places} == {
            code: in_words(rates[key]) for code, rates in by_street.items()
        }, key
        for code, (_count, _whole, percent) in shading_json(shading).items():
            assert f"{percent:.2f} %" == in_words(by_street[code][key])


def test_the_wall_says_it(actor, period, by_street, whole, monkeypatch):
    named = {line.of.name: line.rates for line in lines_by("street", period, actor=actor)}
    counts = count_figures(actor, period, ()).total
    for key in RATES:
        assert wall._tile(key, counts).percent == in_words(whole[key])
        monkeypatch.setattr(wall, "RANKED", (("street", key),))
        for place in wall._rankings(period)[0].places:
            assert place.percent == in_words(named[place.name][key]), key


def test_a_file_says_it(actor, period, by_street):
    choices = Choices(trend=["satisfied"], step="month", ranked_by={"street": "satisfied"})
    sections = {one.name: one for one in build_summary(actor, period, choices).sections}
    ranking = next(one for name, one in sections.items() if "满意" in one.title)
    named = {line.of.name: line.rates for line in lines_by("street", period, actor=actor)}
    assert {row[2]: row[3] for row in ranking.rows} == {
        name: in_words(rates["satisfied"]) for name, rates in named.items()
    }


def test_what_a_rate_was_in_another_period_is_that_rate(actor, whole, monkeypatch):
    monkeypatch.setattr("assessment.selectors.dashboard.RATES", ("satisfied",))
    monkeypatch.setattr(
        "assessment.selectors.dashboard.KEY_FIGURES",
        frozenset(INDICATORS["satisfied"].parts),
    )
    monkeypatch.setattr("assessment.selectors.dashboard.STATS", ())
    later = period_from({"period": "last_week"}, at("11:00", on="2026-06-24"))
    shown = build_dashboard(actor, later, "").rates[0]
    assert shown.percent == "–"
    assert shown.compared[0].said == in_words(whole["satisfied"])


def test_a_ratio_of_nothing_is_no_number():
    assert (Ratio(0, 0).rate, Ratio(0, 0).percent, Ratio(3, None).rate) == (None, "–", None)
