from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer
from device.errors import LedgerUnavailable
from device.model import CheckIn, Receipt
from device.store.ballast import NAME, SIZE_BYTES
from device.store.ledger import SqliteLedger
from device.store.limits import MOST_ROWS, Limits, refuse_volatile
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader, read_back

DEVICE = "gate-1"
Make = Callable[[int], CheckIn]
MEMORY = Path("/dev/shm")


def limits(most_rows: int = MOST_ROWS, *, drop: bool = True, pages: int | None = None) -> Limits:
    most_bytes = None if pages is None else pages * 4096
    return Limits(most_rows, most_bytes, drop_delivered=drop, volatile_ok=True)


def deliver(folder: Path, rows: int) -> None:
    with SqliteOutbox(folder) as outbox:
        batch = outbox.next_batch(rows, 10_000_000)
        assert batch is not None
        outbox.settle(batch, Receipt(batch.rows[-1].seq))


def seqs(folder: Path) -> list[int]:
    return [row.seq for row in read_back(folder)]


def fill(ledger: SqliteLedger, fact: Make) -> tuple[int, str]:
    """Record until it is refused; return how many were not, and what was said then."""
    done = 0
    try:
        for number in range(2000):
            ledger.record(fact(number))
            done += 1
    except LedgerUnavailable as error:
        return done, str(error)
    pytest.fail("the ledger never was full")


# --- the row cap ----------------------------------------------------------------------------------


def test_at_the_cap_a_check_in_that_is_not_delivered_is_never_deleted(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(30)) as ledger:
        assert fill(ledger, fact)[0] == 30
        with pytest.raises(LedgerUnavailable, match=r"holds 30 check-ins.*store\.max_rows.*store\.at_cap"):
            ledger.record(fact(99))
    assert seqs(folder) == list(range(1, 31))


def test_at_the_cap_the_oldest_delivered_ones_make_room(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(30)) as ledger:
        fill(ledger, fact)
        deliver(folder, 12)
        done, _ = fill(ledger, fact)
    assert done == 12
    assert seqs(folder) == list(range(13, 43))


def test_a_full_ledger_is_told_once_and_not_to_each_visitor(
    folder: Path, sealer: Sealer, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(30)) as ledger:
        fill(ledger, fact)
        for number in range(3):
            with pytest.raises(LedgerUnavailable):
                ledger.record(fact(number))
        deliver(folder, 12)
        fill(ledger, fact)
    told = [message for message in caplog.messages if "event=ledger-full" in message]
    assert told.count("event=ledger-full dropped_delivered=0") == 2, "once before and once after there was room"


def test_a_gate_that_is_to_refuse_deletes_nothing_at_the_cap(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(30, drop=False)) as ledger:
        fill(ledger, fact)
        deliver(folder, 12)
        with pytest.raises(LedgerUnavailable, match=r"store\.max_rows"):
            ledger.record(fact(99))
        assert seqs(folder) == list(range(1, 31))
        with SqliteOutbox(folder) as outbox:
            assert outbox.prune(keep_rows=0, chunk=500) == 12
        assert fill(ledger, fact)[0] == 12


def test_parked_check_ins_stay_and_count(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(30)) as ledger, SqliteOutbox(folder) as outbox:
        fill(ledger, fact)
        batch = outbox.next_batch(10, 10_000_000)
        assert batch is not None
        outbox.settle(batch, Receipt(10, ((4, "no"), (7, "no"))))
        assert fill(ledger, fact)[0] == 8
    with LedgerReader(folder) as reader:
        assert reader.parked == ((4, "no"), (7, "no"))
        stored = reader._connection.execute("SELECT seq FROM check_ins ORDER BY seq").fetchall()
    assert [seq for (seq,) in stored] == [4, 7, *range(11, 39)]


# --- the page cap ---------------------------------------------------------------------------------


def test_the_largest_size_is_a_full_disk_that_names_its_key(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(pages=40)) as ledger:
        done, said = fill(ledger, fact)
    assert "store.max_size" in said
    assert done > 100
    assert seqs(folder) == list(range(1, done + 1))


def test_at_the_largest_size_delivered_check_ins_make_room_for_as_many(
    folder: Path, sealer: Sealer, fact: Make
) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, limits(pages=60)) as ledger:
        first, _ = fill(ledger, fact)
        size = (folder / "ledger.db").stat().st_size
        deliver(folder, first)
        second, _ = fill(ledger, fact)
    assert second >= first - 40
    assert (folder / "ledger.db").stat().st_size <= max(size, 60 * 4096)
    assert seqs(folder)[-1] == first + second


# --- the ballast ----------------------------------------------------------------------------------


def test_the_ballast_is_there_from_the_start_and_takes_its_room(ledger: SqliteLedger, folder: Path) -> None:
    found = (folder / NAME).stat()
    assert found.st_size == SIZE_BYTES
    assert found.st_blocks * 512 >= SIZE_BYTES


def test_a_ballast_that_was_released_is_put_back_when_there_is_room(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    (folder / NAME).unlink()
    ledger.record(fact(1))
    assert (folder / NAME).stat().st_size == SIZE_BYTES


# --- where it lies --------------------------------------------------------------------------------


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no file system in memory here")
def test_a_folder_in_memory_is_refused_until_the_key_allows_it(sealer: Sealer, tmp_path_factory: object) -> None:
    folder = MEMORY / f"gate-scanner-test-{id(sealer)}"
    folder.mkdir()
    try:
        with pytest.raises(LedgerUnavailable, match=r"tmpfs.*store\.folder.*store\.volatile_ok: true"):
            SqliteLedger.open(folder, DEVICE, sealer, Limits())
        SqliteLedger.open(folder, DEVICE, sealer, Limits(volatile_ok=True)).close()
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_a_folder_that_cannot_be_asked_is_believed(tmp_path: Path) -> None:
    refuse_volatile(tmp_path / "not there")
