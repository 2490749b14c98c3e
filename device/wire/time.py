"""The hub's time (``POST /v1/time``): asking for it, and reading it from any answer (`device.wire.time_fields`).

::

    POST /v1/time   {"contract": "gate/1", "sent": {…}}  →  {"contract": "gate/1", "time": {…}}

A gate asks when it has nothing to deliver; a receipt carries the same ``time``. Pure functions, safe on any thread.
"""

from __future__ import annotations

import json
from typing import Final

from device.strict_json import document, exactly
from device.wire.checkins import CONTRACT, RECEIPT_MOST_BYTES, check_contract
from device.wire.time_fields import HubTime, Sent, sent_document, sent_from, time_document, time_from

PATH: Final = "/v1/time"
MOST_BYTES: Final = 4 * 1024


def encode_question(sent: Sent) -> bytes:
    """Write the question. Never raises."""
    return json.dumps({"contract": CONTRACT, "sent": sent_document(sent)}, separators=(",", ":")).encode()


def decode_question(body: bytes) -> Sent:
    """Read the question; raises `UnknownContract`, `WireError`."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    return sent_from(exactly(found, ("contract", "sent"), "question")["sent"])


def encode_answer(hub_time: HubTime) -> bytes:
    """Write the answer. Never raises."""
    return json.dumps({"contract": CONTRACT, "time": time_document(hub_time)}, separators=(",", ":")).encode()


def decode_hub_time(body: bytes) -> HubTime | None:
    """Read the hub's time in any answer, unverified; ``None`` when there is none. Raises `WireError`."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    return time_from(found["time"]) if "time" in found else None
