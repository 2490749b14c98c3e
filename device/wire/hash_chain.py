r"""The hash chain over the rows of a ledger: nothing is changed, left out or put in unnoticed.

Used by the gate when it writes and by the hub when it receives. A link is SHA-256 over this layout;
integers are big-endian::

    genesis   "gate/1 ledger\0"  u8 length, device id (ASCII)  16 bytes epoch

    link      "gate/1 row\0"     32 bytes previous link
              u64 seq            16 bytes boot id
              i64 monotonic ms   i64 wall ms
              u8 clock state     u8 direction      u8 counted
              8 bytes place id
              u8 length, key id (ASCII)            u32 length, sealed bytes

Nothing of a row stands outside: what is in clear, the place's digest, and the sealed bytes.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import Final

from device.clock import ClockState
from device.model import Direction, SealedRow

CLOCK_STATE_CODES: Final = {ClockState.UNSYNCHRONISED: 0, ClockState.SYNCHRONISED: 1}
DIRECTION_CODES: Final = {Direction.UNKNOWN: 0, Direction.IN: 1, Direction.OUT: 2}
CLOCK_STATES: Final = {code: state for state, code in CLOCK_STATE_CODES.items()}
DIRECTIONS: Final = {code: direction for direction, code in DIRECTION_CODES.items()}

_SYNCHRONISED, _IN, _OUT = ClockState.SYNCHRONISED, Direction.IN, Direction.OUT
_CLEAR = struct.Struct(">32sQ16sqqBBB8s")


def genesis(device_id: str, epoch: str) -> bytes:
    """Return the link before the first row (32 bytes).

    Args:
        device_id: at most 255 ASCII characters.
        epoch: 32 hexadecimal digits.
    """
    device = device_id.encode("ascii")
    return hashlib.sha256(b"gate/1 ledger\0" + bytes([len(device)]) + device + _digits(epoch, 16)).digest()


def link_of(previous: bytes, row: SealedRow) -> bytes:
    """Return the link *row* must carry after *previous* (32 bytes each); ``row.link`` is not looked at.

    Raises `ValueError` or `struct.error` when a field does not fit the layout: a row of ours always does,
    a received one is checked by the wire's parser first.
    """
    key_id = row.key_id.encode("ascii")
    clear = _CLEAR.pack(
        previous,
        row.seq,
        _digits(row.at.boot_id, 16),
        row.at.monotonic_ms,
        row.at.wall_ms,
        row.at.state is _SYNCHRONISED,  # an enumeration's hash costs more than what is looked up by it
        1 if row.direction is _IN else 2 if row.direction is _OUT else 0,
        row.counted,
        _digits(row.place_id, 8),
    )
    tail = bytes([len(key_id)]) + key_id + len(row.sealed).to_bytes(4, "big") + row.sealed
    return hashlib.sha256(b"gate/1 row\0" + clear + tail).digest()


@lru_cache(256)  # a batch says the same boot and the same place in every row
def _digits(text: str, size: int) -> bytes:
    """Return *size* bytes from twice as many hexadecimal digits; ``struct`` would pad a short one unseen.

    Small letters only: what can be written in two ways could be changed unnoticed.
    """
    digits = bytes.fromhex(text)
    if len(digits) != size or digits.hex() != text:
        raise ValueError(f"{2 * size} hexadecimal digits expected")
    return digits
