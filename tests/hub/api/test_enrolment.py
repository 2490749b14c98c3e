"""The pace of enrolment; what is answered is tried in `tests/story/test_enrolment.py`."""

from __future__ import annotations

import pytest
from fastapi import HTTPException

from device.hub.api.enrolment import MOST_OF_AN_ADDRESS, MOST_WRONG, Pace
from tests.support.fakes import FakeClock


def test_whoever_has_many_addresses_keeps_nobody_else_out() -> None:
    pace = Pace(FakeClock())
    for number in range(100):
        for _ in range(MOST_OF_AN_ADDRESS):
            pace.check(f"192.0.2.{number}")
            pace.note_wrong(f"192.0.2.{number}", "GATE")
    pace.check("198.51.100.1")
    pace.check_proof("198.51.100.1", "GATE")


def test_who_was_wrong_too_often_about_one_code_waits_and_may_try_another() -> None:
    pace = Pace(FakeClock())
    for _ in range(MOST_WRONG):
        pace.check_proof("192.0.2.1", "GATE")
        pace.note_wrong("192.0.2.1", "GATE")
    with pytest.raises(HTTPException, match="429"):
        pace.check_proof("192.0.2.1", "GATE")
    pace.check_proof("192.0.2.1", "DOOR")
