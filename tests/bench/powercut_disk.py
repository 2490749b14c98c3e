"""A card on paper: what may lie on it when the power goes after some steps of a trace.

What was synced is there. Of what was not, any part may be: each write wholly, not at all, or torn between sectors
of 512 bytes, and a later one without an earlier one. Names come and go in order, and are certain once the folder
was synced. After a sync that failed, Linux takes the pages for clean: what it should have written is gone for good.

The limits of this model: a sector is written wholly or not at all; a card that says "synced" means it (one that
lies cannot be helped by software); a sector never changes without being written; names do not overtake each
other, as on ext4 and every other file system with a journal of its names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from tests.bench.powercut_trace import Name, Rename, Step, Sync, Truncate, Write

SECTOR_BYTES: Final = 512


@dataclass(slots=True)
class _File:
    """One file: what is certain, and what was done to it since."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[Write | Truncate] = field(default_factory=list)


class Disk:
    """A folder, step by step."""

    def __init__(self) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._pending_names: list[Name | Rename] = []

    def apply(self, step: Step) -> None:
        """Let one step happen."""
        match step:
            case Write() | Truncate():
                self._file(step.file).pending.append(step)
            case Name() | Rename():
                self._pending_names.append(step)
            case Sync(file=None):
                if step.good:
                    for change in self._pending_names:
                        _rename(self._names, change)
                    self._pending_names.clear()
            case Sync(file=int() as number):
                file = self._file(number)
                for write in file.pending if step.good else []:
                    _write(file.content, write)
                file.pending.clear()

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return one of the folders that may be found when the power goes now."""
        names = dict(self._names)
        for change in self._pending_names[: chance.randint(0, len(self._pending_names))]:
            _rename(names, change)
        return {name: _left_of(self._file(number), chance) for name, number in sorted(names.items())}

    def _file(self, number: int) -> _File:
        return self._files.setdefault(number, _File())


def _left_of(file: _File, chance: random.Random) -> bytes:
    """Return what may be left of a file."""
    content = bytearray(file.content)
    kept = chance.choice((0.0, 0.5, 0.9, 1.0))
    torn = chance.choice((0.0, 0.5, 1.0))
    for write in file.pending:
        if isinstance(write, Truncate) or chance.random() >= torn:
            if chance.random() < kept:
                _write(content, write)
            continue
        for sector in _sectors(write):
            if chance.random() < kept:
                _write(content, sector)
    return bytes(content)


def _sectors(write: Write) -> list[Write]:
    """Cut a write where the sectors of the card end."""
    pieces = []
    start, end = write.offset, write.offset + len(write.content)
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        pieces.append(Write(write.file, start, write.content[start - write.offset : stop - write.offset]))
        start = stop
    return pieces


def _write(content: bytearray, change: Write | Truncate) -> None:
    if isinstance(change, Truncate):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.content)] = change.content


def _rename(names: dict[str, int], change: Name | Rename) -> None:
    if isinstance(change, Rename):
        names[change.new] = names.pop(change.old)
    elif change.file is None:
        del names[change.name]
    else:
        names[change.name] = change.file
