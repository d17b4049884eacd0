"""Coding schemes and classes as shipped: loaded once, never overwritten."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from gridcity.contracts import Actor
from parts.models import CatalogueClass, CodingScheme
from parts.services.rights import check_is_administrator
from parts.services.tables import read_table


def pinyin_of(name: str) -> str:
    """Syllables without tones, joined: what a person types who has no Chinese keyboard."""
    return "".join(syllable.lower() for syllable in lazy_pinyin(name) if syllable.isalnum())[:200]


def initials_of(name: str) -> str:
    """First letters of the syllables: 上水井盖 → ssjg."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
    return "".join(letter.lower() for letter in letters if letter.isalnum())[:64]


def load_catalogues(*, actor: Actor, at: datetime, fixtures: Path) -> int:
    """Both shipped schemes with their classes; returns how many classes were new."""
    check_is_administrator(actor)
    families = {
        (row["scheme"], row["kind"], row["code"]): row["family"]
        for row in read_table(fixtures / "class_families.csv")
    }
    with transaction.atomic():
        for entry in json.loads((fixtures / "schemes.json").read_text(encoding="utf-8")):
            add_scheme(entry)
        known = set(CatalogueClass.objects.values_list("scheme_id", "kind", "code"))
        new = [
            shipped_class(row, families[key])
            for row in read_table(fixtures / "catalogue.csv")
            if (key := (row["scheme"], row["kind"], row["class_code"])) not in known
        ]
        CatalogueClass.objects.bulk_create(new)
    return len(new)


def add_scheme(entry: dict[str, Any]) -> None:
    """A scheme by its key; one that is there keeps what administrators made of it."""
    others = CodingScheme.objects.filter(is_current=True).exclude(key=entry["key"])
    CodingScheme.objects.get_or_create(
        key=entry["key"],
        defaults={
            "name": entry["name"],
            "is_current": entry["is_current"] and not others.exists(),
            "class_minor_length": entry["class_minor_length"],
            "class_code_length": 2 + entry["class_minor_length"],
            "matters_have_codes": entry["matters_have_codes"],
            "extension_rules": entry["extension_rules"],
            "note": entry["note"],
        },
    )


def shipped_class(row: dict[str, str], family: str) -> CatalogueClass:
    """A class from a row of `fixtures/catalogue.csv`."""
    return CatalogueClass(
        scheme_id=row["scheme"],
        kind=row["kind"],
        code=row["class_code"],
        name=row["minor_name"],
        major_code=row["major_code"],
        major_name=row["major_name"],
        geometry=row["geometry"],
        accuracy_class=row["accuracy"],
        pinyin=pinyin_of(row["minor_name"]),
        initials=initials_of(row["minor_name"]),
        family=family,
        self_handled_allowed=row["self_handled"] == "1",
        deferral_allowed=row["deferral"] == "1",
        seen_on_patrol=row["seen_on_patrol"] == "1",
        certainty=row["certainty"],
    )
