"""Which addresses a webhook may have: nothing inside the site's own network can be reached by one.

An administrator sets the address, but the site calls it: without this guard he could read or
trigger what only the site may reach. Only https to public addresses, or hosts that the settings
name. The name is resolved once, and the connection goes to the very address that was judged.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook leads: host and port, and the path with its query."""

    host: str
    port: int
    path: str
    is_https: bool
    is_trusted: bool


def target_of(url: str) -> Target:
    """Read an address. Raises Invalid with the sentence for the form."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(_("This is no address."), url=_("This is no address.")) from None
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.scheme not in {"http", "https"}:
        raise Invalid(_("This is no address."), url=_("This is no address."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        said = _("An address without user, password and fragment; the signature proves who calls.")
        raise Invalid(said, url=said)
    is_https = parts.scheme == "https"
    port = port or (443 if is_https else 80)
    is_trusted = not {host, f"{host}:{port}"}.isdisjoint(map(str.lower, settings.WEBHOOK_HOSTS))
    if not is_https and not is_trusted:
        said = _("Only https, or a host that the settings allow (GRIDCITY_WEBHOOK_HOSTS).")
        raise Invalid(said, url=said)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, is_https, is_trusted)


def resolve(target: Target) -> str:
    """The numeric address to connect to. Raises OSError, or Invalid where it is not public."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not target.is_trusted and not all(is_public(address) for address in addresses):
        raise Invalid(_("This host lies in a private network."))
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, also by what is wrapped in it."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:  # an address with a zone is local
        return False
    wrapped = _wrapped(address)
    if wrapped is not None:
        return is_public(str(wrapped))
    return address.is_global and not address.is_multicast


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    """The older address inside a newer one, to which a gateway on the way would lead."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
