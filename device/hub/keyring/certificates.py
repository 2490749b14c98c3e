"""TLS certificates of the hub (X.509): its own certificate authority, and the certificate it serves with.

A gate trusts this authority and no other (`device.enrolment.pairing` brings it), and has no clock that can be trusted:
it may wake in 1970. So both certificates are valid from 1970 to 9999 (RFC 5280 4.1.2.5 for "no end"), and what ends
trust is taking the authority away: make a new hub certificate, or enrol anew.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from device.durable import replace_file
from device.enrolment.pairing import one_certificate
from device.errors import ConfigurationError
from device.words import say, why_of

DEFAULT_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_FROM: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_UNTIL: Final = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class TlsFolder:
    """The folder ``tls/`` of a hub: ``ca.pem``, ``ca.key``, ``server.pem``, ``server.key``.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def server_files(self) -> tuple[Path, Path]:
        """The files of the server's certificate and of its private key."""
        return self.path / "server.pem", self.path / "server.key"

    def create(self, names: Iterable[str]) -> None:
        """Make the folder, a new authority, and a server certificate for *names*; raises `OSError`."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        for name, content in zip(("ca.pem", "ca.key"), make_authority(), strict=True):
            replace_file(self.path / name, content)
        self._certify(names)

    def certify(self, names: Iterable[str]) -> None:
        """Make a new server certificate for *names*, of the same authority; raises `ConfigurationError`."""
        try:
            self._certify(names)
        except (OSError, ValueError) as error:
            told = say(
                "{path}: the authority cannot be used; restore a backup (gate-scanner hub restore)", path=self.path
            )
            raise ConfigurationError(told) from error

    def ca_and_names(self) -> tuple[str, frozenset[str]]:
        """Return the authority's certificate (PEM) and the hub's names; raises `ConfigurationError`."""
        try:
            ca = one_certificate((self.path / "ca.pem").read_text(encoding="ascii"))
            return ca, names_in(self.server_files[0].read_bytes())
        except (OSError, ValueError) as error:
            why = why_of(error) if isinstance(error, OSError) else error
            told = say("{path}: a certificate cannot be used ({why})", path=self.path, why=why)
            raise ConfigurationError(told) from error

    def _certify(self, names: Iterable[str]) -> None:
        authority = (self.path / "ca.pem").read_bytes(), (self.path / "ca.key").read_bytes()
        made = make_server_certificate(*authority, names)
        for path, content in zip(reversed(self.server_files), reversed(made), strict=True):  # the key first
            replace_file(path, content)


def make_authority() -> tuple[bytes, bytes]:
    """Make a certificate authority; returns its certificate and its private key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("gate hub authority")
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), _pem(key)


def make_server_certificate(ca: bytes, ca_key: bytes, names: Iterable[str]) -> tuple[bytes, bytes]:
    """Make the certificate a hub serves with.

    Args:
        ca: of the authority, PEM.
        ca_key: its private key, PEM.
        names: what gates call the hub, at least one; see `checked_name`.

    Returns its certificate and its private key, both PEM.
    """
    authority = x509.load_pem_x509_certificate(ca)
    signer = load_pem_private_key(ca_key, None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name("gate hub"), authority.subject, key.public_key())
    builder = builder.add_extension(x509.SubjectAlternativeName([_san(name) for name in names]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage("digital_signature"), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(issuer, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM), _pem(key)


def names_in(certificate: bytes) -> frozenset[str]:
    """Return what gates may call the hub, as its certificate (PEM) says. Raises `ValueError`."""
    found = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    addresses = {str(address) for address in found.value.get_values_for_type(x509.IPAddress)}
    return frozenset(addresses | set(found.value.get_values_for_type(x509.DNSName)))


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as certificates have them, each once; raises `ConfigurationError` naming ``--name``."""
    try:
        return tuple(dict.fromkeys(checked_name(name) for name in names))
    except ValueError as error:
        raise ConfigurationError(f"--name: {error}") from error


def checked_name(name: str) -> str:
    """Return a host name or address as certificates have it; raises `ValueError` when it is none."""
    name = name.strip("[]").lower()
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if not _HOST.fullmatch(name):
            raise ValueError(say("write a host name like hub.example.vn, or an IP address")) from None
    return name


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(_FROM).not_valid_after(_UNTIL)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _san(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*usages: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _USAGES})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
