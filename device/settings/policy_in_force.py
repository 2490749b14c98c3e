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
from collections.abc import Callable, Mapping
from pathlib import Path

from device.clock import Clock, ClockReading, ClockState, utc_text
from device.policy import RECORD_ONLY, Policy
from device.settings.load import load_policy
from device.settings.watched_file import WatchedFile

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 3.0


class PolicySource:
    """Keeps one policy in force and tells the gate when it changes.

    `look` runs on a thread of its own; `in_force` and `snapshot` may be read on any. ``judged`` turns a look at the
    clock into the time by which a policy begins (`device.store.high_water_mark`); it is set once there is an enrolment.
    """

    def __init__(self, file: Path | None, inline: Policy, clock: Clock) -> None:
        """Read the policy.

        Args:
            file: the policy document; ``None`` keeps *inline* in force for good.
            inline: what the site file itself says.
            clock: tells when a policy begins.

        Raises `Complaints` when the file has a mistake: at the start there is no last good one.
        """
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._looking, name="policy", daemon=True)
        self._adopt: Callable[[Policy], None] = lambda _policy: None
        self._followed = None if file is None else WatchedFile(file, load_policy, "policy")
        self.judged: Callable[[ClockReading], ClockReading] = lambda at: at
        self._beside: tuple[Callable[[], object], ...] = ()
        self._offers: deque[tuple[Policy, int]] = deque(maxlen=1)
        self._former = RECORD_ONLY
        self._latest = inline if self._followed is None else self._followed.latest
        self._since_s = clock.monotonic_s()
        at = clock.reading()
        self._offset_ms = max(at.wall_ms, _written_ms(file)) - at.monotonic_ms
        self.in_force = self._due()
        if self.in_force is not self._latest:
            self._tell_waiting()

    def follow(self, adopt: Callable[[Policy], None], *beside: Callable[[], object]) -> None:
        """Look again every few seconds, on a thread, until `close`.

        Args:
            adopt: called with each new policy.
            beside: other looks that share the thread (the trust list's).
        """
        self._adopt = adopt
        self._beside = beside
        adopt(self.in_force)
        self._thread.start()

    def offer(self, policy: Policy, made_ms: int) -> None:
        """Let a policy of the hub take the place of the latest one, at the next look; any thread.

        Args:
            policy: as it was read.
            made_ms: wall time at which the hub signed it: a clock that was never trusted is not earlier.
        """
        self._offers.append((policy, made_ms))

    def close(self) -> None:
        """End the thread, if it was started."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _looking(self) -> None:
        while not self._clock.wait(self._stop, _LOOK_EVERY_S):
            self.look()
            for look in self._beside:
                look()

    def look(self) -> None:
        """Read the file if it has changed and is still, and put into force what is due. Never raises."""
        if self._followed is not None and self._followed.look():
            self._take(self._followed.latest)
        if self._offers:
            policy, made_ms = self._offers.popleft()
            self._offset_ms = max(self._offset_ms, made_ms - self._clock.reading().monotonic_ms)
            if policy != self._latest:
                self._take(policy)
        due = self._due()
        if due is not self.in_force:
            self.in_force, self._since_s = due, self._clock.monotonic_s()
            log.info("event=policy-in-force version=%r", due.version)
            self._adopt(due)

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

    def _take(self, policy: Policy) -> None:
        if policy.version == self._latest.version:
            log.warning("event=policy-changed version=%r reason=%r", policy.version, "other rules under the same name")
        self._former, self._latest = self.in_force, policy
        if self._due() is not policy:
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        begins = utc_text(self._latest.valid_from_ms)
        log.warning("event=policy-waits version=%r begins=%s", self._latest.version, begins)

    def _due(self) -> Policy:
        at = self.judged(self._clock.reading())
        if at.state is ClockState.SYNCHRONISED:
            self._offset_ms = at.wall_ms - at.monotonic_ms
        waits = at.monotonic_ms + self._offset_ms < self._latest.valid_from_ms
        return self._former if waits else self._latest


def _written_ms(file: Path | None) -> int:
    """Return when a file was written, Unix milliseconds; 0 when nobody knows."""
    try:
        return 0 if file is None else file.stat().st_mtime_ns // 1_000_000
    except (OSError, ValueError):
        return 0
