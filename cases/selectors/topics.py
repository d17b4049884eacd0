"""What a notice speaks of, where its link leads, and how a line names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
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


def named_by(words: str) -> Q | None:
    """The condition of rows that speak of no case but of what these words name; None: of nothing.

    As lists name it, or as machines do: its kind, its id, or both.
    """
    said = words.replace("-", " ").split()
    ids = [word for word in said if word.isascii() and word.isdigit() and len(word) < 19]
    kinds = [word.lower() for word in said if word not in ids]
    topics = [
        topic
        for topic in Topic
        if all(kind in f"{topic} {Topic(topic).label}".lower() for kind in kinds)
    ]
    if not said or len(ids) > 1 or not topics:
        return None
    condition = Q(topic__in=topics)
    return condition & Q(topic_id=int(ids[0])) if ids else condition
