"""Places from a table: every row judged, told first, then written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pghistory
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.contracts import Actor
from jobs.work import Work
from parts.models import Place
from parts.place_names import normal
from parts.services.catalogues import initials_of, pinyin_of
from parts.services.place_table import Fault, said_rows, write_faults
from parts.services.places import BATCH, CHANGED, LETTERS, PlaceSaid, next_codes, write_names
from parts.services.rights import check_is_administrator

KIND = "parts.places"

_WHERE = """
    select spot.n, c.community_id, m.street_id
    from unnest(%s::int[], %s::float8[], %s::float8[]) spot (n, lon, lat)
    cross join lateral (
        select c.community_id from parts_cell c
        where c.edition_id = (select id from parts_edition where state = 'current')
          and c.end_on is null
          and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(spot.lon, spot.lat), 4490))
        order by c.code limit 1) c
    join parts_community m on m.id = c.community_id"""


@dataclass(slots=True)
class Judged:
    """What a table would do."""

    new: list[Place] = field(default_factory=list)
    changed: list[Place] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        refused = len({fault.line for fault in self.faults})
        return {
            "new": len(self.new), "changed": len(self.changed), "unchanged": self.unchanged,
            "refused": refused,
        }  # fmt: skip


def run_import(work: Work) -> dict[str, Any] | None:
    """The job: judge the table, write the refused rows down, and write the others unless dry."""
    assert work.input is not None
    judged = judge_places(actor=work.actor, at=work.at, path=work.input, work=work)
    if judged.faults:
        with work.output("refused.csv") as path:
            write_faults(path, judged.faults)
    is_dry = bool(work.arguments.get("dry_run", True))
    result: dict[str, Any] = {**judged.counts(), "dry_run": is_dry}
    if is_dry:
        return result
    with transaction.atomic(), pghistory.context(actor=work.actor.username):
        write_places(judged, work)
        work.finish(result)
    return None


def judge_places(*, actor: Actor, at: datetime, path: Path, work: Work | None = None) -> Judged:
    """Read and judge every row; nothing is written.

    Raises Invalid for a file that is no table, or lacks a column.
    """
    check_is_administrator(actor)
    judged = Judged()
    rows = list(said_rows(path, judged.faults))
    known = Known.read()
    for first in range(0, len(rows), BATCH):
        batch = rows[first : first + BATCH]
        if work is not None:
            work.progress(step=_("Judging the rows"), done=first, total=len(rows))
        areas = areas_of(batch)
        for n, (line, said) in enumerate(batch):
            if n not in areas:
                value = f"{said.lon}, {said.lat}"
                judged.faults.append(
                    Fault(line, "经度", value, _("This place lies outside the district."))
                )
                continue
            weigh(judged, known, line, said, areas[n], timezone.localdate(at))
    return judged


def areas_of(batch: list[tuple[int, PlaceSaid]]) -> dict[int, tuple[int, int]]:
    """Number in the batch → community and street; those outside the district are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WHERE,
            [
                list(range(len(batch))),
                [said.lon for _line, said in batch],
                [said.lat for _line, said in batch],
            ],
        )
        return {n: (community, street) for n, community, street in cursor.fetchall()}


@dataclass(slots=True)
class Known:
    """The places there are, by code and by kind, name and rough spot; and what the file has had."""

    by_code: dict[str, Place]
    by_spot: dict[tuple[str, str, int, int], Place]
    seen: set[int] = field(default_factory=set)
    fresh: set[tuple[str, str, int, int]] = field(default_factory=set)

    @classmethod
    def read(cls) -> Known:
        rows = list(Place.objects.order_by("pk"))
        return cls(
            {row.code: row for row in rows},
            {
                spot_of(row.kind, row.standard_name, row.point.x, row.point.y): row
                for row in rows
                if row.valid_to is None
            },
        )

    def find(self, said: PlaceSaid) -> Place | None:
        if said.code:
            return self.by_code.get(said.code)
        return self.by_spot.get(spot_of(said.kind, said.name, said.lon, said.lat))


def spot_of(kind: str, name: str, lon: float, lat: float) -> tuple[str, str, int, int]:
    """A place of the same kind and name within about 100 m is the same."""
    return kind, normal(name), round(lon * 1000), round(lat * 1000)


def weigh(
    judged: Judged, known: Known, line: int, said: PlaceSaid, areas: tuple[int, int], today: date
) -> None:
    """Whether a row is new, changes a place, says what is known, or comes twice."""
    place = known.find(said)
    spot = spot_of(said.kind, said.name, said.lon, said.lat)
    if (place is not None and place.pk in known.seen) or (
        place is None and (spot in known.fresh or (said.code and said.code in known.by_code))
    ):
        twice = _("This place stands in the file twice.")
        judged.faults.append(Fault(line, "标准名称", said.name, twice))
        return
    if place is None:
        known.fresh.add(spot)
        made = Place(code=said.code)
        put(made, said, areas, today)
        if said.code:
            known.by_code[said.code] = made
        judged.new.append(made)
        return
    if place.pk is not None:
        known.seen.add(place.pk)
    before = state_of(place)
    put(place, said, areas, today)
    if state_of(place) == before:
        judged.unchanged += 1
    else:
        judged.changed.append(place)


def state_of(place: Place) -> list[Any]:
    return [
        (place.point.x, place.point.y) if name == "point" else getattr(place, name)
        for name in (*CHANGED, "street_id", "community_id")
        if name not in {"street", "community"}
    ]


def put(place: Place, said: PlaceSaid, areas: tuple[int, int], today: date) -> None:
    """Write what a row says into a place."""
    place.kind, place.standard_name = said.kind, said.name
    place.aliases, place.former_names = said.aliases, said.former_names
    place.point = Point(round(said.lon, 7), round(said.lat, 7), srid=4490)
    place.community_id, place.street_id = areas
    place.pinyin, place.initials = pinyin_of(said.name), initials_of(said.name)
    place.valid_from = said.valid_from or place.valid_from or today
    place.valid_to = said.valid_to


def write_places(judged: Judged, work: Work | None = None) -> None:
    """Write what was judged; in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('parts_place'))")
    for kind in LETTERS:
        nameless = [place for place in judged.new if place.kind == kind and not place.code]
        for place, code in zip(nameless, next_codes(kind, len(nameless)), strict=True):
            place.code = code
    places = [*judged.new, *judged.changed]
    for first in range(0, len(places), BATCH):
        if work is not None:
            work.progress(step=_("Writing the places"), done=first, total=len(places))
        batch = places[first : first + BATCH]
        new, old = [p for p in batch if p.pk is None], [p for p in batch if p.pk is not None]
        Place.objects.bulk_create(new)
        Place.objects.bulk_update(old, CHANGED)
        write_names(batch)
