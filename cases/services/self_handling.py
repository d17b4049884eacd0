"""自行处置: a supervisor fixes a small thing on the spot and shows it by two photos (law §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import SELF_LONGEST, SELF_METRES, SELF_SHORTEST
from cases.models import Case, PhotoRole
from cases.models.notice import NoticeKind
from cases.selectors.settings import number_at
from cases.services.accepting import tell_reporter
from cases.services.classing import check_class_is_current
from cases.services.evidence import Prepared, attach_photos
from cases.services.placing import metres_between
from cases.services.releasing import release_members
from cases.services.reporting import (
    ReportInput,
    describe,
    next_identity,
    said_in_event,
    set_class_and_place,
    source_of,
)
from cases.services.transactions import in_transaction
from cases.services.transition import begin_case, lock_case, move, refusal_of
from cases.workflow import State, judge
from gridcity.contracts import Actor, Invalid, NotAllowed


@in_transaction
def report_self_handled(
    *, actor: Actor, at: datetime, report: ReportInput, photos: Sequence[Prepared] = ()
) -> Case:
    """Report what was fixed on the spot: the new case waits for the duty chief's review.

    Raises NotAllowed for a class that is not flagged for it, Invalid where the photos do not
    show it, and what `report_case` raises.
    """
    verdict = judge(None, "report_self_handled", actor.roles)
    if not verdict.allowed:
        raise refusal_of(verdict.refusal, verdict.sentence)
    case = Case(state=State.SELF_HANDLED, reported_at=at, state_since=at, self_handled=True)
    case.source = source_of(actor, verdict.role, report.source)
    case.sources = [case.source]
    case.occurred_at = min(report.occurred_at or at, at)
    case.reported_by_id = actor.user_id
    describe(case, report)
    set_class_and_place(case, report, verdict.role)
    check_class_is_current(case)
    if not case.catalogue_class.self_handled_allowed:
        raise NotAllowed(_("Cases of this class are not handled on the spot: report it."))
    check_photos(case, photos, at)
    case.pk, case.number = next_identity(at)
    event = begin_case(
        case, action="report_self_handled", actor=actor, role=verdict.role, at=at,
        occurred_at=report.occurred_at, changes=said_in_event(case, None, photos),
        state=State.SELF_HANDLED,
    )  # fmt: skip
    attach_photos(case, event, photos, actor=actor, at=at)
    return case


def check_photos(case: Case, photos: Sequence[Prepared], at: datetime) -> None:
    """A photo before and one after, some minutes apart, near each other and the pin (law §4).

    By default 1–60 minutes and 30 m. Raises Invalid naming `photos`.
    """
    before = [photo for photo in photos if photo.said.role == PhotoRole.BEFORE]
    after = [photo for photo in photos if photo.said.role == PhotoRole.AFTER]
    if not before or not after:
        raise Invalid(
            _("What was handled on the spot is shown by a photo before and one after."),
            photos=_("Add a photo with the role “before” and one with the role “after”."),
        )
    check_apart(before, after, at)
    farthest_m = number_at(SELF_METRES, at)
    places = [point_of(photo) for photo in (*before, *after)]
    if case.point is not None:
        places.append(case.point)
    if any(metres_between(a.x, a.y, b) > farthest_m for a in places for b in places):
        raise Invalid(
            _("The photos before and after are taken within %(m)d m of the place.")
            % {"m": farthest_m},
            photos=_("Taken too far away."),
        )


def check_apart(before: list[Prepared], after: list[Prepared], at: datetime) -> None:
    """Neither in the same breath nor hours later. Raises Invalid naming `photos`."""
    first = [photo.said.taken_at for photo in before if photo.said.taken_at]
    last = [photo.said.taken_at for photo in after if photo.said.taken_at]
    shortest, longest = number_at(SELF_SHORTEST, at), number_at(SELF_LONGEST, at)
    minute = timedelta(minutes=1)
    if first and last and shortest * minute <= max(last) - min(first) <= longest * minute:
        return
    raise Invalid(
        _("The photos before and after are taken %(shortest)d to %(longest)d minutes apart.")
        % {"shortest": shortest, "longest": longest},
        photos=_("When was each of them taken?"),
    )


def point_of(photo: Prepared) -> Point:
    """Where a photo was taken, EPSG:4490. Raises Invalid for one that does not say it."""
    if photo.said.lon is None or photo.said.lat is None:
        raise Invalid(
            _("The photos before and after say where they were taken."),
            photos=_("Where was it taken?"),
        )
    return Point(photo.said.lon, photo.said.lat, srid=4490)


@in_transaction
def approve_self_handled(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """`approve_self_handled`: closed; it counts for its supervisor and in no other figure.

    It was never filed, so what was merged into it goes on as a report of its own (§4, merge).
    """
    case = lock_case(number, version=version)
    move(case, action="approve_self_handled", actor=actor, at=at)
    release_members(case, at)
    tell_reporter(case, NoticeKind.ENDED, at)
    return case


@in_transaction
def refuse_self_handled(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`refuse_self_handled` ⚑: from now on a report like any other; acceptance begins."""
    case = lock_case(number, version=version)
    case.self_handled = False
    move(
        case, action="refuse_self_handled", actor=actor, at=at, reason=reason,
        changes={"self_handled": [True, False]}, fields=("self_handled",),
    )  # fmt: skip
    return case
