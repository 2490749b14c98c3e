"""Enrolment codes in the database, and enrolling a gate with one, in one transaction (`device.enrolment.pairing`).

A wrong proof counts as a try before it is looked at, so that five guesses are five however many come at once.
A code is used by one key; the same key may ask again while the code lives, since its answer may have got lost.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from device.clock import utc_day
from device.enrolment.code import EnrolCode, new_code
from device.enrolment.pairing import (
    CODE_LIVES_S,
    CODE_TRIES,
    Applicant,
    Granted,
    Hello,
    encode_granted,
    gate_proof,
    hub_proof,
    new_nonce,
    same,
)
from device.hub.db.tables import codes, gates
from device.hub.keyring.public_identity import PublicIdentity


class Refused(IntEnum):
    """Why a gate was not enrolled; the value is the HTTP status."""

    WRONG_PROOF = 403
    ANOTHER_GATE = 409
    """The gate, or its key, is registered and the code is not for it."""
    SPENT = 410
    """Used, expired, tried too often, or never made: the answer does not tell which."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A gate was enrolled.

    Attributes:
        granted: what it gets, as text.
        proof: of this hub, over that text.
    """

    granted: str
    proof: bytes


def make_code(connection: Connection, name: str, device_id: str | None, now_ms: int) -> EnrolCode:
    """Make a code for a new gate called *name*, or for *device_id* again."""
    connection.execute(delete(codes).where(codes.c.expires_ms <= now_ms))
    code = new_code()
    while connection.execute(select(codes.c.code_id).where(codes.c.code_id == code.code_id)).first() is not None:
        code = new_code()
    connection.execute(
        insert(codes).values(
            code_id=code.code_id,
            secret=code.secret,
            name=name,
            device_id=device_id,
            hub_nonce=new_nonce(),
            expires_ms=now_ms + CODE_LIVES_S * 1000,
            tries=0,
        )
    )
    return code


def answer_hello(connection: Connection, code_id: str, identity: PublicIdentity, now_ms: int) -> Hello | None:
    """Return the hub's hello at first contact; ``None`` when the code is spent."""
    nonce = connection.execute(
        select(codes.c.hub_nonce).where(
            codes.c.code_id == code_id, codes.c.expires_ms > now_ms, codes.c.tries < CODE_TRIES
        )
    ).scalar_one_or_none()
    return None if nonce is None else Hello(identity.root, nonce, identity.ca)


def enrol(connection: Connection, applicant: Applicant, identity: PublicIdentity, now_ms: int) -> Enrolled | Refused:
    """Enrol an applicant, or say why not. Commit whatever is returned: a refusal has been counted."""
    this = codes.c.code_id == applicant.code_id
    alive = (codes.c.expires_ms > now_ms) & (codes.c.tries < CODE_TRIES)
    if connection.execute(update(codes).where(this & alive).values(tries=codes.c.tries + 1)).rowcount == 0:
        return Refused.SPENT
    row = connection.execute(select(codes).where(this)).one()
    code, hello = EnrolCode(row.code_id, row.secret), Hello(identity.root, row.hub_nonce, identity.ca)
    if not same(applicant.proof, gate_proof(code, hello, applicant)):
        return Refused.WRONG_PROOF
    connection.execute(update(codes).where(this).values(tries=codes.c.tries - 1))
    if row.gate_key is None:
        device_id = _register_key(connection, row, applicant, now_ms)
        if device_id is None:
            return Refused.ANOTHER_GATE
        connection.execute(update(codes).where(this).values(gate_key=applicant.gate_key, device_id=device_id))
    elif row.gate_key == applicant.gate_key:
        device_id = row.device_id
    else:
        return Refused.SPENT
    granted = encode_granted(Granted(device_id, identity.sealing_keys(), now_ms))
    return Enrolled(granted, hub_proof(code, hello, applicant, granted))


def add_gate(connection: Connection, name: str, public: bytes, now_ms: int, device_id: str = "") -> str:
    """Register a gate and its key; returns its device id, a new one unless it has one."""
    # One that brings its name along has recorded before.
    began_ms, device_id = (0, device_id) if device_id else (now_ms, f"gate-{secrets.token_hex(6)}")
    times = {"added_ms": now_ms, "began_ms": began_ms, "contact_ms": now_ms, "sealing_day": str(utc_day(now_ms))}
    connection.execute(insert(gates).values(device_id=device_id, name=name, public_key=public, **times))
    return device_id


def _register_key(connection: Connection, code: Row[Any], applicant: Applicant, now_ms: int) -> str | None:
    """Register the applicant's key; ``None`` when that would take another gate's place."""
    key = gates.c.public_key == applicant.gate_key
    if connection.execute(select(gates.c.device_id).where(key)).first() is not None:
        return None  # in use, or withdrawn, which is for ever
    if code.device_id is not None:
        if applicant.device_id not in ("", code.device_id):
            return None
        this = gates.c.device_id == code.device_id
        connection.execute(update(gates).where(this).values(public_key=applicant.gate_key, revocation=None))
        return str(code.device_id)
    taken = select(gates.c.device_id).where(gates.c.device_id == applicant.device_id)
    if applicant.device_id and connection.execute(taken).first() is not None:
        return None
    # A device id of another hub, or of this one before it lost its database, is kept: a ledger hangs on it.
    return add_gate(connection, code.name, applicant.gate_key, now_ms, applicant.device_id)
