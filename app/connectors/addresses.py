"""Addresses of instances that somebody typed in: checked, so that nobody sends us into our own network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from app.config import Settings
from app.errors import Rejected

FIELD = "url"


def checked_url(settings: Settings, text: str) -> str:
    """The address without its trailing slash, query and fragment. Raises Rejected, its `field` the form's `url`.

    Only https to public hosts; where the settings allow private hosts, these too, and http to this machine.
    """
    try:
        parts = urlsplit(text.strip() if "://" in text else f"https://{text.strip()}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal("That is no web address.") from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise _refusal("Enter the address as https://host, without a user name.")
    found = _resolved(host, port or 443)
    if parts.scheme == "http" and not (_private_allowed(settings) and all(ip.is_loopback for ip in found)):
        raise _refusal("The address must begin with https://, so that the password is not sent in clear.")
    if not _private_allowed(settings) and not all(_is_public(ip) for ip in found):
        raise _refusal("That address is of a private network, which Storeline does not call.", "PRIVATE_ADDRESS")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _private_allowed(settings: Settings) -> bool:
    return settings.allow_private_hosts == "1"


def _resolved(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refusal(f"There is no host {host!r}.", "UNKNOWN_HOST") from None
    return [ipaddress.ip_address(str(address[4][0]).partition("%")[0]) for address in found]


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_global and not (mapped or ip).is_multicast


def _refusal(message: str, code: str = "ADDRESS") -> Rejected:
    return Rejected(message, code=code, field=FIELD)
