"""What a notice speaks of, where its link leads, and how a line names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models.notice import Topic

# The pages of higher apps, by their names.
PAGES: dict[str, str] = {Topic.INSPECTION: "assessment:inspection"}
# The columns of a delivery or a message that tell it.
COLUMNS = ("case__number", "topic", "topic_id")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of a case its number; of anything else no number, a key for machines, words for people."""

    number: str
    key: str
    words: str
    path: str


def spoken_of(row: dict[str, Any]) -> Spoken:
    """From the columns of a delivery or a message."""
    number, topic, pk = row["case__number"] or "", row["topic"], row["topic_id"]
    if number:
        path = reverse("dispatch:case", args=[number])
        return Spoken(number, "", _("Case: %(number)s") % {"number": number}, path)
    words = f"{Topic(topic).label} {pk}"
    return Spoken("", f"{topic}-{pk}", words, reverse(PAGES[topic], args=[pk]))
