"""The policy of forced closes, and the successor that goes on after one (domain law §4)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cases.clocks.numbers import DAY_ENDS
from cases.models import Case, Event, Photo, Reporter
from cases.selectors.settings import number_at
from cases.services.reporting import fingerprints_of, next_identity
from cases.services.transition import begin_case
from cases.workflow import State
from gridcity.contracts import Actor, Role
from parts.models import FilingStandard
from parts.models.catalogue import ForcedClose

COPIED = (
    "kind", "catalogue_class", "part", "no_part_reason", "point", "accuracy_m", "placed_by",
    "place_text", "cell", "community", "street", "description", "source", "sources",
    "reported_by", "first_contact", "occurred_at", "verify_outcome", "verify_waived_reason",
)  # fmt: skip


def force_close_instant(standard: FilingStandard, filed_at: datetime) -> datetime | None:
    """When the clock closes by force what is filed now under this standard; None: never."""
    if standard.forced_close == ForcedClose.NEVER:
        return None
    filed = timezone.localtime(filed_at)
    if standard.forced_close == ForcedClose.SAME_DAY:
        # Filed after that hour, the day of filing is over: the next one counts (§6.4).
        days = 2 if filed.time() > time(number_at(DAY_ENDS, filed_at)) else 1
    else:
        days = (standard.forced_close_days or 0) + 1
    return datetime.combine(filed.date() + timedelta(days=days), time(), filed.tzinfo)


def forced_in_family(case: Case) -> int:
    """How often the matter of this case was closed by force: its root and all that succeeded it."""
    if case.root_id is None and case.state != State.FORCE_CLOSED:
        return 0  # nothing has succeeded what was never closed by force
    root = case.root_id or case.pk
    family = Q(pk=root) | Q(root_id=root)
    return Case.objects.filter(family, state=State.FORCE_CLOSED).count()


def succeed(case: Case, *, actor: Actor, at: datetime, occurred_at: datetime | None = None) -> Case:
    """A new case in TO_FILE that goes on with the matter of one just closed by force.

    It has source, reporters and photos of the first and its `root`; it counts in no reported or
    filed figure.
    """
    case_id, number = next_identity(at)
    following = Case(
        **{name: getattr(case, name) for name in COPIED},
        pk=case_id,
        number=number,
        state=State.TO_FILE,
        reported_at=at,
        state_since=at,
        root_id=case.root_id or case.pk,
    )
    reporters = [_reporter_copy(one, following) for one in case.reporters.filter(purged_at=None)]
    event = begin_case(
        following, action="succeed", actor=actor,
        role=Role.CLOCK if actor.is_system else Role.DUTY_CHIEF, at=at, occurred_at=occurred_at,
        changes=said_of_successor(case, following, reporters), state=State.TO_FILE,
    )  # fmt: skip
    Reporter.objects.bulk_create(reporters)
    Photo.objects.bulk_create(_photo_copy(one, following, event) for one in case.photos.all())
    return following


def said_of_successor(case: Case, following: Case, reporters: list[Reporter]) -> dict[str, Any]:
    """What the first event of a successor keeps: what it goes on with, as a report would say it."""
    return {
        "succeeds": case.pk,
        "source": following.source,
        "kind": following.kind,
        "scheme": following.catalogue_class.scheme_id,
        "class_code": following.catalogue_class.code,
        "description": following.description,
        "place_text": following.place_text,
        "cell": following.cell_id,
        "reporters": [fingerprints_of(one) for one in reporters],
    }


def _reporter_copy(one: Reporter, following: Case) -> Reporter:
    """The same salt: the code that he was given opens the successor too."""
    return Reporter(
        case=following,
        user_id=one.user_id,
        source=one.source,
        name=one.name,
        phone=one.phone,
        may_call=one.may_call,
        salt=bytes(one.salt),
        query_code_sha256=one.query_code_sha256,
    )


def _photo_copy(one: Photo, following: Case, event: Event) -> Photo:
    """A row of its own that points at the same files."""
    one.pk = None
    one.case, one.event = following, event
    one._state.adding = True
    return one
