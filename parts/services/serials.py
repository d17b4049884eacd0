"""Codes of new parts: a serial for each district and class, never given twice (`codes.md`)."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import NotAllowed
from parts.codes import CodeError, build_part_code, parse_part_code
from parts.models import CatalogueClass, Part, PartSerial


def next_code(*, district: str, entry: CatalogueClass) -> str:
    """The next code of a class, in the caller's transaction. Raises NotAllowed when all are used.

    The row of the class stays locked until then: an import or another person waits for it.
    """
    pattern = entry.scheme.pattern
    key = {"district_code": district, "scheme_id": entry.scheme_id, "class_code": entry.code}
    PartSerial.objects.get_or_create(**key, defaults={"last": highest_serial(entry)})
    # the one row that everybody who gives serials of this class queues for
    serial = PartSerial.objects.select_for_update().get(**key)
    serial.last += 1
    try:
        code = build_part_code(pattern, district, entry.code, serial.last)
    except CodeError:
        raise NotAllowed(_("The serials of a class are used up.")) from None
    serial.save(update_fields=["last"])
    return code


def highest_serial(entry: CatalogueClass) -> int:
    """The highest serial that parts of a class have, for a class that nothing was numbered of."""
    last = Part.objects.filter(catalogue_class=entry).aggregate(code=Max("code"))["code"]
    return parse_part_code(entry.scheme.pattern, last).serial if last else 0
