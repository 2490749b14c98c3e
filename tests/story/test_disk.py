"""A card that is full, gone read-only, or whose files are tampered with, under a gate that works."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer, new_key_pair
from device.errors import LedgerFull, LedgerUnavailable
from device.model import Receipt
from device.store.ballast import NAME, SIZE_BYTES
from device.store.ledger import SqliteLedger
from device.store.limits import Limits
from device.store.outbox import SqliteOutbox
from device.store.reading import read_back
from tests.support.fakes import FakeClock
from tests.support.visitors import visitor

DEVICE = "gate-1"
DISK_MB = 16


@dataclass
class Disk:
    """A small file system with the state folder of one gate, and something else that may fill it."""

    path: Path
    clock: FakeClock
    sealer: Sealer

    @property
    def state(self) -> Path:
        return self.path / "state"

    def open(self, *, drop_delivered: bool = True) -> SqliteLedger:
        return SqliteLedger.open(
            self.state, DEVICE, self.sealer, Limits(drop_delivered=drop_delivered, volatile_ok=True)
        )

    def record(self, ledger: SqliteLedger, most: int) -> list[int]:
        """Record until it is refused, at most so many; return the numbers given."""
        given = []
        for number in range(most):
            self.clock.advance(1000)
            try:
                given.append(ledger.record(visitor(number, self.clock)))
            except LedgerFull:
                break
        return given

    def fill(self, leave_bytes: int = 0) -> None:
        """Let another program take what is free."""
        with (self.path / "somebody-elses.log").open("wb", buffering=0) as file:
            card = os.statvfs(self.path)
            for piece in (1 << 16, 4096):
                while os.statvfs(self.path).f_bavail * card.f_frsize >= leave_bytes + piece:
                    file.write(bytes(piece))

    def free(self) -> None:
        (self.path / "somebody-elses.log").unlink()

    def remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.path)], check=True, capture_output=True)

    def deliver(self) -> list[tuple[str, int]]:
        with SqliteOutbox(self.state) as outbox:
            return deliver(outbox)


def deliver(outbox: SqliteOutbox) -> list[tuple[str, int]]:
    """Deliver everything; return what was sent, in order."""
    sent = []
    while batch := outbox.next_batch(500, 10_000_000):
        outbox.settle(batch, Receipt(batch.rows[-1].seq))
        sent += [(batch.epoch, row.seq) for row in batch.rows]
    return sent


def seqs(folder: Path) -> list[int]:
    return [row.seq for row in read_back(folder)]


@pytest.fixture
def plain(tmp_path: Path) -> Disk:
    """A folder on whatever disk there is."""
    return Disk(tmp_path, FakeClock(), Sealer(DEVICE, [new_key_pair()[0]]))


@pytest.fixture
def disk(plain: Disk) -> Iterator[Disk]:
    """A file system of its own, where root may make one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk; the page cap and injected faults are tested without")
    plain.path = plain.path / "disk"
    plain.path.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "gate-scanner-test", str(plain.path)],
        check=False,
        capture_output=True,
    )
    if made.returncode != 0:
        pytest.skip("this root may not mount")
    try:
        yield plain
    finally:
        subprocess.run(["umount", "-l", str(plain.path)], check=True, capture_output=True)


# --- a full card ----------------------------------------------------------------------------------


def test_a_full_card_refuses_check_ins_keeps_all_and_can_always_be_delivered(disk: Disk) -> None:
    with disk.open(drop_delivered=False) as ledger, SqliteOutbox(disk.state) as outbox:
        recorded = disk.record(ledger, 300)
        disk.fill()
        recorded += disk.record(ledger, 5000)
        assert len(recorded) < 5000
        assert disk.record(ledger, 1) == []
        assert seqs(disk.state) == recorded == list(range(1, len(recorded) + 1))
        assert (disk.state / NAME).exists()
        assert [seq for _, seq in deliver(outbox)] == recorded
        while outbox.prune(0, 256):
            pass
        assert outbox.backlog().undelivered == 0
        assert seqs(disk.state) == []


def test_on_a_full_card_the_gate_goes_on_in_the_place_of_what_was_delivered(disk: Disk) -> None:
    with disk.open() as ledger:
        first = disk.record(ledger, 3000)
        disk.fill()
        first += disk.record(ledger, 5000)
        disk.deliver()
        second = disk.record(ledger, 1000)
        assert second == list(range(first[-1] + 1, first[-1] + 1001))
        assert seqs(disk.state)[-1000:] == second
        assert [seq for _, seq in disk.deliver()] == second


def test_a_card_that_has_room_again_needs_nobody(disk: Disk) -> None:
    with disk.open(drop_delivered=False) as ledger:
        disk.record(ledger, 100)
        disk.fill()
        disk.record(ledger, 5000)
        disk.deliver()
        disk.free()
        last = seqs(disk.state)[-1]
        assert disk.record(ledger, 10) == list(range(last + 1, last + 11))
        assert (disk.state / NAME).stat().st_size == SIZE_BYTES


@pytest.mark.parametrize("left_bytes", [0, 4096, 20_000])
def test_a_gate_that_starts_on_a_full_card_still_delivers(disk: Disk, left_bytes: int) -> None:
    with disk.open() as ledger:
        recorded = disk.record(ledger, 500)
    (disk.state / "ledger.db-shm").unlink(missing_ok=True)
    disk.fill(left_bytes)
    with disk.open(drop_delivered=False) as ledger:
        recorded += disk.record(ledger, 1000)
        assert [seq for _, seq in disk.deliver()] == recorded


def test_a_card_too_small_for_the_ballast_says_that_it_is_full(disk: Disk) -> None:
    disk.fill(leave_bytes=2 << 20)
    with disk.open() as ledger:
        assert disk.record(ledger, 1) == []


# --- a card gone read-only ------------------------------------------------------------------------


def test_a_gate_that_starts_on_a_read_only_card_waits_for_it_and_loses_nothing(disk: Disk) -> None:
    with disk.open() as ledger:
        disk.record(ledger, 20)
        epoch = ledger.epoch
    disk.remount("ro")  # the kernel does this by itself; by hand it goes only while nothing is open
    for _ in range(3):
        with pytest.raises(LedgerUnavailable, match=r"Read-only file system"):
            disk.open()
        with pytest.raises(LedgerUnavailable):
            disk.deliver()
    disk.remount("rw")
    with disk.open() as ledger:
        assert disk.record(ledger, 5) == [21, 22, 23, 24, 25]
        assert disk.deliver() == [(epoch, seq) for seq in range(1, 26)]


# --- files that change under the gate -------------------------------------------------------------


def test_a_write_ahead_log_that_is_deleted_under_the_gate_loses_nothing(plain: Disk) -> None:
    with plain.open() as ledger, SqliteOutbox(plain.state) as outbox:
        plain.record(ledger, 50)
        outbox.backlog()
        old = ledger.epoch
        (plain.state / "ledger.db-wal").unlink()
        assert plain.record(ledger, 2) == [1, 2]
        assert ledger.epoch != old
        sent = deliver(outbox)
    assert sent == [(ledger_epoch(plain), 1), (ledger_epoch(plain), 2), *((old, seq) for seq in range(1, 51))]


def test_a_ledger_cut_short_under_the_gate_costs_only_what_was_cut_off(plain: Disk) -> None:
    with plain.open() as ledger, SqliteOutbox(plain.state) as outbox:
        plain.record(ledger, 1000)
        outbox.backlog()
        old = ledger.epoch
        file = plain.state / "ledger.db"
        os.truncate(file, file.stat().st_size // 2)
        assert plain.record(ledger, 2) == [1, 2]
        sent = deliver(outbox)
    assert sent[:2] == [(ledger_epoch(plain), 1), (ledger_epoch(plain), 2)]
    found = [seq for epoch, seq in sent if epoch == old]
    assert found[:350] == list(range(1, 351))
    assert found[-1] == 1000  # the newest were still in the log


def test_an_older_copy_put_in_place_under_the_gate_is_a_ledger_that_goes_on_or_is_set_aside(plain: Disk) -> None:
    with plain.open() as ledger:
        plain.record(ledger, 30)
    copy = (plain.state / "ledger.db").read_bytes()
    with plain.open() as ledger:
        plain.record(ledger, 30)
        (plain.state / "older").write_bytes(copy)
        (plain.state / "older").rename(plain.state / "ledger.db")
        given = plain.record(ledger, 3)
        assert len(given) == 3
        assert seqs(plain.state)[-3:] == given


def ledger_epoch(disk: Disk) -> str:
    with disk.open() as ledger:
        return ledger.epoch
