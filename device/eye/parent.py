"""Supervisor of the eye process: starts an eye, reads its sights, gives it up and starts another when it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

from device.clock import Clock
from device.errors import EyeNotStarted
from device.eye.camera_message import log_view
from device.eye.connection import EyeConnection
from device.eye.engine_breaker import LEFT_OUT_S, EngineBreaker
from device.eye.heard import Heard, captured_by
from device.eye.limits import MOST_DOUBLED, EyeLimits
from device.eye.line_allowance import LineAllowance, PrintAllowance
from device.eye.messages import Ended, EyeOpened, Lost, Walled, left_out_to_text
from device.eye.new_codes import NewCodes
from device.eye.process import StartEye, start_child
from device.eye.reports import EyeReports
from device.eye.starts import LIVED_S, MOST_LEFT, Starts
from device.model import EYE_STARTING, CameraView, Sight
from device.words import say, sentence

log = logging.getLogger(__name__)

_TICK_S = 0.4
_PAUSE_TICK_S = 0.5
_TURN_LEAST_S = 0.01
"""No camera gives frames faster; an eye that talks faster sets neither lamps nor processor going more often."""
_END_MOST_S = 1.0
"""How long the end of the gate waits for the end of its eyes."""
_VAGUE = ("the eye ended", "the eye was silent")
_NO_REPLAY = sentence("the eye says that its pictures are over, and a camera has no end")


class SupervisedEye:
    """Implements `device.ports.Eye` with a process of its own.

    A reader thread keeps only the newest sight, so that a slow answer never works through stale
    frames. Everything else runs on the thread that iterates `sights`, and waits for no process.

    Args:
        settings: one line for the eye (`device.eye.settings`).
        clock: paces the deadlines.
        limits: the deadlines.
        start: starts an eye, see `device.eye.process`.
        reports: who is told what happens to it.
        may_end: it shows a replay, whose end is the end of the sights; a camera has none, whatever an eye says.
        quiet_settings: the settings of an eye that must not print; ``None``: they are the same.

    An engine that takes the eye with it twice within a minute is left out for ten minutes, unless it
    is the last one; see `device.eye.engine_breaker`.
    """

    def __init__(  # noqa: PLR0913 - what an eye is watched with
        self,
        settings: str,
        clock: Clock,
        limits: EyeLimits,
        *,
        start: StartEye = start_child,
        reports: EyeReports = EyeReports(),  # noqa: B008 - it has no state
        may_end: bool = False,
        quiet_settings: str | None = None,
    ) -> None:
        self._settings = settings
        self._quiet_settings = settings if quiet_settings is None else quiet_settings
        self._clock = clock
        self._limits = limits
        self._start = start
        self._reports = reports
        self._may_end = may_end
        self._lines = LineAllowance(clock)
        self._prints = PrintAllowance(clock)
        self._codes = NewCodes(clock.monotonic_s())
        self._starts = Starts()
        self._breaker = EngineBreaker()
        self._told_engines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._reason = self._told_reason = ""
        self._lost_s = self._in_vain_s = 0.0
        self._replaced = 0
        self._runs = False
        self.covered = False
        """The camera gives frames that show nothing: no new process, and no new start of anything, would help."""
        self.engines: tuple[str, ...] = ()
        """The decoder engines in use; empty before the camera has opened."""
        self.wall: Walled | None = None
        """Which walls stand round the eye, as it said itself; ``None`` before it has built them."""
        self.view: CameraView | None = None
        """What the camera shows, as the eye said last; ``None`` of a replay, and before it is open."""
        self.pid: int | None = None
        """The process id of the eye, while it runs as a child."""

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """Yield sights until *stop* is set or a replay ends; at least one a second, lost or not."""
        try:
            while not stop.is_set():
                ended = False
                for sight in self._one_eye(stop):
                    ended = sight.ended
                    yield sight
                if ended or stop.is_set():
                    return
                self._replace()
                yield from self._pause(stop)
        finally:
            self._starts.close(_END_MOST_S)

    @property
    def own_unit(self) -> bool:
        """Whether the eye that runs was started by systemd, as another user. Any thread."""
        return self._runs and self.pid is None

    @property
    def alive(self) -> bool:
        """Whether an eye runs and nothing is known against it. Any thread."""
        return self._runs and not self._reason

    def _one_eye(self, stop: threading.Event) -> Iterator[Sight]:
        """Start an eye and yield its sights until it must be replaced; it is not waited for."""
        began_s = self._clock.monotonic_s()
        left_out = left_out_to_text(self._breaker.left_out(began_s))
        try:
            process = self._start()
        except EyeNotStarted as error:
            self._starts.over(None, well=False)
            yield self._lose(str(error))
            return
        eye = EyeConnection(process, self._settings if self._prints.may() else self._quiet_settings, left_out)
        try:
            with eye:
                self.pid, self._runs = process.pid, True
                yield from self._listen(eye, stop)
        finally:
            self.pid, self._runs = None, False
            lived = self._clock.monotonic_s() - began_s >= LIVED_S
            self._starts.over(eye, well=bool(eye.engines) or lived, lived=lived)

    def _pause(self, stop: threading.Event) -> Iterator[Sight]:
        """Yield what there is to say until another eye may be started: at once, or after a back-off."""
        pause_s, left = self._starts.pause_s, 0
        while not stop.is_set():
            wait_s = min(pause_s, _PAUSE_TICK_S) if pause_s > 0 else _PAUSE_TICK_S
            self._clock.wait(stop, wait_s)
            pause_s -= wait_s
            left = self._starts.left()
            if pause_s <= 0 and left < MOST_LEFT:
                break
            yield self._tick(self._clock.monotonic_s(), seeing=False)
        if left:
            if self._lines.may():
                log.warning("event=eye-left-behind reason=%r", self._starts.told())
            self._reports.step("left")

    @property
    def lost(self) -> str | None:
        """Why there are no frames now; ``None`` while there are, or before the first. Any thread."""
        return self._shown(self._reason) or None

    def _replace(self) -> None:
        """Count one eye that was given up; only the first of one failure is logged."""
        self._replaced += 1
        if self._replaced == 1 and self._lines.may():
            log.warning("event=eye-replaced reason=%r", self._reason)
        self._reports.step("replaced")

    def _listen(self, eye: EyeConnection, stop: threading.Event) -> Iterator[Sight]:
        """Yield the sights of one eye until it must be replaced."""
        turned_s = self._in_vain_s = self._clock.monotonic_s()
        heard = Heard(turned_s, turned_s)
        while not stop.is_set():
            self._clock.wait(eye.news, _TICK_S)
            if (early_s := turned_s + _TURN_LEAST_S - self._clock.monotonic_s()) > 0:
                self._clock.wait(stop, early_s)
            turned_s = self._clock.monotonic_s()
            message, gone = eye.take()
            self._starts.left()
            now_s = self._clock.monotonic_s()
            heard.take(message, now_s)
            match message:
                case Sight():
                    self._sees()
                    yield self._codes.admit(captured_by(message, round(now_s * 1000)), now_s)
                case Lost(reason, covered):
                    self._told_reason = "" if covered else reason
                    yield self._lose(reason, covered=covered, reopens=not covered)
                    if now_s - self._in_vain_s > self._limits.replace_s * 2 ** min(self._replaced, MOST_DOUBLED):
                        return
                case Ended():
                    yield self._over(now_s)
                    return
                case EyeOpened() | Walled() | CameraView() | None:
                    self._is_as(eye, message, heard)
                    silent = self._limits.exceeded(now_s - heard.at_s, seeing=heard.seeing)
                    if reason := (gone if message is None else "") or silent:
                        yield self._lose(self._blamed(eye, reason))
                        return
                    if message is None or now_s - heard.yielded_s >= _TICK_S / 4:  # whatever is repeated
                        heard.yielded_s = now_s
                        yield self._tick(now_s, seeing=heard.seeing)

    def _over(self, now_s: float) -> Sight:
        """Return the end of a replay; of a camera there is none, whatever is said."""
        if not self._may_end:
            return self._lose(_NO_REPLAY)
        return Sight(frame_seq=-1, captured_ms=round(now_s * 1000), ended=True)

    def _is_as(self, eye: EyeConnection, told: EyeOpened | Walled | CameraView | None, heard: Heard) -> None:
        """Hear what the eye says of itself; of its wall only the first word, said before it looked at anything."""
        if isinstance(told, EyeOpened):
            eye.engines = told.engines
            self._engines_are(told.engines)
        elif isinstance(told, CameraView):
            self._view_is(told)
        elif told is not None and heard.walls == 1:
            self._wall_is(told)

    def _tick(self, now_s: float, *, seeing: bool) -> Sight:
        """Return what there is to say when nothing came."""
        lost = None if seeing else self._shown(self._reason) or EYE_STARTING
        return Sight(frame_seq=-1, captured_ms=round(now_s * 1000), moving=False, lost=lost)

    def _wall_is(self, wall: Walled) -> None:
        """Keep which walls stand, and log it when that has changed."""
        if wall != self.wall and self._lines.may():
            whole = wall.seccomp and wall.landlock
            seccomp, landlock = "yes" if wall.seccomp else "absent", wall.landlock or "absent"
            log.log(
                logging.INFO if whole else logging.WARNING, "event=eye-wall seccomp=%s landlock=%s", seccomp, landlock
            )
        self.wall = wall

    def _view_is(self, view: CameraView) -> None:
        """Keep what the camera shows; log and report it when that has changed."""
        if view != self.view:
            if self._lines.may():
                log_view(view)
            self._reports.view(view)
        self.view = view

    def _engines_are(self, engines: tuple[str, ...]) -> None:
        """Report which engines run and which are left out, when that has changed."""
        self.engines = engines
        left_out = tuple(sorted(set(self._breaker.left_out(self._clock.monotonic_s())) - set(engines)))
        if (engines, left_out) != self._told_engines:
            if self._lines.may():
                log.info("event=eye-opened engines=%s", ",".join(engines))
            self._told_engines = engines, left_out
            self._reports.engines(engines, left_out)

    def _blamed(self, eye: EyeConnection, reason: str) -> str:
        """Return the reason with the name of the engine that was running in an eye that has ended.

        What eyes told of this failure says more than that one of them ended, or fell silent while it closed its camera.
        """
        engine = eye.running()
        if not engine:
            return self._told_reason if self._told_reason and reason.startswith(_VAGUE) else reason
        self._reports.crashed(engine)
        if self._breaker.crashed(engine, self._clock.monotonic_s(), eye.engines) and self._lines.may():
            log.warning("event=engine-left-out engine=%s for_s=%d reason=crashed-twice", engine, LEFT_OUT_S)
        return say("{reason} while {engine} was running", reason=reason, engine=engine)

    def _sees(self) -> None:
        """End a failure: a frame has come."""
        if self._reason and self._lines.may():
            lost_s = self._clock.monotonic_s() - self._lost_s
            log.info("event=eye-sees-again lost_s=%d replaced=%d", lost_s, self._replaced)
        self._reason, self._told_reason, self._replaced, self.covered = "", "", 0, False
        self._in_vain_s = self._clock.monotonic_s()

    def _lose(self, reason: str, *, covered: bool = False, reopens: bool = False) -> Sight:
        """Report a failure once, however long it lasts."""
        if not self._reason:
            self._lost_s = self._clock.monotonic_s()
            if self._lines.may():
                log.warning("event=eye-lost reason=%r", reason)
            self._reports.failed(reason)
            if covered or reopens:
                self._reports.step("covered" if covered else "reopened")
        self._reason, self.covered = reason, covered
        if covered:
            self._in_vain_s = self._clock.monotonic_s()  # it does see; no other process would see more
        return Sight(frame_seq=-1, captured_ms=self._clock.monotonic_ms(), lost=self._shown(reason))

    def _shown(self, reason: str) -> str:
        """Return the reason, with the eyes that have not ended: one of them may hold the camera."""
        left = self._starts.told()
        return say("{reason}; {left}", reason=reason, left=left) if reason and left else reason
