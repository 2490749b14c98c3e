"""A disk whose every write and flush was recorded by QEMU, and what may be left on it when the power goes.

The record is QEMU's ``blklogwrites``, the layout of the kernel's dm-log-writes: a head (magic, version, number of
entries, sector size), then an entry a sector (sector, number of sectors, flags, length), each followed by its data.
A write is certain when a flush was finished after it, or it was a forced write; of all others each sector is kept or
lost by lot, so that a write of several is torn.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.powercuts import PowercutResult, Promises, compare

FILE_SYSTEM_BYTES = 28 * 1024 * 1024
"""Where it ends; the promises lie behind."""
DISK_BYTES = FILE_SYSTEM_BYTES + 1024 * 1024
_SECTOR = 512
_HEAD, _ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
_MAGIC = 0x6A736677736872
_FLUSH, _FORCED, _DISCARD = 1, 2, 4


@dataclass(frozen=True)
class Step:
    """One entry of the record.

    Attributes:
        offset: bytes from the start of the disk.
        written: what was written; empty for a flush alone.
        flush: everything finished before is on the disk.
        forced: this write is on the disk.
    """

    offset: int
    written: bytes
    flush: bool
    forced: bool


def read_record(file: Path) -> list[Step]:
    """Read a whole record."""
    steps = []
    with file.open("rb") as record:
        magic, _, entries, sector_bytes = _HEAD.unpack(record.read(_HEAD.size))
        assert (magic, sector_bytes) == (_MAGIC, _SECTOR)
        for _ in range(entries):
            record.seek(-(-record.tell() // _SECTOR) * _SECTOR)
            sector, sectors, flags, _ = _ENTRY.unpack(record.read(_ENTRY.size))
            written = b""
            if sectors and not flags & _DISCARD:
                record.seek(-(-record.tell() // _SECTOR) * _SECTOR)
                written = record.read(sectors * _SECTOR)
            steps.append(Step(sector * _SECTOR, written, bool(flags & _FLUSH), bool(flags & _FORCED)))
    return steps


def is_promise(step: Step) -> bool:
    return step.offset >= FILE_SYSTEM_BYTES and bool(step.written)


class CardBeforeTheCut:
    """The disk as it grows from cut to cut, in order: what is certain, what is not yet, and what was promised."""

    def __init__(self, base: Path, certain: Path, steps: list[Step]) -> None:
        shutil.copyfile(base, certain)
        self._certain, self._steps = certain, steps
        self._done = 0
        self._open: list[Step] = []
        self.promises = Promises()

    def advance(self, moment: int) -> None:
        """Take in everything before *moment*."""
        with self._certain.open("r+b") as disk:
            for step in self._steps[self._done : moment]:
                if step.flush:
                    for before in self._open:
                        _write(disk.fileno(), before)
                    self._open.clear()
                if is_promise(step):
                    self.promises.hear(step.written.split(b"\n")[0].decode("ascii"))
                elif step.forced:
                    _write(disk.fileno(), step)
                elif step.written:
                    self._open.append(step)
        self._done = moment

    def remains(self, image: Path, chance: random.Random) -> None:
        """Lay out a disk as it may be after the cut.

        In a new file each time: the kernel may not have let go of the one that was mounted last.
        """
        image.unlink(missing_ok=True)
        shutil.copyfile(self._certain, image)
        kept = chance.random()
        with image.open("r+b") as disk:
            for step in self._open:
                for at in range(0, len(step.written), _SECTOR):
                    if chance.random() < kept:
                        disk.seek(step.offset + at)
                        disk.write(step.written[at : at + _SECTOR])


def _write(disk: int, step: Step) -> None:
    os.pwrite(disk, step.written, step.offset)


def files_on(image: Path, at: Path) -> dict[str, bytes]:
    """Check and mount a disk that lost its power, as a Pi does at its next boot, and read the ledger's folder.

    Raises `subprocess.CalledProcessError` when the file system itself did not survive.
    """
    at.mkdir(exist_ok=True)
    subprocess.run(["e2fsck", "-p", image], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)
    try:
        return {file.name: file.read_bytes() for file in (at / "store").glob("ledger*") if file.is_file()}
    finally:
        subprocess.run(["umount", at], check=True)


def cut(base: Path, steps: list[Step], cuts: int, seed: int, scratch: Path) -> tuple[PowercutResult, int]:
    """Cut the power *cuts* times at moments drawn by lot, and compare what is left with what was promised.

    Returns what came of it, and how often the file system itself could not be mounted any more.
    """
    chance, result, unmounted = random.Random(seed), PowercutResult(traces=1), 0
    card = CardBeforeTheCut(base, scratch / "certain", steps)
    for moment in _moments(steps, cuts, chance):
        card.advance(moment)
        card.remains(scratch / "image", chance)
        try:
            files = files_on(scratch / "image", scratch / "mounted")
        except subprocess.CalledProcessError:
            unmounted += 1
            continue
        compare(files, card.promises, scratch / "folder", result)
    return result, unmounted


def _moments(steps: list[Step], cuts: int, chance: random.Random) -> Iterator[int]:
    """Draw moments from the first promise to the last: before there was no ledger, after it the machine went down."""
    promises = [number for number, step in enumerate(steps) if is_promise(step)]
    yield from sorted(chance.choices(range(promises[0] + 1, promises[-1] + 2), k=cuts))
