"""Recognises a QR code's payload: a credential, or why it is none.

The order is fixed and the shapes are disjoint, so no text fits two formats: certificate by prefix, web
address by scheme, then the formats of `FORMATS` (national code by six fields with an ISO date, citizen card by
a 12-digit number and a compact date, insurance card by 13 or more fields, bare number), the number of a card that
is damaged or of a layout not known here, and then everything else.
"""

from __future__ import annotations

from device.credential.citizen_number import read_leading_number
from device.credential.hc1.envelope import PREFIX
from device.credential.hc1.read import read_certificate
from device.credential.hc1.trust_list import TrustList
from device.credential.kinds import FORMATS
from device.credential.national_code import looks_like_national_code
from device.credential.other import read_other
from device.credential.text import MOST_BYTES, Fields, Text, read_text
from device.credential.venue import read_web_address
from device.model import Claim, CodeKind, Credential, Reason, Unrecognised

_CARD_PREFIX = "CCCD:"
_LENGTH_STEP = 64


def recognise(payload: bytes, trust: TrustList | None = None) -> Claim:
    """Say what a payload claims. Pure; never raises on any bytes; work is bounded by the payload's cap.

    More bytes than a QR code holds are unknown without a look inside.

    Args:
        payload: the exact bytes of the code.
        trust: the signers of certificates; ``None`` leaves their signatures unchecked.
    """
    if not payload or len(payload) > MOST_BYTES:
        return _unrecognised(payload, CodeKind.UNKNOWN, Reason.UNKNOWN_CODE)
    # Before any trimming: a space at the end belongs to a certificate's base45 text.
    if payload.startswith(PREFIX):
        malformed = _unrecognised(payload, CodeKind.HC1, Reason.CERTIFICATE_MALFORMED)
        return read_certificate(payload, trust) or malformed
    text = read_text(payload)
    address = read_web_address(text)
    if address is not None:
        return _unrecognised(payload, address.kind, address.reason, address.venue_id)
    return _credential(text) or _unrecognised(payload, *read_other(text))


def _credential(text: Text) -> Credential | None:
    """Try the pipe formats in order; one that says ``None`` has left no note in the fields."""
    if text.value[: len(_CARD_PREFIX)].upper() == _CARD_PREFIX:
        text = Text(text.value[len(_CARD_PREFIX) :].lstrip(), text.exact)
    fields = Fields.of(text)
    for known in FORMATS.values():
        credential = known.read(fields)
        if credential is not None:
            return credential
    # A national code that says something impossible stays refused: its layout is known.
    return None if looks_like_national_code(fields.parts) else read_leading_number(fields)


def _unrecognised(payload: bytes, kind: CodeKind, reason: Reason, venue_id: str | None = None) -> Unrecognised:
    # In steps, so that the length of a code tells nobody which code it was.
    length = -(-len(payload) // _LENGTH_STEP) * _LENGTH_STEP
    return Unrecognised(kind, reason, length, venue_id)
