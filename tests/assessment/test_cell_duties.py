"""The page of a cell: who answers for it, what it was, and what each reader sees of it."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest

from assessment.periods import period_from
from assessment.selectors.cell_page import (
    answering,
    cases_of,
    former_cells,
    get_cell,
    heirs_of,
    open_cases,
)
from assessment.services.facts import rebuild_facts
from dispatch.models import Membership, RoutingRule
from dispatch.services.handling import reassign_case
from gridcity.contracts import NotVisible
from parts.models import Cell, CellHeir, Edition, PatrolCell
from tests.district import USER_OF_ROLE, at

NOW = at("11:00")
OFFICIAL = "official-1"


@pytest.fixture
def busy(district, make_case, clock) -> Cell:
    """A cell with cases that are open, filed and closed, in this month and the last."""
    clock.now = NOW
    make_case("REPORTED", reported_at=at("08:00"))
    make_case("HANDLING", reported_at=at("08:00", on="2026-06-09"))
    cell = make_case("CLOSED", reported_at=at("09:00", on="2026-05-20")).cell
    rebuild_facts()
    return cell


def test_who_answers_is_told_by_class(district, django_assert_num_queries):
    cell = get_cell(district.cells[0, 0].code)
    answering(cell, NOW)
    with django_assert_num_queries(2):
        found = answering(cell, NOW)
    events = {group.department.code: len(group.classes) for group in found["event"]}
    assert events == {"d101": 4, "s201": 1}
    assert [group.department.code for group in found["part"]] == ["w301"]
    Membership.objects.filter(department__code="w301").delete()
    nobody = answering(cell, NOW)["part"][0]
    assert (nobody.department, len(nobody.classes)) == (None, 2)


def test_a_class_with_two_answers_says_at_which_hours(district):
    cell = get_cell(district.cells[0, 0].code)
    rule = RoutingRule.objects.get(class_code="0102", area_code="110101001")
    RoutingRule.objects.filter(pk=rule.pk).update(working_time="working")
    found = [
        (group.department.code, each.hours)
        for group in answering(cell, NOW)["event"]
        for each in group.classes
        if each.entry.code == "0102"
    ]
    assert sorted(found) == [("d101", "off"), ("s201", "working")]


def another_edition(cell: Cell, state: str, **said: Any) -> Cell:
    edition = Edition.objects.create(name=f"版本 {state}", state=state, **said)
    return Cell.objects.create(
        edition=edition, code=cell.code, community=cell.community, geom=cell.geom,
        area_m2=cell.area_m2, initial_on=date(2010, 1, 1),
    )  # fmt: skip


def test_former_editions_are_listed_and_open(district, browser_client, clock):
    clock.now = NOW
    cell = district.cells[0, 0]
    old = another_edition(
        cell, "former", published_at=at(on="2010-01-01"), superseded_at=at(on="2020-01-01")
    )
    draft = another_edition(cell, "draft")
    CellHeir.objects.create(former=old, heir=cell, area_m2=9000, is_main=True)
    assert get_cell(cell.code) == cell
    assert get_cell(cell.code, old.edition_id) == old
    with pytest.raises(NotVisible):
        get_cell(cell.code, draft.edition_id)
    assert [(row["cell"], row["common_m2"]) for row in former_cells(cell)] == [(old, 9000)]
    assert heirs_of(old) == [cell]
    browser_client.enter(district.user(OFFICIAL))
    html = unescape(browser_client.get(f"/district/cells/{cell.code}/").content.decode())
    assert f"/district/cells/{cell.code}/?edition={old.edition_id}" in html
    response = browser_client.get(f"/district/cells/{cell.code}/?edition={old.edition_id}")
    assert "已不再使用" in response.content.decode()


def test_a_cell_that_nobody_patrols_says_so(district, browser_client, clock):
    clock.now = NOW
    PatrolCell.objects.filter(cell=district.cells[0, 0], patrol__shift="night").delete()
    browser_client.enter(district.user("dispatcher-1"))
    html = browser_client.get(f"/district/cells/{district.cells[0, 0].code}/").content.decode()
    assert html.count("bi-x-octagon-fill") == 1


def test_the_numbers_open_their_lists(district, busy, browser_client):
    browser_client.enter(district.user(OFFICIAL))
    response = browser_client.get(f"/district/cells/{busy.code}/")
    html = unescape(response.content.decode())
    shown = [
        one
        for month in response.context["history"]
        for one in month.figures
        if one.count and one.indicator.key == "filed"
    ]
    assert shown
    for one in shown:
        assert f'href="{one.url}"' in html
        listed = browser_client.get(one.url)
        assert listed.context["total"] == one.count
    assert period_from({}, NOW).as_of == NOW


def test_open_cases_are_those_of_the_filtered_list(district, busy, browser_client):
    actor = district.actor(OFFICIAL)
    found = open_cases(actor, cases_of(actor, busy.code), NOW)
    assert found.total == len(found.rows) > 0
    browser_client.enter(district.user(OFFICIAL))
    response = browser_client.get(f"/district/cells/{busy.code}/")
    listed = browser_client.get(response.context["open_url"])
    assert listed.content.decode().count("data-gc-row=") == found.total


def test_of_what_was_taken_from_it_a_department_sees_the_state_only(district, walk, clock):
    clock.now = NOW
    going = walk("HANDLING")
    own, following = district.actor("department-s201"), district.actor("department-d101")
    before = open_cases(own, cases_of(own, going.case.cell.code), NOW).rows
    assert [(row["department"], row["lamp"]) for row in before] == [("环卫中心", "green")]
    reassign_case(
        number=going.number, actor=district.actor("dispatcher-1"), at=going.now,
        version=going.case.version, department="d101", reason="属地处置",
    )  # fmt: skip
    (row,) = open_cases(own, cases_of(own, going.case.cell.code), NOW).rows
    assert row["state"] == "HANDLING"
    assert not any(row[name] for name in ("department", "lamp", "due_at", "green_until"))
    (row,) = open_cases(following, cases_of(following, going.case.cell.code), NOW).rows
    assert (row["department"], row["lamp"]) == ("东华门街道办事处", "green")


ROLES = {role: name for role, name in USER_OF_ROLE.items() if role != "client"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_everybody_at_a_desk_opens_the_page(district, busy, browser_client, role):
    browser_client.enter(district.user(ROLES[role]))
    response = browser_client.get(f"/district/cells/{busy.code}/")
    assert response.status_code == 200
    html = unescape(response.content.decode())
    assert ('data-gc-open="' in html) == (role != "administrator")
    assert ("/district/patrols/?community=" in html) == (role == "administrator")
    has_lists = role in {"official", "duty_chief", "dispatcher"}
    assert ("/dashboard/list/" in html) == has_lists
    for number in html.split('href="/cases/')[1:]:
        assert browser_client.get(f"/cases/{number.split(chr(34))[0]}").status_code == 200


def test_a_client_sees_no_cell(district, busy, browser_client):
    browser_client.enter(district.user("client-1"))
    assert browser_client.get(f"/district/cells/{busy.code}/").status_code == 403


def test_an_unknown_cell_is_not_found(district, busy, browser_client):
    browser_client.enter(district.user(OFFICIAL))
    assert browser_client.get("/district/cells/110101001001999/").status_code == 404
    assert browser_client.get(f"/district/cells/{busy.code}/?edition=999").status_code == 404


def test_the_page_costs_a_few_queries(
    district, busy, browser_client, django_assert_max_num_queries
):
    browser_client.enter(district.user(OFFICIAL))
    browser_client.get(f"/district/cells/{busy.code}/")
    with django_assert_max_num_queries(22):
        browser_client.get(f"/district/cells/{busy.code}/")
