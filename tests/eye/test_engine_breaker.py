"""Two crashes within a minute, and an engine is left out for ten; never the last one."""

from __future__ import annotations

from device.eye.engine_breaker import LEFT_OUT_S, MOST_LEFT_OUT, WITHIN_S, EngineBreaker

BOTH = ("zxing", "zbar")


def test_one_crash_is_forgiven() -> None:
    breaker = EngineBreaker()
    assert not breaker.crashed("zbar", 100, BOTH)
    assert breaker.left_out(100) == {}


def test_two_crashes_within_a_minute_leave_the_engine_out_for_ten() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, BOTH)
    assert breaker.crashed("zbar", 100 + WITHIN_S, BOTH)
    assert breaker.left_out(100 + WITHIN_S) == {"zbar": LEFT_OUT_S}
    assert breaker.left_out(100 + WITHIN_S + LEFT_OUT_S - 1) == {"zbar": 1}
    assert breaker.left_out(100 + WITHIN_S + LEFT_OUT_S) == {}


def test_two_crashes_more_than_a_minute_apart_are_two_bad_pictures() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, BOTH)
    assert not breaker.crashed("zbar", 101 + WITHIN_S, BOTH)
    assert breaker.crashed("zbar", 102 + WITHIN_S, BOTH)


def test_crashes_of_two_engines_are_not_added_up() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, BOTH)
    assert not breaker.crashed("zxing", 101, BOTH)


def test_the_last_engine_is_never_left_out() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, BOTH)
    breaker.crashed("zbar", 101, BOTH)
    for second in range(102, 110):
        assert not breaker.crashed("zxing", second, ("zxing",))
    assert list(breaker.left_out(110)) == ["zbar"]


def test_of_two_engines_that_kill_a_child_before_it_can_speak_one_stays() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, ())
    assert breaker.crashed("zbar", 101, ())
    breaker.crashed("zxing", 102, ())
    assert not breaker.crashed("zxing", 103, ())


def test_after_its_time_it_has_two_crashes_again() -> None:
    breaker = EngineBreaker()
    breaker.crashed("zbar", 100, BOTH)
    breaker.crashed("zbar", 101, BOTH)
    back = 101 + LEFT_OUT_S
    assert not breaker.crashed("zbar", back, BOTH)
    assert breaker.crashed("zbar", back + 1, BOTH)


def test_an_eye_that_lies_about_who_crashed_fills_nothing() -> None:
    breaker = EngineBreaker()
    for number in range(1000):
        breaker.crashed(f"x{number}", 100 + number, BOTH)
    assert len(breaker._last_s) <= WITHIN_S + 1


def test_an_eye_that_invents_engines_leaves_out_a_few_at_most() -> None:
    breaker = EngineBreaker()
    for second in range(1000):
        breaker.crashed(f"invented-{second // 2}", second, ("zxing", "zbar"))
    assert len(breaker.left_out(1000)) == MOST_LEFT_OUT
