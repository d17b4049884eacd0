"""What every page shows: the product's name, the demonstration's notice, the user's unit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, Any]:
    """Template variables for the frame of every page; no query is made here."""
    return {
        "is_demonstration": settings.DEMO,
        "takes_public_reports": settings.PUBLIC_REPORTS,
        "request_id": request.META.get("gridcity.request_id", ""),
    }
