"""How many lines an eye may bring about."""

from __future__ import annotations

import pytest

from device.eye.line_allowance import AT_ONCE, EVERY_S, LineAllowance
from tests.support.fakes import FakeClock


def test_so_many_lines_at_once_and_then_one_from_time_to_time(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    lines = LineAllowance(clock)
    assert [lines.may() for _ in range(AT_ONCE + 3)] == [True] * AT_ONCE + [False] * 3
    clock.advance(round(EVERY_S * 1000))
    assert [lines.may(), lines.may()] == [True, False]
    assert caplog.messages == ["event=eye-lines-left-out count=3"]


def test_after_a_quiet_hour_it_is_whole_again_and_not_more() -> None:
    clock = FakeClock()
    lines = LineAllowance(clock)
    clock.advance(3_600_000)
    assert sum(lines.may() for _ in range(AT_ONCE * 2)) == AT_ONCE
