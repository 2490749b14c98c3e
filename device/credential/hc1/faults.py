"""Signature and validity dates of an HC1 certificate that could be read: what is wrong with them.

Two questions, since a gate whose clock is not trusted can answer the first and not the second.
"""

from __future__ import annotations

from device.model import Certificate, Reason, SignerState

_SIGNATURE_FAULTS = {
    SignerState.CHECKED: None,
    SignerState.NOT_CHECKED: Reason.SIGNATURE_NOT_CHECKED,
    SignerState.UNKNOWN: Reason.SIGNER_UNKNOWN,
    SignerState.WRONG_SIGNATURE: Reason.SIGNATURE_WRONG,
    SignerState.NOT_ALLOWED: Reason.SIGNER_NOT_ALLOWED,
}


def signature_fault(certificate: Certificate) -> Reason | None:
    """Say why the certificate does not prove itself; ``None`` when its signature is right."""
    return _SIGNATURE_FAULTS[certificate.signer.state]


def time_fault(certificate: Certificate, now_s: int, ahead_s: int = 0) -> Reason | None:
    """Say why the certificate does not hold at *now_s* (Unix seconds); ``None`` when it does.

    What is wrong with the certificate itself comes before what is wrong with its signer's key.

    Args:
        certificate: whose signature is judged elsewhere.
        now_s: when.
        ahead_s: how far the time of issue may lie ahead. It says when a certificate was made and bounds nothing
            (HCERT specification, "Issued At"; RFC 8392, 3.1.6), so that its issuer's clock may be wrong;
            "not before" does, to the second.
    """
    if certificate.not_before_s is not None and now_s < certificate.not_before_s:
        return Reason.CERTIFICATE_NOT_YET_VALID
    if certificate.issued_at_s is not None and now_s + ahead_s < certificate.issued_at_s:
        return Reason.CERTIFICATE_NOT_YET_VALID
    if now_s > certificate.expires_at_s:
        return Reason.CERTIFICATE_EXPIRED
    signer = certificate.signer
    if signer.not_before_s is not None and now_s < signer.not_before_s:
        return Reason.SIGNER_OUT_OF_DATE
    if signer.not_after_s is not None and now_s > signer.not_after_s:
        return Reason.SIGNER_OUT_OF_DATE
    return None
