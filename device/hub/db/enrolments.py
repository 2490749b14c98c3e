"""Enrolment codes in the database, and enrolling a gate with one, in one transaction (`device.enrolment.pairing`).

A code is used by one request; that request may come again while the code would have lived, since its answer may have
got lost. The answer is kept for that, and is no secret; what the proofs were made with is gone by then.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from device.clock import utc_day
from device.enrolment.code import EnrolCode, new_code
from device.enrolment.pairing import (
    CODE_LIVES_S,
    Applicant,
    Granted,
    ProofKey,
    encode_applicant,
    encode_granted,
    gate_proof,
    hub_proof,
    proof_key,
    same,
)
from device.hub.db.tables import codes, gates
from device.hub.keyring.public_identity import PublicIdentity

_NO_KEY: Final = bytes(32)
"""In place of a code's that is not there, so that as much is computed; the answer is no, whatever the proof."""


class Refused(IntEnum):
    """Why a gate was not enrolled; the value is the HTTP status."""

    NOT_PROVED = 403
    """No such code, or it is used, expired, or its secret is another: the answer does not tell which."""
    ANOTHER_GATE = 409
    """The gate, or its key, is registered and the code is not for it."""


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
    """Make a code for a new gate called *name*, or for *device_id* again; its secret is kept as the proofs' key."""
    forget_expired(connection, now_ms)
    code = new_code()
    while connection.execute(select(codes.c.code_id).where(codes.c.code_id == code.code_id)).first() is not None:
        code = new_code()
    connection.execute(
        insert(codes).values(
            code_id=code.code_id,
            proof_key=proof_key(code).key,
            name=name,
            device_id=device_id,
            expires_ms=now_ms + CODE_LIVES_S * 1000,
        )
    )
    return code


def open_until(connection: Connection, name: str, device_id: str | None, now_ms: int) -> int | None:
    """Return until when a code lives that nobody has used yet, for a new gate of this name or for this gate again."""
    whose = codes.c.device_id == device_id if device_id else codes.c.device_id.is_(None) & (codes.c.name == name)
    open_ = whose & codes.c.asked.is_(None) & (codes.c.expires_ms > now_ms)
    return connection.execute(select(func.max(codes.c.expires_ms)).where(open_)).scalar()


def forget_expired(connection: Connection, now_ms: int) -> bool:
    """Delete the codes that have expired; return whether there were any."""
    return connection.execute(delete(codes).where(codes.c.expires_ms <= now_ms)).rowcount > 0


def answer_without_writing(
    connection: Connection, applicant: Applicant, identity: PublicIdentity, now_ms: int
) -> Enrolled | Refused | None:
    """Return the answer to an applicant that needs nothing written: a wrong proof, or one that came before.

    Else ``None``: `enrol` has it. Who does not know a secret that lives is answered here, and keeps no writer waiting.
    """
    found = _proved(connection, applicant, identity, now_ms)
    return None if isinstance(found, tuple) else found


def enrol(connection: Connection, applicant: Applicant, identity: PublicIdentity, now_ms: int) -> Enrolled | Refused:
    """Enrol an applicant, or say why not. Who does not know a secret that lives learns nothing, and changes nothing."""
    found = _proved(connection, applicant, identity, now_ms)
    if not isinstance(found, tuple):
        return found
    row, key, asked = found
    this = codes.c.code_id == applicant.code_id
    hello = identity.hello(applicant.code_id)
    # Another process may have used it since it was read.
    if connection.execute(update(codes).where(this, codes.c.asked.is_(None)).values(asked=asked)).rowcount == 0:
        return Refused.NOT_PROVED
    device_id = _register_key(connection, row, applicant, now_ms)
    if device_id is None:
        connection.execute(update(codes).where(this).values(asked=None))
        return Refused.ANOTHER_GATE
    granted = encode_granted(Granted(device_id, identity.sealing_keys(), now_ms))
    proof = hub_proof(key, hello, applicant, granted)
    connection.execute(update(codes).where(this).values(proof_key=None, granted=granted, granted_proof=proof))
    return Enrolled(granted, proof)


def _proved(
    connection: Connection, applicant: Applicant, identity: PublicIdentity, now_ms: int
) -> tuple[Row[Any], ProofKey, bytes] | Enrolled | Refused:
    """Return a code whose secret the applicant knows, its key, and the hash of the request; or the answer."""
    this = codes.c.code_id == applicant.code_id
    row = connection.execute(select(codes).where(this, codes.c.expires_ms > now_ms)).first()
    asked = hashlib.sha256(encode_applicant(applicant)).digest()
    if row is not None and row.asked == asked:
        return Enrolled(row.granted, row.granted_proof)
    kept = row.proof_key if row is not None else None
    key, hello = ProofKey(applicant.code_id, kept or _NO_KEY), identity.hello(applicant.code_id)
    holds = same(applicant.proof, gate_proof(key, hello, applicant))
    return (row, key, asked) if row is not None and kept is not None and holds else Refused.NOT_PROVED


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
