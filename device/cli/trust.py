"""``gate-scanner trust compile FILE… --out trust.json``: certificates of signers become a trust list.

The one place that reads X.509 (RFC 5280), run by a person and not by the gate. A file may hold

* PEM, one certificate or many;
* one certificate as DER, or as bare base64;
* a list downloaded from a certificate gateway: a JSON list, or an object with it under
  ``certificates``, with or without a line of signature above it; each item has ``rawData`` (base64 of
  the certificate) and usually ``kid``, ``country`` and ``certificateType``. Only document signers
  (``DSC``) are taken. The gateway's own signature is not checked: get the list over a way you trust.

A certificate's extended key usage says which kinds of entry it may sign; without one, all.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from device.cli.der import DerError, extended_key_usage
from device.credential.hc1.trust_list import ES256, PS256, USES, TrustedKey
from device.settings.complaints import shown
from device.trust import trust_document, unusable

_MOST_FILE_BYTES = 64 * 1024 * 1024
_KID_BYTES = 8  # the specification's: the first 8 bytes of SHA-256 over the certificate
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_COUNTRY = re.compile(r"[A-Z]{2}")
# Both arcs are met: the specification's, and one that early issuers wrote.
_USE_OF = {
    f"1.3.6.1.4.1.{arc}.2021.1.{number}": use for arc in ("1847", "0.1847") for number, use in enumerate("tvr", 1)
}


class _Skipped(Exception):
    """Why a certificate does not become a key."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One certificate in a file, and what the gateway says of it beside it."""

    der: bytes
    kid: bytes | None = None
    country: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``trust compile``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    line = "make a trust list of the signers' certificates"
    compiler = actions.add_parser("compile", help=line, description=line)
    compiler.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="PEM, DER, bare base64, or a gateway's JSON list"
    )
    compiler.add_argument("--out", metavar="FILE", type=Path, required=True, help="where to write the trust list")


def run(args: argparse.Namespace) -> int:
    """Write the list and return 0; 1 when a file could not be read or no certificate is of use.

    A certificate that is of no use is named on standard error and left out.
    """
    keys: list[TrustedKey] = []
    for path in args.files:
        try:
            found = list(_certificates(_read(path)))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return _fail(f"{path}: {reason}; nothing was written")
        for number, certificate in enumerate(found, 1):
            try:
                keys.append(_trusted(certificate))
            except _Skipped as why:
                _complain(f"{path}: certificate {number} left out: {why}")
    if not keys:
        return _fail("no certificate that can sign; nothing was written")
    document = trust_document(keys)
    try:
        _replace(args.out, document)
    except OSError as error:
        return _fail(f"{args.out}: {error.strerror}")
    print(f"{shown(str(args.out), 4_096)}: {document.count(chr(10)) - 2} keys")
    return 0


def _fail(text: str) -> int:
    _complain(text)
    return 1


def _complain(text: str) -> None:
    print(shown(text, 4_096), file=sys.stderr)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_MOST_FILE_BYTES + 1)
    if len(raw) > _MOST_FILE_BYTES:
        raise ValueError("larger than 64 MiB")
    return raw


def _certificates(raw: bytes) -> Iterator[_Found]:
    """Find the certificates in a file by its own look; ValueError when there are none."""
    text = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if b"-----BEGIN " in text:
        found = _PEM.findall(text)
        if not found:
            raise ValueError("PEM without a certificate in it")
        yield from (_Found(_base64(inside)) for inside in found)
    elif raw[:1] == b"\x30":  # SEQUENCE: a certificate as DER
        yield _Found(raw)
    elif text[:1] in {b"[", b"{"}:
        yield from _gateway(text)
    elif b"\n" in text and text.partition(b"\n")[2].lstrip()[:1] in {b"[", b"{"}:
        yield from _gateway(text.partition(b"\n")[2])
    else:
        yield _Found(_base64(text))


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("neither PEM, DER, base64 nor a gateway's JSON list") from None


def _gateway(text: bytes) -> Iterator[_Found]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("looks like a gateway's list but is no JSON") from None
    if isinstance(listed, dict):
        listed = listed.get("certificates")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ValueError("no list of certificates in this JSON")
    for item in listed:
        if item.get("certificateType", "DSC") != "DSC":
            continue
        raw, kid, country = (_text(item.get(key)) for key in ("rawData", "kid", "country"))
        yield _Found(_base64(raw.encode()), _base64(kid.encode()) or None, country or None)


def _text(value: object) -> str:
    """Return a text of a gateway's item; empty when it has none, or something else."""
    return value if isinstance(value, str) else ""


def _trusted(found: _Found) -> TrustedKey:
    """Turn one certificate into a trusted key."""
    try:
        certificate = x509.load_der_x509_certificate(found.der)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise _Skipped("no certificate, or one with a kind of key unknown here") from None
    wrong = unusable(key)
    if wrong is not None:
        raise _Skipped(wrong)
    assert isinstance(key, EllipticCurvePublicKey | RSAPublicKey)
    kid = found.kid or hashlib.sha256(found.der).digest()[:_KID_BYTES]
    if len(kid) > 64:
        raise _Skipped("a key id of more than 64 bytes")
    not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not_before >= not_after:
        raise _Skipped("it ends before it begins")
    return TrustedKey(
        kid=kid,
        alg=ES256 if isinstance(key, EllipticCurvePublicKey) else PS256,
        public_key=key,
        use=_use(certificate.tbs_certificate_bytes),
        country=_country(found, certificate),
        not_before_s=int(not_before.timestamp()),
        not_after_s=int(not_after.timestamp()),
    )


def _use(tbs: bytes) -> frozenset[str]:
    """Return the kinds of entry the certificate may sign: those its key usage names, or all."""
    # Not through the library: it refuses all extensions of a certificate when one of them is odd, and
    # some real signers' are (a default that is written out).
    try:
        named = frozenset(_USE_OF[oid] for oid in extended_key_usage(tbs) if oid in _USE_OF)
    except DerError:
        raise _Skipped("its extensions cannot be read") from None
    return named or frozenset(USES)


def _country(found: _Found, certificate: x509.Certificate) -> str | None:
    if found.country is not None:
        return found.country if _COUNTRY.fullmatch(found.country) else None
    try:
        named = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    except ValueError:
        return None
    country = str(named[0].value).upper() if named else ""
    return country if _COUNTRY.fullmatch(country) else None


def _replace(path: Path, document: str) -> None:
    """Write beside the file, then rename: a gate that reads it never sees half a list."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
