"""What each action of a case asks for, and the service that carries it out.

One table for pages and API: what may be said with an action and which service is called stands
here once. Both translate their input with `parse`, prepare the photos, and call `carry_out`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.case import PlacedBy
from cases.services import (
    accepting,
    ending,
    filing,
    merging,
    missing,
    self_handling,
    tasks,
    verifying,
)
from cases.services.accepting import Amendment
from cases.services.evidence import Prepared
from cases.services.placing import Place
from dispatch.models import RequestKind
from dispatch.services import (
    checking,
    forcing,
    handling,
    reopening,
    reviews,
    supplementing,
    suspending,
    undoing,
    urging,
)
from gridcity.contracts import Actor, Invalid, NotAllowed, Sentence

MAY, MUST = "may", "must"
# More than any district has; also bounds what a list of departments may hold.
LONGEST_LIST = 50


@dataclass(frozen=True, slots=True)
class Told:
    """One action as it was asked for; `version` is the one that the user saw."""

    number: str
    actor: Actor
    at: datetime
    version: int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[Prepared] = ()
    occurred_at: datetime | None = None

    def who(self) -> dict[str, Any]:
        """Arguments that every service takes."""
        return {"number": self.number, "actor": self.actor, "at": self.at}

    def versioned(self) -> dict[str, Any]:
        return {**self.who(), "version": self.version}


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its fields (name → how it is read), whether it takes photos, and its service.

    `versioned` is False where the law names no version: supplements, and answers to a task.
    """

    run: Callable[[Told], Case]
    fields: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    photos: str = ""
    versioned: bool = True


# ---------------------------------------------------------------- reading what was said


class Unreadable(ValueError):
    """A value of the wrong shape; the sentence says which shape is wanted."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def words(value: Any) -> str:
    """Words as they came; the service trims, bounds and checks them."""
    if not isinstance(value, str):
        raise Unreadable(_("This must be text."))
    return value


def code(value: Any) -> str:
    """A code or key; digits that came as a number are no code, because zeros may be lost."""
    text = words(value).strip()
    if not text.isprintable():  # half a surrogate pair, say, reaches no query
        raise Unreadable(_("This must be text."))
    return text


def whole(value: Any) -> int | None:
    """A whole number that fits a row's id; None for nothing."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise Unreadable(_("This must be a whole number."))
    number = int(value)
    if number > 2**63 - 1:
        raise Unreadable(_("This must be a whole number."))
    return number


def degrees(value: Any) -> float | None:
    """A finite number, such as longitude, latitude or metres; None for nothing."""
    if value == "" or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise Unreadable(_("This must be a number."))
    return number


def day(value: Any) -> date | None:
    """A date like 2026-11-22; None for nothing."""
    if value == "" or value is None:
        return None
    try:
        return date.fromisoformat(words(value).strip())
    except ValueError:
        raise Unreadable(_("This must be a date like 2026-11-22.")) from None


def yes(value: Any) -> bool:
    """Yes or no, as JSON or a ticked box says it."""
    text = str(value).strip().lower() if isinstance(value, str | bool) else "?"
    if text not in _YES | _NO:
        raise Unreadable(_("This must be yes or no."))
    return text in _YES


_YES = frozenset({"true", "on", "1", "yes"})
_NO = frozenset({"false", "off", "0", "no", ""})


def codes(value: Any) -> list[str]:
    """A list of codes; one text may hold several with commas between."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or len(listed) > LONGEST_LIST:
        raise Unreadable(_("This must be a list of codes."))
    return [one for each in listed if (one := code(each))]


def parse(action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an action that were given, read; what it does not know is left out."""
    return parse_fields(action.fields, given)


def parse_fields(
    fields: Mapping[str, Callable[[Any], Any]], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The given values of these fields, read. Raises Invalid naming every one of wrong shape."""
    said, faults = {}, {}
    for name, read in fields.items():
        if name in given and given[name] is not None:
            try:
                said[name] = read(given[name])
            except Unreadable as fault:
                faults[name] = fault.sentence
    if faults:
        raise Invalid(_("Please check the marked fields."), **faults)
    return said


def version_of(given: Mapping[str, Any]) -> int | None:
    """The version that the user saw. Raises Invalid when it is no number."""
    try:
        return whole(given.get("version"))
    except Unreadable as fault:
        raise Invalid(_("This version does not exist."), version=fault.sentence) from None


# ---------------------------------------------------------------- the actions


def _reasoned(service: Callable[..., Case]) -> Action:
    """An action that asks for nothing but its reason ⚑."""
    return Action(lambda t: service(**t.versioned(), reason=t.said.get("reason", "")), REASON)


def _plain(service: Callable[..., Case]) -> Action:
    """An action that asks for nothing."""
    return Action(lambda t: service(**t.versioned()))


REASON: dict[str, Callable[[Any], Any]] = {"reason": words}
DEPARTMENTS: dict[str, Callable[[Any], Any]] = {"department": code, "assistants": codes}
AMENDABLE = {
    "kind": code, "class_code": code, "scheme": code, "part_code": code, "no_part_reason": words,
    "lon": degrees, "lat": degrees, "accuracy_m": degrees, "placed_by": code,
    "place_text": words, "description": words, "source": code,
}  # fmt: skip


def place_from(said: Mapping[str, Any]) -> Place | None:
    """The place that was named; None without one. Raises Invalid for half of one."""
    lon, lat = said.get("lon"), said.get("lat")
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        missing: dict[str, Any] = {"lon" if lon is None else "lat": _("Missing.")}
        raise Invalid(_("A place has a longitude and a latitude."), **missing)
    return Place(lon, lat, said.get("accuracy_m"), said.get("placed_by") or PlacedBy.MANUAL)


def _amend(told: Told) -> Case:
    said = told.said
    names = (
        "kind", "class_code", "scheme", "part_code", "no_part_reason", "place_text",
        "description", "source",
    )  # fmt: skip
    amendment = Amendment(place=place_from(said), **{name: said.get(name) for name in names})
    return accepting.amend_case(**told.versioned(), amendment=amendment)


def _supplement(told: Told) -> Case:
    return supplementing.supplement_case(
        **told.who(), words=told.said.get("description", ""), photos=told.photos,
        occurred_at=told.occurred_at,
    )  # fmt: skip


def _verify(told: Told) -> Case:
    return verifying.answer_verification(
        **told.who(), outcome=told.said.get("outcome", ""), words=told.said.get("words", ""),
        photos=told.photos, occurred_at=told.occurred_at,
    )  # fmt: skip


def _accept(told: Told) -> Case:
    said = told.said
    return accepting.accept_case(
        **told.versioned(), waiver=said.get("waiver", ""),
        class_checked=bool(said.get("class_checked")),
    )  # fmt: skip


def _file(told: Told) -> Case:
    said = told.said
    return handling.file_case(
        **told.versioned(), standard_id=said.get("standard"), missed=said.get("missed")
    )


def _dispatch(told: Told) -> Case:
    said = told.said
    return handling.dispatch_case(
        **told.versioned(), department=said.get("department", ""),
        assistants=said.get("assistants", ()),
    )  # fmt: skip


def _reassign(told: Told) -> Case:
    said = told.said
    return handling.reassign_case(
        **told.versioned(), department=said.get("department", ""),
        reason=said.get("reason", ""), assistants=said.get("assistants", ()),
    )  # fmt: skip


def _finish(told: Told) -> Case:
    return handling.finish_case(
        **told.versioned(), result=told.said.get("result", ""), photos=told.photos,
        occurred_at=told.occurred_at, part_state=told.said.get("part_state") or "",
    )  # fmt: skip


def _check_passed(told: Told) -> Case:
    return checking.pass_check(
        **told.who(), words=told.said.get("words", ""), photos=told.photos,
        occurred_at=told.occurred_at,
    )  # fmt: skip


def _check_failed(told: Told) -> Case:
    return checking.fail_check(
        **told.who(), reason=told.said.get("reason", ""), photos=told.photos,
        occurred_at=told.occurred_at,
    )  # fmt: skip


def _merge(told: Told) -> Case:
    said = told.said
    return merging.merge_case(
        **told.versioned(), leading=said.get("leading", ""), reason=said.get("reason", "")
    )


def _force_close(told: Told) -> Case:
    said = told.said
    return forcing.force_close_case(
        **told.versioned(), reason=said.get("reason", ""), successor=said.get("successor", False)
    )


def _call_back(told: Told) -> Case:
    said = told.said
    return ending.call_back(
        **told.who(), valid=said.get("valid", False), contacted=said.get("contacted", False),
        resolved=said.get("resolved"), satisfaction=said.get("satisfaction", ""),
        reporter_id=said.get("reporter"),
    )  # fmt: skip


def _urge(told: Told) -> Case:
    return urging.urge_case(**told.who(), reason=told.said.get("reason", ""))


def _supervise(told: Told) -> Case:
    return urging.supervise_case(**told.who(), reason=told.said.get("reason", ""))


RETURNING = {"reason_code": code, "reason": words, "department": code}
UNTIL = {"until": day, "reason": words}
AGAINST = {"fact": code, "reason": words}
CALLED = {"valid": yes, "contacted": yes, "resolved": yes, "satisfaction": code, "reporter": whole}


def _of_miss(service: Callable[..., Case]) -> Action:
    def run(told: Told) -> Case:
        return service(**told.who(), reason=told.said.get("reason", ""))

    return Action(run, REASON, versioned=False)


def _ask(kind: str, fields: Mapping[str, Callable[[Any], Any]]) -> Action:
    def run(told: Told) -> Case:
        said = {name: value for name, value in told.said.items() if name in fields}
        request = reviews.ask_request(**told.versioned(), kind=kind, **{"reason": "", **said})
        return request.case

    return Action(run, fields)


ACTIONS: dict[str, Action] = {
    "amend": Action(_amend, AMENDABLE),
    "supplement": Action(_supplement, {"description": words}, MAY, versioned=False),
    "send_verify": _plain(verifying.send_verify),
    "verify": Action(_verify, {"outcome": code, "words": words}, MUST, versioned=False),
    "recall_task": _reasoned(tasks.recall_task),
    "approve_self_handled": _plain(self_handling.approve_self_handled),
    "refuse_self_handled": _reasoned(self_handling.refuse_self_handled),
    "merge": Action(_merge, {"leading": code, "reason": words}),
    "undo_merge": _plain(merging.undo_merge),
    "reconsider": _reasoned(ending.reconsider_case),
    "accept": Action(_accept, {"waiver": words, "class_checked": yes}),
    "not_accept": _reasoned(accepting.not_accept_case),
    "send_back_to_accept": _reasoned(filing.send_back_to_accept),
    "file": Action(_file, {"standard": whole, "missed": yes}),
    "not_file": _reasoned(filing.not_file_case),
    "dispatch": Action(_dispatch, DEPARTMENTS),
    "send_back_to_file": _reasoned(handling.send_back_to_file),
    "undo_dispatch": _plain(undoing.undo_dispatch),
    "undo_send_back": _plain(undoing.undo_send_back),
    "undo_return": _plain(undoing.undo_return),
    "finish": Action(_finish, {"result": words, "part_state": code}, MUST),
    "withdraw_finish": _reasoned(handling.withdraw_finish),
    "send_check": _plain(checking.send_check),
    "check_passed": Action(_check_passed, {"words": words}, MUST, versioned=False),
    "check_failed": Action(_check_failed, REASON, MUST, versioned=False),
    "close": _plain(checking.close_case),
    "refuse_close": _reasoned(checking.refuse_close),
    "reassign": Action(_reassign, DEPARTMENTS | REASON),
    "force_close": Action(_force_close, {"reason": words, "successor": yes}),
    "reopen": _reasoned(reopening.reopen_case),
    "call_back": Action(_call_back, CALLED, versioned=False),
    "resume": _plain(suspending.resume_case),
    "urge": Action(_urge, REASON, versioned=False),
    "supervise": Action(_supervise, REASON, versioned=False),
    "object_missed": _of_miss(missing.object_to_miss),
    "uphold_objection": _of_miss(missing.uphold_objection),
    "refuse_objection": _of_miss(missing.refuse_objection),
    "ask_return": _ask(RequestKind.RETURN, RETURNING),
    "ask_extension": _ask(RequestKind.EXTENSION, REASON),
    "ask_suspension": _ask(RequestKind.SUSPENSION, UNTIL),
    "ask_deferral": _ask(RequestKind.DEFERRAL, UNTIL),
    "ask_appeal": _ask(RequestKind.APPEAL, AGAINST),
    "ask_void": _ask(RequestKind.VOID, REASON),
    "ask_designation": _ask(RequestKind.DESIGNATION, RETURNING),
}

ANSWERS: dict[str, Callable[..., Case]] = {
    "approve": reviews.approve_request,
    "preapprove": reviews.preapprove_request,
    "refuse": reviews.refuse_request,
    "withdraw": reviews.withdraw_request,
}


def carry_out(key: str, told: Told) -> Case:
    """Do one action: one call of its service. Raises what the service raises."""
    action = ACTIONS[key]
    if action.versioned and told.version is None:
        raise Invalid(
            _("Say which version of the case you saw."), version=_("Please fill this in.")
        )
    if told.photos and not action.photos:
        raise Invalid(_("This action takes no photos."), photos=_("Not with this action."))
    return action.run(told)


def answer(key: str, request_id: int, told: Told) -> Case:
    """Approve, refuse or withdraw a request. Raises what the service raises."""
    service = ANSWERS.get(key)
    if service is None:
        raise NotAllowed(_("There is no such answer to a request."))
    if told.version is None:
        raise Invalid(
            _("Say which version of the case you saw."), version=_("Please fill this in.")
        )
    return service(**told.versioned(), request_id=request_id, reason=told.said.get("reason", ""))
