"""One deadline for all that is done with a server: look-up, connection, TLS, every byte it sends.

Sockets limit how long the next byte may take, so a server that drips would hold its visitor for ever. So it is visited
on a thread of its own, and at the deadline its connection is ended from outside, wherever it is. A look-up of a name
cannot be ended; it is left behind to run out, and while `_MOST_LEFT_BEHIND` of them hang nobody is visited.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from device.clock import Clock
from device.errors import AlertUntold

LATE: Final = "late"
"""The word for a server that did not answer in time."""
_MOST_LEFT_BEHIND: Final = 3
_LATER_S: Final = 1.0


class Visit:
    """The connection of one visit, which can be ended from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: socket.socket | None = None
        self._ended = False

    def connected(self, host: str, port: int, deadline_s: float) -> socket.socket:
        """Connect to a server.

        Args:
            host: its name or address.
            port: of it.
            deadline_s: of the whole visit; the connection, and a byte that does not come, end a moment after it.

        Raises `OSError`; also when the visit has ended meanwhile.
        """
        connection = socket.create_connection((host, port), timeout=deadline_s + _LATER_S)
        with self._lock:
            if self._ended:
                connection.close()
                raise TimeoutError
            self._ends = connection.dup()  # good also when TLS has taken the other one over
        return connection

    def end(self) -> None:
        """End it; any thread, any number of times."""
        with self._lock:
            self._ended = True
            if self._ends is not None:
                with suppress(OSError):
                    self._ends.shutdown(socket.SHUT_RDWR)
                self._ends.close()
                self._ends = None


class Visitor:
    """Visits servers, one at a time.

    Args:
        clock: for the deadline.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed = threading.Event()
        self._running: _VisitThread | None = None
        self._left_behind: list[_VisitThread] = []

    def visit(self, what: Callable[[Visit], None], deadline_s: float) -> None:
        """Do *what* on a thread of its own, and wait for it.

        Args:
            what: gets the visit, by which it connects.
            deadline_s: for all of it.

        Raises:
            AlertUntold: it did not end in time, or `close` was called.
            Exception: what *what* raised.
        """
        self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
        if len(self._left_behind) >= _MOST_LEFT_BEHIND or self._closed.is_set():
            raise AlertUntold(LATE)
        running = self._running = _VisitThread(what)
        running.start()
        if self._closed.is_set():
            running.done.set()
        in_time = self._clock.wait(running.done, deadline_s)
        running.visit.end()
        if not (in_time and running.ended):  # what it comes to now, it comes to because its line was cut
            self._left_behind.append(running)
            raise AlertUntold(LATE)
        if running.failure is not None:
            raise running.failure

    def close(self) -> None:
        """End a visit that goes on, and begin no other; any thread, any number of times."""
        self._closed.set()
        running = self._running
        if running is not None:
            running.done.set()


class _VisitThread(threading.Thread):
    """One visit; what it raises is raised again where it is waited for."""

    def __init__(self, what: Callable[[Visit], None]) -> None:
        super().__init__(name="alert-visit", daemon=True)
        self.visit = Visit()
        self.done = threading.Event()
        self.ended = False
        self.failure: Exception | None = None
        self._what = what

    def run(self) -> None:
        """Never raises."""
        try:
            self._what(self.visit)
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits for it
            self.failure = error
        self.ended = True
        self.visit.end()
        self.done.set()
