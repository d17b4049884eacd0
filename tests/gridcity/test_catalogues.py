"""Joined catalogues say what they said before."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import trans_real

from gridcity.catalogues import join_catalogues


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_sentence_stays_as_it_was(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trans_real, "_translations", {})
    found: Any = trans_real.translation(language)
    before = {key: found._catalog.get(key) for key in set(found._catalog.keys())}
    join_catalogues()
    assert len(found._catalog._catalogs) == 1
    assert {key: found._catalog.get(key) for key in before} == before
    assert set(found._catalog.keys()) == set(before)


def test_plurals_that_are_formed_otherwise_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_form(_n: int) -> int:
        return 0

    def two_forms(n: int) -> int:
        return int(n != 1)

    from gridcity.catalogues import _join

    class Catalogue:
        _catalogs = [{"a": "1"}, {"a": "2", "b": "2"}, {"c": "3"}, {"a": "4", "d": "4"}]
        _plurals = [one_form, one_form, two_forms, one_form]

    catalogue = Catalogue()
    _join(catalogue)
    assert catalogue._catalogs == [{"a": "1", "b": "2"}, {"c": "3"}, {"a": "4", "d": "4"}]
    assert catalogue._plurals == [one_form, two_forms, one_form]
