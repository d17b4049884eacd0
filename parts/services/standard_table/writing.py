"""Takes a planned table in: the scheme of its own with its classes, and the standards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid
from parts.models import CatalogueClass, CodingScheme, FilingStandard
from parts.selectors.kept import forget
from parts.services.catalogues import initials_of, pinyin_of
from parts.services.rights import check_is_administrator
from parts.services.standard_table.planning import Plan, family_of, input_of
from parts.services.standard_table.reading import Line
from parts.services.standards import check_not_past, follow

DAY = timedelta(days=1)
MAJOR_LENGTH = 2


def take_in(*, actor: Actor, at: datetime, plan: Plan) -> dict[str, int]:
    """Write what was planned, in the caller's transaction or one of its own; returns counts.

    Raises Invalid for a first day in the past.
    """
    check_is_administrator(actor)
    check_not_past(plan.wanted.valid_from, at)
    reason = __("Table of the city, %(day)s") % {"day": timezone.localdate(at).isoformat()}
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=reason):
        if plan.is_new_scheme:
            add_own_scheme(plan)
        # two imports into one scheme come one after the other
        rows = CodingScheme.objects.select_for_update(no_key=True)
        if not rows.filter(key=plan.wanted.scheme).exists():
            raise Invalid(_("There is no such coding scheme."), scheme=_("Unknown scheme."))
        write_classes(plan)
        write_standards(plan)
        transaction.on_commit(forget)
    return {name: value for name, value in plan.counted().items() if isinstance(value, int)}


def add_own_scheme(plan: Plan) -> None:
    """The scheme of the table: its class codes are as long as the table has them."""
    wanted = plan.wanted
    width = len(next(iter(plan.classes))[1]) if plan.classes else 4
    CodingScheme.objects.create(
        key=wanted.scheme,
        name=wanted.name or wanted.scheme,
        is_current=False,
        is_imported=True,
        class_minor_length=width - MAJOR_LENGTH,
        class_code_length=width,
        note=__("Imported table of a city"),
    )


def write_classes(plan: Plan) -> None:
    """New classes, with the family of what is most like them; and names that changed."""
    others = list(CatalogueClass.objects.filter(scheme_id=plan.wanted.compared))
    CatalogueClass.objects.bulk_create(
        [own_class(plan.wanted.scheme, line, others) for line in plan.new_classes]
    )
    for entry, line in plan.renamed:
        entry.name = line.name
        entry.pinyin, entry.initials = pinyin_of(line.name), initials_of(line.name)
        entry.save(update_fields=["name", "pinyin", "initials"])


def own_class(scheme: str, line: Line, others: Iterable[CatalogueClass]) -> CatalogueClass:
    is_part = line.kind == "part"
    return CatalogueClass(
        scheme_id=scheme,
        kind=line.kind,
        code=line.code,
        name=line.name,
        major_code=line.code[:MAJOR_LENGTH],
        major_name=line.major or __("major class %(code)s") % {"code": line.code[:MAJOR_LENGTH]},
        geometry=(line.geometry or "point") if is_part else "",
        accuracy_class="",
        pinyin=pinyin_of(line.name),
        initials=initials_of(line.name),
        family=family_of(line.name, line.kind, others),
        certainty="city",
    )


def write_standards(plan: Plan) -> None:
    """Standards that end, that are followed by another text, and that are new."""
    first = plan.wanted.valid_from
    for old in plan.ended:
        # one that began on this very day has held for a day
        old.valid_to = max(first - DAY, old.valid_from)
        old.save(update_fields=["valid_to"])
    for old, line in plan.changed:
        follow(old, input_of(line, old), first)
    classes = CatalogueClass.objects.filter(scheme_id=plan.wanted.scheme)
    ids = {(kind, code): pk for kind, code, pk in classes.values_list("kind", "code", "pk")}
    FilingStandard.objects.bulk_create(
        FilingStandard(
            catalogue_class_id=ids[key],
            position=position,
            valid_from=first,
            **asdict(input_of(line)),
        )
        for key, position, line in plan.new
    )
