"""Links from a number's head to what it means; `define.js` shows that in a dialog.

They are built here, one for a column, a row or a chart and none for a cell: a page has hundreds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.template.context import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessment.periods import Period

register = template.Library()


@register.simple_tag(takes_context=True)
def define_word(
    context: Context, kind: str, key: Any, label: Any, of: Period | None = None
) -> SafeString:
    """A name that opens its own meaning, of the page's period and data time."""
    href = address_of(context, kind, str(key), of)
    return mark_safe(  # noqa: S308 - address and words are escaped
        f'<a class="gc-define-word" href="{href}" aria-haspopup="dialog" data-gc-define>'
        f"{escape(str(label))}</a>"
    )


@register.simple_tag(takes_context=True)
def define_score(
    context: Context, kind: str, pk: int, what: str, label: Any, of: Period | None = None
) -> SafeString:
    """A column or term of a score: of a `snapshot`, under a `scheme`, or of a `trial`."""
    return define_word(context, kind, f"{pk}.{what}", label, of)


@register.simple_tag(takes_context=True)
def define_mark(
    context: Context, kind: str, key: Any, label: Any, of: Period | None = None
) -> SafeString:
    """A question mark beside a name or number; `label` is what it speaks of."""
    href = address_of(context, kind, str(key), of)
    words = escape(_("Definition of “%(name)s”") % {"name": label})
    return mark_safe(  # noqa: S308 - address and words are escaped
        f'<a class="gc-define" href="{href}" aria-haspopup="dialog" data-gc-define>'
        '<i class="bi bi-question-circle" aria-hidden="true"></i>'
        f'<span class="visually-hidden">{words}</span></a>'
    )


def address_of(context: Context, kind: str, key: str, of: Period | None) -> str:
    """The address, escaped, pinned to the data time that the page speaks of."""
    path = f"{_start(get_script_prefix())}{kind}/{quote(key)}/"
    if kind == "snapshot":
        return escape(path)
    period = of or context["period"]
    if kind == "trial":
        return escape(replace(period, is_pinned=True).address(path, **context["tried_said"]))
    return escape(f"{path}?{_pinned(period)}")


# A page has dozens of these addresses, which differ in their key alone.
@lru_cache(maxsize=4)
def _start(_prefix: str) -> str:
    """How all of them begin, under the prefix of this installation."""
    return reverse("assessment:defined", args=["kind", "key"]).removesuffix("kind/key/")


@lru_cache(maxsize=64)
def _pinned(period: Period) -> str:
    """A period and its data time as they stand in an address."""
    return urlencode(replace(period, is_pinned=True).query)
