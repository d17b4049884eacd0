"""Who is on duty at the desks."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model


def on_duty(roles: Iterable[str]) -> list[int]:
    """Ids of the users at the desks of these roles: active means on duty, whatever is planned.

    What waits for a desk must reach somebody, and a plan does not say who came.
    """
    users = get_user_model().objects.filter(is_active=True, roles__overlap=list(roles))
    return list(users.order_by("pk").values_list("pk", flat=True))


def rather_others(people: list[int], partial: int | None) -> list[int]:
    """Without the one who would judge what he did himself, where there is another."""
    return [one for one in people if one != partial] or people
