"""Whether a photo was used before: near equal pictures of earlier cases (domain law §10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cases.models import Case, Photo
from cases.models.evidence import BAND_BITS, HASH_BANDS

# Scaled and re-encoded copies of a picture differ in a few of the 64 bits; other pictures in
# about half of them. Bands found with one bit wrong reach every hash up to 7 bits away.
NEAR_BITS = 6
# A hash of few or nearly all bits is that of an even surface: it says nothing.
FEWEST_BITS = 6
READ, SHOWN = 2000, 3
BITS = 64


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier photo that is nearly the same."""

    photo_id: int
    number: str
    bits_apart: int


def used_before(case: Case, photos: Collection[Photo]) -> dict[int, list[Earlier]]:
    """For photos of a case, the near equal ones that earlier cases had; one query by index.

    Cases that go on from one another share their photos rightly: those of the same root are out.
    """
    telling = [photo for photo in photos if _tells(photo.perceptual_hash)]
    if not telling:
        return {}
    keys = sorted({key for photo in telling for key in band_keys(photo.perceptual_hash)})
    roots = {case.pk, case.root_id or case.pk}
    found = list(
        Photo.objects.filter(hash_bands__overlap=keys, pk__lt=max(p.pk for p in telling))
        .exclude(case=case)
        .exclude(case__in=roots)
        .exclude(case__root__in=roots)
        .order_by("-pk")
        .values_list("pk", "case__number", "perceptual_hash")[:READ]
    )
    near = {photo.pk: _near(photo, found) for photo in telling}
    return {pk: earlier for pk, earlier in near.items() if earlier}


def _near(photo: Photo, found: Iterable[tuple[int, str, int]]) -> list[Earlier]:
    listed: dict[str, Earlier] = {}
    for pk, number, hashed in found:
        apart = bits_apart(photo.perceptual_hash, hashed)
        if pk < photo.pk and apart <= NEAR_BITS:
            listed.setdefault(number, Earlier(pk, number, apart))
    return sorted(listed.values(), key=lambda one: (one.bits_apart, -one.photo_id))[:SHOWN]


def bits_apart(one: int, other: int) -> int:
    """In how many of their 64 bits two signed hashes differ."""
    return ((one ^ other) & ((1 << BITS) - 1)).bit_count()


def _tells(hashed: int) -> bool:
    return FEWEST_BITS <= bits_apart(hashed, 0) <= BITS - FEWEST_BITS


def band_keys(hashed: int) -> list[int]:
    """The bands of a hash as the index holds them, whole and with each one bit turned."""
    keys = []
    for band in range(HASH_BANDS):
        value = hashed >> band * BAND_BITS & (1 << BAND_BITS) - 1
        turned = (value, *(value ^ 1 << bit for bit in range(BAND_BITS)))
        keys += [(band << BAND_BITS) + each for each in turned]
    return keys
