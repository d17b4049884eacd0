"""The plain select says what Django's own says."""

import re

import pytest
from django import forms

from parts.widgets import PlainSelect

CHOICES = [
    ("", "全部"), ("a&b", 'A "&" <B>'), ("1", "one"),
    ("市容 <环境>", [("event:0101", "0101 私搭乱建"), ("event:0102", "0102 暴露垃圾")]),
    ("11", "eleven"),
]  # fmt: skip


def squeezed(html):
    return re.sub(r">\s+<", "><", str(html)).strip()


@pytest.mark.parametrize("value", ["", None, "a&b", "1", "11", "event:0102", "unknown", "b"])
def test_it_draws_what_the_ordinary_select_draws(value):
    attrs = {"id": "query-x", "aria-label": "“x”", "disabled": False, "required": True}
    plain = PlainSelect(choices=CHOICES, attrs={"class": "wide"})
    ordinary = forms.Select(choices=CHOICES, attrs={"class": "wide"})
    for widget in (plain, ordinary):
        widget.is_required = True
    form = type("F", (forms.Form,), {"x": forms.ChoiceField(choices=CHOICES, widget=plain)})
    assert 'name="x"' in str(form()["x"])
    found, expected = plain.render("x", value, attrs), ordinary.render("x", value, attrs)
    tag = re.compile(r"<select[^>]*>")
    assert squeezed(tag.sub("", found)) == squeezed(tag.sub("", expected))
    assert sorted(tag.search(found)[0][8:-1].split()) == sorted(
        tag.search(expected)[0][8:-1].split()
    )


def test_words_of_another_language_are_drawn_anew():
    widget = PlainSelect(choices=[("a", "甲")])
    assert "甲" in widget.render("x", "a")
    widget.choices = [("a", "first")]
    assert "first" in widget.render("x", "a")
