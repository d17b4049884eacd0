"""The tables of the case: the case itself, its history, its clocks, its evidence, its people."""

from cases.models.calendar import (
    CalendarChange,
    CalendarDay,
    CalendarYear,
    ClockNumber,
    ProvisionalDays,
)
from cases.models.case import Case
from cases.models.event import Event
from cases.models.evidence import Photo, PhotoRole
from cases.models.feedback import CallBack, Rating, Satisfaction
from cases.models.hours import DeskHours, PlannedShift, WorkingHours
from cases.models.miss import Miss
from cases.models.notice import Delivery, Message, NoticeChoice, Outlet, Webhook
from cases.models.once import IdempotencyKey
from cases.models.reporter import Reporter, ReporterLook
from cases.models.stay import Stay, StayOpening
from cases.models.task import Task, TaskKind, TaskOutcome
from cases.sources import Source

__all__ = [
    "CalendarChange",
    "CalendarDay",
    "CalendarYear",
    "CallBack",
    "Case",
    "ClockNumber",
    "Delivery",
    "DeskHours",
    "Event",
    "IdempotencyKey",
    "Message",
    "Miss",
    "NoticeChoice",
    "Outlet",
    "Photo",
    "PhotoRole",
    "PlannedShift",
    "ProvisionalDays",
    "Rating",
    "Reporter",
    "ReporterLook",
    "Satisfaction",
    "Source",
    "Stay",
    "StayOpening",
    "Task",
    "TaskKind",
    "TaskOutcome",
    "Webhook",
    "WorkingHours",
]
