"""Where cases come from, and what each source asks for (domain law §2)."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Source(TextChoices):
    """Where a case comes from (domain law §2)."""

    SUPERVISOR = "SUPERVISOR", _("Supervisor's report")
    HOTLINE = "HOTLINE", _("Hotline")
    LETTER_VISIT = "LETTER_VISIT", _("Letter or visit")
    PUBLIC = "PUBLIC", _("Public")
    MEDIA = "MEDIA", _("Media")
    LEADER = "LEADER", _("Assigned by a leader")
    SUPERIOR = "SUPERIOR", _("Assigned from above")
    VIDEO = "VIDEO", _("Video")
    SENSOR = "SENSOR", _("Sensor")


# The voices of the public: what they had to report, the patrol did not (assessment law §3).
PUBLIC_SOURCES = frozenset({Source.HOTLINE, Source.LETTER_VISIT, Source.PUBLIC, Source.MEDIA})
# Reports of these sources are verified on site before filing, whatever a city sets of the others.
VERIFIED_SOURCES = PUBLIC_SOURCES | {Source.SENSOR}
# Here words for the place are enough at first; `accept` demands the point (domain law §4, report).
WORDS_FOR_PLACE = frozenset(
    {Source.HOTLINE, Source.LETTER_VISIT, Source.MEDIA, Source.LEADER, Source.SUPERIOR}
)
