"""The translations of a language in one dictionary, for processes that look up thousands."""

from __future__ import annotations

from types import CodeType
from typing import Any

from django.conf import settings
from django.utils.translation import trans_real


def join_catalogues() -> None:
    """Join the dictionaries of each language whose plurals are formed alike.

    Django means to, but compares a function with its code (`TranslationCatalog.update`), so it
    keeps one for every folder and looks a sentence up in one after the other. Where a sentence
    stands in several the same one wins as before. Called once, before the first request.
    """
    for language, _name in settings.LANGUAGES:
        catalogue: Any = trans_real.translation(language)
        _join(catalogue._catalog)


def _join(catalogue: Any) -> None:
    joined: list[dict[object, str]] = []
    plurals: list[object] = []
    for entries, plural in zip(catalogue._catalogs, catalogue._plurals, strict=True):
        if plurals and _meaning(plurals[-1]) == _meaning(plural):
            joined[-1] = {**entries, **joined[-1]}
        else:
            joined.append(dict(entries))
            plurals.append(plural)
    catalogue._catalogs, catalogue._plurals = joined, plurals


def _meaning(plural: object) -> tuple[bytes, tuple[object, ...]]:
    """What a plural's function does: two made of the same formula are equal in this."""
    code: CodeType = plural.__code__  # type: ignore[attr-defined]
    return code.co_code, code.co_consts
