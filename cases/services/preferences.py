"""What people choose to be told by which channel."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model

from cases.models import NoticeChoice
from cases.models.notice import Channel
from cases.selectors.preferences import is_default, kinds_for, ways_of
from cases.services.transactions import in_transaction
from gridcity.contracts import Actor


@in_transaction
def choose_notices(*, actor: Actor, at: datetime, wanted: set[tuple[str, str]]) -> None:
    """Keep what an actor wants of the kinds of his roles, by (kind, channel).

    What agrees with the default is not kept, so that a better default reaches him. The in-app
    list is no matter of choice: it keeps what the other channels may lose.
    """
    # Two pages sent at once write the same rows: the second waits for the first.
    users = get_user_model().objects.select_for_update(of=("self",), no_key=True)
    assert actor.user_id is not None
    user = users.get(pk=actor.user_id)
    channels = [way.channel for way in ways_of(user) if way.channel != Channel.INBOX]
    NoticeChoice.objects.filter(user=user, channel__in=channels).delete()
    NoticeChoice.objects.bulk_create(
        NoticeChoice(
            user=user,
            kind=kind,
            channel=channel,
            is_wanted=(kind, channel) in wanted,
            chosen_at=at,
        )
        for kind in kinds_for(user.roles)
        for channel in channels
        if ((kind, channel) in wanted) != is_default(kind, channel)
    )
