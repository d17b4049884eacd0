"""Deliveries owed to people and the messages they became.

A delivery is written in the transaction of what it tells of; a sweep carries it out at least
once (house style §3). The in-app list is the first channel.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class NoticeKind(models.TextChoices):
    """What a notice says; the sentence is made for the reader's language when it is shown."""

    TASK = "task", _("A task for you")
    DISPATCHED = "dispatched", _("A case was dispatched to you")
    REWORK = "rework", _("A check failed: the case is back with you")
    REQUEST = "request", _("A request waits for your answer")
    ANSWERED = "answered", _("Your request was answered")
    NOT_ACCEPTED = "not_accepted", _("Your report was not accepted")
    ENDED = "ended", _("A case of yours has ended")
    WARNING = "warning", _("80 % of the limit is used")
    ESCALATION = "escalation", _("A limit has run out")
    DESK_LATE = "desk_late", _("A desk is late")
    NOBODY = "nobody", _("Nobody on duty could take a task")
    URGED = "urged", _("A case of yours was urged")
    SUPERVISED = "supervised", _("A case of yours was put under supervision")
    RESUMED = "resumed", _("A suspended case runs again")
    REOPENED = "reopened", _("A closed case was reopened")
    DISPUTED = "disputed", _("A case was closed by force again and again: decide about it")


class Delivery(models.Model):
    """One notice owed to one person through one channel."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=8, default="inbox")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    values = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # The sweep that delivers: what is owed, in order.
            models.Index(
                fields=["due_at", "id"], condition=Q(done_at__isnull=True), name="delivery_owed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} → {self.receiver_id}"


class Message(models.Model):
    """A line in somebody's list; made once from its delivery."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # The list behind the bell, newest first.
            models.Index(F("receiver"), F("id").desc(), name="message_of_receiver"),
            # The count on the bell.
            models.Index(
                fields=["receiver"], condition=Q(read_at__isnull=True), name="message_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} → {self.receiver_id}"
