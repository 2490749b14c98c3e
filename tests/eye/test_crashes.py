"""Two crashes within a minute, and an engine is left out for ten; never the last one."""

from __future__ import annotations

from device.eye.crashes import LEFT_OUT_S, WITHIN_S, Crashes

BOTH = ("zxing", "zbar")


def test_one_crash_is_forgiven() -> None:
    crashes = Crashes()
    assert not crashes.add("zbar", 100, BOTH)
    assert crashes.left_out(100) == {}


def test_two_crashes_within_a_minute_leave_the_engine_out_for_ten() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, BOTH)
    assert crashes.add("zbar", 100 + WITHIN_S, BOTH)
    assert crashes.left_out(100 + WITHIN_S) == {"zbar": LEFT_OUT_S}
    assert crashes.left_out(100 + WITHIN_S + LEFT_OUT_S - 1) == {"zbar": 1}
    assert crashes.left_out(100 + WITHIN_S + LEFT_OUT_S) == {}


def test_two_crashes_more_than_a_minute_apart_are_two_bad_pictures() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, BOTH)
    assert not crashes.add("zbar", 101 + WITHIN_S, BOTH)
    assert crashes.add("zbar", 102 + WITHIN_S, BOTH)


def test_crashes_of_two_engines_are_not_added_up() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, BOTH)
    assert not crashes.add("zxing", 101, BOTH)


def test_the_last_engine_is_never_left_out() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, BOTH)
    crashes.add("zbar", 101, BOTH)
    for second in range(102, 110):
        assert not crashes.add("zxing", second, ("zxing",))
    assert list(crashes.left_out(110)) == ["zbar"]


def test_of_two_engines_that_kill_a_child_before_it_can_speak_one_stays() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, ())
    assert crashes.add("zbar", 101, ())
    crashes.add("zxing", 102, ())
    assert not crashes.add("zxing", 103, ())


def test_after_its_time_it_has_two_crashes_again() -> None:
    crashes = Crashes()
    crashes.add("zbar", 100, BOTH)
    crashes.add("zbar", 101, BOTH)
    back = 101 + LEFT_OUT_S
    assert not crashes.add("zbar", back, BOTH)
    assert crashes.add("zbar", back + 1, BOTH)


def test_an_eye_that_lies_about_who_crashed_fills_nothing() -> None:
    crashes = Crashes()
    for number in range(1000):
        crashes.add(f"x{number}", 100 + number, BOTH)
    assert len(crashes._last_s) <= WITHIN_S + 1
