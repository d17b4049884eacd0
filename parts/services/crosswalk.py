"""The crosswalk between coding schemes: the assistant proposes by name, a person decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pghistory
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role
from parts.models import CatalogueClass, CodingScheme, CrosswalkPair
from parts.names import most_alike, same_name
from parts.selectors.kept import forget
from parts.services.rights import check_is_administrator

State, Basis = CrosswalkPair.State, CrosswalkPair.Basis
REASON_LIMIT = 200
MOST_AT_ONCE = 1000
SAYS_WHY = (Basis.EXACT, Basis.SPELLING)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the assistant found: new pairs by why, and what it leaves to a person."""

    exact: int = 0
    spelling: int = 0
    near: int = 0
    without: int = 0
    #: classes whose code the other scheme has under another name
    traps: int = 0

    @property
    def pairs(self) -> int:
        return self.exact + self.spelling + self.near


def check_schemes(source: str, target: str) -> None:
    """Raises Invalid for schemes that are not there, or are one and the same."""
    known = set(CodingScheme.objects.values_list("key", flat=True))
    for name, key in (("source", source), ("target", target)):
        if key not in known:
            raise Invalid(_("There is no such coding scheme."), **{name: _("Unknown scheme.")})
    if source == target:
        raise Invalid(_("A scheme needs no crosswalk to itself."), target=_("Name another scheme."))


def propose_pairs(*, actor: Actor, at: datetime, source: str, target: str) -> Proposed:
    """Propose pairs by name for every class of `source` that is read as nothing in `target`.

    Parts are compared with parts and events with events; codes are not looked at. What was
    proposed or refused before stays as it is, so that asking again adds only what is new.
    """
    check_is_administrator(actor)
    check_schemes(source, target)
    with transaction.atomic():
        there = CrosswalkPair.objects.filter(from_class__scheme_id=source, to_scheme_id=target)
        known = set(there.values_list("from_class_id", "to_class_id"))
        settled = set(there.filter(state=State.CONFIRMED).values_list("from_class_id", flat=True))
        classes = CatalogueClass.objects.order_by("kind", "code")
        others = list(classes.filter(scheme_id=target, is_active=True))
        open_ones = [one for one in classes.filter(scheme_id=source) if one.pk not in settled]
        pairs = list(alike(open_ones, others, at))
        new = [pair for pair in pairs if (pair.from_class_id, pair.to_class_id) not in known]
        CrosswalkPair.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    counts = Counter(pair.basis for pair in new)
    by_code = {(one.kind, one.code): one.name for one in others}
    traps = sum(
        not same_name(one.name, by_code.get((one.kind, one.code), one.name)) for one in open_ones
    )
    found = {pair.from_class_id for pair in pairs}
    without = sum(one.pk not in found for one in open_ones)
    return Proposed(counts[Basis.EXACT], counts[Basis.SPELLING], counts[Basis.NEAR], without, traps)


def alike(
    classes: list[CatalogueClass], others: list[CatalogueClass], at: datetime
) -> Iterator[CrosswalkPair]:
    """Proposals for these classes among the others of the same kind."""
    names: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    schemes = {other.pk: other.scheme_id for other in others}
    for other in others:
        names[other.kind].append((other.pk, other.name))
    for one in classes:
        for found in most_alike(one.name, names[one.kind]):
            yield CrosswalkPair(
                from_class_id=one.pk,
                to_class_id=found.key,
                to_scheme_id=schemes[found.key],
                basis=found.basis.value,
                score=Decimal(str(found.score)),
                proposed_at=at,
            )


def decide_pairs(
    *, actor: Actor, at: datetime, ids: Collection[int], confirm: bool, reason: str = ""
) -> list[CrosswalkPair]:
    """Confirm or refuse pairs, all or none; a decision may be changed, the history keeps both.

    Raises Invalid without a pair, or when the same name is refused without a reason; NotAllowed
    when a class would be read as two.
    """
    check_is_administrator(actor)
    if not ids or len(ids) > MOST_AT_ONCE:
        raise Invalid(_("Choose between 1 and 1,000 pairs."), pair=_("Choose at least one pair."))
    state = State.CONFIRMED if confirm else State.REFUSED
    words = reason.replace("\0", "").strip()[:REASON_LIMIT]
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        rows = CrosswalkPair.objects.select_for_update(of=("self",), no_key=True)
        pairs = list(rows.filter(pk__in=ids).select_related("from_class").order_by("pk"))
        if len(pairs) != len(set(ids)):
            raise NotVisible
        if confirm:
            check_read_as_one(pairs)
        elif not words and any(pair.basis in SAYS_WHY for pair in pairs):
            raise Invalid(
                _("Say why the same name is not the same class."), reason=_("A reason is required.")
            )
        for pair in pairs:
            decide(pair, state, actor, at, words)
        transaction.on_commit(forget)
    return pairs


def check_read_as_one(pairs: list[CrosswalkPair]) -> None:
    """Raise NotAllowed when a class among these would be read as two of one scheme."""
    wanted = Counter((pair.from_class_id, pair.to_scheme_id) for pair in pairs)
    twice = next(
        (pair for pair in pairs if wanted[pair.from_class_id, pair.to_scheme_id] > 1), None
    )
    if twice is None:
        others = CrosswalkPair.objects.filter(
            from_class__in=[pair.from_class_id for pair in pairs], state=State.CONFIRMED
        ).exclude(pk__in=[pair.pk for pair in pairs])
        taken = set(others.values_list("from_class_id", "to_scheme_id"))
        twice = next(
            (pair for pair in pairs if (pair.from_class_id, pair.to_scheme_id) in taken), None
        )
    if twice is not None:
        raise read_as_two(twice.from_class)


def read_as_two(entry: CatalogueClass) -> NotAllowed:
    return NotAllowed(
        _("%(code)s %(name)s would be read as two classes: refuse one of them first.")
        % {"code": entry.code, "name": entry.name}
    )


def decide(pair: CrosswalkPair, state: str, actor: Actor, at: datetime, reason: str) -> None:
    """Write one decision, in the caller's transaction."""
    if actor.user_id is None:
        raise Forbidden(_("A person confirms what a class is read as; the system only proposes."))
    if pair.state == state:
        return
    pair.state, pair.reason = state, reason
    pair.decided_at, pair.decided_by_id = at, actor.user_id
    try:
        with transaction.atomic():
            pair.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    except IntegrityError:  # somebody confirmed another pair of this class meanwhile
        raise read_as_two(pair.from_class) from None


def name_pair(
    *, actor: Actor, at: datetime, from_id: int, to_id: int, reason: str = ""
) -> CrosswalkPair:
    """A person names what a class is read as; this confirms it. Raises Invalid, NotAllowed."""
    check_is_administrator(actor)
    with transaction.atomic():
        one, other = find_class(from_id, "from_class"), find_class(to_id, "to_class")
        if one.kind != other.kind:
            raise Invalid(
                _("A part is read as a part and an event as an event."), to_class=_("Other kind.")
            )
        check_schemes(one.scheme_id, other.scheme_id)
        pair, _new = CrosswalkPair.objects.get_or_create(
            from_class=one,
            to_class=other,
            defaults={
                "to_scheme_id": other.scheme_id,
                "basis": Basis.PERSON,
                "score": Decimal(1),
                "proposed_at": at,
            },
        )
        return decide_pairs(actor=actor, at=at, ids=[pair.pk], confirm=True, reason=reason)[0]


def find_class(class_id: int, field: str) -> CatalogueClass:
    found = CatalogueClass.objects.filter(pk=class_id).first()
    if found is None:
        raise Invalid(_("There is no such class in the catalogue."), **{field: _("Unknown class.")})
    return found


def keep_answer(
    *, actor: Actor, at: datetime, from_id: int, to_id: int, case_number: str
) -> CrosswalkPair | None:
    """Propose what an acceptor answered in a case; an administrator confirms it for all others.

    None where there is such a pair already, or the two are of different kinds.
    """
    if not actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF}:
        raise Forbidden(_("The acceptor says which class a report is of."))
    one, other = find_class(from_id, "from_class"), find_class(to_id, "to_class")
    if one.kind != other.kind or one.scheme_id == other.scheme_id:
        return None
    pair, is_new = CrosswalkPair.objects.get_or_create(
        from_class=one,
        to_class=other,
        defaults={
            "to_scheme_id": other.scheme_id,
            "basis": Basis.ANSWER,
            "score": Decimal("0.900"),
            "reason": case_number,
            "proposed_at": at,
        },
    )
    return pair if is_new else None
