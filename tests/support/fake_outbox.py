"""Sealed, chained rows of invented visitors, and an outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from device.clock import ClockReading, ClockState, SystemClock, utc_day
from device.crypto.sealing import Sealer, SealingKey
from device.errors import LedgerUnavailable, WireError
from device.model import (
    Backlog,
    Batch,
    CheckIn,
    CodeKind,
    Credential,
    Decision,
    Direction,
    Outcome,
    Person,
    Place,
    Reason,
    Receipt,
    SealedRow,
)
from device.store.rows import first_batch
from device.wire.hash_chain import genesis, link_of
from device.wire.places import place_id_of
from device.wire.time_fields import Sent
from tests.support.fakes import BOOT_ID

EPOCH = "00112233445566778899aabbccddeeff"
PLACE = Place("Chợ Hoa Sen", "market", "Thành phố Hồ Chí Minh", "Quận 1", "Phường Bến Nghé")
PLACES = ((place_id_of(PLACE), PLACE),)


def check_in(number: int) -> CheckIn:
    """Return the check-in of an invented visitor."""
    person = Person(name=f"Nguyễn Văn Thử {number}", citizen_number=f"{number:012d}", birth="1990-02-03")
    return CheckIn(
        credential=Credential(CodeKind.CITIZEN_CARD, person),
        decision=Decision(Outcome.GRANTED, Reason.RECORDED, "2026-01-01"),
        place=PLACE,
        direction=Direction.IN,
        at=ClockReading(
            BOOT_ID, 1_000_000 + number * 1_700, 1_767_225_600_000 + number * 1_700, ClockState.SYNCHRONISED
        ),
    )


def chained_rows(
    device_id: str, key: SealingKey, count: int, *, epoch: str = EPOCH, after: SealedRow | None = None
) -> tuple[SealedRow, ...]:
    """Return *count* rows as a ledger would write them, from the first one or after another."""
    sealer = Sealer(device_id, [key])
    seq, link = (0, genesis(device_id, epoch)) if after is None else (after.seq, after.link)
    rows: list[SealedRow] = []
    for number in range(seq + 1, seq + count + 1):
        fact = check_in(number)
        key_id, sealed = sealer.seal(fact, epoch, number)
        unlinked = SealedRow(
            number, fact.at, fact.direction, number % 10 != 0, place_id_of(PLACE), key_id, sealed, link=b""
        )
        link = link_of(link, unlinked)
        rows.append(with_link(unlinked, link))
    return tuple(rows)


def rows_at(
    device_id: str,
    key: SealingKey,
    readings: Sequence[ClockReading],
    *,
    epoch: str = EPOCH,
    after: SealedRow | None = None,
) -> tuple[SealedRow, ...]:
    """Return rows recorded at these moments, from the first one or after another."""
    sealer = Sealer(device_id, [key])
    seq, link = (0, genesis(device_id, epoch)) if after is None else (after.seq, after.link)
    rows: list[SealedRow] = []
    for number, at in enumerate(readings, seq + 1):
        fact = check_in(number)
        key_id, sealed = sealer.seal(fact, epoch, number)
        unlinked = SealedRow(number, at, fact.direction, True, place_id_of(PLACE), key_id, sealed, link=b"")  # noqa: FBT003 - the row's own order
        link = link_of(link, unlinked)
        rows.append(with_link(unlinked, link))
    return tuple(rows)


def with_link(row: SealedRow, link: bytes) -> SealedRow:
    """Return *row* with another link."""
    return SealedRow(row.seq, row.at, row.direction, row.counted, row.place_id, row.key_id, row.sealed, link)


def batch_of(device_id: str, rows: tuple[SealedRow, ...], *, epoch: str = EPOCH) -> Batch:
    """Put *rows* into a batch."""
    return Batch(device_id, epoch, rows, PLACES)


def sent(at: ClockReading | None = None) -> Sent:
    """Return what a gate says of its clock; it seals on the clock's own day."""
    at = at or SystemClock().reading()
    return Sent(at, utc_day(at.wall_ms))


class MemoryOutbox:
    """An outbox over rows in memory; also its own context manager."""

    def __init__(self, device_id: str, rows: tuple[SealedRow, ...]) -> None:
        self.device_id = device_id
        self.rows = rows
        self.cursor = 0
        self.parked: dict[int, str] = {}
        self.asked: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def next_batch(self, most_rows: int, most_bytes: int) -> Batch | None:
        self.asked.append(most_rows)
        rows = first_batch((row for row in self.rows if row.seq > self.cursor), most_rows, most_bytes)
        return batch_of(self.device_id, rows) if rows else None

    def settle(self, batch: Batch, receipt: Receipt) -> None:
        first, last = batch.rows[0].seq, batch.rows[-1].seq
        parked = dict(receipt.parked)
        if not first - 1 <= receipt.cursor <= last or len(parked) != len(receipt.parked):
            raise WireError("the receipt speaks of rows that were not sent")
        if not all(first <= seq <= receipt.cursor for seq in parked):
            raise WireError("the receipt parks rows that it does not acknowledge")
        if not self._is_ours(batch):
            raise LedgerUnavailable("a new epoch has begun")
        if any(self.cursor < row.seq < first for row in self.rows):
            raise WireError("rows before this batch are not delivered yet")
        self.cursor = max(self.cursor, receipt.cursor)
        self.parked = parked | self.parked

    def rewind(self, batch: Batch, cursor: int) -> None:
        if self._is_ours(batch):
            pruned = self.rows[0].seq - 1 if self.rows else self.cursor
            self.cursor = min(self.cursor, max(cursor, pruned))

    def backlog(self) -> Backlog:
        recorded = self.rows[-1].seq if self.rows else self.cursor
        oldest = next((row.at.wall_ms for row in self.rows if row.seq > self.cursor), None)
        return Backlog(recorded, recorded - self.cursor, len(self.parked), oldest)

    def _is_ours(self, batch: Batch) -> bool:
        return (batch.device_id, batch.epoch) == (self.device_id, EPOCH)
