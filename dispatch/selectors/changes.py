"""What the events of a case changed, as lines for its page: codes and ids by their names.

Events hold codes and ids; `Names` reads what they point at in a bounded number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case, Event, Satisfaction, Source, TaskOutcome
from cases.workflow import ROLE_LABELS
from dispatch.models import Department, FactKind, Membership, RequestKind, ReturnReason
from gridcity.contracts import Role
from parts.models import Cell, LimitUnit, Part
from parts.selectors import get_class


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what an event changed; `before` is empty where there was nothing."""

    label: Promise | str
    after: str
    before: str = ""


# ---------------------------------------------------------------- names of what events point at


@dataclass(slots=True)
class Names:
    """Names of users, departments, cells, parts and cases by what events hold of them."""

    users: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    parts: dict[int, str] = field(default_factory=dict)
    cases: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Sequence[Event]) -> Names:
        """Read all names that these events need; one query for each sort that is wanted."""
        wanted = Wanted()
        for event in events:
            wanted.look_at(event)
        return cls(
            users={e.actor.pk: e.actor.full_name for e in events if e.actor} | wanted.user_names(),
            units=units_of(e.actor_id for e in events if e.role == Role.DEPARTMENT and e.actor_id),
            departments=named(Department.objects, "code", "name", wanted.departments),
            cells=named(Cell.objects, "pk", "code", wanted.cells),
            parts=named(Part.objects, "pk", "code", wanted.parts),
            cases=named(Case.objects, "pk", "number", wanted.cases),
        )

    def user(self, key: Any) -> str:
        return self.users.get(key, "") if isinstance(key, int) else ""

    def department(self, code: Any) -> str:
        return self.departments.get(code, str(code))


@dataclass(slots=True)
class Wanted:
    """Keys that the events name and that need a look-up."""

    users: set[int] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)
    cells: set[int] = field(default_factory=set)
    parts: set[int] = field(default_factory=set)
    cases: set[int] = field(default_factory=set)

    def look_at(self, event: Event) -> None:
        said = event.changes
        is_task = event.action in {"send_verify", "send_check", "pass_task_on"}
        if is_task:
            self.users |= whole_numbers(said.get("to"), said.get("from"))
        else:
            self.departments |= texts(said.get("department"), said.get("from"))
        self.departments |= texts(*(said.get("assistants") or ()))
        self.cells |= whole_numbers(*pair_of(said.get("cell")))
        self.parts |= whole_numbers(*pair_of(said.get("part")))
        self.cases |= whole_numbers(said.get("relapse_of"))

    def user_names(self) -> dict[int, str]:
        return named(get_user_model().objects, "pk", "full_name", self.users)


def pair_of(value: Any) -> Sequence[Any]:
    """Old and new of a change, or the one value of a first event."""
    return value if isinstance(value, list) else (value,)


def whole_numbers(*values: Any) -> set[int]:
    return {value for value in values if isinstance(value, int) and not isinstance(value, bool)}


def texts(*values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def named(manager: Any, key: str, name: str, wanted: set[Any]) -> dict[Any, str]:
    """Names by key, in one query; none is made where nothing is wanted."""
    if not wanted:
        return {}
    return dict(manager.filter(**{f"{key}__in": sorted(wanted)}).values_list(key, name))


def units_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of the departments that these users belong to."""
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    rows = Membership.objects.filter(user_id__in=sorted(wanted))
    return dict(rows.values_list("user_id", "department__name"))


# ---------------------------------------------------------------- changes in words


def changes_of(event: Event, names: Names) -> list[Change]:
    """The lines of an event; actions without lines of their own have none."""
    if event.action == "amend":
        return amended(event.changes, names)
    if event.action == "call_back":
        return called_back(event.changes)
    lines = []
    for key, (label, word) in SAID.items():
        value = event.changes.get(key)
        if value in (None, "", [], False) or not (after := word(value, names, event)):
            continue
        lines.append(Change(NAMED if is_named(key, event) else label, after))
    return lines


def is_named(key: str, event: Event) -> bool:
    """Whether a department is only named by a request: it does not have the case by that."""
    return key == "department" and "request" in event.changes


NAMED = _("Department named")


def amended(changes: dict[str, Any], names: Names) -> list[Change]:
    """Old → new of what was completed or corrected."""
    lines = []
    for key, (label, word) in AMENDED.items():
        if isinstance(pair := changes.get(key), list) and len(pair) == 2:
            before, after = (word(value, names) for value in pair)
            lines.append(Change(label, after or __("(none)"), before))
    return lines


def called_back(changes: dict[str, Any]) -> list[Change]:
    """What a call to the reporter found; of one that was not reached nothing further is known."""
    lines = [Change(label, yes_or_no(changes.get(key))) for key, label in CALLED]
    if changes.get("contacted"):
        lines.append(Change(_("Resolved"), yes_or_no(changes.get("resolved"))))
    if (degree := changes.get("satisfaction")) in Satisfaction.values:
        lines.append(Change(_("Satisfaction"), str(Satisfaction(degree).label)))
    return lines


def yes_or_no(value: Any) -> str:
    return __("yes") if value else __("no")


CALLED = (("valid", _("The call is valid")), ("contacted", _("The reporter was reached")))


def class_words(value: Any, names: Names) -> str:
    """“0102 Exposed rubbish” of a class as events keep it: scheme/kind/code."""
    scheme, _slash, rest = str(value).partition("/")
    kind, _slash, code = rest.partition("/")
    found = get_class(scheme=scheme, kind=kind, code=code)
    return f"{code} {found.name}" if found else code


def point_words(value: Any, names: Names) -> str:
    return f"{value[0]:.6f}, {value[1]:.6f}" if value else ""


def cell_words(value: Any, names: Names) -> str:
    return names.cells.get(value, "") if value else ""


def part_words(value: Any, names: Names) -> str:
    return names.parts.get(value, "") if value else ""


def plain_words(value: Any, names: Names) -> str:
    return str(value or "")


def source_words(value: Any, names: Names) -> str:
    listed = value if isinstance(value, list) else [value]
    return "、".join(str(Source(one).label) for one in listed if one in Source.values)


Word = Callable[[Any, Names], str]
WordOfEvent = Callable[[Any, Names, Event], str]

AMENDED: dict[str, tuple[Promise, Word]] = {
    "class_code": (_("Class"), class_words),
    "part": (_("Part"), part_words),
    "no_part_reason": (_("Why without a part"), plain_words),
    "place_text": (_("Place in words"), plain_words),
    "point": (_("Point"), point_words),
    "cell": (_("Unit grid cell"), cell_words),
    "description": (_("Description"), plain_words),
    "sources": (_("Sources"), source_words),
}


def limit_words(value: Any, unit: Any) -> str:
    """“2 working days” of a stored limit."""
    try:
        number = f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return ""
    label = LimitUnit(unit).label if unit in LimitUnit.values else unit
    return __("%(number)s %(unit)s") % {"number": number, "unit": label}


def _department(value: Any, names: Names, event: Event) -> str:
    return names.department(value)


def _departments(value: Any, names: Names, event: Event) -> str:
    return "、".join(names.department(code) for code in value)


def _from(value: Any, names: Names, event: Event) -> str:
    return names.user(value) or (names.department(value) if isinstance(value, str) else "")


def _user(value: Any, names: Names, event: Event) -> str:
    return names.user(value)


def _instant(value: Any, names: Names, event: Event) -> str:
    at = datetime.fromisoformat(value)
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _plain(value: Any, names: Names, event: Event) -> str:
    return str(value)


def _limit(value: Any, names: Names, event: Event) -> str:
    return limit_words(*value)


def _labelled(choices: type[TextChoices]) -> WordOfEvent:
    """The label of a stored key; nothing for what is none of these."""
    return lambda value, names, event: str(choices(value).label) if value in choices.values else ""


def _kind(value: Any, names: Names, event: Event) -> str:
    if event.action.startswith("ask_") or value not in RequestKind.values:
        return ""
    return str(RequestKind(value).label)


def _role(value: Any, names: Names, event: Event) -> str:
    return str(ROLE_LABELS.get(value, value))


def _case(value: Any, names: Names, event: Event) -> str:
    return names.cases.get(value, "")


def _source(value: Any, names: Names, event: Event) -> str:
    return source_words(value, names)


def _share(value: Any, names: Names, event: Event) -> str:
    if value == 0:
        return __("a day has passed while the desk does not work")
    return __("%(n)d %% of the time allowed") % {"n": value}


def _told(value: Any, names: Names, event: Event) -> str:
    told = {"members": _("the department"), "lead": _("the department's lead")}
    return str(told.get(value) or ROLE_LABELS.get(value, value))


def _yes(value: Any, names: Names, event: Event) -> str:
    return __("yes")


def _lapsed(value: Any, names: Names, event: Event) -> str:
    return __("the request that waited")


SAID: dict[str, tuple[Promise, WordOfEvent]] = {
    "source": (_("Source"), _source),
    "from": (_("From"), _from),
    "to": (_("Supervisor"), _user),
    "outcome": (_("Finding"), _labelled(TaskOutcome)),
    "waiver": (_("Accepted without a confirmed verification, because"), _plain),
    "limit": (_("Limit"), _limit),
    "relapse_of": (_("Relapse of"), _case),
    "kind": (pgettext_lazy("request", "Request"), _kind),
    "reason_code": (_("Reason from the list"), _labelled(ReturnReason)),
    "fact": (_("Against"), _labelled(FactKind)),
    "department": (_("Handling department"), _department),
    "assistants": (_("Assisting"), _departments),
    "until": (_("Until"), _plain),
    "calendar": (_("Calendar"), _plain),
    "due_before": (_("Was due"), _instant),
    "due_at": (_("Due"), _instant),
    "designation": (_("Designation"), _yes),
    "lapsed": (_("Lapsed"), _lapsed),
    "share": (_("Used"), _share),
    "told": (_("Told"), _told),
    "reviewer": (_("Reviewed next by"), _role),
    "degree": (_("Satisfaction"), _labelled(Satisfaction)),
}
