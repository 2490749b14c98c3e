from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import segno

from device.credential.text import read_text
from device.decoder.engines import Engine, Zbar, Zxing
from tests.decoder.pictures import code, drawn, picture, placed

ENGINES: list[Callable[[], Engine]] = [Zxing, Zbar]
NAMES = "Đặng Thị Ngọc Ánh, 7 ngõ Hàng Bún, Phường Quỳnh Lôi"

each_engine = pytest.mark.parametrize("make", ENGINES, ids=["zxing", "zbar"])


def payloads(engine: Engine, plane: np.typing.NDArray[np.uint8]) -> list[bytes]:
    return [symbol.payload for symbol in engine.read(plane).symbols]


@each_engine
def test_vietnamese_letters_come_out_byte_for_byte(make: Callable[[], Engine]) -> None:
    assert payloads(make(), picture(NAMES)) == [NAMES.encode()]


def test_libzbar_without_its_binary_setting_corrupts_vietnamese() -> None:
    # The reason for the setting: this is what pyzbar.decode gives.
    text = "Trần Bửu Lộc"
    assert payloads(Zbar(binary=False), picture(text)) == [text.encode().decode("shift_jis").encode()]
    assert payloads(Zbar(), picture(text)) == [text.encode()]


@each_engine
@pytest.mark.parametrize(
    "payload",
    [b"a\0b\0", b"\0", b"\xff\xfe\x80", b"\x1b[31m\r\n\x07", b"\xe2\x80\xaeabc"],
    ids=["nul", "only-nul", "no-utf-8", "escapes", "bidi"],
)
def test_hostile_bytes_come_out_as_they_are(make: Callable[[], Engine], payload: bytes) -> None:
    assert payloads(make(), picture(payload)) == [payload]


@each_engine
@pytest.mark.parametrize(
    ("text", "encoding"), [("Đec", "iso-8859-2"), ("Đec", "iso-8859-16"), ("Đỗ", "utf-8"), ("ｱｲｳ", "shift_jis")]
)
def test_the_charset_that_a_code_states_is_obeyed(make: Callable[[], Engine], text: str, encoding: str) -> None:
    stated = code(text, eci=True, encoding=encoding, mode="byte")
    assert payloads(make(), drawn(stated)) == [text.encode()]


@pytest.mark.parametrize(("text", "encoding"), [("NV-1234", "utf-16-be"), ("日本", "gb18030")])
def test_a_charset_that_libzbar_does_not_know_comes_out_as_text_or_not_exact(text: str, encoding: str) -> None:
    plane = drawn(code(text, eci=True, encoding=encoding, mode="byte"))
    assert payloads(Zxing(), plane) == [text.encode()]
    (raw,) = payloads(Zbar(), plane)
    assert raw == text.encode(encoding)
    assert not read_text(raw).exact


@each_engine
def test_without_a_statement_the_bytes_are_left_alone(make: Callable[[], Engine]) -> None:
    assert payloads(make(), drawn(code("Đec", encoding="iso-8859-2", mode="byte"))) == ["Đec".encode("iso-8859-2")]


@each_engine
def test_the_longest_code_there_is_comes_out_whole(make: Callable[[], Engine]) -> None:
    assert payloads(make(), drawn(code("A" * 4296, level="l", encoding=None))) == [b"A" * 4296]


@each_engine
def test_a_micro_qr_code_is_not_read(make: Callable[[], Engine]) -> None:
    assert payloads(make(), drawn(segno.make_micro("12345"))) == []


@each_engine
@pytest.mark.parametrize("count", [1, 2], ids=["one-part", "both-parts"])
def test_a_part_of_a_structured_append_sequence_is_not_read(make: Callable[[], Engine], count: int) -> None:
    parts = segno.make_sequence("half a message is not a message " * 3, symbol_count=2, error="m")
    assert payloads(make(), np.hstack([drawn(part) for part in list(parts)[:count]])) == []


@each_engine
@pytest.mark.parametrize("version", range(1, 41, 3))
def test_codes_of_every_mask_and_many_sizes_are_not_taken_for_a_part(make: Callable[[], Engine], version: int) -> None:
    engine = make()
    for mask in range(8):
        symbol = segno.make("HC1:6BF+70790T9WJWG", version=version, mask=mask, micro=False)
        assert payloads(engine, drawn(symbol, px=3)) == [b"HC1:6BF+70790T9WJWG"]


def test_a_linear_bar_code_is_not_read() -> None:
    plane = ean13("8934588063053")
    from pyzbar import pyzbar  # noqa: PLC0415 - only to show that the picture is one

    assert [code.data for code in pyzbar.decode(plane)] == [b"8934588063053"]
    assert [payloads(make(), plane) for make in ENGINES] == [[], []]


def ean13(number: str) -> np.typing.NDArray[np.uint8]:
    """Draw an EAN-13 (ISO/IEC 15420)."""
    digits = (0x0D, 0x19, 0x13, 0x3D, 0x23, 0x31, 0x2F, 0x3B, 0x37, 0x0B)
    odd = [f"{digit:07b}" for digit in digits]
    parity = f"{(0, 11, 13, 14, 19, 25, 28, 21, 22, 26)[int(number[0])]:06b}"
    right = ["".join("10"[int(bit)] for bit in digit) for digit in odd]
    left = [
        right[int(digit)][::-1] if even == "1" else odd[int(digit)]
        for digit, even in zip(number[1:7], parity, strict=True)
    ]
    bits = (
        "0" * 11
        + "101"
        + "".join(left)
        + "01010"
        + "".join(right[int(digit)] for digit in number[7:])
        + "101"
        + "0" * 11
    )
    row = np.repeat([20 if bit == "1" else 235 for bit in bits], 3)
    return np.pad(np.tile(row, (80, 1)), ((20, 20), (0, 0)), constant_values=235).astype(np.uint8)


@each_engine
@pytest.mark.parametrize("turns", range(4))
def test_corners_go_round_as_the_code_itself_stands(make: Callable[[], Engine], turns: int) -> None:
    plane = placed(np.rot90(picture("0123456789"), turns), at=(50, 300))
    upright = [(316, 66), (400, 66), (400, 150), (316, 150)]  # version 1: 21 modules of 4 pixels, 4 of quiet zone
    expected = [upright[(n - turns) % 4] for n in range(4)]
    (symbol,) = make().read(plane).symbols
    assert np.abs(np.array(symbol.corners) - np.array(expected)).max() <= 4


def test_a_light_code_on_dark_ground_is_read_by_zxing_itself() -> None:
    assert payloads(Zxing(), 255 - picture(NAMES)) == [NAMES.encode()]


def test_two_codes_in_one_picture_are_two_symbols() -> None:
    plane = np.hstack([picture("one"), picture("two")])
    for make in ENGINES:
        assert sorted(payloads(make(), plane)) == [b"one", b"two"]


def test_a_code_damaged_beyond_repair_is_reported_as_broken_with_its_place() -> None:
    plane = picture("ABCDEFGHIJ 0123456789", px=4)
    side = plane.shape[0]
    plane[side // 2 - 16 : side // 2 + 24, side // 2 - 16 : side // 2 + 24] = 128
    found = Zxing().read(placed(plane, at=(100, 200)))
    assert found.symbols == ()
    right, bottom = 200 + side - 16, 100 + side - 16
    corners = np.array([(216, 116), (right, 116), (right, bottom), (216, bottom)])
    assert any(np.abs(np.array(place) - corners).max() <= 4 for place in found.broken)


@each_engine
def test_rows_with_a_gap_between_them_are_read(make: Callable[[], Engine]) -> None:
    wide = placed(picture(NAMES))
    assert payloads(make(), wide[:, 150:500]) == [NAMES.encode()]
    assert payloads(make(), wide[::-1, ::-1]) == [NAMES.encode()]


def resident_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


@each_engine
def test_memory_does_not_grow_over_thousands_of_decodes(make: Callable[[], Engine]) -> None:
    engine, plane = make(), picture("0123456789", px=2)
    for _ in range(1000):
        engine.read(plane)
    before = resident_kib()
    for _ in range(6000):  # 230 bytes a read, as a kept libzbar scanner loses, would be 1,350 KiB
        engine.read(plane)
    assert resident_kib() - before < 1000
