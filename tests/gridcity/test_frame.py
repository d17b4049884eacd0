"""What of a page's frame is drawn once: one for each language and role, never another's."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import engines
from django.utils.translation import override

pytestmark = pytest.mark.django_db


def menu_of(page: str) -> str:
    found = re.search(r'<nav class="gc-side".*?</nav>', page, re.DOTALL)
    assert found
    return found[0]


@pytest.fixture
def reading(browser_client, district):
    """The pages that a user reads, in a language."""

    def read(name: str, path: str, language: str = "en") -> str:
        browser_client.enter(district.user(name))
        return str(browser_client.get(path, headers={"Accept-Language": language}).content, "utf-8")

    return read


def test_each_role_and_each_language_has_its_own_menu(reading):
    acceptor = menu_of(reading("acceptor-1", "/cases/"))
    assert "Register a call" in acceptor
    assert "Register a call" not in menu_of(reading("dispatcher-1", "/cases/"))
    in_chinese = menu_of(reading("acceptor-1", "/cases/", "zh-hans"))
    assert in_chinese != acceptor
    assert "Register a call" not in in_chinese
    assert menu_of(reading("acceptor-1", "/cases/")) == acceptor


def test_the_menu_marks_the_page_that_is_open_and_no_other(reading):
    here = 'aria-current="page"'
    for path in ("/cases/", "/cases/?box=done", "/cases/all/", "/cases/"):
        menu = menu_of(reading("acceptor-1", path))
        shown = path if "box" in path or "all" in path else "/cases/?box=todo"
        assert menu.count(here) == 1
        assert f'href="{shown}" {here}' in menu


def test_the_words_for_scripts_are_those_of_the_language(reading):
    assert "Try again" in reading("acceptor-1", "/cases/")
    assert "Try again" not in reading("acceptor-1", "/cases/", "zh-hans")


class Sample(forms.Form):
    """One control of each sort."""

    name = forms.CharField(label="<Name>", help_text="Write <b>all</b>.", max_length=3)
    tick = forms.BooleanField(label="Agreed", required=False)
    one = forms.ChoiceField(label="One", choices=[("a", "A")], widget=forms.RadioSelect)
    bare = forms.CharField(label="", required=False)


def drawn(field: str, data: dict[str, str] | None = None) -> str:
    form = Sample(data)
    with override("en"):
        return str(engines["django"].from_string(
            '{% include "includes/_field.html" with field=field %}'
        ).render({"field": form[field]}))  # fmt: skip


def test_a_field_has_its_label_help_and_faults():
    html = drawn("name", {"name": "a<b>c"})
    assert '<label for="id_name">&lt;Name&gt;<span class="gc-must" aria-hidden="true">*' in html
    assert '<div class="gc-help" id="id_name_helptext">Write <b>all</b>.</div>' in html
    assert 'aria-describedby="id_name_helptext' in html
    assert "at most 3 characters" in html
    assert "a<b>c" not in html


def test_a_tick_stands_before_its_words_and_a_choice_has_a_legend():
    assert "<span>Agreed</span></label>" in drawn("tick")
    choice = drawn("one")
    assert choice.strip().startswith("<fieldset")
    assert "<legend>One" in choice
    assert "<label" not in drawn("bare")
