"""The acceptor's desk: complete a report, accept it or not, supplement it (domain law §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Event, Source, TaskOutcome
from cases.models.notice import NoticeKind
from cases.selectors.settings import must_verify
from cases.services.classing import (
    ask_for,
    check_class_is_current,
    check_class_of_part,
    unread_class_of_part,
)
from cases.services.evidence import Prepared, attach_photos
from cases.services.notices import Owed, owe
from cases.services.placing import (
    NO_PART_REASON_LIMIT,
    PLACE_FIELDS,
    PLACE_LIMIT,
    Place,
    find_part,
    place_case,
)
from cases.services.releasing import release_members
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.services.words import REASON_LIMIT, TEXT_LIMIT, clean_words
from gridcity.contracts import Actor, Invalid, NotAllowed
from parts.models import CatalogueClass
from parts.selectors import class_of_matter, get_class, read_as
from parts.selectors.compiled import compiled
from parts.selectors.keys import class_by_id
from parts.services.crosswalk import keep_answer


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an acceptor or duty chief corrects; None leaves a field as it is."""

    kind: str | None = None
    class_code: str | None = None
    scheme: str | None = None
    part_code: str | None = None
    no_part_reason: str | None = None
    place: Place | None = None
    place_text: str | None = None
    description: str | None = None
    source: str | None = None


@in_transaction
def amend_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, amendment: Amendment
) -> Case:
    """`amend` 完善: correct class, place, words or source; the event keeps the old values.

    A moved place finds its cell anew. Raises Invalid when nothing changes.
    """
    case = lock_case(number, version=version)
    check_may(case, "amend", actor)
    before = snapshot(case)
    amend_class(case, amendment)
    amend_words(case, amendment)
    if amendment.place is not None:
        place_case(case, amendment.place)
    after = snapshot(case)
    changes = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if not changes:
        raise Invalid(_("Nothing was changed."))
    fields = (
        "kind",
        "catalogue_class",
        "part",
        "no_part_reason",
        "place_text",
        "description",
        "sources",
        *PLACE_FIELDS,
    )
    move(case, action="amend", actor=actor, at=at, changes=changes, fields=fields)
    return case


def snapshot(case: Case) -> dict[str, Any]:
    """The amendable values, as the event keeps them."""
    return {
        "class_code": f"{case.catalogue_class.scheme_id}/{case.kind}/{case.catalogue_class.code}",
        "part": case.part_id,
        "no_part_reason": case.no_part_reason,
        "point": [case.point.x, case.point.y] if case.point else None,
        "cell": case.cell_id,
        "place_text": case.place_text,
        "description": case.description,
        "sources": list(case.sources),
    }


def amend_class(case: Case, amendment: Amendment) -> None:
    """Set another class or part; a case of a part without one says why."""
    found = amended_class(case, amendment)
    if found.pk != case.catalogue_class_id:
        case.catalogue_class, case.kind = found, found.kind
        if not keeps_part(case, found):
            case.part = None
    if amendment.part_code:
        part = find_part(amendment.part_code)
        check_class_of_part(part, case.catalogue_class)
        case.part = part
    if amendment.no_part_reason is not None:
        case.no_part_reason = clean_words(
            amendment.no_part_reason, field="no_part_reason", limit=NO_PART_REASON_LIMIT
        )
    if case.kind == "part" and case.part_id is None and not case.no_part_reason:
        raise Invalid(
            _("Name the part, or say why there is none."),
            part_code=_("Which part?"),
            no_part_reason=_("Why none?"),
        )


def amended_class(case: Case, amendment: Amendment) -> CatalogueClass:
    """The class that is named; without a scheme the case's own code stays what it is.

    Raises Invalid for an unknown or retired class.
    """
    entry = case.catalogue_class
    kind = amendment.kind or case.kind
    code = amendment.class_code or entry.code
    scheme = amendment.scheme
    if (scheme or entry.scheme_id, kind, code) == (entry.scheme_id, entry.kind, entry.code):
        return entry
    found = get_class(scheme=scheme, kind=kind, code=code)
    if found is None or not found.is_active:
        raise Invalid(_("There is no such class in the catalogue."), class_code=_("Unknown class."))
    return class_of_matter(found)


def keeps_part(case: Case, found: CatalogueClass) -> bool:
    """Whether a case's part can stay under another class: that of the scheme since changed."""
    part = case.part
    if part is None or found.kind != CatalogueClass.Kind.PART:
        return False
    read = read_as(part.catalogue_class_id, found.scheme_id)
    return (read is not None and read.pk == found.pk) or (
        read is None and class_by_id(part.catalogue_class_id).scheme_id != found.scheme_id
    )


def amend_words(case: Case, amendment: Amendment) -> None:
    """Set words and source; the first source stays what it is and counts (domain law §2)."""
    if amendment.description is not None:
        case.description = clean_words(
            amendment.description, field="description", limit=TEXT_LIMIT, required=True
        )
    if amendment.place_text is not None:
        case.place_text = clean_words(amendment.place_text, field="place_text", limit=PLACE_LIMIT)
    if amendment.source:
        if amendment.source not in Source.values:
            raise Invalid(_("Unknown source."), source=_("Unknown source."))
        if amendment.source not in case.sources:
            case.sources = [*case.sources, amendment.source]


@in_transaction
def supplement_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    words: str = "",
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
    said: Mapping[str, Any] | None = None,
) -> tuple[Case, Event]:
    """`supplement` 补充: add words and photos to an open case; never a report of its own.

    It needs no version and raises none, so that evidence is never lost to a conflict. `said` is
    what the event says besides of who adds.
    """
    case = lock_case(number)
    check_may(case, "supplement", actor)
    text = clean_words(words, field="description", limit=TEXT_LIMIT)
    if not text and not photos:
        raise Invalid(_("Add words or a photo."), description=_("Empty."))
    changes = {"words": text, "photos": [photo.sha256.hex() for photo in photos], **(said or {})}
    event = move(
        case, action="supplement", actor=actor, at=at, occurred_at=occurred_at, changes=changes
    )
    attach_photos(case, event, photos, actor=actor, at=at)
    return case, event


@in_transaction
def accept_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    waiver: str = "",
    class_checked: bool = False,
) -> Case:
    """`accept` 受理: class, place and words are complete, and it was verified where it must be.

    `waiver` is the reason for accepting without, or against, a verification; it is counted in a
    ledger (domain law §2). `class_checked` is the acceptor's word for the class of a part whose
    own class no confirmed pair reads (`codes.md`); it is proposed for the crosswalk. Raises
    NotAllowed or Invalid saying what is missing.
    """
    case = lock_case(number, version=version)
    check_may(case, "accept", actor)
    check_complete(case)
    waiver = clean_words(waiver, field="waiver", limit=REASON_LIMIT)
    is_waived = needs_waiver(case, at)
    if is_waived and not waiver:
        raise Invalid(
            _("Reports of this source are verified on site first; else say why not."),
            code="verification_required",
            waiver=_("Why is it accepted without a confirmed verification?"),
        )
    settle_class(case, actor, at, class_checked)
    case.verify_waived_reason = waiver if is_waived else ""
    case.first_contact_id = case.first_contact_id or actor.user_id
    move(
        case,
        action="accept",
        actor=actor,
        at=at,
        changes={"waiver": case.verify_waived_reason} if case.verify_waived_reason else {},
        fields=("verify_waived_reason", "first_contact"),
    )
    return case


def settle_class(case: Case, actor: Actor, at: datetime, class_checked: bool) -> None:
    """Ask for the class of a part that the crosswalk does not read; propose what is answered."""
    unread = unread_class_of_part(case)
    if unread is None:
        return
    if not class_checked:
        raise Invalid(
            str(ask_for(unread)), code="class_unread", class_checked=_("Is the class right?")
        )
    keep_answer(
        actor=actor, at=at, from_id=unread.pk, to_id=case.catalogue_class_id,
        case_number=case.number,
    )  # fmt: skip


def check_complete(case: Case) -> None:
    """Raise NotAllowed saying what a report lacks before it can be accepted."""
    if case.cell_id is None:
        raise NotAllowed(_("The place is only words: set its point on the map first."))
    if not case.description:
        raise NotAllowed(_("The description is empty: complete it first."))
    check_class_is_current(case)


def needs_waiver(case: Case, at: datetime) -> bool:
    """Whether accepting wants a reason: unverified where §2 demands it, or against the answer."""
    against = case.verify_outcome in {TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND}
    return against or (
        must_verify(case.source, at) and case.verify_outcome != TaskOutcome.CONFIRMED
    )


@in_transaction
def not_accept_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`not_accept` ⚑ 不予受理: the report ends here; a reporter with an account is told why."""
    case = lock_case(number, version=version)
    case.first_contact_id = case.first_contact_id or actor.user_id
    move(case, action="not_accept", actor=actor, at=at, reason=reason, fields=("first_contact",))
    release_members(case, at)
    tell_reporter(case, NoticeKind.NOT_ACCEPTED, at)
    return case


def tell_reporter(case: Case, kind: NoticeKind, at: datetime, others: Sequence[int] = ()) -> None:
    """Owe a notice to the reporters who have an account, and to `others`.

    Those of merged cases hear of their own: they know no other number, and see no other case.
    """
    own = [case.reported_by_id] if case.reported_by_id is not None else []
    told = [Owed(case.pk, one, kind) for one in dict.fromkeys([*own, *others])]
    told += [Owed(*member, kind) for member in _members_with_account(case_id=case.pk)]
    owe(told, at=at)


@compiled
def _members_with_account(case_id: Any) -> QuerySet[Case, tuple[int, int]]:
    members = Case.objects.filter(merged_into_id=case_id, reported_by__isnull=False)
    return members.order_by("pk").values_list("pk", "reported_by_id")


def first_contact_of(case: Case) -> list[int]:
    """Who took the case first and answers to its reporter until he was called back (law §2)."""
    return [] if case.first_contact_id is None else [case.first_contact_id]
