"""Forgetting who reported: value and salt go, the chain of events stays whole (domain law §11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import PURGE_DAYS
from cases.free_text import DELETED, deleted, texts_of, words_in
from cases.models import Case, Event, Rating, Reporter
from cases.selectors.settings import number_at
from cases.services.once import shorten_answers
from cases.services.transactions import in_transaction
from cases.services.transition import lock_case, move
from gridcity.contracts import CLOCK, Invalid, NotVisible

BATCH = 500
# Where the words of events stand a second time: model, how it names its case, columns.
REPEATED = (
    ("cases.Case", "pk", ("description", "place_text", "no_part_reason", "result",
                          "verify_waived_reason")),
    ("dispatch.Request", "case", ("reason",)),
    ("dispatch.RequestStep", "request__case", ("reason",)),
    ("dispatch.TurnFact", "turn__case", ("reason",)),
    ("cases.Miss", "case", ("objection", "answer")),
)  # fmt: skip


def purge_due(*, at: datetime, days: int | None = None) -> int:
    """Purge all reporters whose case ended so many days ago, in batches; returns how many."""
    after = timedelta(days=number_at(PURGE_DAYS, at) if days is None else days)
    purged = 0
    while count := purge_batch(at=at, ended_before=at - after):
        purged += count
    return purged


@transaction.atomic
def purge_batch(*, at: datetime, ended_before: datetime) -> int:
    """Purge some reporters; two purges at once take different ones.

    Whoever reported a merged case follows it by his number until its leading case has ended. The
    code by which a citizen follows his case is made with the salt, so it goes too.
    """
    is_over = Q(case__ended_at__lt=ended_before) & (
        Q(case__merged_into=None) | Q(case__merged_into__ended_at__lt=ended_before)
    )
    due = (
        # With their cases, whose history says it; what somebody moves now waits for the next batch.
        Reporter.objects.select_for_update(of=("self", "case"), no_key=True, skip_locked=True)
        .filter(is_over, purged_at=None)
        .select_related("case")
        .order_by("id")[:BATCH]
    )
    return _forget([one.pk for one in due], at)


@transaction.atomic
def purge_on_demand(*, at: datetime, number: str) -> int:
    """Forget who reported a case, whenever he asks for it, and what he said in his rating.

    A case that goes on after a forced close has a copy of him, which goes too. Those of cases
    merged into it are other people: they ask for themselves, by their own number. Raises
    NotVisible for an unknown number.
    """
    case = lock_case(number)
    own = list(case.reporters.filter(purged_at=None))
    salts = [bytes(one.salt) for one in own if one.salt]
    copies = Reporter.objects.filter(case__in=kin_of(case), salt__in=salts, purged_at=None)
    ids = [one.pk for one in own] + list(copies.values_list("pk", flat=True))
    of_him = Q(reporter__case=case) | Q(reporter__in=ids)
    Rating.objects.filter(of_him).exclude(words="").update(words="")
    return _forget(ids, at)


def kin_of(case: Case) -> QuerySet[Case]:
    """The cases that a matter had before this one and goes on in, after forced closes."""
    root = case.root_id or case.pk
    return Case.objects.filter(Q(pk=root) | Q(root_id=root)).exclude(pk=case.pk).order_by("pk")


@in_transaction
def purge_words(*, at: datetime, number: str, seqs: Collection[int] = ()) -> int:
    """Delete what was written in a case, on demand: in all its events, or in these.

    Text and salt go from the history, and the text from wherever else the case repeats it; an
    event `purge_words` says of which events. Returns how many had words; `what_is_left` says
    what is not reached. Raises NotVisible, and Invalid for an event that there is not, that has no
    words or that is older than the fingerprints.
    """
    case = lock_case(number)
    events = case.events.exclude(words_sha256=None).exclude(words_salt=b"")
    if seqs:
        _check_all_there(case, seqs)
        events = events.filter(seq__in=list(seqs))
    gone: set[str] = set()
    purged: list[int] = []
    for event in events.order_by("seq"):
        texts = texts_of(event.reason, event.changes)
        gone |= words_in(texts)
        purged.append(event.seq)
        changes = {
            key: deleted(value) if key in texts else value for key, value in event.changes.items()
        }
        reason = deleted(event.reason) if event.reason else ""
        Event.objects.filter(pk=event.pk).update(reason=reason, changes=changes, words_salt=b"")
    if purged:
        _forget_repeated(case, gone)
        shorten_answers(case_ids=[case.pk], at=at)
        case.refresh_from_db()
        move(case, action="purge_words", actor=CLOCK, at=at, changes={"events": purged})
    return len(purged)


@dataclass(frozen=True, slots=True)
class StillThere:
    """What a purge of words leaves: entries that keep theirs for good, cases that go on with it."""

    for_good: list[int]
    kin: list[str]


def what_is_left(number: str) -> StillThere:
    """What of a case's words is left after its purge. Raises NotVisible for an unknown number.

    Entries of before fingerprints cannot lose theirs (`cases.free_text`). A case that goes on after
    a forced close, or went before, says the same in a history of its own.
    """
    case = Case.objects.filter(number=number).only("pk", "root_id").first()
    if case is None:
        raise NotVisible
    kin = list(kin_of(case).values_list("number", flat=True))
    return StillThere(_with_words_in_the_link(case), kin)


def _with_words_in_the_link(case: Case) -> list[int]:
    rows = case.events.filter(words_sha256=None).order_by("seq")
    said = rows.values_list("seq", "reason", "changes")
    return [seq for seq, reason, changes in said if texts_of(reason, changes)]


def _check_all_there(case: Case, seqs: Collection[int]) -> None:
    """Raise Invalid for an entry without words that can be deleted."""
    had = set(case.events.exclude(words_sha256=None).values_list("seq", flat=True))
    wrong = sorted(set(seqs) - had)
    for_good = sorted(set(wrong) & set(_with_words_in_the_link(case)))
    if for_good:
        raise Invalid(kept_for_good(for_good), seqs=_("Its words cannot be deleted."))
    if wrong:
        raise Invalid(
            _("This entry of the history has no words that could be deleted: %(seq)s.")
            % {"seq": ", ".join(map(str, wrong))},
            seqs=_("Not an entry with words."),
        )


def kept_for_good(seqs: Collection[int]) -> str:
    """Why some entries keep what was written in them."""
    return _(
        "Entries %(seq)s keep their words: they are older than the fingerprints of words, so the "
        "chain of the history covers the text itself and would be broken without it."
    ) % {"seq": ", ".join(map(str, seqs))}


def _forget_repeated(case: Case, gone: Collection[str]) -> None:
    """The same words in the rows that repeat them: the case, its requests, notices, its miss."""
    for model, path, fields in REPEATED:
        rows = apps.get_model(model)._default_manager.filter(**{path: case.pk})
        for field in fields:
            rows.filter(**{f"{field}__in": list(gone)}).update(**{field: DELETED})
    for kept in ("cases.Delivery", "cases.Message"):
        rows = apps.get_model(kept)._default_manager.filter(case=case)
        for row in rows.filter(values__words__in=list(gone)):
            row.values = row.values | {"words": DELETED}
            row.save(update_fields=["values"])


def _forget(ids: list[int], at: datetime) -> int:
    """Take values and salts away; whom nobody can call any more waits for no call.

    Every change is an appended event (domain law §11): each case says that it was done, and to
    which of its reporters, by the numbers of their rows.
    """
    theirs = Reporter.objects.filter(pk__in=ids).values_list("case_id", "case__merged_into_id")
    # A leading case names those of its members too.
    cases = {case_id for pair in theirs for case_id in pair if case_id is not None}
    shorten_answers(case_ids=cases, at=at)
    _say_forgotten(ids, at)
    Case.objects.filter(reporters__in=ids, to_call_back=True).update(to_call_back=False)
    return Reporter.objects.filter(pk__in=ids).update(
        name="", phone="", salt=b"", query_code_sha256=None, may_call=False, user=None, purged_at=at
    )


def _say_forgotten(ids: list[int], at: datetime) -> None:
    """An event `purge_personal_data` in each case; locked in order, so that none waits in turn."""
    theirs = Reporter.objects.filter(pk__in=ids).order_by("pk")
    rows: dict[int, list[int]] = {}
    for case_id, reporter_id in theirs.values_list("case_id", "pk"):
        rows.setdefault(case_id, []).append(reporter_id)
    cases = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=rows)
    for case in cases.order_by("pk"):
        said = {"reporter_ids": rows[case.pk]}
        move(case, action="purge_personal_data", actor=CLOCK, at=at, changes=said)
