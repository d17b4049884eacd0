"""Classes of a city's own, by the rules of each coding scheme; and what of a class may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotVisible
from parts.codes import CodeError, LocalCode, local_name, next_local_code
from parts.models import CatalogueClass, CodingScheme
from parts.models.catalogue import Family
from parts.selectors.kept import forget
from parts.services.catalogues import initials_of, pinyin_of
from parts.services.rights import check_is_administrator

NAME_LIMIT = 64
MATTER_SUFFIX = "异常"  # GB/T 47678.5: the matter of a part is called ‹part›异常
FLAGS = ("self_handled_allowed", "deferral_allowed", "seen_on_patrol")


@dataclass(frozen=True, slots=True)
class ClassInput:
    """What is said of a class; geometry and accuracy are of parts alone."""

    name: str
    family: str
    geometry: str = ""
    accuracy_class: str = ""
    self_handled_allowed: bool = False
    deferral_allowed: bool = False
    seen_on_patrol: bool = True
    is_active: bool = True


def add_local_class(
    *, actor: Actor, at: datetime, scheme: str, kind: str, major: str, said: ClassInput
) -> CatalogueClass:
    """Add a class of the city's own; its code is the next that the scheme's rules give.

    Under a scheme whose matters have codes a part brings its matter (‹part›异常) with it, under the
    same code. Raises Invalid naming the field, NotVisible for an unknown scheme.
    """
    check_is_administrator(actor)
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=str(_("New class"))):
        # whoever numbers a class waits for whoever numbers another of this scheme
        rows = CodingScheme.objects.select_for_update(no_key=True)
        found = rows.filter(key=scheme).first()
        if found is None:
            raise NotVisible
        classes = list(CatalogueClass.objects.filter(scheme=found))
        local = free_code(found, classes, kind, major)
        check_said(kind, said)
        name = checked_name(local_name(said.name, local.suffix), kind, classes)
        entry = new_class(found, kind, local, major_name(found, classes, kind, major), name, said)
        entry.save(force_insert=True)
        if kind == "part" and found.matters_have_codes:
            add_matter(found, entry, local, classes)
        transaction.on_commit(forget)
    return entry


def free_code(
    scheme: CodingScheme, classes: Iterable[CatalogueClass], kind: str, major: str
) -> LocalCode:
    """The next free code. Raises Invalid naming kind or major class."""
    if kind not in CatalogueClass.Kind.values:
        raise Invalid(_("A class is of parts or of events."), kind=_("One of: part, event."))
    majors_of_parts = {one.major_code for one in classes if one.kind == "part"}
    if scheme.matters_have_codes and kind == "event" and major in majors_of_parts:
        raise Invalid(
            _("In this major class every matter is that of a part: add the part instead."),
            major=_("Add a class of parts; its matter comes with it."),
        )
    # the matter of a part has the code of the part: both kinds share their numbers there
    taken = {one.code for one in classes if scheme.matters_have_codes or one.kind == kind}
    try:
        local = next_local_code(scheme.extension_rules, scheme.pattern, kind, major, taken)
    except CodeError as fault:
        raise Invalid(
            _("The rules of this scheme leave no code for a local class here."), major=fault.why
        ) from None
    if not major_name(scheme, classes, kind, major):
        raise Invalid(_("There is no such major class."), major=_("Unknown major class."))
    return local


def major_name(
    scheme: CodingScheme, classes: Iterable[CatalogueClass], kind: str, major: str
) -> str:
    """The name of a major class: as its classes have it, else as the rule for it says."""
    known = next((one for one in classes if (one.kind, one.major_code) == (kind, major)), None)
    if known is not None:
        return known.major_name
    for rule in scheme.extension_rules:
        if rule.get("major") == major and rule["kind"] in (kind, "any"):
            return str(rule["name"])
    return ""


def check_said(kind: str, said: ClassInput) -> None:
    """Raise Invalid for a family, geometry or accuracy that does not fit."""
    if said.family not in Family.values:
        raise Invalid(_("Unknown family."), family=_("Unknown family."))
    geometries = ("point", "line", "polygon") if kind == "part" else ("",)
    if said.geometry not in geometries:
        raise Invalid(
            _("A class of parts is a point, a line or an area."), geometry=_("Choose one.")
        )
    if kind == "part" and said.accuracy_class not in ("A", "B", "C"):
        raise Invalid(_("How accurate is its position?"), accuracy_class=_("Choose one."))
    if kind == "event" and said.accuracy_class:
        raise Invalid(_("An event has no accuracy class."), accuracy_class=_("Leave it empty."))


def checked_name(
    name: str, kind: str, classes: Iterable[CatalogueClass], but: int | None = None
) -> str:
    """The name of a class, once in its scheme. Raises Invalid."""
    text = name.replace("\0", "").strip()
    if not text:
        raise Invalid(_("A class has a name."), name=_("Please fill this in."))
    if len(text) > NAME_LIMIT:
        raise Invalid(_("The text is too long."), name=_("At most 64 characters."))
    twin = next(
        (one for one in classes if one.kind == kind and one.name == text and one.pk != but), None
    )
    if twin is not None:
        sentence = _("%(code)s has this name already.") % {"code": twin.code}
        raise Invalid(sentence, name=sentence)
    return text


def new_class(
    scheme: CodingScheme, kind: str, local: LocalCode, major: str, name: str, said: ClassInput
) -> CatalogueClass:
    return CatalogueClass(
        scheme=scheme,
        kind=kind,
        code=local.code,
        name=name,
        major_code=local.major,
        major_name=major,
        geometry=said.geometry,
        accuracy_class=said.accuracy_class,
        pinyin=pinyin_of(name),
        initials=initials_of(name),
        family=said.family,
        is_local=True,
        **{flag: getattr(said, flag) for flag in FLAGS},
    )


def add_matter(
    scheme: CodingScheme, part: CatalogueClass, local: LocalCode, classes: list[CatalogueClass]
) -> None:
    """The matter of a local part: ‹part›异常 under the part's code."""
    plain = part.name.removesuffix(local.suffix)
    name = local_name(f"{plain}{MATTER_SUFFIX}", local.suffix)[:NAME_LIMIT]
    said = ClassInput(
        name, part.family, **{flag: getattr(part, flag) for flag in FLAGS}
    )  # of an event: no geometry
    major = major_name(scheme, classes, "event", local.major) or part.major_name
    new_class(scheme, "event", local, major, name, said).save(force_insert=True)


def change_class(
    *, actor: Actor, at: datetime, class_id: int, said: ClassInput, reason: str
) -> CatalogueClass:
    """Change a class: of a local one also name, geometry and accuracy; never its code.

    The history keeps the old values and the reason. Raises Invalid, NotVisible.
    """
    check_is_administrator(actor)
    words = reason.replace("\0", "").strip()[:200]
    if not words:
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        rows = CatalogueClass.objects.select_for_update(of=("self",), no_key=True)
        entry = rows.filter(pk=class_id).first()
        if entry is None:
            raise NotVisible
        fields = ["family", "is_active", *FLAGS]
        if entry.is_local:
            check_said(entry.kind, said)
            siblings = CatalogueClass.objects.filter(scheme_id=entry.scheme_id)
            entry.name = checked_name(said.name, entry.kind, siblings, but=entry.pk)
            entry.pinyin, entry.initials = pinyin_of(entry.name), initials_of(entry.name)
            entry.geometry, entry.accuracy_class = said.geometry, said.accuracy_class
            fields += ["name", "pinyin", "initials", "geometry", "accuracy_class"]
        elif said.family not in Family.values:
            raise Invalid(_("Unknown family."), family=_("Unknown family."))
        for name in ("family", "is_active", *FLAGS):
            setattr(entry, name, getattr(said, name))
        entry.save(update_fields=fields)
        transaction.on_commit(forget)
    return entry
