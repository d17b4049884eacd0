"""Key figures and the choice of a figure, drawn as text: the first page for officials has many.

As templates they cost more than its tables. Every word and address is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessment.indicators import INDICATORS, Indicator
from assessment.selectors.dashboard import Compared, Shown
from assessment.templatetags.definitions import define_mark, define_word

register = template.Library()


@register.simple_tag(takes_context=True)
def figure_stat(context: Context, shown: Shown) -> SafeString:
    """A count, or a rate with its parts, its definition one click away; then other periods."""
    indicator, url = shown.indicator, escape(shown.url)
    more = [_compared(one) for one in shown.compared]
    number = f"{shown.count:,}"
    if shown.whole is not None:
        number = shown.percent
        more.insert(0, f"{_link(url, shown.count)} / {_link(escape(shown.whole_url), shown.whole)}")
    elif shown.self_handled:
        word = define_word(context, "figure", "self_handled", _("besides, self-handled:"))
        link = _link(escape(shown.self_handled.url), shown.self_handled.count)
        more.insert(0, f"{word} {link}")
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<div class="gc-stat"><span class="gc-stat-label">{escape(indicator.name)} '
        f"{define_mark(context, 'figure', indicator.key, indicator.label)}</span> "
        f'<a class="gc-stat-number" href="{url}" data-gc-figure="{indicator.key}">{number}</a>'
        + "".join([f' <span class="gc-stat-more">{each}</span>' for each in more])
        + "</div>"
    )


def _link(url: str, count: int) -> str:
    return f'<a href="{url}">{count:,}</a>'


def _compared(one: Compared) -> str:
    link = f'<a href="{escape(one.url)}" title="{escape(one.said)}">{escape(one.change)}</a>'
    return f"{escape(str(one.label))} {link}"


@register.simple_tag
def figure_options(figures: Iterable[Indicator], chosen: Indicator | None) -> SafeString:
    """The options of a choice among figures; `chosen` is None where something else is."""
    key = chosen.key if chosen else ""
    names = _names(get_language() or "")
    options = [
        f'<option value="{each.key}"{" selected" if each.key == key else ""}>'
        f"{names[each.key]}</option>"
        for each in figures
    ]
    return mark_safe("".join(options))  # noqa: S308 - keys are ours, names are escaped


@lru_cache(maxsize=8)
def _names(_language: str) -> dict[str, str]:
    """The names of all figures in the language that is in force."""
    return {key: escape(each.name) for key, each in INDICATORS.items()}
