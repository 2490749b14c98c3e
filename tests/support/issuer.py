"""Issues HC1 certificates of invented people, right ones and every wrong one, with keys of its own.

For benches and tests: the gate itself only reads. Each layer can be replaced on its own, so that a
certificate can be wrong in one thing and right in all others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from device.credential.hc1.envelope import PREFIX
from device.credential.hc1.trust_list import ES256, PS256, USES, TrustedKey

ISSUED_S = 1_640_000_000
"""2021-12-20, when Vietnam's rules for these certificates were signed."""

YEAR_S = 365 * 86_400

VACCINATION: dict[str, object] = {
    "tg": "840539006",
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 2,
    "sd": 2,
    "dt": "2021-11-20",
    "co": "VN",
    "is": "Bộ Y tế",
    "ci": "URN:UVCI:01:VN:TEST0001",
}
LAB_TEST: dict[str, object] = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2021-12-19T08:00:00+07:00",
    "tr": "260415000",
    "tc": "Trạm y tế",
    "co": "VN",
    "is": "Bộ Y tế",
    "ci": "URN:UVCI:01:VN:TEST0002",
}
RECOVERY: dict[str, object] = {
    "tg": "840539006",
    "fr": "2021-09-01",
    "df": "2021-09-12",
    "du": "2022-02-28",
    "co": "VN",
    "is": "Bộ Y tế",
    "ci": "URN:UVCI:01:VN:TEST0003",
}
ENTRIES = {"v": VACCINATION, "t": LAB_TEST, "r": RECOVERY}
NAME = {"fn": "Nguyễn", "gn": "Văn Thử", "fnt": "NGUYEN", "gnt": "VAN<THU"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """A signer with a key of its own.

    Attributes:
        key: P-256 signs ES256, RSA signs PS256.
        kid: its key id.
    """

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    kid: bytes

    @classmethod
    def es256(cls, kid: bytes = b"VN-TEST1") -> Issuer:
        """Make one with a new P-256 key."""
        return cls(ec.generate_private_key(ec.SECP256R1()), kid)

    @classmethod
    def ps256(cls, kid: bytes = b"VN-TEST2", bits: int = 2_048) -> Issuer:
        """Make one with a new RSA key, as Vietnam's official specimen is signed."""
        return cls(rsa.generate_private_key(65_537, bits), kid)

    @property
    def alg(self) -> int:
        """The number of its algorithm."""
        return ES256 if isinstance(self.key, ec.EllipticCurvePrivateKey) else PS256

    def trusted(
        self, use: Iterable[str] = USES, country: str | None = "VN", lifetime_s: tuple[int, int] | None = None
    ) -> TrustedKey:
        """Return the trust list's entry for it; valid for ten years around `ISSUED_S` unless told."""
        start_s, end_s = lifetime_s or (ISSUED_S - 5 * YEAR_S, ISSUED_S + 5 * YEAR_S)
        return TrustedKey(self.kid, self.alg, self.key.public_key(), frozenset(use), country, start_s, end_s)

    def sign(self, covered: bytes) -> bytes:
        """Sign bytes as COSE wants it."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.key.sign(covered, ec.ECDSA(SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        return self.key.sign(covered, PSS(MGF1(SHA256()), SHA256.digest_size), SHA256())

    def message(
        self,
        payload: bytes,
        protected: dict[int, object] | None = None,
        unprotected: dict[int, object] | None = None,
        signature: bytes | None = None,
    ) -> bytes:
        """Return a signed message under tag 18; headers and signature as they should be unless told."""
        header = {1: self.alg, 4: self.kid} if protected is None else protected
        raw_header = cbor2.dumps(header) if header else b""
        if signature is None:
            signature = self.sign(cbor2.dumps(["Signature1", raw_header, b"", payload]))
        return cbor2.dumps(cbor2.CBORTag(18, [raw_header, unprotected or {}, payload, signature]))

    def issue(self, use: str = "v", expires_s: float = ISSUED_S + YEAR_S, **changed: object) -> bytes:
        """Return a certificate as the text in the code; *changed* are fields of its entry."""
        return text_of(self.message(cbor2.dumps(token(certificate(use, **changed), expires_s=expires_s))))


def certificate(use: str = "v", **changed: object) -> dict[str, object]:
    """Return the certificate with one entry; *changed* are fields of that entry, ``None`` takes one out."""
    entry = {key: value for key, value in (ENTRIES[use] | changed).items() if value is not None}
    return {"ver": "1.3.0", "nam": NAME, "dob": "1990-03-05", use: [entry]}


def token(content: object, issued_s: object = ISSUED_S, expires_s: object = ISSUED_S + YEAR_S) -> dict[int, object]:
    """Return the claims around a certificate."""
    return {1: "VN", 4: expires_s, 6: issued_s, -260: {1: content}}


def text_of(message: bytes) -> bytes:
    """Return the text in the code: compressed, base45, with its prefix."""
    return PREFIX + bytes(base45.b45encode(zlib.compress(message)))
