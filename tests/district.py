"""A small real district for tests: twelve square cells, two streets, three communities.

Cell (row, column) counts rows from the north and columns from the west:

        column   0      1      2      3
        row 0    A1     B1     C1     C2        street one  = communities A and B
        row 1    A2     B2     C3     C4        street two  = community  C
        row 2    A3     B3     C5     C6

By day `supervisor-1` walks street one and `supervisor-2` street two; by night `supervisor-3`
and `supervisor-4`. Cell (0, 0) is of limit area A, cell (0, 3) of C, the others of B.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from cases.clocks.published import published_year
from cases.models import CalendarDay, CalendarYear
from cases.sources import Source
from dispatch.models import Department, Membership, RoutingRule, RoutingVersion
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Role
from gridcity.models import User
from parts.codes import build_uscc
from parts.models import (
    CatalogueClass,
    Cell,
    CodingScheme,
    Community,
    District,
    Edition,
    FilingStandard,
    Part,
    Patrol,
    PatrolCell,
    Place,
    PlaceName,
    Shift,
    Street,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "gridcity-test"  # of every user of the test district
WEST, NORTH = 116.400, 39.930
EAST_STEP, SOUTH_STEP = 0.0012, 0.0009  # about 102 m × 100 m
ROWS, COLUMNS = 3, 4
SINCE = date(2020, 1, 1)
CURRENT, LATER = "CJT214-2007", "GBT47678.5-2026"

# Communities by column; serials of cells run from north to south, then from west to east.
COLUMNS_OF = {"110101001001": (0,), "110101001002": (1,), "110101002001": (2, 3)}
NAMES = {
    "110101001": "东华门街道", "110101002": "景山街道",
    "110101001001": "多福巷社区", "110101001002": "台基厂社区", "110101002001": "隆福寺社区",
}  # fmt: skip

# name → (kind, code, words, family, flags)
CLASSES: dict[str, tuple[str, str, str, str, dict[str, bool]]] = {
    "cover": ("part", "0101", "上水井盖", "manhole", {}),
    "toilet": ("part", "0301", "公共厕所", "toilet_waste", {"deferral_allowed": True}),
    "illegal_building": ("event", "0101", "私搭乱建", "illegal_building", {}),
    "rubbish": ("event", "0102", "暴露垃圾", "rubbish", {}),
    "small_advert": ("event", "0201", "非法小广告", "adverts", {"self_handled_allowed": True}),
    "handbills": ("event", "0204", "街头散发广告", "adverts", {"self_handled_allowed": True}),
    "stall": ("event", "0501", "无照经营游商", "trade", {}),
    "retired": ("event", "0599", "其他街面秩序问题", "street_order", {"is_active": False}),
}

# name → (condition, limit, unit, limit in A, limit in C, forced close)
STANDARDS: dict[str, list[tuple[str, str, str, str | None, str | None, str]]] = {
    "cover": [
        ("井盖缺失", "2", "urgent_hour", None, None, "NEVER"),
        ("井盖破损", "4", "working_hour", "2", "6", "NEVER"),
    ],
    "toilet": [("设施损坏", "3", "working_day", None, None, "NEVER")],
    "illegal_building": [
        ("正在搭建", "2", "calendar_day", None, None, "NEVER"),
        ("已建成", "15", "working_day", None, None, "NEVER"),
    ],
    "rubbish": [("有暴露垃圾未清除", "4", "working_hour", "2", "6", "NEVER")],
    "small_advert": [("张贴小广告", "1", "working_day", None, None, "NEVER")],
    "handbills": [("散发广告", "30", "minute", None, None, "NEVER")],
    "stall": [("占道经营", "2", "urgent_hour", None, None, "SAME_DAY")],
}

USERS: dict[str, tuple[str, ...]] = {
    **{f"supervisor-{n}": (Role.SUPERVISOR,) for n in (1, 2, 3, 4)},
    **{f"acceptor-{n}": (Role.ACCEPTOR,) for n in (1, 2)},
    **{f"duty-chief-{n}": (Role.DUTY_CHIEF,) for n in (1, 2)},
    **{f"dispatcher-{n}": (Role.DISPATCHER,) for n in (1, 2)},
    **{
        f"department-{code}{suffix}": (Role.DEPARTMENT,)
        for code in ("d101", "d102", "s201", "w301")
        for suffix in ("", "-lead")
    },
    "official-1": (Role.OFFICIAL,),
    "administrator": (Role.ADMINISTRATOR,),
    "administrator-2": (Role.ADMINISTRATOR,),
    "client-1": (Role.CLIENT,),
    "client-2": (Role.CLIENT,),
}
DEPARTMENTS = {
    "d101": ("东华门街道办事处", "street_office", "110101001"),
    "d102": ("景山街道办事处", "street_office", "110101002"),
    "s201": ("环卫中心", "sanitation", ""),
    "w301": ("自来水公司", "water", ""),
}
# One user of each role, for tests that walk through all of them.
USER_OF_ROLE = {
    Role.SUPERVISOR: "supervisor-1",
    Role.ACCEPTOR: "acceptor-1",
    Role.DUTY_CHIEF: "duty-chief-1",
    Role.DISPATCHER: "dispatcher-1",
    Role.DEPARTMENT: "department-s201",
    Role.OFFICIAL: "official-1",
    Role.ADMINISTRATOR: "administrator",
    Role.CLIENT: "client-1",
}


def at(clock: str = "10:00", *, on: str = "2026-06-10") -> datetime:
    """An instant in Asia/Shanghai; by default on a Wednesday that is worked."""
    return datetime.combine(date.fromisoformat(on), time.fromisoformat(clock), SHANGHAI)


def point(row: int = 0, column: int = 0, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    """Longitude and latitude inside a cell; x to the east and y to the south, as shares of it.

    x = 1 lies on the edge that the cell shares with its eastern neighbour.
    """
    lon = round(WEST + (column + x) * EAST_STEP, 9)
    return lon, round(NORTH - (row + y) * SOUTH_STEP, 9)


@dataclass
class TestDistrict:
    """What was laid out, by the names that this module gives."""

    __test__ = False

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    streets: dict[str, Street] = field(default_factory=dict)
    communities: dict[str, Community] = field(default_factory=dict)
    classes: dict[str, CatalogueClass] = field(default_factory=dict)
    standards: dict[str, list[FilingStandard]] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def user(self, name: str) -> User:
        return self.users[name]

    def actor(self, name: str) -> Actor:
        """The actor of a user, with his department."""
        return actor_of(self.users[name])

    def standard(self, name: str, position: int = 1) -> FilingStandard:
        return self.standards[name][position - 1]


def lay_out() -> TestDistrict:
    """Write the whole district; about twenty statements, so that every test may have its own."""
    district = TestDistrict()
    areas(district)
    catalogue(district)
    people(district)
    departments(district)
    parts(district)
    calendar((2025, 2026))
    return district


def square(row: int, first: int, last: int, rows: int = 1) -> Polygon:
    """The rectangle over whole cells, from column `first` to `last`."""
    west, north = point(row, first, 0, 0)
    east, south = point(row + rows - 1, last, 1, 1)
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4490
    return box


def multi(polygon: Polygon) -> MultiPolygon:
    return MultiPolygon(polygon, srid=4490)


def areas(district: TestDistrict) -> None:
    """District, streets, communities and the current edition of the grid."""
    District.objects.create(
        code="110101", name="东城区", geom=multi(square(0, 0, COLUMNS - 1, ROWS))
    )
    for code, (first, last) in {"110101001": (0, 1), "110101002": (2, 3)}.items():
        district.streets[code] = Street(
            code=code, name=NAMES[code], geom=multi(square(0, first, last, ROWS)), valid_from=SINCE
        )
    Street.objects.bulk_create(district.streets.values())
    for code, columns in COLUMNS_OF.items():
        district.communities[code] = Community(
            code=code,
            name=NAMES[code],
            street=district.streets[code[:9]],
            geom=multi(square(0, columns[0], columns[-1], ROWS)),
            valid_from=SINCE,
        )
    Community.objects.bulk_create(district.communities.values())
    cells(district)


def cells(district: TestDistrict) -> None:
    edition = Edition.objects.create(
        name="测试网格", state="current", published_at=at(on="2020-01-01")
    )
    for code, columns in COLUMNS_OF.items():
        places = [(row, column) for row in range(ROWS) for column in columns]
        for serial, (row, column) in enumerate(places, 1):
            district.cells[row, column] = Cell(
                edition=edition,
                code=f"{code}{serial:03d}",
                community=district.communities[code],
                geom=square(row, column, column),
                area_m2=Decimal("10251.0"),
                limit_area={(0, 0): "A", (0, 3): "C"}.get((row, column), "B"),
                initial_on=SINCE,
            )
    Cell.objects.bulk_create(district.cells.values())
    for (row, column), cell in district.cells.items():
        cell.neighbours = [
            other.pk
            for (r, c), other in district.cells.items()
            if other is not cell and abs(r - row) <= 1 and abs(c - column) <= 1
        ]
    Cell.objects.bulk_update(district.cells.values(), ["neighbours"])


def catalogue(district: TestDistrict) -> None:
    """Both schemes, eight classes of the current one, and their standards."""
    CodingScheme.objects.bulk_create(
        CodingScheme(
            key=key,
            name=key,
            is_current=key == CURRENT,
            class_minor_length=minor,
            class_code_length=2 + minor,
        )
        for key, minor in ((CURRENT, 2), (LATER, 3))
    )
    for name, (kind, code, words, family, flags) in CLASSES.items():
        district.classes[name] = catalogue_class(CURRENT, kind, code, words, family, flags)
    district.classes["later"] = catalogue_class(LATER, "event", "01001", "暴露垃圾", "rubbish", {})
    CatalogueClass.objects.bulk_create(district.classes.values())
    for name, rows in STANDARDS.items():
        district.standards[name] = [
            standard(district.classes[name], position, *row) for position, row in enumerate(rows, 1)
        ]
    FilingStandard.objects.bulk_create(row for rows in district.standards.values() for row in rows)


def catalogue_class(
    scheme: str, kind: str, code: str, words: str, family: str, flags: dict[str, bool]
) -> CatalogueClass:
    is_part = kind == "part"
    return CatalogueClass(
        scheme_id=scheme,
        kind=kind,
        code=code,
        name=words,
        major_code=code[:2],
        major_name="公用设施" if is_part else "市容环境",
        geometry="point" if is_part else "",
        accuracy_class="A" if is_part else "",
        pinyin="",
        initials="",
        family=family,
        **flags,
    )


def standard(
    entry: CatalogueClass,
    position: int,
    condition: str,
    limit: str,
    unit: str,
    in_a: str | None,
    in_c: str | None,
    forced: str,
) -> FilingStandard:
    return FilingStandard(
        catalogue_class=entry,
        position=position,
        condition=condition,
        limit_value=Decimal(limit),
        limit_unit=unit,
        limit_value_a=Decimal(in_a) if in_a else None,
        limit_value_c=Decimal(in_c) if in_c else None,
        closing_condition=f"{condition}：已处置完毕",
        forced_close=forced,
        is_default=True,
        valid_from=SINCE,
    )


@cache
def one_hash() -> str:
    """All users share one password and its hash: making one takes longer than a test."""
    return make_password(PASSWORD)


def people(district: TestDistrict) -> None:
    """Users of every role; supervisors with shifts and patrols."""
    district.users = {
        name: User(
            username=name, full_name=name.replace("-", " ").title(), roles=list(roles),
            password=one_hash(), source=Source.PUBLIC if Role.CLIENT in roles else "",
        )
        for name, roles in USERS.items()
    }  # fmt: skip
    User.objects.bulk_create(district.users.values())
    day = Shift(key="day", name="白班", begins=time(7), ends=time(19))
    night = Shift(key="night", name="夜班", begins=time(19), ends=time(7))
    Shift.objects.bulk_create([day, night])
    for name, shift, columns in (
        ("supervisor-1", day, (0, 1)),
        ("supervisor-2", day, (2, 3)),
        ("supervisor-3", night, (0, 1)),
        ("supervisor-4", night, (2, 3)),
    ):
        patrol(district, district.users[name], shift, columns)


def patrol(
    district: TestDistrict, supervisor: User, shift: Shift, columns: Iterable[int]
) -> Patrol:
    """Let a supervisor answer for these columns of cells in a shift."""
    walked = Patrol.objects.create(supervisor=supervisor, shift=shift)
    PatrolCell.objects.bulk_create(
        PatrolCell(patrol=walked, cell=district.cells[row, column])
        for column in columns
        for row in range(ROWS)
    )
    return walked


def uscc_of(code: str) -> str:
    """A credit code with a right check character for a department of the test district."""
    return build_uscc(f"9111010100000{code.upper().replace('S', '5')}")


def departments(district: TestDistrict) -> None:
    """Two street offices, sanitation and water; every class in every cell finds one of them."""
    district.departments = {
        code: Department(code=code, name=name, kind=kind, street_code=street, uscc=uscc_of(code))
        for code, (name, kind, street) in DEPARTMENTS.items()
    }
    Department.objects.bulk_create(district.departments.values())
    Membership.objects.bulk_create(
        Membership(
            user=district.users[f"department-{code}{suffix}"],
            department=department,
            is_lead=suffix == "-lead",
        )
        for code, department in district.departments.items()
        for suffix in ("", "-lead")
    )
    RoutingRule.objects.bulk_create(
        rule(district, kind, code, area, department, automatic)
        for kind, code, area, department, automatic in (
            ("event", "", "110101001", "d101", False),
            ("event", "", "110101002", "d102", False),
            ("event", "0102", "110101001", "s201", False),
            ("event", "0102", "110101002", "s201", False),
            ("event", "0204", "110101002", "d102", True),
            ("part", "", "110101", "w301", False),
        )
    )
    RoutingVersion.objects.get_or_create(id=1)  # a transactional test before may have emptied it


def rule(
    district: TestDistrict, kind: str, code: str, area: str, department: str, automatic: bool
) -> RoutingRule:
    return RoutingRule(
        kind=kind,
        scheme_key=CURRENT if code else "",
        class_scope="code" if code else "any",
        class_code=code,
        area_scope="street" if len(area) == 9 else "district",
        area_code=area,
        department=district.departments[department],
        automatic=automatic,
        valid_from=SINCE,
    )


def parts(district: TestDistrict) -> None:
    """Three covers: one of the water company, one of nobody, one in street two."""
    for serial, (row, column, name, uscc) in enumerate(
        (
            (0, 0, "自来水公司", uscc_of("w301")),
            (1, 1, "", ""),
            (2, 3, "某物业公司", build_uscc("91110101000009999")),
        ),
        1,
    ):
        cell = district.cells[row, column]
        district.parts.append(
            Part(
                code=f"1101010101{serial:06d}",
                catalogue_class=district.classes["cover"],
                name="上水井盖",
                geom=Point(*point(row, column), srid=4490),
                cell=cell,
                community=cell.community,
                street=cell.community.street,
                maintainer_name=name,
                maintainer_uscc=uscc,
                initial_on=SINCE,
                accuracy_class="A",
            )
        )
    Part.objects.bulk_create(district.parts)


def calendar(years: Iterable[int]) -> None:
    """The published holidays and worked weekends of these years."""
    CalendarYear.objects.bulk_create(CalendarYear(year=year, source="test") for year in years)
    CalendarDay.objects.bulk_create(
        CalendarDay(on=on, kind=day.kind, name=day.name)
        for year in years
        for on, day in published_year(year).items()
    )


def known_place(name, row, column):
    """A place of the geocoder in the middle of a cell, named as people say it."""
    lon, lat = point(row, column)
    place = Place.objects.create(
        code=f"P{row}{column}", kind="point", standard_name=name, point=Point(lon, lat, srid=4490),
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    PlaceName.objects.create(place=place, sort="standard", text=name)
    return place
