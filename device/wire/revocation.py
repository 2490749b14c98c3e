r"""Revocation: the hub's signed word that a gate's key is withdrawn; what a gate with such a key is answered (403).

::

    {"contract": "gate/1", "revoked": {"device": ID, "key": 32 bytes, "signature": 64 bytes}}

The signature is that of the hub's root (Ed25519) over ``gate/1 revoked\0``, u8 length and device id in ASCII, 32 bytes
public key. A gate that is enrolled anew afterwards has another key, which an old statement does not concern.

Whatever the bytes are, reading them gives an object or raises `WireError`. Pure functions, safe on any thread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from device.strict_json import NAME, base64_of, document, exactly, octets, text
from device.wire.checkins import CONTRACT, RECEIPT_MOST_BYTES, check_contract


@dataclass(frozen=True, slots=True)
class Revocation:
    """The hub's word that a key no longer speaks for a device; worth what its signature is.

    Attributes:
        device_id: whose key.
        public: which key, 32 bytes.
        signature: of the hub's root over `revocation_statement`, 64 bytes.
    """

    device_id: str
    public: bytes
    signature: bytes


def revocation_statement(device_id: str, public: bytes) -> bytes:
    """Return what the hub's root signs to end *public* (32 bytes) as the key of *device_id*."""
    device = device_id.encode("ascii")
    return b"gate/1 revoked\0" + bytes([len(device)]) + device + public


def encode_revocation(revocation: Revocation) -> bytes:
    """Write *revocation* as the contract says. Never raises."""
    said = {
        "device": revocation.device_id,
        "key": base64_of(revocation.public),
        "signature": base64_of(revocation.signature),
    }
    return json.dumps({"contract": CONTRACT, "revoked": said}, separators=(",", ":")).encode()


def decode_revocation(body: bytes) -> Revocation:
    """Read a revocation, unverified; raises `WireError` when *body* is none."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    said = exactly(found.get("revoked"), ("device", "key", "signature"), "revoked")
    return Revocation(
        device_id=text(said["device"], NAME, "revoked.device"),
        public=octets(said["key"], 32, 32, "revoked.key"),
        signature=octets(said["signature"], 64, 64, "revoked.signature"),
    )
