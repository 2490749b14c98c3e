"""SD card check: does the disk keep what it says it has written, and how long does recording a check-in take."""

from __future__ import annotations

import errno
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.credential.recognise import recognise
from device.crypto.sealing import Sealer, new_key_pair
from device.doctor.disk import Disk, FlushResult, disk_of, forget_cached, measure_flush
from device.doctor.finding import Finding, Verdict
from device.errors import LedgerUnavailable
from device.model import CheckIn, Credential, Decision, Direction, Outcome, Place, Reason
from device.store.ledger import SqliteLedger
from device.store.reading import read_back
from device.store.schema import FILE_NAME
from device.words import number, say, sentence

QUICKEST_FLASH_MS: Final = 0.2
"""No flash chip writes a page sooner. SLC, the quickest, takes 200 to 300 µs, MLC 600 to 900, TLC 900 to 1,350 (HP,
"Solid State Drive Technology: Differences between SLC, MLC and TLC NAND", table 1), without the way to the chip."""
LAMP_MS: Final = 100.0
"""The lamp answers within a tenth of a second, and recording comes before it."""

_DEVICE_ID: Final = "doctor"
_PLACE: Final = Place("Chợ Thử Nghiệm", "market", "Quảng Ngãi", ward="Phường Nghĩa Lộ")
_DECISION: Final = Decision(
    Outcome.GRANTED, Reason.RECORDED, "2026-01-01", rules=("known-kind", "accepted-here", "repeat")
)
_FLUSHES: Final = 300
_ROW_BYTES: Final = 1024
"""More than a row takes."""
_ROOM_BYTES: Final = 32 << 20
"""Must be free besides the rows: for a new ledger's log and ballast, and so that a gate at work has enough left."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What recording costs on this machine and disk.

    Attributes:
        rows: how many check-ins were recorded.
        cpu_ms: median processor time from the code's text to the written row: parse, seal, chain, commit.
        wall_ms: median time of the same, most of it the disk's.
        wall_p99_ms: 99 of 100 are quicker.
        disk_bytes: file size by row, after the WAL is folded in.
        file_mb: of the whole file, 10^6 bytes.
        sealed_bytes: mean length of the sealed part.
    """

    rows: int
    cpu_ms: float
    wall_ms: float
    wall_p99_ms: float
    disk_bytes: float
    file_mb: float
    sealed_bytes: float


@dataclass(frozen=True, slots=True)
class CardResult:
    """Everything measured on one disk.

    Attributes:
        disk: which.
        flush: what one durable sector costs.
        record: what one check-in costs.
        differs: how what the disk gives back differs from what was recorded; ``""`` when it does not.
    """

    disk: Disk
    flush: FlushResult
    record: RecordResult
    differs: str


def needed_bytes(rows: int) -> int:
    """Return how much must be free to record so many check-ins."""
    return rows * _ROW_BYTES + _ROOM_BYTES


def examine(folder: Path, rows: int, begun: Callable[[Path], None]) -> CardResult:
    """Measure the disk under *folder* in a scratch folder there, which is removed however this ends.

    A ledger in *folder* itself is never opened. Beside a gate at work, its visitors wait a little longer meanwhile.

    Args:
        folder: exists and may be written.
        rows: how many check-ins to record, at least 2.
        begun: told the scratch folder when the writing begins.

    Raises:
        OSError: the disk is full, gives errors or may not be written.
        LedgerUnavailable: check-ins cannot be made durable here.
    """
    with tempfile.TemporaryDirectory(prefix="doctor-card-", dir=folder) as name:
        scratch = Path(name)
        room = os.statvfs(scratch)
        if room.f_bavail * room.f_frsize < needed_bytes(rows):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        begun(scratch)
        disk, flush = disk_of(folder), measure_flush(scratch, _FLUSHES)
        ledger = scratch / "ledger"
        record = measure_record(rows, ledger)
        return CardResult(disk, flush, record, differs(ledger, last_link(ledger)))


def measure_record(rows: int, folder: Path) -> RecordResult:
    """Record *rows* (at least 2) invented visitors in a new ledger in *folder*.

    Raises:
        LedgerUnavailable: they cannot be made durable there.
    """
    clock = SystemClock()
    key, _ = new_key_pair()
    cpu_s, wall_s = [], []
    with SqliteLedger.open(folder, _DEVICE_ID, Sealer(_DEVICE_ID, [key])) as ledger:
        for number in range(rows):
            payload, at = _card_text(number), clock.reading()
            cpu_start_s, start_s = time.process_time(), time.perf_counter()
            credential = recognise(payload)
            assert isinstance(credential, Credential)
            ledger.record(CheckIn(credential, _DECISION, _PLACE, Direction.IN, at))
            wall_s.append(time.perf_counter() - start_s)
            cpu_s.append(time.process_time() - cpu_start_s)
    size_bytes = (folder / FILE_NAME).stat().st_size
    return RecordResult(
        rows=rows,
        cpu_ms=round(statistics.median(cpu_s) * 1000, 3),
        wall_ms=round(statistics.median(wall_s) * 1000, 3),
        wall_p99_ms=round(statistics.quantiles(wall_s, n=100)[98] * 1000, 3),
        disk_bytes=round(size_bytes / rows, 1),
        file_mb=round(size_bytes / 1e6, 1),
        sealed_bytes=statistics.mean(len(row.sealed) for row in read_back(folder)),
    )


def _card_text(number: int) -> bytes:
    """Return the text on the citizen card of somebody who does not exist."""
    name, address = "Nguyễn Thị Giả Bưởi", "Tổ 3, Phường Nghĩa Lộ, Thành phố Quảng Ngãi, Quảng Ngãi"
    return f"051199{number % 10**6:06}||{name}|01011999|Nữ|{address}|15042021".encode()


def last_link(folder: Path) -> tuple[int, bytes]:
    """Return number and chain link of the last row of a ledger: they stand for all its rows, each of which is proved.

    Raises:
        LedgerUnavailable: a row is missing, changed or unreadable.
    """
    seq, link = 0, b""
    for row in read_back(folder):
        seq, link = row.seq, row.link
    return seq, link


def differs(folder: Path, written: tuple[int, bytes]) -> str:
    """Say how a closed ledger, read from its disk, differs from what was written; ``""`` if it does not.

    Args:
        folder: the ledger's.
        written: what `last_link` said of it before.

    Raises `OSError`.
    """
    forget_cached(folder / FILE_NAME)
    try:
        found = last_link(folder)
    except LedgerUnavailable as damage:
        return str(damage)
    if found == written:
        return ""
    return say("{recorded} check-ins were recorded, {found} others are there", recorded=written[0], found=found[0])


def findings(seen: CardResult) -> list[Finding]:
    """Judge the figures."""
    return [_disk_finding(seen.disk), _flush_finding(seen), _record_finding(seen.record), _read_back_finding(seen)]


def _disk_finding(disk: Disk) -> Finding:
    told = say("{kind} on {device}", kind=disk.kind, device=disk.device)
    if disk.volatile:
        return Finding("disk", Verdict.FAILURE, told, disk.volatile)
    return Finding("disk", Verdict.GOOD, told, say("a file system that is there after a power cut"))


def _flush_finding(seen: CardResult) -> Finding:
    flush = seen.flush
    told = say(
        "a sector is said to be written after {median} ms (p99 {p99} ms, of {flushes})",
        median=flush.median_ms,
        p99=flush.p99_ms,
        flushes=flush.flushes,
    )
    if flush.median_ms >= QUICKEST_FLASH_MS:
        advice = say("flash needs at least {least} ms: it can be true", least=QUICKEST_FLASH_MS)
        return Finding("flush", Verdict.GOOD, told, advice)
    if seen.disk.volatile:
        advice = say("this is memory and no disk: a power cut takes every check-in")
        return Finding("flush", Verdict.FAILURE, told, advice)
    early = say("this disk says it is written before it can be: a power cut may take check-ins")
    if seen.disk.device.startswith("/dev/mmcblk"):  # SD and eMMC: neither has power of its own
        return Finding("flush", Verdict.FAILURE, told, say("{early}; put in another card", early=early))
    unless = sentence(
        "{early}; a virtual machine, or a server disk with power-loss protection, cannot be told apart from that"
    )
    return Finding("flush", Verdict.WARNING, told, say(unless, early=early))


def _record_finding(record: RecordResult) -> Finding:
    told = say(
        "{wall} ms a check-in (p99 {p99} ms), {cpu} ms of it CPU; {bytes} bytes on disk",
        wall=record.wall_ms,
        p99=record.wall_p99_ms,
        cpu=record.cpu_ms,
        bytes=record.disk_bytes,
    )
    most = number(LAMP_MS, "g")
    if record.wall_p99_ms <= LAMP_MS:
        return Finding("record", Verdict.GOOD, told, say("the lamp can answer within {most} ms", most=most))
    advice = say("the lamp comes later than {most} ms: put in a quicker card", most=most)
    return Finding("record", Verdict.FAILURE, told, advice)


def _read_back_finding(seen: CardResult) -> Finding:
    if seen.differs:
        advice = say("it does not keep what it is given: replace it")
        return Finding("read-back", Verdict.FAILURE, seen.differs, advice)
    told = sentence("{count} check-ins, each proved by its chain, asked of the disk and not of the kernel's memory")
    if seen.disk.volatile:
        told = sentence("{count} check-ins, each proved by its chain")
    advice = say("what was recorded is what is read")
    return Finding("read-back", Verdict.GOOD, say(told, count=seen.record.rows), advice)
