"""The engine: the one door through which the state of a case changes.

It locks, judges by the table, ends the stay and begins the next, appends the chained event and
raises the version. What an action means beyond that is written by the service that calls it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.canonical import canonical, utc_text
from cases.clocks.calendar import WorkingCalendar
from cases.clocks.desks import desk_instants, desk_spent_s, idle_at
from cases.clocks.numbers import GREEN
from cases.free_text import fingerprint_of, new_salt, texts_of, without_texts
from cases.models import Case, Event, Stay
from cases.selectors.settings import desk_calendar, number_at, stage_limit_s
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import DESKS, ENDED, State, Transition, choose, judge, rows_of
from gridcity.contracts import (
    Actor,
    Forbidden,
    Invalid,
    NotAllowed,
    NotVisible,
    Refused,
    Role,
    StaleVersion,
)
from parts.selectors.compiled import compiled
from parts.services.writing import insert, save, updating

# An event may have occurred this long before it was recorded (phones offline); domain law §11.
EARLIEST_BEFORE = timedelta(hours=24)


class Term(NamedTuple):
    """The time a stay is given: of a desk from its stage limit, of handling from its turn.

    `twice_at` says when twice the limit has run, where that is not one limit after `due_at`;
    `idle_at` when a day has passed before that.
    """

    limit_s: int | None = None
    used_before_s: int = 0
    due_at: datetime | None = None
    twice_at: datetime | None = None
    idle_at: datetime | None = None
    green_until: datetime | None = None
    provisional: bool = False


@compiled
def _locked(number: Any) -> QuerySet[Case]:
    return Case.objects.select_for_update(of=("self",), no_key=True).filter(number=number)[:1]


def lock_case(number: str, *, version: int | None = None) -> Case:
    """Read a case for writing, inside a transaction of the caller.

    The lock makes transitions of one case follow each other; it does not block foreign keys.
    Raises NotVisible, and StaleVersion when the case has moved since `version` was seen.
    """
    case = _locked.first(number=number)
    if case is None:
        raise NotVisible
    if version is not None:
        check_version(case, version)
    return case


def check_version(case: Case, version: int) -> None:
    """Raise StaleVersion, saying who moved the case, when and what changed since."""
    if version == case.version:
        return
    if version > case.version or version < 1:
        raise Invalid(_("This version does not exist."), version=_("Unknown version."))
    last = case.events.select_related("actor").order_by("-seq").first()
    who = (last.actor.full_name if last and last.actor else "") or _("the system")
    raise StaleVersion(
        _("%(who)s has moved this case in the meantime: it is now “%(state)s”. Your text is kept.")
        % {"who": who, "state": State(case.state).label},
        who=str(who),
        at=last.at.isoformat() if last else None,
        state=case.state,
        version=case.version,
        seen=version,
        action=last.action if last else "",
        label=str(rows_of(last.action)[0].label) if last else "",
    )


def check_may(case: Case, action: str, actor: Actor) -> Transition:
    """The row of the table by which the actor may act now. Raises Forbidden or NotAllowed."""
    verdict = judge(State(case.state), action, actor.roles)
    if verdict.transition is None:
        raise refusal_of(verdict.refusal, verdict.sentence)
    return verdict.transition


def refusal_of(kind: str, sentence: str) -> Refused:
    """403 where the role never does this, 409 where the state does not allow it now."""
    return Forbidden(sentence) if kind == "role" else NotAllowed(sentence)


def move(
    case: Case,
    *,
    action: str,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
    target: State | None = None,
    term: Term | None = None,
    fields: tuple[str, ...] = (),
) -> Event:
    """Carry out one action on a locked case and append its event.

    `fields` names columns that the caller has set on `case` and wants saved with the move;
    `changes` is what the event says of them. `target` picks a row where an action leads to more
    than one state. `term` replaces the desk's own stage limit (handling, goes-on clocks).
    Raises Forbidden, NotAllowed, or Invalid when a ⚑ action has no reason.
    """
    row = check_may(case, action, actor)
    if target is not None and row.leads_to(State(case.state)) != target:
        row = choose(State(case.state), action, target)
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=row.needs_reason)
    role = actor.role_among(row.roles) or ""
    before, after = State(case.state), row.leads_to(State(case.state))
    if row.target is not None and after not in ENDED:
        term = term or desk_term(after, max(at, case.state_since))
    event = append_event(
        case,
        action=action,
        actor=actor,
        role=role,
        at=at,
        occurred_at=occurred_at,
        reason=reason,
        changes=(changes or {}) | said_of_stage(case, row, term),
        states=(before, after),
    )
    saved = {"last_seq", "last_sha256", *fields}
    if row.raises_version:
        case.version += 1
        saved.add("version")
    if row.target is not None:
        change_stay(case, after, actor=actor, role=role, event=event, term=term)
        saved |= {"state", "state_since", "due_at", "green_until", "ended_at"}
    save(case, sorted(saved))
    return event


def said_of_stage(case: Case, row: Transition, term: Term | None) -> dict[str, str]:
    """Until when the stage runs after this event, so that the events alone tell of every deadline.

    What moves the deadline of the stage that goes on has put it on the case before.
    """
    if not row.raises_version:
        return {}
    due_at = case.due_at if row.target is None else term and term.due_at
    return {"stage_due": utc_text(due_at)} if due_at else {}


def change_stay(
    case: Case, after: State, *, actor: Actor, role: str, event: Event, term: Term | None
) -> None:
    """End the open stay and begin the next, so that stays tile the life of the case.

    What the clock does is judged by when it was due, not by when the sweep came round.
    """
    at = max(event.at, case.state_since)
    if case.state in ENDED:
        fill_pause(case, at)
    in_time = left_in_time(case, actor, event, at)
    _end_stay(
        case_id=case.pk, ended_at=at, actor_id=actor.user_id, actor_role=role, in_time=in_time
    )
    begin_stay(case, after, seq=event.seq, at=at, term=term)


@updating
def _end_stay(
    case_id: Any, ended_at: Any, actor_id: Any, actor_role: Any, in_time: Any
) -> tuple[QuerySet[Stay], dict[str, Any]]:
    said = {"ended_at": ended_at, "actor": actor_id, "actor_role": actor_role, "in_time": in_time}
    return Stay.objects.filter(case_id=case_id, ended_at=None), said


def left_in_time(case: Case, actor: Actor, event: Event, at: datetime) -> bool | None:
    """Whether the state that a case leaves was left in time; None where no clock ran."""
    judged_at = event.occurred_at if actor.is_system else at
    return None if case.due_at is None else judged_at <= case.due_at


def fill_pause(case: Case, at: datetime) -> None:
    """A case that comes back from an end: that time is a stay too, so that stays have no gap.

    It bears the number of the event that ended the case; no desk had it and no clock ran.
    """
    ended = case.events.filter(to_state=case.state).exclude(from_state=case.state)
    Stay.objects.create(
        case=case,
        seq=ended.order_by("-seq").values_list("seq", flat=True)[0],
        state=case.state,
        began_at=case.state_since,
        ended_at=at,
        actor_role=Role.CLOCK,
    )


def begin_case(
    case: Case,
    *,
    action: str,
    actor: Actor,
    role: str,
    at: datetime,
    occurred_at: datetime | None,
    changes: dict[str, Any],
    state: State,
) -> Event:
    """The first event and the first stay of a case; the caller inserts the case after them.

    The case comes after its event and stay, which set the end of its chain and its clock (the
    references are checked at the commit): written first and updated then, each of its indexes
    would be written twice.
    """
    term = desk_term(state, at)
    if term.due_at is not None:
        changes = changes | {"stage_due": utc_text(term.due_at)}
    event = append_event(
        case, action=action, actor=actor, role=role, at=at, occurred_at=occurred_at, reason="",
        changes=changes, states=(None, state),
    )  # fmt: skip
    begin_stay(case, state, seq=event.seq, at=at, term=term)
    insert(case)
    return event


def begin_stay(case: Case, state: State, *, seq: int, at: datetime, term: Term | None) -> None:
    """Enter a state and write the stay (ended ones have none)."""
    stay = next_stay(case, state, seq=seq, at=at, term=term)
    if stay is not None:
        insert(stay)


def next_stay(
    case: Case, state: State, *, seq: int, at: datetime, term: Term | None,
    made: Callable[..., Stay] = Stay,
) -> Stay | None:  # fmt: skip
    """The stay in a state that is entered, as the case now shows it; nothing is written.

    A stay bears the number of the event that began it.
    """
    case.state, case.state_since = state, at
    if state in ENDED:
        case.ended_at, case.due_at, case.green_until = at, None, None
        return None
    term = term or desk_term(state, at)
    case.ended_at, case.due_at, case.green_until = None, term.due_at, term.green_until
    return made(
        case=case,
        seq=seq,
        state=state,
        began_at=at,
        limit_s=term.limit_s,
        used_before_s=term.used_before_s,
        due_at=term.due_at,
        green_until=term.green_until,
        twice_at=term.twice_at,
        idle_at=term.idle_at,
        provisional=term.provisional,
    )


def calendar_of_stage(state: State, at: datetime) -> WorkingCalendar | None:
    """The working time of the desk of a stage that is entered at `at`; None: around the clock."""
    desk = DESKS.get(state)
    return None if desk is None else desk_calendar(desk, at)


def desk_term(state: State, at: datetime, used_before_s: int = 0) -> Term:
    """The time a desk has from now on, in minutes of its own working time (law §6.2)."""
    limit_s = stage_limit_s(state, at)
    if limit_s is None:
        return Term()
    return reckoned_term(state, at, limit_s, used_before_s)


def reckoned_term(state: State, at: datetime, limit_s: int, used_before_s: int) -> Term:
    """The time of a desk whose stage began at `at` under this limit, as the calendar is now."""
    calendar = calendar_of_stage(state, at)
    left_s = max(limit_s - used_before_s, 0)
    green_s = limit_s * number_at(GREEN, at) // 100 - used_before_s
    reckoned, green_until, twice_at = desk_instants(at, left_s, green_s, limit_s, calendar)
    return Term(
        limit_s=limit_s,
        used_before_s=used_before_s,
        due_at=reckoned.at,
        green_until=green_until,
        twice_at=None if calendar is None else twice_at,
        idle_at=idle_at(at, twice_at),
        provisional=reckoned.provisional,
    )


def used_in_stay(stay: Stay, until: datetime) -> int:
    """Seconds of the desk used in a stage up to an instant, in this stay and before it."""
    calendar = calendar_of_stage(State(stay.state), stay.began_at)
    return stay.used_before_s + desk_spent_s(stay.began_at, until, calendar)


def term_that_goes_on(case: Case, state: State, at: datetime) -> Term:
    """A stage that continues after an interruption, with what its last visit left (law §6.2).

    Acceptance after a verification, and the stage before a merge that was undone.
    """
    last = Stay.objects.filter(case=case, state=state).order_by("-seq").first()
    if last is None:
        return desk_term(state, at)
    return desk_term(state, at, used_in_stay(last, last.ended_at or at))


def append_event(
    case: Case,
    *,
    action: str,
    actor: Actor,
    role: str,
    at: datetime,
    occurred_at: datetime | None,
    reason: str,
    changes: dict[str, Any] | None,
    states: tuple[State | None, State],
) -> Event:
    """Append to the chain of a locked case and advance its end; the caller saves the case.

    An instant on site that lies after its recording is cut to it; both that and one more than a
    day earlier are flagged (domain law §11).
    """
    event = next_event(
        case, action=action, actor=actor, role=role, at=at, occurred_at=occurred_at,
        reason=reason, changes=changes, states=states,
    )  # fmt: skip
    insert(event)
    return event


def next_event(
    case: Case,
    *,
    action: str,
    actor: Actor,
    role: str,
    at: datetime,
    occurred_at: datetime | None,
    reason: str,
    changes: dict[str, Any] | None,
    states: tuple[State | None, State],
    made: Callable[..., Event] = Event,
) -> Event:
    """The next link of a case's chain, to which its end has moved; nothing is written.

    `made` makes the row: who makes very many has a faster way than the model's constructor.
    """
    claimed = occurred_at or at
    before, after = states
    event = made(
        case=case,
        seq=case.last_seq + 1,
        action=action,
        actor_id=actor.user_id,
        role=role,
        occurred_at=min(claimed, at),
        at=at,
        time_flagged=not actor.is_system and not (at - EARLIEST_BEFORE <= claimed <= at),
        from_state=before or "",
        to_state=after,
        reason=reason,
        changes=changes or {},
        prev_sha256=bytes(case.last_sha256),
    )
    texts = texts_of(event.reason, event.changes)
    if texts:
        event.words_salt = new_salt(case.number, event.seq)
        event.words_sha256 = fingerprint_of(event.words_salt, texts)
    event.sha256 = chain_sha256(event, case.number)
    case.last_seq, case.last_sha256 = event.seq, event.sha256
    return event


def chain_sha256(event: Event, number: str) -> bytes:
    """The link of an event: over everything it says and the link before it (domain law §11).

    Of what was written only the fingerprint; an event of before fingerprints has the text itself.
    """
    reason, changes = event.reason, event.changes
    if event.words_sha256 is not None:
        changes = without_texts(changes, texts_of("", changes))
        reason = bytes(event.words_sha256).hex()
    said = [
        number,
        event.seq,
        event.action,
        event.actor_id,
        event.role,
        _instant(event.occurred_at),
        _instant(event.at),
        event.time_flagged,
        event.from_state,
        event.to_state,
        reason,
        changes,
    ]
    return hashlib.sha256(bytes(event.prev_sha256) + canonical(said)).digest()


def _instant(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond
