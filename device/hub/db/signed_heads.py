"""What a gate signs about its chain, kept as evidence: the newest head of a ledger, and those a fork was found at."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text, update

from device.hub.db.tables import signed_heads
from device.model import SealedRow

MOST_HEADS: Final = 100
"""Of a ledger that forks were found at: two prove a copy."""
_OUR_HEADS: Final = signed_heads.c.ledger_id == bindparam("ledger")
_SAME_HEAD: Final = select(signed_heads.c.seq).where(
    _OUR_HEADS, signed_heads.c.seq == bindparam("of_seq"), signed_heads.c.link == bindparam("of_link")
)
_OLDER_HEADS: Final = delete(signed_heads).where(
    _OUR_HEADS, signed_heads.c.disputed.is_(False), signed_heads.c.seq < bindparam("of_seq")
)
_KEEP: Final = text(
    "INSERT INTO signed_heads (ledger_id, seq, link, signature, disputed) "
    "VALUES (:ledger, :of_seq, :of_link, :signature, :disputed) ON CONFLICT (ledger_id, seq, link) DO NOTHING"
)


def keep_head(connection: Connection, ledger_id: int, last: SealedRow, signature: bytes, *, disputed: bool) -> None:
    """Keep what the gate signed; of undisputed heads only the newest."""
    ours = signed_heads.c.ledger_id == ledger_id
    this = {"ledger": ledger_id, "of_seq": last.seq, "of_link": last.link}
    if disputed:
        if connection.execute(_SAME_HEAD, this).first() is not None:
            return
        enough = select(signed_heads.c.seq).where(ours, signed_heads.c.disputed).limit(1).offset(MOST_HEADS - 1)
        if connection.execute(enough).first() is not None:
            return
        # The head of the other branch is evidence too.
        connection.execute(update(signed_heads).where(ours, signed_heads.c.disputed.is_(False)).values(disputed=True))
    else:
        connection.execute(_OLDER_HEADS, this)
    connection.execute(_KEEP, {**this, "signature": signature, "disputed": disputed})
