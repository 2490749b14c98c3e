"""The second factor: codes of six digits that an app on the phone shows for 30 seconds (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from typing import Final

import pyotp

STEP_S: Final = 30
AROUND: Final = 1
"""Steps before and after the present one whose code is taken too: phones' clocks differ."""
MOST_WRONG: Final = 10
"""Codes one after the other; then an administrator must reset the account. Whoever tries them has the password."""
_MAKER: Final = "Gate hub"


def new_secret() -> str:
    """Return a secret for an app: 160 bits, base32."""
    return pyotp.random_base32(32)


def app_link(secret: str, name: str) -> str:
    """Return what the app reads from the QR code (``otpauth://``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_MAKER)


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """Return the step of which *code* is, around now; ``None``: of none."""
    said = "".join(code.split())
    if len(said) != 6 or not (said.isascii() and said.isdecimal()):
        return None
    codes, now = pyotp.HOTP(secret), now_ms // 1000 // STEP_S
    steps = range(max(0, now - AROUND), now + AROUND + 1)
    return next((step for step in steps if hmac.compare_digest(codes.at(step), said)), None)
