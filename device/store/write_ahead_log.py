"""The write-ahead log of a gate that was killed or lost its power, looked through before SQLite opens it.

SQLite takes a log up to the first frame whose checksum is wrong, and drops what comes behind it: one wrong bit costs
every row that was not in the file yet, and where the centre has some of these already, the next rows become a fork.
Only the last transaction may be there in part, because nobody was told of it. Whatever else is wrong is damage: the
file is set aside with its log, and read page by page (`device.store.salvage`).

The format is at https://www.sqlite.org/fileformat2.html#walformat.
"""

from __future__ import annotations

import struct
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from device.store.limits import PAGE_BYTES

HEADER_BYTES: Final = 32
_HEADER: Final = struct.Struct(">4s4xI4x8sII")
_FRAME: Final = struct.Struct(">II8sII")
_MAGIC: Final = {b"\x37\x7f\x06\x82": "<", b"\x37\x7f\x06\x83": ">"}
"""And which end of a word comes first in what is summed up."""
_MOST_BYTES: Final = 64 << 20
"""Logs are folded at 2 MiB; a larger one is left to SQLite."""


class Frame(NamedTuple):
    """A page in the log.

    Attributes:
        page: which page it is, counted from 1.
        commits: whether a transaction ends with it.
        salt: of the round of the log in which it was written.
        is_right: whether it is summed up rightly, seen from what the frame before says.
        offset: where in the log the page's bytes begin.
    """

    page: int
    commits: bool
    salt: bytes
    is_right: bool
    offset: int


def is_log_damaged(database: Path) -> bool:
    """Return whether SQLite would lose more of the log beside *database* than a transaction that never ended.

    ``False`` too when there is no log, or it cannot be read: SQLite says what is wrong then. For a log that nobody
    writes.
    """
    log = b""
    with suppress(OSError):
        path = database.with_name(f"{database.name}-wal")
        log = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
    if len(log) < HEADER_BYTES + _FRAME.size + PAGE_BYTES:
        return False
    found, salt = frames_of(log)
    if not salt:  # the frames know better: one right after the other, whatever the header says
        return any(frame.is_right and frame.commits for frame in found[1:])
    ours = [frame for frame in found if is_alike(frame.salt, salt)]
    wrong = next((place for place, frame in enumerate(ours) if not frame.is_right or frame.salt != salt), None)
    return wrong is not None and any(frame.commits for frame in ours[wrong:-1])


def frames_of(log: bytes) -> tuple[list[Frame], bytes]:
    """Return all frames of a log, of former rounds too, and the salt of this round; none when its header is wrong."""
    if len(log) < HEADER_BYTES:
        return [], b""
    magic, page_bytes, salt, *said = _HEADER.unpack_from(log)
    order, before = _MAGIC.get(magic, "<"), (said[0], said[1])
    is_whole = magic in _MAGIC and page_bytes == PAGE_BYTES and before == _sum(log[:24], (0, 0), order)
    frames = list[Frame]()
    for start in range(HEADER_BYTES, len(log) - _FRAME.size - PAGE_BYTES + 1, _FRAME.size + PAGE_BYTES):
        number, pages, of_round, *said = _FRAME.unpack_from(log, start)
        page = start + _FRAME.size
        summed = _sum(log[start : start + 8] + log[page : page + PAGE_BYTES], before, order)
        before = said[0], said[1]
        frames.append(Frame(number, pages > 0, of_round, summed == before, page))
    return frames, salt if is_whole else b""


def newest_pages(log: bytes) -> tuple[dict[int, int], list[int]]:
    """Return where in a log the newest committed version of each page begins, and pages that may be any.

    The latter were changed, the page or its number: what is in them is to be proved.
    """
    frames, salt = frames_of(log)
    if not frames:
        return {}, []
    # Frames of former rounds have another salt. That of the header, or of one of the first two, may be damaged.
    salts = [*([salt] if salt else []), *(frame.salt for frame in frames[:2])]
    ours = [frame for frame in frames if is_alike(frame.salt, Counter(salts).most_common(1)[0][0])]
    while ours and ours[-1].is_right and not ours[-1].commits:
        ours.pop()
    right = {frame.page: frame.offset for frame in ours if frame.is_right}
    return right, [frame.offset for frame in ours if not frame.is_right]


def is_alike(salt: bytes, ours: bytes) -> bool:
    """Return whether a frame is of one round of the log, one wrong bit or not; other rounds are never so similar."""
    return (int.from_bytes(salt) ^ int.from_bytes(ours)).bit_count() <= 1


def _sum(octets: bytes, before: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = before
    words = struct.unpack(f"{order}{len(octets) // 4}I", octets)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
