"""The administrator's answers to field updates: accepted ones change the register at once."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible
from parts.accuracy import ALLOWED_M, attained, is_good_enough
from parts.models import Part, Proposal
from parts.services.attributes import clean_reason
from parts.services.register import add_part, change_part, move_part
from parts.services.rights import check_is_administrator
from parts.services.states import change_part_state

Kind, State = Proposal.Kind, Proposal.State


def accuracy_remark(proposal: Proposal) -> str:
    """What is to be said of the accuracy of a new position; empty where it is good enough."""
    wanted = proposal.catalogue_class.accuracy_class
    if proposal.kind not in (Kind.NEW, Kind.MOVED):
        return ""
    if is_good_enough(proposal.accuracy_m, wanted):
        return ""
    metres = f"{ALLOWED_M[wanted]:g}"
    if proposal.accuracy_m is None:
        return __("The class wants ±%(wanted)s m; how accurate this position is, nobody knows.") % {
            "wanted": metres
        }
    return __("The class wants ±%(wanted)s m; the phone's position is ±%(measured)s m.") % {
        "wanted": metres,
        "measured": f"{proposal.accuracy_m:.1f}".rstrip("0").rstrip("."),
    }


def lock_open(proposal_id: int) -> Proposal:
    """A proposal that still waits, locked. Raises NotVisible, NotAllowed when it was answered."""
    proposal = (
        # two administrators at one proposal: the second sees that it was answered
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("catalogue_class", "part__catalogue_class", "proposed_by", "answered_by")
        .filter(pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise NotVisible
    if proposal.state != State.OPEN:
        raise NotAllowed(
            _("This field update has been answered: %(state)s.")
            % {"state": proposal.get_state_display()}
        )
    return proposal


def accept_proposal(
    *,
    actor: Actor,
    at: datetime,
    proposal_id: int,
    accuracy_confirmed: bool = False,
    answer: str = "",
) -> Part:
    """Accept a proposal: the register changes in the same transaction. Returns the part.

    Raises Invalid when the position is worse than the class allows and nobody confirmed it, and
    whatever the change itself raises; then the proposal goes on waiting.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        proposal = lock_open(proposal_id)
        if (remark := accuracy_remark(proposal)) and not accuracy_confirmed:
            raise Invalid(
                remark, accuracy_confirmed=_("Confirm the accuracy, or refuse the field update.")
            )
        part = carry_out(proposal, actor, at)
        end(proposal, State.ACCEPTED, actor, at, answer.strip()[:300])
        proposal.outcome = part
        proposal.save(update_fields=["outcome"])
    return part


def end(proposal: Proposal, state: str, actor: Actor, at: datetime, answer: str) -> None:
    proposal.state, proposal.answer = state, answer
    proposal.answered_by_id, proposal.answered_at = actor.user_id, at
    proposal.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def reason_of(proposal: Proposal) -> str:
    """What the history of the part says of the change."""
    words = __("Field update #%(id)s by %(who)s") % {
        "id": proposal.pk,
        "who": proposal.proposed_by,
    }
    return f"{words}：{proposal.words}" if proposal.words else words


def carry_out(proposal: Proposal, actor: Actor, at: datetime) -> Part:
    """Change the register as it was proposed."""
    said: dict[str, Any] = {"actor": actor, "at": at, "reason": reason_of(proposal)[:200]}
    values = dict(proposal.values)
    state = values.pop("state", "")
    accuracy = attained(proposal.accuracy_m)
    if proposal.kind == Kind.NEW:
        assert proposal.point is not None
        part = add_part(
            **said,
            class_code=proposal.catalogue_class.code,
            geometry=proposal.point,
            said=values | {"accuracy_class": accuracy},
        )
    else:
        assert proposal.part is not None
        part = proposal.part
        if proposal.kind == Kind.MOVED:
            assert proposal.point is not None
            geometry = moved_to(part.geom, proposal.point)
            part = move_part(**said, part_id=part.pk, geometry=geometry, accuracy_class=accuracy)
        if values:
            part = change_part(**said, part_id=part.pk, said=values)
    if state and state != part.state:
        part = change_part_state(
            **said, part_id=part.pk, state=state, case_number=proposal.case_number
        )
    return part


def moved_to(geometry: GEOSGeometry, point: Point) -> GEOSGeometry:
    """The new position: a point itself; a line or an area moved so that its middle lies there."""
    if geometry.geom_type == "Point":
        return point
    middle: Any = geometry.centroid
    east, north = point.x - middle.x, point.y - middle.y

    def shifted(value: Any) -> Any:
        if isinstance(value[0], float | int):
            return [value[0] + east, value[1] + north]
        return [shifted(each) for each in value]

    said = json.loads(geometry.geojson)
    said["coordinates"] = shifted(said["coordinates"])
    made = GEOSGeometry(json.dumps(said))
    made.srid = 4490
    return made


def refuse_proposal(*, actor: Actor, at: datetime, proposal_id: int, reason: str) -> Proposal:
    """Refuse a proposal ⚑; the register stays as it is."""
    check_is_administrator(actor)
    words = clean_reason(reason)
    with transaction.atomic():
        proposal = lock_open(proposal_id)
        end(proposal, State.REFUSED, actor, at, words)
    return proposal


def withdraw_proposal(*, actor: Actor, at: datetime, proposal_id: int) -> Proposal:
    """The proposer takes back what waits; another's proposal does not exist for him."""
    with transaction.atomic():
        proposal = lock_open(proposal_id)
        if proposal.proposed_by_id != actor.user_id:
            raise Forbidden(_("Only its proposer takes a field update back."))
        end(proposal, State.WITHDRAWN, actor, at, "")
        proposal.read_at = at
        proposal.save(update_fields=["read_at"])
    return proposal
