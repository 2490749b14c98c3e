"""The gate's side of one eye: sends it its settings, reads what it tells, and gives it up without waiting for it."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress
from typing import Final, Self

from device.errors import EyeNonsense
from device.eye.engine_marker import new_marker, read_marker
from device.eye.lifeline import new_lifeline
from device.eye.messages import Message, MessageReader
from device.eye.process import EYE_LOG, EyeProcess
from device.model import Sight
from device.words import say

_LOOK_UP_S = 1.0
"""How often a reader to which nothing is said looks whether its eye was given up."""
BREATH_S: Final = 0.005
BREATH_MESSAGES: Final = 64
BREATH_BYTES: Final = 64 * 1024
"""After so much the reader rests: for an eye that sees that is once a second, and one that floods gets no processor."""


class EyeConnection:
    """One eye and the thread that reads what it tells; a context manager that gives both up at its end.

    That thread is not waited for: it ends by itself within a second, or with the connection.

    Args:
        process: the eye, just started.
        settings: a line for it (`device.eye.settings`).
        left_out: which engines it must not run, another line.

    Attributes:
        process: the same.
        engines: what it said it runs; empty until its camera has opened.
        news: set when `take` has something to give.
    """

    def __init__(self, process: EyeProcess, settings: str, left_out: str) -> None:
        self.process = process
        self._told = f"{settings}\n{left_out}\n".encode()
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=64)
        self._gone = ""
        self._spoken = self._closed = False
        self._given_up = threading.Event()
        self.engines: tuple[str, ...] = ()
        self.news = threading.Event()

    def __enter__(self) -> Self:
        self._marker_fd = new_marker()
        eyes_end, self._lifeline_fd = new_lifeline()
        connection = self.process.connection
        connection.settimeout(_LOOK_UP_S)
        with suppress(OSError):  # it ended at once; the reader tells
            socket.send_fds(connection, [self._told], [self._marker_fd, eyes_end])
        os.close(eyes_end)
        threading.Thread(target=self._read, args=(connection.dup(),), name="eye-reader", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._given_up.set()
        os.close(self._lifeline_fd)
        self.process.kill()

    def ended(self, within_s: float = 0.0) -> bool:
        """Return whether an eye that was given up is gone, waiting for that no longer than *within_s*."""
        if not self._closed and self.process.ended(within_s):
            self._closed = True
            with suppress(OSError):  # a process that it left behind may hold the other end
                self.process.connection.shutdown(socket.SHUT_RDWR)
            self.process.connection.close()
            os.close(self._marker_fd)
        return self._closed

    def running(self) -> str:
        """Return the engine it was in when it stopped telling anything, or ``""``."""
        return read_marker(self._marker_fd)

    def take(self) -> tuple[Message | None, str]:
        """Return the next message that still matters, and why there will be no more (or ``""``)."""
        with self._lock:
            self.news.clear()
            message = self._messages.popleft() if self._messages else None
            if self._messages or (message is not None and self._gone):
                self.news.set()  # come again for the rest
            return message, self._gone

    def _read(self, connection: socket.socket) -> None:
        try:
            gone = self._read_all(connection)
        except EyeNonsense as error:
            gone = say("the eye sent {what}", what=error)
        except Exception as error:  # noqa: BLE001 - a defect that the eye may have been made to reach: it costs the eye
            gone = say("the eye cannot be read ({name})", name=type(error).__name__)
        finally:
            connection.close()
        with self._lock:
            self._gone = gone
            self.news.set()

    def _read_all(self, connection: socket.socket) -> str:
        """Read until it ends or is given up; return how it ended."""
        reader, messages, taken_bytes = MessageReader(), 0, 0
        while not self._given_up.is_set():
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:  # it ended before it had read what it was told
                break
            if not chunk:
                break
            taken_bytes += len(chunk)
            for message in reader.feed(chunk):
                self._put(message)
                messages += 1
                if messages >= BREATH_MESSAGES or taken_bytes >= BREATH_BYTES:
                    messages = taken_bytes = 0
                    self._given_up.wait(BREATH_S)
        if self._spoken:
            return say("the eye ended")
        if self.process.pid:
            return say("the eye ended before it said anything")
        return say("the eye ended before it said anything; see: {log}", log=EYE_LOG)

    def _put(self, message: Message) -> None:
        """Of sights only the newest counts; a word about the camera is never lost to the sight behind it."""
        with self._lock:
            self._spoken = True
            if self._messages and isinstance(message, Sight) and isinstance(self._messages[-1], Sight):
                self._messages.pop()
            self._messages.append(message)
            self.news.set()
