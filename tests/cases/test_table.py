"""The state table against the law (domain law §§3–5), written out here a second time by hand."""

from __future__ import annotations

from itertools import product

import pytest

from cases.workflow import (
    ACTIONS,
    ENDED,
    OPEN,
    ROLE_LABELS,
    TABLE,
    TURN,
    UNFILED_ENDS,
    State,
    allowed_actions,
    choose,
    judge,
    rows_of,
)
from gridcity.contracts import Role

# Every pair of states between which something leads, and what. All other pairs: nothing.
LEADS: dict[tuple[str | None, str], set[str]] = {
    (None, "REPORTED"): {"report"},
    (None, "SELF_HANDLED"): {"report_self_handled"},
    ("SELF_HANDLED", "CLOSED"): {"approve_self_handled"},
    ("SELF_HANDLED", "REPORTED"): {"refuse_self_handled"},
    ("REPORTED", "VERIFYING"): {"send_verify"},
    ("REPORTED", "TO_FILE"): {"accept"},
    ("REPORTED", "NOT_ACCEPTED"): {"not_accept"},
    ("REPORTED", "MERGED"): {"merge"},
    ("VERIFYING", "REPORTED"): {"verify", "recall_task"},
    ("TO_FILE", "MERGED"): {"merge"},
    ("TO_FILE", "TO_DISPATCH"): {"file", "undo_send_back"},
    ("TO_FILE", "NOT_FILED"): {"not_file"},
    ("TO_FILE", "REPORTED"): {"send_back_to_accept"},
    ("MERGED", "REPORTED"): {"undo_merge", "release_member"},
    ("MERGED", "TO_FILE"): {"undo_merge"},
    ("NOT_ACCEPTED", "REPORTED"): {"reconsider"},
    ("NOT_FILED", "REPORTED"): {"reconsider"},
    ("TO_DISPATCH", "HANDLING"): {"dispatch", "undo_return"},
    ("TO_DISPATCH", "TO_FILE"): {"send_back_to_file"},
    ("TO_DISPATCH", "FORCE_CLOSED"): {"force_close"},
    ("TO_DISPATCH", "VOIDED"): {"approve_void"},
    ("HANDLING", "TO_DISPATCH"): {"undo_dispatch", "approve_return"},
    ("HANDLING", "TO_CHECK"): {"finish"},
    ("HANDLING", "SUSPENDED"): {"approve_suspension"},
    ("HANDLING", "FORCE_CLOSED"): {"force_close"},
    ("HANDLING", "VOIDED"): {"approve_void"},
    ("HANDLING", "HANDLING"): {"reassign"},
    (None, "TO_FILE"): {"succeed"},
    ("SUSPENDED", "HANDLING"): {"resume", "reassign"},
    ("SUSPENDED", "FORCE_CLOSED"): {"force_close"},
    ("SUSPENDED", "VOIDED"): {"approve_void"},
    ("TO_CHECK", "HANDLING"): {"withdraw_finish"},
    ("TO_CHECK", "CHECKING"): {"send_check"},
    ("TO_CHECK", "FORCE_CLOSED"): {"force_close"},
    ("CHECKING", "TO_CHECK"): {"recall_task"},
    ("CHECKING", "TO_CLOSE"): {"check_passed"},
    ("CHECKING", "HANDLING"): {"check_failed"},
    ("CHECKING", "FORCE_CLOSED"): {"force_close"},
    ("TO_CLOSE", "CLOSED"): {"close"},
    ("TO_CLOSE", "TO_CHECK"): {"refuse_close"},
    ("TO_CLOSE", "FORCE_CLOSED"): {"force_close"},
    ("CLOSED", "TO_DISPATCH"): {"reopen"},
    ("CLOSED", "REPORTED"): {"reopen"},
}

# Who may do each action anywhere at all (domain law §4, column "who"; §5, asked and reviewed by).
WHO: dict[str, set[str]] = {
    "report": {"supervisor", "acceptor", "citizen", "client"},
    "report_self_handled": {"supervisor"},
    "approve_self_handled": {"duty_chief"},
    "refuse_self_handled": {"duty_chief"},
    "amend": {"acceptor", "duty_chief"},
    "supplement": {"supervisor", "acceptor", "department", "citizen"},
    "send_verify": {"acceptor"},
    "verify": {"supervisor"},
    "recall_task": {"acceptor", "duty_chief", "clock"},
    "pass_task_on": {"clock"},
    "give_code": {"acceptor"},
    "purge_words": {"clock"},
    "purge_personal_data": {"clock"},
    "object_missed": {"supervisor"},
    "uphold_objection": {"duty_chief"},
    "refuse_objection": {"duty_chief"},
    "accept": {"acceptor"},
    "not_accept": {"acceptor"},
    "merge": {"acceptor", "duty_chief"},
    "take_in": {"acceptor", "duty_chief"},
    "let_go": {"acceptor", "duty_chief"},
    "succeed": {"duty_chief", "clock"},
    "undo_merge": {"acceptor", "duty_chief"},
    "release_member": {"clock"},
    "file": {"duty_chief"},
    "not_file": {"duty_chief"},
    "reconsider": {"duty_chief"},
    "send_back_to_accept": {"duty_chief"},
    "dispatch": {"dispatcher", "routing"},
    "undo_dispatch": {"dispatcher"},
    "undo_send_back": {"dispatcher"},
    "undo_return": {"dispatcher", "duty_chief"},
    "send_back_to_file": {"dispatcher"},
    "finish": {"department"},
    "withdraw_finish": {"department"},
    "send_check": {"acceptor", "routing"},
    "check_passed": {"supervisor"},
    "check_failed": {"supervisor"},
    "close": {"duty_chief", "clock"},
    "refuse_close": {"duty_chief"},
    "resume": {"department", "dispatcher", "clock"},
    "reassign": {"dispatcher"},
    "force_close": {"duty_chief", "clock"},
    "reopen": {"duty_chief"},
    "rate": {"citizen"},
    "call_back": {"acceptor"},
    "urge": {"official", "duty_chief", "dispatcher", "clock"},
    "supervise": {"official", "duty_chief", "dispatcher", "clock"},
    "ask_return": {"department"},
    "ask_extension": {"department"},
    "ask_suspension": {"department"},
    "ask_deferral": {"department"},
    "ask_void": {"dispatcher"},
    "ask_appeal": {"department"},
    "ask_designation": {"dispatcher"},
    "preapprove": {"department"},
    "pass_request_on": {"clock"},
    "recompute": {"clock"},
    "withdraw_request": {"department", "dispatcher"},
    "refuse_request": {"dispatcher", "duty_chief", "department"},
    "approve_request": {"dispatcher", "duty_chief"},
    "approve_return": {"dispatcher", "duty_chief"},
    "approve_suspension": {"duty_chief"},
    "approve_void": {"duty_chief"},
}

# ⚑ of §4, and of §5: each request has a reason, and so has each refusal.
NEEDS_REASON = {
    "refuse_self_handled", "recall_task", "not_accept", "merge", "not_file", "reconsider",
    "send_back_to_accept", "send_back_to_file", "withdraw_finish", "check_failed", "refuse_close",
    "reassign", "force_close", "reopen", "supervise", "ask_return", "ask_extension",
    "ask_suspension", "ask_deferral", "ask_void", "ask_appeal", "ask_designation",
    "refuse_request", "object_missed", "uphold_objection", "refuse_objection",
}  # fmt: skip

# "Only changes of state, fields, tasks, requests and deadlines raise the version."
KEEPS_VERSION = {
    "supplement", "urge", "supervise", "rate", "call_back", "give_code", "purge_words",
    "purge_personal_data", "object_missed", "uphold_objection", "refuse_objection",
}  # fmt: skip

EVERY_STATE = (None, *State)
ROLES = sorted(ROLE_LABELS)


@pytest.mark.parametrize("before", EVERY_STATE)
def test_every_pair_of_states_is_decided(before):
    for after in State:
        found = {
            row.action
            for row in TABLE
            if row.target == after and (before in row.sources if before else not row.sources)
        }
        assert found == LEADS.get((before, after), set()), f"{before} → {after}"


def test_every_action_has_its_roles_and_no_other():
    assert {
        action: set().union(*(row.roles for row in rows_of(action))) for action in ACTIONS
    } == WHO


def test_reasons_are_required_where_the_law_says_so():
    assert {row.action for row in TABLE if row.needs_reason} == NEEDS_REASON


def test_only_what_the_law_names_leaves_the_version_alone():
    assert {row.action for row in TABLE if not row.raises_version} == KEEPS_VERSION


@pytest.mark.parametrize("state", State)
def test_staying_actions_belong_to_their_states(state):
    stays = {row.action for row in TABLE if row.target is None and state in row.sources}
    open_ones = {"supplement", "urge", "supervise"}
    assert (open_ones <= stays) == (state in OPEN)
    assert ("amend" in stays) == (state in {State.REPORTED, State.TO_FILE})
    assert ({"rate", "call_back"} <= stays) == (state in {State.CLOSED, State.FORCE_CLOSED})
    assert ("pass_task_on" in stays) == (state in {State.VERIFYING, State.CHECKING})
    assert ("ask_return" in stays) == (state == State.HANDLING)
    assert ("ask_appeal" in stays) == (state not in UNFILED_ENDS)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_by_every_role_in_every_state_is_judged(action):
    for role, state in product(ROLES, EVERY_STATE):
        verdict = judge(state, action, frozenset({role}))
        fits = [
            row
            for row in rows_of(action)
            if role in row.roles and (state in row.sources if state else not row.sources)
        ]
        assert verdict.allowed == bool(fits)
        if fits:
            assert verdict.transition is fits[0]
            assert verdict.role == role
        else:
            assert verdict.sentence
            assert verdict.refusal in {"role", "state"}
            if role not in WHO[action]:
                assert verdict.refusal == "role"


def test_a_word_that_is_no_action_is_refused():
    verdict = judge(State.REPORTED, "explode", frozenset(ROLES))
    assert not verdict.allowed
    assert verdict.sentence


def test_ended_and_open_states_are_all_states():
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert set(TURN) == OPEN


@pytest.mark.parametrize("state", sorted(OPEN))
def test_whose_turn_it_is_can_move_the_case(state):
    for role in TURN[state]:
        moving = [row for row in TABLE if state in row.sources and role in row.roles and row.target]
        assert moving, f"{role} cannot move a case in {state}"


@pytest.mark.parametrize("state", sorted(OPEN))
def test_somebody_else_can_move_the_case_too(state):
    """With any one role off duty some action or timer still moves or shows it (§6.4, end)."""
    for absent in ROLES:
        others = frozenset(ROLES) - {absent}
        assert any(True for _row in allowed_actions(state, others))


def test_a_clock_ends_nothing_that_was_never_handled_except_by_policy():
    ends = {
        (row.action, row.target) for row in TABLE if Role.CLOCK in row.roles and row.target in ENDED
    }
    assert ends == {("close", State.CLOSED), ("force_close", State.FORCE_CLOSED)}


def test_choose_picks_the_row_by_its_target():
    row = choose(State.CLOSED, "reopen", State.REPORTED)
    assert row.target == State.REPORTED
    with pytest.raises(LookupError):
        choose(State.CLOSED, "reopen", State.HANDLING)


def test_allowed_actions_lists_each_action_once():
    for state in State:
        listed = [row.action for row in allowed_actions(state, frozenset(ROLES))]
        assert len(listed) == len(set(listed))


def test_a_refusal_says_whose_turn_it_is_and_what_is_possible_instead():
    sentence = judge(State.HANDLING, "close", frozenset({Role.DUTY_CHIEF})).sentence
    assert str(ROLE_LABELS[Role.DEPARTMENT]) in sentence
    assert str(rows_of("force_close")[0].label) in sentence
    assert str(rows_of("let_go")[0].label) not in sentence
