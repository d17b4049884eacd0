"""Who reads the figures, on pages and through the interface alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessment.models import POST_SUBJECTS, Subject
from assessment.posts import DESK_KEY, sees_persons_of
from assessment.selectors.dashboard import READERS
from dispatch.models import Department
from dispatch.selectors.actors import actor_of
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor, Forbidden, Role

# Each post reads what it is itself counted by (assessment law §6); `posts` refuses the rest.
SEES_OWN = READERS | {Role.ACCEPTOR, Role.SUPERVISOR}
# What figures mean is for whoever is scored by them and whoever writes schemes; it tells no case.
READS_HANDBOOK = SEES_OWN | {Role.DEPARTMENT, Role.ADMINISTRATOR}
# Whoever writes schemes tries them over the objects that they score, never over people.
PREVIEWERS = frozenset({Role.ADMINISTRATOR})
BEFORE_FILING = (Subject.SUPERVISOR, Subject.ACCEPTOR)


def reader_of(user: Any, roles: frozenset[str] = READERS) -> Actor:
    """The actor of a user who reads figures. Raises Forbidden for every other role."""
    actor = actor_of(user)
    if not actor.roles & roles:
        raise Forbidden(_("The figures are open to officials, duty chiefs and dispatchers."))
    return actor


def own_keys(actor: Actor) -> dict[str, str]:
    """By subject the key of what this actor is scored as.

    His department, the street that it is the office of, and by post himself.
    """
    found = Department.objects.filter(pk=actor.department_id or 0).first()
    own = {str(post): actor.username for post in POST_SUBJECTS if post in actor.roles}
    if found is None:
        return own
    own[str(Subject.DEPARTMENT)] = found.code
    return own | {str(Subject.STREET): found.street_code} if found.street_code else own


def row_reader(actor: Actor, subject: str) -> Callable[[str], bool]:
    """Whether this actor reads the row of a key: readers of figures all, and of posts the desk."""
    own = own_keys(actor).get(subject)
    readers = SEES_ALL & READERS if subject in BEFORE_FILING else READERS
    reads = bool(actor.roles & (readers | PREVIEWERS))
    if subject not in POST_SUBJECTS:
        return lambda key: reads or key == own
    reads_people = actor.user_id is not None and sees_persons_of(actor, subject)
    return lambda key: key == own or (reads if key.startswith(DESK_KEY) else reads_people)
