"""The columns that the generator writes, and instants as the text format of COPY has them."""

from __future__ import annotations

from datetime import UTC, date, datetime

NULL = "\\N"
DAY_S = 86_400
DAYS_FROM = date(2015, 1, 1).toordinal()
UNIX_DAYS = date(1970, 1, 1).toordinal()
_DAYS = [f"{date.fromordinal(DAYS_FROM + day)} " for day in range(40 * 366)]
_SECONDS = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(DAY_S)]
_SHIFT = (UNIX_DAYS - DAYS_FROM) * DAY_S

TABLES: dict[str, tuple[str, ...]] = {
    "cases_case": (
        "id", "number", "kind", "state", "version", "round", "no_part_reason", "point",
        "accuracy_m", "placed_by", "place_text", "description", "source", "sources",
        "reported_at", "occurred_at", "verify_outcome", "verify_waived_reason",
        "standard_condition", "closing_condition", "limit_value", "limit_unit", "limit_area",
        "filed_at", "ever_finished", "state_since", "due_at", "green_until", "ended_at", "result",
        "self_handled", "last_seq", "last_sha256", "catalogue_class_id", "cell_id",
        "community_id", "filed_by_id", "first_contact_id", "reported_by_id", "standard_id",
        "street_id",
    ),
    "cases_event": (
        "id", "case_id", "seq", "action", "actor_id", "role", "occurred_at", "at", "time_flagged",
        "from_state", "to_state", "reason", "changes", "prev_sha256", "sha256",
    ),
    "cases_stay": (
        "id", "case_id", "seq", "state", "began_at", "ended_at", "limit_s", "used_before_s",
        "due_at", "green_until", "provisional", "actor_id", "actor_role", "in_time",
    ),
    "cases_task": (
        "id", "case_id", "kind", "sending", "assignee_id", "sent_at", "due_at", "ended_at",
        "outcome", "in_time",
    ),
    "cases_reporter": (
        "id", "case_id", "source", "name", "phone", "may_call", "salt",
    ),
    "cases_photo": (
        "id", "case_id", "event_id", "role", "file", "thumbnail", "width", "height", "sha256",
        "perceptual_hash", "taken_at", "placed_by", "uploaded_by_id", "added_at",
    ),
    "dispatch_turn": (
        "id", "case_id", "department_id", "number", "round", "is_designation", "dispatched_by_id",
        "dispatched_by_role", "automatic", "proposal_department_id", "began_at", "ended_at",
        "end_kind", "opened_at", "limit_value", "limit_unit", "whole_limit", "allowed", "used",
        "running_since", "due_at", "provisional", "overdue_at", "marks", "timer_level",
        "timer_at", "finished_at", "finish_in_time", "rework_count", "wrong_dispatch",
        "returns_refused",
    ),
}  # fmt: skip
Rows = dict[str, list[str]]


def stamp(at: int) -> str:
    """Seconds since 1970 as PostgreSQL reads an instant."""
    day, second = divmod(at + _SHIFT, DAY_S)
    return _DAYS[day] + _SECONDS[second]


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
