"""The main figures counted a second time, straight from the events, in plain Python.

Nothing of `assessment.facts` or `assessment.indicators` is used: what both say alike was thought
of twice. Everything is as known at the end of time; life is read at the end of the period.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import groupby

from cases.models import Event

STANDS = {"SUSPENDED", "TO_CHECK", "CHECKING", "TO_CLOSE"}
ENDED = {"CLOSED", "FORCE_CLOSED", "NOT_ACCEPTED", "NOT_FILED", "VOIDED", "MERGED"}


class Life:
    """One case as its events tell it, up to the end of time, with its clock as it was at `cut`."""

    def __init__(self, events, cut):
        self.cut = cut
        self.rounds = [self.new_round()]
        self.calls = []
        self.turns = {}
        self.checks, self.filed, self.missed = {}, None, False
        first = events[0]
        self.reported = None if first.action == "succeed" else first.occurred_at
        self.succeeds = first.action == "succeed"
        self.self_handled = first.action == "report_self_handled"
        self.cell = first.changes["cell"]
        for event in events:
            self.hear(event)
        self.state = events[-1].to_state

    def new_round(self):
        return {"end": None, "kind": None, "finish": None, "due_at_cut": None, "early": False}

    @property
    def open_turn(self):
        last = list(self.turns.values())[-1] if self.turns else None
        return last if last and last["end"] is None else None

    def turn_of(self, event):
        number = event.changes.get("turn")
        return self.open_turn if number is None else self.turns.get(number)

    def hear(self, event):
        tell = getattr(self, f"on_{event.action}", None)
        if tell is not None:
            tell(event, event.changes)
        self.hear_end(event)
        if event.at < self.cut and event.to_state not in ENDED:
            self.hear_clock(event)

    def on_reopen(self, event, said):
        list(self.turns.values())[-1]["reopened"] = True
        self.rounds.append(self.new_round())

    def on_dispatch(self, event, said):
        self.turns.pop(said["turn"], None)
        self.turns[said["turn"]] = {
            "began": event.at, "department": said["department"], "end": None, "kind": "",
            "finish": None, "reopened": False, "undone": False, "due": None, "stood": False,
            "uncounted": set(), "early": False, "appealed": False, "round": len(self.rounds),
        }  # fmt: skip

    def on_reassign(self, event, said):
        self.end_turn(event, "reassigned")
        self.on_dispatch(event, said)

    def put_finish(self, event, finish):
        self.rounds[-1]["finish"] = finish
        turn = self.turn_of(event)
        if turn is not None:
            turn["finish"] = finish

    def on_finish(self, event, said):
        self.put_finish(event, (event.occurred_at, said["in_time"]))

    def on_withdraw_finish(self, event, said):
        self.put_finish(event, None)

    def on_check_failed(self, event, said):
        self.hear_check(event)
        self.put_finish(event, None)

    def on_check_passed(self, event, said):
        self.hear_check(event)

    def on_approve_return(self, event, said):
        self.end_turn(event, "returned")

    def on_undo_return(self, event, said):
        self.turn_of(event).update(end=None, kind="")

    def on_undo_dispatch(self, event, said):
        self.open_turn["undone"] = True
        self.end_turn(event, "undone")

    def on_close(self, event, said):
        self.end_turn(event, event.action)

    on_approve_void = on_close

    def on_force_close(self, event, said):
        was_due = said.get("was_due")
        early = was_due is None or event.occurred_at < datetime.fromisoformat(was_due)
        early = early and self.rounds[-1]["finish"] is None
        self.rounds[-1]["early"] = early
        if self.open_turn:
            self.open_turn["early"] = early
        self.end_turn(event, "forced")

    def on_file(self, event, said):
        self.missed = self.missed or (self.filed is None and "missed" in said)
        self.filed = self.filed or event.at
        self.cell = said["cell"]

    def on_uphold_objection(self, event, said):
        self.missed = False

    def on_amend(self, event, said):
        self.cell = said["cell"][1] if "cell" in said else self.cell

    def on_refuse_self_handled(self, event, said):
        self.self_handled = False

    def on_rate(self, event, said):
        self.calls.append((event.at, {"degree": said["degree"]}))

    def on_call_back(self, event, said):
        if not said["valid"]:
            return
        whom = said["reporter"]["phone"]
        self.calls = [one for one in self.calls if one[1].get("whom") != whom]
        called = {"degree": said["satisfaction"], "called": True, "whom": whom}
        self.calls.append((event.at, said | called))

    def on_ask_appeal(self, event, said):
        self.turn_of(event)["appealed"] = True

    def on_approve_request(self, event, said):
        if "reviewer" not in said and said["kind"] == "APPEAL":
            self.turn_of(event)["uncounted"].add(said["fact"])

    def taken_out(self, place):
        """What appeals took out of a round: what they took out of its last turn."""
        theirs = [one for one in self.turns.values()
                  if one["round"] == place + 1 and not one["undone"]]  # fmt: skip
        return theirs[-1]["uncounted"] if theirs else set()

    def end_turn(self, event, kind):
        if self.open_turn:
            turn = self.open_turn
            turn["end"], turn["kind"] = event.occurred_at, kind

    def hear_check(self, event):
        """Whoever answered: of a finish the last answer."""
        number, turn = list(self.turns.items())[-1]
        self.checks[number, turn["finish"][0]] = event.action == "check_failed"

    def checks_of(self, start, cut):
        """The turns whose finishes lie in the period and were checked, and whether they failed.

        Failed ones that an appeal took out are not among them.
        """
        for (number, finished), failed in self.checks.items():
            turn = self.turns[number]
            if start <= finished < cut and not (failed and "failed_check" in turn["uncounted"]):
                yield turn, failed

    def hear_end(self, event):
        now = self.rounds[-1]
        if event.to_state != event.from_state and event.to_state in ENDED:
            now["end"], now["kind"] = event.occurred_at, event.to_state
        elif event.from_state in ENDED and event.to_state not in ENDED and event.action != "reopen":
            now["end"], now["kind"] = None, None

    def hear_clock(self, event):
        """Until when it runs, as it was at the cut."""
        due = event.changes.get("stage_due")
        due = datetime.fromisoformat(due) if due else None
        turn = self.open_turn or {}
        if event.to_state == "HANDLING":
            if due is not None:
                self.rounds[-1]["due_at_cut"] = due
                turn.update(due=due, stood=False)
        elif event.to_state == "SUSPENDED":
            self.rounds[-1]["due_at_cut"] = None
            turn.update(due=None, stood=True)
        elif event.to_state in STANDS:
            turn.update(stood=True)
        else:
            self.rounds[-1]["due_at_cut"] = None


def count(start, cut, streets):
    """Counters of the district (None), of each street and of each department by its code.

    `streets` says of each cell in which street it lies.
    """
    district, by_street, by_department = Counter(), {}, {}
    events = Event.objects.order_by("case_id", "seq")
    for _case, told in groupby(events, key=lambda event: event.case_id):
        life = Life(list(told), cut)
        if life.state in {"VOIDED", "MERGED"}:
            continue
        street = by_street.setdefault(streets.get(life.cell), Counter())
        for counter in (district, street):
            count_case(life, counter, start, cut)
        for turn in life.turns.values():
            mine = by_department.setdefault(turn["department"], Counter())
            for counter in (district, street, mine):
                count_turn(turn, counter, start, cut)
        for turn, failed in life.checks_of(start, cut):
            mine = by_department.setdefault(turn["department"], Counter())
            for counter in (district, street, mine):
                counter["finishes_checked"] += 1
                counter["rework"] += failed
    return district, by_street, by_department


def count_case(life, counter, start, cut):
    def lies(at):
        return at is not None and start <= at < cut

    spot = life.self_handled and len(life.rounds) == 1
    counter["reported"] += lies(life.reported) and not spot
    counter["filed"] += lies(life.filed) and not life.succeeds
    counter["missed"] += lies(life.filed) and not life.succeeds and life.missed
    for at, said in life.calls:
        if lies(at):
            count_call(said, counter)
    for place, one in enumerate(life.rounds):
        if life.self_handled and place == 0:
            continue
        closed = one["kind"] == "CLOSED" or (one["kind"] == "FORCE_CLOSED" and one["finish"])
        closed = bool(closed) and lies(one["end"])
        out = life.taken_out(place)
        counts = not out & {"overdue", "forced_close"}
        in_time = bool(one["finish"]) and one["finish"][1]
        counter["closed"] += closed
        counter["closed_in_time"] += closed and counts and in_time
        counter["closed_late"] += closed and counts and not in_time
        by_force = lies(one["end"]) and one["kind"] == "FORCE_CLOSED"
        counter["forced_share"] += by_force and "forced_close" not in out
        overdue = one["due_at_cut"] is not None and one["due_at_cut"] < cut and not one["early"]
        ended = one["end"]
        late = ended is None or ended >= cut
        forced = lies(ended) and one["kind"] == "FORCE_CLOSED" and one["finish"] is None
        overdue = overdue and (ended is None or ended >= start) and (late or forced)
        counter["need_close"] += (closed or overdue) and counts


def count_call(said, counter):
    """Calls alone say whether it is resolved; ratings on the web tell of satisfaction too."""
    counter["called_back"] += bool(said.get("called"))
    counter["rated_web"] += not said.get("called")
    counter["contacted"] += bool(said.get("contacted"))
    counter["resolved"] += bool(said.get("resolved"))
    counter["answers"] += bool(said["degree"])
    counter["satisfied"] += said["degree"] in {"very_good", "good"}
    counter["basically_satisfied"] += said["degree"] == "fair"


def count_turn(turn, counter, start, cut):
    if turn["undone"]:
        return
    counter["dispatches"] += start <= turn["began"] < cut
    counter["returned"] += turn["kind"] == "returned" and start <= turn["end"] < cut
    appealed = turn["appealed"] and turn["end"] is not None and start <= turn["end"] < cut
    counter["appealed"] += appealed
    counter["appeal_upheld"] += appealed and bool(turn["uncounted"])
    if turn["uncounted"] & {"overdue", "forced_close"}:
        return
    finish, end, due = turn["finish"], turn["end"], turn["due"]
    finished = finish is not None and start <= finish[0] < cut
    handled = finished and not turn["reopened"]
    counter["handled"] += handled
    counter["handled_in_time"] += handled and finish[1]
    counter["handled_late"] += handled and not finish[1]
    open_at_cut = end is None or end >= cut
    unhandled = (
        turn["began"] < cut and due is not None and due < cut and not turn["early"]
        and (finish is None or finish[0] >= cut)
        and (end is None or end >= start)
        and not (open_at_cut and turn["stood"])
        and not (end is not None and end <= due)
    )  # fmt: skip
    counter["unhandled_late"] += unhandled
    counter["need_handle"] += finished or unhandled
