"""A gate's key, stolen, does not read out who is ill."""

from __future__ import annotations

from device.hub.api.rate_limit import MOST_A_MINUTE, RateLimit
from tests.support.fakes import FakeClock


def test_each_gate_has_its_own_minute_and_a_refused_question_does_not_lengthen_it() -> None:
    clock = FakeClock()
    limit = RateLimit(clock)
    assert [limit.wait_s("gate-1") for _ in range(MOST_A_MINUTE)] == [0] * MOST_A_MINUTE
    clock.advance(20_000)
    assert (limit.wait_s("gate-1"), limit.wait_s("gate-2")) == (40, 0)
    clock.advance(39_900)
    assert limit.wait_s("gate-1") == 1
    clock.advance(100)
    assert limit.wait_s("gate-1") == 0


def test_who_has_not_asked_for_a_minute_is_forgotten() -> None:
    clock = FakeClock()
    limit = RateLimit(clock)
    for number in range(100):
        limit.wait_s(f"gate-{number}")
    clock.advance(30_000)
    limit.wait_s("gate-7")
    clock.advance(30_000)
    limit.wait_s("gate-200")
    assert len(limit) == 2
