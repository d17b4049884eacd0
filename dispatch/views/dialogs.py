"""The forms of a case page: one for each button, filled with what this case allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from cases.clocks.numbers import UNDO_SECONDS, days_key
from cases.models import PhotoRole
from cases.selectors.settings import days_at, number_at
from cases.workflow import State
from dispatch.actions import ACTIONS
from dispatch.desk_forms import (
    FORMS,
    AcceptForm,
    ActionForm,
    AppealForm,
    CallBackForm,
    FileForm,
    UntilForm,
)
from dispatch.hints import hint_of
from dispatch.models import Department, RequestKind
from dispatch.offers import Offer, answerable, appealable, consents, wants_class, wants_waiver
from dispatch.selectors.case_detail import CaseView
from dispatch.selectors.case_page import StandardChoice
from dispatch.selectors.routing import CaseProposal

# Icon and weight of each button; what ends or turns back a case is drawn as a warning.
FACES: dict[str, tuple[str, str]] = {
    "amend": ("pencil", ""),
    "supplement": ("plus-square", ""),
    "send_verify": ("person-walking", "primary"),
    "recall_task": ("arrow-counterclockwise", ""),
    "accept": ("check2", "primary"),
    "not_accept": ("x-circle", "warn"),
    "send_back_to_accept": ("reply", ""),
    "file": ("folder-check", "primary"),
    "not_file": ("folder-x", "warn"),
    "dispatch": ("send", "primary"),
    "send_back_to_file": ("reply", ""),
    "finish": ("check2-square", "primary"),
    "withdraw_finish": ("arrow-counterclockwise", ""),
    "send_check": ("person-walking", "primary"),
    "close": ("check2-circle", "primary"),
    "refuse_close": ("x-circle", "warn"),
    "reassign": ("shuffle", "warn"),
    "approve_self_handled": ("check2-circle", "primary"),
    "refuse_self_handled": ("x-circle", "warn"),
    "merge": ("union", ""),
    "undo_merge": ("arrow-counterclockwise", ""),
    "reconsider": ("arrow-repeat", ""),
    "undo_dispatch": ("arrow-counterclockwise", ""),
    "undo_send_back": ("arrow-counterclockwise", ""),
    "undo_return": ("arrow-counterclockwise", ""),
    "force_close": ("slash-circle", "warn"),
    "reopen": ("arrow-repeat", "warn"),
    "call_back": ("telephone", ""),
    "ask_appeal": ("megaphone", ""),
    "resume": ("play-circle", "primary"),
    "urge": ("megaphone", ""),
    "supervise": ("eye", "warn"),
    "ask_return": ("box-arrow-left", ""),
    "ask_extension": ("calendar-plus", ""),
    "ask_suspension": ("pause-circle", ""),
    "ask_deferral": ("hourglass", ""),
    "ask_void": ("trash3", "warn"),
    "ask_designation": ("person-check", ""),
    "approve": ("check2", "primary"),
    "preapprove": ("check2", "primary"),
    "refuse": ("x-circle", "warn"),
    "withdraw": ("arrow-counterclockwise", ""),
}
# What a desk does most stands open on the page instead of behind a button; the first that may be.
PANELS = (
    "accept", "approve_self_handled", "file", "dispatch", "finish", "send_check", "close",
)  # fmt: skip
PHOTO_ROLES = {"finish": PhotoRole.AFTER}
API = "/api/v1/cases/"
# What takes an action back within seconds; the message of success offers it.
UNDONE_BY = {"dispatch": "undo_dispatch", "send_back_to_file": "undo_send_back"}
UNDO_OF_A_RETURN = "undo_return"


@dataclass(slots=True)
class Dialog:
    """One button with its form; `faults` are those of a refused attempt."""

    offer: Offer
    form: ActionForm
    at: datetime
    url: str
    api_url: str
    icon: str
    kind: str
    photos: str = ""
    photo_role: str = PhotoRole.OTHER
    version: int = 1
    faults: dict[str, Any] | None = None
    choices: list[Any] = field(default_factory=list)
    undo_url: str = ""
    fleeting_s: int = 0
    hint: Promise | str = ""

    @property
    def undo_s(self) -> int:
        """For how many seconds the message of success offers to take it back."""
        return number_at(UNDO_SECONDS, self.at)

    @property
    def action(self) -> str:
        return self.offer.action

    @property
    def label(self) -> str:
        return self.offer.label

    @property
    def template(self) -> str:
        """The inner part: an own one where the form has more than fields."""
        own = self.action in OWN_TEMPLATES
        return f"dispatch/includes/do/_{self.action if own else 'fields'}.html"

    @property
    def is_wide(self) -> bool:
        return self.action in WIDE

    @property
    def shows_photos(self) -> bool:
        """Whether the photos stand beside its fields: the page need not repeat them."""
        return self.action in SHOWS_PHOTOS


OWN_TEMPLATES = frozenset(
    {
        "file", "finish", "close", "amend", "accept", "dispatch", "reassign", "merge",
        "approve_self_handled", "call_back",
    }
)  # fmt: skip
SHOWS_PHOTOS = frozenset({"file", "finish", "close", "approve_self_handled"})
WIDE = frozenset({"file", "finish", "close", "amend", "merge", "approve_self_handled"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What the forms of a case may need, read once: departments, standards, the proposal."""

    departments: list[Department] = field(default_factory=list)
    standards: list[StandardChoice] = field(default_factory=list)
    proposal: CaseProposal | None = None
    miss: str = ""


def dialogs_of(
    view: CaseView,
    offered: Iterable[Offer],
    needs: Needs,
    *,
    request_id: int | None = None,
    tried: Mapping[str, QueryDict] | None = None,
) -> list[Dialog]:
    """A dialog for each offer; `tried` are the fields of a refused attempt by action."""
    return [
        dialog_of(view, offer, needs, request_id, (tried or {}).get(offer.action))
        for offer in offered
        if offer.action in FORMS
    ]


def dialog_of(
    view: CaseView, offer: Offer, needs: Needs, request_id: int | None, data: QueryDict | None
) -> Dialog:
    form_class = FORMS[offer.action]
    form = form_class(
        data,
        departments=needs.departments,
        preselected=preselected(view, offer.action, needs),
        initial=initial_of(view, offer.action),
        auto_id=f"do-{offer.action}-%s",
    )
    fit(form, view, needs)
    icon, kind = FACES.get(offer.action, ("", ""))
    number = view.case.number
    is_answer = offer.action not in ACTIONS
    place = f"requests/{request_id}/" if is_answer else ""
    args = [number, request_id, offer.action] if is_answer else [number, offer.action]
    return Dialog(
        offer=offer,
        form=form,
        at=view.at,
        url=reverse("dispatch:answer" if is_answer else "dispatch:act", args=args),
        api_url=f"{API}{number}/{place}{offer.action}/",
        icon=icon,
        kind=kind,
        photos="" if is_answer else ACTIONS[offer.action].photos,
        photo_role=PHOTO_ROLES.get(offer.action, PhotoRole.OTHER),
        version=view.case.version,
        choices=list(needs.standards) if offer.action == "file" else [],
        undo_url=undo_url(view, offer.action),
        fleeting_s=fleeting_s(view, offer.action),
        hint=hint_of(view, offer.action),
    )


def undo_url(view: CaseView, action: str) -> str:
    """Where the action can be taken back within seconds; empty for what cannot."""
    waiting = answerable(view)
    is_return = action == "approve" and waiting is not None and waiting.kind == RequestKind.RETURN
    undo = UNDO_OF_A_RETURN if is_return else UNDONE_BY.get(action)
    return f"{API}{view.case.number}/{undo}/" if undo else ""


def fleeting_s(view: CaseView, action: str) -> int:
    """For how many seconds more a button is of use; 0 for those that stay."""
    if action not in {*UNDONE_BY.values(), UNDO_OF_A_RETURN}:
        return 0
    passed = (view.at - view.case.state_since).total_seconds()
    return max(1, int(number_at(UNDO_SECONDS, view.at) - passed))


def fit(form: ActionForm, view: CaseView, needs: Needs) -> None:
    """Fit a form to its case: the standards of its class, a waiver only where one is due."""
    if isinstance(form, FileForm):
        form.choose_from(choice.standard.pk for choice in needs.standards)
        form.ask_about_miss(needs.miss)
    if isinstance(form, AppealForm):
        form.choose_from(appealable(view))
    if isinstance(form, CallBackForm):
        form.choose_whom(view.reporters)
    if isinstance(form, AcceptForm):
        form.ask_for_waiver(wants_waiver(view))
        form.ask_for_class(wants_class(view))
    if isinstance(form, UntilForm):
        longest = days_at(days_key(form.kind), view.at)
        form.bound_days(timezone.localdate(view.at), longest)


def preselected(view: CaseView, action: str, needs: Needs) -> str:
    """The department a form begins with: the consented one, else the proposal of the routing."""
    if action == "dispatch" and (given := consents(view)) and given[-1].proposed_department:
        return given[-1].proposed_department.code
    found = needs.proposal.department if needs.proposal else None
    if action in {"dispatch", "ask_designation"} and found is not None:
        return found.code
    return ""


def initial_of(view: CaseView, action: str) -> dict[str, Any]:
    """What the amend form shows: the values that hold now."""
    case = view.case
    if action != "amend":
        return {}
    return {
        "kind": case.kind,
        "class_code": case.catalogue_class.code,
        "part_code": case.part.code if case.part else "",
        "no_part_reason": case.no_part_reason,
        "place_text": case.place_text,
        "description": case.description,
    }


def panel_of(view: CaseView, dialogs: list[Dialog]) -> Dialog | None:
    """What this desk most probably does next; it stands open on the page."""
    by_action = {dialog.action: dialog for dialog in dialogs if dialog.offer.allowed}
    verify = by_action.get("send_verify")
    if verify is not None and wants_waiver(view) and not view.case.verify_outcome:
        return verify
    return next((by_action[name] for name in PANELS if name in by_action), None)


def needs_departments(offered: Iterable[Offer]) -> bool:
    choosing = {"dispatch", "reassign", "ask_return", "ask_designation"}
    return any(offer.action in choosing for offer in offered)


def needs_standards(view: CaseView, offered: Iterable[Offer]) -> bool:
    return view.case.state == State.TO_FILE and any(offer.action == "file" for offer in offered)
