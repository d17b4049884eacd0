"""Writing down what an inspection found, and what comes of it (assessment law §§5, 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessment.models import Entry, EntryPhoto, EntryStep, SheetItem, Step, Subject
from assessment.selectors.inspections import appeal_until, is_its_own, people_of, visible_entries
from cases.models.notice import NoticeKind, Topic
from cases.selectors.duty import on_duty
from cases.services.notices import notify_of
from cases.services.transactions import in_transaction
from cases.services.words import REASON_LIMIT, clean_words
from dispatch.models import Department
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role, Sentence
from parts.models import Community, Street
from parts.photo_files import photo_files
from parts.photos import Encoded

FOLDER = "inspections"
PLACE_LIMIT = 120
# An entry is written on the day of the inspection, or soon after.
RECORDED_WITHIN = timedelta(days=7)
# The desks of the supervision side inspect; departments never score themselves.
ASSESSORS = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF})
_MODELS: dict[str, Any] = {
    Subject.STREET: Street, Subject.COMMUNITY: Community, Subject.DEPARTMENT: Department,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What an assessor says: which item of a sheet, of whom, how many points, why, and when."""

    sheet: str
    item: str
    object_key: str
    points: str
    words: str
    found_at: datetime
    place: str = ""


def user_of(actor: Actor) -> int:
    """Whoever writes here is a person with an account. Raises Forbidden."""
    if actor.user_id is None:
        raise Forbidden(_("Inspections are recorded by the supervision centre."))
    return actor.user_id


def check_may_inspect(actor: Actor) -> None:
    """Raises Forbidden."""
    if not actor.roles & ASSESSORS:
        raise Forbidden(_("Inspections are recorded by the supervision centre."))


def record_entry(
    *, actor: Actor, at: datetime, found: Found, photos: Sequence[Encoded] = ()
) -> Entry:
    """An entry with its photos; files and rows together or not at all.

    Raises Forbidden, Invalid naming the field, StorageFull.
    """
    check_may_inspect(actor)
    item = _item(found)
    points = clean_points(found.points, item.most)
    if item.needs_photo and points and not photos:
        wrong: dict[str, Sentence] = {"photos": _("Please add a photo.")}
        raise Invalid(_("This item is judged with a photo."), **wrong)
    if not at - RECORDED_WITHIN <= found.found_at <= at:
        raise Invalid(
            _("An inspection is recorded within 7 days, never in advance."),
            found_at=_("Within the last 7 days."),
        )
    words = clean_words(found.words, field="words", limit=REASON_LIMIT, required=True)
    place = clean_words(found.place, field="place", limit=PLACE_LIMIT)
    held = {item.sheet.subject: _object(item.sheet.subject, found.object_key)}
    with photo_files(FOLDER, at) as files:
        written = [(one, *files.write(one)) for one in photos]
        return _write(
            Entry(
                item=item, points=points, found_at=found.found_at, at=at, place=place, words=words,
                assessor_id=user_of(actor), **held,
            ),
            written,
        )  # fmt: skip


@in_transaction
def _write(entry: Entry, photos: Sequence[tuple[Encoded, str, str]]) -> Entry:
    entry.save(force_insert=True)
    EntryPhoto.objects.bulk_create(
        EntryPhoto(entry=entry, file=name, thumbnail=thumbnail, sha256=made.sha256)
        for made, name, thumbnail in photos
    )
    said = {"item": str(entry.item), "points": str(entry.points)}
    tell(entry, people_of(entry), NoticeKind.INSPECTED, entry.at, said)
    return entry


def tell(
    entry: Entry, receivers: Iterable[int], kind: NoticeKind, at: datetime, said: dict[str, str]
) -> None:
    """The same day, in the transaction of what is told (assessment law §8)."""
    notify_of(Topic.INSPECTION, entry.pk, receivers, kind, at=at, values=said)


def tell_of_step(entry: Entry, step: Step, at: datetime) -> None:
    """An appeal to the duty chiefs who may answer it; a decision to the one it scores."""
    said = {"item": str(entry.item)}
    if step == Step.APPEALED:
        chiefs = [one for one in on_duty([Role.DUTY_CHIEF]) if one != entry.assessor_id]
        tell(entry, chiefs, NoticeKind.CONTESTED, at, said)
    else:
        tell(entry, people_of(entry), NoticeKind.DECIDED, at, said | {"decision": str(step)})


def _item(found: Found) -> SheetItem:
    item = (
        SheetItem.objects.select_related("sheet")
        .filter(sheet__key=found.sheet, sheet__is_active=True, code=found.item, is_active=True)
        .first()
    )
    if item is None:
        raise Invalid(_("Choose an item of the sheet."), item=_("Unknown item."))
    return item


def _object(subject: str, key: str) -> Any:
    """The street, community or department in use that has this code. Raises Invalid."""
    in_use = {"is_active": True} if subject == Subject.DEPARTMENT else {"valid_to": None}
    found = _MODELS[subject].objects.filter(code=key, **in_use).order_by("-pk").first()
    if found is None:
        raise Invalid(_("Choose whom the entry scores."), object_key=_("Unknown value."))
    return found


def clean_points(text: str, most: Decimal) -> Decimal:
    """Points of two places from nought to `most`. Raises Invalid."""
    wrong: dict[str, Sentence] = {"points": _("A number from 0 to %(most)s.") % {"most": most}}
    try:
        points = Decimal(text.strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Invalid(_("Please check the points."), **wrong) from None
    if not points.is_finite() or not 0 <= points <= most:
        raise Invalid(_("Please check the points."), **wrong)
    return points


# ---------------------------------------------------------------- what comes of it


def mark_read(*, entry_id: int, actor: Actor, at: datetime) -> None:
    """The one it scores has seen it: noted at the first look, by whom. Others leave no trace."""
    entry = _visible(actor, entry_id)
    if is_its_own(actor, entry):
        EntryStep.objects.bulk_create(
            [EntryStep(entry=entry, step=Step.READ, by_id=user_of(actor), at=at)],
            ignore_conflicts=True,
        )


def appeal_entry(*, entry_id: int, actor: Actor, at: datetime, words: str) -> EntryStep:
    """The one it scores appeals: once, in its days. Raises NotVisible, Forbidden, NotAllowed."""
    entry = _visible(actor, entry_id)
    if not is_its_own(actor, entry):
        raise Forbidden(_("Only whom an entry scores may appeal against it."))
    if at > (until := appeal_until(entry)):
        raise NotAllowed(
            _("An appeal was possible until %(until)s.")
            % {"until": timezone.localtime(until).strftime("%Y-%m-%d %H:%M")}
        )
    return _step(entry, Step.APPEALED, actor, at, words)


def answer_entry(
    *, entry_id: int, actor: Actor, at: datetime, upheld: bool, words: str
) -> EntryStep:
    """The duty chief decides an appeal; never over his own entry.

    Raises NotVisible, Forbidden, NotAllowed where there is no appeal or it was decided.
    """
    entry = _visible(actor, entry_id)
    if Role.DUTY_CHIEF not in actor.roles:
        raise Forbidden(_("Appeals against entries are answered by the duty chief."))
    if entry.assessor_id == actor.user_id:
        raise Forbidden(_("Somebody else answers an appeal against your own entry."))
    if not entry.steps.filter(step=Step.APPEALED).exists():
        raise NotAllowed(_("Nobody has appealed against this entry."))
    return _step(entry, Step.UPHELD if upheld else Step.REFUSED, actor, at, words)


def withdraw_entry(*, entry_id: int, actor: Actor, at: datetime, words: str) -> EntryStep:
    """Its assessor, or a duty chief, takes a wrong entry back with a reason."""
    entry = _visible(actor, entry_id)
    if entry.assessor_id != actor.user_id and Role.DUTY_CHIEF not in actor.roles:
        raise Forbidden(_("An entry is taken back by its assessor or by the duty chief."))
    return _step(entry, Step.WITHDRAWN, actor, at, words)


@in_transaction
def _step(entry: Entry, step: Step, actor: Actor, at: datetime, words: str) -> EntryStep:
    """One more thing that happened; the database lets each happen once, and one of them decide."""
    text = clean_words(words, field="words", limit=REASON_LIMIT, required=True)
    # Two who decide at once come one after the other.
    Entry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    happened = set(entry.steps.values_list("step", flat=True))
    if step in happened or happened & {Step.UPHELD, Step.REFUSED, Step.WITHDRAWN}:
        raise NotAllowed(_("This entry was appealed against or decided already."))
    made = EntryStep.objects.create(entry=entry, step=step, words=text, by_id=user_of(actor), at=at)
    tell_of_step(entry, step, at)
    return made


def _visible(actor: Actor, entry_id: int) -> Entry:
    found = visible_entries(actor).filter(pk=entry_id).first()
    if found is None:
        raise NotVisible
    return found
