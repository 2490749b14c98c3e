"""What a worker tells its supervisor every other second, as a line of JSON on a pipe; and reading such lines."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any, Final

from prometheus_client import CollectorRegistry

from device.clock import Clock
from device.hub.metrics.merging import line_of, told
from device.hub.metrics.standing import Standing

EVERY_S: Final = 2.0
_PIECE: Final = 64 * 1024
_MOST_BYTES: Final = 1024 * 1024


class Reporter:
    """Work of a worker's thread.

    Args:
        descriptor: of the pipe, to write to.
        registry: what is counted.
        standing: how the process stands.
        orphaned: called when nobody reads any more; the worker is to end.
        clock: for the pauses.
    """

    def __init__(
        self,
        descriptor: int,
        registry: CollectorRegistry,
        standing: Standing,
        orphaned: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._descriptor = descriptor
        self._registry = registry
        self._standing = standing
        self._orphaned = orphaned
        self._clock = clock
        self._closed = threading.Event()

    def run(self) -> None:
        """Tell, at once and then every other second, until closed or nobody reads."""
        while not self._closed.is_set():
            report = {"reason": self._standing.reason(), "families": told(self._registry)}
            line = line_of(report | {"alive": self._standing.is_alive})
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except BrokenPipeError:
                self._orphaned()
                return
            self._clock.wait(self._closed, EVERY_S)

    def close(self) -> None:
        """Let `run` end; any thread."""
        self._closed.set()


class Reports:
    """The reading end of a pipe: lines as they come, whole ones only.

    Args:
        descriptor: of the pipe, to read from.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._received = b""

    def read(self) -> dict[str, Any] | None:
        """Read what has come; return the last whole report of it, ``None`` when there is none."""
        self._received += os.read(self.descriptor, _PIECE)
        *whole, self._received = self._received.split(b"\n")
        if len(self._received) > _MOST_BYTES:  # none of ours
            self._received = b""
        if not whole:
            return None
        found: dict[str, Any] = json.loads(whole[-1])
        return found
