"""Certificates as an operator gets them, for any names and dates; each with a key of its own."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY_S = 86_400
NOW_S = 1_767_225_600
"""2026-01-01, where fake clocks start."""


def general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def write_certificate(
    folder: Path, names: Sequence[str] = ("hub.vn",), *, now_s: float = NOW_S, begins: int = -1, ends: int = 90
) -> tuple[Path, Path]:
    """Write ``people.pem`` and ``people.key``, good from *begins* to *ends*, in days from *now_s*; return both."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.fromtimestamp(now_s, dt.UTC)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "people")])
    made = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now + dt.timedelta(days=begins))
    made = made.not_valid_after(now + dt.timedelta(days=ends))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(list(map(general_name, names))), critical=False)
    certificate, private = folder / "people.pem", folder / "people.key"
    private.unlink(missing_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return certificate, private


def locked_key() -> bytes:
    """Return a private key with a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim"))
