"""GET /api/v1/cases/ and /api/v1/requests/: boxes, filters, pages, and what they cost."""

from __future__ import annotations

import pytest

from dispatch.actions import Told, carry_out
from tests.api.conftest import CASES

REQUESTS = "/api/v1/requests/"


def numbers(answer) -> list[str]:
    assert answer.status_code == 200, answer.body
    return [row["number"] for row in answer.body["results"]]


def box(client, name, **query) -> list[str]:
    return numbers(client.get(CASES, {"box": name, **query}))


def told(going, name, **said):
    return Told(going.number, going.actor(name), going.now, going.case.version, said)


# ---------------------------------------------------------------- boxes


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("REPORTED", "acceptor-2"), ("VERIFYING", "supervisor-2"), ("TO_FILE", "duty-chief-2"),
        ("TO_DISPATCH", "dispatcher-2"), ("HANDLING", "department-s201-lead"),
        ("TO_CHECK", "acceptor-2"), ("CHECKING", "supervisor-1"), ("TO_CLOSE", "duty-chief-2"),
    ],
)  # fmt: skip
def test_todo_is_what_waits_for_me_my_desk_or_my_department(of, make_case, state, name):
    case = make_case(state)
    everybody = ["acceptor-2", "supervisor-1", "supervisor-2", "duty-chief-2", "dispatcher-2",
                 "department-s201-lead", "department-d101", "official-1"]  # fmt: skip
    waiting = {each for each in everybody if case.number in box(of(each), "todo")}
    assert waiting == {name}


def test_todo_comes_by_what_is_due_first(of, walk):
    late = walk("TO_DISPATCH")
    soon = walk("TO_FILE")
    soon.now = late.now.replace(minute=40)
    soon.step("file")
    assert box(of("dispatcher-1"), "todo") == [late.number, soon.number]


def test_a_request_that_waits_is_in_its_reviewers_box(of, walk):
    going = walk("HANDLING")
    carry_out("ask_return", told(going, "department-s201", reason="非本单位职责",
                                 reason_code="not_ours"))  # fmt: skip
    assert box(of("dispatcher-1"), "todo") == [going.number]
    assert box(of("duty-chief-1"), "todo") == []


def test_touched_is_what_i_acted_on_and_done_what_has_moved_on_since(of, walk):
    going = walk("TO_FILE")  # accepted by acceptor-1
    acceptor, other = of("acceptor-1"), of("acceptor-2")
    assert box(acceptor, "touched") == box(acceptor, "done") == [going.number]
    assert box(other, "touched") == box(other, "done") == []
    for step in ("file", "dispatch", "finish"):
        going.step(step)
    assert box(acceptor, "touched") == [going.number]
    assert box(acceptor, "done") == []  # it waits for his desk again: the check is to be sent
    assert box(acceptor, "todo") == [going.number]


def test_a_department_finds_in_done_what_it_finished(of, walk):
    going = walk("TO_CHECK")
    assert box(of("department-s201"), "done") == [going.number]
    assert box(of("department-s201"), "todo") == []


def test_supervised_is_empty_until_somebody_urges(of, make_case):
    make_case("HANDLING")
    assert box(of("official-1"), "supervised") == []


# ---------------------------------------------------------------- filters


@pytest.fixture
def some(make_case, district):
    """Cases in several states, streets and classes."""
    return {
        "reported": make_case("REPORTED", cell=(0, 0)),
        "filed": make_case("TO_DISPATCH", cell=(0, 3)),
        "handled": make_case("HANDLING", cell=(1, 1)),
        "closed": make_case("CLOSED", cell=(2, 2), entry="stall"),
        "part": make_case("REPORTED", cell=(1, 0), entry="cover"),
        "building": make_case("REPORTED", cell=(1, 0), entry="illegal_building"),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"reported", "filed", "handled", "closed", "part", "building"}),
        ({"status": "REPORTED"}, {"reported", "part", "building"}),
        ({"status": "REPORTED,HANDLING"}, {"reported", "part", "building", "handled"}),
        ({"status": ["CLOSED", "HANDLING"]}, {"closed", "handled"}),
        ({"street": "110101002"}, {"filed", "closed"}),
        ({"street": "110101999"}, set()),
        ({"department": "s201"}, {"handled"}),
        ({"department": "nobody"}, set()),
        ({"class_code": "0102"}, {"reported", "filed", "handled"}),
        ({"class_code": "0101"}, {"part", "building"}),
        ({"class_code": "0101", "kind": "part"}, {"part"}),
        ({"class_code": "0102", "status": "REPORTED", "street": "110101001"}, {"reported"}),
        ({"community": "110101001001"}, {"reported", "part", "building"}),
        ({"cell": "110101001002002"}, {"handled"}),
        ({"since": "2026-06-10", "until": "2026-06-10"},
         {"reported", "filed", "handled", "closed", "part", "building"}),
        ({"since": "2026-06-11"}, set()),
        ({"source": "HOTLINE"}, set()),
        ({"box": "todo", "class_code": "0101"}, {"part", "building"}),
    ],
)  # fmt: skip
def test_filters(of, some, query, expected):
    found = numbers(of("acceptor-1").get(CASES, query))
    assert {name for name, case in some.items() if case.number in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    "query",
    [{"status": "LATE"}, {"box": "mine"}, {"kind": "thing"}, {"source": "X"}, {"since": "soon"},
     {"cursor": "x"}, {"cursor": "W10="}, {"cursor": "eyJhIjoxfQ=="}, {"cursor": "é"},
     {"cursor": "WyJ4IiwgMSwgZmFsc2Vd"}, {"cursor": "W251bGwsIDFlOTk5LCBmYWxzZV0="},
     {"cursor": "WyIyMDI2LTAxLTAxIiwgMWU5OSwgMF0="}, {"cursor": "W1tbW1tbW1tbW1tb"},
     {"page_size": "0"}, {"page_size": "101"}, {"page_size": "x"}, {"page_size": "-1"},
     {"until": "2026-13-01"}, {"until": "9999-12-31"}],
)  # fmt: skip
def test_an_unknown_filter_is_a_wrong_field(of, district, query):
    answer = of("acceptor-1").get(CASES, query)
    assert answer.status_code == 400, answer.body
    assert answer.body["fields"]


@pytest.mark.parametrize(
    "query",
    [{"street": "a\x00b"}, {"number": "\x00"}, {"department": "%"}, {"class_code": "'; drop"},
     {"cell": "x" * 5000}, {"nonsense": "1"}],
)  # fmt: skip
def test_a_filter_that_nothing_fits_finds_nothing_or_is_left_aside(of, district, query):
    assert of("acceptor-1").get(CASES, query).status_code == 200


# ---------------------------------------------------------------- pages


def walk_pages(client, query) -> list[list[str]]:
    pages, following = [], None
    while True:
        answer = client.get(following) if following else client.get(CASES, query)
        pages.append(numbers(answer))
        following = answer.body["next"]
        if not following:
            return pages


@pytest.mark.parametrize("query", [{"page_size": "3"}, {"page_size": "3", "box": "todo"}])
def test_pages_hold_every_case_once_in_one_order(of, make_case, query):
    made = [make_case().number for _number in range(8)]
    pages = walk_pages(of("acceptor-1"), query)
    assert [len(page) for page in pages] == [3, 3, 2]
    listed = [number for page in pages for number in page]
    expected = made if query.get("box") else made[::-1]
    assert listed == expected


def test_a_case_that_arrives_meanwhile_neither_repeats_nor_hides_another(of, make_case):
    made = [make_case().number for _number in range(4)]
    client = of("acceptor-1")
    first = client.get(CASES, {"page_size": "2"})
    make_case()
    second = client.get(first.body["next"])
    assert numbers(first) + numbers(second) == made[::-1]
    assert numbers(client.get(second.body["previous"])) == numbers(first)


def test_the_bare_cursor_serves_as_well_as_the_address(of, make_case):
    for _number in range(3):
        make_case()
    client = of("acceptor-1")
    first = client.get(CASES, {"page_size": "2", "status": "REPORTED"}).body
    by_cursor = client.get(
        CASES, {"page_size": "2", "status": "REPORTED", "cursor": first["cursor"]}
    )
    assert numbers(by_cursor) == numbers(client.get(first["next"]))


@pytest.mark.parametrize("name", ["acceptor-1", "supervisor-1", "dispatcher-1", "department-s201"])
@pytest.mark.parametrize("which", ["", "todo", "done", "touched", "supervised"])
def test_a_list_costs_the_same_at_three_and_at_thirty_rows(
    of, make_case, django_assert_max_num_queries, name, which
):
    client = of(name)
    for _number in range(3):
        make_case("HANDLING")
    client.get(CASES, {"box": which})
    with django_assert_max_num_queries(6):
        client.get(CASES, {"box": which})
    for _number in range(27):
        make_case()
    with django_assert_max_num_queries(6):
        client.get(CASES, {"box": which})


def test_a_page_has_fifty_rows_unless_asked_otherwise(of, make_case):
    for _number in range(52):
        make_case()
    client = of("acceptor-1")
    assert len(numbers(client.get(CASES))) == 50
    assert len(numbers(client.get(CASES, {"page_size": "100"}))) == 52


# ---------------------------------------------------------------- requests


def ask_return(going):
    carry_out("ask_return", told(going, "department-s201", reason="非本单位职责",
                                 reason_code="not_ours", department="d101"))  # fmt: skip


def test_requests_by_kind_state_and_box(of, walk):
    returning, voiding = walk("HANDLING"), walk("TO_DISPATCH")
    ask_return(returning)
    voiding.step("ask_void")
    dispatcher, chief = of("dispatcher-1"), of("duty-chief-2")
    assert numbers(dispatcher.get(REQUESTS)) == [voiding.number, returning.number]
    assert numbers(dispatcher.get(REQUESTS, {"kind": "RETURN"})) == [returning.number]
    assert numbers(dispatcher.get(REQUESTS, {"box": "todo"})) == [returning.number]
    assert numbers(chief.get(REQUESTS, {"box": "todo"})) == [voiding.number]
    assert numbers(dispatcher.get(REQUESTS, {"box": "touched"})) == [voiding.number]
    assert numbers(dispatcher.get(REQUESTS, {"status": "approved"})) == []
    first = dispatcher.get(REQUESTS, {"kind": "RETURN"}).body["results"][0]
    assert first["department"] == {"code": "d101", "name": "东华门街道办事处"}
    assert first["steps"][0]["reviewer_role"] == "dispatcher"


def test_a_department_sees_its_own_requests_only(of, walk):
    going = walk("HANDLING")
    ask_return(going)
    assert numbers(of("department-s201").get(REQUESTS)) == [going.number]
    assert numbers(of("department-d101").get(REQUESTS)) == []
    assert numbers(of("supervisor-1").get(REQUESTS)) == []
    assert numbers(of("client-1").get(REQUESTS)) == []


@pytest.mark.parametrize("query", [{"kind": "X"}, {"status": "X"}, {"box": "X"}, {"cursor": "X"}])
def test_an_unknown_filter_of_requests_is_a_wrong_field(of, district, query):
    assert of("dispatcher-1").get(REQUESTS, query).status_code == 400


def test_requests_cost_the_same_at_three_and_at_thirty(of, walk, django_assert_max_num_queries):
    client = of("dispatcher-1")
    for _number in range(3):
        ask_return(walk("HANDLING"))
    client.get(REQUESTS)
    with django_assert_max_num_queries(7):
        client.get(REQUESTS)
    for _number in range(27):
        ask_return(walk("HANDLING"))
    with django_assert_max_num_queries(7):
        assert len(numbers(client.get(REQUESTS))) == 30


def test_a_return_is_asked_and_approved(of, act, make_case):
    case = make_case("HANDLING")
    path = f"{CASES}{case.number}/requests/"
    asked = of("department-s201").post(
        path, {"kind": "RETURN", "reason_code": "not_ours", "reason": "非本单位职责",
               "version": case.version, "department": "d101"},
    )  # fmt: skip
    assert asked.status_code == 200
    request = asked.body["requests"][0]
    assert (request["status"], request["kind"]) == ("open", "RETURN")
    assert [one["action"] for one in request["allowed_actions"]] == ["withdraw"]
    answer = of("dispatcher-1").post(
        f"{path}{request['id']}/approve/", {"version": asked.body["version"], "reason": "同意"}
    )
    assert (answer.status_code, answer.body["status"]) == (200, "TO_DISPATCH")
    assert answer.body["requests"][0]["status"] == "approved"
    assert answer.body["department"] is None


@pytest.mark.parametrize(
    ("name", "said", "status"),
    [
        ("department-s201", {"kind": "RETURN"}, 400),
        ("department-s201", {"kind": "RETURN", "reason": "x"}, 400),
        ("department-s201", {"kind": "RETURN", "reason": "x", "reason_code": "bored"}, 400),
        ("department-s201", {"kind": "NONSENSE", "reason": "x"}, 400),
        ("department-s201", {"kind": ["RETURN"], "reason": "x"}, 400),
        ("department-s201", {"reason": "x"}, 400),
        ("department-s201", {"kind": "EXTENSION", "reason": "x"}, 200),
        ("department-s201", {"kind": "SUSPENSION", "reason": "x"}, 400),
        ("department-s201", {"kind": "SUSPENSION", "reason": "x", "until": "soon"}, 400),
        ("department-s201", {"kind": "DEFERRAL", "reason": "x", "until": "2026-07-01"}, 409),
        ("department-s201", {"kind": "APPEAL", "reason": "x", "fact": "overdue"}, 409),
        ("department-s201", {"kind": "APPEAL", "reason": "x"}, 400),
        ("department-s201", {"kind": "VOID", "reason": "x"}, 403),
        ("acceptor-1", {"kind": "RETURN", "reason": "x"}, 403),
        ("department-d101", {"kind": "RETURN", "reason": "x"}, 404),
        ("dispatcher-1", {"kind": "VOID", "reason": "重复立案"}, 200),
    ],
)  # fmt: skip
def test_asking_is_checked(of, make_case, name, said, status):
    case = make_case("HANDLING")
    answer = of(name).post(f"{CASES}{case.number}/requests/", {"version": case.version, **said})
    assert answer.status_code == status, answer.body


def test_answers_are_checked(of, walk):
    going = walk("HANDLING")
    ask_return(going)
    case = going.case
    request = case.requests.get().pk
    path = f"{CASES}{case.number}/requests/"
    body = {"version": case.version, "reason": "x"}
    for name, address, status in (
        ("department-s201", f"{path}{request}/approve/", 403),
        ("duty-chief-1", f"{path}{request}/approve/", 403),
        ("official-1", f"{path}{request}/refuse/", 403),
        ("department-d101", f"{path}{request}/approve/", 404),
        ("dispatcher-1", f"{path}{request + 999}/approve/", 404),
        ("dispatcher-1", f"{path}{10**17}/approve/", 404),
        ("dispatcher-1", f"{path}{request}/burn/", 404),
        ("dispatcher-1", f"{path}{request}/preapprove/", 403),
        ("dispatcher-1", f"{path}x/approve/", 404),
    ):
        answer = of(name).post(address, body)
        assert answer.status_code == status, (name, address, answer.body)
    refused = of("dispatcher-1").post(f"{path}{request}/refuse/", {"version": case.version})
    assert (refused.status_code, list(refused.body["fields"])) == (400, ["reason"])
    done = of("dispatcher-1").post(f"{path}{request}/refuse/", body)
    assert done.body["status"] == "HANDLING"
    again = of("dispatcher-1").post(
        f"{path}{request}/refuse/", {**body, "version": done.body["version"]}
    )
    assert (again.status_code, again.body["code"]) == (409, "not_allowed")
