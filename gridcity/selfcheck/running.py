"""Calendar, departments, and whether the machinery runs: clock, timers, beat, letters, jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cases.models import CalendarYear, Delivery
from dispatch.models import SWEPT_LABELS, Department, Membership, SweepError
from dispatch.services.timers import lag_by_kind
from gridcity.health import BEAT_SILENT_AFTER, redis_answers
from gridcity.models import Heartbeat
from gridcity.selfcheck.findings import (
    PEOPLE,
    RUNNING,
    Check,
    Finding,
    Level,
    Row,
    address,
    found,
)
from gridcity.templatetags.gridcity_ui import grouped
from jobs.models import Job

WARN_FROM_MONTH = 11  # next year's calendar is published in November (domain law §6.1)
# A sweep every two seconds leaves nothing a minute old; after five minutes deadlines are untold.
LAG_WARNS, LAG_IS_FAULT = timedelta(minutes=1), timedelta(minutes=5)
DRIFT_WARNS, DRIFT_IS_FAULT = timedelta(seconds=1), timedelta(seconds=5)
JOB_WAITS_TOO_LONG = timedelta(minutes=10)


def calendar(at: datetime) -> Finding:
    """This year's calendar, and from November on the next one's."""
    today = timezone.localdate(at)
    wanted = {today.year} | ({today.year + 1} if today.month >= WARN_FROM_MONTH else set())
    missing = wanted - set(CalendarYear.objects.values_list("year", flat=True))
    if not missing:
        return Finding()
    said = _(
        "The working calendar of %(year)s is not published: deadlines that run into it are "
        "provisional."
    ) % {"year": min(missing)}
    level = Level.FAULT if today.year in missing else Level.WARNING
    return found(len(missing), said, level=level, url=reverse("admin:cases_calendaryear_add"))


def departments(at: datetime) -> Finding:
    members = Membership.objects.acting().filter(department=OuterRef("pk"))
    empty = Department.objects.active().exclude(Exists(members)).order_by("code")
    rows = [
        Row(code, name, reverse("admin:dispatch_department_change", args=[pk]))
        for pk, code, name in empty.values_list("pk", "code", "name")
    ]
    words = ngettext_lazy(
        "%(n)s department in use has no active user: no case can be dispatched to it.",
        "%(n)s departments in use have no active user: no case can be dispatched to them.",
        len(rows),
    )
    return found(len(rows), words % {"n": grouped(len(rows))}, rows=rows)


# ---------------------------------------------------------------- the machinery


def timers(at: datetime) -> Finding:
    late = {kind: lag for kind, lag in lag_by_kind(at=at).items() if lag >= LAG_WARNS}
    if not late:
        return Finding()
    worst = max(late.values())
    level = Level.FAULT if worst >= LAG_IS_FAULT else Level.WARNING
    said = _("The oldest thing that the clock owes is %(n)s minutes late.")
    rows = [
        Row(
            str(SWEPT_LABELS[kind]),
            __("%(n)s minutes late") % {"n": grouped(lag // timedelta(minutes=1))},
        )
        for kind, lag in sorted(late.items(), key=lambda item: item[1], reverse=True)
    ]
    minutes = worst // timedelta(minutes=1)
    return found(len(late), said % {"n": grouped(minutes)}, level=level, rows=rows)


def beat(at: datetime) -> Finding:
    last = Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
    if last is not None and at - last < BEAT_SILENT_AFTER:
        return Finding()
    if last is None:
        return found(1, _("Beat, broker and worker have never given a sign."))
    said = _("Beat, broker and worker have been silent since %(at)s.")
    return found(1, said % {"at": f"{timezone.localtime(last):%Y-%m-%d %H:%M:%S}"})


def broker(at: datetime) -> Finding:
    return found(0 if redis_answers() else 1, _("Redis does not answer: nothing is nudged."))


def sweeps(at: datetime) -> Finding:
    count = SweepError.objects.filter(resolved_at=None).count()
    words = ngettext_lazy(
        "%(n)s step of the clock could not be done and is tried again.",
        "%(n)s steps of the clock could not be done and are tried again.",
        count,
    )
    url = reverse("admin:dispatch_sweeperror_changelist") + "?resolved_at__isempty=1"
    return found(count, words % {"n": grouped(count)}, level=Level.WARNING, url=url)


def letters(at: datetime) -> Finding:
    count = Delivery.objects.filter(done_at=None, dead_at__isnull=False).count()
    words = ngettext_lazy(
        "%(n)s notice could not be sent and was given up.",
        "%(n)s notices could not be sent and were given up.",
        count,
    )
    url = reverse("admin:cases_delivery_changelist")
    return found(count, words % {"n": grouped(count)}, level=Level.WARNING, url=url)


def drift_of_clocks() -> timedelta:
    """By how much the database's clock is ahead of this process's, as far as one can ask."""
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (told,) = cursor.fetchone()
    after = timezone.now()
    drift: timedelta = told - (before + (after - before) / 2)
    return drift


def clocks(at: datetime) -> Finding:
    drift = drift_of_clocks()
    if abs(drift) < DRIFT_WARNS:
        return Finding()
    level = Level.FAULT if abs(drift) >= DRIFT_IS_FAULT else Level.WARNING
    seconds = f"{abs(drift).total_seconds():.1f}"
    ahead = _("The database's clock is %(n)s s ahead of the web server's.")
    behind = _("The database's clock is %(n)s s behind the web server's.")
    return found(1, (ahead if drift > timedelta() else behind) % {"n": seconds}, level=level)


def jobs(at: datetime) -> Finding:
    """Background work that nobody takes up: its worker is not there, or was lost."""
    waiting = Job.objects.filter(state=Job.State.QUEUED, asked_at__lt=at - JOB_WAITS_TOO_LONG)
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=at - JOB_WAITS_TOO_LONG)
    rows = [
        Row(str(job), str(job.get_state_display()), address("jobs:detail", job.pk))
        for job in (waiting | lost).order_by("asked_at", "pk")
    ]
    words = ngettext_lazy(
        "%(n)s piece of background work has waited for a worker for more than 10 minutes.",
        "%(n)s pieces of background work have waited for a worker for more than 10 minutes.",
        len(rows),
    )
    return found(len(rows), words % {"n": grouped(len(rows))}, rows=rows)


def failed_jobs(at: datetime) -> Finding:
    """Background work of the last day that failed."""
    since = at - timedelta(days=1)
    failed = Job.objects.filter(state=Job.State.FAILED, ended_at__gte=since).order_by("-ended_at")
    rows = [Row(str(job), job.error, address("jobs:detail", job.pk)) for job in failed]
    words = ngettext_lazy(
        "%(n)s piece of background work has failed within a day.",
        "%(n)s pieces of background work have failed within a day.",
        len(rows),
    )
    return found(len(rows), words % {"n": grouped(len(rows))}, level=Level.WARNING, rows=rows)


RESTART = _("Look at the logs of beat and workers and start them again; nothing is lost meanwhile.")

CHECKS: tuple[Check, ...] = (
    Check("calendar", PEOPLE, _("Working calendar"),
          _("Enter the published holidays and worked weekends of that year."),
          calendar, "admin:cases_calendaryear_changelist"),
    Check("department-users", PEOPLE, _("Departments without users"),
          _("Add a user to the department, or close it."),
          departments, "admin:dispatch_department_changelist"),
    Check("timers", RUNNING, _("Timers behind"), RESTART,
          timers, "admin:dispatch_catchup_changelist"),
    Check("beat", RUNNING, _("Sign of life of beat"), RESTART, beat),
    Check("broker", RUNNING, _("Redis"),
          _("Start Redis again; nothing is lost, the clock catches up by itself."), broker),
    Check("clocks", RUNNING, _("Clocks of web server and database"),
          _("Let both machines follow the same time server."), clocks),
    Check("sweep-errors", RUNNING, _("Steps of the clock that failed"),
          _("Read what stopped them; after mending they are tried again by themselves."),
          sweeps, "admin:dispatch_sweeperror_changelist"),
    Check("dead-letters", RUNNING, _("Notices given up"),
          _("Mend the receiver's address or outlet, then begin them anew."),
          letters, "admin:cases_delivery_changelist"),
    Check("jobs-waiting", RUNNING, _("Background work without a worker"), RESTART,
          jobs, "jobs:list"),
    Check("jobs-failed", RUNNING, _("Background work that failed"),
          _("Open it: it says why; ask for it again after mending."),
          failed_jobs, "jobs:list"),
)  # fmt: skip
