"""The self-check: each fault is found by its own line, says what to do and leads there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from django.core.management import call_command

from cases.models import CalendarYear, Delivery
from cases.models.notice import Channel
from dispatch.models import Membership, RoutingRule, SweepError
from gridcity.models import Heartbeat, User
from gridcity.selfcheck import register, running
from gridcity.selfcheck.findings import Level
from gridcity.selfcheck.looking import AT_THE_HEAD, CHECKS, look, look_at
from jobs.models import Job
from parts.models import Cell, Community, Edition, FilingStandard, Part, PatrolCell, Shift
from parts.selectors.kept import forget
from parts.selectors.register_checks import Bodies
from tests.district import NORTH, SOUTH_STEP, USER_OF_ROLE, TestDistrict, at, square, uscc_of
from tests.parts.test_grid_checks import reshape, set_true_areas

NOW = at("11:00")


@pytest.fixture
def sound(district: TestDistrict, clock: Any, monkeypatch: pytest.MonkeyPatch) -> TestDistrict:
    """The small district with nothing wrong: beat beats, Redis answers, every owner is known."""
    clock.now = NOW
    set_true_areas(Edition.objects.get(state="current").pk)
    Part.objects.update(maintainer_uscc=uscc_of("w301"))
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": NOW})
    monkeypatch.setattr(running, "redis_answers", lambda: True)
    monkeypatch.setattr(running, "drift_of_clocks", timedelta)
    return district


def found() -> dict[str, str]:
    """The checks that find something now, with their level."""
    forget()
    return {
        line.check.key: line.finding.level.value
        for line in look(NOW)
        if line.finding.level is not Level.FINE
    }


def reshaped(**by: float) -> Callable[[TestDistrict], None]:
    return lambda district: reshape(district.cells[by.pop("row", 2), 0], **by)


def no_edition(district: TestDistrict) -> None:
    Edition.objects.update(state="former", superseded_at=NOW)


def bare(district: TestDistrict) -> None:
    """A district larger than its communities."""
    from parts.models import District
    from tests.district import multi

    District.objects.update(geom=multi(square(0, 0, 3, 4)))


def wrong_code(district: TestDistrict) -> None:
    Cell.objects.filter(pk=district.cells[0, 0].pk).update(code="110101001002009")


def untrue_area(district: TestDistrict) -> None:
    Cell.objects.filter(pk=district.cells[0, 0].pk).update(area_m2=4000)


def large_cell(district: TestDistrict) -> None:
    """One cell in place of the six of a community, and its true area."""
    rows = [(row, column) for row in range(3) for column in (2, 3)]
    first, *others = [district.cells[place] for place in rows]
    for cell in others:
        Part.objects.filter(cell=cell).update(cell=first)
    Cell.objects.filter(pk__in=[cell.pk for cell in others]).update(
        end_on=date(2026, 1, 1), void_reason="合并"
    )
    first.geom = square(0, 2, 3, 3)
    reshape(first)


def short_shift(district: TestDistrict) -> None:
    Shift.objects.filter(key="day").update(begins="08:00")


def no_patrol(district: TestDistrict) -> None:
    PatrolCell.objects.filter(cell=district.cells[0, 0], patrol__shift="night").delete()


def account_closed(district: TestDistrict) -> None:
    User.objects.filter(username="supervisor-4").update(is_active=False)


def two_at_once(district: TestDistrict) -> None:
    own = PatrolCell.objects.filter(patrol__supervisor__username="supervisor-1").first()
    PatrolCell.objects.create(patrol=own.patrol, cell=district.cells[0, 3])


def idle(district: TestDistrict) -> None:
    User.objects.create(username="supervisor-9", full_name="新人", roles=["supervisor"])


def part_outside(district: TestDistrict) -> None:
    Part.objects.filter(pk=district.parts[0].pk).update(geom=Point(116.5, 39.93, srid=4490))


def part_elsewhere(district: TestDistrict) -> None:
    Part.objects.filter(pk=district.parts[0].pk).update(cell=district.cells[1, 0])


def part_of_another_community(district: TestDistrict) -> None:
    other = district.communities["110101002001"]
    Part.objects.filter(pk=district.parts[0].pk).update(community=other, street=other.street)


def part_of_a_former_edition(district: TestDistrict) -> None:
    cell = district.cells[0, 0]
    former = Edition.objects.create(
        name="从前", state="former", published_at=at(on="2010-01-01"), superseded_at=NOW
    )
    old = Cell.objects.create(
        edition=former, code=cell.code, community=cell.community, geom=cell.geom,
        area_m2=cell.area_m2, initial_on=date(2010, 1, 1),
    )  # fmt: skip
    Part.objects.filter(pk=district.parts[0].pk).update(cell=old)


def cut_part(district: TestDistrict) -> None:
    """A line that begins in its cell and ends in the next one."""
    lon, lat = district.parts[0].geom.coords
    line = LineString((lon, lat), (lon, lat - 0.6 * SOUTH_STEP), srid=4490)
    Part.objects.filter(pk=district.parts[0].pk).update(geom=line)


def unknown_owner(district: TestDistrict) -> None:
    Part.objects.filter(pk=district.parts[0].pk).update(
        maintainer_name="某公司", maintainer_uscc=""
    )


def no_standard(district: TestDistrict) -> None:
    FilingStandard.objects.filter(catalogue_class=district.classes["stall"]).update(
        valid_to=date(2026, 6, 9)
    )


def no_route(district: TestDistrict) -> None:
    RoutingRule.objects.filter(kind="part").update(valid_to=date(2026, 6, 9))


def equal_rules(district: TestDistrict) -> None:
    rule = RoutingRule.objects.get(kind="part")
    rule.pk, rule.department = None, district.departments["s201"]
    rule.is_draft = True
    rule.save()


def no_calendar(district: TestDistrict) -> None:
    CalendarYear.objects.filter(year=2026).delete()


def no_user(district: TestDistrict) -> None:
    """A department without users of its own, for which no rule is written."""
    own = district.departments["d101"]
    RoutingRule.objects.filter(department=own).update(department=district.departments["s201"])
    Membership.objects.filter(department=own).delete()


def silent_beat(district: TestDistrict) -> None:
    Heartbeat.objects.update(at=NOW - timedelta(minutes=2))


def sweep_error(district: TestDistrict) -> None:
    SweepError.objects.create(
        kind="task", item_id=1, error="x", first_at=NOW, last_at=NOW, retry_at=NOW
    )


def waiting_job(district: TestDistrict) -> None:
    asked = NOW - timedelta(minutes=11)
    Job.objects.create(kind="x", title="导入", actor={}, language="zh-hans", asked_at=asked)


def failed_job(district: TestDistrict) -> None:
    Job.objects.create(
        kind="x", title="导入", actor={}, language="zh-hans", state="failed", error="坏了",
        asked_at=NOW - timedelta(hours=3), ended_at=NOW - timedelta(hours=2),
    )  # fmt: skip


FAULTS: list[tuple[str, str, Callable[[TestDistrict], None]]] = [
    ("grid-current", "fault", no_edition),
    ("grid-gaps", "fault", reshaped(south=SOUTH_STEP / 2)),
    ("grid-bare", "fault", bare),
    ("grid-overlaps", "fault", reshaped(row=1, north=SOUTH_STEP / 4)),
    ("grid-strays", "fault", reshaped(south=-SOUTH_STEP / 4)),
    ("grid-codes", "fault", wrong_code),
    ("grid-areas", "fault", untrue_area),
    ("grid-band", "warning", large_cell),
    ("patrol-hours", "fault", short_shift),
    ("patrol-cells", "fault", no_patrol),
    ("patrol-cells", "fault", account_closed),
    ("patrol-double", "warning", two_at_once),
    ("patrol-idle", "warning", idle),
    ("parts-outside", "fault", part_outside),
    ("parts-cell", "fault", part_elsewhere),
    ("parts-cell", "fault", part_of_another_community),
    ("parts-cell", "fault", part_of_a_former_edition),
    ("parts-cut", "warning", cut_part),
    ("parts-owner", "warning", unknown_owner),
    ("class-standard", "fault", no_standard),
    ("routing-gaps", "fault", no_route),
    ("routing-equal", "warning", equal_rules),
    ("calendar", "fault", no_calendar),
    ("department-users", "fault", no_user),
    ("beat", "fault", silent_beat),
    ("sweep-errors", "warning", sweep_error),
    ("jobs-waiting", "fault", waiting_job),
    ("jobs-failed", "warning", failed_job),
]
# Without an edition nobody can have a cell of it.
ALONG = {"grid-current": {"patrol-idle", "parts-cell", "parts-outside"}}


def test_a_sound_installation_has_no_fault_and_no_warning(sound):
    assert found() == {}


@pytest.mark.parametrize(
    ("key", "level", "break_it"), FAULTS, ids=[f"{k}-{f.__name__}" for k, _l, f in FAULTS]
)
def test_each_fault_is_found_by_its_own_check(sound, browser_client, key, level, break_it):
    break_it(sound)
    told = found()
    assert told.pop(key) == level
    assert set(told) <= ALONG.get(key, set())
    line = look_at(key, NOW)
    assert line.finding.count >= 1
    assert str(line.finding.said)
    assert str(line.check.todo)
    browser_client.enter(sound.user("administrator"))
    if line.url:
        assert browser_client.get(line.url).status_code == 200
    if line.finding.rows:
        html = unescape(browser_client.get(f"/selfcheck/{key}/").content.decode())
        assert line.finding.rows[0].name in html


def test_every_check_has_its_fault_in_these_tests():
    own = {"timers", "broker", "clocks", "dead-letters"}  # below
    assert {check.key for check in CHECKS} == {key for key, _level, _break in FAULTS} | own


def test_hours_are_told_by_cell(sound):
    no_patrol(sound)
    (row,) = look_at("patrol-cells", NOW).finding.rows
    assert (row.name, row.said) == (sound.cells[0, 0].code, "19:00–07:00")
    short_shift(sound)
    assert "07:00–08:00" in str(look_at("patrol-hours", NOW).finding.said)


def test_overlapping_shifts_count_together(sound):
    """A cell that one shift leaves is no hole where a shift over the same hours has it."""
    PatrolCell.objects.filter(cell=sound.cells[0, 0], patrol__shift="day").delete()
    night = PatrolCell.objects.get(cell=sound.cells[0, 0], patrol__shift="night")
    Shift.objects.filter(key="night").update(begins="06:00", ends="19:00")
    assert look_at("patrol-cells", NOW).finding.level is Level.FINE
    assert look_at("patrol-hours", NOW).finding.count == 1
    night.delete()
    assert look_at("patrol-cells", NOW).finding.count == 1


def test_from_november_on_the_next_year_is_missed(sound, clock):
    assert look_at("calendar", at(on="2026-10-31")).finding.level is Level.FINE
    assert look_at("calendar", at(on="2026-11-01")).finding.level is Level.WARNING


def test_large_counts_are_grouped_in_the_sentences_as_in_the_columns(sound, monkeypatch):
    many = [Bodies("", "", "", 12_345), Bodies("某单位", "", "", 1_000)]
    monkeypatch.setattr(register, "parts_of_unknown_bodies", lambda known: many)
    finding = look_at("parts-owner", NOW).finding
    assert "13,345" in str(finding.said)
    assert [str(row.said).split()[0] for row in finding.rows] == ["12,345", "1,000"]
    Cell.objects.filter(code=sound.cells[0, 0].code).update(area_m2=1_234_567)
    (row,) = look_at("grid-band", NOW).finding.rows
    assert "1,234,567" in str(row.said)


@pytest.mark.parametrize(("minutes", "level"), [(0, "fine"), (2, "warning"), (6, "fault")])
def test_timers_behind_are_told_by_their_lag(sound, make_case, minutes, level):
    case = make_case("VERIFYING", reported_at=NOW)
    due = case.tasks.get().due_at
    line = look_at("timers", due + timedelta(minutes=minutes))
    assert line.finding.level == level


def test_redis_that_does_not_answer_is_a_fault(sound, monkeypatch):
    monkeypatch.setattr(running, "redis_answers", lambda: False)
    assert found() == {"broker": "fault"}


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [(0.5, "fine", ""), (2, "warning", "2.0"), (-9, "fault", "9.0")],
)
def test_clocks_that_drift_are_told(sound, monkeypatch, seconds, level, words):
    monkeypatch.setattr(running, "drift_of_clocks", lambda: timedelta(seconds=seconds))
    line = look_at("clocks", NOW)
    assert line.finding.level == level
    assert words in str(line.finding.said)


def test_the_drift_is_that_between_process_and_database(district, clock):
    clock.now = datetime.now(UTC) + timedelta(days=1)
    assert running.drift_of_clocks() < timedelta(hours=-23)


def test_dead_letters_are_a_warning(sound, make_case):
    Delivery.objects.create(
        case=make_case(), receiver=sound.user("acceptor-1"), channel=Channel.EMAIL, kind="urge",
        due_at=NOW, next_at=NOW, dead_at=NOW,
    )  # fmt: skip
    assert look_at("dead-letters", NOW).finding.level is Level.WARNING


def test_kept_answers_follow_what_they_were_made_from(sound, clock):
    assert found() == {}
    clock.move(minutes=5)
    assert look_at("grid-gaps", clock.now).as_of == NOW
    part_outside(sound)
    assert found() == {"parts-outside": "fault"}
    Part.objects.filter(pk=sound.parts[0].pk).update(state="removed", change_on=date(2026, 6, 1))
    assert found() == {}


def test_the_page_counts_levels_and_leads_to_the_rows(sound, browser_client):
    no_patrol(sound)
    idle(sound)
    browser_client.enter(sound.user("administrator"))
    html = unescape(browser_client.get("/selfcheck/").content.decode())
    assert html.count('data-gc-level="fault"') == 1
    assert html.count('data-gc-level="warning"') == 1
    assert html.count("data-gc-check=") == len(CHECKS)
    assert 'href="/selfcheck/patrol-cells/"' in html
    assert browser_client.get("/selfcheck/nothing/").status_code == 404


def test_patches_of_ground_stand_on_the_map(sound, browser_client):
    reshape(sound.cells[2, 0], south=SOUTH_STEP / 2)
    browser_client.enter(sound.user("administrator"))
    response = browser_client.get("/selfcheck/grid-gaps/")
    (marker,) = response.context["map"]["markers"]
    assert marker["lat"] < NORTH - 2 * SOUTH_STEP
    assert b"data-gc-map" in response.content


@pytest.mark.parametrize("path", ["/selfcheck/", "/selfcheck/grid-gaps/"])
def test_only_administrators_enter(sound, browser_client, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(sound.user(name))
        expected = 200 if role == "administrator" else 403
        assert browser_client.get(path).status_code == expected, role


def test_looking_anew_forgets_what_was_kept(sound, browser_client, clock):
    browser_client.enter(sound.user("administrator"))
    browser_client.get("/selfcheck/")
    clock.move(minutes=5)
    assert look_at("grid-gaps", clock.now).as_of == NOW
    response = browser_client.post("/selfcheck/anew/")
    assert response["Location"] == "/selfcheck/"
    assert look_at("grid-gaps", clock.now).as_of == clock.now
    browser_client.enter(sound.user("official-1"))
    assert browser_client.post("/selfcheck/anew/").status_code == 403


def test_the_page_costs_as_many_queries_however_much_is_wrong(
    sound, browser_client, django_assert_max_num_queries
):
    browser_client.enter(sound.user("administrator"))
    with django_assert_max_num_queries(90):
        browser_client.get("/selfcheck/")
    PatrolCell.objects.all().delete()
    no_route(sound)
    with django_assert_max_num_queries(90):
        browser_client.get("/selfcheck/")


def run(*arguments: str) -> tuple[int, str]:
    """The command's exit code and what it said."""
    out = StringIO()
    try:
        call_command("selfcheck", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_1_on_a_fault_only(sound):
    assert run()[0] == 0
    idle(sound)
    assert run()[0] == 0
    no_patrol(sound)
    code, said = run()
    assert code == 1
    assert "/selfcheck/patrol-cells/" in said
    assert sound.cells[0, 0].code in said


def test_the_command_answers_in_json(sound):
    no_patrol(sound)
    code, said = run("--json", "--anew")
    body = json.loads(said)
    assert (code, body["level"]) == (1, "fault")
    lines = {line["key"]: line for line in body["lines"]}
    assert set(lines) == {check.key for check in CHECKS}
    assert lines["patrol-cells"]["rows"][0]["name"] == sound.cells[0, 0].code
    assert lines["beat"] == lines["beat"] | {"level": "fine", "count": 0, "url": "", "rows": []}


def test_the_first_page_of_the_administration_tells_the_same(sound, browser_client):
    assert set(AT_THE_HEAD) <= {check.key for check in CHECKS}
    no_patrol(sound)
    browser_client.enter(sound.user("administrator"))
    said = str(look_at("patrol-cells", NOW).finding.said)
    html = unescape(browser_client.get("/admin/").content.decode())
    assert said in html
    assert "/selfcheck/patrol-cells/" in html


def test_a_community_without_cells_is_a_gap(sound):
    Community.objects.create(
        code="110101001003", name="新", street=sound.streets["110101001"],
        geom=sound.communities["110101001001"].geom, valid_from=date(2026, 1, 1),
    )  # fmt: skip
    assert found() == {"grid-gaps": "fault"}
