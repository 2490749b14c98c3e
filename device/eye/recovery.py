"""Recovery from a camera that stays lost: restart the service, then reboot the machine if the site file allows it.

The first two steps are the eye's own: open the camera again, start a new process. This module looks at the
sights as they pass. When there were none for five minutes it ends the service, which systemd starts anew; when that
has not helped either, it asks for a reboot: a camera whose ribbon was put back is found by a Pi only at its boot.
Both are counted in the ledger's folder, before they are done, so that no restart loop can arise. Since when the camera
has been lost stands there too: a gate that is killed and started while it is blind goes on where it was, once its
own eye has had the time to start. For a covered lens nothing is done: none of it would help.

``recovery.json``::

    {"restarted": [{"boot_id": "…", "monotonic_ms": 1, "wall_ms": 2}, …], "rebooted": […], "lost": [one, or none]}
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from device.clock import Clock, ClockReading, ClockState
from device.durable import replace_file
from device.model import Sight

FILE_NAME: Final = "recovery.json"
RESTARTED, REBOOTED, LOST = "restarted", "rebooted", "lost"
RESTART_AFTER_S: Final = 300.0
"""How long there is no sight until the service is started anew; the same again until the machine is."""
APART_S: Final = 3600.0
"""Between two of a kind there is at least so long."""
DAY_S: Final = 24 * 3600.0
NOTED_AFTER_S: Final = 10.0
"""A camera that is lost for less leaves no trace on the card."""
_MOST_KEPT = 64
_MOST_BYTES = 64 * 1024

log = logging.getLogger(__name__)


class LiveEye(Protocol):
    """An eye that knows whether its lens is covered."""

    covered: bool

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """See `device.ports.Eye`."""
        ...


class Attempts:
    """What was tried, and when; on the card, so that it outlives what was tried. Used on one thread.

    Args:
        folder: the ledger's.
        clock: tells when.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file = folder / FILE_NAME
        self._clock = clock

    def within(self, kind: str, span_s: float) -> int:
        """Count the attempts of a kind within a time before now; one whose age is unknown counts."""
        at = self._clock.reading()
        return sum(_age_s(attempt, at) < span_s for attempt in self._read().get(kind, []))

    def note(self, kind: str) -> bool:
        """Write one down and return whether that was possible: if not, it must not be made."""
        known = self._read()
        known[kind] = [*known.get(kind, []), self._now(0.0)][-_MOST_KEPT:]
        return self._write(known, kind)

    def lost_for_s(self) -> float | None:
        """Return for how long the camera has been lost, as it was noted; ``None`` when it was not."""
        noted, at = self._read().get(LOST, []), self._clock.reading()
        return max(0.0, _age_s(noted[-1], at)) if noted else None

    def note_lost(self, for_s: float | None) -> None:
        """Note for how long the camera has been lost by now; ``None``: it sees."""
        known = self._read()
        self._write({**known, LOST: [] if for_s is None else [self._now(for_s)]}, LOST)

    def _now(self, before_s: float) -> dict[str, str | int]:
        at, before_ms = self._clock.reading(), round(before_s * 1000)
        return {
            "boot_id": at.boot_id,
            "monotonic_ms": at.monotonic_ms - before_ms,
            "wall_ms": at.wall_ms - before_ms,
        }

    def _write(self, known: Mapping[str, object], kind: str) -> bool:
        try:
            replace_file(self._file, json.dumps(known).encode("ascii"))
        except OSError as error:
            log.warning("event=recovery-not-counted step=%s reason=%r", kind, error.strerror)
            return False
        return True

    def _read(self) -> dict[str, list[Mapping[str, Any]]]:
        """Read the file; what is no file of ours counts as nothing."""
        try:
            with self._file.open("rb") as file:
                known = json.loads(file.read(_MOST_BYTES))
            return {kind: [dict(one) for one in known[kind]] for kind in (RESTARTED, REBOOTED, LOST) if kind in known}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}


def _age_s(attempt: Mapping[str, Any], at: ClockReading) -> float:
    """Return how old an attempt is, at the least.

    In another boot it is at least as old as this one; the wall clock counts only when somebody keeps it.
    """
    try:
        if attempt["boot_id"] == at.boot_id:
            return float(at.monotonic_ms - attempt["monotonic_ms"]) / 1000
        by_wall_ms = at.wall_ms - attempt["wall_ms"] if at.state is ClockState.SYNCHRONISED else 0
        return float(max(at.monotonic_ms, by_wall_ms)) / 1000
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


@dataclass(slots=True)
class RecoveringEye:
    """Implements `device.ports.Eye`: passes the sights of an eye on, and restarts or reboots when there are none.

    Attributes:
        eye: whose sights pass.
        attempts: what was tried.
        clock: tells how long there were no sights.
        restart: ends the service with a failure, so that systemd starts it anew.
        reboot: asks for a boot of the machine; returns at once.
        reboots_a_day: most reboots in 24 hours; 0: never.
        start_s: how long an eye may take to see after a start of the service.
    """

    eye: LiveEye
    attempts: Attempts
    clock: Clock
    restart: Callable[[], None]
    reboot: Callable[[], None]
    reboots_a_day: int = 0
    start_s: float = 15.0

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """Pass the sights on."""
        noted, began_s = self.attempts.lost_for_s(), self.clock.monotonic_s()
        lost_since_s = None if noted is None else began_s - noted
        for sight in self.eye.sights(stop):
            now_s = self.clock.monotonic_s()
            if sight.lost is None or self.eye.covered:
                if noted is not None:
                    self.attempts.note_lost(None)
                lost_since_s = noted = None
            elif lost_since_s is None:
                lost_since_s = now_s
            elif now_s - lost_since_s >= RESTART_AFTER_S and now_s - began_s > self.start_s:
                lost_since_s, noted = now_s, 0.0
                self.attempts.note_lost(noted)
                self._escalate()
            elif noted is None and now_s - lost_since_s >= NOTED_AFTER_S:
                noted = now_s - lost_since_s
                self.attempts.note_lost(noted)
            yield sight

    def _escalate(self) -> None:
        """Take the next step that is allowed now; when none is, FAULT stays and the eye goes on trying."""
        if not self.attempts.within(RESTARTED, APART_S):
            if self.attempts.note(RESTARTED):
                log.warning("event=service-restart reason=camera-lost")
                self.restart()
        elif (
            not self.attempts.within(REBOOTED, APART_S)
            and self.attempts.within(REBOOTED, DAY_S) < self.reboots_a_day
            and self.attempts.note(REBOOTED)
        ):
            log.warning("event=machine-reboot reason=camera-lost")
            self.reboot()


def ask_for_reboot(folder: Path | None) -> None:
    """Ask systemd for a reboot, by the file that ``gate-scanner-reboot.path`` waits for.

    Args:
        folder: the service's runtime folder; ``None`` where there is no systemd, and nobody to ask.
    """
    if folder is None:
        log.warning("event=reboot-not-asked reason=no-systemd")
        return
    try:
        (folder / "reboot").touch()
    except OSError as error:
        log.warning("event=reboot-not-asked reason=%r", error.strerror)
