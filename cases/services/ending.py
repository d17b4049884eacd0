"""After an end: reconsider 复议, reopen, rate 评价 and call back 回访 (domain law §4).

And the code by which a citizen follows his own case and rates it (`citizens` has the rest).
"""

from __future__ import annotations

import hmac
import os
import secrets
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import RATE_DAYS, RECONSIDER_DAYS, REOPEN_DAYS
from cases.models import CallBack, Case, Rating, Reporter, Satisfaction
from cases.models.notice import NoticeKind
from cases.selectors.calling import left_to_call, reporters_to_call
from cases.selectors.settings import days_at
from cases.services import accepting
from cases.services.reporting import code_sha256, fingerprints_of
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import State
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role
from parts.selectors.compiled import compiled

# A query code is read out on the telephone: no 0/O, 1/I/L; 31^8 is more than 10^11.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
CITIZEN = Actor(None, "citizen", frozenset({Role.CITIZEN}))


def check_within(case: Case, at: datetime, key: str) -> None:
    """Raise NotAllowed when a case has ended longer ago than the number of this key says."""
    until = possible_until(case, at, key)
    if until is not None and at > until:
        days = days_at(key, at).days
        raise NotAllowed(_("The case ended more than %(days)d days ago.") % {"days": days})


def possible_until(case: Case, at: datetime, key: str) -> datetime | None:
    """Until when what the number of this key allows is possible; None while a case goes on."""
    return None if case.ended_at is None else case.ended_at + days_at(key, at)


@in_transaction
def reconsider_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`reconsider` ⚑ 复议 within some days; acceptance starts anew.

    Who reported it hears of it, and who told him that it had ended.
    """
    case = lock_case(number, version=version)
    check_may(case, "reconsider", actor)
    check_within(case, at, RECONSIDER_DAYS)
    move(case, action="reconsider", actor=actor, at=at, reason=reason)
    told = accepting.first_contact_of(case)
    accepting.tell_reporter(case, NoticeKind.REOPENED, at, told)
    return case


def reopened_state(case: Case) -> State:
    """Where a reopened case goes: what was never filed begins with its acceptance."""
    return State.REPORTED if case.filed_at is None else State.TO_DISPATCH


@in_transaction
def reopen_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`reopen` ⚑ within some days: one round more; what the first round was stays.

    A case once closed is never closed by force under the policy of its first filing.
    """
    case = lock_case(number, version=version)
    check_may(case, "reopen", actor)
    check_within(case, at, REOPEN_DAYS)
    case.round += 1
    case.force_close_at, case.to_call_back = None, False
    move(
        case, action="reopen", actor=actor, at=at, reason=reason,
        changes={"round": case.round}, target=reopened_state(case),
        fields=("round", "force_close_at", "to_call_back"),
    )  # fmt: skip
    return case


def someone_to_call(case: Case) -> bool:
    """Whether anybody who reported it, or a case merged into it, left a number to be called back.

    Until then the case stays in the box of its first contact (domain law §2).
    """
    return bool(_to_call(case_id=case.pk))


@compiled
def _to_call(case_id: Any) -> QuerySet[Reporter, int]:
    # Each of the two by its own index: joined by “or” they would be looked for among all reporters.
    to_call = Reporter.objects.filter(purged_at=None).exclude(phone="").values_list("pk", flat=True)
    theirs, merged = to_call.filter(case_id=case_id), to_call.filter(case__merged_into_id=case_id)
    return theirs.union(merged, all=True)[:1]


# ---------------------------------------------------------------- the citizen's own case


@in_transaction
def issue_query_code(*, number: str, reporter_id: int, actor: Actor, at: datetime) -> str:
    """A new code by which a reporter follows and rates his case; only its fingerprint is kept.

    The acceptor tells it to who reported; the history says that he gave one, for whoever has it
    rates in the reporter's place. A code that was given before no longer holds. Raises
    Forbidden, and NotVisible for a reporter of another case or one that was forgotten.
    """
    if Role.ACCEPTOR not in actor.roles:
        raise Forbidden(_("Query codes are given by the acceptor."))
    case = lock_case(number)
    reporter = Reporter.objects.filter(pk=reporter_id, case__number=number, purged_at=None).first()
    if reporter is None:
        raise NotVisible
    code = "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))
    reporter.salt = reporter.salt or os.urandom(16)
    reporter.query_code_sha256 = code_sha256(reporter.salt, code)
    reporter.save(update_fields=["salt", "query_code_sha256"])
    said = {"reporter": fingerprints_of(reporter)}
    move(case, action="give_code", actor=actor, at=at, changes=said)
    return code


def reporter_of_code(number: str, code: str) -> Reporter:
    """Whose code of this case it is. Raises NotVisible: number and code are one secret."""
    rows = Reporter.objects.filter(case__number=number, query_code_sha256__isnull=False)
    for reporter in rows.select_related("case"):
        kept = bytes(reporter.query_code_sha256 or b"")
        if hmac.compare_digest(kept, code_sha256(reporter.salt, code)):
            return reporter
    raise NotVisible


def lock_leading(own: Case) -> Case:
    """The case that goes on with a report: its own, or the one that it was merged into."""
    return lock_case(own.merged_into.number if own.merged_into else own.number)


@in_transaction
def rate_case(
    *, number: str, query_code: str, degree: str, at: datetime, words: str = ""
) -> Rating:
    """`rate` 评价 by a citizen with his own number and code: once, within some days of the end.

    The reporter of a merged case rates the leading one. Raises NotVisible, Invalid, NotAllowed.
    """
    if degree not in Satisfaction.values:
        raise Invalid(_("How satisfied are you?"), degree=_("One of the listed degrees."))
    reporter = reporter_of_code(number, query_code)
    case = lock_leading(reporter.case)
    check_may(case, "rate", CITIZEN)
    check_within(case, at, RATE_DAYS)
    if Rating.objects.filter(reporter=reporter).exists():
        raise NotAllowed(_("You have rated this case already."))
    rating = Rating.objects.create(
        case=case,
        reporter=reporter,
        degree=degree,
        words=clean_words(words, field="words", limit=REASON_LIMIT),
        at=at,
    )
    move(case, action="rate", actor=CITIZEN, at=at, changes={"degree": degree})
    return rating


@in_transaction
def call_back(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    valid: bool,
    contacted: bool,
    resolved: bool | None = None,
    satisfaction: str = "",
    reporter_id: int | None = None,
) -> Case:
    """`call_back` 回访 by the acceptor: valid or not, reached, resolved, how satisfied.

    To one of the reporters; he need not be named where there is only one. Raises Invalid.
    """
    case = lock_case(number)
    check_may(case, "call_back", actor)
    reporter = _called(case, reporter_id)
    if satisfaction and satisfaction not in Satisfaction.values:
        raise Invalid(_("How satisfied is he?"), satisfaction=_("One of the listed degrees."))
    if contacted and resolved is None:
        raise Invalid(_("Is it resolved?"), resolved=_("Please fill this in."))
    assert actor.user_id is not None
    CallBack.objects.create(
        case=case,
        reporter=reporter,
        called_by_id=actor.user_id,
        at=at,
        valid=valid,
        contacted=contacted,
        resolved=resolved if contacted else None,
        satisfaction=satisfaction if contacted else "",
    )
    if contacted or not valid:
        case.to_call_back = case.to_call_back and bool(left_to_call(case))
    whom = {} if reporter is None else {"reporter": fingerprints_of(reporter)}
    move(
        case, action="call_back", actor=actor, at=at,
        changes={
            "valid": valid, "contacted": contacted,
            "resolved": resolved if contacted else None,
            "satisfaction": satisfaction if contacted else "",
            **whom,
        },
        fields=("to_call_back",),
    )  # fmt: skip
    return case


def _called(case: Case, reporter_id: int | None) -> Reporter | None:
    """Whom the call was to; None where nobody left a number. Raises Invalid."""
    listed = reporters_to_call(case)
    if reporter_id is not None:
        found = next((one for one in listed if one.pk == reporter_id), None)
        if found is None:
            raise Invalid(_("Whom did you call?"), reporter=_("One of the reporters of the case."))
        return found
    if len(listed) > 1:
        raise Invalid(_("Whom did you call?"), reporter=_("Please fill this in."))
    return listed[0] if listed else None
