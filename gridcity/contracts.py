"""What all apps share and none of them owns: who acts, and the ways to say no.

This module imports nothing of ours, so that every app may import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class Role:
    """The role keys of domain law §1, and the role of the system itself."""

    SUPERVISOR = "supervisor"
    ACCEPTOR = "acceptor"
    DUTY_CHIEF = "duty_chief"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    OFFICIAL = "official"
    ADMINISTRATOR = "administrator"
    CLIENT = "client"
    CITIZEN = "citizen"
    CLOCK = "clock"
    ROUTING = "routing"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user with the roles he holds, a citizen, or the system.

    `department_id` is the department the user belongs to; it is a bare number here because the
    user and the case know nothing of departments (they belong to `dispatch`). `source` is the one
    that an interface client reports for.
    """

    user_id: int | None
    username: str
    roles: frozenset[str]
    department_id: int | None = None
    is_lead: bool = False
    employer: str = ""
    source: str = ""

    @classmethod
    def of(cls, user: Any) -> Actor:
        """A logged-in user as he acts, apart from any department (`dispatch` adds it)."""
        return cls(
            user.pk,
            user.get_username(),
            frozenset(getattr(user, "roles", ())),
            employer=getattr(user, "employer", ""),
            source=getattr(user, "source", ""),
        )

    def role_among(self, allowed: frozenset[str]) -> str | None:
        """The role in which this actor may do what `allowed` may do; None when he may not."""
        return min(self.roles & allowed, default=None)

    @property
    def is_system(self) -> bool:
        return self.user_id is None and Role.CLOCK in self.roles


CLOCK = Actor(None, "clock", frozenset({Role.CLOCK}))
ROUTING = Actor(None, "routing", frozenset({Role.ROUTING}))


class Refused(Exception):
    """An action was refused; `detail` is a sentence fit for the user, nothing was changed.

    `fields` names the input at fault; `kept` is anything the caller needs to answer well
    (for a stale version: who moved the case, when, and what changed).
    """

    status = 409

    def __init__(
        self,
        detail: Sentence,
        *,
        code: str = "refused",
        fields: dict[str, list[Sentence]] | None = None,
        kept: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.fields = fields or {}
        self.kept = kept or {}

    def __str__(self) -> str:
        return str(self.detail)


class Invalid(Refused):
    """Input that is missing or wrong: 400; the keywords name the fields, with what is wrong."""

    status = 400

    def __init__(
        self, detail: Sentence, *, code: Sentence = "invalid", **fields: Sentence | list[Sentence]
    ) -> None:
        listed = {
            key: value if isinstance(value, list) else [value] for key, value in fields.items()
        }
        super().__init__(detail, fields=listed, code=str(code))


def key_of(text: str) -> UUID | None:
    """The key by which a repeated request is known; None where none is given. Raises Invalid."""
    text = text.strip()
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(
            _("The idempotency key is no UUID."), **{"Idempotency-Key": _("A UUID.")}
        ) from None


class OutsideDistrict(Invalid):
    """A point that lies in no cell of the district: 400 `outside_district`."""

    def __init__(self) -> None:
        sentence = _("This place lies outside the district.")
        super().__init__(sentence, code="outside_district", lon=sentence)


class Forbidden(Refused):
    """The actor may see the thing but his role or object does not allow the action: 403."""

    status = 403

    def __init__(self, detail: Sentence) -> None:
        super().__init__(detail, code="forbidden")


class NotVisible(Refused):
    """For this actor the thing does not exist: 404, whether or not it is there."""

    status = 404

    def __init__(
        self, detail: Sentence = _("There is no such thing, or you may not see it.")
    ) -> None:
        super().__init__(detail, code="not_found")


class NotAllowed(Refused):
    """The state of things does not allow the action now: 409 `not_allowed`."""

    def __init__(self, detail: Sentence, **kept: Any) -> None:
        super().__init__(detail, code="not_allowed", kept=kept)


class StaleVersion(Refused):
    """The case has moved since the actor saw it: 409 `stale_version`, saying by whom and how."""

    def __init__(self, detail: Sentence, **kept: Any) -> None:
        super().__init__(detail, code="stale_version", kept=kept)


class KeyReused(Refused):
    """An idempotency key came again with other content: 409 `key_reused`."""

    def __init__(self) -> None:
        super().__init__(
            _("This idempotency key was used before with other content."), code="key_reused"
        )


class TooLarge(Refused):
    """A body, file or selection over its limit: 413."""

    status = 413

    def __init__(self, detail: Sentence) -> None:
        super().__init__(detail, code="too_large")


class StorageFull(Refused):
    """There is no room for the files of a request: 507; nothing of it was stored."""

    status = 507

    def __init__(self) -> None:
        super().__init__(
            _("There is no room left for photos. Nothing was lost; try again later."),
            code="storage_full",
            fields={"photos": [_("Could not be stored.")]},
        )


class TooMany(Refused):
    """A rate limit is used up: 429; `retry_after_s` says when to come again."""

    status = 429

    def __init__(self, detail: Sentence, *, retry_after_s: int) -> None:
        super().__init__(detail, code="too_many", kept={"retry_after_s": retry_after_s})
