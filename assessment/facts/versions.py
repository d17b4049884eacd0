"""One fact in all its versions: how it was at which time, as known at which time. Pure.

A figure reads each fact at two instants (assessment law §2): *life* as it was at the cut, and all
of it as it was known at `as_of`. So a version is valid over [valid_from, valid_to), the time it
speaks of, and known over [known_from, known_to), the recorded time in which it was believed. For
any cut ≤ as_of at most one version of a fact holds both, and the same WHERE finds it for ever.

Most of what happens needs no new version: an instant that is set where none stood, at the time of
its recording, shows by itself to nobody who looks at an earlier cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Version:
    """What is said of a fact over one time, in one time of knowledge."""

    valid_from: datetime
    valid_to: datetime
    known_from: datetime
    known_to: datetime
    said: dict[str, Any] = field(default_factory=dict)

    def copy(self, **changes: Any) -> Version:
        times = {"valid_from": self.valid_from, "valid_to": self.valid_to,
                 "known_from": self.known_from, "known_to": self.known_to}  # fmt: skip
        return Version(**(times | changes), said=dict(self.said))


class Fact:
    """A fact that begins when it occurred, and is known from its recording."""

    def __init__(self, key: int, *, occurred: datetime, recorded: datetime, **said: Any) -> None:
        self.key = key
        first = Version(min(occurred, recorded), FOREVER, recorded, FOREVER, said)
        self.versions = [first]
        self._current = first  # the one version that lasts

    @property
    def now(self) -> dict[str, Any]:
        """What is said of it at last; to be read only."""
        return self._current.said

    def get(self, name: str) -> Any:
        return self._current.said.get(name)

    def live(self, occurred: datetime, recorded: datetime, **said: Any) -> None:
        """Life goes on: from `occurred` on it is so; before, it was as it had been."""
        current = self._current
        stood = current.said.get
        news = {name: value for name, value in said.items() if stood(name) != value}
        if not news:
            return
        occurred = max(min(occurred, recorded), current.valid_from)
        shown = shown_since(current, news)
        if shown is not None and shown >= occurred:
            # In place where the instants themselves hide it from who knows less; else known anew.
            if shown >= recorded:
                current.said |= news
            else:
                self._learn(current, news, recorded)
            return
        if occurred < recorded:  # until it was recorded, the former life was believed to go on
            before = current.copy(known_from=recorded, valid_to=occurred)
            current.known_to = recorded
            self.versions.append(before)
        else:
            current.valid_to = occurred
        following = current.copy(
            valid_from=occurred, valid_to=FOREVER, known_from=recorded, known_to=FOREVER
        )
        following.said |= news
        self._follow(following)

    def judge(self, recorded: datetime, **said: Any) -> None:
        """A verdict on the whole of it: it was so all along, known from `recorded` on."""
        for version in [one for one in self.versions if one.known_to is FOREVER]:
            stood = version.said.get
            news = {key: value for key, value in said.items() if stood(key) != value}
            if not news:
                continue
            shown = shown_since(version, news)
            if shown is not None and shown >= recorded:
                version.said |= news
            else:
                self._learn(version, news, recorded)

    def _learn(self, version: Version, news: dict[str, Any], recorded: datetime) -> None:
        """What was believed until now stays for who looks from then."""
        if version.known_from >= recorded:
            version.said |= news
            return
        following = version.copy(known_from=recorded)
        following.said |= news
        version.known_to = recorded
        self._follow(following)

    def _follow(self, version: Version) -> None:
        self.versions.append(version)
        if version.valid_to is FOREVER:
            self._current = version

    def rows(self) -> Iterator[Version]:
        """The versions that anybody could ever have seen, in the order of their times."""
        if len(self.versions) == 1:
            yield self._current
            return
        lasting = [
            one
            for one in self.versions
            if one.known_from < one.known_to and one.valid_from < one.valid_to
        ]
        yield from sorted(lasting, key=lambda one: (one.known_from, one.valid_from))


def shown_since(version: Version, news: dict[str, Any]) -> datetime | None:
    """From when on values show that are put beside what is said: the first instant among them.

    The others are read only beside it, so no cut before it sees any of them. None where there is
    no instant, or where something stood that they would take the place of.
    """
    stood, first = version.said.get, None
    for name, value in news.items():
        if stood(name) is not None:
            return None
        if isinstance(value, datetime) and (first is None or value < first):
            first = value
    return first
