"""The people of the demonstration: logins, roles and plausible names, the same on every machine.

Pure: numbers in, accounts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from gridcity.contracts import Role

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺"
)
FIRST = "建国志文玉秀小晓海春德永明红丽俊伟振家立新雪云思子宇佳欣雨梦天一嘉成庆景学兴东长福荣光"
SECOND = "华英军平芳强敏静涛勇杰娟超霞辉鹏刚磊洋燕梅兰波斌宁鑫琳颖慧婷峰凯健萍林生庆祥民利凤"

AT_DESKS = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.OFFICIAL})
ACCEPTORS, DUTY_CHIEFS, DISPATCHERS = 6, 3, 4


@dataclass(frozen=True, slots=True)
class Account:
    """A login of the demonstration."""

    username: str
    full_name: str
    role: str
    employer: str = ""
    email: str = ""
    source: str = ""


# No person: the system of the city's hotline, which reports by the interface.
CLIENTS = (Account("client-1", "12345 热线平台", Role.CLIENT, source="HOTLINE"),)


def accounts(*, supervisors: int, departments: Iterable[str]) -> list[Account]:
    """The clients, then everybody in a fixed order; each has a name of his own."""
    logins = list(_logins(supervisors, departments))
    names = _names(len(logins))
    people = (
        Account(username, name, role, employer, _address(username, role))
        for (username, role, employer), name in zip(logins, names, strict=True)
    )
    return [*CLIENTS, *people]


def _logins(supervisors: int, departments: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Fixed offices first, so that a change in the number of patrols renames none of them."""
    yield "administrator", Role.ADMINISTRATOR, ""
    yield "official-1", Role.OFFICIAL, ""
    for role, name, count in (
        (Role.ACCEPTOR, "acceptor", ACCEPTORS),
        (Role.DUTY_CHIEF, "duty-chief", DUTY_CHIEFS),
        (Role.DISPATCHER, "dispatcher", DISPATCHERS),
    ):
        for number in range(1, count + 1):
            yield f"{name}-{number}", role, ""
    for code in departments:
        yield f"department-{code}", Role.DEPARTMENT, code
        yield f"department-{code}-lead", Role.DEPARTMENT, code
    # A change of a scheme of scoring needs two.
    yield "administrator-2", Role.ADMINISTRATOR, ""
    for number in range(1, supervisors + 1):
        yield f"supervisor-{number}", Role.SUPERVISOR, ""


def _address(username: str, role: str) -> str:
    """The desks of the two centres have addresses, of a domain that leads nowhere (RFC 2606)."""
    return f"{username}@gridcity.example" if role in AT_DESKS else ""


def _names(count: int) -> list[str]:
    """That many different names of two or three characters; commoner surnames come oftener."""
    drawn = Random(110101)  # noqa: S311 - the same names everywhere, no secret
    names: dict[str, None] = {}
    while len(names) < count:
        rank = min(int(drawn.expovariate(1 / 25)), len(SURNAMES) - 1)
        given = drawn.choice(SECOND)
        if drawn.random() < 0.8:
            given = drawn.choice(FIRST) + given
        names.setdefault(SURNAMES[rank] + given)
    return list(names)
