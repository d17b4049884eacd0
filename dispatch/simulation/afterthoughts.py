"""What is amended, added, taken back, rated and objected to in memory, as the services write it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.canonical import utc_text
from cases.models import Case, Event, Photo, PhotoRole, Rating, Reporter
from cases.models.case import PlacedBy
from cases.services.citizens import BY_REPORT
from cases.services.reporting import fingerprints_of
from cases.services.succeeding import COPIED, said_of_successor
from cases.services.transition import Term, desk_term, next_event, used_in_stay
from cases.workflow import State
from dispatch.models import TurnEnd
from dispatch.services.turns import put_end
from dispatch.simulation.asking import Asking
from dispatch.simulation.making import maker
from dispatch.simulation.pictures import ACCURACY_M, sha
from dispatch.simulation.record import Record
from dispatch.simulation.reports import Report
from gridcity.contracts import Actor, Role
from parts.services.copying import columns_of

# Of people and parts only the id is known here; a point is read from the row.
BY_ID = frozenset({"part", "reported_by", "first_contact", "point"})
OF_ITS_CASE = frozenset({"id", "case_id", "event_id"})  # of a photo
REPORTER_COPIED = ("user_id", "source", "name", "phone", "may_call", "salt")
POINT_WITH_SRID = 0x20000001
# The acceptor who gives a reporter the code by which he rates.
CODE_GIVER = Actor(None, "acceptor", frozenset({Role.ACCEPTOR}))


class Afterthoughts(Asking):
    """Beside the course of a case: none of it is asked of the database."""

    def amend(
        self, record: Record, actor: Actor, at: datetime, description: str = "",
        point: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """As `cases.services.accepting.amend_case`; the point stays in its cell."""
        case, changes = record.case, dict[str, Any]()
        if description:
            changes["description"] = [case.description, description]
            case.description = description
        if point is not None:
            changes["point"] = [list(record.point), list(point)]
            record.point, case.point = point, ewkb_of(point)  # type: ignore[assignment]
            case.accuracy_m, case.placed_by = ACCURACY_M, PlacedBy.MANUAL
        self.move(record, "amend", actor, at, changes=changes)

    def supplement(
        self, record: Record, actor: Actor, at: datetime, words: str, picture: int | None = None,
        by: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        shas = [] if picture is None else [sha(picture)]
        said = {"words": words, "photos": shas, **(by or {})}
        event = self.move(record, "supplement", actor, at, changes=said)
        if picture is not None:
            self.photo(record, event, picture, PhotoRole.OTHER, at, actor, at)

    def undo_dispatch(self, record: Record, actor: Actor, at: datetime) -> None:
        turn = record.held()
        put_end(turn, TurnEnd.UNDONE, at)
        for consent in record.requests:
            if consent.used_by_id == turn.pk:
                consent.used_by_id = None
        self.step_back(record, "undo_dispatch", actor, at)

    def undo_send_back(self, record: Record, actor: Actor, at: datetime) -> None:
        self.step_back(record, "undo_send_back", actor, at)

    def step_back(self, record: Record, action: str, actor: Actor, at: datetime) -> None:
        """As `dispatch.services.undoing`: back to the desk before, whose clock ran on."""
        here, before = record.stay, record.last_stay_in(State.TO_DISPATCH)
        assert here is not None
        here.undone = before.undone = True
        term = Term(
            limit_s=before.limit_s, used_before_s=used_in_stay(before, at), due_at=before.due_at,
            twice_at=before.twice_at, idle_at=before.idle_at, green_until=before.green_until,
            provisional=before.provisional,
        )  # fmt: skip
        self.move(record, action, actor, at, target=State.TO_DISPATCH, term=term)

    def rate(self, record: Record, actor: Actor, at: datetime, degree: str, words: str) -> None:
        record.ratings.append(
            maker(Rating)(
                id=self.ids.next(Rating), case=record.case, reporter=record.reporters[0],
                degree=degree, words=words, at=at,
            )
        )  # fmt: skip
        self.give_code(record, at)
        self.move(record, "rate", actor, at, changes={"degree": degree})

    def give_code(self, record: Record, at: datetime) -> None:
        said = {"reporter": fingerprints_of(record.reporters[0])}
        self.move(record, "give_code", CODE_GIVER, at, changes=said)

    def supplement_own(self, record: Record, actor: Actor, at: datetime, words: str) -> None:
        """By whoever reported it, with the code that he was given."""
        self.give_code(record, at)
        self.supplement(record, actor, at, words, by={BY_REPORT: record.case.number})

    def object_missed(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        miss = record.misses[0]
        miss.objected_at, miss.objection = at, reason
        self.move(record, "object_missed", actor, at, reason=reason)

    def uphold_objection(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        self.answer_objection(record, "uphold_objection", actor, at, reason)

    def refuse_objection(self, record: Record, actor: Actor, at: datetime, reason: str) -> None:
        self.answer_objection(record, "refuse_objection", actor, at, reason)

    def answer_objection(
        self, record: Record, action: str, actor: Actor, at: datetime, reason: str
    ) -> None:
        miss = record.misses[0]
        miss.answered_at, miss.answered_by_id, miss.answer = at, actor.user_id, reason
        miss.is_upheld = action == "uphold_objection"
        self.move(record, action, actor, at, reason=reason,
                  changes={"supervisor": miss.supervisor_id})  # fmt: skip

    # ---------------------------------------------------------------- after a forced close

    def succeed(self, record: Record, report: Report, number: str, actor: Actor) -> Record:
        """As `cases.services.succeeding`: a new case in TO_FILE with reporters and photos."""
        at, case = report.at, record.case
        following = maker(Case)(
            **copied(case), id=self.ids.of_case(report.position), number=number,
            state=State.TO_FILE, reported_at=at, state_since=at, root_id=case.root_id or case.pk,
        )  # fmt: skip
        made = Record(following, report, record.ewkb, record.point)
        for one in record.reporters:
            said = {name: getattr(one, name) for name in REPORTER_COPIED}
            made.reporters.append(
                maker(Reporter)(id=self.ids.next(Reporter), case=following, **said)
            )
        term = desk_term(State.TO_FILE, at)
        changes = said_of_successor(case, following, made.reporters)
        if term.due_at is not None:
            changes["stage_due"] = utc_text(term.due_at)
        event = next_event(
            following, action="succeed", actor=actor, role=Role.DUTY_CHIEF, at=at,
            occurred_at=None, reason="", changes=changes, states=(None, State.TO_FILE),
            made=maker(Event),
        )  # fmt: skip
        self.append(made, event)
        self.keep_stay(made, self.next_stay(following, State.TO_FILE, event.seq, at, term))
        made.photos = [self.copied_photo(one, following, event) for one in record.photos]
        return made

    def copied_photo(self, one: Photo, following: Case, event: Event) -> Photo:
        said = {name: getattr(one, name) for name in columns_of(Photo) if name not in OF_ITS_CASE}
        return maker(Photo)(id=self.ids.next(Photo), case=following, event=event, **said)


def copied(case: Case) -> dict[str, Any]:
    """What a successor has of the case before it; the point as the database reads it."""
    said = {name: getattr(case, name) for name in COPIED if name not in BY_ID}
    ids = {f"{name}_id": getattr(case, f"{name}_id") for name in BY_ID - {"point"}}
    return said | ids | {"point": case.point, "sources": list(case.sources)}


def ewkb_of(point: tuple[float, float]) -> str:
    """A point in degrees (EPSG:4490) as the database reads it."""
    return struct.pack("<BIIdd", 1, POINT_WITH_SRID, 4490, *point).hex().upper()
