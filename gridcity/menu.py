"""The left menu: the pages of each role, and which entry the open page belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Role

ALL_DESKS = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT})
READERS = ALL_DESKS | {Role.OFFICIAL}
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the left menu. `box` names the figure that is shown beside it.

    `also` names pages of its section whose addresses do not begin with its own.
    """

    group: Promise
    label: Promise
    icon: str
    page: str
    roles: frozenset[str]
    box: str = ""
    also: frozenset[str] = frozenset()


def _box(box: str, label: Promise, icon: str, roles: frozenset[str]) -> Entry:
    return Entry(_("My boxes"), label, icon, "dispatch:queue", roles, box)


MENU: tuple[Entry, ...] = (
    Entry(_("Figures"), _("Overview"), "bar-chart-line", "assessment:dashboard",
          frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER})),
    Entry(_("Figures"), _("Scores"), "trophy", "assessment:scores",
          ALL_DESKS | {Role.OFFICIAL}),
    Entry(_("Figures"), pgettext_lazy("menu", "Scoring schemes"), "sliders", "assessment:schemes",
          ALL_DESKS | {Role.OFFICIAL, Role.ADMINISTRATOR}),
    Entry(_("Figures"), _("Our results"), "speedometer2", "assessment:own-department",
          frozenset({Role.DEPARTMENT})),
    Entry(_("Figures"), _("My results"), "speedometer2", "assessment:own",
          frozenset({Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER})),
    Entry(_("Figures"), _("Inspections"), "clipboard-data", "assessment:inspections",
          ALL_DESKS | {Role.OFFICIAL}),
    Entry(_("Figures"), _("Guarantee scheme"), "safe2", "assessment:guarantees",
          frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.ADMINISTRATOR})),
    Entry(_("Figures"), pgettext_lazy("menu", "Handbook of figures"), "book",
          "assessment:indicators", READERS | {Role.SUPERVISOR, Role.ADMINISTRATOR}),
    Entry(_("Figures"), _("Ledgers"), "journals", "assessment:ledgers",
          frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.ADMINISTRATOR})),
    _box("todo", pgettext_lazy("box", "To do"), "inbox", ALL_DESKS),
    _box("done", pgettext_lazy("box", "Done"), "check2-square", ALL_DESKS),
    _box("touched", pgettext_lazy("box", "Took part"), "person-lines-fill", ALL_DESKS),
    _box("supervised", pgettext_lazy("box", "Supervised"), "flag", READERS),
    _box("first", pgettext_lazy("box", "First contact"), "person-check",
         frozenset({Role.ACCEPTOR})),
    _box("callback", pgettext_lazy("box", "To call back"), "telephone-forward",
         frozenset({Role.ACCEPTOR})),
    Entry(_("Cases"), _("Register a call"), "telephone-plus", "dispatch:register",
          frozenset({Role.ACCEPTOR})),
    Entry(_("Cases"), _("All cases"), "card-list", "dispatch:cases", READERS,
          also=frozenset({"dispatch:case", "dispatch:act", "dispatch:answer"})),
    Entry(_("Cases"), _("Requests"), "patch-question", "dispatch:requests",
          frozenset({Role.DISPATCHER, Role.DUTY_CHIEF, Role.DEPARTMENT})),
    Entry(_("Cases"), _("Missed matters"), "eye-slash", "dispatch:misses",
          frozenset({Role.DUTY_CHIEF, Role.SUPERVISOR})),
    Entry(_("Cases"), _("Messages"), "bell", "dispatch:messages", READERS),
    Entry(_("Patrol"), _("Patrol"), "map", "cases:patrol", frozenset({Role.SUPERVISOR})),
    Entry(_("Patrol"), _("My tasks"), "list-check", "cases:tasks", frozenset({Role.SUPERVISOR})),
    Entry(_("District"), _("Parts"), "geo", "parts:register", READERS | ADMINISTRATORS),
    Entry(_("District"), _("Field updates"), "pencil-square", "parts:proposals", ADMINISTRATORS),
    Entry(_("District"), _("Census"), "clipboard-check", "parts:censuses", ADMINISTRATORS),
    Entry(_("District"), _("Imports of parts"), "box-arrow-in-down", "parts:imports",
          ADMINISTRATORS),
    Entry(_("District"), _("Unit grid"), "grid-3x3", "parts:editions", ADMINISTRATORS,
          also=frozenset({"assessment:cell"})),
    Entry(_("District"), _("Responsibility grids"), "person-walking", "parts:patrols",
          ADMINISTRATORS),
    Entry(_("District"), _("Catalogue"), "list-ol", "parts:catalogue", ADMINISTRATORS),
    Entry(_("District"), _("Handling standards"), "journal-text", "parts:standards",
          READERS | ADMINISTRATORS),
    Entry(_("District"), _("Places"), "pin-map", "parts:places", ADMINISTRATORS),
    Entry(_("Administration"), _("Administration"), "gear", "admin:index",
          frozenset({Role.ADMINISTRATOR})),
    Entry(_("Administration"), _("Routing rules"), "signpost-split", "dispatch:rules",
          frozenset({Role.ADMINISTRATOR})),
    Entry(_("Administration"), _("Self-check"), "heart-pulse", "gridcity:selfcheck",
          ADMINISTRATORS),
    Entry(_("Administration"), _("Background work"), "hourglass-split", "jobs:list",
          READERS | ADMINISTRATORS),
    Entry(_("Administration"), _("Interface"), "braces", "api-docs",
          frozenset({Role.ADMINISTRATOR, Role.CLIENT})),
)  # fmt: skip


def address_of(name: str, *args: object) -> str:
    """The address of a page, or nothing where this installation lacks it."""
    return _address(get_script_prefix(), name, args)


@lru_cache(maxsize=256)
def _address(_prefix: str, name: str, args: tuple[object, ...]) -> str:
    """The same, found once under the prefix of this installation."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def entry_address(entry: Entry) -> str:
    """Where a line of the menu leads; empty where this installation lacks the page."""
    address = address_of(entry.page)
    return f"{address}?{urlencode({'box': entry.box})}" if address and entry.box else address


def entries_of(roles: Iterable[str]) -> list[tuple[Entry, str]]:
    """The lines of these roles with their addresses, in the order of the menu."""
    held = frozenset(roles)
    listed = [(entry, entry_address(entry)) for entry in MENU if held & entry.roles]
    return [(entry, address) for entry, address in listed if address]


def boxes_of(roles: Iterable[str]) -> list[str]:
    """The boxes whose counts stand in the menu of these roles."""
    held = frozenset(roles)
    return list(dict.fromkeys(entry.box for entry in MENU if entry.box and held & entry.roles))


def mark_of(request: HttpRequest, entries: list[tuple[Entry, str]]) -> tuple[Entry | None, str]:
    """The line of the open page and its `aria-current`: `page`, or `true` on an inner page.

    An inner page belongs to the line that names it, else to the one with the longest address that
    its own begins with.
    """
    for entry, address in entries:
        if request.path == address.partition("?")[0] and is_its_box(request, entry):
            return entry, "page"
    match = request.resolver_match
    view = match.view_name if match else ""
    for entry, _address in entries:
        if view in entry.also:
            return entry, "true"
    inner = [
        (len(address), entry)
        for entry, address in entries
        if not entry.box and request.path.startswith(address)
    ]
    return (max(inner, key=lambda found: found[0])[1], "true") if inner else (None, "")


def is_its_box(request: HttpRequest, entry: Entry) -> bool:
    """Whether the list that is open is this line's; without a box said it is what is to do."""
    return not entry.box or request.GET.get("box", "todo") == entry.box
