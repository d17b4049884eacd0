"""Changes of routing rules that are more than an edit: publishing drafts, automatic dispatch."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.coverage import last_day_before
from dispatch.models import RoutingRule
from gridcity.contracts import Actor, Forbidden, Invalid, NotVisible, Role


def publish_rules(*, actor: Actor, at: datetime, ids: Collection[int]) -> list[RoutingRule]:
    """Let drafts count; the rules they replace end on the day before. All of them, or none.

    None may begin in the past: what was dispatched by then would get another reason. Raises
    Invalid where a draft would be equal in all to another rule.
    """
    _administrators_only(actor)
    today = timezone.localdate(at)
    with transaction.atomic():
        # Locked in one order, so that two who publish at once cannot wait for each other.
        drafts = list(
            RoutingRule.objects.select_for_update(of=("self",), no_key=True)
            .drafts()
            .filter(pk__in=ids)
            .order_by("pk")
        )
        for draft in drafts:
            if draft.valid_from < today:
                raise Invalid(
                    _("Draft #%(rule)d would begin in the past; let it begin today or later.")
                    % {"rule": draft.pk}
                )
            _end_replaced(draft)
        for draft in drafts:
            draft.is_draft = False
            _check_equal_to_none(draft)
            draft.save(update_fields=["is_draft"])
        _log(actor, drafts, _("Published."))
    return drafts


def _end_replaced(draft: RoutingRule) -> None:
    """End the rule that a draft replaces, unless it has ended before."""
    if draft.replaces_id is None:
        return
    old = RoutingRule.objects.select_for_update(of=("self",), no_key=True).get(pk=draft.replaces_id)
    end = last_day_before(draft.valid_from)
    if end < old.valid_from:
        raise Invalid(
            _("Draft #%(rule)d begins before the rule that it replaces has held for a day.")
            % {"rule": draft.pk}
        )
    if old.valid_to is None or end < old.valid_to:
        old.valid_to = end
        old.save(update_fields=["valid_to"])


def _check_equal_to_none(draft: RoutingRule) -> None:
    try:
        draft.validate_constraints()
    except ValidationError as error:
        raise Invalid(
            _("Draft #%(rule)d: %(why)s") % {"rule": draft.pk, "why": " ".join(error.messages)}
        ) from None


def set_automatic(*, actor: Actor, at: datetime, rule_id: int, automatic: bool) -> RoutingRule:
    """Switch automatic dispatch by one rule on or off; it holds for cases filed from now on."""
    _administrators_only(actor)
    with transaction.atomic():
        rule = (
            RoutingRule.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=rule_id)
            .first()
        )
        if rule is None:
            raise NotVisible
        if rule.automatic != automatic:
            rule.automatic = automatic
            rule.save(update_fields=["automatic"])
            words = _("Automatic dispatch on.") if automatic else _("Automatic dispatch off.")
            _log(actor, [rule], words)
    return rule


def _log(actor: Actor, rules: list[RoutingRule], words: str | Promise) -> None:
    """What administrators changed stands in their log, whichever page they did it on."""
    if actor.user_id is not None and rules:
        rows = RoutingRule.objects.filter(pk__in=[rule.pk for rule in rules])
        LogEntry.objects.log_actions(actor.user_id, rows, CHANGE, str(words))


def _administrators_only(actor: Actor) -> None:
    if not actor.is_system and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden(_("Routing rules are the administrators' to change."))
