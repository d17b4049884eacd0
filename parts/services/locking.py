"""How a part is taken in hand: locked, and compared with what somebody saw of it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import NotVisible, StaleVersion
from parts.models import Part
from parts.selectors.part_history import part_history, version_of


def lock_part(*, part_id: int, seen: int | None = None) -> Part:
    """A part, locked in the caller's transaction: two people at one part, the second sees why.

    `seen` is the version (`part_history.version_of`) that the caller was shown. Raises NotVisible,
    and StaleVersion that says by whom and how the part was changed since.
    """
    part = (
        Part.objects.select_for_update(of=("self",), no_key=True)
        .select_related("catalogue_class__scheme")
        .filter(pk=part_id)
        .first()
    )
    if part is None:
        raise NotVisible
    if seen is not None and version_of(part.pk) != seen:
        last = part_history(part)[0]
        raise StaleVersion(
            _("%(who)s changed this part at %(at)s; look at it before you change it.")
            % {
                "who": last.by or last.register or _("Somebody"),
                "at": f"{timezone.localtime(last.at):%m-%d %H:%M}",
            },
            part_id=part.pk,
            changes=[
                {"field": each.label, "before": each.before, "after": each.after}
                for each in last.differences
            ],
        )
    return part


def change_day(part: Part, at: datetime) -> date:
    """The change date of a change at an instant, in Asia/Shanghai."""
    return max(part.initial_on, timezone.localdate(at))
