"""Batches that cost a hub as much as a gate with a good key can make them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final

from device.clock import DAY_MS, ClockReading, ClockState, SystemClock, utc_day
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.model import Batch, Direction, Place, SealedRow
from device.wire.checkins import BATCH_MOST_ROWS, SEALED_MOST_BYTES
from device.wire.hash_chain import genesis, link_of
from device.wire.places import place_id_of
from device.wire.time_fields import Sent
from tests.support.fake_outbox import PLACE

Batches = Sequence[tuple[Batch, Sent | None]]


class Gate:
    """A gate of a hub that says what a bench wants; its rows are chained, and sealed to nobody.

    Args:
        folder: of the hub.
    """

    def __init__(self, folder: HubFolder) -> None:
        enrolled = folder.add_gate("Cổng A")
        self.device_id, self.key = enrolled.device_id, enrolled.sealing_keys[0]
        self.now_ms = SystemClock().reading().wall_ms
        self.epoch = secrets.token_hex(16)
        self.sealed_bytes = (300, 300)

    @property
    def day(self) -> date:
        """The day it seals on."""
        return utc_day(self.now_ms)

    def rows(self, readings: Iterable[ClockReading], places: Sequence[Place] = (PLACE,)) -> Iterator[SealedRow]:
        """Yield the first rows of a ledger, recorded at these moments at these places in turn."""
        link, place_ids = genesis(self.device_id, self.epoch), [place_id_of(place) for place in places]
        for seq, at in enumerate(readings, 1):
            place_id, sealed = place_ids[seq % len(place_ids)], secrets.token_bytes(self.sealed_bytes[seq % 2])
            unlinked = SealedRow(seq, at, Direction.IN, True, place_id, self.key.key_id, sealed, b"")  # noqa: FBT003 - the row's own order
            link = link_of(link, unlinked)
            yield replace(unlinked, link=link)

    def batches(self, readings: Iterable[ClockReading], most: int) -> Iterator[Batch]:
        """Yield these moments in full batches, *most* rows in all."""
        rows = islice(self.rows(readings), most)
        while page := tuple(islice(rows, BATCH_MOST_ROWS)):
            yield self.batch(page)

    def batch(self, rows: Sequence[SealedRow], places: Sequence[Place] = (PLACE,)) -> Batch:
        """Put rows into a batch."""
        return Batch(self.device_id, self.epoch, tuple(rows), tuple((place_id_of(one), one) for one in places))

    def sent(self, boot_id: str = "f" * 32, monotonic_ms: int = 1_000) -> Sent:
        """Return what it says of its clock when it sends."""
        return Sent(ClockReading(boot_id, monotonic_ms, self.now_ms, ClockState.SYNCHRONISED), self.day)


def reading(boot: int, wall_ms: int | None, monotonic_ms: int = 1_000) -> ClockReading:
    """Return what a clock says in one of many boots; nothing of the time without *wall_ms*."""
    state = ClockState.UNSYNCHRONISED if wall_ms is None else ClockState.SYNCHRONISED
    return ClockReading(f"{boot:032x}", monotonic_ms, wall_ms or 0, state)


@dataclass(frozen=True, slots=True)
class Case:
    """Something a gate may send.

    Attributes:
        name: in words.
        prepare: does what comes before, and returns the batches that are measured.
    """

    name: str
    prepare: Callable[[Gate, HubDatabase], Batches]


def _take(store: HubDatabase, gate: Gate, batches: Iterable[Batch]) -> None:
    for batch in batches:
        store.ingest(batch, bytes(64), gate.sent())


def _contradictions(gate: Gate, store: HubDatabase) -> Batches:
    """500 boots that each claim to be over before the one before began, behind 1,000 that agree."""
    began_ms = gate.now_ms - 90 * DAY_MS
    readings = [reading(n, began_ms + n * 60_000) for n in range(1_000)]
    readings += [reading(n, began_ms + DAY_MS * 60 - n * 3_600_000 // 2) for n in range(1_000, 1_500)]
    *before, last = gate.batches(_known_before(store, readings), 1_500)
    _take(store, gate, before)
    return [(last, gate.sent())]


def _known_before(store: HubDatabase, readings: Sequence[ClockReading]) -> Sequence[ClockReading]:
    """Let the hub not know since when the gate records, so that everything can be."""
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE gates SET began_ms = 0")
    return readings


def _one_against_all(gate: Gate, store: HubDatabase) -> Batches:
    """1,499 boots that agree, and one that contradicts all of them."""
    began_ms = gate.now_ms - 90 * DAY_MS
    readings = [reading(n, began_ms + n * 60_000) for n in range(1_499)] + [reading(1_499, began_ms - DAY_MS)]
    *before, last = gate.batches(_known_before(store, readings), 1_500)
    _take(store, gate, before)
    return [(last, gate.sent())]


def _judged_anew(gate: Gate, store: HubDatabase) -> Batches:
    """6,000 rows of one boot, found to lie by the first row of the next, four times."""
    began_ms, measured = gate.now_ms - 90 * DAY_MS, list[tuple[Batch, Sent | None]]()
    for turn in range(4):
        gate.epoch = f"{turn:032x}"
        lies = [reading(2 * turn, began_ms + 60 * DAY_MS + n * 1_000, n * 1_000) for n in range(6_000)]
        readings = [*lies, reading(2 * turn + 1, began_ms)]
        *before, last = gate.batches(_known_before(store, readings), 6_001)
        _take(store, gate, before)
        measured.append((last, gate.sent()))
    return measured


def _late(gate: Gate, store: HubDatabase) -> Batches:
    """Every second row of 500 fills a gap."""
    rows = list(gate.rows(reading(0, gate.now_ms + n, n) for n in range(500)))
    for row in rows[::2]:
        for _ in range(2):  # a gap is asked for once
            store.ingest(gate.batch([row]), bytes(64), None)
    return [(gate.batch(rows), gate.sent())]


def _late_among_large(gate: Gate, store: HubDatabase) -> Batches:
    """The same between rows as large as a row may be; what is stored is only named in the batch that is measured."""
    gate.sealed_bytes = (300, SEALED_MOST_BYTES)
    rows = list(gate.rows(reading(0, gate.now_ms + n, n) for n in range(500)))
    for row in rows[::2]:
        for _ in range(2):
            store.ingest(gate.batch([row]), bytes(64), None)
    small = [replace(row, sealed=b"x") if row.seq % 2 else row for row in rows]
    return [(gate.batch(small), gate.sent())]


def _forks(gate: Gate, store: HubDatabase) -> Batches:
    """500 rows whose numbers are stored with other links, twice."""
    _take(store, gate, gate.batches((reading(0, None, n) for n in range(500)), 500))
    other = next(gate.batches((reading(1, None, n) for n in range(500)), 500))
    return [(other, gate.sent()), (other, gate.sent())]


def _unknown_keys(gate: Gate, store: HubDatabase) -> Batches:
    """500 rows sealed to 500 keys that this hub never made, again and again."""
    rows = [replace(row, key_id=secrets.token_hex(16)) for row in gate.rows(reading(0, None, n) for n in range(500))]
    linked, link = list[SealedRow](), genesis(gate.device_id, gate.epoch)
    for row in rows:
        link = link_of(link, row)
        linked.append(replace(row, link=link))
    batch = gate.batch(linked)
    _take(store, gate, [batch] * 499)
    return [(batch, gate.sent())] * 2


def _places(gate: Gate, store: HubDatabase) -> Batches:
    """500 rows at 500 places with as much text as a body holds, in a gate that has 5,000 already."""
    measured = []
    for turn in range(11):
        gate.epoch = f"{turn:032x}"
        places = [Place(f"{turn} {n} " + "x" * 1_200, "market", "Hà Nội", "", "") for n in range(500)]
        rows = list(gate.rows((reading(0, None, n) for n in range(500)), places))
        measured.append((gate.batch(rows, places), gate.sent()))
    for batch, sent in measured[:-1]:
        store.ingest(batch, bytes(64), sent)
    return measured[-1:]


def _many_boots_and_epochs(gate: Gate, store: HubDatabase) -> Batches:
    """A gate that was heard in 5,000 boots and has begun 5,000 ledgers, each time anew."""
    for turn in range(5_000):
        gate.epoch = f"{turn:032x}"
        rows = list(gate.rows([reading(turn, gate.now_ms - turn * 3_600_000)]))
        store.ingest(gate.batch(rows), bytes(64), gate.sent(f"{turn:032x}", turn))
    gate.epoch = "e" * 32
    last = next(gate.batches((reading(n, gate.now_ms - n * 3_600_000) for n in range(500)), 500))
    return [(last, gate.sent("d" * 32))]


WORST: Final = (
    Case("500 boots that contradict each other", _contradictions),
    Case("a boot that contradicts all others", _one_against_all),
    Case("a lie that comes out after 6,000 rows, four times", _judged_anew),
    Case("250 rows that fill a gap each", _late),
    Case("250 of them among rows of 128 KB", _late_among_large),
    Case("500 rows that are another branch", _forks),
    Case("500 keys that this hub never made, for the 500th time", _unknown_keys),
    Case("500 new places", _places),
    Case("5,000 boots and 5,000 ledgers of one gate", _many_boots_and_epochs),
)
