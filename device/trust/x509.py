"""X.509 certificates of signers (RFC 5280) become keys of a trust list; the one place that reads them.

Run by a person (``gate-scanner trust compile``) and never by a gate. What is given may be

* PEM, one certificate or many;
* one certificate as DER, or as bare base64;
* a list downloaded from a certificate gateway: a JSON list, or an object with it under
  ``certificates``, with or without a line of signature above it; each item has ``rawData`` (base64 of
  the certificate) and usually ``kid``, ``country`` and ``certificateType``. Only document signers
  (``DSC``) are taken. The gateway's own signature is not checked: get the list over a way you trust.

A certificate's extended key usage says which kinds of entry it may sign; without one, all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from device.credential.hc1.trust_list import ES256, PS256, USES, TrustedKey
from device.errors import CertificateSkipped, DerError
from device.trust.der import extended_key_usage
from device.trust.trust_list import COUNTRY, unusable
from device.words import say

_KID_BYTES = 8  # the specification's: the first 8 bytes of SHA-256 over the certificate
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
# Both arcs are met: the specification's, and one that early issuers wrote.
_USE_OF = {
    f"1.3.6.1.4.1.{arc}.2021.1.{number}": use for arc in ("1847", "0.1847") for number, use in enumerate("tvr", 1)
}


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """One certificate in a file, and what the gateway says of it beside it."""

    der: bytes
    kid: bytes | None = None
    country: str | None = None


def certificates_in(raw: bytes) -> Iterator[FoundCertificate]:
    """Yield the certificates in a file, whose form is recognised; ValueError when there are none."""
    text = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if b"-----BEGIN " in text:
        found = _PEM.findall(text)
        if not found:
            raise ValueError(say("PEM without a certificate in it"))
        yield from (FoundCertificate(_base64(inside)) for inside in found)
    elif raw[:1] == b"\x30":  # SEQUENCE: a certificate as DER
        yield FoundCertificate(raw)
    elif text[:1] in {b"[", b"{"}:
        yield from _gateway(text)
    elif b"\n" in text and text.partition(b"\n")[2].lstrip()[:1] in {b"[", b"{"}:
        yield from _gateway(text.partition(b"\n")[2])
    else:
        yield FoundCertificate(_base64(text))


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError(say("neither PEM, DER, base64 nor a gateway's JSON list")) from None


def _gateway(text: bytes) -> Iterator[FoundCertificate]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(say("looks like a gateway's list but is no JSON")) from None
    if isinstance(listed, dict):
        listed = listed.get("certificates")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ValueError(say("no list of certificates in this JSON"))
    for item in listed:
        if item.get("certificateType", "DSC") != "DSC":
            continue
        raw, kid, country = (_text(item.get(key)) for key in ("rawData", "kid", "country"))
        try:
            found = FoundCertificate(_base64(raw.encode()), _base64(kid.encode()) or None, country or None)
        except ValueError:
            found = FoundCertificate(b"")  # one that is damaged does not cost the list: it is left out by its number
        yield found


def _text(value: object) -> str:
    """Return a text of a gateway's item; empty when it has none, or something else."""
    return value if isinstance(value, str) else ""


def trusted_key(found: FoundCertificate) -> TrustedKey:
    """Turn one certificate into a trusted key; raises `CertificateSkipped` when it is of no use."""
    try:
        certificate = x509.load_der_x509_certificate(found.der)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateSkipped(say("no certificate, or one with a kind of key unknown here")) from None
    wrong = unusable(key)
    if wrong is not None:
        raise CertificateSkipped(wrong)
    assert isinstance(key, EllipticCurvePublicKey | RSAPublicKey)
    kid = found.kid or hashlib.sha256(found.der).digest()[:_KID_BYTES]
    if len(kid) > 64:
        raise CertificateSkipped(say("a key id of more than 64 bytes"))
    not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not_before >= not_after:
        raise CertificateSkipped(say("it ends before it begins"))
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
        raise CertificateSkipped(say("its extensions cannot be read")) from None
    return named or frozenset(USES)


def _country(found: FoundCertificate, certificate: x509.Certificate) -> str | None:
    if found.country is not None:
        return found.country if COUNTRY.fullmatch(found.country) else None
    try:
        named = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    except ValueError:
        return None
    country = str(named[0].value).upper() if named else ""
    return country if COUNTRY.fullmatch(country) else None
