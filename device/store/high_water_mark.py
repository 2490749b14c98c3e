"""High-water mark of the clock: the earliest that it can be now, on a machine without a real-time clock chip.

It begins with the hub's time at enrolment and moves only on signed hub time, which may also lower it, or on a
synchronised clock within a day of it: one lie of a time server neither expires everything nor makes anything
valid again. Nor does one answer of a hub whose own clock has leapt: further ahead than a week, or half a year after a
time off, a second one a minute later must agree, or this machine's synchronised clock. Since a boot's monotonic time
cannot be set by anybody, the mark is read with what has passed since it was last moved in the same boot.

A gate without a hub has nobody who could put a mark right again, so it keeps none: its own clock's word counts, as long
as that is not before the enrolment.

``mark.json`` in the store's folder keeps it over a restart, written when it has moved by an hour or was lowered::

    {"document": "gate-mark/1", "mark": Unix ms, "boot": 32 hex digits, "monotonic": ms, "enrolled": Unix ms}
"""

from __future__ import annotations

import json
import logging
import re
import threading
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from device.clock import DAY_MS, Clock, ClockReading, ClockState, utc_day
from device.durable import replace_file
from device.errors import WireError
from device.strict_json import MOST_INT, document, integer, text

FILE_NAME: Final = "mark.json"
DOCUMENT: Final = "gate-mark/1"
KEEP_EVERY_MS: Final = 3_600_000
_LOWERED_MS: Final = 60_000
AHEAD_MS: Final = 7 * DAY_MS
AHEAD_AFTER_BOOT_MS: Final = 180 * DAY_MS
"""A gate may be off for a summer's holidays, and then has to seal to a key of the day at once."""
CONFIRMED_MS: Final = 60_000
_MOST_BYTES: Final = 4 * 1024
_BOOT: Final = re.compile(r"(?:[0-9a-f]{32})?")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the mark stands, and when it was put there.

    Attributes:
        mark_ms: Unix ms; 0 before anybody told the time.
        boot_id: the boot it was moved in; empty for one that came with the enrolment.
        monotonic_ms: of that boot.
    """

    mark_ms: int
    boot_id: str = ""
    monotonic_ms: int = 0

    def holds_in(self, at: ClockReading) -> bool:
        """Return whether it was moved in the boot of *at*: then the time is known, not only bounded."""
        return at.boot_id == self.boot_id

    def now_ms(self, at: ClockReading) -> int:
        """Return the time before which it certainly is not, at *at*."""
        return self.mark_ms + max(0, at.monotonic_ms - self.monotonic_ms) * self.holds_in(at)

    def believes(self, at: ClockReading) -> bool:
        """Return whether the wall clock of *at* is synchronised and within a day of the mark."""
        if at.state is not ClockState.SYNCHRONISED:
            return False
        return self.mark_ms == 0 or abs(at.wall_ms - self.now_ms(at)) <= DAY_MS

    def moved(self, at: ClockReading) -> Anchor:
        """Return the mark after a look at the clock; itself when that may not move it."""
        if not self.believes(at):
            return self
        return Anchor(max(at.wall_ms, self.now_ms(at)), at.boot_id, at.monotonic_ms)

    def judged(self, at: ClockReading) -> ClockReading:
        """Return *at* as expiry, opening hours and days are to be judged by: never before the mark.

        Its state says whether the time is known: the clock is believed, or the mark was moved in this boot.
        """
        known = self.believes(at) or self.holds_in(at)
        wall_ms = max(at.wall_ms, self.now_ms(at)) if self.believes(at) else self.now_ms(at)
        return replace(at, wall_ms=wall_ms, state=ClockState.SYNCHRONISED if known else ClockState.UNSYNCHRONISED)


class HighWaterMark:
    """The mark of one gate. Safe on any thread; only `look` and `told` write to the card.

    Args:
        folder: of the store.
        enrolled_ms: the hub's time at enrolment; 0 when it is not known, then the first synchronised clock counts.
        clock: what is looked at.
        alone: the site names no hub that could tell the time.
    """

    def __init__(self, folder: Path, enrolled_ms: int, clock: Clock, *, alone: bool = False) -> None:
        self._alone = alone
        self._path = folder / FILE_NAME
        self._enrolled_ms = enrolled_ms
        self._clock = clock
        self._lock = threading.Lock()
        self._anchor = self._kept() or Anchor(enrolled_ms)
        self._written_ms = self._anchor.mark_ms
        self._doubted = False
        self._leap: ClockReading | None = None
        self._unwritable = False

    def today(self) -> date:
        """Return the day to seal on."""
        at, anchor = self._clock.reading(), self._anchor
        if self._alone:
            return utc_day(max(at.wall_ms, self._enrolled_ms))
        return utc_day(anchor.now_ms(at) if anchor.mark_ms else at.wall_ms)

    @property
    def doubted(self) -> bool:
        """Whether the clock calls itself synchronised and stands more than a day off."""
        return self._doubted

    def judged(self, at: ClockReading) -> ClockReading:
        """Return *at* as decisions are to see it (`Anchor.judged`); costs nothing."""
        if self._alone:
            certainly_wrong = at.wall_ms < self._enrolled_ms
            return replace(at, state=ClockState.UNSYNCHRONISED) if certainly_wrong else at
        return self._anchor.judged(at)

    def look(self) -> None:
        """Let the clock move the mark, if it may. Never raises."""
        if self._alone:
            return
        with self._lock:
            at = self._clock.reading()
            self._note(at)
            self._anchor = self._anchor.moved(at)
            if self._anchor.mark_ms - self._written_ms >= KEEP_EVERY_MS:
                self._keep()

    def told(self, now_ms: int) -> None:
        """Put the mark at signed hub time, up or down; far up only when it is confirmed. Never raises."""
        with self._lock:
            at, before = self._clock.reading(), self._anchor
            by_ms = now_ms - before.now_ms(at)
            most_ms = AHEAD_MS if before.holds_in(at) else AHEAD_AFTER_BOOT_MS
            if before.mark_ms and by_ms > most_ms and not self._is_confirmed(now_ms, at):
                return
            self._leap = None
            self._anchor = Anchor(now_ms, at.boot_id, at.monotonic_ms)
            if abs(by_ms) > DAY_MS and before.mark_ms:
                log.warning("event=mark-set by=hub moved_s=%d", by_ms // 1000)
            lowered = self._written_ms - now_ms > _LOWERED_MS
            if lowered or now_ms - self._written_ms >= KEEP_EVERY_MS or not before.holds_in(at):
                self._keep()

    def _is_confirmed(self, now_ms: int, at: ClockReading) -> bool:
        """Return whether a leap is confirmed by an earlier answer or by a synchronised clock; else keep it in mind."""
        if at.state is ClockState.SYNCHRONISED and abs(at.wall_ms - now_ms) <= DAY_MS:
            return True
        leap = self._leap
        passed_ms = 0 if leap is None else at.monotonic_ms - leap.monotonic_ms
        if leap is None or abs(now_ms - leap.wall_ms - passed_ms) > CONFIRMED_MS:
            off_s = (now_ms - self._anchor.now_ms(at)) // 1000
            log.warning("event=mark-leap by=hub off_s=%d state=unconfirmed", off_s)
            self._leap = replace(at, wall_ms=now_ms)
            return False
        return passed_ms >= CONFIRMED_MS

    def _note(self, at: ClockReading) -> None:
        """Say once that the clock is not believed, and once that it is again."""
        doubted = at.state is ClockState.SYNCHRONISED and not self._anchor.believes(at)
        if doubted is not self._doubted:
            self._doubted = doubted
            off_s = (at.wall_ms - self._anchor.now_ms(at)) // 1000
            level = logging.WARNING if doubted else logging.INFO
            log.log(level, "event=clock state=%s off_s=%d", "doubted" if doubted else "believed", off_s)

    def _keep(self) -> None:
        anchor = self._anchor
        written = {
            "document": DOCUMENT,
            "mark": anchor.mark_ms,
            "boot": anchor.boot_id,
            "monotonic": anchor.monotonic_ms,
            "enrolled": self._enrolled_ms,
        }
        try:
            replace_file(self._path, json.dumps(written).encode() + b"\n")
        except OSError as error:
            if not self._unwritable:
                log.warning("event=mark-unwritable file=%s reason=%r", self._path, error.strerror)
            self._unwritable = True
            return
        self._unwritable = False
        self._written_ms = anchor.mark_ms

    def _kept(self) -> Anchor | None:
        """Read the file; ``None`` when there is none of this enrolment, for an enrolment brings hub time with it."""
        try:
            with self._path.open("rb") as file:
                found = document(file.read(_MOST_BYTES + 1), _MOST_BYTES)
            if found.get("document") != DOCUMENT or found.get("enrolled") != self._enrolled_ms:
                return None
            return Anchor(
                integer(found.get("mark"), -MOST_INT, "mark"),
                text(found.get("boot"), _BOOT, "boot"),
                integer(found.get("monotonic"), 0, "monotonic"),
            )
        except FileNotFoundError:
            return None
        except (OSError, WireError) as error:
            log.warning("event=mark-unreadable file=%s reason=%r", self._path, str(error))
            return None
