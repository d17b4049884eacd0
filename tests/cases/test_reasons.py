"""Every ⚑ is refused without a reason in words, and then nothing has changed (domain law §4)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from cases.models import Event
from cases.workflow import TABLE
from dispatch.actions import ACTIONS, Told, carry_out
from dispatch.models import Request
from dispatch.services.reviews import approve_request, ask_request, refuse_request
from gridcity.contracts import Invalid
from tests.photos import prepared

# For each ⚑ action: a state it may be done in, and who does it.
FLAGGED = {
    "recall_task": ("CHECKING", "acceptor-1"),
    "not_accept": ("REPORTED", "acceptor-1"),
    "not_file": ("TO_FILE", "duty-chief-1"),
    "send_back_to_accept": ("TO_FILE", "duty-chief-1"),
    "send_back_to_file": ("TO_DISPATCH", "dispatcher-1"),
    "withdraw_finish": ("TO_CHECK", "department-s201"),
    "check_failed": ("CHECKING", "supervisor-1"),
    "refuse_close": ("TO_CLOSE", "duty-chief-1"),
    "reassign": ("HANDLING", "dispatcher-1"),
    "ask_return": ("HANDLING", "department-s201"),
    "ask_void": ("HANDLING", "dispatcher-1"),
    "ask_extension": ("HANDLING", "department-s201"),
    "ask_suspension": ("HANDLING", "department-s201"),
    "supervise": ("HANDLING", "official-1"),
    "force_close": ("HANDLING", "duty-chief-1"),
    "reconsider": ("NOT_FILED", "duty-chief-1"),
    "reopen": ("CLOSED", "duty-chief-1"),
}
# Those that need more than a case and a reason are tried with their own tests.
ELSEWHERE = {
    "object_missed", "uphold_objection", "refuse_objection", "ask_designation", "ask_appeal",
    "ask_deferral", "merge", "refuse_self_handled",
}  # fmt: skip
SAID = {
    "reassign": {"department": "d101"},
    "ask_return": {"reason_code": "not_ours"},
    "ask_suspension": {"until": date(2026, 7, 1)},
}


def tell(walk, action, by, reason):
    said = {**SAID.get(action, {}), **({} if reason is None else {"reason": reason})}
    photos = [prepared("after")] if ACTIONS[action].photos else []
    told = Told(walk.number, walk.actor(by), walk.now, walk.case.version, said, photos)
    return carry_out(action, told)


def test_every_flagged_action_that_works_is_tried_here():
    flagged = {row.action for row in TABLE if row.needs_reason} & set(ACTIONS)
    assert flagged - ELSEWHERE == set(FLAGGED)


@pytest.mark.parametrize("reason", [None, "", "   ", "\n\t "])
@pytest.mark.parametrize("action", sorted(FLAGGED))
def test_a_flagged_action_without_a_reason_changes_nothing(walk, action, reason):
    state, by = FLAGGED[action]
    going = walk(state)
    before = (going.case.version, Event.objects.count())
    with pytest.raises(Invalid) as refused:
        tell(going, action, by, reason)
    assert "reason" in refused.value.fields
    assert (going.case.version, Event.objects.count()) == before
    assert going.case.state == state


@pytest.mark.parametrize("action", sorted(FLAGGED))
def test_with_a_reason_it_is_done_and_the_reason_is_kept(walk, action):
    state, by = FLAGGED[action]
    going = walk(state)
    tell(going, action, by, "  现场情况有变 ")
    event = going.case.events.order_by("seq").last()
    assert (event.action, event.reason) == (action, "现场情况有变")


@pytest.mark.parametrize("reason", ["长" * 501, "a\x00b"])
@pytest.mark.parametrize("action", ["not_accept", "ask_return", "check_failed"])
def test_an_overlong_reason_or_one_with_control_characters_is_refused(walk, action, reason):
    state, by = FLAGGED[action]
    going = walk(state)
    with pytest.raises(Invalid) as refused:
        tell(going, action, by, reason)
    assert "reason" in refused.value.fields


def asked(going, name, kind, reason, **more):
    return ask_request(
        number=going.number, actor=going.actor(name), at=going.now, version=going.case.version,
        kind=kind, reason=reason, **more,
    )  # fmt: skip


def to_be_deferred(walk):
    return walk("HANDLING", entry="toilet"), "department-s201", {"until": date(2026, 7, 1)}


def to_be_appealed(walk):
    going = walk("HANDLING")
    request = asked(going, "department-s201", "RETURN", "非本单位职责", reason_code="not_ours")
    refuse_request(
        number=going.number, request_id=request.pk, actor=going.actor("dispatcher-1"),
        at=going.now, version=going.case.version, reason="属于你单位",
    )  # fmt: skip
    return going, "department-s201", {"fact": "refused_return"}


def to_be_designated(walk):
    going = walk("HANDLING")
    returns = [("s201", "d101"), ("d101", None)]
    for department, following in returns:
        name = f"department-{department}"
        request = asked(going, name, "RETURN", "非本单位职责", reason_code="not_ours")
        approve_request(
            number=going.number, request_id=request.pk, actor=going.actor("dispatcher-1"),
            at=going.now, version=going.case.version,
        )  # fmt: skip
        if following:
            going.step("dispatch", department=following)
    return going, "dispatcher-1", {"department": "w301"}


@pytest.mark.parametrize("reason", ["", "  ", "\n\t "])
@pytest.mark.parametrize(
    ("kind", "prepared_for"),
    [
        ("DEFERRAL", to_be_deferred), ("APPEAL", to_be_appealed),
        ("DESIGNATION", to_be_designated),
    ],
)  # fmt: skip
def test_a_rarer_request_without_a_reason_changes_nothing_either(walk, kind, prepared_for, reason):
    going, name, more = prepared_for(walk)
    before = (going.case.version, Event.objects.count(), Request.objects.count())
    with pytest.raises(Invalid) as refused, transaction.atomic():
        asked(going, name, kind, reason, **more)
    assert "reason" in refused.value.fields
    assert (going.case.version, Event.objects.count(), Request.objects.count()) == before
    assert asked(going, name, kind, "现场情况有变", **more).state == "open"


def test_refusing_a_request_needs_a_reason(walk):
    going = walk("HANDLING")
    request = ask_request(
        number=going.number, actor=going.department, at=going.now, version=going.case.version,
        kind="RETURN", reason="非本单位职责", reason_code="not_ours",
    )  # fmt: skip
    with pytest.raises(Invalid):
        refuse_request(
            number=going.number, request_id=request.pk, actor=going.actor("dispatcher-1"),
            at=going.now, version=going.case.version, reason=" ",
        )  # fmt: skip
