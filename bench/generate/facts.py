"""What the generator must know of the district: cells, classes, departments and people."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from django.contrib.auth import get_user_model
from django.db import connection

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Limit, Unit, allowed
from cases.selectors.settings import default_calendar
from dispatch.models import Membership
from dispatch.routing import Question, propose
from dispatch.selectors.routing import index_of
from gridcity.contracts import Role
from parts.models import CatalogueClass, FilingStandard, PatrolCell
from parts.selectors import current_scheme, district_code

POINTS_A_CELL = 4
SEED = 20261122

# Words of reports; none holds a character that COPY or JSON would escape.
DESCRIPTIONS = (
    "巡查发现该处问题，影响通行，请尽快处理",
    "居民反映此处情况已持续数日，周边环境受影响",
    "路口东南角人行道旁，面积约两平方米",
    "胡同口靠近公共厕所一侧，存在安全隐患",
    "主干路辅路机动车道边，早晚高峰影响较大",
    "小区门口，已拍照，现场无人处理",
)
PLACES = ("路口西北角", "胡同东口", "公交站旁", "学校门前", "小区南门", "桥下辅路")
RESULTS = ("已清理完毕，现场恢复整洁", "已修复，经检查可正常使用", "已劝离并告知相关规定")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in a cell, ready to be written: as EWKB and as it stands in an event."""

    wkb: str
    json: str


@dataclass(frozen=True, slots=True)
class CellFacts:
    """A cell with its areas, some points inside it and who patrols it."""

    id: int
    community_id: int
    street_id: int
    limit_area: str
    spots: tuple[Spot, ...]
    supervisors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class with the standard it is filed under, whose limit is by limit area."""

    id: int
    kind: str
    code: str
    standard_id: int
    condition: str
    closing: str
    unit: Unit
    limits: dict[str, tuple[str, timedelta]]


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    """A department with its people."""

    id: int
    code: str
    members: tuple[int, ...]


@dataclass(slots=True)
class Facts:
    """The whole district; picklable, so that each generating process gets it once."""

    scheme: str
    district: str
    calendar: WorkingCalendar
    cells: list[CellFacts]
    classes: list[ClassFacts]
    class_weights: list[float]
    desks: dict[str, list[int]]
    departments: dict[tuple[int, int], DepartmentFacts] = field(default_factory=dict)


def read_facts() -> Facts:
    """Read the district from the database; about ten queries."""
    calendar = default_calendar()
    classes = read_classes(calendar)
    weights = class_weights(classes)
    facts = Facts(
        scheme=current_scheme(),
        district=district_code(),
        calendar=calendar,
        cells=read_cells(),
        classes=classes,
        class_weights=weights,
        desks=read_desks(),
    )
    facts.departments = read_departments(facts)
    return facts


def read_cells() -> list[CellFacts]:
    patrols: dict[int, list[int]] = {}
    for cell, supervisor in PatrolCell.objects.order_by("id").values_list(
        "cell_id", "patrol__supervisor_id"
    ):
        patrols.setdefault(cell, []).append(supervisor)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.id, c.community_id, m.street_id, c.limit_area,
                   array_agg(ST_X(p.geom) order by p.path), array_agg(ST_Y(p.geom) order by p.path)
            from parts_cell c
            join parts_edition e on e.id = c.edition_id and e.state = 'current'
            join parts_community m on m.id = c.community_id,
            ST_DumpPoints(ST_GeneratePoints(c.geom, %s, %s)) p
            where c.end_on is null
            group by c.id, m.street_id order by c.id""",
            [POINTS_A_CELL, SEED % 10_000],
        )
        rows = cursor.fetchall()
    return [
        CellFacts(
            cell, community, street, area, tuple(map(spot, east, north)),
            tuple(patrols.get(cell, ())),
        )
        for cell, community, street, area, east, north in rows
    ]  # fmt: skip


def spot(lon: float, lat: float) -> Spot:
    lon, lat = round(lon, 7), round(lat, 7)
    wkb = struct.pack("<BIIdd", 1, 0x20000001, 4490, lon, lat).hex().upper()
    return Spot(wkb, json.dumps([lon, lat], separators=(",", ":")))


def read_classes(calendar: WorkingCalendar) -> list[ClassFacts]:
    """Classes of the current scheme that have a standard; the first standard of each is taken."""
    found: dict[int, FilingStandard] = {}
    for standard in FilingStandard.objects.order_by("position", "id"):
        found.setdefault(standard.catalogue_class_id, standard)
    rows = CatalogueClass.objects.filter(scheme=current_scheme(), is_active=True, pk__in=found)
    return [class_facts(row, found[row.pk], calendar) for row in rows.order_by("kind", "code")]


def class_facts(
    row: CatalogueClass, standard: FilingStandard, calendar: WorkingCalendar
) -> ClassFacts:
    unit = Unit(standard.limit_unit)
    by_area = {"A": standard.limit_value_a, "B": None, "C": standard.limit_value_c}
    values = {area: value or standard.limit_value for area, value in by_area.items()}
    return ClassFacts(
        id=row.pk,
        kind=row.kind,
        code=row.code,
        standard_id=standard.pk,
        condition=plain(standard.condition),
        closing=plain(standard.closing_condition),
        unit=unit,
        limits={
            area: (f"{value:.2f}", allowed(Limit(value, unit), calendar))
            for area, value in values.items()
        },
    )


def plain(words: str) -> str:
    """Words without what COPY would read as its own marks."""
    return words.replace("\\", "").replace("\t", " ").replace("\n", " ")


def class_weights(classes: Iterable[ClassFacts]) -> list[float]:
    """Cumulated weights: about 97 % events, a few classes of each kind much more than others."""
    listed = list(classes)
    share = {"event": 0.97, "part": 0.03}
    rank = {"event": 0, "part": 0}
    weights = []
    for entry in listed:
        rank[entry.kind] += 1
        weights.append(1 / rank[entry.kind])
    total = {
        kind: sum(w for w, entry in zip(weights, listed, strict=True) if entry.kind == kind) or 1
        for kind in share
    }
    return list(
        accumulate(
            w * share[entry.kind] / total[entry.kind]
            for w, entry in zip(weights, listed, strict=True)
        )
    )


def read_desks() -> dict[str, list[int]]:
    """The people at the desks, by role."""
    users = get_user_model().objects.filter(is_active=True).order_by("pk")
    return {
        role: list(users.filter(roles__contains=[role]).values_list("pk", flat=True))
        for role in (Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER)
    }


def read_departments(facts: Facts) -> dict[tuple[int, int], DepartmentFacts]:
    """Who handles each class in each street, as the routing rules say."""
    members: dict[int, list[int]] = {}
    for department, user in Membership.objects.order_by("user_id").values_list(
        "department_id", "user_id"
    ):
        members.setdefault(department, []).append(user)
    index = index_of(None)
    streets = {cell.street_id: code for cell, code in zip(facts.cells, codes(facts), strict=True)}
    routed = {}
    for entry in facts.classes:
        for street, code in streets.items():
            question = Question(
                kind=entry.kind, scheme=facts.scheme, class_code=entry.code,
                areas=("", "", code, facts.district), on=date(2026, 1, 5),
            )  # fmt: skip
            found = propose(index, question, members).department
            if found is not None:
                routed[entry.id, street] = DepartmentFacts(
                    found.id, found.code, tuple(members[found.id])
                )
    return routed


def codes(facts: Facts) -> list[str]:
    """The street code of each cell, in the order of the cells."""
    with connection.cursor() as cursor:
        cursor.execute("select id, code from parts_street")
        by_id = dict(cursor.fetchall())
    return [by_id[cell.street_id] for cell in facts.cells]


def fresh_random(share: int) -> Random:
    """The same numbers in every run, others in every share."""
    return Random(f"{SEED}/{share}")
