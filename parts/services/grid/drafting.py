"""A draft of the next edition: begun as a copy of the current one, filled, thrown away.

Who changes a draft names the version that he saw; whoever comes second is told who was first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid, NotAllowed, NotVisible, StaleVersion
from parts.models import Edition
from parts.services.rights import check_is_administrator

COPY_SQL = """
insert into parts_draftshape (edition_id, level, "row", code, name, geom, flaw, area_m2,
    management_class, limit_area, responsible_body, land_use, note, initial_on, origins, ends,
    end_reason, successor_code, padded_from)
select %(draft)s, 'district', 0, d.code, d.name, d.geom, '', null::numeric, '', '', '', '', '',
       null::date, '{}'::varchar[], false, '', '', ''
from parts_district d
union all
select %(draft)s, 'street', 0, s.code, s.name, s.geom, '', null, '', '', '', '', '', null, '{}',
       false, '', '', ''
from parts_street s where s.valid_to is null
union all
select %(draft)s, 'community', 0, c.code, c.name, c.geom, '', null, '', '', '', '', '', null, '{}',
       false, '', '', ''
from parts_community c where c.valid_to is null
union all
select %(draft)s, 'cell', 0, c.code, '', c.geom, '', c.area_m2, c.management_class::text,
       c.limit_area, c.responsible_body, c.land_use, c.note, c.initial_on, '{}', false, '', '', ''
from parts_cell c where c.edition_id = %(base)s and c.end_on is null
"""
AREAS_SQL = """
update parts_draftshape set area_m2 = round(st_area(st_transform(geom, %(metres)s))::numeric, 1)
where edition_id = %(draft)s and geom is not null and area_m2 is null and st_isvalid(geom)
"""


def begin_draft(*, actor: Actor, at: datetime, name: str, note: str = "") -> Edition:
    """A draft that holds what is in force today: areas, and the cells of the current edition.

    Raises Invalid naming `name` where it is missing or taken.
    """
    check_is_administrator(actor)
    name = name.strip()[:64]
    if not name:
        raise Invalid(_("The edition needs a name."), name=_("Required."))
    if Edition.objects.filter(name=name).exists():
        sentence = _("There is an edition of this name already.")
        raise Invalid(sentence, name=sentence)
    with transaction.atomic(), connection.cursor() as cursor:
        base = Edition.objects.filter(state=Edition.State.CURRENT).first()
        draft = Edition.objects.create(
            name=name,
            note=note.strip()[:200],
            base=base,
            made_by_id=actor.user_id,
            made_at=at,
            changed_by_id=actor.user_id,
            changed_at=at,
        )
        values = {"draft": draft.pk, "base": base.pk if base else None}
        cursor.execute(COPY_SQL, values)
        measure(cursor, draft)
    return draft


def measure(cursor: CursorWrapper, draft: Edition) -> None:
    """Compute the areas that are not known yet; they are never typed in (`codes.md`)."""
    cursor.execute(AREAS_SQL, {"draft": draft.pk, "metres": settings.SRID_METRES})


def discard_draft(*, actor: Actor, at: datetime, edition_id: int, version: int) -> None:
    """Throw a draft away; nothing of it was ever in force. Raises StaleVersion, NotAllowed."""
    check_is_administrator(actor)
    with transaction.atomic():
        held_draft(edition_id, version).delete()


def held_draft(edition_id: int, version: int | None) -> Edition:
    """The draft, locked, as its editor saw it; in the caller's transaction.

    Raises NotVisible, NotAllowed where it is no draft any more, StaleVersion where somebody else
    has changed it since.
    """
    # two administrators at one draft: the second waits here, and is told
    rows = Edition.objects.select_for_update(of=("self",), no_key=True)
    draft = rows.select_related("changed_by", "published_by").filter(pk=edition_id).first()
    if draft is None:
        raise NotVisible(_("This draft is gone: somebody threw it away."))
    if draft.state != Edition.State.DRAFT:
        raise NotAllowed(
            _("%(who)s published “%(name)s” at %(when)s; it cannot be changed any more.")
            % {
                "who": name_of(draft.published_by),
                "name": draft.name,
                "when": moment(draft.published_at),
            }
        )
    if version is not None and draft.version != version:
        raise StaleVersion(
            _("%(who)s changed this draft at %(when)s. Look at it as it is now, then try again.")
            % {"who": name_of(draft.changed_by), "when": moment(draft.changed_at)},
            version=draft.version,
        )
    return draft


def check_version(*, actor: Actor, edition_id: int, version: int) -> Edition:
    """The draft, if it is still as its editor saw it; before work on it is asked for.

    The work itself asks again: somebody may change the draft while it waits. Raises as
    `held_draft`.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        return held_draft(edition_id, version)


def changed(draft: Edition, *, actor: Actor, at: datetime) -> Edition:
    """Write down that a held draft was changed; what was checked before counts no more."""
    draft.version += 1
    draft.changed_by_id, draft.changed_at = actor.user_id, at
    draft.save(update_fields=["version", "changed_by", "changed_at"])
    return draft


def name_of(user: Any) -> str:
    """A user by full name; the system where none did it."""
    if user is None:
        return _("The system")
    return str(user.full_name or user.get_username())


def moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""
