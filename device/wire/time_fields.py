r"""Time on the wire: what a gate says of its clock (``sent``), and the centre's signed time (``time``).

A gate says in every batch (``sent``), and in ``POST /v1/time`` when it has none (`device.wire.time`), what its clock
said when it sent it, and for which day the key is that it seals with. The centre may answer with its own time,
signed (``time``)::

    "sent": {"boot": 32 hex digits, "monotonic", "wall", "clock", "sealing_day": "2026-01-05"}
    "time": {"now": Unix ms, "signature": BASE64}

The signature is that of the hub's root (Ed25519) over ``gate/1 time\0``, u8 length and device id (ASCII), 32 bytes
SHA-256 of the request's body as it was sent, i64 ms. Boot and monotonic time of the sending are in that body, so no
answer to another request fits: an old one cannot be played again to turn a gate's clock back.

Whatever the bytes are, reading them gives an object or raises `WireError`. Pure functions, safe on any thread.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from device.clock import ClockReading, ClockState
from device.errors import WireError
from device.strict_json import MOST_INT, base64_of, exactly, integer, octets, one_of, text

_SIGNATURE_BYTES: Final = 64
_HEX_32: Final = re.compile(r"[0-9a-f]{32}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a gate says of its own time at the moment it sends.

    Attributes:
        at: its clock.
        sealing_day: the day of the key it seals with; what it records from now on is sealed to that or a later one.
    """

    at: ClockReading
    sealing_day: date


@dataclass(frozen=True, slots=True)
class HubTime:
    """What the centre says of the time; worth what its signature is.

    Attributes:
        now_ms: Unix ms.
        signature: 64 bytes, of the hub's root over `time_statement`.
    """

    now_ms: int
    signature: bytes = field(repr=False)


def time_statement(device_id: str, body: bytes, now_ms: int) -> bytes:
    """Return what the root signs: the time, for one device, in answer to the request with this body."""
    device = device_id.encode("ascii")
    asked = hashlib.sha256(body).digest()
    return b"gate/1 time\0" + bytes([len(device)]) + device + asked + now_ms.to_bytes(8, "big", signed=True)


def sent_document(sent: Sent) -> dict[str, int | str]:
    """Lay out *sent* as JSON has it."""
    return {
        "boot": sent.at.boot_id,
        "monotonic": sent.at.monotonic_ms,
        "wall": sent.at.wall_ms,
        "clock": sent.at.state.value,
        "sealing_day": str(sent.sealing_day),
    }


def sent_from(found: object) -> Sent:
    """Read what `sent_document` lays out; raises `WireError`."""
    said = exactly(found, ("boot", "monotonic", "wall", "clock", "sealing_day"), "sent")
    at = ClockReading(
        boot_id=text(said["boot"], _HEX_32, "sent.boot"),
        monotonic_ms=integer(said["monotonic"], 0, "sent.monotonic"),
        wall_ms=integer(said["wall"], -MOST_INT, "sent.wall"),
        state=one_of(ClockState, said["clock"], "sent.clock"),
    )
    return Sent(at, day_from(said["sealing_day"], "sent.sealing_day"))


def time_document(hub_time: HubTime) -> dict[str, int | str]:
    """Lay out *hub_time* as JSON has it."""
    return {"now": hub_time.now_ms, "signature": base64_of(hub_time.signature)}


def time_from(found: object) -> HubTime:
    """Read what `time_document` lays out, unverified; raises `WireError`."""
    if not isinstance(found, dict):
        raise WireError("time: must be an object")
    return HubTime(
        now_ms=integer(found.get("now"), 0, "time.now"),
        signature=octets(found.get("signature"), _SIGNATURE_BYTES, _SIGNATURE_BYTES, "time.signature"),
    )


def day_from(found: object, where: str) -> date:
    """Accept a day like 2026-01-05; raises `WireError`."""
    try:
        return date.fromisoformat(text(found, _DAY, where))
    except ValueError:
        raise WireError(f"{where}: is no day of the calendar") from None
