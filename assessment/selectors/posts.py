"""Figures of posts 岗位: of each desk as a whole, and of each of its people (assessment law §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, F, Q, When

from assessment.indicators import (
    Grain,
    Indicator,
    answers_for,
    condition_of_person,
    condition_of_post,
    indicators_of_post,
)
from assessment.periods import Period
from assessment.posts import NOT_YOURS, POSTS, sees_persons_of
from assessment.rates import rates_of
from assessment.selectors.figures import SCORER, Counts, base_rows
from gridcity.contracts import Actor, Forbidden


@dataclass(frozen=True, slots=True)
class PostLine:
    """The figures of one desk, or of one person of it: counts, and rates of four places.

    `username` is empty for the desk as a whole.
    """

    post: str
    user_id: int | None
    username: str
    name: str
    counts: Counts
    rates: Mapping[str, str | None]

    def as_data(self) -> dict[str, Any]:
        said = {"key": self.username or self.post, "name": self.name}
        return said | {"counts": self.counts, "rates": self.rates}


def desk_line(post: str, period: Period) -> PostLine:
    """A desk as a whole, open to whoever reads figures; one query a grain."""
    counts: Counts = {}
    for grain, listed in _by_grain(indicators_of_post(post)):
        sums = {each.key: Count("pk", filter=condition_of_post(each, period)) for each in listed}
        counts |= base_rows(grain, SCORER, period).aggregate(**sums)
    return _line(post, None, "", "", counts)


def person_lines(actor: Actor, post: str, period: Period) -> list[PostLine]:
    """Every active person of a post and whoever has figures in it, by name: no ranking (§6).

    Raises Forbidden for whoever is not their chief.
    """
    if not sees_persons_of(actor, post):
        raise Forbidden(NOT_YOURS)
    counts = count_persons(post, period)
    users = get_user_model().objects.filter(
        Q(roles__contains=[post], is_active=True) | Q(pk__in=list(counts))
    )
    return [
        _line(post, pk, username, name, counts.get(pk, {}))
        for pk, username, name in users.order_by("full_name", "username").values_list(
            "pk", "username", "full_name"
        )
    ]


def own_lines(actor: Actor, period: Period) -> list[PostLine]:
    """What the actor himself is counted by, in each post that he holds."""
    if actor.user_id is None:
        return []
    name = get_user_model().objects.values_list("full_name", flat=True).get(pk=actor.user_id)
    return [
        _line(post, actor.user_id, actor.username, name,
              count_persons(post, period, actor.user_id).get(actor.user_id, {}))
        for post in POSTS
        if post in actor.roles
    ]  # fmt: skip


def count_persons(post: str, period: Period, only: int | None = None) -> dict[int, Counts]:
    """The counts of each person of a post, by his id; whoever calls answers for who sees them."""
    found: dict[int, Counts] = {}
    for grain, column, listed in _by_column(indicators_of_post(post)):
        mine = answers_for(listed[0], period)
        rows = base_rows(grain, SCORER, period).filter(mine)
        if only is not None:
            rows = rows.filter(**{f"{column}_id": only})
        sums = {each.key: Count("pk", filter=condition_of_person(each, period)) for each in listed}
        grouped = rows.annotate(who=Case(When(mine, then=F(f"{column}_id")))).values("who")
        for counts in grouped.annotate(**sums).order_by():
            who = counts.pop("who")
            if who is not None and any(counts.values()):
                found.setdefault(who, {}).update(counts)
    return found


def _by_grain(indicators: Iterable[Indicator]) -> Iterable[tuple[Grain, list[Indicator]]]:
    listed: dict[Grain, list[Indicator]] = {}
    for each in indicators:
        listed.setdefault(each.grain, []).append(each)
    return listed.items()


def _by_column(
    indicators: Iterable[Indicator],
) -> Iterable[tuple[Grain, str, list[Indicator]]]:
    listed: dict[tuple[Grain, str], list[Indicator]] = {}
    for each in indicators:
        listed.setdefault((each.grain, each.person), []).append(each)
    return [(grain, column, found) for (grain, column), found in listed.items()]


def _line(post: str, user_id: int | None, username: str, name: str, found: Counts) -> PostLine:
    listed = indicators_of_post(post)
    counts = {each.key: found.get(each.key, 0) for each in listed}
    return PostLine(post, user_id, username, name, counts, rates_of(listed, counts))
