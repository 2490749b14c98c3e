"""Watched file: read at the start, and again when it changes; a mistake keeps the last good reading.

A changed file is read once it has been still for one look, so that one being written is not taken for
a shorter one. Used on the thread of `device.settings.policy_in_force`; `latest` and `refused` may be read on any.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from device.clock import Clock
from device.errors import Complaints

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_Signature = tuple[int, int, int, int]


class WatchedFile(Generic[_T]):
    """One file and what was last read from it.

    Attributes:
        latest: the last good reading.
        refused: every mistake of a newer text that was refused; empty when the file is as read.
    """

    def __init__(self, file: Path, read: Callable[[Path], _T], what: str) -> None:
        """Read the file.

        Args:
            file: which.
            read: reads it; raises `Complaints`.
            what: the log's word for it.

        Raises `Complaints`: at the start there is no last good reading.
        """
        self.file = file
        self._read = read
        self._what = what
        self._seen = self._done = self._good = _signature(file)
        self.latest = read(file)
        self.refused: tuple[str, ...] = ()

    def look(self) -> bool:
        """Read the file if it has changed and is still; return whether there is a new reading. Never raises."""
        signature = _signature(self.file)
        still = signature == self._seen
        self._seen = signature
        if signature == self._done or not still:
            return False
        self._done = signature
        try:
            reading = self._read(self.file)
        except Complaints as mistakes:
            self.refused = tuple(map(str, mistakes.complaints))
            for line in self.refused:
                log.error("event=file-refused what=%r reason=%r", self._what, line)  # noqa: TRY400 - one line each
            return False
        self.refused, self._good = (), signature
        changed = reading != self.latest
        self.latest = reading
        return changed

    def snapshot(self, clock: Clock) -> Mapping[str, object]:
        """Return what a person may ask: which file, the age of what holds in seconds, what of a newer text was refused.

        The age is counted from when the text that holds was written, by the wall clock, trusted or not.
        """
        age_ms = None if self._good is None else clock.reading().wall_ms - self._good[2] // 1_000_000
        age_s = None if age_ms is None else max(0, age_ms // 1000)
        return {"file": str(self.file), "age_s": age_s, "refused": list(self.refused)}


class Offered(Generic[_T]):
    """What somebody else reads and offers, taken up on the thread that follows files: the newest reading only.

    Attributes:
        latest: what was taken up last; ``None`` before the first.
        refused: nothing: whoever offers has judged it.
    """

    def __init__(self) -> None:
        self.latest: _T | None = None
        self.refused: tuple[str, ...] = ()
        self._offers: deque[tuple[_T, int]] = deque(maxlen=1)
        self._made_ms: int | None = None

    def offer(self, reading: _T, made_ms: int) -> None:
        """Offer a reading, made at this wall time; returns at once; any thread."""
        self._offers.append((reading, made_ms))

    def look(self) -> bool:
        """Take up what was offered; return whether there is a new reading."""
        if not self._offers:
            return False
        reading, self._made_ms = self._offers.popleft()
        changed = reading != self.latest
        self.latest = reading
        return changed

    def snapshot(self, clock: Clock) -> Mapping[str, object]:
        """Return the same as `WatchedFile.snapshot`, without a file."""
        age_s = None if self._made_ms is None else max(0, (clock.reading().wall_ms - self._made_ms) // 1000)
        return {"file": None, "age_s": age_s, "refused": []}


def _signature(file: Path) -> _Signature | None:
    """Return what changes when a file does; ``None`` when it is not there."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
