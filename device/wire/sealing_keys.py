"""Daily sealing keys (X25519) as JSON: the content of a bundle of kind ``sealing-keys``, and part of an enrolment.

The centre makes one key pair a day, ahead of time, so that a gate offline for weeks has the keys it needs::

    {"contract": "gate/1", "sealing_keys": [{"day": "2026-01-05", "id": KEY ID, "public": X25519 key in base64}, …]}

Days are UTC and rise; there is at least one and at most `MOST_DAYS`. Which key a gate uses on a day is
`device.crypto.sealing.key_for`. Pure functions, safe on any thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from device.crypto.sealing import SealingKey
from device.errors import WireError
from device.strict_json import NAME, base64_of, document, exactly, octets, text
from device.wire.checkins import CONTRACT, check_contract
from device.wire.time_fields import day_from

MOST_DAYS: Final = 64
MOST_BYTES: Final = 64 * 1024


def encode_days(keys: Iterable[SealingKey]) -> bytes:
    """Write keys, each with its day. Never raises."""
    return json.dumps({"contract": CONTRACT, "sealing_keys": documents_of(keys)}, separators=(",", ":")).encode()


def decode_days(body: bytes) -> tuple[SealingKey, ...]:
    """Read keys, each with its day, the earliest first; raises `WireError`."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    exactly(found, ("contract", "sealing_keys"), "sealing-keys")
    return keys_from(found["sealing_keys"])


def documents_of(keys: Iterable[SealingKey]) -> list[dict[str, str]]:
    """Lay out keys as JSON has them."""
    return [
        ({} if key.day is None else {"day": str(key.day)}) | {"id": key.key_id, "public": base64_of(key.public)}
        for key in keys
    ]


def keys_from(found: object, *, every_day: bool = False) -> tuple[SealingKey, ...]:
    """Read a list of keys as `documents_of` lays them out; raises `WireError`.

    With *every_day* it may be one key without a day instead.
    """
    if every_day and isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict) and len(found[0]) == 2:
        only = exactly(found[0], ("id", "public"), "sealing_keys[0]")
        named = text(only["id"], NAME, "sealing_keys[0].id")
        return (SealingKey(named, octets(only["public"], 32, 32, "sealing_keys[0].public")),)
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_DAYS:
        raise WireError(f"sealing_keys: must be a list of 1 to {MOST_DAYS} keys")
    keys: list[SealingKey] = []
    for index, fields in enumerate(found):
        where = f"sealing_keys[{index}]"
        said = exactly(fields, ("day", "id", "public"), where)
        day = day_from(said["day"], f"{where}.day")
        if keys and day <= (keys[-1].day or day):
            raise WireError(f"{where}.day: must be later than the one before it")
        public = octets(said["public"], 32, 32, f"{where}.public")
        keys.append(SealingKey(text(said["id"], NAME, f"{where}.id"), public, day))
    return tuple(keys)
