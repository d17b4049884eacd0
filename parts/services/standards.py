"""Filing standards, edited one by one: what holds is not overwritten but followed by a later one.

A case copies text and limit when it is filed (domain law §7), so nothing here moves a case.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotAllowed, NotVisible, Sentence
from parts.models import CatalogueClass, FilingStandard, LimitUnit
from parts.models.catalogue import ForcedClose
from parts.services.rights import check_is_administrator

WORDS_LIMIT = 300
MOST = Decimal(9999)
CENT = Decimal("0.01")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What a standard says; A and C are the limits in areas A and C where they differ from B."""

    condition: str
    limit_value: Decimal
    limit_unit: str
    closing_condition: str
    limit_value_a: Decimal | None = None
    limit_value_c: Decimal | None = None
    department_kind: str = ""
    responsible: str = ""
    forced_close: str = ForcedClose.NEVER
    forced_close_days: int | None = None


FIELDS = tuple(StandardInput.__slots__)


def checked(said: StandardInput) -> StandardInput:
    """The same with its words cleaned. Raises Invalid naming every field at fault."""
    cleaned = {
        name: getattr(said, name).replace("\0", "").strip()
        for name in ("condition", "closing_condition", "department_kind", "responsible")
    }
    faults = faults_of_words(cleaned) | faults_of_limits(said)
    if said.forced_close not in ForcedClose.values:
        faults["forced_close"] = _("Unknown value.")
    if (said.forced_close == ForcedClose.AFTER_DAYS) != bool(said.forced_close_days):
        faults["forced_close_days"] = _("Days belong to a forced close after some days.")
    if faults:
        raise Invalid(_("Please check the marked fields."), **faults)
    return StandardInput(**(asdict(said) | cleaned))


def faults_of_words(cleaned: dict[str, str]) -> dict[str, Sentence]:
    """What is wrong with the words of a standard, by field."""
    faults: dict[str, Sentence] = {}
    for name in ("condition", "closing_condition"):
        if not cleaned[name]:
            faults[name] = _("Please fill this in.")
        elif len(cleaned[name]) > WORDS_LIMIT:
            faults[name] = _("At most 300 characters.")
    return faults


def faults_of_limits(said: StandardInput) -> dict[str, Sentence]:
    """What is wrong with the limits of a standard, by field."""
    faults: dict[str, Sentence] = {}
    for name in ("limit_value", "limit_value_a", "limit_value_c"):
        value = getattr(said, name)
        if value is not None and not is_limit(value):
            faults[name] = _("A number above zero, at most 9999, with at most two decimals.")
    if said.limit_unit not in LimitUnit.values:
        faults["limit_unit"] = _("Unknown unit.")
    return faults


def is_limit(value: Decimal) -> bool:
    """Whether a limit can be kept as it stands: rounded, it would be another one."""
    return value.is_finite() and 0 < value <= MOST and value == value.quantize(CENT)


def add_standard(
    *, actor: Actor, at: datetime, class_id: int, said: StandardInput, valid_from: date
) -> FilingStandard:
    """A further standard of a class, after those it has. Raises Invalid, NotVisible."""
    check_is_administrator(actor)
    said = checked(said)
    check_not_past(valid_from, at)
    with transaction.atomic():
        # two administrators at one class number their standards one after the other
        rows = CatalogueClass.objects.select_for_update(of=("self",), no_key=True)
        entry = rows.filter(pk=class_id).first()
        if entry is None:
            raise NotVisible
        last = entry.standards.aggregate(last=Max("position"))["last"] or 0
        return FilingStandard.objects.create(
            catalogue_class=entry, position=last + 1, valid_from=valid_from, **asdict(said)
        )


def check_not_past(valid_from: date, at: datetime) -> None:
    """Raise Invalid for a standard that would have held before it was written."""
    if valid_from < timezone.localdate(at):
        raise Invalid(
            _("A standard holds from today or a later day on."), valid_from=_("Not in the past.")
        )


def locked(standard_id: int) -> FilingStandard:
    """The standard, locked. Raises NotVisible."""
    rows = FilingStandard.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=standard_id).first()
    if found is None:
        raise NotVisible
    return found


def replace_standard(
    *, actor: Actor, at: datetime, standard_id: int, said: StandardInput, valid_from: date
) -> FilingStandard:
    """Let another text or limit hold from a day on; the standard that holds ends the day before.

    One that begins on that very day is corrected, and its history keeps what it said. Raises
    NotAllowed for one that has ended or is followed already, Invalid, NotVisible.
    """
    check_is_administrator(actor)
    said = checked(said)
    check_not_past(valid_from, at)
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=str(_("Correction"))):
        old = locked(standard_id)
        if old.valid_to is not None:
            raise NotAllowed(_("This standard ends already: change the one that follows it."))
        return follow(old, said, valid_from)


def follow(old: FilingStandard, said: StandardInput, valid_from: date) -> FilingStandard:
    """Write what comes after a standard without end, in the caller's transaction.

    Raises Invalid for a day before the standard itself begins.
    """
    if valid_from < old.valid_from:
        raise Invalid(
            _("This standard begins on %(day)s only.") % {"day": old.valid_from.isoformat()},
            valid_from=_("Not before its first day."),
        )
    if old.valid_from == valid_from:
        for name, value in asdict(said).items():
            setattr(old, name, value)
        old.is_default = False
        old.save(update_fields=[*FIELDS, "is_default"])
        return old
    old.valid_to = valid_from - DAY
    old.save(update_fields=["valid_to"])
    return FilingStandard.objects.create(
        catalogue_class_id=old.catalogue_class_id,
        position=old.position,
        valid_from=valid_from,
        **asdict(said),
    )


def end_standard(
    *, actor: Actor, at: datetime, standard_id: int, last_day: date, reason: str
) -> FilingStandard:
    """Let a standard end without another in its place. Raises NotAllowed, Invalid, NotVisible."""
    check_is_administrator(actor)
    words = reason.replace("\0", "").strip()[:200]
    if not words:
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    if last_day < timezone.localdate(at):
        raise Invalid(_("The last day lies in the past."), last_day=_("Not in the past."))
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        standard = locked(standard_id)
        if standard.valid_to is not None:
            raise NotAllowed(_("This standard ends already: change the one that follows it."))
        if last_day < standard.valid_from:
            raise Invalid(
                _("The end of validity lies before its begin."),
                last_day=_("Not before its first day."),
            )
        standard.valid_to = last_day
        standard.save(update_fields=["valid_to"])
    return standard
