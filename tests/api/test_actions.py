"""Every action by every role in every state: allowed, or refused with a reason (issue 2, §6)."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.storage import default_storage

from cases.models import Case, Event
from cases.workflow import ACTIONS as DECLARED
from cases.workflow import State, judge
from dispatch.actions import ACTIONS
from tests.api.conftest import CASES
from tests.district import USER_OF_ROLE
from tests.factories import PATHS
from tests.photos import upload

STATES = sorted(PATHS)
OTHERS = sorted(set(DECLARED) - set(ACTIONS))
SAID = {
    "amend": {"description": "另一处垃圾"},
    "supplement": {"description": "补充说明"},
    "verify": {"outcome": "confirmed"},
    "accept": {"waiver": "电话已核实"},
    "dispatch": {"department": "s201"},
    "reassign": {"department": "d101"},
    "finish": {"result": "已清运"},
    "ask_return": {"reason_code": "not_ours"},
    "ask_suspension": {"until": "2026-07-01"},
    "ask_deferral": {"until": "2026-07-01"},
    "ask_appeal": {"fact": "overdue"},
    "call_back": {"valid": True, "contacted": True, "resolved": True},
}


def do(client, case, action, district):
    case.refresh_from_db()
    said = {"version": case.version, "reason": "现场情况有变", **SAID.get(action, {})}
    if action == "file":
        said["standard"] = district.standard("rubbish").pk
    if action == "merge":
        others = Case.objects.filter(state="REPORTED").exclude(pk=case.pk)
        said["leading"] = others.values_list("number", flat=True).first() or ""
    wants_photo = action in ACTIONS and ACTIONS[action].photos == "must"
    return client.post(
        f"{CASES}{case.number}/{action}/", said, photos=(upload(),) if wants_photo else ()
    )


def tried(state, role, shown) -> list[str]:
    """What is offered, all that the table allows, and of the rest each action once for a role."""
    roles, turn = frozenset({role}), STATES.index(state)
    rest = [action for number, action in enumerate(ACTIONS) if number % len(STATES) == turn]
    by_table = [action for action in ACTIONS if judge(State(state), action, roles).allowed]
    return sorted({*shown, *by_table, *rest})


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", sorted(USER_OF_ROLE))
def test_what_is_shown_as_allowed_is_allowed_and_nothing_else(
    of, make_case, district, role, state, savepoints
):
    """Each action is tried and taken back, so that the next one finds the case as it was.

    The table itself is walked through for every role and state in tests/cases/test_table.py.
    """
    make_case("REPORTED", by="acceptor-1", source="LEADER")  # may lead another
    case = make_case(state, cell=(1, 1))
    client = of(USER_OF_ROLE[role])
    shown = client.get(f"{CASES}{case.number}/")
    if shown.status_code == 404:
        assert role in {"administrator", "client", "department", "dispatcher", "supervisor"}
        for action in tried(state, role, ()):
            assert do(client, case, action, district).status_code == 404
        return
    allowed = {row["action"] for row in shown.body["allowed_actions"]}
    refused = {row["action"]: row["reason"] for row in shown.body["refused_actions"]}
    assert all(refused.values())
    for action in tried(state, role, allowed):
        with savepoints():
            answer = do(client, case, action, district)
        if action in allowed:
            assert answer.status_code == 200, (action, answer.body)
        else:
            assert answer.status_code in {403, 409}, (action, answer.body)
            assert answer.body["code"] in {"forbidden", "not_allowed"}
            assert answer.body["detail"]
            if not judge(State(state), action, frozenset({role})).allowed:
                by_role = not any(judge(each, action, frozenset({role})).allowed for each in State)
                assert (answer.status_code == 403) >= by_role


@pytest.fixture
def savepoints(db):
    """A way to do something and take it back."""
    from contextlib import contextmanager

    from django.db import transaction

    class TakenBack(Exception):
        pass

    @contextmanager
    def taken_back():
        try:
            with transaction.atomic():
                yield
                raise TakenBack
        except TakenBack:
            pass

    return taken_back


@pytest.mark.parametrize("action", OTHERS)
def test_actions_of_the_law_without_an_address_are_refused_with_a_sentence(of, make_case, action):
    case = make_case("HANDLING")
    for name in ("duty-chief-1", "dispatcher-1", "department-s201", "acceptor-1", "official-1"):
        answer = of(name).post(f"{CASES}{case.number}/{action}/", {"version": case.version})
        assert answer.status_code in {403, 409}, answer.body
        assert answer.body["detail"]
    assert Event.objects.filter(case=case).count() == case.last_seq


@pytest.mark.parametrize("action", ["explode", "a-b", "x" * 200, "constructor"])
def test_a_word_that_is_no_action_is_not_found(of, make_case, action):
    answer = of("acceptor-1").post(f"{CASES}{make_case().number}/{action}/", {"version": 1})
    assert answer.status_code == 404


def test_reading_an_action_is_no_way_to_do_it(of, make_case):
    assert of("acceptor-1").get(f"{CASES}{make_case().number}/accept/").status_code == 405


def test_a_stale_version_says_by_whom_when_and_what(of, act, make_case):
    case = make_case()
    of("acceptor-2").post(
        f"{CASES}{case.number}/amend/", {"version": 1, "description": "改过的说明"}
    )
    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": 1})
    assert (answer.status_code, answer.body["code"]) == (409, "stale_version")
    assert "Acceptor 2" in answer.body["detail"]
    kept = answer.body["kept"]
    assert (kept["version"], kept["action"], kept["state"]) == (2, "amend", "REPORTED")
    assert kept["at"]


@pytest.mark.parametrize("version", [None, "", "x", -1, 0, 99, 1.5, True, [1], 10**30])
def test_a_version_that_is_missing_or_was_never_is_a_wrong_field(of, make_case, version):
    case = make_case()
    answer = of("acceptor-1").post(f"{CASES}{case.number}/accept/", {"version": version})
    assert answer.status_code == 400, answer.body
    assert list(answer.body["fields"]) == ["version"]


def test_answers_to_tasks_and_supplements_name_no_version(of, walk):
    going = walk("VERIFYING")
    path = f"{CASES}{going.number}/"
    assert of("acceptor-1").post(f"{path}supplement/", {"description": "x"}).status_code == 200
    answer = of(going.assignee.username).post(
        f"{path}verify/", {"outcome": "confirmed"}, photos=(upload(),)
    )
    assert (answer.status_code, answer.body["verify_outcome"]) == (200, "confirmed")


@pytest.mark.parametrize(
    ("state", "name", "action", "said", "field"),
    [
        ("TO_FILE", "duty-chief-1", "file", {}, "standard"),
        ("TO_FILE", "duty-chief-1", "file", {"standard": "x"}, "standard"),
        ("TO_FILE", "duty-chief-1", "file", {"standard": 10**15}, "standard"),
        ("TO_FILE", "duty-chief-1", "file", {"standard": [1]}, "standard"),
        ("TO_DISPATCH", "dispatcher-1", "dispatch", {}, "department"),
        ("TO_DISPATCH", "dispatcher-1", "dispatch", {"department": "nobody"}, "department"),
        ("TO_DISPATCH", "dispatcher-1", "dispatch", {"department": 5}, "department"),
        ("TO_DISPATCH", "dispatcher-1", "dispatch",
         {"department": "s201", "assistants": ["nobody"]}, "assistants"),
        ("TO_DISPATCH", "dispatcher-1", "dispatch",
         {"department": "s201", "assistants": {"a": 1}}, "assistants"),
        ("HANDLING", "department-s201", "finish", {}, "result"),
        ("HANDLING", "department-s201", "finish", {"result": "已清运"}, "photos"),
        ("HANDLING", "dispatcher-1", "reassign", {"department": "d101"}, "reason"),
        ("HANDLING", "dispatcher-1", "reassign",
         {"department": "s201", "reason": "x"}, "department"),
        ("CHECKING", "supervisor-1", "check_passed", {}, "photos"),
        ("VERIFYING", "supervisor-2", "verify", {}, "outcome"),
        ("VERIFYING", "supervisor-2", "verify", {"outcome": "perhaps"}, "outcome"),
        ("VERIFYING", "supervisor-2", "verify", {"outcome": "confirmed"}, "photos"),
        ("REPORTED", "acceptor-1", "amend", {"lon": 116.4}, "lat"),
        ("REPORTED", "acceptor-1", "amend", {"class_code": "9999"}, "class_code"),
        ("REPORTED", "acceptor-1", "supplement", {}, "description"),
        ("REPORTED", "acceptor-1", "not_accept", {"reason": "长" * 501}, "reason"),
        ("REPORTED", "acceptor-1", "not_accept", {"reason": {"a": 1}}, "reason"),
    ],
)  # fmt: skip
def test_a_missing_or_wrong_field_is_named(act, make_case, state, name, action, said, field):
    case = make_case(state)
    answer = act(name, case, action, **said)
    assert answer.status_code == 400, answer.body
    assert field in answer.body["fields"]
    case.refresh_from_db()
    assert case.state == state


def test_photos_of_an_action_have_the_role_that_it_is_about(act, make_case):
    case = make_case("HANDLING")
    answer = act("department-s201", case, "finish", photos=(upload(),), result="已清运")
    assert answer.status_code == 200
    assert [photo["role"] for photo in answer.body["photos"]] == ["after"]


def test_an_action_that_takes_no_photos_refuses_them(act, make_case):
    answer = act("acceptor-1", make_case(), "accept", photos=(upload(),))
    assert (answer.status_code, list(answer.body["fields"])) == (400, ["photos"])


def test_assistants_may_be_named_in_a_form_too(act, make_case):
    answer = act(
        "dispatcher-1", make_case("TO_DISPATCH"), "dispatch",
        department="s201", assistants=["d101", "d102"],
    )  # fmt: skip
    named = answer.body["turns"][0]["assistants"]
    assert [one["code"] for one in named] == ["d101", "d102"]


def test_a_failed_check_goes_back_to_the_same_department_and_counts(act, make_case):
    case = make_case("CHECKING")
    answer = act("supervisor-1", case, "check_failed", photos=(upload(),), reason="仍有垃圾")
    assert (answer.status_code, answer.body["status"]) == (200, "HANDLING")
    assert answer.body["rework_count"] == 1
    assert answer.body["department"]["code"] == "s201"
    assert len(answer.body["turns"]) == 1


def test_a_client_is_told_that_there_is_no_room_and_may_send_the_same_again(
    of, make_case, settings
):
    case, key, said = make_case(), uuid.uuid4(), {"description": "补充照片"}
    address = f"{CASES}{case.number}/supplement/"
    settings.MEDIA_LIMIT_BYTES = 1
    default_storage._counted_at = float("-inf")
    answer = of("acceptor-1").post(address, said, photos=(upload(),), key=key)
    assert (answer.status_code, answer.body["code"]) == (507, "storage_full")
    assert list(answer.body["fields"]) == ["photos"]
    settings.MEDIA_LIMIT_BYTES = 0
    answer = of("acceptor-1").post(address, said, photos=(upload(),), key=key)
    assert (answer.status_code, len(answer.body["photos"])) == (200, 1)
