"""The message in which the eye tells what its camera shows (`device.model.CameraView`); big-endian, as all others.

=================================================  ====================================================
part                                               is
=================================================  ====================================================
width and height of the sensor's mode              u16, u16; 0, 0 without one
bit depth of a pixel in it                         u8
width and height of the luma plane                 u16, u16
frames a second that were asked for                u16
seen of the sensor's width and height              u16, u16 in thousandths, at most 1000; 65535, 65535: unknown
what a busy frame takes the decoder                u32, in microseconds; 0: not measured
name of the sensor                                 a-z A-Z 0-9 . _ -, at most 32; empty when it has another
=================================================  ====================================================
"""

from __future__ import annotations

import logging
import re
import struct
from typing import Final

from device.errors import EyeNonsense
from device.model import CameraView

_VIEW = struct.Struct(">HHBHHHHHI")
_SENSOR = re.compile(rb"[A-Za-z0-9._-]{0,32}")
_UNKNOWN_SHARE: Final = 0xFFFF
_WHOLE_SHARE: Final = 1000
_MOST_OF_IT: Final = 950

log = logging.getLogger(__name__)


def encode_view(view: CameraView) -> bytes:
    """Return the message without its length and type; what is too large is cut to the largest there is."""
    name = view.sensor.encode("ascii", "replace")
    shares = view.shares or (_UNKNOWN_SHARE, _UNKNOWN_SHARE)
    shorts = [min(value, 0xFFFF) for value in (*view.mode, *view.size, view.frame_rate, *shares)]
    head = _VIEW.pack(*shorts[:2], min(view.bit_depth, 255), *shorts[2:], min(view.busy_us, 0xFFFFFFFF))
    return head + (name if _SENSOR.fullmatch(name) else b"")


def decode_view(part: bytes) -> CameraView:
    """Read what `encode_view` wrote.

    Raises:
        EyeNonsense: it does not follow the layout to the byte.
        struct.error: it is cut short.
    """
    *mode, bit_depth, width, height, frame_rate, seen_width, seen_height, busy_us = _VIEW.unpack_from(part)
    name, shares = part[_VIEW.size :], (seen_width, seen_height)
    unknown = shares == (_UNKNOWN_SHARE, _UNKNOWN_SHARE)
    if not _SENSOR.fullmatch(name) or not (unknown or max(shares) <= _WHOLE_SHARE):
        raise EyeNonsense("a camera that breaks the layout")
    return CameraView(
        sensor=name.decode("ascii"),
        mode=(mode[0], mode[1]),
        bit_depth=bit_depth,
        size=(width, height),
        frame_rate=frame_rate,
        shares=None if unknown else shares,
        busy_us=busy_us,
    )


def log_view(view: CameraView) -> None:
    """Log what an open camera shows; a warning when a part of the width or height of its sensor is not seen."""
    shares = ("unknown", "unknown") if view.shares is None else tuple(f"{share / 10:g}%" for share in view.shares)
    log.log(
        logging.INFO if view.shares is None or min(view.shares) >= _MOST_OF_IT else logging.WARNING,
        "event=camera-opened sensor=%s mode=%s bit_depth=%d size=%s frame_rate=%d width_seen=%s height_seen=%s",
        view.sensor or "unknown",
        "{}x{}".format(*view.mode),
        view.bit_depth,
        "{}x{}".format(*view.size),
        view.frame_rate,
        shares[0],
        shares[1],
    )
