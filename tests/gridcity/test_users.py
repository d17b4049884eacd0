"""Users hold roles on one side only; the database refuses a mixture (domain law §1)."""

from __future__ import annotations

from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.db.utils import IntegrityError

from gridcity.models import SIDES, RoleKey, User

pytestmark = pytest.mark.django_db

SIDE_OF = {role: side for side, roles in SIDES.items() for role in roles}


def make(*roles: str, **fields: object) -> User:
    if "client" in roles:
        fields.setdefault("source", "VIDEO")
    return User.objects.create_user(
        f"user-{User.objects.count()}", "a-long-passphrase", full_name="某人", roles=list(roles),
        **fields,
    )  # fmt: skip


@pytest.mark.parametrize(("one", "other"), list(combinations(RoleKey.values, 2)))
def test_two_roles_go_together_only_on_one_side(one, other):
    if SIDE_OF[one] == SIDE_OF[other]:
        assert make(one, other).side == SIDE_OF[one]
        return
    with pytest.raises(IntegrityError, match="user_roles_on_one_side"), transaction.atomic():
        make(one, other)


def test_the_three_roles_of_supervision_may_be_one_person_s():
    user = make("supervisor", "acceptor", "duty_chief")
    assert user.side == "supervision"


def test_an_administrator_and_an_official_hold_nothing_else():
    for alone in ("administrator", "official"):
        for other in RoleKey.values:
            if other != alone:
                assert SIDE_OF[alone] != SIDE_OF[other]


def test_a_user_has_at_least_one_role():
    with pytest.raises(IntegrityError, match="user_roles_not_empty"), transaction.atomic():
        make()


def test_a_mixture_is_also_refused_with_a_sentence():
    user = User(username="x", full_name="某人", roles=["acceptor", "dispatcher"])
    with pytest.raises(ValidationError) as refused:
        user.validate_constraints()
    assert refused.value.messages


@pytest.mark.parametrize("role", RoleKey.values)
def test_only_active_administrators_enter_the_administration(role):
    user = make(role)
    assert user.is_staff == user.has_perm("cases.change_case") == (role == "administrator")
    user.is_active = False
    assert not user.is_staff
    assert not user.has_module_perms("cases")


def test_a_superuser_of_the_command_line_is_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-passphrase")
    call_command("createsuperuser", username="root", full_name="管理员", interactive=False)
    assert User.objects.get(username="root").roles == ["administrator"]


def test_a_password_is_kept_as_argon2_at_the_cost_that_was_chosen():
    user = make("acceptor")
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert user.check_password("a-long-passphrase")
