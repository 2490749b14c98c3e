"""The hub's clock, as far as it can be believed: one lie of a time server must not make keys of another year.

What the clock said last is kept in ``clock.json`` of the hub's folder, with the monotonic time of that boot, which
nobody can set. A look at the clock is compared with what has passed since::

    {"document": "hub-clock/1", "wall": Unix ms, "boot": 32 hex digits, "monotonic": ms, "steady": ms,
     "floor": true or false, "leap": {"wall": Unix ms, "monotonic": ms} or null}

It is believed when it agrees to a minute (`AGREES_MS`), and after the machine was off when it is not before what is
kept and not a week after (`AWAY_MS`): a hub may be off for so long. Otherwise it is in doubt. Then the time goes on
from what is kept, no gate is told the time or enrolled, no key is made or destroyed, and nothing is known of an arrival
but that it was not after the later of the two.

A doubt ends when the clock agrees again, when one that leapt forward by a week at most goes on so for ten minutes
(`SETTLES_MS`: a time server has set it right, and did not lie for a moment), or when a person says that it is right
(``gate-scanner hub clock --accept``). A hub that was off for weeks, or whose clock was set back, needs that person.

What cannot be undone waits until the clock has agreed for an hour (`STEADY_MS`).
"""

from __future__ import annotations

import json
import logging
import re
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from device.clock import DAY_MS, Clock, ClockReading, ClockState, utc_text
from device.durable import replace_file
from device.errors import ClockLeapt, ConfigurationError, WireError
from device.strict_json import MOST_INT, document, integer, one_of, text
from device.words import say, why_of

FILE_NAME: Final = "clock.json"
AGREES_MS: Final = 60_000
AWAY_MS: Final = 7 * DAY_MS
SETTLES_MS: Final = 600_000
STEADY_MS: Final = 3_600_000
KEEP_EVERY_MS: Final = 60_000
_MOST_BYTES: Final = 4096
_BOOT: Final = re.compile(r"[0-9a-f]{32}")

log = logging.getLogger(__name__)


class _Document(StrEnum):
    HUB_CLOCK = "hub-clock/1"


@dataclass(frozen=True, slots=True)
class KeptTime:
    """What is kept of the clock.

    Attributes:
        wall_ms: what it said when it was believed last.
        boot_id: in which boot that was, or since which boot it is in doubt.
        monotonic_ms: of that boot.
        steady_ms: monotonic time since which it agrees.
        floor: the boot began with a doubt, so the machine was off for nobody knows how long: *wall_ms* is the least.
        leap: wall and monotonic time at which a clock in doubt was first seen to stand where it stands.
    """

    wall_ms: int
    boot_id: str
    monotonic_ms: int
    steady_ms: int
    floor: bool = False
    leap: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class BelievedTime:
    """The time, and how far it is known.

    Attributes:
        now_ms: Unix ms; while the clock is in doubt what is kept and has passed since.
        latest_ms: the latest that it may be.
        said_ms: what the clock says itself.
        off_ms: by how much the clock is off while it is in doubt; ``None`` while it is believed.
        steady: whether it has agreed for so long that what cannot be undone may be done.
    """

    now_ms: int
    latest_ms: int
    said_ms: int
    off_ms: int | None = None
    steady: bool = False


def judged(kept: KeptTime | None, at: ClockReading) -> tuple[BelievedTime, KeptTime]:
    """Judge a look at the clock by what is kept; return the time, and what to keep now. Pure."""
    if kept is None:
        kept = KeptTime(at.wall_ms, at.boot_id, at.monotonic_ms, at.monotonic_ms)
    if kept.boot_id != at.boot_id:
        if -AGREES_MS <= at.wall_ms - kept.wall_ms <= AWAY_MS:
            kept = KeptTime(at.wall_ms, at.boot_id, at.monotonic_ms, at.monotonic_ms)
        else:
            kept = KeptTime(kept.wall_ms, at.boot_id, at.monotonic_ms, at.monotonic_ms, floor=True)
    expected_ms = kept.wall_ms + at.monotonic_ms - kept.monotonic_ms
    off_ms = at.wall_ms - expected_ms
    if abs(off_ms) <= AGREES_MS and not (kept.floor and off_ms < 0):
        known = replace(kept, wall_ms=at.wall_ms, monotonic_ms=at.monotonic_ms, floor=False, leap=None)
        if kept.leap is not None:
            known = replace(known, steady_ms=at.monotonic_ms)
        steady = at.monotonic_ms - known.steady_ms >= STEADY_MS
        return BelievedTime(at.wall_ms, at.wall_ms, at.wall_ms, steady=steady), known
    leap = kept.leap
    if leap is None or abs(at.wall_ms - leap[0] - (at.monotonic_ms - leap[1])) > AGREES_MS:
        leap = (at.wall_ms, at.monotonic_ms)
    if 0 < off_ms <= AWAY_MS and at.monotonic_ms - leap[1] >= SETTLES_MS:
        settled = KeptTime(at.wall_ms, at.boot_id, at.monotonic_ms, leap[1])
        return BelievedTime(at.wall_ms, at.wall_ms, at.wall_ms), settled
    latest_ms = max(at.wall_ms, expected_ms + AWAY_MS if kept.floor else expected_ms)
    return BelievedTime(expected_ms, latest_ms, at.wall_ms, off_ms), replace(kept, leap=leap)


class BelievedClock:
    """A `Clock` that says what can be believed, and whether (`ClockReading.state`). Safe on any thread.

    Args:
        clock: the machine's.
        path: of the hub's folder; ``None`` keeps what is known in memory only.
    """

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._path = None if path is None else path / FILE_NAME
        self._lock = threading.Lock()
        self._kept: KeptTime | None = None
        self._seen: object = None
        self._written: KeptTime | None = None
        self._doubted = False
        self._unwritable = ""

    def reading(self) -> ClockReading:
        """Return what can be believed; synchronised is only a clock that is not in doubt."""
        with self._lock:
            at = self._clock.reading()
            time = self._judge(at)
        state = ClockState.SYNCHRONISED if time.off_ms is None else ClockState.UNSYNCHRONISED
        return replace(at, wall_ms=time.now_ms, state=state)

    def now(self) -> BelievedTime:
        """Return the time, and how far it is known. Nothing is written."""
        with self._lock:
            return self._judge(self._clock.reading())

    def watch(self) -> BelievedTime:
        """Return the same, and keep it in the folder when a minute has passed or the clock has come into doubt."""
        with self._lock:
            time = self._judge(self._clock.reading())
            self._note(time)
            if self._path is not None and self._is_news():
                self._write(self._path)
        return time

    def check(self) -> None:
        """Raise `ClockLeapt`, which says what to do, while the clock is in doubt."""
        if (time := self.now()).off_ms is not None:
            told = say(
                "the hub's clock says {said}, and it should be about {now}; "
                "set it right, or when it is right, run: gate-scanner hub clock DIR --accept",
                said=utc_text(time.said_ms),
                now=utc_text(time.now_ms),
            )
            raise ClockLeapt(told)

    def accept(self) -> None:
        """Take the clock for right: a person says so. Raises `ConfigurationError` when that cannot be kept."""
        with self._lock:
            at = self._clock.reading()
            self._kept = KeptTime(at.wall_ms, at.boot_id, at.monotonic_ms, at.monotonic_ms - STEADY_MS)
            if self._path is not None:
                self._write(self._path)
                if self._unwritable:
                    told = say("{path}: cannot be written ({why})", path=self._path, why=self._unwritable)
                    raise ConfigurationError(told)

    def monotonic_s(self) -> float:
        """Return seconds since boot."""
        return self._clock.monotonic_s()

    def monotonic_ms(self) -> int:
        """Return whole milliseconds since boot."""
        return self._clock.monotonic_ms()

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Wait as the machine's clock does; return whether the event is set."""
        return self._clock.wait(until, timeout_s)

    def _judge(self, at: ClockReading) -> BelievedTime:
        if self._path is not None and (seen := _state_of(self._path)) != self._seen:
            # Another process has written it: a person, or the serving hub.
            self._kept, self._seen = self._read_again(self._path), seen
            self._written = self._kept
        time, self._kept = judged(self._kept, at)
        return time

    def _read_again(self, path: Path) -> KeptTime | None:
        try:
            return _read(path)
        except ConfigurationError as error:
            if self._kept is None:
                raise
            log.error("event=hub-clock-unreadable reason=%r", str(error))  # noqa: TRY400 - the reason says all
            return self._kept

    def _note(self, time: BelievedTime) -> None:
        """Say once that the clock is in doubt, and once that it is believed again."""
        if (time.off_ms is not None) is self._doubted:
            return
        self._doubted = not self._doubted
        if time.off_ms is None:
            log.info("event=hub-clock state=believed now=%s", utc_text(time.now_ms))
        else:
            log.warning(
                "event=hub-clock state=doubted off_s=%d believed=%s", time.off_ms // 1000, utc_text(time.now_ms)
            )

    def _is_news(self) -> bool:
        kept, written = self._kept, self._written
        assert kept is not None
        if written is None or (kept.boot_id, kept.floor, kept.leap) != (written.boot_id, written.floor, written.leap):
            return True
        return abs(kept.wall_ms - written.wall_ms) >= KEEP_EVERY_MS

    def _write(self, path: Path) -> None:
        kept = self._kept
        assert kept is not None
        written = {
            "document": _Document.HUB_CLOCK,
            "wall": kept.wall_ms,
            "boot": kept.boot_id,
            "monotonic": kept.monotonic_ms,
            "steady": kept.steady_ms,
            "floor": kept.floor,
            "leap": kept.leap and {"wall": kept.leap[0], "monotonic": kept.leap[1]},
        }
        try:
            replace_file(path, json.dumps(written).encode() + b"\n")
        except OSError as error:
            if not self._unwritable:
                log.warning("event=hub-clock-unwritable file=%s reason=%r", path, error.strerror)
            self._unwritable = why_of(error)
            return
        self._unwritable, self._written, self._seen = "", kept, _state_of(path)


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _read(path: Path) -> KeptTime | None:
    try:
        found = document(path.read_bytes(), _MOST_BYTES)
        one_of(_Document, found.get("document"), "document")
        leap = found.get("leap")
        if isinstance(leap, dict):
            leap = (integer(leap.get("wall"), -MOST_INT, "leap"), integer(leap.get("monotonic"), 0, "leap"))
        return KeptTime(
            integer(found.get("wall"), -MOST_INT, "wall"),
            text(found.get("boot"), _BOOT, "boot"),
            integer(found.get("monotonic"), 0, "monotonic"),
            integer(found.get("steady"), -MOST_INT, "steady"),
            found.get("floor") is True,
            leap if isinstance(leap, tuple) else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, WireError) as error:
        why = why_of(error) if isinstance(error, OSError) else error
        told = say("{path}: cannot be used ({why}); when the clock is right, remove the file", path=path, why=why)
        raise ConfigurationError(told) from error
