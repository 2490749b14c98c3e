"""Records in the pages of an SQLite file, read without SQLite: one wrong bit there can hide a whole table from it.

For a file that nobody writes any more. Each page is read by itself, so that what is wrong in one costs nothing in
another: whatever looks like a record is yielded, and the caller has to prove it. The newest version of a page is in the
write-ahead log (`device.store.write_ahead_log`). The format is at https://www.sqlite.org/fileformat2.html; pages have
4096 bytes, text is UTF-8.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.store.limits import PAGE_BYTES
from device.store.write_ahead_log import newest_pages

Value = int | float | str | bytes | None
Record = tuple[int | None, tuple[Value, ...]]
"""Row number (``None`` in an index) and columns. Text that is not UTF-8 has surrogates for the bytes that are not."""

_INDEX_LEAF: Final = 10
_TABLE_LEAF: Final = 13
_FIRST_BYTES: Final = (b"\0", b"\2", b"\5", b"\n", b"\r")
_MOST_LOCAL: Final = {_INDEX_LEAF: (PAGE_BYTES - 12) * 64 // 255 - 23, _TABLE_LEAF: PAGE_BYTES - 35}
_LEAST_LOCAL: Final = (PAGE_BYTES - 12) * 32 // 255 - 23
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class PageFile:
    """A database file and its write-ahead log, open for reading. Raises `OSError` when there is none."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._log = -1
        self._in_log: dict[int, int] = {}
        changed: list[int] = []
        with suppress(OSError):
            self._log = os.open(path.with_name(f"{path.name}-wal"), os.O_RDONLY | os.O_CLOEXEC)
            self._in_log, changed = newest_pages(_whole(self._log))
        size = os.fstat(self._file).st_size
        self.count = max(-(-size // PAGE_BYTES), *self._in_log, 0)
        for offset in changed:  # behind all others: whatever page each is, what is in it is looked through
            self.count += 1
            self._in_log[self.count] = offset

    def close(self) -> None:
        """Close; may be called twice."""
        for descriptor in (self._file, self._log):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._log = -1

    def page(self, number: int) -> bytes:
        """Return one page, counted from 1; nothing when it cannot be read."""
        if number in self._in_log:
            return _read(self._log, self._in_log[number])
        return _read(self._file, (number - 1) * PAGE_BYTES)

    def is_page(self, number: int) -> bool:
        """Return whether a page can be read and begins like a page of tables or indexes, or with a page number."""
        return self.page(number)[100 if number == 1 else 0 :][:1] in _FIRST_BYTES

    def records(self, number: int) -> Iterator[Record]:
        """Yield what looks like a record in one page, counted from 1; nothing when it has none or cannot be read."""
        page = self.page(number)
        for row, size, at, local in _cells(page, 100 if number == 1 else 0):
            try:
                yield row, _columns(self._payload(page, size, at, local))
            except (IndexError, ValueError, struct.error):
                continue

    def row_numbers(self, number: int) -> list[int]:
        """Return the row numbers in one page, without reading what stands beside them."""
        return [row for row, *_ in _cells(self.page(number), 100 if number == 1 else 0) if row is not None]

    def _payload(self, page: bytes, size: int, at: int, local: int) -> bytes:
        """Return a record's bytes, with what overflows into other pages."""
        parts, missing = [page[at : at + local]], size - local
        if missing:
            (following,) = struct.unpack_from(">I", page, at + local)
            while missing > 0:
                page = self.page(following) if 0 < following <= self.count else b""
                (following,) = struct.unpack_from(">I", page)
                parts.append(page[4 : 4 + missing])
                missing -= PAGE_BYTES - 4
        return b"".join(parts)


def _whole(log: int) -> bytes:
    """Return a whole log, with zeros for what cannot be read."""
    size = os.fstat(log).st_size
    pieces = (_read(log, offset).ljust(PAGE_BYTES, b"\0") for offset in range(0, size, PAGE_BYTES))
    return b"".join(pieces)[:size]


def _read(descriptor: int, offset: int) -> bytes:
    try:
        return os.pread(descriptor, PAGE_BYTES, offset)
    except OSError:
        return b""


def _cells(page: bytes, start: int) -> Iterator[tuple[int | None, int, int, int]]:
    """Yield row number, bytes of the record, where it begins and how many are in this page.

    Those that the page's header counts come first. It may count too few: what follows is looked at too, as far as it
    may be a pointer.
    """
    if len(page) < PAGE_BYTES or page[start] not in _MOST_LOCAL:
        return
    kind = page[start]
    pointer, lowest = start + 8, PAGE_BYTES
    while pointer + 2 <= lowest:
        at = int.from_bytes(page[pointer : pointer + 2])
        pointer += 2
        if not pointer <= at < PAGE_BYTES:
            continue
        lowest = min(lowest, at)
        try:
            size, begin = _varint(page, at)
            row = None
            if kind == _TABLE_LEAF:
                row, begin = _varint(page, begin)
        except IndexError:
            continue
        local = _local_bytes(kind, size)
        if size and begin + local <= PAGE_BYTES:
            yield row, size, begin, local


def _local_bytes(kind: int, size: int) -> int:
    most = _MOST_LOCAL[kind]
    if size <= most:
        return size
    local = _LEAST_LOCAL + (size - _LEAST_LOCAL) % (PAGE_BYTES - 4)
    return local if local <= most else _LEAST_LOCAL


def _columns(payload: bytes) -> tuple[Value, ...]:
    """Return a record's columns; raises `IndexError` or `ValueError` when it is none."""
    end, at = _varint(payload, 0)
    body, columns = end, []
    while at < end:
        kind, at = _varint(payload, at)
        value, body = _column(payload, kind, body)
        columns.append(value)
    if body != len(payload):
        raise ValueError("not a record")
    return tuple(columns)


def _column(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind in _INTEGER_BYTES:
        end = at + _INTEGER_BYTES[kind]
        return int.from_bytes(payload[at:end], signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if kind in {0, 8, 9}:
        return (None if kind == 0 else kind - 8), at
    end = at + (kind - 12) // 2
    if kind < 12 or end > len(payload):
        raise ValueError("not a column")
    found = payload[at:end]
    return (found.decode("utf-8", "surrogateescape") if kind % 2 else found), end


def _varint(octets: bytes, at: int) -> tuple[int, int]:
    """Return an integer of 1 to 9 bytes, signed in 64 bits, and where the next thing begins."""
    value = 0
    for index in range(at, at + 8):
        octet = octets[index]
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, index + 1
    value = value << 8 | octets[at + 8]
    return value - (1 << 64) if value >> 63 else value, at + 9
