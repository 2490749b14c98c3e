"""The hub's database as an object: gates, check-ins, alarms, and who unsealed what. Safe on any thread."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import Connection

from device.clock import utc_day
from device.hub.believed_clock import BelievedTime
from device.hub.db import partitions, people_status
from device.hub.db.arrivals import storing
from device.hub.db.arrived_rows import ArrivedRows
from device.hub.db.gate_records import GateRecords
from device.hub.db.ingest import ingest
from device.hub.db.retention import key_states
from device.hub.db.sealing_storage import SealingStorage
from device.model import Batch, Receipt, Status
from device.wire.time_fields import Sent

log = logging.getLogger(__name__)


class HubDatabase(SealingStorage, GateRecords, ArrivedRows):
    """The hub's database: what takes in batches and statuses, and all that its parts can.

    Args and attributes: `device.hub.db.opened.OpenedDatabase`.
    """

    def ingest(self, batch: Batch, head_signature: bytes = b"", sent: Sent | None = None) -> Receipt:
        """Take a batch; when this returns, what the receipt settles is on disk."""
        time = self.clock.watch()

        def store(connection: Connection) -> Receipt:
            self._transactions.once(connection, storing)
            return ingest(connection, batch, time, head_signature, sent)

        return self.persist(store, lambda: self._make_missing(batch, time))

    def _make_missing(self, batch: Batch, time: BelievedTime) -> None:
        if self.is_partitioned:
            with self._engine.connect() as connection:
                states = key_states(connection, {row.key_id for row in batch.rows})
            days = {state.sealing_day for state in states.values() if not state.is_destroyed}
            made = partitions.make_partitions(self._engine, [utc_day(time.now_ms)], days)
            if made:
                log.warning("event=partitions-missing count=%d first=%s last=%s", len(made), made[0], made[-1])

    def replace_statuses(self, people: Iterable[tuple[tuple[bytes, ...], Status]]) -> None:
        """Make these (digests of a person, status) all that is known; whoever is not among them is unknown."""
        with self.begin() as connection:
            people_status.replace(connection, people)

    def status(self, digests: Iterable[bytes]) -> Status:
        """Return what is known under the first of *digests* that is known; else nothing."""
        with self._engine.connect() as connection:
            return people_status.find(connection, digests)
