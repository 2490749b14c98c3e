from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import pytest

from device.clock import ClockReading, ClockState
from device.model import Direction, SealedRow
from device.wire.hash_chain import genesis, link_of

EPOCH = "00112233445566778899aabbccddeeff"
ROW = SealedRow(
    seq=5,
    at=ClockReading("0123456789abcdef0123456789abcdef", 1_000_000, 1_767_225_600_000, ClockState.SYNCHRONISED),
    direction=Direction.IN,
    counted=True,
    place_id="89abcdef01234567",
    key_id="day-1",
    sealed=b"sealed bytes",
    link=b"",
)


def test_the_layout_is_the_documented_one_byte_for_byte() -> None:
    root = hashlib.sha256(b"gate/1 ledger\0\x06gate-1" + bytes.fromhex(EPOCH)).digest()
    assert genesis("gate-1", EPOCH) == root
    row = (
        b"gate/1 row\0"
        + root
        + struct.pack(">Q", 5)
        + bytes.fromhex("0123456789abcdef0123456789abcdef")
        + struct.pack(">qq", 1_000_000, 1_767_225_600_000)
        + b"\x01\x01\x01"
        + bytes.fromhex("89abcdef01234567")
        + b"\x05day-1"
        + b"\0\0\0\x0csealed bytes"
    )
    assert link_of(root, ROW) == hashlib.sha256(row).digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(ROW, seq=6),
        replace(ROW, at=replace(ROW.at, boot_id="1" * 32)),
        replace(ROW, at=replace(ROW.at, monotonic_ms=1)),
        replace(ROW, at=replace(ROW.at, wall_ms=-1)),
        replace(ROW, at=replace(ROW.at, state=ClockState.UNSYNCHRONISED)),
        replace(ROW, direction=Direction.OUT),
        replace(ROW, direction=Direction.UNKNOWN),
        replace(ROW, counted=False),
        replace(ROW, place_id="0" * 16),
        replace(ROW, key_id="day-2"),
        replace(ROW, sealed=b"sealed byteS"),
    ],
)
def test_every_field_of_a_row_changes_its_link(other: SealedRow) -> None:
    assert link_of(bytes(32), other) != link_of(bytes(32), ROW)


def test_the_previous_link_the_device_and_the_epoch_change_it_too() -> None:
    links = [genesis("gate-1", EPOCH), genesis("gate-2", EPOCH), genesis("gate-1", EPOCH[::-1])]
    assert len({link_of(link, ROW) for link in links}) == 3


@pytest.mark.parametrize(
    "short",
    [
        replace(ROW, place_id="89abcdef"),
        replace(ROW, at=replace(ROW.at, boot_id="01")),
        replace(ROW, place_id="not hex"),
    ],
)
def test_a_field_that_is_too_short_is_refused_and_not_padded(short: SealedRow) -> None:
    with pytest.raises(ValueError, match="hex"):
        link_of(bytes(32), short)
