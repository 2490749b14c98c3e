"""Which disk a folder lies on, and how long one sector takes to be flushed (write, fdatasync)."""

from __future__ import annotations

import os
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.errors import LedgerUnavailable
from device.store.limits import refuse_volatile

_SECTOR_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Disk:
    """Where a folder lies.

    Attributes:
        kind: of the file system, as ``/proc/mounts`` says it (``ext4``).
        device: ``/dev/mmcblk0p2``; the name the mount gives itself where there is no block device (``tmpfs``).
        volatile: why a power cut empties it; ``""`` where nothing says so.
    """

    kind: str
    device: str
    volatile: str


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What writing one sector durably costs, in milliseconds.

    Attributes:
        flushes: how many were timed.
        median_ms: half are quicker.
        p99_ms: 99 of 100 are quicker.
    """

    flushes: int
    median_ms: float
    p99_ms: float


def disk_of(folder: Path) -> Disk:
    """Return the disk that *folder*, which exists, lies on. Raises `OSError`."""
    place = f"{folder.resolve(strict=True)}/"
    kind, device, longest = "unknown", "unknown", 0
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="backslashreplace").splitlines():
        # proc_pid_mounts(5), fstab(5): fields divided by spaces, those inside a name written as \040.
        source, point, name, *_ = (re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), word) for word in line.split())
        point = f"{point.rstrip('/')}/"
        if place.startswith(point) and len(point) >= longest:  # of two on one point, the later one is seen
            kind, device, longest = name, source, len(point)
    number = folder.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if block.exists():  # the kernel's own name: a root file system calls itself /dev/root at times
        device = f"/dev/{block.resolve().name}"
    try:
        refuse_volatile(folder)
    except LedgerUnavailable as refusal:
        return Disk(kind, device, str(refusal))
    return Disk(kind, device, "")


def measure_flush(folder: Path, flushes: int) -> FlushResult:
    """Write one sector of a new file in *folder* again and again, each time durably; at least twice.

    The place is the same each time and belongs to the file already, so that nothing but the sector itself must reach
    the disk: the least any durable write can take. Raises `OSError`.
    """
    descriptor = os.open(folder / "flush", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, bytes(_SECTOR_BYTES))
        os.fsync(descriptor)
        took_s = []
        for number in range(1, flushes + 1):
            sector = number.to_bytes(8, "big") * (_SECTOR_BYTES // 8)
            start_s = time.perf_counter()
            os.pwrite(descriptor, sector, 0)
            os.fdatasync(descriptor)
            took_s.append(time.perf_counter() - start_s)
    finally:
        os.close(descriptor)
    return FlushResult(
        flushes=flushes,
        median_ms=round(statistics.median(took_s) * 1000, 3),
        p99_ms=round(statistics.quantiles(took_s, n=100)[98] * 1000, 3),
    )


def forget_cached(path: Path) -> None:
    """Let the kernel forget what it holds of a file, so that the next look at it asks the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)  # only what is written can be forgotten
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
