"""Checking the chain of events: whether the record is what was written (domain law §11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from cases.free_text import fingerprint_of, texts_of, words_in
from cases.models import Case, Event
from cases.services.transition import chain_sha256, lock_case


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first event of a case that is not what its chain says."""

    number: str
    seq: int
    why: str


def broken_links(numbers: list[str] | None = None) -> Iterator[BrokenLink]:
    """Walk the chains of all cases, or of these, and yield the first broken link of each.

    People work meanwhile: what a case seems to lack is looked for once more while it stands still.
    """
    cases = Case.objects.order_by("id").only("id", "number", "state", "last_seq", "last_sha256")
    if numbers:
        cases = cases.filter(number__in=numbers)
    for case in cases.iterator(chunk_size=2000):
        if first_broken(case) and (found := first_broken_at_rest(case.number)):
            yield found


def first_broken_at_rest(number: str) -> BrokenLink | None:
    """The same of a case that nobody moves while it is read."""
    with transaction.atomic():
        return first_broken(lock_case(number))


def first_broken(case: Case) -> BrokenLink | None:
    """The first link that does not fit the one before it, or what the case remembers of its end."""
    link, seq, state = bytes(32), 0, ""
    purged: set[int] = set()
    for event in Event.objects.filter(case=case).order_by("seq").iterator():
        seq += 1
        if event.seq != seq:
            return BrokenLink(case.number, seq, "missing")
        if bytes(event.prev_sha256) != link:
            return BrokenLink(case.number, seq, "does not follow the one before")
        link, state = chain_sha256(event, case.number), event.to_state
        if bytes(event.sha256) != link or not words_are_whole(event):
            return BrokenLink(case.number, seq, "was changed")
        purged -= set(event.changes["events"]) if event.action == "purge_words" else set()
        if event.words_sha256 is not None and not event.words_salt:
            purged.add(event.seq)
    return broken_end(case, seq, link, state) or words_that_went(case, purged)


def broken_end(case: Case, seq: int, link: bytes, state: str) -> BrokenLink | None:
    """Whether the last link is the one that the case remembers, and leads to where it stands."""
    if seq != case.last_seq or link != bytes(case.last_sha256):
        return BrokenLink(case.number, seq + 1, "the end is missing")
    if state != case.state:
        return BrokenLink(case.number, seq, f"leads to {state}, and the case says {case.state}")
    return None


def words_that_went(case: Case, purged: set[int]) -> BrokenLink | None:
    """The first event whose words were deleted without a later one that says so."""
    if not purged:
        return None
    return BrokenLink(case.number, min(purged), "lost its words without a word of it")


def words_are_whole(event: Event) -> bool:
    """Whether what was written is what the fingerprint says, or was deleted with its salt."""
    if event.words_sha256 is None:
        return True
    texts = texts_of(event.reason, event.changes)
    if not event.words_salt:
        return not words_in(texts)
    return fingerprint_of(bytes(event.words_salt), texts) == bytes(event.words_sha256)
