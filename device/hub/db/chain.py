"""Sorting the rows of a batch by the hash chain: which are stored, which are known, and which stand apart.

One row that does not follow costs itself: the head moves past it, and the rows behind it are stored that follow it, or
each other. What follows a fork is the fork's, and stays apart with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, and_, bindparam, select

from device.hub.db.rows import apart_query, sealed_row, stored_query
from device.hub.db.tables import checkins, quarantine
from device.model import Batch, SealedRow
from device.wire.checkins import CHAIN_BROKEN, FORK
from device.wire.hash_chain import genesis, link_of

RowsApart = Mapping[int, Mapping[bytes, str]]
"""Rows in quarantine: by number and link, why."""
_APART: Final = select(quarantine.c.seq, quarantine.c.link, quarantine.c.reason).where(
    quarantine.c.ledger_id == bindparam("ledger"), quarantine.c.seq.between(bindparam("first"), bindparam("last"))
)


@dataclass
class Head:
    """Where the chain of one ledger ends.

    Attributes:
        seq: of the last row.
        link: the last row's; ``None`` right after a gap: what the next row follows is not here.
        broken: whether the last row did not follow, and stands apart.
        right_link: the link that such a row should have, if only its link is wrong; ``None`` when that is not known.
    """

    seq: int
    link: bytes | None
    broken: bool = False
    right_link: bytes | None = None


@dataclass
class SortedRows:
    """The rows of a batch by what becomes of them."""

    fresh: list[SealedRow] = field(default_factory=list)
    parked: list[tuple[SealedRow, str]] = field(default_factory=list)


def rows_apart(connection: Connection, ledger_id: int, first: int, last: int) -> RowsApart:
    """Return which rows of these numbers stand apart already."""
    found: defaultdict[int, dict[bytes, str]] = defaultdict(dict)
    for seq, link, reason in connection.execute(_APART, {"ledger": ledger_id, "first": first, "last": last}):
        found[seq][link] = reason
    return found


def find_head(
    connection: Connection, ledger_id: int, batch: Batch, head: tuple[int, bytes | None], apart: RowsApart
) -> Head:
    """Return the head of a ledger: number and link as they are stored, and what is known of a row that did not follow.

    *batch* is of this ledger, and *apart* knows the row before it.
    """
    seq, link = head
    if link not in apart.get(seq, ()):
        return Head(seq, link)
    this = and_(quarantine.c.ledger_id == ledger_id, quarantine.c.seq == seq, quarantine.c.link == link)
    row = sealed_row(connection.execute(apart_query().where(this)).one()._mapping)  # noqa: SLF001 - its public name
    before = stored_row(connection, ledger_id, seq - 1)
    if not row.sealed or (before is None and seq > 1):
        return Head(seq, link, broken=True)
    previous = genesis(batch.device_id, batch.epoch) if before is None else before.link
    return Head(seq, link, broken=True, right_link=link_of(previous, row))


def sort_rows(head: Head, rows: tuple[SealedRow, ...], stored: Mapping[int, bytes], apart: RowsApart) -> SortedRows:
    """Sort *rows*, and move *head* past those that prove themselves and past one that does not.

    Args:
        head: of their ledger.
        rows: of one batch.
        stored: the links of rows of these numbers that are stored.
        apart: what stands apart already, from the number before the first on.
    """
    result = SortedRows()
    beside: set[bytes] = set()
    for row, behind in zip(rows, (*rows[1:], None), strict=True):
        if apart:
            beside |= apart.get(row.seq - 1, {}).keys()
        reason = _why_apart(head, row, behind, stored, beside)
        beside = {row.link} if reason else set()
        if reason:
            result.parked.append((row, reason))
        elif row.seq not in stored:
            result.fresh.append(row)
    return result


def _why_apart(
    head: Head, row: SealedRow, behind: SealedRow | None, stored: Mapping[int, bytes], beside: set[bytes]
) -> str | None:
    """Return why *row* is to stand apart, if it is; *beside* are links of rows apart under the number before."""
    if row.seq in stored:
        return FORK if stored[row.seq] != row.link else None
    if row.seq != head.seq + 1:
        return CHAIN_BROKEN
    follows = head.link is None or link_of(head.link, row) == row.link or _follows(row, head.right_link)
    if not follows and _follows(row, *beside):
        return CHAIN_BROKEN
    if not follows and head.broken:
        # The link of the row before is lost. Nothing speaks for this row but the one behind it.
        follows = behind is not None and _follows(behind, row.link)
    right_link = None if follows or head.broken or head.link is None else link_of(head.link, row)
    head.seq, head.link, head.broken, head.right_link = row.seq, row.link, not follows, right_link
    return None if follows else CHAIN_BROKEN


def _follows(row: SealedRow, *links: bytes | None) -> bool:
    return any(link is not None and link_of(link, row) == row.link for link in links)


def stored_row(connection: Connection, ledger_id: int, seq: int) -> SealedRow | None:
    """Return one stored row; ``None`` when there is none."""
    this = and_(checkins.c.ledger_id == ledger_id, checkins.c.seq == seq)
    found = connection.execute(stored_query().where(this)).first()
    return None if found is None else sealed_row(found._mapping)  # noqa: SLF001 - its public name
