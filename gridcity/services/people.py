"""Accounts of the demonstration: known logins that only the demonstration may have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden
from gridcity.demo_people import Account
from gridcity.models import User


@transaction.atomic
def make_demo_users(
    *, actor: Actor, at: datetime, people: Sequence[Account], password: str
) -> dict[str, int]:
    """Accounts that are missing, all with one password hashed once; returns ids by username.

    Where the password of the demonstration has changed, the accounts that there were take the new
    one. Raises Forbidden outside the demonstration: these passwords are known to everybody.
    """
    if not settings.DEMO or not actor.is_system:
        raise Forbidden(_("Demonstration accounts exist in the demonstration only."))
    usernames = [account.username for account in people]
    there = dict(User.objects.filter(username__in=usernames).values_list("username", "password"))
    # One hash costs 50 ms; two hundred of them would hold up the start.
    known = next(iter(there.values()), "")
    current = known if known and check_password(password, known) else make_password(password)
    stale = [username for username, hashed in there.items() if hashed != current]
    User.objects.filter(username__in=stale).update(password=current)
    User.objects.bulk_create(
        [
            User(
                username=account.username,
                full_name=account.full_name,
                roles=[account.role],
                employer=account.employer,
                email=account.email,
                source=account.source,
                password=current,
            )
            for account in people
            if account.username not in there
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return dict(User.objects.filter(username__in=usernames).values_list("username", "id"))
