"""Requests that were carried out, by their key, so that a repetition gives the same answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """The answer given to one key of one user; forgotten in time (`services.once`).

    Keys of people without an account are one another's: each is drawn at random by the page.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, db_index=False
    )
    key = models.UUIDField()
    content_sha256 = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            # A second request with the same key waits on this index until the first has ended.
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_user_key"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(user=None), name="idempotency_key_of_nobody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)
