"""One address for each action of a case: POST /api/v1/cases/{number}/{action}/."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.workflow import ACTIONS as DECLARED
from cases.workflow import State, judge
from dispatch.actions import ACTIONS, Action, Told, carry_out, parse, version_of
from dispatch.api.cases import KEY, PREFER, REFUSALS, read_anew
from dispatch.api.reading import Said, answered_once, instant_of, photos_from, read
from dispatch.selectors.actors import actor_of
from dispatch.selectors.conflicts import explaining
from dispatch.selectors.timeline import label_of
from dispatch.selectors.visible import standing_of
from dispatch.serializers import CaseOut, action_in
from gridcity.contracts import Actor, Forbidden, NotAllowed, NotVisible

# What a photo shows that came with an action and without a role of its own.
PHOTO_ROLE = {"finish": "after", "check_passed": "after", "check_failed": "after", "verify": "near"}


class ActionView(APIView):
    """Any action; the table of the law decides who may and when."""

    action: str = ""

    def post(self, request: Request, number: str, action: str = "") -> Response:
        """Do one action and answer with the case as it is then."""
        at, actor, name = timezone.now(), actor_of(request.user), action or self.action
        state = state_for(actor, number)
        if name not in DECLARED:
            raise NotVisible(_("There is no such action."))
        check_role(state, name, actor)
        if name not in ACTIONS:
            raise not_here(state, name, actor)
        said = read(request)
        told = told_from(said, ACTIONS[name], number, actor, at, PHOTO_ROLE.get(name, "other"))
        with explaining(actor, number, at):
            return answered_once(request, said, actor, at, lambda: (200, act(request, name, told)))


def act(request: Request, name: str, told: Told) -> dict[str, Any]:
    return read_anew(request, told.actor, carry_out(name, told), told.at)


def told_from(
    said: Said, action: Action, number: str, actor: Actor, at: datetime, role: str
) -> Told:
    """What was asked for, read; photos are encoded here, before any lock is held."""
    return Told(
        number=number,
        actor=actor,
        at=at,
        version=version_of(said.fields),
        said=parse(action, said.fields),
        photos=photos_from(said, role=role),
        occurred_at=instant_of(said, "occurred_at"),
    )


def state_for(actor: Actor, number: str) -> State:
    """The state of a case that the actor may see. Raises NotVisible."""
    return standing_of(actor, number)[1]


def check_role(state: State, action: str, actor: Actor) -> None:
    """Raise Forbidden where this role never does that, before looking at what was sent."""
    verdict = judge(state, action, actor.roles)
    if verdict.refusal == "role":
        raise Forbidden(verdict.sentence)


def not_here(state: State, action: str, actor: Actor) -> NotAllowed:
    """The refusal of an action that the law declares and that has no address of its own."""
    verdict = judge(state, action, actor.roles)
    return NotAllowed(
        verdict.sentence
        or _("“%(action)s” cannot be done here yet.") % {"action": label_of(action)}
    )


def view_of(action: str) -> Any:
    """The view of one action, described with what the action asks for."""
    asked = action_in(action, ACTIONS[action])
    described = extend_schema(
        operation_id=f"cases_{action}",
        summary=label_of(action),
        parameters=[KEY, PREFER],
        request={"application/json": asked, "multipart/form-data": asked},
        responses={200: CaseOut, **REFUSALS},
        tags=["actions"],
    )
    name = f"{action.title().replace('_', '')}View"
    view: type[APIView] = type(name, (ActionView,), {"action": action})
    return extend_schema_view(post=described)(view).as_view()


class UnknownActionView(ActionView):
    """Every other word: an action of the law that has no address yet, or none at all."""

    schema = None
