"""How many codes an eye may bring up anew."""

from __future__ import annotations

import pytest

from device.eye.new_codes import A_SECOND, AT_ONCE, SAME_FOR_S, NewCodes
from device.model import Sight, Symbol

CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


def sight(*payloads: bytes) -> Sight:
    return Sight(1, 1, tuple(Symbol(payload, CORNERS, "zxing") for payload in payloads))


def test_an_eye_that_invents_codes_is_believed_a_few_a_second(caplog: pytest.LogCaptureFixture) -> None:
    codes, admitted = NewCodes(0.0), 0
    for frame in range(6_000):  # a hundred frames a second, for a minute
        invented = [b"%d-%d" % (frame, number) for number in range(8)]
        admitted += len(codes.admit(sight(*invented), frame / 100).symbols)
    assert AT_ONCE <= admitted <= AT_ONCE + 60 * A_SECOND
    assert caplog.messages == ["event=codes-left-out reason=more-new-ones-than-visitors"]


def test_a_crowd_that_shows_two_codes_a_second_for_an_hour_is_seen_whole() -> None:
    codes = NewCodes(0.0)
    for frame in range(15 * 3600):
        held_up = sight(b"%d" % (frame // 7))
        assert codes.admit(held_up, frame / 15) is held_up


def test_a_code_beyond_the_bound_is_seen_in_a_later_frame_and_those_in_view_stay() -> None:
    codes = NewCodes(0.0)
    held = sight(b"held up")
    assert codes.admit(held, 0.0) is held
    for number in range(AT_ONCE):
        codes.admit(sight(b"%d" % number), 0.0)
    assert codes.admit(sight(b"held up", b"late"), 0.1).symbols == held.symbols
    both = sight(b"held up", b"late")
    assert codes.admit(both, 0.5) is both


def test_a_code_that_comes_back_soon_is_not_a_new_one_and_later_it_is() -> None:
    codes = NewCodes(0.0)
    for number in range(AT_ONCE):
        codes.admit(sight(b"%d" % number), 0.0)
    last = sight(b"%d" % (AT_ONCE - 1))
    assert codes.admit(last, 0.1) is last
    for number in range(round((SAME_FOR_S + 1) * A_SECOND)):
        codes.admit(sight(b"other %d" % number), 0.1 + number / A_SECOND)
    assert codes.admit(last, 0.1 + SAME_FOR_S).symbols == ()


def test_a_sight_without_a_code_passes_as_it_is() -> None:
    empty = sight()
    assert NewCodes(0.0).admit(empty, 1.0) is empty
