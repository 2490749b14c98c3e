"""Bound on the codes that an eye brings up anew: no entrance has as many visitors as an eye can claim to see.

An eye that was taken over may invent codes, and each that is let in is a row on the card. A code beyond the bound is
not lost: while it is held up it is seen in a later frame.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from device.model import Sight, Symbol

AT_ONCE: Final = 60
"""New codes in a row."""
A_SECOND: Final = 3.0
"""After these, so many a second: quicker than any crowd passes one camera."""
SAME_FOR_S: Final = 3.0
"""A code that was seen so lately is not new."""
_TOLD_AGAIN_S: Final = 60.0

log = logging.getLogger(__name__)


class NewCodes:
    """Lets the codes of sights pass. Used on the scan thread.

    Args:
        now_s: monotonic, as for `admit`.
    """

    def __init__(self, now_s: float) -> None:
        self._at_s = now_s
        self._left = float(AT_ONCE)
        self._seen_s: dict[bytes, float] = {}
        self._told_s = float("-inf")

    def admit(self, sight: Sight, now_s: float) -> Sight:
        """Return the sight with the codes in it that may count."""
        if not sight.symbols:
            return sight
        self._left = min(float(AT_ONCE), self._left + (now_s - self._at_s) * A_SECOND)
        self._at_s = now_s
        self._seen_s = {payload: seen_s for payload, seen_s in self._seen_s.items() if now_s - seen_s < SAME_FOR_S}
        admitted = tuple(symbol for symbol in sight.symbols if self._may(symbol, now_s))
        if len(admitted) == len(sight.symbols):
            return sight
        if now_s - self._told_s >= _TOLD_AGAIN_S:
            log.warning("event=codes-left-out reason=more-new-ones-than-visitors")
            self._told_s = now_s
        return replace(sight, symbols=admitted)

    def _may(self, symbol: Symbol, now_s: float) -> bool:
        if symbol.payload not in self._seen_s:
            if self._left < 1:
                return False
            self._left -= 1
        self._seen_s[symbol.payload] = now_s
        return True
