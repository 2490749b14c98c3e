"""The status of one person (``POST /v1/status``): question and answer, signed like every request, in the body only.

The files in ``tests/golden/wire/`` show both byte for byte::

    {"contract": "gate/1", "keys": ["citizen:051090001234", "insurance:…", "national:…"]}

    {"contract": "gate/1", "status": {"declared": true, "health": "green", "movement_declared": null, "doses": 2}}

A key is a number of the person by its sort: citizen number, social-insurance number, id of the national
personal code. There are one to three, each of another sort. What the centre does not know is ``null``, and
about somebody it does not know every field is. The answer may carry more fields, which are passed over.

Reading gives an object or raises `WireError`, which never repeats what stood there. Pure functions.
"""

from __future__ import annotations

import json
from typing import Final

from device.credential.person import NUMBER_KEY
from device.errors import WireError
from device.model import HealthColour, Status
from device.strict_json import document, exactly, integer, one_of, text
from device.wire.checkins import CONTRACT, RECEIPT_MOST_BYTES, check_contract
from device.words import say

PATH: Final = "/v1/status"
MOST_BYTES: Final = 1024
"""Of a question."""
MOST_DOSES: Final = 99
_MOST_KEYS: Final = 3


def encode_question(keys: tuple[str, ...]) -> bytes:
    """Write the question as the contract says. Never raises."""
    return json.dumps({"contract": CONTRACT, "keys": list(keys)}, separators=(",", ":")).encode()


def decode_question(body: bytes) -> tuple[str, ...]:
    """Read a question; raises `WireError` when *body* is none."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    keys = exactly(found, ("contract", "keys"), "question")["keys"]
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        raise WireError(f"keys: must be a list of 1 to {_MOST_KEYS}")
    read = tuple(_key(key, index) for index, key in enumerate(keys))
    if len({key.partition(":")[0] for key in read}) != len(read):
        raise WireError("keys: two of one sort")
    return read


def encode_status(status: Status) -> bytes:
    """Write the answer as the contract says. Never raises."""
    said = {
        "declared": status.declared,
        "health": status.health,
        "movement_declared": status.movement_declared,
        "doses": status.doses,
    }
    return json.dumps({"contract": CONTRACT, "status": said}, separators=(",", ":")).encode()


def decode_status(body: bytes) -> Status:
    """Read an answer; raises `WireError` when *body* is none."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    return status_of(found.get("status"))


def status_of(found: object) -> Status:
    """Read what is said of a person, with more fields or without; raises `WireError`."""
    if not isinstance(found, dict):
        raise WireError(say("{where}: must be an object", where="status"))
    health, doses = found.get("health"), found.get("doses")
    if doses is not None and integer(doses, 0, "doses") > MOST_DOSES:
        raise WireError(say("doses: must be at most {most}", most=MOST_DOSES))
    return Status(
        declared=_truth(found, "declared"),
        health=None if health is None else one_of(HealthColour, health, "health"),
        movement_declared=_truth(found, "movement_declared"),
        doses=None if doses is None else integer(doses, 0, "doses"),
    )


def _truth(found: dict[str, object], name: str) -> bool | None:
    value = found.get(name)
    if value is not None and not isinstance(value, bool):
        raise WireError(say("{name}: must be true, false or null", name=name))
    return value


def _key(key: object, index: int) -> str:
    return text(key, NUMBER_KEY, f"keys[{index}]")
