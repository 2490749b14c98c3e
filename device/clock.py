"""Time: the only place that asks the system for it, or waits.

A Raspberry Pi has no clock chip, so a reading carries what is needed to know the true time
later: the boot it was taken in, the monotonic time since then, the wall clock's claim, and
how far that claim can be trusted.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

DAY_MS: Final = 86_400_000

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMESYNC_MARK = Path("/run/systemd/timesync/synchronized")
_STA_UNSYNC = 0x0040  # linux/timex.h


class ClockState(StrEnum):
    """How far the wall clock can be trusted."""

    SYNCHRONISED = "synchronised"
    """The kernel says a time server keeps it (or systemd-timesyncd's mark is there)."""
    UNSYNCHRONISED = "unsynchronised"
    """Nobody has set it since boot."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at the clock.

    Attributes:
        boot_id: 32 hexadecimal digits, new at every boot of the kernel.
        monotonic_ms: milliseconds since that boot, counting suspended time.
        wall_ms: milliseconds since 1970-01-01 UTC as the wall clock claims.
        state: whether that claim can be trusted.
    """

    boot_id: str
    monotonic_ms: int
    wall_ms: int
    state: ClockState


class Clock(Protocol):
    """Where time comes from. Safe on any thread."""

    def reading(self) -> ClockReading:
        """Look at the clock; costs microseconds."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since boot, counting suspended time."""
        ...

    def monotonic_ms(self) -> int:
        """Return whole milliseconds since boot, as `ClockReading.monotonic_ms` counts them."""
        ...

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Wait until the event is set, at most *timeout_s* seconds; return whether it is set."""
        ...


class TimeMark(Protocol):
    """Knows how far the machine's clock can be believed (`device.store.high_water_mark`). Safe on any thread."""

    def judged(self, at: ClockReading) -> ClockReading:
        """Return *at* as decisions are to see it; costs nothing."""
        ...


@dataclass(frozen=True, slots=True)
class JudgedClock:
    """The time that decisions go by: what the machine's clock says, as far as the mark lets it. A `Clock`.

    Attributes:
        clock: the machine's.
        mark: turns a look at it into the time to judge by.
    """

    clock: Clock
    mark: TimeMark

    def look(self) -> tuple[ClockReading, ClockReading]:
        """Look once; return what the clock said, and the time to judge by."""
        at = self.clock.reading()
        return at, self.mark.judged(at)

    def reading(self) -> ClockReading:
        """Return the time to judge by."""
        return self.look()[1]

    def monotonic_s(self) -> float:
        """Return seconds since boot."""
        return self.clock.monotonic_s()

    def monotonic_ms(self) -> int:
        """Return whole milliseconds since boot."""
        return self.clock.monotonic_ms()

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Wait as the machine's clock does; return whether the event is set."""
        return self.clock.wait(until, timeout_s)


def utc_day(wall_ms: int) -> date:
    """Return the day (UTC) of a wall time; the nearest the calendar has for a time beyond it."""
    try:
        return date(1970, 1, 1) + timedelta(days=wall_ms // DAY_MS)
    except OverflowError:
        return date.max if wall_ms > 0 else date.min


def utc_text(wall_ms: int) -> str:
    """Return a wall time as people and documents read it, ``2026-11-28T07:05:00Z``; beyond the calendar ``… ms``."""
    try:
        return datetime.fromtimestamp(wall_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{wall_ms} ms"


class SystemClock:
    """The machine's own clock."""

    def __init__(self) -> None:
        self._boot_id = _BOOT_ID.read_text(encoding="ascii").strip().replace("-", "")

    def reading(self) -> ClockReading:
        """Look at the system clock."""
        return ClockReading(
            boot_id=self._boot_id,
            monotonic_ms=self.monotonic_ms(),
            wall_ms=time.time_ns() // 1_000_000,
            state=_state(),
        )

    def monotonic_s(self) -> float:
        """Return seconds since boot."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def monotonic_ms(self) -> int:
        """Return whole milliseconds since boot."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Wait on a real event; return whether it is set."""
        return until.wait(timeout_s)


def _state() -> ClockState:
    """Ask the kernel (adjtimex); where that is forbidden, look for systemd-timesyncd's mark."""
    # struct timex is 208 bytes on 64-bit Linux; modes = 0 (its first field) only reads.
    timex = ctypes.create_string_buffer(512)
    if _LIBC is not None and _LIBC.adjtimex(timex) >= 0:
        status = ctypes.c_int.from_buffer(timex, 40).value  # offsetof(struct timex, status), 64-bit
        if not status & _STA_UNSYNC:
            return ClockState.SYNCHRONISED
    return ClockState.SYNCHRONISED if _TIMESYNC_MARK.exists() else ClockState.UNSYNCHRONISED


_LIBC = ctypes.CDLL(None, use_errno=True) if hasattr(ctypes.CDLL(None), "adjtimex") else None
