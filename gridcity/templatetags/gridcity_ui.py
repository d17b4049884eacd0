"""What templates need to speak the product's language: lamps, states, time in words, the menu.

Every word that a script of a page shows comes from `ui_strings`, so that it is translated too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.workflow import State
from gridcity.contracts import Role
from gridcity.menu import address_of, boxes_of, entries_of, mark_of
from gridcity.models import RoleKey
from gridcity.times import Teller
from parts.tiles import tile_pattern

register = template.Library()

# ---------------------------------------------------------------- lamps


# Lamps and states stand in every row of every list: they are built in Python, at a tenth of the
# time that an included template takes.
@register.simple_tag
def lamp(
    lamp: str | None = None,
    due_at: datetime | None = None,
    green_until: datetime | None = None,
    left: str = "",
    now: datetime | None = None,
) -> SafeString:
    """A lamp with its word, its icon and the time left; see `includes/_lamp.html`."""
    return Teller.at(now).lamp(lamp, due_at, green_until, left)


# ---------------------------------------------------------------- states

TONES: dict[str, str] = {
    State.VERIFYING: "work",
    State.HANDLING: "work",
    State.CHECKING: "work",
    State.SUSPENDED: "still",
    State.CLOSED: "done",
    State.FORCE_CLOSED: "off",
    State.NOT_ACCEPTED: "off",
    State.NOT_FILED: "off",
    State.VOIDED: "off",
    State.MERGED: "off",
}
TONE_ICONS = {
    "wait": "hourglass-split",
    "work": "play-circle",
    "still": "pause-circle",
    "done": "check2-circle",
    "off": "slash-circle",
}


@register.filter
def state_label(state: str) -> str:
    """The word of a state key; an unknown key is shown as it is."""
    return str(State(state).label) if state in State.values else str(state)


@register.filter
def state_tone(state: str) -> str:
    """`wait` (on a desk), `work` (somebody is out), `still`, `done` or `off` (ended otherwise)."""
    return TONES.get(state, "wait")


@register.filter
def state_icon(state: str) -> str:
    """The Bootstrap icon of the state's tone."""
    return TONE_ICONS[state_tone(state)]


@register.simple_tag
def state(state: str, label: str = "") -> SafeString:
    """A state badge: tone, icon and word."""
    return format_html(
        '<span class="gc-state gc-tone-{}"><i class="bi bi-{}" aria-hidden="true"></i>{}</span>',
        state_tone(state),
        state_icon(state),
        label or state_label(state),
    )


@register.filter
def role_label(role: str) -> str:
    """The word of a role key, also of the clock and of a citizen."""
    extra = {Role.CLOCK: _("System clock"), Role.CITIZEN: _("Citizen"), Role.ROUTING: _("Routing")}
    return str(RoleKey(role).label) if role in RoleKey.values else str(extra.get(role, role))


@register.filter
def reviewer_label(role: str) -> str:
    """Who reviews a request: of a department it is always a leading member."""
    return __("Lead of the department") if role == Role.DEPARTMENT else role_label(role)


@register.filter
def roles_label(roles: Iterable[str] | None) -> str:
    """The words of several roles, for the user's menu."""
    return "、".join(role_label(role) for role in roles or [])


# ---------------------------------------------------------------- time in words


@register.filter
def duration(length: timedelta | float | int | None) -> str:
    """Seconds or a timedelta as the two largest parts: “2 d 3 h”, “45 min”; below zero as above."""
    return "" if length is None or length == "" else Teller.at().duration(length)


@register.filter
def time_left(due_at: datetime | None, now: datetime | None = None) -> str:
    """“2 h 15 min left” or “3 h late” of a due instant."""
    return Teller.at(now).left(due_at) if due_at else ""


@register.filter
def when(instant: datetime | None) -> str:
    """An instant as a desk reads it: the hour today, the day this year, else the whole date."""
    return Teller.at().when(instant) if instant else ""


@register.filter
def metres(distance: float | None) -> str:
    """A distance in metres: whole metres below a kilometre, one decimal above."""
    if distance is None:
        return ""
    if distance < 1000:
        return __("%(n)s m") % {"n": round(distance)}
    return __("%(n)s km") % {"n": f"{distance / 1000:.1f}"}


@register.filter
def grouped(number: int | None) -> str:
    """A count with thousands apart: 1,234."""
    return "" if number is None else f"{number:,}"


@register.filter
def whole(number: float | Decimal | None) -> str:
    """A figure with decimals as the nearest whole number, thousands apart: 9,577."""
    return "" if number is None else f"{round(number):,}"


class Span(NamedTuple):
    """A shortcut of the query form: its word and both dates as ISO text."""

    label: str
    first: str
    last: str


@register.simple_tag
def date_spans() -> list[Span]:
    """Today, this week (from Monday), this month and last month, in local dates."""
    today = timezone.localdate()
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    spans: list[tuple[Promise, date, date]] = [
        (_("Today"), today, today),
        (_("This week"), today - timedelta(days=today.weekday()), today),
        (_("This month"), month, today),
        (_("Last month"), before.replace(day=1), before),
    ]
    return [Span(str(label), first.isoformat(), last.isoformat()) for label, first, last in spans]


# ---------------------------------------------------------------- the menu


@register.simple_tag(takes_context=True)
def menu_key(context: Context) -> str:
    """By what menus differ: the roles, and which line the open page belongs to."""
    request = context["request"]
    roles = sorted(getattr(request.user, "roles", []))
    marked, mark = mark_of(request, entries_of(roles))
    return f"{','.join(roles)} {f'{marked.page} {marked.box}' if marked else ''} {mark}"


@register.simple_tag(takes_context=True)
def menu(context: Context) -> list[dict[str, Any]]:
    """The left menu of this user by group; a page that is not installed is left out."""
    request = context["request"]
    entries = entries_of(getattr(request.user, "roles", []))
    marked, mark = mark_of(request, entries)
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry, address in entries:
        line = {"label": entry.label, "icon": entry.icon, "url": address, "box": entry.box}
        line["current"] = mark if entry is marked else ""
        groups.setdefault(str(entry.group), []).append(line)
    return [{"label": label, "lines": lines} for label, lines in groups.items()]


@register.simple_tag(takes_context=True)
def menu_boxes(context: Context) -> list[str]:
    """The boxes whose counts stand in this user's menu."""
    return boxes_of(getattr(context["request"].user, "roles", []))


@register.simple_tag
def page(name: str, *args: object) -> str:
    """The address of a page, or nothing where this installation lacks it."""
    return address_of(name, *args)


# ---------------------------------------------------------------- maps

# Feeds that every map may draw; those that an installation lacks are left out.
FEEDS = {
    "district": "parts:map-district",
    "streets": "parts:map-streets",
    "roads": "parts:map-roads",
    "cells": "parts:map-cells",
    "versions": "parts:map-versions",
    "counts": "parts:map-counts",
    "open": "assessment:cells-open",
    "locate": "api-locate",
}
# In place of a part's code in the address of its page.
NO_PART = "0" * 16
# Stands for the code of a cell in an address that the map's script fills in.
NO_CELL = "0" * 15
# Layers that come as vector tiles.
TILES = ("parts", "cells", "streets")


@register.simple_tag
def map_feeds() -> str:
    """The addresses of the map's feeds as JSON; those of tiles with {z}, {x}, {y} and {v}."""
    feeds: dict[str, Any] = {
        name: address for name, view in FEEDS.items() if (address := page(view))
    }
    feeds["tiles"] = {layer: tile_address(layer) for layer in TILES}
    if part := page("parts:part", NO_PART):
        feeds["part"] = part.replace(NO_PART, "{code}")
    if base := base_map():
        feeds["base"] = base
    if cell := page("assessment:cell", NO_CELL):
        feeds["cell"] = cell.replace(NO_CELL, "{cell}")
    return json.dumps(feeds)


def base_map() -> dict[str, str] | None:
    """The city's own base map beneath ours: its kind, address and attribution; usually none."""
    told = {"attribution": settings.MAP_ATTRIBUTION}
    if settings.MAP_WMTS:
        return {"kind": "wmts", "url": settings.MAP_WMTS, **told}
    if settings.MAP_PMTILES:
        return {"kind": "pmtiles", "url": page("parts:map-base"), **told}
    return None


def tile_address(layer: str) -> str:
    """The address of a layer's tiles, as the map's script fills it in."""
    return tile_pattern(page("parts:tile", layer, 0, 0, 0))


# ---------------------------------------------------------------- words for scripts


@register.simple_tag
def ui_strings() -> dict[str, str]:
    """Every sentence that a script may show; `{n}` and the like are filled in there."""
    return _ui_strings(get_language() or "")


@lru_cache(maxsize=8)
def _ui_strings(language: str) -> dict[str, str]:
    """The sentences in the language that is in force."""
    from gridcity.templatetags.ui_words import WORDS

    return {key: str(word) for key, word in WORDS.items()}


@register.simple_tag
def catalogue_urls(address: str, kinds: str) -> str:
    """The catalogue's address for each kind, apart by a space: what the class picker loads."""
    mark = "&" if "?" in address else "?"
    return " ".join(f"{address}{mark}kind={kind}" for kind in kinds.split(","))
