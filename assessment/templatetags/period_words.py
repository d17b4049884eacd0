"""The days of a period in words, which stand in the head of every part of a page of figures."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessment.periods import Period

register = template.Library()


@register.simple_tag(takes_context=True)
def period_words(context: Context, of: Period | None = None) -> SafeString:
    """First and last day, and whether it still runs; of the page's period where none is given."""
    period = of or context["period"]
    first, last = period.first.isoformat(), period.last.isoformat()
    days = first if first == last else f"{first} – {last}"
    if period.is_running:
        days = f"{days} · {escape(_('still running: provisional figures'))}"
    return mark_safe(days)  # noqa: S308 - digits, and words that are escaped
