"""What crosses from the eye to the gate."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import EyeNonsense
from device.eye.messages import (
    LONGEST_PAYLOAD,
    MOST_SYMBOLS,
    Ended,
    EyeOpened,
    Lost,
    Message,
    MessageReader,
    decode,
    encode,
)
from device.model import CameraView, Sight, Symbol

CORNERS = ((10, 20), (110, 21), (109, 120), (9, -3))
SIGHT = Sight(
    frame_seq=7,
    captured_ms=123_456_789_012,
    symbols=(Symbol("Nguyễn|\x00".encode(), CORNERS, "zxing"), Symbol(b"", CORNERS, "zbar-2x")),
    broken=True,
    moving=False,
    decode_us=4321,
)
VIEW = CameraView("imx708_wide", (2304, 1296), 10, (1496, 842), 25, (999, 1000), 18_250)
MESSAGES: list[Message] = [
    SIGHT,
    EyeOpened(("zxing", "zbar")),
    Lost("dây cáp"),
    Ended(),
    Lost("băng dính", covered=True),
    VIEW,
    CameraView("", (0, 0), 0, (640, 480), 15),
]


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x9b31m", "\u202e", "\n<3>event=x", "\0", "\u2028"])
def test_a_reason_that_an_eye_gives_is_printable_from_here_on(hostile: str) -> None:
    (heard,) = MessageReader().feed(encode(Lost(f"dây cáp{hostile}!")))
    assert isinstance(heard, Lost)
    assert heard.reason.isprintable()
    assert heard.reason.startswith("dây cáp\ufffd")


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_every_message_comes_back_as_it_was(message: Message) -> None:
    assert list(MessageReader().feed(encode(message))) == [message]


def test_messages_cut_anywhere_in_the_pipe_are_put_together_again() -> None:
    reader = MessageReader()
    stream = b"".join(encode(message) for message in MESSAGES)
    heard = [message for byte in stream for message in reader.feed(bytes([byte]))]
    assert heard == MESSAGES


def test_a_payload_longer_than_any_code_is_left_out_and_the_others_stay() -> None:
    long = Symbol(b"x" * (LONGEST_PAYLOAD + 1), CORNERS, "zxing")
    (heard,) = MessageReader().feed(encode(Sight(1, 1, (long, SIGHT.symbols[0]))))
    assert isinstance(heard, Sight)
    assert heard.symbols == (SIGHT.symbols[0],)


def test_a_wall_of_large_codes_stays_within_one_message() -> None:
    wall = tuple(Symbol(bytes([n]) * LONGEST_PAYLOAD, CORNERS, "zxing") for n in range(30))
    (heard,) = MessageReader().feed(encode(Sight(1, 1, wall)))
    assert isinstance(heard, Sight)
    assert heard.symbols == wall[: len(heard.symbols)]
    assert 1 <= len(heard.symbols) <= MOST_SYMBOLS


def test_corners_far_outside_the_frame_are_clamped() -> None:
    far = ((-99_999, 99_999), (0, 0), (1, 1), (2, 2))
    (heard,) = MessageReader().feed(encode(Sight(1, 1, (Symbol(b"a", far, "zxing"),))))
    assert isinstance(heard, Sight)
    assert heard.symbols[0].corners[0] == (-32768, 32767)


def test_a_long_reason_is_cut_at_a_whole_letter() -> None:
    (heard,) = MessageReader().feed(encode(Lost("ệ" * 500)))
    assert isinstance(heard, Lost)
    assert set(heard.reason) == {"ệ"}


@pytest.mark.parametrize(
    "body",
    [
        b"\x09",
        b"\x04x",
        b"\x01short",
        encode(SIGHT)[4:] + b"x",
        encode(SIGHT)[4:-1],
        b"\x03\xff\xfe",
        b"\x03" + b"a" * 201,
        b"\x02\xff",
        b"\x02",
        b"\x02zxing,",
        b"\x02zx ing",
        b"\x02" + b",".join([b"z"] * 9),
        b"\x80\x04\x95\x00",  # a pickle
        encode(VIEW)[4:20],
        encode(VIEW)[4:] + b"\x1b[2J",
        encode(VIEW)[4:] + b"x" * 32,
        encode(replace(VIEW, shares=(1001, 5)))[4:],
    ],
)
def test_bytes_that_break_the_layout_are_nonsense(body: bytes) -> None:
    with pytest.raises(EyeNonsense):
        decode(body)


@pytest.mark.parametrize("length", [0, 64 * 1024 + 1, 0xFFFFFFFF])
def test_an_impossible_length_is_refused_before_anything_is_kept(length: int) -> None:
    with pytest.raises(EyeNonsense, match="impossible length"):
        list(MessageReader().feed(length.to_bytes(4, "big")))


@given(st.binary(max_size=400))
def test_hostile_bytes_end_in_a_message_or_in_nonsense_and_nothing_else(chunk: bytes) -> None:
    try:
        for message in MessageReader().feed(chunk):
            assert encode(message)
    except EyeNonsense:
        pass


@given(st.binary(max_size=80))
def test_hostile_views_end_in_a_printable_view_or_in_nonsense_and_nothing_else(rest: bytes) -> None:
    with contextlib.suppress(EyeNonsense):
        view = decode(b"\x07" + rest)
        assert isinstance(view, CameraView)
        assert view.sensor.isascii()
        assert view.sensor.isprintable()
        assert view.shares is None or max(view.shares) <= 1000


@pytest.mark.parametrize("name", ["imx708 wide", "\x1b[2J", "cảm biến", "x" * 33])
def test_a_sensor_with_a_name_of_another_sort_is_told_without_one(name: str) -> None:
    assert list(MessageReader().feed(encode(replace(VIEW, sensor=name)))) == [replace(VIEW, sensor="")]


def test_figures_that_the_layout_has_no_room_for_are_cut_to_the_largest_there_is() -> None:
    (heard,) = MessageReader().feed(encode(replace(VIEW, mode=(70_000, 9), busy_us=1 << 40)))
    assert heard == replace(VIEW, mode=(65_535, 9), busy_us=0xFFFFFFFF)


@given(st.binary(min_size=1, max_size=200))
def test_hostile_sights_end_in_a_sight_or_in_nonsense_and_nothing_else(rest: bytes) -> None:
    with contextlib.suppress(EyeNonsense):
        assert isinstance(decode(b"\x01" + rest), Sight)
