"""How often one address may ask for what needs no account (ux.md 24)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import TooMany
from gridcity.models import AddressCount

KEPT = timedelta(days=1)

# One statement, so that requests at the same moment are all counted; a window that is over begins
# anew with the request that finds it.
_COUNT = """
    insert into gridcity_addresscount as c (what, address_sha256, since, asked)
    values (%(what)s, %(address)s, %(at)s, 1)
    on conflict (what, address_sha256) do update set
        since = case when c.since > %(at)s - %(within)s then c.since else %(at)s end,
        asked = case when c.since > %(at)s - %(within)s then c.asked + 1 else 1 end
    returning since, asked"""


def count_address(*, what: str, address: str, at: datetime, most: int, within: timedelta) -> None:
    """Count one request of an address. Raises TooMany beyond `most` in a window."""
    said: dict[str, Any] = {
        "what": what,
        "address": fingerprint_of(address),
        "at": at,
        "within": within,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, said)
        since, asked = cursor.fetchone()
    if asked > most:
        wait_s = max(int((since + within - at).total_seconds()), 1)
        minutes = -(-wait_s // 60)
        raise TooMany(
            _("Too much comes from your connection: try again in %(n)d minutes.") % {"n": minutes},
            retry_after_s=wait_s,
        )


def fingerprint_of(address: str) -> bytes:
    """What is kept of an address: without our key it cannot be found out by trying all of them."""
    return salted_hmac("gridcity.addresses", address, algorithm="sha256").digest()


def forget_counts(*, at: datetime) -> int:
    """Delete what was counted more than a day ago; returns how many rows."""
    return AddressCount.objects.filter(since__lt=at - KEPT).delete()[0]
