"""Counted log lines: at most one a minute for each reason, with how many there were, however many come."""

from __future__ import annotations

import logging
import re
import threading
from typing import Final

from device.clock import Clock
from device.threads import place_of

EVERY_S: Final = 60.0
_MOST_REASONS: Final = 64
_MOST_CAUSES: Final = 10_000
_WORD: Final = re.compile(r"(?<!\S)[a-z0-9]+")

log = logging.getLogger(__name__)


class PacedLog(logging.Filter):
    """Tells what strangers can cause any number of times. Safe on any thread.

    Given to another library's logger as its filter, it counts that one's lines by their text before anything of a
    request was put into it, and lets none through.

    Args:
        clock: for the minute.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._told_s: dict[str, float] = {}
        self._untold: dict[str, int] = {}
        self._causes: dict[str, tuple[float, int]] = {}

    def note(self, reason: str) -> None:
        """Count *reason* (words joined by dashes); the first is told at once, the rest as a number every minute."""
        with self._lock:
            if reason not in self._told_s and len(self._told_s) >= _MOST_REASONS:
                reason = "other"
            self._untold[reason] = self._untold.get(reason, 0) + 1
            if self._clock.monotonic_s() - self._told_s.get(reason, -EVERY_S) >= EVERY_S:
                self._tell(reason)

    def left_out(self, cause: str) -> int | None:
        """Return whether a line of this *cause* (what, and whose) may be told now; at most one a minute.

        ``None``: it is left out, and counted. Else how many of the same were left out since the last one; the caller
        tells the line, with that number.
        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            told_s, untold = self._causes.pop(cause, (now_s - EVERY_S, 0))
            is_due = now_s - told_s >= EVERY_S
            self._causes[cause] = (now_s, 0) if is_due else (told_s, untold + 1)
            if len(self._causes) > _MOST_CAUSES:
                del self._causes[next(iter(self._causes))]
        return untold if is_due else None

    def note_defect(self, error: BaseException) -> None:
        """Count a defect by its type and place; its text could quote a request."""
        self.note(f"{type(error).__name__}-at-{place_of(error)}")

    def flush(self) -> None:
        """Tell what was counted since its last line."""
        with self._lock:
            for reason in list(self._untold):
                self._tell(reason)

    def filter(self, record: logging.LogRecord) -> bool:
        """Count another library's line."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            self.note("-".join(_WORD.findall(str(record.msg).lower()))[:60])
        else:
            self.note_defect(error)
        return False

    def _tell(self, reason: str) -> None:
        self._told_s[reason] = self._clock.monotonic_s()
        log.warning("event=hub-server reason=%s count=%d", reason, self._untold.pop(reason))
