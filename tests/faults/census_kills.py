"""Inside the site: a census whose opening is killed at a line of its code, again and again."""

from datetime import timedelta

from django.utils import timezone

from dispatch.selectors.actors import actor_of
from gridcity.models import User
from parts.models import Census, CensusCell, CensusPart
from parts.services.censuses import CensusInput, ask_census
from tests.faults.import_kills import FAR_ENOUGH, UNDER_WAY, work


def ask(name: str) -> Census:
    """A census of the whole district, asked for."""
    today = timezone.localdate()
    return ask_census(
        actor=actor_of(User.objects.get(username="administrator")), at=timezone.now(),
        said=CensusInput(name=name, begins_on=today, ends_on=today + timedelta(days=9)),
    )  # fmt: skip


def opening_under_kills(kills: str) -> object:
    """Opened once whole, then killed at `kills` lines from the first to the last."""
    whole = ask("whole")
    last = work(whole.opening_job, FAR_ENOUGH)[1]
    killed = ask("killed")
    points = [1 + last * n // int(kills) for n in range(int(kills))] + [last]
    told = [found(killed, *work(killed.opening_job, line)) for line in points]
    if killed.opening_job.state in UNDER_WAY:
        told.append(found(killed, *work(killed.opening_job, FAR_ENOUGH)))
    return {"told": told, "whole": found(whole, 0, 0)[2:]}


def found(census: Census, killed_by: int, _seen: int) -> list[object]:
    """By what it was killed; how the job stands, how the census, its cells and parts."""
    census.refresh_from_db()
    census.opening_job.refresh_from_db()
    cells = CensusCell.objects.filter(census=census).count()
    parts = CensusPart.objects.filter(census_cell__census=census).count()
    return [killed_by, census.opening_job.state, census.state, cells, parts]
