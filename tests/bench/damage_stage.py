"""A recorded ledger and its hub, and what becomes of copies of them after one bit was changed."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from device.crypto.sealing import Sealer, unseal
from device.enrolment.document import Enrolment
from device.errors import HubRefused, LedgerUnavailable, SealingUnavailable, WireError
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.model import Batch, Receipt
from device.store.checkup import Checkup
from device.store.folder import files_set_aside
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.schema import FILE_NAME
from device.sync.delivery import DeliveryEvents, Pace
from device.wire.checkins import decode_batch, decode_receipt, encode_batch, encode_receipt
from tests.support.delivering import Delivering
from tests.support.fake_outbox import sent
from tests.support.fakes import FakeClock
from tests.support.visitors import visitor

_AFTER = 1_000_000
"""Visitors with higher numbers came after the damage."""
_BOOTS = 3
_MOST_WAITS = 300


@dataclass(frozen=True)
class Site:
    """One bit of one file; *stage* knows what lies there."""

    file: str
    byte: int
    bit: int
    stage: Stage = field(repr=False)

    @classmethod
    def read(cls, text: str, stage: Stage) -> Self:
        """Read ``FILE:BYTE:BIT``."""
        file, byte, bit = text.split(":")
        return cls(file, int(byte), int(bit), stage)

    @property
    def holds(self) -> str:
        """Which table or index has the page."""
        return self.stage.holds(self.file, self.byte)

    def __str__(self) -> str:
        return f"{self.file}:{self.byte}:{self.bit} ({self.holds})"


@dataclass(frozen=True)
class Outcome:
    """What one flip did.

    Attributes:
        lost_after: check-ins recorded after it that cannot be read at the hub.
        lost_before: others.
        refused: check-ins the gate could not record.
        epochs: files set aside.
        alarms: kinds of alarms at the hub.
    """

    lost_after: int
    lost_before: int
    refused: int
    epochs: int
    alarms: tuple[str, ...]


class Direct:
    """An uplink into a hub's database, by the contract."""

    def __init__(self, store: HubDatabase) -> None:
        self.store = store

    def deliver(self, batch: Batch) -> Receipt:
        """Write the batch, read it, take it, and the same with the receipt."""
        try:
            read = decode_batch(encode_batch(batch, bytes(64), sent(batch.rows[-1].at)))
        except WireError as error:
            raise HubRefused(422) from error
        return decode_receipt(encode_receipt(self.store.ingest(read.batch, read.head_signature)))

    def close(self) -> None:
        """Nothing is open."""


class ImpatientClock(FakeClock):
    """A clock on which nobody waits for ever."""

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Raise `RuntimeError` when what should end goes on and on."""
        if len(self.waits) > _MOST_WAITS:
            raise RuntimeError("delivery does not come to an end")
        return super().wait(until, timeout_s)


class Gate(DeliveryEvents):
    """A gate's ledger and its delivery, until nothing waits any more."""

    def __init__(self, state: Path, enrolled: Enrolment, clock: FakeClock) -> None:
        self.state, self.clock = state, clock
        self.ledger = SqliteLedger.open(state, enrolled.device_id, Sealer(enrolled.device_id, enrolled.sealing_keys))

    def forked(self, epoch: str) -> None:
        """Begin a new epoch, as the service does."""
        self.ledger.condemn(epoch, "the hub says so")

    def idle(self) -> bool:
        """End: nothing is to be sent."""
        self.delivering.delivery.close()
        return False

    def record(self, numbers: range, place: str = "") -> int:
        """Record visitors; return how many were refused."""
        refused = 0
        for number in numbers:
            self.clock.advance(60_000)
            fact = visitor(number, self.clock)
            fact = replace(fact, place=replace(fact.place, ward=place)) if place else fact
            try:
                self.ledger.record(fact)
            except (LedgerUnavailable, SealingUnavailable):
                refused += 1
        return refused

    def deliver(self, store: HubDatabase) -> None:
        """Deliver until nothing waits; raises `RuntimeError` when it goes on and on."""
        outbox = SqliteOutbox(self.state, damaged=self.ledger.condemn)
        self.delivering = Delivering(lambda: outbox, Direct(store), self.clock, self, Pace(most_rows=50))
        self.clock.waits.clear()
        self.delivering.delivery.run()


@dataclass(frozen=True)
class Stage:
    """A gate that is off, and its hub.

    Attributes:
        folder: where both lie.
        files: the ledger's, by name.
        numbers: the visitors it has recorded.
        tables: what each page of the ledger belongs to.
    """

    folder: Path
    enrolled: Enrolment
    files: dict[str, bytes]
    numbers: range
    tables: dict[int, str]
    clock: FakeClock

    def holds(self, file: str, byte: int) -> str:
        """Return which table or index a byte belongs to."""
        return self.tables.get(byte // 4096 + 1, "free") if file == FILE_NAME else "log"

    def flip(self, site: Site, copy: Path) -> Outcome:
        """Change one bit in a copy, start the gate, record, deliver, and do that once more."""
        shutil.copytree(self.folder, copy)
        state, clock = copy / "state", ImpatientClock(wall_ms=self.clock.wall_ms, monotonic_ms=self.clock.since_boot_ms)
        body = bytearray(self.files[site.file])
        body[site.byte] ^= 1 << site.bit
        (state / site.file).write_bytes(body)
        hub = HubFolder(copy / "hub", clock)
        after, refused = [range(_AFTER, _AFTER + 3), range(_AFTER + 3, _AFTER + 6)], 0
        with closing(hub.open_store()) as store:
            for numbers in after:
                clock.boot_id = f"{numbers.start:032x}"
                gate = Gate(state, self.enrolled, clock)
                with gate.ledger:
                    refused += gate.record(numbers[:2])
                    Checkup(gate.ledger, state).run()
                    gate.deliver(store)
                    refused += gate.record(numbers[2:])
                    gate.deliver(store)
            there = Counter(_readable(hub, store))
            alarms = tuple(alarm.kind for alarm in store.alarms())
        assert not [number for number, count in there.items() if count > 1], "a check-in is there twice"
        lost_after = sum(number not in there for numbers in after for number in numbers) - refused
        lost_before = sum(number not in there for number in self.numbers)
        return Outcome(lost_after, lost_before, refused, len(files_set_aside(state)), alarms)


def prepare(folder: Path, rows: int, *, killed: bool) -> Stage:
    """Record *rows* check-ins and deliver a part of them; the gate is switched off then, or *killed*."""
    clock = FakeClock()
    hub = HubFolder.create(folder / "hub", clock)
    enrolled = hub.add_gate("Cổng A")
    state, part = folder / "state", rows // (_BOOTS + 1)
    with closing(hub.open_store()) as store:
        gate = Gate(state, enrolled, clock)
        with gate.ledger:
            for boot in range(_BOOTS):
                clock.boot_id = f"{boot + 7:032x}" if boot else clock.boot_id
                gate.record(range(boot * part, (boot + 1) * part), "" if boot != 1 else "Phường Trần Phú")
                if boot == 0:
                    gate.deliver(store)
                    with SqliteOutbox(state) as outbox:
                        outbox.prune(keep_rows=part // 2, chunk=1_000)
            gate.record(range(_BOOTS * part, rows))
            files = _files(state) if killed else {}
        tables = _tables(state)
    for name, body in files.items():
        (state / name).write_bytes(body)
    return Stage(folder, enrolled, files or _files(state), range(rows), tables, clock)


def _files(state: Path) -> dict[str, bytes]:
    names = (FILE_NAME, f"{FILE_NAME}-wal")
    return {name: (state / name).read_bytes() for name in names if (state / name).exists()}


def _tables(state: Path) -> dict[int, str]:
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        return dict(connection.execute("SELECT pageno, name FROM dbstat"))


def _readable(hub: HubFolder, store: HubDatabase) -> Iterator[int]:
    """Yield the number of each visitor whose check-in is stored and can be read."""
    keys = hub.private_keys()
    for arrived in store.every_checkin():
        try:
            body = unseal(keys[arrived.row.key_id], arrived.device_id, arrived.epoch, arrived.row)
        except (KeyError, WireError):
            continue
        if body.credential is not None and body.credential.person.citizen_number is not None:
            yield int(body.credential.person.citizen_number)
