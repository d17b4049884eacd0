"""Versions of schemes: drafted, opened to comment, proposed, and consented to by a second person.

A change of scheme, band or weight needs the consent of another administrator (domain law §1, †).
What held once stays as it was; every step is written down with what the version said then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from assessment.models import Scheme, SchemeAct, SchemeComment, SchemeStep, Subject
from assessment.scheme_rules import faults_of
from assessment.scoring import grades_from, terms_from
from assessment.selectors.schemes import COMMENTERS, known_for, visible_schemes
from cases.services.transactions import in_transaction
from cases.services.words import REASON_LIMIT, TEXT_LIMIT, clean_words
from dispatch.models import Department
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role, StaleVersion

NAME_LIMIT, SOURCE_LIMIT, KEY_LIMIT = 80, 200, 40
MOST_TERMS = 30
# As the law's defaults (§5, †); a city names and moves them.
GRADES = [
    ["A", 90, "优秀"],
    ["B", 75, "良好"],
    ["C", 60, "一般"],
    ["D", 40, "较差"],
    ["E", 0, "差"],
]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft is to say; `terms` and `grades` as a scheme keeps them."""

    name: str
    valid_from: date
    terms: list[dict[str, Any]]
    grades: list[list[Any]]
    source: str = ""
    month_from: int = 1


def administrator_of(actor: Actor) -> int:
    """The user who writes schemes. Raises Forbidden."""
    if Role.ADMINISTRATOR not in actor.roles or actor.user_id is None:
        raise Forbidden(_("Schemes are written by administrators."))
    return actor.user_id


@in_transaction
def create_scheme(
    *, actor: Actor, at: datetime, key: str, name: str, subject: str, valid_from: date
) -> Scheme:
    """The first draft of a new scheme, without terms. Raises Forbidden, Invalid."""
    administrator_of(actor)
    name = clean_words(name, field="name", limit=NAME_LIMIT, required=True)
    if subject not in Subject.values:
        raise Invalid(_("Choose whom the scheme scores."), subject=_("Unknown value."))
    made = Scheme.objects.create(
        key=_new_key(key), version=1, name=name, subject=subject, terms=[], grades=GRADES,
        valid_from=valid_from,
    )  # fmt: skip
    return _step(made, SchemeAct.MADE, actor, at)


@in_transaction
def copy_version(
    *, actor: Actor, at: datetime, scheme_id: int, valid_from: date, words: str = "",
    terms: list[dict[str, Any]] | None = None,
) -> Scheme:  # fmt: skip
    """The next version of a scheme as a draft, which says what this one says, or `terms` instead.

    Raises Forbidden, NotVisible.
    """
    administrator_of(actor)
    old = _locked(scheme_id)
    words = clean_words(words, field="words", limit=REASON_LIMIT)
    last = Scheme.objects.filter(key=old.key).aggregate(last=Max("version"))["last"]
    made = Scheme.objects.create(
        key=old.key, version=last + 1, name=old.name, subject=old.subject,
        terms=old.terms if terms is None else terms, grades=old.grades, source=old.source,
        valid_from=valid_from, month_from=old.month_from,
    )  # fmt: skip
    return _step(made, SchemeAct.MADE, actor, at, words or f"← v{old.version}")


@in_transaction
def save_draft(*, actor: Actor, at: datetime, scheme_id: int, revision: int, said: Draft) -> Scheme:
    """Write a draft, faults and all: only proposing it asks for a scheme that can score.

    Raises Forbidden, NotVisible, NotAllowed for what is no draft, StaleVersion, Invalid.
    """
    administrator_of(actor)
    draft = _draft(scheme_id, revision)
    draft.name = clean_words(said.name, field="name", limit=NAME_LIMIT, required=True)
    draft.source = clean_words(said.source, field="source", limit=SOURCE_LIMIT)
    if not 1 <= said.month_from <= 28:
        raise Invalid(_("A month begins on a day from 1 to 28."), month_from=_("From 1 to 28."))
    if len(said.terms) > MOST_TERMS:
        raise Invalid(_("A scheme has at most %(most)d terms.") % {"most": MOST_TERMS})
    _read(said.terms, said.grades)
    draft.terms, draft.grades = said.terms, said.grades
    draft.valid_from, draft.month_from = said.valid_from, said.month_from
    draft.save(
        update_fields=["name", "source", "terms", "grades", "valid_from", "month_from"],
    )
    return _step(draft, SchemeAct.CHANGED, actor, at)


def _read(terms: Sequence[Any], grades: Sequence[Any]) -> None:
    """Raises Invalid for data that no scheme can keep."""
    try:
        terms_from(terms)
        grades_from(grades)
    except (KeyError, TypeError, ValueError):
        raise Invalid(_("These terms cannot be read."), terms=_("Unknown value.")) from None


@in_transaction
def set_open_to_comment(*, actor: Actor, at: datetime, scheme_id: int, is_open: bool) -> Scheme:
    """Let officials, desks and departments read a draft and say what they think, or end that."""
    administrator_of(actor)
    found = _locked(scheme_id)
    if found.is_active or found.discarded_at:
        raise NotAllowed(_("Only a draft is opened to comment."))
    if found.is_open_to_comment == is_open:
        return found
    found.is_open_to_comment = is_open
    found.save(update_fields=["is_open_to_comment"])
    act = SchemeAct.OPENED if is_open else SchemeAct.SHUT
    return _step(found, act, actor, at, raises=False)


@in_transaction
def propose_scheme(
    *, actor: Actor, at: datetime, scheme_id: int, revision: int, words: str = ""
) -> Scheme:
    """Put a draft before a second administrator; from now on it stands still.

    Raises Invalid where it cannot score, NotAllowed where it could not hold from its date.
    """
    user = administrator_of(actor)
    draft = _draft(scheme_id, revision)
    words = clean_words(words, field="words", limit=REASON_LIMIT, required=True)
    _check_can_score(draft)
    _check_date(draft, at)
    draft.proposed_by_id, draft.proposed_at = user, at
    draft.save(update_fields=["proposed_by", "proposed_at"])
    return _step(draft, SchemeAct.PROPOSED, actor, at, words)


def _check_can_score(draft: Scheme) -> None:
    faults = faults_of(terms_from(draft.terms), known_for(draft.subject), grades_from(draft.grades))
    if faults:
        raise Invalid(_("This draft cannot score yet."), terms=[fault.words for fault in faults])


def _check_date(draft: Scheme, at: datetime) -> None:
    """No day that has begun is scored by another version than held on it."""
    if draft.valid_from <= timezone.localdate(at):
        raise NotAllowed(_("A version holds from a day to come: choose a later date."))
    held = Scheme.objects.filter(key=draft.key, is_active=True)
    if held.filter(version__gt=draft.version).exists():
        raise NotAllowed(_("A later version is in force already: copy that one."))
    last = held.aggregate(last=Max("valid_from"))["last"]
    if last is not None and draft.valid_from < last:
        raise NotAllowed(
            _("A version already holds from %(day)s: choose that day or a later one.")
            % {"day": last.isoformat()}
        )


@in_transaction
def take_back_proposal(*, actor: Actor, at: datetime, scheme_id: int, words: str = "") -> Scheme:
    """Whoever proposed it makes it a draft again. Raises Forbidden, NotAllowed."""
    user = administrator_of(actor)
    found = _proposed(scheme_id)
    if found.proposed_by_id != user:
        raise Forbidden(_("Whoever proposed it takes it back; others refuse it with a reason."))
    words = clean_words(words, field="words", limit=REASON_LIMIT)
    return _back_to_draft(found, SchemeAct.TAKEN_BACK, actor, at, words)


@in_transaction
def refuse_scheme(*, actor: Actor, at: datetime, scheme_id: int, words: str) -> Scheme:
    """A second administrator says no, and why: it is a draft again. Raises Forbidden, Invalid."""
    _check_is_another(actor, found := _proposed(scheme_id))
    words = clean_words(words, field="words", limit=REASON_LIMIT, required=True)
    return _back_to_draft(found, SchemeAct.REFUSED, actor, at, words)


def _back_to_draft(found: Scheme, act: SchemeAct, actor: Actor, at: datetime, words: str) -> Scheme:
    found.proposed_by, found.proposed_at = None, None
    found.save(update_fields=["proposed_by", "proposed_at"])
    return _step(found, act, actor, at, words)


@in_transaction
def consent_to_scheme(
    *, actor: Actor, at: datetime, scheme_id: int, revision: int, words: str = ""
) -> Scheme:
    """A second administrator says yes: it holds from its date, and stays as it is for ever.

    Raises Forbidden for whoever proposed it, NotAllowed where its date has come meanwhile.
    """
    user = administrator_of(actor)
    found = _proposed(scheme_id)
    _check_is_another(actor, found)
    _check_revision(found, revision)
    words = clean_words(words, field="words", limit=REASON_LIMIT)
    _check_can_score(found)
    _check_date(found, at)
    # The history first: what is in force is never touched again.
    _step(found, SchemeAct.CONSENTED, actor, at, words)
    Scheme.objects.filter(pk=found.pk).update(
        is_active=True, consented_by=user, is_open_to_comment=False
    )
    found.refresh_from_db()
    return found


def _check_is_another(actor: Actor, found: Scheme) -> None:
    if found.proposed_by_id == administrator_of(actor):
        raise Forbidden(_("A second administrator consents, not who proposed it."))


@in_transaction
def discard_draft(*, actor: Actor, at: datetime, scheme_id: int, words: str = "") -> Scheme:
    """Lay a draft aside; it stays in the history. Raises NotAllowed for what is no draft."""
    administrator_of(actor)
    draft = _locked(scheme_id)
    if draft.is_active or draft.proposed_at or draft.discarded_at:
        raise NotAllowed(_("Only a draft is discarded."))
    words = clean_words(words, field="words", limit=REASON_LIMIT)
    draft.discarded_at, draft.is_open_to_comment = at, False
    draft.save(update_fields=["discarded_at", "is_open_to_comment"])
    return _step(draft, SchemeAct.DISCARDED, actor, at, words)


@in_transaction
def comment_on_scheme(*, actor: Actor, at: datetime, scheme_id: int, words: str) -> SchemeComment:
    """What an official, a desk or a department says of an open draft.

    Raises NotVisible, Forbidden, NotAllowed when comment has ended, Invalid without words.
    """
    found = visible_schemes(actor).filter(pk=scheme_id).first()
    if found is None:
        raise NotVisible
    if not actor.roles & COMMENTERS or actor.user_id is None:
        raise Forbidden(_("Officials, desks, departments and administrators comment."))
    if not found.is_open_to_comment:
        raise NotAllowed(_("This version is not open to comment."))
    words = clean_words(words, field="words", limit=TEXT_LIMIT, required=True)
    names = Department.objects.filter(pk=actor.department_id or 0).values_list("name", flat=True)
    return SchemeComment.objects.create(
        scheme=found, by_id=actor.user_id, unit=names.first() or "", at=at, words=words,
        revision=found.revision,
    )  # fmt: skip


# ---------------------------------------------------------------- rows


def _locked(scheme_id: int) -> Scheme:
    rows = Scheme.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=scheme_id).first()
    if found is None:
        raise NotVisible
    return found


def _draft(scheme_id: int, revision: int) -> Scheme:
    found = _locked(scheme_id)
    if found.is_active or found.discarded_at:
        raise NotAllowed(_("This version stays as it is: copy it into a draft."))
    if found.proposed_at:
        raise NotAllowed(_("It is proposed and stands still until it is answered or taken back."))
    _check_revision(found, revision)
    return found


def _proposed(scheme_id: int) -> Scheme:
    found = _locked(scheme_id)
    if found.is_active or not found.proposed_at:
        raise NotAllowed(_("This version is not proposed."))
    return found


def _check_revision(found: Scheme, revision: int) -> None:
    if found.revision != revision:
        last = found.steps.select_related("by").last()
        raise StaleVersion(
            _("The draft has been changed since you opened it."),
            who=last.by.full_name if last else "", at=last.at if last else None,
        )  # fmt: skip


def _step(
    scheme: Scheme, act: SchemeAct, actor: Actor, at: datetime, words: str = "", *,
    raises: bool = True,
) -> Scheme:  # fmt: skip
    """Write the step down with what the version says after it, and raise its revision."""
    if raises:
        scheme.revision += 1
        scheme.save(update_fields=["revision"])
    SchemeStep.objects.create(
        scheme=scheme, act=act, by_id=administrator_of(actor), at=at, words=words,
        revision=scheme.revision,
        content={
            "name": scheme.name, "terms": scheme.terms, "grades": scheme.grades,
            "valid_from": scheme.valid_from.isoformat(), "month_from": scheme.month_from,
        },
    )  # fmt: skip
    return scheme


def _new_key(text: str) -> str:
    key = slugify(text)[:KEY_LIMIT]
    if not key or key != text.strip():
        raise Invalid(
            _("The key has small Latin letters, digits and hyphens."),
            key=_("Such as street-monthly."),
        )
    if Scheme.objects.filter(key=key).exists():
        raise Invalid(_("There is a scheme with this key already."), key=_("Already used."))
    return key
