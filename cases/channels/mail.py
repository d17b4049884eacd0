"""E-mail by the server that the settings name, over one connection a batch."""

from __future__ import annotations

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from cases.channels import Parcel, Undelivered

PERMANENT = 500  # replies from here on will not change by themselves (RFC 5321, 4.2.1)


class MailCarrier:
    """Hands each parcel to the mail server, which answers for it from then on."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_open = False
        self._domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]

    def send(self, parcel: Parcel) -> None:
        message = EmailMessage(
            parcel.subject,
            parcel.text,
            settings.DEFAULT_FROM_EMAIL,
            [parcel.address],
            connection=self._connection,
            headers={
                # The same for a repetition, so that mail programs can tell.
                "Message-ID": f"<notice-{parcel.id}@{self._domain}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        try:
            if not self._is_open:
                self._connection.open()
                self._is_open = True
            message.send()
        except smtplib.SMTPRecipientsRefused as refused:
            code = max((reply[0] for reply in refused.recipients.values()), default=0)
            raise Undelivered(
                f"SMTP {code}: receiver refused", outlet_fails=False, is_final=code >= PERMANENT
            ) from None
        except smtplib.SMTPDataError as refused:
            raise Undelivered(f"SMTP {refused.smtp_code}", outlet_fails=False) from None
        except smtplib.SMTPResponseException as refused:
            raise Undelivered(f"SMTP {refused.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as problem:
            raise Undelivered(type(problem).__name__) from None

    def close(self) -> None:
        try:
            self._connection.close()
        except (smtplib.SMTPException, OSError):
            return  # what was taken was taken before
