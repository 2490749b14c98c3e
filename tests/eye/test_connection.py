"""The eye's process and its connection, as the gate holds them."""

from __future__ import annotations

import sys

from device.eye.connection import EyeConnection
from device.eye.messages import Message
from device.eye.process import start_child
from tests.support.fake_server import PATIENCE_S

ONE_SIGHT = """
import os
from device.eye.messages import encode
from device.model import Sight
os.write(0, encode(Sight(1, 1)))
os.read(os.pipe()[0], 1)
"""


class DefectiveConnection(EyeConnection):
    """Meets a defect in whatever the eye says."""

    def _put(self, message: Message) -> None:
        raise ZeroDivisionError("051090001234")


def test_a_defect_in_reading_the_eye_costs_the_eye_and_is_told_without_its_text() -> None:
    with DefectiveConnection(start_child((sys.executable, "-c", ONE_SIGHT)), "", "") as eye:
        assert eye.news.wait(PATIENCE_S)
        assert eye.take() == (None, "the eye cannot be read (ZeroDivisionError)")
    assert eye.ended(PATIENCE_S)
