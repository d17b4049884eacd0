"""What became of a part: who changed what, when and why, from the old values that are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Max
from django.utils.translation import gettext as _

from parts.models import CatalogueClass, Cell, Part
from parts.selectors.keys import class_by_id, communities, kept_row, streets

ADDED = "added"
# Attributes in the order of the page; the rest of a row is of no interest to a reader.
SHOWN = (
    "state", "catalogue_class", "name", "geom", "cell", "street", "community", "location_text",
    "competent_name", "competent_uscc", "owner_name", "owner_uscc", "maintainer_name",
    "maintainer_uscc", "initial_on", "change_on", "source", "accuracy_class", "note",
    "source_key", "source_id", "predecessor",
)  # fmt: skip
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Change:
    """One change of a part. `register` names the import, `by` the person; none: by SQL."""

    at: datetime
    by: str = ""
    reason: str = ""
    register: str = ""
    case_number: str = ""
    is_added: bool = False
    differences: list[Difference] = field(default_factory=list)


def history_model() -> Any:
    """The model that the triggers write old values to."""
    return apps.get_model("parts", "PartHistory")


def version_of(part_id: int) -> int:
    """A number that grows with every change of a part; what somebody saw is named by it."""
    rows = history_model().objects.filter(pgh_obj_id=part_id)
    return int(rows.aggregate(last=Max("pgh_id"))["last"] or 0)


def part_history(part: Part) -> list[Change]:
    """The changes of a part, newest first, at most a hundred; four queries at most."""
    rows = list(
        history_model()
        .objects.filter(pgh_obj_id=part.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:MOST_SHOWN]
    )
    cells = cell_codes({row.cell_id for row in rows} | {part.cell_id})
    changes, after = [], part
    for row in rows:
        change = change_of(row)
        if not change.is_added:
            change.differences = list(differences(row, after, cells))
            after = row
        changes.append(change)
    name_people(changes)
    return changes


def change_of(row: Any) -> Change:
    said = metadata_of(row.pgh_context)
    return Change(
        at=row.pgh_created_at,
        by=str(said.get("actor", "")),
        reason=str(said.get("reason", "")),
        register=str(said.get("register", "")),
        case_number=str(said.get("case", "")),
        is_added=row.pgh_label == ADDED,
    )


def metadata_of(context: Any) -> dict[str, Any]:
    """What a service said of its change; a driver may give JSON as text."""
    said = context.metadata if context is not None else {}
    return json.loads(said) if isinstance(said, str) else said


def cell_codes(ids: Iterable[int]) -> dict[int, str]:
    return dict(Cell.objects.filter(pk__in=set(ids)).values_list("pk", "code"))


def differences(before: Any, after: Any, cells: dict[int, str]) -> Iterable[Difference]:
    """What differs between a part as it was and as it was next."""
    for name in SHOWN:
        attribute: Any = Part._meta.get_field(name)
        old, new = getattr(before, attribute.attname), getattr(after, attribute.attname)
        if old != new:
            words = (words_of(name, value, cells) for value in (old, new))
            yield Difference(str(attribute.verbose_name), *words)


def words_of(name: str, value: Any, cells: dict[int, str]) -> str:
    """A value as a reader knows it."""
    if value is None or value == "":
        return "—"
    if name == "cell":
        return cells.get(value, str(value))
    return WORDS[name](value) if name in WORDS else str(value)


def code_of(part_id: int) -> str:
    return str(Part.objects.filter(pk=part_id).values_list("code", flat=True).first())


def place_words(geom: Any) -> str:
    """A position in degrees; of a line or an area how many corners it has and where it lies."""
    spot = geom if geom.geom_type == "Point" else geom.point_on_surface
    words = f"{spot.x:.7f}, {spot.y:.7f}"
    if geom.geom_type == "Point":
        return words
    return _("%(corners)d corners around %(place)s") % {
        "corners": geom.num_points,
        "place": words,
    }


# How the values of some attributes are told; all others are told as they are.
WORDS: dict[str, Callable[[Any], str]] = {
    "geom": place_words,
    "catalogue_class": lambda value: str(class_by_id(value)),
    "street": lambda value: kept_row(streets, value).name,
    "community": lambda value: kept_row(communities, value).name,
    "predecessor": code_of,
    "state": lambda value: str(Part.State(value).label),
    "source": lambda value: str(Part.Source(value).label),
    "accuracy_class": lambda value: str(CatalogueClass.Accuracy(value).label),
}


def name_people(changes: list[Change]) -> None:
    """Full names in place of user names; one query."""
    users = get_user_model().objects.filter(username__in={change.by for change in changes})
    names = dict(users.values_list("username", "full_name"))
    for change in changes:
        change.by = names.get(change.by) or change.by
