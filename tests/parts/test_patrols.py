"""Responsibility grids by hand: given, added, taken away, by two editors at once."""

from __future__ import annotations

import threading
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from cases.services.tasks import find_supervisor
from gridcity.contracts import CLOCK, Forbidden, Invalid, NotAllowed, NotVisible, StaleVersion
from gridcity.models import User
from parts.colours import coloured
from parts.hours import in_words, left_over, overlapping, spans_of
from parts.models import Patrol, PatrolCell, Shift
from parts.selectors.kept import forget
from parts.selectors.patrol_board import last_change, patrol_board
from parts.selectors.patrols import shift_end
from parts.services.patrol_changes import change_patrols
from parts.services.shifts import ShiftSaid, add_shift, change_shift, remove_shift
from tests.district import USER_OF_ROLE, TestDistrict, at, time

NOW = at("11:00")


def held(code: str, shift: str = "day") -> set[str]:
    rows = PatrolCell.objects.filter(cell__code=code, patrol__shift=shift)
    return set(rows.values_list("patrol__supervisor__username", flat=True))


def change(district: TestDistrict, do: str, name: str | None, *places: tuple[int, int], **said):
    """Change patrols of the day as an editor who has just looked."""
    board = patrol_board(Shift.objects.get(pk="day"))
    codes = {district.cells[place].code for place in places}
    seen = {code: frozenset(ids) for code, ids in board.holders_of(codes).items()}
    return change_patrols(
        **{
            "actor": district.actor("administrator"),
            "at": NOW,
            "shift": "day",
            "way": do,
            "supervisor_id": district.user(name).pk if name else None,
            "seen": seen,
        }
        | said
    )


def test_cells_are_given_to_one_supervisor_alone(district):
    code = district.cells[0, 0].code
    done = change(district, "give", "supervisor-2", (0, 0), (0, 2))
    assert held(code) == {"supervisor-2"}
    assert held(code, "night") == {"supervisor-3"}
    assert (done.codes, done.given, done.taken) == ((code,), 1, 1)


def test_a_supervisor_of_another_shift_gets_a_patrol_in_this_one(district):
    change(district, "give", "supervisor-4", (0, 0))
    assert held(district.cells[0, 0].code) == {"supervisor-4"}
    assert held(district.cells[0, 2].code, "night") == {"supervisor-4"}


def test_cells_are_added_and_taken_away(district):
    code = district.cells[0, 0].code
    change(district, "add", "supervisor-2", (0, 0))
    assert held(code) == {"supervisor-1", "supervisor-2"}
    change(district, "take", "supervisor-1", (0, 0))
    assert held(code) == {"supervisor-2"}
    change(district, "take", None, (0, 0), (1, 0))
    assert held(code) == held(district.cells[1, 0].code) == set()


def test_the_board_tells_what_is_open_and_what_is_double(district):
    change(district, "take", None, (0, 0))
    change(district, "add", "supervisor-2", (1, 0))
    board = patrol_board(Shift.objects.get(pk="day"))
    assert board.uncovered == [district.cells[0, 0].code]
    assert board.doubled == [district.cells[1, 0].code]
    walkers = {walker.username: walker for walker in board.on_duty}
    assert {name: walker.cells for name, walker in walkers.items()} == {
        "supervisor-1": 5, "supervisor-2": 7
    }  # fmt: skip
    assert walkers["supervisor-1"].colour != walkers["supervisor-2"].colour
    User.objects.filter(username="supervisor-2").update(is_active=False)
    board = patrol_board(Shift.objects.get(pk="day"))
    assert len(board.uncovered) == 7
    assert board.doubled == []


def test_an_editor_who_saw_something_else_changes_nothing(district):
    cell, other = district.cells[0, 0], district.cells[1, 0]
    own = frozenset({district.user("supervisor-1").pk})
    change(district, "give", "supervisor-2", (0, 0))
    with pytest.raises(StaleVersion) as refused:
        change(district, "take", None, (0, 0), (1, 0), seen={cell.code: own, other.code: own})
    assert refused.value.status == 409
    assert refused.value.kept == {"cells": {cell.code: [district.user("supervisor-2").pk]}}
    assert "administrator" in str(refused.value.detail)
    assert held(other.code) == {"supervisor-1"}


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"way": "steal"}, {"way"}),
        ({"seen": {}}, {"cells"}),
        ({"seen": {"110101001001999": frozenset()}}, {"cells"}),
        ({"supervisor_id": None}, {"supervisor"}),
        ({"supervisor_id": 0}, {"supervisor"}),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(district, said, fields):
    with pytest.raises(Invalid) as refused:
        change(district, "give", "supervisor-2", (0, 0), **said)
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize("name", ["acceptor-1", "administrator"])
def test_only_supervisors_with_an_account_are_given_cells(district, name):
    with pytest.raises(Invalid):
        change(district, "give", name, (0, 0))
    User.objects.filter(username="supervisor-2").update(is_active=False)
    with pytest.raises(Invalid):
        change(district, "give", "supervisor-2", (0, 0))


def test_only_administrators_change_patrols(district):
    with pytest.raises(Forbidden):
        change(district, "give", "supervisor-2", (0, 0), actor=district.actor("official-1"))
    with pytest.raises(NotVisible):
        change(district, "give", "supervisor-2", (0, 0), shift="never")


def test_open_tasks_stay_and_new_ones_go_by_the_new_patrol(district, make_case):
    case = make_case("VERIFYING")
    task = case.tasks.get()
    had = task.assignee.username
    assert had in {"supervisor-1", "supervisor-2"}
    change(district, "give", "supervisor-4", *district.cells)
    task.refresh_from_db()
    assert (task.assignee.username, task.ended_at) == (had, None)
    assert find_supervisor(case, NOW, (), ()) == district.user("supervisor-4").pk


def test_no_task_goes_to_who_is_no_supervisor_any_more(district, make_case):
    case = make_case("REPORTED", by="acceptor-1", source="HOTLINE", cell=(1, 1))
    assert find_supervisor(case, NOW, (), ()) == district.user("supervisor-1").pk
    User.objects.filter(username="supervisor-1").update(roles=["acceptor"])
    assert find_supervisor(case, NOW, (), ()) == district.user("supervisor-2").pk


def test_of_two_shifts_that_overlap_the_last_end_is_the_end_of_duty(district):
    supervisor = district.user("supervisor-1")
    Shift.objects.create(key="late", name="中班", begins=time(12), ends=time(22))
    late = Patrol.objects.create(supervisor=supervisor, shift_id="late")
    PatrolCell.objects.create(patrol=late, cell=district.cells[0, 0])
    forget()
    assert shift_end(user_id=supervisor.pk, at=at("11:00")) == at("19:00")
    assert shift_end(user_id=supervisor.pk, at=at("18:00")) == at("22:00")
    assert shift_end(user_id=supervisor.pk, at=at("20:00")) == at("22:00")
    assert shift_end(user_id=supervisor.pk, at=at("22:00")) is None


def test_who_had_a_cell_is_remembered(district):
    cell = district.cells[0, 0]
    change(district, "give", "supervisor-2", (0, 0))
    with connection.cursor() as cursor:
        cursor.execute(
            "select h.pgh_label, u.username from parts_patrolcellhistory h"
            " join parts_patrol p on p.id = h.patrol_id join gridcity_user u on u.id ="
            " p.supervisor_id where h.cell_id = %s and p.shift_id = 'day' order by h.pgh_id",
            [cell.pk],
        )
        rows = cursor.fetchall()
    assert rows == [
        ("given", "supervisor-1"), ("taken", "supervisor-1"), ("given", "supervisor-2")
    ]  # fmt: skip
    last = last_change("day", [cell.code])
    assert last is not None
    assert last.by == "administrator"


def test_a_patrol_is_never_deleted(district):
    PatrolCell.objects.all().delete()
    with pytest.raises(ProgrammingError, match="patrol_kept"):
        Patrol.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told(district):
    """Both saw the same; whoever comes second learns of it, and no cell has two."""
    cell = district.cells[0, 0]
    seen = {cell.code: frozenset({district.user("supervisor-1").pk})}
    refused: list[StaleVersion] = []

    def edit(name: str) -> None:
        try:
            change_patrols(
                actor=district.actor("administrator"), at=NOW, shift="day", way="give",
                supervisor_id=district.user(name).pk, seen=seen,
            )  # fmt: skip
        except StaleVersion as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=[f"supervisor-{n}"]) for n in (2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    assert len(held(cell.code)) == 1


# ---------------------------------------------------------------- shifts


def said(name: str = "白班", begins: str = "07:00", ends: str = "19:00") -> ShiftSaid:
    return ShiftSaid(name, time.fromisoformat(begins), time.fromisoformat(ends))


def test_a_shift_is_added_changed_and_removed(district):
    actor = district.actor("administrator")
    add_shift(actor=actor, at=NOW, key="evening", said=said("晚班", "18:00", "22:00"))
    change_shift(
        actor=actor, at=NOW, key="evening",
        said=said("晚班", "18:00", "23:00"), seen=said("晚班", "18:00", "22:00"),
    )  # fmt: skip
    assert Shift.objects.get(pk="evening").ends == time(23)
    remove_shift(actor=actor, at=NOW, key="evening")
    assert not Shift.objects.filter(pk="evening").exists()


def test_a_shift_with_cells_or_a_past_stays(district):
    actor = district.actor("administrator")
    with pytest.raises(NotAllowed):
        remove_shift(actor=actor, at=NOW, key="day")
    PatrolCell.objects.all().delete()
    with pytest.raises(NotAllowed):
        remove_shift(actor=actor, at=NOW, key="day")
    with pytest.raises(NotVisible):
        remove_shift(actor=actor, at=NOW, key="never")


def test_two_editors_of_a_shift_do_not_overwrite_each_other(district):
    actor = district.actor("administrator")
    seen = said()
    change_shift(actor=actor, at=NOW, key="day", said=said(ends="20:00"), seen=seen)
    with pytest.raises(StaleVersion, match="20:00"):
        change_shift(actor=actor, at=NOW, key="day", said=said(ends="18:00"), seen=seen)


@pytest.mark.parametrize(
    ("key", "words", "field"),
    [
        ("Day", said(), "key"),
        ("day", said(), "key"),
        ("late", said(name=" "), "name"),
        ("late", said(begins="19:00"), "ends"),
    ],
)
def test_a_shift_that_cannot_be_says_why(district, key, words, field):
    with pytest.raises(Invalid) as refused:
        add_shift(actor=CLOCK, at=NOW, key=key, said=words)
    assert set(refused.value.fields) == {field}


# ---------------------------------------------------------------- pure


def test_hours_are_joined_left_over_and_doubled():
    night = spans_of(time(19), time(7))
    day = spans_of(time(7), time(19))
    assert left_over([*night, *day]) == []
    assert in_words(left_over(day)) == "19:00–07:00"
    assert in_words(left_over(spans_of(time(8), time(18)), day)) == "07:00–08:00 18:00–19:00"
    assert in_words(overlapping([day, night, spans_of(time(6), time(8))])) == "06:00–08:00"
    assert in_words(left_over([])) == "00:00–24:00"
    assert spans_of(time(0), time(0)) == [(0, 24 * 3600)]


def test_neighbours_have_different_colours():
    ring = {n: {(n - 1) % 5, (n + 1) % 5} for n in range(5)}
    chosen = coloured(ring)
    assert all(chosen[n] != chosen[other] for n in ring for other in ring[n])
    assert set(chosen.values()) == {0, 1, 2}


# ---------------------------------------------------------------- pages


@pytest.fixture
def office(browser_client: Any, district: TestDistrict, clock: Any) -> Any:
    return browser_client.enter(district.user("administrator"))


def words(office: Any, path: str, status: int = 200) -> str:
    forget()
    response = office.get(path)
    assert response.status_code == status, response.content[:400]
    return unescape(response.content.decode())


@pytest.mark.parametrize(
    "path", ["/district/patrols/", "/district/patrols/cells/", "/district/patrols/shifts/"]
)
def test_only_administrators_enter(browser_client, district, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        expected = 200 if role == "administrator" else 403
        assert browser_client.get(path).status_code == expected, role


def test_the_list_shows_a_community_a_supervisor_or_a_hole(office, district):
    cell = district.cells[0, 0]
    assert words(office, "/district/patrols/").count("data-gc-cell=") == 0
    html = words(office, "/district/patrols/?shift=day&community=110101001001")
    assert html.count("data-gc-cell=") == 3
    pk = district.user("supervisor-2").pk
    assert words(office, f"/district/patrols/?supervisor={pk}").count("data-gc-cell=") == 6
    change(district, "take", None, (0, 0))
    html = words(office, "/district/patrols/?show=uncovered")
    assert html.count("data-gc-cell=") == 1
    assert f'value="{cell.code}:"' in html
    assert words(office, "/district/patrols/?show=doubled").count("data-gc-cell=") == 0
    words(office, "/district/patrols/?shift=never", 404)


def test_the_form_works_without_scripts(office, district):
    cell, one = district.cells[0, 0], district.user("supervisor-1")
    form = {
        "shift": "day", "way": "give", "supervisor": district.user("supervisor-2").pk,
        "cell": [f"{cell.code}:{one.pk}"], "back_community": "110101001001",
    }  # fmt: skip
    response = office.post("/district/patrols/change/", form)
    assert response["Location"] == "/district/patrols/?shift=day&community=110101001001"
    assert held(cell.code) == {"supervisor-2"}
    assert office.post("/district/patrols/change/", form).status_code == 409
    for word in ("x:1", f"{cell.code}:x"):
        assert office.post("/district/patrols/change/", form | {"cell": word}).status_code == 400


def test_the_script_hears_what_changed_and_who_came_first(office, district):
    cell, one = district.cells[0, 0], district.user("supervisor-1")
    two = district.user("supervisor-2")
    form = {"shift": "day", "way": "give", "supervisor": two.pk, "cells": f"{cell.code}:{one.pk}"}
    answer = office.post("/district/patrols/change/", form, headers={"accept": "application/json"})
    body = answer.json()
    assert body["cells"] == {cell.code: [two.pk]}
    assert body["supervisors"][str(two.pk)]["cells"] == 7
    answer = office.post("/district/patrols/change/", form, headers={"accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["kept"]["cells"] == {cell.code: [two.pk]}
    feed = office.get("/district/patrols/cells/?shift=day").json()
    assert feed["cells"][cell.code] == [two.pk]
    assert len(feed["cells"]) == 12


def test_shifts_are_edited_on_their_page(office, district):
    form = {
        "key": "day", "way": "change", "name": "早班", "begins": "06:00", "ends": "19:00",
        "seen_name": "白班", "seen_begins": "07:00:00", "seen_ends": "19:00:00",
    }  # fmt: skip
    assert office.post("/district/patrols/shifts/", form).status_code == 302
    assert Shift.objects.get(pk="day").name == "早班"
    response = office.post("/district/patrols/shifts/", form | {"name": "再改"})
    assert response.status_code == 409
    assert "再改" in response.content.decode()
    assert office.post("/district/patrols/shifts/", form | {"begins": "x"}).status_code == 400
    new = {"key": "noon", "way": "add", "name": "午班", "begins": "11:00", "ends": "13:00"}
    assert office.post("/district/patrols/shifts/", new).status_code == 302
    assert office.post("/district/patrols/shifts/", {"key": "noon", "way": "remove"}).status_code
    assert not Shift.objects.filter(pk="noon").exists()


def test_the_page_costs_a_few_queries(office, district, django_assert_max_num_queries):
    office.get("/district/patrols/")
    with django_assert_max_num_queries(14):
        words(office, "/district/patrols/?community=110101001001")
