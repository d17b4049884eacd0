"""Merges in memory: what `cases.services.merging` and `releasing` write."""

from __future__ import annotations

from bisect import insort
from datetime import datetime

from cases.workflow import LEADING, State
from dispatch.simulation.clockwork import Clockwork
from dispatch.simulation.record import Record
from gridcity.contracts import CLOCK, Actor

# A leading case that ends so gives its members back (domain law §4, merge).
RELEASING = frozenset({State.NOT_ACCEPTED, State.NOT_FILED, State.VOIDED})


class Merging(Clockwork):
    """Which cases stand on one ground, who leads whom, and what becomes of the members."""

    records: dict[int, Record]
    # The cases of each cell and class whose story goes on, by the index of their report.
    together: dict[tuple[int, int], list[int]]

    def join(self, record: Record) -> None:
        """Let a new case be found by later reports of its cell and class."""
        record.beside = self.together.setdefault(ground_of(record), [])
        insort(record.beside, record.report.index)

    def leading(self, record: Record) -> str:
        """The number of the oldest case that could lead this one; '' for none."""
        if record.members or record.case.state != State.REPORTED:
            return ""
        for index in record.beside:
            if index >= record.report.index:
                break
            lead = self.records[index].case
            if lead.state in LEADING:
                return lead.number
        return ""

    def merge(self, record: Record, actor: Actor, at: datetime, leading: str, reason: str) -> None:
        lead = next(
            found for index in record.beside
            if (found := self.records[index]).case.number == leading
        )  # fmt: skip
        record.case.merged_into_id, record.lead = lead.case.pk, lead
        lead.members.append(record)
        self.move(record, "merge", actor, at, reason=reason, changes={"leading": leading})
        added = [one for one in record.case.sources if one not in lead.case.sources]
        lead.case.sources = [*lead.case.sources, *added]
        self.move(lead, "take_in", actor, at,
                  changes={"member": record.case.number, "sources_added": added})  # fmt: skip

    def undo_merge(self, record: Record, actor: Actor, at: datetime) -> None:
        """Back to the state before, whose clock has stood still; the lead gives up its sources."""
        lead, merged, case = record.lead, record.entered, record.case
        assert lead is not None
        assert merged is not None
        before = State(merged.from_state)
        case.merged_into_id, record.lead = None, None
        lead.members = [one for one in lead.members if one is not record]
        self.move(record, "undo_merge", actor, at, target=before,
                  term=self.goes_on(record, before, at),
                  changes={"leading": lead.case.number})  # fmt: skip
        taken = next(
            event for event in reversed(lead.events)
            if event.action == "take_in" and event.changes["member"] == case.number
        )  # fmt: skip
        others = {source for member in lead.members for source in member.case.sources}
        gone = set(taken.changes["sources_added"]) - others
        lead.case.sources = [one for one in lead.case.sources if one not in gone]
        self.move(lead, "let_go", actor, at, changes={"member": case.number})

    def release(self, lead: Record, at: datetime) -> list[Record]:
        """Members of a case that ended unfiled are reports of their own again; returns them."""
        is_on_the_spot = lead.case.state == State.CLOSED and lead.case.filed_at is None
        if lead.case.state not in RELEASING and not is_on_the_spot:
            return []
        released, lead.members = lead.members, []
        for member in released:
            member.case.merged_into_id, member.lead = None, None
            self.move(member, "release_member", CLOCK, at, changes={"leading": lead.case.number})
        return released


def ground_of(record: Record) -> tuple[int, int]:
    return record.case.cell_id or 0, record.case.catalogue_class_id
