"""The eye's process and its connection, as the gate holds them."""

from __future__ import annotations

import sys
from contextlib import suppress

import pytest

from device.clock import SystemClock
from device.eye.connection import BREATH_BYTES, BREATH_MESSAGES, BREATH_S, EyeConnection
from device.eye.messages import Message, Walled, encode
from device.eye.process import start_child
from device.model import Sight, Symbol
from tests.support.fake_eye import FakeEye
from tests.support.fake_server import PATIENCE_S

CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))

ONE_SIGHT = """
import os
from device.eye.messages import encode
from device.model import Sight
os.write(0, encode(Sight(1, 1)))
os.read(os.pipe()[0], 1)
"""


class CountingConnection(EyeConnection):
    """Counts what it takes."""

    taken = 0

    def _put(self, message: Message) -> None:
        self.taken += 1
        super()._put(message)


@pytest.mark.parametrize(
    "message", [Walled(seccomp=True, landlock=7), Sight(1, 1, (Symbol(bytes(7000), CORNERS, "z"),) * 8)]
)
def test_an_eye_that_floods_the_gate_is_read_at_a_bounded_pace(message: Message) -> None:
    clock, eye, one = SystemClock(), FakeEye(4001, ends=True), encode(message)
    flood = memoryview(one * max(1, 65_536 // len(one)))
    began_s, rest = clock.monotonic_s(), flood
    with CountingConnection(eye, "", "") as connection:
        eye.own.settimeout(0.01)
        while clock.monotonic_s() < began_s + 0.3:
            with suppress(TimeoutError):
                rest = rest[eye.own.send(rest) :] or flood
        taken, rests = connection.taken, (clock.monotonic_s() - began_s) / BREATH_S + 1
    assert 0 < taken <= rests * BREATH_MESSAGES
    assert taken * len(one) <= rests * (BREATH_BYTES + 65_536 + len(one))
    assert connection.ended(PATIENCE_S)


class DefectiveConnection(EyeConnection):
    """Meets a defect in whatever the eye says."""

    def _put(self, message: Message) -> None:
        raise ZeroDivisionError("051090001234")


def test_a_defect_in_reading_the_eye_costs_the_eye_and_is_told_without_its_text() -> None:
    with DefectiveConnection(start_child((sys.executable, "-c", ONE_SIGHT)), "", "") as eye:
        assert eye.news.wait(PATIENCE_S)
        assert eye.take() == (None, "the eye cannot be read (ZeroDivisionError)")
    assert eye.ended(PATIENCE_S)
