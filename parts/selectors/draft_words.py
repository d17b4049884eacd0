"""What the checks of a draft found, in words, with what to do about it where that is not plain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parts.models import Check, DraftFinding

ATTRIBUTE_NAMES = {
    "management_class": gettext_lazy("management class"),
    "limit_area": gettext_lazy("limit area"),
    "responsible_body": gettext_lazy("responsible body"),
    "land_use": gettext_lazy("land use"),
}
#: What `ST_IsValidDetail` says of a boundary, in small letters.
FLAWS = {
    "self-intersection": gettext_lazy("two of its sides cross"),
    "ring self-intersection": gettext_lazy("a ring touches or crosses itself"),
    "hole lies outside shell": gettext_lazy("a hole lies outside"),
    "holes are nested": gettext_lazy("a hole lies in another hole"),
    "interior is disconnected": gettext_lazy("its holes cut it in two"),
    "nested shells": gettext_lazy("one piece lies in another"),
    "duplicate rings": gettext_lazy("a ring comes twice"),
    "too few points in geometry component": gettext_lazy("a ring has too few points"),
    "invalid coordinate": gettext_lazy("a coordinate is no number"),
}


def sentence_of(finding: DraftFinding) -> str:
    """What was found in words, with what to do about it where that is not plain."""
    make = SENTENCES.get(finding.check_key)
    return make(finding, finding.values) if make else str(Check(finding.check_key).label)


def metres(area: float | None) -> str:
    """Square metres as people read them: whole ones, small ones with a decimal."""
    value = area or 0
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def grouped(number: int | None) -> str:
    """A count with thousands apart."""
    return f"{number or 0:,}"


def _nth(finding: DraftFinding, n: int) -> str:
    return finding.codes[n] if len(finding.codes) > n else ""


Sentence = Callable[[DraftFinding, dict[str, Any]], str]
SENTENCES: dict[str, Sentence] = {
    Check.NO_SHAPE: lambda f, v: _("The row has no boundary."),
    Check.NOT_AREA: lambda f, v: _("The row has no closed area, but a point, a line or less."),
    Check.NOT_CLOSED: lambda f, v: _("The last point of a ring is not its first one."),
    Check.OFF_MAP: lambda f, v: _(
        "The coordinates lie outside China: another frame was declared than the file has, or its "
        "axes are swapped."
    ),
    Check.CROSSES_ITSELF: lambda f, v: (
        _("The boundary crosses itself: %(why)s.") % {"why": _flaw(v.get("reason", ""))}
    ),
    Check.SEVERAL_PIECES: lambda f, v: (
        _("The cell consists of %(n)s separate pieces.") % {"n": grouped(v.get("n"))}
    ),
    Check.CODE_FORM: lambda f, v: (
        _("“%(code)s” is no code of %(digits)s digits.")
        % {"code": _nth(f, 0), "digits": v.get("digits")}
    ),
    Check.CODE_TWICE: lambda f, v: _("%(n)s shapes have this code.") % {"n": grouped(v.get("n"))},
    Check.CODE_VOIDED: lambda f, v: _voided(v),
    Check.CODE_MOVED: lambda f, v: (
        _(
            "In the current edition this code means another place: both share %(percent)s %% of "
            "their ground. A code is never given to another place."
        )
        % {"percent": v.get("percent")}
    ),
    Check.NO_PARENT: lambda f, v: (
        _("The draft has no area %(code)s that this code belongs to.") % {"code": _nth(f, 1)}
    ),
    Check.OVERLAP: lambda f, v: (
        _("%(one)s and %(other)s overlap by %(area)s m².")
        % {"one": _nth(f, 0), "other": _nth(f, 1), "area": metres(f.area_m2)}
    ),
    Check.GAP: lambda f, v: (
        _("%(area)s m² of %(code)s are covered by nothing.")
        % {"code": _nth(f, 0), "area": metres(f.area_m2)}
    ),
    Check.OUTSIDE: lambda f, v: _("It lies wholly outside %(code)s.") % {"code": _nth(f, 1)},
    Check.ACROSS: lambda f, v: (
        _("%(area)s m² of it (%(percent)s %%) lie outside %(code)s.")
        % {"area": metres(f.area_m2), "percent": v.get("percent"), "code": _nth(f, 1)}
    ),
    Check.NAME: lambda f, v: _("An area needs a name of 1 to 64 characters."),
    Check.SUCCESSOR: lambda f, v: _(
        "The area is in force today and not in the draft. Say which one takes its place."
    ),
    Check.SHIFTED: lambda f, v: _shifted(v),
    Check.PARTS_OUTSIDE: lambda f, v: (
        _("%(n)s standing parts lie in no cell of the draft.") % {"n": grouped(v.get("n"))}
    ),
    Check.CUTS_PARTS: lambda f, v: (
        _("%(n)s lines or areas reach out of their cell by more than 1 m.")
        % {"n": grouped(v.get("n"))}
    ),
    Check.TOO_MANY: lambda f, v: (
        _(
            "Community %(code)s has given %(n)s codes to cells, with those of the draft; there are "
            "%(most)s serials, and none is given twice."
        )
        % {"code": _nth(f, 0), "n": grouped(v.get("n")), "most": v.get("most")}
    ),
    Check.EMPTY: lambda f, v: _("The draft has no cells."),
    Check.ORDER: lambda f, v: (
        _(
            "In community %(code)s %(n)s serials stand in another order than from north to south "
            "and west to east in bands of 100 m."
        )
        % {"code": v.get("community"), "n": grouped(v.get("n"))}
    ),
    Check.AREA_BAND: lambda f, v: (
        _("%(area)s m²: outside the usual 2,000 to 50,000 m².") % {"area": metres(f.area_m2)}
    ),
    Check.ATTRIBUTE: lambda f, v: (
        _("%(field)s “%(value)s” is not known; it will be left out.")
        % {"field": _attribute(v.get("field", "")), "value": v.get("value")}
    ),
    Check.PADDED: lambda f, v: (
        _("The number %(was)s was read as this code.") % {"was": v.get("was")}
    ),
}


def _flaw(reason: str) -> str:
    """What the database says of an invalid boundary, in our words where we know them."""
    return str(FLAWS.get(reason.lower(), reason or "–"))


def _attribute(name: str) -> str:
    return str(ATTRIBUTE_NAMES.get(name, name))


def _voided(values: dict[str, Any]) -> str:
    if values.get("on"):
        return _("This code ended on %(on)s (%(reason)s) and is never given again.") % {
            "on": values["on"],
            "reason": values.get("reason") or "–",
        }
    return _("This code belongs to the former edition “%(name)s” and is never given again.") % {
        "name": values.get("edition", "")
    }


def _shifted(values: dict[str, Any]) -> str:
    east, north = abs(int(values.get("east", 0))), abs(int(values.get("north", 0)))
    if values.get("is_gcj"):
        return _(
            "Everything lies about %(east)s m east and %(north)s m north of where it is: so do "
            "coordinates of consumer maps (GCJ-02). Import the file again and declare GCJ-02."
        ) % {"east": east, "north": north}
    return _(
        "Everything lies about %(east)s m west and %(north)s m south of where it is: the file was "
        "declared as GCJ-02 and is not. Import it again in its true frame."
    ) % {"east": east, "north": north}
