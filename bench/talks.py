"""What the clients of each path say, as real users of the product would say it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.generate.facts import Facts, Spot, fresh_random
from bench.load import HOST, Talk, again_and_again, request_bytes
from cases.models import Case
from gridcity.authentication import issue_token
from gridcity.contracts import Role
from gridcity.models import User
from parts.models import Part, Street
from parts.tiles import Tile

CASES = "/api/v1/cases/"
# The steps of a filed case that need no photo, each by the role whose turn it is.
STEPS = {"REPORTED": "accept", "TO_FILE": "file", "TO_DISPATCH": "dispatch"}
ROLES = {"accept": Role.ACCEPTOR, "file": Role.DUTY_CHIEF, "dispatch": Role.DISPATCHER}


@dataclass(slots=True)
class People:
    """Who speaks: tokens for the API, a session for the pages."""

    supervisors: list[str]
    desks: dict[str, str]
    department: str
    session: str

    @classmethod
    def log_in(cls) -> People:
        roles = (Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.OFFICIAL)
        return cls(
            supervisors=[issue_token(user) for user in users(Role.SUPERVISOR, 40)],
            desks={role: issue_token(users(role, 1)[0]) for role in roles},
            department=issue_token(users(Role.DEPARTMENT, 1)[0]),
            session=session_of(Role.DUTY_CHIEF),
        )


def users(role: str, count: int) -> list[User]:
    """Some active users of a role, the eldest first."""
    found = User.objects.filter(roles__contains=[role], is_active=True)
    return list(found.order_by("pk")[:count])


def session_of(role: str) -> str:
    """The key of a session in which a user of this role is logged in."""
    client = Client(HTTP_HOST=HOST)
    client.force_login(users(role, 1)[0], backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def by_session(session: str) -> dict[str, str]:
    """The headers of a page's request."""
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "Accept": "text/html"}


def by_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}", "Accept": "application/json"}


def get(path: str, token: str, **query: str) -> bytes:
    address = f"{path}?{urlencode(query)}" if query else path
    return request_bytes("GET", address, by_token(token))


def post(
    path: str, token: str, said: dict[str, Any], more: Mapping[str, str] | None = None
) -> bytes:
    headers = by_token(token) | {"Idempotency-Key": str(uuid.uuid4())} | dict(more or {})
    return request_bytes("POST", path, headers, json.dumps(said).encode(), "application/json")


class Talks:
    """The talks of every path, over one district and one set of people."""

    def __init__(self, facts: Facts, people: People) -> None:
        self.facts, self.people = facts, people
        self.random = fresh_random(99)
        self.streets = list(Street.objects.filter(valid_to=None).values_list("code", flat=True))
        self.numbers = self._numbers()
        self.parts = self._parts()
        self.classes = {entry.id: entry for entry in facts.classes}

    def _numbers(self) -> list[str]:
        """Cases of every age, most of them closed with a whole history."""
        with connection.cursor() as cursor:
            cursor.execute("select number from cases_case order by hashint8(id) limit 20000")
            return [number for (number,) in cursor.fetchall()]

    def _parts(self) -> list[tuple[str, str, float, float]]:
        rows = Part.objects.select_related("catalogue_class").order_by("code")[:3000]
        return [
            (part.code, part.catalogue_class.code, part.geom.x, part.geom.y)
            for part in rows
            if part.geom.geom_type == "Point"
        ]

    def spot(self) -> tuple[float, float]:
        spot: Spot = self.random.choice(self.random.choice(self.facts.cells).spots)
        lon, lat = json.loads(spot.json)
        return lon, lat

    # ------------------------------------------------------------ one request of each path

    def locate(self) -> bytes:
        lon, lat = self.spot()
        token = self.random.choice(self.people.supervisors)
        return get("/api/v1/locate/", token, lon=str(lon), lat=str(lat))

    def report(self) -> bytes:
        """97 % events; the others name their part."""
        token = self.random.choice(self.people.supervisors)
        said: dict[str, Any] = {
            "accuracy_m": 8, "placed_by": "gps", "place_text": "路口西北角",
            "description": "巡查发现该处问题，影响通行，请尽快处理",
        }  # fmt: skip
        if self.parts and self.random.random() < 0.03:
            code, class_code, lon, lat = self.random.choice(self.parts)
            said |= {"kind": "part", "class_code": class_code, "part_code": code}
        else:
            lon, lat = self.spot()
            entry = self.random.choices(self.facts.classes, cum_weights=self.facts.class_weights)[0]
            said |= {"kind": entry.kind, "class_code": entry.code}
            if entry.kind == "part":
                said["no_part_reason"] = "现场无编号"
        return post(CASES, token, said | {"lon": lon, "lat": lat})

    def queue(self) -> bytes:
        """The first page of a filtered queue, of the desks in turn."""
        desks, street = self.people.desks, self.random.choice(self.streets)
        asked = (
            (desks[Role.DUTY_CHIEF], {"box": "todo", "street": street}),
            (desks[Role.DISPATCHER], {"status": "HANDLING", "street": street}),
            (self.people.department, {"box": "todo"}),
            (desks[Role.ACCEPTOR], {"status": "CLOSED", "street": street}),
        )
        token, query = self.random.choice(asked)
        return get(CASES, token, **query)

    def page(self) -> bytes:
        """The same as a page, for the duty chief."""
        street = self.random.choice(self.streets)
        box, status = self.random.choice((("todo", ""), ("", "HANDLING"), ("", "CLOSED")))
        path = "/cases/" if box else "/cases/all/"
        query = urlencode({"street": street, "status": status} if status else {"street": street})
        return request_bytes("GET", f"{path}?{query}", self.cookie())

    def case(self) -> bytes:
        number = self.random.choice(self.numbers)
        return get(f"{CASES}{number}/", self.people.desks[Role.OFFICIAL])

    def tile_parts(self) -> bytes:
        return self.tile("parts", 16)

    def tile_cells(self) -> bytes:
        return self.tile("cells", 12)

    def tile_unchanged(self) -> bytes:
        """A tile that the browser has: `*` is whatever it has."""
        return self.tile("parts", 16, **{"If-None-Match": "*"})

    def tile(self, layer: str, z: int, **headers: str) -> bytes:
        tile = Tile.at(z, *self.spot())
        path = f"/tiles/{layer}/{z}/{tile.x}/{tile.y}.mvt"
        return request_bytes("GET", path, self.cookie() | {"Accept-Encoding": "gzip"} | headers)

    def empty_api(self) -> bytes:
        return get("/bench/empty-api/", self.people.desks[Role.ACCEPTOR])

    def empty_page(self) -> bytes:
        return request_bytes("GET", "/bench/empty-page/", self.cookie())

    def cookie(self) -> dict[str, str]:
        return by_session(self.people.session)

    # ------------------------------------------------------------ talks

    def talks(self, name: str, connections: int) -> list[Talk]:
        """So many talks of a path at once."""
        if name in {"action", "action_whole"}:
            cases = self.cases_to_move()
            wish = {"Prefer": "return=minimal"} if name == "action" else {}
            return [self.move_cases(cases, wish) for _connection in range(connections)]
        return [again_and_again(getattr(self, name)) for _connection in range(connections)]

    def cases_to_move(self) -> Iterator[tuple[str, str, int, int, int]]:
        """Supervisors' reports that wait at a desk, the newest first; each is given out once."""
        return iter(
            list(
                Case.objects.filter(state__in=STEPS, source="SUPERVISOR", cell__isnull=False)
                .order_by("-id")
                .values_list("number", "state", "version", "catalogue_class_id", "street_id")
            )
        )

    def move_cases(
        self, cases: Iterator[tuple[str, str, int, int, int]], wish: dict[str, str]
    ) -> Talk:
        """Accept, file and dispatch one case after the other, with the wish that pages send."""
        for number, first, seen, entry, street in cases:
            state, version = first, seen
            department = self.facts.departments.get((entry, street))
            while state in STEPS and entry in self.classes and department is not None:
                action = STEPS[state]
                said: dict[str, Any] = {"version": version}
                if action == "file":
                    said["standard"] = self.classes[entry].standard_id
                if action == "dispatch":
                    said["department"] = department.code
                token = self.people.desks[ROLES[action]]
                status, body = yield post(f"{CASES}{number}/{action}/", token, said, wish)
                if status != 200:
                    break
                answer = json.loads(body)
                state, version = answer["status"], answer["version"]
