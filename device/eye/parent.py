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
from device.eye.messages import Ended, Lost, Message, MessageReader, Opened
from device.model import EYE_STARTING, Sight

log = logging.getLogger("gate.eye")

_TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class EyeLimits:
    """How long the eye may be silent before it is killed and started again.

    Attributes:
        silent_s: between two messages once it has opened the camera.
        start_s: from its start to its first message; imports and the sensor take seconds on a Pi.
    """

    silent_s: float = 3.0
    start_s: float = 15.0


class ChildEye:
    """Implements `device.ports.Eye` with a child process.

    A reader thread keeps only the newest sight, so that a slow answer never works through stale
    frames. Everything else runs on the thread that iterates `sights`.

    Args:
        command: how to start the child; the pipe's number and our process id are appended.
        settings: one line for its standard input.
        clock: paces the deadlines.
        limits: the deadlines.
        on_episode: told once for each failure, with its reason (for the health figures).
    """

    def __init__(
        self,
        settings: str,
        clock: Clock,
        limits: EyeLimits,
        *,
        command: tuple[str, ...] = (sys.executable, "-m", "device.eye.child"),
        on_episode: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        self._command = command
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._on_episode = on_episode
        self._reason = ""
        self.engines: tuple[str, ...] = ()
        """The decoder engines in use; empty before the camera has opened."""
        self.pid: int | None = None
        """The child's process id, while it runs."""

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        """Yield sights until *stop* is set or a replay ends; at least one a second, lost or not."""
        while not stop.is_set():
            with _Child(self._command, self._settings) as child:
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
        opened = False
        heard_s = self._clock.monotonic_s()
        while not stop.is_set():
            self._clock.wait(child.news, _TICK_S)
            message, gone = child.take()
            now_s = self._clock.monotonic_s()
            if message is not None:
                heard_s = now_s
            match message:
                case Sight():
                    self._reason = ""
                    yield message
                case Opened(engines):
                    opened, self.engines = True, engines
                    log.info("eye opened engines=%s", ",".join(engines))
                case Lost(reason):
                    opened = False
                    yield self._lost(reason)
                case Ended():
                    yield Sight(frame_seq=-1, captured_ms=round(now_s * 1000), ended=True)
                    return
                case None if gone:
                    yield self._lost(gone)
                    self._clock.wait(stop, _TICK_S)  # a child that dies at once must not spin
                    return
                case None:
                    limit_s = self._limits.silent_s if opened else self._limits.start_s
                    if now_s - heard_s > limit_s:
                        yield self._lost(f"the eye was silent for {limit_s:g} s")
                        return
                    yield Sight(
                        frame_seq=-1,
                        captured_ms=round(now_s * 1000),
                        moving=False,
                        lost=None if opened else self._reason or EYE_STARTING,
                    )

    def _lost(self, reason: str) -> Sight:
        """Report a failure once, however long it lasts."""
        if not self._reason:
            self._on_episode(reason)
            log.warning("eye lost reason=%s", reason)
        self._reason = reason
        return Sight(frame_seq=-1, captured_ms=round(self._clock.monotonic_s() * 1000), lost=reason)


class _Child:
    """One child process and the thread that reads its pipe; a context manager that always ends both."""

    def __init__(self, command: tuple[str, ...], settings: str) -> None:
        self._command = command
        self._settings = settings
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=64)
        self._gone = ""
        self.news = threading.Event()

    def __enter__(self) -> Self:
        read_end, write_end = os.pipe()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [*self._command, str(write_end), str(os.getpid())], stdin=subprocess.PIPE, pass_fds=(write_end,)
            )
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
