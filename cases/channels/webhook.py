"""Signed calls of other systems, by the conventions of standardwebhooks.com, version 1.

The answer is read no further than its status; a redirect is a failure. The whole call ends within
`LIMIT_S`, however slowly the other side speaks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import ssl
import threading
import time
from typing import Any

from cases.channels import Parcel, Undelivered
from cases.channels.addresses import Target, resolve, target_of
from gridcity.contracts import Invalid

LIMIT_S = 10.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - a mark by which secrets are recognised
# What is wrong with this message alone; everything else is the receiver's trouble.
ABOUT_THE_MESSAGE = frozenset({400, 409, 413, 415, 422})


def new_secret() -> str:
    """A secret of 256 bits as receivers' libraries want it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and HMAC-SHA256 over id, timestamp and body, apart by dots."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class WebhookCarrier:
    """Posts each parcel to its address."""

    def send(self, parcel: Parcel) -> None:
        try:
            target = target_of(parcel.address)
            status = post(target, resolve(target), *self._letter(parcel))
        except Invalid:
            raise Undelivered("address not allowed") from None
        except (OSError, http.client.HTTPException) as problem:
            raise Undelivered(type(problem).__name__) from None
        if not 200 <= status < 300:
            raise Undelivered(f"HTTP {status}", outlet_fails=status not in ABOUT_THE_MESSAGE)

    def _letter(self, parcel: Parcel) -> tuple[bytes, dict[str, str]]:
        said = {
            "id": parcel.id,
            "kind": parcel.kind,
            "case": parcel.case,
            "about": parcel.about or "case",
            "state": parcel.state,
            "at": parcel.at.isoformat(),
            "link": parcel.link,
        }
        body = json.dumps(said).encode()
        message_id, now = f"notice-{parcel.id}", int(time.time())
        return body, {
            "Content-Type": "application/json",
            "User-Agent": "gridcity",
            "Webhook-Id": message_id,
            "Webhook-Timestamp": str(now),
            "Webhook-Signature": signature(
                secret=parcel.secret, message_id=message_id, timestamp=now, body=body
            ),
        }

    def close(self) -> None:
        """Every call has a connection of its own."""


def post(target: Target, address: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to a host at an address that was judged before; returns the status.

    Raises OSError or HTTPException, TimeoutError when the whole takes longer than `LIMIT_S`.
    """
    call = _Call(target, address)
    try:
        call.request("POST", target.path, body, headers)
        with call.getresponse() as answer:
            return answer.status
    except (OSError, http.client.HTTPException):
        if call.is_late.is_set():
            raise TimeoutError from None
        raise
    finally:
        call.close()


class _Call(http.client.HTTPConnection):
    """A connection to a given address that is cut when its time is over.

    A time limit of a socket begins anew with every byte; only cutting the line ends a receiver
    that answers one byte at a time.
    """

    def __init__(self, target: Target, address: str) -> None:
        # Only a port that is not the scheme's own is named to the host.
        self.default_port = 443 if target.is_https else 80
        super().__init__(target.host, target.port, timeout=LIMIT_S)
        self.is_late = threading.Event()
        self._target = target
        self._address = address
        self._line: socket.socket | None = None
        self._watch = threading.Timer(LIMIT_S, self._cut)
        self._watch.daemon = True

    def connect(self) -> None:
        self._watch.start()
        plain = socket.create_connection((self._address, self._target.port), LIMIT_S)
        self._line = plain.dup()  # the wrapped one cannot be cut while it shakes hands
        self.sock: Any = plain
        if self.is_late.is_set():
            raise TimeoutError
        if self._target.is_https:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self._target.host)

    def _cut(self) -> None:
        self.is_late.set()
        if self._line is not None:
            try:
                self._line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def close(self) -> None:
        self._watch.cancel()
        super().close()
        if self._line is not None:
            self._line.close()
