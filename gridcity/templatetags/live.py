"""What a page needs to recognise its own case in the live stream."""

from __future__ import annotations

from django import template

from gridcity.live import key_of

register = template.Library()


@register.filter
def live_key(case_id: int) -> str:
    """The name of a case in the stream: `data-gc-live-key="{{ case.pk|live_key }}"`."""
    return key_of(case_id)
