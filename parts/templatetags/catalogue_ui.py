"""Words of standards that templates ask for row by row."""

from __future__ import annotations

from django import template

from parts.models import FilingStandard
from parts.selectors.standards import body_words, limit_words

register = template.Library()


@register.filter
def limits(standard: FilingStandard) -> list[tuple[str, str]]:
    """The limit of a standard in words, by area where it differs."""
    return limit_words(standard)


@register.filter
def body(standard: FilingStandard) -> str:
    """Who answers by a standard, in words."""
    return body_words(standard)
