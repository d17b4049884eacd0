"""Deliveries owed to people, what became of them, and by which channels people want them.

A delivery is written in the transaction of what it tells of; a sweep carries it out at least
once (house style §3). The in-app list is the first channel and gets everything.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    IDLE = "idle", _("A case waits while its desk does not work")
    NOBODY = "nobody", _("Nobody on duty could take a task")
    URGED = "urged", _("A case of yours was urged")
    SUPERVISED = "supervised", _("A case of yours was put under supervision")
    RESUMED = "resumed", _("A suspended case runs again")
    REOPENED = "reopened", _("A closed case was reopened")
    MISSED = "missed", _("A matter in your cells was missed")
    OBJECTED = "objected", _("A supervisor objects to a missed matter")
    SUPPLEMENTED = "supplemented", _("A citizen added to a case that waits for you")
    DISPUTED = "disputed", _("A case was closed by force again and again: decide about it")
    INSPECTED = "inspected", _("An inspection has scored you")
    CONTESTED = "contested", _("An appeal against an inspection waits for your answer")
    DECIDED = "decided", _("It was decided about an inspection that scored you")


class Topic(models.TextChoices):
    """What a notice may speak of beside a case: rows of a higher app, known here by their ids."""

    INSPECTION = "inspection", _("Inspection entry")


URGENT = frozenset(
    {
        NoticeKind.REWORK, NoticeKind.ESCALATION, NoticeKind.DESK_LATE, NoticeKind.IDLE,
        NoticeKind.NOBODY, NoticeKind.SUPERVISED, NoticeKind.DISPUTED,
    }
)  # fmt: skip
# What no clock waits for: in quiet hours it is held back until they end.
CAN_WAIT = frozenset(
    {
        NoticeKind.ANSWERED, NoticeKind.NOT_ACCEPTED, NoticeKind.ENDED, NoticeKind.RESUMED,
        NoticeKind.REOPENED, NoticeKind.MISSED, NoticeKind.OBJECTED, NoticeKind.SUPPLEMENTED,
        NoticeKind.INSPECTED, NoticeKind.CONTESTED, NoticeKind.DECIDED,
    }
)  # fmt: skip


class Channel(models.TextChoices):
    """How a notice reaches a person."""

    INBOX = "inbox", _("In-app list")
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")
    SMS = "sms", _("Short message")
    CHAT = "chat", _("Enterprise chat")


OWED = Q(done_at__isnull=True, dead_at__isnull=True)
OUTGOING = ~Q(channel=Channel.INBOX)


def of_one_thing(name: str) -> models.CheckConstraint:
    """A notice speaks of a case, or of something else by its topic and id."""
    return models.CheckConstraint(
        condition=Q(case__isnull=False, topic="", topic_id__isnull=True)
        | Q(case__isnull=True, topic_id__isnull=False) & ~Q(topic=""),
        name=name,
    )


class Delivery(models.Model):
    """One notice owed to one person through one channel.

    `due_at` is when it came to be owed, `next_at` when an outgoing one is tried: later after each
    failure, and while a sender has it at hand. `dead_at` ends the trying until an administrator
    begins it anew.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    topic = models.CharField(_("topic"), max_length=16, choices=Topic.choices, db_default="")
    topic_id = models.BigIntegerField(null=True)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("receiver"),
    )
    channel = models.CharField(
        _("channel"), max_length=8, choices=Channel.choices, default=Channel.INBOX
    )
    kind = models.CharField(_("kind of notice"), max_length=12, choices=NoticeKind.choices)
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=16, db_default="")
    due_at = models.DateTimeField(pgettext_lazy("notice", "owed since"))
    done_at = models.DateTimeField(pgettext_lazy("notice", "sent"), null=True)
    next_at = models.DateTimeField(_("next attempt"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    dead_at = models.DateTimeField(_("given up"), null=True)
    last_error = models.CharField(_("last error"), max_length=80, db_default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel=Channel.INBOX) | Q(next_at__isnull=False),
                name="delivery_outgoing_has_its_time",
            ),
            of_one_thing("delivery_of_one_thing"),
        ]
        indexes = [
            # The sweep that fills the in-app lists: what is owed, in order.
            models.Index(
                fields=["due_at", "id"],
                condition=Q(done_at__isnull=True, channel=Channel.INBOX),
                name="delivery_owed",
            ),
            # The sweep that sends: what is to be tried by now.
            models.Index(
                fields=["next_at", "id"], condition=OWED & OUTGOING, name="delivery_to_send"
            ),
            # … and whether an earlier one of the same case, receiver and channel is still owed.
            models.Index(
                fields=["case", "receiver", "channel", "id"],
                condition=OWED & OUTGOING,
                name="delivery_lane",
            ),
            # … and the same of what is no case.
            models.Index(
                fields=["topic_id", "topic", "receiver", "channel", "id"],
                condition=OWED & OUTGOING & ~Q(topic=""),
                name="delivery_topic_lane",
            ),
            # The sweep that forgets what was delivered long ago.
            models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="delivery_done"
            ),
            # The list of dead letters, newest first.
            models.Index(
                fields=["dead_at"], condition=Q(dead_at__isnull=False), name="delivery_dead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id or self.topic} {self.kind} → {self.receiver_id}"


class Outlet(models.Model):
    """What stands between us and a receiver, and when it is tried again after a failure.

    `email`, `sms` and `chat` are one each for the whole site; each receiver's webhook is one of
    its own, so that one that is down holds up nobody else.
    """

    name = models.CharField(_("outlet"), max_length=32, unique=True)
    failing_since = models.DateTimeField(_("failing since"))
    failures = models.PositiveIntegerField(_("failures in a row"), default=1)
    retry_at = models.DateTimeField(_("next attempt"))
    last_error = models.CharField(_("last error"), max_length=80)

    class Meta:
        verbose_name = _("outlet that fails")
        verbose_name_plural = _("outlets that fail")

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """The address of a system that hears a user's notices; administrators set it."""

    receiver = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="webhook",
        verbose_name=_("receiver"),
    )
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=64)
    is_active = models.BooleanField(_("active"), default=True)
    set_at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        # The host alone: what follows it may hold a secret of the receiver's.
        host = self.url.partition("//")[2].partition("/")[0].partition("?")[0]
        said = {"receiver": self.receiver.get_username(), "host": host}
        return str(_("Webhook of %(receiver)s to %(host)s") % said)


class NoticeChoice(models.Model):
    """That a user wants a kind by a channel, or does not; only what differs from the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    is_wanted = models.BooleanField()
    chosen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")
        constraints = [
            # Also finds the choices of a receiver when a notice is owed.
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="notice_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.channel}"


class Message(models.Model):
    """A line in somebody's list; made once from its delivery."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    topic = models.CharField(max_length=16, choices=Topic.choices, db_default="")
    topic_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [of_one_thing("message_of_one_thing")]
        indexes = [
            # The list behind the bell, newest first.
            models.Index(F("receiver"), F("id").desc(), name="message_of_receiver"),
            # The count on the bell.
            models.Index(
                fields=["receiver"], condition=Q(read_at__isnull=True), name="message_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id or self.topic} {self.kind} → {self.receiver_id}"
