"""Cases that may be the same matter, as the desks show them: with a photo; some may lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.selectors.duplicates import Candidate
from cases.selectors.patrol import first_photos
from cases.workflow import LEADING


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate with its first photo; `may_lead` says that a report can be merged into it."""

    case: Candidate
    photo_id: int | None
    may_lead: bool


def with_photos(candidates: Iterable[Candidate]) -> list[CandidateRow]:
    """The candidates in their order; one query more where there are any."""
    found = list(candidates)
    photos = first_photos([each.number for each in found]) if found else {}
    return [CandidateRow(each, photos.get(each.number), each.state in LEADING) for each in found]
