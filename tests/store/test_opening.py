from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer
from device.errors import LedgerUnavailable
from device.model import CheckIn
from device.store.ledger import SqliteLedger
from tests.store.ledger_files import change, damaged_files, seqs

DEVICE = "gate-1"
Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]


# --- what is found when it is opened --------------------------------------------------------------


def zero_the_header(folder: Path) -> None:
    with (folder / "ledger.db").open("r+b") as file:
        file.write(bytes(100))


def cut_in_half(folder: Path) -> None:
    with (folder / "ledger.db").open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)


def overwrite_all_but_the_first_page(folder: Path) -> None:
    with (folder / "ledger.db").open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def put_something_else_there(folder: Path) -> None:
    (folder / "ledger.db").write_bytes(b"this is not a database " * 500)


def change_the_last_row(folder: Path) -> None:
    change(folder, "UPDATE check_ins SET wall_ms = wall_ms - 86400000 WHERE seq = 40")


def take_out_a_row(folder: Path) -> None:
    change(folder, "DELETE FROM check_ins WHERE seq = 39")


def lose_the_last_rows(folder: Path) -> None:
    change(folder, "UPDATE delivery SET cursor = 40")
    change(folder, "DELETE FROM check_ins WHERE seq > 38")


def lose_the_delivery_state(folder: Path) -> None:
    change(folder, "DELETE FROM delivery")


def lose_a_table(folder: Path) -> None:
    change(folder, "DROP TABLE parked")


def forget_whose_it_is(folder: Path) -> None:
    change(folder, "DELETE FROM meta WHERE name = 'epoch'")


def become_another_epoch(folder: Path) -> None:
    change(folder, "UPDATE meta SET value = '00112233445566778899aabbccddeeff' WHERE name = 'epoch'")


def forget_a_boot(folder: Path) -> None:
    change(folder, "DELETE FROM boots")


def write_an_unknown_code(folder: Path) -> None:
    change(folder, "UPDATE check_ins SET direction = 9 WHERE seq = 40")


def spoil_a_text(folder: Path) -> None:
    change(folder, "UPDATE meta SET value = CAST(x'ff' AS TEXT) WHERE name = 'device_id'")


@pytest.mark.parametrize(
    "damage",
    [
        zero_the_header,
        cut_in_half,
        overwrite_all_but_the_first_page,
        put_something_else_there,
        change_the_last_row,
        take_out_a_row,
        lose_the_last_rows,
        lose_the_delivery_state,
        lose_a_table,
        forget_whose_it_is,
        become_another_epoch,
        forget_a_boot,
        write_an_unknown_code,
        spoil_a_text,
    ],
)
def test_a_damaged_ledger_is_set_aside_and_a_new_epoch_begins(
    damage: Callable[[Path], None],
    open_ledger: Open,
    folder: Path,
    fact: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_ledger() as ledger:
        for number in range(40):
            ledger.record(fact(number))
        epoch = ledger.epoch
    damage(folder)
    before = (folder / "ledger.db").read_bytes()
    with caplog.at_level(logging.WARNING), open_ledger() as ledger:
        assert ledger.epoch != epoch
        assert ledger.record(fact(1)) == 1
    assert seqs(folder) == [1]
    (name,) = damaged_files(folder)
    assert len((folder / name).read_bytes()) == len(before)
    assert [record.getMessage() for record in caplog.records if "ledger-set-aside" in record.getMessage()] == [
        line for line in caplog.messages if name in line
    ]
    assert len(caplog.messages) == 1


def test_two_damaged_ledgers_are_both_kept(open_ledger: Open, folder: Path, fact: Make) -> None:
    for _ in range(2):
        with open_ledger() as ledger:
            ledger.record(fact(1))
        zero_the_header(folder)
        os.utime(folder / "ledger.db", (1_767_225_600, 1_767_225_600))
    open_ledger().close()
    assert damaged_files(folder) == ["ledger.db.damaged-1767225600000", "ledger.db.damaged-1767225600000-2"]


def test_of_ledgers_that_are_damaged_again_and_again_the_one_with_rows_is_kept(
    open_ledger: Open, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
    for _ in range(5):
        zero_the_header(folder)
        open_ledger().close()
    assert len(damaged_files(folder)) == 1
    with open_ledger() as ledger:
        for _ in range(3):
            assert ledger.condemn(ledger.epoch, "a test")
        assert len(damaged_files(folder)) == 1
        assert ledger.record(fact(2)) == 1
        assert ledger.condemn(ledger.epoch, "a test")
    assert len(damaged_files(folder)) == 2


def test_a_log_left_by_a_ledger_that_could_not_be_made_is_not_kept_each_time(open_ledger: Open, folder: Path) -> None:
    open_ledger().close()
    for _ in range(5):
        (folder / "ledger.db").write_bytes(b"")
        (folder / "ledger.db-wal").write_bytes(bytes(32))
        open_ledger().close()
    assert len(list(folder.glob("ledger.db.damaged-*-wal"))) == 1


def test_a_row_behind_a_ledger_that_was_set_aside_is_kept_though_it_was_not_acknowledged(
    open_ledger: Open, folder: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
        ledger.condemn(ledger.epoch, "a test")
        ledger.record(fact(2))
    (folder / "ledger.unused").mkdir()  # the note cannot be taken away
    with open_ledger() as ledger:
        with pytest.raises(LedgerUnavailable, match="cannot be used"):
            ledger.record(fact(3))
        (folder / "ledger.unused").rmdir()
        assert ledger.record(fact(4)) == 3


def test_a_write_ahead_log_without_its_database_is_never_replayed_into_a_new_one(
    open_ledger: Open, folder: Path, tmp_path: Path, fact: Make
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
        orphan = (folder / "ledger.db-wal").read_bytes()
    (folder / "ledger.db").unlink()
    (folder / "ledger.db-wal").write_bytes(orphan)
    with open_ledger() as ledger:
        assert ledger.record(fact(2)) == 1
    (name,) = damaged_files(folder)
    assert name.endswith("-wal")
    assert (folder / name).read_bytes() == orphan


def test_a_file_in_which_nothing_was_made_yet_becomes_a_ledger(open_ledger: Open, folder: Path, fact: Make) -> None:
    folder.mkdir()
    (folder / "ledger.db").touch()
    with open_ledger() as ledger:
        assert ledger.record(fact(1)) == 1
    assert damaged_files(folder) == []


def test_a_stale_index_of_the_log_is_made_anew(open_ledger: Open, folder: Path, fact: Make) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
    (folder / "ledger.db-shm").write_bytes(b"\x5a" * 32_768)
    with open_ledger() as ledger:
        assert ledger.record(fact(2)) == 2
    assert damaged_files(folder) == []


# --- who may open it ------------------------------------------------------------------------------


def test_two_gates_in_one_process_do_not_share_a_ledger(ledger: SqliteLedger, open_ledger: Open) -> None:
    with pytest.raises(LedgerUnavailable, match="another gate"):
        open_ledger()
    ledger.close()
    open_ledger()


HOLD = """
import sys
from pathlib import Path
from device.crypto.sealing import Sealer
from device.store.ledger import SqliteLedger
from device.store.limits import Limits
with SqliteLedger.open(Path(sys.argv[1]), "gate-1", Sealer("gate-1", [])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_dies(open_ledger: Open, folder: Path, fact: Make) -> None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(LedgerUnavailable, match="another gate writes"):
            open_ledger()
        holder.kill()
    assert open_ledger().record(fact(1)) == 1


@contextmanager
def as_somebody_without_rights() -> Iterator[None]:
    """Root may write everywhere: become nobody for a moment. Others have no rights already."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_may_not_be_written_is_named_with_what_to_do(sealer: Sealer) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with (
            as_somebody_without_rights(),
            pytest.raises(LedgerUnavailable, match=rf"{name}.*belongs to the service's user"),
        ):
            SqliteLedger.open(folder, DEVICE, sealer)
        folder.chmod(0o755)


def test_a_file_that_may_not_be_written_never_takes_a_row(sealer: Sealer, fact: Make) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with SqliteLedger.open(folder, DEVICE, sealer) as ledger:
            ledger.record(fact(1))
        folder.chmod(0o777)
        (folder / "ledger.lock").chmod(0o666)
        (folder / "ledger.db").chmod(0o444)
        with as_somebody_without_rights(), pytest.raises(LedgerUnavailable, match="service's user"):
            SqliteLedger.open(folder, DEVICE, sealer).record(fact(2))
        assert damaged_files(folder) == []
        assert seqs(folder) == [1]


def test_a_folder_that_is_a_file_is_named(tmp_path: Path, sealer: Sealer) -> None:
    (tmp_path / "ledger").write_text("a file")
    with pytest.raises(LedgerUnavailable, match=str(tmp_path / "ledger")):
        SqliteLedger.open(tmp_path / "ledger", DEVICE, sealer)


def test_a_ledger_that_could_not_be_opened_leaves_the_lock_free(open_ledger: Open, folder: Path) -> None:
    open_ledger().close()
    change(folder, "UPDATE meta SET value = '2' WHERE name = 'layout'")
    with pytest.raises(LedgerUnavailable):
        open_ledger()
    change(folder, "UPDATE meta SET value = '1' WHERE name = 'layout'")
    open_ledger()
