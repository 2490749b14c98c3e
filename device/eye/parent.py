"""The gate's side of the eye: starts the child, reads its sights, kills and restarts it when it fails."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from device.clock import Clock
from device.errors import EyeNonsense
from device.eye.crashes import LEFT_OUT_S, Crashes
from device.eye.mark import new_mark, read_mark
from device.eye.messages import Ended, Lost, Message, MessageReader, Opened, left_out_to_text
from device.model import EYE_STARTING, Sight

log = logging.getLogger("gate.eye")

_TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class EyeLimits:
    """How long the eye may be silent before it is killed and started again.

    Attributes:
        silent_s: between two messages once it sees.
        start_s: from its start, or from opening the camera, to the first frame; imports and the sensor take
            seconds on a Pi.
    """

    silent_s: float = 3.0
    start_s: float = 15.0


def _nobody(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class EyeReports:
    """Who is told what happens to the eye; called on the scan thread.

    Attributes:
        episode: once for each failure, with its reason.
        crash: each time the child died, or fell silent, inside an engine, with its name.
        engines: when it changes which engines run and which are left out because they crashed.
    """

    episode: Callable[[str], None] = _nobody
    crash: Callable[[str], None] = _nobody
    engines: Callable[[tuple[str, ...], tuple[str, ...]], None] = _nobody


class ChildEye:
    """Implements `device.ports.Eye` with a child process.

    A reader thread keeps only the newest sight, so that a slow answer never works through stale
    frames. Everything else runs on the thread that iterates `sights`.

    Args:
        command: how to start the child; its arguments (`device.eye.messages`) are appended.
        settings: one line for its standard input.
        clock: paces the deadlines.
        limits: the deadlines.
        reports: who is told what happens to it.

    An engine that takes the child with it twice within a minute is left out for ten minutes, unless it
    is the last one; see `device.eye.crashes`.
    """

    def __init__(
        self,
        settings: str,
        clock: Clock,
        limits: EyeLimits,
        *,
        command: tuple[str, ...] = (sys.executable, "-P", "-m", "device.eye.child"),
        reports: EyeReports = EyeReports(),
    ) -> None:
        self._command = command
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._reports = reports
        self._crashes = Crashes()
        self._told_engines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._reason = ""
        self.engines: tuple[str, ...] = ()
        """The decoder engines in use; empty before the camera has opened."""
        self.pid: int | None = None
        """The child's process id, while it runs."""

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """Yield sights until *stop* is set or a replay ends; at least one a second, lost or not."""
        while not stop.is_set():
            left_out_s = self._crashes.left_out(self._clock.monotonic_s())
            with _Child(self._command, self._settings, left_out_to_text(left_out_s)) as child:
                self.pid = child.process.pid
                ended = False
                for sight in self._listen(child, stop):
                    ended = sight.ended
                    yield sight
                self.pid = None
            if ended:
                return

    def _listen(self, child: _Child, stop: threading.Event) -> Iterator[Sight]:
        """Yield the sights of one child until it must be replaced."""
        seeing = False  # a frame has come since the camera was last lost
        heard_s = self._clock.monotonic_s()
        while not stop.is_set():
            self._clock.wait(child.news, _TICK_S)
            message, gone = child.take()
            now_s = self._clock.monotonic_s()
            if message is not None:
                heard_s = now_s
            match message:
                case Sight():
                    seeing, self._reason = True, ""
                    yield message
                case Opened(engines):
                    child.engines = engines
                    self._engines_are(engines)
                    log.info("eye opened engines=%s", ",".join(engines))
                case Lost(reason):
                    seeing = False
                    yield self._lost(reason)
                case Ended():
                    yield Sight(frame_seq=-1, captured_ms=round(now_s * 1000), ended=True)
                    return
                case None if gone:
                    yield self._lost(self._blamed(child, gone))
                    self._clock.wait(stop, _TICK_S)  # a child that dies at once must not spin
                    return
                case None:
                    limit_s = self._limits.silent_s if seeing else self._limits.start_s
                    if now_s - heard_s > limit_s:
                        yield self._lost(self._blamed(child, f"the eye was silent for {limit_s:g} s"))
                        return
                    yield Sight(
                        frame_seq=-1,
                        captured_ms=round(now_s * 1000),
                        moving=False,
                        lost=None if seeing else self._reason or EYE_STARTING,
                    )

    def _engines_are(self, engines: tuple[str, ...]) -> None:
        """Pass on who reads and who is left out, when that has changed."""
        self.engines = engines
        left_out = tuple(sorted(set(self._crashes.left_out(self._clock.monotonic_s())) - set(engines)))
        if (engines, left_out) != self._told_engines:
            self._told_engines = engines, left_out
            self._reports.engines(engines, left_out)

    def _blamed(self, child: _Child, reason: str) -> str:
        """Find out which engine was running in a child that is done for; return the reason with its name."""
        engine = child.running()
        if not engine:
            return reason
        self._reports.crash(engine)
        if self._crashes.add(engine, self._clock.monotonic_s(), child.engines):
            log.warning("engine left out name=%s for_s=%d reason=it crashed the eye twice", engine, LEFT_OUT_S)
        return f"{reason} while {engine} was running"

    def _lost(self, reason: str) -> Sight:
        """Report a failure once, however long it lasts."""
        if not self._reason:
            self._reports.episode(reason)
            log.warning("eye lost reason=%s", reason)
        self._reason = reason
        return Sight(frame_seq=-1, captured_ms=round(self._clock.monotonic_s() * 1000), lost=reason)


class _Child:
    """One child process and the thread that reads its pipe; a context manager that always ends both."""

    def __init__(self, command: tuple[str, ...], settings: str, left_out: str) -> None:
        self._command = command
        self._settings = settings
        self._left_out = left_out
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=64)
        self._gone = ""
        self.engines: tuple[str, ...] = ()
        """What it said it runs; empty until then."""
        self.news = threading.Event()

    def __enter__(self) -> Self:
        self._mark_fd = new_mark()
        read_end, write_end = os.pipe()
        arguments = (str(write_end), str(os.getpid()), str(self._mark_fd), self._left_out)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [*self._command, *arguments], stdin=subprocess.PIPE, pass_fds=(write_end, self._mark_fd)
            )
        except OSError:
            os.close(read_end)
            os.close(self._mark_fd)
            raise
        finally:
            os.close(write_end)
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once; the reader tells
            self.process.stdin.write(self._settings.encode() + b"\n")
            self.process.stdin.close()
        self._reader = threading.Thread(target=self._read, args=(read_end,), name="eye-reader", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=2)
        os.close(self._mark_fd)

    def running(self) -> str:
        """Return the engine it was in when it stopped telling anything, or ``""``."""
        return read_mark(self._mark_fd)

    def take(self) -> tuple[Message | None, str]:
        """Return the next message that still matters, and why there will be no more (or ``""``)."""
        with self._lock:
            self.news.clear()
            message = self._messages.popleft() if self._messages else None
            if self._messages or (message is not None and self._gone):
                self.news.set()  # come again for the rest
            return message, self._gone

    def _read(self, read_end: int) -> None:
        reader = MessageReader()
        gone = "the eye ended"
        try:
            while chunk := os.read(read_end, 65536):
                for message in reader.feed(chunk):
                    self._put(message)
        except EyeNonsense as error:
            gone = f"the eye sent {error}"
        finally:
            os.close(read_end)
        with self._lock:
            self._gone = gone
            self.news.set()

    def _put(self, message: Message) -> None:
        """Of sights only the newest counts; a word about the camera is never lost to the sight behind it."""
        with self._lock:
            if self._messages and isinstance(message, Sight) and isinstance(self._messages[-1], Sight):
                self._messages.pop()
            self._messages.append(message)
            self.news.set()
