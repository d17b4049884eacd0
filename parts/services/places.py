"""Places of the geocoder: added, changed and ended; the names they are found by follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pghistory
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotVisible, StaleVersion
from parts.models import Place, PlaceName
from parts.place_names import names_of
from parts.selectors.locating import locate
from parts.services.catalogues import initials_of, pinyin_of
from parts.services.rights import check_is_administrator

LETTERS = {
    Place.Kind.REGION: "Q", Place.Kind.PLOT: "D", Place.Kind.AREA: "A", Place.Kind.LANE: "J",
    Place.Kind.DOOR: "M", Place.Kind.POINT: "P",
}  # fmt: skip
CHANGED = (
    "kind", "standard_name", "aliases", "former_names", "street", "community", "point", "pinyin",
    "initials", "valid_from", "valid_to",
)  # fmt: skip
BATCH = 2000
# About 50 m.
SAME_SPOT_DEGREES = 0.0005


@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """What somebody says of a place; position in degrees (EPSG:4490)."""

    kind: str
    name: str
    lon: float
    lat: float
    aliases: list[str] = field(default_factory=list)
    former_names: list[str] = field(default_factory=list)
    code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def add_place(*, actor: Actor, at: datetime, said: PlaceSaid) -> Place:
    """A new place, in the cell, community and street it lies in.

    Its code is given where none is said. Raises Invalid for an unknown kind, a code that is taken
    or a place of this kind and name that is there already, and OutsideDistrict.
    """
    check_is_administrator(actor)
    _check(said)
    with transaction.atomic():
        # Two who add at once: the second waits for the code that the first takes.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('parts_place'))")
        if said.code and Place.objects.filter(code=said.code).exists():
            refusal = Invalid(_("This code is taken."))
            refusal.fields["code"] = [_("This code is taken.")]
            raise refusal
        _check_not_there(said)
        place = Place(code=said.code or next_codes(said.kind, 1)[0])
        _put(place, said, at)
        place.save(force_insert=True)
        write_names([place])
    return place


def change_place(
    *, actor: Actor, at: datetime, place_id: int, said: PlaceSaid, seen: str = ""
) -> Place:
    """Change what is said of a place; its code stays, the old values stay in its history.

    `seen` is `fingerprint` of what the actor looked at. Raises StaleVersion when another has
    changed it since, Invalid as `add_place` does.
    """
    check_is_administrator(actor)
    _check(said)
    with transaction.atomic(), pghistory.context(actor=actor.username):
        place = _locked(place_id)
        if seen and seen != fingerprint(place):
            raise StaleVersion(_("Somebody else has changed this place since you opened it."))
        _check_not_there(said, but=place.pk)
        _put(place, said, at)
        place.save(update_fields=CHANGED)
        write_names([place])
    return place


def end_place(*, actor: Actor, at: datetime, place_id: int, on: date | None = None) -> Place:
    """Let a name be in force for the last time on a day; by default that was yesterday.

    Raises Invalid for a day before its first.
    """
    check_is_administrator(actor)
    with transaction.atomic(), pghistory.context(actor=actor.username):
        place = _locked(place_id)
        last = on or max(place.valid_from, timezone.localdate(at) - timedelta(days=1))
        if last < place.valid_from:
            sentence = _("The end of validity lies before its begin.")
            raise Invalid(sentence, valid_to=sentence)
        place.valid_to = last
        place.save(update_fields=["valid_to"])
    return place


def fingerprint(place: Place) -> str:
    """What a place says, in short: two people who change it at once are told by it."""
    said = [getattr(place, name) for name in CHANGED if name not in {"street", "community"}]
    return hashlib.sha256(repr([str(value) for value in said]).encode()).hexdigest()[:16]


def _locked(place_id: int) -> Place:
    place = Place.objects.select_for_update(of=("self",), no_key=True).filter(pk=place_id).first()
    if place is None:
        raise NotVisible
    return place


def _check(said: PlaceSaid) -> None:
    """Raises Invalid naming each field at fault."""
    faults: dict[str, Any] = {}
    if said.kind not in Place.Kind.values:
        faults["kind"] = _("Unknown kind.")
    if not said.name.strip():
        faults["name"] = _("A name is required.")
    if said.valid_from and said.valid_to and said.valid_to < said.valid_from:
        faults["valid_to"] = _("The end of validity lies before its begin.")
    if faults:
        raise Invalid(_("Please check the place."), **faults)


def _check_not_there(said: PlaceSaid, but: int | None = None) -> None:
    """The same kind and name at the same spot is the same place."""
    near = Place.objects.filter(
        kind=said.kind, standard_name=said.name.strip(), valid_to=None,
        point__dwithin=(Point(said.lon, said.lat, srid=4490), SAME_SPOT_DEGREES),
    )  # fmt: skip
    if but is not None:
        near = near.exclude(pk=but)
    if near.exists():
        sentence = _("A place of this kind and name is here already.")
        raise Invalid(sentence, name=sentence)


def _put(place: Place, said: PlaceSaid, at: datetime) -> None:
    """Write what is said into the row, with what follows from it."""
    place.kind = said.kind
    place.standard_name = said.name.strip()
    place.aliases = cleaned(said.aliases)
    place.former_names = cleaned(said.former_names)
    point = Point(round(said.lon, 7), round(said.lat, 7), srid=4490)
    if place.pk is None or not point.equals_exact(place.point):
        found = locate(lon=said.lon, lat=said.lat)
        place.point = point
        place.street_id, place.community_id = found.street_id, found.community_id
    place.pinyin = pinyin_of(place.standard_name)
    place.initials = initials_of(place.standard_name)
    place.valid_from = said.valid_from or place.valid_from or timezone.localdate(at)
    place.valid_to = said.valid_to


def cleaned(names: Iterable[str]) -> list[str]:
    """Names without blanks and repetitions, in their order."""
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def next_codes(kind: str, count: int) -> list[str]:
    """The next free codes of a kind: its letter and five digits; the caller holds the lock."""
    letter = LETTERS[Place.Kind(kind)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(substr(code, 2)::int), 0) from parts_place where code ~ %s",
            [f"^{letter}[0-9]{{5,8}}$"],
        )
        (last,) = cursor.fetchone()
    return [f"{letter}{last + n:05d}" for n in range(1, count + 1)]


def write_names(places: Iterable[Place]) -> int:
    """Write anew the names by which these places are found; in the caller's transaction."""
    listed = list(places)
    PlaceName.objects.filter(place__in=listed).delete()
    rows = [
        PlaceName(
            place=place, sort=sort, text=text, pinyin=pinyin_of(text), initials=initials_of(text)
        )
        for place in listed
        for text, sort in names_of(place.standard_name, place.aliases, place.former_names).items()
    ]
    PlaceName.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
