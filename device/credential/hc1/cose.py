"""COSE_Sign1 (RFC 9052): the signed message and who signed it.

``[protected, unprotected, payload, signature]``, bare or under tag 18, and that under tag 61 or not.
The algorithm counts only where the signature covers it; the key id is taken from there too, and only
when it is missing, null or empty there from the unprotected header, as the certificate's specification allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from device.credential.hc1.prescan import SELF_DESCRIBED, load
from device.credential.hc1.trust_list import ES256, PS256, TrustedKey, TrustList
from device.errors import CertificateMalformed
from device.model import Signer, SignerState

_TAG_61 = b"\xd8\x3d"
_TAG_18 = b"\xd2"
_ALG, _CRITICAL, _KID = 1, 2, 4
_MOST_KID = 64
_SIGNATURE_BYTES = {ES256: range(64, 65), PS256: range(256, 1_025)}  # r and s; RSA of 2048 to 8192 bits
_HALF = 32


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message whose signature has not been looked at.

    Attributes:
        alg: `ES256` or `PS256`.
        kid: the key id; empty when it names none.
        payload: what is signed, as CBOR.
        covered: the bytes the signature is over.
        signature: of the length its algorithm needs.
    """

    alg: int
    kid: bytes
    payload: bytes = field(repr=False)
    covered: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def open_message(raw: bytes) -> SignedMessage:
    """Take a message apart; `CertificateMalformed` unless it is one this gate can judge."""
    match load(raw.removeprefix(SELF_DESCRIBED).removeprefix(_TAG_61).removeprefix(_TAG_18)):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise CertificateMalformed("cose: not a message with one signature")
    header = load(protected) if protected else {}
    if not isinstance(header, dict) or _CRITICAL in header:
        raise CertificateMalformed("cose: a protected header with demands this gate does not know")
    alg = header.get(_ALG)
    lengths = _SIGNATURE_BYTES.get(alg) if isinstance(alg, int) else None
    if not isinstance(alg, int) or lengths is None:
        raise CertificateMalformed("cose: the protected header names no algorithm that is allowed")
    if len(signature) not in lengths:
        raise CertificateMalformed("cose: a signature of the wrong length")
    kid = next((found[_KID] for found in (header, unprotected) if found.get(_KID) not in (None, b"")), b"")
    if not isinstance(kid, bytes) or len(kid) > _MOST_KID:
        raise CertificateMalformed("cose: a key id that is none")
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    return SignedMessage(alg, kid, payload, covered, signature)


def signer_of(message: SignedMessage, use: str, trust: TrustList | None) -> Signer:
    """Say who signed a message with an entry of kind *use*.

    Every key under the message's key id is tried. Of several that fit, one that may sign this kind and
    is valid longest counts.
    """
    if trust is None:
        return Signer(SignerState.NOT_CHECKED)
    candidates = trust.under(message.kid)
    if not candidates:
        return Signer(SignerState.UNKNOWN)
    fitting = [key for key in candidates if _made_by(key, message)]
    if not fitting:
        return Signer(SignerState.WRONG_SIGNATURE)
    key = max(fitting, key=lambda key: (use in key.use, key.not_after_s))
    state = SignerState.CHECKED if use in key.use else SignerState.NOT_ALLOWED
    return Signer(state, key.country, key.not_before_s, key.not_after_s)


def _made_by(key: TrustedKey, message: SignedMessage) -> bool:
    """Return whether the key made the signature, under the one algorithm it is trusted for."""
    if key.alg != message.alg:
        return False
    try:
        match key.public_key:
            case EllipticCurvePublicKey() as public:
                public.verify(_der(message.signature), message.covered, ECDSA(SHA256()))
            case RSAPublicKey() as public:
                public.verify(message.signature, message.covered, PSS(MGF1(SHA256()), SHA256.digest_size), SHA256())
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes) -> bytes:
    r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
    return encode_dss_signature(r, s)
