"""The eye's process and its pipe, as the gate holds them."""

from __future__ import annotations

import sys

from device.eye.messages import Message
from device.eye.process import Child
from tests.support.fake_server import PATIENCE_S

ONE_SIGHT = """
import os, sys
from device.eye.messages import encode
from device.model import Sight
os.write(int(sys.argv[1]), encode(Sight(1, 1)))
os.read(os.pipe()[0], 1)
"""


class DefectiveChild(Child):
    """Meets a defect in whatever the eye says."""

    def _put(self, message: Message) -> None:
        raise ZeroDivisionError("051090001234")


def test_a_defect_in_reading_the_eye_costs_the_eye_and_is_told_without_its_text() -> None:
    with DefectiveChild((sys.executable, "-c", ONE_SIGHT), "", "") as child:
        assert child.news.wait(PATIENCE_S)
        assert child.take() == (None, "the eye cannot be read (ZeroDivisionError)")
