"""Posts 岗位: which rows are charged to a desk and to a person, and who may see whom (§§3, 6).

A desk is seen by whoever reads figures; a person by himself, and of the supervision posts by the
duty chief. Nobody else finds a person in any page, export or answer, and nobody a ranking of them.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.dimensions import NONE, NOT_SO, unknown
from assessment.indicators import (
    Indicator,
    answers_for,
    condition_of_person,
    condition_of_post,
)
from assessment.periods import Period
from gridcity.contracts import Actor, Forbidden, Role

POSTS: tuple[str, ...] = (Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER)
# The key of a desk as a whole, among its people: no username has a colon.
DESK_KEY = "desk:"
# Whose persons the duty chief sees: those he leads. Other chiefs and the command side are not his.
OF_CHIEF = frozenset({Role.SUPERVISOR, Role.ACCEPTOR})
NOT_YOURS = _("Figures of a person are seen by himself and by the chief of his post.")


def _may_see(actor: Actor, post: str, username: str) -> bool:
    is_own = actor.user_id is not None and username == actor.username and post in actor.roles
    return is_own or sees_persons_of(actor, post)


def is_scorer(actor: Actor) -> bool:
    """The product itself, which scores everybody; a person who is logged in has an id."""
    return actor.user_id is None and Role.OFFICIAL in actor.roles


def sees_persons_of(actor: Actor, post: str) -> bool:
    """Whether this actor sees every person of a post (assessment law §6)."""
    return is_scorer(actor) or (Role.DUTY_CHIEF in actor.roles and post in OF_CHIEF)


def check_sees_person(actor: Actor, post: str, username: str) -> None:
    """Raise Forbidden where the figures of this person are not for this actor."""
    if not _may_see(actor, post, username):
        raise Forbidden(NOT_YOURS)


def charged_to(
    indicator: Indicator, actor: Actor, period: Period, post: str, username: str
) -> Q:  # fmt: skip
    """The condition on rows that a figure charges to a post, or to one person of it.

    The person `none` is the desk itself: what came before anybody had it open. Raises Invalid for
    a figure of no post or of another one, Forbidden for a person who is not the actor's to see.
    """
    if not indicator.post or (post and post != indicator.post):
        raise unknown("person" if username else "post", NOT_SO)
    if not username:
        return condition_of_post(indicator, period)
    mine = answers_for(indicator, period)
    if username == NONE:
        if not sees_persons_of(actor, indicator.post):
            raise Forbidden(NOT_YOURS)
        return condition_of_post(indicator, period) & ~mine
    check_sees_person(actor, indicator.post, username)
    whose = Q(**{f"{indicator.person}__username": username})
    return condition_of_person(indicator, period) & mine & whose
