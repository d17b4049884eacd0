"""Words of classes and standards that templates ask for row by row."""

from __future__ import annotations

from django import template

from parts.models import CatalogueClass, FilingStandard
from parts.selectors.catalogue import matter_code
from parts.selectors.standards import body_words, limit_words
from parts.services.standard_prints import forced_words

register = template.Library()


@register.filter
def limits(standard: FilingStandard) -> list[tuple[str, str]]:
    """The limit of a standard in words, by area where it differs."""
    return limit_words(standard)


@register.filter
def body(standard: FilingStandard) -> str:
    """Who answers by a standard, in words."""
    return body_words(standard)


@register.filter
def forced(standard: FilingStandard) -> str:
    """When a case under a standard is closed by force, in words; nothing for “never”."""
    return forced_words(standard.forced_close, standard.forced_close_days)


@register.simple_tag
def matter(number: str, entry: CatalogueClass) -> str:
    """The matter code of a case of this number and class; empty where its scheme has none."""
    return matter_code(number, entry.scheme_id, entry.code) or ""
