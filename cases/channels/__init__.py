"""The ways out of the site: what each is handed, and what it answers (docs/notices.md).

A carrier knows nothing of the database and runs in a thread of the sweep's. It is made for one
batch to one outlet, gets its parcels one after the other, and is closed at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models.notice import Channel


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice as it leaves the site: no words of a report, no name, no phone of a reporter.

    `id` stays the same when it is sent again; ids of one case and receiver rise in due order.
    What is about no case says in `about` what it is about, such as "inspection-12".
    """

    id: int
    outlet: str
    address: str
    kind: str
    case: str
    state: str
    at: datetime
    link: str
    subject: str
    text: str
    secret: str = ""
    about: str = ""


class Undelivered(Exception):
    """A parcel did not arrive; `error` is kept and shown, so it names no person and no address.

    `outlet_fails` is false where only this parcel was refused and others may arrive;
    `is_final` where trying again cannot help.
    """

    def __init__(self, error: str, *, outlet_fails: bool = True, is_final: bool = False) -> None:
        super().__init__(error)
        self.error = error[:80]
        self.outlet_fails = outlet_fails
        self.is_final = is_final


class Carrier(Protocol):
    """What a channel has to be: a class that is made without arguments."""

    def send(self, parcel: Parcel) -> None:
        """Hand one parcel over; return once it is taken. Raises Undelivered."""

    def close(self) -> None:
        """Let go of connections."""


def carriers() -> dict[str, str]:
    """The class that carries each channel this site offers."""
    found = {Channel.WEBHOOK.value: "cases.channels.webhook.WebhookCarrier"}
    if settings.HAS_EMAIL:
        found[Channel.EMAIL] = "cases.channels.mail.MailCarrier"
    if settings.SMS_GATEWAY:
        found[Channel.SMS] = settings.SMS_GATEWAY
    if settings.CHAT_GATEWAY:
        found[Channel.CHAT] = settings.CHAT_GATEWAY
    return found


def offered() -> list[Channel]:
    """The channels of this site, the in-app list first, in the order of their names."""
    found = carriers()
    return [channel for channel in Channel if channel == Channel.INBOX or channel in found]


def carrier_of(channel: str) -> Carrier:
    """A new carrier. Raises Undelivered where the site no longer offers the channel."""
    name = carriers().get(channel)
    if name is None:
        raise Undelivered("channel not offered")
    make: Callable[[], Carrier] = import_string(name)
    return make()
