"""One eye process and its pipe, as a context manager: started, read, always killed and reaped."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections import deque
from typing import Self

from device.errors import EyeNonsense
from device.eye.engine_marker import new_marker, read_marker
from device.eye.messages import Message, MessageReader
from device.model import Sight


class Child:
    """One child process and the thread that reads its pipe; a context manager that always ends both.

    Args:
        command: how to start it; its arguments (`device.eye.messages`) are appended.
        settings: one line for its standard input.
        left_out: which engines it must not run, as an argument.

    Attributes:
        engines: what it said it runs; empty until then.
        news: set when `take` has something to give.
    """

    def __init__(self, command: tuple[str, ...], settings: str, left_out: str) -> None:
        self._command = command
        self._settings = settings
        self._left_out = left_out
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=64)
        self._gone = ""
        self.engines: tuple[str, ...] = ()
        self.news = threading.Event()

    def __enter__(self) -> Self:
        self._marker_fd = new_marker()
        read_end, write_end = os.pipe()
        arguments = (str(write_end), str(os.getpid()), str(self._marker_fd), self._left_out)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [*self._command, *arguments], stdin=subprocess.PIPE, pass_fds=(write_end, self._marker_fd)
            )
        except OSError:
            os.close(read_end)
            os.close(self._marker_fd)
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
        os.close(self._marker_fd)

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

    def _read(self, read_end: int) -> None:
        reader = MessageReader()
        gone = "the eye ended"
        try:
            while chunk := os.read(read_end, 65536):
                for message in reader.feed(chunk):
                    self._put(message)
        except EyeNonsense as error:
            gone = f"the eye sent {error}"
        except Exception as error:  # noqa: BLE001 - a defect that the eye may have been made to reach: it costs the eye
            gone = f"the eye cannot be read ({type(error).__name__})"
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
