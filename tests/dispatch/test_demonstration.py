"""The demonstration as one command: complete, the same twice, and never in production."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db.models import Count, Q

from cases.models import Case, PlannedShift
from cases.workflow import State
from dispatch.models import Department, Membership
from dispatch.selectors.rule_checks import gaps_by_kind
from dispatch.services.loading import is_loaded
from gridcity.contracts import CLOCK, Forbidden
from gridcity.demo_people import accounts
from gridcity.management.commands import load_demonstration as command
from gridcity.services.people import make_demo_users
from parts.models import CatalogueClass, Cell, Part, Patrol
from parts.selectors.patrols import supervisors_on_duty
from tests.district import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True
    settings.DEMO_PASSWORD = "a-password-of-today"


def load() -> str:
    said = StringIO()
    call_command("load_demonstration", stdout=said)
    return said.getvalue()


def test_the_demonstration_is_complete_and_the_second_run_does_nothing(demo: None) -> None:
    assert load().count("…") == len(command.steps())
    assert all(is_loaded(name=step.name, sha256=step.sha256) for step in command.steps())
    assert not CatalogueClass.objects.filter(standards=None).exists()
    assert gaps_by_kind(at().date()) == {"event": 0, "part": 0}
    manned = Membership.objects.values("department").annotate(people=Count("id"))
    assert manned.filter(people=2).count() == Department.objects.count()
    cells = Cell.objects.current().annotate(
        day=Count("patrols", filter=Q(patrols__shift="day")),
        night=Count("patrols", filter=Q(patrols__shift="night")),
    )
    assert not cells.exclude(day=1, night=1).exists()
    sizes = Patrol.objects.filter(shift="day").annotate(size=Count("cells"))
    assert 230 <= sizes.count() <= 240
    assert 15 <= sum(patrol.size for patrol in sizes) / sizes.count() <= 20
    cell = cells.first()
    assert cell is not None
    for clock in ("03:00", "12:00", "23:00"):
        assert len(supervisors_on_duty(cell_id=cell.pk, at=at(clock))) == 1
    usernames = set(get_user_model().objects.values_list("username", flat=True))
    assert {
        "supervisor-1", "acceptor-1", "duty-chief-1", "duty-chief-2", "dispatcher-1",
        "department-D201", "department-D201-lead", "official-1", "administrator", "client-1",
    } <= usernames  # fmt: skip
    owners = set(Part.objects.values_list("maintainer_uscc", flat=True))
    departments = set(Department.objects.values_list("uscc", flat=True))
    assert len(owners & departments) > 10
    # Three shifts of the one desk that keeps any; what waits at the start of a shift is its desk's.
    planned = PlannedShift.objects.order_by("person_id").values_list("person__username", "name")
    names = ("夜班", "早班", "中班", "夜班", "早班", "中班")
    assert dict(planned) == {f"acceptor-{n}": name for n, name in enumerate(names, 1)}
    counts = (Part.objects.count(), get_user_model().objects.count(), Patrol.objects.count())
    waiting = Case.objects.filter(to_call_back=True)
    assert waiting.count() >= 4
    assert set(waiting.values_list("state", flat=True)) <= {State.CLOSED, State.FORCE_CLOSED}
    assert Case.objects.filter(reported_by__username="client-1").count() == 3
    assert load() == ""
    assert counts == (
        Part.objects.count(), get_user_model().objects.count(), Patrol.objects.count(),
    )  # fmt: skip


def test_production_refuses_it(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        load()
    with pytest.raises(Forbidden):
        make_demo_users(actor=CLOCK, at=at(), people=[], password="known")
    assert not get_user_model().objects.exists()


def test_all_accounts_share_one_hash_and_follow_a_new_password(demo: None) -> None:
    people = accounts(supervisors=3, departments=["D101"])
    ids = make_demo_users(actor=CLOCK, at=at(), people=people, password="the first one")
    assert len(ids) == len(people) == 22
    assert get_user_model().objects.values("password").distinct().count() == 1
    again = make_demo_users(actor=CLOCK, at=at(), people=people, password="the second one")
    assert again == ids
    user = get_user_model().objects.get(username="supervisor-3")
    assert user.check_password("the second one")
    assert not user.check_password("the first one")


def test_people_are_the_same_on_every_machine_and_keep_their_names() -> None:
    few = accounts(supervisors=3, departments=["D101"])
    many = accounts(supervisors=300, departments=["D101"])
    assert many[: len(few)] == few
    assert len({person.full_name for person in many}) == len(many)
    named = [person.full_name for person in many if person.role != "client"]
    assert all(2 <= len(name) <= 3 for name in named)
