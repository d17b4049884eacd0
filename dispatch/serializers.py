"""Shapes of the API of cases, for its description.

Input is read by the table of `dispatch.actions`, from which the shapes of actions are made here;
output is built as plain dicts (`dispatch.api.shapes`), because a serializer costs more than the
query. A test holds both against these shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import PhotoRole, Source, TaskKind, TaskOutcome
from cases.models.case import PlacedBy
from cases.workflow import State
from dispatch.actions import MAY, Action, code, codes, day, degrees, whole, words, yes
from dispatch.models import RequestKind, RequestState, ReturnReason, TurnEnd

Shape = serializers.Serializer[None]


def text(**more: Any) -> serializers.CharField:
    return serializers.CharField(**more)


def maybe(**more: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **more)


def instant(**more: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(**more)


def maybe_instant(**more: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=True, **more)


class RefusalOut(Shape):
    """Every refusal and failure has this one shape."""

    code = text(help_text=_("Stable key of the refusal."))
    detail = text(help_text=_("A sentence fit for the user."))
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("Sentences by the name of the input at fault."),
    )
    kept = serializers.DictField(
        required=False, help_text=_("What helps to go on, such as the version that is current now.")
    )
    id = text(required=False, help_text=_("Short id that the log carries too."))


# ---------------------------------------------------------------- what is sent


@extend_schema_field(OpenApiTypes.BINARY)
class FileIn(serializers.ImageField):
    """A file of a multipart form."""


class PhotosIn(Shape):
    """Photos go as files of a multipart form, with a role and an instant for each."""

    photos = serializers.ListField(
        child=FileIn(), required=False, help_text=_("At most 9, of 10 MB each.")
    )
    photo_roles = serializers.ListField(
        child=serializers.ChoiceField(PhotoRole.choices), required=False
    )
    photo_taken_at = serializers.ListField(child=serializers.DateTimeField(), required=False)
    photos_meta = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text=_(
            "Instead of the two lists: JSON objects of role, taken_at, lon, lat, accuracy_m."
        ),
    )


class ReporterIn(Shape):
    name = text(required=False, max_length=64)
    phone = text(required=False, max_length=32)
    may_call = serializers.BooleanField(required=False)


class ReportIn(PhotosIn):
    kind = serializers.ChoiceField(["part", "event"])
    class_code = text(
        required=False,
        help_text=_("May be left out where a part is named: it is that of the part."),
    )
    scheme = text(required=False, help_text=_("The current coding scheme where none is named."))
    part_code = text(required=False)
    no_part_reason = text(required=False, help_text=_("Why a case of a part names none."))
    lon = serializers.FloatField(required=False)
    lat = serializers.FloatField(required=False)
    accuracy_m = serializers.FloatField(required=False)
    placed_by = serializers.ChoiceField(PlacedBy.choices, required=False)
    place_text = text(required=False, max_length=200)
    description = text(required=False, max_length=2000)
    source = serializers.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]
    occurred_at = instant(required=False)
    reporter = ReporterIn(required=False)
    self_handled = serializers.BooleanField(
        required=False, help_text=_("Handled on the spot, with a photo before and one after.")
    )


def field_of(name: str, read: Callable[[Any], Any]) -> serializers.Field[Any, Any, Any, Any]:
    """How a field of an action is described, by the way it is read."""
    if name == "outcome":
        return serializers.ChoiceField(["confirmed", "not_true", "not_found"])
    if name == "reason_code":
        return serializers.ChoiceField(ReturnReason.choices, required=False)
    makers: dict[Any, Callable[..., serializers.Field[Any, Any, Any, Any]]] = {
        words: serializers.CharField,
        code: serializers.CharField,
        whole: serializers.IntegerField,
        degrees: serializers.FloatField,
        day: serializers.DateField,
        yes: serializers.BooleanField,
        codes: lambda **more: serializers.ListField(child=serializers.CharField(), **more),
    }
    return makers[read](required=False)


def action_in(name: str, action: Action) -> type[Shape]:
    """The shape of what an action asks for, made from the table that reads it."""
    fields: dict[str, Any] = {field: field_of(field, read) for field, read in action.fields.items()}
    if action.versioned:
        fields["version"] = serializers.IntegerField(help_text=_("The version that was seen."))
    if action.photos:
        fields["occurred_at"] = instant(required=False)
    base = PhotosIn if action.photos else serializers.Serializer
    title = "".join(word.title() for word in name.split("_"))
    doc = _("Photos may be added.") if action.photos == MAY else None
    return type(f"{title}In", (base,), {**fields, "__doc__": str(doc) if doc else None})


class RequestIn(Shape):
    kind = serializers.ChoiceField(RequestKind.choices)
    reason_code = serializers.ChoiceField(ReturnReason.choices, required=False)
    reason = text()
    department = text(required=False, help_text=_("Code of the department that is proposed."))
    until = serializers.DateField(required=False)
    fact = text(required=False, help_text=_("What an appeal is against."))
    version = serializers.IntegerField()


class AnswerIn(Shape):
    version = serializers.IntegerField()
    reason = text(required=False)


# ---------------------------------------------------------------- what is answered


class NamedOut(Shape):
    code = text()
    name = text()


class DepartmentOut(NamedOut):
    kind = text()
    street_code = text(allow_blank=True)


class DuplicateOut(Shape):
    """A possible duplicate; interface clients see class, street, state and date only."""

    number = text(required=False)
    class_name = text()
    street_name = text()
    status = serializers.ChoiceField(State.choices)
    reported_at = instant()
    distance_m = serializers.FloatField(required=False, allow_null=True)
    same_part = serializers.BooleanField(required=False)
    reasons = serializers.ListField(child=serializers.CharField(), required=False)


class ReportedOut(Shape):
    number = text()
    status = serializers.ChoiceField(State.choices)
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(["part", "event"])
    scheme = text()
    class_code = text()
    matter_code = maybe()
    cell = maybe()
    community = NamedOut(allow_null=True)
    street = NamedOut(allow_null=True)
    reported_at = instant()
    duplicates = DuplicateOut(many=True)


LAMPS = ["green", "yellow", "red"]


class CaseRowOut(Shape):
    number = text()
    status = serializers.ChoiceField(State.choices)
    status_label = text()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(["part", "event"])
    scheme = text()
    class_code = text()
    class_name = text()
    matter_code = maybe()
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    description = text()
    place_text = text()
    cell = maybe()
    street = NamedOut(allow_null=True)
    community = NamedOut(allow_null=True)
    department = NamedOut(allow_null=True)
    reported_at = instant()
    state_since = instant()
    due_at = maybe_instant(help_text=_("When the stage that runs now is due."))
    deadline_at = maybe_instant(help_text=_("The deadline of handling, while its clock runs."))
    lamp = serializers.ChoiceField(LAMPS, allow_null=True)
    ended_at = maybe_instant()


class PageOut(Shape):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    cursor = maybe(help_text=_("The cursor of the next page."))


class CasePageOut(PageOut):
    results = CaseRowOut(many=True)


class AllowedOut(Shape):
    action = text()
    label = text()  # type: ignore[assignment]
    needs_reason = serializers.BooleanField()


class RefusedOut(Shape):
    action = text()
    label = text()  # type: ignore[assignment]
    reason = text()


class FiledAsOut(Shape):
    id = serializers.IntegerField()
    condition = text()
    closing_condition = text()
    limit_value = text()
    limit_unit = text()
    limit_area = text()


class StandardChoiceOut(Shape):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    condition = text()
    limit_value = text()
    limit_unit = text()
    limit_value_a = maybe()
    limit_value_c = maybe()
    closing_condition = text()
    department_kind = text()
    is_default = serializers.BooleanField()


class TurnOut(Shape):
    number = serializers.IntegerField()
    round = serializers.IntegerField()
    department = NamedOut()
    assistants = NamedOut(many=True)
    automatic = serializers.BooleanField()
    designation = serializers.BooleanField()
    dispatched_by = maybe()
    began_at = instant()
    opened_at = maybe_instant()
    ended_at = maybe_instant()
    end_kind = serializers.ChoiceField(TurnEnd.choices, allow_null=True)
    limit_value = text()
    limit_unit = text()
    allowed_s = serializers.IntegerField()
    used_s = serializers.IntegerField()
    running_since = maybe_instant()
    deadline_at = maybe_instant()
    provisional = serializers.BooleanField()
    overdue_at = maybe_instant()
    finished_at = maybe_instant()
    finish_in_time = serializers.BooleanField(allow_null=True)
    rework_count = serializers.IntegerField()
    wrong_dispatch = serializers.BooleanField()


class TaskOut(Shape):
    kind = serializers.ChoiceField(TaskKind.choices)
    assignee = text()
    assignee_name = text()
    sent_at = instant()
    due_at = instant()
    ended_at = maybe_instant()
    outcome = serializers.ChoiceField(TaskOutcome.choices, allow_null=True)
    in_time = serializers.BooleanField(allow_null=True)


class StageOut(Shape):
    state = serializers.ChoiceField(State.choices)
    label = text()  # type: ignore[assignment]
    undone = serializers.BooleanField(
        help_text=_("Taken back within seconds: it counts in no figure.")
    )
    began_at = instant()
    ended_at = maybe_instant()
    due_at = maybe_instant()
    limit_s = serializers.IntegerField(allow_null=True)
    in_time = serializers.BooleanField(allow_null=True)
    lamp = serializers.ChoiceField(LAMPS, allow_null=True)
    actor = text(allow_blank=True)
    role = text(allow_blank=True)


class EventOut(Shape):
    seq = serializers.IntegerField()
    action = text()
    label = text()  # type: ignore[assignment]
    actor = maybe()
    actor_name = maybe()
    role = text()
    role_label = text()
    occurred_at = instant()
    at = instant()
    time_flagged = serializers.BooleanField()
    to = text()
    reason = text(allow_blank=True)
    changes = serializers.DictField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, so it is declared here."""
        return {**super().get_fields(), "from": maybe()}


class PhotoOut(Shape):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(PhotoRole.choices)
    role_label = text()
    url = text()
    thumbnail = text()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sha256 = text()
    taken_at = maybe_instant()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    accuracy_m = serializers.FloatField(allow_null=True)
    event = serializers.IntegerField(help_text=_("Number of the event it came with."))
    added_at = instant()


class ReporterOut(Shape):
    name = text(allow_blank=True)
    phone = text(allow_blank=True)
    may_call = serializers.BooleanField()


class ProposalOut(Shape):
    department = NamedOut(allow_null=True)
    reason = text()
    automatic = serializers.BooleanField()


class StepOut(Shape):
    reviewer_role = text()
    began_at = instant()
    due_at = instant()
    ended_at = maybe_instant()
    decision = maybe()
    decided_by = maybe()
    reason = text(allow_blank=True)


class RequestOut(Shape):
    id = serializers.IntegerField()
    number = text(help_text=_("Number of the case."))
    kind = serializers.ChoiceField(RequestKind.choices)
    kind_label = text()
    status = serializers.ChoiceField(RequestState.choices)
    status_label = text()
    reason_code = serializers.ChoiceField(ReturnReason.choices, allow_null=True)
    reason = text()
    department = NamedOut(allow_null=True)
    until = serializers.DateField(allow_null=True)
    asked_by = text()
    asked_at = instant()
    ended_at = maybe_instant()
    version = serializers.IntegerField(help_text=_("Version of the case."))
    steps = StepOut(many=True)
    allowed_actions = AllowedOut(many=True)


class RequestPageOut(PageOut):
    results = RequestOut(many=True)


class CaseOut(Shape):
    """All of a case that the caller may see."""

    number = text()
    status = serializers.ChoiceField(State.choices)
    status_label = text()
    version = serializers.IntegerField()
    round = serializers.IntegerField()
    kind = serializers.ChoiceField(["part", "event"])
    scheme = text()
    class_code = text()
    class_name = text()
    matter_code = maybe()
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    source_label = text()
    sources = serializers.ListField(child=serializers.ChoiceField(Source.choices))
    description = text(allow_blank=True)
    part = NamedOut(allow_null=True)
    no_part_reason = text(allow_blank=True)
    reported_at = instant()
    occurred_at = instant()
    verify_outcome = maybe()
    verify_waived_reason = maybe()
    first_contact = maybe()
    relapse_of = maybe()
    merged_into = maybe()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    accuracy_m = serializers.FloatField(allow_null=True)
    placed_by = maybe()
    place_text = text(allow_blank=True)
    cell = maybe()
    community = NamedOut(allow_null=True)
    street = NamedOut(allow_null=True)
    department = NamedOut(allow_null=True)
    rework_count = serializers.IntegerField()
    state_since = instant()
    due_at = maybe_instant(help_text=_("When the stage that runs now is due."))
    deadline_at = maybe_instant(help_text=_("The deadline of handling, while its clock runs."))
    lamp = serializers.ChoiceField(LAMPS, allow_null=True)
    ended_at = maybe_instant()
    result = maybe()
    standard = FiledAsOut(allow_null=True)
    filed_at = maybe_instant()
    filed_by = maybe()
    turns = TurnOut(many=True)
    later_turns = serializers.IntegerField(
        help_text=_("Turns of other departments after the caller's, seen by state only.")
    )
    task = TaskOut(allow_null=True)
    tasks = TaskOut(many=True)
    allowed_actions = AllowedOut(many=True)
    refused_actions = RefusedOut(many=True)
    requests = RequestOut(many=True)
    stages = StageOut(many=True)
    events = EventOut(many=True)
    photos = PhotoOut(many=True)
    reporter = ReporterOut(allow_null=True)
    proposal = ProposalOut(allow_null=True)
    standards = StandardChoiceOut(many=True, allow_null=True)
