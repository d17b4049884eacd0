"""The overview by e-mail: asked for, owed once a period, built and sent as its reader may see it.

A mailing is claimed for a while, sent, and marked; whoever is killed between leaves a row that is
sent once more (at least once), under the same Message-ID.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from assessment.models import Mailing, Subscription
from assessment.periods import names_that_ended, period_named, span_of
from assessment.selectors.dashboard import READERS
from assessment.selectors.summary import Choices, build_summary
from assessment.summary_files import FILES
from cases.services.outgoing import pause_after
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Forbidden, Invalid, NotVisible

log = logging.getLogger(__name__)

# A period that ended longer ago is not sent any more; files are built within a claim.
LOOK_BACK = timedelta(days=40)
LEASE = timedelta(minutes=10)
MOST_AT_ONCE = 20
AS_THE_PAGE_OPENS = Choices()


@transaction.atomic
def subscribe(
    *, actor: Actor, at: datetime, span: str, form: str, email: str,
    choices: Choices = AS_THE_PAGE_OPENS,
) -> Subscription:  # fmt: skip
    """Ask for the overview of every such period that ends from now on; twice it is the same one.

    With the choices of the page: figures of trends, rankings and map.

    Raises Forbidden for whoever reads no figures, Invalid without an address or a mail server.
    """
    _check_reader(actor)
    if span not in Subscription.Span.values or form not in Subscription.Form.values:
        raise Invalid(_("Choose how often, and which file."), span=_("Unknown value."))
    if not settings.HAS_EMAIL:
        raise Invalid(_("This site has no mail server; ask its operator."))
    if not email:
        raise Invalid(
            _("There is no e-mail address of yours; an administrator enters it."),
            email=_("Missing."),
        )
    wanted: dict[str, Any] = {
        "user_id": actor.user_id or 0, "span": span, "form": form, "ended_at": None,
        "choices": choices.as_data(),
    }  # fmt: skip
    try:
        with transaction.atomic():
            return Subscription.objects.create(since=at, **wanted)
    except IntegrityError:
        return Subscription.objects.get(**wanted)


def unsubscribe(*, actor: Actor, at: datetime, subscription_id: int) -> None:
    """No more of it from now on; ended twice it stays as it was. Raises NotVisible."""
    own = Subscription.objects.filter(pk=subscription_id, user_id=actor.user_id or 0)
    if not own.exists():
        raise NotVisible
    own.filter(ended_at=None).update(ended_at=at)


def _check_reader(actor: Actor) -> None:
    if not actor.roles & READERS:
        raise Forbidden(_("The figures are open to officials, duty chiefs and dispatchers."))


def owe_mailings(at: datetime) -> int:
    """Owe each subscription the periods that have ended since it was asked for; once each."""
    names = names_that_ended(at, LOOK_BACK)
    ended: dict[str, list[str]] = {}
    for name in names:
        ended.setdefault(span_of(name), []).append(name)
    wishes = Subscription.objects.filter(ended_at=None)
    recent = Mailing.objects.filter(subscription__in=wishes, period__in=names)
    known = set(recent.values_list("subscription_id", "period"))
    owed = [
        Mailing(subscription=one, period=name, owed_at=at, next_at=at)
        for one in wishes
        for name in ended.get(one.span, ())
        if (one.pk, name) not in known and period_named(name, at).end > one.since
    ]
    # Two that owe at once: what the other has written first stays.
    Mailing.objects.bulk_create(owed, ignore_conflicts=True)
    return len(owed)


def send_mailings(clock: Callable[[], datetime], most: int = MOST_AT_ONCE) -> int:
    """Build and send what is owed, one by one; returns how many were taken."""
    sent = 0
    for _turn in range(most):
        mailing = _claim(clock())
        if mailing is None:
            break
        sent += _send(mailing, clock)
    return sent


@transaction.atomic
def _claim(at: datetime) -> Mailing | None:
    """The next one that is due, for as long as the lease; two senders take different ones."""
    owed = Mailing.objects.filter(done_at=None, dead_at=None, next_at__lte=at)
    mailing = (
        owed.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("subscription__user")
        .order_by("next_at", "pk")
        .first()
    )
    if mailing is not None:
        mailing.next_at = at + LEASE
        mailing.save(update_fields=["next_at"])
    return mailing


def _send(mailing: Mailing, clock: Callable[[], datetime]) -> bool:
    user: Any = mailing.subscription.user
    why_not = _why_not(mailing.subscription, user)
    if why_not:
        return _give_up(mailing, why_not, clock())
    try:
        _message(mailing, user, clock()).send()
    except smtplib.SMTPRecipientsRefused:
        return _give_up(mailing, "receiver refused", clock())
    except (smtplib.SMTPException, OSError) as problem:
        return _try_later(mailing, type(problem).__name__, clock())
    Mailing.objects.filter(pk=mailing.pk).update(done_at=clock(), last_error="")
    return True


def _why_not(subscription: Subscription, user: Any) -> str:
    """Why nothing is sent now: rights and address are those of the sending, not of the asking."""
    if subscription.ended_at is not None:
        return "ended by its reader"
    if not user.is_active or not set(user.roles) & READERS:
        return "no reader of figures any more"
    return "" if user.email else "no address"


def _message(mailing: Mailing, user: Any, at: datetime) -> EmailMessage:
    subscription = mailing.subscription
    with translation.override(settings.LANGUAGE_CODE):
        period = period_named(mailing.period, at)
        title = __("Overview of figures")
        make, kind = FILES[subscription.form]
        body = make(
            build_summary(actor_of(user), period, Choices(**subscription.choices)),
            title,
            user.full_name,
        )
        subject = f"{title} · {mailing.period}"
        text = __(
            "The overview of %(period)s is attached. You asked for it; under “By e-mail” on the "
            "page of figures you end it."
        ) % {"period": mailing.period}
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMessage(
        subject, text, settings.DEFAULT_FROM_EMAIL, [user.email],
        headers={
            "Message-ID": f"<overview-{mailing.pk}@{domain}>", "Auto-Submitted": "auto-generated",
        },
    )  # fmt: skip
    message.attach(f"gridcity-{mailing.period}.{subscription.form}", body, kind)
    return message


def _give_up(mailing: Mailing, why: str, at: datetime) -> bool:
    Mailing.objects.filter(pk=mailing.pk).update(dead_at=at, last_error=why)
    log.warning("overview %s is not sent: %s", mailing.pk, why)
    return False


def _try_later(mailing: Mailing, error: str, at: datetime) -> bool:
    """Again later and later; given up after the patience of the settings."""
    if at - mailing.owed_at >= settings.NOTICE_PATIENCE:
        return _give_up(mailing, error, at)
    attempts = mailing.attempts + 1
    Mailing.objects.filter(pk=mailing.pk).update(
        attempts=attempts, next_at=at + pause_after(attempts), last_error=error
    )
    return False
