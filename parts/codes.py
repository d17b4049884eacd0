"""Codes of areas, cells, parts and matters, and the check character of organisations.

Pure rules of `codes.md`: plain strings in, strings out. The lengths of the fields belong to a
coding scheme, so every function that needs them takes a `Pattern`; nothing here knows a scheme
by name. All codes are strings of ASCII digits with their leading zeros.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

STREET_LENGTH = 9
COMMUNITY_LENGTH = 12
CASE_SERIAL_LENGTH = 7
# GB 32100-2015: 31 characters (no I, O, S, V, Z), weights 3^i mod 31 over the first 17.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_LENGTH = 18
NATIONAL_CODE_LENGTH = 9  # characters 9 to 17 of a USCC: the organisation code of GB 11714


class CodeError(ValueError):
    """A code that breaks its pattern; `code` keeps what was given."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code!r}: {why}")
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class Pattern:
    """The lengths of the fields of one coding scheme, in digits."""

    district: int = 6
    street: int = 3
    community: int = 3
    cell_serial: int = 3
    class_major: int = 2
    class_minor: int = 2
    part_serial: int = 6

    @property
    def class_code(self) -> int:
        return self.class_major + self.class_minor

    @property
    def part_code(self) -> int:
        return self.district + self.class_code + self.part_serial

    @property
    def cell_code(self) -> int:
        return self.district + self.street + self.community + self.cell_serial

    @property
    def matter_code(self) -> int:
        return self.district + self.class_code


@dataclass(frozen=True, slots=True)
class PartCode:
    """A part's code taken apart."""

    district: str
    class_code: str
    serial: int


@dataclass(frozen=True, slots=True)
class CellCode:
    """A unit grid cell's code taken apart; street and community are whole codes (9, 12)."""

    district: str
    street: str
    community: str
    serial: int


def digits(code: str, length: int) -> str:
    """The code itself; CodeError unless it is exactly `length` ASCII digits."""
    if len(code) != length:
        raise CodeError(code, f"{len(code)} characters instead of {length}")
    if not (code.isascii() and code.isdigit()):
        raise CodeError(code, "not only digits")
    return code


def numbered(prefix: str, serial: int, width: int) -> str:
    """Prefix and serial; CodeError when the serial is not 1 … 10^width − 1."""
    if not 1 <= serial < 10**width:
        raise CodeError(prefix, f"serial {serial} does not fit {width} digits")
    return f"{prefix}{serial:0{width}d}"


def build_part_code(pattern: Pattern, district: str, class_code: str, serial: int) -> str:
    """District + class + serial, e.g. 110101 0101 000001 (16 digits, or 17 by the later scheme)."""
    prefix = digits(district, pattern.district) + digits(class_code, pattern.class_code)
    return numbered(prefix, serial, pattern.part_serial)


def parse_part_code(pattern: Pattern, code: str) -> PartCode:
    """The fields of a part's code; CodeError when it is not one of this pattern."""
    digits(code, pattern.part_code)
    at_class, at_serial = pattern.district, pattern.district + pattern.class_code
    serial = int(code[at_serial:])
    if serial == 0:
        raise CodeError(code, "serials begin at 1")
    return PartCode(code[:at_class], code[at_class:at_serial], serial)


def build_cell_code(pattern: Pattern, community: str, serial: int) -> str:
    """Community (12) + serial; CodeError beyond the serials of the pattern (999)."""
    digits(community, pattern.district + pattern.street + pattern.community)
    return numbered(community, serial, pattern.cell_serial)


def parse_cell_code(pattern: Pattern, code: str) -> CellCode:
    """The fields of a cell's code; CodeError when it is not one of this pattern."""
    digits(code, pattern.cell_code)
    at_street = pattern.district + pattern.street
    at_community = at_street + pattern.community
    serial = int(code[at_community:])
    if serial == 0:
        raise CodeError(code, "serials begin at 1")
    return CellCode(code[: pattern.district], code[:at_street], code[:at_community], serial)


def build_matter_code(pattern: Pattern, district: str, class_code: str) -> str:
    """District + class: a type of event in a district, without a serial."""
    return digits(district, pattern.district) + digits(class_code, pattern.class_code)


def parse_matter_code(pattern: Pattern, code: str) -> tuple[str, str]:
    """District and class of a matter's code."""
    digits(code, pattern.matter_code)
    return code[: pattern.district], code[pattern.district :]


def build_case_number(district: str, year: int, serial: int) -> str:
    """District (6) + year in Asia/Shanghai (4) + serial (7)."""
    if not 1000 <= year <= 9999:
        raise CodeError(str(year), "a year has four digits")
    return numbered(f"{digits(district, 6)}{year}", serial, CASE_SERIAL_LENGTH)


def parse_case_number(number: str) -> tuple[str, int, int]:
    """District, year and serial of a case number."""
    digits(number, 6 + 4 + CASE_SERIAL_LENGTH)
    serial = int(number[10:])
    if serial == 0:
        raise CodeError(number, "serials begin at 1")
    return number[:6], int(number[6:10]), serial


def minor_is_local(rules: list[dict[str, Any]], kind: str, major: str, minor: str) -> bool:
    """Whether a class lies where the scheme lets a city add its own (`extension_rules`)."""
    return any(
        rule["kind"] in (kind, "any")
        and rule.get("major") in (None, major)
        and int(rule["first"]) <= int(minor) <= int(rule["last"])
        for rule in rules
    )


@dataclass(frozen=True, slots=True)
class LocalCode:
    """The next code for a class of a city's own, and how its name must end."""

    major: str
    minor: str
    suffix: str

    @property
    def code(self) -> str:
        return self.major + self.minor


def next_local_code(
    rules: list[dict[str, Any]], pattern: Pattern, kind: str, major: str, taken: Collection[str]
) -> LocalCode:
    """The first free minor by the rules of the scheme, counted as they say: up, or down from 98.

    A rule of just this major goes before one for every major. `taken` are the codes of this kind
    that were ever given: none is given again. Raises CodeError when nothing is free.
    """
    digits(major, pattern.class_major)
    fitting = [rule for rule in rules if rule["kind"] in (kind, "any")]
    own = [rule for rule in fitting if rule.get("major") == major]
    for rule in own or [rule for rule in fitting if rule.get("major") is None]:
        first, last = int(rule["first"]), int(rule["last"])
        down = rule.get("counted") == "down"
        for serial in range(last, first - 1, -1) if down else range(first, last + 1):
            minor = f"{serial:0{pattern.class_minor}d}"
            if first != last and major + minor not in taken:
                return LocalCode(major, minor, rule.get("suffix", ""))
    raise CodeError(major, "no minor class is free for a class of the city's own")


def local_name(name: str, suffix: str) -> str:
    """The name with the ending that the scheme wants, once: 休息椅 → 休息椅（自定义）."""
    plain = name.strip()
    return plain if not suffix or plain.endswith(suffix) else plain + suffix


def uscc_check_character(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015)."""
    if len(body) != USCC_LENGTH - 1:
        raise CodeError(body, f"{len(body)} characters instead of {USCC_LENGTH - 1}")
    try:
        total = sum(
            USCC_ALPHABET.index(character) * weight
            for character, weight in zip(body, USCC_WEIGHTS, strict=True)
        )
    except ValueError:
        raise CodeError(body, "a character that unified social credit codes do not use") from None
    return USCC_ALPHABET[(31 - total % 31) % 31]


def build_uscc(body: str) -> str:
    """The first 17 characters with their check character."""
    return body + uscc_check_character(body)


def check_uscc(code: str) -> str:
    """The code itself; CodeError when its length, characters or check character are wrong."""
    if len(code) != USCC_LENGTH:
        raise CodeError(code, f"{len(code)} characters instead of {USCC_LENGTH}")
    if uscc_check_character(code[:-1]) != code[-1]:
        raise CodeError(code, "the check character does not fit")
    return code


def is_uscc(code: str) -> bool:
    """Whether this is a well-formed unified social credit code."""
    try:
        check_uscc(code)
    except CodeError:
        return False
    return True
