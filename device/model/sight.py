"""Frame, Symbol, Sight and Reading: what the eye reports, and one presentation of it (see `device.model`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from device.model.credential import Claim

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One luminance plane.

    Attributes:
        luma: H×W, uint8, C-contiguous rows (the row stride may be wider than W).
        seq: counts captures from 0 since the camera was opened, dropped ones too.
        captured_ms: monotonic time of the capture.
    """

    luma: Luma
    seq: int
    captured_ms: int


Point = tuple[int, int]
"""x, y in pixels of the frame; may lie outside it."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One decoded code in one frame.

    Attributes:
        payload: the exact bytes of the code, as UTF-8 where it states a charset; hostile until parsed.
        corners: top left, top right, bottom right, bottom left as the code itself stands.
        engine: which engine and try read it, for health figures (``zxing``, ``zbar``, …).
    """

    payload: bytes
    corners: tuple[Point, Point, Point, Point]
    engine: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What the eye reports about one frame.

    Attributes:
        frame_seq: `Frame.seq` of the newest frame; -1 before the first.
        captured_ms: its monotonic capture time.
        symbols: what was decoded in it.
        broken: a code was found that could not be decoded.
        moving: the picture changed since the last look.
        decode_us: how long the decoder took, in microseconds.
        lost: why there are no frames; ``None`` when there are. `EYE_STARTING` before the first one.
        ended: a replay has come to its end; there will be no further sight.
    """

    frame_seq: int
    captured_ms: int
    symbols: tuple[Symbol, ...] = ()
    broken: bool = False
    moving: bool = True
    decode_us: int = 0
    lost: str | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class CameraView:
    """What an open camera shows of what its lens throws on the sensor, and how it is paced.

    Attributes:
        sensor: its model as libcamera calls it (``imx708_wide``); empty when that is not known.
        mode: width and height of what the sensor reads out; 0, 0 where it has no modes to choose from.
        bit_depth: of a pixel in that mode; 0 as above.
        size: width and height of the luma plane.
        frame_rate: frames a second that were asked of it.
        shares: of the sensor's width and height that are seen, in thousandths; ``None`` where that is not known.
        busy_us: what the decoder takes for a busy frame of this size; 0 when it was not measured.
    """

    sensor: str
    mode: tuple[int, int]
    bit_depth: int
    size: tuple[int, int]
    frame_rate: int
    shares: tuple[int, int] | None = None
    busy_us: int = 0


EYE_STARTING = "starting"
"""`Sight.lost` while the camera is being opened for the first time: no fault yet."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One presentation: many frames, one reading.

    Attributes:
        claim: what was shown; two recognised credentials at once are ``Unrecognised(SEVERAL)``, a
            code seen too long without being decoded ``Unrecognised(UNREADABLE)``.
        payload: the exact bytes; empty when nothing was decoded.
        frame_seq: the frame that completed the reading.
        captured_ms: when that frame was captured.
        engine: which engine read it; empty when none did.
    """

    claim: Claim
    payload: bytes = field(repr=False)
    frame_seq: int
    captured_ms: int
    engine: str = ""
