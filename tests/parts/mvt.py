"""Reads vector tiles for tests: as much of the format as ours use (Mapbox vector tile 2.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Feature:
    """A feature of a layer; points of its geometry in units of the extent."""

    id: int
    properties: dict[str, Any]
    points: list[tuple[int, int]]


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            width = {1: 8, 5: 4}[kind]
            value, at = (
                struct.unpack("<d" if width == 8 else "<f", data[at : at + width])[0],
                (at + width),
            )
        yield number, value


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7


def varints(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def read(tile: bytes) -> dict[str, list[Feature]]:
    """The features of each layer."""
    return dict(layer(content) for number, content in fields(tile) if number == 3)


def layer(data: bytes) -> tuple[str, list[Feature]]:
    name, keys, values, raw = "", [], [], []
    for number, content in fields(data):
        match number:
            case 1:
                name = content.decode()
            case 2:
                raw.append(content)
            case 3:
                keys.append(content.decode())
            case 4:
                values.append(next(plain(kind, value) for kind, value in fields(content)))
    return name, [feature(content, keys, values) for content in raw]


def plain(kind: int, value: Any) -> Any:
    return value.decode() if kind == 1 else value


def feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    parts = dict(fields(data))
    tags = varints(parts.get(2, b""))
    named = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(parts.get(1, 0), named, points(varints(parts[4])))


def points(commands: list[int]) -> list[tuple[int, int]]:
    found, x, y, at = [], 0, 0, 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            continue
        for _step in range(count):
            x += (commands[at] >> 1) ^ -(commands[at] & 1)
            y += (commands[at + 1] >> 1) ^ -(commands[at + 1] & 1)
            at += 2
            found.append((x, y))
    return found
