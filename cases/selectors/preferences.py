"""Which notices a person gets by which channel: defaults, what differs from them, and the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import Promise

from cases.channels import offered
from cases.models import NoticeChoice
from cases.models.notice import CAN_WAIT, URGENT, Channel, NoticeKind
from gridcity.contracts import Role

# What each role may ever be told (domain law §§4, 5, 6.4).
_PRESSED = (NoticeKind.URGED, NoticeKind.SUPERVISED)
_REPORTED = (NoticeKind.NOT_ACCEPTED, NoticeKind.REOPENED, NoticeKind.ENDED)
_LATE = (NoticeKind.ESCALATION, NoticeKind.DESK_LATE)
_BEYOND = (*_LATE, NoticeKind.IDLE)
KINDS_OF_ROLE: dict[str, tuple[NoticeKind, ...]] = {
    Role.SUPERVISOR: (
        NoticeKind.TASK, NoticeKind.SUPPLEMENTED, *_PRESSED, *_REPORTED, NoticeKind.MISSED,
        NoticeKind.ANSWERED,
    ),
    Role.ACCEPTOR: (
        NoticeKind.DESK_LATE, NoticeKind.NOBODY, NoticeKind.SUPPLEMENTED, *_PRESSED, *_REPORTED,
    ),
    Role.DUTY_CHIEF: (
        NoticeKind.REQUEST, NoticeKind.SUPPLEMENTED, *_BEYOND, *_PRESSED, NoticeKind.OBJECTED,
        NoticeKind.CONTESTED,
    ),
    Role.DISPATCHER: (
        NoticeKind.REQUEST, NoticeKind.ANSWERED, NoticeKind.SUPPLEMENTED, *_LATE, *_PRESSED,
        NoticeKind.REOPENED,
    ),
    Role.DEPARTMENT: (
        NoticeKind.DISPATCHED, NoticeKind.REWORK, NoticeKind.WARNING, NoticeKind.ESCALATION,
        *_PRESSED, NoticeKind.REQUEST, NoticeKind.ANSWERED, NoticeKind.RESUMED,
        NoticeKind.REOPENED, NoticeKind.ENDED, NoticeKind.SUPPLEMENTED, NoticeKind.INSPECTED,
        NoticeKind.DECIDED,
    ),
    Role.OFFICIAL: (*_BEYOND, NoticeKind.DISPUTED),
    Role.CLIENT: _REPORTED,
}  # fmt: skip

# What leaves the site without anybody having asked for it: by e-mail and chat what is urgent or
# hands somebody work, and what inspections say the same day (assessment law §8); by a webhook
# everything, by short messages, which cost money, nothing.
_WORK = URGENT | {
    NoticeKind.DISPATCHED, NoticeKind.REQUEST, NoticeKind.INSPECTED, NoticeKind.CONTESTED,
    NoticeKind.DECIDED,
}  # fmt: skip
DEFAULTS: dict[str, frozenset[NoticeKind]] = {
    Channel.INBOX: frozenset(NoticeKind),
    Channel.EMAIL: _WORK,
    Channel.WEBHOOK: frozenset(NoticeKind),
    Channel.SMS: frozenset(),
    Channel.CHAT: _WORK | {NoticeKind.TASK},
}


def is_default(kind: NoticeKind, channel: str) -> bool:
    """Whether a kind goes by a channel as long as its receiver has not said otherwise."""
    return kind in DEFAULTS[channel]


def kinds_for(roles: Iterable[str]) -> list[NoticeKind]:
    """The kinds that somebody with these roles may be told, in the order of the table."""
    told = {kind for role in roles for kind in KINDS_OF_ROLE.get(role, ())}
    return [kind for kind in NoticeKind if kind in told]


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether a kind goes by a channel; `name` is that of the control."""

    channel: str
    name: str
    label: str | Promise
    is_wanted: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of notice with its channels."""

    kind: str
    label: str | Promise
    can_wait: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Way:
    """A channel at the head of the table, with the address it leads to if it needs one."""

    channel: str
    label: str | Promise
    address: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """The page of a user's choices."""

    ways: list[Way]
    rows: list[Row]
    quiet: tuple[time, time] | None

    @property
    def is_missing(self) -> bool:
        """Whether some channel has nowhere to lead to."""
        return any(way.is_missing for way in self.ways)


def preferences_of(user: Any) -> Preferences:
    """What this user gets by which channel; two queries."""
    rows = NoticeChoice.objects.filter(user=user).values_list("kind", "channel", "is_wanted")
    chosen = {(kind, channel): is_wanted for kind, channel, is_wanted in rows}
    ways = ways_of(user)
    table = [
        Row(kind, kind.label, kind in CAN_WAIT, [_cell(kind, way, chosen) for way in ways])
        for kind in kinds_for(user.roles)
    ]
    return Preferences(ways, table, settings.QUIET_HOURS)


def _cell(kind: NoticeKind, way: Way, chosen: dict[tuple[str, str], bool]) -> Cell:
    return Cell(
        channel=way.channel,
        name=control(kind, way.channel),
        label=way.label,
        is_wanted=chosen.get((kind, way.channel), is_default(kind, way.channel)),
        is_fixed=way.channel == Channel.INBOX,
    )


def control(kind: str, channel: str) -> str:
    """The name by which a page sends that a kind is wanted by a channel."""
    return f"{kind}-{channel}"


def ways_of(user: Any) -> list[Way]:
    """The channels that this user may choose; a webhook only where he has one."""
    fresh = get_user_model().objects.select_related("webhook").get(pk=user.pk)
    webhook = getattr(fresh, "webhook", None)
    has_webhook = webhook is not None and webhook.is_active
    addresses = {Channel.EMAIL: fresh.email, Channel.SMS: fresh.mobile}
    return [
        Way(channel, channel.label, addresses.get(channel, ""), addresses.get(channel) == "")
        for channel in offered()
        if channel != Channel.WEBHOOK or has_webhook
    ]
