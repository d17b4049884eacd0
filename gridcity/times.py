"""How pages say times: what is left, how late, since when, and the lamp that says it at a glance.

A list says some two hundred of them. What they share, the instant, the zone and the sentences of
the language in force, is found once for all of them: see `Teller`.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.clocks.lamps import Lamp, lamp_at

NOTHING = timedelta(0)
NO_INSTANT = SafeString("–")


class LampFace(NamedTuple):
    """How a lamp looks: never the colour alone, always a word and an icon of its own shape."""

    key: str
    word: Promise
    icon: str


LAMPS: dict[str, LampFace] = {
    Lamp.GREEN: LampFace("green", _("In time"), "check-circle-fill"),
    Lamp.YELLOW: LampFace("yellow", _("Due soon"), "exclamation-triangle-fill"),
    Lamp.RED: LampFace("red", _("Overdue"), "x-octagon-fill"),
}
NO_LAMP = LampFace("none", _("Clock stands"), "pause-circle")


def face_of(lamp: str | None) -> LampFace:
    """The face of a lamp key (`green`, `yellow`, `red`); anything else shows a standing clock."""
    return LAMPS.get(str(lamp or ""), NO_LAMP)


class Sentences(NamedTuple):
    """What is said of times in one language."""

    days_hours: str
    days: str
    hours_minutes: str
    hours: str
    minutes: str
    under_a_minute: str
    left: str
    late: str
    due: str
    # What a lamp shows before its attributes, and what between them and the time left.
    lamps: dict[str, tuple[str, str]]


@lru_cache(maxsize=8)
def _sentences(language: str | None) -> Sentences:
    """The sentences of the language in force, which is the one named."""
    lamps = {}
    for key, word, icon in (*LAMPS.values(), NO_LAMP):
        icon_drawn = f'<i class="bi bi-{icon}" aria-hidden="true"></i>'
        word_drawn = f'<span class="gc-lamp-word">{html.escape(str(word))}</span>'
        lamps[key] = (f'<span class="gc-lamp gc-lamp-{key}"', f">{icon_drawn}{word_drawn}")
    return Sentences(
        days_hours=__("%(d)s d %(h)s h"),
        days=__("%(d)s d"),
        hours_minutes=__("%(h)s h %(m)s min"),
        hours=__("%(h)s h"),
        minutes=__("%(m)s min"),
        under_a_minute=__("less than 1 min"),
        left=__("%(time)s left"),
        late=__("%(time)s late"),
        due=__("Due %(at)s"),
        lamps=lamps,
    )


@dataclass(frozen=True, slots=True)
class Teller:
    """Who says the times of one page: now, in which zone, in which language."""

    now: datetime
    today: date
    zone: tzinfo
    said: Sentences

    @classmethod
    def at(cls, now: datetime | None = None) -> Teller:
        """For an instant (now), the zone and the language in force."""
        now, zone = now or timezone.now(), timezone.get_current_timezone()
        return cls(now, now.astimezone(zone).date(), zone, _sentences(get_language()))

    def duration(self, length: timedelta | float) -> str:
        """A timedelta or seconds as the two largest parts: “2 d 3 h”, “45 min”."""
        seconds = abs(int(length.total_seconds() if isinstance(length, timedelta) else length))
        days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
        said = self.said
        if days:
            return (said.days_hours if hours else said.days) % {"d": days, "h": hours}
        if hours:
            return (said.hours_minutes if minutes else said.hours) % {"h": hours, "m": minutes}
        return said.minutes % {"m": minutes} if minutes else said.under_a_minute

    def left(self, due_at: datetime) -> str:
        """“2 h 15 min left” or “3 h late”."""
        left = due_at - self.now
        words = {"time": self.duration(left)}
        return (self.said.left if left >= NOTHING else self.said.late) % words

    def when(self, instant: datetime) -> str:
        """An instant as a desk reads it: the hour today, the day this year, else the whole date."""
        local = instant.astimezone(self.zone)
        if local.date() == self.today:
            return f"{local:%H:%M}"
        same_year = local.year == self.today.year
        return f"{local:%m-%d %H:%M}" if same_year else f"{local:%Y-%m-%d %H:%M}"

    def stamp(self, instant: datetime | None, to: str = "minutes") -> SafeString:
        """Day and hour, to the minute or the second; a narrow cell parts them only."""
        if instant is None:
            return NO_INSTANT
        said = instant.astimezone(self.zone).isoformat(" ", "seconds")
        day, shown = said[:10], said[11:19] if to == "seconds" else said[11:16]
        return mark_safe(  # noqa: S308 - digits
            f'<span class="gc-nowrap">{day}</span> <span class="gc-nowrap">{shown}</span>'
        )

    def lamp(
        self,
        lamp: str | None = None,
        due_at: datetime | None = None,
        green_until: datetime | None = None,
        left: str = "",
    ) -> SafeString:
        """A lamp with its word, its icon and the time left; see `includes/_lamp.html`."""
        if not lamp and due_at:
            lamp = lamp_at(self.now, green_until or due_at, due_at)
        before, after = self.said.lamps[face_of(lamp).key]
        told = ""
        if left:
            told = f'<span class="gc-lamp-left">{html.escape(left)}</span>'
        elif due_at:
            # A red lamp says “overdue” already: only how long stands beside it.
            words = self.left(due_at) if due_at >= self.now else self.duration(self.now - due_at)
            told = f'<span class="gc-lamp-left" data-gc-left>{html.escape(words)}</span>'
        ticking = self._ticking(due_at, green_until) if due_at else ""
        return mark_safe(f"{before}{ticking}{after}{told}</span>")  # noqa: S308 - escaped above

    def _ticking(self, due_at: datetime, green_until: datetime | None) -> str:
        """The attributes by which the page's script lets a lamp turn by itself."""
        title = self.said.due % {"at": f"{due_at.astimezone(self.zone):%Y-%m-%d %H:%M}"}
        green = f' data-gc-green="{green_until.isoformat()}"' if green_until else ""
        return f' data-gc-due="{due_at.isoformat()}"{green} title="{html.escape(title)}"'
