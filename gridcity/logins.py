"""Failed logins of one address, whatever the names: the second guard beside the lock of a pair.

The lock of a name and address (axes) does not slow one address that tries many names. Both count
in the database, because Redis may be emptied at any time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import TooMany

WINDOW = timedelta(minutes=15)


def client_address(request: HttpRequest) -> str:
    """Where a request comes from; behind our proxy all would otherwise come from the proxy."""
    direct: str = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return direct
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", direct)
    return forwarded.rpartition(",")[2].strip()


@transaction.atomic
def note_failure(*, what: str, path: str, address: str, at: datetime) -> None:
    """A secret that nobody was given counts as a failed login of its address."""
    attempt, is_new = AccessAttempt.objects.get_or_create(
        username=what, ip_address=address, user_agent="",
        defaults={"failures_since_start": 1, "attempt_time": at, "path_info": path,
                  "get_data": "", "post_data": "", "http_accept": ""},
    )  # fmt: skip
    if not is_new:
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            failures_since_start=F("failures_since_start") + 1, attempt_time=at
        )


def check_address(request: HttpRequest, *, at: datetime) -> None:
    """Raise TooMany once an address has used up its failed logins of the last 15 minutes."""
    failures = AccessAttempt.objects.filter(
        ip_address=get_client_ip_address(request), attempt_time__gt=at - WINDOW
    ).aggregate(failures=Sum("failures_since_start"))["failures"]
    if (failures or 0) >= settings.LOGIN_FAILURES_PER_ADDRESS:
        raise too_many_logins(WINDOW)


def too_many_logins(wait: timedelta) -> TooMany:
    """The refusal that names how long to wait."""
    minutes = max(int(wait.total_seconds()) // 60, 1)
    return TooMany(
        _("Too many failed logins: wait %(minutes)d minutes.") % {"minutes": minutes},
        retry_after_s=int(wait.total_seconds()),
    )
