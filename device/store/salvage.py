"""Salvage: the rows of a ledger that was set aside, read page by page and proved by the hash chain.

What SQLite says of a damaged file is not asked. Boots, places and keys stand in the file twice, in a table and in its
index; the chain tells which one is right. A name that is a hash (a place document's, the ledger's own) is found again
when one bit of what it names is wrong, and so is a row's link when the row behind it speaks for it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from typing import Final

from device.errors import LedgerDamaged, WireError
from device.model import Place, SealedRow
from device.store.delivery_state import DeliveryState
from device.store.pages import PageFile, Record, Value
from device.store.rows import row_of
from device.wire.checkins import is_row
from device.wire.hash_chain import genesis, link_of
from device.wire.places import place_id_of, place_named

_EPOCH: Final = re.compile(rb"[0-9a-f]{32}")
_PLACE_ID: Final = re.compile(r"[0-9a-f]{16}")
_DOCUMENT: Final = re.compile(rb'\{"[^{}]+"\}')
_ROW_COLUMNS: Final = 11
_MOST_ROWS_A_PAGE: Final = 12
"""More than fit into one page: the smallest sealed row takes 368 bytes and 40 more."""
_MOST_LINKS: Final = 16
_MOST_VARIANTS: Final = 64
"""Of a record, where boots, places and keys are read in many ways: what is tried must not grow from row to row."""


class Salvage:
    """What can be read of one file.

    Attributes:
        device_id: whose rows these are.
        epoch: of which ledger.
        cursor: rows up to this one are settled; 0 where the file does not say so any more.
        bad_pages: how many pages are no pages of such a file any more, or cannot be read.
        missing: numbers that were passed over, as far as `rows` has come.
        changed: rows that do not follow the one before as they stand there, as far as `rows` has come.
    """

    def __init__(self, path: Path, device_id: str, places: Iterable[Place] = ()) -> None:
        """Look through the file.

        Args:
            path: of the file; not written any more.
            device_id: whose it should be.
            places: documents that are known without the file.

        Raises:
            LedgerDamaged: it does not say whose it is.
            OSError: it cannot be opened.
        """
        self.missing = self.changed = self.bad_pages = 0
        self.documents = {place_id_of(place): place for place in places}
        self._said: dict[str, str] = {}
        self._boots: defaultdict[int, list[bytes]] = defaultdict(list)
        self._place_ids: defaultdict[int, list[str]] = defaultdict(list)
        self._keys: defaultdict[int, list[str]] = defaultdict(list)
        self._texts: list[str] = []
        self._epochs: list[str] = []
        self._deliveries: list[tuple[DeliveryState, object]] = []
        self._row_pages: list[tuple[int, int, int]] = []
        self._state: DeliveryState | None = None
        self._file = PageFile(path)
        try:
            for number in range(1, self._file.count + 1):
                self._look_through(number)
            self._read_documents()
            self._identify(device_id)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._file.close()

    def rows(self, after: int) -> Iterator[SealedRow]:
        """Yield the rows after number *after* that can be sent, in order.

        A row that does not follow the one before is yielded as it is: the centre keeps it apart. Each has its document
        in `documents`.
        """
        seq, links = after, self._links_at(after)
        held: SealedRow | None = (
            None  # a row that does not follow, until it is known what the next one says of its link
        )
        for number, variants in self._numbered(after):
            if number != seq + 1:
                self.missing += number - seq - 1 if seq or self._state else 0
                links = {}
            found = next(((link, row) for row in variants for link in links if link_of(link, row) == row.link), None)
            if held is not None:
                yield from self._sendable((links.get(found[0]) if found else None) or held)
            seq, held = number, None
            if found is not None:
                links = {found[1].link: None}
                yield from self._sendable(found[1])
            elif variants:
                held = variants[0]
                self.changed += bool(links)
                rightly = {link_of(link, row): row for link in links for row in variants}
                links = {row.link: row for row in reversed(variants)}
                more = ((link, replace(row, link=link)) for link, row in rightly.items())
                links |= dict(islice(more, max(0, _MOST_LINKS - len(links))))
            else:
                links = {}
        if held is not None:
            yield from self._sendable(held)

    def _look_through(self, number: int) -> None:
        self.bad_pages += not self._file.is_page(number)
        for record in self._file.records(number):
            if record[0] is not None and len(record[1]) == _ROW_COLUMNS:
                numbers = self._file.row_numbers(number)
                self._row_pages.append((min(numbers), max(numbers), number))
                return
            self._note(record)
        # Also where the record is lost that it stands in.
        page = self._file.page(number)
        self._texts += [found.decode("utf-8", "surrogateescape") for found in _DOCUMENT.findall(page)]
        self._epochs += [found.decode("ascii") for found in _EPOCH.findall(page)]

    def _note(self, record: Record) -> None:
        """Note what is no row: names of the ledger, boots, places, keys and the delivery state."""
        match record:
            case None, (str(name), str(text)):
                self._said[name] = text
            case None, (bytes(boot), int(ref)):
                self._boots[ref].append(boot)
            case None, (str(name), int(ref)):
                self._place_ids[ref].append(name)
                self._keys[ref].append(name)
            case int(ref), (None, bytes(boot)):
                self._boots[ref].insert(0, boot)
            case int(ref), (None, str(key_id)):
                self._keys[ref].insert(0, key_id)
            case int(ref), (None, str(place_id), str(text)):
                self._place_ids[ref].insert(0, place_id)
                self._texts.append(text)
            case _, (None, int(cursor), int(pruned_seq), bytes(link), *proof) if 0 <= pruned_seq <= cursor:
                self._deliveries.append((DeliveryState(cursor, pruned_seq, link), (*proof, None)[0]))

    def _read_documents(self) -> None:
        """Read the documents of places; a changed one is found again by its name."""
        wanted = {place_id for place_ids in self._place_ids.values() for place_id in place_ids}
        for text in self._texts:
            for octets in _one_bit_off(text):
                place_id = hashlib.sha256(octets).hexdigest()[:16]
                if place_id in wanted:
                    with suppress(WireError, UnicodeDecodeError):
                        self.documents[place_id] = place_named(place_id, octets.decode())
                    break

    def _identify(self, device_id: str) -> None:
        """Find out whose ledger it is; raises `LedgerDamaged`."""
        said = self._said.get("device_id", "")
        epochs = dict.fromkeys((*self._epochs, *self._said.values()))
        for owner, text in product(dict.fromkeys((device_id, said)), epochs):
            for octets in _one_bit_off(text):
                if _EPOCH.fullmatch(octets) and self._prove(owner, octets.decode()):
                    return
        epoch = self._said.get("epoch", "")
        if said != device_id or not _EPOCH.fullmatch(epoch.encode("utf-8", "replace")):
            raise LedgerDamaged("it does not say whose it is")
        self.device_id, self.epoch, self._root = said, epoch, genesis(said, epoch)

    def _prove(self, device_id: str, epoch: str) -> bool:
        """Return whether a delivery state is of this ledger, and believe it."""
        with suppress(ValueError):  # the device id
            root = genesis(device_id, epoch)
            for state, proof in self._deliveries:
                if proof == state.proof(root) or (proof is None and state.pruned_link == root):
                    self.device_id, self.epoch, self._root, self._state = device_id, epoch, root, state
                    return True
        return False

    @property
    def cursor(self) -> int:
        """Rows up to this one are settled; 0 where the file does not say so any more."""
        return 0 if self._state is None else self._state.cursor

    def _links_at(self, seq: int) -> dict[bytes, SealedRow | None]:
        """Return the links that the row after *seq* may follow."""
        if seq == 0:
            return {self._root: None}
        if self._state is not None and self._state.pruned_seq == seq:
            return {self._state.pruned_link: None}
        return {row.link: None for number, rows in self._numbered(seq - 1) if number == seq for row in rows}

    def _numbered(self, after: int) -> Iterator[tuple[int, list[SealedRow]]]:
        """Yield each row number after *after* that is found, in order, with the rows it may stand for."""
        lows = sorted(low for low, _, _ in self._row_pages)
        ceiling = lows[len(lows) // 2] + (self._file.count + 1) * _MOST_ROWS_A_PAGE if lows else 0
        waiting: defaultdict[int, list[SealedRow]] = defaultdict(list)
        for low, high, number in sorted(self._row_pages):
            if high <= after:
                continue
            for seq in sorted(seq for seq in waiting if seq < low):
                yield seq, waiting.pop(seq)
            for found, columns in self._file.records(number):
                if found is not None and after < found <= ceiling and len(columns) == _ROW_COLUMNS:
                    waiting[found] += self._variants(found, columns)
        for seq in sorted(waiting):
            yield seq, waiting[seq]

    def _variants(self, seq: int, columns: Sequence[Value]) -> list[SealedRow]:
        """Return the rows that a record may stand for: its boot, place and key are named by numbers."""
        _, boot, monotonic, wall, clock, direction, counted, place, key, *body = columns
        if not isinstance(boot, int) or not isinstance(place, int) or not isinstance(key, int):
            return []
        places = [place_id for place_id in self._place_ids.get(place, ()) if _PLACE_ID.fullmatch(place_id)]
        names = product(*map(dict.fromkeys, (self._boots.get(boot, ()), places, self._keys.get(key, ()))))
        rows = (
            row_of((seq, boot_id, monotonic, wall, clock, direction, counted, place_id, key_id, *body))
            for boot_id, place_id, key_id in islice(names, _MOST_VARIANTS)
        )
        return [row for row in rows if row is not None and is_row(row)]

    def _sendable(self, row: SealedRow) -> Iterator[SealedRow]:
        """Yield *row* when its place's document is known."""
        if row.place_id in self.documents:
            yield row
        else:
            self.missing += 1


def _one_bit_off(text: str) -> Iterator[bytes]:
    """Yield the bytes of *text*, then all that differ from them in one bit."""
    octets = bytearray(text.encode("utf-8", "surrogateescape"))
    yield bytes(octets)
    for index in range(len(octets)):
        for bit in range(8):
            octets[index] ^= 1 << bit
            yield bytes(octets)
            octets[index] ^= 1 << bit
