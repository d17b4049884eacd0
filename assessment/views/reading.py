"""Words of an address as the database can take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse

from assessment.dimensions import DIMENSIONS
from assessment.models import Subject
from assessment.periods import Period
from assessment.selectors.dashboard import READERS
from assessment.selectors.readers import own_keys
from gridcity.contracts import Actor

LONGEST = 64


def word_of(query: Mapping[str, str], key: str) -> str:
    """One value of the address, empty where it has none."""
    return clean_word(query.get(key, ""))


def clean_word(value: str) -> str:
    """Without the character that no text column holds, and no longer than any word of ours."""
    return value.replace("\0", "")[:LONGEST]


def tabs_of(path: str, period: Period, by: str, offered: Iterable[str]) -> dict[str, object]:
    """By what a page is broken down, and the addresses of what else it offers (`_by_tabs.html`)."""

    def label(key: str) -> str:
        return str(DIMENSIONS[key].label) if key else ""

    return {
        "by": by,
        "by_label": label(by),
        "tabs": [(key, label(key), period.address(path, by=key)) for key in offered],
    }


def lists_for(actor: Actor, subject: str, key: str) -> str:
    """Where the lists behind the figures of one object open for this reader; empty where nowhere.

    Who reads figures opens them all, a person those that are charged to him, a department those
    of its own turns.
    """
    if actor.roles & READERS or key == actor.username:
        return reverse("assessment:list")
    if subject == Subject.DEPARTMENT and key == own_keys(actor).get(subject):
        return reverse("assessment:own-department-rows")
    return ""
