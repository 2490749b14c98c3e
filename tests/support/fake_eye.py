"""Eyes without a process: they say what a test lets them say, and end when it wants."""

from __future__ import annotations

import socket

from device.errors import EyeNotStarted


class FakeEye:
    """Implements `device.eye.process.EyeProcess`.

    Args:
        ends: whether it ends when it is killed.

    Attributes:
        connection: the gate's end.
        own: its own end.
        killed: how often that was tried.
        waited_s: for how long its end was waited for, in all.
    """

    def __init__(self, pid: int, *, ends: bool = False) -> None:
        self.pid = pid
        self.ends = ends
        self.killed = 0
        self.waited_s = 0.0
        self.connection, self.own = socket.socketpair()

    def kill(self) -> None:
        self.killed += 1

    def ended(self, within_s: float = 0.0) -> bool:
        over = bool(self.killed) and self.ends
        self.waited_s += 0.0 if over else within_s
        if over:
            self.own.close()
        return over


class FakeStarts:
    """Starts fake eyes, as `device.eye.process.StartEye`, and keeps them.

    Args:
        ends: whether they end when they are killed.
        fails: why none can be started; empty: they can.
    """

    def __init__(self, *, ends: bool = False, fails: str = "") -> None:
        self.ends = ends
        self.fails = fails
        self.eyes: list[FakeEye] = []
        self.tried = 0

    def __call__(self) -> FakeEye:
        self.tried += 1
        if self.fails:
            raise EyeNotStarted(self.fails)
        self.eyes.append(FakeEye(4000 + self.tried, ends=self.ends))
        return self.eyes[-1]
