"""Shapes of what the desks type: the forms of actions, of the query and of a call (never saving).

Which fields an action has and how they are read stands in `dispatch.actions`; here is how they
are shown and which of them a page refuses to send empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Reporter, Satisfaction, Source
from cases.services.reporting import SOURCES_OF_ROLE
from cases.services.words import REASON_LIMIT, TEXT_LIMIT
from cases.workflow import State
from dispatch.models import Department, FactKind, RequestKind, RequestState, ReturnReason
from dispatch.services.reviews import IMPLEMENTED
from gridcity.contracts import Role
from parts.models import Part
from parts.widgets import Listed, PlainSelect

Choices = Sequence[tuple[Any, Any]]
NOTHING: tuple[str, str] = ("", "")
KEPT_IN_DRAFT = {"data-draft": ""}
ANY: tuple[str, Promise] = ("", pgettext_lazy("query", "All"))


def words_field(label: Any, limit: int, *, required: bool = True, rows: int = 3) -> Any:
    """Words of several lines; their length is bounded by the service in the same way."""
    area = forms.Textarea(attrs={"rows": rows, "maxlength": limit})
    return forms.CharField(
        label=label, max_length=limit, required=required, widget=area, strip=False
    )


class ActionForm(forms.Form):
    """The form of one action; the departments to choose from are those of the case's page."""

    def __init__(
        self,
        *args: Any,
        departments: Iterable[Department] = (),
        preselected: str = "",
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        for name in ("department", "assistants"):
            if isinstance(field := self.fields.get(name), forms.ChoiceField):
                first = [] if name == "assistants" else [NOTHING]
                field.choices = [*first, *((each.code, each.name) for each in departments)]
        if preselected and "department" in self.fields:
            self.initial.setdefault("department", preselected)


class PlainForm(ActionForm):
    """Nothing is asked but the yes."""


class ReasonForm(ActionForm):
    reason = words_field(_("Reason"), REASON_LIMIT)


class RemarkForm(ActionForm):
    reason = words_field(_("Remark"), REASON_LIMIT, required=False, rows=2)


class AcceptForm(ActionForm):
    waiver = words_field(
        _("Why without a confirmed verification"), REASON_LIMIT, required=False, rows=2
    )

    class_checked = forms.BooleanField(label=_("The class is right for this part"), required=False)

    def ask_for_class(self, question: str) -> None:
        """Ask for the class only where the crosswalk does not read that of the part."""
        if question:
            self.fields["class_checked"].required = True
            self.fields["class_checked"].help_text = question
        else:
            del self.fields["class_checked"]

    def ask_for_waiver(self, is_needed: bool) -> None:
        """Ask for the reason only where the law wants one (§2)."""
        if is_needed:
            self.fields["waiver"].required = True
            self.fields["waiver"].widget.attrs["required"] = True
        else:
            del self.fields["waiver"]


class FileForm(ActionForm):
    standard = forms.ChoiceField(label=_("Filing standard"), widget=forms.RadioSelect)
    missed = forms.ChoiceField(
        label=_("Did the patrol miss it?"), widget=forms.RadioSelect,
        choices=[("true", _("Yes, it is charged as missed")), ("false", _("No"))],
    )  # fmt: skip

    def ask_about_miss(self, question: str) -> None:
        """Ask only where somebody can have missed it (assessment law §3)."""
        if question:
            self.fields["missed"].help_text = question
        else:
            del self.fields["missed"]

    def choose_from(self, ids: Iterable[int]) -> None:
        """The standards of the class; the only one there is, is chosen already."""
        listed = [(str(pk), str(pk)) for pk in ids]
        field = self.fields["standard"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = listed
        if len(listed) == 1:
            self.initial.setdefault("standard", listed[0][0])

    @property
    def chosen(self) -> str:
        """The standard that is ticked, as its radio button has it."""
        return str(self["standard"].value() or "")


class DispatchForm(ActionForm):
    department = forms.ChoiceField(label=_("Responsible department"))
    assistants = forms.MultipleChoiceField(label=_("Assisting departments"), required=False)


class ReassignForm(DispatchForm):
    reason = words_field(_("Reason"), REASON_LIMIT)


class FinishForm(ActionForm):
    result = words_field(_("Result in words"), TEXT_LIMIT, rows=4)
    part_state = forms.ChoiceField(
        label=_("State of the part now"),
        required=False,
        choices=[("", _("nothing to say")), *Part.State.choices],
        help_text=_("An administrator looks at it before the register changes."),
    )


class ReturnForm(ActionForm):
    reason_code = forms.ChoiceField(
        label=_("Reason from the list"), choices=[NOTHING, *ReturnReason.choices]
    )
    reason = words_field(_("Reason in words"), REASON_LIMIT)
    department = forms.ChoiceField(label=_("Whose it is, as you think"), required=False)


class DesignationForm(ActionForm):
    department = forms.ChoiceField(label=_("Department to be designated"))
    reason = words_field(_("Reason"), REASON_LIMIT)


class UntilForm(ActionForm):
    """A suspension or a deferral: until when, and why."""

    kind: RequestKind

    until = forms.DateField(
        label=_("Until"), widget=forms.DateInput(attrs={"type": "date", "required": True})
    )
    reason = words_field(_("Reason"), REASON_LIMIT)

    def bound_days(self, today: date, longest: timedelta) -> None:
        """The browser offers no day that the service would refuse."""
        limits = {"min": today + timedelta(days=1), "max": today + longest}
        self.fields["until"].widget.attrs |= {key: day.isoformat() for key, day in limits.items()}


class SuspensionForm(UntilForm):
    kind = RequestKind.SUSPENSION


class DeferralForm(UntilForm):
    kind = RequestKind.DEFERRAL


class UrgeForm(ActionForm):
    reason = words_field(_("Words to whom it is urged"), REASON_LIMIT, required=False, rows=2)


class AppealForm(ActionForm):
    fact = forms.ChoiceField(label=_("Against"), choices=[NOTHING, *FactKind.choices])
    reason = words_field(_("Reason"), REASON_LIMIT)

    def choose_from(self, facts: Sequence[FactKind]) -> None:
        """What happened in this turn; the only thing there is, is chosen already."""
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOTHING, *((fact.value, fact.label) for fact in facts)]
        if len(facts) == 1:
            self.initial.setdefault("fact", facts[0].value)


class MergeForm(ActionForm):
    leading = forms.CharField(
        label=_("Number of the leading case"),
        max_length=17,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = words_field(_("Reason"), REASON_LIMIT)


class ForceCloseForm(ActionForm):
    reason = words_field(_("Reason"), REASON_LIMIT)
    successor = forms.BooleanField(
        label=_("Go on with a new case that waits to be filed"), required=False
    )


class CallBackForm(ActionForm):
    reporter = forms.ChoiceField(label=_("Whom did you call?"), required=False)
    valid = forms.BooleanField(label=_("The call is valid"), required=False, initial=True)
    contacted = forms.BooleanField(label=_("The reporter was reached"), required=False)
    resolved = forms.ChoiceField(
        label=_("Resolved"),
        required=False,
        choices=[NOTHING, ("yes", _("yes")), ("no", _("no"))],
    )
    satisfaction = forms.ChoiceField(
        label=_("Satisfaction"), required=False, choices=[NOTHING, *Satisfaction.choices]
    )

    def choose_whom(self, reporters: Iterable[Reporter]) -> None:
        """Who left a number; nothing is asked where that is one."""
        listed = [
            (str(one.pk), f"{one.name} {one.phone}".strip()) for one in reporters if one.phone
        ]
        if len(listed) < 2:
            del self.fields["reporter"]
            return
        field = self.fields["reporter"]
        assert isinstance(field, forms.ChoiceField)
        field.choices, field.required = [NOTHING, *listed], True


class SupplementForm(ActionForm):
    description = words_field(_("Words"), TEXT_LIMIT, required=False)


class PlaceFields(forms.Form):
    """A point as the map's pin sets it, and the part it is about."""

    lon = forms.CharField(required=False, widget=forms.HiddenInput(attrs=KEPT_IN_DRAFT))
    lat = forms.CharField(required=False, widget=forms.HiddenInput(attrs=KEPT_IN_DRAFT))
    placed_by = forms.CharField(required=False, widget=forms.HiddenInput(attrs=KEPT_IN_DRAFT))


class AmendForm(PlaceFields, ActionForm):
    """What an acceptor or duty chief corrects; every field shows the value that holds now."""

    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    class_code = forms.CharField(label=_("Class"), required=False)
    part_code = forms.CharField(label=_("Code of the part"), required=False, max_length=17)
    no_part_reason = forms.CharField(label=_("Why without a part"), required=False, max_length=200)
    place_text = forms.CharField(label=_("Place in words"), required=False, max_length=200)
    description = words_field(_("Description"), TEXT_LIMIT, rows=4)
    source = forms.ChoiceField(
        label=_("Further source"), required=False, choices=[NOTHING, *Source.choices]
    )


# What follows from an action, said before it is sent.
HINTS: dict[str, Promise] = {
    "supplement": _("Words and photos are added; the state of the case stays as it is."),
    "send_verify": _(
        "A supervisor on duty in this cell or a neighbouring one goes and looks; "
        "never the one who reported it."
    ),
    "recall_task": _("The task is taken back; it is not charged to the supervisor."),
    "not_accept": _("The case ends here. For 10 days the duty chief can have it reconsidered."),
    "not_file": _("The case ends here. For 10 days it can be reconsidered."),
    "reconsider": _("The case goes back to acceptance, as if it had just been reported."),
    "send_check": _(
        "A supervisor on duty goes and looks whether the closing condition is met; "
        "never one of the handling department."
    ),
    "withdraw_finish": _("The case comes back to you; what is left of the limit counts on."),
    "refuse_close": _("The case is checked on site once more."),
    "refuse_self_handled": _("It becomes a report like any other and waits to be accepted."),
    "merge": _(
        "The leading case takes over sources and reporters. For 10 minutes this can be undone."
    ),
    "force_close": _("The case ends at once; its open tasks and requests lapse."),
    "reopen": _("A new round begins with its whole limit; what the first round was stays."),
    "undo_merge": _("The case goes back to where it was before the merge."),
    "undo_dispatch": _("The case waits to be dispatched again, with the deadline it had."),
    "undo_send_back": _("The case waits to be dispatched again, with the deadline it had."),
    "undo_return": _("The turn of the department goes on, and its request waits again."),
    "urge": _("Whoever has the case now gets a notice; it is recorded."),
    "supervise": _("Whoever has the case now gets a notice; it is listed as supervised."),
    "ask_return": _("The clock goes on while the request waits."),
    "ask_extension": _(
        "If approved, the original limit is given once more. Your lead looks at it first, then "
        "the dispatcher; the clock goes on while the request waits."
    ),
    "ask_void": _(
        "The duty chief decides: another than who filed the case, where two are on duty."
    ),
    "ask_designation": _(
        "With the duty chief's consent the case is designated; that department cannot return it."
    ),
    "ask_appeal": _(
        "What happened stays on record; if the appeal is approved, it no longer counts. The "
        "dispatcher looks at it first, then the duty chief."
    ),
    "call_back": _(
        "Resolved and satisfied or not is recorded only where the reporter was reached."
    ),
}


FORMS: dict[str, type[ActionForm]] = {
    "amend": AmendForm,
    "supplement": SupplementForm,
    "send_verify": PlainForm,
    "recall_task": ReasonForm,
    "accept": AcceptForm,
    "not_accept": ReasonForm,
    "send_back_to_accept": ReasonForm,
    "file": FileForm,
    "not_file": ReasonForm,
    "dispatch": DispatchForm,
    "send_back_to_file": ReasonForm,
    "finish": FinishForm,
    "withdraw_finish": ReasonForm,
    "send_check": PlainForm,
    "close": PlainForm,
    "refuse_close": ReasonForm,
    "reassign": ReassignForm,
    "approve_self_handled": PlainForm,
    "refuse_self_handled": ReasonForm,
    "merge": MergeForm,
    "undo_merge": PlainForm,
    "reconsider": ReasonForm,
    "undo_dispatch": PlainForm,
    "undo_send_back": PlainForm,
    "undo_return": PlainForm,
    "force_close": ForceCloseForm,
    "reopen": ReasonForm,
    "call_back": CallBackForm,
    "ask_appeal": AppealForm,
    "resume": PlainForm,
    "urge": UrgeForm,
    "supervise": ReasonForm,
    "ask_return": ReturnForm,
    "ask_extension": ReasonForm,
    "ask_suspension": SuspensionForm,
    "ask_deferral": DeferralForm,
    "ask_void": ReasonForm,
    "ask_designation": DesignationForm,
    "approve": RemarkForm,
    "preapprove": RemarkForm,
    "refuse": ReasonForm,
    "withdraw": RemarkForm,
}


# ---------------------------------------------------------------- a call is registered

CALL_SOURCES = tuple((source, Source(source).label) for source in SOURCES_OF_ROLE[Role.ACCEPTOR])


class RegisterForm(PlaceFields):
    """A report that came by telephone, letter or otherwise to the acceptor's desk."""

    source = forms.ChoiceField(label=_("Source"), choices=CALL_SOURCES)
    phone = forms.CharField(
        label=_("Caller's telephone"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Caller's name"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may_call = forms.BooleanField(
        label=_("The caller agrees to be called by the department"), required=False
    )
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    class_code = forms.CharField(label=_("Class"))
    part_code = forms.CharField(label=_("Code of the part"), required=False, max_length=17)
    no_part_reason = forms.CharField(label=_("Why without a part"), required=False, max_length=200)
    place_text = forms.CharField(
        label=_("Place in words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = words_field(_("Description"), TEXT_LIMIT, rows=5)


# ---------------------------------------------------------------- the query of a list


class QueryForm(forms.Form):
    """The filters of a list of cases; every one of them is part of the address."""

    number = forms.CharField(
        label=_("Case number"),
        required=False,
        max_length=17,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[ANY, *State.choices], widget=PlainSelect
    )
    class_code = forms.ChoiceField(label=_("Class"), required=False, widget=PlainSelect)
    street = forms.ChoiceField(label=_("Street"), required=False, widget=PlainSelect)
    department = forms.ChoiceField(
        label=_("Handling department"), required=False, widget=PlainSelect
    )
    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[ANY, *Source.choices], widget=PlainSelect
    )
    since = forms.DateField(
        label=_("Reported from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Reported to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    late = forms.BooleanField(
        label=_("Overdue only"), required=False, widget=forms.CheckboxInput(attrs={"value": "1"})
    )

    def __init__(
        self,
        *args: Any,
        streets: Choices = (),
        departments: Choices = (),
        classes: Choices = (),
        without: Iterable[str] = (),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        for name, listed in (
            ("street", streets), ("department", departments), ("class_code", classes),
        ):  # fmt: skip
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = Listed([ANY], listed)
        for name in without:
            del self.fields[name]


class RequestQueryForm(forms.Form):
    """The filters of the box of requests."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[ANY, *((kind, RequestKind(kind).label) for kind in IMPLEMENTED)],
    )
    status = forms.ChoiceField(
        label=pgettext_lazy("request", "State"),
        required=False,
        choices=[ANY, *RequestState.choices],
    )
