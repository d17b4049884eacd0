"""Filters and orders of the lists that rest on an index of their own."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from cases.selectors.paging import page_of
from dispatch.selectors.boxes import cases_in
from dispatch.selectors.case_lists import CaseFilter, list_cases, listing_of, order_of
from dispatch.selectors.listing import READ, compose
from dispatch.selectors.visible import visible_cases
from dispatch.services.handling import reassign_case
from tests.district import at

NOW = at("18:00")


def numbers(actor, size=50, cursor=None, **query):
    """The numbers of a page, and the cursors of its neighbours."""
    page = list_cases(actor, CaseFilter.parse(query), at=NOW, cursor=cursor, size=size)
    return [row["number"] for row in page.rows], page


@pytest.fixture
def chief(district):
    return district.actor("duty-chief-1")


def test_a_number_is_found_whole_by_its_serial_and_by_how_it_begins(make_case, chief):
    first, second = make_case(), make_case()
    assert numbers(chief, number=second.number)[0] == [second.number]
    serial = second.number[10:].lstrip("0")
    assert numbers(chief, number=serial)[0] == [second.number]
    assert numbers(chief, number=second.number[10:])[0] == [second.number]
    assert numbers(chief, number=second.number[:10])[0] == [second.number, first.number]
    assert numbers(chief, number="110101")[0] == [second.number, first.number]
    for other in ("9", "x", "1101012026x", second.number + "0", "%"):
        assert numbers(chief, number=other)[0] == []


def test_a_state_finds_its_cases_whether_they_are_open_or_ended_or_both(make_case, chief):
    """Among open states the ended ones are left out aloud, for the sake of an index."""
    handled, ended = make_case("HANDLING"), make_case("NOT_ACCEPTED")
    street = handled.street.code
    assert numbers(chief, status="HANDLING", street=street)[0] == [handled.number]
    assert numbers(chief, status="TO_CHECK,HANDLING")[0] == [handled.number]
    assert numbers(chief, status="NOT_ACCEPTED")[0] == [ended.number]
    assert numbers(chief, status="HANDLING,NOT_ACCEPTED")[0] == [ended.number, handled.number]


@pytest.mark.parametrize("name", ["street", "community", "cell", "class_code", "department"])
def test_an_unknown_code_finds_no_case(name, make_case, chief):
    make_case("HANDLING")
    assert numbers(chief, **{name: "999"})[0] == []


def test_places_classes_and_departments_are_found_by_their_codes(make_case, chief):
    case = make_case("HANDLING")
    turn = case.turns.get()
    asked = {
        "street": case.street.code,
        "community": case.community.code,
        "cell": case.cell.code,
        "class_code": case.catalogue_class.code,
        "department": turn.department.code,
    }
    for name, code in asked.items():
        assert numbers(chief, **{name: code})[0] == [case.number]
    row = numbers(chief, **asked)[1].rows[0]
    assert row["street__name"] == case.street.name
    assert row["community__code"] == case.community.code
    assert row["catalogue_class__name"] == case.catalogue_class.name
    assert row["department"] == {"code": turn.department.code, "name": turn.department.name}


def test_pages_between_dates_neither_repeat_nor_hide_a_case(make_case, chief):
    cases = [make_case(reported_at=at(f"{hour:02}:00")) for hour in (9, 8, 10, 10, 7)]
    wanted = {"since": "2026-06-10", "until": "2026-06-10"}
    newest_first = sorted(cases, key=lambda case: (case.reported_at, case.pk), reverse=True)
    seen, cursor = [], None
    for _page in range(3):
        found, page = numbers(chief, size=2, cursor=cursor, **wanted)
        seen += found
        cursor = page.next
    assert seen == [case.number for case in newest_first]
    assert cursor is None
    back, page = numbers(chief, size=2, cursor=page.previous, **wanted)
    assert back == seen[2:4]
    assert numbers(chief, since="2026-06-11")[0] == []


def test_what_is_late_comes_by_what_was_due_first(make_case, chief):
    early = make_case("HANDLING", reported_at=at("08:00"))
    later = make_case(reported_at=at("09:00"))
    make_case("CLOSED", reported_at=at("08:00"))
    due = sorted([early, later], key=lambda case: case.due_at)
    expected = [case.number for case in due if case.due_at < NOW]
    assert len(expected) > 0
    assert numbers(chief, late="1")[0] == expected


def test_a_former_department_sees_in_lists_what_became_of_a_case_by_state_only(walk, district):
    going = walk("HANDLING")
    reassign_case(
        number=going.number, actor=district.actor("dispatcher-1"), at=going.now,
        version=going.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip
    former, present = district.actor("department-s201"), district.actor("department-d101")
    (row,) = numbers(former)[1].rows
    assert row["state"] == "HANDLING"
    assert [row[key] for key in ("department", "due_at", "green_until", "lamp")] == [None] * 4
    assert numbers(former, department="d101")[0] == []
    (row,) = numbers(present, department="d101")[1].rows
    assert row["department"]["code"] == "d101"
    assert row["due_at"] is not None


def test_how_late_a_later_turn_is_nobody_of_a_former_department_can_ask(walk, district):
    going = walk("HANDLING", reported_at=at("08:00"))
    reassign_case(
        number=going.number, actor=district.actor("dispatcher-1"), at=going.now,
        version=going.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip
    late = going.case.due_at + timedelta(minutes=1)

    def found(name):
        actor = district.actor(f"department-{name}")
        return len(list_cases(actor, CaseFilter.parse({"late": "1"}), at=late).rows)

    assert (found("s201"), found("d101")) == (0, 1)


def test_what_waits_for_a_department_is_seen_by_it_and_asks_for_no_turn_that_is_over(
    walk, make_case, district
):
    going, other = walk("HANDLING"), walk("HANDLING")
    reassign_case(
        number=other.number, actor=district.actor("dispatcher-1"), at=other.now,
        version=other.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip
    make_case("CLOSED")
    expected = {"s201": {going.number}, "d101": {other.number}}
    for code, waiting in expected.items():
        for suffix in ("", "-lead"):
            actor = district.actor(f"department-{code}{suffix}")
            assert {case.number for case in cases_in(actor, "todo")} == waiting
            assert set(cases_in(actor, "todo")) <= set(visible_cases(actor))
    member = district.actor("department-s201")
    assert "undone" not in str(cases_in(member, "todo").query)
    assert "undone" in str(cases_in(member, "touched").query)
    assert not cases_in(replace(member, department_id=None), "todo").exists()


FORMS = [
    "box=todo", "box=done", "box=touched", "box=supervised", "box=first", "box=callback", "",
    "status=HANDLING", "status=HANDLING,CLOSED", "kind=part&source=SUPERVISOR", "late=1",
    "since=2026-06-01&until=2026-06-30", "street={street}&status=TO_FILE", "number=2",
    "department={department}", "class_code={entry}&kind=part", "cell={cell}", "cell=none",
]  # fmt: skip
DESKS = (
    "acceptor-1", "duty-chief-1", "dispatcher-1", "department-s201-lead", "official-1",
    "supervisor-1",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_list_gives_what_its_query_composed_anew_gives(form, district, make_case):
    """For every desk: its count, and page by page there and back."""
    cases = [make_case(s) for s in ("TO_FILE", "HANDLING", "HANDLING", "CHECKING", "CLOSED")]
    one = cases[1]
    asked = form.format(
        street=one.street.code, department=one.turns.get().department.code,
        entry=one.catalogue_class.code, cell=one.cell.code,
    )  # fmt: skip
    wanted = CaseFilter.parse(dict(pair.split("=") for pair in asked.split("&") if pair))
    by = order_of(wanted)
    for name in DESKS:
        listing = listing_of(district.actor(name), wanted, NOW)
        rows = compose(listing.form, listing.values).values(*READ)
        whole = [row["id"] for row in page_of(rows, cursor=None, by=by).rows]
        assert listing.count() == len(whole)
        page = listing.page(cursor=None, by=by, size=2)
        pages = [page]
        while page.next:
            page = listing.page(cursor=page.next, by=by, size=2)
            pages.append(page)
        assert [row["id"] for page in pages for row in page.rows] == whole
        for before, after in pairwise(pages):
            assert listing.page(cursor=after.previous, by=by, size=2).rows == before.rows
