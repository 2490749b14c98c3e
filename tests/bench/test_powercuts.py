from __future__ import annotations

import random
from pathlib import Path

import pytest

from device.errors import GateScannerError
from tests.bench.powercut_disk import Disk
from tests.bench.powercut_trace import Name, Rename, Step, Sync, Told, Truncate, Write, _Reader

FOLDER = Path("/state")


def shown(text: str) -> str:
    """Return text as ``strace -xx`` shows it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


DB, WAL, SHM, DIR = (
    shown(path) for path in ("/state/ledger.db", "/state/ledger.db-wal", "/state/ledger.db-shm", "/state")
)


def read(*lines: str) -> list[Step]:
    return list(_Reader(FOLDER).read(lines))


def remains(*steps: Step) -> set[tuple[tuple[str, bytes], ...]]:
    """Return everything that may be on the card after *steps* and a cut."""
    disk, chance = Disk(), random.Random(1)
    for step in steps:
        disk.apply(step)
    return {tuple(disk.after_a_cut(chance).items()) for _ in range(400)}


# --- reading a trace ------------------------------------------------------------------------------


def test_a_trace_is_read_as_what_happened_to_the_files() -> None:
    assert read(
        f"7 openat(AT_FDCWD, {DB}, O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 5",
        f"7 pwrite64(5, {shown('ab')}, 2, 4096) = 2",
        "7 fdatasync(5) = 0",
        "7 ftruncate(5, 100) = 0",
        f"7 openat(AT_FDCWD, {DIR}, O_RDONLY|O_CLOEXEC) = 6",
        "7 fsync(6) = -1 EIO (Input/output error) (INJECTED)",
        f"7 write(1, {shown('said' + chr(10))}, 5) = 5",
        f"7 rename({DB}, {shown('/state/ledger.db.damaged-1')}) = 0",
        f"7 unlink({shown('/state/ledger.db.damaged-1')}) = 0",
    ) == [
        Name("ledger.db", 1),
        Write(1, 4096, b"ab"),
        Sync(1, good=True),
        Truncate(1, 100),
        Sync(None, good=False),
        Told("said"),
        Rename("ledger.db", "ledger.db.damaged-1"),
        Name("ledger.db.damaged-1", None),
    ]


def test_a_write_that_was_cut_short_or_refused_counts_as_far_as_it_went() -> None:
    steps = read(
        f"openat(AT_FDCWD, {DB}, O_RDWR|O_CREAT, 0644) = 5",
        f"pwrite64(5, {shown('abcd')}, 4, 0) = 2",
        f"pwrite64(5, {shown('efgh')}, 4, 0) = -1 ENOSPC (No space left on device)",
    )
    assert steps[1:] == [Write(1, 0, b"ab")]


def test_other_files_and_the_index_of_the_log_are_passed_over() -> None:
    assert (
        read(
            f"openat(AT_FDCWD, {SHM}, O_RDWR|O_CREAT, 0644) = 5",
            "mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0) = 0x7f0000000000",
            f"openat(AT_FDCWD, {shown('/elsewhere/ledger.db')}, O_RDWR) = 6",
            f"write(6, {shown('x')}, 1) = 1",
            f"unlink({shown('/state/ledger.lock')}) = 0",
        )
        == []
    )


@pytest.mark.parametrize(
    "line",
    [
        "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0) = 0x7f0000000000",
        "dup(5) = 9",
        f"writev(5, [{{iov_base={shown('a')}, iov_len=1}}], 1) = 1",
        f"rename({DB}, {shown('/elsewhere/ledger.db')}) = 0",
        "fdatasync(5 <unfinished ...>",
        f"pwrite64(5, {shown('ab')}..., 2, 0) = 2",
    ],
)
def test_what_the_model_cannot_follow_is_an_error(line: str) -> None:
    with pytest.raises(GateScannerError):
        read(f"openat(AT_FDCWD, {DB}, O_RDWR|O_CREAT, 0644) = 5", line)


# --- the card on paper ----------------------------------------------------------------------------

FILE = (Name("ledger.db", 1), Sync(None, good=True))


def test_what_was_synced_is_always_there() -> None:
    assert remains(*FILE, Write(1, 0, b"ab"), Sync(1, good=True)) == {(("ledger.db", b"ab"),)}


def test_what_was_not_synced_is_there_wholly_torn_or_not_at_all() -> None:
    found = {content for ((_, content),) in remains(*FILE, Write(1, 0, b"a" * 512 + b"b" * 512))}
    assert found == {b"", b"a" * 512, bytes(512) + b"b" * 512, b"a" * 512 + b"b" * 512}


def test_sectors_are_the_cards_and_not_the_writes() -> None:
    found = {content for ((_, content),) in remains(*FILE, Write(1, 510, b"abcd"))}
    assert found == {b"", bytes(510) + b"ab", bytes(512) + b"cd", bytes(510) + b"abcd"}


def test_a_later_write_may_be_there_without_an_earlier_one() -> None:
    found = {content for ((_, content),) in remains(*FILE, Write(1, 0, b"old"), Write(1, 600, b"new"))}
    assert bytes(600) + b"new" in found
    found = {content for ((_, content),) in remains(*FILE, Write(1, 0, b"old"), Write(1, 0, b"new"))}
    assert found == {b"", b"old", b"new"}


def test_a_file_is_cut_short_for_certain_only_when_that_was_synced() -> None:
    full = (*FILE, Write(1, 0, b"abcd"), Sync(1, good=True), Truncate(1, 1))
    assert remains(*full) == {(("ledger.db", b"abcd"),), (("ledger.db", b"a"),)}
    assert remains(*full, Sync(1, good=True)) == {(("ledger.db", b"a"),)}


def test_names_come_in_order_and_for_certain_when_the_folder_was_synced() -> None:
    made = (Name("a", 1), Name("b", 2), Rename("a", "c"))
    found = {tuple(name for name, _ in folder) for folder in remains(*made)}
    assert found == {(), ("a",), ("a", "b"), ("b", "c")}
    assert remains(*made, Sync(None, good=True)) == {(("b", b""), ("c", b""))}


def test_what_a_failed_sync_should_have_written_is_gone_though_the_next_one_succeeds() -> None:
    steps = (*FILE, Write(1, 0, b"lost"), Sync(1, good=False), Write(1, 4, b"kept"), Sync(1, good=True))
    assert remains(*steps) == {(("ledger.db", bytes(4) + b"kept"),)}
