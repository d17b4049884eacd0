"""What a list of requests is asked for, read from its query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dispatch.actions import Unreadable
from dispatch.api.reading import instant
from gridcity.contracts import Invalid
from gridcity.open311.services import service_of

# The specification's own limits; a page is an extension that most servers have.
SPAN = timedelta(days=90)
MOST, MOST_PAGES = 1000, 10_000
STATUSES = ("open", "closed")


@dataclass(frozen=True, slots=True)
class Wishes:
    """`numbers` overrides all else; `class_ids` None is any class, `status` "" is either."""

    numbers: list[str]
    class_ids: list[int] | None
    status: str
    since: datetime
    until: datetime
    updated_after: datetime | None
    page: int
    size: int


def wishes_of(query: QueryDict, *, at: datetime) -> Wishes:
    """Raises Invalid for what is no filter, NotVisible for an unknown service."""
    numbers = listed(query, "service_request_id")
    if len(numbers) > MOST:
        raise Invalid(_("At most %(n)d requests at once.") % {"n": MOST},
                      service_request_id=_("Too many."))  # fmt: skip
    codes = listed(query, "service_code")
    since, until = span_of(query, at)
    after = instant_in(query, "updated_after")
    if after is not None and at - after > SPAN:
        raise Invalid(_("Changes are told of the last 90 days."), updated_after=_("Too long ago."))
    page = whole(query, "page", default=1, most=MOST_PAGES)
    if after is not None and page > 1:
        raise Invalid(
            _("Go on with the last updated_datetime as updated_after."), page=_("Not here.")
        )
    return Wishes(
        numbers=numbers,
        class_ids=[service_of(code).pk for code in codes] if codes else None,
        status=status_of(query),
        since=since,
        until=until,
        updated_after=after,
        page=page,
        size=whole(query, "page_size", default=MOST, most=MOST),
    )


def listed(query: QueryDict, name: str) -> list[str]:
    """An argument that may be given several times, and hold several with commas between."""
    values = (value.strip() for text in query.getlist(name) for value in text.split(","))
    return list(dict.fromkeys(value for value in values if value))


def status_of(query: QueryDict) -> str:
    """`open` or `closed`; "" for both, or for none named."""
    wanted = {value.lower() for value in listed(query, "status")}
    if wanted - set(STATUSES):
        raise Invalid(_("Unknown status."), status=_("One of: open, closed."))
    return wanted.pop() if len(wanted) == 1 else ""


def span_of(query: QueryDict, at: datetime) -> tuple[datetime, datetime]:
    """From when to when it was requested: at most 90 days, the last ones by default."""
    since, until = instant_in(query, "start_date"), instant_in(query, "end_date")
    if since is None:
        until = until or at
        since = until - SPAN
    until = until or since + SPAN
    if not timedelta() <= until - since <= SPAN:
        sentence = _("start_date and end_date are at most 90 days apart, in this order.")
        raise Invalid(sentence, end_date=sentence)
    return since, until


def instant_in(query: QueryDict, name: str) -> datetime | None:
    """An instant of the query. Raises Invalid for what is none."""
    text = query.get(name, "").strip()
    if "T" in text:  # a + that was not escaped arrives as a space
        text = text.replace(" ", "+")
    try:
        return instant(text)
    except Unreadable as fault:
        raise Invalid(_("Please check the marked fields."), **{name: fault.sentence}) from None


def whole(query: QueryDict, name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises Invalid."""
    text = query.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        sentence = _("A number from 1 to %(most)d.") % {"most": most}
        raise Invalid(_("Please check the marked fields."), **{name: sentence})
    return int(text)
