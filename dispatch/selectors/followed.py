"""A case as its citizen follows it: steps in plain words, without a person or an office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import RATE_DAYS
from cases.models import Case, Event, Rating
from cases.services.ending import CITIZEN, possible_until, reporter_of_code
from cases.workflow import ENDED, State, judge

# What an event means to whoever reported it; all others are the desks' own business.
STEPS: dict[str, Promise] = {
    "report": _("Your report has been received."),
    "accept": _("It was accepted and is being looked at."),
    "not_accept": _("It was not accepted."),
    "reconsider": _("It is being looked at again."),
    "merge": _("It is handled together with an earlier report of the same matter."),
    "undo_merge": _("It is handled by itself again."),
    "release_member": _("It is handled by itself again."),
    "file": _("A case was opened."),
    "not_file": _("No case was opened."),
    "dispatch": _("The department responsible has it and is at work."),
    "reassign": _("Another department has taken it over."),
    "approve_return": _("Another department is being looked for."),
    "approve_suspension": _("The work waits for a reason that cannot be helped."),
    "resume": _("The work goes on."),
    "finish": _("The work is done; it will be checked on site."),
    "check_passed": _("The check on site found it in order."),
    "check_failed": _("The check on site found it not in order: the work goes on."),
    "approve_void": _("The case was taken back."),
    "close": _("The case is closed."),
    "force_close": _("The case was closed before the work was done."),
    "reopen": _("The case was opened again."),
    "rate": _("You have rated it. Thank you."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way; `reason` is told of ends only."""

    words: Promise
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a citizen reads of his report."""

    number: str
    class_name: str
    place: str
    state: str
    is_over: bool
    steps: list[Step]
    may_rate: bool
    rate_until: datetime | None
    rated: str


def follow(*, number: str, code: str, at: datetime) -> Followed:
    """The report of a number and its code, and what became of it. Raises NotVisible.

    A report that was merged goes on with the case that leads it.
    """
    reporter = reporter_of_code(number, code)
    own = reporter.case
    lead = own.merged_into or own
    rating = Rating.objects.filter(reporter=reporter).first()
    until = rate_until(lead, at)
    return Followed(
        number=own.number,
        class_name=own.catalogue_class.name,
        place=own.street.name if own.street else "",
        state=str(State(lead.state).label),
        is_over=State(lead.state) in ENDED,
        steps=steps_of(own, lead, mine=rating is not None),
        may_rate=rating is None and until is not None and at <= until,
        rate_until=until,
        rated=rating.get_degree_display() if rating else "",
    )


def rate_until(case: Case, at: datetime) -> datetime | None:
    """Until when a case that is over may be rated; None for others."""
    if not judge(State(case.state), "rate", CITIZEN.roles).allowed:
        return None
    return possible_until(case, at, RATE_DAYS)


def steps_of(own: Case, lead: Case, *, mine: bool) -> list[Step]:
    """The steps in their order: of the report itself, and of the case that leads it since then."""
    events = Event.objects.filter(action__in=STEPS).order_by("at", "pk")
    told = list(events.filter(case=own))
    if lead.pk != own.pk:
        merged = max((one.at for one in told if one.action == "merge"), default=own.reported_at)
        told += events.filter(case=lead, at__gt=merged).exclude(action__in=("report", "merge"))
    return [
        Step(STEPS[one.action], one.at, one.reason if one.to_state in ENDED else "")
        for one in told
        # Several people may have reported and rated one case.
        if one.action != "rate" or mine
    ]
