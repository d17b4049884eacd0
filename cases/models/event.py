"""The history of a case: appended, chained, never changed (domain law §11)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases.free_text import DELETED, KEYS
from cases.models.case import Case
from cases.models.guards import never_truncated

# The one change that an event may see: what was written in it is deleted, with its salt.
_LOSES_WORDS = f"""
    texts := ARRAY[{", ".join(f"'{key}'" for key in KEYS)}];
    IF OLD.words_sha256 IS NOT NULL AND length(NEW.words_salt) = 0
        AND NEW.reason IN (OLD.reason, '{DELETED}')
        AND NEW.changes - texts = OLD.changes - texts
        AND to_jsonb(NEW) - ARRAY['reason', 'changes', 'words_salt']
            = to_jsonb(OLD) - ARRAY['reason', 'changes', 'words_salt']
        AND NOT EXISTS (
            SELECT FROM jsonb_each(NEW.changes) AS said (key, value)
            WHERE key = ANY (texts)
                AND value NOT IN ('""', '["{DELETED}", "{DELETED}"]', '"{DELETED}"'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
"""  # noqa: S608 - constants of ours


class Event(models.Model):
    """One thing that happened to a case: who did it, when it occurred and when it was recorded."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    role = models.CharField(max_length=16)
    occurred_at = models.DateTimeField()
    at = models.DateTimeField()
    # True where the sender's clock was refused: earlier than a day before `at`, or after it.
    time_flagged = models.BooleanField(default=False)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    reason = models.TextField(blank=True)
    changes = models.JSONField(default=dict)
    # The link covers the fingerprint of what was written, and not the text; both salt and text can
    # be deleted on demand. Events of before, and those without words, have none.
    words_salt = models.BinaryField(max_length=16, default=b"", db_default=b"")
    words_sha256 = models.BinaryField(max_length=32, null=True)
    prev_sha256 = models.BinaryField(max_length=32)
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history entries")
        ordering = ["case", "seq"]
        constraints = [
            # Also the index by which a case's history is read.
            models.UniqueConstraint(fields=["case", "seq"], name="event_seq_in_case"),
            models.CheckConstraint(
                name="event_occurred_not_after_recorded",
                condition=models.Q(occurred_at__lte=models.F("at")),
                violation_error_message=_("Nothing is recorded before it occurs."),
            ),
        ]
        indexes = [
            # The boxes of a person: the cases he acted on, newest first.
            models.Index(F("actor"), F("case").desc(), name="event_actor_case"),
            # The box of urged and supervised cases; what the clock urges fills nobody's box.
            models.Index(
                fields=["case"],
                condition=models.Q(action="supervise")
                | models.Q(action="urge") & ~models.Q(role="clock"),
                name="event_pressed",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="events_are_appended_only", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="events_lose_words_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                declare=[("texts", "text[]")],
                func=_LOSES_WORDS,
            ),
            never_truncated("events_are_not_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.action}"
