"""Counts by hour: how the gate answered and how many walked through, kept over a restart of the service.

``counts.json`` in the store's folder is written when something has changed, at most every five minutes, and at an
orderly stop: a kill loses the counts of five minutes, never one that the hub has. A file that is missing or damaged
begins another series (`device.wire.state`).

Hours are those of the judged clock (`device.clock.JudgedClock`). While it does not know the time, counts wait in slots
of ten minutes of this boot, and get their hour as soon as it does, at most five minutes off. Where the boot ends first,
where the hub takes no such hour, or where an hour is still unsent when 48 younger ones were counted, they are
``unplaced``: one number that only grows.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.clock import ClockReading, ClockState, JudgedClock
from device.durable import replace_file
from device.errors import WireError
from device.model import HOUR_MS, KNOWN_HOURS, MOST_COUNT, Count, Cue, HourCounts
from device.strict_json import document, exactly, integer, text

FILE_NAME: Final = "counts.json"
DOCUMENT: Final = "gate-counts/1"
KEEP_EVERY_MS: Final = 300_000
MOST_HOURS: Final = 48
SLOT_MS: Final = 600_000
_MOST_SLOTS: Final = MOST_HOURS * HOUR_MS // SLOT_MS
_MOST_BYTES: Final = 64 * 1024
_BOOT: Final = re.compile(r"[0-9a-f]{32}")
_SERIES: Final = re.compile(r"[0-9a-f]{16}")
_ORDER: Final = {count: index for index, count in enumerate(Count)}
_CUES: Final = {Cue(count): count for count in Count if count is not Count.PASSED}

_Counts = dict[int, list[int]]

log = logging.getLogger(__name__)


class Tally:
    """The counts of one gate. Safe on any thread; only `keep` writes to the card.

    Args:
        clock: tells the hour.
        folder: of the store; ``None``: nothing is kept, for there is nobody who would be told.
    """

    def __init__(self, clock: JudgedClock, folder: Path | None) -> None:
        self._clock = clock
        self._path = None if folder is None else folder / FILE_NAME
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._hours: _Counts = {}
        self._slots: _Counts = {}
        self._unsent: set[int] = set()
        self.series = secrets.token_hex(8)
        self.restarts = 0
        self.unplaced = 0
        self.passed = 0
        """Who walked through since the start, whenever that was."""
        self._kept_ms: int | None = None
        self._changed = True
        self._unwritable = False
        self._read()

    def answered(self, cue: Cue) -> None:
        """Count an answer by what the lamps said; returns at once."""
        if (count := _CUES.get(cue)) is not None:
            self.count(count)

    def count(self, what: Count) -> None:
        """Count one; returns at once."""
        at = self._clock.reading()
        with self._lock:
            self._changed = True
            self.passed += what is Count.PASSED
            if _is_known(at):
                self._add(at.wall_ms // HOUR_MS, _one(what))
                return
            _add(self._slots, at.monotonic_ms // SLOT_MS, _one(what))
            if len(self._slots) > _MOST_SLOTS:
                self.unplaced += sum(self._slots.pop(min(self._slots)))

    def unsent(self) -> list[HourCounts]:
        """Return the hours that the hub does not have as they are, the oldest first."""
        at = self._clock.reading()
        with self._lock:
            self._place(at)
            return [HourCounts(hour, tuple(self._hours[hour])) for hour in sorted(self._unsent)]

    def settled(self, sent: Iterable[HourCounts], refused: Iterable[int] = ()) -> None:
        """Note that the hub has these hours as they were sent, and will never have those it refused."""
        with self._lock:
            self._changed = True
            for hour in sent:
                if tuple(self._hours.get(hour.hour, ())) == hour.counts:
                    self._unsent.discard(hour.hour)
            for gone in refused:
                self._drop(gone)

    def keep(self, *, at_once: bool = False) -> None:
        """Write the counts to the card if something has changed, and not within five minutes. Never raises.

        Args:
            at_once: however short ago they were written: the service ends.
        """
        with self._writing:
            self._keep(at_once=at_once)

    def _keep(self, *, at_once: bool) -> None:
        at = self._clock.reading()
        with self._lock:
            early = self._kept_ms is not None and at.monotonic_ms - self._kept_ms < KEEP_EVERY_MS
            if self._path is None or not self._changed or (early and not at_once):
                return
            self._place(at)
            written = json.dumps(self._document(at), separators=(",", ":")).encode() + b"\n"
            self._kept_ms, self._changed = at.monotonic_ms, False
        try:
            replace_file(self._path, written)
        except OSError as error:
            if not self._unwritable:
                log.warning("event=counts-not-kept file=%s reason=%r", self._path, error.strerror)
            self._unwritable = self._changed = True
            return
        self._unwritable = False

    def _add(self, hour: int, counts: Iterable[int]) -> None:
        _add(self._hours, hour, counts)
        self._unsent.add(hour)
        if len(self._hours) > MOST_HOURS:
            self._drop(min(self._hours))

    def _drop(self, hour: int) -> None:
        counts = self._hours.pop(hour, [])
        if hour in self._unsent:
            self._unsent.discard(hour)
            self.unplaced += sum(counts)

    def _place(self, at: ClockReading) -> None:
        """Give the counts that wait for it their hour, if the time is known now."""
        if not _is_known(at):
            return
        for slot, counts in sorted(self._slots.items()):
            middle_ms = slot * SLOT_MS + SLOT_MS // 2
            self._add((at.wall_ms - max(0, at.monotonic_ms - middle_ms)) // HOUR_MS, counts)
        self._slots.clear()

    def _document(self, at: ClockReading) -> dict[str, object]:
        return {
            "document": DOCUMENT,
            "series": self.series,
            "restarts": self.restarts,
            "unplaced": self.unplaced,
            "boot": at.boot_id,
            "monotonic": at.monotonic_ms,
            "hours": [[hour, *counts] for hour, counts in sorted(self._hours.items())],
            "unsent": sorted(self._unsent),
            "slots": [[slot, *counts] for slot, counts in sorted(self._slots.items())],
        }

    def _read(self) -> None:
        """Go on with what is kept; another series where nothing is, or what cannot be read."""
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                kept = _kept_in(file.read(_MOST_BYTES + 1))
        except FileNotFoundError:
            return
        except (OSError, WireError) as error:
            log.warning("event=counts-unreadable file=%s reason=%r", self._path, str(error))
            return
        self.series, self.restarts, self.unplaced = kept.series, kept.restarts + 1, kept.unplaced
        self._hours, self._unsent = kept.hours, kept.unsent & kept.hours.keys()
        if kept.boot_id == self._clock.reading().boot_id:
            self._slots, self._kept_ms = kept.slots, kept.monotonic_ms
        else:
            self.unplaced += sum(map(sum, kept.slots.values()))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What lies on the card."""

    series: str
    restarts: int
    unplaced: int
    boot_id: str
    monotonic_ms: int
    hours: _Counts
    unsent: set[int]
    slots: _Counts


def _kept_in(body: bytes) -> _Kept:
    """Read the file; raises `WireError`."""
    names = ("document", "series", "restarts", "unplaced", "boot", "monotonic", "hours", "unsent", "slots")
    found = exactly(document(body, _MOST_BYTES), names, "counts")
    if found["document"] != DOCUMENT:
        raise WireError("document: another one")
    hours = _counts(found["hours"], "hours")
    if any(hour not in KNOWN_HOURS for hour in hours):
        raise WireError("hours: beyond the calendar")
    return _Kept(
        series=text(found["series"], _SERIES, "series"),
        restarts=integer(found["restarts"], 0, "restarts"),
        unplaced=integer(found["unplaced"], 0, "unplaced"),
        boot_id=text(found["boot"], _BOOT, "boot"),
        monotonic_ms=integer(found["monotonic"], 0, "monotonic"),
        hours=hours,
        unsent=set(_numbers(found["unsent"], "unsent")),
        slots=_counts(found["slots"], "slots"),
    )


def _is_known(at: ClockReading) -> bool:
    return at.state is ClockState.SYNCHRONISED and at.wall_ms // HOUR_MS in KNOWN_HOURS


def _one(what: Count) -> list[int]:
    return [int(index == _ORDER[what]) for index in range(len(Count))]


def _add(to: _Counts, key: int, counts: Iterable[int]) -> None:
    before = to.setdefault(key, [0] * len(Count))
    to[key] = [min(MOST_COUNT, one + more) for one, more in zip(before, counts, strict=True)]


def _numbers(found: object, where: str) -> list[int]:
    if not isinstance(found, list) or len(found) > _MOST_SLOTS + 1:
        raise WireError(f"{where}: must be a list")
    return [integer(one, 0, where) for one in found]


def _counts(found: object, where: str) -> _Counts:
    rows = [_numbers(row, where) for row in found] if isinstance(found, list) and len(found) <= _MOST_SLOTS + 1 else []
    if not isinstance(found, list) or any(len(row) != len(Count) + 1 for row in rows):
        raise WireError(f"{where}: must be hours with their counts")
    return {row[0]: [min(MOST_COUNT, one) for one in row[1:]] for row in rows}
