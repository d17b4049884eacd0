"""What is sent: each claimed delivery as a parcel, with the least that tells its receiver."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.channels import Parcel
from cases.models import Delivery
from cases.models.notice import Channel, NoticeKind
from cases.selectors.topics import COLUMNS, Spoken, spoken_of
from cases.workflow import State


def parcels(ids: Collection[int]) -> list[Parcel]:
    """The claimed deliveries, those first that have failed least; one query.

    Words are in the language of the site.
    They hold number, kind, state and link only: no words of the case, and nobody's name or phone.
    The address is empty where the receiver has none any more, or may not log in any more.
    """
    rows: QuerySet[Any, Any] = Delivery.objects.filter(pk__in=ids).values(
        *COLUMNS, "id", "kind", "channel", "state", "due_at", "receiver_id",
        "receiver__username", "receiver__email", "receiver__mobile", "receiver__is_active",
        "receiver__webhook__url", "receiver__webhook__secret", "receiver__webhook__is_active",
    )  # fmt: skip
    with translation.override(settings.LANGUAGE_CODE):
        return [_parcel(row) for row in rows.order_by("attempts", "id")]


def _parcel(row: dict[str, Any]) -> Parcel:
    spoken, state = spoken_of(row), row["state"]
    kind = str(NoticeKind(row["kind"]).label)
    link = settings.PUBLIC_URL + spoken.path
    is_webhook = row["channel"] == Channel.WEBHOOK
    return Parcel(
        id=row["id"],
        outlet=f"webhook-{row['receiver_id']}" if is_webhook else row["channel"],
        address=_address(row) if row["receiver__is_active"] else "",
        kind=row["kind"],
        case=spoken.number,
        about=spoken.key,
        state=state,
        at=timezone.localtime(row["due_at"]),
        link=link,
        subject=_("[Gridcity] %(kind)s: %(number)s")
        % {"kind": kind, "number": spoken.number or spoken.words},
        text=_text(kind, spoken, state, link),
        secret=(row["receiver__webhook__secret"] or "") if is_webhook else "",
    )


def _address(row: dict[str, Any]) -> str:
    if row["channel"] == Channel.WEBHOOK:
        return row["receiver__webhook__url"] if row["receiver__webhook__is_active"] else ""
    fields = {Channel.EMAIL: "email", Channel.SMS: "mobile", Channel.CHAT: "username"}
    return str(row[f"receiver__{fields[row['channel']]}"])


def _text(kind: str, spoken: Spoken, state: str, link: str) -> str:
    label = str(State(state).label) if state in State.values else state
    lines = (
        kind,
        spoken.words,
        *([_("State: %(state)s") % {"state": label}] if state else []),
        _("Open: %(link)s") % {"link": link},
        "",
        _("Which notices reach you by which channel you choose here: %(link)s")
        % {"link": settings.PUBLIC_URL + reverse("dispatch:preferences")},
    )
    return "\n".join(lines) + "\n"


def is_quiet(at: datetime) -> bool:
    """Whether an instant lies in the quiet hours of the settings, which may span midnight."""
    if settings.QUIET_HOURS is None:
        return False
    first, last = settings.QUIET_HOURS
    now = timezone.localtime(at).time()
    return first <= now < last if first <= last else now >= first or now < last
