"""What a department and a person read of their own figures: the counts, and the rows that cost.

Nobody is set beside anybody here. A person's rows are those that are charged to him; a department's
those of its turns. A rate's rows that cost are its whole without what counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from assessment.dimensions import DIMENSIONS
from assessment.indicators import INDICATORS, Grain, Indicator, condition_of, registry
from assessment.indicators.twins import is_none_of, taken_out
from assessment.models import Snapshot, Subject
from assessment.periods import SPANS, Period
from assessment.posts import OF_CHIEF, POSTS, charged_to
from assessment.rates import Rated, more_in
from assessment.selectors.figures import base_rows
from assessment.selectors.readers import own_keys
from assessment.selectors.snapshots import Row, rows_of, visible_snapshots
from gridcity.contracts import Actor, Forbidden, NotVisible, Role

OF_DEPARTMENT = (
    "dispatches", "handled_share", "handled_in_time", "handled_late", "unhandled_late", "rework",
    "multi_rework", "extended", "shirked", "forced_turns", "returned", "appeal_upheld", "in_hand",
)  # fmt: skip
# What schemes of departments may score: its rows open for the department, too.
OPEN_TO_DEPARTMENT = (
    *OF_DEPARTMENT, *(key for key, each in INDICATORS.items() if each.grain is Grain.TURN),
)  # fmt: skip
OF_POST: dict[str, tuple[str, ...]] = {
    Role.SUPERVISOR: ("patrol_reported", "valid_patrol", "missed_on_patrol", "verified_in_time",
                      "checked_in_time", "self_handled"),
    Role.ACCEPTOR: ("accepted", "accepted_in_time", "verify_sent_in_time", "check_sent_in_time",
                    "waived"),
    Role.DUTY_CHIEF: ("filed", "filed_in_time", "filed_right", "close_stage_in_time"),
    Role.DISPATCHER: ("dispatches", "dispatched_right", "dispatched_in_time"),
}  # fmt: skip
MOST_SNAPSHOTS = 6


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: of one department, or of one person by his username."""

    actor: Actor
    period: Period
    username: str = ""

    def condition(self, indicator: Indicator) -> Q:
        """The rows of an indicator that are charged here. Raises NotVisible for what is nobody's.

        To a person as everywhere else: see `posts.charged_to`.
        """
        if self.username:
            return charged_to(indicator, self.actor, self.period, "", self.username)
        return condition_of(indicator, self.period) & self._of_department(indicator)

    def taken_out(self, indicator: Indicator) -> Q:
        """The department's rows that do not count since its appeals were upheld.

        Raises NotVisible where there can be none.
        """
        lost = taken_out(indicator, self.period)
        if self.username or lost is None:
            raise NotVisible
        return lost & self._of_department(indicator)

    def _of_department(self, indicator: Indicator) -> Q:
        column = DIMENSIONS["department"].columns.get(indicator.grain)
        if column is None:
            raise NotVisible
        return Q(**{column: self.actor.department_id})


@dataclass(frozen=True, slots=True)
class OwnFigure(Rated):
    """A figure, and how many rows of it cost points; `lost` is None where none can."""

    indicator: Indicator
    count: int
    whole: int | None
    lost: int | None
    url: str
    whole_url: str
    lost_url: str
    more: Fraction | int = 0


def rows_of_own(
    indicator: Indicator, scope: Scope, *, lost: bool = False, uncounted: bool = False
) -> QuerySet[Any]:
    """The rows behind a figure of one's own, those of its whole that cost, or what appeals took."""
    base = base_rows(indicator.grain, scope.actor, scope.period)
    if uncounted:
        return base.filter(scope.taken_out(indicator))
    return base.filter(_condition(indicator, scope, lost))


def _condition(indicator: Indicator, scope: Scope, lost: bool) -> Q:
    if not lost or indicator.better == -1:
        return scope.condition(indicator)
    if not indicator.of:
        raise NotVisible
    counted = scope.condition(indicator)
    return scope.condition(registry()[indicator.of]) & is_none_of(counted)


def count_own(keys: tuple[str, ...], scope: Scope, link: Callable[..., str]) -> list[OwnFigure]:
    """The figures in their order; one query a grain."""
    counts: dict[str, int] = {}
    listed = [INDICATORS[key] for key in keys]
    for grain in Grain:
        sums = {}
        for each in (one for one in listed if one.grain is grain):
            sums[each.key] = _sum(scope.condition(each))
            if each.of:
                sums[f"{each.key}.of"] = _sum(scope.condition(INDICATORS[each.of]))
            for one, _weight in each.also:
                sums[one] = _sum(scope.condition(INDICATORS[one]))
        if sums:
            counts |= base_rows(grain, scope.actor, scope.period).aggregate(**sums)
    return [_own(each, counts, link) for each in listed]


def _sum(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _own(indicator: Indicator, counts: dict[str, int], link: Callable[..., str]) -> OwnFigure:
    key, count = indicator.key, counts[indicator.key]
    whole = counts[f"{key}.of"] if indicator.of else None
    lost = None
    if indicator.better == -1:
        lost = count
    elif indicator.better == 1 and whole is not None:
        lost = whole - count
    return OwnFigure(
        indicator, count, whole, lost, link(figure=key),
        link(figure=indicator.of) if indicator.of else "", link(figure=key, lost="1"),
        more_in(indicator, counts),
    )  # fmt: skip


def own_indicator(keys: tuple[str, ...], key: str) -> Indicator:
    """A figure of these, or the whole of one. Raises NotVisible."""
    wholes = {INDICATORS[each].of for each in keys}
    if key not in keys and key not in wholes - {""}:
        raise NotVisible
    return registry()[key]


# ---------------------------------------------------------------- a department


@dataclass(frozen=True, slots=True)
class OwnScore:
    """A snapshot with one's own row in it; the rank is told where the ranking is published."""

    snapshot: Snapshot
    row: Row


def own_scores(actor: Actor) -> list[OwnScore]:
    """The department's own rows of the last snapshots, the latest first."""
    return _scores(actor, Subject.DEPARTMENT, own_keys(actor).get(Subject.DEPARTMENT, ""))


def scores_of(actor: Actor, post: str, username: str) -> list[OwnScore]:
    """One person's rows of the last snapshots of a post, as far as the actor reads them."""
    return [one for one in _scores(actor, post, username) if one.row.total is not None]


def _scores(actor: Actor, subject: str, key: str) -> list[OwnScore]:
    """Of weeks and longer periods: a single day says little about anybody."""
    found = []
    latest = visible_snapshots(actor).filter(subject=subject).exclude(period__regex=SPANS["day"][1])
    for snapshot in latest.order_by("-end", "start", "-as_of", "scheme__key")[:MOST_SNAPSHOTS]:
        row = next((one for one in rows_of(snapshot, actor) if one.key == key), None)
        if row is not None:
            found.append(OwnScore(snapshot, row))
    return found


# ---------------------------------------------------------------- a person


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose figures are read: himself, or by his chief."""

    pk: int
    username: str
    name: str
    roles: tuple[str, ...]


def person_for(actor: Actor, user_id: int | None) -> Person:
    """The reader himself, or one of the people whom a duty chief leads. Raises NotVisible."""
    wanted = actor.user_id if user_id is None else user_id
    rows = _people().filter(pk=wanted)
    if wanted != actor.user_id:
        rows = rows.filter(pk__in=_led_by(actor).values("pk"))
    found = rows.values_list("pk", "username", "full_name", "roles").first()
    if found is None:
        raise NotVisible
    pk, username, name, roles = found
    return Person(pk, username, name, tuple(role for role in OF_POST if role in roles))


def people_led_by(actor: Actor) -> list[Person]:
    """The people of the posts by name: no figure stands beside them. Raises Forbidden."""
    if Role.DUTY_CHIEF not in actor.roles:
        raise Forbidden(_("The pages of a post's people are open to its duty chief."))
    rows = (
        _led_by(actor)
        .order_by("full_name", "pk")
        .values_list("pk", "username", "full_name", "roles")
    )
    return [Person(pk, username, name, tuple(roles)) for pk, username, name, roles in rows]


def _people() -> QuerySet[Any]:
    return get_user_model()._default_manager.filter(roles__overlap=sorted(POSTS))


def _led_by(actor: Actor) -> QuerySet[Any]:
    """Supervisors and acceptors in service, without other chiefs."""
    if Role.DUTY_CHIEF not in actor.roles:
        return _people().none()
    led = _people().filter(is_active=True, roles__overlap=sorted(OF_CHIEF))
    return led.exclude(roles__contains=[Role.DUTY_CHIEF])
