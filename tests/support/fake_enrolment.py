"""Gates as they are after they were enrolled, without a hub."""

from __future__ import annotations

from datetime import date

from device.crypto.sealing import SealingKey, new_key_pair
from device.crypto.signing import SigningKey
from device.enrolment.document import Enrolment

ROOT = SigningKey(bytes(range(32)))
"""The root of a hub that nobody runs."""


def enrolled(device_id: str = "gate-0a1b2c", *keys: SealingKey, ca: str = "") -> Enrolment:
    """Return an enrolment with a key of its own, sealing to *keys* or to a new one."""
    return Enrolment(device_id, SigningKey.new(), ca, ROOT.public, keys or (new_key_pair(date(2026, 1, 1))[0],))
