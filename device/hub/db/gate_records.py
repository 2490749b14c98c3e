"""Gates in the hub's database: who they are, how they came in, how they stand. Safe on any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select, true, update

from device.enrolment.code import EnrolCode
from device.enrolment.pairing import Applicant
from device.hub.db import enrolments, gate_state
from device.hub.db.opened import OpenedDatabase
from device.hub.db.retention import record_contact
from device.hub.db.tables import gates, ledgers
from device.hub.keyring.public_identity import PublicIdentity
from device.model import HourCounts
from device.wire.state_records import GateState, StateAnswer
from device.wire.time_fields import Sent

_KEY_OF: Final = select(gates.c.public_key, gates.c.revocation).where(gates.c.device_id == bindparam("device"))


@dataclass(frozen=True, slots=True)
class GateRecord:
    """A gate as the hub knows it.

    Attributes:
        device_id: whose ledgers.
        name: what people call it.
        checkins: how many of its rows are stored.
        heard_ms: wall time at which it was last heard, with check-ins or without; ``None``: never since it was added.
        public: its key, 32 bytes, Ed25519.
        revocation: the root's signature that ends this key; ``None`` while it is good.
    """

    device_id: str
    name: str
    checkins: int
    heard_ms: int | None
    public: bytes
    revocation: bytes | None


class GateRecords(OpenedDatabase):
    """The database as who looks after gates uses it."""

    def add_gate(self, name: str, public: bytes) -> str:
        """Register a gate by its public key; returns its new device id."""
        with self.begin() as connection:
            return enrolments.add_gate(connection, name, public, self.now_ms())

    def key_of(self, device_id: str) -> tuple[bytes, bytes | None] | None:
        """Return a gate's key and the signature that ended it, if one did; ``None`` for no gate of ours."""
        with self._engine.connect() as connection:
            row = connection.execute(_KEY_OF, {"device": device_id}).first()
        return None if row is None else (row.public_key, row.revocation)

    def new_code(self, name: str, device_id: str | None = None) -> EnrolCode:
        """Make an enrolment code for a new gate called *name*, or for *device_id* again."""
        with self.begin() as connection:
            return enrolments.make_code(connection, name, device_id, self.now_ms())

    def enrol(self, applicant: Applicant, identity: PublicIdentity) -> enrolments.Enrolled | enrolments.Refused:
        """Enrol an applicant, or say why not; whatever the answer is, it is on disk."""
        with self.reading() as connection:
            answer = enrolments.answer_without_writing(connection, applicant, identity, self.now_ms())
        if answer is not None:
            return answer
        with self.begin() as connection:
            result = enrolments.enrol(connection, applicant, identity, self.now_ms())
        if isinstance(result, enrolments.Enrolled):
            self._forget()
        return result

    def forget_expired_codes(self) -> None:
        """Delete the codes that have expired, and what their proofs are made with."""
        with self.begin() as connection:
            deleted = enrolments.forget_expired(connection, self.now_ms())
        if deleted:
            self._forget()

    def _forget(self) -> None:
        if self._truncate_log is not None:
            with self.writers:
                self._truncate_log()

    def revoke(self, device_id: str, signature: bytes) -> None:
        """Withdraw a gate's present key; *signature* is the root's (`device.wire.revocation`)."""
        with self.begin() as connection:
            connection.execute(update(gates).where(gates.c.device_id == device_id).values(revocation=signature))

    def find_gates(self, name: str) -> list[GateRecord]:
        """Return the gates that have this device id or are called so."""
        return self._gates(or_(gates.c.device_id == name, gates.c.name == name))

    def gates(self) -> list[GateRecord]:
        """Return all gates, the oldest first."""
        return self._gates(true())

    def _gates(self, which: ColumnElement[bool]) -> list[GateRecord]:
        stored = func.sum(ledgers.c.stored).label("rows")
        counts = select(ledgers.c.device_id, stored).group_by(ledgers.c.device_id).subquery()
        query = (
            select(
                gates.c.device_id,
                gates.c.name,
                func.coalesce(counts.c.rows, 0),
                case((gates.c.contact_ms > gates.c.added_ms, gates.c.contact_ms)),
                gates.c.public_key,
                gates.c.revocation,
            )
            .where(which)
            .outerjoin(counts, counts.c.device_id == gates.c.device_id)
            .order_by(gates.c.added_ms, gates.c.device_id)
        )
        with self._engine.connect() as connection:
            return [GateRecord(*row) for row in connection.execute(query)]

    def note_contact(self, device_id: str, sent: Sent) -> None:
        """Note that a gate was heard that has nothing to deliver."""
        time = self.clock.watch()
        self.persist(lambda connection: record_contact(connection, device_id, sent, None, time))

    def note_state(self, device_id: str, state: GateState, hours: Sequence[HourCounts]) -> StateAnswer:
        """Keep a gate's state report; return which of its hours are counted, and which never will be."""
        return self.persist(
            lambda connection: gate_state.note_state(connection, device_id, state, hours, self.now_ms())
        )

    def forget_old_counts(self) -> None:
        """Delete what gates counted by the hour long ago, in short pieces."""
        more = True
        while more:
            with self.begin() as connection:
                more = gate_state.forget_some(connection, self.now_ms())

    def standings(self) -> list[gate_state.Standing]:
        """Return how every gate stands, the oldest first."""
        with self._engine.connect() as connection:
            return gate_state.standings(connection, self.now_ms())
