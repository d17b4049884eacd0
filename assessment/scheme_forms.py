"""The shape of a scheme as it is typed: its head, its terms, bands as lines, groups of objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models import Subject
from assessment.selectors.schemes import HAND, choices_for, groups_for
from assessment.services.schemes import KEY_LIMIT, NAME_LIMIT, SOURCE_LIMIT, Draft

_LINE = re.compile(
    r"^(?:[≥>]=?\s*(?P<open>\d+)|(?P<least>\d+)\s*(?:(?P<sep>[-–—~～至到+以上]+)\s*(?P<most>\d*))?)"
    r"\s*[:：=＝→]+\s*(?P<points>\d+)\s*分?$"
)
HIGHEST = 9_999_999
MOST_BANDS = 40
MOST_PLACES = 30


def bands_as_text(bands: Sequence[Sequence[Any]]) -> str:
    """A line for each band: `0-50: 100`, the last one `1000-: 0`."""
    return "\n".join(
        f"{least}: {points}"
        if least == most
        else f"{least}-{'' if most is None else most}: {points}"
        for least, most, points in bands
    )


class BandsField(forms.CharField):
    """Bands of counts, one a line; to a list of [from, to or None, points]."""

    def __init__(self, **kwargs: Any) -> None:
        lines = {"rows": 6, "spellcheck": "false", "class": "gc-bands", "wrap": "off"}
        super().__init__(
            required=False, widget=forms.Textarea(attrs=lines), max_length=2000, **kwargs
        )

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        found = [_band(place, line) for place, line in enumerate(lines, 1) if line]
        if len(found) > MOST_BANDS:
            raise forms.ValidationError(_("At most %(most)d bands.") % {"most": MOST_BANDS})
        return found

    def run_validators(self, value: Any) -> None:
        """The list is judged with its term, in words."""


def _band(place: int, line: str) -> list[int | None]:
    said = _LINE.match(line)
    if said is None:
        raise forms.ValidationError(
            _now("Line %(place)d, “%(line)s”: write it as 0-50: 100, and the last as 1000-: 0.")
            % {"place": place, "line": line[:40]}
        )
    if said["open"]:
        return [_whole(said["open"]), None, _whole(said["points"])]
    least = _whole(said["least"])
    most = least if not said["sep"] else _whole(said["most"]) if said["most"] else None
    return [least, most, _whole(said["points"])]


def _whole(text: str) -> int:
    return min(int(text[:9]), HIGHEST)


class GradesField(forms.CharField):
    """Grades, one a line: letter, least score, name; to a list of [letter, least, name]."""

    def to_python(self, value: Any) -> Any:
        lines = [line.split(None, 2) for line in (super().to_python(value) or "").splitlines()]
        found: list[list[Any]] = []
        for place, parts in enumerate(lines, 1):
            if not parts:
                continue
            if len(parts) != 3 or not parts[1].isdecimal() or len(parts[0]) > 2:
                raise forms.ValidationError(
                    _now("Line %(place)d: write a letter, the least score and a name.")
                    % {"place": place}
                )
            found.append([parts[0], _whole(parts[1]), parts[2][:20]])
        return found

    def run_validators(self, value: Any) -> None:
        """The list is judged with the scheme, in words."""


def grades_as_text(grades: Sequence[Sequence[Any]]) -> str:
    return "\n".join(f"{letter} {least} {name}" for letter, least, name in grades)


class DayField(forms.DateField):
    """Dates come and go as ISO text, whatever the language of the page."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class NewSchemeForm(forms.Form):
    """A scheme that is not there yet."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LIMIT)
    subject = forms.ChoiceField(label=_("Whom it scores"), choices=Subject.choices)
    key = forms.CharField(
        label=_("Key"),
        max_length=KEY_LIMIT,
        help_text=_("Small Latin letters, digits and hyphens, such as street-monthly."),
    )
    valid_from = DayField(label=_("Holds from"))


class SchemeForm(forms.Form):
    """What stands above the terms of a draft."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LIMIT)
    source = forms.CharField(
        label=pgettext_lazy("scheme", "Source"), max_length=SOURCE_LIMIT, required=False,
        help_text=_("Number and name of the document that it carries out."),
    )  # fmt: skip
    valid_from = DayField(
        label=_("Holds from"), help_text=_("For periods whose first day is not before it.")
    )
    month_from = forms.IntegerField(
        label=_("Month begins on day"), min_value=1, max_value=28, initial=1,
        help_text=_("19: its October runs from 19 September to 18 October."),
    )  # fmt: skip
    grades = GradesField(
        label=_("Grades"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        max_length=500,
        help_text=_("One a line: letter, least score, name."),
    )


FIGURE, PERCENT, GROUP = "figure_{}", "percent_{}", "group_{}_{}"
_GROUP_FIELDS = ("key", "weight", "least_sample", "bands")


class TermForm(forms.Form):
    """One term. Figures and groups have one empty place more than is said, as long as needed."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    name = forms.CharField(label=_("Name of the term"), max_length=60, required=False)
    weight = forms.IntegerField(label=_("Weight, per cent"), min_value=0, max_value=100)
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=[("good", _("More is better")), ("bad", _("Less is better"))],
    )
    least_sample = forms.IntegerField(
        label=_("Least sample"), min_value=0, max_value=100000, required=False,
        help_text=_("Below it a rate is shown and not ranked."),
    )  # fmt: skip
    most = forms.IntegerField(
        label=_("At most"), min_value=1, max_value=100, required=False,
        help_text=_("Of a bonus or penalty: no more points than these."),
    )  # fmt: skip
    per_cell = forms.BooleanField(label=_("Divided by the cells of the region"), required=False)
    bands = BandsField(
        label=_("Bands a month"),
        help_text=_("Of counts, one a line: 0-50: 100; the last: 1000-: 0."),
    )

    def __init__(self, data: Mapping[str, Any], *, subject: str, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        self.subject = subject
        self.figures = self._places(FIGURE, 1)
        self.groups: list[int] = []
        self._add_figures(choices_for(subject))
        used = [str(data.get(f"{prefix}-group_{place}_key", "")) for place in range(MOST_PLACES)]
        if known := groups_for(subject, filter(None, used)):
            self.groups = self._places("group_{}_key", 0)
            self._add_groups(known)

    def _places(self, pattern: str, least: int) -> list[int]:
        """The places that are said, and an empty one."""
        said = [
            place
            for place in range(MOST_PLACES)
            if str(self.data.get(self.add_prefix(pattern.format(place)), "")).strip()
        ]
        return list(range(max([least, *(place + 1 for place in said)]) + 1))

    def _add_figures(self, choices: Any) -> None:
        for place in self.figures:
            label = _("What is scored") if place == 0 else _("And with it")
            self.fields[FIGURE.format(place)] = forms.ChoiceField(
                label=label, choices=[("", "—"), *choices], required=False
            )
            self.fields[PERCENT.format(place)] = forms.IntegerField(
                label=_("Share, per cent"), min_value=1, max_value=100, required=False
            )

    def _add_groups(self, known: list[tuple[str, str]]) -> None:
        for place in self.groups:
            made = {
                "key": forms.ChoiceField(
                    label=_("Group"), choices=[("", "—"), *known], required=False
                ),
                "weight": forms.IntegerField(
                    label=_("Weight, per cent"), min_value=0, max_value=100, required=False
                ),
                "least_sample": forms.IntegerField(
                    label=_("Least sample"), min_value=0, max_value=100000, required=False
                ),
                "bands": BandsField(label=_("Bands a month")),
            }
            for name, field in made.items():
                self.fields[GROUP.format(place, name)] = field

    def figure_rows(self) -> list[tuple[Any, Any]]:
        return [(self[FIGURE.format(one)], self[PERCENT.format(one)]) for one in self.figures]

    def group_rows(self) -> list[list[Any]]:
        return [[self[GROUP.format(one, name)] for name in _GROUP_FIELDS] for one in self.groups]

    @property
    def has_groups(self) -> bool:
        return len(self.groups) > 1

    def term(self, sheets: Mapping[str, int]) -> dict[str, Any]:
        """The term as a scheme keeps it; only after `is_valid`."""
        said = self.cleaned_data
        chosen = [(said[FIGURE.format(one)], said.get(PERCENT.format(one))) for one in self.figures]
        named = [(key, percent or 100) for key, percent in chosen if key]
        made: dict[str, Any] = {
            "key": said["key"], "name": said["name"].strip(), "weight": said["weight"],
        }  # fmt: skip
        if named and named[0][0].startswith(HAND):
            hand = named[0][0].removeprefix(HAND)
            made |= {"hand": hand, "adds": sheets.get(hand, 0), "most": said["most"]}
            return made | ({"parts": [list(one) for one in named[1:]]} if named[1:] else {})
        made["parts"] = [list(one) for one in named]
        made |= {"bands": said["bands"]} if said["bands"] else {}
        made |= {} if said["direction"] == "good" else {"is_good": False}
        made |= {"per_cell": True} if said["per_cell"] else {}
        made |= {} if said["least_sample"] is None else {"least_sample": said["least_sample"]}
        groups = self._groups()
        return made | ({"groups": groups} if groups else {})

    def _groups(self) -> dict[str, dict[str, Any]]:
        found = {}
        for place in self.groups:
            said = {name: self.cleaned_data[GROUP.format(place, name)] for name in _GROUP_FIELDS}
            key = said.pop("key")
            kept = {name: value for name, value in said.items() if value not in (None, [])}
            if key and kept:
                found[key] = kept
        return found


def term_as_typed(term: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """A stored term as the fields of its form."""
    said: dict[str, Any] = {
        "key": term["key"], "name": term["name"], "weight": term["weight"],
        "direction": "good" if term.get("is_good", True) else "bad",
        "least_sample": term.get("least_sample", ""), "most": term.get("most") or "",
        "bands": bands_as_text(term.get("bands", ())),
    }  # fmt: skip
    if term.get("per_cell"):
        said["per_cell"] = "on"
    figures = [*term.get("parts", ())]
    if term.get("hand"):
        figures = [[HAND + term["hand"], 100], *figures]
    for place, (figure, percent) in enumerate(figures):
        said |= {FIGURE.format(place): figure, PERCENT.format(place): percent}
    for place, (group, own) in enumerate(term.get("groups", {}).items()):
        said[GROUP.format(place, "key")] = group
        said[GROUP.format(place, "weight")] = own.get("weight", "")
        said[GROUP.format(place, "least_sample")] = own.get("least_sample", "")
        said[GROUP.format(place, "bands")] = bands_as_text(own.get("bands", ()))
    return {f"{prefix}-{name}": value for name, value in said.items()}


class Editor:
    """A draft as it stands on the page: its head and its terms, typed or stored."""

    def __init__(self, scheme: Any, data: Mapping[str, Any], count: int) -> None:
        self.scheme = scheme
        self.head = SchemeForm(data)
        self.terms = [
            TermForm(data, subject=scheme.subject, prefix=f"t{place}") for place in range(count)
        ]

    @classmethod
    def stored(cls, scheme: Any) -> Editor:
        data = {
            "name": scheme.name, "source": scheme.source, "month_from": scheme.month_from,
            "valid_from": scheme.valid_from.isoformat(), "grades": grades_as_text(scheme.grades),
        }  # fmt: skip
        for place, term in enumerate(scheme.terms):
            data |= term_as_typed(term, f"t{place}")
        return cls(scheme, data, len(scheme.terms))

    @classmethod
    def typed(cls, scheme: Any, posted: Mapping[str, Any], most: int) -> Editor:
        """As it was sent; a button for a term (add, up:2, down:2, drop:2) moves the terms first."""
        count = int(posted.get("count", "0")) if posted.get("count", "").isdecimal() else 0
        order: list[int | None] = list(range(min(count, most)))
        _move(order, posted.get("do", ""), most)
        data: dict[str, Any] = {
            key: value for key, value in posted.items() if not re.match(r"t\d+-", key)
        }
        for place, former in enumerate(order):
            if former is None:
                data |= {f"t{place}-weight": "0", f"t{place}-direction": "good"}
                continue
            before = f"t{former}-"
            data |= {
                f"t{place}-{key.removeprefix(before)}": value
                for key, value in posted.items()
                if key.startswith(before)
            }
        return cls(scheme, data, len(order))

    @property
    def is_valid(self) -> bool:
        return all([self.head.is_valid(), *(term.is_valid() for term in self.terms)])

    def draft(self, sheets: Mapping[str, int]) -> Draft:
        """What the draft is to say; only where the editor is valid."""
        said = self.head.cleaned_data
        terms = [form.term(sheets) for form in self.terms]
        _give_keys(terms)
        day: date = said["valid_from"]
        return Draft(
            name=said["name"], source=said["source"], valid_from=day, terms=terms,
            grades=said["grades"], month_from=said["month_from"],
        )  # fmt: skip


def _move(order: list[int | None], act: str, most: int) -> None:
    """Carry out one button of the editor on the order of its terms."""
    if act == "add" and len(order) < most:
        order.append(None)
        return
    what, _colon, text = act.partition(":")
    place = int(text) if text.isdecimal() else -1
    if not 0 <= place < len(order):
        return
    if what == "drop":
        del order[place]
    elif what == "up" and place:
        order[place - 1], order[place] = order[place], order[place - 1]
    elif what == "down" and place + 1 < len(order):
        order[place + 1], order[place] = order[place], order[place + 1]


def _give_keys(terms: list[dict[str, Any]]) -> None:
    """A new term is named after what it scores; keys stay when a term is changed."""
    used = {term["key"] for term in terms if term["key"]}
    for place, term in enumerate(terms, 1):
        if term["key"]:
            continue
        parts = term.get("parts") or [[f"term-{place}", 100]]
        stem = str(term.get("hand") or parts[0][0])
        key = stem if stem not in used else f"{stem}-{place}"
        term["key"] = key
        used.add(key)
