"""`report` 上报: a case comes into being (domain law §4, first row)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Reporter
from cases.models.case import PlacedBy
from cases.services.classing import check_class_of_part, class_for_new
from cases.services.evidence import Prepared, attach_photos
from cases.services.placing import (
    FARTHEST_FROM_PART_M,
    NO_PART_REASON_LIMIT,
    PLACE_LIMIT,
    Place,
    find_part,
    metres_between,
    place_case,
    place_of_part,
)
from cases.services.transactions import in_transaction
from cases.services.transition import begin_case, refusal_of
from cases.services.words import TEXT_LIMIT, clean_words
from cases.sources import WORDS_FOR_PLACE, Source
from cases.workflow import State, judge
from gridcity.contracts import Actor, Forbidden, Invalid, Role
from parts.codes import build_case_number
from parts.models import CatalogueClass, Part
from parts.selectors import district_code, get_class
from parts.selectors.compiled import planned_cursor
from parts.selectors.keys import class_by_id

# Which sources each role may report from (domain law §§1, 2); the first is the default.
# An interface client has one of its own.
SOURCES_OF_ROLE: dict[str, tuple[str, ...]] = {
    Role.SUPERVISOR: (Source.SUPERVISOR,),
    Role.ACCEPTOR: (
        Source.HOTLINE,
        Source.LETTER_VISIT,
        Source.MEDIA,
        Source.LEADER,
        Source.SUPERIOR,
        Source.VIDEO,
        Source.SENSOR,
        Source.PUBLIC,
    ),
    Role.CITIZEN: (Source.PUBLIC,),
}
NAME_LIMIT, PHONE_LIMIT = 64, 32


@dataclass(frozen=True, slots=True)
class ReporterInput:
    """Who reported, as far as he said; personal.

    `salt` is of his fingerprints: drawn afresh, but where a report is replayed. `query_code` is the
    one by which a citizen follows what he reports himself; only its fingerprint is kept.
    """

    name: str = ""
    phone: str = ""
    may_call: bool = False
    salt: bytes = b""
    query_code: str = ""


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What a report says. `class_code` may be left out where a part is named."""

    kind: str
    class_code: str
    scheme: str | None = None
    place: Place | None = None
    place_text: str = ""
    description: str = ""
    source: str = ""
    occurred_at: datetime | None = None
    part_code: str = ""
    no_part_reason: str = ""
    reporter: ReporterInput | None = None


@in_transaction
def report_case(
    *, actor: Actor, at: datetime, report: ReportInput, photos: Sequence[Prepared] = ()
) -> Case:
    """Take in a report and return the new case in REPORTED.

    Raises Forbidden for a role that does not report, OutsideDistrict, or Invalid naming fields.
    """
    verdict = judge(None, "report", actor.roles)
    if not verdict.allowed:
        raise refusal_of(verdict.refusal, verdict.sentence)
    role = role_of_report(actor, report.source) or verdict.role
    case = Case(state=State.REPORTED, reported_at=at, state_since=at)
    case.source = source_of(actor, role, report.source)
    case.sources = [case.source]
    case.occurred_at = min(report.occurred_at or at, at)
    case.reported_by_id = actor.user_id
    case.first_contact_id = actor.user_id if role == Role.ACCEPTOR else None
    describe(case, report)
    set_class_and_place(case, report, role)
    case.pk, case.number = next_identity(at)
    begin_stay_and_save(case, actor=actor, role=role, at=at, report=report, photos=photos)
    return case


def begin_stay_and_save(
    case: Case,
    *,
    actor: Actor,
    role: str,
    at: datetime,
    report: ReportInput,
    photos: Sequence[Prepared],
) -> None:
    """Insert the case with its first event and stay, its reporter and its photos."""
    reporter = reporter_row(case, actor, report.reporter)
    event = begin_case(
        case, action="report", actor=actor, role=role, at=at, occurred_at=report.occurred_at,
        changes=said_in_event(case, reporter, photos), state=State.REPORTED,
    )  # fmt: skip
    if reporter is not None:
        reporter.save(force_insert=True)
    if photos:
        attach_photos(case, event, photos, actor=actor, at=at)


def role_of_report(actor: Actor, wanted: str) -> str | None:
    """In which of his roles somebody of several reports: the one whose source he names.

    Who names none is on patrol: the desk's form always says where its report came from. So what a
    supervisor who is an acceptor too sends from his phone is no call of the hotline.
    """
    own = [role for role in SOURCES_OF_ROLE if role in actor.roles]
    fitting = (role for role in own if not wanted or wanted in SOURCES_OF_ROLE[role])
    return next(fitting, None)


def source_of(actor: Actor, role: str, wanted: str) -> str:
    """The source of a report by this role; of a client the one it is named for (domain law §1).

    Raises Forbidden for one that is not its own.
    """
    sources = (actor.source,) if role == Role.CLIENT else SOURCES_OF_ROLE[role]
    if not wanted:
        return sources[0]
    if wanted not in Source.values:
        raise Invalid(_("Unknown source."), source=_("Unknown source."))
    if wanted not in sources:
        raise Forbidden(_("This source is not yours to report from."))
    return wanted


def describe(case: Case, report: ReportInput) -> None:
    """Set the words of a case, cleaned."""
    case.description = clean_words(report.description, field="description", limit=TEXT_LIMIT)
    case.place_text = clean_words(report.place_text, field="place_text", limit=PLACE_LIMIT)
    case.no_part_reason = clean_words(
        report.no_part_reason, field="no_part_reason", limit=NO_PART_REASON_LIMIT
    )


def set_class_and_place(case: Case, report: ReportInput, role: str) -> None:
    """Set class, part and place. A part case names the part, or the reason why it has none."""
    named = None if report.class_code or not report.part_code else find_part(report.part_code)
    said = class_by_id(named.catalogue_class_id) if named else reportable_class(report)
    case.catalogue_class = catalogue_class = class_for_new(said, role=role)
    case.kind = catalogue_class.kind
    part = named or part_of(case, report, catalogue_class)
    case.part = part
    place = report.place
    if place is None and part is not None:
        place = place_of_part(part)
    if place is None:
        check_words_suffice(case)
        return
    place_case(case, place)
    if part is not None and place.placed_by != PlacedBy.PART:
        check_near(part, place)


def reportable_class(report: ReportInput) -> CatalogueClass:
    """The class of the catalogue. Raises Invalid for an unknown or retired one."""
    if report.kind not in {"part", "event"}:
        raise Invalid(_("A case is about a part or an event."), kind=_("One of: part, event."))
    found = get_class(scheme=report.scheme, kind=report.kind, code=report.class_code)
    if found is None or not found.is_active:
        raise Invalid(_("There is no such class in the catalogue."), class_code=_("Unknown class."))
    return found


def part_of(case: Case, report: ReportInput, catalogue_class: CatalogueClass) -> Part | None:
    """The part a part case names. Raises Invalid when it names none and says not why."""
    if catalogue_class.kind != "part":
        if report.part_code:
            raise Invalid(_("An event has no part."), part_code=_("Not for an event."))
        return None
    if report.part_code:
        part = find_part(report.part_code)
        check_class_of_part(part, catalogue_class)
        return part
    if not case.no_part_reason:
        raise Invalid(
            _("Name the part, or say why there is none."),
            part_code=_("Which part?"),
            no_part_reason=_("Why none?"),
        )
    return None


def check_words_suffice(case: Case) -> None:
    """Without a point only some sources come in, and only with words for the place."""
    if case.source not in WORDS_FOR_PLACE:
        raise Invalid(
            _("The place is missing: set the pin on the map."), lon=_("Missing."), lat=_("Missing.")
        )
    if not case.place_text:
        raise Invalid(_("Where is it?"), place_text=_("Set a point or give words for the place."))


def check_near(part: Part, place: Place) -> None:
    """A pin far from the part it names is a slip of one of the two."""
    centre = part.geom if part.geom.geom_type == "Point" else part.geom.point_on_surface
    away_m = metres_between(place.lon, place.lat, centre)
    if away_m > FARTHEST_FROM_PART_M:
        raise Invalid(
            _("The part lies %(m)d m away from the pin.") % {"m": round(away_m)},
            part_code=_("Too far from the pin."),
        )


_NEXT_IDENTITY = "select nextval(pg_get_serial_sequence('cases_case', 'id')), cases_next_serial(%s)"


def next_identity(at: datetime) -> tuple[int, str]:
    """The id and the number of a new case, in order of arrival.

    The number is district(6) + year(4, Asia/Shanghai) + serial(7) (codes.md).
    """
    year = timezone.localtime(at).year
    cursor = planned_cursor()
    cursor.execute(_NEXT_IDENTITY, [year])
    case_id, serial = cursor.fetchone()
    return case_id, build_case_number(district_code(), year, serial)


def reporter_row(case: Case, actor: Actor, said: ReporterInput | None) -> Reporter | None:
    """The personal values, cleaned, with the salt of their fingerprints."""
    if said is None or not (said.name or said.phone or said.query_code):
        return None
    name = clean_words(said.name, field="reporter.name", limit=NAME_LIMIT)
    phone = clean_words(said.phone, field="reporter.phone", limit=PHONE_LIMIT)
    user_id = actor.user_id if Role.CITIZEN in actor.roles else None
    salt = said.salt or os.urandom(16)
    return Reporter(
        case=case,
        user_id=user_id,
        source=case.source,
        name=name,
        phone=phone,
        may_call=bool(said.may_call),
        salt=salt,
        query_code_sha256=code_sha256(salt, said.query_code) if said.query_code else None,
    )


def code_sha256(salt: bytes | memoryview, code: str) -> bytes:
    """What is kept of a query code; small letters do no harm."""
    return hashlib.sha256(bytes(salt) + code.strip().upper().encode()).digest()


def said_in_event(
    case: Case, reporter: Reporter | None, photos: Sequence[Prepared]
) -> dict[str, Any]:
    """What the event of a report keeps: what was said, and fingerprints of personal values."""
    point = [case.point.x, case.point.y] if case.point else None
    return said_of_report(case, point, reporter, [photo.sha256.hex() for photo in photos])


def said_of_report(
    case: Case, point: list[float] | None, reporter: Reporter | None, photos: list[str]
) -> dict[str, Any]:
    """The same of a point in degrees (EPSG:4490) and of photos by their fingerprints."""
    said: dict[str, Any] = {
        "source": case.source,
        "kind": case.kind,
        "scheme": case.catalogue_class.scheme_id,
        "class_code": case.catalogue_class.code,
        "part": case.part_id,
        "no_part_reason": case.no_part_reason,
        "point": point,
        "place_text": case.place_text,
        "description": case.description,
        "cell": case.cell_id,
        "photos": photos,
    }
    if reporter is not None:
        said["reporter"] = fingerprints_of(reporter)
        if reporter.query_code_sha256:
            said["code_given"] = True  # whoever has it rates in his place
    return said


def fingerprints_of(reporter: Reporter) -> dict[str, str]:
    """What an event holds of a reporter in place of his values."""
    return {
        "name": fingerprint(reporter.salt, reporter.name),
        "phone": fingerprint(reporter.salt, reporter.phone),
    }


def fingerprint(salt: bytes | memoryview, value: str) -> str:
    """sha256(random 16-byte salt ‖ value), all that the chain knows of a personal value."""
    return hashlib.sha256(bytes(salt) + value.encode()).hexdigest() if value else ""
