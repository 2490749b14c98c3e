r"""Wire format of the eye's connection: length-limited messages of fixed layout, and their strict parser.

The eye is the process that hostile pictures are meant to break, so nothing it sends is trusted:
no pickle, no JSON, no length without a limit. All numbers are big-endian.

========  =====================================================================================
message   layout
========  =====================================================================================
any       length u32 (of what follows, at most `LONGEST`), type u8, then the type's own part
SIGHT     frame_seq u32, captured_ms u64, decode_us u32, flags u8 (1 broken, 2 moving), count u8
          (at most `MOST_SYMBOLS`), then that many symbols: corners 8 x i16, engine length u8,
          engine (a-z 0-9 -), payload length u16, payload
OPENED    engines in use, ASCII, comma-separated (each a-z 0-9 + -, at most 8): the camera is open and
          sees, frames will follow; said again when that was not so for a while, or the engines change
LOST      why there are no frames, UTF-8, at most 200 bytes
ENDED     nothing: a replay is over
COVERED   why there are none that show anything (a covered lens), the same
CAMERA    what its camera shows, said after OPENED: `device.eye.camera_message`
WALLED    which walls the process has built round itself (`device.eye.wall`), before it opens a camera: seccomp u8
          (0 or 1), version of Landlock u8 (0: none)
========  =====================================================================================

What the eye is told, once, when it starts: two lines, and with their first byte two descriptors (SCM_RIGHTS): the crash
marker (`device.eye.engine_marker`) and the eye's end of its lifeline (`device.eye.lifeline`).

========  =====================================================================================
line      is
========  =====================================================================================
1         `device.eye.settings`, JSON
2         ``ENGINE=SECONDS``, comma-separated: engines not to run, and for how long; may be empty
========  =====================================================================================
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from device.errors import EyeNonsense, shown
from device.eye.camera_message import decode_view, encode_view
from device.model import EYE_STARTING, CameraView, Point, Sight, Symbol

LONGEST = 64 * 1024
MOST_SYMBOLS = 8
LONGEST_PAYLOAD = 7089  # the most a version 40 code holds, in digits (ISO/IEC 18004)
_LONGEST_REASON = 200
_NO_REASON = "the eye has no frames and gives no reason"
_MOST_ENGINES = 8

_LENGTH = struct.Struct(">I")
_SIGHT = struct.Struct(">IQIBB")
_CORNERS = struct.Struct(">8h")
_ENGINE = re.compile(rb"[a-z0-9+-]{1,32}")
_BROKEN, _MOVING = 1, 2


class Kind(IntEnum):
    """The message types."""

    SIGHT = 1
    OPENED = 2
    LOST = 3
    ENDED = 4
    COVERED = 5
    WALLED = 6
    CAMERA = 7


@dataclass(frozen=True, slots=True)
class EyeOpened:
    """The camera is open; these engines passed their self-test."""

    engines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """There are no frames, and why; or, *covered*, none that show anything."""

    reason: str
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The replay is over."""


@dataclass(frozen=True, slots=True)
class Walled:
    """Which walls the process has built round itself.

    Attributes:
        seccomp: its system calls are filtered.
        landlock: version (ABI) of Landlock that holds it; 0: the kernel has none.
    """

    seccomp: bool
    landlock: int


Message = Sight | EyeOpened | Lost | Ended | Walled | CameraView


def encode(message: Message) -> bytes:
    """Return the bytes of one message; what is too long for the layout is left out, never cut."""
    match message:
        case Sight():
            body = bytes([Kind.SIGHT]) + _encode_sight(message)
        case EyeOpened(engines):
            body = bytes([Kind.OPENED]) + ",".join(engines).encode("ascii")
        case Lost(reason, covered):
            body = bytes([Kind.COVERED if covered else Kind.LOST]) + _shorten(reason)
        case Ended():
            body = bytes([Kind.ENDED])
        case Walled(seccomp, landlock):
            body = bytes([Kind.WALLED, seccomp, min(landlock, 255)])
        case CameraView():
            body = bytes([Kind.CAMERA]) + encode_view(message)
    return _LENGTH.pack(len(body)) + body


def _shorten(reason: str) -> bytes:
    return reason.encode("utf-8", "replace")[:_LONGEST_REASON].decode("utf-8", "ignore").encode("utf-8")


def _encode_sight(sight: Sight) -> bytes:
    symbols, left_bytes = [], LONGEST - 64
    for symbol in sight.symbols:
        if len(symbol.payload) > LONGEST_PAYLOAD:
            continue
        flat = [max(-32768, min(32767, value)) for corner in symbol.corners for value in corner]
        engine = symbol.engine.encode("ascii")
        symbols.append(
            _CORNERS.pack(*flat)
            + bytes([len(engine)])
            + engine
            + len(symbol.payload).to_bytes(2, "big")
            + symbol.payload
        )
        left_bytes -= len(symbols[-1])
        if left_bytes < LONGEST_PAYLOAD or len(symbols) == MOST_SYMBOLS:
            break
    flags = _BROKEN * sight.broken | _MOVING * sight.moving
    head = _SIGHT.pack(
        sight.frame_seq & 0xFFFFFFFF, sight.captured_ms, min(sight.decode_us, 0xFFFFFFFF), flags, len(symbols)
    )
    return head + b"".join(symbols)


class MessageReader:
    """Cuts a stream of bytes into messages. Used on one thread."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """Take the next bytes and yield the messages they complete.

        Raises:
            EyeNonsense: the bytes are not ours; nothing more can be read from this eye.
        """
        self._buffer += chunk
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if not 1 <= length <= LONGEST:
                raise EyeNonsense("a message with an impossible length")
            if len(self._buffer) < _LENGTH.size + length:
                return
            body = bytes(self._buffer[_LENGTH.size : _LENGTH.size + length])
            del self._buffer[: _LENGTH.size + length]
            yield decode(body)


def decode(body: bytes) -> Message:
    """Read one message without its length.

    Raises:
        EyeNonsense: it does not follow the layout to the byte.
    """
    try:
        match body[0]:
            case Kind.SIGHT:
                return _decode_sight(body)
            case Kind.OPENED:
                return EyeOpened(_decode_engines(body[1:]))
            case (Kind.LOST | Kind.COVERED) as kind if len(body) <= 1 + _LONGEST_REASON:
                return Lost(_decode_reason(body[1:]), covered=kind == Kind.COVERED)
            case Kind.ENDED if len(body) == 1:
                return Ended()
            case Kind.WALLED if len(body) == 3 and body[1] <= 1:
                return Walled(seccomp=bool(body[1]), landlock=body[2])
            case Kind.CAMERA:
                return decode_view(body[1:])
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise EyeNonsense("a message cut short or with odd text") from error
    raise EyeNonsense("a message of an unknown type")


def _decode_reason(told: bytes) -> str:
    """Return why there are no frames; what means none, or no fault yet (`EYE_STARTING`), is no reason."""
    reason = shown(told.decode("utf-8"), _LONGEST_REASON)
    return _NO_REASON if reason.strip() in {"", EYE_STARTING} else reason


def _decode_engines(listed: bytes) -> tuple[str, ...]:
    engines = listed.split(b",")
    if len(engines) > _MOST_ENGINES or not all(_ENGINE.fullmatch(engine) for engine in engines):
        raise EyeNonsense("a list of engines that breaks the layout")
    return tuple(engine.decode("ascii") for engine in engines)


def left_out_to_text(left_out_s: Mapping[str, float]) -> str:
    """Return the line that says which engines are left out, and for how many seconds."""
    return ",".join(f"{engine}={span_s:.0f}" for engine, span_s in sorted(left_out_s.items()))


def left_out_from_text(text: str) -> dict[str, float]:
    """Read what `left_out_to_text` wrote; raises ``ValueError`` on anything else."""
    pairs = [part.split("=") for part in text.split(",")] if text else []
    return {engine: float(span) for engine, span in pairs}


def _decode_sight(body: bytes) -> Sight:
    frame_seq, captured_ms, decode_us, flags, count = _SIGHT.unpack_from(body, 1)
    at = 1 + _SIGHT.size
    if count > MOST_SYMBOLS or flags & ~(_BROKEN | _MOVING):
        raise EyeNonsense("a sight with impossible flags or counts")
    symbols = []
    for _ in range(count):
        symbol, at = _decode_symbol(body, at)
        symbols.append(symbol)
    if at != len(body):
        raise EyeNonsense("a sight with bytes left over")
    return Sight(
        frame_seq=frame_seq,
        captured_ms=captured_ms,
        symbols=tuple(symbols),
        broken=bool(flags & _BROKEN),
        moving=bool(flags & _MOVING),
        decode_us=decode_us,
    )


def _decode_symbol(body: bytes, at: int) -> tuple[Symbol, int]:
    """Read the symbol that begins at *at*; return it and where the next one begins."""
    flat = _CORNERS.unpack_from(body, at)
    at += _CORNERS.size
    engine = body[at + 1 : at + 1 + body[at]]
    at += 1 + body[at]
    length = int.from_bytes(body[at : at + 2], "big")
    payload = body[at + 2 : at + 2 + length]
    if not _ENGINE.fullmatch(engine) or length > LONGEST_PAYLOAD or len(payload) != length or at + 2 > len(body):
        raise EyeNonsense("a symbol that breaks the layout")
    corners: tuple[Point, Point, Point, Point] = (
        (flat[0], flat[1]),
        (flat[2], flat[3]),
        (flat[4], flat[5]),
        (flat[6], flat[7]),
    )
    return Symbol(payload, corners, engine.decode("ascii")), at + 2 + length
