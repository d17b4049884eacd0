"""Of which class a case is: one of the current coding scheme, read through the crosswalk.

Parts keep the codes they were given. After a change of the scheme a new case takes the current
one (`codes.md`): the class of an old part is read through the crosswalk, and where no pair is
confirmed the acceptor is asked, at the report if it is his own, else before he accepts it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from gridcity.contracts import Invalid, NotAllowed, Role
from parts.models import CatalogueClass, Part
from parts.selectors import class_of_matter, current_scheme, read_as
from parts.selectors.keys import class_by_id
from parts.selectors.schemes import current_since


def class_for_new(said: CatalogueClass, *, role: str) -> CatalogueClass:
    """The class that a new case takes for the one that was named or that its part has.

    Without a confirmed pair an acceptor is asked at once, by Invalid; of anybody else the class
    stays as it was said, so that no report is lost, and `check_class_is_current` asks later.
    """
    found = read_as(said.pk, current_scheme())
    if found is not None:
        return class_of_matter(found)
    if role == Role.ACCEPTOR:
        raise Invalid(
            str(ask_for(said)), code="class_unread", class_code=_("Which class is it now?")
        )
    return class_of_matter(said)


def ask_for(entry: CatalogueClass) -> str:
    """The question to the acceptor."""
    return _(
        "%(code)s %(name)s of %(old)s has no confirmed counterpart: name its class in %(new)s."
    ) % {
        "code": entry.code,
        "name": entry.name,
        "old": entry.scheme_id,
        "new": current_scheme(),
    }


def check_class_is_current(case: Case) -> None:
    """Raise NotAllowed for a case reported since the change whose class is of another scheme.

    Cases from before the change keep their class until their end.
    """
    entry, since = class_by_id(case.catalogue_class_id), current_since()
    if entry.scheme_id != current_scheme() and (since is None or case.reported_at >= since):
        raise NotAllowed(ask_for(entry))


def check_class_of_part(part: Part, entry: CatalogueClass) -> None:
    """Raise Invalid when the part is known to be of another class than the case."""
    read = read_as(part.catalogue_class_id, entry.scheme_id)
    if read is not None and read.pk != entry.pk:
        raise Invalid(
            _("The part is of another class than the case."), part_code=_("Another class.")
        )


def unread_class_of_part(case: Case) -> CatalogueClass | None:
    """The class of a case's part that no confirmed pair reads as the case's; else None."""
    if case.part_id is None or case.part is None:
        return None
    if read_as(case.part.catalogue_class_id, case.catalogue_class.scheme_id) is not None:
        return None
    return class_by_id(case.part.catalogue_class_id)
