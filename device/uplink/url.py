"""URLs of servers, checked, and the ``Retry-After`` header. Pure."""

from __future__ import annotations

import email.utils
import ipaddress
import re
from datetime import UTC, timedelta
from urllib.parse import urlsplit

from device.errors import ConfigurationError
from device.uplink.retry import RETRY_AFTER_MOST
from device.words import say


def authority_of(url: str) -> str:
    """Return the authority as it stands in the Host header: without the scheme's own port."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    usual = parts.port is None or (parts.scheme, parts.port) in {("http", 80), ("https", 443)}
    return host if usual else f"{host}:{parts.port}"


def retry_after(text: str | None, wall_ms: int) -> timedelta | None:
    """Read a ``Retry-After`` header: seconds, or an HTTP date; anything else counts as not said.

    Args:
        text: the header as it came.
        wall_ms: what our own clock says, to measure a date against.

    Returns:
        From nothing to `RETRY_AFTER_MOST`.
    """
    if text is None:
        return None
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,20}", text):
        return min(timedelta(seconds=min(int(text), 86_400)), RETRY_AFTER_MOST)
    try:
        when = email.utils.parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        wait = timedelta(seconds=when.timestamp() - wall_ms / 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta()), RETRY_AFTER_MOST)


def checked(url: str, key: str = "hub.url") -> str:
    """Return the address of a hub without a slash at its end; *key* of the YAML is where it stands.

    Raises:
        ConfigurationError: it must not be used; says why and repeats nothing of it.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(
            say("{key}: not an address; write it like https://hub.example.vn:8400", key=key)
        ) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError(say("{key}: write it like https://hub.example.vn:8400", key=key))
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError(say("{key}: only scheme, host, port and path; no user, no ? and no #", key=key))
    if parts.scheme == "http" and not is_this_machine(host):
        raise ConfigurationError(say("{key}: http:// is for a server on this machine only; write https://", key=key))
    return url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Return whether *host* is this machine (loopback), so that nobody else can answer for it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
