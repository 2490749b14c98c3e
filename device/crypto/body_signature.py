"""The signature of a body that is posted to a server which is not ours; gates and the hub sign alike."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

HEADER: Final = "Gate-Signature"
NAME_HEADER: Final = "Idempotency-Key"
SECRET: Final = re.compile(r"[!-~]{16,256}")
"""What it may be keyed with: ASCII without blanks."""


def signature_of(secret: str, body: bytes) -> str:
    """Return HMAC-SHA256 of *body* keyed with *secret* in UTF-8, in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(secret: str, name: str, body: bytes) -> dict[str, str]:
    """Return the headers of a body: its name, which is the same however often it is sent, and its signature."""
    return {NAME_HEADER: name, HEADER: f"sha256={signature_of(secret, body)}"}
