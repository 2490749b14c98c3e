"""The operator's certificate for people's phones: read, judged, exchanged in a running hub when its file changes."""

from __future__ import annotations

import ipaddress
import logging
import os
import ssl
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from device.clock import Clock
from device.errors import ConfigurationError
from device.words import say, say_many, why_of

SOON_DAYS: Final = 21
"""What renews certificates by itself does so a month before their end: a later one was forgotten."""
_MOST_BYTES: Final = 64 * 1024
_LOOK_S: Final = 30.0
_DAY_S: Final = 86_400.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key, fit to be served with.

    Attributes:
        context: for a server.
        names: host names and addresses that it is for; a name may begin with ``*.``.
        from_s: Unix time of its first moment.
        until_s: of its last.
    """

    context: ssl.SSLContext
    names: tuple[str, ...]
    from_s: float
    until_s: float

    @property
    def last_day(self) -> str:
        """The day on which it ends, by UTC."""
        return datetime.fromtimestamp(self.until_s, UTC).date().isoformat()


def read_certificate(certificate: Path, key: Path) -> Certificate:
    """Read a certificate and its key; raises `ConfigurationError` when nothing can be served with them."""
    try:
        leaf = x509.load_pem_x509_certificates(_content(certificate))[0]
    except ValueError as error:
        raise ConfigurationError(say("{path}: no certificate (PEM)", path=certificate)) from error
    if leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != _public_of(key):
        told = say("{path}: is not the key of {certificate}", path=key, certificate=certificate)
        raise ConfigurationError(told)
    context = bare_context()
    try:
        context.load_cert_chain(certificate, key, password=str)
    except (OSError, ValueError) as error:  # exchanged in this moment, or of a kind that no TLS takes
        told = say("{path}: cannot be served with ({why})", path=certificate, why=type(error).__name__)
        raise ConfigurationError(told) from error
    return Certificate(
        context, _names_of(leaf), leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()
    )


def bare_context() -> ssl.SSLContext:
    """Return what a server has without a certificate: every handshake ends with a refusal."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def objections(found: Certificate, host: str, now_s: float) -> list[str]:
    """Return why a phone does not take a certificate; who issued it is not asked.

    Args:
        found: the certificate.
        host: what phones call the hub.
        now_s: Unix time.
    """
    told = []
    if not any(_covers(name, host) for name in found.names):
        names = ", ".join(found.names[:8]) or "–"
        told.append(say("is for {names}, not for {host}", names=names, host=host))
    if now_s > found.until_s:
        told.append(say("ended on {day}; get another one", day=found.last_day))
    if now_s < found.from_s:
        day = datetime.fromtimestamp(found.from_s, UTC).date().isoformat()
        told.append(say("begins on {day} only, by this machine's clock", day=day))
    return told


def ends_soon(found: Certificate, now_s: float) -> str:
    """Return a sentence when a certificate ends within `SOON_DAYS`, else nothing."""
    days = int((found.until_s - now_s) // _DAY_S)
    if not 0 <= days < SOON_DAYS:
        return ""
    return say_many("ends in {count} day; renew it", "ends in {count} days; renew it", days)


class WatchedCertificate:
    """Looks after the files while a hub serves. Used on the server's one thread.

    Args:
        files: certificate and key.
        host: what phones call the hub.
        clock: for the looks, and the dates.
        take: given each context that is to be served with from now on.
    """

    def __init__(
        self, files: tuple[Path, Path], host: str, clock: Clock, take: Callable[[ssl.SSLContext], None]
    ) -> None:
        self._files, self._host, self._clock, self._take = files, host, clock, take
        self._next_s = self._warned_s = float("-inf")
        self._found: Certificate | None = None
        self._seen: tuple[object, ...] = ()
        self._why = ""

    def beat(self) -> None:
        """Look for a change, when it is time; what is broken stays what it was before."""
        now_s = self._clock.monotonic_s()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _LOOK_S
        seen = tuple(map(_sight, self._files))
        if seen != self._seen or self._why:
            self._seen = seen
            self._read()
        if self._found is not None and now_s - self._warned_s >= _DAY_S:
            self._warn(self._found, now_s)

    def _read(self) -> None:
        try:
            found = read_certificate(*self._files)
        except ConfigurationError as error:
            if str(error) != self._why:
                served = "the-one-before" if self._found else "none"
                log.warning("event=people-certificate-refused served=%s reason=%r", served, str(error))
            self._why = str(error)
            return
        self._why, self._found, self._warned_s = "", found, float("-inf")
        self._take(found.context)
        log.info("event=people-certificate-read until=%s", found.last_day)

    def _warn(self, found: Certificate, now_s: float) -> None:
        wall_s = self._clock.reading().wall_ms / 1000
        soon = ends_soon(found, wall_s)
        for told in (*objections(found, self._host, wall_s), *([soon] if soon else [])):
            self._warned_s = now_s
            log.warning("event=people-certificate reason=%r", told)


def _content(path: Path, *, private: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    if private and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigurationError(say("{path}: others may read it or write to it; chmod 640 {path}", path=path))
    return content if len(content) <= _MOST_BYTES else b""


def _public_of(key: Path) -> bytes:
    content = _content(key, private=True)
    try:
        public = load_pem_private_key(content, None).public_key()
    except TypeError as error:
        raise ConfigurationError(say("{path}: has a password, which nobody is there to type", path=key)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(say("{path}: no private key (PEM)", path=key)) from error
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _names_of(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _covers(name: str, host: str) -> bool:
    """Return whether a name of a certificate is for a host; ``*.`` stands for one label."""
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(host)
    except ValueError:
        name, host = name.lower(), host.lower().removesuffix(".")
        return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _sight(path: Path) -> tuple[int, ...]:
    """Return what changes with a file; it may be a link that is turned to another one."""
    try:
        seen = path.stat()
    except OSError:
        return ()
    return (seen.st_ino, seen.st_mtime_ns, seen.st_size, seen.st_mode)
