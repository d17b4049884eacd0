"""Fill an empty installation with the demonstration: district, catalogue, departments, people.

Each step is one transaction and remembers the sum of the files it read: a second run skips what is
there already, and a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from assessment.services.demonstration import load_assessment, publish_a_week
from cases.services.calendar import seed_published_years
from cases.services.rosters import load_shifts
from dispatch.models import Department
from dispatch.selectors.actors import actor_of
from dispatch.services.call_demonstration import load_calls
from dispatch.services.loading import (
    content_sum,
    is_loaded,
    load_departments,
    load_routing,
    load_standards,
    mark_loaded,
)
from dispatch.services.members import load_members
from dispatch.simulation.people import desk_shifts
from dispatch.simulation.simulate import Order, is_free, simulate_in_bulk
from gridcity.contracts import CLOCK
from gridcity.demo_people import accounts
from gridcity.models import User
from gridcity.services.people import make_demo_users
from parts.services.crosswalk import propose_pairs
from parts.services.demonstration import SCHEME, load_district
from parts.services.edition_demonstration import load_editions
from parts.services.field_demonstration import load_field_work
from parts.services.imports.example import load_examples
from parts.services.patrols import assign_patrols, plan_patrols

DISTRICT_FILES = (
    "catalogue.csv", "class_families.csv", "schemes.json", "departments.csv", "organisations.csv",
    "geography/SHA256SUMS",
)  # fmt: skip
STANDARD_FILES = ("standards.csv", "class_families.csv", "catalogue.csv")
CROSSWALK_FILES = ("catalogue.csv",)
NEXT_SCHEME = "GBT47678.5-2026"
# Raised when a loader writes other rows from the same files.
EDITION = "2"
LIFE_DAYS, LIFE_CASES_A_DAY, LIFE_SEED = 30, 60, 1


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the demonstration: what it is, what it reads, and who loads it."""

    name: str
    label: str
    load: Callable[..., Any]
    files: tuple[str, ...] = ()
    secret: str = ""

    @property
    def sha256(self) -> str:
        return content_sum(*self.files, extra=f"{EDITION} {self.secret}")


def load_calendar(*, actor: Any, at: datetime) -> str:
    """Every published year that the table does not have yet."""
    return f"{len(seed_published_years())} years"


def load_people(*, actor: Any, at: datetime) -> str:
    """Users of every role, departments' members, and a patrol for each supervisor."""
    plan = plan_patrols()
    codes = list(Department.objects.active().order_by("code").values_list("code", flat=True))
    people = accounts(supervisors=len(plan.day) + len(plan.night), departments=codes)
    ids = make_demo_users(actor=actor, at=at, people=people, password=settings.DEMO_PASSWORD)
    load_members(
        actor=actor,
        at=at,
        users={code: ids[f"department-{code}"] for code in codes},
        leads={code: ids[f"department-{code}-lead"] for code in codes},
    )
    numbered = [ids[f"supervisor-{n}"] for n in range(1, len(plan.day) + len(plan.night) + 1)]
    assign_patrols(
        actor=actor,
        at=at,
        plan=plan,
        day=numbered[: len(plan.day)],
        night=numbered[len(plan.day) :],
    )
    return f"{len(people)} users"


def load_roster(*, actor: Any, at: datetime) -> str:
    """The shifts of the desks that keep any, as the simulation seats their people."""
    return f"{load_shifts(actor=actor, at=at, shifts=desk_shifts())} people"


def load_crosswalk(*, actor: Any, at: datetime) -> str:
    """What the assistant proposes between the two shipped schemes; a person confirms it."""
    found = propose_pairs(actor=actor, at=at, source=SCHEME, target=NEXT_SCHEME)
    return f"{found.pairs} pairs proposed"


def load_imports(*, actor: Any, at: datetime) -> str:
    """A census that went in and one that waits to be confirmed, brought by the administrator."""
    administrator = actor_of(User.objects.get(username="administrator"))
    return f"{load_examples(actor=administrator, at=at, scheme=SCHEME)} imports"


def load_life(*, actor: Any, at: datetime) -> str:
    """A month of cases up to now; nothing where cases were reported already."""
    if not is_free():
        return "nothing"
    first = timezone.localdate(at) - timedelta(days=LIFE_DAYS)
    order = Order(first, LIFE_DAYS + 1, LIFE_CASES_A_DAY, LIFE_SEED, until=at)
    return f"{simulate_in_bulk(order)} cases"


def password_mark() -> str:
    """A mark of the password that tells nothing of it: it changes when the password does."""
    return hashlib.sha256(f"{settings.SECRET_KEY} {settings.DEMO_PASSWORD}".encode()).hexdigest()


def counted(said: Any) -> str:
    """What a loader answered, in words: a number, a sentence, or counts by name."""
    if is_dataclass(said) and not isinstance(said, type):
        return ", ".join(f"{value} {name}" for name, value in asdict(said).items())
    return str(said)


class Command(BaseCommand):
    help = "Load the demonstration district; does nothing where it is loaded already."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demonstration has known passwords: it is loaded with GRIDCITY_DEMO=1 only."
            )
        for step in steps():
            self.run(step)

    def run(self, step: Step) -> None:
        """Do one step in one transaction, unless its files were loaded before."""
        if is_loaded(name=step.name, sha256=step.sha256):
            return
        self.stdout.write(f"  {step.label} … ", ending="")
        self.stdout.flush()
        begun = time.monotonic()
        with transaction.atomic():
            said = step.load(actor=CLOCK, at=timezone.now())
            mark_loaded(name=step.name, sha256=step.sha256, at=timezone.now())
        self.stdout.write(f"{counted(said)} ({time.monotonic() - begun:.1f} s)")


def steps() -> tuple[Step, ...]:
    """The steps in their order: each stands on those before it."""
    return (
        Step("calendar", "published calendars", load_calendar),
        Step("district", "district, catalogues, parts", load_district, DISTRICT_FILES),
        Step("departments", "departments", load_departments, ("departments.csv",)),
        Step("standards", "filing standards", load_standards, STANDARD_FILES),
        Step("crosswalk", "crosswalk of the schemes", load_crosswalk, CROSSWALK_FILES),
        Step("routing", "routing rules", load_routing, ("routing.csv", "departments.csv")),
        Step("people", "people and patrols", load_people, DISTRICT_FILES, password_mark()),
        Step("roster", "shifts of the desks", load_roster),
        Step("editions", "editions of the grid", load_editions),
        Step("field-work", "census and field updates", load_field_work),
        Step("imports", "imports of registers", load_imports),
        Step("life", "a month of cases", load_life),
        Step("calls", "calls of the last hours", load_calls),
        Step("assessment", "inspections and deposits", load_assessment),
        Step("ranking", "scores of a week", publish_a_week),
    )
