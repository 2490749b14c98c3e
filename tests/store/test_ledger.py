from __future__ import annotations

import logging
import os
import resource
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer, SealingKey, new_key_pair, unseal
from device.errors import LedgerUnavailable, SealingUnavailable
from device.model import CheckIn, Direction, Place
from device.store.ledger import SqliteLedger
from device.store.limits import Limits
from device.store.reading import LedgerReader, read_back
from tests.store.ledger_files import change, damaged_files, seqs

DEVICE = "gate-1"
Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]


def record_until_it_fails(ledger: SqliteLedger, fact: Make) -> tuple[int, str]:
    """Return the last number given, and what the ledger said then."""
    recorded = 0
    try:
        for number in range(1000):
            recorded = ledger.record(fact(number))
    except LedgerUnavailable as error:
        return recorded, str(error)
    pytest.fail("the ledger never was full")


def test_a_recorded_check_in_is_read_back_whole(
    ledger: SqliteLedger, folder: Path, fact: Make, key_pair: tuple[SealingKey, bytes]
) -> None:
    first = fact(1)
    second = replace(fact(2), direction=Direction.OUT, decision=replace(first.decision, counted=False))
    assert [ledger.record(first), ledger.record(second)] == [1, 2]
    with LedgerReader(folder) as reader:
        rows = list(reader.rows())
        places = reader.places()
    for row, written in zip(rows, (first, second), strict=True):
        assert (row.at, row.direction, row.counted) == (written.at, written.direction, written.decision.counted)
        assert places[row.place_id] == written.place
        assert unseal(key_pair[1], DEVICE, ledger.epoch, row).credential == written.credential


def test_a_row_is_in_the_file_when_record_returns(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    for number in range(1, 6):
        assert ledger.record(fact(number)) == number
        assert seqs(folder)[-1] == number  # on another connection


def test_a_new_ledger_and_its_log_are_its_owners_only_whatever_the_umask(
    open_ledger: Open, folder: Path, fact: Make
) -> None:
    before = os.umask(0o022)
    try:
        open_ledger().record(fact(1))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("ledger.db*")}
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal"), 0o600)


def test_the_file_is_durable_by_its_own_account(ledger: SqliteLedger) -> None:
    assert ledger._opened is not None
    connection = ledger._opened.connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_numbers_go_on_without_a_gap_after_reopening(open_ledger: Open, folder: Path, fact: Make) -> None:
    for start in (1, 4, 7):
        with open_ledger() as ledger:
            epoch = ledger.epoch
            assert [ledger.record(fact(number)) for number in range(3)] == [start, start + 1, start + 2]
    assert seqs(folder) == list(range(1, 10))
    with open_ledger() as ledger:
        assert ledger.epoch == epoch


def test_a_long_ledger_is_opened_by_its_tail(open_ledger: Open, folder: Path, fact: Make) -> None:
    with open_ledger() as ledger:
        for number in range(150):
            ledger.record(fact(number))
    with open_ledger() as ledger:
        assert ledger.record(fact(0)) == 151
    assert seqs(folder) == list(range(1, 152))


def test_every_ledger_has_an_epoch_of_its_own(tmp_path: Path, sealer: Sealer) -> None:
    epochs = set()
    for name in ("a", "b"):
        with SqliteLedger.open(tmp_path / name, DEVICE, sealer) as ledger:
            epochs.add(ledger.epoch)
    assert len(epochs) == 2
    assert all(len(bytes.fromhex(epoch)) == 16 for epoch in epochs)


def test_the_folder_is_for_its_owner_only(ledger: SqliteLedger, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_name_or_number_is_in_the_bytes_on_the_card(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    facts = [fact(number) for number in range(1, 60)]
    for each in facts:
        ledger.record(each)
    files = [path for path in folder.iterdir() if path.stat().st_size]
    assert {path.name for path in files} >= {"ledger.db", "ledger.db-wal"}
    raw = b"".join(path.read_bytes() for path in files)
    assert facts[0].place.name.encode() in raw  # the search itself works: places stand in clear
    for each in facts:
        assert each.credential is not None
        person = each.credential.person
        for text in (person.name, person.citizen_number, person.old_number, person.address):
            assert text is None or text.encode() not in raw
        assert each.decision.outcome.encode() not in raw
        assert each.decision.reason.encode() not in raw


def test_all_rows_are_of_one_length(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    for number in range(60):
        ledger.record(fact(number))
    assert len({len(row.sealed) for row in read_back(folder)}) == 1


def test_what_repeats_stands_in_the_file_once(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    elsewhere = Place("Bệnh viện Thử", "hospital", "Quảng Ngãi")
    for number in range(6):
        ledger.record(fact(number) if number % 2 else replace(fact(number), place=elsewhere))
    connection = sqlite3.connect(folder / "ledger.db")
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("boots", "places")]
    connection.close()
    assert counts == [1, 2]


def test_without_a_sealing_key_nothing_is_written(folder: Path, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, keyless := Sealer(DEVICE, [])) as ledger:
        with pytest.raises(SealingUnavailable):
            ledger.record(fact(1))
        assert seqs(folder) == []
        keyless.renew([new_key_pair()[0]])
        assert ledger.record(fact(1)) == 1


def test_a_sealer_of_another_device_is_a_mistake(folder: Path, sealer: Sealer) -> None:
    with pytest.raises(ValueError, match="another device"):
        SqliteLedger.open(folder, "gate-2", sealer)


def test_the_ledger_of_another_device_is_refused_and_left_alone(open_ledger: Open, folder: Path, fact: Make) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
    key, _ = new_key_pair()
    with pytest.raises(LedgerUnavailable, match="belongs to the device gate-1"):
        SqliteLedger.open(folder, "gate-2", Sealer("gate-2", [key]))
    assert damaged_files(folder) == []
    assert seqs(folder) == [1]


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(open_ledger: Open, folder: Path) -> None:
    open_ledger().close()
    change(folder, "UPDATE meta SET value = '2' WHERE name = 'layout'")
    with pytest.raises(LedgerUnavailable, match="layout 2"):
        open_ledger()
    assert damaged_files(folder) == []


def test_after_closing_nothing_is_recorded(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnavailable, match="closed"):
        ledger.record(fact(1))
    assert seqs(folder) == []


def test_threads_that_record_at_once_share_one_chain(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    facts = [fact(number) for number in range(80)]
    given: list[int] = []
    threads = [
        threading.Thread(
            target=lambda part: given.extend(ledger.record(each) for each in part), args=(facts[start::4],)
        )
        for start in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == seqs(folder) == list(range(1, 81))


# --- faults while it runs -------------------------------------------------------------------------


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    """Let the kernel refuse to make any file larger (EFBIG); Python ignores the signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_the_kernel_refuses_is_a_fault_and_leaves_no_gap(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    for number in range(1, 4):
        ledger.record(fact(number))
    with files_no_larger_than(4096):
        for _ in range(3):
            with pytest.raises(LedgerUnavailable):
                ledger.record(fact(4))
    assert seqs(folder) == [1, 2, 3]
    assert ledger.record(fact(5)) == 4
    assert seqs(folder) == [1, 2, 3, 4]


def test_a_full_disk_in_the_middle_of_a_row_costs_only_that_row(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    ledger.record(fact(0))
    with files_no_larger_than((folder / "ledger.db-wal").stat().st_size + 30_000):
        recorded, _ = record_until_it_fails(ledger, fact)
    assert recorded > 1
    assert seqs(folder) == list(range(1, recorded + 1))
    assert ledger.record(fact(1)) == recorded + 1


def test_the_page_cap_is_a_full_disk_that_says_so(folder: Path, sealer: Sealer, fact: Make) -> None:
    with SqliteLedger.open(folder, DEVICE, sealer, Limits(most_bytes=20 * 4096, volatile_ok=True)) as ledger:
        recorded, said = record_until_it_fails(ledger, fact)
    assert "full" in said
    assert recorded > 10
    assert seqs(folder) == list(range(1, recorded + 1))
    with SqliteLedger.open(folder, DEVICE, sealer) as ledger:
        assert ledger.record(fact(0)) == recorded + 1


def test_a_card_gone_read_only_is_a_fault_until_it_is_writable(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    ledger.record(fact(1))
    assert ledger._opened is not None
    ledger._opened.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnavailable, match="read-only"):
        ledger.record(fact(2))
    assert ledger.record(fact(2)) == 2
    assert seqs(folder) == [1, 2]


def test_a_writer_that_hangs_on_the_file_is_a_fault_until_it_lets_go(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    ledger.record(fact(1))
    assert ledger._opened is not None
    ledger._opened.connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match="another program"):
        ledger.record(fact(2))
    other.close()
    assert ledger.record(fact(2)) == 2


def test_a_commit_cut_short_by_ctrl_c_does_not_confuse_the_next_one(
    ledger: SqliteLedger, folder: Path, fact: Make
) -> None:
    class Interrupting:
        """A connection whose COMMIT is done, but whose caller never learns."""

        def __init__(self, connection: sqlite3.Connection) -> None:
            self.connection = connection

        def execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
            result = self.connection.execute(statement, values)
            if statement == "COMMIT":
                raise KeyboardInterrupt
            return result

        def close(self) -> None:
            self.connection.close()

    ledger.record(fact(1))
    assert ledger._opened is not None
    ledger._opened.connection = Interrupting(ledger._opened.connection)  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        ledger.record(fact(2))
    # A row without a green light is allowed; a number given twice is not.
    assert ledger.record(fact(3)) == 3
    assert seqs(folder) == [1, 2, 3]


def test_a_file_taken_away_while_it_is_open_is_noticed(
    ledger: SqliteLedger, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.record(fact(1))
    epoch = ledger.epoch
    for path in folder.glob("ledger.db*"):
        path.unlink()
    with caplog.at_level(logging.ERROR):
        assert ledger.record(fact(2)) == 1
    assert ledger.epoch != epoch
    assert seqs(folder) == [1]
    assert "event=ledger-file-gone" in caplog.text


def test_a_log_cut_short_while_it_is_open_costs_no_later_row(
    ledger: SqliteLedger, open_ledger: Open, folder: Path, fact: Make
) -> None:
    for number in (1, 2):
        ledger.record(fact(number))
    epoch = ledger.epoch
    os.truncate(folder / "ledger.db-wal", 32)
    for number in (3, 4):
        ledger.record(fact(number))
    assert ledger.epoch != epoch
    ledger.close()
    assert open_ledger().record(fact(5)) == 3
    assert seqs(folder) == [1, 2, 3]
