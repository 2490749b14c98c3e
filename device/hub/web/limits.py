"""How often a password or a code may be tried: by address and by account, in this process. Any thread."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import Final

from device.clock import Clock
from device.hub.accounts.passwords import folded
from device.hub.api.rate_limit import RateLimit

OF_AN_ADDRESS: Final = 20
"""In a minute; a whole school may stand behind one address."""
OF_AN_ACCOUNT: Final = 5
"""Of its password, and as many of its code, in a minute; right ones too."""
NOTED: Final = 60
"""Failures in a minute that are written down; the rest is counted in the log."""


class Guesses:
    """Counts tries of passwords and codes; each process of a hub for itself.

    Args:
        clock: for the minute.
    """

    def __init__(self, clock: Clock) -> None:
        self._lock = Lock()
        self._of_address = RateLimit(clock, OF_AN_ADDRESS)
        self._of_account = RateLimit(clock, OF_AN_ACCOUNT)
        self._noted = RateLimit(clock, NOTED)

    def wait_s(self, address: str, name: str, of: str = "password") -> int:
        """Take in a try of a password or a code; return 0 when it may be made, else after how many seconds one may."""
        key = hashlib.sha256(f"{of} {folded(name)}".encode("utf-8", "replace")).hexdigest()
        with self._lock:
            full_s = max(self._of_address.full_for_s(address), self._of_account.full_for_s(key))
            if not full_s:
                self._of_address.wait_s(address)
                self._of_account.wait_s(key)
            return full_s

    def is_noted(self) -> bool:
        """Return whether one more failure is written down."""
        with self._lock:
            return not self._noted.wait_s("")
