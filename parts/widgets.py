"""Form controls of the desks that Django's own widgets draw too slowly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Options = tuple[tuple[str, str], ...]
# Groups of options; those that stand alone are a group without a name.
Groups = tuple[tuple[str, Options], ...]


class Listed(BaseChoiceIterator):
    """Choices, one list after the other, that are pairs already.

    Django looks through plain lists twice for each form, and inside them.
    """

    def __init__(self, *lists: Iterable[Any]) -> None:
        self.lists = lists

    def __iter__(self) -> Iterator[Any]:
        return chain(*self.lists)


class PlainSelect(forms.Select):
    """A choice drawn as one piece of text.

    Django renders a template for each option: the 271 classes in the query of a list cost more
    than its fifty rows. The options are drawn once for each language and wording.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The control with its options; what is chosen is marked in the text drawn before."""
        drawn = draw(groups_of(self.choices))
        chosen = "" if value is None else str(value)
        mark = format_html('<option value="{}"', chosen)
        options = drawn.replace(mark, f"{mark} selected", 1)
        flat = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", flat, mark_safe(options))  # noqa: S308


def groups_of(choices: Iterable[Any]) -> Groups:
    """Choices in words, as Django knows them: (value, label) or (group, [(value, label), …])."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            groups.append((str(value), [(str(v), str(words)) for v, words in label]))
            groups.append(("", []))
            continue
        if not groups:
            groups.append(("", []))
        groups[-1][1].append(("" if value is None else str(value), str(label)))
    return tuple((name, tuple(options)) for name, options in groups if options)


@lru_cache(maxsize=64)
def draw(groups: Groups) -> str:
    """The options as HTML, escaped; kept by their words, so that a change is drawn anew."""
    return "".join(
        format_html('<optgroup label="{}">{}</optgroup>', name, drawn) if name else drawn
        for name, options in groups
        for drawn in [format_html_join("", '<option value="{}">{}</option>', options)]
    )
