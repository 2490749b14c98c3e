"""HC1 certificate reader: all layers, from the text in the code to a credential."""

from __future__ import annotations

from device.credential.hc1.claims import Claims, read_claims
from device.credential.hc1.cose import SignedMessage, open_message, signer_of
from device.credential.hc1.envelope import unwrap
from device.credential.hc1.trust_list import TrustList
from device.errors import CertificateMalformed
from device.model import Certificate, CodeKind, Credential, Signer, SignerState, Verification

_VERIFIED = {
    SignerState.CHECKED: Verification.YES,
    SignerState.NOT_CHECKED: Verification.UNCHECKED,
    SignerState.UNKNOWN: Verification.NO,
    SignerState.WRONG_SIGNATURE: Verification.NO,
    SignerState.NOT_ALLOWED: Verification.NO,
}


def read_certificate(payload: bytes, trust: TrustList | None) -> Credential | None:
    """Read a payload that begins with ``HC1:``; ``None`` when any layer breaks the format.

    Pure and bounded, and never raises on any bytes. No time is judged here: see `faults`.
    """
    try:
        message = open_message(unwrap(payload))
        claims = read_claims(message.payload)
    except CertificateMalformed:
        return None
    return _credential(message, claims, signer_of(message, claims.use, trust))


def breaks_at(payload: bytes) -> str:
    """Say which layer of a malformed certificate breaks, in our own words; empty when none does. For benches."""
    try:
        read_claims(open_message(unwrap(payload)).payload)
    except CertificateMalformed as why:
        return str(why)
    return ""


def _credential(message: SignedMessage, claims: Claims, signer: Signer) -> Credential:
    named = (("issuer", claims.issuer or ""), ("kid", message.kid.hex()), ("signer", signer.state.value))
    return Credential(
        kind=CodeKind.HC1,
        person=claims.person,
        verified=_VERIFIED[signer.state],
        details=tuple((name, text) for name, text in named if text) + claims.details,
        certificate=Certificate(
            issuer=claims.issuer,
            issued_at_s=claims.issued_at_s,
            not_before_s=claims.not_before_s,
            expires_at_s=claims.expires_at_s,
            signer=signer,
            entry=claims.entry,
        ),
    )
