"""Policy in force: read at the start, read again when its file changes, begun at its own time.

A file with a mistake is refused as a whole and the last good one stays (`device.settings.watched_file`). A policy that
begins later waits, and meanwhile what was in force stays so, at the start `RECORD_ONLY`: rules that do
not hold yet refuse nobody.

The time is the last one that was trusted, carried on by the monotonic clock: a wall clock that loses its
trust, or jumps without it, neither begins nor ends a policy. Before the first trusted time of a process it is
the wall clock's claim at the start, or when the policy's file was written if that is later: it cannot be
earlier than that, and a policy begun by then has begun.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from device.clock import Clock, ClockReading, ClockState, utc_text
from device.policy import RECORD_ONLY, Policy
from device.settings.load import load_policy
from device.settings.watched_file import WatchedFile

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 3.0


class PolicySource:
    """Keeps one policy in force.

    `look` runs on one thread at a time (`PolicyFollower`'s); `in_force` and `snapshot` may be read on any.
    """

    def __init__(self, file: Path | None, inline: Policy, clock: Clock) -> None:
        """Read the policy.

        Args:
            file: the policy document; ``None`` keeps *inline* in force for good.
            inline: what the site file itself says.
            clock: the machine's, for ages, and for the first look.

        Raises `Complaints` when the file has a mistake: at the start there is no last good one.
        """
        self._clock = clock
        self._followed = None if file is None else WatchedFile(file, load_policy, "policy")
        self._offers: deque[tuple[Policy, int]] = deque(maxlen=1)
        self._former = RECORD_ONLY
        self._latest = inline if self._followed is None else self._followed.latest
        self._since_s = clock.monotonic_s()
        at = clock.reading()
        self._offset_ms = max(at.wall_ms, _written_ms(file)) - at.monotonic_ms
        self.in_force = self._due(at)
        if self.in_force is not self._latest:
            self._tell_waiting()

    def offer(self, policy: Policy, made_ms: int) -> None:
        """Let a policy of the hub take the place of the latest one, at the next look; any thread.

        Args:
            policy: as it was read.
            made_ms: wall time at which the hub signed it: a clock that was never trusted is not earlier.
        """
        self._offers.append((policy, made_ms))

    def look(self, at: ClockReading) -> bool:
        """Read the file if it has changed and is still, and put into force what is due; return whether that is another.

        Args:
            at: the time by which a policy begins (`JudgedClock`).
        """
        if self._followed is not None and self._followed.look():
            self._take(self._followed.latest, at)
        if self._offers:
            policy, made_ms = self._offers.popleft()
            self._offset_ms = max(self._offset_ms, made_ms - at.monotonic_ms)
            if policy != self._latest:
                self._take(policy, at)
        due = self._due(at)
        if due is self.in_force:
            return False
        self.in_force, self._since_s = due, self._clock.monotonic_s()
        log.info("event=policy-in-force version=%r", due.version)
        return True

    def snapshot(self) -> Mapping[str, object]:
        """Return what a person may ask about the policy."""
        waits = self._latest is not self.in_force
        return {
            "version": self.in_force.version,
            "valid_from": utc_text(self.in_force.valid_from_ms) if self.in_force.valid_from_ms else None,
            "in_force_s": round(self._clock.monotonic_s() - self._since_s),
            "file": None if self._followed is None else str(self._followed.file),
            "next_version": self._latest.version if waits else None,
            "next_from": utc_text(self._latest.valid_from_ms) if waits else None,
            "refused": [] if self._followed is None else list(self._followed.refused),
        }

    def _take(self, policy: Policy, at: ClockReading) -> None:
        if policy.version == self._latest.version:
            log.warning("event=policy-changed version=%r reason=%r", policy.version, "other rules under the same name")
        self._former, self._latest = self.in_force, policy
        if self._due(at) is not policy:
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        begins = utc_text(self._latest.valid_from_ms)
        log.warning("event=policy-waits version=%r begins=%s", self._latest.version, begins)

    def _due(self, at: ClockReading) -> Policy:
        if at.state is ClockState.SYNCHRONISED:
            self._offset_ms = at.wall_ms - at.monotonic_ms
        waits = at.monotonic_ms + self._offset_ms < self._latest.valid_from_ms
        return self._former if waits else self._latest


class PolicyFollower:
    """Looks again every few seconds, and tells the gate of another policy; given to a `device.threads.ServiceThread`.

    Args:
        source: keeps the policy.
        clock: for the pauses, and the time by which a policy begins (`JudgedClock`).
        adopt: called with each policy that comes into force; not with the one that is in force at the beginning.
        beside: other looks that share the thread (the trust list's); called after each of its own.
    """

    def __init__(
        self,
        source: PolicySource,
        clock: Clock,
        adopt: Callable[[Policy], None],
        beside: Iterable[Callable[[], object]] = (),
    ) -> None:
        self._source = source
        self._clock = clock
        self._adopt = adopt
        self._beside = tuple(beside)
        self._stop = threading.Event()

    def run(self) -> None:
        """Look until closed; what it raises is a defect."""
        while not self._clock.wait(self._stop, _LOOK_EVERY_S):
            self.look()

    def close(self) -> None:
        """End it; any thread."""
        self._stop.set()

    def look(self) -> None:
        """Look once."""
        if self._source.look(self._clock.reading()):
            self._adopt(self._source.in_force)
        for look in self._beside:
            look()


def _written_ms(file: Path | None) -> int:
    """Return when a file was written, Unix milliseconds; 0 when nobody knows."""
    try:
        return 0 if file is None else file.stat().st_mtime_ns // 1_000_000
    except (OSError, ValueError):
        return 0
