"""Who may not review his own deed: rows, lists and people are asked by one rule (law §5)."""

from __future__ import annotations

import pytest

from dispatch.models import Request, RequestKind, RequestStep
from dispatch.selectors.duty import OWN_DEEDS, own_deed, reviews_of_own_deed, who_did
from dispatch.services.reviews import check_reviewer
from gridcity.contracts import Forbidden, Role

pytestmark = pytest.mark.django_db


def voiding(walk):
    going = walk("TO_DISPATCH")
    going.step("ask_void")
    return going, Request.objects.get(case=going.case)


def excluded(actor):
    return RequestStep.objects.filter(reviews_of_own_deed(actor.user_id)).exists()


def is_refused(going, request, actor):
    try:
        check_reviewer(going.case, request, actor)
    except Forbidden:
        return True
    return False


def test_lists_and_buttons_leave_out_the_same_reviewers(walk):
    going, request = voiding(walk)
    filed_by = going.case.filed_by
    for name in ("duty-chief-1", "duty-chief-2"):
        actor = going.actor(name)
        is_his = actor.user_id == filed_by.pk
        assert excluded(actor) is is_refused(going, request, actor) is is_his


def test_where_nobody_else_is_on_duty_he_may_after_all(walk, district):
    going, request = voiding(walk)
    for name in ("duty-chief-1", "duty-chief-2"):
        if district.user(name).pk != going.case.filed_by_id:
            district.user(name).__class__.objects.filter(username=name).update(is_active=False)
    his = next(n for n in ("duty-chief-1", "duty-chief-2")
               if district.user(n).pk == going.case.filed_by_id)  # fmt: skip
    assert not excluded(going.actor(his))
    assert not is_refused(going, request, going.actor(his))


def test_only_voidings_and_appeals_are_somebodys_own_deed(walk):
    _going, request = voiding(walk)
    assert {one.kind for one in OWN_DEEDS} == {RequestKind.VOID, RequestKind.APPEAL}
    assert own_deed(RequestKind.RETURN, Role.DISPATCHER) is None
    assert own_deed(RequestKind.APPEAL, Role.DUTY_CHIEF) is None
    deed = own_deed(RequestKind.VOID, Role.DUTY_CHIEF)
    assert who_did(deed, request) == request.case.filed_by_id
