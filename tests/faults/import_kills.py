"""Inside the site: an import whose worker is killed at a line of its code, again and again."""

import os
import signal
import sys
from collections import Counter
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone

from dispatch.selectors.actors import actor_of
from gridcity.models import User
from jobs.models import Job
from jobs.running import work_on
from jobs.services import claim_job
from parts.models import Part, PartImport
from parts.services.imports import Declared
from parts.services.imports.orders import confirm_import, declare_and_check, upload_register
from tests.district import CURRENT, point

WATCHED = ("/parts/services/imports/", "/parts/services/censuses.py", "/jobs/")
ROWS = 60
FAR_ENOUGH = 10**9
UNDER_WAY = ("queued", "running")


def upload(name: str) -> PartImport:
    """A register of covers in a row, with one row that is refused."""
    actor = actor_of(User.objects.get(username="administrator"))
    lines = ["序号,小类代码,经度,纬度", "x,9999,116,39"]
    for number in range(ROWS):
        lon, lat = point(number % 3, 2, 0.2 + 0.01 * number, 0.4)
        lines.append(f"{number},0101,{lon:.7f},{lat:.7f}")
    file = SimpleUploadedFile("census.csv", "\n".join(lines).encode())
    return upload_register(
        actor=actor, at=timezone.now(), file=file, source_key=name, scheme=CURRENT, frame="4490"
    )


def ask(row: PartImport, *, is_dry: bool) -> Job:
    row.refresh_from_db()
    said = {"actor": actor_of(User.objects.get(username="administrator")), "at": timezone.now(),
            "import_id": row.pk, "version": row.version}  # fmt: skip
    if is_dry:
        return declare_and_check(**said, declared=Declared(columns=row.columns))
    return confirm_import(**said)


def work(job: Job, last_line: int) -> tuple[int, int]:
    """Do the job in a process of its own, which kills itself at this line of the watched code.

    Returns by which signal it ended, and how many lines it saw (0 when it was killed).
    """
    Job.objects.filter(pk=job.pk, state="running").update(
        lease_until=timezone.now() - timedelta(seconds=1), attempts=0
    )
    connections.close_all()
    mouth, ear = os.pipe()[::-1]
    child = os.fork()
    if child == 0:
        seen = traced(job, last_line)
        os.write(mouth, str(seen).encode())
        os._exit(0)
    os.close(mouth)
    _child, status = os.waitpid(child, 0)
    said = os.read(ear, 20)
    os.close(ear)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, int(said or 0)


def traced(job: Job, last_line: int) -> int:
    seen = 0

    def count(_frame, event, _argument):
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == last_line:
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    def enter(frame, _event, _argument):
        return count if any(name in frame.f_code.co_filename for name in WATCHED) else None

    sys.settrace(enter)
    claimed = claim_job(at=timezone.now(), job_id=job.pk)
    if claimed:
        work_on(*claimed)
    sys.settrace(None)
    return seen


def found(name: str, row: PartImport, job: Job) -> list[object]:
    """How many parts there are, whether the import says so, how the job stands."""
    job.refresh_from_db()
    row.refresh_from_db()
    said = row.imported["new"] if row.imported else None
    return [Part.objects.filter(source_key=name).count(), said, job.state]


def import_under_kills(kills: str) -> object:
    """Dry run and import, each killed at `kills` lines from the first to the last."""
    whole = upload("whole")
    lines = [work(ask(whole, is_dry=is_dry), FAR_ENOUGH)[1] for is_dry in (True, False)]
    row = upload("killed")
    told = []
    for is_dry, last in zip((True, False), lines, strict=True):
        job = ask(row, is_dry=is_dry)
        # Most lines judge rows: the last ones, where all is written, are looked at one by one.
        points = [1 + last * n // int(kills) for n in range(int(kills))]
        points += [last - n for n in range(40, 0, -4)]
        for line in points:
            killed_by, _seen = work(job, line)
            told.append([is_dry, killed_by, *found("killed", row, job)])
            if job.state not in UNDER_WAY:
                break
        work(job, FAR_ENOUGH)
        told.append([is_dry, 0, *found("killed", row, job)])
    serials = Counter(Part.objects.values_list("code", flat=True))
    return {"told": told, "lines": lines, "twice": [c for c, n in serials.items() if n > 1],
            "rows": ROWS}  # fmt: skip
