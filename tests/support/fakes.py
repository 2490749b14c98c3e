"""Fakes that implement the project's own Protocols; no patching anywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable

from device.clock import ClockReading, ClockState
from device.model import Status

BOOT_ID = "0123456789abcdef0123456789abcdef"


class FakeClock:
    """A clock that moves only when told to, or when somebody waits on it.

    ``wait`` never blocks: it lets the time pass and returns whether the event is set.
    """

    def __init__(self, *, wall_ms: int = 1_767_225_600_000, monotonic_ms: int = 1_000_000) -> None:
        """Start at 2026-01-01T00:00:00Z unless told otherwise, in a boot 1,000 s old."""
        self.wall_ms = wall_ms
        self.since_boot_ms = monotonic_ms
        self.boot_id = BOOT_ID
        self.state = ClockState.SYNCHRONISED
        self.waits: list[float] = []

    def advance(self, ms: int) -> None:
        """Let *ms* milliseconds pass."""
        self.wall_ms += ms
        self.since_boot_ms += ms

    def reading(self) -> ClockReading:
        return ClockReading(self.boot_id, self.since_boot_ms, self.wall_ms, self.state)

    def monotonic_s(self) -> float:
        return self.since_boot_ms / 1000

    def monotonic_ms(self) -> int:
        return self.since_boot_ms

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if until.is_set():
            return True
        self.waits.append(timeout_s)
        self.advance(round(timeout_s * 1000))
        return until.is_set()


class HeldClock(FakeClock):
    """A fake clock for parts with a thread of their own: a wait blocks until its event is set."""

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        return until.wait(60)


class BelievingMark:
    """A mark that takes the clock's word for everything."""

    def judged(self, at: ClockReading) -> ClockReading:
        return at


class FakeNotifier:
    """Hears what the service tells systemd."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def ready(self) -> None:
        self.said.append("ready")

    def alive(self) -> None:
        self.said.append("alive")

    def status(self, text: str) -> None:
        self.said.append(f"status {text}")

    def stopping(self) -> None:
        self.said.append("stopping")


class ScriptedStatus:
    """A centre that answers every question alike, and notes it."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self.asked: list[tuple[tuple[str, ...], int]] = []
        self.error: Exception | None = None
        self.while_asked: Callable[[], object] = lambda: None

    def ask(self, keys: tuple[str, ...], deadline_ms: int) -> Status:
        self.asked.append((keys, deadline_ms))
        self.while_asked()
        if self.error is not None:
            raise self.error
        return self.status
