"""Values of the site file that say where something is: paths, URLs of hub and webhook, and the enrolment code."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from device.enrolment.code import EnrolCode, read_code
from device.settings.values import Rule, wrong
from device.words import say, sentence


def hub_url() -> Rule:
    """Where the hub answers: ``https://``, or ``http://`` to this same machine; no password, no question mark."""
    return _url(sentence("write https://; http:// is only for a hub on this machine (127.0.0.1)"), without="/")


def webhook_url() -> Rule:
    """Where a webhook answers: as `hub_url`, but a slash at its end counts."""
    return _url(sentence("write https://; http:// is only for a server on this machine (127.0.0.1)"))


def _url(not_here: str, without: str = "") -> Rule:
    """Take an address; *not_here* says that http:// is for this machine; *without* is left out at its end."""

    def read(text: str, _folder: Path) -> str:
        scheme = text.partition("://")[0]
        if scheme.lower() in {"http", "https"} and scheme != scheme.lower():
            raise wrong(say("write {scheme}:// in small letters", scheme=scheme.lower()))
        try:
            parts = urlsplit(text)
        except ValueError:
            raise wrong(say("write an address like https://hub.example.vn:8400"), text) from None
        port_is_good = _port_is_good(parts)
        letters = re.sub("[.-]", "", parts.hostname or "")
        if not letters.isascii() and letters.isalnum():
            raise wrong(say("write the name in its ASCII form: {ascii}", ascii=_ascii(parts.hostname or "")))
        if _NUMBER_AT_END.search(parts.hostname or "") and not _is_address(parts.hostname or ""):
            raise wrong(say("no such address: four numbers from 0 to 255, like 192.168.1.30"))
        if not re.fullmatch(r"https?://[A-Za-z0-9.:@\[\]_~%/?#&=+-]+", text, re.ASCII) or not _is_host(
            parts.hostname or ""
        ):
            raise wrong(say("write an address like https://hub.example.vn:8400"), text)
        if parts.username is not None or parts.query or parts.fragment or not port_is_good:
            raise wrong(say("write scheme, host, port and path, nothing else (no name or password)"))
        if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
            raise wrong(say(not_here))
        return text.rstrip(without)

    return Rule(read, {"type": "string", "pattern": "^https?://"})


def _port_is_good(parts: SplitResult) -> bool:
    """Return whether there is no port, or one that may be written; raises `wrong`."""
    if "[" not in parts.netloc and parts.netloc.rpartition("@")[2].count(":") > 1:
        raise wrong(say("write an IPv6 address in brackets, like https://[fd00::1]:8400"))
    try:
        return parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        raise wrong(say("write a port from 1 to 65535 after the colon")) from None


def file_path() -> Rule:
    """A file or folder; a relative one is meant from the folder of the site file."""

    def read(text: str, folder: Path) -> Path:
        if _OF_WINDOWS.match(text):
            raise wrong(say("Windows writes so; write the path of a file or folder on the gate, with /"), text)
        if not text.strip() or not text.isprintable() or "://" in text:
            raise wrong(say("write the path of a file or folder"))
        if text.startswith("~"):
            raise wrong(say("write the path in full; ~ is not replaced here"), text)
        return folder / text

    return Rule(read, {"type": ["string", "number", "boolean"]})


def enrolment_code() -> Rule:
    """An enrolment code as the hub printed it; see `device.enrolment.code`."""

    def read(text: str, _folder: Path) -> EnrolCode:
        try:
            return read_code(text)
        except ValueError as error:
            raise wrong(f"{error}") from None

    # A code of digits alone is a number to an editor.
    written = {"type": "string", "pattern": r"^[\s-]*([0-9A-TV-Za-tv-z][\s-]*){17}$"}
    return Rule(read, {"anyOf": [written, {"type": "integer", "minimum": 10**16, "maximum": 10**17 - 1}]})


_OF_WINDOWS = re.compile(r"[A-Za-z]:|.*\\", re.DOTALL)
_NUMBER_AT_END = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)\.?$", re.ASCII)
"""The C library reads such a host as an IPv4 address, written in whatever way (inet_aton(3))."""
_LABELS = re.compile(r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?", re.ASCII)


def _ascii(host: str) -> str:
    """Return a name with letters of other alphabets as DNS has it (IDNA)."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return say("letters a to z, digits, - and .")


def _is_host(host: str) -> bool:
    return ":" in host or bool(_LABELS.fullmatch(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def is_this_machine(host: str) -> bool:
    """Return whether this is a loopback name, for which nobody else can answer."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
