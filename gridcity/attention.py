"""What administrators have to look at: the head of their first page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cases.models import CalendarYear, Delivery
from dispatch.models import Department, Membership, SweepError
from dispatch.selectors.rule_checks import gaps_by_kind

WARN_FROM_MONTH = 11  # next year's calendar is published in November (domain law §6.1)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to see to, and where."""

    words: str | Promise
    url: str


def things_to_see() -> list[Point]:
    """Missing calendars, departments without a user, gaps, what could not be done or sent."""
    found = [_calendar(), _departments(), _coverage(), _sweeps(), _letters()]
    return [point for point in found if point is not None]


def _calendar() -> Point | None:
    """This year's calendar, and from November on the next one's."""
    today = timezone.localdate()
    wanted = {today.year} | ({today.year + 1} if today.month >= WARN_FROM_MONTH else set())
    missing = wanted - set(CalendarYear.objects.values_list("year", flat=True))
    if not missing:
        return None
    return Point(
        _("The working calendar of %(year)s is not published: deadlines that run into it are "
          "provisional.") % {"year": min(missing)},
        reverse("admin:cases_calendaryear_add"),
    )  # fmt: skip


def _departments() -> Point | None:
    members = Membership.objects.filter(department=OuterRef("pk"), user__is_active=True)
    count = Department.objects.active().exclude(Exists(members)).count()
    if not count:
        return None
    words = ngettext_lazy(
        "%(n)d department in use has no active user: no case can be dispatched to it.",
        "%(n)d departments in use have no active user: no case can be dispatched to them.",
        count,
    )
    return Point(words % {"n": count}, reverse("admin:dispatch_department_changelist"))


def _coverage() -> Point | None:
    """Classes that the routing rules name nobody for: their cases wait until somebody thinks."""
    gaps = gaps_by_kind(timezone.localdate())
    kind, count = max(gaps.items(), key=lambda item: item[1])
    if not count:
        return None
    return Point(
        _("%(n)d pairs of class and cell have no owner: no rule proposes a department.")
        % {"n": sum(gaps.values())},
        reverse("dispatch:rules-coverage") + f"?kind={kind}&gaps=on",
    )


def _sweeps() -> Point | None:
    count = SweepError.objects.filter(resolved_at=None).count()
    if not count:
        return None
    words = ngettext_lazy(
        "%(n)d step of the clock could not be done and is tried again.",
        "%(n)d steps of the clock could not be done and are tried again.",
        count,
    )
    return Point(
        words % {"n": count},
        reverse("admin:dispatch_sweeperror_changelist") + "?resolved_at__isempty=1",
    )


def _letters() -> Point | None:
    count = Delivery.objects.filter(done_at=None, dead_at__isnull=False).count()
    if not count:
        return None
    words = ngettext_lazy(
        "%(n)d notice could not be sent and was given up.",
        "%(n)d notices could not be sent and were given up.",
        count,
    )
    return Point(words % {"n": count}, reverse("admin:cases_delivery_changelist"))
