"""Supervisor of the eye process: starts the child, reads its sights, kills and restarts it when it fails."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from device.clock import Clock
from device.eye.engine_breaker import LEFT_OUT_S, EngineBreaker
from device.eye.messages import Ended, EyeOpened, Lost, Walled, left_out_to_text
from device.eye.process import Child
from device.model import EYE_STARTING, Sight

log = logging.getLogger(__name__)

_TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class EyeLimits:
    """How long the eye may be silent before it is killed and started again.

    Attributes:
        silent_s: between two messages once it sees.
        start_s: from its start, or from opening the camera, to the first frame; imports and the sensor take
            seconds on a Pi.
        replace_s: how long a child may open its camera again and again in vain until a new one tries: what
            is stuck inside a process goes with it.
    """

    silent_s: float = 3.0
    start_s: float = 15.0
    replace_s: float = 30.0

    def exceeded(self, silence_s: float, *, seeing: bool) -> str:
        """Return why a child that sees, or does not yet, was silent for too long; empty when it was not."""
        limit_s = self.silent_s if seeing else self.start_s
        return f"the eye was silent for {limit_s:g} s" if silence_s > limit_s else ""


class EyeReports:
    """What happens to the eye; each method is called on the scan thread, does nothing, and may be overridden."""

    def failed(self, reason: str) -> None:
        """Hear of a failure, once for each, with its reason."""

    def step(self, step: str) -> None:
        """Hear what else there is to count.

        ``covered`` is a failure of the lens, ``reopened``: the child opens its camera again, ``replaced``: a new child.
        """

    def crashed(self, engine: str) -> None:
        """Hear the name of the engine inside which the child died, or fell silent."""

    def engines(self, in_use: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        """Hear which engines run now and which are left out because they crashed; called when that changes."""


class ChildEye:
    """Implements `device.ports.Eye` with a child process.

    A reader thread keeps only the newest sight, so that a slow answer never works through stale
    frames. Everything else runs on the thread that iterates `sights`.

    Args:
        command: how to start the child; its arguments (`device.eye.messages`) are appended.
        settings: one line for its standard input (`device.eye.settings`).
        clock: paces the deadlines.
        limits: the deadlines.
        reports: who is told what happens to it.

    An engine that takes the child with it twice within a minute is left out for ten minutes, unless it
    is the last one; see `device.eye.engine_breaker`.
    """

    def __init__(
        self,
        settings: str,
        clock: Clock,
        limits: EyeLimits,
        *,
        command: tuple[str, ...] = (sys.executable, "-P", "-m", "device.eye.child"),
        reports: EyeReports = EyeReports(),  # noqa: B008 - it has no state
    ) -> None:
        self._command = command
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._reports = reports
        self._breaker = EngineBreaker()
        self._told_engines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._reason = ""
        self._lost_s = self._in_vain_s = 0.0
        self._replaced = 0
        self.covered = False
        """The camera gives frames that show nothing: no new process, and no new start of anything, would help."""
        self.engines: tuple[str, ...] = ()
        """The decoder engines in use; empty before the camera has opened."""
        self.wall: Walled | None = None
        """Which walls stand round the child, as it said itself; ``None`` before it has built them."""
        self.pid: int | None = None
        """The child's process id, while it runs."""

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """Yield sights until *stop* is set or a replay ends; at least one a second, lost or not."""
        while not stop.is_set():
            left_out_s = self._breaker.left_out(self._clock.monotonic_s())
            with Child(self._command, self._settings, left_out_to_text(left_out_s)) as child:
                self.pid = child.process.pid
                ended = False
                for sight in self._listen(child, stop):
                    ended = sight.ended
                    yield sight
                self.pid = None
            if ended or stop.is_set():
                return
            self._replace()

    @property
    def lost(self) -> str | None:
        """Why there are no frames now; ``None`` while there are, or before the first. Any thread."""
        return self._reason or None

    def _replace(self) -> None:
        """Count one child that has ended; only the first of one failure is logged."""
        self._replaced += 1
        if self._replaced == 1:
            log.warning("event=eye-replaced reason=%r", self._reason)
        self._reports.step("replaced")

    def _listen(self, child: Child, stop: threading.Event) -> Iterator[Sight]:
        """Yield the sights of one child until it must be replaced."""
        seeing = False  # a frame has come since the camera was last lost
        heard_s = self._in_vain_s = self._clock.monotonic_s()
        while not stop.is_set():
            self._clock.wait(child.news, _TICK_S)
            message, gone = child.take()
            now_s = self._clock.monotonic_s()
            if message is not None:
                heard_s = now_s
            match message:
                case Sight():
                    seeing = True
                    self._sees()
                    yield message
                case EyeOpened() | Walled():
                    self._is_as(child, message)
                case Lost(reason, covered):
                    seeing = False
                    yield self._lose(reason, covered=covered, reopens=not covered)
                    if now_s - self._in_vain_s > self._limits.replace_s:
                        return
                case Ended():
                    yield Sight(frame_seq=-1, captured_ms=round(now_s * 1000), ended=True)
                    return
                case None:
                    if reason := gone or self._limits.exceeded(now_s - heard_s, seeing=seeing):
                        yield self._lose(self._blamed(child, reason))
                        self._clock.wait(stop, _TICK_S)  # a child that dies at once must not spin
                        return
                    yield self._tick(now_s, seeing=seeing)

    def _tick(self, now_s: float, *, seeing: bool) -> Sight:
        """Return what there is to say when nothing came."""
        lost = None if seeing else self._reason or EYE_STARTING
        return Sight(frame_seq=-1, captured_ms=round(now_s * 1000), moving=False, lost=lost)

    def _is_as(self, child: Child, told: EyeOpened | Walled) -> None:
        """Hear what the child says of itself."""
        if isinstance(told, Walled):
            self._wall_is(told)
        else:
            child.engines = told.engines
            self._engines_are(told.engines)

    def _wall_is(self, wall: Walled) -> None:
        """Keep which walls stand, and log it when that has changed."""
        if wall != self.wall:
            whole = wall.seccomp and wall.landlock
            seccomp, landlock = "yes" if wall.seccomp else "absent", wall.landlock or "absent"
            log.log(
                logging.INFO if whole else logging.WARNING, "event=eye-wall seccomp=%s landlock=%s", seccomp, landlock
            )
        self.wall = wall

    def _engines_are(self, engines: tuple[str, ...]) -> None:
        """Report which engines run and which are left out, when that has changed."""
        self.engines = engines
        left_out = tuple(sorted(set(self._breaker.left_out(self._clock.monotonic_s())) - set(engines)))
        if (engines, left_out) != self._told_engines:
            log.info("event=eye-opened engines=%s", ",".join(engines))
            self._told_engines = engines, left_out
            self._reports.engines(engines, left_out)

    def _blamed(self, child: Child, reason: str) -> str:
        """Return the reason with the name of the engine that was running in a child that has ended."""
        engine = child.running()
        if not engine:
            return reason
        self._reports.crashed(engine)
        if self._breaker.crashed(engine, self._clock.monotonic_s(), child.engines):
            log.warning("event=engine-left-out engine=%s for_s=%d reason=crashed-twice", engine, LEFT_OUT_S)
        return f"{reason} while {engine} was running"

    def _sees(self) -> None:
        """End a failure: a frame has come."""
        if self._reason:
            lost_s = self._clock.monotonic_s() - self._lost_s
            log.info("event=eye-sees-again lost_s=%d replaced=%d", lost_s, self._replaced)
        self._reason, self._replaced, self.covered = "", 0, False
        self._in_vain_s = self._clock.monotonic_s()

    def _lose(self, reason: str, *, covered: bool = False, reopens: bool = False) -> Sight:
        """Report a failure once, however long it lasts."""
        if not self._reason:
            self._lost_s = self._clock.monotonic_s()
            log.warning("event=eye-lost reason=%r", reason)
            self._reports.failed(reason)
            if covered or reopens:
                self._reports.step("covered" if covered else "reopened")
        self._reason, self.covered = reason, covered
        if covered:
            self._in_vain_s = self._clock.monotonic_s()  # it does see; no other process would see more
        return Sight(frame_seq=-1, captured_ms=self._clock.monotonic_ms(), lost=reason)
