"""From the report to the filing: accepted, merged, filed or not (domain law §4)."""

from __future__ import annotations

from typing import Any

from assessment.facts.said import Said
from assessment.facts.story import Story


class Filing(Story):
    """What the supervision side does before anybody handles it."""

    def on_amend(self, event: Said) -> None:
        changes = event.changes
        news: dict[str, Any] = {}
        if "class_code" in changes:
            scheme, kind, code = changes["class_code"][1].split("/")
            news |= {"class_key": (scheme, kind, code), "kind": kind}
        if "cell" in changes:
            news["cell_id"] = changes["cell"][1]
        self.place(event, news)
        if "sources" in changes:
            self.sources = list(changes["sources"][1])
            self.case.judge(event.at, public=self.is_public())

    def on_take_in(self, event: Said) -> None:
        added = list(event.changes["sources_added"])
        self.brought[event.changes["member"]] = added
        self.sources += added
        self.case.judge(event.at, public=self.is_public())

    def on_let_go(self, event: Said) -> None:
        gone = self.brought.pop(event.changes["member"], [])
        self.sources = [one for one in self.sources if one not in gone]
        self.case.judge(event.at, public=self.is_public())

    def on_accept(self, event: Said) -> None:
        if self.case.get("accepted_at") is None:
            self.case.judge(
                event.at, accepted_at=event.at, accepted_in_time=self.stay.get("in_time"),
                accepted_by_id=event.actor, waived=bool(event.changes.get("waiver")),
            )  # fmt: skip

    def on_not_accept(self, event: Said) -> None:
        self.end_case(event)

    def on_not_file(self, event: Said) -> None:
        self.end_case(event)
        self.case.judge(event.at, unfiled=self.is_filed)

    def on_reconsider(self, event: Said) -> None:
        self.go_on(event)

    def on_merge(self, event: Said) -> None:
        self.end_case(event)
        self.case.judge(event.at, merged=True)
        self.leave_figures(event, out=True)

    def on_undo_merge(self, event: Said) -> None:
        self.go_on(event)
        self.case.judge(event.at, merged=False)
        self.leave_figures(event, out=False)

    on_release_member = on_undo_merge

    def on_approve_self_handled(self, event: Said) -> None:
        self.end_case(event)

    def on_refuse_self_handled(self, event: Said) -> None:
        self.case.judge(event.at, self_handled=False)

    def on_file(self, event: Said) -> None:
        self.place(event, {"cell_id": event.changes["cell"]})
        if not self.is_filed:
            self.is_filed = True
            self.case.judge(
                event.at, filed_at=event.at, filed_by_id=event.actor,
                filed_in_time=self.stay.get("in_time"),
                relapse=event.changes.get("relapse_of") is not None,
            )  # fmt: skip
            if "missed" in event.changes:
                self.case.judge(event.at, missed=True, watched_by_id=event.changes["missed"])

    def on_uphold_objection(self, event: Said) -> None:
        """From now on nobody missed it; it was filed in its first round."""
        first = self.facts.cases[0]
        first.judge(event.at, missed=False, watched_by_id=first.get("reporter_id"))
